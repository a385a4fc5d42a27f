//! `tendertrace translate CASE`: the Chinese titles and quotes of the findings to a person who reads
//! Chinese, as a workbook, and the translations back. Without a file: what is translated, what waits,
//! and which translations no longer stand beside the words they were made for.

use crate::store::summary::{self, Confidential};
use crate::store::translations::{self, Made};
use crate::store::{Case, clock};
use crate::{Outcome, context};
use anyhow::Context as _;
use std::collections::HashSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tendertrace::assemble::{Slot, slots};
use tendertrace::report::translating::{self, Desk, Known, Return};
use tendertrace::report::{mask, say, xlsx};
use tendertrace::rulebook::Rulebook;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    case: context::CaseArg,
    /// Write the texts that no person has translated, strongest findings first, as XLSX.
    #[arg(long, value_name = "FILE.xlsx", group = "job")]
    out: Option<PathBuf>,
    /// Take the filled rows of such a file (XLSX, XLS, ODS) into the case.
    #[arg(long = "in", value_name = "FILE.xlsx", group = "job")]
    back: Option<PathBuf>,
    /// Take one translation back, by the number that the list shows.
    #[arg(long, value_name = "NUMBER", group = "job")]
    undo: Option<i64>,
    /// Who translated rows that do not say so: a pseudonym; it is in no export.
    #[arg(long, value_name = "PSEUDONYM")]
    by: Option<String>,
    /// Send out texts of confidential captures too. They may show who gave them to you.
    #[arg(long)]
    with_confidential: bool,
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let rules = context::rulebook_of(args.case.folder()?, own_rules)?;
    match (&args.out, &args.back, args.undo) {
        (Some(file), ..) => send(args, file, &rules),
        (_, Some(file), _) => take_back(args, file, &rules),
        (.., Some(translation)) => undo(args, translation),
        _ => list(args, &rules),
    }
}

fn send(args: &Args, file: &Path, rules: &Rulebook) -> anyhow::Result<Outcome> {
    let case = Case::read(args.case.folder()?)?;
    let confidential = if args.with_confidential { Confidential::Taken } else { Confidential::Kept };
    let all = slots(&summary::leaving(&case, confidential, rules)?);
    let made = translations::all(&case.db)?;
    let waiting = waiting(&all, &made);
    let bytes = xlsx::workbook(&translating::sheets(&waiting, rules)).map_err(anyhow::Error::msg)?;
    std::fs::write(file, bytes).with_context(|| format!("writing {}", file.display()))?;
    writeln!(
        std::io::stdout().lock(),
        "{} of {} texts wait for a translation: {}\nFill in its yellow columns, then: tendertrace translate {} --in {}",
        say::count(waiting.len()),
        say::count(all.len()),
        file.display(),
        args.case.folder()?.display(),
        file.display()
    )?;
    Ok(Outcome::Done)
}

/// Texts without a person's translation that stands.
fn waiting<'a>(all: &'a [Slot], made: &[Made]) -> Vec<&'a Slot> {
    let done: HashSet<(&str, u32, &str)> =
        made.iter().filter(|m| m.stands).map(|m| place(&m.said.capture, m.said.part, &m.said.of)).collect();
    all.iter().filter(|slot| !done.contains(&place(&slot.capture, slot.part, &slot.of))).collect()
}

fn place<'a>(capture: &'a str, part: u32, of: &'a str) -> (&'a str, u32, &'a str) {
    (capture, part, of)
}

