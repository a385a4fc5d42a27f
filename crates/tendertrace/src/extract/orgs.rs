//! Which organisation does a title or a sentence name? Used where no label holds one, or where the
//! label holds a person.

use super::Layout;
use super::text::{is_org, lines, org_ends};
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

/// Parties named at the beginning of the stretch `start..end` (a title or project name).
pub fn in_title(layout: &Layout<'_>, (start, end): (usize, usize), rules: &Rulebook) -> Titled {
    let folded = rules.folder.squeeze(&layout.document.text[start..end]);
    let read = |from: usize, to: usize, rule: &str| {
        let (a, b) = folded.source_range(from, to);
        sourced(layout, start + a, start + b, rule.into())
    };
    let from = rules.sentences.title_start.as_ref().and_then(|r| r.find(&folded.text)).map_or(0, |m| m.end());
    let Some(first) = leading_org(&folded.text, from, rules) else { return Titled::default() };
    let mut titled = Titled { buyer: Some(read(from, first, FROM_TITLE)), ..Titled::default() };
    if !is_company(&folded.text[from..first], rules) {
        return titled;
    }
    if let Some(second) = leading_org(&folded.text, first, rules).filter(|second| !is_company(&folded.text[first..*second], rules)) {
        titled.end_user = Some(read(first, second, SECOND_IN_TITLE));
    }
    titled
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

/// End of the organisation name that begins a title at `from`: the longest chain of endings with
/// short, plain text between (某大学附属医院, 某公司某分公司).
pub fn leading_org(text: &str, from: usize, rules: &Rulebook) -> Option<usize> {
    let head = head_of(&text[from..], 60);
    let mut last: Option<usize> = None;
    for end in org_ends(head, rules) {
        let begin = last.unwrap_or(0);
        let piece = &head[begin..end];
        let longest = if last.is_none() { 30 } else { 14 };
        let stop = piece.chars().count() > longest
            || breaks(piece, rules)
            || last.is_some_and(|_| repeats(&head[..begin], piece) || other_body(&head[..begin], piece, rules));
        if stop {
            break;
        }
        last = Some(end);
    }
    last.filter(|end| head[..*end].chars().count() >= 4).map(|end| from + end)
}

/// End of the organisation name that a label's value begins with, where other text runs on behind
/// it: its first ending, or a later one that only lengthens it.
pub fn running_name(text: &str, rules: &Rulebook) -> Option<usize> {
    let head = head_of(text, 60);
    let mut last: Option<usize> = None;
    for end in org_ends(head, rules) {
        let piece = &head[last.unwrap_or(0)..end];
        let digits = piece.chars().any(|c| c.is_ascii_digit() || matches!(c, ':' | ',' | ';' | '。'));
        if digits || last.is_some_and(|last| piece.chars().count() > 8 || repeats(&head[..last], piece)) {
            break;
        }
        last = Some(end);
    }
    last.filter(|end| head[..*end].chars().count() >= 4)
}

/// Words that no name holds end the chain; words that companies' names hold do so before others'.
fn breaks(piece: &str, rules: &Rulebook) -> bool {
    let marks = |c: char| c.is_ascii_digit() || matches!(c, ':' | ',' | ';' | '。' | '-' | '_' | '"' | '、');
    let words = &rules.sentences;
    piece.chars().any(marks)
        || words.name_breaks.iter().any(|word| piece.contains(word.as_str()))
        || (!is_company(piece, rules) && words.company_words.iter().any(|word| piece.contains(word.as_str())))
}

/// 某医院某医院南院区: the title begins anew.
fn repeats(before: &str, piece: &str) -> bool {
    before.starts_with(head_of(piece, 3))
}

fn head_of(text: &str, count: usize) -> &str {
    let end = text.char_indices().nth(count).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// A company's name does not go on into an authority's.
fn other_body(before: &str, piece: &str, rules: &Rulebook) -> bool {
    is_company(before, rules) && !is_company(piece, rules) && piece.chars().count() > 4
}

/// Whether a name ends as companies' names do.
pub fn is_company(name: &str, rules: &Rulebook) -> bool {
    rules.sentences.company_ends.iter().any(|end| name.ends_with(end.as_str()))
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
