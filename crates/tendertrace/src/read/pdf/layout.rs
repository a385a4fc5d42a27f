//! In which blocks and in which order does a page read? Ruled tables with their cells, tables that
//! only stand in columns, paragraphs whose lines go on in the next.

use super::content::{Glyph, Shown};
use super::grid::{Field, Grid, grids};
use super::lines::{Line, join, lines};
use super::space::Way;

/// A block of a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    Text(Text),
    Table(Table),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    pub text: String,
    pub y: f64,
    /// Its last line reaches the edge: it may go on over the page.
    pub ends_full: bool,
    /// Its first line is not drawn in.
    pub begins_full: bool,
}

/// Rows of cells; `borders` are those of its columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub borders: Vec<f64>,
    pub cells: Vec<Cell>,
}

/// Text as its lines, and how far the cell reaches.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    pub row: usize,
    pub rows: usize,
    pub columns: usize,
    pub lines: Vec<String>,
}

/// A line this near to the edge (in ems) was broken there and goes on in the next.
const FULL: f64 = 1.6;
/// Lines farther apart than this (in ems) are two paragraphs.
const NEXT_LINE: f64 = 2.4;
/// A first line is drawn in by this much at least, in ems.
const INDENT: f64 = 0.9;
/// Dots that lead to a page number: each such line is an entry of its own.
const LEADER: &str = "....";
/// Rows that stand in columns without lines make a table from this many on.
const FEWEST_ROWS: usize = 3;

/// The blocks of a page in reading order.
pub fn pieces(shown: &Shown) -> Vec<Piece> {
    let grids = grids(&shown.rulings);
    let mut in_cells: Vec<Vec<Vec<&Glyph>>> = grids.iter().map(|g| vec![Vec::new(); g.cells.len()]).collect();
    let mut flowing = Vec::new();
    for glyph in &shown.glyphs {
        match place_of(glyph, &grids) {
            Some((grid, cell)) => in_cells[grid][cell].push(glyph),
            None => flowing.push(glyph),
        }
    }
    let mut tables: Vec<(f64, Piece)> = Vec::new();
    for (grid, glyphs) in grids.iter().zip(&in_cells) {
        tables.push((grid.area.y0, Piece::Table(ruled(grid, glyphs))));
    }
    in_order(&lines(&flowing), tables, shown.wide)
}

fn place_of(glyph: &Glyph, grids: &[Grid]) -> Option<(usize, usize)> {
    let (x, y) = middle(glyph);
    let (number, grid) = grids.iter().enumerate().find(|(_, g)| g.area.holds(x, y))?;
    grid.cell_at(x, y).map(|cell| (number, cell))
}

/// The middle of a character: its base line is not its middle.
fn middle(glyph: &Glyph) -> (f64, f64) {
    let (x, y) = ((glyph.from.0 + glyph.to.0) / 2.0, (glyph.from.1 + glyph.to.1) / 2.0);
    let up = glyph.size * 0.3;
    match glyph.way {
        Way::Right => (x, y - up),
        Way::Left => (x, y + up),
        Way::Down => (x + up, y),
        Way::Up => (x - up, y),
    }
}

fn ruled(grid: &Grid, glyphs: &[Vec<&Glyph>]) -> Table {
    let cells = grid.cells.iter().zip(glyphs).map(|(field, glyphs)| Cell {
        row: field.row,
        rows: field.rows,
        columns: field.columns,
        lines: cell_lines(field, &lines(glyphs)),
    });
    Table { borders: grid.xs.clone(), cells: cells.collect() }
}

/// Lines of a cell; one that reaches the border goes on in the next.
fn cell_lines(field: &Field, lines: &[Line]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut is_full = false;
    for line in lines {
        let text = line.text(" ");
        match out.last_mut() {
            Some(last) if is_full => join(last, &text),
            _ => out.push(text),
        }
        let right = if line.way == Way::Right { field.area.x1 } else { f64::MAX };
        is_full = right - line.x1() < FULL * line.size;
    }
    out
}

