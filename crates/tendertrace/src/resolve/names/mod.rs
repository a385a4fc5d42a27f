//! Are two names one body? Chinese names by their parts (place, core, trade, legal form, branch),
//! Latin ones by their words, one against the other by pinyin and meaning. The answer is same,
//! possible or different, with a score and the reasons in words.

pub mod cross;
pub mod divisions;
pub mod han;
pub mod latin;
pub mod meaning;
mod numbers;
pub mod uscc;

use crate::model::{Judgement, Why};
use crate::rulebook::Rulebook;
use crate::script::is_han;
use serde::{Deserialize, Serialize};

/// How two names compare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    pub score: f64,
    pub judgement: Judgement,
    pub why: Vec<Why>,
    /// Two bodies may be different and yet belong together.
    #[serde(skip)]
    pub kinship: Kinship,
}

/// How two different bodies hang together, as far as their names show it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kinship {
    #[default]
    None,
    /// Two companies under one core: parent and subsidiary, or sisters.
    Affiliate,
    /// A branch of the company, a unit of the body.
    Part,
}

/// One row of `tendertrace compare`, with the keys of the contract.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared<'a> {
    pub name1: &'a str,
    pub name2: &'a str,
    #[serde(flatten)]
    pub comparison: Comparison,
}

/// A name taken apart, ready to be compared many times.
#[derive(Debug, Clone)]
pub struct Name {
    pub written: String,
    /// Folded, without spaces and punctuation.
    pub plain: String,
    /// Unified social credit code written beside the name, if it holds.
    pub code: Option<String>,
    pub shape: Shape,
}

/// A name by its script.
#[derive(Debug, Clone)]
pub enum Shape {
    Han(han::HanName),
    Latin(latin::LatinName),
}

impl Name {
    /// Takes a name apart.
    pub fn parse(written: &str, rules: &Rulebook) -> Name {
        let folded = rules.folder.plain(written);
        let code = uscc::find(written);
        let bare = code.as_ref().map_or(folded.clone(), |code| folded.replace(&code.to_ascii_lowercase(), ""));
        let plain = bare.chars().filter(|c| c.is_alphanumeric()).collect();
        let han = bare.chars().filter(|c| is_han(*c)).count() >= 2;
        let shape = if han { Shape::Han(han::parse(&bare, rules)) } else { Shape::Latin(latin::parse(&bare, rules)) };
        Name { written: written.trim().to_string(), plain, code, shape }
    }

    /// The same with a code known from elsewhere, where it holds.
    pub fn with_code(mut self, code: &str) -> Name {
        if uscc::is_valid(code) {
            self.code = Some(code.to_string());
        }
        self
    }
}

/// Compares two names as written; of names with a former one in brackets, the two that are most alike.
pub fn compare(a: &str, b: &str, rules: &Rulebook) -> Comparison {
    let parsed = |text| with_former(text, rules).into_iter().map(|name| Name::parse(name, rules)).collect::<Vec<Name>>();
    let (ones, others) = (parsed(a), parsed(b));
    let pairs = ones.iter().flat_map(|one| others.iter().map(move |other| compare_parsed(one, other, rules)));
    pairs.max_by(|x, y| x.score.total_cmp(&y.score)).expect("a name is at least itself")
}

/// A name, and the former one that stands in brackets behind it.
pub fn with_former<'a>(text: &'a str, rules: &Rulebook) -> Vec<&'a str> {
    let open = |c: char| matches!(c, '(' | '（');
    for (at, bracket) in text.char_indices().filter(|(_, c)| open(*c)) {
        let inner = text[at + bracket.len_utf8()..].trim_end_matches([')', '）', ' ']);
        let cue = rules.names.weights.former.iter().find(|cue| inner.starts_with(cue.as_str()));
        let former = cue.map(|cue| inner[cue.len()..].trim_start_matches([':', '：', ' ']));
        if let Some(former) = former.filter(|former| former.chars().count() >= FORMER_LEAST && at > 0) {
            return vec![text[..at].trim(), former];
        }
    }
    vec![text]
}

/// Characters of a former name; fewer are a remark.
const FORMER_LEAST: usize = 4;

