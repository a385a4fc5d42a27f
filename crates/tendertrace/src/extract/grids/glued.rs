//! How is a row cut whose cells run together? By what cannot be anything else (row numbers, sums
//! with two decimals, ends of company names, credit codes), and by arithmetic where digits touch.

use super::fit::is_credit_code;
use super::{Column, Grid, Row, mall, unsolved};
use crate::evidence::{Gap, Span};
use crate::extract::Layout;
use crate::extract::values::amount::{self, AmountHint};
use crate::extract::values::number;
use crate::model::Document;
use crate::rulebook::Rulebook;
use crate::rulebook::units::{EndingStrength, UnitKind};
use rust_decimal::Decimal;

/// Solves the rows behind headings that run together.
#[allow(clippy::too_many_arguments)]
pub fn solve(
    layout: &Layout,
    start: usize,
    from: usize,
    stop: usize,
    columns: &[Column],
    rules: &Rulebook,
    found: &mut Vec<Grid>,
    gaps: &mut Vec<Gap>,
) {
    let document = layout.document;
    let sums = known_sums(layout, found, rules);
    let body = Body { text: &document.text[..stop], columns, rules };
    let mut rows = Vec::new();
    let mut at = skip_white(body.text, from);
    while let Some((cells, next)) = body.row(at, rows.len() as u32 + 1, &sums) {
        let cells = cells.into_iter().map(|c| c.map(|(s, e)| document.span(s, e)).into_iter().collect()).collect();
        rows.push(Row { at: document.span(at, next), cells, title: None });
        if next <= at || rows.len() > 500 {
            break;
        }
        at = skip_white(body.text, next);
    }
    if rows.is_empty()
        && let Some((cells, next)) = body.named(skip_white(body.text, from))
    {
        if !document.text[next..stop].trim().is_empty() {
            gaps.push(unsolved(document, next, stop, "cells run together and nothing confirms where one ends"));
        }
        let cells = cells.into_iter().map(|c| c.map(|(s, e)| document.span(s, e)).into_iter().collect()).collect();
        rows.push(Row { at: document.span(from, next), cells, title: None });
    }
    let open = rows.last().map_or(from, |r: &Row| r.at.end);
    if !document.text[open..stop].trim().is_empty()
        && let Some(order) = mall_columns(columns)
    {
        let goods = mall::goods(body.text, skip_white(body.text, from), stop, &sums, rules);
        rows = goods.map_or(rows, |goods| goods.iter().map(|good| mall_row(document, columns.len(), &order, good)).collect());
    }
    let end = rows.last().map(|r: &Row| r.at.end);
    match end {
        Some(end) => found.push(Grid {
            columns: columns.to_vec(),
            rows,
            at: document.span(start, end),
            lot: None,
            title: None,
            proof: "grids/glued".into(),
        }),
        None if at < stop => gaps.push(unsolved(document, start, stop, "cells run together and nothing confirms where one ends")),
        None => {}
    }
}

/// Places of name, brand, count, price and model, where the headings stand in this order.
fn mall_columns(columns: &[Column]) -> Option<[usize; 5]> {
    let of = |field: &str| columns.iter().position(|c| c.field.as_deref() == Some(field));
    let order = [of("item_name")?, of("brand")?, of("quantity")?, of("unit_price")?, of("model")?];
    let numbered = columns[0].field.as_deref() == Some("row_number");
    (numbered && order.windows(2).all(|w| w[0] + 1 == w[1]) && order[4] + 1 == columns.len()).then_some(order)
}

fn mall_row(document: &Document, width: usize, order: &[usize; 5], good: &mall::Good) -> Row {
    let mut cells = vec![Vec::new(); width];
    let end = good.model.unwrap_or(good.unit_price).1;
    for (index, cut) in order.iter().zip([Some(good.name), Some(good.brand), Some(good.quantity), Some(good.unit_price), good.model]) {
        cells[*index] = cut.map(|(start, end)| document.span(start, end)).into_iter().collect();
    }
    Row { at: document.span(good.name.0, end), cells, title: None }
}

/// Sums that arithmetic may confirm: those of earlier grids and of labels.
fn known_sums(layout: &Layout, found: &[Grid], rules: &Rulebook) -> Vec<Decimal> {
    let text = &layout.document.text;
    let mut sums = Vec::new();
    let mut add = |span: Span, hint: &AmountHint| {
        if let Some(stated) = amount::read(&text[span.start..span.end], hint, rules).money() {
            sums.push(stated.money.amount);
        }
    };
    for grid in found {
        for (index, column) in grid.columns.iter().enumerate().filter(|(_, c)| matches!(c.field.as_deref(), Some("amount" | "line_total")))
        {
            grid.rows.iter().filter_map(|row| row.whole(index)).for_each(|cell| add(cell, &column.hint));
        }
    }
    for pair in layout.of_field("amount") {
        add(pair.value, &amount::hint(&text[pair.label.start..pair.label.end], rules));
    }
    sums
}

