//! How is it said to people? Terminal summary, report page, exports; fixed wording, masked contacts.
//!
//! Everything here shows a [`Case`](crate::assemble::Case) or an examination; nothing here decides.

pub mod bodies;
pub mod claims;
pub mod columns;
pub mod csv;
pub mod ftm;
pub mod geojson;
pub mod gloss;
pub mod graphml;
pub mod html;
pub mod mask;
pub mod ocds;
pub mod picture;
pub mod say;
mod terminal;
#[cfg(test)]
mod tests;
pub mod translating;
pub mod xlsx;

pub use html::html;
pub use terminal::{terminal, wrapped};

use crate::rulebook::Hashes;
use crate::rulebook::report::Milestone;

/// What the program knows of a case beside its notices.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Name of the case.
    pub name: String,
    /// Files that were given, if the program counted them.
    pub files: Option<usize>,
    /// When the page was made; the library has no clock.
    pub generated: Option<String>,
    /// What the collector recorded of sites, dates and search words, as (label, value) pairs; empty:
    /// nothing is recorded, and the page says that the pile is no sample.
    pub collection: Vec<(String, String)>,
    /// Hashes of the rulebook.
    pub hashes: Hashes,
    pub audience: Audience,
    /// Sentences that people signed for publication, with what was answered.
    pub claims: Vec<claims::Claim>,
    /// What companies said of themselves, with the scope in which it holds.
    pub statements: Vec<Milestone>,
}

/// Who will read it: findings from confidential captures stay with their owner.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Audience {
    #[default]
    Others,
    Owner,
}

/// Whether the terminal takes colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Style {
    #[default]
    Plain,
    Colour,
}
