//! Which tables does the text hold, however they are written? HTML tables, transposed tables, and
//! tables flattened to tabs, spaces, lines or nothing at all: one kind of grid comes out, confirmed
//! by labels, types or arithmetic. What nothing confirms is a gap with its quote.

mod align;
mod cells;
mod fit;
mod flat;
mod glued;
mod mall;
mod regular;
mod table;

pub use fit::{is_no_name, is_organisation, short_integer};

use super::Layout;
use super::values::amount::AmountHint;
use crate::evidence::{Gap, GapKind, RuleId, Span};
use crate::model::{BlockKind, Document};
use crate::rulebook::Rulebook;
use std::sync::Arc;

/// A table with known columns and confirmed rows.
#[derive(Debug, Clone)]
pub struct Grid {
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    /// Headings and rows.
    pub at: Span,
    /// The package that the headings before it are about.
    pub lot: Option<String>,
    /// A row over the whole width that stands before the headings (第1包), if there is one.
    pub title: Option<Span>,
    /// What confirmed the cells: `grids/table`, `grids/aligned`, `grids/glued-arithmetic` …
    pub proof: RuleId,
}

#[derive(Debug, Clone)]
pub struct Column {
    /// Stem of the columns file; None where no rule knows the heading.
    pub field: Option<Arc<str>>,
    pub rule: RuleId,
    pub label: Span,
    /// What the heading says of sums under it.
    pub hint: AmountHint,
}

#[derive(Debug, Clone)]
pub struct Row {
    pub at: Span,
    /// For each column its pieces: none where the cell is empty, several where goods share it.
    pub cells: Vec<Vec<Span>>,
    /// A heading row over the whole width since the last row, if any: 第2包.
    pub title: Option<Span>,
}

impl Grid {
    /// Index of the first column of `field`.
    pub fn column(&self, field: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.field.as_deref() == Some(field))
    }

    /// Index of the column that names bidders, whatever they are called.
    pub fn bidders(&self) -> Option<usize> {
        BIDDERS.iter().find_map(|field| self.column(field))
    }

    /// Whether there is a column of `field`.
    pub fn has(&self, field: &str) -> bool {
        self.column(field).is_some()
    }

    /// The stretch of a cell from its first to its last piece.
    pub fn cell(&self, row: &Row, field: &str) -> Option<Span> {
        row.whole(self.column(field)?)
    }
}

impl Row {
    /// The stretch of column `index` from its first to its last piece.
    pub fn whole(&self, index: usize) -> Option<Span> {
        let pieces = self.cells.get(index)?;
        let (first, last) = (pieces.first()?, pieces.last()?);
        Some(Span::new(first.doc, first.start, last.end))
    }
}

/// Columns of organisations that bid: winners, ranked candidates, any bidder.
const BIDDERS: &[&str] = &["supplier", "candidate", "bidder"];

/// The grids of a document in text order, and what could not be solved.
pub fn grids(layout: &Layout, rules: &Rulebook) -> (Vec<Grid>, Vec<Gap>) {
    let mut found = Vec::new();
    let mut gaps = Vec::new();
    for block in &layout.document.blocks {
        if let BlockKind::Table(cells) = &block.kind {
            found.extend(table::solve(layout.document, cells, rules));
        }
    }
    for (start, end) in text_regions(layout.document) {
        flat::solve(layout, start, end, rules, &mut found, &mut gaps);
    }
    found.sort_by_key(|grid| grid.at.start);
    add_lots(layout, &mut found);
    (found, gaps)
}

/// Gives each grid the package of the last heading before it; what stands in a cell of another grid
/// (`第2包 办公设备` as a good's name) heads nothing.
fn add_lots(layout: &Layout, grids: &mut [Grid]) {
    let inside = |at: usize| grids[..grids.partition_point(|g| g.at.start <= at)].last().is_some_and(|g| at < g.at.end);
    let headings: Vec<&(usize, Option<String>)> = layout.lots.iter().filter(|(at, _)| !inside(*at)).collect();
    for grid in grids {
        let next = headings.partition_point(|(at, _)| *at <= grid.at.start);
        grid.lot = next.checked_sub(1).and_then(|last| headings[last].1.clone());
    }
}

/// Stretches of running text between tables and hidden or foreign blocks.
fn text_regions(document: &Document) -> Vec<(usize, usize)> {
    let mut regions: Vec<(usize, usize)> = Vec::new();
    let mut open = false;
    let mut end = 0;
    for block in document.blocks.iter().filter(|b| b.kind != BlockKind::Title) {
        if block.start < end {
            continue;
        }
        end = block.end;
        let text = !matches!(block.kind, BlockKind::Table(_) | BlockKind::Hidden | BlockKind::Aside);
        match regions.last_mut() {
            Some(last) if text && open => last.1 = block.end,
            _ if text => regions.push((block.start, block.end)),
            _ => {}
        }
        open = text;
    }
    regions
}

/// A gap that quotes at most the beginning of what was not solved.
fn unsolved(document: &Document, start: usize, end: usize, note: &str) -> Gap {
    let end = floor_boundary(&document.text, end.min(start + LONGEST_QUOTE));
    Gap { kind: GapKind::UnsolvedTable, at: document.quote(start, end), note: note.to_string() }
}

const LONGEST_QUOTE: usize = 900;

fn floor_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A column for a heading cell.
fn column(document: &Document, start: usize, end: usize, rules: &Rulebook) -> Column {
    let text = &document.text[start..end];
    let label = rules.columns.of(text, &rules.folder);
    Column {
        field: label.map(|l| l.field.clone()),
        rule: label.map_or_else(|| "columns/unknown".into(), |l| l.rule.clone()),
        label: document.span(start, end),
        hint: super::values::amount::hint(text, rules),
    }
}
