//! How does one capture stand in a web archive? WARC 1.1 records, each its own gzip member, that
//! any WARC tool opens: a `resource` record for bytes never seen, a `revisit` record where the same
//! bytes came from another address. What the collector knew of the capture stands in one header
//! (`WARC-JSON-Metadata`), so that a record is whole or not there at all.

use anyhow::{Context as _, bail};
use flate2::{Compression, bufread::GzDecoder, write::GzEncoder};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::io::{BufRead, Read, Write as _};
use tendertrace::model::{Access, Attachment, Capture, File, Transcript, sha256_hex};

/// What the collector knew of a capture, as received; everything of [`Capture`] but its bytes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Head {
    pub url: Option<String>,
    pub title: Option<String>,
    pub published: Option<String>,
    pub fetched: Option<String>,
    pub imported: String,
    pub archive_url: Option<String>,
    pub media_type: Option<String>,
    pub charset: Option<String>,
    pub file_name: Option<String>,
    pub access: Access,
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub meta: serde_json::Map<String, serde_json::Value>,
    /// The files that belong to this page; their bytes are originals of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attached>,
    /// SHA-256 of the page that this file belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached_to: Option<String>,
}

/// A file that belongs to a page, as the page's record names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attached {
    pub name: String,
    pub sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<Transcript>,
}

/// A record as read back.
#[derive(Debug, Clone)]
pub struct Record {
    pub kind: Kind,
    /// Hex SHA-256 the record claims for its payload.
    pub sha256: String,
    pub head: Head,
    /// Empty in a revisit: the bytes stand in the record it refers to.
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Resource,
    Revisit,
    /// A capture's head as it is from now on.
    Metadata,
    /// `warcinfo` and whatever other tools may have added.
    Other,
}

impl Head {
    /// The head of a capture that came in at `imported`.
    pub fn of(capture: &Capture, imported: &str) -> Head {
        Head {
            url: capture.url.clone(),
            title: capture.title.clone(),
            published: capture.published.clone(),
            fetched: capture.fetched.clone(),
            imported: imported.to_string(),
            archive_url: capture.archive_url.clone(),
            media_type: capture.media_type.clone(),
            charset: capture.charset.clone(),
            file_name: capture.file_name.clone(),
            access: capture.access,
            meta: capture.meta.clone(),
            attachments: capture.attachments.iter().map(Attached::of).collect(),
            attached_to: capture.attached_to.clone(),
        }
    }

    /// The capture again, with its bytes; those of its attachments are not among them.
    pub fn capture(self, sha256: String, bytes: Vec<u8>) -> Capture {
        Capture {
            url: self.url,
            title: self.title,
            published: self.published,
            fetched: self.fetched,
            imported: Some(self.imported),
            archive_url: self.archive_url,
            media_type: self.media_type,
            charset: self.charset,
            file_name: self.file_name,
            access: self.access,
            sha256,
            bytes,
            meta: self.meta,
            place: None,
            attachments: Vec::new(),
            attached_to: self.attached_to,
        }
    }
}

impl Attached {
    fn of(attachment: &Attachment) -> Attached {
        let File { name, sha256, transcript, .. } = attachment.file.clone();
        Attached { name, sha256, link: attachment.link.clone(), transcript }
    }

    /// The attachment again, with its bytes.
    pub fn attachment(&self, bytes: Vec<u8>) -> Attachment {
        let transcript = self.transcript.clone();
        let file = File { name: self.name.clone(), sha256: self.sha256.clone(), transcript, ..File::default() };
        Attachment { file, link: self.link.clone(), bytes, ..Attachment::default() }
    }
}

/// A `resource` record of these bytes as one gzip member.
pub fn resource(sha256: &str, head: &Head, bytes: &[u8]) -> Vec<u8> {
    let mut text = begin("resource", sha256, head);
    header(&mut text, "Content-Type", &media_type(head));
    header(&mut text, "WARC-Block-Digest", &format!("sha256:{sha256}"));
    member(text, bytes)
}

/// A `revisit` record: the same bytes as another record, from this capture's address.
pub fn revisit(sha256: &str, head: &Head, original: &Head) -> Vec<u8> {
    let mut text = begin("revisit", sha256, head);
    header(&mut text, "WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest");
    header(&mut text, "WARC-Refers-To", &format!("<{}>", record_id("resource", sha256, original)));
    header(&mut text, "WARC-Refers-To-Target-URI", &target(sha256, original));
    header(&mut text, "WARC-Refers-To-Date", &date(original));
    member(text, b"")
}

/// A `metadata` record: what is known of a capture from now on (its access became stricter).
pub fn metadata(sha256: &str, head: &Head) -> Vec<u8> {
    let mut text = begin("metadata", sha256, head);
    header(&mut text, "Content-Type", "application/warc-fields");
    member(text, b"")
}

