//! Of what does a value consist? Numbers, numbers in words, units, currencies and telling words of
//! a short text, in order, with their places in the text as written.

use super::{capitals, number};
use crate::rulebook::Rulebook;
use crate::rulebook::units::{Currency, Unit, Word};
use crate::script::Folded;
use rust_decimal::Decimal;

/// One piece of a value; `start..end` are bytes of the text as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Token<'r> {
    pub kind: Kind<'r>,
    pub start: usize,
    pub end: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Kind<'r> {
    /// None: digits that make no number (two decimal points).
    Number(Option<Decimal>),
    /// Formal numerals, or everyday ones with a scale or unit; None: they do not add up.
    Words(Option<Decimal>),
    Unit(&'r Unit),
    Currency(&'r Currency),
    Word(&'r Word),
    Slash,
    /// White space, brackets, colons: may stand between a number and its unit.
    Glue,
    /// Anything else, one character.
    Other(char),
}

/// The tokens of `text`.
pub fn tokens<'r>(text: &str, rules: &'r Rulebook) -> Vec<Token<'r>> {
    let folded = rules.folder.fold(text);
    let mut out: Vec<Token<'r>> = Vec::new();
    let mut at = 0;
    while at < folded.text.len() {
        let (length, kind) = next(&folded, at, out.last().map(|t| &t.kind), rules);
        let (start, end) = folded.source_range(at, at + length);
        out.push(Token { kind, start, end });
        at += length;
    }
    out
}

fn next<'r>(folded: &Folded, at: usize, before: Option<&Kind>, rules: &'r Rulebook) -> (usize, Kind<'r>) {
    let text = &folded.text[at..];
    let first = text.chars().next().unwrap_or(' ');
    if first.is_ascii_digit() {
        return number::scan(text).map_or((1, Kind::Other(first)), |(length, value)| (length, Kind::Number(value)));
    }
    let after_number =
        matches!(before, Some(Kind::Number(_) | Kind::Words(_) | Kind::Glue | Kind::Slash | Kind::Unit(_) | Kind::Currency(_)));
    if !matches!(before, Some(Kind::Number(_)))
        && let Some(found) = words(text, rules)
    {
        return found;
    }
    let word = rules.units.inside.at_start(text);
    // 单 counts, 单位 does not.
    let unit = rules.units.units.at_start(text).filter(|(length, _)| after_number && word.is_none_or(|(longer, _)| longer <= *length));
    if let Some((length, unit)) = unit {
        return (length, Kind::Unit(unit));
    }
    if let Some((length, word)) = word {
        return (length, Kind::Word(word));
    }
    if let Some((length, currency)) = rules.units.currencies.at_start(text) {
        return (length, Kind::Currency(currency));
    }
    let kind = match first {
        '/' => Kind::Slash,
        c if c.is_whitespace() || "()[]【】〔〕「」:：".contains(c) => Kind::Glue,
        c => Kind::Other(c),
    };
    (first.len_utf8(), kind)
}

/// A number in words: enough of it that it cannot be part of an ordinary word.
fn words<'r>(text: &str, rules: &Rulebook) -> Option<(usize, Kind<'r>)> {
    let length = capitals::run(text, rules);
    let run = &text[..length];
    let is_unit = rules.units.units.at_start(run).is_some_and(|(n, _)| n == length);
    if length == 0 || is_unit {
        return None;
    }
    let value = capitals::value(run, rules);
    let counted = || text[length..].is_empty() || rules.units.units.at_start(&text[length..]).is_some();
    let known = capitals::is_formal(run, rules) || value.is_some() && (capitals::names_money(run, rules) || counted());
    known.then_some((length, Kind::Words(value)))
}
