//! `tendertrace ask QUESTION --case CASE`: one of the questions in `questions/`, answered over the
//! case's tables. A question is an SQL file with a header: title, parameters, columns, caveats. A
//! researcher adds one by adding a file (`--questions DIR`).

use crate::Outcome;
use anyhow::{Context as _, bail};
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use std::io::Write;
use std::path::{Path, PathBuf};

include!(concat!(env!("OUT_DIR"), "/questions.rs"));

#[derive(clap::Args)]
pub struct Args {
    /// The question's name; see --list.
    question: Option<String>,
    /// The case folder.
    #[arg(long, value_name = "CASE")]
    case: Option<PathBuf>,
    /// List all questions.
    #[arg(long)]
    list: bool,
    /// Print what a question takes, gives and does not say, and its SQL.
    #[arg(long)]
    explain: bool,
    /// A folder of your own questions beside the built-in ones.
    #[arg(long, value_name = "DIR")]
    questions: Option<PathBuf>,
    /// Key of a brand, as in rulebook/brands/.
    #[arg(long)]
    brand: Option<String>,
    /// Kind of buyer, for example public_security.
    #[arg(long)]
    buyer_kind: Option<String>,
    /// GB/T 2260 code or its first digits: 65 is Xinjiang.
    #[arg(long)]
    region: Option<String>,
    /// First day, YYYY-MM-DD.
    #[arg(long)]
    from: Option<String>,
    /// Last day, YYYY-MM-DD; or the answer's form, csv or json (may be given twice).
    #[arg(long, value_name = "DATE|csv|json")]
    to: Vec<String>,
    /// Part of a seller's name.
    #[arg(long)]
    supplier: Option<String>,
    /// Part of a buyer's name.
    #[arg(long)]
    buyer: Option<String>,
    /// A purpose, for example facial_recognition.
    #[arg(long)]
    purpose: Option<String>,
    /// One JSON object a row (as --to json).
    #[arg(long)]
    json: bool,
}

/// A question as its file states it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Question {
    name: String,
    title: String,
    parameters: Vec<String>,
    caveats: String,
    sql: String,
}

pub fn run(args: &Args) -> anyhow::Result<Outcome> {
    let questions = questions(args.questions.as_deref())?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let Some(name) = &args.question else {
        for question in &questions {
            writeln!(out, "{:<10} {}", question.name, question.title)?;
        }
        return Ok(Outcome::Done);
    };
    let question = questions.iter().find(|q| q.name == *name).with_context(|| format!("no question {name}; tendertrace ask --list prints them all"))?;
    if args.list || args.explain {
        writeln!(out, "{}\ntakes: {}\n{}\n\n{}", question.title, question.parameters.join(", "), question.caveats, question.sql.trim_end())?;
        return Ok(Outcome::Done);
    }
    let case = args.case.as_deref().context("--case CASE: name the case folder to ask")?;
    let (columns, rows) = answer(question, case, &given(args))?;
    if args.json || args.to.iter().any(|to| to == "json") {
        print_json(&columns, &rows, &mut out)?;
    } else if args.to.iter().any(|to| to == "csv") {
        print_csv(&columns, &rows, &mut out)?;
    } else {
        print_table(question, &columns, &rows, &mut out)?;
    }
    Ok(if rows.is_empty() { Outcome::NothingFound } else { Outcome::Done })
}

/// What `--to` may name beside a day.
const FORMS: [&str; 2] = ["csv", "json"];

fn given(args: &Args) -> Vec<(&'static str, Option<&str>)> {
    vec![
        ("brand", args.brand.as_deref()),
        ("buyer_kind", args.buyer_kind.as_deref()),
        ("region", args.region.as_deref()),
        ("from", args.from.as_deref()),
        ("to", args.to.iter().map(String::as_str).find(|to| !FORMS.contains(to))),
        ("supplier", args.supplier.as_deref()),
        ("buyer", args.buyer.as_deref()),
        ("purpose", args.purpose.as_deref()),
    ]
}

