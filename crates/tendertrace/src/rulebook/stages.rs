//! How is a notice's stage told? `stages.toml`, in its order, and `labels/sentences.toml`:
//! what titles and sentences say of parties.

use super::raw::{Files, Problem};
use super::words::Words;
use crate::evidence::RuleId;
use crate::model::Stage;
use crate::script::Folder;
use regex::Regex;
use std::collections::{BTreeMap, HashSet};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct StagesFile {
    rule: Vec<RawRule>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: String,
    stage: Stage,
    #[serde(default)]
    cue: Vec<String>,
    #[serde(default)]
    hint: Vec<String>,
    #[serde(default)]
    head: Vec<String>,
    #[serde(default)]
    body: Vec<String>,
    #[serde(default)]
    method: Vec<String>,
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    unless_cue: Vec<String>,
    #[serde(default)]
    unless_head: Vec<String>,
    #[serde(default)]
    unless_body: Vec<String>,
    #[serde(default)]
    unless_fields: Vec<String>,
    yes: String,
    no: String,
}

/// One rule; words are squeezed and folded.
pub struct StageRule {
    pub rule: RuleId,
    pub stage: Stage,
    /// Numbers of `Stages::words`.
    pub cue: Vec<u32>,
    pub hint: Vec<u32>,
    pub head: Vec<u32>,
    pub body: Vec<String>,
    pub method: Vec<String>,
    pub fields: Vec<String>,
    pub unless_cue: Vec<String>,
    pub unless_head: Vec<String>,
    pub unless_body: Vec<String>,
    pub unless_fields: Vec<String>,
    pub yes: String,
    pub no: String,
}

