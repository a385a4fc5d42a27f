//! What may a purchase be for? The words of each purpose, what they need beside them, and where in
//! a notice they count. One automaton holds all words; a trap is a longer word without a purpose.

use super::raw::{Files, Problem, Row};
use super::words::Words;
use crate::script::{Folder, is_han};
use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder, MatchKind};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The purpose of technology whose use is not said.
pub const GENERAL: &str = "general_it";
/// The purpose of what is no technology.
pub const NONE: &str = "none";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PurposeFile {
    why: String,
    term: Vec<RawTerm>,
    yes: Vec<Example>,
    no: Vec<Example>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTerm {
    word: String,
    weight: u32,
    needs: Option<Needs>,
    #[serde(default)]
    not_in: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    text: String,
    buyer_kind: Option<String>,
}

/// What a word needs to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// A security body as buyer or user.
    Security,
    /// The police itself as buyer or user.
    PublicSecurity,
    /// Nothing; and it counts wherever in the notice it stands.
    Anywhere,
}

/// A word of a purpose.
#[derive(Debug, Clone)]
pub struct Term {
    pub purpose: String,
    pub word: String,
    pub weight: u32,
    pub needs: Option<Needs>,
}

/// Figures and words of `rulebook/purposes_scope.toml`; explained there.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    pub security_kinds: Vec<String>,
    pub security_words: Vec<String>,
    pub security_words_not: Vec<String>,
    pub content_labels: Vec<String>,
    pub content_letters: usize,
    pub name_endings: Vec<String>,
    pub name_letters: usize,
    pub enough: u32,
    pub security_weight: u32,
}

/// The compiled section.
#[derive(Default)]
pub struct Purposes {
    pub scope: Scope,
    pub terms: Vec<Term>,
    /// Why each purpose matters, for reports.
    pub why: BTreeMap<String, String>,
    /// Terms of each word of the automaton; none for a trap.
    by_word: Vec<Vec<usize>>,
    words: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
    /// Labels of what is bought.
    pub content_labels: Words,
    /// Words that name security bodies, and those that only look so.
    security: Words,
    security_words: Vec<u32>,
    security_words_not: Vec<u32>,
}

/// A word found in folded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    pub term: usize,
    pub start: usize,
    pub end: usize,
}

impl Purposes {
    pub fn load(files: &Files, folder: &Folder, problems: &mut Vec<Problem>) -> Purposes {
        let mut rules = Purposes::default();
        if let Some(row) = files.toml::<Scope>("purposes_scope", problems).pop() {
            rules.scope = row.value;
            rules.compile_scope(problems);
        }
        let rows = files.toml::<PurposeFile>("purposes/", problems);
        let mut words: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for row in &rows {
            rules.add(row, folder, &mut words);
        }
        rules.compile(words, problems);
        for row in &rows {
            rules.check(row, folder, problems);
        }
        rules
    }

    fn compile_scope(&mut self, problems: &mut Vec<Problem>) {
        self.content_labels.add(self.scope.content_labels.iter().cloned());
        self.content_labels.compile("purposes_scope.toml", problems);
        self.security_words = self.security.add(self.scope.security_words.iter().cloned());
        self.security_words_not = self.security.add(self.scope.security_words_not.iter().cloned());
        self.security.compile("purposes_scope.toml", problems);
    }

    fn add(&mut self, row: &Row<PurposeFile>, folder: &Folder, words: &mut BTreeMap<String, Vec<usize>>) {
        let purpose = row.stem().to_string();
        self.why.insert(purpose.clone(), row.value.why.clone());
        for raw in &row.value.term {
            let word = folder.plain(&raw.word);
            words.entry(word.clone()).or_default().push(self.terms.len());
            self.terms.push(Term { purpose: purpose.clone(), word, weight: raw.weight, needs: raw.needs });
            for trap in &raw.not_in {
                words.entry(folder.plain(trap)).or_default();
            }
        }
    }

    fn compile(&mut self, words: BTreeMap<String, Vec<usize>>, problems: &mut Vec<Problem>) {
        if words.is_empty() {
            return;
        }
        let (patterns, terms): (Vec<String>, Vec<Vec<usize>>) = words.into_iter().unzip();
        self.by_word = terms;
        let built = CharwiseDoubleArrayAhoCorasickBuilder::new().match_kind(MatchKind::LeftmostLongest).build(&patterns);
        match built {
            Ok(words) => self.words = Some(words),
            Err(error) => problems.push(Problem {
                file: "purposes/".to_string(),
                line: 0,
                column: 0,
                message: error.to_string(),
                excerpt: String::new(),
                help: "a word may be empty".to_string(),
            }),
        }
    }

