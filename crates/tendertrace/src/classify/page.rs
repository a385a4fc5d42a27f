//! Where does a mention stand? A document folded once, with what surrounds each place of it:
//! cell, row, column head, label, section, clause. Knows nothing of brands.

use crate::model::{BlockKind, Document};
use crate::rulebook::clauses::Clauses;
use crate::script::Folded;
use crate::sheet::Sheet;

/// A document ready for questions about places. All offsets are folded bytes.
pub struct Page<'a> {
    pub document: &'a Document,
    pub folded: &'a Folded,
    lines: Vec<usize>,
    /// Per line: whether it continues the line above (wrapped text).
    continued: Vec<bool>,
    cells: Vec<CellAt>,
    /// Cells of each table's first row.
    heads: Vec<CellAt>,
    headings: Vec<(usize, usize)>,
    closed: Vec<(usize, usize)>,
    title: (usize, usize),
}

#[derive(Clone, Copy)]
struct CellAt {
    start: usize,
    end: usize,
    table: usize,
    row: u32,
    column: u32,
    columns: u32,
}

/// A stretch of folded text.
pub type Range = (usize, usize);

/// What surrounds a place.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// Innermost cell, or the line.
    pub cell: Range,
    pub row: Range,
    /// Column head above the cell; empty range where there is none.
    pub head: Range,
    /// Label of the place: first cell of the row, or what stands before the colon.
    pub label: Range,
    /// Nearest heading above.
    pub section: Range,
    pub in_title: bool,
}

impl<'a> Page<'a> {
    pub fn new(sheet: &'a Sheet<'_>, layout: &Clauses) -> Page<'a> {
        let Sheet { document, folded, .. } = sheet;
        let lines: Vec<usize> = std::iter::once(0).chain(folded.text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let headings = layout.heading.find_iter(&folded.text).map(|m| (m.start(), m.end())).collect();
        let continued = continued(&folded.text, &lines, layout);
        let mut page =
            Page { document, folded, lines, continued, cells: Vec::new(), heads: Vec::new(), headings, closed: Vec::new(), title: (0, 0) };
        page.place_blocks();
        page
    }

    fn place_blocks(&mut self) {
        for (number, block) in self.document.blocks.iter().enumerate() {
            let range = self.range(block.start, block.end);
            match &block.kind {
                BlockKind::Hidden | BlockKind::Aside => self.closed.push(range),
                BlockKind::Title if number == 0 => self.title = range,
                BlockKind::Heading(_) => self.headings.push(range),
                BlockKind::Table(cells) => {
                    for cell in cells {
                        let (start, end) = self.range(cell.start, cell.end);
                        self.cells.push(CellAt {
                            start,
                            end,
                            table: number,
                            row: cell.row,
                            column: cell.column,
                            columns: cell.column_span.max(1),
                        });
                    }
                }
                _ => {}
            }
        }
        self.heads = self.cells.iter().filter(|c| c.row == 0).copied().collect();
        self.cells.sort_by_key(|c| (c.start, std::cmp::Reverse(c.end)));
        self.headings.sort_unstable();
        self.closed.sort_unstable();
    }

    /// Folded range of source bytes.
    pub fn range(&self, start: usize, end: usize) -> Range {
        (self.folded.folded_of(start), self.folded.folded_of(end))
    }

    pub fn text(&self, range: Range) -> &str {
        self.folded.text.get(range.0..range.1).unwrap_or("")
    }

    /// The title block, where there is one.
    pub fn title(&self) -> Option<Range> {
        (self.title.0 < self.title.1).then_some(self.title)
    }

    /// Whether a place is hidden or belongs to what surrounds the notice.
    pub fn is_closed(&self, at: usize) -> bool {
        let next = self.closed.partition_point(|r| r.0 <= at);
        next > 0 && at < self.closed[next - 1].1
    }

    /// The line around a place.
    pub fn line(&self, at: usize) -> Range {
        let number = self.line_number(at);
        let end = self.lines.get(number + 1).map_or(self.folded.text.len(), |next| next - 1);
        (self.lines[number], end)
    }

