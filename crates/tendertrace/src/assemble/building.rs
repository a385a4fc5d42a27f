//! What does a case come to when its contracting processes are taken one by one? Counts of everything, and
//! as many of its findings as are to be kept: all of them for an export, the first of them for a report, so
//! that a case of a million notices is counted without being held.

use super::findings::{self, Order, Verdicts};
use super::groups::OfNotices;
use super::tables::{OfFindings, is_award};
use super::*;
use crate::model::Strength;

/// What is kept of what was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Every finding, notice and process.
    All,
    /// The first so many findings of each kind, no notices, and the processes that changed on their way.
    First(usize),
}

/// A case that is being counted, whatever the order of its processes.
pub struct Building<'a> {
    asked: &'a BTreeSet<String>,
    rules: &'a Rulebook,
    verdicts: Verdicts,
    keep: Keep,
    funnel: Funnel,
    of_findings: OfFindings,
    of_notices: OfNotices,
    milestones: Vec<Around>,
    /// Findings above weak, weak ones, those a person rejected.
    best: [Best; 3],
    /// The best counted finding of each of the processes with the best ones.
    strongest: Best,
    /// Findings nobody has decided.
    open: usize,
    notices: Vec<(usize, CaseNotice)>,
    processes: Vec<(usize, Process)>,
}

/// Processes shown as the strongest of a case, at most.
const STRONGEST: usize = 12;

impl<'a> Building<'a> {
    pub fn new(decisions: &[Decision], asked: &'a BTreeSet<String>, keep: Keep, rules: &'a Rulebook) -> Building<'a> {
        let most = if let Keep::First(most) = keep { most } else { usize::MAX };
        Building {
            asked,
            rules,
            verdicts: decisions.iter().map(|d| (d.finding.clone(), d.verdict)).collect(),
            keep,
            funnel: Funnel::default(),
            of_findings: OfFindings::default(),
            of_notices: OfNotices::default(),
            milestones: vec![Around::default(); rules.report.milestones.len()],
            best: [(); 3].map(|()| Best::new(most)),
            strongest: Best::new(STRONGEST),
            open: 0,
            notices: Vec::new(),
            processes: Vec::new(),
        }
    }

    /// Takes what could not be read.
    pub fn add_unread(&mut self, page: &Digest) {
        self.funnel.captures += 1;
        self.of_notices.add_page(page);
    }

    /// Takes a contracting process; `pages` are those of the plan, in its order. `see` is shown the process
    /// as a case of its own, without tables.
    pub fn add(&mut self, planned: &Planned, pages: &[&Digest], see: impl FnOnce(&Case)) {
        let joined = Joined::of(planned, pages, self.asked);
        let all = findings::collect(&joined, &self.verdicts, self.rules);
        let (rejected, findings) = all.into_iter().partition(|f| f.verdict == Some(Verdict::Rejected));
        let notices = joined.notices.iter().map(|notice| joined.case_notice(notice)).collect();
        let part = Case { findings, rejected, notices, ..Case::default() };
        see(&part);
        self.count(&joined, &part);
        let process = Process { with_finding: !part.findings.is_empty(), ..process::of(&joined) };
        self.take(&joined, process, part);
    }

    fn count(&mut self, joined: &Joined, part: &Case) {
        let counted: Vec<&CaseFinding> = part.findings.iter().filter(|f| f.counted).collect();
        funnel::add(&mut self.funnel, joined, &part.findings, &part.rejected);
        self.of_notices.add(joined, &counted);
        self.of_findings.add(&counted);
        self.open += part.findings.iter().filter(|f| f.verdict.is_none()).count();
        for (milestone, around) in self.rules.report.milestones.iter().zip(&mut self.milestones) {
            around.add(&milestone.date, counted.iter().copied().filter(|f| is_award(f) && milestone.concerns(&f.finding.brand)));
        }
    }

    fn take(&mut self, joined: &Joined, process: Process, part: Case) {
        if self.keep == Keep::All || !process.changes.is_empty() {
            self.processes.push((joined.notices.iter().map(|notice| notice.at).min().unwrap_or_default(), process));
        }
        if self.keep == Keep::All {
            self.notices.extend(joined.notices.iter().map(|notice| notice.at).zip(part.notices));
        } else if let Some(best) = best(&part.findings, self.rules) {
            self.strongest.push(best.0, best.1.clone());
        }
        for finding in part.findings.into_iter().chain(part.rejected) {
            let kind = match (finding.verdict, finding.finding.strength) {
                (Some(Verdict::Rejected), _) => 2,
                (_, Strength::Weak) => 1,
                _ => 0,
            };
            self.best[kind].push(findings::order(&finding, self.rules), finding);
        }
    }

    /// The case, as far as it was to be kept.
    pub fn finish(self) -> Case {
        let [full, weak, rejected] = self.best.map(Best::finish);
        let pushed = [full.pushed, weak.pushed, rejected.pushed];
        let mut shown = full.all;
        shown.extend(weak.all);
        shown.extend(self.strongest.finish().all);
        shown.sort_by(|a, b| a.0.cmp(&b.0));
        // The strongest stand among the others already, but for cases of very few processes.
        shown.dedup_by(|next, kept| self.keep != Keep::All && next.0 == kept.0);
        let findings: Vec<CaseFinding> = shown.into_iter().map(|(_, finding)| finding).collect();
        let of = |test: fn(&CaseFinding) -> bool| findings.iter().filter(|f| test(f)).count();
        let beyond = Beyond {
            full: pushed[0] - of(|f| f.finding.strength != Strength::Weak),
            weak: pushed[1] - of(|f| f.finding.strength == Strength::Weak),
            rejected: pushed[2] - rejected.all.len(),
            open: self.open - of(|f| f.verdict.is_none()),
        };
        let mut case = Case {
            funnel: self.funnel,
            findings,
            rejected: rejected.all.into_iter().map(|(_, finding)| finding).collect(),
            notices: in_order(self.notices),
            processes: in_order(self.processes),
            milestones: self.milestones,
            beyond,
            asked: self.asked.iter().cloned().collect(),
            ..Case::default()
        };
        self.of_findings.fill(&mut case);
        self.of_notices.fill(&mut case, self.rules);
        case
    }
}

/// The first counted finding in order.
fn best<'f>(findings: &'f [CaseFinding], rules: &Rulebook) -> Option<(Order, &'f CaseFinding)> {
    findings.iter().filter(|f| f.counted).map(|f| (findings::order(f, rules), f)).min_by(|a, b| a.0.cmp(&b.0))
}

fn in_order<T>(mut all: Vec<(usize, T)>) -> Vec<T> {
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, one)| one).collect()
}

/// The first findings in order, of all that were pushed.
struct Best {
    most: usize,
    all: Vec<(Order, CaseFinding)>,
    pushed: usize,
}

impl Best {
    fn new(most: usize) -> Best {
        Best { most, all: Vec::new(), pushed: 0 }
    }

    fn push(&mut self, order: Order, finding: CaseFinding) {
        self.pushed += 1;
        self.all.push((order, finding));
        if self.all.len() >= self.most.saturating_mul(2) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.all.sort_by(|a, b| a.0.cmp(&b.0));
        self.all.truncate(self.most);
    }

    fn finish(mut self) -> Best {
        self.cut();
        self
    }
}
