//! Which pages lie in a web archive (WARC, ARC)? What servers answered, their transport undone, with
//! address and time; a damaged record is a message and ends nothing but itself.

use super::Captures;
use super::attachments::resolved_url as resolved;
use crate::store::warc::Fields;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::collections::HashMap;
use std::io::{self, BufRead, Read};
use tendertrace::model::Capture;

/// Bytes of one record that are read.
const LARGEST: u64 = 256 << 20;
/// Lines of one header, and bytes of one line.
const MOST_LINES: usize = 1_000;
const LONGEST_LINE: u64 = 1 << 20;
/// Bytes kept so that records which say "the same as before" can be answered.
const KEPT: usize = 128 << 20;

/// Whether a file begins as web archives do.
pub fn is_web(head: &[u8]) -> bool {
    head.starts_with(b"WARC/") || head.starts_with(b"filedesc://")
}

/// Captures of the records, read as they come.
pub fn captures(shown: String, reader: Box<dyn BufRead + Send>) -> Captures {
    let mut web = Web { shown, reader, number: 0, ended: false, known: HashMap::new(), kept: 0, redirects: Redirects::default() };
    Box::new(std::iter::from_fn(move || {
        while !web.ended {
            if let Some(taken) = web.next().transpose() {
                return Some(taken);
            }
        }
        None
    }))
}

struct Web {
    shown: String,
    reader: Box<dyn BufRead + Send>,
    number: usize,
    ended: bool,
    /// Bytes by the digest that records name them with.
    known: HashMap<String, Vec<u8>>,
    kept: usize,
    redirects: Redirects,
}

/// By the address that answered: those that sent the collector there. Archives write them in the order in
/// which they were asked.
#[derive(Default)]
struct Redirects(HashMap<String, Vec<String>>);

/// The key of a capture's `meta` under which they stand.
pub const REDIRECTED: &str = "redirected_from";
const MOST_REDIRECTS: usize = 200_000;
/// A chain of redirects that a browser would follow.
const LONGEST_CHAIN: usize = 10;

impl Redirects {
    /// Notes an answer that sends elsewhere.
    fn note(&mut self, from: Option<&str>, body: &[u8]) {
        let (Some(from), true) = (from, self.0.len() < MOST_REDIRECTS) else { return };
        let end = find(body, b"\r\n\r\n").unwrap_or(body.len().min(64 << 10));
        let header = String::from_utf8_lossy(&body[..end]);
        let sends = header.split_whitespace().nth(1).is_some_and(|status| matches!(status, "301" | "302" | "303" | "307" | "308"));
        if let Some(to) = Fields::after_first_line(&header).get("Location").filter(|_| sends).and_then(|to| resolved(from, to)) {
            let before = self.0.entry(to).or_default();
            if before.len() < LONGEST_CHAIN {
                before.push(from.to_string());
            }
        }
    }

    /// All addresses that led to `url`, over several steps too.
    fn to(&self, url: &str) -> Vec<String> {
        let (mut all, mut next): (Vec<String>, usize) = (self.0.get(url).cloned().unwrap_or_default(), 0);
        while next < all.len() && all.len() < LONGEST_CHAIN {
            let before = self.0.get(&all[next]).into_iter().flatten().filter(|one| !all.contains(one)).cloned().collect::<Vec<_>>();
            all.extend(before);
            next += 1;
        }
        all
    }
}

/// The page of a record; `None` where it holds none.
type Page = Result<Option<Capture>, String>;

/// A record before it is looked into.
struct Record {
    header: String,
    body: Vec<u8>,
    is_cut: bool,
}

impl Web {
    /// The next page; `None` for a record that holds none.
    fn next(&mut self) -> Page {
        let Some(record) = self.record()? else { return Ok(None) };
        let page = match record.header.starts_with("WARC/") {
            true => self.warc(&record),
            false => arc(&record).map_err(|message| self.at(&message)),
        };
        match (record.is_cut, page) {
            (true, _) => {
                self.ended = true;
                Err(self.at("is cut off; the pages before it were read"))
            }
            (false, page) => page,
        }
    }

    fn at(&self, message: &str) -> String {
        format!("{}: record {} {message}", self.shown, self.number)
    }

