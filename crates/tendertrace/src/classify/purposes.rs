//! What is the purchase for? Told from what is bought (title, project, lots, items, the passage that
//! describes the purchase), never from boilerplate, qualifications, addresses or names of bodies.

use crate::evidence::{Derived, Quote};
use crate::model::{BlockKind, Document, Notice};
use crate::rulebook::Rulebook;
use crate::rulebook::purposes::{GENERAL, NONE, Needs, Security};
use crate::script::Folded;
use crate::sheet::Sheet;

/// Longest quote that is taken whole, in bytes.
const WHOLE: usize = 360;

/// A stretch of the notice that says what is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Stretch {
    start: usize,
    end: usize,
}

struct Found {
    term: usize,
    quote: Quote,
}

/// The purposes of a notice, each with the words that show it; empty where nothing says what is bought.
pub fn purposes(notice: &Notice, sheets: &[Sheet<'_>], rules: &Rulebook) -> Vec<Derived<String>> {
    let Some(Sheet { document, folded, .. }) = sheets.first() else { return Vec::new() };
    let stretches = stretches(notice, document, folded, rules);
    if stretches.is_empty() {
        return Vec::new();
    }
    let security = security(notice, document, rules);
    let found = found(notice, document, folded, &stretches, rules);
    let terms: Vec<usize> = found.iter().map(|f| f.term).collect();
    let shown = rules.purposes.decide(&terms, security);
    shown.into_iter().map(|purpose| derived(purpose, &found, security, document, &stretches, rules)).collect()
}

fn derived(
    purpose: String,
    found: &[Found],
    security: Security,
    document: &Document,
    stretches: &[Stretch],
    rules: &Rulebook,
) -> Derived<String> {
    let counts = |f: &&Found| {
        let term = &rules.purposes.terms[f.term];
        term.purpose == purpose && security.satisfies(term.needs)
    };
    let evidence: Vec<&Found> = found.iter().filter(counts).collect();
    let rule = match evidence.first() {
        Some(first) => format!("purposes/{purpose}#{}", rules.purposes.terms[first.term].word),
        None => format!("purposes/{purpose}"),
    };
    let mut quotes: Vec<Quote> = Vec::new();
    for found in evidence {
        if !quotes.contains(&found.quote) && quotes.len() < 5 {
            quotes.push(found.quote.clone());
        }
    }
    if quotes.is_empty() {
        quotes.extend(stretches.first().map(|s| document.quote(s.start, s.end)));
    }
    Derived { value: purpose, derived_from: quotes, rule: rule.into() }
}

fn security(notice: &Notice, document: &Document, rules: &Rulebook) -> Security {
    let kinds = [&notice.buyer_kind, &notice.end_user_kind].map(|kind| kind.as_ref().map(|k| k.value.as_str()));
    let project = notice.project_name.as_ref().map_or("", |p| p.raw.as_str());
    let named = [document.title(), project].iter().any(|text| rules.purposes.names_security(&rules.folder.plain(text)));
    Security {
        any: named || kinds.iter().flatten().any(|kind| rules.purposes.is_security(kind)),
        police: kinds.iter().any(|kind| rules.purposes.is_police(*kind)),
    }
}

/// Where the notice says what is bought, in order and without overlaps.
fn stretches(notice: &Notice, document: &Document, folded: &Folded, rules: &Rulebook) -> Vec<Stretch> {
    let spans =
        notice.project_name.iter().chain(notice.lots.iter().filter_map(|l| l.name.as_ref())).chain(notice.items.iter().map(|i| &i.name));
    let mut all: Vec<Stretch> =
        spans.filter(|s| s.at.doc == 0 && !s.at.is_empty()).map(|s| Stretch { start: s.at.start, end: s.at.end }).collect();
    if let Some(title) = document.blocks.first().filter(|b| b.kind == BlockKind::Title && b.end > b.start) {
        all.push(Stretch { start: title.start, end: title.end });
    }
    all.extend(described(document, folded, rules));
    all.sort();
    let mut merged: Vec<Stretch> = Vec::new();
    for stretch in all {
        match merged.last_mut().filter(|last| stretch.start < last.end) {
            Some(last) => last.end = last.end.max(stretch.end),
            None => merged.push(stretch),
        }
    }
    merged
}

/// Passages after a label that announces what is bought.
fn described(document: &Document, folded: &Folded, rules: &Rulebook) -> Vec<Stretch> {
    let scope = &rules.purposes.scope;
    let mut all = Vec::new();
    for label in rules.purposes.content_labels.in_text(&folded.text) {
        let after = &folded.text[label.end..];
        let value = after.trim_start_matches([' ', '\u{3000}']);
        if !value.starts_with([':', '\t', '\n']) {
            continue;
        }
        let body = value.trim_start_matches([':', ' ', '\t', '\n']);
        let begin = folded.text.len() - body.len();
        let limit = body.char_indices().nth(scope.content_letters).map_or(body.len(), |(i, _)| i);
        let end = begin + body[..limit].find('\n').unwrap_or(limit);
        let (start, end) = folded.source_range(begin, end);
        if start < end && is_shown(document, start) {
            all.push(Stretch { start, end });
        }
    }
    all
}

fn is_shown(document: &Document, at: usize) -> bool {
    let number = document.blocks.partition_point(|b| b.start <= at);
    number == 0 || !matches!(document.blocks[number - 1].kind, BlockKind::Hidden | BlockKind::Aside)
}

fn found(notice: &Notice, document: &Document, folded: &Folded, stretches: &[Stretch], rules: &Rulebook) -> Vec<Found> {
    let names = names(notice, rules);
    let mut all = Vec::new();
    for hit in rules.purposes.hits(&folded.text) {
        let (start, end) = folded.source_range(hit.start, hit.end);
        let anywhere = rules.purposes.terms[hit.term].needs == Some(Needs::Anywhere) && is_shown(document, start);
        let stretch = stretches.iter().find(|s| s.start <= start && end <= s.end);
        if !(anywhere || stretch.is_some()) || is_within_name(&folded.text, hit.start, hit.end, &names) {
            continue;
        }
        all.push(Found { term: hit.term, quote: quote(document, start, end, stretch.copied()) });
    }
    all
}

/// Names of the bodies of the notice: a word within them says who, not what.
fn names(notice: &Notice, rules: &Rulebook) -> Vec<String> {
    let bodies = [&notice.buyer, &notice.end_user, &notice.agency].into_iter().flatten();
    let sellers = notice.awards.iter().flat_map(|a| &a.suppliers).chain(notice.bids.iter().flat_map(|b| &b.suppliers));
    let mut names: Vec<String> = bodies.chain(sellers).map(|n| rules.folder.plain(&n.raw)).filter(|n| n.chars().count() >= 4).collect();
    names.sort();
    names.dedup();
    names
}

fn is_within_name(folded: &str, start: usize, end: usize, names: &[String]) -> bool {
    names.iter().any(|name| {
        let from = floor(folded, start.saturating_sub(name.len()));
        let to = floor(folded, (end + name.len()).min(folded.len()));
        folded[from..to].match_indices(name.as_str()).any(|(at, _)| from + at <= start && end <= from + at + name.len())
    })
}

fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}

/// The whole stretch where it is short, else the sentence around the word.
fn quote(document: &Document, start: usize, end: usize, stretch: Option<Stretch>) -> Quote {
    if let Some(stretch) = stretch.filter(|s| s.end - s.start <= WHOLE) {
        return document.quote(stretch.start, stretch.end);
    }
    let is_end = |c: char| matches!(c, '\u{3002}' | '\u{FF1B}' | '\n' | '\t' | ';');
    let low = floor(&document.text, start.saturating_sub(WHOLE / 2));
    let high = floor(&document.text, (end + WHOLE / 2).min(document.text.len()));
    let from = document.text[low..start]
        .rfind(is_end)
        .map_or(low, |at| low + at + document.text[low + at..].chars().next().map_or(1, char::len_utf8));
    let to = document.text[end..high].find(is_end).map_or(high, |at| end + at);
    document.quote(from, to)
}

/// Whether a purpose says nothing of surveillance.
pub fn is_plain(purpose: &str) -> bool {
    purpose == GENERAL || purpose == NONE
}
