//! What does a plain text say? Its lines as paragraphs, kept as written; tables that were flattened
//! are left to those who know labels.

use super::writer::Writer;
use crate::model::Document;

/// Reads plain text below a title.
pub fn read_plain(text: &str, title: &str) -> Document {
    let mut writer = Writer::titled(title);
    write(text, &mut writer);
    writer.finish()
}

/// Reads plain text whose pages are apart by form feeds.
pub fn read_pages(text: &str, title: &str) -> Document {
    let mut writer = Writer::titled(title);
    let mut pages = Vec::new();
    for page in text.split('\u{c}') {
        pages.push(writer.position());
        write(page, &mut writer);
    }
    Document { pages, ..writer.finish() }
}

fn write(text: &str, writer: &mut Writer) {
    for line in text.lines() {
        if !line.trim().is_empty() {
            writer.verbatim(line);
            writer.line_break();
        }
    }
}
