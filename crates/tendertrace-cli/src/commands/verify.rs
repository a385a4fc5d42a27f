//! `tendertrace verify CASE`: does every quote of every finding still stand in the original whose
//! hash it names?

use crate::store::{Case, verify};
use crate::{Outcome, context};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    /// The case folder.
    #[arg(value_name = "CASE", required_unless_present = "case_option")]
    pub case: Option<PathBuf>,
    /// The case folder, as other commands name it.
    #[arg(long = "case", value_name = "CASE", id = "case_option", conflicts_with = "case")]
    pub case_option: Option<PathBuf>,
    /// One JSON object instead of sentences.
    #[arg(long)]
    pub json: bool,
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let folder = args.case.as_deref().or(args.case_option.as_deref()).expect("clap requires one of them");
    let case = Case::read(folder)?;
    let rules = context::rulebook(own_rules)?;
    let total: i64 = case.db.query_row("SELECT count(*) FROM originals", [], |row| row.get(0))?;
    let bar = ProgressBar::new(total as u64)
        .with_style(ProgressStyle::with_template("{bar:30} {pos} of {len} originals · {per_sec} · {eta} left").expect("a fixed template"));
    let proof = verify::verify(&case, &rules, |proof| bar.set_position(proof.originals as u64))?;
    bar.finish_and_clear();
    if args.json {
        println!(
            "{}",
            serde_json::json!({"originals": proof.originals, "findings": proof.findings, "quotes": proof.quotes, "values": proof.values, "failures": proof.failures})
        );
    } else {
        tell(&proof);
    }
    Ok(if proof.failures.is_empty() { Outcome::Done } else { Outcome::Incomplete })
}

fn tell(proof: &verify::Proof) {
    proof.failures.iter().for_each(|failure| eprintln!("tendertrace: {failure}"));
    let verdict = match proof.failures.len() {
        0 => "everything stands".to_string(),
        failures => format!("{failures} things do not stand, see above"),
    };
    println!(
        "{} quotes of {} findings and {} values checked against {} originals: {verdict}.",
        proof.quotes, proof.findings, proof.values, proof.originals
    );
}
