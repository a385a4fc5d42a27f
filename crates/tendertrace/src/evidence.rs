//! Where does a value come from? Spans into a document's canonical text, quotes, values read,
//! values concluded, and gaps: what was there and could not be understood.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A stretch of a document's canonical text, in bytes; `doc` numbers the documents of one notice
/// (0 is the notice itself, attachments follow).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    pub doc: u32,
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub fn new(doc: u32, start: usize, end: usize) -> Span {
        Span { doc, start, end }
    }

    pub fn len(&self) -> usize {
        self.end - self.start
    }

    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    pub fn contains(&self, other: &Span) -> bool {
        self.doc == other.doc && self.start <= other.start && other.end <= self.end
    }

    pub fn overlaps(&self, other: &Span) -> bool {
        self.doc == other.doc && self.start < other.end && other.start < self.end
    }
}

/// Stable id of the rule that fired, `folder/file#row`, for example `labels/buyer#caigouren`.
pub type RuleId = Arc<str>;

/// Verbatim text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    pub text: String,
    pub at: Span,
}

/// A value read from the text: `raw` is exactly the text at `at`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sourced<T> {
    pub value: T,
    pub raw: String,
    pub at: Span,
    pub rule: RuleId,
}

/// A value concluded from what was read (a sum, a kind, a region), with what it was concluded from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derived<T> {
    pub value: T,
    pub derived_from: Vec<Quote>,
    pub rule: RuleId,
}

/// A value that is either read or concluded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Known<T> {
    Read(Sourced<T>),
    Concluded(Derived<T>),
}

impl<T> Sourced<T> {
    /// The verbatim text as a quote.
    pub fn quote(&self) -> Quote {
        Quote { text: self.raw.clone(), at: self.at }
    }

    /// The same evidence with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced { value: change(self.value), raw: self.raw, at: self.at, rule: self.rule }
    }
}

impl<T> Known<T> {
    pub fn value(&self) -> &T {
        match self {
            Known::Read(read) => &read.value,
            Known::Concluded(concluded) => &concluded.value,
        }
    }

    pub fn rule(&self) -> &RuleId {
        match self {
            Known::Read(read) => &read.rule,
            Known::Concluded(concluded) => &concluded.rule,
        }
    }

    /// What shows it: the text read, or what it was concluded from.
    pub fn quotes(&self) -> Vec<Quote> {
        match self {
            Known::Read(read) => vec![read.quote()],
            Known::Concluded(concluded) => concluded.derived_from.clone(),
        }
    }
}

impl<T> From<Sourced<T>> for Known<T> {
    fn from(read: Sourced<T>) -> Self {
        Known::Read(read)
    }
}

/// What kind of thing was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// A label that no rule knows, with a value after it.
    UnknownLabel,
    /// A brand cell that no brand file knows.
    UnknownBrand,
    /// A known label whose value could not be read (an amount that is none).
    UnreadableValue,
    /// A table or flattened table whose columns nothing confirmed.
    UnsolvedTable,
    /// Text in which no label at all was known.
    UnknownLayout,
    /// Bytes that could not be decoded or parsed.
    BrokenPart,
    /// A value masked by its publisher.
    Masked,
    /// The text refers to an attachment that is not there.
    AttachmentMissing,
    /// A publisher's mistake that was mended to read the rest; what was written stays as it was.
    Repaired,
}

/// Something that was there and could not be understood: counted and shown, never dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub kind: GapKind,
    /// The verbatim text; for an unreadable capture a message, with an empty span.
    pub at: Quote,
    /// In plain words what is missing and what would mend it; may be empty.
    pub note: String,
}
