//! What does the page say around a mention? Short runs of characters by where they stand, the rules
//! that fire, the cues that stand anywhere near, and the plain facts: what the weighing of usages
//! counts (`docs/decisions/0012-usages-weighed.md`).

use super::mentions::{Mention, Recognised};
use super::page::Range;
use super::usages::{self, Clause, Decision, Fired, Situation};
use crate::rulebook::usages::Field;
use std::collections::{BTreeSet, HashSet};

/// One sign: its name in `usages/weights.csv`, and the folded place of what it is, where it has one.
#[derive(Debug, Clone)]
pub struct Sign {
    pub name: String,
    pub at: Option<Range>,
}

/// A stretch of text that may speak of the mention.
struct Zone {
    name: &'static str,
    range: Range,
    /// Which end of the stretch is the nearer to the mention.
    near: End,
    /// Characters that count from the near end.
    reach: usize,
    /// Lengths of the runs.
    runs: std::ops::RangeInclusive<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Left,
    Right,
}

/// A character made equal with its like, and where it stands.
#[derive(Clone, Copy)]
struct Letter {
    is: char,
    at: Range,
}

/// Stands for any brand or product.
const BRAND: char = '◇';
/// Stands for any number.
const NUMBER: char = '0';
/// Stands for any longer Latin word.
const WORD: char = 'w';
const LONG_WORD: usize = 8;
/// Characters within which a run stands close to the mention.
const CLOSE: usize = 6;

/// All signs of a mention, each once.
pub fn signs(situation: &Situation, mention: &Mention, clause: &Clause, first: &Decision, fired: &[Fired]) -> Vec<Sign> {
    let mut signs = Vec::with_capacity(1200);
    let mut said = BTreeSet::new();
    for zone in zones(situation, mention, clause) {
        let letters = letters(situation, &zone);
        if !letters.is_empty() {
            signs.push(Sign { name: format!("{}?", zone.name), at: None });
        }
        runs(&zone, &letters, &mut signs);
        cues(situation, &zone, &mut signs);
        ideas(situation, &zone, &mut said, &mut signs);
    }
    together(situation, &said, &mut signs);
    signs.extend(facts(situation, mention).into_iter().map(|name| Sign { name, at: None }));
    signs.extend(fired.iter().map(|one| Sign { name: format!("rule {}", one.rule.id), at: None }));
    signs.push(Sign { name: format!("first {}", first.rule), at: None });
    signs.push(Sign { name: format!("first {:?}", first.usage), at: None });
    let mut seen = HashSet::new();
    signs.retain(|sign| seen.insert(sign.name.clone()));
    signs
}

fn zones(situation: &Situation, mention: &Mention, clause: &Clause) -> [Zone; 11] {
    let page = situation.page;
    let place = &mention.place;
    let layout = &situation.rules.clauses;
    let sentence = page.stretch(mention.at.0, mention.at.1, place.cell, &layout.sentence_ends, layout.clause_reach * 2);
    let sentence = (sentence.0.min(clause.before.0), sentence.1.max(clause.after.1));
    let name = situation.names.first().copied().unwrap_or((0, 0));
    let zone = |name, range, near, reach, runs| Zone { name, range, near, reach, runs };
    [
        zone("before", clause.before, End::Right, 40, 1..=4),
        zone("after", clause.after, End::Left, 40, 1..=4),
        zone("far_before", (sentence.0, clause.before.0), End::Right, 60, 2..=3),
        zone("far_after", (clause.after.1, sentence.1), End::Left, 60, 2..=3),
        zone("around", (sentence.0, mention.at.0), End::Right, 100, 2..=3),
        zone("around", (mention.at.1, sentence.1), End::Left, 100, 2..=3),
        zone("label", place.label, End::Left, 30, 1..=3),
        zone("head", place.head, End::Left, 30, 1..=3),
        zone("section", place.section, End::Left, 60, 2..=3),
        zone("name", name, End::Left, 60, 2..=3),
        zone("row", (place.row.0, place.cell.0.max(place.row.0)), End::Right, 60, 2..=3),
    ]
}

/// The letters of a zone: brands, numbers and long words made equal.
fn letters(situation: &Situation, zone: &Zone) -> Vec<Letter> {
    let page = situation.page;
    let range = kept(situation, zone);
    let first = situation.mentions.partition_point(|m| m.1 <= range.0);
    let mut letters = Vec::new();
    let mut at = range.0;
    for mention in situation.mentions[first..].iter().take_while(|m| m.0 < range.1) {
        if mention.0 >= at {
            plain(page.text((at, mention.0)), at, &mut letters);
            letters.push(Letter { is: BRAND, at: *mention });
        }
        at = at.max(mention.1);
    }
    if at < range.1 {
        plain(page.text((at, range.1)), at, &mut letters);
    }
    let over = letters.len().saturating_sub(zone.reach);
    match zone.near {
        End::Right => letters.split_off(over),
        End::Left => {
            letters.truncate(zone.reach);
            letters
        }
    }
}

/// What of a zone can count: brands and numbers shrink, so more text than letters.
fn kept(situation: &Situation, zone: &Zone) -> Range {
    let text = &situation.page.folded.text;
    let most = zone.reach * 12;
    match zone.near {
        End::Right => (zone.range.0.max(text.floor_char_boundary(zone.range.1.saturating_sub(most))), zone.range.1),
        End::Left => (zone.range.0, zone.range.1.min(text.floor_char_boundary(zone.range.0 + most))),
    }
}