fn questions(own: Option<&Path>) -> anyhow::Result<Vec<Question>> {
    let mut all = Vec::new();
    for (name, text) in QUESTIONS {
        all.push(parse(name, text)?);
    }
    if let Some(dir) = own {
        let entries = std::fs::read_dir(dir).with_context(|| format!("reading the questions in {}", dir.display()))?;
        for path in entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "sql")) {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            all.retain(|q| q.name != name);
            all.push(parse(&name, &text)?);
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

fn parse(name: &str, text: &str) -> anyhow::Result<Question> {
    let field = |field: &str| -> anyhow::Result<String> {
        let prefix = format!("-- {field}:");
        let line = text.lines().find_map(|line| line.strip_prefix(&prefix));
        Ok(line.with_context(|| format!("questions/{name}.sql: the header needs a line \"{prefix} …\""))?.trim().to_string())
    };
    let list = |text: String| text.split(',').map(|word| word.trim().to_string()).filter(|word| !word.is_empty()).collect();
    let sql = text.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n");
    field("columns")?;
    Ok(Question { name: name.to_string(), title: field("title")?, parameters: list(field("parameters")?), caveats: field("caveats")?, sql })
}

type Rows = Vec<Vec<Value>>;

fn answer(question: &Question, case: &Path, given: &[(&str, Option<&str>)]) -> anyhow::Result<(Vec<String>, Rows)> {
    if let Some((name, _)) = given.iter().find(|(name, value)| value.is_some() && !question.parameters.iter().any(|p| p == name)) {
        bail!("the question {} takes no --{}; it takes: {}", question.name, name.replace('_', "-"), question.parameters.join(", "));
    }
    let path = case.join("case.db");
    let database = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).with_context(|| format!("{} is no case: opening {}", case.display(), path.display()))?;
    let mut statement = database.prepare(&question.sql).with_context(|| format!("questions/{}.sql", question.name))?;
    for (name, value) in given {
        if let Some(index) = statement.parameter_index(&format!(":{name}"))? {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    let columns: Vec<String> = statement.column_names().map(str::to_string).collect();
    let mut found = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        found.push((0..columns.len()).map(|i| row.get(i)).collect::<Result<Vec<Value>, _>>()?);
    }
    Ok((columns, found))
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Value::Blob(_) => "(bytes)".to_string(),
    }
}

/// A row is a paragraph: quotes are too long for columns.
fn print_table(question: &Question, columns: &[String], rows: &[Vec<Value>], out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{}\n", question.title)?;
    for row in rows {
        let filled = columns.iter().zip(row).filter(|(_, value)| !matches!(value, Value::Null));
        let words: Vec<String> = filled.map(|(column, value)| format!("{}: {}", column.replace('_', " "), text(value))).collect();
        writeln!(out, "  {}", words.join(" · "))?;
    }
    writeln!(out, "\n{} rows. {}", rows.len(), question.caveats)
}

fn print_csv(columns: &[String], rows: &[Vec<Value>], out: &mut impl Write) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(columns)?;
    for row in rows {
        writer.write_record(row.iter().map(|value| safe(text(value))))?;
    }
    Ok(writer.flush()?)
}

/// A cell that a spreadsheet would run is text all the same.
fn safe(cell: String) -> String {
    if cell.starts_with(['=', '+', '@', '\t']) || (cell.starts_with('-') && cell.parse::<f64>().is_err()) { format!("'{cell}") } else { cell }
}

fn print_json(columns: &[String], rows: &[Vec<Value>], out: &mut impl Write) -> anyhow::Result<()> {
    for row in rows {
        let object: serde_json::Map<String, serde_json::Value> = columns.iter().cloned().zip(row.iter().map(json)).collect();
        writeln!(out, "{}", serde_json::to_string(&object)?)?;
    }
    Ok(())
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null | Value::Blob(_) => serde_json::Value::Null,
        Value::Integer(number) => (*number).into(),
        Value::Real(number) => (*number).into(),
        Value::Text(text) => text.clone().into(),
    }
}
