//! What a capture says, the same for every format: its parts, their documents, blocks and cells.

use super::{File, Tells};
use crate::evidence::{Gap, Quote, Span};
use serde::{Deserialize, Serialize};

/// One notice's worth of a capture: the notice's own document first, attachments after it.
#[derive(Debug, Clone, Default)]
pub struct Part {
    pub number: u32,
    pub media_type: String,
    /// Recovered from the page itself ("saved from url", canonical link, MHTML header).
    pub url: Option<String>,
    pub title: Option<String>,
    pub published: Option<String>,
    pub fetched: Option<String>,
    pub documents: Vec<Document>,
    /// The first document's values by their names, where the format says itself what each one is.
    pub values: Option<Named>,
    /// Its values by the columns of a table that the rulebook explains.
    pub mapped: Option<Mapped>,
    /// What the format says around the notice, echoed under the names it has there.
    pub meta: serde_json::Map<String, serde_json::Value>,
}

/// Rows of a table that `rulebook/read/tables/` explains, all of one notice.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapped {
    /// Id of the table's rules.
    pub table: String,
    pub rows: Vec<Vec<MappedCell>>,
}

/// A cell: its column as written and the stretch of its value in the document's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedCell {
    pub column: String,
    pub start: usize,
    pub end: usize,
}

/// A tree of named values, each with its stretch (start, end) of the document's text.
#[derive(Debug, Clone, PartialEq)]
pub enum Named {
    Object(Vec<(String, Named)>),
    List(Vec<Named>),
    Value(usize, usize),
}

impl Part {
    /// Whether there is any text to extract from.
    pub fn readable(&self) -> bool {
        self.documents.iter().any(|d| !d.text.trim().is_empty())
    }
}

/// One canonical text and its blocks, the same for every format. The text is as written, not
/// normalised; the title is the first block; blocks are in reading order and their spans lie in
/// `text`; blocks are separated by at least one line break, table cells by `\t`, rows by `\n`,
/// a `<br>` or a block inside a cell is `\n` too (so split cells by block spans, not by characters).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    pub number: u32,
    pub text: String,
    pub blocks: Vec<Block>,
    pub gaps: Vec<Gap>,
    /// Byte offset at which each page begins, where the format has pages; else empty.
    pub pages: Vec<usize>,
    /// Links to files the page refers to (attachments), as written: (text, href).
    pub links: Vec<(String, String)>,
    /// Where the format addresses its values: the start of each in the text and its JSON pointer, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pointers: Vec<(usize, String)>,
    /// The attachment it was read from; `None` for the notice's own pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<File>,
}

/// A block of the canonical text. Top-level block spans do not overlap; a table inside a cell is a
/// block of its own whose span lies inside that cell's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    pub kind: BlockKind,
    pub start: usize,
    pub end: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    Title,
    /// Level 1 to 6.
    Heading(u8),
    Paragraph,
    ListItem,
    /// A table with its cells in row order, spanned cells once.
    Table(Vec<Cell>),
    /// Text the page hides (display:none rows): kept, marked, and not to be extracted from.
    Hidden,
    /// Text around the notice (sidebars of other notices, navigation, footers): kept, not extracted from.
    Aside,
}

/// A table cell: grid position, extent, and its stretch of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    pub row: u32,
    pub column: u32,
    pub row_span: u32,
    pub column_span: u32,
    pub header: bool,
    pub start: usize,
    pub end: usize,
}

impl Document {
    /// The text at `span`.
    pub fn slice(&self, span: Span) -> &str {
        &self.text[span.start..span.end]
    }

    /// Whether it is a file that says what was asked for, whatever became of it.
    pub fn tells_of_demand(&self) -> bool {
        self.file.as_ref().is_some_and(|file| file.tells == Tells::OfDemand)
    }

    /// A span of this document.
    pub fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.number, start, end)
    }

    /// A quote of this document.
    pub fn quote(&self, start: usize, end: usize) -> Quote {
        Quote { text: self.text[start..end].to_string(), at: self.span(start, end) }
    }

    /// Keeps a line from around the notice, below all else.
    pub fn add_aside(&mut self, line: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let start = self.text.len();
        self.text.push_str(line);
        self.blocks.push(Block { kind: BlockKind::Aside, start, end: self.text.len() });
    }

    /// The title block's text; empty where there is none.
    pub fn title(&self) -> &str {
        match self.blocks.first() {
            Some(block) if block.kind == BlockKind::Title => &self.text[block.start..block.end],
            _ => "",
        }
    }

    /// Page number (from 1) of a byte offset, where the format has pages.
    pub fn page_of(&self, offset: usize) -> Option<u32> {
        (!self.pages.is_empty()).then(|| self.pages.partition_point(|start| *start <= offset) as u32)
    }

    /// JSON pointer of the value that a byte offset stands in, where the format has such addresses.
    pub fn pointer_of(&self, offset: usize) -> Option<&str> {
        let next = self.pointers.partition_point(|(start, _)| *start <= offset);
        next.checked_sub(1).map(|at| self.pointers[at].1.as_str())
    }

    /// Address of the innermost cell that holds `span`, else of the one in which it begins (a whole row):
    /// (table's block number, row, column).
    pub fn cell_of(&self, span: Span) -> Option<(usize, u32, u32)> {
        let holds = |start: usize, end: usize| start <= span.start && span.end <= end;
        let mut tables: Vec<_> = self.blocks.iter().enumerate().filter(|(_, b)| holds(b.start, b.end)).collect();
        tables.sort_by_key(|(_, b)| b.end - b.start);
        let find = |fits: &dyn Fn(&Cell) -> bool| {
            tables.iter().find_map(|(number, block)| match &block.kind {
                BlockKind::Table(cells) => cells.iter().find(|c| fits(c)).map(|c| (*number, c.row, c.column)),
                _ => None,
            })
        };
        find(&|c| holds(c.start, c.end)).or_else(|| find(&|c| c.start <= span.start && span.start < c.end))
    }
}
