//! Which organisation does a title or a sentence name? Used where no label holds one, or where the
//! label holds a person.

use super::Layout;
use super::chains::{self, leading_org};
use super::text::{is_org, lines};
use crate::evidence::{RuleId, Sourced};
use crate::rulebook::Rulebook;
use crate::rulebook::stages::Place;
use crate::script::{Folded, is_han};
use std::collections::BTreeMap;

/// Parties that a title names, and where the next one stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Titled {
    pub buyer: Option<Sourced<String>>,
    pub end_user: Option<Sourced<String>>,
    pub agency: Option<Sourced<String>>,
}

const FROM_TITLE: &str = "parties/org-suffixes#first-in-title";
const SECOND_IN_TITLE: &str = "parties/org-suffixes#second-in-title";

/// Parties named at the beginning of the stretch `start..end` (a title or project name): who buys,
/// or runs the procurement, and the next body, which uses what is bought or has it bought.
pub fn in_title(layout: &Layout<'_>, (start, end): (usize, usize), rules: &Rulebook) -> Titled {
    let folded = rules.folder.squeeze(&layout.document.text[start..end]);
    let read = |(from, to): (usize, usize), rule: &str| {
        let (a, b) = folded.source_range(from, to);
        sourced(layout, start + a, start + b, rule.into())
    };
    let from = rules.sentences.title_start.as_ref().and_then(|r| r.find(&folded.text)).map_or(0, |m| m.end());
    let Some(end_of_first) = leading_org(&folded.text, from, rules) else { return Titled::default() };
    let first = (from, end_of_first);
    let second = chains::next_org(&folded.text, first, rules);
    let name = &folded.text[from..end_of_first];
    let second = second.map(|range| read(range, SECOND_IN_TITLE));
    let runs_for_others = is_agency(name, rules) && chains::class_of(name, rules) == chains::Class::Company;
    let only = |words: &[String]| words.iter().any(|word| name.contains(word.as_str()));
    match (runs_for_others, second) {
        (true, Some(buyer)) => Titled { agency: Some(read(first, FROM_TITLE)), buyer: Some(buyer), end_user: None },
        (true, None) if only(&rules.sentences.only_agencies) => Titled { agency: Some(read(first, FROM_TITLE)), ..Titled::default() },
        (_, end_user) => Titled { buyer: Some(read(first, FROM_TITLE)), end_user, agency: None },
    }
}

/// Parties that sentences of the rulebook name, by field; the first sentence in the rulebook's
/// order wins.
pub fn in_sentences(layout: &Layout<'_>, rules: &Rulebook) -> BTreeMap<String, Sourced<String>> {
    let text = &layout.document.text;
    let (title_start, title_end) = layout.title();
    let title = vec![(rules.folder.squeeze(&text[title_start..title_end]), title_start)];
    // Line by line: a sentence begins with its line, and squeezed text has no lines.
    let mut lines_of_text: Option<Vec<_>> = None;
    let squeezed_lines = || -> Vec<_> { lines(text).filter(|(start, end)| start < end).map(|(start, end)| (rules.folder.squeeze(&text[start..end]), start)).collect() };
    let mut named = BTreeMap::new();
    for sentence in &rules.sentences.sentences {
        let worth = |text: &str| sentence.needs.is_empty() || sentence.needs.iter().any(|word| text.contains(word.as_str()));
        if !worth(&layout.squeezed.text) {
            continue;
        }
        let places = match sentence.place {
            Place::Text => &*lines_of_text.get_or_insert_with(squeezed_lines),
            Place::Title => &title,
        };
        for (folded, base) in places.iter().filter(|(folded, _)| worth(&folded.text)) {
            for groups in sentence.pattern.captures_iter(&folded.text).take(4) {
                for name in sentence.pattern.capture_names().flatten() {
                    let Some(group) = groups.name(name) else { continue };
                    if let Some(party) = party(layout, folded, *base, (group.start(), group.end()), &sentence.rule, rules) {
                        named.entry(name.to_string()).or_insert(party);
                    }
                }
            }
        }
    }
    named
}

/// A sentence's group as a party: what ends as an organisation does, without what was said before it.
fn party(layout: &Layout<'_>, folded: &Folded, base: usize, (from, to): (usize, usize), rule: &RuleId, rules: &Rulebook) -> Option<Sourced<String>> {
    let text = &folded.text[from..to];
    let lead = rules.sentences.title_start.as_ref().and_then(|r| r.find(text)).map_or(0, |m| m.end());
    let from = from + lead;
    let text = &folded.text[from..to];
    let end = match is_org(text, rules) {
        true => to,
        false => leading_org(&folded.text[..to], from, rules)?,
    };
    let (a, b) = folded.source_range(from, end);
    let written = layout.document.text.get(base + a..base + b)?;
    // A title before the sentence, divided from it by no more than a space.
    let a = b - written.rsplit(char::is_whitespace).next().filter(|last| is_org(last, rules)).map_or(written.len(), str::len);
    let name = &layout.document.text[base + a..base + b];
    (name.chars().count() >= 4 && !name.contains(['\n', '\t', '：', ':'])).then(|| sourced(layout, base + a, base + b, rule.clone()))
}

/// Whether a name says that its bearer runs procurements for others.
pub fn is_agency(name: &str, rules: &Rulebook) -> bool {
    let folded = rules.folder.squeeze(name).text;
    rules.sentences.agency_words.iter().any(|word| folded.contains(word.as_str()))
}

/// Whether a value can only be a natural person: two to four Han characters and no
/// organisation's ending.
pub fn is_person(name: &str, rules: &Rulebook) -> bool {
    let count = name.chars().count();
    (2..=4).contains(&count) && name.chars().all(|c| is_han(c) || c == '*') && !is_org(name, rules)
}

/// A value read at `start..end` of the document.
pub fn sourced(layout: &Layout<'_>, start: usize, end: usize, rule: RuleId) -> Sourced<String> {
    let raw = layout.document.text[start..end].to_string();
    Sourced { value: raw.clone(), raw, at: layout.document.span(start, end), rule }
}
