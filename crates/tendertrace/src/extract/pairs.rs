//! Which label stands before which value? Labels of the rulebook, found in one pass over the
//! squeezed text, each with the stretch of text that is its value.

use crate::evidence::{RuleId, Span};
use std::sync::Arc;

/// A label and the stretch of text that is its value, in document order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Stem of the labels file: `buyer`, `supplier`, `amount`, `budget`, `lot`, `rank`, `agency_fee` …
    pub field: Arc<str>,
    /// `labels/buyer#caigouren`.
    pub rule: RuleId,
    /// The label as written, with its parenthesised unit if it has one, without the colon.
    pub label: Span,
    /// Trimmed; empty where the label has no value.
    pub value: Span,
    /// Index into `Layout::sections`; `NO_SECTION` before the first heading.
    pub section: u32,
    /// The package that this stretch of the notice is about, where a heading says so.
    pub lot: Option<String>,
}

/// `Pair::section` of a pair that stands before the first heading.
pub const NO_SECTION: u32 = u32::MAX;
