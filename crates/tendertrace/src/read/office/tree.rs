//! What is a text of paragraphs and nested tables, before it is written? The tree that office
//! formats are read into; merged cells are known only once a whole table is.

use crate::model::BlockKind;
use crate::read::writer::Writer;

#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    Paragraph(Paragraph),
    Table(Vec<Row>),
}

/// Text as written; `\n` is a line break in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Paragraph {
    pub text: String,
    pub hidden: String,
    pub level: Option<u8>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// Columns left out before the first cell.
    pub skipped: u32,
    pub cells: Vec<Cell>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    pub columns: u32,
    pub rows: u32,
    pub merge: Merge,
    pub nodes: Vec<Node>,
}

/// How a cell belongs to those above it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Merge {
    #[default]
    No,
    Begins,
    /// The cell above reaches into this one.
    GoesOn,
    /// The cell to the left does.
    Within,
}

/// Tables in tables in tables: what lies deeper is written as text.
const DEEPEST: usize = 40;

/// Writes the blocks; says what was flattened.
pub fn write(nodes: &[Node], writer: &mut Writer) -> Option<&'static str> {
    let mut cut = None;
    write_at(nodes, writer, 0, &mut cut);
    cut
}

fn write_at(nodes: &[Node], writer: &mut Writer, depth: usize, cut: &mut Option<&'static str>) {
    for node in nodes {
        match node {
            Node::Paragraph(paragraph) => write_paragraph(paragraph, writer),
            Node::Table(_) if depth >= DEEPEST => *cut = Some("tables nest too deep; the innermost were left out"),
            Node::Table(rows) => write_table(rows, writer, depth, cut),
        }
    }
}

fn write_paragraph(paragraph: &Paragraph, writer: &mut Writer) {
    writer.set_kind(paragraph.level.map_or(BlockKind::Paragraph, BlockKind::Heading));
    writer.verbatim(&paragraph.text);
    if !paragraph.hidden.is_empty() {
        writer.hide();
        writer.verbatim(&paragraph.hidden);
        writer.show();
    }
    writer.line_break();
    writer.set_kind(BlockKind::Paragraph);
}

fn write_table(rows: &[Row], writer: &mut Writer, depth: usize, cut: &mut Option<&'static str>) {
    let heights = heights(rows);
    writer.open_table();
    for (row, heights) in rows.iter().zip(&heights) {
        writer.open_row();
        for _ in 0..row.skipped.min(64) {
            writer.open_cell(1, 1, false);
            writer.close_cell();
        }
        for (cell, height) in row.cells.iter().zip(heights).filter(|(cell, _)| !matches!(cell.merge, Merge::GoesOn | Merge::Within)) {
            writer.open_cell(*height, cell.columns, false);
            write_at(&cell.nodes, writer, depth + 1, cut);
            writer.close_cell();
        }
        writer.close_row();
    }
    writer.close_table();
}

/// For each cell, over how many rows it reaches: those below it at the same column that go on.
fn heights(rows: &[Row]) -> Vec<Vec<u32>> {
    let mut below: std::collections::HashMap<u32, u32> = std::collections::HashMap::new();
    let mut all: Vec<Vec<u32>> = Vec::new();
    for row in rows.iter().rev() {
        let mut column = row.skipped;
        let mut here = std::collections::HashMap::new();
        let mut heights = Vec::new();
        for cell in &row.cells {
            let reach = below.get(&column).copied().unwrap_or(0);
            match cell.merge {
                Merge::GoesOn => drop(here.insert(column, reach + 1)),
                Merge::Begins | Merge::No | Merge::Within => {}
            }
            heights.push(if cell.merge == Merge::Begins { reach + 1 } else { cell.rows.max(1) });
            column += cell.columns.max(1);
        }
        below = here;
        all.push(heights);
    }
    all.reverse();
    all
}
