//! How are screenings of a case made, kept and told? The lists and owners that the case keeps are laid over
//! the rulebook's; what the case holds of a party is read as if confidential captures were not there; a record
//! leaves without who asked and decided.

use super::screenings::{self, Coverage, Parties, Record, Seen};
use super::{Case, lists};
use anyhow::Context as _;
use rayon::prelude::*;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use tendertrace::report::xlsx::{self, Cell, Column, Sheet};
use tendertrace::report::{csv as sheets, mask};
use tendertrace::rulebook::Rulebook;
use tendertrace::screen::{self, Against, Asked, Screening};

/// Lays what the case keeps over the rules, and says against what is asked.
pub fn against(db: &Connection, date: Option<&str>, rules: &mut Rulebook) -> anyhow::Result<Against> {
    lists::with_kept(db, rules)?;
    let ownership = lists::with_owners(db, rules)?;
    Ok(Against { ownership, ..screen::against(date, rules) })
}

/// Rules with what a case keeps laid over them: lists are compiled once, so they are made anew when it changes.
pub struct Laid {
    key: String,
    pub rules: Rulebook,
    pub against: Against,
}

impl Laid {
    /// `known` if nothing of the case changed since it was made.
    pub fn of(db: &Connection, known: Option<Arc<Laid>>, rules: impl FnOnce() -> anyhow::Result<Rulebook>) -> anyhow::Result<Arc<Laid>> {
        let key: String = db.query_row(
            "SELECT json_array((SELECT max(id) FROM kept_lists), (SELECT max(id) FROM owner_tables), (SELECT max(id) FROM samenesses), (SELECT count(*) FROM unsaid))",
            [],
            |row| row.get(0),
        )?;
        if let Some(known) = known.filter(|known| known.key == key) {
            return Ok(known);
        }
        let mut rules = rules()?;
        let against = against(db, None, &mut rules)?;
        Ok(Arc::new(Laid { key, rules, against }))
    }
}

/// Answers, in the order of the names.
pub fn answers(asked: Vec<Asked>, against: &Against, rules: &Rulebook) -> Vec<(Asked, Screening)> {
    let one = |asked: Asked| {
        let screening = screen::screen_party(&asked, against, rules);
        (asked, screening)
    };
    asked.into_par_iter().map(one).collect()
}

/// The case that answers are kept in; what it holds is read as if confidential captures were not there.
pub struct Keeping {
    case: Case,
    open: Case,
    parties: Parties,
    run: i64,
    kept: usize,
}

impl Keeping {
    /// Begins a run of screenings.
    pub fn begin(case: Case, against: &Against, by: &str, rules: &Rulebook) -> anyhow::Result<Keeping> {
        let (open, _) = Case::read_open(&case.folder)?;
        let parties = Parties::of(&open.db, rules)?;
        let run = screenings::begin(&case.db, against, &parties.state, by)?;
        Ok(Keeping { case, open, parties, run, kept: 0 })
    }

    /// Adds what the case holds, and writes the answers down.
    pub fn keep(&mut self, answers: &mut [(Asked, Screening)], rules: &Rulebook) -> anyhow::Result<()> {
        let mut records: Vec<(Asked, Screening, Seen)> = Vec::with_capacity(answers.len());
        for (asked, screening) in answers {
            let coverage = self.parties.coverage(asked, &self.open.db, rules)?;
            self.parties.hear(screening, &coverage);
            let seen = screenings::seen(screening, asked, &coverage, rules);
            screening.against.coverage.insert("case".to_string(), self.told(&coverage, rules)?);
            records.push((asked.clone(), screening.clone(), seen));
        }
        self.kept += records.len();
        screenings::write(&mut self.case.db, self.run, &records)
    }

    fn told(&self, coverage: &Coverage, rules: &Rulebook) -> anyhow::Result<serde_json::Value> {
        let mut told = serde_json::to_value(coverage)?;
        for key in ["names", "possible_names", "buyers"] {
            for name in told[key].as_array_mut().into_iter().flatten() {
                *name = mask::party(name.as_str().unwrap_or_default(), &rules.report.masks).into();
            }
        }
        told["state"] = self.parties.state.clone().into();
        Ok(told)
    }

    /// Ends the run.
    pub fn end(self, by: &str) -> anyhow::Result<()> {
        screenings::end(&self.case.db, self.kept, by)?;
        drop(self.open);
        self.case.close()
    }
}

