//! What does a file of a risky format say? PDF and office files have readers that are large and
//! work on hostile bytes: the program runs this function in a process of its own.

use super::sniff::{self, Format};
use super::{broken, office, pdf, rtf};
use crate::model::{Binary, Document, Scan};

/// Reads PDF and office files below a title; what cannot be read is a gap of the document.
pub fn read_binary(bytes: &[u8], title: &str) -> Binary {
    let (media_type, document) = match sniff::binary(bytes) {
        Some(Format::Risky(media_type, "PDF")) => (media_type, pdf::read_pdf(bytes, title)),
        Some(Format::Risky(media_type, "RTF")) => (media_type, rtf::read_rtf(bytes, title)),
        Some(Format::Risky(media_type, "ZIP")) => match office::kind(bytes) {
            Some(kind) => (kind.media_type(), office::read_container(bytes, kind, title)),
            None => (media_type, unopened()),
        },
        Some(Format::Risky(media_type, _)) => (media_type, office::read_compound(bytes, title)),
        _ => ("application/octet-stream", Document::default()),
    };
    Binary { media_type: media_type.to_string(), document }
}

/// Pictures that hold text, from the page `first` on, a portion at a time: those of a PDF's scanned pages, or
/// the picture that the file is. None: there are no more.
pub fn scans(bytes: &[u8], first: u32) -> Vec<Scan> {
    match sniff::binary(bytes) {
        Some(Format::Risky(_, "PDF")) => pdf::scans(bytes, first),
        Some(format) if format.is_picture() && first == 1 => vec![pdf::of_picture(bytes)],
        _ => Vec::new(),
    }
}

/// Whether pictures may lie in these bytes.
pub fn may_be_scanned(bytes: &[u8]) -> bool {
    sniff::binary(bytes).is_some_and(|format| format.is_picture() || matches!(format, Format::Risky(_, "PDF")))
}

/// Whether these bytes are a ZIP archive of files, not a file of some office program.
pub fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") && office::kind(bytes).is_none()
}

fn unopened() -> Document {
    let gap = broken("an archive within a capture is not opened", "give the archive itself as an input");
    Document { gaps: vec![gap], ..Document::default() }
}
