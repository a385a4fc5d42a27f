//! What does the capture say, whatever its format? Bytes in, one or more parts of documents out;
//! knows nothing of notices.

use crate::model::{Budget, Capture, Part};
use crate::rulebook::Rulebook;

/// Reads a capture into its parts: one for a page, one a record for formats that hold records.
pub fn read(_capture: &Capture, _rules: &Rulebook, _budget: &Budget) -> Vec<Part> {
    Vec::new()
}
