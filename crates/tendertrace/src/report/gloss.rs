//! How does a reader without Chinese tell one name from another? A name said in English by a closed
//! glossary of bodies, places, trades and forms, and spelt where the glossary ends. A machine's
//! gloss, shown beside the Chinese and never instead of it.

use crate::rulebook::Rulebook;
use crate::rulebook::glossary::{Entry, Role, spelt};
use crate::script::{Folded, is_han};

/// `示例市公安局` as `Shili City Public Security Bureau`; None where there is nothing to gloss.
pub fn name(name: &str, rules: &Rulebook) -> Option<String> {
    if !name.chars().any(is_han) {
        return None;
    }
    Some(words(name, rules).join(" ").replace("( ", "(").replace(" )", ")"))
}

/// A sentence's words that the glossary knows, `…` for what it does not; None where it knows none.
/// Unlike a name, a sentence is not spelt: its sound tells a reader nothing.
pub fn sentence(text: &str, rules: &Rulebook) -> Option<String> {
    let mut gloss = Gloss::of(text, Unknown::LeftOut, rules);
    gloss.walk();
    let mut words = gloss.words;
    words.dedup_by(|a, b| a == LEFT_OUT && b == LEFT_OUT);
    (gloss.known > 0).then(|| words.join(" "))
}

/// What stands for Chinese words that the glossary does not know.
const LEFT_OUT: &str = "…";

/// The pieces of a name's gloss: a word of the glossary, a spelt stretch, or other script.
fn words(name: &str, rules: &Rulebook) -> Vec<String> {
    let mut gloss = Gloss::of(name, Unknown::Spelt, rules);
    gloss.walk();
    gloss.words
}

/// What becomes of Chinese words that the glossary does not know.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unknown {
    Spelt,
    LeftOut,
}

/// What stands before the place that is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Start,
    Place,
    Word,
    Spelt,
}

struct Gloss<'a> {
    rules: &'a Rulebook,
    source: &'a str,
    folded: Folded,
    unknown: Unknown,
    /// Words of the glossary that were found.
    known: usize,
    /// Whether the name is a public body's: only then ranks of unknown places are read.
    public: bool,
    words: Vec<String>,
    /// Han characters that no word covers yet.
    run: String,
    before: Before,
}

