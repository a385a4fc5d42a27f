//! Which organisation does a title or a sentence name? Used where no label holds one, or where the
//! label holds a person.

use super::Layout;
use super::chains::{self, leading_org};
use super::text::{is_org, lines};
use crate::evidence::{RuleId, Sourced};
use crate::rulebook::Rulebook;
use crate::rulebook::stages::{Place, Sentence};
use crate::rulebook::words::Occurrence;
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
    let is_body =
        |(from, to): &(usize, usize)| !rules.sentences.no_end_user.as_ref().is_some_and(|regex| regex.is_match(&folded.text[*from..*to]));
    let second = chains::next_org(&folded.text, first, rules).filter(is_body);
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
    let mut spoken = Spoken::of(layout, rules);
    let mut named = BTreeMap::new();
    for sentence in &rules.sentences.sentences {
        let known = |named: &BTreeMap<_, _>| sentence.pattern.capture_names().flatten().all(|name| named.contains_key(name));
        for line in spoken.worth(sentence) {
            if known(&named) {
                break;
            }
            let folded = spoken.squeezed(line);
            for groups in sentence.pattern.captures_iter(&folded.text).take(4) {
                for group in sentence.pattern.capture_names().flatten().filter_map(|name| Some((name, groups.name(name)?))) {
                    let (name, at) = (group.0, (group.1.start(), group.1.end()));
                    if let Some(party) = party(layout, folded, line.0, at, &sentence.rule, rules) {
                        named.entry(name.to_string()).or_insert(party);
                    }
                }
            }
        }
    }
    named
}

/// Title and lines in which sentences are sought: only those that hold a word which some sentence
/// needs. A sentence begins with its line, and squeezed text has no lines.
struct Spoken<'a> {
    text: &'a str,
    rules: &'a Rulebook,
    title: (usize, usize),
    lines: Vec<(usize, usize)>,
    /// Words with the number of the line they stand in.
    hits: Vec<(u32, usize)>,
    squeezed: BTreeMap<(usize, usize), Folded>,
}

impl<'a> Spoken<'a> {
    fn of(layout: &Layout<'a>, rules: &'a Rulebook) -> Spoken<'a> {
        let text = layout.document.text.as_str();
        let words: Vec<Occurrence> = rules.sentences.words.in_text(&layout.squeezed.text).collect();
        let needed = !words.is_empty() || rules.sentences.sentences.iter().any(|sentence| sentence.needs.is_empty());
        let lines: Vec<(usize, usize)> = if needed { lines(text).filter(|(start, end)| start < end).collect() } else { Vec::new() };
        let line_of = |hit: &Occurrence| {
            let (start, end) = layout.squeezed.source_range(hit.start, hit.end);
            let line = lines.partition_point(|line| line.0 <= start).checked_sub(1)?;
            (end <= lines[line].1).then_some((hit.word, line))
        };
        let hits = words.iter().filter_map(line_of).collect();
        Spoken { text, rules, title: layout.title(), lines, hits, squeezed: BTreeMap::new() }
    }

    /// The stretches in which a sentence may stand, in order.
    fn worth(&self, sentence: &Sentence) -> Vec<(usize, usize)> {
        match sentence.place {
            Place::Text if sentence.needs.is_empty() => self.lines.clone(),
            Place::Text => {
                let mut numbers: Vec<usize> = self.hits.iter().filter(|hit| sentence.needs.contains(&hit.0)).map(|hit| hit.1).collect();
                numbers.sort_unstable();
                numbers.dedup();
                numbers.into_iter().map(|number| self.lines[number]).collect()
            }
            Place::Title => vec![self.title],
        }
    }

    fn squeezed(&mut self, (start, end): (usize, usize)) -> &Folded {
        self.squeezed.entry((start, end)).or_insert_with(|| self.rules.folder.squeeze(&self.text[start..end]))
    }
}

/// A sentence's group as a party: what ends as an organisation does, without what was said before it.
fn party(
    layout: &Layout<'_>,
    folded: &Folded,
    base: usize,
    (from, to): (usize, usize),
    rule: &RuleId,
    rules: &Rulebook,
) -> Option<Sourced<String>> {
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
