//! Which grids does a table of the page hold? Heading rows anywhere in it, repeated headings, title
//! rows between, and tables turned on their side. Label-value tables are none: they are pairs.

use super::fit::{is_no_name, is_organisation};
use super::{Column, Grid, Row, column};
use crate::evidence::Span;
use crate::model::{Cell, Document};
use crate::rulebook::Rulebook;
use crate::rulebook::units::EndingStrength;
use crate::script::is_han;
use std::collections::HashMap;

/// The grids of one table.
pub fn solve(document: &Document, cells: &[Cell], rules: &Rulebook) -> Vec<Grid> {
    let lines = lines(cells);
    let headings: Vec<Option<Vec<Column>>> = lines.iter().map(|line| heading(document, line, rules)).collect();
    let mut found = Vec::new();
    let mut title = None;
    let mut at = 0;
    while at < lines.len() {
        if let Some(columns) = &headings[at] {
            let (grid, next) = upright(document, &lines, &headings, at, columns, title.take());
            found.extend(grid);
            at = next;
            continue;
        }
        if let Some(only) = single(document, &lines[at]) {
            title = Some(only);
        }
        at += 1;
    }
    if found.is_empty() {
        found.extend(on_its_side(document, &lines, rules));
    }
    found
}

/// Cells by row, in column order.
fn lines(cells: &[Cell]) -> Vec<Vec<&Cell>> {
    let mut by_row: Vec<(u32, Vec<&Cell>)> = Vec::new();
    for cell in cells {
        match by_row.last_mut() {
            Some((row, line)) if *row == cell.row => line.push(cell),
            _ => by_row.push((cell.row, vec![cell])),
        }
    }
    by_row
        .into_iter()
        .map(|(_, mut line)| {
            line.sort_by_key(|c| c.column);
            line
        })
        .collect()
}

fn text<'a>(document: &'a Document, cell: &Cell) -> &'a str {
    document.text[cell.start..cell.end].trim()
}

/// The trimmed stretch of a cell; None where it is empty.
fn span(document: &Document, cell: &Cell) -> Option<Span> {
    let inside = &document.text[cell.start..cell.end];
    let start = cell.start + inside.len() - inside.trim_start().len();
    let end = start + inside.trim().len();
    (start < end).then(|| document.span(start, end))
}

/// The only filled cell of a line.
fn single(document: &Document, line: &[&Cell]) -> Option<Span> {
    let mut filled = line.iter().filter_map(|c| span(document, c));
    let only = filled.next()?;
    filled.next().is_none().then_some(only)
}

/// The columns of a heading row: most cells are known headings, none of them a value.
fn heading(document: &Document, line: &[&Cell], rules: &Rulebook) -> Option<Vec<Column>> {
    let filled: Vec<&&Cell> = line.iter().filter(|c| !text(document, c).is_empty()).collect();
    if filled.len() < 2 || filled.iter().any(|c| text(document, c).ends_with([':', '：'])) {
        return None;
    }
    let columns: Vec<Column> = filled
        .iter()
        .map(|c| {
            let at = span(document, c).unwrap_or_else(|| document.span(c.start, c.end));
            column(document, at.start, at.end, rules)
        })
        .collect();
    let known = columns.iter().filter(|c| c.field.is_some()).count();
    let like_a_value =
        |c: &&&Cell| text(document, c).chars().count() > 24 || text(document, c).chars().filter(char::is_ascii_digit).count() > 2;
    let values = filled.iter().filter(|c| like_a_value(c)).count();
    (known >= 2 && values == 0 && known * 3 >= columns.len() * 2).then_some(columns)
}

fn upright(
    document: &Document,
    lines: &[Vec<&Cell>],
    headings: &[Option<Vec<Column>>],
    at: usize,
    columns: &[Column],
    title: Option<Span>,
) -> (Option<Grid>, usize) {
    let places: Vec<u32> = lines[at].iter().filter(|c| !text(document, c).is_empty()).map(|c| c.column).collect();
    let mut rows = Vec::new();
    let mut between = None;
    let mut spanned: HashMap<usize, (Span, u32)> = HashMap::new();
    let mut next = at + 1;
    while next < lines.len() && headings[next].is_none() {
        let line = &lines[next];
        next += 1;
        if let Some(only) = single(document, line)
            && (columns.len() > 1 && line.len() == 1 || line.iter().all(|c| c.column_span as usize >= columns.len()))
        {
            between = Some(only);
            continue;
        }
        let row = row(document, line, &places, &mut spanned);
        if row.iter().any(|c| !c.is_empty()) {
            let at = document.span(line[0].start, line[line.len() - 1].end);
            rows.push(Row { at, cells: row, title: between.take() });
        }
    }
    // A heading without rows, over another heading, is none.
    let first = lines[at].first().map_or(0, |c| c.start);
    let end = rows.last().map(|r: &Row| r.at.end);
    let grid = end.map(|end| Grid {
        columns: columns.to_vec(),
        rows,
        at: document.span(first, end),
        lot: None,
        title,
        proof: "grids/table".into(),
    });
    (grid, next)
}

