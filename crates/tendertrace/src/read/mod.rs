//! What does the capture say, whatever its format? Bytes in, one or more parts of documents out;
//! knows nothing of notices.

mod attached;
mod binary;
pub mod decode;
mod entities;
mod html;
mod json;
mod mail;
mod mapped;
mod mhtml;
mod ocds;
mod office;
mod pdf;
mod picture;
mod plain;
mod rtf;
mod sniff;
mod table;
pub mod transfer;
mod writer;
pub(crate) mod xml;

pub use attached::{is_attachable, links};
pub use binary::{is_archive, may_be_scanned, read_binary, scans};
pub use decode::decode;

use crate::evidence::{Gap, GapKind, Quote, Span};
use crate::model::{Binary, BlockKind, Budget, Capture, Document, Part};
use crate::rulebook::Rulebook;
use sniff::Format;

/// Reads a capture into its parts: one for a page, one a record for formats that hold records.
pub fn read(capture: &Capture, rules: &Rulebook, budget: &Budget) -> Vec<Part> {
    let bytes = &capture.bytes[..capture.bytes.len().min(budget.bytes)];
    let source = Source {
        title: capture.title.as_deref(),
        media_type: capture.media_type.as_deref(),
        charset: capture.charset.as_deref(),
        file_name: capture.file_name.as_deref(),
    };
    let mut parts = read_bytes(bytes, &source, rules, budget);
    if bytes.len() < capture.bytes.len() {
        let message = format!("only the first {} of {} bytes were read", bytes.len(), capture.bytes.len());
        parts.iter_mut().take(1).for_each(|part| note(part, broken(&message, "split the file")));
    }
    attached::attach(&mut parts, capture, rules, budget);
    for (number, part) in parts.iter_mut().enumerate() {
        part.number = number as u32;
        finish(part, rules);
    }
    parts
}

const UNPACK: &str = "install bsdtar (libarchive-tools) and give the file again, or unpack it yourself";

/// What is known of bytes before they are read.
#[derive(Debug, Clone, Copy, Default)]
struct Source<'a> {
    title: Option<&'a str>,
    media_type: Option<&'a str>,
    charset: Option<&'a str>,
    file_name: Option<&'a str>,
}

fn read_bytes(bytes: &[u8], source: &Source, rules: &Rulebook, budget: &Budget) -> Vec<Part> {
    match sniff::binary(bytes) {
        Some(Format::Risky(media_type, name)) => return vec![read_risky(bytes, (media_type, name), source, budget)],
        Some(format) => return vec![unread_format(source, format)],
        None => {}
    }
    if mail::is_mail(bytes)
        && let Some(part) = mail::read_mail(bytes, source, rules, budget)
    {
        return vec![part];
    }
    let (text, encoding, had_errors) = decode(bytes, source.charset);
    if sniff::is_gibberish(&text) {
        return vec![unread(source, "application/octet-stream", "these bytes are no text in any known encoding")];
    }
    let mut parts = read_text(&text, source, rules, budget);
    if had_errors {
        parts.iter_mut().take(1).for_each(|part| note(part, misfit(encoding)));
    }
    parts
}

fn read_risky(bytes: &[u8], (media_type, name): (&str, &str), source: &Source, budget: &Budget) -> Part {
    let title = source.title.unwrap_or("");
    let read = match budget.outside {
        Some(outside) => outside(bytes, title),
        None => Ok(read_binary(bytes, title)),
    };
    match read {
        Ok(Binary { media_type, document }) => Part { media_type, documents: vec![document], ..Part::default() },
        Err(message) => unread(source, media_type, &format!("this {name} file could not be read: {message}")),
    }
}

fn misfit(encoding: &str) -> Gap {
    broken(&format!("some bytes are no {encoding} text"), "compare with the original page")
}

fn read_text(text: &str, source: &Source, rules: &Rulebook, budget: &Budget) -> Vec<Part> {
    if let Some(parts) = ocds::read(text, budget) {
        return parts;
    }
    let format = match sniff::text(text, source.media_type) {
        Format::Plain => sniff::table(source.file_name, source.media_type).unwrap_or(Format::Plain),
        format => format,
    };
    if let Some(parts) = read_mapped(text, format, rules, budget) {
        return parts;
    }
    match format {
        Format::Html => vec![read_html(text, source, rules)],
        Format::EscapedHtml => {
            let inner = html::read_page(text, None, &rules.read).document.text;
            vec![read_html(&inner, source, rules)]
        }
        Format::Json => json::read_json(text, source, rules, budget),
        Format::JsonLines => json::read_json_lines(text, source, rules, budget),
        Format::Xml => json::read_value(&xml::to_value(text, budget.depth.min(100)), format, source, rules, budget),
        Format::Empty => vec![unread(source, "text/plain", "the file is empty")],
        Format::Mhtml => vec![read_archive(text.as_bytes(), source, rules, budget)],
        Format::Table(delimiter) => vec![part_of(format, table::read_table(text, delimiter, source.title.unwrap_or("")))],
        Format::Plain | Format::Risky(..) | Format::Unread(..) => vec![read_lines(text, source)],
    }
}

