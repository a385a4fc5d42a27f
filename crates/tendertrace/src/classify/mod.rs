//! What does the notice say of whose product, and what is the purchase for? Mentions, usages,
//! purposes, strength and objections.

use crate::evidence::Gap;
use crate::model::{CaptureHead, Document, Finding, Notice};
use crate::rulebook::Rulebook;

/// Finds brands and products, decides the usage of each mention, and groups them into findings.
/// Fills `notice.purposes`.
pub fn classify(_capture: &CaptureHead, _notice: &mut Notice, _documents: &[Document], _rules: &Rulebook) -> (Vec<Finding>, Vec<Gap>) {
    (Vec::new(), Vec::new())
}

/// The brand keys that `name` stands for: what the mention matcher finds in the name alone.
pub fn brand_keys(_name: &str, _rules: &Rulebook) -> Vec<String> {
    Vec::new()
}
