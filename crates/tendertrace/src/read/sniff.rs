//! Which format is this? Told from the bytes; what the collector declared decides only where the
//! bytes leave it open.

/// Formats the reader tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Html,
    /// HTML whose tags are written as entities.
    EscapedHtml,
    Mhtml,
    Json,
    JsonLines,
    Xml,
    Plain,
    /// Rows of fields apart by this character.
    Table(u8),
    /// Read by the readers of risky formats: media type and name.
    Risky(&'static str, &'static str),
    /// Recognised, not read: media type and name.
    Unread(&'static str, &'static str),
    Empty,
}

impl Format {
    /// Media type of what was read.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Html | Format::EscapedHtml => "text/html",
            Format::Mhtml => "multipart/related",
            Format::Json => "application/json",
            Format::JsonLines => "application/jsonl",
            Format::Xml => "application/xml",
            Format::Table(b'\t') => "text/tab-separated-values",
            Format::Table(_) => "text/csv",
            Format::Plain | Format::Empty => "text/plain",
            Format::Risky(media_type, _) | Format::Unread(media_type, _) => media_type,
        }
    }

    /// Whether it is one picture.
    pub fn is_picture(self) -> bool {
        self.media_type().starts_with("image/") && self.media_type() != "image/gif"
    }

    /// The format as a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Risky(_, name) | Format::Unread(_, name) => name,
            other => other.media_type(),
        }
    }
}

const RISKY: &[(&[u8], &str, &str)] = &[
    (b"%PDF-", "application/pdf", "PDF"),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "application/x-ole-storage", "DOC, XLS or WPS"),
    (b"PK\x03\x04", "application/zip", "ZIP"),
    (b"{\\rtf", "application/rtf", "RTF"),
];

const MAGIC: &[(&[u8], &str, &str)] = &[
    (b"Rar!\x1A\x07", "application/vnd.rar", "RAR"),
    (b"7z\xBC\xAF\x27\x1C", "application/x-7z-compressed", "7-Zip"),
    (b"\x1F\x8B", "application/gzip", "gzip"),
    (b"\x28\xB5\x2F\xFD", "application/zstd", "Zstandard"),
    (b"\x89PNG\r\n", "image/png", "PNG image"),
    (b"\xFF\xD8\xFF", "image/jpeg", "JPEG image"),
    (b"GIF8", "image/gif", "GIF image"),
    (b"II*\0", "image/tiff", "TIFF image"),
    (b"MM\0*", "image/tiff", "TIFF image"),
    (b"WARC/1.", "application/warc", "WARC"),
    (b"filedesc://", "application/x-arc", "ARC"),
    (b"SQLite format 3\0", "application/vnd.sqlite3", "SQLite"),
];

/// The format of bytes that are no text; `None` for text.
pub fn binary(bytes: &[u8]) -> Option<Format> {
    let head = &bytes[..bytes.len().min(1024)];
    if let Some((_, media_type, name)) = RISKY.iter().find(|(magic, _, _)| head.starts_with(magic)) {
        return Some(Format::Risky(media_type, name));
    }
    let known = MAGIC.iter().find(|(magic, _, _)| head.starts_with(magic));
    let late_pdf = || head.windows(5).any(|w| w == b"%PDF-").then_some(Format::Risky("application/pdf", "PDF"));
    known.map(|(_, media_type, name)| Format::Unread(media_type, name)).or_else(late_pdf)
}

/// Whether decoded text is none: a good part of its head are control characters.
pub fn is_gibberish(text: &str) -> bool {
    let (mut all, mut control) = (0usize, 0usize);
    for c in text.chars().take(4096) {
        all += 1;
        control += usize::from((c.is_control() && !c.is_ascii_whitespace()) || c == '\u{FFFD}');
    }
    control * 8 > all
}

/// The format of text.
pub fn text(text: &str, declared: Option<&str>) -> Format {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
    if start.is_empty() {
        return Format::Empty;
    }
    if is_mhtml(start) {
        return Format::Mhtml;
    }
    if start.starts_with(['{', '[']) {
        if let Some(format) = json_kind(start) {
            return format;
        }
    }
    if start.starts_with("<?xml") && !has_html_root(start) {
        return Format::Xml;
    }
    let declared_html = declared.is_some_and(|d| d.contains("html"));
    let needed = if declared_html { 1 } else { 2 };
    let has_entities = declared_html && start.contains("&nbsp;") && !start.trim_end().contains('\n');
    if has_entities || html_tags(start, needed) >= needed {
        return Format::Html;
    }
    if html_tags(start, 1) == 0 && start.matches("&lt;/").take(2).count() == 2 {
        return Format::EscapedHtml;
    }
    Format::Plain
}