/// One answer of `tendertrace compare`.
pub fn compared<'a>(name1: &'a str, name2: &'a str, rules: &Rulebook) -> Compared<'a> {
    Compared { name1, name2, comparison: compare(name1, name2, rules) }
}

/// Compares two names that were taken apart.
pub fn compare_parsed(a: &Name, b: &Name, rules: &Rulebook) -> Comparison {
    if let (Some(one), Some(other)) = (&a.code, &b.code) {
        return by_code(one, other, rules);
    }
    if a.plain == b.plain && !a.plain.is_empty() {
        return identical(a, b, rules);
    }
    ranked(compare_shapes(a, b, rules), a, b, rules)
}

fn compare_shapes(a: &Name, b: &Name, rules: &Rulebook) -> Comparison {
    match (&a.shape, &b.shape) {
        (Shape::Han(x), Shape::Han(y)) => han::compare(x, y, rules),
        (Shape::Latin(x), Shape::Latin(y)) => latin::compare(x, y, rules),
        (Shape::Han(x), Shape::Latin(y)) => cross::compare(x, y, rules),
        (Shape::Latin(x), Shape::Han(y)) => swapped(cross::compare(y, x, rules)),
    }
}

/// Ranks within a judgement by how alike the whole texts are, so that equal parts do not tie.
fn ranked(mut comparison: Comparison, a: &Name, b: &Name, rules: &Rulebook) -> Comparison {
    let weights = &rules.names.weights;
    let low = match comparison.judgement {
        Judgement::Same => weights.same,
        Judgement::Possible => weights.possible,
        Judgement::Different => return comparison,
    };
    let alike = han::text_similarity(&a.plain, &b.plain);
    comparison.score = rounded(low + (comparison.score - low) * (1.0 - weights.whole_text * (1.0 - alike)));
    comparison.why.push(why("whole_text", &a.plain, &b.plain, alike, weights.whole_text));
    comparison
}

fn by_code(one: &str, other: &str, rules: &Rulebook) -> Comparison {
    let same = one == other;
    let (score, judgement) = if same { (rules.names.weights.top, Judgement::Same) } else { (0.0, Judgement::Different) };
    let why = vec![why("credit_code", one, other, if same { 1.0 } else { 0.0 }, 1.0)];
    Comparison { score, judgement, why, kinship: Kinship::None }
}

/// The same text is the same name, though a name without legal form or code may have two bearers.
fn identical(a: &Name, b: &Name, rules: &Rulebook) -> Comparison {
    let score = if a.written == b.written { 1.0 } else { rules.names.weights.top };
    let why = vec![why("same_text", &a.written, &b.written, 1.0, 1.0)];
    Comparison { score, judgement: Judgement::Same, why, kinship: Kinship::None }
}

fn swapped(mut comparison: Comparison) -> Comparison {
    for why in &mut comparison.why {
        std::mem::swap(&mut why.query, &mut why.candidate);
    }
    comparison
}

pub(crate) fn why(feature: &str, query: &str, candidate: &str, score: f64, weight: f64) -> Why {
    Why { feature: feature.to_string(), query: query.to_string(), candidate: candidate.to_string(), score: rounded(score), weight }
}

pub(crate) fn rounded(score: f64) -> f64 {
    (score * 10_000.0).round() / 10_000.0
}

/// Puts a weighted score into the band of its judgement.
pub(crate) fn judged(score: f64, judgement: Judgement, why: Vec<Why>, rules: &Rulebook) -> Comparison {
    let weights = &rules.names.weights;
    let score = score.clamp(0.0, 1.0);
    let score = match judgement {
        Judgement::Same => weights.same + score * (weights.top - weights.same),
        Judgement::Possible => weights.possible + score * (weights.same - weights.possible) * 0.99,
        Judgement::Different => score * weights.possible * 0.99,
    };
    Comparison { score: rounded(score), judgement, why, kinship: Kinship::None }
}

/// Weighted mean of the features' scores.
pub(crate) fn mean(why: &[Why]) -> f64 {
    let weight: f64 = why.iter().map(|w| w.weight).sum();
    if weight == 0.0 { 0.0 } else { why.iter().map(|w| w.score * w.weight).sum::<f64>() / weight }
}
