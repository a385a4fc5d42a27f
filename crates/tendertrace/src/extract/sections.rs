//! How is the text divided? Borders (cells, lines, tabs, wide gaps), the atomic stretches between
//! them, and the numbered or headed sections with what each is about.

use crate::evidence::{RuleId, Span};
use crate::model::{Block, BlockKind, Document};
use std::sync::Arc;

/// A numbered or headed stretch of the notice and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// `buyer_contact`, `agency_contact`, `award`, `items`, `experts`, `fees`, `other_notes`,
    /// `qualification`, `past_performance` …; None where no rule knows the heading.
    pub kind: Option<Arc<str>>,
    /// `labels/sections#caigouren-xinxi`.
    pub rule: Option<RuleId>,
    pub heading: Span,
    /// From the heading's end to the next heading of the same or a lesser depth.
    pub body: Span,
    /// 1: 一、 or 第一部分 or an unnumbered heading; 2: （一）; 3: 1. ; 4: 1.1; 5: (1).
    pub depth: u8,
}

/// An atomic stretch of the text: no tab, line break, wide gap or cell border inside; trimmed,
/// not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    pub start: usize,
    pub end: usize,
    /// Number of the line of text it stands in (cells of one table row share it).
    pub line: u32,
    /// (block number, row, column) of the innermost cell it stands in, where the format has cells.
    pub cell: Option<(usize, u32, u32)>,
}

/// How strongly a place divides the text, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Border {
    /// Nothing: letter beside letter.
    None,
    /// One space.
    Space,
    /// Punctuation or a bracket.
    Mark,
    /// Two or more spaces.
    Wide,
    /// Line, tab, cell, block, beginning or end.
    Hard,
}

/// Where the text is divided by more than its characters.
pub struct Borders {
    /// Starts and ends of blocks and cells, sorted.
    cuts: Vec<usize>,
    /// Stretches that are not extracted from, sorted.
    left_out: Vec<(usize, usize)>,
    /// Cells, sorted by start; an outer cell comes before the cells inside it.
    cells: Vec<(usize, usize, usize, u32, u32)>,
}

impl Borders {
    pub fn of(document: &Document) -> Borders {
        let mut borders = Borders { cuts: Vec::new(), left_out: Vec::new(), cells: Vec::new() };
        for (number, block) in document.blocks.iter().enumerate() {
            borders.add(number, block);
        }
        borders.cuts.sort_unstable();
        borders.cuts.dedup();
        borders.left_out.sort_unstable();
        borders.cells.sort_unstable_by_key(|cell| (cell.0, std::cmp::Reverse(cell.1)));
        borders
    }

    /// The border just before `at`.
    pub fn before(&self, text: &str, at: usize) -> Border {
        let mut spaces = 0;
        let mut here = at;
        loop {
            if self.is_cut(here) {
                return Border::Hard;
            }
            match text[..here].chars().next_back() {
                None | Some('\n' | '\t' | '\r' | '|') => return Border::Hard,
                Some(c) if is_blank(c) => {
                    spaces += usize::from(c.is_whitespace());
                    here -= c.len_utf8();
                }
                Some(c) => return weak_border(spaces, is_mark(c)),
            }
        }
    }

    /// The border just after `at`.
    pub fn after(&self, text: &str, at: usize) -> Border {
        let mut spaces = 0;
        let mut here = at;
        loop {
            if self.is_cut(here) {
                return Border::Hard;
            }
            match text[here..].chars().next() {
                None | Some('\n' | '\t' | '\r' | '|') => return Border::Hard,
                Some(c) if is_blank(c) => {
                    spaces += usize::from(c.is_whitespace());
                    here += c.len_utf8();
                }
                Some(c) => return weak_border(spaces, is_mark(c)),
            }
        }
    }

    /// Whether this place is hidden or around the notice.
    pub fn is_left_out(&self, at: usize) -> bool {
        let next = self.left_out.partition_point(|(start, _)| *start <= at);
        next > 0 && at < self.left_out[next - 1].1
    }

    /// The next block or cell border after `at`.
    pub fn next_cut(&self, at: usize) -> usize {
        let next = self.cuts.partition_point(|cut| *cut <= at);
        self.cuts.get(next).copied().unwrap_or(usize::MAX)
    }

    /// (block, row) of the innermost cell that holds `at`.
    pub fn row_of(&self, at: usize) -> Option<(usize, u32)> {
        let next = self.cells.partition_point(|cell| cell.0 <= at);
        // The innermost cell is the last to begin; cells beside it have ended.
        self.cells[..next].iter().rev().take(64).find(|cell| at < cell.1).map(|cell| (cell.2, cell.3))
    }

    fn is_cut(&self, at: usize) -> bool {
        self.cuts.binary_search(&at).is_ok()
    }

    fn add(&mut self, number: usize, block: &Block) {
        self.cuts.extend([block.start, block.end]);
        match &block.kind {
            BlockKind::Hidden | BlockKind::Aside => self.left_out.push((block.start, block.end)),
            BlockKind::Table(cells) => {
                for cell in cells {
                    self.cuts.extend([cell.start, cell.end]);
                    self.cells.push((cell.start, cell.end, number, cell.row, cell.column));
                }
            }
            _ => {}
        }
    }
}

