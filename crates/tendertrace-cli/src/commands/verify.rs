//! `tendertrace verify CASE`: does every quote of every finding still stand in the original whose
//! hash it names?

use crate::store::{Case, verify};
use crate::{Outcome, context};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::Write as _;
use std::path::Path;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub case: context::CaseArg,
    /// One JSON object instead of sentences.
    #[arg(long)]
    pub json: bool,
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let case = Case::read(args.case.folder()?)?;
    let rules = context::rulebook_of(args.case.folder()?, own_rules)?;
    let total: i64 = case.db.query_row("SELECT count(*) FROM originals", [], |row| row.get(0))?;
    let bar = ProgressBar::new(total as u64)
        .with_style(ProgressStyle::with_template("{bar:30} {pos} of {len} originals · {per_sec} · {eta} left").expect("a fixed template"));
    let proof = verify::verify(&case, &rules, |proof| bar.set_position(proof.originals as u64))?;
    bar.finish_and_clear();
    if args.json {
        writeln!(
            std::io::stdout().lock(),
            "{}",
            serde_json::json!({"originals": proof.originals, "findings": proof.findings, "quotes": proof.quotes, "values": proof.values, "failures": proof.failures})
        )?;
    } else {
        tell(&proof)?;
    }
    Ok(if proof.failures.is_empty() { Outcome::Done } else { Outcome::Incomplete })
}

fn tell(proof: &verify::Proof) -> std::io::Result<()> {
    proof.failures.iter().for_each(|failure| eprintln!("tendertrace: {failure}"));
    let verdict = match proof.failures.len() {
        0 => "everything stands".to_string(),
        failures => format!("{failures} things do not stand, see above"),
    };
    writeln!(
        std::io::stdout().lock(),
        "{} quotes of {} findings and {} values checked against {} originals: {verdict}.",
        proof.quotes,
        proof.findings,
        proof.values,
        proof.originals
    )
}