/// The rules in order.
#[derive(Default)]
pub struct Stages {
    pub rules: Vec<StageRule>,
    /// Cues, hints and first words of all rules.
    pub words: Words,
    /// Label fields that some rule asks for.
    pub fields: HashSet<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SentencesFile {
    title_ending: String,
    title_start: String,
    title_opening: String,
    name_tail: String,
    title_number: String,
    no_end_user: String,
    title_join: String,
    agency_words: Vec<String>,
    only_agencies: Vec<String>,
    name_breaks: Vec<String>,
    no_breaks: Vec<String>,
    company_words: Vec<String>,
    branch_ends: Vec<String>,
    full_companies: Vec<String>,
    lengthening: Vec<String>,
    unnamed: Vec<String>,
    operators: Vec<String>,
    operator_nations: Vec<String>,
    name_openers: Vec<String>,
    sentence: Vec<RawSentence>,
    change_words: Vec<String>,
    change: Vec<RawSentence>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSentence {
    id: String,
    #[serde(default)]
    place: Place,
    #[serde(default)]
    needs: Vec<String>,
    pattern: String,
    yes: String,
    value: BTreeMap<String, String>,
    no: String,
}

/// Where a sentence is looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    #[default]
    Text,
    Title,
}

/// A pattern with groups named after fields.
pub struct Sentence {
    pub rule: RuleId,
    pub place: Place,
    /// Numbers of `Sentences::words` of which one must stand in a line before the pattern is tried on it;
    /// empty: always.
    pub needs: Vec<u32>,
    pub pattern: Regex,
    pub yes: String,
    pub value: BTreeMap<String, String>,
    pub no: String,
}

/// What titles and sentences say.
#[derive(Default)]
pub struct Sentences {
    pub title_ending: Option<Regex>,
    pub title_start: Option<Regex>,
    /// What announces a project before its name in a title.
    pub title_opening: Option<Regex>,
    /// What runs on behind a project's name in its field.
    pub name_tail: Option<Regex>,
    pub title_number: Option<Regex>,
    /// Second names in a title that are no bodies of their own.
    pub no_end_user: Option<Regex>,
    /// Between the first body that a title names and the next.
    pub title_join: Option<Regex>,
    pub agency_words: Vec<String>,
    /// Of these, words that no buyer's name holds.
    pub only_agencies: Vec<String>,
    pub name_breaks: Vec<String>,
    /// Words of names that hold such a word.
    pub no_breaks: Option<Regex>,
    pub company_words: Vec<String>,
    pub branch_ends: Vec<String>,
    /// Endings of companies' full names.
    pub full_companies: Vec<String>,
    /// What follows another ending and belongs to its name.
    pub lengthening: Vec<String>,
    pub unnamed: Vec<String>,
    pub operators: Vec<String>,
    pub operator_nations: Vec<String>,
    /// Beginnings of names, besides places.
    pub name_openers: Vec<String>,
    pub sentences: Vec<Sentence>,
    /// What is changed, its old and its new value: groups `label`, `old`, `new`.
    pub changes: Vec<Sentence>,
    /// Words of which one stands in every sentence that changes something.
    pub change_words: Vec<String>,
    /// Words that sentences need.
    pub words: Words,
}

impl Stages {
    pub fn load(files: &Files, folder: &Folder, problems: &mut Vec<Problem>) -> Stages {
        let Some(row) = files.toml::<StagesFile>("stages", problems).pop() else { return Stages::default() };
        let fold = |words: &[String]| words.iter().map(|word| folder.squeeze(word).text).collect::<Vec<_>>();
        let mut words = Words::default();
        let fields = row.value.rule.iter().flat_map(|raw| raw.fields.iter().chain(&raw.unless_fields)).cloned().collect();
        let rules = row.value.rule.into_iter().map(|raw| StageRule {
            rule: format!("stages#{}", raw.id).into(),
            stage: raw.stage,
            cue: words.add(fold(&raw.cue)),
            hint: words.add(fold(&raw.hint)),
            head: words.add(fold(&raw.head)),
            body: fold(&raw.body),
            method: fold(&raw.method),
            unless_cue: fold(&raw.unless_cue),
            unless_head: fold(&raw.unless_head),
            unless_body: fold(&raw.unless_body),
            fields: raw.fields,
            unless_fields: raw.unless_fields,
            yes: raw.yes,
            no: raw.no,
        });
        let rules = rules.collect();
        words.compile("stages.toml", problems);
        Stages { rules, words, fields }
    }
}

impl Sentences {
    pub fn load(files: &Files, folder: &Folder, problems: &mut Vec<Problem>) -> Sentences {
        let Some(row) = files.toml::<SentencesFile>("labels/sentences", problems).pop() else { return Sentences::default() };
        let at = row.problem("", "");
        let mut compile = |pattern: &str| match Regex::new(pattern) {
            Ok(regex) => Some(regex),
            Err(error) => {
                problems.push(Problem { message: error.to_string(), ..at.clone() });
                None
            }
        };
        let fold = |words: &[String]| words.iter().map(|word| folder.squeeze(word).text).collect::<Vec<_>>();
        let file = row.value;
        let mut words = Words::default();
        let mut sentence = |raw: RawSentence, compile: &mut dyn FnMut(&str) -> Option<Regex>| {
            let pattern = compile(&raw.pattern)?;
            let rule = format!("labels/sentences#{}", raw.id).into();
            let needs = words.add(fold(&raw.needs));
            Some(Sentence { rule, place: raw.place, needs, pattern, yes: raw.yes, value: raw.value, no: raw.no })
        };
        let sentences = file.sentence.into_iter().filter_map(|raw| sentence(raw, &mut compile)).collect();
        let changes = file.change.into_iter().filter_map(|raw| sentence(raw, &mut compile)).collect();
        let mut rules = Sentences {
            title_ending: compile(&file.title_ending),
            title_start: compile(&file.title_start),
            title_opening: compile(&file.title_opening),
            name_tail: compile(&file.name_tail),
            title_number: compile(&file.title_number),
            no_end_user: compile(&file.no_end_user),
            title_join: compile(&file.title_join),
            no_breaks: compile(&fold(&file.no_breaks).join("|")),
            agency_words: fold(&file.agency_words),
            only_agencies: fold(&file.only_agencies),
            name_breaks: fold(&file.name_breaks),
            company_words: fold(&file.company_words),
            branch_ends: fold(&file.branch_ends),
            full_companies: fold(&file.full_companies),
            lengthening: fold(&file.lengthening),
            unnamed: fold(&file.unnamed),
            operators: fold(&file.operators),
            operator_nations: fold(&file.operator_nations),
            name_openers: fold(&file.name_openers),
            sentences,
            changes,
            change_words: fold(&file.change_words),
            words,
        };
        rules.words.compile("labels/sentences.toml", problems);
        rules
    }
}
