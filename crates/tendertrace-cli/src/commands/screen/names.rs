//! Which parties does a file ask for? CSV with a heading or without, or JSON lines; columns and keys are
//! known by `rulebook/names/columns.csv`. Row by row, so that a pipe is answered as it comes.

use crate::context;
use anyhow::Context as _;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use tendertrace::rulebook::Rulebook;
use tendertrace::screen::Asked;
use tendertrace::screen::asking::Columns;

/// Hears of the rows of a file.
pub trait Listener {
    fn ask(&mut self, asked: Asked) -> anyhow::Result<()>;
    /// Something could not be read; `told` names file and line.
    fn problem(&mut self, told: String);
    /// How the columns were understood.
    fn understood(&mut self, told: String);
}

/// Hands every party of the file on.
pub fn read(path: &Path, rules: &Rulebook, to: &mut impl Listener) -> anyhow::Result<()> {
    let mut input = BufReader::new(context::open(path)?);
    let first = input.fill_buf().with_context(|| format!("reading {}", path.display()))?;
    let first = first.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first);
    let json = first.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| *byte == b'{');
    if json { lines(path, input, rules, to) } else { table(path, input, rules, to) }
}

fn lines(path: &Path, input: impl BufRead, rules: &Rulebook, to: &mut impl Listener) -> anyhow::Result<()> {
    for (number, line) in input.lines().enumerate() {
        let line = line.with_context(|| format!("reading {}", path.display()))?;
        let line = line.trim_start_matches('\u{FEFF}');
        if line.trim().is_empty() {
            continue;
        }
        let place = format!("{}:{}", path.display(), number + 1);
        match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line) {
            Ok(object) => {
                let (keys, values): (Vec<&str>, Vec<String>) = object.iter().map(|(key, value)| (key.as_str(), text(value))).unzip();
                let (asked, unread) = Columns::of(&keys, rules).asked(|at| values[at].as_str());
                hand_on(asked, unread, &place, to)?;
            }
            Err(error) => to.problem(format!("{place}: {error}")),
        }
    }
    Ok(())
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_string)
}

fn hand_on(asked: Asked, unread: Option<String>, place: &str, to: &mut impl Listener) -> anyhow::Result<()> {
    if let Some(unread) = unread {
        to.problem(format!("{place}: {unread}: asked without a day"));
    }
    if asked.name.is_empty() {
        to.problem(format!("{place}: no name"));
        return Ok(());
    }
    to.ask(asked)
}

fn table(path: &Path, input: impl Read, rules: &Rulebook, to: &mut impl Listener) -> anyhow::Result<()> {
    let mut input = BufReader::new(input);
    let delimiter = delimiter(input.fill_buf().with_context(|| format!("reading {}", path.display()))?);
    let mut reader = csv::ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(input);
    let headers = reader.headers().with_context(|| format!("reading {}", path.display()))?.clone();
    let named: Vec<&str> = headers.iter().collect();
    let mut columns = Columns::of(&named, rules);
    if columns.names_somebody() {
        to.understood(understood(&columns, &named));
    } else {
        columns = Columns { name: Some(0), ..Columns::default() };
        // A file without a heading: its first line is a name too.
        if let Some(first) = headers.get(0).map(|h| h.trim_start_matches('\u{FEFF}').trim()).filter(|h| !h.is_empty()) {
            to.understood("no header is known: the first column is taken for names, from the first line on".to_string());
            to.ask(Asked { name: first.to_string(), ..Asked::default() })?;
        }
    }
    for row in reader.records() {
        match row {
            Ok(row) => {
                let place = format!("{}:{}", path.display(), row.position().map_or(0, csv::Position::line));
                if row.iter().any(|cell| !cell.trim().is_empty()) {
                    let (asked, unread) = columns.asked(|at| row.get(at).unwrap_or_default());
                    hand_on(asked, unread, &place, to)?;
                }
            }
            Err(error) => to.problem(format!("{}: {error}", path.display())),
        }
    }
    Ok(())
}

/// Names hold commas, so a file that parts its cells otherwise must be known by its first line.
fn delimiter(start: &[u8]) -> u8 {
    let first = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    [b'\t', b';'].into_iter().find(|d| first.contains(d)).unwrap_or(b',')
}

fn understood(columns: &Columns, headers: &[&str]) -> String {
    let fields = [
        ("name", columns.name),
        ("Chinese name", columns.chinese),
        ("English name", columns.english),
        ("credit code", columns.code),
        ("day", columns.date),
    ];
    let known =
        fields.into_iter().filter_map(|(field, at)| Some(format!("{field} = “{}”", headers[at?].trim_start_matches('\u{FEFF}').trim())));
    format!("columns: {}", known.collect::<Vec<_>>().join(", "))
}
