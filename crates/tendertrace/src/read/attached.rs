//! Which documents follow a notice's own? The files that belong to its page, each read as whatever
//! it is, under its own name; one that cannot be read is a gap that names it.

use super::sniff::{self, Format};
use super::{Source, read_bytes};
use crate::evidence::GapKind;
use crate::model::{Attachment, Budget, Capture, Document, File, Part, Tells};
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

/// Puts the documents of the attachments behind those of the parts they belong to.
pub fn attach(parts: &mut [Part], capture: &Capture, rules: &Rulebook, budget: &Budget) {
    for attachment in &capture.attachments {
        let Some(part) = owner(parts, attachment) else { continue };
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

fn documents(attachment: &Attachment, rules: &Rulebook, budget: &Budget) -> Vec<Document> {
    let name = attachment.file.name.as_str();
    let bytes = &attachment.bytes[..attachment.bytes.len().min(budget.bytes)];
    let source = Source { title: Some(""), file_name: Some(name), ..Source::default() };
    let parts = read_bytes(bytes, &source, rules, budget);
    let tells = if rules.read.tells_of_demand(&rules.folder.plain(name)) { Tells::OfDemand } else { Tells::OfNotice };
    let file = File { tells, ..attachment.file.clone() };
    parts.into_iter().flat_map(|part| part.documents).map(|document| named(document, &file)).collect()
}

/// A document of this file; what could not be read of it says whose it is.
fn named(mut document: Document, file: &File) -> Document {
    let unread = document.gaps.iter_mut().filter(|gap| gap.kind == GapKind::BrokenPart && gap.at.at.is_empty());
    unread.for_each(|gap| gap.at.text = format!("{}: {}", file.name, gap.at.text));
    document.file = Some(file.clone());
    document
}
