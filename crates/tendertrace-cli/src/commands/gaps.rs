//! `tendertrace gaps INPUT…`: what was there and not understood? By frequency, so that the next
//! label or brand to add is the first line. And what only looked like a brand, with the guard that said so.

use super::examine::each_examination;
use crate::{Outcome, context};
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use tendertrace::classify::explain::{self, Fired};
use tendertrace::evidence::{Gap, GapKind};
use tendertrace::model::{Examination, Stage};
use tendertrace::report::say::{self, word};
use tendertrace::rulebook::Rulebook;

#[derive(clap::Args)]
pub struct Args {
    /// Folders, files, globs; `-` is standard input.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<String>,
    /// Only brand cells that no brand file knows.
    #[arg(long, group = "what")]
    brands: bool,
    /// Instead of gaps, what looked like a brand and was left alone, by the guard that did it.
    #[arg(long, group = "what")]
    guards: bool,
    /// Only this kind of gap, for example `unknown_label`.
    #[arg(long, value_name = "KIND", group = "what")]
    kind: Option<String>,
    /// Lines printed for each kind.
    #[arg(long, default_value_t = 20, value_name = "N")]
    top: usize,
    /// One JSON object a line: kind, text, count, an example notice.
    #[arg(long)]
    json: bool,
}

/// How often one text was not understood, and where it was met first.
#[derive(Default)]
struct Count {
    times: usize,
    example: String,
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let rules = context::rulebook(own_rules)?;
    let mut counts: HashMap<(String, String), Count> = HashMap::new();
    let found = |examination: Examination| {
        let subjects = if args.guards { left_alone(&examination, &rules) } else { not_understood(&examination, args) };
        Ok((examination.capture.url.unwrap_or(examination.capture.sha256), subjects))
    };
    let skipped = each_examination(&args.inputs, &rules, found, |(example, subjects)| {
        for subject in subjects {
            let count = counts.entry(subject).or_default();
            count.times += 1;
            if count.example.is_empty() {
                count.example.clone_from(&example);
            }
        }
        Ok(())
    })?;
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by(|((kind, text), count), ((kind2, text2), count2)| {
        kind.cmp(kind2).then(count2.times.cmp(&count.times)).then(text.cmp(text2))
    });
    let mut out = std::io::stdout().lock();
    match (args.json, args.brands || args.guards) {
        (true, _) => print_json(&rows, &mut out)?,
        (_, true) => print_table(&rows, args.top, Some(EXAMPLE), &mut out)?,
        _ => print_table(&rows, args.top, None, &mut out)?,
    }
    Ok(if skipped > 0 { Outcome::Incomplete } else { Outcome::Done })
}

/// Gaps by kind and text.
fn not_understood(examination: &Examination, args: &Args) -> Vec<(String, String)> {
    let gaps = examination.gaps.iter().filter(|gap| wanted(gap, args));
    gaps.map(|gap| (word(&gap.kind), subject(gap))).collect()
}

/// Look-alikes by guard, each in its surroundings.
fn left_alone(examination: &Examination, rules: &Rulebook) -> Vec<(String, String)> {
    let fired = explain::explain_examined(examination, Stage::Other, rules);
    let rejected = fired.iter().filter_map(|fired| Some((fired, fired.rejected_by?)));
    rejected.filter_map(|(fired, why)| Some((word(&why), format!("{}: {}", fired.brand, around(fired, examination)?)))).collect()
}

/// Characters shown before and after a look-alike.
const BEFORE: usize = 4;
const AFTER: usize = 8;

fn around(fired: &Fired, examination: &Examination) -> Option<String> {
    let text = &examination.documents.iter().find(|document| document.number == fired.span.doc)?.text;
    let before: String = text[..fired.span.start].chars().rev().take(BEFORE).collect::<Vec<_>>().into_iter().rev().collect();
    let after: String = text[fired.span.end..].chars().take(AFTER).collect();
    Some(say::one_line(&format!("{before}[{}]{after}", fired.text)))
}

fn wanted(gap: &Gap, args: &Args) -> bool {
    let name = word(&gap.kind);
    match &args.kind {
        Some(kind) => name == *kind,
        None => !args.brands || gap.kind == GapKind::UnknownBrand,
    }
}

/// What a gap is counted by: its text on one line, shortened.
fn subject(gap: &Gap) -> String {
    let text = if gap.at.text.trim().is_empty() { &gap.note } else { &gap.at.text };
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((at, _)) = line.char_indices().nth(60) {
        line.truncate(at);
        line.push('…');
    }
    line
}

/// Characters of an example's address.
const EXAMPLE: usize = 70;

fn print_table(rows: &[((String, String), Count)], top: usize, example: Option<usize>, out: &mut impl Write) -> anyhow::Result<()> {
    for group in rows.chunk_by(|a, b| a.0.0 == b.0.0) {
        let total: usize = group.iter().map(|(_, c)| c.times).sum();
        writeln!(out, "{} ({total}, {} different)", group[0].0.0.replace('_', " "), group.len())?;
        for ((_, text), count) in group.iter().take(top) {
            let example = example.map(|most| format!("  ({})", say::short(&count.example, most))).unwrap_or_default();
            writeln!(out, "{:>7}  {text}{example}", count.times)?;
        }
        if group.len() > top {
            writeln!(out, "         … {} more (--top {})", group.len() - top, group.len())?;
        }
        writeln!(out)?;
    }
    if rows.is_empty() {
        writeln!(out, "nothing was left ununderstood in these inputs")?;
    }
    Ok(())
}

fn print_json(rows: &[((String, String), Count)], out: &mut impl Write) -> anyhow::Result<()> {
    for ((kind, text), count) in rows {
        writeln!(
            out,
            "{}",
            serde_json::to_string(&serde_json::json!({"kind": kind, "text": text, "count": count.times, "example": count.example}))?
        )?;
    }
    Ok(())
}
