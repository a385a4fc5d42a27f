//! What do joining and reporting know? Words for every id that people read, what is withheld from
//! their eyes, how near two notices must be to be one, and dated rules to hold events against.

use super::raw::{Files, Problem, Row};
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Everything of `rulebook/report/` and `rulebook/milestones.csv`.
#[derive(Debug)]
pub struct Reporting {
    pub words: Words,
    pub masks: Masks,
    pub joining: Joining,
    pub milestones: Vec<Milestone>,
}

/// Labels and explanations by kind and id.
#[derive(Debug, Default)]
pub struct Words {
    by_key: BTreeMap<(String, String), Word>,
}

/// How an id is said to people.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    pub kind: String,
    pub id: String,
    pub label: String,
    pub text: String,
    /// Order among its kind; for objections the gravest first.
    pub rank: Option<u32>,
}

/// A dated rule, listing, pledge or piece of guidance, with its scope; empty scopes mean all.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    pub id: String,
    pub date: String,
    pub kind: String,
    pub title: String,
    pub scope_brands: String,
    pub scope_lists: String,
    pub scope_regions: String,
    pub scope_buyer_kinds: String,
    pub source: String,
    pub note: String,
}

impl Milestone {
    /// Whether a brand is in its scope: an empty scope is about all.
    pub fn concerns(&self, brand: &str) -> bool {
        let mut scope = self.scope_brands.split(';').filter(|known| !known.is_empty()).peekable();
        scope.peek().is_none() || scope.any(|known| known == brand)
    }
}

/// A named pattern that its examples have proved.
#[derive(Debug, Clone)]
pub struct Pattern {
    pub id: String,
    pub regex: Regex,
    /// What stands in place of the match; empty: nothing.
    pub shown: String,
    /// Words that are no match by themselves.
    pub keep: Vec<String>,
}

#[derive(Debug)]
pub struct Masks {
    pub patterns: Vec<Pattern>,
    pub person: Person,
    /// Query parameters that never leave, lower case.
    pub address_drop: BTreeSet<String>,
    /// Address schemes that are shown at all (a local path is not).
    pub schemes: BTreeSet<String>,
}

/// How a party that is a person is told from a body.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub shown: String,
    pub surnames: String,
    pub compound: Vec<String>,
    pub longest: usize,
    pub longest_compound: usize,
    pub not_endings: String,
    yes: Vec<String>,
    no: Vec<String>,
}

impl Person {
    /// Whether `name` reads like a person's name and not a body's.
    pub fn is(&self, name: &str) -> bool {
        let length = name.chars().count();
        let body = name.chars().last().is_none_or(|c| self.not_endings.contains(c));
        let surname = name.chars().next().is_some_and(|c| self.surnames.contains(c));
        let compound = self.compound.iter().any(|c| name.starts_with(c.as_str()));
        let fits = (surname && length <= self.longest) || (compound && length <= self.longest_compound);
        length > 1 && !body && fits && !name.is_ascii()
    }
}

