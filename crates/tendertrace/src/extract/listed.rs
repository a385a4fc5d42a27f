//! Which goods does a sentence list? `设备清单：视频会议终端 华为 TE40 6套；服务器 2台`: entries behind a
//! label, each with its quantity at the end; without a quantity nothing tells a good from prose.

use super::Layout;
use super::grids::Grid;
use super::names::tidy;
use super::pairs::Pair;
use super::values::number;
use crate::evidence::{RuleId, Sourced, Span};
use crate::model::Item;
use crate::rulebook::Rulebook;
use crate::rulebook::brands::Entry;
use crate::script::is_han;

/// The awarded goods behind labels that announce a list.
pub fn listed(layout: &Layout, grids: &[Grid], rules: &Rulebook) -> Vec<Item> {
    let free = layout.of_field("item_list").filter(|p| !p.value.is_empty() && !grids.iter().any(|g| g.at.overlaps(&p.label)));
    free.flat_map(|pair| entries(layout, pair, rules).into_iter().filter_map(|at| good(layout, pair, at, rules))).collect()
}

/// What may divide the entries of a list.
const STOPS: &[&[char]] = &[&['；', ';', '\n'], &['、'], &['，', ','], &['；', ';', '\n', '、', '，', ','], &['。']];

/// The entries of a list: the way to cut it that gives most, where every part ends with a quantity.
fn entries(layout: &Layout, pair: &Pair, rules: &Rulebook) -> Vec<Span> {
    let counted = |at: &Span| quantity(layout.document.slice(*at), rules).is_some();
    let ways = STOPS.iter().map(|stops| cut(layout, pair.value, stops));
    let most = ways.filter(|parts| parts.iter().all(counted)).max_by_key(Vec::len).unwrap_or_default();
    let divided = |at: &Span| layout.document.slice(*at).contains(STOPS[3]);
    if most.iter().any(divided) { Vec::new() } else { most }
}

fn cut(layout: &Layout, at: Span, stops: &[char]) -> Vec<Span> {
    let text = layout.document.slice(at);
    let mut start = 0;
    let parts = text.split(|c| stops.contains(&c)).map(|part| {
        let from = start;
        start += part.len() + text[from + part.len()..].chars().next().map_or(0, char::len_utf8);
        trimmed(at, from, part)
    });
    parts.filter(|part| part.start < part.end).collect()
}

/// A part without blanks, its number and its full stop.
fn trimmed(of: Span, from: usize, part: &str) -> Span {
    let begun = part.trim_start_matches(|c: char| c.is_whitespace() || c.is_ascii_digit() || "（(.．、）)".contains(c));
    let begun = if begun.is_empty() || begun.starts_with(|c: char| c.is_alphabetic()) { begun } else { part.trim_start() };
    let ended = begun.trim_end_matches(|c: char| c.is_whitespace() || "。.；;".contains(c));
    let start = of.start + from + part.len() - begun.len();
    Span::new(of.doc, start, start + ended.len())
}

/// Characters that a quantity and its unit may have.
const LONGEST_QUANTITY: usize = 8;

/// Where the quantity at the end of an entry begins; it needs a unit, and no letter or number before it.
fn quantity(text: &str, rules: &Rulebook) -> Option<usize> {
    let starts = text.char_indices().rev().take(LONGEST_QUANTITY).map(|(at, _)| at);
    let whole = starts.filter(|at| {
        let before = text[..*at].chars().next_back();
        let free = before.is_some_and(|c| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-' | '/' | '+'));
        let begins = text[*at..].starts_with(|c: char| c.is_ascii_digit() || is_han(c));
        free && begins && number::quantity(&text[*at..], rules).is_some_and(|q| q.unit.is_some() && q.start == 0)
    });
    whole.last()
}

fn good(layout: &Layout, pair: &Pair, at: Span, rules: &Rulebook) -> Option<Item> {
    let text = layout.document.slice(at);
    let counted = quantity(text, rules)?;
    let said = text[..counted].trim_end_matches(|c: char| c.is_whitespace() || "：:×x*（(，,".contains(c));
    let words = words(said);
    let parts = parts(&words, said, rules)?;
    let part = |(start, end): (usize, usize)| sourced(layout, Span::new(at.doc, at.start + start, at.start + end), &pair.rule);
    let mut item = Item { lot: pair.lot.clone(), ..Item::named(part(parts.name), false, at) };
    item.brand = parts.brand.map(part);
    item.model = parts.model.map(part);
    let found = number::quantity(&text[counted..], rules)?;
    let span = Span::new(at.doc, at.start + counted + found.start, at.start + counted + found.end);
    item.quantity = Some(Sourced { value: found.value, raw: layout.document.slice(span).to_string(), at: span, rule: pair.rule.clone() });
    item.unit = found.unit;
    Some(item)
}

/// Where name, brand and model stand in an entry.
struct Parts {
    name: (usize, usize),
    brand: Option<(usize, usize)>,
    model: Option<(usize, usize)>,
}

fn parts(words: &[(usize, usize)], said: &str, rules: &Rulebook) -> Option<Parts> {
    let (first, last) = (*words.first()?, *words.last()?);
    let text = |word: (usize, usize)| &said[word.0..word.1];
    let coded = |word: &(usize, usize)| text(*word).contains(|c: char| c.is_ascii_alphanumeric());
    let named = |word: (usize, usize)| text(word).contains(is_han);
    let brand = words.iter().position(|word| is_maker(text(*word), rules));
    match brand {
        Some(at) if at > 0 => {
            let rest = words.get(at + 1).map(|next| (next.0, last.1)).filter(coded);
            Some(Parts { name: (first.0, words[at - 1].1), brand: Some(words[at]), model: rest })
        }
        Some(_) if words.len() > 2 && !coded(&last) => {
            Some(Parts { name: last, brand: Some(first), model: Some((words[1].0, words[words.len() - 2].1)).filter(coded) })
        }
        Some(_) => Some(Parts { name: (first.0, last.1), brand: Some(first), model: words.get(1).map(|w| (w.0, last.1)).filter(coded) }),
        None => {
            let length = brand_prefix(text(first), rules);
            let brand = length.map(|length| (first.0, first.0 + length));
            Some(Parts { name: (first.0, last.1), brand, model: None }).filter(|_| named(first))
        }
    }
}

/// The bytes of a maker's name that a word begins with.
fn brand_prefix(word: &str, rules: &Rulebook) -> Option<usize> {
    let folded = rules.folder.plain(word);
    let names = rules.brands.hits(&folded).filter(|hit| hit.start == 0 && hit.entries.iter().any(|e| matches!(e, Entry::Name { .. })));
    let longest = names.map(|hit| hit.end).max()?;
    let count = folded[..longest].chars().count();
    let length = word.chars().take(count).map(char::len_utf8).sum();
    (rules.folder.plain(&word[..length]) == folded[..longest]).then_some(length)
}

/// Whether a word is one maker's name, in one script or two: `华为`, `新华三H3C`.
pub fn is_maker(word: &str, rules: &Rulebook) -> bool {
    let mut rest = word;
    while let Some(length) = brand_prefix(rest, rules).filter(|length| *length > 0) {
        rest = &rest[length..];
        if rest.is_empty() {
            return true;
        }
    }
    false
}

fn words(text: &str) -> Vec<(usize, usize)> {
    text.split_whitespace().map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word.len())).map(|(at, n)| (at, at + n)).collect()
}

fn sourced(layout: &Layout, at: Span, rule: &RuleId) -> Sourced<String> {
    let raw = layout.document.slice(at).to_string();
    Sourced { value: tidy(&raw), raw, at, rule: rule.clone() }
}
