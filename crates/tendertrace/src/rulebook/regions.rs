//! Which place names does the rulebook know? GB/T 2260 divisions with their short, former and
//! everyday names, and the cues that say where a region may be read.

use super::raw::{Files, Problem, Row};
use crate::script::Folder;
use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder, MatchKind};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A division of GB/T 2260.
#[derive(Debug, Clone)]
pub struct Place {
    pub code: String,
    pub name: String,
    /// Name without its rank word; empty where nothing useful is left.
    pub short: String,
    pub level: Level,
    /// Index of the division above.
    pub parent: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Province,
    Prefecture,
    County,
}

/// How a word names a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// The full name of today or of an earlier year, or an everyday name.
    Full,
    /// Without its rank word.
    Short,
    /// Counts only inside its parent.
    Inner,
    /// Counts only where a name begins.
    Start,
}

/// What a word may name.
#[derive(Debug, Clone, Default)]
pub struct PlaceWord {
    /// Empty: the word hides a place name and names none.
    pub places: Vec<(usize, Form)>,
}

/// The compiled section.
pub struct Regions {
    pub places: Vec<Place>,
    pub cues: RegionCues,
    by_code: HashMap<String, usize>,
    words: Vec<PlaceWord>,
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    field_labels: FieldLabels,
}

/// What stands in `regions/cues.toml`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionCues {
    pub not_places: Vec<String>,
    pub branch_words: Vec<String>,
    pub parent_words: Vec<String>,
    pub weak_kinds: Vec<String>,
    pub loose_kinds: Vec<String>,
    pub region_labels: Vec<String>,
    pub own_address_labels: Vec<String>,
    pub foreign_address_labels: Vec<String>,
    pub address_labels: Vec<String>,
    pub owner_words: Vec<String>,
    pub foreign_words: Vec<String>,
}

/// What a label says of the value after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldCue {
    Region,
    OwnAddress,
    ForeignAddress,
    Address,
    Owner,
    Foreign,
}

