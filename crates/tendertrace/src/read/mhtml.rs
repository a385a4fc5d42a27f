//! Which page lies in an archive that a browser saved (MHTML)? Finds the HTML part, undoes its
//! transfer encoding and keeps its address.

use super::transfer::{base64, quoted_printable};

/// A page of an MHTML archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    pub bytes: Vec<u8>,
    pub charset: Option<String>,
    pub url: Option<String>,
}

/// No page has more frames that say something.
const MOST_PAGES: usize = 64;

/// The HTML parts with content, the page itself first, its frames after it; archives nest at most
/// `depth` deep.
pub fn pages_of(archive: &[u8], depth: usize) -> Vec<Archived> {
    let mut pages = Vec::new();
    let (head, body) = split_head(archive);
    add_pages(&head, body, depth, &mut pages);
    if let Some(page) = pages.first_mut() {
        let outer = header(&head, "snapshot-content-location").or_else(|| header(&head, "content-location"));
        page.url = outer.or(page.url.take()).filter(|u| u.starts_with("http"));
    }
    pages
}

fn add_pages(head: &[String], body: &[u8], depth: usize, pages: &mut Vec<Archived>) {
    let kind = header(head, "content-type").unwrap_or_default();
    let lower = kind.to_ascii_lowercase();
    match parameter(&kind, "boundary") {
        Some(boundary) if lower.starts_with("multipart/") && depth > 0 => {
            for part in parts(body, &boundary) {
                let (head, body) = split_head(part);
                add_pages(&head, body, depth - 1, pages);
            }
        }
        _ if lower.starts_with("text/html") || lower.starts_with("application/xhtml") => {
            pages.extend(page_in(head, body, &kind).filter(|_| pages.len() < MOST_PAGES))
        }
        _ => {}
    }
}

fn page_in(head: &[String], body: &[u8], kind: &str) -> Option<Archived> {
    let encoding = header(head, "content-transfer-encoding").unwrap_or_default().to_ascii_lowercase();
    let bytes = match encoding.as_str() {
        "base64" => base64(body)?,
        "quoted-printable" => quoted_printable(body),
        _ => body.to_vec(),
    };
    let is_page = !bytes.iter().all(u8::is_ascii_whitespace);
    is_page.then(|| Archived { bytes, charset: parameter(kind, "charset"), url: header(head, "content-location") })
}

/// Headers (folded lines joined) and the body after the first empty line.
fn split_head(bytes: &[u8]) -> (Vec<String>, &[u8]) {
    let mut lines: Vec<String> = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |at| at + 1);
        let line = String::from_utf8_lossy(&rest[..end]);
        rest = &rest[end..];
        if line.trim().is_empty() {
            if lines.is_empty() {
                continue;
            }
            break;
        }
        match lines.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => last.push_str(line.trim()),
            _ => lines.push(line.trim_end().to_string()),
        }
    }
    (lines, rest)
}

fn header(head: &[String], wanted: &str) -> Option<String> {
    head.iter().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().to_string())
    })
}

fn parameter(value: &str, wanted: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"').to_string())
    })
}

fn parts<'a>(body: &'a [u8], boundary: &str) -> impl Iterator<Item = &'a [u8]> {
    let mark = format!("--{boundary}").into_bytes();
    let mut starts = Vec::new();
    let mut at = 0;
    for line in body.split_inclusive(|b| *b == b'\n') {
        if line.starts_with(&mark) {
            starts.push((at, at + line.len()));
        }
        at += line.len();
    }
    let ends: Vec<usize> = starts.iter().skip(1).map(|(line, _)| *line).chain([body.len()]).collect();
    starts.into_iter().zip(ends).map(move |((_, from), to)| &body[from..to])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARCHIVE: &str = "From: <Saved by a browser>\r\nSnapshot-Content-Location: http://www.example.org/1.html\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/related;\r\n\ttype=\"text/html\";\r\n\tboundary=\"--B--\"\r\n\r\n\r\n----B--\r\nContent-Type: text/css\r\n\r\np{}\r\n\
        ----B--\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: ENCODING\r\nContent-Location: http://www.example.org/2.html\r\n\r\nBODY\r\n----B----\r\n";

    #[test]
    fn the_page_of_an_archive() {
        for (encoding, body) in
            [("quoted-printable", "<p>=E5=85=AC=E5=\r\n=91=8A</p>"), ("base64", "PHA+5YWs\r\n5ZGKPC9wPg=="), ("8bit", "<p>公告</p>")]
        {
            let page = pages_of(ARCHIVE.replace("ENCODING", encoding).replace("BODY", body).as_bytes(), 4).remove(0);
            assert_eq!(String::from_utf8(page.bytes).unwrap().trim(), "<p>公告</p>", "{encoding}");
            assert_eq!((page.charset.as_deref(), page.url.as_deref()), (Some("utf-8"), Some("http://www.example.org/1.html")));
        }
    }

    #[test]
    fn broken_archives_have_no_page() {
        for broken in
            ["", "Content-Type: multipart/related", "Content-Type: multipart/related; boundary=a\n\n--a\nContent-Type: text/html\n\n"]
        {
            assert_eq!(pages_of(broken.as_bytes(), 4), []);
        }
    }
}
