//! Which labels does no rule know? Short Han text before a colon at the beginning of a line, a
//! cell or a sentence: each is a gap with its quote.

use super::pairs::head;
use super::sections::{Border, Borders};
use crate::evidence::{Gap, GapKind};
use crate::model::Document;
use crate::rulebook::Rulebook;
use crate::script::{Folded, is_han};
use std::collections::HashSet;

/// Characters of the longest stretch that is still a label.
const LONGEST: usize = 12;
/// Gaps of one document: beyond that the layout itself is unknown.
const MOST: usize = 40;

/// Unknown labels of a document; `known` are the stretches that accepted labels cover.
pub fn labels(document: &Document, squeezed: &Folded, borders: &Borders, rules: &Rulebook, known: &[(usize, usize)]) -> Vec<Gap> {
    let text = &document.text;
    let mut seen = HashSet::new();
    let mut gaps = Vec::new();
    for (at, _) in squeezed.text.match_indices(':') {
        if gaps.len() >= MOST {
            break;
        }
        let colon = squeezed.source_of(at);
        let covered = known.partition_point(|(start, _)| *start <= colon);
        if covered > 0 && colon < known[covered - 1].1 || borders.is_left_out(colon) {
            continue;
        }
        let Some(start) = label_before(text, colon, borders) else { continue };
        let written = &text[start..colon];
        let folded = rules.folder.squeeze(written).text;
        let sentence = rules.layout.no_label_ends.iter().any(|word| folded.ends_with(word.as_str()));
        if !sentence && rules.labels.exact(&folded).is_none() && has_value(text, colon) && seen.insert(folded) {
            gaps.push(Gap { kind: GapKind::UnknownLabel, at: document.quote(start, colon), note: String::new() });
        }
    }
    gaps
}

/// Start of the label that ends at `colon`, if it stands as labels do.
fn label_before(text: &str, colon: usize, borders: &Borders) -> Option<usize> {
    let mut start = colon;
    let mut count = 0;
    for c in text[..colon].chars().rev() {
        let inside = is_han(c) || c == ' ' || c == '\u{3000}' || matches!(c, '（' | '）' | '(' | ')' | '/');
        if !inside {
            break;
        }
        count += usize::from(is_han(c));
        start -= c.len_utf8();
        if count > LONGEST {
            return None;
        }
    }
    let lead = text[start..colon].chars().take_while(|c| !is_han(*c)).map(char::len_utf8).sum::<usize>();
    let start = start + lead;
    (count >= 2 && start < colon && borders.before(text, start) >= Border::Mark && text[start..colon].trim_end().len() == colon - start)
        .then_some(start)
}

/// A colon at the very end announces a list, not a value.
fn has_value(text: &str, colon: usize) -> bool {
    let after = head(&text[colon..], 40).trim_start_matches([':', '：']);
    let next = after.chars().next();
    next.is_some_and(|c| c != '\n') && !after.trim().is_empty()
}
