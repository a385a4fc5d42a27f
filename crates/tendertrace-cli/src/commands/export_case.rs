//! `tendertrace export CASE --to csv|xlsx|parquet|jsonl|ocds|ftm|graphml|geojson`: what was found, in forms other programs read.
//!
//! All but JSON lines are for people: contacts are withheld. JSON lines are the contract's examinations as
//! they are, and say so. Confidential captures are in none of them by default.

mod xlsx;

use crate::store::summary::{self, Confidential};
use crate::store::{Case, archive, clock, decisions, entities as who, record, sellers, shown, translations};
use crate::{Outcome, context};
use anyhow::{Context as _, bail};
use rayon::prelude::*;
use serde_json::Value;
use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use tendertrace::assemble::chains::{self, Held};
use tendertrace::model::{Access, Examination};
use tendertrace::report::bodies::{Bodies, Body};
use tendertrace::report::csv as sheets;
use tendertrace::report::ftm::links::{Standing, links};
use tendertrace::report::ocds::{self, Publisher};
use tendertrace::report::{ftm, geojson, graphml};
use tendertrace::rulebook::Rulebook;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub case: context::CaseArg,
    #[arg(long, value_enum)]
    pub to: Format,
    /// Which rows (CSV, Parquet).
    #[arg(long, value_enum, default_value = "findings")]
    pub rows: Rows,
    /// Where to write; standard output without it. CSV files begin with the mark by which
    /// spreadsheets know Chinese text.
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Take confidential captures too. They may show who gave them to you.
    #[arg(long)]
    pub with_confidential: bool,
    /// Registered prefix of ocids (OCDS).
    #[arg(long, default_value = ocds::PREFIX)]
    pub prefix: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Rows for people and spreadsheets; contacts withheld.
    Csv,
    /// The same rows as typed columns for DuckDB, pandas and Polars, in a program built with
    /// `--features parquet`; contacts withheld.
    Parquet,
    /// All of it as one workbook with filters and links; contacts withheld.
    Xlsx,
    /// The contract's examinations, one a line, raw, each finding with its decision.
    Jsonl,
    /// A package of OCDS 1.1 releases; contacts withheld.
    Ocds,
    /// FollowTheMoney entities, one a line, to be merged by id; contacts withheld.
    Ftm,
    /// The same entities as one graph, bodies and processes joined by awards; contacts withheld.
    Graphml,
    /// Processes, awards and findings by province of the buyer, with the provinces' outlines.
    Geojson,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Rows {
    /// A finding, with its quote, address, hash and decision.
    Findings,
    /// A notice, copies counted with it.
    Notices,
    /// A field that one stage of a process gives differently from an earlier one.
    Changes,
    /// A brand and usage.
    Brands,
    /// A seller.
    Sellers,
    /// A party that a list may name.
    Leads,
    /// A kind of thing not understood.
    Gaps,
    /// A site, with its dates.
    Sites,
    /// A winner of a notice: who sold to whom, for how much.
    Winners,
    /// A line of goods or services.
    Purchases,
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let case = Case::read(args.case.folder()?)?;
    let rules = context::rulebook_of(args.case.folder()?, own_rules)?;
    let mut out = open(args)?;
    let missing = match args.to {
        Format::Csv => csv(&case, args, &rules, &mut out).map(|()| Vec::new())?,
        Format::Parquet => parquet(&case, args, &rules, &mut out).map(|()| Vec::new())?,
        Format::Xlsx => workbook(args, &rules, &mut out)?,
        Format::Jsonl => jsonl(&case, args, &mut out).map(|()| Vec::new())?,
        Format::Ocds => releases(&case, args, &rules, &mut out)?,
        Format::Ftm => entities(&case, args, &rules, &mut |entity| Ok(writeln!(out, "{entity}")?))?,
        Format::Graphml => graph(&case, args, &rules, &mut out)?,
        Format::Geojson => map(&case, args, &rules, &mut out).map(|()| Vec::new())?,
    };
    out.flush()?;
    tell_kept_back(&case, args)?;
    missing.iter().for_each(|message| eprintln!("tendertrace: not in this export: {message}"));
    Ok(if missing.is_empty() { Outcome::Done } else { Outcome::Incomplete })
}