    fn fail(&mut self, error: &io::Error) -> String {
        self.ended = true;
        self.at(&format!("cannot be read further ({error}); the file may be damaged, the pages before it were read"))
    }

    fn record(&mut self) -> Result<Option<Record>, String> {
        let header = match header(&mut self.reader) {
            Ok(Some(header)) => header,
            Ok(None) => {
                self.ended = true;
                return Ok(None);
            }
            Err(error) => return Err(self.fail(&error)),
        };
        self.number += 1;
        let Some(length) = length_of(&header) else {
            self.ended = true;
            return Err(self.at("does not say how long it is; the pages before it were read"));
        };
        let mut body = Vec::new();
        let read = (&mut self.reader).take(length.min(LARGEST)).read_to_end(&mut body);
        let skipped = length.saturating_sub(LARGEST);
        let rest = read.and_then(|_| io::copy(&mut (&mut self.reader).take(skipped), &mut io::sink()));
        match rest {
            Err(error) => Err(self.fail(&error)),
            Ok(_) if skipped > 0 => Err(self.at(&format!("is larger than {} MiB and was left out", LARGEST >> 20))),
            Ok(_) => Ok(Some(Record { is_cut: (body.len() as u64) < length, header, body })),
        }
    }

    fn warc(&mut self, record: &Record) -> Page {
        let fields = Fields::after_first_line(&record.header);
        let kind = fields.get("WARC-Type").unwrap_or_default();
        let digest = fields.get("WARC-Payload-Digest").map(str::to_string);
        if kind == "response" {
            self.redirects.note(address(&fields), &record.body);
        }
        let page = match kind {
            "response" => answer(&record.body),
            "resource" | "conversion" => plain(&record.body, fields.get("Content-Type")),
            "revisit" => return self.again(&fields, digest),
            _ => return Ok(None),
        };
        let page = page.map_err(|message| self.at(&message))?;
        if let (Some(page), Some(digest)) = (&page, digest) {
            self.keep(digest, &page.bytes);
        }
        Ok(page.map(|page| self.at_address(page, &fields)))
    }

    fn at_address(&self, mut capture: Capture, fields: &Fields<'_>) -> Capture {
        capture.url = address(fields).map(str::to_string);
        capture.fetched = fields.get("WARC-Date").map(str::to_string);
        let before = capture.url.as_deref().map(|url| self.redirects.to(url)).unwrap_or_default();
        if !before.is_empty() {
            capture.meta.insert(REDIRECTED.to_string(), before.into());
        }
        capture
    }

    fn keep(&mut self, digest: String, bytes: &[u8]) {
        if self.kept + bytes.len() <= KEPT {
            self.kept += bytes.len();
            self.known.insert(digest, bytes.to_vec());
        }
    }

    /// The same bytes as a record before, from this address.
    fn again(&self, fields: &Fields<'_>, digest: Option<String>) -> Page {
        match digest.and_then(|digest| self.known.get(&digest)) {
            Some(bytes) => Ok(Some(self.at_address(Capture::of_bytes(bytes.clone()), fields))),
            None => Err(self.at("repeats a page that does not lie in this file; add the archive that holds it")),
        }
    }
}

fn address<'a>(fields: &Fields<'a>) -> Option<&'a str> {
    fields.get("WARC-Target-URI").map(|u| u.trim_matches(['<', '>'])).filter(|u| u.starts_with("http"))
}

/// An ARC record: its one line says address, time and length.
fn arc(record: &Record) -> Page {
    if record.header.starts_with("filedesc:") {
        return Ok(None);
    }
    // An address may hold blanks; the other four words may not.
    let mut words = record.header.trim_end().rsplitn(5, ' ');
    let date = words.nth(2).unwrap_or_default().to_string();
    let url = words.nth(1).unwrap_or_default().to_string();
    let Some(mut capture) = answer(&record.body)? else { return Ok(None) };
    capture.url = Some(url).filter(|u| u.starts_with("http"));
    capture.fetched = time(&date);
    Ok(Some(capture))
}

/// `20140102030405` as ISO time.
fn time(digits: &str) -> Option<String> {
    let is_time = digits.len() == 14 && digits.bytes().all(|b| b.is_ascii_digit());
    let part = |from: usize, to: usize| &digits[from..to];
    is_time.then(|| format!("{}-{}-{}T{}:{}:{}Z", part(0, 4), part(4, 6), part(6, 8), part(8, 10), part(10, 12), part(12, 14)))
}

