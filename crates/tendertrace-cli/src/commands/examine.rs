//! `tendertrace examine INPUT…`: what does each notice say? One JSON examination a line, in input
//! order, whatever the number of cores.

use crate::collect::{self, Taken};
use crate::{Outcome, context};
use anyhow::Context as _;
use rayon::prelude::*;
use std::io::Write as _;
use std::path::Path;
use std::sync::mpsc::sync_channel;
use tendertrace::model::Examination;
use tendertrace::report::bodies::Bodies;
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

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let rules = context::rulebook(own_rules)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut notices = 0;
    let publisher = publisher();
    let mut releases = Releases { publisher: &publisher, written: 0 };
    let work =
        |examination: Examination| written(&examination, args.to, &publisher, &rules).map(|text| (examination.notice.is_some(), text));
    let skipped = each_examination(&args.inputs, &rules, work, |(is_notice, text)| {
        notices += usize::from(is_notice);
        match (args.to, text) {
            (_, None) => Ok(()),
            (Form::Jsonl, Some(text)) => Ok(out.write_all(&text)?),
            (Form::Ocds, Some(text)) => releases.write(&mut out, &text),
        }
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

/// An examination as it goes out; none where it has no release.
fn written(examination: &Examination, form: Form, publisher: &Publisher, rules: &Rulebook) -> anyhow::Result<Option<Vec<u8>>> {
    let value = match form {
        Form::Jsonl => Some(wire::examination(examination, &rules.hashes)),
        Form::Ocds => ocds::release(examination, None, &Bodies::default(), publisher, rules),
    };
    let Some(value) = value else { return Ok(None) };
    let mut text = serde_json::to_vec(&value)?;
    if form == Form::Jsonl {
        text.push(b'\n');
    }
    Ok(Some(text))
}

fn publisher() -> Publisher {
    let published = jiff::Timestamp::now().to_string();
    Publisher { name: "tendertrace".into(), uri: "urn:tendertrace:examine".into(), published, prefix: ocds::PREFIX.into() }
}

/// A release package written release by release, so that memory stays flat.
struct Releases<'a> {
    publisher: &'a Publisher,
    written: usize,
}

impl Releases<'_> {
    /// Head and tail of the package around its empty list of releases, which comes last.
    fn frame(&self) -> anyhow::Result<(String, String)> {
        let package = serde_json::to_string(&ocds::package(Vec::new(), self.publisher))?;
        let (head, tail) = package.rsplit_once(']').context("a package ends with its releases")?;
        Ok((head.to_string(), format!("]{tail}\n")))
    }

    fn write(&mut self, out: &mut impl std::io::Write, release: &[u8]) -> anyhow::Result<()> {
        out.write_all(if self.written == 0 { self.frame()?.0 } else { ",".to_string() }.as_bytes())?;
        self.written += 1;
        Ok(out.write_all(release)?)
    }

    fn end(&self, out: &mut impl std::io::Write) -> anyhow::Result<()> {
        let (head, tail) = self.frame()?;
        if self.written == 0 {
            out.write_all(head.as_bytes())?;
        }
        Ok(out.write_all(tail.as_bytes())?)
    }
}

/// Examines all inputs on all cores: `work` runs beside the examination, `take` receives what it
/// made one after the other, in input order. The next batch is read meanwhile. Returns how many
/// inputs were skipped, each with its message on stderr.
pub fn each_examination<T: Send>(
    inputs: &[String],
    rules: &Rulebook,
    work: impl Fn(Examination) -> anyhow::Result<T> + Sync,
    mut take: impl FnMut(T) -> anyhow::Result<()>,
) -> anyhow::Result<usize> {
    let budget = crate::fence::budget();
    let one = |taken: &Taken| -> Result<anyhow::Result<Vec<T>>, String> {
        let capture = taken.as_ref().map_err(String::clone)?;
        Ok(tendertrace::examine(capture, rules, &budget).into_iter().map(&work).collect())
    };
    let (to_examine, batches) = sync_channel::<Vec<Taken>>(1);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            collect::batches(collect::transcribed(collect::joined(inputs, rules), |_| false)).try_for_each(|batch| to_examine.send(batch))
        });
        let mut skipped = 0;
        for batch in batches {
            let examined: Vec<_> = batch.par_iter().map(one).collect();
            for examined in examined {
                match examined {
                    Ok(examined) => examined?.into_iter().try_for_each(&mut take)?,
                    Err(message) => {
                        eprintln!("tendertrace: {message}");
                        skipped += 1;
                    }
                }
            }
        }
        Ok(skipped)
    })
}
