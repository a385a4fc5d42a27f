//! How are the rulebook's files read as written? Layers (built-in, then the user's own) of named
//! TOML and CSV files, and problems that say file, line, caret and what to do.

use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fmt;

include!(concat!(env!("OUT_DIR"), "/rulebook_files.rs"));

/// One thing wrong with a rulebook file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub file: String,
    /// From 1; 0 where the whole file is meant.
    pub line: usize,
    /// In characters from 1; 0 where unknown.
    pub column: usize,
    pub message: String,
    /// The offending line as written, if there is one.
    pub excerpt: String,
    /// What to do about it; may be empty.
    pub help: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        if !self.excerpt.is_empty() {
            write!(f, "\n  | {}", self.excerpt)?;
            if self.column > 0 {
                write!(f, "\n  | {}^", caret_indent(&self.excerpt, self.column))?;
            }
        }
        if !self.help.is_empty() {
            write!(f, "\n  = {}", self.help)?;
        }
        Ok(())
    }
}

/// Han characters are two columns wide on a terminal: the caret must move with them.
fn caret_indent(line: &str, column: usize) -> String {
    line.chars().take(column - 1).map(|c| if c.is_ascii() { " " } else { "\u{3000}" }).collect()
}

/// A value and where it was written: for problems and for `rulebook explain`.
#[derive(Debug, Clone)]
pub struct Row<T> {
    pub value: T,
    pub file: String,
    pub line: usize,
}

impl<T> Row<T> {
    /// A problem at this row.
    pub fn problem(&self, message: impl Into<String>, help: impl Into<String>) -> Problem {
        Problem { file: self.file.clone(), line: self.line, column: 0, message: message.into(), excerpt: String::new(), help: help.into() }
    }

    /// File name without folder and ending: the id of a file-per-rule section.
    pub fn stem(&self) -> &str {
        let name = self.file.rsplit('/').next().unwrap_or(&self.file);
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }
}

/// The rulebook's files by path (`labels/buyer.csv`), in layers; later layers add to and override
/// earlier ones.
#[derive(Debug, Clone, Default)]
pub struct Files {
    layers: Vec<BTreeMap<String, Vec<u8>>>,
}

impl Files {
    /// The files compiled into the program.
    pub fn embedded() -> Files {
        let files = FILES.iter().map(|(name, bytes)| (name.to_string(), bytes.to_vec())).collect();
        Files { layers: vec![files] }
    }

    /// No files at all: for tests that bring their own.
    pub fn empty() -> Files {
        Files::default()
    }

    /// Adds a layer above the others.
    pub fn with_layer(mut self, files: BTreeMap<String, Vec<u8>>) -> Files {
        self.layers.push(files);
        self
    }

    /// Paths and bytes of all files whose path begins with `prefix`, layer by layer.
    pub fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a [u8])> + 'a {
        self.layers
            .iter()
            .flat_map(move |layer| layer.iter().filter(move |(name, _)| name.starts_with(prefix)))
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// `sha256:…` over names and contents of all files under any of `prefixes`.
    pub fn hash(&self, prefixes: &[&str]) -> String {
        let mut all = Vec::new();
        for prefix in prefixes {
            for (name, bytes) in self.under(prefix) {
                all.extend_from_slice(name.as_bytes());
                all.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
                all.extend_from_slice(bytes);
            }
        }
        format!("sha256:{}", crate::model::sha256_hex(&all))
    }

    /// All rows of all CSV files under `prefix`, in layer, path and line order. Rows that do not
    /// parse become problems. Overriding by id is the section's business (later rows win).
    pub fn csv<T: DeserializeOwned>(&self, prefix: &str, problems: &mut Vec<Problem>) -> Vec<Row<T>> {
        let mut rows = Vec::new();
        for (name, bytes) in self.under(prefix).filter(|(name, _)| name.ends_with(".csv")) {
            read_csv(name, bytes, &mut rows, problems);
        }
        rows
    }

    /// All TOML files under `prefix`, each as one `T`; a later layer's file replaces the earlier
    /// one of the same path.
    pub fn toml<T: DeserializeOwned>(&self, prefix: &str, problems: &mut Vec<Problem>) -> Vec<Row<T>> {
        let mut by_name = BTreeMap::new();
        for (name, bytes) in self.under(prefix).filter(|(name, _)| name.ends_with(".toml")) {
            by_name.insert(name, bytes);
        }
        by_name.into_iter().filter_map(|(name, bytes)| read_toml(name, bytes, problems)).collect()
    }
}

fn read_csv<T: DeserializeOwned>(name: &str, bytes: &[u8], rows: &mut Vec<Row<T>>, problems: &mut Vec<Problem>) {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
    let headers = match reader.headers() {
        Ok(headers) => headers.clone(),
        Err(error) => return problems.push(whole_file(name, error.to_string())),
    };
    for record in reader.records() {
        match record.and_then(|r| Ok((r.position().map_or(0, |p| p.line() as usize), r.deserialize(Some(&headers))?))) {
            Ok((line, value)) => rows.push(Row { value, file: name.to_string(), line }),
            Err(error) => problems.push(csv_problem(name, bytes, &error)),
        }
    }
}

fn csv_problem(name: &str, bytes: &[u8], error: &csv::Error) -> Problem {
    let line = error.position().map_or(0, |p| p.line() as usize);
    let excerpt = std::str::from_utf8(bytes).ok().and_then(|t| t.lines().nth(line.saturating_sub(1))).unwrap_or("").to_string();
    Problem {
        file: name.to_string(),
        line,
        column: 0,
        message: error.to_string(),
        excerpt,
        help: "quote a value that holds a comma; the first line names the columns".to_string(),
    }
}

fn read_toml<T: DeserializeOwned>(name: &str, bytes: &[u8], problems: &mut Vec<Problem>) -> Option<Row<T>> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            problems.push(whole_file(name, format!("not UTF-8 text ({error})")));
            return None;
        }
    };
    match toml::from_str(text) {
        Ok(value) => Some(Row { value, file: name.to_string(), line: 1 }),
        Err(error) => {
            problems.push(toml_problem(name, text, &error));
            None
        }
    }
}

fn toml_problem(name: &str, text: &str, error: &toml::de::Error) -> Problem {
    let at = error.span().map_or(0, |span| span.start.min(text.len()));
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    Problem {
        file: name.to_string(),
        line: before.matches('\n').count() + 1,
        column: text[line_start..at].chars().count() + 1,
        message: error.message().to_string(),
        excerpt: text[line_start..].lines().next().unwrap_or("").to_string(),
        help: String::new(),
    }
}

fn whole_file(name: &str, message: String) -> Problem {
    Problem { file: name.to_string(), line: 0, column: 0, message, excerpt: String::new(), help: String::new() }
}