    fn check(&self, row: &Row<PurposeFile>, folder: &Folder, problems: &mut Vec<Problem>) {
        let PurposeFile { yes, no, .. } = &row.value;
        if yes.is_empty() || no.is_empty() {
            problems.push(row.problem("a purpose needs a yes- and a no-example", "add [[yes]] and [[no]]"));
        }
        for (example, wanted) in yes.iter().map(|e| (e, true)).chain(no.iter().map(|e| (e, false))) {
            let found = self.of_example(example, folder).iter().any(|p| p == row.stem());
            if found != wanted {
                let verb = if wanted { "must" } else { "must not" };
                problems.push(
                    row.problem(format!("{verb} be the purpose of its example {:?}", example.text), "change the words or the example"),
                );
            }
        }
    }

    fn of_example(&self, example: &Example, folder: &Folder) -> Vec<String> {
        let folded = folder.fold(&example.text).text;
        let kind = example.buyer_kind.as_deref();
        let security =
            Security { any: kind.is_some_and(|k| self.is_security(k)) || self.names_security(&folded), police: self.is_police(kind) };
        let hits: Vec<usize> = self.hits(&folded).into_iter().map(|h| h.term).collect();
        self.decide(&hits, security)
    }

    pub fn is_security(&self, kind: &str) -> bool {
        self.scope.security_kinds.iter().any(|k| k == kind)
    }

    /// The first of the security kinds is the police.
    pub fn is_police(&self, kind: Option<&str>) -> bool {
        kind.is_some_and(|kind| self.scope.security_kinds.first().is_some_and(|k| k == kind))
    }

    /// Whether folded text names a security body.
    pub fn names_security(&self, folded: &str) -> bool {
        let words: Vec<u32> = self.security.in_text(folded).map(|hit| hit.word).collect();
        let count = |of: &[u32]| words.iter().filter(|word| of.contains(word)).count();
        count(&self.security_words) > count(&self.security_words_not)
    }

    /// Words in folded text, longest first; those of letters as whole words; none within a company's name.
    pub fn hits(&self, folded: &str) -> Vec<Hit> {
        let Some(words) = &self.words else { return Vec::new() };
        let mut hits = Vec::new();
        for found in words.leftmost_find_iter(folded) {
            let (start, end) = (found.start(), found.end());
            if is_whole(folded, start, end) && !self.is_in_name(&folded[end..]) {
                hits.extend(self.by_word[found.value() as usize].iter().map(|term| Hit { term: *term, start, end }));
            }
        }
        hits
    }

    fn is_in_name(&self, after: &str) -> bool {
        let end = after.char_indices().nth(self.scope.name_letters).map_or(after.len(), |(at, _)| at);
        let stretch = &after[..end];
        let run = stretch.find(|c: char| !c.is_alphanumeric() && !matches!(c, '(' | ')')).map_or(stretch, |at| &stretch[..at]);
        self.scope.name_endings.iter().any(|ending| run.contains(ending.as_str()))
    }

    /// Purposes that the found terms show; the general one only where no other is shown.
    pub fn decide(&self, hits: &[usize], security: Security) -> Vec<String> {
        let is_other = hits.iter().any(|t| self.terms[*t].purpose == NONE);
        let mut scores: BTreeMap<&str, (u32, Vec<&str>)> = BTreeMap::new();
        for term in hits.iter().map(|t| &self.terms[*t]).filter(|t| t.purpose != NONE && security.satisfies(t.needs)) {
            let (score, seen) = scores.entry(&term.purpose).or_default();
            if !seen.contains(&term.word.as_str()) {
                *score += term.weight;
                seen.push(&term.word);
            }
        }
        let bonus = if security.any && !is_other { self.scope.security_weight } else { 0 };
        let shown: Vec<String> =
            scores.iter().filter(|(_, (score, _))| score + bonus >= self.scope.enough).map(|(p, _)| p.to_string()).collect();
        match shown.iter().any(|p| p != GENERAL) {
            true => shown.into_iter().filter(|p| p != GENERAL).collect(),
            false if shown.is_empty() => vec![NONE.to_string()],
            false => shown,
        }
    }
}

/// Whether a security body buys or uses.
#[derive(Debug, Clone, Copy, Default)]
pub struct Security {
    pub any: bool,
    pub police: bool,
}

impl Security {
    /// Whether a term's need is met.
    pub fn satisfies(self, needs: Option<Needs>) -> bool {
        match needs {
            None | Some(Needs::Anywhere) => true,
            Some(Needs::Security) => self.any,
            Some(Needs::PublicSecurity) => self.police,
        }
    }
}

fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_han(c));
    let joins = |outer: Option<char>, inner: Option<char>| is_word(outer) && is_word(inner);
    !joins(text[..start].chars().next_back(), text[start..].chars().next())
        && !joins(text[end..].chars().next(), text[..end].chars().next_back())
}
