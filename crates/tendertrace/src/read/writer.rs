//! How is canonical text written? Words, line breaks and cells in, one text with its blocks out:
//! the same for every format. The only place that knows where white space goes.

use crate::model::{Block, BlockKind, Cell, Document};

/// Columns a table is followed to; what lies beyond is kept but its spans are not.
const WIDEST: usize = 1024;

/// Writes one document.
#[derive(Debug, Default)]
pub struct Writer {
    text: String,
    blocks: Vec<Block>,
    kind: Option<BlockKind>,
    /// Where the open line of flowing text began.
    line: Option<usize>,
    pending: Pending,
    frames: Vec<Frame>,
    /// Starts of the cells that are open, outermost first.
    cells: Vec<usize>,
    hidden: Option<Hidden>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Pending {
    #[default]
    Nothing,
    Space,
    Line,
}

/// A table being written.
#[derive(Debug, Default)]
struct Frame {
    /// Number of its block, once it has a row with a cell.
    block: Option<usize>,
    /// Length of the text before the table and its separator.
    before: usize,
    cells: Vec<Cell>,
    row: u32,
    row_has_cell: bool,
    in_cell: bool,
    column: usize,
    /// For each column the row from which it is free again.
    taken_until: Vec<u32>,
}

/// Hidden text waits here until the block around it is finished.
#[derive(Debug, Default)]
struct Hidden {
    text: String,
    pending: Pending,
    depth: u32,
}

impl Writer {
    /// Begins with the title block, empty where there is none.
    pub fn titled(title: &str) -> Writer {
        let mut writer = Writer::default();
        writer.text.push_str(title.trim());
        writer.blocks.push(Block { kind: BlockKind::Title, start: 0, end: writer.text.len() });
        writer
    }

    /// Bytes written so far: what comes next begins behind them.
    pub fn position(&self) -> usize {
        self.text.len()
    }

    /// Kind of the lines that follow.
    pub fn set_kind(&mut self, kind: BlockKind) {
        self.kind = Some(kind);
    }

    /// Running text: each run of ASCII white space is one space, as a browser shows it.
    pub fn flow(&mut self, text: &str) {
        let is_blank = |c: char| c.is_ascii_whitespace();
        if text.starts_with(is_blank) {
            self.space();
        }
        let mut first = true;
        for word in text.split_ascii_whitespace() {
            if !first {
                self.space();
            }
            first = false;
            self.word(word);
        }
        if !first && text.ends_with(is_blank) {
            self.space();
        }
    }