/// The document's segments in order.
pub fn segments(document: &Document, borders: &Borders) -> Vec<Segment> {
    let mut cutter = Cutter { borders, text: &document.text, segments: Vec::new(), line: 0, open: Vec::new(), next_cell: 0, row: None };
    let mut start = 0;
    let mut cuts = borders.cuts.iter().copied().peekable();
    let mut blanks = 0;
    for (at, c) in document.text.char_indices() {
        while cuts.peek().is_some_and(|cut| *cut <= at) {
            cutter.push(start, at);
            start = at;
            cuts.next();
        }
        blanks = if is_blank(c) && c.is_whitespace() { blanks + 1 } else { 0 };
        if is_hard(c) || blanks == 2 {
            cutter.push(start, at);
            start = at;
        }
        cutter.line += u32::from(c == '\n');
    }
    cutter.push(start, document.text.len());
    cutter.segments
}

struct Cutter<'a> {
    borders: &'a Borders,
    text: &'a str,
    segments: Vec<Segment>,
    line: u32,
    /// Cells that began and have not ended, outermost first.
    open: Vec<usize>,
    next_cell: usize,
    /// Table row of the last segment and the line number its cells share.
    row: Option<((usize, u32), u32)>,
}

impl Cutter<'_> {
    fn push(&mut self, start: usize, end: usize) {
        let written = &self.text[start..end];
        let trimmed = written.trim_matches(|c| is_blank(c) || is_hard(c));
        if trimmed.is_empty() || self.borders.is_left_out(start) {
            return;
        }
        let start = start + (trimmed.as_ptr() as usize - written.as_ptr() as usize);
        let cell = self.cell_at(start);
        let line = self.line_of(cell);
        self.segments.push(Segment { start, end: start + trimmed.len(), line, cell });
    }

    fn cell_at(&mut self, at: usize) -> Option<(usize, u32, u32)> {
        let cells = &self.borders.cells;
        while cells.get(self.next_cell).is_some_and(|cell| cell.0 <= at) {
            self.open.push(self.next_cell);
            self.next_cell += 1;
        }
        self.open.retain(|cell| at < cells[*cell].1);
        self.open.last().map(|cell| (cells[*cell].2, cells[*cell].3, cells[*cell].4))
    }

    /// Cells of one row share a line although line breaks may stand in them.
    fn line_of(&mut self, cell: Option<(usize, u32, u32)>) -> u32 {
        let row = cell.map(|(block, row, _)| (block, row));
        if let (Some(row), Some((last, line))) = (row, self.row)
            && row == last
        {
            return line;
        }
        // Lines stay distinct from those of the cells before: counted on from the last one used.
        let used = self.segments.last().map_or(0, |segment| segment.line);
        let line = if row.is_some() || self.row.is_some() { self.line.max(used + 1) } else { self.line.max(used) };
        self.line = line;
        self.row = row.map(|row| (row, line));
        line
    }
}

fn weak_border(spaces: usize, mark: bool) -> Border {
    match spaces {
        2.. => Border::Wide,
        _ if mark => Border::Mark,
        1 => Border::Space,
        _ => Border::None,
    }
}

fn is_hard(c: char) -> bool {
    matches!(c, '\n' | '\t' | '\r' | '|')
}

/// White space inside a line, and characters that nobody sees.
pub fn is_blank(c: char) -> bool {
    (c.is_whitespace() && !is_hard(c)) || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

fn is_mark(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c, '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{301B}' | '\u{FF01}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF20}' | '\u{FF3B}'..='\u{FF40}' | '\u{FF5B}'..='\u{FF65}' | '\u{2010}'..='\u{2027}' | '\u{25A0}'..='\u{26FF}' | '·')
}

/// Sets each section's body: up to the next heading of the same or a lesser depth.
pub fn close(sections: &mut [Section], end: usize) {
    let mut open: Vec<usize> = Vec::new();
    for at in 0..sections.len() {
        let (start, depth) = (sections[at].heading.start, sections[at].depth);
        while let Some(last) = open.last().copied().filter(|last| sections[*last].depth >= depth) {
            sections[last].body.end = start.max(sections[last].body.start);
            open.pop();
        }
        open.push(at);
    }
    for last in open {
        sections[last].body.end = end.max(sections[last].body.start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Cell;

    fn document(text: &str, blocks: Vec<Block>) -> Document {
        Document { text: text.to_string(), blocks, ..Document::default() }
    }

    #[test]
    fn segments_end_at_tabs_lines_wide_gaps_and_cells() {
        let text = "采购人：\t示例局   编号 1\nab";
        let cell = |column, start, end| Cell { row: 0, column, row_span: 1, column_span: 1, header: false, start, end };
        let at = text.find("ab").unwrap();
        let table = Block { kind: BlockKind::Table(vec![cell(0, at, at + 1), cell(1, at + 1, at + 2)]), start: at, end: at + 2 };
        let document = document(text, vec![table]);
        let found = segments(&document, &Borders::of(&document));
        let texts: Vec<_> = found.iter().map(|s| &text[s.start..s.end]).collect();
        assert_eq!(texts, ["采购人：", "示例局", "编号 1", "a", "b"]);
        assert_eq!(found[3].line, found[4].line);
        assert_ne!(found[2].line, found[3].line);
        assert_eq!(found[4].cell, Some((0, 0, 1)));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_at_characters(text in "[甲乙 \\t\\n|a：\u{3000}\u{FEFF}]{0,80}") {
            let document = document(&text, Vec::new());
            for segment in segments(&document, &Borders::of(&document)) {
                let inside = &text[segment.start..segment.end];
                proptest::prop_assert!(!inside.contains(['\t', '\n']) && !inside.trim().is_empty());
            }
        }
    }
}
