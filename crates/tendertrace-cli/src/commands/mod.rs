//! Which commands are there? One file a command: its arguments, and `run`.

mod ask;
mod challenge;
mod claim;
mod compare;
mod compile;
mod completions;
mod decide;
mod diff;
mod dossier;
mod entities;
mod examine;
mod export_case;
mod gaps;
mod lists;
mod read;
mod rulebook;
mod schema;
mod score;
mod screen;
mod screenings;
mod serve;
mod trace;
mod translate;
mod verify;
mod why;

use crate::Outcome;
use std::path::Path;

#[derive(clap::Subcommand)]
pub enum Command {
    /// The main job: take a pile of notices into a case, examine and screen it, summarise, report.
    Trace(trace::Args),
    /// Print one JSON examination a line for every notice, without a case.
    Examine(examine::Args),
    /// Merge open contracting releases by process: one compiled release a line, counts and repairs.
    Compile(compile::Args),
    /// Print the canonical text of a capture as the program sees it.
    Read(read::Args),
    /// List what was not understood, by frequency.
    Gaps(gaps::Args),
    /// Accept, reject or correct a finding of a case; without one, list what waits.
    Decide(decide::Args),
    /// What came into a case since a day.
    Diff(diff::Args),
    /// What changed between two versions of a list; the removed keep their dates.
    Lists(lists::Args),
    /// Which spellings are one organisation, which may be; and your word on it.
    Entities(entities::Args),
    /// Sign a publishable sentence over accepted findings; keep replies; withdraw what was published.
    Claim(claim::Args),
    /// Send Chinese titles and quotes to a translator as a workbook, and take the translations back.
    Translate(translate::Args),
    /// Prove that every quote of a case still stands in the original whose hash it names.
    Verify(verify::Args),
    /// Which findings would an opponent break first, with which objection, and what would answer it.
    Challenge(challenge::Args),
    /// Write a case's findings for other programs.
    Export(export_case::Args),
    /// Compare what comes out with hand labels: precision, recall, F1 per field, every miss.
    Score(score::Args),
    /// Answer one of the questions over a case: who sold what to whom, for what, since when.
    Ask(ask::Args),
    /// Open the desk in a browser: search, read, doubt, decide. On this machine alone.
    Serve(serve::Args),
    /// What is known of one brand, seller, buyer or project, as a page that prints.
    Dossier(dossier::Args),
    /// The letter for comment: accepted findings only, awards that two people read.
    Letter(dossier::LetterArgs),
    /// Are two names one organisation? Same, possible or different, and why.
    Compare(compare::Args),
    /// Is a list likely to mean this name, and was the listing in force on a day?
    Screen(screen::Args),
    /// What was screened for a case, what was decided on it, and which clearances have lapsed.
    Screenings(screenings::Args),
    /// Which candidates there were for a field of a notice, and which was taken.
    Why(why::Args),
    /// Check the rulebook, explain a rule, begin a new one.
    Rulebook(rulebook::Args),
    /// Print the JSON Schema of what goes in and comes out.
    Schema(schema::Args),
    /// Print a completion script for your shell.
    Completions(completions::Args),
    /// Read files of risky formats from standard input, for this program itself.
    #[command(name = crate::fence::COMMAND, hide = true)]
    ReadFenced,
}

/// Runs one command; `own_rules` is the user's rulebook folder, `cli` the whole command line for
/// what is generated from it.
pub fn run(command: Command, own_rules: Option<&Path>, cli: clap::Command) -> anyhow::Result<Outcome> {
    match command {
        Command::Trace(args) => trace::run(&args, own_rules),
        Command::Examine(args) => examine::run(&args, own_rules),
        Command::Compile(args) => compile::run(&args),
        Command::Read(args) => read::run(&args, own_rules),
        Command::Gaps(args) => gaps::run(&args, own_rules),
        Command::Decide(args) => decide::run(&args, own_rules),
        Command::Diff(args) => diff::run(&args, own_rules),
        Command::Lists(args) => lists::run(&args, own_rules),
        Command::Entities(args) => entities::run(&args, own_rules),
        Command::Claim(args) => claim::run(&args, own_rules),
        Command::Translate(args) => translate::run(&args, own_rules),
        Command::Verify(args) => verify::run(&args, own_rules),
        Command::Challenge(args) => challenge::run(&args, own_rules),
        Command::Export(args) => export_case::run(&args, own_rules),
        Command::Score(args) => score::run(&args, own_rules),
        Command::Ask(args) => ask::run(&args, own_rules),
        Command::Serve(args) => serve::run(args, own_rules),
        Command::Dossier(args) => dossier::run(&args, own_rules),
        Command::Letter(args) => dossier::run_letter(&args, own_rules),
        Command::Compare(args) => compare::run(&args, own_rules),
        Command::Screen(args) => screen::run(&args, own_rules),
        Command::Screenings(args) => screenings::run(&args, own_rules),
        Command::Why(args) => why::run(&args, own_rules),
        Command::Rulebook(args) => rulebook::run(&args, own_rules),
        Command::Schema(args) => schema::run(&args),
        Command::Completions(args) => completions::run(&args, cli),
        Command::ReadFenced => crate::fence::serve().map(|()| Outcome::Done),
    }
}
