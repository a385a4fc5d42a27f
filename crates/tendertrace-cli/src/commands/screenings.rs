//! `tendertrace screenings CASE`: what was screened for this case, against which lists, what was decided on
//! it and what stands: a clearance lapses when a new award, list entry or owner appears, which is found by
//! screening again. `decide ID --as clear|hit|unsure`, `export --to csv|json|xlsx`.

use crate::store::screenings::{self, Record};
use crate::store::{Case, lists};
use crate::{Outcome, context};
use anyhow::Context as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use tendertrace::report::xlsx::{self, Cell, Column, Sheet};
use tendertrace::report::{csv as sheets, mask};
use tendertrace::rulebook::Rulebook;
use tendertrace::screen::{self, Against};

#[derive(clap::Args)]
pub struct Args {
    /// The case folder.
    #[arg(value_name = "CASE")]
    case: PathBuf,
    /// Only what is in this state: clear, hit, open, unsure, lapsed, not_screenable, superseded.
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    /// One JSON object a record.
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    act: Option<Act>,
}

#[derive(clap::Subcommand)]
enum Act {
    /// Say what a screening comes to; a later word stands above an earlier one.
    Decide {
        id: i64,
        /// clear: this party is not meant; hit: it is; unsure: not yet known.
        #[arg(long = "as", value_enum, value_name = "VERDICT")]
        verdict: Verdict,
        /// Who decides: a pseudonym; it is in no export.
        #[arg(long, value_name = "PSEUDONYM", default_value = "reviewer")]
        by: String,
        /// Why.
        #[arg(long)]
        note: Option<String>,
    },
    /// Write all records, without who asked and decided.
    Export {
        #[arg(long, value_enum)]
        to: Form,
        /// Where to write; standard output without it.
        #[arg(long, short, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Verdict {
    Clear,
    Hit,
    Unsure,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    Csv,
    Json,
    Xlsx,
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let mut rules = context::rulebook(own_rules)?;
    match &args.act {
        None => list(args, &mut rules),
        Some(Act::Decide { id, verdict, by, note }) => {
            let (mut case, _) = Case::write_existing(&args.case)?;
            let word = format!("{verdict:?}").to_lowercase();
            screenings::decide(&mut case, *id, &word, by, note.as_deref())?;
            case.close()?;
            writeln!(std::io::stdout().lock(), "{id}: {word}")?;
            Ok(Outcome::Done)
        }
        Some(Act::Export { to, out }) => export(&records(&args.case, &mut rules)?, *to, out.as_deref(), &rules),
    }
}

/// Records as they stand against what the case holds now.
pub fn records(folder: &Path, rules: &mut Rulebook) -> anyhow::Result<Vec<Record>> {
    let (case, _) = Case::read_open(folder)?;
    lists::with_kept(&case.db, rules)?;
    let ownership = lists::with_owners(&case.db, rules)?;
    let against = Against { ownership, ..screen::against(None, rules) };
    screenings::records(&case.db, rules, &against)
}

fn list(args: &Args, rules: &mut Rulebook) -> anyhow::Result<Outcome> {
    let mut records = records(&args.case, rules)?;
    records.retain(|record| args.state.as_ref().is_none_or(|state| record.state == *state));
    let mut out = std::io::stdout().lock();
    for record in &records {
        if args.json {
            writeln!(out, "{}", serde_json::to_string(&masked(record, rules))?)?;
            continue;
        }
        let day = record.made.get(..10).unwrap_or(&record.made);
        let on = record.asked["date"].as_str().map(|date| format!(", event {date}")).unwrap_or_default();
        let name = mask::party(&record.name, &rules.report.masks);
        writeln!(
            out,
            "{:<5} {:<14} {name} (screened {day} by {}: {}{on})",
            record.id,
            words(&record.state),
            record.who,
            words(&record.result)
        )?;
        if let Some(decided) = &record.decision {
            let note = decided.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
            writeln!(out, "      {} on {} by {}{note}", decided.verdict, decided.made.get(..10).unwrap_or_default(), decided.who)?;
        }
        for because in &record.lapsed_because {
            writeln!(out, "      lapsed: {}", mask::text(because, &rules.report.masks))?;
        }
    }
    if !args.json {
        writeln!(out, "{} screenings; what is clear is not in the lists and owners that were asked, as of now", records.len())?;
    }
    Ok(Outcome::Done)
}

fn words(state: &str) -> String {
    state.replace('_', " ")
}

/// A record as it may leave: pseudonyms are not in it, persons are masked.
fn masked(record: &Record, rules: &Rulebook) -> serde_json::Value {
    let mut value = serde_json::to_value(record).expect("plain data");
    value["name"] = mask::party(&record.name, &rules.report.masks).into();
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

fn export(records: &[Record], to: Form, out: Option<&Path>, rules: &Rulebook) -> anyhow::Result<Outcome> {
    let rows: Vec<Vec<String>> = records.iter().map(|record| row(record, rules)).collect();
    let bytes = match to {
        Form::Json => {
            let lines = records.iter().map(|record| Ok(serde_json::to_string(&masked(record, rules))? + "\n"));
            lines.collect::<anyhow::Result<String>>()?.into_bytes()
        }
        Form::Csv => {
            let mut writer = csv::Writer::from_writer(if out.is_some() { "\u{FEFF}".as_bytes().to_vec() } else { Vec::new() });
            writer.write_record(HEAD)?;
            rows.iter().try_for_each(|row| writer.write_record(row.iter().map(|cell| sheets::harmless(cell))))?;
            writer.into_inner().context("into memory")?
        }
        Form::Xlsx => {
            context::not_to_a_terminal(out)?;
            let head = HEAD.map(Column::read).to_vec();
            let rows = rows.iter().map(|row| row.iter().map(|cell| Cell::text(cell)).collect()).collect();
            xlsx::workbook(&[Sheet { name: "screenings".to_string(), head, rows }]).map_err(anyhow::Error::msg)?
        }
    };
    match out {
        Some(path) => std::fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))?,
        None => std::io::stdout().lock().write_all(&bytes)?,
    }
    Ok(Outcome::Done)
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
