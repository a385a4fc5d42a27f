//! What does the program know of the words in names? Trade words in Chinese and English, legal
//! forms, English place names, wordings that mean one thing, and the weights of their comparison.

use super::brands::Brands;
use super::raw::{Files, Problem};
use super::regions::{Level, Regions, automaton};
use crate::script::Folder;
use daachorse::CharwiseDoubleArrayAhoCorasick;
use pinyin::ToPinyin as _;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};

/// What a word of a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    Name,
    Place,
    Trade,
    Generic,
    /// What kind of division a place is: city, county.
    Division,
    /// A people, in the name of an autonomous division.
    People,
    Number,
    Initial,
    Title,
}

/// A known word: what it is and what it means, whatever its language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    pub class: Class,
    pub concept: u16,
}

/// The compiled section.
pub struct NameRules {
    pub weights: Weights,
    /// Concepts by number, in English, for reasons in words.
    pub concepts: Vec<String>,
    pub words: HashMap<String, Word>,
    /// Chinese trade words and their concept.
    pub trades: HashMap<String, u16>,
    /// Every Chinese word of the table, whatever its class.
    pub han_words: HashMap<String, Word>,
    /// English and pinyin place names (folded, no spaces) and the divisions they may mean.
    pub places: HashMap<String, Vec<usize>>,
    /// Counties, districts and county-level cities by the pinyin of their name without its kind.
    pub counties: HashMap<String, Vec<usize>>,
    /// Number of a brand by its names, Chinese and Latin (folded, letters and digits only).
    pub brand_cores: HashMap<String, usize>,
    /// Every syllable that a character is read as.
    syllables: HashSet<String>,
    /// Legal forms in folded Latin or Cyrillic words.
    pub forms: HashMap<String, u8>,
    /// Chinese legal forms, longest first.
    pub han_forms: Vec<(String, u8)>,
    pub form_kinds: Vec<String>,
    /// Headers of files of names (folded, letters and digits only) and what they head.
    pub columns: HashMap<String, Field>,
    variants: CharwiseDoubleArrayAhoCorasick<u32>,
    variants_to: Vec<String>,
}

/// `names/weights.toml`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    pub same: f64,
    pub possible: f64,
    pub top: f64,
    pub whole_text: f64,
    pub masked: Vec<String>,
    /// Words before a number that orders bodies.
    pub ordinals: Vec<String>,
    /// Cues of a former name in brackets.
    pub former: Vec<String>,
    /// Words of bodies that stand beside a place's own.
    pub apart: Vec<String>,
    pub needs: String,
    /// What is said where a list's rule on ownership is not known for a day.
    pub no_rule: String,
    pub help: Help,
    pub han: HanWeights,
    pub latin: LatinWeights,
    pub cross: CrossWeights,
}

/// What a column of a file of names holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Name,
    ChineseName,
    EnglishName,
    Code,
    Date,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawColumn {
    field: Field,
    header: String,
}

