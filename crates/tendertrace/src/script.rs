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

const FIRST: u32 = 0x2010;
const LAST: u32 = 0xFFEF;

/// A folded copy of a text and the way back.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    pub text: String,
    /// Where both texts stop running side by side, ascending; few, since most characters fold to
    /// as many bytes as they had. The last one is the end of both.
    steps: Vec<Step>,
}

/// From here on both texts run side by side, byte by byte, up to the next step; or, where `width`
/// is not 0, all of it up to the next step came from one character of that many bytes.
#[derive(Debug, Clone, Copy)]
struct Step {
    folded: u32,
    source: u32,
    width: u32,
}

impl Folded {
    /// The source bytes that folded bytes `start..end` came from.
    pub fn source_range(&self, start: usize, end: usize) -> (usize, usize) {
        let from = self.source_of(start);
        (from, if start >= end { from } else { self.source_end(end) })
    }

    /// Source offset of a folded offset.
    pub fn source_of(&self, at: usize) -> usize {
        let step = self.step_at(at);
        (step.source + if step.width == 0 { at as u32 - step.folded } else { 0 }) as usize
    }

    /// First folded offset whose character starts at or after source offset `at`.
    pub fn folded_of(&self, at: usize) -> usize {
        let next = self.steps.partition_point(|step| (step.source as usize) < at);
        let limit = self.steps.get(next).map_or(self.text.len(), |step| step.folded as usize);
        match next.checked_sub(1).map(|before| self.steps[before]) {
            Some(step) if step.width == 0 => self.text.ceil_char_boundary(limit.min(at - step.source as usize + step.folded as usize)),
            _ => limit,
        }
    }

    /// Just after the source character that the folded byte before `end` came from.
    fn source_end(&self, end: usize) -> usize {
        let step = self.step_at(end - 1);
        let length = if step.width == 0 { self.text.ceil_char_boundary(end) as u32 - step.folded } else { step.width };
        (step.source + length) as usize
    }

    fn step_at(&self, at: usize) -> Step {
        self.steps[self.steps.partition_point(|step| step.folded as usize <= at) - 1]
    }
}

impl Folder {
    /// A folder with these one-to-one replacements (traditional to simplified, look-alikes).
    pub fn new(pairs: impl IntoIterator<Item = (char, char)>) -> Folder {
        let pairs: HashMap<char, char> = pairs.into_iter().collect();
        let mut folder = Folder { table: vec![0; (LAST - FIRST + 1) as usize], pairs };
        // Punctuation, enclosed numbers and full width forms, which every notice is full of.
        for code in (0x2010..=0x24FF).chain(0x3001..=0x30FF).chain(0xFF01..=LAST) {
            let Some(c) = char::from_u32(code).filter(|c| !c.is_whitespace() && !is_invisible(*c)) else { continue };
            let folded: Vec<char> = folder.compatible(c).collect();
            if let [only] = folded[..] {
                folder.table[(code - FIRST) as usize] = only as u32;
            }
        }
        // No unified ideograph has another compatibility form than itself.
        for c in '\u{4E00}'..='\u{9FFF}' {
            folder.table[(c as u32 - FIRST) as usize] = folder.pairs.get(&c).copied().unwrap_or(c) as u32;
        }
        folder
    }

    /// Folds everything; white space stays, each white character as one space (`\n` and `\t` stay).
    pub fn fold(&self, text: &str) -> Folded {
        self.copy(text, |_| false)
    }

    /// Folds and drops all white space and zero-width characters: for labels written as `名　称`.
    pub fn squeeze(&self, text: &str) -> Folded {
        self.copy(text, char::is_whitespace)
    }

    /// The folded form alone, squeezed at both ends: for rulebook entries and short names.
    pub fn plain(&self, text: &str) -> String {
        self.fold(text.trim()).text
    }

    fn copy(&self, text: &str, dropped: impl Fn(char) -> bool) -> Folded {
        let mut copy = Copy::of(text);
        for (at, c) in text.char_indices() {
            match self.known(c) {
                Some(folded) if dropped(folded) => copy.replace(at, c, []),
                Some(folded) if folded == c => {}
                Some(folded) => copy.replace(at, c, [folded]),
                None => copy.replace(at, c, self.unusual(c).filter(|c| !dropped(*c))),
            }
        }
        copy.end()
    }

