//! `tendertrace export CASE --to csv|jsonl`: what was found, in forms other programs read.
//!
//! CSV is for people: contacts are masked, cells cannot be taken for formulas. JSON lines are the
//! contract's examinations as they are, and say so. Confidential captures are in neither by default.

use crate::Outcome;
use crate::store::{Case, decisions, record};
use anyhow::Context as _;
use rusqlite::types::ValueRef;
use serde_json::Value;
use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// The case folder.
    #[arg(value_name = "CASE", required_unless_present = "case_option")]
    pub case: Option<PathBuf>,
    /// The case folder, as other commands name it.
    #[arg(long = "case", value_name = "CASE", id = "case_option", conflicts_with = "case")]
    pub case_option: Option<PathBuf>,
    #[arg(long, value_enum)]
    pub to: Format,
    /// Which rows (CSV).
    #[arg(long, value_enum, default_value = "findings")]
    pub rows: Rows,
    /// Where to write; standard output without it.
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Take confidential captures too. They may show who gave them to you.
    #[arg(long)]
    pub with_confidential: bool,
    /// CSV with the mark by which Excel knows it is UTF-8.
    #[arg(long)]
    pub excel: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Rows for people and spreadsheets; contacts masked.
    Csv,
    /// The contract's examinations, one a line, raw, each finding with its decision.
    Jsonl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Rows {
    /// One row a finding, with its quote, address, hash and decision.
    Findings,
    /// One row a winner: who sold to whom, for how much.
    Winners,
    /// One row a line of goods or services.
    Purchases,
    /// One row a party that a list may name.
    Leads,
}

pub fn run(args: &Args) -> anyhow::Result<Outcome> {
    let case = Case::read(args.case.as_deref().or(args.case_option.as_deref()).expect("clap requires one of them"))?;
    let mut out = open(args)?;
    let kept_back = match args.to {
        Format::Csv => csv(&case, args, &mut out)?,
        Format::Jsonl => jsonl(&case, args, &mut out)?,
    };
    out.flush()?;
    if kept_back > 0 {
        eprintln!("tendertrace: {kept_back} confidential notices are not in this export");
    }
    Ok(Outcome::Done)
}

fn open(args: &Args) -> anyhow::Result<Box<dyn Write>> {
    Ok(match &args.out {
        Some(path) => Box::new(std::io::BufWriter::new(std::fs::File::create(path).with_context(|| format!("writing {}", path.display()))?)),
        None => Box::new(std::io::BufWriter::new(std::io::stdout().lock())),
    })
}

fn csv(case: &Case, args: &Args, out: &mut dyn Write) -> anyhow::Result<i64> {
    if args.excel {
        out.write_all(b"\xEF\xBB\xBF")?;
    }
    let wanted = if args.with_confidential { "1" } else { "access <> 'confidential'" };
    let mut query = case.db.prepare(&format!("SELECT * FROM {} WHERE {wanted}", view(args.rows)))?;
    let names: Vec<String> = query.column_names().into_iter().map(str::to_string).collect();
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(&names)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        for (column, name) in names.iter().enumerate() {
            writer.write_field(cell(name, row.get_ref(column)?))?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()?;
    kept_back(case, args)
}

fn view(rows: Rows) -> &'static str {
    match rows {
        Rows::Findings => "evidence",
        Rows::Winners => "winners",
        Rows::Purchases => "purchases",
        Rows::Leads => "list_leads",
    }
}

fn cell(_column: &str, value: ValueRef) -> String {
    match value {
        ValueRef::Null | ValueRef::Blob(_) => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => harmless(&String::from_utf8_lossy(text)),
    }
}

/// A spreadsheet takes a cell that begins like this for a formula and runs it.
fn harmless(text: &str) -> String {
    match text.trim_start_matches([' ', '\u{3000}']).chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => format!("'{text}"),
        _ => text.to_string(),
    }
}

fn jsonl(case: &Case, args: &Args, out: &mut dyn Write) -> anyhow::Result<i64> {
    let verdicts: HashMap<String, String> = decisions::standing(&case.db)?.into_iter().collect();
    let wanted = if args.with_confidential { "1" } else { "t.access <> 'confidential'" };
    record::each_contract(&case.db, wanted, |_, mut examination| {
        for finding in examination["findings"].as_array_mut().into_iter().flatten() {
            let verdict = finding["id"].as_str().and_then(|id| verdicts.get(id));
            finding["decision"] = verdict.map_or(Value::Null, |verdict| Value::from(verdict.as_str()));
        }
        serde_json::to_writer(&mut *out, &examination)?;
        Ok(out.write_all(b"\n")?)
    })?;
    eprintln!("tendertrace: these lines are raw: names and telephone numbers in them are not masked");
    kept_back(case, args)
}

fn kept_back(case: &Case, args: &Args) -> anyhow::Result<i64> {
    match args.with_confidential {
        true => Ok(0),
        false => Ok(case.db.query_row("SELECT count(*) FROM notices WHERE access = 'confidential'", [], |row| row.get(0))?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (text, expected) in [("=1+1", "'=1+1"), ("+86 1", "'+86 1"), (" @SUM(A1)", "' @SUM(A1)"), ("＝1", "'＝1"), ("示例", "示例"), ("", "")] {
            assert_eq!(harmless(text), expected);
        }
    }
}