fn plain(text: &str, from: usize, letters: &mut Vec<Letter>) {
    let mut rest = text;
    let mut at = from;
    while let Some(c) = rest.chars().next() {
        let (is, length) = match c {
            c if c.is_ascii_digit() => (NUMBER, run(rest, |c| c.is_ascii_digit() || c == '.' || c == ',')),
            c if c.is_whitespace() => ('_', run(rest, char::is_whitespace)),
            c if c.is_ascii_alphabetic() && run(rest, |c| c.is_ascii_alphabetic()) > LONG_WORD => {
                (WORD, run(rest, |c| c.is_ascii_alphabetic()))
            }
            c => (c, c.len_utf8()),
        };
        letters.push(Letter { is, at: (at, at + length) });
        rest = &rest[length..];
        at += length;
    }
}

fn run(text: &str, holds: impl Fn(char) -> bool) -> usize {
    text.find(|c| !holds(c)).unwrap_or(text.len())
}

fn runs(zone: &Zone, letters: &[Letter], signs: &mut Vec<Sign>) {
    let clause = matches!(zone.name, "before" | "after");
    for length in zone.runs.clone() {
        for (start, window) in letters.windows(length).enumerate() {
            let text: String = window.iter().map(|l| l.is).collect();
            let at = Some((window[0].at.0, window[length - 1].at.1));
            let away = if zone.near == End::Right { letters.len() - start - length } else { start };
            if clause && away <= CLOSE {
                signs.push(Sign { name: format!("{}! {text}", zone.name), at });
            }
            if clause && away == 0 && length <= 3 {
                signs.push(Sign { name: format!("{}| {text}", zone.name), at });
            }
            signs.push(Sign { name: format!("{} {text}", zone.name), at });
        }
    }
}

/// Cues of the rules that stand in a zone, wherever their own scope would seek them.
fn cues(situation: &Situation, zone: &Zone, signs: &mut Vec<Sign>) {
    if zone.name == "around" {
        return;
    }
    let range = kept(situation, zone);
    for (rule, cue) in usages::cues_in(situation.page, &situation.rules.usages, range) {
        let away = if zone.near == End::Right { range.1.saturating_sub(cue.1) } else { cue.0 - range.0 };
        if away <= CLOSE * 3 {
            signs.push(Sign { name: format!("cue {} {}!", rule.id, zone.name), at: Some(cue) });
        }
        signs.push(Sign { name: format!("cue {} {}", rule.id, zone.name), at: Some(cue) });
    }
}

/// What a zone says, in whichever words.
fn ideas(situation: &Situation, zone: &Zone, said: &mut BTreeSet<u8>, signs: &mut Vec<Sign>) {
    if zone.name == "around" {
        return;
    }
    let concepts = &situation.rules.concepts;
    let range = kept(situation, zone);
    for (concept, at) in concepts.in_text(situation.page.text(range)) {
        let at = (range.0 + at.0, range.0 + at.1);
        let away = if zone.near == End::Right { range.1 - at.1 } else { at.0 - range.0 };
        if away <= CLOSE * 3 {
            signs.push(Sign { name: format!("says {} {}!", concepts.name(concept), zone.name), at: Some(at) });
        }
        signs.push(Sign { name: format!("says {} {}", concepts.name(concept), zone.name), at: Some(at) });
        if !matches!(zone.name, "section" | "name" | "row") {
            said.insert(concept);
        }
    }
}

/// What the sentence says together.
fn together(situation: &Situation, said: &BTreeSet<u8>, signs: &mut Vec<Sign>) {
    let name = |concept: u8| situation.rules.concepts.name(concept);
    for (count, one) in said.iter().enumerate() {
        signs.push(Sign { name: format!("says {}", name(*one)), at: None });
        let others = said.iter().skip(count + 1);
        signs.extend(others.map(|other| Sign { name: format!("says {} and {}", name(*one), name(*other)), at: None }));
    }
}

fn facts(situation: &Situation, mention: &Mention) -> Vec<String> {
    let mut facts = vec![format!("stage {:?}", situation.stage)];
    if let Some((index, field)) = situation.item_index(mention) {
        let kind = if situation.notice.items[index].demanded { "demanded" } else { "item" };
        facts.push(format!("{kind} {}", field_word(field)));
    }
    let recognised = match mention.recognised {
        Recognised::OwnCompany => "company",
        Recognised::Name | Recognised::NameInContext => "name",
        _ => "product",
    };
    facts.push(format!("recognised {recognised}"));
    if let Some(product) = mention.product {
        facts.push(format!("product {}", situation.rules.brands.brands[mention.brand].products[product].id));
    }
    if situation.in_names(mention) {
        facts.push("in_name".to_string());
    }
    if situation.parties.iter().any(|p| p.0 <= mention.at.0 && mention.at.1 <= p.1) {
        facts.push("in_party".to_string());
    }
    if usages::in_bid(situation, mention).is_some() {
        facts.push("in_bid".to_string());
    }
    facts
}

fn field_word(field: Field) -> &'static str {
    match field {
        Field::Brand => "brand",
        Field::Model => "model",
        Field::Name => "name",
        Field::Other => "other",
    }
}
