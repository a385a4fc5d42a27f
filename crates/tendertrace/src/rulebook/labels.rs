//! Which labels does the rulebook know? All of `labels/*.csv` compiled into one automaton over
//! squeezed text; one file a field, `sections.csv` for headings, `ignored.csv` for labels that end
//! a value and feed nothing.

use super::raw::{Files, Problem, Row};
use crate::evidence::RuleId;
use crate::script::Folder;
use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder, MatchKind};
use std::collections::HashMap;
use std::sync::Arc;

/// A row of a labels file as written.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelRow {
    pub id: String,
    /// As printed in notices; white space, width, case and traditional forms do not matter.
    pub label: String,
    pub language: String,
    /// Kind of section inside which the label means this field; empty: everywhere.
    #[serde(default)]
    pub within: String,
    #[serde(default)]
    pub shape: String,
    /// Of headings only: what the section is about.
    #[serde(default)]
    pub kind: String,
    /// A text that this rule reads; the value stands in ⟦ ⟧, a line break is ⏎.
    pub yes: String,
    /// A text in which this rule must not read a value.
    pub no: String,
    #[serde(default)]
    pub note: String,
}

/// What a field's value looks like; decides where it ends and what is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Line,
    Name,
    Amount,
    Date,
    Number,
    Any,
}

/// One label rule: this label, inside this kind of section, is this field.
#[derive(Debug, Clone)]
pub struct LabelRule {
    pub field: Arc<str>,
    pub rule: RuleId,
    pub within: Option<Arc<str>>,
    pub shape: Shape,
    pub yes: String,
    pub no: String,
}

/// A heading phrase and the kind of section it opens.
#[derive(Debug, Clone)]
pub struct SectionRule {
    pub kind: Arc<str>,
    pub rule: RuleId,
}

/// A phrase of the automaton: what it may be as a label and as a heading.
#[derive(Debug, Clone, Default)]
pub struct Phrase {
    pub text: String,
    pub labels: Vec<LabelRule>,
    pub section: Option<SectionRule>,
}

/// All labels, compiled.
pub struct Labels {
    pub phrases: Vec<Phrase>,
    by_text: HashMap<String, u32>,
    automaton: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
}

/// File whose rows are headings, not fields.
const SECTIONS: &str = "sections";

impl Labels {
    pub fn load(files: &Files, folder: &Folder, problems: &mut Vec<Problem>) -> Labels {
        let mut labels = Labels { phrases: Vec::new(), by_text: HashMap::new(), automaton: None };
        for row in files.csv::<LabelRow>("labels/", problems) {
            labels.add(row, folder, problems);
        }
        let patterns = labels.phrases.iter().map(|phrase| phrase.text.as_str());
        if !labels.phrases.is_empty() {
            let built = CharwiseDoubleArrayAhoCorasickBuilder::new().match_kind(MatchKind::Standard).build(patterns);
            match built {
                Ok(automaton) => labels.automaton = Some(automaton),
                Err(error) => problems.push(Problem {
                    file: "labels/".to_string(),
                    line: 0,
                    column: 0,
                    message: error.to_string(),
                    excerpt: String::new(),
                    help: String::new(),
                }),
            }
        }
        labels
    }

    /// All occurrences of all phrases in squeezed text, overlapping: (phrase, start, end).
    pub fn occurrences(&self, squeezed: &str) -> Vec<(u32, usize, usize)> {
        match &self.automaton {
            Some(automaton) => automaton.find_overlapping_iter(squeezed).map(|m| (m.value(), m.start(), m.end())).collect(),
            None => Vec::new(),
        }
    }

    /// The phrase that is exactly this squeezed text.
    pub fn exact(&self, squeezed: &str) -> Option<&Phrase> {
        self.by_text.get(squeezed).map(|at| &self.phrases[*at as usize])
    }

    fn add(&mut self, row: Row<LabelRow>, folder: &Folder, problems: &mut Vec<Problem>) {
        let text = folder.squeeze(&row.value.label).text;
        if text.is_empty() {
            return problems.push(row.problem("a label without text", "fill the column `label`"));
        }
        if row.value.yes.is_empty() || row.value.no.is_empty() {
            return problems.push(row.problem("a label without its examples", "fill the columns `yes` and `no`"));
        }
        let Some(shape) = shape_of(&row.value.shape) else {
            return problems.push(row.problem(format!("no such shape: {}", row.value.shape), "line, name, amount, date, number or any"));
        };
        let field: Arc<str> = row.stem().into();
        let rule: RuleId = format!("labels/{}#{}", field, row.value.id).into();
        let at = *self.by_text.entry(text.clone()).or_insert_with(|| {
            self.phrases.push(Phrase { text, ..Phrase::default() });
            self.phrases.len() as u32 - 1
        });
        let phrase = &mut self.phrases[at as usize];
        if &*field == SECTIONS {
            phrase.section = Some(SectionRule { kind: row.value.kind.as_str().into(), rule });
            return;
        }
        let within = (!row.value.within.is_empty()).then(|| row.value.within.as_str().into());
        // A later layer overrides an earlier one by id; two rows for one place would be a coin toss.
        phrase.labels.retain(|old| old.rule != rule);
        if let Some(old) = phrase.labels.iter().find(|old| old.within == within) {
            problems.push(row.problem(format!("the same label is {} already", old.rule), "give one of them a `within`"));
            return;
        }
        phrase.labels.push(LabelRule { field, rule, within, shape, yes: row.value.yes, no: row.value.no });
    }
}

impl Phrase {
    /// What the label means inside a section of this kind.
    pub fn label_within(&self, kind: Option<&str>) -> Option<&LabelRule> {
        let inside = self.labels.iter().find(|rule| rule.within.is_some() && rule.within.as_deref() == kind);
        inside.or_else(|| self.labels.iter().find(|rule| rule.within.is_none()))
    }
}

fn shape_of(written: &str) -> Option<Shape> {
    Some(match written {
        "line" | "" => Shape::Line,
        "name" => Shape::Name,
        "amount" => Shape::Amount,
        "date" => Shape::Date,
        "number" => Shape::Number,
        "any" => Shape::Any,
        _ => return None,
    })
}