impl<'a> Gloss<'a> {
    fn of(source: &'a str, unknown: Unknown, rules: &'a Rulebook) -> Gloss<'a> {
        let source = source.trim();
        let folded = rules.folder.fold(source);
        let (words, run, before) = (Vec::new(), String::new(), Before::Start);
        let mut gloss = Gloss { rules, source, folded, unknown, known: 0, public: false, words, run, before };
        gloss.public = gloss.names_a_body();
        gloss
    }

    fn walk(&mut self) {
        let mut at = 0;
        while let Some(c) = self.folded.text[at..].chars().next() {
            let len = match self.longest(at) {
                Some((len, entry)) => {
                    self.take(&entry);
                    len
                }
                None => self.pass(at, c),
            };
            at += len;
        }
        self.flush();
    }

    fn take(&mut self, entry: &Entry) {
        self.flush();
        self.known += 1;
        self.words.push(entry.english.clone());
        let place = matches!(entry.role, Role::Place | Role::ShortPlace | Role::Rank | Role::Ethnic);
        self.before = if place { Before::Place } else { Before::Word };
    }

    /// Leaves a character to be spelt, or a stretch of other script as it is.
    fn pass(&mut self, at: usize, c: char) -> usize {
        if is_han(c) {
            self.run.push(c);
            self.before = Before::Spelt;
            return c.len_utf8();
        }
        self.flush();
        let rest = &self.folded.text[at..];
        let len = rest.find(is_han).unwrap_or(rest.len());
        self.before = if rest[..len].ends_with('(') { Before::Start } else { Before::Word };
        let written = self.with_capitals(at, at + len);
        self.words.extend(written.split_whitespace().map(str::to_string));
        len
    }

    /// A folded stretch with the capitals it was written with.
    fn with_capitals(&self, from: usize, to: usize) -> String {
        let written = |(at, c): (usize, char)| {
            let (start, end) = self.folded.source_range(from + at, from + at + c.len_utf8());
            if self.source[start..end].contains(char::is_uppercase) { c.to_uppercase().to_string() } else { c.to_string() }
        };
        self.folded.text[from..to].char_indices().map(written).collect()
    }

    fn flush(&mut self) {
        if !self.run.is_empty() {
            self.words.push(match self.unknown {
                Unknown::Spelt => spelt(&self.run),
                Unknown::LeftOut => LEFT_OUT.to_string(),
            });
            self.run.clear();
        }
    }

    /// The longest entry that may stand at `at`, with its length.
    fn longest(&self, at: usize) -> Option<(usize, Entry)> {
        let rest = &self.folded.text[at..];
        let fits = |len: usize| self.rules.glossary.entries(&rest[..len]).iter().find(|entry| self.may_stand(entry, rest.len() == len));
        self.lengths(at).into_iter().rev().find_map(|len| fits(len).map(|entry| (len, entry.clone())))
    }

    fn may_stand(&self, entry: &Entry, ends: bool) -> bool {
        match entry.role {
            Role::Body | Role::Trade | Role::Form => true,
            Role::Tail => ends,
            Role::Place => self.before != Before::Spelt,
            Role::ShortPlace => matches!(self.before, Before::Start | Before::Place),
            Role::Rank => self.public && (self.run.chars().count() > 1 && self.unknown == Unknown::Spelt || self.before == Before::Place),
            Role::Ethnic => self.public,
        }
    }

    fn names_a_body(&self) -> bool {
        let body = |entry: &Entry, ends: bool| entry.role == Role::Body || entry.role == Role::Tail && ends;
        self.folded.text.char_indices().any(|(at, _)| {
            self.lengths(at).iter().any(|len| {
                let ends = self.folded.text.len() == at + len;
                self.rules.glossary.entries(&self.folded.text[at..at + len]).iter().any(|entry| body(entry, ends))
            })
        })
    }

    /// Bytes of the stretches from `at` that a key may have, the longest last.
    fn lengths(&self, at: usize) -> Vec<usize> {
        self.folded.text[at..].char_indices().map(|(start, c)| start + c.len_utf8()).take(self.rules.glossary.longest).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_glossary_does_what_its_examples_say() {
        let rules = Rulebook::embedded();
        let mut wrong = Vec::new();
        for row in &rules.glossary.rows {
            let said = name(&row.yes, &rules).unwrap_or_default();
            if said != row.gloss {
                wrong.push(format!("{}: {} is said {said:?}, not {:?}", row.id, row.yes, row.gloss));
            }
            let other = words(&row.no, &rules);
            if other.contains(&row.english) {
                wrong.push(format!("{}: {} must not be said with it, but is {other:?}", row.id, row.no));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn names_are_said_with_their_places() {
        let rules = Rulebook::embedded();
        for (chinese, english) in [
            ("陕西省公安厅", "Shaanxi Province Public Security Department"),
            ("山西省公安厅", "Shanxi Province Public Security Department"),
            ("长治市公安局", "Changzhi City Public Security Bureau"),
            ("喀什地区公安局", "Kashgar Prefecture Public Security Bureau"),
            ("伊犁哈萨克自治州公安局", "Ili Kazakh Autonomous Prefecture Public Security Bureau"),
            ("新疆维吾尔自治区公安厅", "Xinjiang Uyghur Autonomous Region Public Security Department"),
            ("黑龙江省样本区公安分局", "Heilongjiang Province Yangben District Public Security Sub-bureau"),
            ("北京示例信息技术有限公司", "Beijing Shili Information Technology Co., Ltd."),
            ("示例（北京）科技有限公司", "Shili (Beijing) Technology Co., Ltd."),
        ] {
            assert_eq!(name(chinese, &rules).as_deref(), Some(english), "{chinese}");
        }
        assert_eq!(name("Dell Inc.", &rules), None);
    }

    #[test]
    fn of_a_sentence_only_known_words_are_said() {
        let rules = Rulebook::embedded();
        for (chinese, english) in [
            ("示例市公安局购置服务器及视频设备", Some("… Public Security Bureau … Server … Video Equipment")),
            ("2 │ 戴尔 │ PowerEdge R740", None),
            ("服务器 PowerEdge R740；ＩＢＭ Power", Some("Server PowerEdge R740;IBM Power")),
            ("陕西省公安厅 │ 软件 │ 8套", Some("Shaanxi Province Public Security Department │ Software │ 8 …")),
        ] {
            assert_eq!(sentence(chinese, &rules).as_deref(), english, "{chinese}");
        }
    }
}