fn open(args: &Args) -> anyhow::Result<Box<dyn Write + Send>> {
    Ok(match &args.out {
        Some(path) => {
            Box::new(std::io::BufWriter::new(std::fs::File::create(path).with_context(|| format!("writing {}", path.display()))?))
        }
        None => Box::new(std::io::BufWriter::new(std::io::stdout())),
    })
}

fn workbook(args: &Args, rules: &Rulebook, out: &mut dyn Write) -> anyhow::Result<Vec<String>> {
    context::not_to_a_terminal(args.out.as_deref())?;
    let case = if args.with_confidential { Case::read(args.case.folder()?)? } else { Case::read_open(args.case.folder()?)?.0 };
    let (bytes, missing) = xlsx::book(&case, confidential(args), rules)?;
    out.write_all(&bytes)?;
    Ok(missing)
}

fn confidential(args: &Args) -> Confidential {
    if args.with_confidential { Confidential::Taken } else { Confidential::Kept }
}

fn condition(args: &Args) -> &'static str {
    if args.with_confidential { "1" } else { "t.access <> 'confidential'" }
}

fn tell_kept_back(case: &Case, args: &Args) -> anyhow::Result<()> {
    let kept: i64 = case.db.query_row("SELECT count(*) FROM notices WHERE access = 'confidential'", [], |row| row.get(0))?;
    if kept > 0 && !args.with_confidential {
        eprintln!("tendertrace: {kept} confidential notices are not in this export");
    }
    Ok(())
}

#[cfg(feature = "parquet")]
fn parquet(case: &Case, args: &Args, rules: &Rulebook, out: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    context::not_to_a_terminal(args.out.as_deref())?;
    tendertrace_parquet::write(table(case, args, rules)?.as_bytes(), out)
}

#[cfg(not(feature = "parquet"))]
fn parquet(_: &Case, _: &Args, _: &Rulebook, _: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    bail!("this program was built without Parquet; build it with --features parquet, or take --to csv, which the same tools read")
}

fn table(case: &Case, args: &Args, rules: &Rulebook) -> anyhow::Result<String> {
    match args.rows {
        Rows::Winners => view(case, "winners", args, rules),
        Rows::Purchases => view(case, "purchases", args, rules),
        rows => sheet(case, rows, args, rules),
    }
}

fn csv(case: &Case, args: &Args, rules: &Rulebook, out: &mut dyn Write) -> anyhow::Result<()> {
    let text = table(case, args, rules)?;
    let marked = args.out.is_some();
    Ok(out.write_all(if marked { text.as_bytes() } else { text.trim_start_matches('\u{FEFF}').as_bytes() })?)
}

/// A table of the joined case.
fn sheet(case: &Case, rows: Rows, args: &Args, rules: &Rulebook) -> anyhow::Result<String> {
    let joined = summary::leaving(case, confidential(args), rules)?;
    let name = format!("{rows:?}").to_lowercase();
    let all = sheets::sheets(&joined, rules);
    let sheet = all.iter().find(|sheet| sheet.name == name).with_context(|| format!("no table {name}"))?;
    Ok(sheets::to_csv(sheet))
}

/// A view of the database.
fn view(case: &Case, view: &str, args: &Args, rules: &Rulebook) -> anyhow::Result<String> {
    let mut query = case.db.prepare(&format!("SELECT t.* FROM {view} t WHERE {}", condition(args)))?;
    let names: Vec<String> = query.column_names().into_iter().map(str::to_string).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&names)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let cells = names
            .iter()
            .enumerate()
            .map(|(column, name)| Ok(sheets::harmless(&shown::text(name, row.get_ref(column)?, &rules.report.masks))));
        writer.write_record(cells.collect::<anyhow::Result<Vec<String>>>()?)?;
    }
    Ok(format!("\u{FEFF}{}", String::from_utf8(writer.into_inner().context("into memory")?)?))
}

