//! `tendertrace challenge CASE`: which findings would an opponent break first, and with what? Weakest
//! first; each with its gravest objections and what would answer them.

use crate::store::Case;
use crate::{Outcome, context};
use anyhow::Context as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use tendertrace::rulebook::Rulebook;
use tendertrace::rulebook::sentences::Objection;

#[derive(clap::Args)]
pub struct Args {
    /// The case folder.
    #[arg(value_name = "CASE", required_unless_present = "case_option")]
    case: Option<PathBuf>,
    /// The case folder, as other commands name it.
    #[arg(long = "case", value_name = "CASE", id = "case_option", conflicts_with = "case")]
    case_option: Option<PathBuf>,
    /// How many findings to show.
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// One JSON object a finding.
    #[arg(long)]
    json: bool,
}

/// A finding as it stands in the case.
#[derive(serde::Serialize)]
struct Target {
    strength: String,
    sentence: String,
    quote: String,
    url: Option<String>,
    objections: Vec<String>,
}

/// Most objections that are spelt out for one finding.
const SHOWN: usize = 3;

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let folder = args.case.as_deref().or(args.case_option.as_deref()).context("name the case folder")?;
    let rules = context::rulebook(own_rules)?;
    let mut targets = targets(&Case::read(folder)?)?;
    targets.sort_by_key(|target| breaks_at(target, &rules));
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for (number, target) in targets.iter().take(args.limit).enumerate() {
        if args.json { writeln!(out, "{}", serde_json::to_string(target)?)? } else { tell(number + 1, target, &rules, &mut out)? }
    }
    if targets.len() > args.limit && !args.json {
        writeln!(out, "… and {} findings that are harder to break (--limit)", targets.len() - args.limit)?;
    }
    Ok(if targets.is_empty() { Outcome::NothingFound } else { Outcome::Done })
}

fn targets(case: &Case) -> anyhow::Result<Vec<Target>> {
    let mut rows = case.db.prepare("SELECT strength, sentence, quote, url, objections FROM evidence WHERE decision IS NULL OR decision <> 'reject'")?;
    let found = rows.query_map([], |row| {
        let objections: String = row.get(4)?;
        let objections = objections.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|id| !id.is_empty()).map(str::to_string).collect();
        Ok(Target { strength: row.get(0)?, sentence: row.get(1)?, quote: row.get::<_, Option<String>>(2)?.unwrap_or_default(), url: row.get(3)?, objections })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Strongest claims on the weakest ground first: what is called weak claims little.
fn breaks_at(target: &Target, rules: &Rulebook) -> (u32, usize, String) {
    let gravest = gravest(target, rules).first().map_or(u32::MAX, |o| o.rank);
    (gravest, usize::MAX - target.objections.len(), target.sentence.clone())
}

fn gravest<'r>(target: &Target, rules: &'r Rulebook) -> Vec<&'r Objection> {
    let mut all: Vec<&Objection> = rules.wording.objections.iter().filter(|o| target.objections.contains(&o.id)).collect();
    all.sort_by_key(|o| o.rank);
    all
}

fn tell(number: usize, target: &Target, rules: &Rulebook, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{number}. [{}] {}", target.strength, target.sentence)?;
    writeln!(out, "   {}", target.quote.split_whitespace().collect::<Vec<_>>().join(" "))?;
    if let Some(url) = &target.url {
        writeln!(out, "   {url}")?;
    }
    for objection in gravest(target, rules).iter().take(SHOWN) {
        writeln!(out, "   - {}: {} Answer: {}", objection.id, objection.sentence, objection.answer)?;
    }
    writeln!(out)
}
