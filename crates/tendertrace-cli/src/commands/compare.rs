//! `tendertrace compare A B` or `--file PAIRS.csv`: are two names one organisation? Same, possible
//! or different, with every feature that was weighed; one answer a row, in order.

use crate::{Outcome, context};
use anyhow::{Context as _, bail};
use std::io::Write;
use std::path::{Path, PathBuf};
use tendertrace::model::Judgement;
use tendertrace::resolve::names::{self, Compared};

#[derive(clap::Args)]
pub struct Args {
    /// The two names.
    #[arg(num_args = 2, value_names = ["A", "B"], conflicts_with = "file", required_unless_present = "file")]
    names: Vec<String>,
    /// A CSV with the columns name1 and name2; `-` is standard input.
    #[arg(long, value_name = "PAIRS.csv")]
    file: Option<PathBuf>,
    /// One JSON object a pair.
    #[arg(long)]
    json: bool,
}

#[derive(serde::Deserialize)]
struct Pair {
    name1: String,
    name2: String,
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let rules = context::rulebook(own_rules)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut outcome = Outcome::NothingFound;
    let mut answer = |pair: &Pair| -> anyhow::Result<()> {
        let compared = names::compared(&pair.name1, &pair.name2, &rules);
        if compared.comparison.judgement != Judgement::Different && outcome == Outcome::NothingFound {
            outcome = Outcome::Done;
        }
        if args.json {
            serde_json::to_writer(&mut out, &compared)?;
            Ok(writeln!(out)?)
        } else {
            Ok(print(&compared, &mut out)?)
        }
    };
    let mut skipped = 0;
    match (&args.file, args.names.as_slice()) {
        (Some(path), _) => {
            let mut reader = csv::Reader::from_reader(context::open(path)?);
            let headers = reader.headers().with_context(|| format!("reading {}", path.display()))?;
            if !["name1", "name2"].iter().all(|wanted| headers.iter().any(|h| h.trim_start_matches('\u{FEFF}') == *wanted)) {
                bail!("{}: the first line must name the columns name1 and name2", path.display());
            }
            for row in reader.deserialize() {
                match row {
                    Ok(pair) => answer(&pair)?,
                    Err(error) => {
                        eprintln!("tendertrace: {}: {error}", path.display());
                        skipped += 1;
                    }
                }
            }
        }
        (None, [a, b]) => answer(&Pair { name1: a.clone(), name2: b.clone() })?,
        (None, _) => bail!("name two names, or --file PAIRS.csv"),
    }
    out.flush()?;
    Ok(if skipped > 0 { Outcome::Incomplete } else { outcome })
}

fn print(compared: &Compared<'_>, out: &mut impl Write) -> std::io::Result<()> {
    let judgement =
        serde_json::to_value(compared.comparison.judgement).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default();
    writeln!(out, "{judgement:<10} {:.3}  {}  |  {}", compared.comparison.score, compared.name1, compared.name2)?;
    for why in &compared.comparison.why {
        writeln!(
            out,
            "    {:<28} {:>5.2} × {:<5.2} {} | {}",
            why.feature.replace('_', " "),
            why.score,
            why.weight,
            why.query,
            why.candidate
        )?;
    }
    Ok(())
}