/// How near two notices must be to be copies, or of one process.
#[derive(Debug)]
pub struct Joining {
    pub copies: Copies,
    pub processes: Processes,
    pub noise: Vec<Pattern>,
    pub rounds: Vec<Pattern>,
    pub generic_numbers: Vec<Pattern>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Copies {
    pub days: i64,
    pub same_title_similarity: f64,
    pub other_title_similarity: f64,
    pub title_similarity: f64,
    pub short_text: usize,
    pub short_similarity: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Processes {
    pub days: i64,
    pub name_length: usize,
    pub lone_name_length: usize,
    pub name_similarity: f64,
    pub number_length: usize,
}

impl Words {
    /// The word for an id of a kind, if the rulebook has one.
    pub fn get(&self, kind: &str, id: &str) -> Option<&Word> {
        self.by_key.get(&(kind.to_string(), id.to_string()))
    }

    /// Its label; an id no rule knows is shown as it is, with spaces.
    pub fn label(&self, kind: &str, id: &str) -> String {
        self.get(kind, id).map_or_else(|| id.replace('_', " "), |w| w.label.clone())
    }

    /// Its explanation; empty where there is none.
    pub fn text(&self, kind: &str, id: &str) -> &str {
        self.get(kind, id).map_or("", |w| w.text.as_str())
    }

    /// Its order; what no rule knows comes last.
    pub fn rank(&self, kind: &str, id: &str) -> u32 {
        self.get(kind, id).and_then(|w| w.rank).unwrap_or(u32::MAX)
    }

    /// Ids of a kind in their order.
    pub fn ids(&self, kind: &str) -> Vec<String> {
        let mut words: Vec<&Word> = self.by_key.values().filter(|w| w.kind == kind).collect();
        words.sort_by_key(|w| (w.rank.unwrap_or(u32::MAX), &w.id));
        words.into_iter().map(|w| w.id.clone()).collect()
    }

    /// Ids of a kind whose explanation is `text`: groups such as the buyers asked for.
    pub fn group(&self, kind: &str, text: &str) -> BTreeSet<String> {
        self.by_key.values().filter(|w| w.kind == kind && w.text == text).map(|w| w.id.clone()).collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMasks {
    address: RawAddress,
    person: Person,
    mask: Vec<RawPattern>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAddress {
    drop: Vec<String>,
    schemes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawJoining {
    copies: Copies,
    processes: Processes,
    noise: Vec<RawPattern>,
    round: Vec<RawPattern>,
    generic_number: Vec<RawPattern>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPattern {
    id: String,
    pattern: String,
    #[serde(default)]
    shown: String,
    /// Words that are no match by themselves: 项目 before 联系人.
    #[serde(default)]
    keep: Vec<String>,
    yes: Vec<String>,
    no: Vec<String>,
}

/// Loads the section; `None` where a file is missing or wrong, with the problems pushed.
pub fn load(files: &Files, problems: &mut Vec<Problem>) -> Reporting {
    let words = files.csv::<Word>("report/words", problems);
    let by_key = words.into_iter().map(|row| ((row.value.kind.clone(), row.value.id.clone()), row.value)).collect();
    let milestones = files.csv::<Milestone>("milestones", problems).into_iter().map(|row| row.value).collect();
    Reporting { words: Words { by_key }, masks: load_masks(files, problems), joining: load_joining(files, problems), milestones }
}

fn load_masks(files: &Files, problems: &mut Vec<Problem>) -> Masks {
    let Some(row) = only::<RawMasks>(files, "report/masks", problems) else { return Masks::empty() };
    check_person(&row, problems);
    let patterns = compile(&row, &row.value.mask, problems);
    let RawMasks { address, person, .. } = row.value;
    let lower = |names: Vec<String>| names.into_iter().map(|n| n.to_lowercase()).collect();
    Masks { patterns, person, address_drop: lower(address.drop), schemes: lower(address.schemes) }
}

fn load_joining(files: &Files, problems: &mut Vec<Problem>) -> Joining {
    let Some(row) = only::<RawJoining>(files, "report/joining", problems) else { return Joining::empty() };
    Joining {
        noise: compile(&row, &row.value.noise, problems),
        rounds: compile(&row, &row.value.round, problems),
        generic_numbers: compile(&row, &row.value.generic_number, problems),
        copies: row.value.copies,
        processes: row.value.processes,
    }
}

fn only<T: serde::de::DeserializeOwned>(files: &Files, path: &str, problems: &mut Vec<Problem>) -> Option<Row<T>> {
    let before = problems.len();
    let found = files.toml::<T>(path, problems).pop();
    if found.is_none() && problems.len() == before && files.under("").next().is_some() {
        let message = "the file is missing".to_string();
        problems.push(Problem { file: format!("{path}.toml"), line: 0, column: 0, message, excerpt: String::new(), help: String::new() });
    }
    found
}

fn compile<T>(row: &Row<T>, raw: &[RawPattern], problems: &mut Vec<Problem>) -> Vec<Pattern> {
    raw.iter().filter_map(|rule| compile_one(row, rule, problems)).collect()
}

fn compile_one<T>(row: &Row<T>, rule: &RawPattern, problems: &mut Vec<Problem>) -> Option<Pattern> {
    let regex = match Regex::new(&rule.pattern) {
        Ok(regex) => regex,
        Err(error) => {
            problems.push(row.problem(format!("{}: {error}", rule.id), ""));
            return None;
        }
    };
    let pattern = Pattern { id: rule.id.clone(), regex, shown: rule.shown.clone(), keep: rule.keep.clone() };
    if rule.yes.is_empty() || rule.no.is_empty() {
        problems.push(row.problem(format!("{}: needs a yes- and a no-example", rule.id), ""));
    }
    for example in &rule.yes {
        check_yes(row, &pattern, example, problems);
    }
    for example in rule.no.iter().filter(|e| pattern.find(e).is_some()) {
        problems.push(row.problem(format!("{}: must not match {example:?}", rule.id), "narrow the pattern"));
    }
    Some(pattern)
}

const OPEN: char = '\u{27E6}';
const CLOSE: char = '\u{27E7}';

fn check_yes<T>(row: &Row<T>, pattern: &Pattern, example: &str, problems: &mut Vec<Problem>) {
    let plain: String = example.chars().filter(|c| *c != OPEN && *c != CLOSE).collect();
    let expected = example.find(OPEN).zip(example.find(CLOSE)).map(|(from, to)| &example[from + OPEN.len_utf8()..to]);
    let found = pattern.find(&plain).map(|(from, to)| &plain[from..to]);
    if found.is_none() || found != expected {
        problems.push(row.problem(
            format!("{}: {example:?} matches {found:?}", pattern.id),
            "mark what must match with the brackets of the other examples",
        ));
    }
}

fn check_person(row: &Row<RawMasks>, problems: &mut Vec<Problem>) {
    let person = &row.value.person;
    for name in person.yes.iter().filter(|n| !person.is(n)) {
        problems.push(row.problem(format!("person: {name} is not recognised"), ""));
    }
    for name in person.no.iter().filter(|n| person.is(n)) {
        problems.push(row.problem(format!("person: {name} is taken for a person"), ""));
    }
}

impl Pattern {
    /// The first match: its group `hide` or `round` if it has one, else all of it.
    pub fn find(&self, text: &str) -> Option<(usize, usize)> {
        self.find_at(text, 0)
    }

    /// The same from byte `at` on.
    pub fn find_at(&self, text: &str, at: usize) -> Option<(usize, usize)> {
        let mut from = at;
        loop {
            let found = self.regex.captures_at(text, from)?;
            let part = found.name("hide").or_else(|| found.get(0))?;
            if !self.keep.iter().any(|word| word == part.as_str()) {
                return Some((part.start(), part.end()));
            }
            from = part.end();
        }
    }
}

impl Masks {
    fn empty() -> Masks {
        let person = Person {
            shown: String::new(),
            surnames: String::new(),
            compound: Vec::new(),
            longest: 0,
            longest_compound: 0,
            not_endings: String::new(),
            yes: Vec::new(),
            no: Vec::new(),
        };
        Masks { patterns: Vec::new(), person, address_drop: BTreeSet::new(), schemes: BTreeSet::new() }
    }
}

impl Joining {
    fn empty() -> Joining {
        Joining {
            copies: Copies {
                days: 0,
                same_title_similarity: 1.0,
                other_title_similarity: 1.0,
                title_similarity: 1.0,
                short_text: 0,
                short_similarity: 1.0,
            },
            processes: Processes {
                days: 0,
                name_length: usize::MAX,
                lone_name_length: usize::MAX,
                name_similarity: 1.0,
                number_length: usize::MAX,
            },
            noise: Vec::new(),
            rounds: Vec::new(),
            generic_numbers: Vec::new(),
        }
    }
}