    /// What nearly every character of a notice folds to, looked up.
    fn known(&self, c: char) -> Option<char> {
        if c.is_ascii() {
            return Some(c.to_ascii_lowercase());
        }
        let slot = (c as u32).checked_sub(FIRST).and_then(|i| self.table.get(i as usize));
        slot.filter(|code| **code != 0).and_then(|code| char::from_u32(*code))
    }

    /// What a character folds to that the table does not know: none where nobody sees it.
    fn unusual(&self, c: char) -> impl Iterator<Item = char> + '_ {
        let seen = !c.is_whitespace() && !is_invisible(c);
        c.is_whitespace().then_some(' ').into_iter().chain(seen.then(|| self.compatible(c)).into_iter().flatten())
    }

    /// Compatibility form, lower case, simplified: usually one character, sometimes several.
    fn compatible(&self, c: char) -> impl Iterator<Item = char> + '_ {
        let lower = std::iter::once(c).nfkc().flat_map(char::to_lowercase);
        lower.map(|c| self.pairs.get(&c).copied().unwrap_or(c))
    }
}

/// A copy under way: what stays as it is goes over in one piece.
struct Copy<'a> {
    source: &'a str,
    /// Up to where the source is copied.
    done: usize,
    out: Folded,
}

impl<'a> Copy<'a> {
    fn of(source: &'a str) -> Copy<'a> {
        Copy { source, done: 0, out: Folded { text: String::with_capacity(source.len()), steps: Vec::new() } }
    }

    /// Copies up to `at`, where `c` stands, and `folded` in its place.
    fn replace(&mut self, at: usize, c: char, folded: impl IntoIterator<Item = char>) {
        self.keep(at);
        let start = self.out.text.len();
        self.out.text.extend(folded);
        self.done = at + c.len_utf8();
        let length = self.out.text.len() - start;
        if length > 0 {
            let same_length = length == c.len_utf8() && self.out.text[start..].chars().nth(1).is_none();
            self.step(start, at, if same_length { 0 } else { c.len_utf8() });
        }
    }

    fn keep(&mut self, to: usize) {
        if self.done < to {
            self.step(self.out.text.len(), self.done, 0);
            self.out.text.push_str(&self.source[self.done..to]);
            self.done = to;
        }
    }

    fn step(&mut self, folded: usize, source: usize, width: usize) {
        let step = Step { folded: folded as u32, source: source as u32, width: width as u32 };
        let goes_on = |last: &Step| last.width == 0 && width == 0 && last.source + (step.folded - last.folded) == step.source;
        if !self.out.steps.last().is_some_and(goes_on) {
            self.out.steps.push(step);
        }
    }

    fn end(mut self) -> Folded {
        self.keep(self.source.len());
        self.out.steps.push(Step { folded: self.out.text.len() as u32, source: self.source.len() as u32, width: 0 });
        self.out
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

    /// The map as it is defined: one entry a byte.
    fn by_byte(folder: &Folder, text: &str, squeeze: bool) -> (String, Vec<(usize, usize)>) {
        let (mut folded, mut from) = (String::new(), Vec::new());
        for (at, c) in text.char_indices() {
            let one = folder.fold(&text[at..at + c.len_utf8()]).text;
            for c in one.chars().filter(|c| !squeeze || !c.is_whitespace()) {
                folded.push(c);
                from.extend(std::iter::repeat_n((at, at + text[at..].chars().next().map_or(1, char::len_utf8)), c.len_utf8()));
            }
        }
        (folded, from)
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

        #[test]
        fn the_way_back_is_that_of_every_single_byte(text in "[甲國Aa ：（\u{3000}\u{200B}Ⅳ①⑴¨\u{FDFA}İ\n]{0,40}", squeeze: bool) {
            let folder = Folder::new([('國', '国')]);
            let folded = if squeeze { folder.squeeze(&text) } else { folder.fold(&text) };
            let (expected, from) = by_byte(&folder, &text, squeeze);
            proptest::prop_assert_eq!(&folded.text, &expected);
            let starts: Vec<usize> = expected.char_indices().map(|(at, _)| at).chain([expected.len()]).collect();
            for (n, &start) in starts.iter().enumerate() {
                proptest::prop_assert_eq!(folded.source_of(start), from.get(start).map_or(text.len(), |f| f.0));
                for &end in &starts[n + 1..] {
                    proptest::prop_assert_eq!(folded.source_range(start, end), (from[start].0, from[end - 1].1));
                }
            }
            for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
                proptest::prop_assert_eq!(folded.folded_of(at), from.partition_point(|f| f.0 < at));
            }
        }
    }
}