fn take_back(args: &Args, file: &Path, rules: &Rulebook) -> anyhow::Result<Outcome> {
    let bytes = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let (sheet, rows) = translating::read(&bytes).map_err(|reason| anyhow::anyhow!("{}: {reason}", file.display()))?;
    let (mut case, _) = Case::write_existing(args.case.folder()?)?;
    // What was sent out with confidential captures comes back whether or not it is asked for again.
    let slots = slots(&summary::leaving(&case, Confidential::Taken, rules)?);
    let known: Vec<Known> = translations::all(&case.db)?.iter().map(Made::known).collect();
    let today = clock::today();
    let desk = Desk { slots: &slots, known: &known, by: args.by.as_deref(), today: &today };
    let back = translating::take_back(&rows, &desk, rules);
    translations::add(&mut case, &back.taken)?;
    if !back.taken.is_empty() {
        summary::write_report(&case, rules)?;
    }
    case.close()?;
    tell(&back, &format!("{}, sheet {sheet}", file.display()))?;
    Ok(if back.left.is_empty() { Outcome::Done } else { Outcome::Incomplete })
}

fn tell(back: &Return, place: &str) -> std::io::Result<()> {
    for (row, reason) in &back.left {
        eprintln!("tendertrace: {place}, row {row}: not taken: {reason}");
    }
    if !back.empty.is_empty() {
        eprintln!("tendertrace: {place}, {}: no translation yet; fill them in and take the file back again", rows(&back.empty));
    }
    let known = if back.known > 0 { format!(", {} were there already", say::count(back.known)) } else { String::new() };
    writeln!(
        std::io::stdout().lock(),
        "{} taken{known}, {} not taken, {} empty.",
        say::counted(back.taken.len(), "translation", "translations"),
        say::count(back.left.len()),
        say::count(back.empty.len())
    )
}

/// `rows 3-7, 9`.
fn rows(numbers: &[usize]) -> String {
    let runs = numbers.chunk_by(|a, b| a + 1 == *b);
    let said: Vec<String> =
        runs.map(|run| if run.len() == 1 { run[0].to_string() } else { format!("{}-{}", run[0], run[run.len() - 1]) }).collect();
    format!("{} {}", if numbers.len() == 1 { "row" } else { "rows" }, said.join(", "))
}

fn undo(args: &Args, translation: i64) -> anyhow::Result<Outcome> {
    let (mut case, _) = Case::write_existing(args.case.folder()?)?;
    translations::undo(&mut case, translation, args.by.as_deref().unwrap_or("reviewer"))?;
    case.close()?;
    writeln!(std::io::stdout().lock(), "Translation {translation} is taken back; the one before it stands again.")?;
    Ok(Outcome::Done)
}

fn list(args: &Args, rules: &Rulebook) -> anyhow::Result<Outcome> {
    let case = Case::read(args.case.folder()?)?;
    let all = slots(&summary::leaving(&case, Confidential::Taken, rules)?);
    let made = translations::all(&case.db)?;
    let places: HashSet<(&str, u32, &str)> = all.iter().map(|slot| place(&slot.capture, slot.part, &slot.of)).collect();
    let stands = made.iter().filter(|made| made.stands);
    let (shown, gone): (Vec<&Made>, Vec<&Made>) = stands.partition(|m| places.contains(&place(&m.said.capture, m.said.part, &m.said.of)));
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{} of {} titles and quotes of findings are translated by a person; the rest waits: tendertrace translate {} --out FILE.xlsx",
        say::count(shown.len()),
        say::count(all.len()),
        args.case.folder()?.display()
    )?;
    shown.iter().try_for_each(|made| writeln!(out, "{}", line(made, rules)))?;
    if !gone.is_empty() {
        writeln!(out, "Made for words that no finding quotes any more; kept, and shown nowhere else:")?;
    }
    gone.iter().try_for_each(|made| writeln!(out, "{}", line(made, rules)))?;
    Ok(Outcome::Done)
}

fn line(made: &Made, rules: &Rulebook) -> String {
    let short = |text: &str| say::short(&say::one_line(&mask::text(text, &rules.report.masks)), 60);
    format!("  {} “{}” = “{}” ({}, {})", made.id, short(&made.said.of), short(&made.said.text), made.who, made.said.on)
}

#[cfg(test)]
mod tests {
    #[test]
    fn rows_are_named_in_runs() {
        assert_eq!(super::rows(&[3, 4, 5, 9]), "rows 3-5, 9");
        assert_eq!(super::rows(&[2]), "row 2");
    }
}
