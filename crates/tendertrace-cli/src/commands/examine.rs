//! `tendertrace examine INPUT…`: what does each notice say? One JSON examination a line, in input
//! order, whatever the number of cores.

use crate::{Outcome, collect, context};
use anyhow::Context as _;
use rayon::prelude::*;
use std::io::Write as _;
use std::path::Path;
use tendertrace::model::{Budget, Capture, Examination};
use tendertrace::report::ocds::{self, Publisher};
use tendertrace::rulebook::Rulebook;
use tendertrace::wire;

#[derive(clap::Args)]
pub struct Args {
    /// Folders, files, globs; `-` is standard input.
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<String>,
    /// JSON lines of the contract, or one OCDS release package.
    #[arg(long, value_enum, default_value_t = Form::Jsonl)]
    to: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    Jsonl,
    Ocds,
}

/// Captures examined at once: enough to keep the cores busy, few enough to keep memory flat.
const BATCH: usize = 256;

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let rules = context::rulebook(own_rules)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut notices = 0;
    let mut releases = Releases::new();
    let skipped = each_examination(&args.inputs, &rules, |examination| {
        notices += usize::from(examination.notice.is_some());
        match args.to {
            Form::Jsonl => write_line(&mut out, &wire::examination(&examination, &rules.hashes))?,
            Form::Ocds => releases.write(&mut out, &examination, &rules)?,
        }
        Ok(())
    })?;
    if args.to == Form::Ocds {
        releases.end(&mut out)?;
    }
    out.flush()?;
    Ok(match (skipped, notices) {
        (0, 0) => Outcome::NothingFound,
        (0, _) => Outcome::Done,
        _ => Outcome::Incomplete,
    })
}

fn write_line(out: &mut impl std::io::Write, value: &serde_json::Value) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    Ok(out.write_all(b"\n")?)
}

/// A release package written release by release, so that memory stays flat.
struct Releases {
    publisher: Publisher,
    written: usize,
}

impl Releases {
    fn new() -> Releases {
        let published = jiff::Timestamp::now().to_string();
        let publisher = Publisher { name: "tendertrace".into(), uri: "urn:tendertrace:examine".into(), published, prefix: ocds::PREFIX.into() };
        Releases { publisher, written: 0 }
    }

    /// Head and tail of the package around its empty list of releases, which comes last.
    fn frame(&self) -> anyhow::Result<(String, String)> {
        let package = serde_json::to_string(&ocds::package(Vec::new(), &self.publisher))?;
        let (head, tail) = package.rsplit_once(']').context("a package ends with its releases")?;
        Ok((head.to_string(), format!("]{tail}\n")))
    }

    fn write(&mut self, out: &mut impl std::io::Write, examination: &Examination, rules: &Rulebook) -> anyhow::Result<()> {
        let Some(release) = ocds::release(examination, None, &self.publisher, rules) else { return Ok(()) };
        out.write_all(if self.written == 0 { self.frame()?.0 } else { ",".to_string() }.as_bytes())?;
        self.written += 1;
        Ok(serde_json::to_writer(&mut *out, &release)?)
    }

    fn end(&self, out: &mut impl std::io::Write) -> anyhow::Result<()> {
        let (head, tail) = self.frame()?;
        if self.written == 0 {
            out.write_all(head.as_bytes())?;
        }
        Ok(out.write_all(tail.as_bytes())?)
    }
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