fn jsonl(case: &Case, args: &Args, out: &mut dyn Write) -> anyhow::Result<()> {
    let verdicts: HashMap<String, String> = decisions::standing(&case.db)?.into_iter().collect();
    let translated = translated(case)?;
    record::each_contract(&case.db, condition(args), |_, mut examination| {
        add_translations(&mut examination, &translated);
        for finding in examination["findings"].as_array_mut().into_iter().flatten() {
            let verdict = finding["id"].as_str().and_then(|id| verdicts.get(id));
            finding["decision"] = verdict.map_or(Value::Null, |verdict| Value::from(verdict.as_str()));
        }
        serde_json::to_writer(&mut *out, &examination)?;
        Ok(out.write_all(b"\n")?)
    })?;
    eprintln!("tendertrace: these lines are raw: names and telephone numbers in them are not withheld");
    Ok(())
}

type ByText = HashMap<(String, u64), HashMap<String, Value>>;

/// Translations that stand, by notice and Chinese text; who made them stays here.
fn translated(case: &Case) -> anyhow::Result<ByText> {
    let mut by_text = ByText::new();
    for one in translations::standing(&case.db)? {
        let said = serde_json::json!({"text": one.text, "kind": "human", "on": one.on});
        by_text.entry((one.capture, one.part.into())).or_default().insert(one.of, said);
    }
    Ok(by_text)
}

/// Puts each beside its quote and title.
fn add_translations(examination: &mut Value, translated: &ByText) {
    let capture = &examination["capture"];
    let notice = (capture["sha256"].as_str().unwrap_or_default().to_string(), capture["part"].as_u64().unwrap_or_default());
    let Some(own) = translated.get(&notice) else { return };
    let of = |text: &Value| text.as_str().and_then(|text| own.get(text.trim()).or(own.get(text))).cloned();
    if let Some(said) = of(&capture["title"]) {
        examination["capture"]["title_translation"] = said;
    }
    for finding in examination["findings"].as_array_mut().into_iter().flatten() {
        for quote in finding["quotes"].as_array_mut().into_iter().flatten() {
            if let Some(said) = of(&quote["text"]) {
                quote["translation"] = said;
            }
        }
    }
}

/// Originals read at once.
const BATCH: usize = 256;

/// Releases, written one by one into their package. Returns what could not be read.
fn releases(case: &Case, args: &Args, rules: &Rulebook, out: &mut dyn Write) -> anyhow::Result<Vec<String>> {
    let joined = summary::leaving(case, confidential(args), rules)?;
    let (processes, bodies) = (processes(&joined), bodies(case, args, rules)?);
    let publisher =
        Publisher { name: "tendertrace".into(), uri: "urn:tendertrace:case".into(), published: clock::now(), prefix: args.prefix.clone() };
    let package = serde_json::to_string(&ocds::package(Vec::new(), &publisher))?;
    let Some(head) = package.strip_suffix("]}") else { bail!("a package must end with its releases") };
    out.write_all(head.as_bytes())?;
    let mut comma = "\n";
    let missing = each_examined(case, args, rules, |examination| {
        if let Some(release) = ocds::release(examination, process_of(examination, &processes), &bodies, &publisher, rules) {
            write!(out, "{comma}{}", serde_json::to_string(&release)?)?;
            comma = ",\n";
        }
        Ok(())
    })?;
    out.write_all(b"\n]}\n")?;
    Ok(missing)
}

/// Hands on the entities of the case; those of one id are to be merged. Returns what could not be read.
fn entities(case: &Case, args: &Args, rules: &Rulebook, take: &mut dyn FnMut(Value) -> anyhow::Result<()>) -> anyhow::Result<Vec<String>> {
    let joined = summary::leaving(case, confidential(args), rules)?;
    let processes = processes(&joined);
    let of_case = ftm::OfCase { findings: ftm::findings(&joined), bodies: bodies(case, args, rules)? };
    let mut amounts = ftm::Amounts::default();
    let missing = each_examined(case, args, rules, |examination| {
        ftm::entities(examination, process_of(examination, &processes), &of_case, &mut amounts, rules).into_iter().try_for_each(&mut *take)
    })?;
    amounts.entities().try_for_each(&mut *take)?;
    let stated = sellers::stated(&case.folder, rules)?;
    let standings = standings(case, &stated, &of_case.bodies)?;
    links(&chains::edges(&joined, rules), &standings, &of_case.bodies, rules).into_iter().try_for_each(take)?;
    Ok(missing)
}

