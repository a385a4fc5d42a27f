//! What must the reader of pages know? Names of meta tags and JSON keys, words that mark navigation,
//! endings of attachments, and the limits that tell a notice from the page around it.

pub mod tables;

use super::raw::{Files, Problem, Row};
use crate::script::Folder;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};

/// What a word of `rulebook/read/` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    MetaTitle,
    MetaPublished,
    MetaUrl,
    KeyTitle,
    KeyContent,
    KeyBase64,
    KeyUrl,
    KeyPublished,
    KeyFetched,
    KeyMediaType,
    AsideClass,
    AsideStart,
    AsidePart,
    AttachmentEnding,
    AttachmentText,
    AttachmentOfDemand,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Word {
    id: String,
    field: Field,
    word: String,
    yes: String,
    no: String,
    #[allow(dead_code)]
    note: String,
}

/// Figures of `rulebook/read/limits.toml`; explained there.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub list_share: f32,
    pub list_links: u32,
    pub table_share: f32,
    pub path_share: f32,
    pub path_links: u32,
    pub path_letters: u32,
    pub line_letters: usize,
    pub cell_paragraphs: u32,
    pub cell_letters: u32,
    pub title_longest: usize,
    pub title_shortest: usize,
    pub record_letters: usize,
    /// Pages that a program read from a picture with less confidence (of 100) are a gap.
    pub transcript_confidence: f32,
    /// Words below this are boxes.
    pub transcript_word: f32,
}

/// The compiled section.
#[derive(Debug, Default)]
pub struct ReadRules {
    metas: HashMap<String, Field>,
    keys: HashMap<String, Field>,
    classes: HashSet<String>,
    starts: Vec<String>,
    parts: Vec<String>,
    endings: HashSet<String>,
    link_words: Vec<String>,
    demand_words: Vec<String>,
    pub limits: Limits,
    /// Tables of notices whose columns somebody has explained.
    pub tables: Vec<tables::Table>,
}

impl ReadRules {
    /// Reads `rulebook/read/`; every row must fire on its yes-example and not on its no-example.
    pub fn load(files: &Files, folder: &Folder, problems: &mut Vec<Problem>) -> ReadRules {
        let mut rules = ReadRules::default();
        if let Some(limits) = files.toml::<Limits>("read/limits", problems).pop() {
            rules.limits = limits.value;
        }
        rules.tables = tables::load(files, problems);
        let rows = files.csv::<Word>("read/words", problems);
        for row in &rows {
            rules.add(&row.value, folder);
        }
        for row in rows {
            rules.check(&row, folder, problems);
        }
        rules
    }

    fn add(&mut self, row: &Word, folder: &Folder) {
        let word = folder.plain(&row.word);
        match row.field {
            Field::MetaTitle | Field::MetaPublished | Field::MetaUrl => drop(self.metas.insert(word, row.field)),
            Field::AsideClass => drop(self.classes.insert(word)),
            Field::AsideStart => self.starts.push(word),
            Field::AsidePart => self.parts.push(word),
            Field::AttachmentEnding => drop(self.endings.insert(word)),
            Field::AttachmentText => self.link_words.push(word),
            Field::AttachmentOfDemand => self.demand_words.push(word),
            _ => drop(self.keys.insert(word, row.field)),
        }
    }

    fn check(&self, row: &Row<Word>, folder: &Folder, problems: &mut Vec<Problem>) {
        let Word { id, field, yes, no, .. } = &row.value;
        for (example, wanted) in [(yes, true), (no, false)] {
            if example.is_empty() || self.fires(*field, example, folder) != wanted {
                let verb = if wanted { "must" } else { "must not" };
                problems.push(row.problem(format!("{id} {verb} fire on its example {example:?}"), "change the word or the example"));
            }
        }
    }

    fn fires(&self, field: Field, example: &str, folder: &Folder) -> bool {
        match field {
            Field::MetaTitle | Field::MetaPublished | Field::MetaUrl => self.meta(example) == Some(field),
            Field::AsideClass => self.is_aside_class(example),
            Field::AsideStart | Field::AsidePart => self.is_aside_line(&folder.plain(example)),
            Field::AttachmentEnding => self.has_attachment_ending(example),
            Field::AttachmentText => self.link_words.iter().any(|w| example.contains(w.as_str())),
            Field::AttachmentOfDemand => self.tells_of_demand(&folder.plain(example)),
            _ => self.key(example) == Some(field),
        }
    }

    /// What a meta tag of this name or property holds.
    pub fn meta(&self, name: &str) -> Option<Field> {
        self.metas.get(&bare(name)).copied()
    }

    /// What a JSON key or XML element of this name holds.
    pub fn key(&self, name: &str) -> Option<Field> {
        if name.len() > 40 {
            return None;
        }
        self.keys.get(&bare(name)).copied()
    }

    /// Whether a class or id attribute names navigation.
    pub fn is_aside_class(&self, names: &str) -> bool {
        parts_of(names).any(|part| self.classes.contains(&part))
    }

    /// Whether a short folded line belongs to the page around the notice.
    pub fn is_aside_line(&self, folded: &str) -> bool {
        self.starts.iter().any(|w| folded.starts_with(w.as_str())) || self.parts.iter().any(|w| folded.contains(w.as_str()))
    }

    /// Whether a link leads to a file that belongs to the page.
    pub fn is_attachment(&self, href: &str, text: &str) -> bool {
        self.has_attachment_ending(href) || self.has_attachment_ending(text) || self.link_words.iter().any(|w| text.contains(w.as_str()))
    }

    /// Whether a file of this folded name says what is asked for, not what was bought.
    pub fn tells_of_demand(&self, folded: &str) -> bool {
        self.demand_words.iter().any(|word| folded.contains(word.as_str()))
    }

    /// Whether an address or name ends as files do that belong to notices.
    pub fn has_attachment_ending(&self, address: &str) -> bool {
        let path = address.split(['?', '#']).next().unwrap_or(address).trim();
        path.rsplit_once('.')
            .is_some_and(|(before, ending)| !before.is_empty() && ending.len() <= 5 && self.endings.contains(&ending.to_ascii_lowercase()))
    }
}

/// A name without case and separators: `publish_date`, `publish-date` and `publishDate` are one.
fn bare(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | '.' | ':' | ' ')).map(|c| c.to_ascii_lowercase()).collect()
}

/// The words of class names: split at anything but letters and digits, and before a capital.
fn parts_of(names: &str) -> impl Iterator<Item = String> + '_ {
    names.split(|c: char| !c.is_alphanumeric()).flat_map(|name| {
        let mut parts = vec![String::new()];
        let mut lower = false;
        for c in name.chars() {
            if c.is_uppercase() && lower {
                parts.push(String::new());
            }
            lower = c.is_lowercase();
            parts.last_mut().expect("never empty").extend(c.to_lowercase());
        }
        parts
    })
}
