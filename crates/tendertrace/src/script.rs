//! How is written text folded for matching? NFKC, lower case, simplified characters and look-alikes,
//! with a map back to the bytes of the source, so that every hit is quoted as written.
//!
//! The character table is data: `rulebook/script/`. Canonical text itself is never folded.

use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization as _;

/// Folds text; holds the character table of the rulebook.
#[derive(Debug, Clone, Default)]
pub struct Folder {
    /// What a character of `FIRST..=LAST` folds to where that is one character; 0: not known here.
    table: Vec<u32>,
    /// Traditional characters and look-alikes with what they are read as.
    pairs: HashMap<char, char>,
}

const FIRST: u32 = 0x2E80;
const LAST: u32 = 0xFFEF;

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
        let pairs: HashMap<char, char> = pairs.into_iter().collect();
        let mut folder = Folder { table: vec![0; (LAST - FIRST + 1) as usize], pairs };
        // Han, and the punctuation and full width forms that every notice is full of.
        for code in (0x3001..=0x30FF).chain(0x4E00..=0x9FFF).chain(0xFF01..=0xFFEF) {
            let Some(c) = char::from_u32(code).filter(|c| !c.is_whitespace() && !is_invisible(*c)) else { continue };
            let folded: Vec<char> = folder.compatible(c).collect();
            if let [only] = folded[..] {
                folder.table[(code - FIRST) as usize] = only as u32;
            }
        }
        folder
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
        let text = text.trim();
        let mut out = String::with_capacity(text.len());
        self.each(text, |c, _, _| out.push(c));
        out
    }

    fn run(&self, text: &str, squeeze: bool) -> Folded {
        let mut out = Folded {
            text: String::with_capacity(text.len()),
            source: Vec::with_capacity(text.len() + 1),
            source_end: Vec::with_capacity(text.len()),
        };
        if squeeze {
            self.each(text, |c, at, width| if !c.is_whitespace() { out.push(c, at, width) });
        } else {
            self.each(text, |c, at, width| out.push(c, at, width));
        }
        out.source.push(text.len() as u32);
        out
    }

    /// Each folded character with the place and width of the one it came from.
    fn each(&self, text: &str, mut take: impl FnMut(char, usize, usize)) {
        for (at, c) in text.char_indices() {
            let width = c.len_utf8();
            if let Some(folded) = self.known(c) {
                take(folded, at, width);
            } else if c.is_ascii() {
                take(c.to_ascii_lowercase(), at, 1);
            } else if c.is_whitespace() {
                take(' ', at, width);
            } else if !is_invisible(c) {
                self.compatible(c).for_each(|folded| take(folded, at, width));
            }
        }
    }

    fn known(&self, c: char) -> Option<char> {
        let slot = (c as u32).checked_sub(FIRST).and_then(|i| self.table.get(i as usize));
        slot.filter(|code| **code != 0).and_then(|code| char::from_u32(*code))
    }

    /// Compatibility form, lower case, simplified: usually one character, sometimes several.
    fn compatible(&self, c: char) -> impl Iterator<Item = char> + '_ {
        let lower = std::iter::once(c).nfkc().flat_map(char::to_lowercase);
        lower.map(|c| self.pairs.get(&c).copied().unwrap_or(c))
    }
}

impl Folded {
    fn push(&mut self, c: char, at: usize, width: usize) {
        self.text.push(c);
        let (start, end) = (at as u32, (at + width) as u32);
        match c.len_utf8() {
            1 => self.map([start], [end]),
            2 => self.map([start; 2], [end; 2]),
            3 => self.map([start; 3], [end; 3]),
            _ => self.map([start; 4], [end; 4]),
        }
    }

    /// Whole arrays at once: this is the innermost loop of all folding.
    fn map<const N: usize>(&mut self, start: [u32; N], end: [u32; N]) {
        self.source.extend_from_slice(&start);
        self.source_end.extend_from_slice(&end);
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
