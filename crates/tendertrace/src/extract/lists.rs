//! How many goods share a row? A cell may list them by lines, stops or numbers (`1、甲；2、乙`); the
//! columns beside it must list as many, or say that there is one of each.

use super::Layout;
use super::grids::{Grid, Row};
use super::values::amount::{self, Reading};
use super::values::number;
use crate::evidence::Span;
use crate::rulebook::Rulebook;
use crate::rulebook::units::Means;

/// Where the pieces of one good stand; None where its cell is empty.
#[derive(Default, Clone)]
pub struct Good {
    pub name: Option<Span>,
    pub brand: Option<Span>,
    pub model: Option<Span>,
    pub quantity: Option<Span>,
    pub unit: Option<Span>,
    pub unit_price: Option<Span>,
    pub line_total: Option<Span>,
}

const PARALLEL: &[&str] = &["brand", "model", "brand_model", "quantity", "unit", "unit_price", "line_total"];
/// Columns whose lists can be told from text with commas in it: every entry is a number.
const COUNTED: &[&str] = &["quantity", "unit_price", "line_total"];
/// Divide entries wherever they stand.
const USUAL: &[&[char]] = &[&['\n'], &['；', ';']];
/// Divide entries only where another column counts as many.
const DOUBTFUL: &[&[char]] = &[&['、'], &['/'], &[',', '，']];

/// One good for each place of the lists in a row; one for the row where the lists do not agree.
pub fn goods(layout: &Layout, grid: &Grid, row: &Row, name_field: &str, rules: &Rulebook) -> Vec<Good> {
    let Some(name) = grid.column(name_field) else { return Vec::new() };
    let names = names(layout, grid, row, name, rules);
    if names.len() > 1 && agreed(layout, grid, row, names.len(), rules) {
        return (0..names.len()).map(|n| nth(layout, grid, row, names[n], n, names.len(), rules)).collect();
    }
    let present = |at: &Span| amount::absent(layout.document.slice(*at), rules).is_none();
    let whole = |field: &str| grid.cell(row, field).filter(present);
    let Some(at) = row.whole(name).filter(present) else { return Vec::new() };
    vec![Good {
        name: Some(at),
        brand: whole("brand").or_else(|| whole("maker").filter(|_| !grid.has("brand"))),
        model: whole("model").or_else(|| whole("brand_model")),
        quantity: whole("quantity"),
        unit: whole("unit"),
        unit_price: whole("unit_price"),
        line_total: whole("line_total"),
    }]
}

/// The names in a cell: by lines, semicolons or numbers; by commas and slashes only where a column of
/// numbers divides into as many.
fn names(layout: &Layout, grid: &Grid, row: &Row, column: usize, rules: &Rulebook) -> Vec<Span> {
    let usual = list(layout, grid, row, column, None, rules);
    if usual.len() != 1 {
        return usual;
    }
    let counted = |count: usize| {
        COUNTED.iter().filter_map(|field| grid.column(field)).any(|index| {
            let entries = list(layout, grid, row, index, Some(count), rules);
            entries.len() == count && entries.iter().all(|at| is_number(layout, *at, rules))
        })
    };
    let parts = DOUBTFUL.iter().map(|separators| split(layout, usual[0], separators));
    parts.into_iter().find(|parts| parts.len() > 1 && counted(parts.len())).unwrap_or(usual)
}

fn is_number(layout: &Layout, at: Span, rules: &Rulebook) -> bool {
    let text = layout.document.slice(at);
    number::quantity(text, rules).is_some() || matches!(amount::read(text, &amount::AmountHint::default(), rules), Reading::Money(_))
}

/// Whether the columns beside `count` names list as many, or say that there is one of each; none may
/// list another number.
fn agreed(layout: &Layout, grid: &Grid, row: &Row, count: usize, rules: &Rulebook) -> bool {
    let columns = || PARALLEL.iter().filter_map(|field| Some((*field, grid.column(field)?)));
    let clash = columns().any(|(_, index)| ![1, 0, count].contains(&list(layout, grid, row, index, Some(count), rules).len()));
    // A slash in one model divides nothing: only numbers, or two columns, speak for doubtful lists.
    let plain = columns().any(|(_, index)| list(layout, grid, row, index, None, rules).len() == count);
    let agreeing: Vec<&str> =
        columns().filter(|(_, index)| list(layout, grid, row, *index, Some(count), rules).len() == count).map(|(field, _)| field).collect();
    let spoken = plain || agreeing.len() >= 2 || agreeing.iter().any(|field| COUNTED.contains(field));
    !clash && (spoken || each(layout, grid, row, rules).is_some())
}

/// `各一台`: the quantity of each good, without the word that says so.
fn each(layout: &Layout, grid: &Grid, row: &Row, rules: &Rulebook) -> Option<Span> {
    let at = grid.cell(row, "quantity")?;
    let text = layout.document.slice(at);
    let (length, _) = rules.units.inside.at_start(text).filter(|(_, word)| word.means == Means::Each)?;
    Some(Span::new(at.doc, at.start + length, at.end))
}

