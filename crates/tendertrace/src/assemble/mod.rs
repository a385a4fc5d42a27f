//! What do many notices say together? Copies joined into notices, notices into contracting
//! processes, and what follows: the funnel, findings strongest first, and the tables.
//!
//! Pure and independent of order: the same digests in any order give the same case.

mod case;
pub mod chains;
mod digest;
pub mod entities;
mod findings;
pub use findings::word;
mod funnel;
mod joining;
pub mod keys;
mod process;
mod tables;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod translation;

pub use case::*;
pub use digest::{Digest, Found, Keys, Passage, digest, site};
pub use process::id_of as process_id;
pub use translation::{Slot, SlotKind, Translated, Translation, slots, slots_of, translate};

use crate::model::Stage;
use crate::rulebook::Rulebook;
use std::collections::BTreeSet;

/// Joins and counts `digests`; `decisions` are a person's, by finding id. Buyer kinds asked for are
/// the rulebook's security kinds.
pub fn assemble(digests: &[Digest], decisions: &[Decision], rules: &Rulebook) -> Case {
    let asked = rules.report.words.group("buyer_kind", "security");
    assemble_for(digests, decisions, &asked, rules)
}

/// The same for other kinds of buyers.
pub fn assemble_for(digests: &[Digest], decisions: &[Decision], asked: &BTreeSet<String>, rules: &Rulebook) -> Case {
    let sorted = sorted(digests);
    let joined = Joined::of(&sorted, asked, rules);
    let (findings, rejected) = findings::collect(&joined, decisions, rules);
    let mut case = Case { notices: joined.case_notices(), asked: asked.iter().cloned().collect(), ..Case::default() };
    case.processes = process::list(&joined);
    case.funnel = funnel::count(&sorted, &joined, &findings, &rejected);
    tables::fill(&mut case, &sorted, &joined, &findings, rules);
    case.findings = findings;
    case.rejected = rejected;
    case
}

/// One order whatever the input's: by day, capture and part. The same part of the same capture
/// stands once.
fn sorted(digests: &[Digest]) -> Vec<&Digest> {
    let day = |d: &&Digest| (d.date.as_ref().map(|e| e.value.clone()), d.published.clone(), d.capture.clone(), d.part);
    let mut all: Vec<&Digest> = digests.iter().collect();
    all.sort_by_cached_key(day);
    let mut seen = BTreeSet::new();
    all.retain(|d| seen.insert((d.capture.as_str(), d.part)));
    all
}

/// One notice: the copy that says most, and its other copies.
pub(crate) struct Notice<'a> {
    pub main: &'a Digest,
    pub copies: Vec<&'a Digest>,
    /// Index into the processes.
    pub process: usize,
    pub asked: bool,
}

/// Notices and processes after joining.
pub(crate) struct Joined<'a> {
    pub notices: Vec<Notice<'a>>,
    /// Indices of notices, in order of time.
    pub processes: Vec<Vec<usize>>,
    pub process_ids: Vec<String>,
}

impl<'a> Joined<'a> {
    fn of(sorted: &[&'a Digest], asked: &BTreeSet<String>, rules: &Rulebook) -> Joined<'a> {
        let limits = &rules.report.joining;
        let groups = joining::copies(sorted, &limits.copies).into_lists();
        let readable = groups.into_iter().filter(|g| sorted[g[0]].read);
        let mut notices: Vec<Notice> = readable.map(|group| notice_of(sorted, &group, asked)).collect();
        let mains: Vec<&Digest> = notices.iter().map(|n| n.main).collect();
        let processes = joining::processes(&mains, &limits.processes).into_lists();
        for (number, members) in processes.iter().enumerate() {
            members.iter().for_each(|at| notices[*at].process = number);
        }
        let process_ids = process::ids(&mains, &processes);
        Joined { notices, processes, process_ids }
    }

    fn case_notices(&self) -> Vec<CaseNotice> {
        self.notices.iter().map(|notice| self.case_notice(notice)).collect()
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
            process: self.process_ids[notice.process].clone(),
            copies: notice.copies.iter().map(|c| (c.capture.clone(), c.part, c.site.clone())).collect(),
        }
    }
}

fn notice_of<'a>(sorted: &[&'a Digest], group: &[usize], asked: &BTreeSet<String>) -> Notice<'a> {
    let says = |d: &Digest| (d.findings.len(), d.named_items, d.items, d.url.is_some(), d.suppliers.len());
    let mut main = group[0];
    for at in group {
        if says(sorted[*at]) > says(sorted[main]) {
            main = *at;
        }
    }
    let copies: Vec<&Digest> = group.iter().filter(|at| **at != main).map(|at| sorted[*at]).collect();
    let main = sorted[main];
    Notice { main, copies, process: 0, asked: is_asked(main, asked) }
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