fn skip_white(text: &str, at: usize) -> usize {
    at + text[at..].len() - text[at..].trim_start().len()
}

type Cut = Option<(usize, usize)>;

struct Body<'a> {
    text: &'a str,
    columns: &'a [Column],
    rules: &'a Rulebook,
}

/// Longest text of free columns before the next anchor, in bytes.
const LONGEST_FREE: usize = 900;
/// Columns that all ways to cut a row must agree on.
const TOLD_APART: &[&str] = &["quantity", "unit_price", "amount", "line_total", "supplier", "candidate", "bidder"];
/// Ways to cut one row that are tried.
const MOST_WAYS: usize = 200;

impl Body<'_> {
    /// Row `number` at `at`: its cells and where it ends; None where no single way to cut it is confirmed.
    fn row(&self, at: usize, number: u32, sums: &[Decimal]) -> Option<(Vec<Cut>, usize)> {
        let mut ways = Vec::new();
        self.cut(0, at, number, &mut vec![None; self.columns.len()], &mut ways);
        let numbers = |way: &Vec<Cut>| (self.value(way, "quantity"), self.value(way, "unit_price"));
        let proven = |way: &&Vec<Cut>| matches!(numbers(way), (Some(q), Some(p)) if sums.iter().any(|s| *s == q * p || *s == p));
        let line = |way: &Vec<Cut>| self.value(way, "line_total").or_else(|| self.value(way, "amount"));
        let exact = |way: &&Vec<Cut>| matches!(numbers(way), (Some(q), Some(p)) if line(way).is_some_and(|l| l == q * p) || sums.iter().any(|s| *s == q * p));
        let way = match ways.iter().find(exact).or_else(|| ways.iter().find(proven)) {
            Some(way) => way.clone(),
            None if self.alone(&ways) => ways[0].clone(),
            None => return None,
        };
        Some(self.finish(at, way, number + 1))
    }

    /// Only the bidder of a row that cannot be cut further: its name stands first, or behind the row
    /// number, and has its own end.
    fn named(&self, at: usize) -> Option<(Vec<Cut>, usize)> {
        let first = usize::from(self.columns.first()?.field.as_deref() == Some("row_number"));
        let is_bidder = self.columns.get(first)?.field.as_deref().is_some_and(|f| super::BIDDERS.contains(&f));
        let start = if first == 1 { at + row_number(&self.text[at..], 1).first()? } else { at };
        let start = skip_white(self.text, start);
        let end = start + supplier(&self.text[start..], self.rules).first().filter(|_| is_bidder)?;
        let mut way = vec![None; self.columns.len()];
        way[first] = Some((start, end));
        Some((way, end))
    }

    /// Whether a row with this number can be cut from `at` on.
    fn starts_row(&self, at: usize, number: u32) -> bool {
        let mut ways = Vec::new();
        self.cut(0, at, number, &mut vec![None; self.columns.len()], &mut ways);
        !ways.is_empty()
    }

    /// Whether the ways do not differ in any number, and something other than a number anchors them.
    fn alone(&self, ways: &[Vec<Cut>]) -> bool {
        let numeric = |way: &Vec<Cut>| -> Vec<Cut> {
            self.columns
                .iter()
                .zip(way)
                .filter(|(c, _)| c.field.as_deref().is_some_and(|f| TOLD_APART.contains(&f)))
                .map(|(_, cut)| *cut)
                .collect()
        };
        let Some(first) = ways.first() else { return false };
        let anchored = self
            .columns
            .iter()
            .zip(first)
            .any(|(c, cut)| cut.is_some() && matches!(c.field.as_deref(), Some("supplier" | "candidate" | "bidder" | "credit_code")));
        (anchored || self.columns.iter().all(|c| c.field.as_deref() != Some("quantity")))
            && ways.iter().all(|way| numeric(way) == numeric(first))
    }

    fn value(&self, way: &[Cut], field: &str) -> Option<Decimal> {
        let index = self.columns.iter().position(|c| c.field.as_deref() == Some(field))?;
        let (start, end) = way[index]?;
        let written = &self.text[start..end];
        if field == "quantity" {
            return number::quantity(written, self.rules).map(|q| q.value);
        }
        amount::read(written, &self.columns[index].hint, self.rules).money().map(|s| s.money.amount)
    }

    /// Tries every place of the next anchored column from `at` on; free columns before it take the rest.
    fn cut(&self, index: usize, at: usize, number: u32, way: &mut Vec<Cut>, ways: &mut Vec<Vec<Cut>>) {
        let Some(anchor) = (index..self.columns.len()).find(|i| is_anchor(self.columns[*i].field.as_deref())) else {
            ways.push(way.clone());
            return;
        };
        let free = anchor - index;
        let places = self.places(anchor, at, free > 0, number);
        if places.is_empty() && self.columns[anchor].field.as_deref() == Some("credit_code") {
            return self.cut(anchor + 1, at, number, way, ways);
        }
        for (start, end) in places {
            if ways.len() >= MOST_WAYS {
                return;
            }
            if free == 1 && at < start {
                way[index] = trimmed(self.text, at, start);
            } else if free == 2 {
                way[index] = self.before_a_blank(at, start);
            }
            way[anchor] = Some((start, end));
            self.cut(anchor + 1, skip_white(self.text, end), number, way, ways);
            way[anchor] = None;
            if free == 1 || free == 2 {
                way[index] = None;
            }
        }
    }

    /// The first of two free cells, where the second says that it is empty: `被服洗涤/`.
    fn before_a_blank(&self, at: usize, start: usize) -> Cut {
        let (from, to) = trimmed(self.text, at, start)?;
        let last = self.text[from..to].chars().next_back()?;
        let blank = amount::absent(&last.to_string(), self.rules).is_some();
        if blank { trimmed(self.text, from, to - last.len_utf8()) } else { None }
    }

    /// Where the column may stand: at `at`, or behind free text.
    fn places(&self, index: usize, at: usize, free: bool, number: u32) -> Vec<(usize, usize)> {
        let window = &self.text[at..limit(self.text, at + LONGEST_FREE)];
        let field = self.columns[index].field.as_deref().unwrap_or_default();
        let starts: Vec<usize> = if free { window.char_indices().map(|(i, _)| i).collect() } else { vec![0] };
        let mut out = Vec::new();
        for start in starts {
            let here = &window[start..];
            let ends = match field {
                "row_number" => row_number(here, number),
                "quantity" => quantity(here, window, start),
                "unit_price" | "amount" | "line_total" => {
                    money(here, window, start).into_iter().map(|end| end + money_unit(&here[end..], self.rules)).collect()
                }
                "supplier" | "candidate" | "bidder" => supplier(here, self.rules),
                _ => credit_code(here),
            };
            out.extend(ends.into_iter().map(|end| (at + start, at + start + end)));
            if out.len() > 12 {
                break;
            }
        }
        out
    }

    /// Fills the free columns that repetition or the end of the row shows.
    fn finish(&self, at: usize, mut way: Vec<Cut>, next: u32) -> (Vec<Cut>, usize) {
        let last = way.iter().rposition(Option::is_some).unwrap_or(0);
        let mut end = way[last].map_or(at, |c| c.1);
        let tail: Vec<usize> = (last + 1..way.len()).collect();
        let rest = trimmed(self.text, end, self.row_end(end, next));
        let told = tail.len() == 1 && self.columns[tail[0]].field.as_deref() != Some("remark");
        if told && rest.is_some() {
            way[tail[0]] = rest;
            end = rest.map_or(end, |r| r.1);
        }
        self.split_name_and_brand(&mut way, at);
        (way, end)
    }

    /// The row goes on to where the next one can begin, to the end of the line or of the text.
    fn row_end(&self, from: usize, next: u32) -> usize {
        let line = self.text[from..].find('\n').map_or(self.text.len(), |n| from + n);
        let reach = limit(self.text, line.min(from + LONGEST_FREE));
        let number = next.to_string();
        let digit_before = |at: usize| self.text[..at].ends_with(|c: char| c.is_ascii_digit());
        let begins = self.text[from..reach].match_indices(&number).map(|(at, _)| from + at);
        begins.filter(|at| !digit_before(*at)).take(20).find(|at| self.starts_row(*at, next)).unwrap_or(line)
    }

    /// `话筒 HT-77L` + `图森`: the name repeats the model at its end, or the brand at its beginning.
    fn split_name_and_brand(&self, way: &mut [Cut], row: usize) {
        let of = |field: &str| self.columns.iter().position(|c| c.field.as_deref() == Some(field));
        let (Some(name), Some(brand)) = (of("item_name"), of("brand")) else { return };
        if brand != name + 1 || way[name].is_some() || way[brand].is_some() {
            return;
        }
        let start = way[..name].iter().flatten().map(|c| c.1).max().unwrap_or(row);
        let Some(end) = way[brand..].iter().flatten().map(|c| c.0).min() else { return };
        let Some((start, end)) = trimmed(self.text, start, end) else { return };
        let joined = &self.text[start..end];
        let model = of("model").and_then(|i| way[i]).map(|(s, e)| &self.text[s..e]);
        let cut = model.and_then(|m| mall::past(joined, m, self.rules)).or_else(|| mall::repeated_start(joined));
        if let Some(cut) = cut {
            way[name] = trimmed(self.text, start, start + cut);
            way[brand] = trimmed(self.text, start + cut, end);
        }
    }
}

