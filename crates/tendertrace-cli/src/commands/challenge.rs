//! `tendertrace challenge CASE`: which findings would an opponent break first, and with what? Weakest
//! first; each with its gravest objections and what would answer them.

use crate::store::{Case, shown};
use crate::{Outcome, context};
use std::io::Write;
use std::path::Path;
use tendertrace::rulebook::Rulebook;
use tendertrace::rulebook::sentences::Objection;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub case: context::CaseArg,
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
    let rules = context::rulebook_of(args.case.folder()?, own_rules)?;
    let mut targets = targets(&Case::read(args.case.folder()?)?, &rules)?;
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

/// The findings nobody has rejected, as they may be shown: persons are masked.
fn targets(case: &Case, rules: &Rulebook) -> anyhow::Result<Vec<Target>> {
    let mut query = case.db.prepare("SELECT strength, sentence, quote, url, objections FROM evidence WHERE decision <> 'reject'")?;
    let mut rows = query.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let cell = |column: &str| row.get_ref(column).map(|value| shown::text(column, value, &rules.report.masks));
        let objections = cell("objections")?
            .split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .filter(|id| !id.is_empty())
            .map(str::to_string)
            .collect();
        let url = Some(cell("url")?).filter(|url| !url.is_empty());
        all.push(Target { strength: cell("strength")?, sentence: cell("sentence")?, quote: cell("quote")?, url, objections });
    }
    Ok(all)
}

/// The gravest objection first; among equals the finding with most of them.
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
