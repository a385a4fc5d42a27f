//! Which words say the same? `rulebook/mentions/concepts.csv`: one row an idea that notices put in
//! many words (to demand, to forbid, to maintain, …). What is weighed for one of them counts for all.

use super::raw::{Files, Problem};
use super::words::Words;
use crate::script::Folder;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConcept {
    id: String,
    /// Separated by `|`; `◇` stands for the brand.
    words: String,
    /// A phrase that holds one of the words, and one that holds none.
    yes: String,
    no: String,
}

/// All ideas with their words, sought in one pass.
#[derive(Default)]
pub struct Concepts {
    names: Vec<String>,
    words: Words,
    /// By number of a word: the ideas it may say.
    of_word: Vec<Vec<u8>>,
}

/// Loads `mentions/concepts.csv`.
pub fn load(files: &Files, folder: &Folder, problems: &mut Vec<Problem>) -> Concepts {
    let mut concepts = Concepts::default();
    let rows = files.csv::<RawConcept>("mentions/concepts", problems);
    for row in &rows {
        let index = concepts.names.len() as u8;
        concepts.names.push(row.value.id.clone());
        for number in concepts.words.add(row.value.words.split('|').map(|word| folder.plain(word))) {
            concepts.of_word.resize_with(concepts.of_word.len().max(number as usize + 1), Vec::new);
            concepts.of_word[number as usize].push(index);
        }
    }
    concepts.words.compile("mentions/concepts.csv", problems);
    for (index, row) in rows.iter().enumerate() {
        let says = |text: &str| concepts.in_text(&folder.plain(text)).any(|(concept, _)| usize::from(concept) == index);
        if !says(&row.value.yes) || says(&row.value.no) {
            problems
                .push(row.problem(format!("the examples of {} do not hold", row.value.id), "yes holds one of the words, no holds none"));
        }
    }
    concepts
}

impl Concepts {
    /// The ideas a text holds, each with the bytes of its word.
    pub fn in_text<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (u8, (usize, usize))> + 'a {
        let hits = self.words.in_text(text);
        hits.flat_map(move |hit| self.of_word[hit.word as usize].iter().map(move |concept| (*concept, (hit.start, hit.end))))
    }

    pub fn name(&self, concept: u8) -> &str {
        &self.names[usize::from(concept)]
    }
}