fn is_anchor(field: Option<&str>) -> bool {
    matches!(
        field,
        Some("row_number" | "quantity" | "unit_price" | "amount" | "line_total" | "supplier" | "candidate" | "bidder" | "credit_code")
    )
}

fn limit(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn trimmed(text: &str, start: usize, end: usize) -> Cut {
    let inside = &text[start..end];
    let from = start + inside.len() - inside.trim_start().len();
    let to = from + inside.trim().len();
    (from < to).then_some((from, to))
}

fn row_number(here: &str, number: u32) -> Vec<usize> {
    let digits = number.to_string();
    here.starts_with(&digits).then_some(digits.len()).into_iter().collect()
}

/// Leading digits of a run, all ways to cut them before a rest that is still a number.
fn quantity(here: &str, window: &str, start: usize) -> Vec<usize> {
    if window[..start].ends_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',') || here.starts_with('0') {
        return Vec::new();
    }
    let run = here.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &here[run..];
    let inside = (1..run).filter(|cut| !here[*cut..].starts_with('0') || here[*cut..].starts_with("0."));
    let whole = (run > 0 && !rest.starts_with('.')).then_some(run);
    let with_unit = (run > 0 && run <= 6).then(|| unit_behind(rest)).flatten().map(|unit| run + unit);
    with_unit.into_iter().chain(inside.chain(whole).filter(|cut| *cut <= 6)).collect()
}