/// Records as they stand against what the case holds now; the case's lists are laid over the rules.
pub fn records(folder: &Path, rules: &mut Rulebook) -> anyhow::Result<Vec<Record>> {
    let (case, _) = Case::read_open(folder)?;
    let against = against(&case.db, None, rules)?;
    screenings::records(&case.db, rules, &against)
}

/// A file that screenings leave as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    Csv,
    Json,
    Xlsx,
}

/// A record as it may leave: pseudonyms are not in it, persons are masked.
pub fn masked(record: &Record, rules: &Rulebook) -> serde_json::Value {
    let mut value = serde_json::to_value(record).expect("plain data");
    let masks = &rules.report.masks;
    for place in ["/name", "/asked/name", "/answer/query"] {
        if let Some(name) = value.pointer_mut(place).filter(|name| name.is_string()) {
            *name = mask::party(name.as_str().unwrap_or_default(), masks).into();
        }
    }
    if let Some(note) = value.pointer_mut("/decision/note").filter(|note| note.is_string()) {
        *note = mask::text(note.as_str().unwrap_or_default(), masks).into();
    }
    value
}

const HEAD: [&str; 19] = [
    "id",
    "screened",
    "name",
    "also",
    "code",
    "event_date",
    "result",
    "state",
    "lapsed_because",
    "decision",
    "decided",
    "note",
    "matches",
    "half_owned_by_listed",
    "awards",
    "buyers",
    "brands",
    "lists",
    "case_state",
];

/// Records as a file, without who asked and decided.
pub fn file(records: &[Record], form: Form, rules: &Rulebook) -> anyhow::Result<Vec<u8>> {
    let rows: Vec<Vec<String>> = records.iter().map(|record| row(record, rules)).collect();
    Ok(match form {
        Form::Json => {
            let lines = records.iter().map(|record| Ok(serde_json::to_string(&masked(record, rules))? + "\n"));
            lines.collect::<anyhow::Result<String>>()?.into_bytes()
        }
        Form::Csv => {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(HEAD)?;
            rows.iter().try_for_each(|row| writer.write_record(row.iter().map(|cell| sheets::harmless(cell))))?;
            writer.into_inner().context("into memory")?
        }
        Form::Xlsx => {
            let head = HEAD.map(Column::read).to_vec();
            let rows = rows.iter().map(|row| row.iter().map(|cell| Cell::text(cell)).collect()).collect();
            xlsx::workbook(&[Sheet { name: "screenings".to_string(), head, rows }]).map_err(anyhow::Error::msg)?
        }
    })
}

fn row(record: &Record, rules: &Rulebook) -> Vec<String> {
    let text = |value: &serde_json::Value| {
        value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_string)
    };
    let list = |value: &serde_json::Value| value.as_array().into_iter().flatten().map(text).collect::<Vec<_>>().join("; ");
    let (asked, answer) = (&record.asked, &record.answer);
    let case = &answer["against"]["coverage"]["case"];
    let matches = answer["matches"].as_array().into_iter().flatten().map(|found| {
        let [source, entity, judgement, through, in_force, from] =
            ["source", "entity", "judgement", "through", "in_force", "listed_from"].map(|key| text(&found[key]));
        format!("{source}: {entity} ({judgement}, through {through}, listed {from}, in force {in_force})")
    });
    let lists = record
        .lists
        .as_array()
        .into_iter()
        .flatten()
        .map(|list| format!("{} {} sha256 {}", text(&list["id"]), text(&list["version"]), text(&list["sha256"])));
    let owners = record.owners.iter().map(|sha256| format!("owners sha256 {sha256}"));
    let decided = record.decision.as_ref();
    vec![
        record.id.to_string(),
        record.made.clone(),
        mask::party(&record.name, &rules.report.masks),
        list(&asked["also"]),
        text(&asked["code"]),
        text(&asked["date"]),
        record.result.clone(),
        record.state.clone(),
        mask::text(&record.lapsed_because.join("; "), &rules.report.masks),
        decided.map(|d| d.verdict.clone()).unwrap_or_default(),
        decided.map(|d| d.made.clone()).unwrap_or_default(),
        decided.and_then(|d| d.note.clone()).unwrap_or_default(),
        matches.collect::<Vec<_>>().join("; "),
        text(&answer["ownership"]["half_owned"]),
        text(&case["awards"]),
        list(&case["buyers"]),
        list(&case["brands"]),
        lists.chain(owners).collect::<Vec<_>>().join("; "),
        record.case_state.clone(),
    ]
}
