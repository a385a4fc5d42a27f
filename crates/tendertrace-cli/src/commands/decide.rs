//! `tendertrace decide CASE FINDING VERDICT`: a person's word on a finding. Without a finding: what
//! waits for one, and which earlier decisions need another look.

use crate::store::Case;
use crate::store::decisions::{self, Brief, Decision};
use crate::{Outcome, context};
use anyhow::{Context as _, bail};
use clap::ValueEnum as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tendertrace::report::{mask, say};
use tendertrace::rulebook::Rulebook;

#[derive(clap::Args)]
pub struct Args {
    /// CASE FINDING VERDICT; without the last two what waits is listed. FINDING is an id or enough of its
    /// beginning; VERDICT is accept (it says what the notice says), reject (it does not), unsure (someone else
    /// should look), correct (it does, but for one thing: --correction), note (only a remark), or undo (take back
    /// the last word that --by gave on it).
    #[arg(value_name = "CASE FINDING VERDICT", num_args = 0..=3)]
    words: Vec<String>,
    /// The case folder, where it is not named first.
    #[arg(long, value_name = "CASE")]
    case: Option<PathBuf>,
    /// Who decides: a pseudonym; it is in no export.
    #[arg(long, value_name = "PSEUDONYM", default_value = "reviewer")]
    pub by: String,
    /// Why.
    #[arg(long)]
    pub note: Option<String>,
    /// With `correct`: what is right, as FIELD=VALUE.
    #[arg(long, value_name = "FIELD=VALUE")]
    pub correction: Option<String>,
    /// The list as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum Verdict {
    /// The finding says what the notice says.
    Accept,
    /// It does not.
    Reject,
    /// Someone else should look.
    Unsure,
    /// It does, but for one thing (`--correction`).
    Correct,
    /// No verdict, only a remark.
    Note,
    /// Take back the last word that `--by` gave on it.
    Undo,
}

/// How many waiting findings are listed.
const SHOWN: usize = 20;

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let (case, words) = context::case_and_words(args.case.as_deref(), &args.words);
    let folder = case.context(context::NO_CASE)?;
    let rules = context::rulebook_of(folder, own_rules)?;
    match words {
        [] => list(folder, args, &rules),
        [finding, verdict] => decide(folder, args, finding, verdict_of(verdict)?, &rules),
        _ => bail!("name a finding and a verdict: tendertrace decide CASE FINDING accept|reject|unsure|correct|note|undo"),
    }
}

fn verdict_of(typed: &str) -> anyhow::Result<Verdict> {
    let known = || Verdict::value_variants().iter().map(|verdict| word(*verdict)).collect::<Vec<_>>().join(", ");
    Verdict::from_str(typed, true).ok().with_context(|| format!("{typed} is no verdict; there are {}", known()))
}

fn decide(folder: &Path, args: &Args, finding: &str, verdict: Verdict, rules: &Rulebook) -> anyhow::Result<Outcome> {
    match &args.correction {
        Some(correction) if !correction.contains('=') => bail!("--correction needs FIELD=VALUE, for example --correction supplier=…"),
        None if matches!(verdict, Verdict::Correct) => bail!("say what is right: --correction FIELD=VALUE"),
        _ => {}
    }
    let (mut case, _) = Case::write_existing(folder)?;
    let brief = decisions::find(&case.db, finding)?;
    if let Verdict::Undo = verdict {
        return undo(case, &brief, &args.by, rules);
    }
    let decision = Decision { verdict: word(verdict), by: &args.by, note: args.note.as_deref(), correction: args.correction.as_deref() };
    decisions::decide(&mut case, &brief.finding, &decision)?;
    case.close()?;
    writeln!(std::io::stdout().lock(), "{}: {}", word(verdict), line(&brief, rules))?;
    Ok(Outcome::Done)
}

fn undo(mut case: Case, brief: &Brief, by: &str, rules: &Rulebook) -> anyhow::Result<Outcome> {
    let last = decisions::history(&case.db, &brief.finding)?.into_iter().find(|made| made.who == by && !made.undone);
    let last = last.with_context(|| format!("{by} has no word on this finding that stands; --by names who gave it"))?;
    decisions::undo(&mut case, last.id, by)?;
    case.close()?;
    writeln!(std::io::stdout().lock(), "taken back: {} by {by}: {}", last.verdict, line(brief, rules))?;
    Ok(Outcome::Done)
}

fn list(folder: &Path, args: &Args, rules: &Rulebook) -> anyhow::Result<Outcome> {
    let case = Case::read(folder)?;
    let stale = decisions::stale(&case.db)?;
    let waiting = decisions::unreviewed(&case.db, if args.json { usize::MAX >> 1 } else { SHOWN })?;
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::json!({"look_again": stale, "waiting": waiting}))?;
        return Ok(Outcome::Done);
    }
    if !stale.is_empty() {
        writeln!(out, "Decisions whose finding changed or vanished; decide again:")?;
    }
    for one in &stale {
        writeln!(
            out,
            "  {} {} ({} by {}, {}): {} “{}”",
            one.finding_now.as_deref().unwrap_or(&one.finding),
            one.state,
            one.verdict,
            one.who,
            one.made,
            one.brand,
            quote(&one.quote, rules)
        )?;
    }
    writeln!(out, "{}", if waiting.is_empty() { "No finding waits for a decision." } else { "Waiting for a decision, strongest first:" })?;
    for brief in &waiting {
        writeln!(out, "  {}", line(brief, rules))?;
    }
    if waiting.len() == SHOWN {
        writeln!(
            out,
            "The first {SHOWN} are shown; --json lists all. tendertrace decide CASE FINDING accept|reject|unsure --by PSEUDONYM"
        )?;
    }
    Ok(Outcome::Done)
}

fn line(brief: &Brief, rules: &Rulebook) -> String {
    let buyer = brief.buyer.as_deref().map_or_else(|| "buyer unknown".to_string(), |buyer| mask::party(buyer, &rules.report.masks));
    let quote = quote(brief.quote.as_deref().unwrap_or_default(), rules);
    format!("{} {} · {} · {buyer} · “{quote}” ({})", brief.finding, brief.brand, brief.sentence, brief.strength)
}

fn quote(text: &str, rules: &Rulebook) -> String {
    say::one_line(&mask::text(text, &rules.report.masks))
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accept => "accept",
        Verdict::Reject => "reject",
        Verdict::Unsure => "unsure",
        Verdict::Correct => "correct",
        Verdict::Note => "note",
        Verdict::Undo => "undo",
    }
}
