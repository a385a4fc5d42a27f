//! Grids, outcome and items of a notice's documents, once its stage is known: the notice's own page
//! speaks first, an attachment only of what the page leaves open.

use super::{Layout, grids, items, outcome};
use crate::evidence::Gap;
use crate::model::Notice;
use crate::rulebook::Rulebook;

/// Fills lots, awards, bids, items and total of `notice`, whose stage stands already.
pub fn settle(notice: &mut Notice, layouts: &[Layout], rules: &Rulebook) -> Vec<Gap> {
    let stage = notice.stage.as_ref().map(|s| *s.value());
    let mut gaps = Vec::new();
    for layout in layouts {
        let (found, unsolved) = grids::grids(layout, rules);
        gaps.extend(unsolved);
        if notice.awards.is_empty() && notice.bids.is_empty() {
            let outcome = outcome::outcome(layout, &found, stage, rules);
            gaps.extend(outcome.gaps);
            notice.lots = outcome.lots;
            notice.awards = outcome.awards;
            notice.bids = outcome.bids;
            notice.total = outcome.total;
        }
        if notice.items.is_empty() {
            let (items, missed) = items::items(layout, &found, stage, rules);
            notice.items = items;
            gaps.extend(missed);
        }
    }
    gaps
}