/// One row's cells under the headings' places; cells that span rows are carried down.
fn row(document: &Document, line: &[&Cell], places: &[u32], spanned: &mut HashMap<usize, (Span, u32)>) -> Vec<Vec<Span>> {
    let mut out = vec![Vec::new(); places.len()];
    let mut taken = vec![false; places.len()];
    for cell in line {
        let Some(index) = places.partition_point(|p| *p <= cell.column).checked_sub(1) else { continue };
        taken[index] = true;
        let Some(at) = span(document, cell) else { continue };
        out[index].push(at);
        if cell.row_span > 1 {
            spanned.insert(index, (at, cell.row + cell.row_span));
        }
    }
    let number = line.first().map_or(0, |c| c.row);
    for (index, cell) in out.iter_mut().enumerate() {
        if let Some((at, until)) = spanned.get(&index)
            && !taken[index]
            && number < *until
        {
            cell.push(*at);
        }
    }
    out
}

/// A table whose first column holds the headings and each other column one bidder: confirmed by a
/// row in which all other cells are names of organisations.
fn on_its_side(document: &Document, lines: &[Vec<&Cell>], rules: &Rulebook) -> Option<Grid> {
    let mut labels: Vec<Option<Column>> = lines.iter().map(|line| first_label(document, line, rules)).collect();
    let names = lines.iter().zip(&labels).position(|(line, label)| {
        let strength = |c: &&Cell| is_organisation(text(document, c), rules);
        let known = label.as_ref().is_some_and(|l| l.field.as_deref().is_some_and(|f| super::BIDDERS.contains(&f)));
        let strong =
            || label.is_none() && strength(&line[0]).is_none() && line[1..].iter().all(|c| strength(c) == Some(EndingStrength::Strong));
        line.len() >= 3 && (known && are_names(document, &line[1..], rules) || strong())
    })?;
    if labels[names].is_none() {
        let at = span(document, lines[names][0])?;
        labels[names] = Some(Column { field: Some("bidder".into()), ..column(document, at.start, at.end, rules) });
    }
    let bidders: Vec<u32> = lines[names][1..].iter().map(|c| c.column).collect();
    let end = lines.iter().skip(names).position(|line| line.len() != bidders.len() + 1).map_or(lines.len(), |n| names + n);
    let start = (0..names).rev().take_while(|at| lines[*at].len() == bidders.len() + 1).last().unwrap_or(names);
    let kept: Vec<usize> = (start..end).filter(|at| labels[*at].is_some()).collect();
    let columns: Vec<Column> = kept.iter().filter_map(|at| labels[*at].clone()).collect();
    let whole = document.span(lines[start][0].start, lines[end - 1].last()?.end);
    let rows = (1..=bidders.len())
        .map(|n| Row {
            at: whole,
            cells: kept.iter().map(|at| lines[*at].get(n).and_then(|c| span(document, c)).into_iter().collect()).collect(),
            title: None,
        })
        .collect();
    (columns.len() >= 2).then(|| Grid { columns, rows, at: whole, lot: None, title: None, proof: "grids/table-on-its-side".into() })
}

/// Whether cells hold names of bidders: most end as these do, and the others may be such.
fn are_names(document: &Document, cells: &[&Cell], rules: &Rulebook) -> bool {
    let surely = |c: &&&Cell| is_organisation(text(document, c), rules).is_some();
    let maybe = |c: &&Cell| {
        let name = text(document, c);
        (4..=80).contains(&name.chars().count())
            && name.chars().filter(|c| is_han(*c)).count() >= 4
            && !name.contains(|c: char| c.is_ascii_digit())
            && !is_no_name(name, rules)
    };
    cells.iter().filter(surely).count() * 2 >= cells.len() && cells.iter().all(maybe)
}

fn first_label(document: &Document, line: &[&Cell], rules: &Rulebook) -> Option<Column> {
    let at = span(document, line.first()?)?;
    Some(column(document, at.start, at.end, rules)).filter(|c| c.field.is_some())
}