    /// The line around a place with the lines that it wraps into.
    fn paragraph(&self, at: usize) -> Range {
        let number = self.line_number(at);
        let first = (number.saturating_sub(WRAPPED)..=number).rev().find(|n| !self.continued[*n]).unwrap_or(number);
        let after = (number + 1..self.lines.len().min(number + WRAPPED)).find(|n| !self.continued[*n]);
        let last = after.unwrap_or(self.lines.len().min(number + WRAPPED)) - 1;
        (self.lines[first], self.line(self.lines[last.max(number)]).1)
    }

    /// Whether the line break at `at` only wraps a line.
    fn wraps(&self, at: usize) -> bool {
        self.lines.binary_search(&(at + 1)).is_ok_and(|line| self.continued[line])
    }

    fn line_number(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at) - 1
    }

    /// All that surrounds `at`.
    pub fn place(&self, at: usize, layout: &Clauses) -> Place {
        let mut place = match self.cell_at(at) {
            Some(cell) => self.place_in_table(at, cell),
            None => self.place_in_line(at, layout),
        };
        place.section = self.section(at);
        place.in_title = self.title.0 <= at && at < self.title.1;
        if place.label.0 == place.label.1 {
            place.label = self.label_before(at, place.cell, layout);
        }
        place
    }

    fn section(&self, at: usize) -> Range {
        let next = self.headings.partition_point(|h| h.0 <= at);
        self.headings[..next].last().copied().unwrap_or((0, 0))
    }

    /// Innermost cell; cells are sorted by start, so look a bounded way back.
    fn cell_at(&self, at: usize) -> Option<CellAt> {
        let next = self.cells.partition_point(|c| c.start <= at);
        self.cells[..next].iter().rev().take(400).find(|c| at < c.end).copied()
    }

    fn place_in_table(&self, at: usize, cell: CellAt) -> Place {
        let next = self.cells.partition_point(|c| c.start <= cell.start);
        let before = self.cells[..next].iter().rev().filter(|c| c.table == cell.table);
        let mut place = Place { cell: (cell.start, cell.end), row: (cell.start, cell.end), ..Place::default() };
        for other in before.take(600) {
            if other.row == cell.row && other.start < cell.start {
                place.row.0 = other.start;
                place.label = (other.start, other.end);
            }
        }
        let covers = |head: &&CellAt| head.column < cell.column + cell.columns && cell.column < head.column + head.columns;
        let first = self.heads.partition_point(|h| h.table < cell.table);
        let heads = self.heads[first..].iter().take_while(|h| h.table == cell.table && h.row < cell.row);
        place.head = heads.filter(covers).map(|h| (h.start, h.end)).next().unwrap_or((0, 0));
        let after = self.cells[next..].iter().take(60).filter(|c| c.table == cell.table && c.row == cell.row);
        place.row.1 = after.map(|c| c.end).fold(place.row.1, usize::max);
        Place { cell: self.near(place.cell, at), row: self.near(place.row, at), ..place }
    }

    fn place_in_line(&self, at: usize, layout: &Clauses) -> Place {
        let line = self.near(self.line(at), at);
        let text = self.text(line);
        let Some(separator) = layout.separators.iter().find(|s| text.contains(s.as_str())) else {
            let paragraph = self.near(self.paragraph(at), at);
            return Place { cell: paragraph, row: paragraph, ..Place::default() };
        };
        let (index, cell) = piece_at(text, separator, at - line.0);
        let label_end = text.find(separator.as_str()).unwrap_or(0);
        let label = if index > 0 { (line.0, line.0 + label_end) } else { (line.0, line.0) };
        let head = self.head_above(at, separator, index, text.matches(separator.as_str()).count(), layout);
        Place { cell: (line.0 + cell.0, line.0 + cell.1), row: line, head, label, ..Place::default() }
    }

    /// Head of column `index` in the nearest line above that is a header line of as many cells.
    fn head_above(&self, at: usize, separator: &str, index: usize, count: usize, layout: &Clauses) -> Range {
        let number = self.line_number(at);
        for above in (number.saturating_sub(layout.head_lines)..number).rev() {
            let line = self.near(self.line(self.lines[above]), self.lines[above]);
            let text = self.text(line);
            let known = layout.head_words.iter().filter(|w| text.contains(w.as_str())).count();
            if known >= 2 && text.contains(separator) {
                if text.matches(separator).count() != count {
                    return (line.1, line.1);
                }
                let piece = nth_piece(text, separator, index);
                return (line.0 + piece.0, line.0 + piece.1);
            }
        }
        (0, 0)
    }

    /// What stands before the last colon of the cell: `货物品牌：`.
    fn label_before(&self, at: usize, cell: Range, layout: &Clauses) -> Range {
        let before = self.text((cell.0, at));
        let Some(colon) = before.rfind(':') else { return (at, at) };
        if before[colon..].chars().count() > layout.label_reach {
            return self.line_label(at, layout);
        }
        let start = before[..colon]
            .rfind(|c: char| layout.label_ends.contains(c))
            .map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
        (cell.0 + start, cell.0 + colon)
    }

    /// The short label that begins the line, however far: `title: …`.
    fn line_label(&self, at: usize, layout: &Clauses) -> Range {
        let line = self.near(self.line(at), at);
        let colon =
            self.text((line.0, at)).find(':').filter(|colon| self.text((line.0, line.0 + colon)).chars().count() * 2 <= layout.label_reach);
        colon.map_or((at, at), |colon| (line.0, line.0 + colon))
    }

    /// What of a range is near `at`: lines and cells may be as long as the text.
    pub fn near(&self, range: Range, at: usize) -> Range {
        let low = self.folded.text.floor_char_boundary(at.saturating_sub(NEAR));
        let high = self.folded.text.floor_char_boundary(at + NEAR);
        (range.0.max(low), range.1.min(high))
    }

    /// The stretch around `start..end` inside `within` that none of `ends` breaks, at most `reach` characters a side.
    pub fn stretch(&self, start: usize, end: usize, within: Range, ends: &str, reach: usize) -> Range {
        let ended = |at: usize, c: char| ends.contains(c) && !(c == '\n' && self.wraps(at));
        let before = self.text((within.0, start)).char_indices().rev().take(reach);
        let left = before.take_while(|(i, c)| !ended(within.0 + i, *c)).last().map_or(start, |(i, _)| within.0 + i);
        let after = self.text((end, within.1)).char_indices().take(reach);
        let right = after.take_while(|(i, c)| !ended(end + i, *c)).map(|(_, c)| c.len_utf8()).sum::<usize>();
        (left, end + right)
    }
}