/// The `warcinfo` record that begins each segment.
pub fn info(file_name: &str, created: &str) -> Vec<u8> {
    let body = format!("software: tendertrace {}\r\nformat: WARC file version 1.1\r\n", tendertrace::VERSION);
    let head = Head { imported: created.to_string(), ..Head::default() };
    let mut text = String::from("WARC/1.1\r\nWARC-Type: warcinfo\r\n");
    header(&mut text, "WARC-Record-ID", &format!("<{}>", record_id("warcinfo", &sha256_hex(file_name.as_bytes()), &head)));
    header(&mut text, "WARC-Date", created);
    header(&mut text, "WARC-Filename", file_name);
    header(&mut text, "Content-Type", "application/warc-fields");
    member(text, body.as_bytes())
}

/// Reads the gzip member at the front of `input`, which is left behind the member's last byte.
pub fn read(input: &mut impl BufRead) -> anyhow::Result<Record> {
    let mut plain = Vec::new();
    GzDecoder::new(input).read_to_end(&mut plain).context("the gzip member is damaged or cut off")?;
    let end = find(&plain, b"\r\n\r\n").context("the record has no end of header")?;
    let header = std::str::from_utf8(&plain[..end]).context("the record's header is not UTF-8")?;
    let fields = Fields::parse(header)?;
    let length: usize = fields.get("Content-Length").context("no Content-Length")?.parse().context("Content-Length")?;
    let body = plain.get(end + 4..end + 4 + length).context("the record is shorter than it says")?;
    fields.record(body)
}

