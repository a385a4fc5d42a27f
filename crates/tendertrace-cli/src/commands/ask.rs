//! `tendertrace ask QUESTION --case CASE`: one of the questions in `questions/`, answered over the
//! case's tables, with the funnel beside it. A researcher adds one by adding a file (`--questions DIR`).

use crate::store::questions::{self, Answer, Question};
use crate::store::{Case, meant, shown};
use crate::{Outcome, context};
use anyhow::{Context as _, bail};
use rusqlite::types::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use tendertrace::report::{self, csv as sheets, say};
use tendertrace::rulebook::Rulebook;

#[derive(clap::Args)]
pub struct Args {
    /// The question's name; see --list. The case folder may stand before it, and a seller after it, short for
    /// --supplier.
    #[arg(value_name = "CASE QUESTION SELLER", num_args = 0..=3)]
    words: Vec<String>,
    /// The case folder, where it is not named first.
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
    /// A brand, by its key or a name: oracle, 甲骨文.
    #[arg(long)]
    brand: Option<String>,
    /// Kind of buyer: public_security, or its English name, police.
    #[arg(long)]
    buyer_kind: Option<String>,
    /// Place: Xinjiang, 新疆, or the first digits of its GB/T 2260 code, 65.
    #[arg(long)]
    region: Option<String>,
    /// First day: 2019-10-09, 2019-10 or 2019.
    #[arg(long)]
    from: Option<String>,
    /// Last day, as above; or the answer's form, csv, xlsx or json (may be given twice).
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
    /// A purpose: facial_recognition, or its English name.
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
    let (folder, words) = context::case_and_words(args.case.as_deref(), &args.words);
    let (name, seller) = match words {
        [] => (None, None),
        [name] => (Some(name), None),
        [name, seller] if args.supplier.is_none() => (Some(name), Some(seller.as_str())),
        [first, ..] => bail!("{first} is no case folder, or the seller is named twice: tendertrace ask [CASE] QUESTION [SELLER]"),
    };
    let Some(name) = name else {
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
    let rules = match folder {
        Some(case) => context::rulebook_of(case, own_rules)?,
        None => context::rulebook(own_rules)?,
    };
    let folder = folder.context(context::NO_CASE)?;
    let mut given = given(args);
    given.iter_mut().filter(|(name, _)| *name == "supplier").for_each(|(_, value)| *value = seller.or(*value));
    answer(args, (folder, &given), question, &questions, &rules, &mut out)
}

fn open(file: Option<&Path>) -> anyhow::Result<Box<dyn Write>> {
    Ok(match file {
        Some(path) => {
            Box::new(std::io::BufWriter::new(std::fs::File::create(path).with_context(|| format!("writing {}", path.display()))?))
        }
        None => Box::new(std::io::BufWriter::new(std::io::stdout().lock())),
    })
}

fn answer(
    args: &Args,
    (folder, typed): (&Path, questions::Given),
    question: &Question,
    all: &[Question],
    rules: &Rulebook,
    out: &mut impl Write,
) -> anyhow::Result<Outcome> {
    let (case, hidden) = if args.with_confidential { (Case::read(folder)?, 0) } else { Case::read_open(folder)? };
    let values = meant::all(typed, rules).map_err(anyhow::Error::msg)?;
    let given = meant::borrowed(&values);
    let answer = questions::answer(question, &case.db, &given, &questions::ALL, &rules.report.masks)?;
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
        print_rows(question, &answer, rules, out)?;
        write!(out, "{}", report::wrapped(&format!("Out of: {}.", out_of(&steps)), context::width(), ""))?;
        if let Some(behind) =
            question.behind.as_ref().and_then(|name| all.iter().find(|q| q.name == *name)).filter(|_| !answer.rows.is_empty())
        {
            writeln!(
                out,
                "Each of them with its page: tendertrace ask {} {}--case {}",
                behind.name,
                same(&given, behind),
                folder.display()
            )?;
        }
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
        ("supplier", args.supplier.as_deref()),
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

/// What was asked, for another question, as it is typed.
fn same(given: &[(&str, Option<&str>)], question: &Question) -> String {
    let taken = given.iter().filter(|(name, _)| question.parameters.iter().any(|p| p == name));
    taken.filter_map(|(name, value)| Some(format!("--{} {} ", name.replace('_', "-"), typed((*value)?)))).collect()
}

/// As a shell takes it.
fn typed(value: &str) -> String {
    let is_plain = value.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
    if is_plain { value.to_string() } else { format!("'{}'", value.replace('\'', "'\\''")) }
}

/// Columns that say where a row can be checked; they stand on a line of their own.
const SOURCE: [&str; 4] = ["url", "archive_url", "sha256", "finding"];
/// A column that only the desk needs.
const OF_THE_DESK: &str = "notice";

/// A row is a paragraph: quotes are too long for columns.
fn print_rows(question: &Question, answer: &Answer, rules: &Rulebook, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{}\n", question.title)?;
    for (number, row) in answer.rows.iter().enumerate() {
        let cells = answer.columns.iter().zip(row).filter_map(|(column, value)| Some((column.as_str(), said(column, value, rules)?)));
        write!(out, "{:>3}  {}", number + 1, paragraph(&cells.collect::<Vec<_>>()).trim_start())?;
    }
    let rows = say::counted(answer.rows.len(), "row", "rows");
    let mind = format!("{rows}. Mind: {}", question.caveats.replace('`', ""));
    write!(out, "\n{}", report::wrapped(&mind, context::width(), ""))
}

/// What is said, the sentences that say it, where they can be checked.
fn paragraph(cells: &[(&str, String)]) -> String {
    let line = |wanted: &dyn Fn(&str) -> bool| {
        let chosen = cells.iter().filter(|(column, _)| wanted(column));
        let named: Vec<String> = chosen.map(|(column, text)| format!("{}: {text}", column.replace('_', " "))).collect();
        report::wrapped(&named.join(" · "), context::width(), "     ")
    };
    let facts = line(&|column| !SOURCE.contains(&column) && !is_quote(column) && column != OF_THE_DESK);
    let quotes = cells
        .iter()
        .filter(|(column, _)| is_quote(column))
        .map(|(_, text)| report::wrapped(&format!("“{text}”"), context::width(), "     "));
    let quotes: String = quotes.collect();
    let source = line(&|column| SOURCE.contains(&column));
    [facts, quotes, source].into_iter().filter(|part| !part.trim().is_empty()).collect()
}

fn is_quote(column: &str) -> bool {
    matches!(column, "quote" | "example_quote" | "translation")
}

/// A value as a person reads it; nothing where there is none.
fn said(column: &str, value: &Value, rules: &Rulebook) -> Option<String> {
    match value {
        Value::Null | Value::Blob(_) => None,
        Value::Integer(number) if column != "year" && *number >= 0 => Some(say::count(*number as usize)),
        Value::Real(number) => Some(say::thousands(&number.to_string())),
        Value::Text(_) if shown::is_party(column) => Some(with_english(text(value), rules)),
        Value::Text(_) => Some(shown::in_words(column, &text(value), rules)),
        other => Some(text(other)),
    }
}

fn with_english(name: String, rules: &Rulebook) -> String {
    match say::gloss(&name, rules) {
        Some(english) => format!("{name} ({english})"),
        None => name,
    }
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
