//! What did a person make of a Chinese text in English? A translation belongs to the text of one
//! notice, word for word: when a new rule quotes other words, it no longer stands beside them.

use super::{Case, CaseFinding};
use crate::model::sha256_hex;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A person's translation of a text of a notice. Who made it stays in the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translation {
    pub capture: String,
    pub part: u32,
    /// The Chinese text, as written.
    pub of: String,
    pub text: String,
    /// The day it was made.
    pub on: String,
}

/// What stands beside one Chinese text of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translated {
    pub text: String,
    pub on: String,
}

/// A place of a case where a translation can stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Names the place, not what stands there: the same after a new run.
    pub key: String,
    pub kind: SlotKind,
    pub capture: String,
    pub part: u32,
    /// The Chinese text, as written.
    pub of: String,
    /// The first finding that shows it.
    pub finding: String,
    /// The title of its notice.
    pub title: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotKind {
    Title,
    Quote,
}

/// Puts each translation beside its text, in all findings of the case.
pub fn translate(case: &mut Case, translations: &[Translation]) {
    let mut by_notice: HashMap<(&str, u32), Vec<&Translation>> = HashMap::new();
    for one in translations {
        by_notice.entry((&one.capture, one.part)).or_default().push(one);
    }
    for finding in case.findings.iter_mut().chain(&mut case.rejected) {
        let own = by_notice.get(&(finding.capture.as_str(), finding.part)).map_or(&[][..], Vec::as_slice);
        finding.translations = beside(finding, own);
    }
}

fn beside(finding: &CaseFinding, translations: &[&Translation]) -> BTreeMap<String, Translated> {
    let texts: HashSet<&str> = texts(finding).map(|(_, _, text)| text).collect();
    let kept = translations.iter().filter(|one| texts.contains(one.of.as_str()));
    kept.map(|one| (one.of.clone(), Translated { text: one.text.clone(), on: one.on.clone() })).collect()
}

/// Every place of the findings that are shown, strongest first, once each.
pub fn slots(case: &Case) -> Vec<Slot> {
    let mut seen = HashSet::new();
    case.findings.iter().flat_map(slots_of).filter(|slot| seen.insert((slot.key.clone(), slot.of.clone()))).collect()
}

/// The places of one finding: its title, then its quotes.
pub fn slots_of(finding: &CaseFinding) -> Vec<Slot> {
    let said = texts(finding).filter(|(_, _, text)| !text.trim().is_empty());
    said.map(|(kind, start, text)| slot(finding, kind, start, text)).collect()
}

fn texts(finding: &CaseFinding) -> impl Iterator<Item = (SlotKind, (u32, usize), &str)> {
    let quotes = finding.finding.quotes.iter().map(|quote| (SlotKind::Quote, (quote.at.doc, quote.at.start), quote.text.as_str()));
    std::iter::once((SlotKind::Title, (0, 0), finding.title.as_str())).chain(quotes)
}

fn slot(finding: &CaseFinding, kind: SlotKind, (doc, start): (u32, usize), text: &str) -> Slot {
    let place = match kind {
        SlotKind::Title => "title".to_string(),
        SlotKind::Quote => format!("{doc}:{start}"),
    };
    let key = sha256_hex(format!("{}:{}:{place}", finding.capture, finding.part).as_bytes());
    Slot {
        key: key[..KEY].to_string(),
        kind,
        capture: finding.capture.clone(),
        part: finding.part,
        of: text.to_string(),
        finding: finding.finding.id.clone(),
        title: finding.title.clone(),
    }
}

/// Characters of a key.
const KEY: usize = 20;

#[cfg(test)]
mod tests {
    use super::super::testing::pile;
    use super::*;
    use crate::assemble::{Digest, assemble, digest};
    use crate::rulebook::Rulebook;

    fn case() -> Case {
        let rules = Rulebook::embedded();
        let digests: Vec<Digest> = pile().iter().map(|e| digest(e, &rules)).collect();
        assemble(&digests, &[], &rules)
    }

    #[test]
    fn a_translation_stands_beside_its_own_words_only() {
        let mut case = case();
        let slot = slots(&case).into_iter().find(|slot| slot.kind == SlotKind::Quote).unwrap();
        let said = Translation {
            capture: slot.capture,
            part: slot.part,
            of: slot.of.clone(),
            text: "two servers".into(),
            on: "2026-01-02".into(),
        };
        translate(&mut case, std::slice::from_ref(&said));
        let found = |case: &Case| case.findings.iter().find(|f| f.finding.id == slot.finding).unwrap().translations.get(&slot.of).cloned();
        assert_eq!(found(&case), Some(Translated { text: "two servers".into(), on: "2026-01-02".into() }));
        let beside_it = case.findings.iter().filter(|f| f.translations.is_empty()).count();
        assert!(beside_it > 0 && case.findings.iter().all(|f| f.translations.len() <= 1), "no other text takes it");
        translate(&mut case, &[Translation { of: format!("{}台", slot.of), ..said.clone() }]);
        assert_eq!(found(&case), None, "other words");
        translate(&mut case, &[Translation { part: said.part + 1, ..said }]);
        assert_eq!(found(&case), None, "another notice");
    }

    #[test]
    fn places_are_named_once_each() {
        let slots = slots(&case());
        let keys: HashSet<&str> = slots.iter().map(|slot| slot.key.as_str()).collect();
        assert!(!slots.is_empty() && keys.len() == slots.len());
        assert!(slots.iter().any(|slot| slot.kind == SlotKind::Title));
    }
}
