//! Which lists does the rulebook hold, what do they legally do, and whom do they name since when?
//! One folder a list: `source.toml` and `entries.csv`.

use super::raw::{Files, Problem, Row};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::collections::HashSet;
use std::sync::OnceLock;

/// A list as its publisher dated it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListSource {
    pub id: String,
    pub title: String,
    pub publisher: String,
    pub licence: String,
    pub url: String,
    pub version: String,
    pub retrieved: String,
    /// Of the file that the rows were made from.
    pub sha256: String,
    /// What `listed_from` is the day of.
    pub dated_by: DatedBy,
    /// How many rows there must be.
    pub entries: usize,
    /// What the list legally does.
    pub effect: String,
    /// What it does not do.
    pub not_effect: String,
    /// What it does to companies that listed parties own, by its days; a day that no rule covers is unknown.
    #[serde(default)]
    pub ownership: Vec<OwnershipRule>,
}

impl ListSource {
    /// What is known of a file that a user brings along, read by `mapping`.
    pub fn foreign(mapping: &str) -> ListSource {
        let unknown = || "unknown".to_string();
        ListSource {
            id: String::new(),
            title: String::new(),
            publisher: unknown(),
            licence: unknown(),
            url: String::new(),
            version: format!("a user's file, read as {mapping}"),
            retrieved: String::new(),
            sha256: String::new(),
            dated_by: DatedBy::Listing,
            entries: 0,
            effect: unknown(),
            not_effect: unknown(),
            ownership: Vec::new(),
        }
    }

    /// The rule on ownership of a day, if one is known.
    pub fn ownership_on(&self, day: Option<&str>) -> Option<&OwnershipRule> {
        let day = day?;
        self.ownership.iter().find(|rule| rule.from.as_str() <= day && (rule.to.is_empty() || day < rule.to.as_str()))
    }
}

/// How far a list reached through ownership, from a day on and up to another.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnershipRule {
    pub from: String,
    /// First day on which it holds no longer; empty: it still does.
    #[serde(default)]
    pub to: String,
    pub reach: Reach,
    /// What the rule says, in a sentence.
    pub note: String,
    /// Where that can be read.
    pub url: String,
}

/// Whom a list means beside those it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Whoever listed parties own to one half or more, alone or together, directly or through others.
    HalfOwned,
    /// Nobody.
    NamedOnly,
    /// Others, by a measure that shares alone do not tell (control, "affiliates").
    Otherwise,
}

/// Who owned how much of whom, by a table of the user's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stake {
    pub owner: String,
    pub owned: String,
    /// In percent; None: unknown.
    pub share: Option<Decimal>,
    /// First day; empty: unknown.
    pub from: String,
    /// First day on which it was held no longer; empty: still held, as far as the table knows.
    pub to: String,
    pub source: String,
}

/// What a list's dates are the days of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatedBy {
    /// Each entry's own listing: before it the party was not listed.
    Listing,
    /// The edition that was read: an earlier one may have named the party before.
    Edition,
}

/// Whether a Chinese name was seen in a source or put together by us.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameStatus {
    #[default]
    #[serde(rename = "")]
    None,
    Sourced,
    Constructed,
}

/// One listed party.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListEntry {
    pub id: String,
    pub name: String,
    /// Chinese names, `|` between them.
    pub name_zh: String,
    pub name_zh_status: NameStatus,
    pub aliases: String,
    /// Unified social credit code, if the list gives one.
    pub code: String,
    /// GB/T 2260 code of the address the list gives.
    pub address_place: String,
    pub listed_from: String,
    pub listed_to: String,
    pub citation: String,
    pub note: String,
}

/// A list and its entries.
#[derive(Debug, Clone)]
pub struct List {
    pub source: ListSource,
    pub entries: Vec<ListEntry>,
}

/// In which order a file writes its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    YearMonthDay,
    DayMonthYear,
    MonthDayYear,
}

/// Where a file says what its columns are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heading {
    /// In a line above the rows.
    #[default]
    Line,
    /// Nowhere: the mapping's `headers` are all its columns, in order.
    Missing,
}

/// What a row of a file stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOf {
    #[default]
    Party,
    /// One name of a party; rows of one number are one party.
    Name,
}

