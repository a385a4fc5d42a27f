//! `tendertrace screen NAME…` or `--file NAMES.csv`: is a list likely to mean this name? Clear,
//! possible, same, or not screenable where a name tells too little; always with list versions.

use crate::{Outcome, context};
use anyhow::Context as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use tendertrace::screen::{self, Screening, ScreeningResult};

#[derive(clap::Args)]
pub struct Args {
    /// Names of companies or bodies.
    #[arg(required_unless_present = "file", value_name = "NAME")]
    names: Vec<String>,
    /// A CSV with a column `name` (without one the first column is taken); `-` is standard input.
    #[arg(long, value_name = "NAMES.csv")]
    file: Option<PathBuf>,
    /// Whether a listing was in force is told for this day (YYYY-MM-DD).
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// One JSON object a name.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    if let Some(date) = &args.date {
        date.parse::<jiff::civil::Date>().with_context(|| format!("--date {date}: give a day as YYYY-MM-DD"))?;
    }
    let rules = context::rulebook(own_rules)?;
    let against = screen::against(args.date.as_deref(), &rules);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut outcome = Outcome::NothingFound;
    let mut answer = |name: &str| -> anyhow::Result<()> {
        let screening = screen::screen_name(name, args.date.as_deref(), &against, &rules);
        if matches!(screening.result, ScreeningResult::Possible | ScreeningResult::Same) {
            outcome = Outcome::Done;
        }
        if args.json {
            serde_json::to_writer(&mut out, &screening)?;
            Ok(writeln!(out)?)
        } else {
            Ok(print(&screening, &mut out)?)
        }
    };
    args.names.iter().try_for_each(|name| answer(name))?;
    let mut skipped = 0;
    if let Some(path) = &args.file {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(context::open(path)?);
        let headers = reader.headers().with_context(|| format!("reading {}", path.display()))?.clone();
        let column = headers.iter().position(|h| h.trim_start_matches('\u{FEFF}').trim() == "name");
        if column.is_none() {
            // A file without a heading: its first line is a name too.
            headers.get(0).map_or(Ok(()), &mut answer)?;
        }
        for row in reader.records() {
            match row {
                Ok(row) => row.get(column.unwrap_or(0)).map_or(Ok(()), &mut answer)?,
                Err(error) => {
                    eprintln!("tendertrace: {}: {error}", path.display());
                    skipped += 1;
                }
            }
        }
    }
    if !args.json {
        let lists = against.lists.iter().map(|l| format!("{} ({})", l.id, l.version)).collect::<Vec<_>>().join(", ");
        writeln!(out, "asked against {lists}; a lead is no verdict, and clear means: not in these lists")?;
    }
    out.flush()?;
    Ok(if skipped > 0 { Outcome::Incomplete } else { outcome })
}

fn print(screening: &Screening, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{:<14} {}", word(screening.result), screening.query)?;
    for found in &screening.matches {
        let from = found.listed_from.as_deref().unwrap_or("date unknown");
        writeln!(out, "    {:<9} {:.3}  {}  {} (listed {from}, in force: {})", word(found.judgement), found.score, found.source, found.name, word(found.in_force))?;
    }
    Ok(())
}

/// The published word of an enumeration, so that people and programs read the same.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(|s| s.replace('_', " "))).unwrap_or_default()
}