/// `(项)` right behind a number.
fn unit_behind(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix(['(', '（'])?;
    let (at, close) = inside.char_indices().take(5).find(|(_, c)| matches!(c, ')' | '）'))?;
    let open = rest.chars().next().map_or(0, char::len_utf8);
    (at > 0 && !inside[..at].contains(|c: char| c.is_ascii_digit())).then_some(open + at + close.len_utf8())
}

/// A number with two decimals, or one that no digit or letter follows.
fn money(here: &str, window: &str, start: usize) -> Vec<usize> {
    let sign = if here.starts_with(['¥', '￥']) { here.chars().next().map_or(0, char::len_utf8) } else { 0 };
    let digits = &here[sign..];
    let inside_number = sign == 0 && window[..start].ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ',' | '-'));
    if inside_number && start > 0 || digits.starts_with('0') && !digits.starts_with("0.") {
        return Vec::new();
    }
    let Some((length, Some(_))) = number::scan(digits) else { return Vec::new() };
    let decimals = digits[..length].find('.').map(|point| point + 3).filter(|end| *end <= length);
    let plain = digits[length..].chars().next().is_none_or(|c| !c.is_ascii_alphanumeric());
    match decimals {
        Some(end) => vec![sign + end],
        None if plain && length >= 3 => vec![sign + length],
        None => Vec::new(),
    }
}

/// Length of 元 or 万元 right behind a sum.
fn money_unit(rest: &str, rules: &Rulebook) -> usize {
    let unit = rules.units.units.at_start(rest).filter(|(_, unit)| unit.kind == UnitKind::Money);
    unit.map_or(0, |(length, _)| length)
}

/// Every end of a company's name within reach that stands before the next one's address.
fn supplier(here: &str, rules: &Rulebook) -> Vec<usize> {
    let reach = limit(here, 210);
    let window = &here[..reach];
    if !window.starts_with(|c: char| c.is_alphabetic() || c == '（') {
        return Vec::new();
    }
    let folded = rules.folder.fold(window);
    let mut ends: Vec<usize> = Vec::new();
    for ending in rules.units.endings.iter().filter(|e| e.strength == EndingStrength::Strong) {
        if let Some(at) = folded.text.find(ending.text.as_str()) {
            ends.push(folded.source_range(at, at + ending.text.len()).1);
        }
    }
    let Some(first) = ends.iter().copied().min_by_key(|e| *e).filter(|e| *e >= 12) else { return Vec::new() };
    // 有限公司上海分公司: a branch goes on where its own ending follows at once.
    let branch = branch_end(&window[first..], rules).map(|more| first + more);
    branch.into_iter().chain(Some(first)).collect()
}

/// A short `…分公司` right behind a company's name.
fn branch_end(rest: &str, rules: &Rulebook) -> Option<usize> {
    let folded = rules.folder.fold(rest);
    let ends = rules.units.endings.iter().filter(|e| e.rule.ends_with("#branch"));
    let at = ends.filter_map(|e| folded.text.find(e.text.as_str()).map(|at| at + e.text.len())).min()?;
    let short = folded.text[..at].chars().count() <= 9 && !folded.text[..at].contains(|c: char| c.is_ascii_digit());
    short.then(|| folded.source_range(0, at).1)
}

fn credit_code(here: &str) -> Vec<usize> {
    let code = here.get(..18).filter(|code| is_credit_code(code));
    code.map(|_| 18).into_iter().collect()
}
