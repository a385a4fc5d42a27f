//! `tendertrace read FILE`: which text does the program see? Raw, nothing masked.

use crate::{Outcome, collect, context};
use std::io::Write as _;
use std::path::Path;
use tendertrace::model::{BlockKind, Document};
use tendertrace::{read, wire};

#[derive(clap::Args)]
pub struct Args {
    /// Folders, files, globs; `-` is standard input.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<String>,
    /// One JSON object a notice: capture, text, blocks with their offsets.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let rules = context::rulebook(own_rules)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut outcome = Outcome::Done;
    for capture in collect::transcribed(collect::joined(&args.inputs, &rules), |_| false) {
        let capture = match capture {
            Ok(capture) => capture,
            Err(message) => {
                eprintln!("tendertrace: {message}");
                outcome = Outcome::Incomplete;
                continue;
            }
        };
        for part in read::read(&capture, &rules, &crate::fence::budget()) {
            if args.json {
                serde_json::to_writer(&mut out, &wire::document(&capture.head(&part), &part.documents))?;
                writeln!(out)?;
            } else {
                part.documents.iter().try_for_each(|document| print(document, &mut out))?;
            }
        }
    }
    out.flush()?;
    Ok(outcome)
}

fn print(document: &Document, out: &mut impl std::io::Write) -> std::io::Result<()> {
    for block in &document.blocks {
        let text = &document.text[block.start..block.end];
        match &block.kind {
            BlockKind::Title => writeln!(out, "# {text}")?,
            BlockKind::Heading(level) => writeln!(out, "{} {text}", "#".repeat(usize::from(*level)))?,
            BlockKind::Paragraph => writeln!(out, "{text}")?,
            BlockKind::ListItem => writeln!(out, "- {text}")?,
            BlockKind::Hidden => writeln!(out, "[hidden] {text}")?,
            BlockKind::Aside => writeln!(out, "[aside] {text}")?,
            BlockKind::Table(cells) => {
                for cell in cells {
                    writeln!(out, "[r{} c{}] {}", cell.row, cell.column, document.text[cell.start..cell.end].replace('\n', " ⏎ "))?;
                }
            }
        }
    }
    for gap in &document.gaps {
        writeln!(out, "[gap {:?}] {} {}", gap.kind, gap.at.text, gap.note)?;
    }
    writeln!(out)
}