/// Header lines of the next record up to the empty line; ARC has one line only.
fn header(reader: &mut dyn BufRead) -> io::Result<Option<String>> {
    let mut text = Vec::new();
    for _ in 0..MOST_LINES {
        let mut line = Vec::new();
        if reader.take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let is_empty = line.iter().all(u8::is_ascii_whitespace);
        match (is_empty, text.is_empty()) {
            (true, true) => continue,
            (true, false) => break,
            _ => text.extend(line),
        }
        if !text.starts_with(b"WARC/") {
            break;
        }
    }
    Ok((!text.is_empty()).then(|| String::from_utf8_lossy(&text).into_owned()))
}

fn length_of(header: &str) -> Option<u64> {
    match header.starts_with("WARC/") {
        true => Fields::after_first_line(header).get("Content-Length")?.parse().ok(),
        false => header.split_whitespace().last()?.parse().ok(),
    }
}

/// What a server answered; redirects, failures and what no notice is written in are `None`.
fn answer(body: &[u8]) -> Page {
    let end = find(body, b"\r\n\r\n").map(|at| (at, at + 4)).or_else(|| find(body, b"\n\n").map(|at| (at, at + 2)));
    let Some((end, start)) = end.filter(|_| body.starts_with(b"HTTP/")) else { return plain(body, None) };
    let header = String::from_utf8_lossy(&body[..end]);
    if !header.split_whitespace().nth(1).is_some_and(|status| status.starts_with('2')) {
        return Ok(None);
    }
    let fields = Fields::after_first_line(&header);
    let mut bytes = body[start..].to_vec();
    if fields.get("Transfer-Encoding").is_some_and(|t| t.eq_ignore_ascii_case("chunked")) {
        // Some archives keep the name of the transfer and undo it.
        bytes = unchunked(&bytes).unwrap_or(bytes);
    }
    let bytes = match fields.get("Content-Encoding").map(str::to_ascii_lowercase).as_deref() {
        Some("gzip" | "x-gzip") if bytes.starts_with(&[0x1F, 0x8B]) => unpacked(MultiGzDecoder::new(&bytes[..]))?,
        Some("deflate") => unpacked(ZlibDecoder::new(&bytes[..])).or_else(|_| unpacked(DeflateDecoder::new(&bytes[..])))?,
        Some("br") => return Err("is packed with Brotli, which is not read; archive it without".to_string()),
        _ => bytes,
    };
    plain(&bytes, fields.get("Content-Type"))
}

fn unpacked(reader: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    match reader.take(LARGEST).read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        // What a cut page says before its cut is said.
        Err(_) if !bytes.is_empty() => Ok(bytes),
        Err(error) => Err(format!("cannot be unpacked ({error})")),
    }
}

fn unchunked(bytes: &[u8]) -> Option<Vec<u8>> {
    let (mut out, mut rest) = (Vec::new(), bytes);
    loop {
        let end = find(rest, b"\r\n")?;
        let size = std::str::from_utf8(&rest[..end]).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(out);
        }
        let chunk = rest.get(end + 2..)?;
        out.extend(&chunk[..size.min(chunk.len())]);
        rest = chunk.get(size + 2..)?;
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn plain(bytes: &[u8], content_type: Option<&str>) -> Page {
    let (media_type, parameters) = content_type.unwrap_or_default().split_once(';').unwrap_or((content_type.unwrap_or_default(), ""));
    let media_type = media_type.trim().to_ascii_lowercase();
    let is_notice = ![
        "image/",
        "audio/",
        "video/",
        "font/",
        "text/css",
        "text/javascript",
        "application/javascript",
        "application/x-javascript",
        "text/dns",
    ]
    .iter()
    .any(|kind| media_type.starts_with(kind));
    if !is_notice || bytes.is_empty() {
        return Ok(None);
    }
    let charset = parameters.split(';').find_map(|p| p.trim().strip_prefix("charset=")).map(|c| c.trim_matches('"').to_string());
    Ok(Some(Capture { media_type: Some(media_type).filter(|m| m.contains('/')), charset, ..Capture::of_bytes(bytes.to_vec()) }))
}