struct FieldLabels {
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    cues: Vec<FieldCue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPlace {
    code: String,
    name: String,
    short: String,
    level: Level,
    parent: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFormer {
    old_code: String,
    old_name: String,
    code: String,
    #[allow(dead_code)]
    until: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAlias {
    alias: String,
    code: String,
    needs: String,
    #[allow(dead_code)]
    note: String,
}

impl Regions {
    /// Index of the division of this code; former codes lead to today's division.
    pub fn by_code(&self, code: &str) -> Option<usize> {
        self.by_code.get(code).copied()
    }

    /// Whether `inner` is `outer` or lies in it.
    pub fn within(&self, inner: usize, outer: usize) -> bool {
        std::iter::successors(Some(inner), |at| self.places[*at].parent).any(|at| at == outer)
    }

    /// Place words of a folded text from left to right, the longest at each place.
    pub fn words_in<'a>(&'a self, folded: &'a str) -> impl Iterator<Item = (usize, usize, &'a PlaceWord)> + 'a {
        self.automaton.leftmost_find_iter(folded).map(|m| (m.start(), m.end(), &self.words[m.value() as usize]))
    }

    /// Field cues of a folded, squeezed text.
    pub fn cues_in<'a>(&'a self, folded: &'a str) -> impl Iterator<Item = (usize, usize, FieldCue)> + 'a {
        self.field_labels.automaton.leftmost_find_iter(folded).map(|m| (m.start(), m.end(), self.field_labels.cues[m.value() as usize]))
    }
}

pub fn load(files: &Files, folder: &Folder, problems: &mut Vec<Problem>) -> Regions {
    let (places, mut by_code) = load_places(files, problems);
    let cues = files.toml::<RegionCues>("regions/cues", problems).pop().map(|row| row.value).unwrap_or_default();
    let mut words = BTreeMap::new();
    add_names(&places, folder, &mut words);
    add_former(files, folder, &mut by_code, &mut words, problems);
    add_aliases(files, folder, &by_code, &mut words, problems);
    for blocker in &cues.not_places {
        words.insert(folder.plain(blocker), PlaceWord::default());
    }
    let field_labels = field_labels(&cues, folder);
    let (automaton, words) = compile(words);
    Regions { places, cues, by_code, words, automaton, field_labels }
}

fn load_places(files: &Files, problems: &mut Vec<Problem>) -> (Vec<Place>, HashMap<String, usize>) {
    let rows = files.csv::<RawPlace>("regions/cn", problems);
    let by_code: HashMap<String, usize> = rows.iter().enumerate().map(|(at, row)| (row.value.code.clone(), at)).collect();
    let places = rows.into_iter().map(|row| place(row, &by_code, problems)).collect();
    (places, by_code)
}

fn place(row: Row<RawPlace>, by_code: &HashMap<String, usize>, problems: &mut Vec<Problem>) -> Place {
    let parent = by_code.get(&row.value.parent).copied();
    if parent.is_none() && row.value.level != Level::Province {
        problems.push(row.problem(format!("no division has the code `{}`", row.value.parent), "name the division above by its six digits"));
    }
    let RawPlace { code, name, short, level, .. } = row.value;
    Place { code, name, short, level, parent }
}

type Words = BTreeMap<String, PlaceWord>;

fn add(words: &mut Words, word: &str, place: usize, form: Form) {
    let known = &mut words.entry(word.to_string()).or_default().places;
    if !known.iter().any(|(other, _)| *other == place) {
        known.push((place, form));
    }
}

fn add_names(places: &[Place], folder: &Folder, words: &mut Words) {
    for (at, place) in places.iter().enumerate() {
        add(words, &folder.plain(&place.name), at, Form::Full);
        if !place.short.is_empty() {
            add(words, &folder.plain(&place.short), at, Form::Short);
        }
    }
}

fn add_former(files: &Files, folder: &Folder, by_code: &mut HashMap<String, usize>, words: &mut Words, problems: &mut Vec<Problem>) {
    let today: HashSet<String> = words.keys().cloned().collect();
    for row in files.csv::<RawFormer>("regions/former", problems) {
        let Some(&place) = by_code.get(&row.value.code) else {
            problems.push(row.problem(format!("no division has the code `{}`", row.value.code), "give today's code"));
            continue;
        };
        by_code.entry(row.value.old_code.clone()).or_insert(place);
        let name = folder.plain(&row.value.old_name);
        if name.chars().count() >= 2 && !today.contains(&name) {
            add(words, &name, place, Form::Full);
        }
    }
}

fn add_aliases(files: &Files, folder: &Folder, by_code: &HashMap<String, usize>, words: &mut Words, problems: &mut Vec<Problem>) {
    for row in files.csv::<RawAlias>("regions/aliases", problems) {
        let form = match row.value.needs.as_str() {
            "" => Form::Full,
            "parent" => Form::Inner,
            "start" => Form::Start,
            other => {
                problems.push(row.problem(format!("unknown need `{other}`"), "leave it empty, or write `parent` or `start`"));
                continue;
            }
        };
        match by_code.get(&row.value.code) {
            Some(&place) => add(words, &folder.plain(&row.value.alias), place, form),
            None => problems.push(row.problem(format!("no division has the code `{}`", row.value.code), "give today's code")),
        }
    }
}

fn compile(words: Words) -> (CharwiseDoubleArrayAhoCorasick<u32>, Vec<PlaceWord>) {
    let (keys, values): (Vec<String>, Vec<PlaceWord>) = words.into_iter().filter(|(word, _)| !word.is_empty()).unzip();
    (automaton(&keys), values)
}

/// An automaton over `words`, leftmost-longest; an empty list never matches.
pub fn automaton<W: AsRef<str>>(words: &[W]) -> CharwiseDoubleArrayAhoCorasick<u32> {
    let mut patterns: Vec<(&str, u32)> = words.iter().enumerate().map(|(at, word)| (word.as_ref(), at as u32)).collect();
    if patterns.is_empty() {
        patterns.push(("\u{10FFFF}", 0));
    }
    CharwiseDoubleArrayAhoCorasickBuilder::new()
        .match_kind(MatchKind::LeftmostLongest)
        .build_with_values(patterns)
        .expect("words are distinct and not empty")
}

fn field_labels(cues: &RegionCues, folder: &Folder) -> FieldLabels {
    let mut all = BTreeMap::new();
    let lists = [
        (&cues.owner_words, FieldCue::Owner),
        (&cues.foreign_words, FieldCue::Foreign),
        (&cues.address_labels, FieldCue::Address),
        (&cues.region_labels, FieldCue::Region),
        (&cues.own_address_labels, FieldCue::OwnAddress),
        (&cues.foreign_address_labels, FieldCue::ForeignAddress),
    ];
    for (words, cue) in lists {
        all.extend(words.iter().map(|word| (folder.plain(word), cue)));
    }
    let (words, cues): (Vec<String>, Vec<FieldCue>) = all.into_iter().unzip();
    FieldLabels { automaton: automaton(&words), cues }
}
