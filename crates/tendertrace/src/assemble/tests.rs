//! Does the order of notices not matter, and are copies and processes joined as a reader would?

use super::testing::pile;
use super::*;
use crate::rulebook::Rulebook;

fn digests(rules: &Rulebook) -> Vec<Digest> {
    pile().iter().map(|e| digest(e, rules)).collect()
}

#[test]
fn copies_count_once_and_second_rounds_do_not() {
    let rules = Rulebook::embedded();
    let case = assemble(&digests(&rules), &[], &rules);
    assert_eq!((case.funnel.captures, case.funnel.notices, case.funnel.distinct), (6, 6, 5));
    assert_eq!(case.funnel.processes, 3, "tender, second tender and award are one process");
    let intel = case.brands.iter().find(|b| b.brand == "intel").unwrap();
    assert_eq!((intel.processes, intel.by_usage[&crate::model::Usage::Awarded]), (1, 1));
    assert_eq!(intel.line_amounts["CNY"].to_string(), "38500.00", "the copy adds nothing, the tender neither");
}

#[test]
fn every_step_is_part_of_the_one_before() {
    let rules = Rulebook::embedded();
    let case = assemble(&digests(&rules), &[], &rules);
    let steps = case.funnel.steps();
    assert!(steps.windows(2).all(|w| w[0].1 >= w[1].1), "{steps:?}");
    assert_eq!(case.funnel.by_strength.values().sum::<usize>(), case.funnel.findings);
    assert_eq!((case.funnel.awards, case.funnel.asked), (3, 1));
}

#[test]
fn order_of_notices_does_not_matter() {
    let rules = Rulebook::embedded();
    let mut all = digests(&rules);
    let case = serde_json::to_string(&assemble(&all, &[], &rules)).unwrap();
    for turn in 1..all.len() {
        all.rotate_left(turn);
        all.swap(0, 3);
        assert_eq!(serde_json::to_string(&assemble(&all, &[], &rules)).unwrap(), case);
    }
}

#[test]
fn a_decision_on_a_copy_holds_for_the_notice() {
    let rules = Rulebook::embedded();
    let all = digests(&rules);
    for copy in [0, 3] {
        let decision = |verdict| [Decision { finding: all[copy].findings[0].finding.id.clone(), verdict }];
        let accepted = assemble(&all, &decision(Verdict::Accepted), &rules);
        assert_eq!(accepted.funnel.reviewed(), 1);
        let rejected = assemble(&all, &decision(Verdict::Rejected), &rules);
        assert_eq!((rejected.rejected.len(), rejected.findings.len()), (1, accepted.findings.len() - 1));
    }
}

#[test]
fn changes_between_stages_are_kept() {
    let rules = Rulebook::embedded();
    let case = assemble(&digests(&rules), &[], &rules);
    let process = case.processes.iter().find(|p| p.notices.len() == 3).unwrap();
    assert_eq!(process.changes, [], "a budget and a sum awarded are two fields");
    let award = case.notices.iter().find(|n| n.copies.len() == 1).unwrap();
    assert_eq!(award.process, process.id);
}

#[test]
fn passages_hold_their_quotes() {
    let rules = Rulebook::embedded();
    for found in digests(&rules).iter().flat_map(|d| &d.findings) {
        let passage = &found.passages[0];
        let (from, to) = passage.marks[0];
        assert_eq!(passage.text[from..to], found.finding.quotes[0].text);
    }
}
