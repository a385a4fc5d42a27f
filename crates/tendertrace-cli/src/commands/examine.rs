//! `tendertrace examine INPUT…`: what does each notice say? One JSON examination a line, in input
//! order, whatever the number of cores.

use crate::{Outcome, collect, context};
use rayon::prelude::*;
use std::io::Write as _;
use std::path::Path;
use tendertrace::model::{Budget, Capture, Examination};
use tendertrace::rulebook::Rulebook;
use tendertrace::wire;

#[derive(clap::Args)]
pub struct Args {
    /// Folders, files, globs; `-` is standard input.
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<String>,
}

/// Captures examined at once: enough to keep the cores busy, few enough to keep memory flat.
const BATCH: usize = 256;

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let rules = context::rulebook(own_rules)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut notices = 0;
    let skipped = each_examination(&args.inputs, &rules, |examination| {
        notices += usize::from(examination.notice.is_some());
        serde_json::to_writer(&mut out, &wire::examination(&examination, &rules.hashes))?;
        Ok(out.write_all(b"\n")?)
    })?;
    out.flush()?;
    Ok(match (skipped, notices) {
        (0, 0) => Outcome::NothingFound,
        (0, _) => Outcome::Done,
        _ => Outcome::Incomplete,
    })
}

/// Examines all inputs in order, batch by batch on all cores; returns how many were skipped, each
/// with its message on stderr.
pub fn each_examination(
    inputs: &[String],
    rules: &Rulebook,
    mut take: impl FnMut(Examination) -> anyhow::Result<()>,
) -> anyhow::Result<usize> {
    let mut captures = collect::captures(inputs);
    let mut skipped = 0;
    loop {
        let mut batch: Vec<Capture> = Vec::with_capacity(BATCH);
        for capture in captures.by_ref().take(BATCH) {
            match capture {
                Ok(capture) => batch.push(capture),
                Err(message) => {
                    eprintln!("tendertrace: {message}");
                    skipped += 1;
                }
            }
        }
        if batch.is_empty() && skipped_all(&mut captures, &mut batch, &mut skipped) {
            return Ok(skipped);
        }
        let budget = Budget::default();
        let examined: Vec<_> = batch.par_iter().map(|c| tendertrace::examine(c, rules, &budget)).collect();
        for examination in examined.into_iter().flatten() {
            take(examination)?;
        }
    }
}

/// A batch may be empty because all of it was skipped: look one further before ending.
fn skipped_all<E: std::fmt::Display>(
    captures: &mut impl Iterator<Item = Result<Capture, E>>,
    batch: &mut Vec<Capture>,
    skipped: &mut usize,
) -> bool {
    for capture in captures {
        match capture {
            Ok(capture) => {
                batch.push(capture);
                return false;
            }
            Err(message) => {
                eprintln!("tendertrace: {message}");
                *skipped += 1;
            }
        }
    }
    true
}
