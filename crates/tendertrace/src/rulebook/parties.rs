//! Which words of a name tell what kind of body it is? Patterns with a written precedence, each
//! with a name it takes and one it leaves alone.

use super::raw::{Files, Problem, Row};
use super::regions::automaton;
use crate::evidence::RuleId;
use crate::script::Folder;
use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Kinds of bodies, in the words of the contract.
pub const KINDS: &[&str] = &[
    "public_security",
    "state_security",
    "prison_detention",
    "court_procuratorate",
    "justice",
    "political_legal",
    "stability_grid",
    "cyberspace",
    "propaganda_united_front",
    "military_armed_police",
    "customs_border",
    "xpcc",
    "police_school",
    "other_government",
    "education",
    "health",
    "company",
    "research",
    "other",
];

/// Where in a name a pattern must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Where {
    Any,
    /// At the end, before a closing bracketed addition.
    Tail,
}

/// A pattern and the kind it tells.
#[derive(Debug, Clone)]
pub struct KindRule {
    pub id: RuleId,
    pub place: Where,
    /// The lowest wins; among equals the longest, then the last.
    pub precedence: u16,
    pub kind: String,
    /// Folded words whose presence at the same place lifts the rule.
    pub unless: Vec<String>,
}

/// The compiled section.
pub struct Parties {
    rules: Vec<Vec<KindRule>>,
    patterns: CharwiseDoubleArrayAhoCorasick<u32>,
    unless: CharwiseDoubleArrayAhoCorasick<u32>,
    unless_words: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKind {
    id: String,
    pattern: String,
    #[serde(rename = "where")]
    place: Where,
    precedence: u16,
    kind: String,
    unless: String,
    yes: String,
    no: String,
    #[allow(dead_code)]
    note: String,
}

impl Parties {
    /// The rule that tells the kind of a folded, squeezed name.
    pub fn kind_of(&self, name: &str) -> Option<&KindRule> {
        let body = without_addition(name);
        let lifted: Vec<(usize, usize, &str)> =
            self.unless.leftmost_find_iter(name).map(|m| (m.start(), m.end(), self.unless_words[m.value() as usize].as_str())).collect();
        let mut best: Option<((u16, usize, usize), &KindRule)> = None;
        for found in self.patterns.find_overlapping_iter(name) {
            for rule in &self.rules[found.value() as usize] {
                let stands = rule.place == Where::Any || found.end() == body || found.end() == name.len();
                if !stands || is_lifted(rule, found.start(), found.end(), &lifted) {
                    continue;
                }
                let rank = (u16::MAX - rule.precedence, found.end() - found.start(), found.end());
                if best.as_ref().is_none_or(|(other, _)| rank > *other) {
                    best = Some((rank, rule));
                }
            }
        }
        best.map(|(_, rule)| rule)
    }
}

fn is_lifted(rule: &KindRule, start: usize, end: usize, lifted: &[(usize, usize, &str)]) -> bool {
    lifted.iter().any(|(from, to, word)| *from <= start && end <= *to && rule.unless.iter().any(|u| u == word))
}

/// Length of a name without a closing `(…)`.
fn without_addition(name: &str) -> usize {
    match name.strip_suffix(')').and_then(|open| open.rfind('(')) {
        Some(at) if at > 0 => at,
        _ => name.len(),
    }
}

pub fn load(files: &Files, folder: &Folder, problems: &mut Vec<Problem>) -> Parties {
    let rows = files.csv::<RawKind>("parties/agency-kinds", problems);
    let mut by_id: BTreeMap<String, &Row<RawKind>> = BTreeMap::new();
    for row in &rows {
        by_id.insert(row.value.id.clone(), row);
    }
    let mut patterns: BTreeMap<String, Vec<KindRule>> = BTreeMap::new();
    for row in by_id.values() {
        if !KINDS.contains(&row.value.kind.as_str()) {
            problems.push(row.problem(format!("unknown kind `{}`", row.value.kind), format!("one of: {}", KINDS.join(", "))));
        }
        patterns.entry(folder.plain(&row.value.pattern)).or_default().push(rule(row, folder));
    }
    let (keys, rules): (Vec<String>, Vec<Vec<KindRule>>) = patterns.into_iter().unzip();
    let mut unless_words: Vec<String> = rules.iter().flatten().flat_map(|r| r.unless.iter().cloned()).collect();
    unless_words.sort();
    unless_words.dedup();
    let parties = Parties { rules, patterns: overlapping(&keys), unless: automaton(&unless_words), unless_words };
    for row in by_id.values() {
        check_examples(&parties, row, folder, problems);
    }
    parties
}

fn rule(row: &Row<RawKind>, folder: &Folder) -> KindRule {
    KindRule {
        id: format!("parties/agency-kinds#{}", row.value.id).into(),
        place: row.value.place,
        precedence: row.value.precedence,
        kind: row.value.kind.clone(),
        unless: row.value.unless.split('|').filter(|w| !w.is_empty()).map(|w| folder.plain(w)).collect(),
    }
}

fn overlapping(words: &[String]) -> CharwiseDoubleArrayAhoCorasick<u32> {
    let mut patterns: Vec<(&str, u32)> = words.iter().enumerate().map(|(at, word)| (word.as_str(), at as u32)).collect();
    if patterns.is_empty() {
        patterns.push(("\u{10FFFF}", 0));
    }
    CharwiseDoubleArrayAhoCorasickBuilder::new().build_with_values(patterns).expect("words are distinct and not empty")
}

/// The yes-example must come out as this rule's kind, the no-example must not be taken by it.
fn check_examples(parties: &Parties, row: &Row<RawKind>, folder: &Folder, problems: &mut Vec<Problem>) {
    let id = format!("parties/agency-kinds#{}", row.value.id);
    let yes = parties.kind_of(&folder.squeeze(&row.value.yes).text);
    if yes.is_none_or(|rule| rule.kind != row.value.kind) {
        let got = yes.map_or("nothing".to_string(), |rule| format!("{} by {}", rule.kind, rule.id));
        problems.push(row.problem(format!("the yes-example `{}` comes out as {got}", row.value.yes), "mend the precedence or the example"));
    }
    if row.value.no.is_empty() || parties.kind_of(&folder.squeeze(&row.value.no).text).is_some_and(|rule| *rule.id == *id) {
        problems.push(
            row.problem(format!("the no-example `{}` is taken by this rule", row.value.no), "give a name that the rule leaves alone"),
        );
    }
}
