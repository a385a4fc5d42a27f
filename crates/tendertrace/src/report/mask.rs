//! What is withheld from people's eyes? Names and numbers of contact persons, experts and operators
//! in quoted text, parties that are persons, tokens in addresses. The rules are the rulebook's.

use crate::rulebook::report::Masks;

/// A stretch of text that is withheld, in bytes, and what stands in its place.
pub struct Withheld<'a> {
    pub start: usize,
    pub end: usize,
    pub shown: &'a str,
}

/// What is withheld in `text`, in order, without overlaps: earlier rules win.
pub fn withheld<'a>(text: &str, masks: &'a Masks) -> Vec<Withheld<'a>> {
    let mut out: Vec<Withheld> = Vec::new();
    for pattern in &masks.patterns {
        let mut at = 0;
        while let Some((start, end)) = pattern.find_at(text, at) {
            if start < end && out.iter().all(|w| end <= w.start || w.end <= start) {
                out.push(Withheld { start, end, shown: &pattern.shown });
            }
            at = if end > at { end } else { next_char(text, at) };
            if at >= text.len() {
                break;
            }
        }
    }
    out.sort_by_key(|w| w.start);
    out
}

/// The hidden part may end before the match does: going on from it finds neighbours too.
fn next_char(text: &str, at: usize) -> usize {
    (at + 1..=text.len()).find(|i| text.is_char_boundary(*i)).unwrap_or(text.len())
}

/// `text` with what is withheld replaced.
pub fn text(text: &str, masks: &Masks) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for part in withheld(text, masks) {
        out.push_str(&text[at..part.start]);
        out.push_str(part.shown);
        at = part.end;
    }
    out.push_str(&text[at..]);
    out
}

/// A party's name; a person's is withheld.
pub fn party(name: &str, masks: &Masks) -> String {
    let plain = name.trim();
    if masks.person.is(plain) { masks.person.shown.clone() } else { text(name, masks) }
}

/// An address without passwords and session tokens; `None` for a local path.
pub fn address(url: &str, masks: &Masks) -> Option<String> {
    let (scheme, rest) = url.trim().split_once("://")?;
    if !masks.schemes.contains(&scheme.to_lowercase()) {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = rest[..end].rsplit('@').next().unwrap_or("");
    Some(format!("{scheme}://{host}{}", without_tokens(&rest[end..], masks)))
}

/// Parameters are looked for in the query and, as single-page sites write them, in the fragment.
fn without_tokens(path: &str, masks: &Masks) -> String {
    let mut out = String::new();
    let mut separator = None;
    for piece in path.split_inclusive(['?', '&', '#', ';']) {
        let (body, end) = match piece.char_indices().last() {
            Some((at, c @ ('?' | '&' | '#' | ';'))) => (&piece[..at], Some(c)),
            _ => (piece, None),
        };
        let name = body.split('=').next().unwrap_or("").to_lowercase();
        if !(body.contains('=') && masks.address_drop.contains(&name)) {
            out.extend(separator.take());
            out.push_str(body);
            separator = end;
        } else if end == Some('#') {
            separator = end;
        }
    }
    out.extend(separator.filter(|c| *c == '#' && path.ends_with('#')));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::Rulebook;

    #[test]
    fn contacts_are_withheld_and_the_rest_stays() {
        let rules = Rulebook::embedded();
        for (raw, shown) in [
            (
                "采购人：示例市公安局 联系人：王小明 电话：0991-1234567",
                "采购人：示例市公安局 联系人：[name withheld] 电话：[telephone withheld]",
            ),
            ("评审专家名单：张小明、李小红、王小军（采购人代表）\n服务器 DELL R740", "评审专家名单：[names withheld]\n服务器 DELL R740"),
            (
                "项目联系人：王老师联系方式：13800000000，邮箱 a@example.org。",
                "项目联系人：[name withheld]联系方式：[telephone withheld]，邮箱 [e-mail withheld]。",
            ),
            (
                "联系人及联系方式：\n项目联系人\t王小明\n采购单位联系方式\t李小红 0991-1234567",
                "联系人及联系方式：\n项目联系人\t[name withheld]\n采购单位联系方式\t[name withheld] [telephone withheld]",
            ),
            ("总价 1380000.00元 型号 DS-2CD3T46", "总价 1380000.00元 型号 DS-2CD3T46"),
        ] {
            assert_eq!(text(raw, &rules.report.masks), shown);
        }
    }

    #[test]
    fn addresses_lose_tokens_and_paths_never_show() {
        let rules = Rulebook::embedded();
        for (raw, shown) in [
            ("https://u:p@example.org/a.html?id=1&token=abc&b=2#top", Some("https://example.org/a.html?id=1&b=2#top")),
            ("https://example.org/#/detail?publishId=7&accessToken=abc", Some("https://example.org/#/detail?publishId=7")),
            ("https://example.org/a;jsessionid=AB12?x=1", Some("https://example.org/a;x=1")),
            ("https://example.org", Some("https://example.org")),
            ("file:///folder/notice.html", None),
            ("notice.html", None),
        ] {
            assert_eq!(address(raw, &rules.report.masks).as_deref(), shown, "{raw}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(raw in "[联系人电话：王0-9 a@.（）、\\n]{0,60}|.{0,40}") {
            let rules = RULES.get_or_init(Rulebook::embedded);
            let _ = (text(&raw, &rules.report.masks), party(&raw, &rules.report.masks), address(&raw, &rules.report.masks));
        }
    }

    static RULES: std::sync::OnceLock<Rulebook> = std::sync::OnceLock::new();
}
