//! Which character does `&name;` stand for? Entities of XML and those that pages write twice.

use std::borrow::Cow;

/// Text with its entities resolved once; what is no entity stays as written.
pub fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.as_bytes().iter().take(12).position(|b| *b == b';');
        match end.and_then(|end| Some((entity(&rest[1..end])?, end))) {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

const NAMED: &[(&str, char)] = &[
    ("lt", '<'),
    ("gt", '>'),
    ("amp", '&'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{A0}'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
    ("ldquo", '\u{201C}'),
    ("rdquo", '\u{201D}'),
    ("lsquo", '\u{2018}'),
    ("rsquo", '\u{2019}'),
    ("ndash", '\u{2013}'),
    ("mdash", '\u{2014}'),
    ("hellip", '\u{2026}'),
    ("middot", '\u{B7}'),
    ("times", '\u{D7}'),
    ("plusmn", '\u{B1}'),
    ("deg", '\u{B0}'),
    ("yen", '\u{A5}'),
    ("reg", '\u{AE}'),
    ("copy", '\u{A9}'),
    ("le", '\u{2264}'),
    ("ge", '\u{2265}'),
];

fn entity(name: &str) -> Option<char> {
    if let Some((_, c)) = NAMED.iter().find(|(known, _)| *known == name) {
        return Some(*c);
    }
    let digits = name.strip_prefix('#')?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    char::from_u32(code).filter(|c| *c != '\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_entities_are_resolved() {
        for (written, read) in
            [("a&lt;b&#20013;&#x6587;&nbsp;", "a<b中文\u{A0}"), ("AT&T;&unknown;&#0;&", "AT&T;&unknown;&#0;&"), ("&amp;lt;", "&lt;")]
        {
            assert_eq!(unescape(written), read);
        }
    }
}
