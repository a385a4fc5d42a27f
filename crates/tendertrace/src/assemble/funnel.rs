//! Out of how many? Each step is part of the one before, so that "nothing found" has a denominator.

use super::{CaseFinding, Digest, Funnel, Joined, Notice, is_bought};
use crate::evidence::GapKind;

/// Counts the steps over all captures and joined notices.
pub(super) fn count(sorted: &[&Digest], joined: &Joined, findings: &[CaseFinding], rejected: &[CaseFinding]) -> Funnel {
    let mut funnel = Funnel {
        captures: sorted.len(),
        notices: sorted.iter().filter(|d| d.read).count(),
        distinct: joined.notices.len(),
        processes: joined.processes.len(),
        findings: findings.len(),
        without_attachments: joined.notices.iter().filter(|n| n.main.gaps.contains_key(&GapKind::AttachmentMissing)).count(),
        ..Funnel::default()
    };
    for notice in &joined.notices {
        count_notice(&mut funnel, notice);
    }
    for finding in findings {
        *funnel.by_strength.entry(finding.finding.strength).or_default() += 1;
    }
    for verdict in findings.iter().chain(rejected).filter_map(|f| f.verdict) {
        *funnel.by_verdict.entry(verdict).or_default() += 1;
    }
    funnel
}

fn count_notice(funnel: &mut Funnel, notice: &Notice) {
    let main = notice.main;
    let steps = [is_bought(main.stage), main.items > 0, main.named_items > 0, notice.asked, !main.findings.is_empty()];
    let counters = [&mut funnel.awards, &mut funnel.items, &mut funnel.named_items, &mut funnel.asked, &mut funnel.with_finding];
    for (passed, counter) in steps.into_iter().zip(counters) {
        if !passed {
            return;
        }
        *counter += 1;
    }
}
