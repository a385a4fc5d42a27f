//! Which of many words stand in a text? All of them sought in one pass, each known by its number,
//! so that a rule asks for numbers instead of searching the text anew.

use super::raw::Problem;
use daachorse::CharwiseDoubleArrayAhoCorasick;
use std::collections::BTreeMap;

/// Words by number; the same word has one number.
#[derive(Default)]
pub struct Words {
    numbers: BTreeMap<String, u32>,
    automaton: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
}

/// A word where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    pub word: u32,
    pub start: usize,
    pub end: usize,
}

impl Words {
    /// The numbers of words, which are added where they are new. Empty words are none.
    pub fn add(&mut self, words: impl IntoIterator<Item = String>) -> Vec<u32> {
        words.into_iter().filter(|word| !word.is_empty()).map(|word| self.number(word)).collect()
    }

    fn number(&mut self, word: String) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(word).or_insert(next)
    }

    /// Ready to search, once all words are added.
    pub fn compile(&mut self, file: &str, problems: &mut Vec<Problem>) {
        if self.numbers.is_empty() {
            return;
        }
        match CharwiseDoubleArrayAhoCorasick::with_values(self.numbers.iter().map(|(word, number)| (word.as_str(), *number))) {
            Ok(automaton) => self.automaton = Some(automaton),
            Err(error) => problems.push(Problem {
                file: file.to_string(),
                line: 0,
                column: 0,
                message: error.to_string(),
                excerpt: String::new(),
                help: String::new(),
            }),
        }
    }

    /// Every occurrence of every word, overlapping ones too, by their ends.
    pub fn in_text<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Occurrence> + 'a {
        let hits = self.automaton.iter().flat_map(move |automaton| automaton.find_overlapping_iter(text));
        hits.map(|hit| Occurrence { word: hit.value(), start: hit.start(), end: hit.end() })
    }
}