/// Text and tables from top to bottom.
fn in_order(lines: &[Line], tables: Vec<(f64, Piece)>, wide: f64) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut tables = tables.into_iter().peekable();
    let mut from = 0;
    for at in 0..=lines.len() {
        let y = lines.get(at).filter(|l| l.way == Way::Right).map_or(f64::MAX, |l| l.y);
        if tables.peek().is_some_and(|(top, _)| *top < y) {
            flow(&lines[from..at], wide, &mut out);
            from = at;
        }
        while let Some((_, table)) = tables.next_if(|(top, _)| *top < y) {
            out.push(table);
        }
    }
    flow(&lines[from..], wide, &mut out);
    out
}

/// Lines without drawn borders: columns that stand below each other, and paragraphs.
fn flow(lines: &[Line], wide: f64, out: &mut Vec<Piece>) {
    let (left, right) = lines.iter().fold((f64::MAX, wide), |(left, right), l| (left.min(l.x0()), right.max(l.x1())));
    let mut rest = lines;
    while !rest.is_empty() {
        let rows = rest.iter().take_while(|l| l.pieces.len() > 1).count();
        let columns = columns_of(&rest[..rows]);
        if rows >= FEWEST_ROWS && columns.len() > 1 {
            out.push(Piece::Table(in_columns(&rest[..rows], &columns)));
            rest = &rest[rows..];
            continue;
        }
        let count = rows.max(1);
        for number in 0..count {
            paragraph(&rest[number], number.checked_sub(1).map(|n| &rest[n]), (left, right), out);
        }
        let tail = &rest[count..];
        let mut before = &rest[count - 1];
        let goes_on = tail.iter().take_while(|l| l.pieces.len() == 1).count();
        for line in &tail[..goes_on] {
            paragraph(line, Some(before), (left, right), out);
            before = line;
        }
        rest = &tail[goes_on..];
    }
}

fn paragraph(line: &Line, before: Option<&Line>, (left, right): (f64, f64), out: &mut Vec<Piece>) {
    let begins_full = line.pieces.len() == 1 && line.x0() - left < INDENT * line.size;
    let ends_full = line.pieces.len() == 1 && right - line.x1() < FULL * line.size && !line.pieces[0].text.contains(LEADER);
    let follows = before.is_some_and(|b| b.way == line.way && (b.size - line.size).abs() < 0.8 && line.y - b.y < NEXT_LINE * line.size);
    match out.last_mut() {
        Some(Piece::Text(text)) if follows && text.ends_full && begins_full => {
            join(&mut text.text, &line.text(""));
            text.ends_full = ends_full;
        }
        _ => out.push(Piece::Text(Text { text: line.text("\t"), y: line.y, ends_full, begins_full })),
    }
}

/// Extents of the columns that the pieces of these lines share; none where a piece spans two.
fn columns_of(lines: &[Line]) -> Vec<(f64, f64)> {
    let mut pieces: Vec<(f64, f64)> = lines.iter().flat_map(|l| &l.pieces).map(|p| (p.x0, p.x1)).collect();
    pieces.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut columns: Vec<(f64, f64)> = Vec::new();
    for (x0, x1) in pieces {
        match columns.last_mut() {
            Some(last) if x0 < last.1 => last.1 = last.1.max(x1),
            _ => columns.push((x0, x1)),
        }
    }
    let column = |x: f64| columns.iter().position(|c| c.0 <= x && x <= c.1);
    let is_apart = |line: &Line| line.pieces.windows(2).all(|w| column(w[0].x0) != column(w[1].x0));
    if lines.iter().all(is_apart) { columns } else { Vec::new() }
}

fn in_columns(lines: &[Line], columns: &[(f64, f64)]) -> Table {
    let mut cells = Vec::new();
    for (row, line) in lines.iter().enumerate() {
        for column in columns {
            let here = line.pieces.iter().filter(|p| column.0 <= p.x0 && p.x0 <= column.1).map(|p| p.text.clone());
            cells.push(Cell { row, rows: 1, columns: 1, lines: here.collect() });
        }
    }
    Table { borders: columns.iter().map(|c| c.0).collect(), cells }
}
