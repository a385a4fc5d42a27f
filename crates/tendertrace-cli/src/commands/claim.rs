//! `tendertrace claim CASE …`: which sentence may be published, on which accepted findings, who signed
//! it, what those concerned answered, and what was withdrawn. Without an action the claims are listed.

use crate::store::claims::{self, Event, Kept};
use crate::store::{Case, clock};
use crate::{Outcome, context};
use std::io::Write as _;
use std::path::Path;
use tendertrace::report::claims::{Answer, Standing};
use tendertrace::report::mask;
use tendertrace::rulebook::Rulebook;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    case: context::CaseArg,
    /// Who acts: a pseudonym; it is in no export.
    #[arg(long, global = true, value_name = "PSEUDONYM", default_value = "reviewer")]
    by: String,
    #[command(subcommand)]
    act: Option<Act>,
}

#[derive(clap::Subcommand)]
enum Act {
    /// Sign a sentence over accepted findings (of awards those that two people accepted).
    Sign {
        sentence: String,
        /// A finding that it rests on, or enough of its id; give it for each.
        #[arg(long = "finding", required = true, value_name = "ID")]
        findings: Vec<String>,
    },
    /// Keep what those concerned answered.
    Reply {
        claim: i64,
        #[arg(long, value_enum)]
        answer: Given,
        /// Who answered, or was asked.
        #[arg(long)]
        party: Option<String>,
        /// Their words.
        #[arg(long)]
        text: Option<String>,
        #[command(flatten)]
        day: Day,
    },
    /// Note that it was published, and where.
    Publish {
        claim: i64,
        /// Where it can be read.
        #[arg(long)]
        place: Option<String>,
        #[command(flatten)]
        day: Day,
    },
    /// Withdraw what was published: the claim, or one finding of it, which is rejected from then on.
    Withdraw {
        claim: i64,
        #[arg(long, value_name = "ID")]
        finding: Option<String>,
        /// Why; it is printed.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        day: Day,
    },
    /// Take a claim back that is not published.
    Drop {
        claim: i64,
        #[arg(long)]
        reason: Option<String>,
    },
    /// Take an entry (a reply, a publication, a withdrawal, a drop) back.
    Undo { entry: i64 },
}

#[derive(clap::Args)]
struct Day {
    /// The day, as 2026-01-31; today by default.
    #[arg(long = "on", value_name = "DAY")]
    on: Option<String>,
}

impl Day {
    fn day(&self) -> String {
        self.on.clone().unwrap_or_else(clock::today)
    }
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Given {
    Replied,
    NoReply,
    Corrected,
    Disputed,
}

impl Given {
    fn answer(self) -> Answer {
        match self {
            Given::Replied => Answer::Replied,
            Given::NoReply => Answer::NoReply,
            Given::Corrected => Answer::Corrected,
            Given::Disputed => Answer::Disputed,
        }
    }
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let rules = context::rulebook_of(args.case.folder()?, own_rules)?;
    let Some(act) = &args.act else { return list(&Case::read(args.case.folder()?)?, &rules) };
    let (mut case, _) = Case::write_existing(args.case.folder()?)?;
    let by = args.by.as_str();
    let mut note = |claim: i64, on: &str, event: &Event| claims::note(&mut case, claim, on, event, by);
    match act {
        Act::Sign { sentence, findings } => {
            let claim = claims::sign(&mut case, sentence, findings, by)?;
            writeln!(std::io::stdout().lock(), "Claim {claim} is signed.")?;
        }
        Act::Reply { claim, answer, party, text, day } => {
            note(*claim, &day.day(), &Event::Reply { answer: answer.answer(), party: party.as_deref(), text: text.as_deref() })?;
        }
        Act::Publish { claim, place, day } => note(*claim, &day.day(), &Event::Published { place: place.as_deref() })?,
        Act::Withdraw { claim, finding, reason, day } => {
            note(*claim, &day.day(), &Event::Withdrawn { finding: finding.as_deref(), reason })?;
        }
        Act::Drop { claim, reason } => note(*claim, &clock::today(), &Event::TakenBack { reason: reason.as_deref() })?,
        Act::Undo { entry } => claims::undo(&mut case, *entry, by)?,
    }
    list(&case, &rules)?;
    case.close()?;
    Ok(Outcome::Done)
}

fn list(case: &Case, rules: &Rulebook) -> anyhow::Result<Outcome> {
    let kept = claims::all(&case.db)?;
    let mut out = std::io::stdout().lock();
    if kept.is_empty() {
        writeln!(out, "No claim is signed; `tendertrace claim CASE sign \"SENTENCE\" --finding ID` signs one.")?;
    }
    for kept in &kept {
        write!(out, "{}", lines(kept, rules))?;
    }
    Ok(Outcome::Done)
}

fn lines(kept: &Kept, rules: &Rulebook) -> String {
    let claim = &kept.claim;
    let masked = |text: &str| mask::text(text, &rules.report.masks);
    let mut lines = format!("{} [{}] {} (signed {} by {})\n", claim.id, kept.state(), masked(&claim.sentence), claim.signed, kept.who);
    for cited in &claim.findings {
        let standing = match &cited.standing {
            Standing::Stands => "stands".to_string(),
            Standing::LookAgain => "look again: it changed or is no longer accepted".to_string(),
            Standing::Withdrawn(said) => format!("withdrawn on {}: {}", said.on, masked(&said.text)),
        };
        lines += &format!("    finding {} {standing}\n", cited.finding);
    }
    for made in kept.events.iter().filter(|made| !made.undone) {
        let parts = [made.answer.as_deref(), made.party.as_deref(), made.text.as_deref()];
        let said: Vec<String> = parts.into_iter().flatten().map(masked).collect();
        lines += &format!("    entry {}: {} {} {}\n", made.id, made.on, made.kind.replace('_', " "), said.join(" · "));
    }
    lines
}