/// What would tell more than a screening does.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Help {
    pub chinese_name: String,
    pub full_name: String,
    pub code: String,
    pub code_wrong: String,
    pub date: String,
    pub owners: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HanWeights {
    pub core: f64,
    pub trade: f64,
    pub place: f64,
    pub form: f64,
    pub branch: f64,
    pub place_missing: f64,
    pub place_within: f64,
    pub trade_missing: f64,
    pub trade_near: f64,
    pub form_missing: f64,
    pub form_other: f64,
    pub branch_missing: f64,
    pub core_contained: f64,
    pub core_homophone: f64,
    pub core_one_other: f64,
    pub contained_least: usize,
    pub group_core_least: usize,
    pub typo_least: usize,
    pub typo_most: usize,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatinWeights {
    pub name: f64,
    pub place: f64,
    pub trade: f64,
    pub generic: f64,
    pub number: f64,
    pub initial: f64,
    pub title: f64,
    pub conflict: f64,
    pub extra_body: f64,
    pub extra_person: f64,
    pub extra_number: f64,
    pub same_meaning: f64,
    pub same_place: f64,
    pub initial_only: f64,
    pub blurred: f64,
    pub form_conflict: f64,
    pub slip: f64,
    pub joined: f64,
    pub joined_near: f64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrossWeights {
    pub core: f64,
    pub trade: f64,
    pub place: f64,
    pub form: f64,
    pub same_syllables: usize,
    pub near: f64,
    pub near_score: f64,
    pub told_letters: usize,
    pub told_trade: f64,
    pub meanings_least: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWord {
    concept: String,
    class: Class,
    english: String,
    chinese: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPlaceName {
    english: String,
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawForm {
    alias: String,
    kind: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVariant {
    from: String,
    to: String,
    #[allow(dead_code)]
    note: String,
}

impl NameRules {
    /// A folded Chinese name with its wordings made one.
    pub fn one_wording(&self, name: &str) -> String {
        let mut out = String::with_capacity(name.len());
        let mut at = 0;
        for found in self.variants.leftmost_find_iter(name) {
            out.push_str(&name[at..found.start()]);
            out.push_str(&self.variants_to[found.value() as usize]);
            at = found.end();
        }
        out.push_str(&name[at..]);
        out
    }

    /// How few syllables of pinyin make this word; nothing where it is no pinyin.
    pub fn syllables(&self, word: &str) -> Option<usize> {
        if !word.is_ascii() {
            return None;
        }
        let mut fewest: Vec<Option<usize>> = vec![None; word.len() + 1];
        fewest[0] = Some(0);
        for end in 1..=word.len() {
            let starts = end.saturating_sub(SYLLABLE_LONGEST)..end;
            let ways = starts.filter(|start| self.syllables.contains(&word[*start..end])).filter_map(|start| fewest[start]);
            fewest[end] = ways.min().map(|count| count + 1);
        }
        fewest[word.len()].filter(|count| *count > 0)
    }

    /// Weight of a word of this class.
    pub fn weight(&self, class: Class) -> f64 {
        let latin = &self.weights.latin;
        match class {
            Class::Name => latin.name,
            Class::Place => latin.place,
            Class::Trade => latin.trade,
            Class::Generic | Class::Division | Class::People => latin.generic,
            Class::Number => latin.number,
            Class::Initial => latin.initial,
            Class::Title => latin.title,
        }
    }
}

/// Letters of the longest syllable (`zhuang`).
const SYLLABLE_LONGEST: usize = 6;

/// Pinyin without tones and spaces, and how many syllables; characters without one stand as they are.
pub fn pinyin_of(text: &str) -> (String, usize) {
    let mut out = String::with_capacity(text.len() * 2);
    let mut syllables = 0;
    for c in text.chars() {
        match c.to_pinyin() {
            Some(syllable) => {
                syllables += 1;
                out.push_str(syllable.plain());
            }
            None => out.push(c),
        }
    }
    (out.replace('ü', "v"), syllables)
}

/// Makers by the names of their brands: what tells that a Latin and a Chinese name are of one core. Ordinary words are left out.
pub fn brand_cores(brands: &Brands, folder: &Folder) -> HashMap<String, usize> {
    let plain = |text: &str| folder.plain(text).chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let mut cores = HashMap::new();
    for (number, brand) in brands.brands.iter().enumerate() {
        let names = brand.names.iter().filter(|name| !name.needs_context()).map(|name| name.text.as_str());
        for name in names.chain([brand.name.as_str()]).map(plain).filter(|name| name.chars().count() >= 2) {
            cores.entry(name).or_insert(number);
        }
    }
    cores
}

/// Every reading of a Chinese character, without tones; sounds without a vowel are no syllables here.
fn syllables() -> HashSet<String> {
    let readings = ('\u{4e00}'..='\u{9fff}').filter_map(|c| Some(c.to_pinyin()?.plain().replace('ü', "v")));
    readings.filter(|reading| reading.contains(['a', 'e', 'i', 'o', 'u', 'v'])).collect()
}

pub fn load(files: &Files, folder: &Folder, regions: &Regions, problems: &mut Vec<Problem>) -> NameRules {
    let mut rules = NameRules {
        weights: files.toml::<Weights>("names/weights", problems).pop().map(|row| row.value).unwrap_or_default(),
        concepts: Vec::new(),
        words: HashMap::new(),
        trades: HashMap::new(),
        han_words: HashMap::new(),
        places: HashMap::new(),
        counties: HashMap::new(),
        brand_cores: HashMap::new(),
        syllables: syllables(),
        forms: HashMap::new(),
        han_forms: Vec::new(),
        form_kinds: Vec::new(),
        columns: HashMap::new(),
        variants: automaton::<&str>(&[]),
        variants_to: Vec::new(),
    };
    let plain = |header: &str| header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    rules.columns =
        files.csv::<RawColumn>("names/columns", problems).into_iter().map(|row| (plain(&row.value.header), row.value.field)).collect();
    load_words(files, folder, &mut rules, problems);
    load_places(files, folder, regions, &mut rules, problems);
    load_forms(files, folder, &mut rules, problems);
    load_variants(files, folder, &mut rules, problems);
    rules
}

fn load_words(files: &Files, folder: &Folder, rules: &mut NameRules, problems: &mut Vec<Problem>) {
    for row in files.csv::<RawWord>("names/words", problems) {
        let concept = rules.concepts.len() as u16;
        rules.concepts.push(row.value.concept);
        let word = Word { class: row.value.class, concept };
        for english in row.value.english.split('|').filter(|w| !w.is_empty()) {
            rules.words.insert(folder.plain(english), word);
        }
        for chinese in row.value.chinese.split('|').filter(|w| !w.is_empty()).map(|w| folder.plain(w)) {
            if matches!(word.class, Class::Trade | Class::Generic) {
                rules.trades.insert(chinese.clone(), concept);
            }
            rules.han_words.insert(chinese, word);
        }
    }
}

fn load_places(files: &Files, folder: &Folder, regions: &Regions, rules: &mut NameRules, problems: &mut Vec<Problem>) {
    for row in files.csv::<RawPlaceName>("names/places", problems) {
        match regions.by_code(&row.value.code) {
            Some(place) => {
                let plain: String = folder.plain(&row.value.english).chars().filter(|c| c.is_alphanumeric()).collect();
                rules.places.entry(plain).or_default().push(place);
            }
            None => problems.push(row.problem(format!("no division has the code `{}`", row.value.code), "give today's code")),
        }
    }
    // What the table says of a spelling stands: Shanxi is not Shaanxi.
    let told: HashSet<String> = rules.places.keys().cloned().collect();
    for (at, place) in regions.places.iter().enumerate() {
        let (spelt, _) = pinyin_of(if place.short.is_empty() { &place.name } else { &place.short });
        let known = match place.level {
            Level::Province | Level::Prefecture => &mut rules.places,
            Level::County => &mut rules.counties,
        };
        if place.level == Level::County || !told.contains(&spelt) {
            known.entry(spelt).or_default().push(at);
        }
    }
}

fn load_forms(files: &Files, folder: &Folder, rules: &mut NameRules, problems: &mut Vec<Problem>) {
    for row in files.csv::<RawForm>("parties/legal-forms", problems) {
        let known = rules.form_kinds.iter().position(|k| *k == row.value.kind);
        let kind = known.unwrap_or_else(|| {
            rules.form_kinds.push(row.value.kind.clone());
            rules.form_kinds.len() - 1
        }) as u8;
        let alias = folder.plain(&row.value.alias);
        if alias.chars().any(crate::script::is_han) {
            rules.han_forms.push((alias, kind));
        } else {
            rules.forms.insert(alias, kind);
        }
    }
    rules.han_forms.sort_by_key(|(alias, _)| std::cmp::Reverse(alias.len()));
}

fn load_variants(files: &Files, folder: &Folder, rules: &mut NameRules, problems: &mut Vec<Problem>) {
    let rows = files.csv::<RawVariant>("names/variants", problems);
    let mut pairs: Vec<(String, String)> = rows.iter().map(|r| (folder.plain(&r.value.from), folder.plain(&r.value.to))).collect();
    pairs.sort();
    pairs.dedup_by(|a, b| a.0 == b.0);
    let (from, to): (Vec<String>, Vec<String>) = pairs.into_iter().unzip();
    rules.variants = automaton(&from);
    rules.variants_to = to;
}
