//! Small pieces of the page: Chinese text, quotes with the mention marked, tables that are capped.

use super::super::{mask, say};
use crate::assemble::{Passage, Translated};
use crate::rulebook::Rulebook;
use maud::{Markup, html};
use std::collections::BTreeSet;

/// Text, marked as Chinese where it holds Han characters.
pub fn zh(text: &str) -> Markup {
    if is_han(text) {
        html! { span lang="zh" { (text) } }
    } else {
        html! { (text) }
    }
}

/// A name with its gloss in English behind it.
pub fn named(text: &str, rules: &Rulebook) -> Markup {
    html! { (zh(text)) @if let Some(said) = say::gloss(text, rules) { " " span.gloss title="machine gloss: a glossary’s words, and the sound of the rest" { (said) } } }
}

/// A sentence in English with Chinese names in it: each name marked as Chinese.
pub fn mixed(text: &str) -> Markup {
    let mut runs: Vec<(bool, String)> = Vec::new();
    for c in text.chars() {
        let han = is_han(c.encode_utf8(&mut [0; 4]));
        match runs.last_mut() {
            Some((last, run)) if *last == han => run.push(c),
            _ => runs.push((han, c.to_string())),
        }
    }
    html! { @for (han, run) in &runs { @if *han { span lang="zh" { (run) } } @else { (run) } } }
}

pub fn is_han(text: &str) -> bool {
    text.chars().any(|c| ('\u{3400}'..='\u{9FFF}').contains(&c))
}

/// Rows shown of a table before the rest is only counted.
pub const ROWS: usize = 60;

/// A column: its head, and whether it holds numbers.
pub struct Column(pub &'static str, pub Align);

#[derive(Clone, Copy, PartialEq)]
pub enum Align {
    Text,
    Number,
}

/// A table with a caption; the first column heads its row; rows beyond `most` are counted.
pub fn table(caption: &str, columns: &[Column], rows: &[Vec<Markup>], most: usize) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(caption) {
            table {
                caption { (caption) }
                thead { tr { @for column in columns { th scope="col" class=[number(column)] { (column.0) } } } }
                tbody {
                    @for row in rows.iter().take(most) {
                        tr {
                            @for (at, (cell, column)) in row.iter().zip(columns).enumerate() {
                                @if at == 0 { th scope="row" { (cell) } } @else { td class=[number(column)] { (cell) } }
                            }
                        }
                    }
                }
            }
        }
        @if rows.len() > most { p.note { "… and " (say::count(rows.len() - most)) " more rows; the CSV export has all of them." } }
    }
}

fn number(column: &Column) -> Option<&'static str> {
    (column.1 == Align::Number).then_some("n")
}

/// A number as a cell; nothing is a point.
pub fn cell(number: usize) -> Markup {
    if number == 0 {
        html! { span.soft { "·" } }
    } else {
        html! { (say::count(number)) }
    }
}

/// A person's translation, its contacts withheld before.
pub fn translation(said: &Translated) -> Markup {
    html! { p.translation { span.soft { "Translated by a person, " (said.on) ": " } "“" (said.text) "”" } }
}

/// What stands in English beside a Chinese text; a machine's words never look like a translation.
pub fn english(said: &say::English) -> Markup {
    match said {
        say::English::Human(said) => translation(said),
        say::English::MachineGloss(words) => {
            html! { p.note { "Single words by machine, no translation: " span.gloss { (words) } } }
        }
    }
}

/// Most bytes of a passage that are shown.
const LONGEST: usize = 1800;

/// A quote in its surroundings: the quoted stretch marked, contacts withheld.
pub fn quote(passage: &Passage, rules: &Rulebook) -> Markup {
    let withheld = mask::withheld(&passage.text, &rules.report.masks);
    let end = (0..=passage.text.len().min(LONGEST)).rev().find(|i| passage.text.is_char_boundary(*i)).unwrap_or(0);
    let mut cuts: BTreeSet<usize> = passage.marks.iter().flat_map(|(a, b)| [*a, *b]).filter(|c| *c < end).collect();
    cuts.extend(withheld.iter().flat_map(|w| [w.start, w.end]).filter(|c| *c < end));
    cuts.extend([0, end]);
    let cuts: Vec<usize> = cuts.into_iter().collect();
    html! {
        blockquote { p lang="zh" {
            @if passage.cut.0 { span.soft { "…" } }
            @for (from, to) in cuts.windows(2).map(|w| (w[0], w[1])) {
                @match withheld.iter().find(|w| w.start <= from && to <= w.end) {
                    Some(held) => { @if held.start == from { span.held lang="en" { (held.shown) } } }
                    None => {
                        @if passage.marks.iter().any(|(a, b)| *a <= from && to <= *b) { mark { (cells(&passage.text[from..to])) } }
                        @else { (cells(&passage.text[from..to])) }
                    }
                }
            }
            @if passage.cut.1 || end < passage.text.len() { span.soft { "…" } }
        } }
    }
}

/// Borders between cells become a thin line that is not read aloud.
fn cells(text: &str) -> Markup {
    let parts: Vec<&str> = text.split(['\t', '\n']).collect();
    html! {
        @for (at, part) in parts.iter().enumerate() {
            @if at > 0 && !part.trim().is_empty() { span.bar aria-hidden="true" { "│" } }
            (part)
        }
    }
}
