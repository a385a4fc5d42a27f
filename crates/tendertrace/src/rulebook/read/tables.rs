//! Which column of somebody's table of notices means what? One file `read/tables/ID.toml` a table, written by
//! whoever has the table; none is built in.

use crate::evidence::RuleId;
use crate::model::Stage;
use crate::rulebook::raw::{Files, Problem};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

/// What a column says of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Title,
    Url,
    /// Text that belongs to the notice and is read for brands and purposes.
    Text,
    Stage,
    ProjectNumber,
    ProjectName,
    Buyer,
    EndUser,
    Agency,
    Supplier,
    /// Who bid and did not win.
    Loser,
    Amount,
    Budget,
    Currency,
    Published,
    Awarded,
    Signed,
    Deadline,
    Lot,
    Item,
    Brand,
    Model,
    Quantity,
    Unit,
    UnitPrice,
    LineTotal,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    known_by: Vec<String>,
    columns: BTreeMap<String, Field>,
    #[serde(default)]
    stages: BTreeMap<String, Stage>,
    stage: Option<Stage>,
    currency: Option<String>,
    rows_of_one: Option<String>,
}

/// A table's columns, compiled.
#[derive(Debug, Clone)]
pub struct Table {
    pub id: String,
    /// Columns that are all there in this table.
    pub known_by: Vec<String>,
    columns: HashMap<String, Field>,
    /// The stage that a value of the stage's column means.
    stages: HashMap<String, Stage>,
    /// The stage of all rows.
    pub stage: Option<Stage>,
    /// ISO 4217 code of amounts that name none.
    pub currency: Option<String>,
    /// The column whose value neighbouring rows of one notice share.
    pub rows_of_one: Option<String>,
}

impl Table {
    /// What a column means.
    pub fn field(&self, column: &str) -> Option<Field> {
        self.columns.get(&plain(column)).copied()
    }

    /// The stage that a value of the stage's column stands for.
    pub fn stage_of(&self, value: &str) -> Option<Stage> {
        self.stages.get(&plain(value)).copied()
    }

    /// Whether a table with these columns is this one.
    pub fn is_of<'a>(&self, columns: impl Iterator<Item = &'a str> + Clone) -> bool {
        self.known_by.iter().all(|wanted| columns.clone().any(|column| plain(column) == *wanted))
    }

    pub fn rule(&self, column: &str) -> RuleId {
        format!("read/tables/{}#{column}", self.id).into()
    }
}

/// Columns are known whatever their case and the white space and marks of byte order around them.
pub fn plain(column: &str) -> String {
    column.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}').to_lowercase()
}

/// Reads `read/tables/`; a later layer's file replaces one of the same name.
pub fn load(files: &Files, problems: &mut Vec<Problem>) -> Vec<Table> {
    let mut tables = Vec::new();
    for row in files.toml::<Written>("read/tables/", problems) {
        let unmapped = row.value.known_by.is_empty() || row.value.columns.is_empty();
        if unmapped {
            problems.push(row.problem("a table that nothing tells from others", "fill `known_by` and `[columns]`"));
        }
        let says_stage = row.value.stage.is_some() || row.value.columns.values().any(|f| matches!(f, Field::Stage | Field::Title));
        if !says_stage {
            problems.push(row.problem("a table whose rows have no stage", "give `stage`, or a column for `stage` or `title`"));
        }
        let id = row.stem().to_string();
        let Written { known_by, columns, stages, stage, currency, rows_of_one } = row.value;
        tables.push(Table {
            id,
            known_by: known_by.iter().map(|column| plain(column)).collect(),
            columns: columns.into_iter().map(|(column, field)| (plain(&column), field)).collect(),
            stages: stages.into_iter().map(|(value, stage)| (plain(&value), stage)).collect(),
            stage,
            currency,
            rows_of_one: rows_of_one.map(|column| plain(&column)),
        });
    }
    tables
}