/// Named fields of a record's header, or of the answer of a web server in it.
pub struct Fields<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Fields<'a> {
    fn parse(header: &'a str) -> anyhow::Result<Fields<'a>> {
        if !header.starts_with("WARC/1.") {
            bail!("this gzip member is no WARC record");
        }
        Ok(Fields::after_first_line(header))
    }

    /// Fields below a line that says what they are of.
    pub fn after_first_line(header: &'a str) -> Fields<'a> {
        let fields = header.lines().skip(1).filter_map(|line| line.split_once(':'));
        Fields(fields.map(|(name, value)| (name.trim(), value.trim())).collect())
    }

    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    fn record(&self, body: &[u8]) -> anyhow::Result<Record> {
        let kind = match self.get("WARC-Type") {
            Some("resource") => Kind::Resource,
            Some("revisit") => Kind::Revisit,
            Some("metadata") => Kind::Metadata,
            _ => Kind::Other,
        };
        let digest = self.get("WARC-Payload-Digest").or(self.get("WARC-Refers-To-Payload-Digest")).unwrap_or_default();
        let head = match self.get("WARC-JSON-Metadata") {
            Some(json) => serde_json::from_str(json).context("the record's WARC-JSON-Metadata does not parse")?,
            None => Head::default(),
        };
        let sha256 = digest.strip_prefix("sha256:").unwrap_or_default().to_string();
        Ok(Record { kind, sha256, head, bytes: body.to_vec() })
    }
}

fn begin(kind: &str, sha256: &str, head: &Head) -> String {
    let mut text = format!("WARC/1.1\r\nWARC-Type: {kind}\r\n");
    header(&mut text, "WARC-Record-ID", &format!("<{}>", record_id(kind, sha256, head)));
    header(&mut text, "WARC-Date", &date(head));
    header(&mut text, "WARC-Target-URI", &target(sha256, head));
    let digest = if kind == "metadata" { "WARC-Refers-To-Payload-Digest" } else { "WARC-Payload-Digest" };
    header(&mut text, digest, &format!("sha256:{sha256}"));
    header(&mut text, "WARC-JSON-Metadata", &ascii_json(head));
    text
}

fn header(text: &mut String, name: &str, value: &str) {
    write!(text, "{name}: {value}\r\n").expect("a String takes everything");
}

fn member(mut header_text: String, body: &[u8]) -> Vec<u8> {
    header(&mut header_text, "Content-Length", &body.len().to_string());
    let mut gzip = GzEncoder::new(Vec::with_capacity(body.len() / 3 + 512), Compression::default());
    for piece in [header_text.as_bytes(), b"\r\n", body, b"\r\n\r\n"] {
        gzip.write_all(piece).expect("a Vec takes everything");
    }
    gzip.finish().expect("a Vec takes everything")
}

/// The same capture has the same record id, whichever run wrote it: a version 8 UUID of its hash.
fn record_id(kind: &str, sha256: &str, head: &Head) -> String {
    let of = [kind, sha256, head.url.as_deref().unwrap_or_default(), &head.imported].join("\n");
    match kind {
        "metadata" => {
            let attached: Vec<&str> = head.attachments.iter().map(|a| a.sha256.as_str()).chain(head.attached_to.as_deref()).collect();
            urn(&format!("{of}\n{:?}\n{}", head.access, attached.join("\n")).trim_end())
        }
        _ => urn(&of),
    }
}

fn urn(of: &str) -> String {
    let hex = sha256_hex(of.as_bytes());
    format!("urn:uuid:{}-{}-8{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}

/// The address as a header can carry it (ASCII, no blanks); as written it stands in the metadata.
fn target(sha256: &str, head: &Head) -> String {
    let Some(url) = head.url.as_deref().filter(|url| url.contains(':')) else { return urn(sha256) };
    let mut target = String::with_capacity(url.len());
    for byte in url.bytes() {
        match byte {
            b'!'..=b'~' if !matches!(byte, b'<' | b'>' | b'"') => target.push(byte as char),
            _ => write!(target, "%{byte:02X}").expect("a String takes everything"),
        }
    }
    target
}

/// When it was fetched where that is known to the day at least, else when it came in.
fn date(head: &Head) -> String {
    let fetched = head.fetched.as_deref().unwrap_or_default();
    let instant = fetched.parse::<jiff::Timestamp>().map(|t| format!("{t:.0}"));
    let day = fetched.get(..10).and_then(|day| day.parse::<jiff::civil::Date>().ok()).map(|d| d.to_string());
    instant.ok().or(day).unwrap_or_else(|| head.imported.clone())
}

fn media_type(head: &Head) -> String {
    let given = head.media_type.as_deref().unwrap_or_default();
    let usable = given.contains('/') && given.bytes().all(|b| (b'!'..=b'~').contains(&b));
    let mut text = if usable { given.to_string() } else { "application/octet-stream".to_string() };
    if let Some(charset) = head.charset.as_deref().filter(|c| c.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))) {
        write!(text, "; charset={charset}").expect("a String takes everything");
    }
    text
}

/// JSON in ASCII: a header line is read as Latin-1 by some tools.
fn ascii_json(head: &Head) -> String {
    let json = serde_json::to_string(head).expect("a head is plain data");
    let mut ascii = String::with_capacity(json.len());
    let mut units = [0; 2];
    for character in json.chars() {
        match character {
            ' '..='~' => ascii.push(character),
            _ => character.encode_utf16(&mut units).iter().for_each(|u| write!(ascii, "\\u{u:04x}").expect("a String")),
        }
    }
    ascii
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (Head, Vec<u8>) {
        let mut head = Head {
            url: Some("http://示例.example/公告 1.html".into()),
            title: Some("示例市公安局采购公告🙂\r\nX: y".into()),
            fetched: Some("2021-09-01".into()),
            imported: "2026-01-02T03:04:05Z".into(),
            access: Access::Restricted,
            ..Head::default()
        };
        head.meta.insert("kind".into(), "样例".into());
        (head, "正文\r\n\r\nWARC/1.1".as_bytes().to_vec())
    }

    #[test]
    fn a_record_comes_back_as_it_was() {
        let (head, bytes) = sample();
        let sha256 = sha256_hex(&bytes);
        let mut file = resource(&sha256, &head, &bytes);
        let first = file.len();
        file.extend(revisit(&sha256, &head, &head));
        let mut input = &file[..];
        let record = read(&mut input).unwrap();
        assert_eq!(file.len() - input.len(), first, "the reader stops behind the member");
        assert_eq!((record.kind, &record.head, &record.bytes), (Kind::Resource, &head, &bytes));
        assert_eq!(record.sha256, sha256);
        assert_eq!(read(&mut input).unwrap().kind, Kind::Revisit);
    }

    #[test]
    fn a_cut_record_is_an_error_at_every_length() {
        let (head, bytes) = sample();
        let whole = resource(&sha256_hex(&bytes), &head, &bytes);
        for length in 0..whole.len() {
            assert!(read(&mut &whole[..length]).is_err(), "{length} of {} bytes", whole.len());
        }
    }

    #[test]
    fn dates_are_never_made_up() {
        for (fetched, expected) in [
            (None, "2026-01-02T03:04:05Z"),
            (Some("2021-09-01"), "2021-09-01"),
            (Some("2021-09-01 10:00:00"), "2021-09-01"),
            (Some("2021-09-01T10:00:00+08:00"), "2021-09-01T02:00:00Z"),
            (Some("gestern"), "2026-01-02T03:04:05Z"),
        ] {
            let head = Head { fetched: fetched.map(str::to_string), ..sample().0 };
            assert_eq!(date(&head), expected, "{fetched:?}");
        }
    }
}
