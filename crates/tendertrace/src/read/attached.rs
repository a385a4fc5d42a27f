//! Which documents follow a notice's own? The files that belong to its page, each read as whatever
//! it is, under its own name; one that cannot be read is a gap that names it.

use super::sniff::{self, Format};
use super::{Source, read_bytes};
use crate::evidence::{Gap, GapKind};
use crate::model::{Attachment, Budget, Capture, Document, File, Part, Tells, Transcript};
use crate::rulebook::Rulebook;

/// Whether these bytes are a file that may belong to a page, not a page.
pub fn is_attachable(bytes: &[u8], file_name: Option<&str>) -> bool {
    match sniff::binary(bytes) {
        Some(Format::Risky(..) | Format::Unread(..)) => true,
        _ => sniff::table(file_name, None).is_some(),
    }
}

/// Links to files that a page names as its own: (text, address), as written.
pub fn links(capture: &Capture, rules: &Rulebook, budget: &Budget) -> Vec<(String, String)> {
    let alone = Capture { attachments: Vec::new(), ..capture.clone() };
    super::read(&alone, rules, budget).into_iter().flat_map(|part| part.documents).flat_map(|document| document.links).collect()
}

/// Puts the documents of the attachments behind those of the parts they belong to. What was read from the
/// pictures of a page without text is that page.
pub fn attach(parts: &mut [Part], capture: &Capture, rules: &Rulebook, budget: &Budget) {
    for attachment in &capture.attachments {
        let own = attachment.file.transcript.as_ref().filter(|known| known.of == capture.sha256);
        if let (Some(known), Some(part)) = (own, parts.first_mut()) {
            transcribe(part, attachment, known, capture.title.as_deref().unwrap_or(""), rules);
            continue;
        }
        let Some(part) = owner(parts, attachment) else { continue };
        if let Some(known) = &attachment.file.transcript {
            let of_it = part.documents.iter_mut().filter(|d| d.file.as_ref().is_some_and(|file| file.sha256 == known.of));
            of_it.for_each(|document| tell_read(&mut document.gaps, known));
        }
        part.documents.extend(documents(attachment, rules, budget));
    }
}

/// The part whose page links to the file; of a capture with one notice that one.
fn owner<'a>(parts: &'a mut [Part], attachment: &Attachment) -> Option<&'a mut Part> {
    if parts.len() <= 1 {
        return parts.first_mut();
    }
    let link = attachment.link.as_deref()?;
    parts.iter_mut().find(|part| part.documents.iter().any(|document| document.links.iter().any(|(_, href)| href == link)))
}

/// Of gaps of pages without text: by what they were read.
fn tell_read(gaps: &mut [Gap], known: &Transcript) {
    for gap in gaps.iter_mut().filter(|gap| gap.note == super::pdf::INSTALL) {
        gap.note = format!("read by {}: compare with the pictures", known.by);
    }
}

/// Puts what was read from a page's own pictures in its place, or behind the text that it has.
fn transcribe(part: &mut Part, attachment: &Attachment, known: &Transcript, title: &str, rules: &Rulebook) {
    let mut document = transcript(attachment, known, title, rules);
    let Some(page) = part.documents.first_mut() else { return };
    tell_read(&mut page.gaps, known);
    if page.text.trim() == title.trim() {
        document.gaps.splice(0..0, std::mem::take(&mut page.gaps));
        *page = document;
    } else {
        part.documents.push(document);
    }
}

/// The text that a program read from pictures; pages that it was not sure of are a gap.
fn transcript(attachment: &Attachment, known: &Transcript, title: &str, rules: &Rulebook) -> Document {
    let (text, ..) = super::decode(&attachment.bytes, Some("utf-8"));
    let limits = &rules.read.limits;
    let mut document = super::pdf::read_transcript(&text, title, limits.transcript_word);
    let unsure = known.confidence.iter().filter(|(_, of_100)| *of_100 < limits.transcript_confidence);
    let unsure: Vec<String> = unsure.map(|(page, of_100)| format!("{page} ({of_100:.0} of 100)")).collect();
    if !unsure.is_empty() {
        let message = format!("{} was not sure of what it read on pages {}", known.by, unsure.join(", "));
        document.gaps.push(super::broken(&message, "compare with the pictures of these pages"));
    }
    named(document, &file(attachment, rules))
}

/// The documents of a file, each named after it.
pub fn documents(attachment: &Attachment, rules: &Rulebook, budget: &Budget) -> Vec<Document> {
    if let Some(known) = &attachment.file.transcript {
        return vec![transcript(attachment, known, "", rules)];
    }
    let bytes = &attachment.bytes[..attachment.bytes.len().min(budget.bytes)];
    let source = Source { title: Some(""), file_name: Some(attachment.file.name.as_str()), ..Source::default() };
    let parts = read_bytes(bytes, &source, rules, budget);
    let file = file(attachment, rules);
    parts.into_iter().flat_map(|part| part.documents).map(|document| named(document, &file)).collect()
}

/// The file, with what its name tells of.
fn file(attachment: &Attachment, rules: &Rulebook) -> File {
    let of_demand = rules.read.tells_of_demand(&rules.folder.plain(&attachment.file.name));
    File { tells: if of_demand { Tells::OfDemand } else { Tells::OfNotice }, ..attachment.file.clone() }
}

/// A document of this file; what could not be read of it says whose it is.
fn named(mut document: Document, file: &File) -> Document {
    let unread = document.gaps.iter_mut().filter(|gap| gap.kind == GapKind::BrokenPart && gap.at.at.is_empty());
    unread.for_each(|gap| gap.at.text = format!("{}: {}", file.name, gap.at.text));
    document.file = Some(file.clone());
    document
}