fn nth(layout: &Layout, grid: &Grid, row: &Row, name: Span, n: usize, count: usize, rules: &Rulebook) -> Good {
    let of = |field: &str| {
        let column = grid.column(field)?;
        let found = list(layout, grid, row, column, Some(count), rules);
        // One value for all goods is each one's own only for brand and unit.
        if found.len() == count {
            found.get(n).copied()
        } else {
            found.first().copied().filter(|_| found.len() == 1 && matches!(field, "brand" | "unit"))
        }
    };
    Good {
        name: Some(name),
        brand: of("brand").or_else(|| of("maker").filter(|_| !grid.has("brand"))),
        model: of("model").or_else(|| of("brand_model")),
        quantity: of("quantity").or_else(|| each(layout, grid, row, rules)),
        unit: of("unit"),
        unit_price: of("unit_price"),
        line_total: of("line_total"),
    }
}

/// The entries of a cell: numbered ones, its pieces, or its parts between stops or lines. With `count`
/// the first way to cut that gives so many, doubtful separators included.
fn list(layout: &Layout, grid: &Grid, row: &Row, column: usize, count: Option<usize>, rules: &Rulebook) -> Vec<Span> {
    let Some(whole) = row.whole(column) else { return Vec::new() };
    let fits = |parts: &Vec<Span>| parts.len() > 1 && count.is_none_or(|c| c == parts.len());
    let pieces: Vec<Span> = row.cells.get(column).into_iter().flatten().map(|piece| without_stop(layout, *piece)).collect();
    // ￥2,650,000.00 is one sum, no list of three; models in digits (3046，3050) are a list.
    let counted = grid.columns[column].field.as_deref().is_some_and(|field| COUNTED.contains(&field));
    let one_sum = counted && is_number(layout, whole, rules);
    let doubtful = if count.is_some() && !one_sum { DOUBTFUL } else { &[] };
    let cuts = USUAL.iter().chain(doubtful).map(|separators| split(layout, whole, separators));
    let mut ways = [numbered(layout, whole), pieces.clone()].into_iter().chain(cuts);
    ways.find(fits).unwrap_or_else(|| if pieces.len() > 1 { pieces } else { vec![whole] })
}

/// `1、甲；2、乙`: entries whose numbers count from one, without these.
fn numbered(layout: &Layout, whole: Span) -> Vec<Span> {
    let text = layout.document.slice(whole);
    let mut marks: Vec<(usize, usize)> = Vec::new();
    let mut from = 0;
    while let Some((start, body)) = mark(text, from, marks.len() + 1).filter(|(start, _)| *start == 0 || !marks.is_empty()) {
        marks.push((start, body));
        from = body;
    }
    let end = |n: usize| marks.get(n + 1).map_or(text.len(), |next| next.0);
    let entry = |n: usize| {
        let inside = &text[marks[n].1..end(n)];
        let start = whole.start + marks[n].1 + inside.len() - inside.trim_start().len();
        without_stop(layout, Span::new(whole.doc, start, start + inside.trim().len()))
    };
    if marks.len() < 2 { Vec::new() } else { (0..marks.len()).map(entry).collect() }
}

/// Where `n、` or `n）` stands from `from` on, behind a stop or white space, and where its text begins.
fn mark(text: &str, from: usize, n: usize) -> Option<(usize, usize)> {
    let digits = n.to_string();
    text[from..].match_indices(&digits).map(|(at, _)| from + at).find_map(|at| {
        let free = at == 0 || text[..at].ends_with(|c: char| c.is_whitespace() || "；;。，,、".contains(c));
        let rest = &text[at + digits.len()..];
        let sign = rest.chars().next().filter(|c| matches!(c, '、' | '）' | ')' | '.' | '．'))?;
        let behind = &rest[sign.len_utf8()..];
        let decimal = sign == '.' && behind.starts_with(|c: char| c.is_ascii_digit());
        (free && !decimal && !behind.trim().is_empty()).then_some((at, at + digits.len() + sign.len_utf8()))
    })
}

/// An entry of a list without the stop that divides it from the next.
fn without_stop(layout: &Layout, at: Span) -> Span {
    let kept = layout.document.slice(at).trim_end_matches([';', '；', '、', '，', '。']).trim_end().len();
    if kept == 0 { at } else { Span::new(at.doc, at.start, at.start + kept) }
}

fn split(layout: &Layout, whole: Span, separators: &[char]) -> Vec<Span> {
    let text = layout.document.slice(whole);
    let mut out = Vec::new();
    let mut at = whole.start;
    for part in text.split(separators) {
        let start = at + part.len() - part.trim_start().len();
        let end = start + part.trim().len();
        if start < end {
            out.push(without_stop(layout, layout.document.span(start, end)));
        }
        at += part.len() + text[at - whole.start + part.len()..].chars().next().map_or(0, char::len_utf8);
    }
    out
}
