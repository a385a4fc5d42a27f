//! What do many notices say together? Copies joined into notices, notices into contracting
//! processes, and what follows: the funnel, findings strongest first, and the tables.
//!
//! Pure and independent of order: the same digests in any order give the same case.

mod building;
mod case;
pub mod chains;
mod digest;
pub mod entities;
mod findings;
pub use findings::word;
mod funnel;
mod groups;
mod joining;
pub mod keys;
mod outline;
mod plan;
mod process;
mod tables;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod translation;

pub use building::{Building, Keep};
pub use case::*;
pub use digest::{Digest, Found, Keys, Passage, digest, site};
pub use plan::{Outlines, Plan, Planned, PlannedNotice, PlannedPage};
pub use process::id_of as process_id;
pub use translation::{Slot, SlotKind, Translated, Translation, slots, slots_of, translate};

use crate::model::Stage;
use crate::rulebook::Rulebook;
use std::collections::BTreeSet;

/// Joins and counts `digests`; `decisions` are a person's, by finding id. Buyer kinds asked for are
/// the rulebook's security kinds.
pub fn assemble(digests: &[Digest], decisions: &[Decision], rules: &Rulebook) -> Case {
    assemble_for(digests, decisions, &rules.report.words.group("buyer_kind", "security"), rules)
}

/// The same for other kinds of buyers. Who cannot hold all digests at once gives them to [`Outlines`] one by
/// one, and process by process to a [`Building`].
pub fn assemble_for(digests: &[Digest], decisions: &[Decision], asked: &BTreeSet<String>, rules: &Rulebook) -> Case {
    let mut outlines = Outlines::default();
    digests.iter().enumerate().for_each(|(at, digest)| outlines.add(at, digest));
    let plan = outlines.plan(rules);
    let mut building = Building::new(decisions, asked, Keep::All, rules);
    plan.unread.iter().for_each(|at| building.add_unread(&digests[*at]));
    for process in &plan.processes {
        let pages: Vec<&Digest> = process.handles().map(|at| &digests[at]).collect();
        building.add(process, &pages, |_| {});
    }
    building.finish()
}

/// One notice: the page that says most, and its copies.
pub(crate) struct Notice<'a> {
    /// Its place among all notices.
    pub at: usize,
    /// Its place in its process, by time.
    pub place: usize,
    pub main: &'a Digest,
    pub copies: Vec<&'a Digest>,
    pub asked: bool,
}

/// The notices of one contracting process.
pub(crate) struct Joined<'a> {
    pub id: &'a str,
    pub notices: Vec<Notice<'a>>,
}

impl<'a> Joined<'a> {
    /// `pages` are those of the plan, in its order.
    fn of(planned: &'a Planned, pages: &[&'a Digest], asked: &BTreeSet<String>) -> Joined<'a> {
        let mut rest = pages;
        let notice = |notice: &PlannedNotice| {
            let (own, others) = rest.split_at(notice.pages.len());
            rest = others;
            Notice { at: notice.at, place: notice.place, main: own[0], copies: own[1..].to_vec(), asked: is_asked(own[0], asked) }
        };
        Joined { id: &planned.id, notices: planned.notices.iter().map(notice).collect() }
    }

    /// Every page of every notice.
    fn pages(&self) -> impl Iterator<Item = &'a Digest> {
        self.notices.iter().flat_map(|notice| std::iter::once(notice.main).chain(notice.copies.iter().copied()))
    }

    fn case_notice(&self, notice: &Notice) -> CaseNotice {
        let main = notice.main;
        CaseNotice {
            capture: main.capture.clone(),
            part: main.part,
            title: main.title.clone(),
            site: main.site.clone(),
            stage: main.stage,
            date: date_of(main),
            buyer: main.buyer.clone(),
            end_user: main.end_user.clone(),
            suppliers: main.suppliers.clone(),
            process: self.id.to_string(),
            copies: notice.copies.iter().map(|c| (c.capture.clone(), c.part, c.site.clone())).collect(),
        }
    }
}

fn is_asked(digest: &Digest, asked: &BTreeSet<String>) -> bool {
    [&digest.buyer_kind, &digest.end_user_kind].into_iter().flatten().any(|kind| asked.contains(kind))
}

/// The event's date, else the day of publication.
pub(crate) fn date_of(digest: &Digest) -> Option<String> {
    digest.date.as_ref().map(|d| d.value.clone()).or_else(|| digest.published.clone())
}

/// Whether a stage shows that something was bought.
pub fn is_bought(stage: Option<Stage>) -> bool {
    matches!(stage, Some(Stage::Award | Stage::Contract | Stage::Acceptance))
}
