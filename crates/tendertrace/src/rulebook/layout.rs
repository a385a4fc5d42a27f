//! How are notices laid out and dates written, in the rulebook's words? `script/layout.toml`,
//! `script/dates.toml` and `parties/org-suffixes.csv`, compiled.

use super::raw::{Files, Problem, Row};
use super::words::Words;
use crate::script::Folder;
use daachorse::CharwiseDoubleArrayAhoCorasick;
use regex::Regex;
use std::collections::BTreeMap;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct LayoutFile {
    numerals: BTreeMap<char, u32>,
    ordinal: String,
    parts: Vec<String>,
    connectors: Vec<String>,
    before_label: Vec<String>,
    no_label_ends: Vec<String>,
    glued_label_ends: Vec<String>,
    accessory_words: Vec<String>,
    name_stops: Vec<String>,
    lot_words: Vec<String>,
    lot_ordinal: String,
    /// Characters after which a number is a date or a count, no package.
    lot_not_before: String,
    not_given: Vec<NotGiven>,
}

#[derive(serde::Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Where {
    Whole,
    Prefix,
    Contains,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NotGiven {
    id: String,
    #[serde(rename = "match")]
    place: Where,
    words: Vec<String>,
    yes: String,
    no: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DatesFile {
    digits: BTreeMap<char, u32>,
    pattern: Vec<DatePattern>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DatePattern {
    id: String,
    regex: String,
    #[serde(default)]
    plus: i32,
    yes: DateExample,
    no: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DateExample {
    text: String,
    value: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SuffixRow {
    id: String,
    suffix: String,
    /// What may not follow: the suffix is then part of a longer word (局 in 局域网).
    #[serde(default)]
    not_before: String,
    /// What may not stand right before it (部 in 干部).
    #[serde(default)]
    not_after: String,
    yes: String,
    no: String,
}

/// An ending of an organisation's name.
#[derive(Debug, Clone)]
pub struct OrgSuffix {
    pub id: String,
    pub suffix: String,
    pub not_before: Vec<String>,
    pub not_after: Vec<String>,
    pub yes: String,
    pub no: String,
}

/// One way of writing a date.
pub struct DateForm {
    pub id: String,
    pub regex: Regex,
    pub plus: i32,
    pub yes: (String, String),
    pub no: String,
}

/// Words and patterns of layout, folded.
pub struct LayoutRules {
    /// Numbering that stands before a heading or label, at the end of the text before it.
    pub numbering_at_end: Option<Regex>,
    /// The same at the beginning of a text.
    pub numbering_at_start: Option<Regex>,
    /// 一、 anywhere.
    pub top_numbering: Option<Regex>,
    /// 合同包1 at the beginning of a line.
    pub lot_at_start: Option<Regex>,
    /// Words of which one stands in every match of `lot_at_start`.
    pub lot_words: Words,
    pub numerals: BTreeMap<char, u32>,
    pub connectors: Vec<String>,
    pub before_label: Vec<String>,
    pub no_label_ends: Vec<String>,
    /// A label that ends so may be glued to its value: 供应商名称某公司.
    pub glued_label_ends: Vec<String>,
    /// Begin the name of a good that belongs to the one above it and has no row number.
    pub accessory_words: Vec<String>,
    pub name_stops: Vec<String>,
    not_given: Vec<NotGiven>,
    pub date_digits: BTreeMap<char, u32>,
    pub dates: Vec<DateForm>,
    /// Longest first.
    pub org_suffixes: Vec<OrgSuffix>,
    /// Finds every suffix in one pass; the value is its place in `org_suffixes`.
    pub org_endings: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
}

impl LayoutRules {
    pub fn load(files: &Files, folder: &Folder, problems: &mut Vec<Problem>) -> LayoutRules {
        let mut rules = LayoutRules::empty();
        if let Some(row) = files.toml::<LayoutFile>("script/layout", problems).pop() {
            rules.add_layout(row, folder, problems);
        }
        if let Some(row) = files.toml::<DatesFile>("script/dates", problems).pop() {
            rules.add_dates(row, problems);
        }
        rules.org_suffixes = load_suffixes(files, folder, problems);
        rules.org_endings = endings(&rules.org_suffixes, problems);
        rules
    }

    /// Whether folded text says that nothing is given.
    pub fn not_given(&self, folded: &str) -> bool {
        let value = folded.trim();
        let said = |rule: &NotGiven, word: &str| match rule.place {
            Where::Whole => value == word,
            Where::Prefix => value.starts_with(word),
            Where::Contains => value.contains(word),
        };
        value.is_empty() || self.not_given.iter().any(|rule| rule.words.iter().any(|word| said(rule, word)))
    }

    /// Value of a section number: 十二 is 12.
    pub fn numeral(&self, written: &str) -> u32 {
        let ten = |total: u32| if total == 0 { 10 } else { total * 10 };
        written.chars().filter_map(|c| self.numerals.get(&c)).fold(0, |total, digit| if *digit == 10 { ten(total) } else { total + digit })
    }

    fn empty() -> LayoutRules {
        LayoutRules {
            numbering_at_end: None,
            numbering_at_start: None,
            top_numbering: None,
            lot_at_start: None,
            lot_words: Words::default(),
            numerals: BTreeMap::new(),
            connectors: Vec::new(),
            before_label: Vec::new(),
            no_label_ends: Vec::new(),
            glued_label_ends: Vec::new(),
            accessory_words: Vec::new(),
            name_stops: Vec::new(),
            not_given: Vec::new(),
            date_digits: BTreeMap::new(),
            dates: Vec::new(),
            org_suffixes: Vec::new(),
            org_endings: None,
        }
    }

    fn add_layout(&mut self, row: Row<LayoutFile>, folder: &Folder, problems: &mut Vec<Problem>) {
        let at = row.problem("pattern", "");
        let file = row.value;
        let han: String = file.numerals.keys().collect();
        let parts = alternatives(&file.parts, folder);
        let ordinal = regex::escape(&folder.squeeze(&file.ordinal).text);
        let one = format!(
            r"(?:\((?:[{han}]{{1,3}}|\d{{1,2}})\)[、.]?|[{han}]{{1,3}}[、.,:]|{ordinal}[{han}]{{1,3}}(?:{parts})|\d{{1,2}}(?:\.\d{{1,2}}){{0,3}}[、.)]|[★▲●■◆•·※①-⑳])"
        );
        let words = alternatives(&file.lot_words, folder);
        let lot_ordinal = regex::escape(&folder.squeeze(&file.lot_ordinal).text);
        let not_before = regex::escape(&folder.squeeze(&file.lot_not_before).text);
        let id = format!(r"[{han}]{{1,3}}|\d{{1,3}}|[a-z]");
        // 1.7项目预算: where nothing stands before it, a number of several levels needs no mark.
        self.numbering_at_end = compile(&format!(r"(?:{one}|^\s*\d{{1,2}}(?:\.\d{{1,2}}){{1,3}})\s*$"), &at, problems);
        self.numbering_at_start = compile(&format!("^{one}"), &at, problems);
        self.top_numbering = compile(&format!("([{han}]{{1,3}})、"), &at, problems);
        self.lot_at_start = compile(
            &format!(r"^(?:{lot_ordinal}({id})(?:{words})|(?:{words})(?:{lot_ordinal})?:?\(?({id})\)?)(?:$|[^\da-z{han}{not_before}])"),
            &at,
            problems,
        );
        self.lot_words.add(file.lot_words.iter().map(|word| folder.squeeze(word).text));
        self.lot_words.compile("script/layout.toml", problems);
        let fold = |words: Vec<String>| words.iter().map(|word| folder.squeeze(word).text).collect::<Vec<_>>();
        self.numerals = file.numerals;
        self.connectors = fold(file.connectors);
        self.before_label = fold(file.before_label);
        self.no_label_ends = fold(file.no_label_ends);
        self.glued_label_ends = fold(file.glued_label_ends);
        self.accessory_words = file.accessory_words;
        self.name_stops = fold(file.name_stops);
        self.not_given = file.not_given;
        for rule in &mut self.not_given {
            rule.words = rule.words.iter().map(|word| folder.plain(word)).collect();
        }
        let broken: Vec<_> = self
            .not_given
            .iter()
            .filter(|rule| !self.not_given(&folder.plain(&rule.yes)) || self.not_given(&folder.plain(&rule.no)))
            .map(|rule| Problem { message: format!("not_given {}: an example does not hold", rule.id), ..at.clone() })
            .collect();
        problems.extend(broken);
    }

    fn add_dates(&mut self, row: Row<DatesFile>, problems: &mut Vec<Problem>) {
        let at = row.problem("pattern", "");
        self.date_digits = row.value.digits;
        for pattern in row.value.pattern {
            if let Some(regex) = compile(&pattern.regex, &at, problems) {
                let yes = (pattern.yes.text, pattern.yes.value);
                self.dates.push(DateForm { id: pattern.id, regex, plus: pattern.plus, yes, no: pattern.no });
            }
        }
    }
}

fn load_suffixes(files: &Files, folder: &Folder, problems: &mut Vec<Problem>) -> Vec<OrgSuffix> {
    let rows = files.csv::<SuffixRow>("parties/org-suffixes", problems);
    let mut suffixes: Vec<_> = rows
        .into_iter()
        .map(|row| OrgSuffix {
            id: row.value.id,
            suffix: folder.plain(&row.value.suffix),
            not_before: row.value.not_before.split_whitespace().map(|word| folder.plain(word)).collect(),
            not_after: row.value.not_after.split_whitespace().map(|word| folder.plain(word)).collect(),
            yes: row.value.yes,
            no: row.value.no,
        })
        .collect();
    suffixes.sort_by_key(|suffix| std::cmp::Reverse(suffix.suffix.len()));
    suffixes
}

fn endings(suffixes: &[OrgSuffix], problems: &mut Vec<Problem>) -> Option<CharwiseDoubleArrayAhoCorasick<u32>> {
    let patterns = suffixes.iter().zip(0u32..).map(|(suffix, number)| (suffix.suffix.as_str(), number));
    match CharwiseDoubleArrayAhoCorasick::with_values(patterns) {
        Ok(automaton) => Some(automaton),
        Err(error) => {
            problems.push(Problem {
                file: "parties/org-suffixes.csv".into(),
                line: 0,
                column: 0,
                message: format!("a suffix is empty or stands twice: {error}"),
                excerpt: String::new(),
                help: String::new(),
            });
            None
        }
    }
}

fn alternatives(words: &[String], folder: &Folder) -> String {
    let mut words: Vec<_> = words.iter().map(|word| folder.squeeze(word).text).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.iter().map(|word| regex::escape(word)).collect::<Vec<_>>().join("|")
}

fn compile(pattern: &str, at: &Problem, problems: &mut Vec<Problem>) -> Option<Regex> {
    match Regex::new(pattern) {
        Ok(regex) => Some(regex),
        Err(error) => {
            problems.push(Problem { message: error.to_string(), ..at.clone() });
            None
        }
    }
}
