//! How is running text divided for classification? `rulebook/mentions/clauses.toml`: headings,
//! separators of flattened tables, what ends a clause or a label.

use super::raw::{Files, Problem};
use crate::script::Folder;
use regex::Regex;
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawClauses {
    /// Heading inside running text, on folded text.
    heading_pattern: String,
    /// Between the cells of a flattened row, the surest first.
    separators: Vec<String>,
    /// Words of which two make a line a header line.
    head_words: Vec<String>,
    /// Lines that a header may stand above its row.
    head_lines: usize,
    /// Characters between a label's colon and its value's part.
    label_reach: usize,
    label_ends: String,
    sentence_ends: String,
    clause_ends: String,
    /// Characters that a clause is followed a side.
    clause_reach: usize,
    wrapped_line: usize,
    line_starts: String,
    /// What parts an enumeration and also ends a clause.
    comma: char,
    /// Characters that may follow a brand before the comma of its enumeration.
    list_gap: usize,
    quote_reach: usize,
}

/// The compiled words.
pub struct Clauses {
    pub heading: Regex,
    pub separators: Vec<String>,
    pub head_words: Vec<String>,
    pub head_lines: usize,
    pub label_reach: usize,
    pub label_ends: String,
    pub sentence_ends: String,
    pub clause_ends: String,
    pub clause_reach: usize,
    /// A line of so many characters that no sentence end closes runs on in the next.
    pub wrapped_line: usize,
    /// Beginning of a line that does not continue the one above.
    pub line_start: Regex,
    pub comma: char,
    pub list_gap: usize,
    /// Characters of context that a quote keeps a side.
    pub quote_reach: usize,
}

/// Loads `mentions/clauses.toml`.
pub fn load(files: &Files, folder: &Folder, problems: &mut Vec<Problem>) -> Clauses {
    let raw = files.toml::<RawClauses>("mentions/clauses", problems).pop().map(|row| row.value).unwrap_or_default();
    let heading = compile(&raw.heading_pattern, problems);
    let line_start = compile(&raw.line_starts, problems);
    Clauses {
        heading,
        separators: raw.separators,
        head_words: raw.head_words.iter().map(|w| folder.plain(w)).collect(),
        head_lines: raw.head_lines,
        label_reach: raw.label_reach,
        label_ends: raw.label_ends,
        sentence_ends: raw.sentence_ends,
        clause_ends: raw.clause_ends,
        clause_reach: raw.clause_reach,
        wrapped_line: raw.wrapped_line,
        line_start,
        comma: raw.comma,
        list_gap: raw.list_gap,
        quote_reach: raw.quote_reach,
    }
}

fn compile(pattern: &str, problems: &mut Vec<Problem>) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| {
        problems.push(Problem {
            file: "mentions/clauses.toml".to_string(),
            line: 0,
            column: 0,
            message: error.to_string(),
            excerpt: String::new(),
            help: String::new(),
        });
        Regex::new("$^").expect("constant")
    })
}
