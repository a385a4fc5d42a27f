//! What does a plain text say? Its lines as paragraphs, kept as written; tables that were flattened
//! are left to those who know labels.

use super::writer::Writer;
use crate::model::Document;

/// Reads plain text below a title.
pub fn read_plain(text: &str, title: &str) -> Document {
    let mut writer = Writer::titled(title);
    for line in text.lines() {
        if !line.trim().is_empty() {
            writer.verbatim(line);
            writer.line_break();
        }
    }
    writer.finish()
}
