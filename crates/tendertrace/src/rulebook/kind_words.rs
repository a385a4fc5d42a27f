//! Which words of a name tell what kind of body it is, in languages that part their words?
//! (`rulebook/parties/kinds-in-words.csv`) Whole words count, whatever their case and accents; `*`
//! ends a word that may go on, as inflected languages need.

use super::parties::{KINDS, KindRule, Where};
use super::raw::{Files, Problem, Row};
use crate::script::is_han;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: String,
    #[allow(dead_code)]
    language: String,
    pattern: String,
    precedence: u16,
    kind: String,
    yes: String,
    no: String,
    #[allow(dead_code)]
    note: String,
}

/// The compiled rules, the lowest precedence first, among equals the longest.
#[derive(Default)]
pub struct KindWords {
    rules: Vec<(Vec<Word>, KindRule)>,
}

/// A word, and whether it may go on.
struct Word(String, Ending);

#[derive(PartialEq)]
enum Ending {
    Closed,
    Open,
}

impl KindWords {
    /// The rule that tells the kind of a name as written.
    pub fn kind_of(&self, name: &str) -> Option<&KindRule> {
        let words = words(name);
        self.rules.iter().find(|(pattern, _)| stands(pattern, &words)).map(|(_, rule)| rule)
    }
}

fn stands(pattern: &[Word], words: &[String]) -> bool {
    words.windows(pattern.len()).any(|window| window.iter().zip(pattern).all(|(word, wanted)| is(word, wanted)))
}

fn is(word: &str, Word(wanted, ending): &Word) -> bool {
    let is_written_together = || wanted.chars().all(is_han) && word.contains(wanted.as_str());
    word == wanted || (*ending == Ending::Open && word.starts_with(wanted.as_str())) || is_written_together()
}

/// Words in lower case without accents.
fn words(text: &str) -> Vec<String> {
    let plain: String = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_string).collect()
}

/// Loads `parties/kinds-in-words`.
pub fn load(files: &Files, problems: &mut Vec<Problem>) -> KindWords {
    let rows = files.csv::<Raw>("parties/kinds-in-words", problems);
    let by_id: std::collections::BTreeMap<&str, &Row<Raw>> = rows.iter().map(|row| (row.value.id.as_str(), row)).collect();
    let mut kinds = KindWords { rules: by_id.values().map(|row| rule(row)).collect() };
    kinds.rules.sort_by_key(|(pattern, rule)| (rule.precedence, std::cmp::Reverse(pattern.iter().map(|w| w.0.len()).sum::<usize>())));
    by_id.values().for_each(|row| check(&kinds, row, problems));
    kinds
}

fn rule(row: &Row<Raw>) -> (Vec<Word>, KindRule) {
    let Raw { id, pattern, precedence, kind, .. } = &row.value;
    let word = |written: &str| {
        let ending = if written.ends_with('*') { Ending::Open } else { Ending::Closed };
        Word(words(written).concat(), ending)
    };
    let rule = KindRule {
        id: format!("parties/kinds-in-words#{id}").into(),
        place: Where::Any,
        precedence: *precedence,
        kind: kind.clone(),
        unless: Vec::new(),
    };
    (pattern.split_whitespace().map(word).collect(), rule)
}

fn check(kinds: &KindWords, row: &Row<Raw>, problems: &mut Vec<Problem>) {
    let Raw { id, kind, yes, no, pattern, .. } = &row.value;
    let mut problem = |message: String, help: &str| problems.push(row.problem(message, help.to_string()));
    if !KINDS.contains(&kind.as_str()) {
        problem(format!("unknown kind `{kind}`"), "take one of the contract's");
    }
    if words(pattern).is_empty() {
        problem("a rule needs a word".to_string(), "");
    }
    let told = kinds.kind_of(yes);
    if told.is_none_or(|rule| rule.kind != *kind) {
        let got = told.map_or("nothing".to_string(), |rule| format!("{} by {}", rule.kind, rule.id));
        problem(format!("the yes-example `{yes}` comes out as {got}"), "mend the precedence or the example");
    }
    if no.is_empty() || kinds.kind_of(no).is_some_and(|rule| rule.id.ends_with(&format!("#{id}"))) {
        problem(format!("the no-example `{no}` is taken by this rule"), "give a name that the rule leaves alone");
    }
}
