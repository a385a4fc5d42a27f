//! Where does a value begin and end inside the stretch that was found for it? Trimming, cutting by
//! shape, organisation names.

use super::pairs::head;
use super::sections::is_blank;
use crate::rulebook::Rulebook;
use crate::rulebook::labels::Shape;

/// Punctuation that a value neither begins nor ends with.
const EDGE: &[char] = &['，', ',', '。', '；', ';', '：', ':', '、', '|', '．', '·', '【', '】', '﹒'];

/// `start..end` without white space at both ends.
pub fn trim(text: &str, start: usize, end: usize) -> (usize, usize) {
    trim_with(text, start, end, |c| c.is_whitespace() || is_blank(c) || c == '|')
}

fn trim_with(text: &str, start: usize, end: usize, off: impl Fn(char) -> bool) -> (usize, usize) {
    let written = &text[start..end.max(start)];
    let left = written.trim_start_matches(&off);
    let start = start + written.len() - left.len();
    (start, start + left.trim_end_matches(&off).len())
}

/// Lines as (start, end), cut at tabs too.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut from = 0;
    text.split(['\n', '\t']).map(move |line| {
        let start = from;
        from += line.len() + 1;
        (start, start + line.len())
    })
}

/// Cuts a value to its shape: a name at the first stop, a number at the first gap.
pub fn clean(text: &str, (start, end): (usize, usize), shape: Shape, rules: &Rulebook) -> (usize, usize) {
    let end = match shape {
        Shape::Name => name_end(text, start, end, rules),
        Shape::Number => number_end(text, start, end),
        Shape::Line => wide_gap(text, start, end, 4),
        Shape::Amount | Shape::Date | Shape::Any => end,
    };
    let off = |c: char| c.is_whitespace() || is_blank(c) || EDGE.contains(&c);
    let (start, end) = trim_with(text, start, end, off);
    unpaired(text, start, end)
}

/// Drops a bracket at the end whose partner lies outside, and a pair that encloses all of it.
fn unpaired(text: &str, start: usize, end: usize) -> (usize, usize) {
    let value = &text[start..end];
    for (open, close) in [('（', '）'), ('(', ')'), ('[', ']'), ('“', '”'), ('"', '"')] {
        let balance = value.matches(open).count() as i64 - value.matches(close).count() as i64;
        if open != close && balance < 0 && value.ends_with(close) {
            return trim(text, start, end - close.len_utf8());
        }
        if open != close && balance > 0 && value.ends_with(open) {
            return trim(text, start, end - open.len_utf8());
        }
        if open != close && balance > 0 && value.starts_with(open) {
            return trim(text, start + open.len_utf8(), end);
        }
    }
    (start, end)
}

/// A name ends before a stop word, at sentence punctuation or at a wide gap.
fn name_end(text: &str, start: usize, end: usize, rules: &Rulebook) -> usize {
    let end = wide_gap(text, start, end, 2);
    let value = &text[start..end];
    let end = start + value.find(['。', '；', ';', '，', '！', '？', '：']).unwrap_or(value.len());
    let folded = rules.folder.squeeze(&text[start..end]);
    let stop = rules.layout.name_stops.iter().filter_map(|word| folded.text.find(word.as_str()).filter(|at| *at > 0)).min();
    stop.map_or(end, |at| start + folded.source_of(at))
}

/// A number ends at white space between letters that do not belong together, at Han text that
/// begins a sentence, at closing punctuation.
fn number_end(text: &str, start: usize, end: usize) -> usize {
    let end = wide_gap(text, start, end, 2);
    let value = &text[start..end];
    value.find(['，', '。', '；', ';', '；']).map_or(end, |at| start + at)
}

/// Before the first run of at least `least` blanks.
fn wide_gap(text: &str, start: usize, end: usize, least: usize) -> usize {
    let mut run = 0;
    let mut run_start = start;
    for (at, c) in text[start..end].char_indices() {
        if !is_blank(c) {
            run = 0;
            continue;
        }
        if run == 0 {
            run_start = start + at;
        }
        run += 1;
        if run >= least && run_start > start {
            return run_start;
        }
    }
    end
}

/// Whether a value that no colon announces looks like one of its shape; strict, since prose is
/// full of labels.
pub fn values_like(shape: Shape, value: &str, rules: &Rulebook) -> bool {
    let value = value.trim();
    match shape {
        Shape::Name => value.chars().count() <= 40 && is_org(value, rules),
        Shape::Amount => head(value, 8).chars().any(|c| c.is_ascii_digit()) && value.chars().count() <= 24,
        Shape::Date => super::dates::first(value, rules).is_some_and(|found| found.start == 0),
        Shape::Number => value.chars().count() <= 40 && value.chars().any(|c| c.is_ascii_digit()) && value.is_ascii(),
        Shape::Line | Shape::Any => false,
    }
}

/// Whether the whole text ends as organisations' names do.
pub fn is_org(text: &str, rules: &Rulebook) -> bool {
    let folded = rules.folder.squeeze(text).text;
    let bare = match folded.rfind('(') {
        Some(at) if folded.ends_with(')') && at > 0 => &folded[..at],
        _ => &folded,
    };
    bare.chars().count() >= 3
        && rules.layout.org_suffixes.iter().any(|suffix| bare.ends_with(&suffix.suffix) || folded.ends_with(&suffix.suffix))
}

/// Ends (bytes of `folded`) of all organisation endings in it, ascending.
pub fn org_ends(folded: &str, rules: &Rulebook) -> Vec<usize> {
    let Some(endings) = &rules.layout.org_endings else { return Vec::new() };
    let mut ends = Vec::new();
    for hit in endings.find_overlapping_iter(folded) {
        let suffix = &rules.layout.org_suffixes[hit.value() as usize];
        let longer = suffix.not_before.iter().any(|next| folded[hit.end()..].starts_with(next.as_str()))
            || suffix.not_after.iter().any(|last| folded[..hit.start()].ends_with(last.as_str()));
        if hit.start() > 0 && !longer {
            ends.push(hit.end());
        }
    }
    ends.sort_unstable();
    ends.dedup();
    ends
}
