//! Which list may name a party of this notice, and was the listing in force on the event's date?

use crate::model::{Lead, Notice};
use crate::rulebook::Rulebook;

/// Compares every party of the notice with the rulebook's lists.
pub fn leads(_notice: &Notice, _rules: &Rulebook) -> Vec<Lead> {
    Vec::new()
}