/// Bytes a side of a mention within which anything may speak of it.
const NEAR: usize = 8192;

/// Most lines that one wrapped paragraph is followed a side.
const WRAPPED: usize = 40;

/// Which lines continue the one above: it is long and open, and the new one begins nothing.
fn continued(text: &str, lines: &[usize], layout: &Clauses) -> Vec<bool> {
    let mut continued = vec![false; lines.len()];
    for number in 1..lines.len() {
        let above = text[lines[number - 1]..lines[number] - 1].trim();
        let end = lines.get(number + 1).map_or(text.len(), |next| next - 1);
        let line = &text[lines[number]..end];
        let open = above.chars().next_back().is_some_and(|c| !layout.sentence_ends.contains(c) && c != ':');
        let plain = !layout.separators.iter().any(|s| line.contains(s.as_str()) || above.contains(s.as_str()));
        let long = above.chars().count() >= layout.wrapped_line;
        continued[number] = open && plain && long && !line.trim().is_empty() && !layout.line_start.is_match(line);
    }
    continued
}

fn piece_at(text: &str, separator: &str, at: usize) -> (usize, Range) {
    let mut start = 0;
    for (index, piece) in text.split(separator).enumerate() {
        let end = start + piece.len();
        if at < end + separator.len() {
            return (index, (start, end));
        }
        start = end + separator.len();
    }
    (0, (0, text.len()))
}

fn nth_piece(text: &str, separator: &str, index: usize) -> Range {
    let start: usize = text.split(separator).take(index).map(|p| p.len() + separator.len()).sum();
    let piece = text.split(separator).nth(index).unwrap_or("");
    (start.min(text.len()), (start + piece.len()).min(text.len()))
}
