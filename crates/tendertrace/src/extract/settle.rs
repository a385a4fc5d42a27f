//! Grids, outcome and items of a notice's documents, once its stage is known: the notice's own page
//! speaks first, an attachment only of what the page leaves open, and one that says what was asked
//! for only of that.

use super::claims::{self, Role};
use super::{Layout, budgets, changes, grids, items, outcome};
use crate::evidence::{Derived, Gap, GapKind, Known, Quote};
use crate::model::{Notice, Stage};
use crate::rulebook::Rulebook;

/// Fills lots, awards, bids, items and total of `notice`, whose stage stands already.
pub fn settle(notice: &mut Notice, layouts: &[Layout], rules: &Rulebook) -> Vec<Gap> {
    let mut stage = notice.stage.as_ref().map(|s| *s.value());
    let mut gaps = Vec::new();
    for layout in layouts.iter().filter(|layout| !layout.document.tells_of_demand()) {
        let (found, unsolved) = grids::grids(layout, rules);
        if stage == Some(Stage::Cancellation)
            && let Some(derived_from) = lots_awarded(layout, &found, rules)
        {
            stage = Some(Stage::Award);
            notice.stage = Some(Known::Concluded(Derived { value: Stage::Award, derived_from, rule: "outcome/some-lots-awarded".into() }));
        }
        gaps.extend(unsolved);
        if notice.awards.is_empty() && notice.bids.is_empty() {
            let outcome = outcome::outcome(layout, &found, stage, rules);
            gaps.extend(outcome.gaps);
            notice.lots = outcome.lots;
            notice.awards = outcome.awards;
            notice.bids = outcome.bids;
            notice.total = outcome.total;
        }
        if notice.budget.is_none() {
            notice.budget = budgets::of_grids(layout, &found, stage, rules);
        }
        if stage == Some(Stage::Intention)
            && let Some(name) = budgets::only_project(layout, &found)
        {
            notice.project_name = Some(name);
        }
        if notice.changes.is_empty() && changes::may_change(layout, notice) {
            notice.changes = changes::changes(layout, &found, rules);
        }
        if notice.items.is_empty() {
            let (items, missed) = items::items(layout, &found, stage, rules);
            notice.items = items;
            gaps.extend(missed);
        }
    }
    gaps.extend(demanded(notice, layouts, rules));
    if !notice.items.is_empty() {
        gaps.retain(|gap| gap.kind != GapKind::AttachmentMissing || !is_attached(layouts));
    }
    changes::apply(notice, rules);
    gaps
}

fn is_attached(layouts: &[Layout]) -> bool {
    layouts.iter().any(|layout| layout.document.file.is_some())
}

/// Where nothing else names goods: those that the attached tender documents ask for.
fn demanded(notice: &mut Notice, layouts: &[Layout], rules: &Rulebook) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for layout in layouts.iter().filter(|layout| layout.document.tells_of_demand()) {
        let (found, unsolved) = grids::grids(layout, rules);
        gaps.extend(unsolved);
        if notice.items.is_empty() {
            let (items, missed) = items::items(layout, &found, Some(Stage::Tender), rules);
            notice.items = items;
            gaps.extend(missed);
        }
    }
    gaps
}

/// Where some packages failed and a table gives others to a winner at a sum: the names of those.
fn lots_awarded(layout: &Layout, found: &[grids::Grid], rules: &Rulebook) -> Option<Vec<Quote>> {
    let in_tables: Vec<_> = claims::collect(layout, found, rules)
        .claims
        .into_iter()
        .filter(|c| c.role == Role::Winner && c.amount.is_some() && c.lot.is_some() && found.iter().any(|g| g.at.contains(&c.names[0].at)))
        .collect();
    let won = |lot: &String| in_tables.iter().any(|c| c.lot.as_ref() == Some(lot));
    let others_failed = layout.lots.iter().filter_map(|(_, lot)| lot.as_ref()).any(|lot| !won(lot));
    (others_failed && !in_tables.is_empty()).then(|| in_tables.iter().map(|c| c.names[0].quote()).collect())
}
