//! In which fixed words is a finding said, how strong is it, and what could be raised against it?
//! `rulebook/sentences.csv`, `rulebook/strength.toml`, `rulebook/objections.csv`.

use super::raw::{Files, Problem, Row};
use crate::model::{Stage, Strength, Usage, Via};
use serde::Deserialize;

/// One row of `sentences.csv`. `{product}`, `{buyer}`, `{supplier}`, `{quantity}` are filled in;
/// an empty stage stands for all stages without a row of their own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sentence {
    pub stage: String,
    pub usage: Usage,
    pub via: Via,
    pub sentence: String,
    /// Wording where no supplier is known.
    pub without_supplier: String,
}

/// One row of `objections.csv`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawObjection {
    id: String,
    /// Usages that call for it, separated by `|`; empty: none.
    usages: String,
    /// Stages in which the usages call for it; empty: all.
    stages: String,
    /// A fact about the finding that calls for it (see `classify::findings`); may be empty.
    fact: String,
    sentence: String,
    answer: String,
    rank: u32,
}

/// A rebuttal that could be raised against a finding, and what would answer it.
#[derive(Debug, Clone)]
pub struct Objection {
    pub id: String,
    pub usages: Vec<Usage>,
    pub stages: Vec<Stage>,
    pub facts: Vec<String>,
    pub sentence: String,
    /// What would answer it.
    pub answer: String,
    /// Order in which they are shown, the gravest first.
    pub rank: u32,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStrength {
    rows: Vec<StrengthRow>,
    /// Any of these objections holds a finding at this strength or below.
    caps: Vec<Cap>,
}

/// A row of the strength table; the first that fits decides. Empty lists fit all.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StrengthRow {
    pub id: String,
    #[serde(default)]
    pub stages: Vec<Stage>,
    #[serde(default)]
    pub usages: Vec<Usage>,
    #[serde(default)]
    pub via: Vec<Via>,
    /// `name`, `context`, `model`: how the product was recognised.
    #[serde(default)]
    pub recognised: Vec<String>,
    /// `both`, `buyer`, `supplier`, `none`: which parties are certain.
    #[serde(default)]
    pub parties: Vec<String>,
    pub strength: Strength,
    pub why: String,
}

/// An objection that bounds the strength.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    pub objection: String,
    pub at_most: Strength,
}

/// The compiled tables.
#[derive(Debug, Clone, Default)]
pub struct Wording {
    pub sentences: Vec<Sentence>,
    pub objections: Vec<Objection>,
    pub strength: Vec<StrengthRow>,
    pub caps: Vec<Cap>,
}

/// Name of a stage as the contract writes it.
pub fn stage_name(stage: Stage) -> String {
    serde_json::to_value(stage).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default()
}

impl Wording {
    /// The row for stage × usage × via: the stage's own, else the one for all stages.
    pub fn sentence(&self, stage: Stage, usage: Usage, via: Via) -> Option<&Sentence> {
        let name = stage_name(stage);
        let fits = |row: &&Sentence| row.usage == usage && row.via == via;
        let own = self.sentences.iter().filter(fits).find(|row| row.stage == name);
        own.or_else(|| self.sentences.iter().filter(fits).find(|row| row.stage.is_empty()))
    }
}

/// Loads the three tables.
pub fn load(files: &Files, problems: &mut Vec<Problem>) -> Wording {
    let sentences: Vec<Sentence> = files.csv("sentences", problems).into_iter().map(|row| row.value).collect();
    let rows = files.csv::<RawObjection>("objections", problems);
    let mut objections: Vec<Objection> = rows.iter().map(|row| objection(row, problems)).collect();
    objections.sort_by_key(|o| o.rank);
    let raw = files.toml::<RawStrength>("strength", problems).pop();
    let raw = raw.map(|row| row.value).unwrap_or_default();
    for cap in raw.caps.iter().filter(|cap| !objections.iter().any(|o| o.id == cap.objection)) {
        problems.push(Problem {
            file: "strength.toml".to_string(),
            line: 0,
            column: 0,
            message: format!("no objection {} in objections.csv", cap.objection),
            excerpt: String::new(),
            help: String::new(),
        });
    }
    Wording { sentences, objections, strength: raw.rows, caps: raw.caps }
}

fn objection(row: &Row<RawObjection>, problems: &mut Vec<Problem>) -> Objection {
    let raw = &row.value;
    Objection {
        id: raw.id.clone(),
        usages: words(row, &raw.usages, problems),
        stages: words(row, &raw.stages, problems),
        facts: raw.fact.split('|').filter(|f| !f.is_empty()).map(str::to_string).collect(),
        sentence: raw.sentence.clone(),
        answer: raw.answer.clone(),
        rank: raw.rank,
    }
}

/// The words of the contract in a cell, separated by `|`.
fn words<T: serde::de::DeserializeOwned>(row: &Row<RawObjection>, cell: &str, problems: &mut Vec<Problem>) -> Vec<T> {
    let mut known = Vec::new();
    for word in cell.split('|').filter(|word| !word.is_empty()) {
        match serde_json::from_value(serde_json::Value::String(word.to_string())) {
            Ok(value) => known.push(value),
            Err(error) => problems.push(row.problem(error.to_string(), "use the words of the contract")),
        }
    }
    known
}
