//! What do all rooms match on? A document beside its two folded copies, made once and shared from
//! labels to purposes.

use crate::model::Document;
use crate::script::{Folded, Folder};

/// A document and its folded copies.
pub struct Sheet<'a> {
    pub document: &'a Document,
    /// Folded with its white space: for phrases and values.
    pub folded: Folded,
    /// Folded without white space: for labels.
    pub squeezed: Folded,
}

impl<'a> Sheet<'a> {
    pub fn of(document: &'a Document, folder: &Folder) -> Sheet<'a> {
        Sheet { document, folded: folder.fold(&document.text), squeezed: folder.squeeze(&document.text) }
    }

    /// One for each document of a notice.
    pub fn all(documents: &'a [Document], folder: &Folder) -> Vec<Sheet<'a>> {
        documents.iter().map(|document| Sheet::of(document, folder)).collect()
    }
}
