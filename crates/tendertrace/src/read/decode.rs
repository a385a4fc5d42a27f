//! In which encoding is this written? Bytes to text: byte order mark, what the transport or the
//! page declares, strict UTF-8, and at last a guess from the bytes. A declaration that does not
//! fit its bytes loses against one that does.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes of the head in which a page may declare its encoding.
const HEAD: usize = 4096;
/// Bytes the guess is made from; the detector is slow and learns little from more.
const SAMPLE: usize = 16 << 10;
/// Fewer characters do not show which of two encodings they are written in.
const FEWEST_PAIRS: usize = 12;

/// Decodes `bytes`; `declared` is what the transport said. Returns the text, the encoding's name
/// and whether some bytes did not fit it (they became U+FFFD).
pub fn decode(bytes: &[u8], declared: Option<&str>) -> (String, &'static str, bool) {
    let (bytes, marked) = strip_mark(bytes);
    if marked.is_none_or(|m| m == UTF_8) && !bytes.contains(&0) {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return (text.to_string(), UTF_8.name(), false);
        }
    }
    let (text, encoding, errors) = best_fit(bytes, &candidates(bytes, marked, declared));
    (text, encoding.name(), errors > 0)
}

/// The first candidate that decodes cleanly; else the one with the fewest replacements.
fn best_fit(bytes: &[u8], candidates: &[&'static Encoding]) -> (String, &'static Encoding, usize) {
    let mut best: Option<(String, &'static Encoding, usize)> = None;
    for encoding in candidates {
        let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
        let errors = if had_errors { replacements(&text) } else { 0 };
        if best.as_ref().is_none_or(|(_, _, least)| errors < *least) {
            best = Some((text.into_owned(), encoding, errors));
        }
        if errors == 0 {
            break;
        }
    }
    best.unwrap_or_else(|| (String::from_utf8_lossy(bytes).into_owned(), UTF_8, 1))
}

fn strip_mark(bytes: &[u8]) -> (&[u8], Option<&'static Encoding>) {
    match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (&bytes[length..], Some(encoding)),
        None => (bytes, None),
    }
}

fn replacements(text: &str) -> usize {
    text.matches('\u{FFFD}').count()
}

/// Encodings in the order of trust. Nearly valid UTF-8 goes before any declaration: other
/// encodings do not look like UTF-8 for long, and a page cut in mid-character still is UTF-8.
fn candidates(bytes: &[u8], marked: Option<&'static Encoding>, declared: Option<&str>) -> Vec<&'static Encoding> {
    if let Some(wide) = marked.filter(|m| *m != UTF_8).or_else(|| utf16_without_mark(bytes)) {
        return vec![wide];
    }
    if is_nearly_utf8(bytes) {
        return vec![UTF_8];
    }
    let named = [declared.and_then(by_label), declared_in(bytes)].into_iter().flatten();
    let (weak, strong): (Vec<_>, Vec<_>) = named.partition(|e| e.is_single_byte());
    let mut order = strong;
    order.push(guess(bytes));
    // Either of the two decodes nearly any text of the other: their bytes, not their name, tell them apart.
    if let Some(shaped) = chinese_shape(bytes).filter(|_| [GB18030, BIG5].contains(&order[0])) {
        order.insert(0, shaped);
    }
    // Single-byte encodings decode any bytes and are servers' defaults: as declarations they prove nothing.
    order.extend(weak);
    order.extend([GB18030, BIG5, UTF_8]);
    let mut seen = Vec::new();
    order.retain(|e| {
        !seen.contains(e) && {
            seen.push(*e);
            true
        }
    });
    order
}

/// The encoding of a label; GB2312 and GBK are read as their superset.
fn by_label(label: &str) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label.trim().trim_matches(['"', '\'']).as_bytes())?;
    match encoding {
        e if e == GBK => Some(GB18030),
        // Declared in readable ASCII, so it cannot be.
        e if e == UTF_16LE || e == UTF_16BE => Some(UTF_8),
        e => Some(e),
    }
}

/// The label after `charset` or `encoding` in the head of a page.
fn declared_in(bytes: &[u8]) -> Option<&'static Encoding> {
    let head: Vec<u8> = bytes[..bytes.len().min(HEAD)].to_ascii_lowercase();
    [&b"charset"[..], &b"encoding"[..]]
        .iter()
        .find_map(|word| positions(&head, word).find_map(|at| by_label(label_after(&head[at + word.len()..])?)))
}

fn positions<'a>(haystack: &'a [u8], needle: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    haystack.windows(needle.len()).enumerate().filter(move |(_, w)| *w == needle).map(|(at, _)| at)
}

