//! Which sentences say who won, bid or lost? Lines that begin with a company's name, and names in the
//! sections on losers and on the evaluation.

use super::{Claim, Claims, Role, apply};
use crate::evidence::Span;
use crate::extract::Layout;
use crate::extract::grids::Grid;
use crate::extract::names::{self, Names};
use crate::extract::values::amount::{self, AmountHint, Reading};
use crate::model::Document;
use crate::rulebook::Rulebook;
use crate::rulebook::units::EndingStrength;

/// Lines of an award section that begin with a company's name: 某有限公司，总价355000.00元。
pub(super) fn from_award_lines(layout: &Layout, grids: &[Grid], rules: &Rulebook, out: &mut Claims) {
    let document = layout.document;
    for section in layout.sections.iter().filter(|s| matches!(s.kind.as_deref(), Some("award"))) {
        if grids.iter().any(|g| g.at.overlaps(&section.body)) {
            continue;
        }
        for line in lines(document, section.body) {
            let Some(claim) = award_line(layout, line, rules, out) else { continue };
            out.claims.push(claim);
        }
    }
}

/// Names in the sentences of sections on losers and on the evaluation: `某公司：得分偏低；某公司（90.1）`.
pub(super) fn from_prose(layout: &Layout, grids: &[Grid], rules: &Rulebook, out: &mut Claims) {
    for section in &layout.sections {
        let role = match section.kind.as_deref() {
            Some("losers") => Role::Loser,
            Some("evaluation") => Role::Bidder,
            _ => continue,
        };
        let text = layout.document.slice(section.body);
        for (start, end) in clauses(text) {
            // Behind a comma a sentence goes on, and may run into the next name: 按无效处理某公司：
            let goes_on = text[..start].ends_with(['，', ',']);
            let begins = if goes_on { name_run_into(text, start, end, rules) } else { Some(start) };
            let Some(start) = begins else { continue };
            let at = Span::new(section.body.doc, section.body.start + start, section.body.start + end);
            if grids.iter().any(|g| g.at.overlaps(&at))
                || crate::extract::grids::is_organisation(&text[start..end], rules) != Some(EndingStrength::Strong)
            {
                continue;
            }
            let Names { names, .. } = names::read(layout.document, at, &"outcome/named-in-section".into(), rules);
            if !names.is_empty() {
                out.claims.push(Claim {
                    role,
                    lot: layout.lot_at(at.start).map(str::to_string),
                    names,
                    amount: None,
                    note: None,
                    rank: None,
                    at: at.start,
                    source: 2,
                });
            }
        }
    }
}

/// Characters of the longest name that is taken out of a running sentence.
const LONGEST_RUN_INTO: usize = 24;

/// Where the name begins that a sentence runs into before a colon: at the first place from which on the
/// rest reads as a company's name and is short enough to be nothing else.
fn name_run_into(text: &str, start: usize, end: usize, rules: &Rulebook) -> Option<usize> {
    let clause = &text[start..end];
    if !text[end..].starts_with(['：', ':']) {
        return None;
    }
    let folded = rules.folder.squeeze(clause);
    let begins = |at: usize| {
        let name = &folded.text[at..];
        name.chars().count() <= LONGEST_RUN_INTO && crate::extract::grids::is_organisation(name, rules) == Some(EndingStrength::Strong)
    };
    let at = rules.regions.words_in(&folded.text).map(|(at, ..)| at).find(|at| *at > 0 && begins(*at))?;
    Some(start + folded.source_of(at))
}

/// Stretches between stops, colons, brackets and white space.
fn clauses(text: &str) -> Vec<(usize, usize)> {
    const LONGEST: usize = 120;
    let mut out = Vec::new();
    let mut start = 0;
    let stop =
        |c: char| matches!(c, '，' | ',' | '。' | '；' | ';' | '：' | ':' | '、' | '\n' | '\t' | '(' | ')' | '）') || c.is_whitespace();
    let mut opened = 0usize;
    for (at, c) in text.char_indices() {
        if c == '（' {
            opened += 1;
            // 示例（北京）科技有限公司 goes on behind its bracket, 某公司（93.94） does not.
            if text[at..].chars().nth(1).is_some_and(|c| c.is_ascii_digit()) {
                out.push((start, at));
                start = at + c.len_utf8();
            }
        } else if c == '）' && opened > 0 && !text[start..at].is_empty() && text[start..at].contains('（') {
            opened -= 1;
        } else if stop(c) {
            out.push((start, at));
            start = at + c.len_utf8();
        }
    }
    out.push((start, text.len()));
    out.retain(|(s, e)| s < e && e - s <= LONGEST);
    out
}

fn award_line(layout: &Layout, line: Span, rules: &Rulebook, out: &mut Claims) -> Option<Claim> {
    let text = layout.document.slice(line);
    let stop = text.find(['，', ',', '。', '；', ';', ' ', '\u{3000}', '\t']).unwrap_or(text.len());
    let head = Span::new(line.doc, line.start, line.start + stop);
    let strong = crate::extract::grids::is_organisation(layout.document.slice(head), rules)?;
    if strong != EndingStrength::Strong {
        return None;
    }
    let Names { names, .. } = names::read(layout.document, head, &"outcome/award-line".into(), rules);
    let mut claim = Claim {
        role: Role::Winner,
        lot: layout.lot_at(line.start).map(str::to_string),
        names,
        amount: None,
        note: None,
        rank: None,
        at: line.start,
        source: 1,
    };
    let rest = Span::new(line.doc, head.end, line.end);
    if let reading @ Reading::Money(_) = amount::read(layout.document.slice(rest), &AmountHint::default(), rules) {
        apply(layout, &mut claim, rest, reading, &mut out.gaps);
    }
    Some(claim)
}

fn lines(document: &Document, span: Span) -> Vec<Span> {
    let mut out = Vec::new();
    let mut at = span.start;
    for line in document.slice(span).split('\n') {
        let start = at + line.len() - line.trim_start().len();
        let end = start + line.trim().len();
        if start < end {
            out.push(document.span(start, end));
        }
        at += line.len() + 1;
    }
    out
}
