//! What does an office file say? Word processors', spreadsheets' and slides' own formats, old and
//! new, to one document; what lies in a container is told from its entries, whatever its name.

mod doc;
mod events;
mod odt;
mod ofd;
mod sheet;
mod tree;
mod xml;

use super::broken;
use super::writer::Writer;
use crate::model::Document;
use std::io::{Cursor, Read as _};
use zip::ZipArchive;

/// Unpacked bytes that are read of one entry: more is a bomb, not a text.
const MOST: u64 = 256 << 20;
/// Slides of one file that are read.
const MOST_SLIDES: usize = 2_000;

type Container<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Whether the container is an office file, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Word,
    Slides,
    Sheets,
    OpenText,
    Ofd,
    /// Recognised, not read: media type and name.
    Unread(&'static str, &'static str),
}

impl Kind {
    pub fn media_type(self) -> &'static str {
        match self {
            Kind::Word => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Kind::Slides => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Kind::Sheets => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Kind::OpenText => "application/vnd.oasis.opendocument.text",
            Kind::Ofd => "application/ofd",
            Kind::Unread(media_type, _) => media_type,
        }
    }
}

/// The kind of a ZIP container by its entries; a plain archive is `None`.
pub fn kind(bytes: &[u8]) -> Option<Kind> {
    let mut container = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let has = |name: &str| container.index_for_name(name).is_some();
    match () {
        _ if has("word/document.xml") || has("word/document2.xml") => Some(Kind::Word),
        _ if has("xl/workbook.xml") || has("xl/workbook.bin") => Some(Kind::Sheets),
        _ if has("ppt/presentation.xml") => Some(Kind::Slides),
        _ if has("OFD.xml") => Some(Kind::Ofd),
        _ if has("content.xml") && has("mimetype") => open_document(&mut container),
        _ => None,
    }
}

fn open_document(container: &mut Container<'_>) -> Option<Kind> {
    let declared = entry(container, "mimetype").ok()?;
    Some(match declared.trim() {
        kind if kind.contains("spreadsheet") => Kind::Sheets,
        kind if kind.contains("opendocument.text") => Kind::OpenText,
        _ => Kind::Unread("application/vnd.oasis.opendocument", "OpenDocument drawing or presentation"),
    })
}

/// Reads a container of this kind below a title.
pub fn read_container(bytes: &[u8], kind: Kind, title: &str) -> Document {
    let read = match kind {
        Kind::Word => word(bytes, title),
        Kind::Slides => slides(bytes, title),
        Kind::Sheets => sheet::read_sheets(bytes, title),
        Kind::OpenText => open_text(bytes, title),
        Kind::Ofd => fixed_pages(bytes, title),
        Kind::Unread(_, name) => Err(format!("{name} is not read yet")),
    };
    read.unwrap_or_else(|message| failed(title, &message))
}

/// Reads the compound files of old office programs: DOC and what WPS makes of it, XLS.
pub fn read_compound(bytes: &[u8], title: &str) -> Document {
    let read = match doc::is_word(bytes) {
        true => doc::read_doc(bytes, title),
        false => sheet::read_sheets(bytes, title),
    };
    read.unwrap_or_else(|message| failed(title, &message))
}

fn failed(title: &str, message: &str) -> Document {
    Document { gaps: vec![broken(message, "open the file and save it anew, or as PDF")], ..Writer::titled(title).finish() }
}

fn word(bytes: &[u8], title: &str) -> Result<Document, String> {
    let mut container = ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("this DOCX does not open: {error}"))?;
    let main = entry(&mut container, "word/document.xml").or_else(|_| entry(&mut container, "word/document2.xml"))?;
    let mut writer = Writer::titled(title);
    let cut = tree::write(&xml::blocks(&main), &mut writer);
    let mut document = writer.finish();
    document.gaps.extend(cut.map(|message| broken(message, "")));
    Ok(document)
}

fn open_text(bytes: &[u8], title: &str) -> Result<Document, String> {
    let mut container = ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("this ODT does not open: {error}"))?;
    let mut writer = Writer::titled(title);
    let cut = tree::write(&odt::blocks(&entry(&mut container, "content.xml")?), &mut writer);
    let mut document = writer.finish();
    document.gaps.extend(cut.map(|message| broken(message, "")));
    Ok(document)
}

/// Pages of an OFD file in the order of their numbers; its pictures are not looked into.
fn fixed_pages(bytes: &[u8], title: &str) -> Result<Document, String> {
    let mut container = ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("this OFD does not open: {error}"))?;
    let number = |name: &str| name.rsplit_once("/Pages/Page_")?.1.strip_suffix("/Content.xml")?.parse::<u32>().ok();
    let names = container.file_names_raw().filter_map(|name| std::str::from_utf8(name).ok().map(str::to_string));
    let mut pages: Vec<(u32, String)> = names.filter_map(|name| number(&name).map(|number| (number, name))).collect();
    pages.sort();
    let mut writer = Writer::titled(title);
    let mut starts = Vec::new();
    for (_, name) in pages.iter().take(MOST_SLIDES) {
        starts.push(writer.position());
        for line in ofd::lines(&entry(&mut container, name)?) {
            writer.verbatim(&line);
            writer.line_break();
        }
    }
    let mut document = Document { pages: starts, ..writer.finish() };
    if document.text.trim() == title.trim() {
        document.gaps.push(broken("this OFD holds no text, only pictures", "print it as PDF and read that with optical recognition"));
    }
    Ok(document)
}

/// Slides in the order of their numbers, each a page.
fn slides(bytes: &[u8], title: &str) -> Result<Document, String> {
    let mut container = ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("this PPTX does not open: {error}"))?;
    let number = |name: &str| name.strip_prefix("ppt/slides/slide")?.strip_suffix(".xml")?.parse::<u32>().ok();
    let mut numbers: Vec<u32> = container.file_names_raw().filter_map(|name| number(std::str::from_utf8(name).ok()?)).collect();
    numbers.sort_unstable();
    let mut writer = Writer::titled(title);
    let mut pages = Vec::new();
    for number in numbers.into_iter().take(MOST_SLIDES) {
        pages.push(writer.position());
        let slide = entry(&mut container, &format!("ppt/slides/slide{number}.xml"))?;
        tree::write(&xml::blocks(&slide), &mut writer);
    }
    Ok(Document { pages, ..writer.finish() })
}

fn entry(container: &mut Container<'_>, name: &str) -> Result<String, String> {
    let file = container.by_name(name).map_err(|error| format!("{name} in it does not open: {error}"))?;
    let mut bytes = Vec::new();
    file.take(MOST).read_to_end(&mut bytes).map_err(|error| format!("{name} in it is damaged: {error}"))?;
    Ok(super::decode(&bytes, None).0)
}