fn label_after(rest: &[u8]) -> Option<&str> {
    let text = rest.iter().position(|b| !b.is_ascii_whitespace()).map(|at| &rest[at..])?;
    let value = text.strip_prefix(b"=")?;
    let start = value.iter().position(|b| b.is_ascii_alphanumeric()).filter(|at| *at < 4)?;
    let value = &value[start..];
    let end = value.iter().position(|b| !(b.is_ascii_alphanumeric() || b"-_:".contains(b))).unwrap_or(value.len());
    std::str::from_utf8(&value[..end]).ok()
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let from = bytes.iter().position(|b| *b >= 0x80).unwrap_or(0);
    let sample = &bytes[from..bytes.len().min(from + SAMPLE)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let guessed = detector.guess(Some(b"cn"), Utf8Detection::Allow);
    if guessed == GBK { GB18030 } else { guessed }
}

/// Big5 or GB18030 by the second bytes of their characters: the common characters of GB2312 never
/// end on an ASCII byte, four in ten of Big5's do, and Big5 has none on 0x80 to 0xA0.
fn chinese_shape(bytes: &[u8]) -> Option<&'static Encoding> {
    let (mut pairs, mut low, mut foreign) = (0usize, 0usize, 0usize);
    let mut rest = &bytes[..bytes.len().min(SAMPLE)];
    while let [lead, tail @ ..] = rest {
        let Some(trail) = tail.first().filter(|_| *lead >= 0x80) else {
            rest = tail;
            continue;
        };
        pairs += 1;
        low += usize::from((0x40..=0x7E).contains(trail));
        foreign += usize::from(*lead < 0xA1 || *lead > 0xF9 || matches!(trail, 0..=0x3F | 0x7F..=0xA0));
        rest = &tail[1..];
    }
    match () {
        _ if pairs < FEWEST_PAIRS => None,
        _ if low * 100 >= pairs * 20 && foreign * 100 <= pairs => Some(BIG5),
        _ if low * 100 <= pairs * 2 => Some(GB18030),
        _ => None,
    }
}

/// UTF-16 that begins without its mark: zero bytes at one parity, or code units that read as
/// Chinese text nearly everywhere.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(HEAD) & !1];
    if sample.len() < 4 {
        return None;
    }
    let (little, big) = (plausible_units(sample, u16::from_le_bytes), plausible_units(sample, u16::from_be_bytes));
    let units = sample.len() / 2;
    let (most, encoding) = if little >= big { (little, UTF_16LE) } else { (big, UTF_16BE) };
    (most * 20 >= units * 19).then_some(encoding)
}

fn plausible_units(sample: &[u8], unit: fn([u8; 2]) -> u16) -> usize {
    let plausible = |u: u16| matches!(u, 9 | 10 | 13 | 0x20..=0x7E | 0xA0..=0xFF | 0x2010..=0x203F | 0x3000..=0x303F | 0x4E00..=0x9FFF | 0xFF00..=0xFFEF);
    sample.chunks_exact(2).filter(|pair| plausible(unit([pair[0], pair[1]]))).count()
}

/// Whether bytes that do not fit UTF-8 are few among whole multi-byte sequences.
fn is_nearly_utf8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().bytes().filter(|b| *b >= 0xC0).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    whole >= 4 && whole >= 10 * broken
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<html><head><meta charset=\"CHARSET\"><title>成交公告</title></head><body>采购人：示例市公安局，供应商：示例科技有限公司，数量：３台</body></html>";

    fn encoded(text: &str, encoding: &'static Encoding) -> Vec<u8> {
        match encoding.name() {
            "UTF-16LE" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "UTF-16BE" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            _ => encoding.encode(text).0.into_owned(),
        }
    }

    #[test]
    fn a_declaration_counts_only_where_it_fits() {
        // (written in, declared by the page, declared by the transport, read as)
        for (written, page, transport, read) in [
            (GB18030, "gb2312", None, "gb18030"),
            (GB18030, "utf-8", None, "gb18030"),
            (GB18030, "utf-8", Some("iso-8859-1"), "gb18030"),
            (GB18030, "none", None, "gb18030"),
            (BIG5, "big5", None, "Big5"),
            (BIG5, "none", Some("Big5"), "Big5"),
            (BIG5, "none", None, "Big5"),
            (BIG5, "gb2312", Some("gbk"), "Big5"),
            (GB18030, "big5", None, "gb18030"),
            (UTF_8, "gb2312", Some("gbk"), "UTF-8"),
            (UTF_16LE, "utf-8", None, "UTF-16LE"),
            (UTF_16BE, "gb2312", None, "UTF-16BE"),
        ] {
            let mut text = PAGE.replace("CHARSET", page);
            if written == BIG5 {
                text = text.replace('购', "購").replace('应', "應").replace('数', "數");
            }
            let (decoded, name, had_errors) = decode(&encoded(&text, written), transport);
            assert_eq!((name, had_errors), (read, false), "{page} {transport:?}");
            assert_eq!(decoded, text);
        }
    }

    #[test]
    fn marks_win_and_are_taken_off() {
        for encoding in [UTF_16LE, UTF_16BE, UTF_8] {
            let (decoded, name, _) = decode(&encoded("\u{FEFF}公告", encoding), Some("gbk"));
            assert_eq!((decoded.as_str(), name), ("公告", encoding.name()));
        }
    }

    #[test]
    fn a_character_cut_in_two_does_not_change_the_encoding() {
        let mut bytes = PAGE.as_bytes().to_vec();
        bytes.truncate(PAGE.find("</body>").unwrap() - 1);
        let (decoded, name, had_errors) = decode(&bytes, None);
        assert_eq!((name, had_errors), ("UTF-8", true));
        assert!(decoded.contains("示例市公安局"));
    }

    #[test]
    fn chinese_without_ascii_or_mark_in_utf16() {
        let text = "采购人示例市公安局供应商示例科技有限公司";
        assert_eq!(decode(&encoded(text, UTF_16LE), None).0, text);
        assert_eq!(decode(&encoded(text, GB18030), None).0, text);
    }

    #[test]
    fn nothing_is_utf8() {
        assert_eq!(decode(b"", None), (String::new(), "UTF-8", false));
    }
}
