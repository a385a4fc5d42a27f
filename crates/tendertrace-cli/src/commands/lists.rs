//! `tendertrace lists OLD NEW`: what changed between two versions of a list, in any form that
//! `screen --against` reads; with `--merged`, both as one list in which the removed keep their dates.

use crate::commands::screen::other_list;
use crate::{Outcome, context};
use anyhow::Context as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tendertrace::rulebook::lists::ListEntry;
use tendertrace::screen::changes::{Became, changes, merged};

#[derive(clap::Args)]
pub struct Args {
    /// The earlier version.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The later version.
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Write both versions as one list: an entry that the later one lacks ends on --on.
    #[arg(long, value_name = "FILE.csv", requires = "on")]
    merged: Option<PathBuf>,
    /// Day from which the later version holds (YYYY-MM-DD).
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    /// One JSON object a change.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let rules = context::rulebook(own_rules)?;
    let (old, new) = (other_list(&args.old, &rules)?, other_list(&args.new, &rules)?);
    let found = changes(&old.entries, &new.entries, &rules);
    let mut out = std::io::stdout().lock();
    for change in &found {
        if args.json {
            writeln!(out, "{}", serde_json::to_string(change)?)?;
            continue;
        }
        writeln!(out, "{:<8} {}", word(change.became), change.name)?;
        for (field, before, after) in &change.fields {
            writeln!(out, "    {field}: “{before}” → “{after}”")?;
        }
    }
    if !args.json {
        let count = |became| found.iter().filter(|change| change.became == became).count();
        let [added, removed, changed] = [Became::Added, Became::Removed, Became::Changed].map(count);
        writeln!(
            out,
            "{added} added, {removed} removed, {changed} changed; {} entries before, {} after",
            old.entries.len(),
            new.entries.len()
        )?;
    }
    if let (Some(path), Some(day)) = (&args.merged, &args.on) {
        day.parse::<jiff::civil::Date>().with_context(|| format!("--on {day}: give a day as YYYY-MM-DD"))?;
        write(path, &merged(&old.entries, &new.entries, day, &rules))?;
    }
    Ok(Outcome::Done)
}

fn word(became: Became) -> &'static str {
    match became {
        Became::Added => "added",
        Became::Removed => "removed",
        Became::Changed => "changed",
    }
}

fn write(path: &Path, entries: &[ListEntry]) -> anyhow::Result<()> {
    let mut out = csv::Writer::from_path(path).with_context(|| format!("writing {}", path.display()))?;
    out.write_record(["name", "name_zh", "aliases", "code", "listed_from", "listed_to", "citation", "note"])?;
    for entry in entries {
        let ListEntry { name, name_zh, aliases, code, listed_from, listed_to, citation, note, .. } = entry;
        out.write_record([name, name_zh, aliases, code, listed_from, listed_to, citation, note])?;
    }
    Ok(out.flush()?)
}
