//! Out of how many? Each step is part of the one before, so that "nothing found" has a denominator.

use super::{CaseFinding, Funnel, Joined, Notice, is_bought};
use crate::evidence::GapKind;

/// Counts the steps of one contracting process.
pub(super) fn add(funnel: &mut Funnel, joined: &Joined, findings: &[CaseFinding], rejected: &[CaseFinding]) {
    let pages = joined.pages().count();
    funnel.captures += pages;
    funnel.notices += pages;
    funnel.distinct += joined.notices.len();
    funnel.processes += 1;
    funnel.findings += findings.len();
    for notice in &joined.notices {
        funnel.without_attachments += usize::from(notice.main.gaps.contains_key(&GapKind::AttachmentMissing));
        add_notice(funnel, notice);
    }
    for finding in findings {
        *funnel.by_strength.entry(finding.finding.strength).or_default() += 1;
    }
    for verdict in findings.iter().chain(rejected).filter_map(|f| f.verdict) {
        *funnel.by_verdict.entry(verdict).or_default() += 1;
    }
}

fn add_notice(funnel: &mut Funnel, notice: &Notice) {
    let main = notice.main;
    // A product that is named outside the lines is read all the same.
    let found = !main.findings.is_empty();
    let steps = [is_bought(main.stage), main.items > 0 || found, main.named_items > 0 || found, notice.asked, found];
    let counters = [&mut funnel.awards, &mut funnel.items, &mut funnel.named_items, &mut funnel.asked, &mut funnel.with_finding];
    for (passed, counter) in steps.into_iter().zip(counters) {
        if !passed {
            return;
        }
        *counter += 1;
    }
}
