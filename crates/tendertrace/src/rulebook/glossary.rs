//! Which Chinese words of names have an English word? A closed list of public bodies, ranks, trades
//! and company forms, and the places of GB/T 2260; everything else in a name is only spelt.

use super::names::pinyin_of;
use super::raw::{Files, Problem};
use super::regions::{Place, Regions};
use crate::script::Folder;
use serde::Deserialize;
use std::collections::HashMap;

/// The compiled section: what stands at a key, words before places.
#[derive(Default)]
pub struct Glossary {
    entries: HashMap<String, Vec<Entry>>,
    /// Characters of the longest key.
    pub longest: usize,
    /// The rows, with their examples.
    pub rows: Vec<GlossaryRow>,
}

/// An English word and where in a name it may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub english: String,
    pub role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A public body or part of one.
    Body,
    /// A trade, or any other word of a name.
    Trade,
    /// A company's legal form.
    Form,
    /// Counts only where a name ends.
    Tail,
    /// The rank of a place: counts only in names of public bodies, behind a place's name.
    Rank,
    /// A people, between a place's name and its rank.
    Ethnic,
    /// A place by its full name.
    Place,
    /// A place without its rank: counts only where a name begins, or behind a place.
    ShortPlace,
}

/// A row as written: `yes` must come out as `gloss`, `no` must not use the row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlossaryRow {
    pub id: String,
    pub term: String,
    pub english: String,
    pub role: Role,
    pub yes: String,
    pub gloss: String,
    pub no: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPlaceName {
    name: String,
    english: String,
}

impl Glossary {
    /// What may stand for this folded text.
    pub fn entries(&self, text: &str) -> &[Entry] {
        self.entries.get(text).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, key: String, english: &str, role: Role) {
        self.longest = self.longest.max(key.chars().count());
        self.entries.entry(key).or_default().push(Entry { english: english.to_string(), role });
    }
}

pub fn load(files: &Files, folder: &Folder, regions: &Regions, problems: &mut Vec<Problem>) -> Glossary {
    let mut glossary = Glossary::default();
    for row in files.csv::<GlossaryRow>("report/glossary", problems) {
        if [&row.value.english, &row.value.yes, &row.value.gloss, &row.value.no].iter().any(|text| text.is_empty()) {
            problems
                .push(row.problem(format!("{}: needs an English word, a yes-example with its gloss, and a no-example", row.value.id), ""));
        }
        glossary.add(folder.plain(&row.value.term), &row.value.english, row.value.role);
        glossary.rows.push(row.value);
    }
    let names = files.csv::<RawPlaceName>("report/place-names", problems);
    let english: HashMap<&str, &str> = names.iter().map(|row| (row.value.name.as_str(), row.value.english.as_str())).collect();
    let whole: Vec<String> = regions.places.iter().map(|place| whole_name(place, &english, &glossary, folder)).collect();
    for (place, whole) in regions.places.iter().zip(&whole) {
        glossary.add(folder.plain(&place.name), whole, Role::Place);
        if !place.short.is_empty() && place.short != place.name {
            glossary.add(folder.plain(&place.short), &core_name(place, &english), Role::ShortPlace);
        }
    }
    glossary
}

/// A place without its rank: by the list of names, else as it is spelt.
fn core_name(place: &Place, english: &HashMap<&str, &str>) -> String {
    let core = if place.short.is_empty() { &place.name } else { &place.short };
    english.get(core.as_str()).map_or_else(|| spelt(core), ToString::to_string)
}

/// A place with its people and rank: `Ili Kazakh Autonomous Prefecture`.
fn whole_name(place: &Place, english: &HashMap<&str, &str>, glossary: &Glossary, folder: &Folder) -> String {
    if let Some(name) = english.get(place.name.as_str()) {
        return name.to_string();
    }
    let mut words = vec![core_name(place, english)];
    let mut rest = place.name.strip_prefix(place.short.as_str()).filter(|_| !place.short.is_empty()).unwrap_or("");
    while !rest.is_empty() {
        let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).rev();
        let known = ends.filter_map(|end| rank_word(&folder.plain(&rest[..end]), glossary).map(|word| (end, word))).next();
        let (end, word) = known.unwrap_or_else(|| (rest.len(), spelt(rest)));
        words.push(word);
        rest = &rest[end..];
    }
    words.join(" ")
}

fn rank_word(key: &str, glossary: &Glossary) -> Option<String> {
    let entry = glossary.entries(key).iter().find(|entry| matches!(entry.role, Role::Rank | Role::Ethnic))?;
    Some(entry.english.clone())
}

/// Han characters by their sound, as one capitalised word; above four syllables, words of two.
pub fn spelt(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let size = if chars.len() > LONGEST_WORD { 2 } else { chars.len().max(1) };
    let words: Vec<String> = chars.chunks(size).map(|part| capitalised(&pinyin_of(&part.iter().collect::<String>()).0)).collect();
    words.join(" ")
}

const LONGEST_WORD: usize = 4;

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
