//! `tendertrace screen NAME…` or `--file NAMES`: is a list likely to mean this name? Clear,
//! possible, same, or not screenable where a name tells too little; always with list versions.
//! Names are answered one by one as they are read, so that a pipe streams.

use crate::{Outcome, context};
use anyhow::Context as _;
use std::io::{BufRead, BufReader, LineWriter, Read, Write};
use std::path::{Path, PathBuf};
use tendertrace::rulebook::Rulebook;
use tendertrace::screen::{self, Against, Screening, ScreeningResult};

#[derive(clap::Args)]
pub struct Args {
    /// Names of companies or bodies.
    #[arg(required_unless_present = "file", value_name = "NAME")]
    names: Vec<String>,
    /// A CSV with a column `name` (without one the first column is taken), or JSON lines with the
    /// key `name`; a column or key `code` is the unified social credit code; `-` is standard input.
    #[arg(long, value_name = "NAMES")]
    file: Option<PathBuf>,
    /// Whether a listing was in force is told for this day (YYYY-MM-DD).
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// One JSON object a name.
    #[arg(long)]
    json: bool,
}

/// What is asked for one party.
#[derive(Default, serde::Deserialize)]
struct Asked {
    name: String,
    #[serde(default)]
    code: String,
}

impl Asked {
    fn by_name(name: &str) -> Asked {
        Asked { name: name.to_string(), code: String::new() }
    }
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    if let Some(date) = &args.date {
        date.parse::<jiff::civil::Date>().with_context(|| format!("--date {date}: give a day as YYYY-MM-DD"))?;
    }
    let rules = context::rulebook(own_rules)?;
    let against = screen::against(args.date.as_deref(), &rules);
    let mut desk = Desk { args, rules: &rules, against: &against, out: LineWriter::new(std::io::stdout().lock()), found: 0, skipped: 0 };
    args.names.iter().try_for_each(|name| desk.answer(&Asked::by_name(name)))?;
    if let Some(path) = &args.file {
        desk.answer_file(path)?;
    }
    desk.close()
}

/// Answers names in the order they come.
struct Desk<'a, W: Write> {
    args: &'a Args,
    rules: &'a Rulebook,
    against: &'a Against,
    out: W,
    found: usize,
    skipped: usize,
}

impl<W: Write> Desk<'_, W> {
    fn answer(&mut self, asked: &Asked) -> anyhow::Result<()> {
        let screening = screen::screen_party(&asked.name, &asked.code, self.args.date.as_deref(), self.against, self.rules);
        if matches!(screening.result, ScreeningResult::Possible | ScreeningResult::Same) {
            self.found += 1;
        }
        if self.args.json {
            serde_json::to_writer(&mut self.out, &screening)?;
            Ok(writeln!(self.out)?)
        } else {
            Ok(print(&screening, &mut self.out)?)
        }
    }

    fn answer_file(&mut self, path: &Path) -> anyhow::Result<()> {
        let mut input = BufReader::new(context::open(path)?);
        let first = input.fill_buf().with_context(|| format!("reading {}", path.display()))?;
        let json = first.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| *byte == b'{');
        if json { self.answer_json(path, input) } else { self.answer_csv(path, input) }
    }

    fn answer_json(&mut self, path: &Path, input: impl BufRead) -> anyhow::Result<()> {
        for (number, line) in input.lines().enumerate() {
            let line = line.with_context(|| format!("reading {}", path.display()))?;
            if line.trim().is_empty() {
                continue;
            }
            match serde_json::from_str::<Asked>(&line) {
                Ok(asked) => self.answer(&asked)?,
                Err(error) => self.skip(path, format!("line {}: {error}", number + 1)),
            }
        }
        Ok(())
    }

    fn answer_csv(&mut self, path: &Path, input: impl Read) -> anyhow::Result<()> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
        let headers = reader.headers().with_context(|| format!("reading {}", path.display()))?.clone();
        let place = |wanted: &str| headers.iter().position(|h| h.trim_start_matches('\u{FEFF}').trim().eq_ignore_ascii_case(wanted));
        let (name, code) = (place("name"), place("code"));
        if name.is_none() && let Some(first) = headers.get(0).filter(|h| !h.is_empty()) {
            // A file without a heading: its first line is a name too.
            self.answer(&Asked::by_name(first.trim_start_matches('\u{FEFF}')))?;
        }
        for row in reader.records() {
            match row {
                Ok(row) => {
                    let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or_default().trim().to_string();
                    self.answer(&Asked { name: cell(name.or(Some(0))), code: cell(code) })?;
                }
                Err(error) => self.skip(path, error.to_string()),
            }
        }
        Ok(())
    }

    fn skip(&mut self, path: &Path, error: String) {
        eprintln!("tendertrace: {}: {error}", path.display());
        self.skipped += 1;
    }

    fn close(mut self) -> anyhow::Result<Outcome> {
        if !self.args.json {
            let lists = self.against.lists.iter().map(|l| format!("{} ({})", l.id, l.version)).collect::<Vec<_>>().join(", ");
            writeln!(self.out, "asked against {lists}; a lead is no verdict, and clear means: not in these lists")?;
        }
        self.out.flush()?;
        Ok(match (self.skipped, self.found) {
            (0, 0) => Outcome::NothingFound,
            (0, _) => Outcome::Done,
            _ => Outcome::Incomplete,
        })
    }
}

fn print(screening: &Screening, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{:<14} {}", word(screening.result), screening.query)?;
    if let Some(needs) = &screening.needs {
        writeln!(out, "    needs {needs}")?;
    }
    for found in &screening.matches {
        let from = found.listed_from.as_deref().unwrap_or("date unknown");
        writeln!(out, "    {:<9} {:.3}  {}  {} (listed {from}, in force: {})", word(found.judgement), found.score, found.source, found.name, word(found.in_force))?;
    }
    Ok(())
}

/// The published word of an enumeration, so that people and programs read the same.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(|s| s.replace('_', " "))).unwrap_or_default()
}
