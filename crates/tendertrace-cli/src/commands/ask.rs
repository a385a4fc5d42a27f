//! `tendertrace ask QUESTION --case CASE`: one of the questions in `questions/`, answered over the
//! case's tables, with the funnel beside it. A researcher adds one by adding a file (`--questions DIR`).

use crate::store::Case;
use crate::store::questions::{self, Answer, Question};
use crate::{Outcome, context};
use anyhow::Context as _;
use rusqlite::types::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use tendertrace::report::{csv as sheets, say};
use tendertrace::rulebook::Rulebook;

#[derive(clap::Args)]
pub struct Args {
    /// The question's name; see --list.
    question: Option<String>,
    /// Whom it is about: short for --supplier.
    #[arg(value_name = "SELLER", conflicts_with = "supplier")]
    seller: Option<String>,
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
    /// Last day, YYYY-MM-DD; or the answer's form, csv, xlsx or json (may be given twice).
    #[arg(long, value_name = "DATE|csv|xlsx|json")]
    to: Vec<String>,
    /// Where to write; standard output without it.
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Part of a seller's name.
    #[arg(long)]
    supplier: Option<String>,
    /// Part of a buyer's name.
    #[arg(long)]
    buyer: Option<String>,
    /// A purpose, for example facial_recognition.
    #[arg(long)]
    purpose: Option<String>,
    /// A project's number, or part of its name.
    #[arg(long)]
    project: Option<String>,
    /// A word in titles, project names and item lines.
    #[arg(long)]
    term: Option<String>,
    /// Id of a finding, or its beginning.
    #[arg(long)]
    finding: Option<String>,
    /// One JSON object a row (as --to json).
    #[arg(long)]
    json: bool,
    /// Count confidential captures too. They may show who gave them to you.
    #[arg(long)]
    with_confidential: bool,
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let questions = questions::all(args.questions.as_deref())?;
    let mut out = open(args.out.as_deref())?;
    let Some(name) = &args.question else {
        for question in &questions {
            writeln!(out, "{:<10} {}", question.name, question.title)?;
        }
        return Ok(Outcome::Done);
    };
    let question = questions
        .iter()
        .find(|q| q.name == *name)
        .with_context(|| format!("no question {name}; tendertrace ask --list prints them all"))?;
    if args.list || args.explain {
        explain(question, &mut out)?;
        return Ok(Outcome::Done);
    }
    let rules = match &args.case {
        Some(case) => context::rulebook_of(case, own_rules)?,
        None => context::rulebook(own_rules)?,
    };
    answer(args, question, &questions, &rules, &mut out)
}

fn open(file: Option<&Path>) -> anyhow::Result<Box<dyn Write>> {
    Ok(match file {
        Some(path) => {
            Box::new(std::io::BufWriter::new(std::fs::File::create(path).with_context(|| format!("writing {}", path.display()))?))
        }
        None => Box::new(std::io::BufWriter::new(std::io::stdout().lock())),
    })
}

fn answer(args: &Args, question: &Question, all: &[Question], rules: &Rulebook, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let folder = args.case.as_deref().context("--case CASE: name the case folder to ask")?;
    let (case, hidden) = if args.with_confidential { (Case::read(folder)?, 0) } else { Case::read_open(folder)? };
    let given = given(args);
    let answer = questions::answer(question, &case.db, &given, usize::MAX, &rules.report.masks)?;
    let steps = questions::funnel(all, &case.db, &given, &rules.report.masks)?;
    let form = |name: &str| args.to.iter().any(|to| to == name);
    if form("xlsx") {
        context::not_to_a_terminal(args.out.as_deref())?;
        out.write_all(&questions::workbook(question, &answer, &given, &steps, rules)?)?;
    } else if args.json || form("json") {
        print_json(&answer, out)?;
        eprintln!("Out of: {}.", out_of(&steps));
    } else if form("csv") {
        print_csv(&answer, out)?;
        eprintln!("Out of: {}.", out_of(&steps));
    } else {
        print_table(question, &answer, out)?;
        writeln!(out, "Out of: {}.", out_of(&steps))?;
    }
    out.flush()?;
    if hidden > 0 {
        eprintln!("tendertrace: {hidden} confidential notices are not in this answer");
    }
    Ok(if answer.rows.is_empty() { Outcome::NothingFound } else { Outcome::Done })
}

/// Out of how much the answer was counted: without it an empty one says nothing.
fn out_of(steps: &[(String, i64)]) -> String {
    let steps: Vec<String> = steps.iter().map(|(step, n)| format!("{} {step}", say::count(*n as usize))).collect();
    steps.join(" → ")
}

fn explain(question: &Question, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{}\n\ntakes:", question.title)?;
    for (name, what) in questions::PARAMETERS.iter().filter(|(name, _)| question.parameters.iter().any(|p| p == name)) {
        let must = if question.needs.iter().any(|n| n == name) { " (must be given)" } else { "" };
        writeln!(out, "  --{:<11} {what}{must}", name.replace('_', "-"))?;
    }
    writeln!(out, "gives:\n  {}\nmind:\n  {}\n\n{}", question.columns.join(", "), question.caveats, question.sql)
}

/// What `--to` may name beside a day.
const FORMS: [&str; 3] = ["csv", "xlsx", "json"];

fn given(args: &Args) -> Vec<(&'static str, Option<&str>)> {
    vec![
        ("brand", args.brand.as_deref()),
        ("buyer_kind", args.buyer_kind.as_deref()),
        ("region", args.region.as_deref()),
        ("from", args.from.as_deref()),
        ("to", args.to.iter().map(String::as_str).find(|to| !FORMS.contains(to))),
        ("supplier", args.seller.as_deref().or(args.supplier.as_deref())),
        ("buyer", args.buyer.as_deref()),
        ("purpose", args.purpose.as_deref()),
        ("project", args.project.as_deref()),
        ("term", args.term.as_deref()),
        ("finding", args.finding.as_deref()),
    ]
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
fn print_table(question: &Question, answer: &Answer, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{}\n", question.title)?;
    for row in &answer.rows {
        let filled = answer.columns.iter().zip(row).filter(|(_, value)| !matches!(value, Value::Null));
        let words: Vec<String> = filled.map(|(column, value)| format!("{}: {}", column.replace('_', " "), text(value))).collect();
        writeln!(out, "  {}", words.join(" · "))?;
    }
    writeln!(out, "\n{} rows. {}", answer.rows.len(), question.caveats)
}

fn print_csv(answer: &Answer, out: &mut impl Write) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(&answer.columns)?;
    for row in &answer.rows {
        writer.write_record(row.iter().map(|value| sheets::harmless(&text(value))))?;
    }
    Ok(writer.flush()?)
}

fn print_json(answer: &Answer, out: &mut impl Write) -> anyhow::Result<()> {
    for row in &answer.rows {
        let object: serde_json::Map<String, serde_json::Value> = answer.columns.iter().cloned().zip(row.iter().map(json)).collect();
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