/// Which columns of somebody's CSV mean what; an empty name means that the file does not say it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    pub id: String,
    /// Columns by which the file is known.
    pub headers: Vec<String>,
    #[serde(default)]
    pub heading: Heading,
    #[serde(default)]
    pub row_of: RowOf,
    /// What stands in a cell that says nothing.
    #[serde(default)]
    pub blank: String,
    pub number: String,
    pub name: String,
    /// Columns whose text goes before that of `name`: the parts of a person's name.
    #[serde(default)]
    pub given: Vec<String>,
    pub aliases: Vec<String>,
    /// Between the aliases of one cell.
    pub separator: String,
    pub code: String,
    pub listed_from: String,
    pub listed_to: String,
    pub dates: DateOrder,
    pub citation: String,
    pub note: String,
    /// Id of the mapping of the file whose parties get further names from this one.
    #[serde(default)]
    pub adds_to: String,
    /// What such a list does to companies that listed parties own.
    #[serde(default)]
    pub ownership: Vec<OwnershipRule>,
}

/// The compiled section.
#[derive(Default)]
pub struct Lists {
    pub lists: Vec<List>,
    /// How other publishers' tables are read.
    pub mappings: Vec<Mapping>,
    /// A user's own table of owners, to be set before anything is screened.
    pub stakes: Vec<Stake>,
    /// (owner, list, entry) that a person said are not one.
    pub apart: HashSet<(String, String, String)>,
    /// What the room that screens compiles from the lists, once.
    pub compiled: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl Lists {
    /// The rules on ownership of lists that a mapping reads.
    pub fn ownership_of(&self, mapping: &str) -> Vec<OwnershipRule> {
        self.mappings.iter().find(|known| known.id == mapping).map(|known| known.ownership.clone()).unwrap_or_default()
    }
}

pub fn load(files: &Files, problems: &mut Vec<Problem>) -> Lists {
    let sources = files.toml::<ListSource>("lists/", problems);
    let lists = sources.into_iter().map(|source| load_list(files, source, problems)).collect();
    let mappings: Vec<Row<Mapping>> = files.toml("imports/", problems);
    for row in mappings.iter().filter(|row| row.value.headers.is_empty() || row.value.separator.is_empty()) {
        problems.push(row.problem("a mapping needs headers and a separator", "name the columns by which the file is known"));
    }
    for row in mappings.iter().filter(|row| row.value.heading == Heading::Missing && row.value.blank.is_empty()) {
        problems.push(row.problem("a table without headings needs `blank`", "its number of columns alone does not tell it from others"));
    }
    for row in mappings.iter().filter(|row| !row.value.adds_to.is_empty()) {
        if !mappings.iter().any(|other| other.value.id == row.value.adds_to) {
            problems.push(row.problem("`adds_to` names no mapping", "write the id of the mapping that reads the parties themselves"));
        }
    }
    Lists { lists, mappings: mappings.into_iter().map(|row| row.value).collect(), ..Lists::default() }
}

fn load_list(files: &Files, source: Row<ListSource>, problems: &mut Vec<Problem>) -> List {
    let folder = source.file.rsplit_once('/').map_or("", |(folder, _)| folder).to_string();
    let rows = files.csv::<ListEntry>(&format!("{folder}/entries"), problems);
    if rows.len() != source.value.entries {
        problems.push(source.problem(
            format!("{} entries are announced, {} are there", source.value.entries, rows.len()),
            "a list that lost rows gives false all-clears: convert it again or mend the count",
        ));
    }
    for row in &rows {
        check(row, problems);
    }
    check_ownership(&source, problems);
    List { source: source.value, entries: rows.into_iter().map(|row| row.value).collect() }
}

fn check_ownership(source: &Row<ListSource>, problems: &mut Vec<Problem>) {
    let rules = &source.value.ownership;
    let whole = |day: &str| day.len() == 10;
    let bad = rules.iter().any(|rule| !whole(&rule.from) || !(rule.to.is_empty() || whole(&rule.to) && rule.from < rule.to));
    let overlapping = rules.windows(2).any(|pair| pair[0].to.is_empty() || pair[1].from < pair[0].to);
    if bad || overlapping {
        problems.push(source.problem(
            "the days of the rules on ownership are no days, or overlap",
            "write them in order, year-month-day, each `to` no later than the next `from`",
        ));
    }
}

fn check(row: &Row<ListEntry>, problems: &mut Vec<Problem>) {
    let dated = |date: &str| date.is_empty() || (date.len() == 10 && date.as_bytes()[4] == b'-' && date.as_bytes()[7] == b'-');
    if !dated(&row.value.listed_from) || !dated(&row.value.listed_to) {
        problems.push(row.problem("a date is not of the form 2019-10-09", "write year-month-day, or leave it empty where it is unknown"));
    }
    if row.value.name_zh.is_empty() != (row.value.name_zh_status == NameStatus::None) {
        problems.push(row.problem("a Chinese name needs its status", "`sourced` where a source shows it, `constructed` where we made it"));
    }
}