    /// Text whose white space stays as written; its line breaks end lines.
    pub fn verbatim(&mut self, text: &str) {
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.line_break();
            }
            let line = line.trim_end_matches('\r');
            if !line.is_empty() {
                self.word(line);
            }
        }
    }

    pub fn space(&mut self) {
        let pending = self.pending();
        *pending = (*pending).max(Pending::Space);
    }

    fn pending(&mut self) -> &mut Pending {
        match &mut self.hidden {
            Some(hidden) if hidden.depth > 0 => &mut hidden.pending,
            _ => &mut self.pending,
        }
    }

    fn word(&mut self, word: &str) {
        if let Some(hidden) = self.hidden.as_mut().filter(|h| h.depth > 0) {
            return hidden.word(word);
        }
        self.leave_rows();
        match self.cells.last() {
            Some(start) => push_pending(&mut self.text, self.pending, *start),
            None => {
                let start = self.open_line();
                push_pending(&mut self.text, self.pending, start);
            }
        }
        self.pending = Pending::Nothing;
        self.text.push_str(word);
    }

    fn open_line(&mut self) -> usize {
        if let Some(start) = self.line {
            return start;
        }
        self.separate();
        self.pending = Pending::Nothing;
        self.line = Some(self.text.len());
        self.text.len()
    }

    fn separate(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// Ends the line: a block in flowing text, a line break within a cell.
    pub fn line_break(&mut self) {
        if self.is_hiding() || !self.cells.is_empty() {
            *self.pending() = Pending::Line;
            return;
        }
        self.pending = Pending::Nothing;
        if let Some(start) = self.line.take() {
            let (from, to) = trimmed(&self.text, start, self.text.len());
            if from == to {
                self.text.truncate(start.saturating_sub(1));
            } else {
                let kind = self.kind.clone().unwrap_or(BlockKind::Paragraph);
                self.blocks.push(Block { kind, start: from, end: to });
            }
        }
        self.write_hidden();
    }

    /// What follows is hidden by the page, until the matching [`Writer::show`].
    pub fn hide(&mut self) {
        let hidden = self.hidden.get_or_insert_default();
        hidden.depth += 1;
        hidden.pending = Pending::Line;
    }

    pub fn show(&mut self) {
        if let Some(hidden) = &mut self.hidden {
            hidden.depth = hidden.depth.saturating_sub(1);
        }
    }

    fn is_hiding(&self) -> bool {
        self.hidden.as_ref().is_some_and(|h| h.depth > 0)
    }

    /// Hidden text must not stand amid visible cells or sentences: it follows their block.
    fn write_hidden(&mut self) {
        if self.is_hiding() || self.frames.iter().any(|f| f.block.is_some()) {
            return;
        }
        let Some(hidden) = self.hidden.take().filter(|h| !h.text.trim().is_empty()) else { return };
        self.separate();
        let start = self.text.len();
        self.text.push_str(&hidden.text);
        let (start, end) = trimmed(&self.text, start, self.text.len());
        self.blocks.push(Block { kind: BlockKind::Hidden, start, end });
    }

    /// Text or a table between the rows of a table ends it: no block may lie across another.
    fn leave_rows(&mut self) {
        if self.frames.last().is_some_and(|f| f.block.is_some() && !f.in_cell) {
            self.pause_table();
        }
    }

    pub fn open_table(&mut self) {
        self.leave_rows();
        if self.cells.is_empty() {
            self.line_break();
        }
        self.frames.push(Frame::default());
    }

    /// Whether a cell of an earlier row reaches into the row that comes next.
    pub fn reaches_into_row(&self) -> bool {
        self.frames.last().is_some_and(|f| f.block.is_some() && f.taken_until.iter().any(|until| *until > f.row))
    }

    /// Ends the table so far; text may flow, and further rows begin a table of their own.
    pub fn pause_table(&mut self) {
        let Some(frame) = self.frames.last_mut() else { return };
        let frame = std::mem::take(frame);
        self.finish_table(frame);
    }

    pub fn close_table(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.finish_table(frame);
        }
    }

    fn finish_table(&mut self, frame: Frame) {
        let Some(block) = frame.block else { return };
        if frame.cells.iter().all(|c| c.start == c.end) {
            self.blocks.truncate(block);
            self.text.truncate(frame.before);
        } else {
            self.blocks[block].end = self.text.len();
            self.blocks[block].kind = BlockKind::Table(frame.cells);
        }
        if self.cells.is_empty() {
            self.write_hidden();
        } else {
            self.pending = Pending::Line;
        }
    }

    pub fn open_row(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.column = 0;
            frame.row_has_cell = false;
        }
    }

    pub fn close_row(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.row += u32::from(frame.block.is_some());
        }
    }

    /// Rows of a new row group: no cell above reaches into them.
    pub fn close_row_group(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.taken_until.clear();
        }
    }

    pub fn open_cell(&mut self, row_span: u32, column_span: u32, header: bool) {
        let Some(frame) = self.frames.last_mut() else { return };
        let is_first_row = frame.block.is_none();
        let is_first_cell = !frame.row_has_cell;
        (frame.row_has_cell, frame.in_cell) = (true, true);
        let cell = frame.place(row_span, column_span, header);
        if is_first_row {
            self.begin_table();
        } else {
            self.text.push(if is_first_cell { '\n' } else { '\t' });
        }
        let start = self.text.len();
        let frame = self.frames.last_mut().expect("still there");
        frame.cells.push(Cell { start, end: start, ..cell });
        self.cells.push(start);
        self.pending = Pending::Nothing;
    }

    fn begin_table(&mut self) {
        if self.cells.is_empty() {
            self.line_break();
        }
        let before = self.text.len();
        if self.cells.is_empty() {
            self.separate();
        } else if self.cells.last().is_some_and(|start| self.text.len() > *start) {
            self.text.push('\n');
        }
        let start = self.text.len();
        self.blocks.push(Block { kind: BlockKind::Table(Vec::new()), start, end: start });
        let number = self.blocks.len() - 1;
        let frame = self.frames.last_mut().expect("a table is open");
        (frame.block, frame.before) = (Some(number), before);
    }

    pub fn close_cell(&mut self) {
        let Some(start) = self.cells.pop() else { return };
        self.pending = Pending::Nothing;
        let (start, end) = self.around_tables(start, trimmed(&self.text, start, self.text.len()));
        let Some(frame) = self.frames.last_mut() else { return };
        frame.in_cell = false;
        if let Some(cell) = frame.cells.last_mut() {
            (cell.start, cell.end) = (start, end);
        }
    }

    /// The stretch of a cell that began at `cell`, wide enough for the tables in it: theirs may
    /// begin or end with empty cells, which are white space.
    fn around_tables(&self, cell: usize, (start, end): (usize, usize)) -> (usize, usize) {
        let within = self.blocks.iter().rev().take_while(|block| block.start >= cell);
        within.filter(|b| matches!(b.kind, BlockKind::Table(_))).fold((start, end), |(from, to), b| (from.min(b.start), to.max(b.end)))
    }

    /// Adds another document's text and blocks, without its title.
    pub fn append(&mut self, document: &Document) {
        self.line_break();
        if document.text.is_empty() {
            return;
        }
        self.separate();
        let by = self.text.len();
        self.text.push_str(&document.text);
        self.blocks.extend(document.blocks.iter().filter(|b| b.kind != BlockKind::Title).map(|b| moved(b, by)));
    }

    /// The document; everything still open is closed.
    pub fn finish(mut self) -> Document {
        if let Some(hidden) = &mut self.hidden {
            hidden.depth = 0;
        }
        while !self.frames.is_empty() {
            if self.frames.last().is_some_and(|f| f.in_cell) {
                self.close_cell();
            }
            self.close_table();
        }
        self.cells.clear();
        self.line_break();
        Document { text: self.text, blocks: self.blocks, ..Document::default() }
    }
}

