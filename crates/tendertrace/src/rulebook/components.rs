//! What stands inside or behind a named product? `rulebook/components/*.toml`: host products that
//! can only hold one maker's part, and domestic labels on foreign products; each sourced, always weak.

use super::raw::{Files, Problem};
use super::words::Words;
use crate::model::Via;
use crate::script::Folder;
use serde::Deserialize;

/// A host product or label and what it stands for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inference {
    pub id: String,
    /// How the host is written; matched as whole words on folded text.
    pub host: Vec<String>,
    /// Words of which one must stand in the same row, where the host's name alone is ambiguous.
    #[serde(default)]
    pub with: Vec<String>,
    /// Name of the host as findings show it.
    pub host_product: String,
    pub brand: String,
    pub product: String,
    pub via: Via,
    pub source: String,
    #[serde(default)]
    pub from: String,
    #[serde(default)]
    pub to: String,
    pub yes: Vec<String>,
    pub no: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    inferences: Vec<Inference>,
}

/// All inferences, with all their hosts in one automaton.
#[derive(Default)]
pub struct Components {
    pub inferences: Vec<Inference>,
    pub words: Words,
    /// For each word (inference, number of the host in it).
    by_word: Vec<Vec<(usize, usize)>>,
}

impl Components {
    /// The hosts that are written so.
    pub fn hosts(&self, word: u32) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.by_word[word as usize].iter().copied()
    }

    fn compile(inferences: Vec<Inference>, problems: &mut Vec<Problem>) -> Components {
        let mut all = Components { inferences, ..Components::default() };
        for (number, inference) in all.inferences.iter().enumerate() {
            for (host, word) in all.words.add(inference.host.iter().cloned()).into_iter().enumerate() {
                all.by_word.resize_with(all.by_word.len().max(word as usize + 1), Vec::new);
                all.by_word[word as usize].push((number, host));
            }
        }
        all.words.compile("components/", problems);
        all
    }
}

/// Loads `components/`; words folded.
pub fn load(files: &Files, folder: &Folder, problems: &mut Vec<Problem>) -> Components {
    let mut all = Vec::new();
    for row in files.toml::<RawFile>("components/", problems) {
        for mut inference in row.value.inferences.iter().cloned() {
            if inference.yes.is_empty() || inference.no.is_empty() || inference.source.is_empty() {
                problems.push(row.problem(format!("{} needs a source, a yes- and a no-example", inference.id), ""));
            }
            for words in [&mut inference.host, &mut inference.with] {
                words.iter_mut().for_each(|w| *w = folder.plain(w));
            }
            all.push(inference);
        }
    }
    Components::compile(all, problems)
}

/// A sign that a product was made or sold for surveillance, the buyer or police.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    pub kind: String,
    pub cue: String,
    /// Characters between sign and mention.
    pub within: usize,
    pub yes: String,
    pub no: String,
}

/// Loads `mentions/customisation.csv`; cues folded.
pub fn signs(files: &Files, folder: &Folder, problems: &mut Vec<Problem>) -> Vec<Sign> {
    let rows = files.csv::<Sign>("mentions/customisation", problems);
    rows.into_iter().map(|row| Sign { cue: folder.plain(&row.value.cue), ..row.value }).collect()
}
