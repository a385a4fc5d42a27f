//! `tendertrace screenings CASE`: what was screened for this case, against which lists, what was decided on
//! it and what stands: a clearance lapses when a new award, list entry or owner appears, which is found by
//! screening again. `decide ID --as clear|hit|unsure`, `export --to csv|json|xlsx`.

use crate::store::Case;
use crate::store::screened::{self, Form};
use crate::store::screenings::{self, Record};
use crate::{Outcome, context};
use anyhow::Context as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use tendertrace::report::mask;
use tendertrace::rulebook::Rulebook;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    case: context::CaseArg,
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

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let mut rules = context::rulebook_of(args.case.folder()?, own_rules)?;
    match &args.act {
        None => list(args, &mut rules),
        Some(Act::Decide { id, verdict, by, note }) => {
            let (mut case, _) = Case::write_existing(args.case.folder()?)?;
            let word = format!("{verdict:?}").to_lowercase();
            screenings::decide(&mut case, *id, &word, by, note.as_deref())?;
            case.close()?;
            writeln!(std::io::stdout().lock(), "{id}: {word}")?;
            Ok(Outcome::Done)
        }
        Some(Act::Export { to, out }) => export(&screened::records(args.case.folder()?, &mut rules)?, *to, out.as_deref(), &rules),
    }
}

fn list(args: &Args, rules: &mut Rulebook) -> anyhow::Result<Outcome> {
    let mut records = screened::records(args.case.folder()?, rules)?;
    records.retain(|record| args.state.as_ref().is_none_or(|state| record.state == *state));
    let mut out = std::io::stdout().lock();
    for record in &records {
        if args.json {
            writeln!(out, "{}", serde_json::to_string(&screened::masked(record, rules))?)?;
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

fn export(records: &[Record], to: Form, out: Option<&Path>, rules: &Rulebook) -> anyhow::Result<Outcome> {
    if to == Form::Xlsx {
        context::not_to_a_terminal(out)?;
    }
    let mut bytes = screened::file(records, to, rules)?;
    match out {
        Some(path) => {
            if to == Form::Csv {
                bytes.splice(0..0, "\u{FEFF}".bytes());
            }
            std::fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))?;
        }
        None => std::io::stdout().lock().write_all(&bytes)?,
    }
    Ok(Outcome::Done)
}