/// The organisations that may leave.
fn bodies(case: &Case, args: &Args, rules: &Rulebook) -> anyhow::Result<Bodies> {
    Ok(Bodies::new(who::bodies(&case.db, condition(args))?, rules))
}

/// Relations and the organisations of the case that hold them, as the last run matched them.
fn standings<'a>(case: &Case, stated: &'a [sellers::Stated], bodies: &'a Bodies) -> anyhow::Result<Vec<Standing<'a>>> {
    let by_id: HashMap<&str, _> = stated.iter().map(|s| (s.relation.id.as_str(), &s.relation)).collect();
    let sql = "SELECT relation, side, entity, judgement = 'same' FROM relation_holders ORDER BY relation, side DESC, entity";
    let mut query = case.db.prepare(sql)?;
    let mut rows = query.query([])?;
    let mut standings = Vec::new();
    let mut above: (String, Vec<(&'a Body, Held)>) = Default::default();
    while let Some(row) = rows.next()? {
        let id: String = row.get(0)?;
        let (Some(relation), Some(body)) = (by_id.get(id.as_str()), bodies.by_id(row.get_ref(2)?.as_str()?)) else { continue };
        let held = if row.get(3)? { Held::Same } else { Held::Possible };
        if above.0 != id {
            above = (id, Vec::new());
        }
        // The seller above stands before the party that it supplies.
        match row.get_ref(1)?.as_str()? {
            "via" => above.1.push((body, held)),
            _ => standings.push(Standing { relation: *relation, body, held, via: above.1.clone() }),
        }
    }
    Ok(standings)
}

fn graph(case: &Case, args: &Args, rules: &Rulebook, out: &mut dyn Write) -> anyhow::Result<Vec<String>> {
    let mut all = Vec::new();
    let missing = entities(case, args, rules, &mut |entity| {
        all.push(entity);
        Ok(())
    })?;
    out.write_all(graphml::graph(all.into_iter()).as_bytes())?;
    Ok(missing)
}

fn map(case: &Case, args: &Args, rules: &Rulebook, out: &mut dyn Write) -> anyhow::Result<()> {
    let joined = summary::leaving(case, confidential(args), rules)?;
    Ok(serde_json::to_writer(out, &geojson::provinces(&joined))?)
}

/// Some formats need the whole text again: every original is read from the archive and examined, and
/// handed on at once, so that memory stays flat. Returns what could not be read.
fn each_examined(
    case: &Case,
    args: &Args,
    rules: &Rulebook,
    mut take: impl FnMut(&Examination) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<String>> {
    let (mut after, mut missing) = (0, Vec::new());
    loop {
        let (originals, last) = archive::pending(case, "", after, BATCH)?;
        if last == after {
            return Ok(missing);
        }
        after = last;
        let readable = originals.into_iter().filter_map(|one| one.map_err(|message| missing.push(message)).ok());
        let wanted: Vec<_> = readable.filter(|one| args.with_confidential || one.capture.access != Access::Confidential).collect();
        let examined: Vec<Examination> =
            wanted.par_iter().flat_map_iter(|one| tendertrace::examine(&one.capture, rules, &crate::fence::budget())).collect();
        examined.iter().try_for_each(&mut take)?;
    }
}

type Processes<'a> = HashMap<(&'a str, u32), &'a str>;

fn process_of<'a>(examination: &Examination, processes: &Processes<'a>) -> Option<&'a str> {
    processes.get(&(examination.capture.sha256.as_str(), examination.capture.part)).copied()
}

fn processes(case: &tendertrace::assemble::Case) -> Processes<'_> {
    let mut processes = HashMap::new();
    for notice in &case.notices {
        processes.insert((notice.capture.as_str(), notice.part), notice.process.as_str());
        let copies = notice.copies.iter().map(|(capture, part, _)| ((capture.as_str(), *part), notice.process.as_str()));
        processes.extend(copies);
    }
    processes
}
