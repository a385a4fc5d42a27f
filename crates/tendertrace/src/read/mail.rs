//! What does a saved mail say? Its body is the page, the files in it are that page's files. Sender,
//! receivers and route are not read: they say who gave the notice away.

use super::{Source, attached, broken, note, read_html, read_lines};
use crate::model::{Attachment, Budget, File, Part, sha256_hex};
use crate::rulebook::Rulebook;
use mail_parser::{Message, MessageParser, MimeHeaders as _, PartType};

/// Files of one mail that are read, and mails within mails.
const MOST_FILES: usize = 64;
const DEEPEST: usize = 4;

/// Whether these bytes begin with the head of a mail: its fields, among them two that every mail has.
pub fn is_mail(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(16 << 10)];
    let end = [&b"\r\n\r\n"[..], b"\n\n"].iter().filter_map(|end| head.windows(end.len()).position(|w| w == *end)).min();
    let Ok(head) = std::str::from_utf8(&head[..end.unwrap_or(0)]) else { return false };
    let name = |line: &str| line.split_once(':').map(|(name, _)| name.to_ascii_lowercase());
    let names: Vec<String> = head.lines().filter(|line| !line.starts_with([' ', '\t'])).map(|l| name(l).unwrap_or_default()).collect();
    let are_fields = names.iter().all(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_ ".contains(&b)));
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    are_fields
        && has("from")
        && (has("date") || has("received") || has("message-id"))
        && !head.to_ascii_lowercase().contains("multipart/related;")
}

/// Reads a mail; one that cannot be taken apart is a gap.
pub fn read_mail(bytes: &[u8], source: &Source, rules: &Rulebook, budget: &Budget) -> Option<Part> {
    let message = MessageParser::default().parse(bytes)?;
    let title = source.title.or(message.subject());
    let mut part = page(&message, &Source { title, ..*source }, rules);
    part.media_type = "message/rfc822".to_string();
    let mut files = Vec::new();
    collect(&message, &mut files, 0);
    if files.len() > MOST_FILES {
        note(
            &mut part,
            broken(&format!("only the first {MOST_FILES} of {} files of this mail were read", files.len()), "save them by themselves"),
        );
    }
    for file in files.iter().take(MOST_FILES) {
        part.documents.extend(attached::documents(file, rules, budget));
    }
    Some(part)
}

fn page(message: &Message<'_>, source: &Source, rules: &Rulebook) -> Part {
    let written_as_html = message.html_part(0).is_some_and(|part| matches!(part.body, PartType::Html(_)));
    match message.body_html(0).filter(|_| written_as_html) {
        Some(html) => read_html(&html, source, rules),
        None => read_lines(&message.body_text(0).unwrap_or_default(), source),
    }
}

/// Files of the mail and of mails that were passed on in it.
fn collect(message: &Message<'_>, files: &mut Vec<Attachment>, depth: usize) {
    for part in message.attachments() {
        match part.message() {
            Some(inner) if depth < DEEPEST => {
                let text = inner.body_html(0).unwrap_or_default();
                files.push(attachment(inner.subject().unwrap_or("mail"), text.as_bytes()));
                collect(inner, files, depth + 1);
            }
            _ => files.push(attachment(part.attachment_name().unwrap_or(""), part.contents())),
        }
    }
}

fn attachment(name: &str, bytes: &[u8]) -> Attachment {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name).to_string();
    Attachment { file: File { name, sha256: sha256_hex(bytes), ..File::default() }, bytes: bytes.to_vec(), ..Attachment::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "From: <a@example.org>\r\nTo: <b@example.org>\r\nDate: Wed, 3 Aug 2022 08:00:00 +0800\r\n\
        Subject: =?utf-8?B?6YeH6LSt5YWs5ZGK?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"B\"\r\n\r\n\
        --B\r\nContent-Type: text/html; charset=gb2312\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>=B2=C9=B9=BA=C8=CB=A3=BA=CA=BE=C0=FD=CA=D0</p>\r\n\
        --B\r\nContent-Type: text/csv; name=\"list.csv\"\r\nContent-Disposition: attachment; filename*=utf-8''%E6%B8%85%E5%8D%95.csv\r\n\
        Content-Transfer-Encoding: base64\r\n\r\n5ZOB54mMLOaVsOmHjwrmiLTlsJQsOAo=\r\n--B--\r\n";

    #[test]
    fn body_and_files_of_a_mail() {
        assert!(is_mail(MAIL.as_bytes()));
        let rules = Rulebook::embedded();
        let part = read_mail(MAIL.as_bytes(), &Source::default(), &rules, &Budget::default()).expect("a mail");
        assert_eq!(part.title.as_deref().or(Some(part.documents[0].text.lines().next().unwrap())), Some("采购公告"));
        assert!(part.documents[0].text.contains("采购人：示例市"), "{}", part.documents[0].text);
        let file = part.documents[1].file.as_ref().expect("a file");
        assert_eq!(file.name, "清单.csv");
        assert!(part.documents[1].text.contains("戴尔\t8"), "{}", part.documents[1].text);
        assert!(!part.documents.iter().any(|d| d.text.contains("example.org")), "nobody's address is read");
    }

    #[test]
    fn what_only_looks_like_a_mail() {
        for text in ["采购人：示例市\n\n日期：2022", "From: here\nto there\n\n", "Date: 2022\n\nFrom: a", "a: b\r\n\r\n", ""] {
            assert!(!is_mail(text.as_bytes()), "{text}");
        }
    }
}
