//! Which fields does the notice state? A document in, a notice out, by the rulebook's labels;
//! knows nothing of brands, lists or who a name is.

use crate::evidence::Gap;
use crate::model::{CaptureHead, Document, Notice};
use crate::rulebook::Rulebook;

/// Extracts every field of the contract that can be shown; what cannot be is a gap.
pub fn extract(_capture: &CaptureHead, _documents: &[Document], _rules: &Rulebook) -> (Notice, Vec<Gap>) {
    (Notice::default(), Vec::new())
}
