//! `tendertrace screen NAME…` or `--file NAMES`: is a list likely to mean this name? Clear,
//! possible, same, or not screenable where a name tells too little; always with list versions.
//! Names of a pipe are answered one by one as they come; those of a file in batches, on all cores,
//! in their order.

use crate::{Outcome, context};
use anyhow::Context as _;
use rayon::prelude::*;
use sha2::Digest as _;
use std::io::{BufRead, BufReader, LineWriter, Read, Write};
use std::path::{Path, PathBuf};
use tendertrace::rulebook::Rulebook;
use tendertrace::rulebook::lists::{List, ListSource};
use tendertrace::screen::{self, Against, Screening, ScreeningResult, import};

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
    /// Other lists to ask as well: FollowTheMoney JSON lines, the Consolidated Screening List, or a
    /// CSV that a mapping in the rulebook's `imports/` knows.
    #[arg(long, value_name = "LIST")]
    against: Vec<PathBuf>,
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
    let mut rules = context::rulebook(own_rules)?;
    for path in &args.against {
        let list = other_list(path, &rules)?;
        rules.lists.lists.push(list);
    }
    let against = screen::against(args.date.as_deref(), &rules);
    let mut desk = Desk {
        args,
        rules: &rules,
        against: &against,
        out: LineWriter::new(std::io::stdout().lock()),
        waiting: Vec::new(),
        batch: 1,
        found: 0,
        skipped: 0,
    };
    args.names.iter().try_for_each(|name| desk.take(Asked::by_name(name)))?;
    if let Some(path) = &args.file {
        desk.answer_file(path)?;
    }
    desk.close()
}

/// Somebody else's list as it lies on the disk.
pub fn other_list(path: &Path, rules: &Rulebook) -> anyhow::Result<List> {
    let mut bytes = Vec::new();
    context::open(path)?.read_to_end(&mut bytes).with_context(|| format!("reading {}", path.display()))?;
    let imported = import::read(&String::from_utf8_lossy(&bytes), rules).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
    for problem in &imported.problems {
        eprintln!("tendertrace: {}: {problem}", path.display());
    }
    let id = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let sha256 = sha2::Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let source = ListSource { title: id.clone(), id, entries: imported.entries.len(), sha256, ..ListSource::foreign(&imported.by) };
    Ok(List { source, entries: imported.entries })
}

/// Names of a file that are answered together.
const FILE_BATCH: usize = 512;

/// Answers names in the order they come.
struct Desk<'a, W: Write> {
    args: &'a Args,
    rules: &'a Rulebook,
    against: &'a Against,
    out: W,
    waiting: Vec<Asked>,
    /// How many names are answered together.
    batch: usize,
    found: usize,
    skipped: usize,
}

impl<W: Write> Desk<'_, W> {
    fn take(&mut self, asked: Asked) -> anyhow::Result<()> {
        self.waiting.push(asked);
        if self.waiting.len() >= self.batch { self.answer_waiting() } else { Ok(()) }
    }

    fn answer_waiting(&mut self) -> anyhow::Result<()> {
        let (date, against, rules) = (self.args.date.as_deref(), self.against, self.rules);
        let waiting = std::mem::take(&mut self.waiting);
        let answers: Vec<Screening> =
            waiting.par_iter().map(|asked| screen::screen_party(&asked.name, &asked.code, date, against, rules)).collect();
        answers.into_iter().try_for_each(|screening| self.tell(screening))
    }

    fn tell(&mut self, screening: Screening) -> anyhow::Result<()> {
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
        self.batch = if path == Path::new("-") { 1 } else { FILE_BATCH };
        let mut input = BufReader::new(context::open(path)?);
        let first = input.fill_buf().with_context(|| format!("reading {}", path.display()))?;
        let json = first.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| *byte == b'{');
        if json {
            self.answer_json(path, input)?
        } else {
            self.answer_csv(path, input)?
        }
        self.answer_waiting()
    }

    fn answer_json(&mut self, path: &Path, input: impl BufRead) -> anyhow::Result<()> {
        for (number, line) in input.lines().enumerate() {
            let line = line.with_context(|| format!("reading {}", path.display()))?;
            if line.trim().is_empty() {
                continue;
            }
            match serde_json::from_str::<Asked>(&line) {
                Ok(asked) => self.take(asked)?,
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
        if name.is_none()
            && let Some(first) = headers.get(0).filter(|h| !h.is_empty())
        {
            // A file without a heading: its first line is a name too.
            self.take(Asked::by_name(first.trim_start_matches('\u{FEFF}')))?;
        }
        for row in reader.records() {
            match row {
                Ok(row) => {
                    let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or_default().trim().to_string();
                    self.take(Asked { name: cell(name.or(Some(0))), code: cell(code) })?;
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
        writeln!(
            out,
            "    {:<9} {:.3}  {}  {} (listed {from}, in force: {})",
            word(found.judgement),
            found.score,
            found.source,
            found.name,
            word(found.in_force)
        )?;
    }
    Ok(())
}

/// The published word of an enumeration, so that people and programs read the same.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(|s| s.replace('_', " "))).unwrap_or_default()
}