/// The rows of a table that somebody has explained to the rulebook.
fn read_mapped(text: &str, format: Format, rules: &Rulebook, budget: &Budget) -> Option<Vec<Part>> {
    if rules.read.tables.is_empty() {
        return None;
    }
    let values = |text: &str| serde_json::from_str(text).ok();
    match format {
        Format::Table(delimiter) => mapped::of_fields(text, table::own_delimiter(text, delimiter), &rules.read.tables, budget.parts),
        Format::Json => mapped::of_values(&[values(text)?], &rules.read.tables, format, budget.parts),
        Format::JsonLines => {
            mapped::of_values(&text.lines().filter_map(values).collect::<Vec<_>>(), &rules.read.tables, format, budget.parts)
        }
        _ => None,
    }
}

fn read_lines(text: &str, source: &Source) -> Part {
    let mut part = part_of(Format::Plain, plain::read_plain(text, source.title.unwrap_or("")));
    if text.contains('\0') {
        note(&mut part, broken("the text holds NUL bytes", "compare with the original page"));
    }
    part
}

/// The page of an MHTML archive and the frames in it; each names its own encoding.
fn read_archive(bytes: &[u8], source: &Source, rules: &Rulebook, budget: &Budget) -> Part {
    let mut pages = mhtml::pages_of(bytes, budget.depth.min(8)).into_iter();
    let Some(page) = pages.next() else {
        return unread(source, "multipart/related", "no HTML page was found in this archive");
    };
    let mut part = read_archived(&page, source, rules);
    part.url = page.url.or(part.url);
    for frame in pages {
        let inner = read_archived(&frame, &Source { title: Some(""), ..*source }, rules);
        part.documents.extend(inner.documents.into_iter().filter(|d| !d.text.trim().is_empty()));
    }
    part
}

fn read_archived(page: &mhtml::Archived, source: &Source, rules: &Rulebook) -> Part {
    let (text, encoding, had_errors) = decode(&page.bytes, page.charset.as_deref());
    let mut part = read_html(&text, source, rules);
    if had_errors {
        note(&mut part, misfit(encoding));
    }
    part
}

fn read_html(text: &str, source: &Source, rules: &Rulebook) -> Part {
    let page = html::read_page(text, source.title, &rules.read);
    let mut part = part_of(Format::Html, page.document);
    (part.url, part.title, part.published) = (page.head.url, page.head.title, page.head.published);
    if page.cut {
        note(&mut part, broken("the page nests too deep; its inner structure was flattened", ""));
    }
    if page.scripted {
        note(&mut part, broken("scripts fill this page; it holds no text of its own", "save the page from a browser after it has loaded"));
    }
    part
}

fn part_of(format: Format, document: Document) -> Part {
    Part { media_type: format.media_type().to_string(), documents: vec![document], ..Part::default() }
}

/// A part without text: the title stays, as do the reasons.
fn unread(source: &Source, media_type: &str, message: &str) -> Part {
    let mut part = Part { media_type: media_type.to_string(), documents: vec![Document::default()], ..Part::default() };
    part.title = source.title.map(str::to_string);
    note(&mut part, broken(message, ""));
    part
}

fn unread_format(source: &Source, format: Format) -> Part {
    let (message, help) = match format.name() {
        name if format.is_picture() => (format!("{name} is a picture without text"), pdf::INSTALL),
        name @ ("RAR" | "7-Zip") => (format!("this {name} archive was not opened"), UNPACK),
        name => (format!("{name} is not read"), "save it in another format"),
    };
    let mut part = unread(source, format.media_type(), &message);
    part.documents.iter_mut().flat_map(|document| &mut document.gaps).for_each(|gap| gap.note = help.to_string());
    part
}

fn broken(message: &str, help: &str) -> Gap {
    let at = Quote { text: message.to_string(), at: Span::new(0, 0, 0) };
    Gap { kind: GapKind::BrokenPart, at, note: help.to_string() }
}

fn note(part: &mut Part, gap: Gap) {
    if let Some(document) = part.documents.first_mut() {
        document.gaps.push(gap);
    }
}

/// Numbers the documents and sets lines aside that belong to the page around the notice.
fn finish(part: &mut Part, rules: &Rulebook) {
    for (number, document) in part.documents.iter_mut().enumerate() {
        document.number = number as u32;
        for gap in &mut document.gaps {
            gap.at.at.doc = document.number;
        }
        set_lines_aside(document, rules);
    }
}

fn set_lines_aside(document: &mut Document, rules: &Rulebook) {
    let most = rules.read.limits.line_letters;
    for block in &mut document.blocks {
        let line = &document.text[block.start..block.end];
        let is_line = matches!(block.kind, BlockKind::Paragraph | BlockKind::ListItem);
        if is_line && line.len() <= most * 4 && rules.read.is_aside_line(&rules.folder.plain(line)) {
            block.kind = BlockKind::Aside;
        }
    }
}

#[cfg(test)]
mod tests;
