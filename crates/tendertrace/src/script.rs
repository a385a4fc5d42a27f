//! How is written text folded for matching? NFKC, lower case, simplified characters and look-alikes,
//! with a map back to the bytes of the source, so that every hit is quoted as written.
//!
//! The character table is data: `rulebook/script/`. Canonical text itself is never folded.

use unicode_normalization::UnicodeNormalization as _;

/// Folds text; holds the character table of the rulebook.
#[derive(Debug, Clone, Default)]
pub struct Folder {
    /// Simplified or look-alike replacement for U+2E80..U+9FFF, 0 where the character stays.
    han: Vec<u32>,
}

const HAN_FIRST: u32 = 0x2E80;
const HAN_LAST: u32 = 0x9FFF;

/// A folded copy of a text and the way back.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    pub text: String,
    /// For each byte of `text` the source offset of the character it came from; one more at the end.
    source: Vec<u32>,
    /// For each byte of `text` the source offset just after the character it came from.
    source_end: Vec<u32>,
}

impl Folded {
    /// The source bytes that folded bytes `start..end` came from.
    pub fn source_range(&self, start: usize, end: usize) -> (usize, usize) {
        if start >= end {
            let at = self.source[start] as usize;
            return (at, at);
        }
        (self.source[start] as usize, self.source_end[end - 1] as usize)
    }

    /// Source offset of a folded offset.
    pub fn source_of(&self, at: usize) -> usize {
        self.source[at] as usize
    }

    /// First folded offset whose character starts at or after source offset `at`.
    pub fn folded_of(&self, at: usize) -> usize {
        self.source[..self.text.len()].partition_point(|s| (*s as usize) < at)
    }
}

impl Folder {
    /// A folder with these one-to-one replacements (traditional to simplified, look-alikes).
    pub fn new(pairs: impl IntoIterator<Item = (char, char)>) -> Folder {
        let mut han = vec![0; (HAN_LAST - HAN_FIRST + 1) as usize];
        for (from, to) in pairs {
            if let Some(slot) = (from as u32).checked_sub(HAN_FIRST).and_then(|i| han.get_mut(i as usize)) {
                *slot = to as u32;
            }
        }
        Folder { han }
    }

    /// Folds everything; white space stays, each white character as one space (`\n` and `\t` stay).
    pub fn fold(&self, text: &str) -> Folded {
        self.run(text, false)
    }

    /// Folds and drops all white space and zero-width characters: for labels written as `名　称`.
    pub fn squeeze(&self, text: &str) -> Folded {
        self.run(text, true)
    }

    /// The folded form alone, squeezed at both ends: for rulebook entries and short names.
    pub fn plain(&self, text: &str) -> String {
        self.run(text.trim(), false).text
    }

    fn run(&self, text: &str, squeeze: bool) -> Folded {
        let mut out = Folded {
            text: String::with_capacity(text.len()),
            source: Vec::with_capacity(text.len() + 1),
            source_end: Vec::with_capacity(text.len()),
        };
        for (at, c) in text.char_indices() {
            if c.is_ascii() {
                if !(squeeze && c.is_ascii_whitespace()) {
                    out.push(c.to_ascii_lowercase(), at, 1);
                }
                continue;
            }
            self.push_folded(&mut out, c, at, squeeze);
        }
        out.source.push(text.len() as u32);
        out
    }

    fn push_folded(&self, out: &mut Folded, c: char, at: usize, squeeze: bool) {
        let width = c.len_utf8();
        if is_invisible(c) {
            return;
        }
        if c.is_whitespace() {
            if !squeeze {
                out.push(' ', at, width);
            }
            return;
        }
        if ('\u{4E00}'..='\u{9FFF}').contains(&c) {
            out.push(self.simplified(c), at, width);
            return;
        }
        for folded in std::iter::once(c).nfkc() {
            for lower in folded.to_lowercase() {
                if !(squeeze && lower.is_whitespace()) {
                    out.push(self.simplified(lower), at, width);
                }
            }
        }
    }

    fn simplified(&self, c: char) -> char {
        let slot = (c as u32).checked_sub(HAN_FIRST).and_then(|i| self.han.get(i as usize));
        slot.and_then(|s| char::from_u32(*s)).filter(|s| *s != '\0').unwrap_or(c)
    }
}

impl Folded {
    fn push(&mut self, c: char, at: usize, width: usize) {
        self.text.push(c);
        for _ in 0..c.len_utf8() {
            self.source.push(at as u32);
            self.source_end.push((at + width) as u32);
        }
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}' | '\u{FE00}'..='\u{FE0F}')
}

/// Whether `c` is a Chinese character (unified ideographs and extension A).
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{20000}'..='\u{2FA1F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_width_case_and_script_with_a_way_back() {
        let folder = Folder::new([('國', '国')]);
        let text = "中國ＩＢＭ（北京）\u{3000}Ⅳ";
        let folded = folder.fold(text);
        assert_eq!(folded.text, "中国ibm(北京) iv");
        let at = folded.text.find("ibm").unwrap();
        let (start, end) = folded.source_range(at, at + 3);
        assert_eq!(&text[start..end], "ＩＢＭ");
        assert_eq!(folder.squeeze("名\u{3000}称 :").text, "名称:");
    }

    proptest::proptest! {
        #[test]
        fn any_range_maps_to_whole_characters(text in "\\PC*") {
            let folder = Folder::new([]);
            let folded = folder.fold(&text);
            for (at, c) in folded.text.char_indices() {
                let (start, end) = folded.source_range(at, at + c.len_utf8());
                proptest::prop_assert!(text.is_char_boundary(start) && text.is_char_boundary(end) && start < end);
            }
        }
    }
}