impl Hidden {
    fn word(&mut self, word: &str) {
        push_pending(&mut self.text, self.pending, 0);
        self.pending = Pending::Nothing;
        self.text.push_str(word);
    }
}

impl Frame {
    /// Finds the next free column of the row and takes the cell's extent.
    fn place(&mut self, row_span: u32, column_span: u32, header: bool) -> Cell {
        while self.taken_until.get(self.column).is_some_and(|until| *until > self.row) {
            self.column += 1;
        }
        let column = self.column;
        let width = (column_span.max(1) as usize).min(WIDEST.saturating_sub(column).max(1));
        if row_span > 1 && column + width <= WIDEST {
            if self.taken_until.len() < column + width {
                self.taken_until.resize(column + width, 0);
            }
            self.taken_until[column..column + width].fill(self.row.saturating_add(row_span));
        }
        self.column = column + width;
        Cell { row: self.row, column: column as u32, row_span: row_span.max(1), column_span: width as u32, header, start: 0, end: 0 }
    }
}

fn moved(block: &Block, by: usize) -> Block {
    let kind = match &block.kind {
        BlockKind::Table(cells) => BlockKind::Table(cells.iter().map(|c| Cell { start: c.start + by, end: c.end + by, ..*c }).collect()),
        other => other.clone(),
    };
    Block { kind, start: block.start + by, end: block.end + by }
}

fn push_pending(text: &mut String, pending: Pending, start: usize) {
    match pending {
        Pending::Space if text.len() > start => text.push(' '),
        Pending::Line if text.len() > start => text.push('\n'),
        _ => {}
    }
}

/// The stretch without white space at its ends.
fn trimmed(text: &str, start: usize, end: usize) -> (usize, usize) {
    let stretch = &text[start..end];
    let from = start + stretch.len() - stretch.trim_start().len();
    let to = start + stretch.trim_end().len();
    if from >= to { (start, start) } else { (from, to) }
}
