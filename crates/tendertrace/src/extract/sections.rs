//! How is the text divided? Atomic stretches between borders (cells, lines, tabs), and the
//! numbered or headed sections with what each is about.

use crate::evidence::{RuleId, Span};
use crate::model::Document;
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
    /// 1: 一、 or 第一部分 or an unnumbered heading; 2: （一）; 3: 1. ; 4: (1).
    pub depth: u8,
}

/// An atomic stretch of the text: no tab, line break or cell border inside; trimmed, not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    pub start: usize,
    pub end: usize,
    /// Number of the line of text it stands in (cells of one table row share it).
    pub line: u32,
    /// (block number, row, column) of the cell it stands in, where the format has cells.
    pub cell: Option<(usize, u32, u32)>,
}

/// The document's segments in order.
pub fn segments(_document: &Document) -> Vec<Segment> {
    Vec::new()
}