/// Tables of text are told by what they are called: commas stand in every text.
pub fn table(file_name: Option<&str>, declared: Option<&str>) -> Option<Format> {
    let name = file_name.unwrap_or("").to_ascii_lowercase();
    let is = |ending: &str, media_type: &str| name.ends_with(ending) || declared == Some(media_type);
    match () {
        _ if is(".csv", "text/csv") => Some(Format::Table(b',')),
        _ if is(".tsv", "text/tab-separated-values") => Some(Format::Table(b'\t')),
        _ => None,
    }
}

fn is_mhtml(text: &str) -> bool {
    let head = &text[..text.floor_char_boundary(4096)];
    let Some(first) = head.lines().next() else { return false };
    let is_header =
        first.split_once(':').is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    is_header && head.to_ascii_lowercase().contains("multipart/related")
}

fn json_kind(text: &str) -> Option<Format> {
    if is_json(text) {
        return Some(Format::Json);
    }
    let mut lines = text.lines().filter(|l| !l.trim().is_empty()).take(2);
    let first_is = lines.next().is_some_and(is_json);
    (first_is && lines.next().is_some_and(|l| l.trim_start().starts_with(['{', '[']))).then_some(Format::JsonLines)
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

fn has_html_root(text: &str) -> bool {
    let head = text[..text.floor_char_boundary(4096)].to_ascii_lowercase();
    head.contains("<html") || head.contains("<!doctype html")
}

/// Number of tags that only HTML has, counted up to `enough`; a whole page counts at once.
fn html_tags(text: &str, enough: usize) -> usize {
    let mut count = 0;
    for (at, _) in text.match_indices('<') {
        let rest = text[at + 1..].as_bytes();
        let rest = rest.strip_prefix(b"/").unwrap_or(rest);
        let length = rest.iter().take(10).take_while(|b| b.is_ascii_alphanumeric()).count();
        let ends = rest.get(length).is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'));
        let name = rest[..length].to_ascii_lowercase();
        count += match name.as_slice() {
            b"html" | b"body" | b"table" if ends => enough,
            b"div" | b"p" | b"br" | b"span" | b"td" | b"tr" | b"li" | b"ul" | b"h1" | b"h2" | b"h3" | b"h4" | b"a" | b"strong" | b"b"
            | b"font" | b"tbody" | b"head" | b"meta" | b"pre"
                if ends =>
            {
                1
            }
            _ => 0,
        };
        if count >= enough {
            break;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_decide_whatever_was_declared() {
        for (written, declared, expected) in [
            ("<p>公告</p>", Some("text/plain"), Format::Html),
            ("一<br>二", Some("text/html"), Format::Html),
            ("名&nbsp;称", Some("text/html"), Format::Html),
            ("参数<20且>3，<a", Some("text/plain"), Format::Plain),
            ("&lt;p&gt;公告&lt;/p&gt;&lt;p&gt;二&lt;/p&gt;", None, Format::EscapedHtml),
            ("{\"title\": \"公告\"}", Some("text/plain"), Format::Json),
            ("{\"a\":1}\n{\"a\":2}\n", None, Format::JsonLines),
            ("{公告}", None, Format::Plain),
            ("[GXTC-1]变更公告", None, Format::Plain),
            ("<?xml version=\"1.0\"?><rss/>", None, Format::Xml),
            ("<?xml version=\"1.0\"?><!DOCTYPE html><html><p>a</html>", None, Format::Html),
            ("From: <Saved>\nContent-Type: multipart/related; boundary=x\n\n--x", None, Format::Mhtml),
            (" \n", None, Format::Empty),
        ] {
            assert_eq!(text(written, declared), expected, "{written}");
        }
    }

    #[test]
    fn binary_formats_are_named() {
        assert_eq!(binary(b"%PDF-1.4"), Some(Format::Risky("application/pdf", "PDF")));
        assert_eq!(binary(b"\n\n%PDF-1.4"), Some(Format::Risky("application/pdf", "PDF")));
        assert!(matches!(binary(b"7z\xBC\xAF\x27\x1C"), Some(Format::Unread(_, "7-Zip"))));
        assert_eq!(binary("公告".as_bytes()), None);
        assert!(is_gibberish("\0\u{1}\u{2}\u{3}abc") && !is_gibberish("公告\n"));
    }
}
