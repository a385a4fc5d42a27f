//! `tendertrace why NOTICE FIELD`: why is this value what it is? The value with its rule, then every
//! candidate that a label offered, which was taken and what became of the others.

use crate::{Outcome, collect, context};
use anyhow::bail;
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use tendertrace::evidence::Span;
use tendertrace::extract::why::{self, Candidate};
use tendertrace::model::Examination;
use tendertrace::wire;

#[derive(clap::Args)]
pub struct Args {
    /// A file with one notice or several.
    notice: String,
    /// buyer, end_user, agency, supplier, amount, total, budget, stage, project_number,
    /// project_name, items or dates.
    field: String,
    /// Which notice of the file, where it holds several, from 1.
    #[arg(long, default_value_t = 1, value_name = "N")]
    number: usize,
    /// One JSON object: value and candidates.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let rules = context::rulebook(own_rules)?;
    if why::labels_of(&args.field).is_empty() {
        bail!(
            "no field {}; name buyer, end_user, agency, supplier, amount, total, budget, stage, project_number, project_name, items or dates",
            args.field
        );
    }
    let mut captures = collect::transcribed(collect::joined(std::slice::from_ref(&args.notice), &rules), |_| false)
        .filter_map(|c| c.map_err(|message| eprintln!("tendertrace: {message}")).ok());
    let examinations = captures.by_ref().flat_map(|c| tendertrace::examine(&c, &rules, &crate::fence::budget()));
    let Some(examination) = examinations.skip(args.number.saturating_sub(1)).next() else {
        bail!("{} holds no notice number {}", args.notice, args.number);
    };
    let value = value(&examination, &args.field, &rules.hashes);
    let candidates = why::candidates(&examination.documents, &args.field, &spans(&examination, &args.field), &rules);
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&serde_json::json!({"field": args.field, "value": value, "candidates": candidates}))?)?;
    } else {
        print(args, &value, &candidates, &mut out)?;
        print_changes(args, &examination, &mut out)?;
    }
    Ok(Outcome::Done)
}

/// The field as the published JSON has it.
fn value(examination: &Examination, field: &str, hashes: &tendertrace::rulebook::Hashes) -> Value {
    let wire = wire::examination(examination, hashes);
    match field {
        "supplier" | "amount" => wire["notice"]["awards"].clone(),
        field => wire["notice"][field].clone(),
    }
}

/// Where the field's value was read.
fn spans(examination: &Examination, field: &str) -> Vec<Span> {
    let Some(notice) = &examination.notice else { return Vec::new() };
    let text = |read: &Option<tendertrace::evidence::Sourced<String>>| read.iter().map(|r| r.at).collect::<Vec<_>>();
    let money = |known: &Option<tendertrace::evidence::Known<_>>| {
        known.iter().flat_map(|k: &tendertrace::evidence::Known<tendertrace::model::Money>| k.quotes()).map(|q| q.at).collect::<Vec<_>>()
    };
    match field {
        "buyer" => text(&notice.buyer),
        "end_user" => text(&notice.end_user),
        "agency" => text(&notice.agency),
        "project_name" => text(&notice.project_name),
        "project_number" => notice.project_numbers.iter().map(|n| n.at).collect(),
        "budget" => money(&notice.budget),
        "total" => money(&notice.total),
        "supplier" => {
            notice.awards.iter().flat_map(|a| &a.suppliers).chain(notice.bids.iter().flat_map(|b| &b.suppliers)).map(|s| s.at).collect()
        }
        "amount" => notice.awards.iter().flat_map(|a| money(&a.amount)).chain(notice.bids.iter().flat_map(|b| money(&b.amount))).collect(),
        "stage" => notice.stage.iter().flat_map(|s| s.quotes()).map(|q| q.at).collect(),
        "dates" => [&notice.dates.published, &notice.dates.awarded, &notice.dates.signed, &notice.dates.deadline]
            .into_iter()
            .flat_map(text)
            .collect(),
        _ => notice.items.iter().map(|i| i.name.at).collect(),
    }
}

/// What a correction says of the field: old and new value side by side.
fn print_changes(args: &Args, examination: &Examination, out: &mut impl Write) -> anyhow::Result<()> {
    let changes = examination.notice.iter().flat_map(|notice| &notice.changes);
    for change in changes.filter(|change| change.field.as_ref().is_some_and(|field| why::labels_of(&args.field).contains(&field.as_str())))
    {
        let old = change.old.as_ref().map_or("not stated", |old| old.raw.as_str());
        writeln!(out, "  corrected  {}  {}: {old} → {}", change.new.rule, change.label.raw, change.new.raw)?;
    }
    Ok(())
}

fn print(args: &Args, value: &Value, candidates: &[Candidate], out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(out, "{}: {}", args.field, serde_json::to_string_pretty(value)?)?;
    for candidate in candidates {
        let fate = serde_json::to_value(candidate.fate)?;
        let words = fate.as_str().unwrap_or_default().replace('_', " ");
        let shown: String = candidate.value.text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(80).collect();
        writeln!(out, "  {words:<10} {}  {} → {shown}", candidate.rule, candidate.label.text.trim())?;
    }
    if candidates.is_empty() {
        writeln!(out, "  no label of this field was found; the value, if any, came from a title, a sentence or a table")?;
    }
    Ok(())
}
