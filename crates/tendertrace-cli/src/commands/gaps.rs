//! `tendertrace gaps INPUT…`: what was there and not understood? By frequency, so that the next
//! label or brand to add is the first line.

use super::examine::each_examination;
use crate::{Outcome, context};
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use tendertrace::evidence::{Gap, GapKind};

#[derive(clap::Args)]
pub struct Args {
    /// Folders, files, globs; `-` is standard input.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<String>,
    /// Only brand cells that no brand file knows.
    #[arg(long)]
    brands: bool,
    /// Only this kind of gap, for example `unknown_label`.
    #[arg(long, value_name = "KIND", conflicts_with = "brands")]
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
    let mut counts: HashMap<(GapKind, String), Count> = HashMap::new();
    let skipped = each_examination(&args.inputs, &rules, Ok, |examination| {
        let example = examination.capture.url.clone().unwrap_or_else(|| examination.capture.sha256.clone());
        for gap in examination.gaps.iter().filter(|gap| wanted(gap, args)) {
            let count = counts.entry((gap.kind, subject(gap))).or_default();
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
    if args.json {
        print_json(&rows, &mut out)?
    } else {
        print_table(&rows, args.top, &mut out)?
    }
    Ok(if skipped > 0 { Outcome::Incomplete } else { Outcome::Done })
}

fn wanted(gap: &Gap, args: &Args) -> bool {
    let name = kind_name(gap.kind);
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

fn kind_name(kind: GapKind) -> String {
    serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default()
}

fn print_table(rows: &[((GapKind, String), Count)], top: usize, out: &mut impl Write) -> anyhow::Result<()> {
    for group in rows.chunk_by(|a, b| a.0.0 == b.0.0) {
        let total: usize = group.iter().map(|(_, c)| c.times).sum();
        writeln!(out, "{} ({total}, {} different)", kind_name(group[0].0.0).replace('_', " "), group.len())?;
        for ((_, text), count) in group.iter().take(top) {
            writeln!(out, "{:>7}  {text}", count.times)?;
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

fn print_json(rows: &[((GapKind, String), Count)], out: &mut impl Write) -> anyhow::Result<()> {
    for ((kind, text), count) in rows {
        writeln!(
            out,
            "{}",
            serde_json::to_string(&serde_json::json!({"kind": kind, "text": text, "count": count.times, "example": count.example}))?
        )?;
    }
    Ok(())
}
