//! `tendertrace score GOLD [INPUT…]`: how well is it read? Precision and recall with their intervals,
//! per class, against hand labels, with every miss and every false claim. What GOLD labels is told
//! from its rows: whole notices, mentions or brand sets of documents, or passages (CSV).

mod mentions;
mod notices;
mod tally;

use crate::{Outcome, collect, context};
use anyhow::Context as _;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tally::Board;
use tendertrace::model::Capture;
use tendertrace::rulebook::Rulebook;

#[derive(clap::Args)]
pub struct Args {
    /// Hand labels: JSON lines with `id` (a notice's `meta.id`, file name or sha256) or `doc_id` (mentions
    /// or brand sets of a document), or a CSV file, or a folder of them, of passages that carry their own text.
    gold: std::path::PathBuf,
    /// The notices that were labelled (others among them are passed over).
    #[arg(value_name = "INPUT")]
    inputs: Vec<String>,
    /// List every miss and false claim of these fields (`all` for every field).
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    misses: Vec<String>,
    /// Figures as JSON.
    #[arg(long)]
    json: bool,
}

/// What GOLD labels.
enum Gold {
    /// Whole notices by `id`.
    Notices(BTreeMap<String, Value>, notices::Disputed),
    /// Mentions or brand sets of documents by `doc_id`.
    Documents(mentions::Documents, mentions::Vocabulary),
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let rules = context::rulebook(own_rules)?;
    let mut board = Board::new();
    if args.gold.is_dir() || args.gold.extension().is_some_and(|e| e == "csv") {
        let count = mentions::passages(&args.gold, &rules, &mut board)?;
        print(args, &board, count, "passages")?;
        return Ok(Outcome::Done);
    }
    let gold = read_gold(&args.gold)?;
    let (seen, outcome) = score_inputs(&args.inputs, &gold, &rules, &mut board);
    let absent: Vec<&String> = gold.ids().filter(|id| !seen.contains(*id)).collect();
    if !absent.is_empty() {
        eprintln!("tendertrace: {} labelled notices are not among the inputs, for example {}", absent.len(), absent[0]);
    }
    print(args, &board, seen.len(), "notices")?;
    Ok(if absent.is_empty() { outcome } else { Outcome::Incomplete })
}

fn score_inputs(inputs: &[String], gold: &Gold, rules: &Rulebook, board: &mut Board) -> (BTreeSet<String>, Outcome) {
    let mut seen = BTreeSet::new();
    let mut outcome = Outcome::Done;
    for capture in collect::captures(inputs) {
        match capture {
            Ok(capture) => gold.score(&capture, rules, &mut seen, board),
            Err(message) => {
                eprintln!("tendertrace: {message}");
                outcome = Outcome::Incomplete;
            }
        }
    }
    (seen, outcome)
}

fn print(args: &Args, board: &Board, count: usize, unit: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if args.json {
        tally::print_json(board, count, &mut out)
    } else {
        Ok(tally::print_table(board, &format!("{count} labelled {unit}"), &args.misses, &mut out)?)
    }
}

impl Gold {
    fn ids(&self) -> Box<dyn Iterator<Item = &String> + '_> {
        match self {
            Gold::Notices(rows, _) => Box::new(rows.keys()),
            Gold::Documents(rows, _) => Box::new(rows.keys()),
        }
    }

    fn score(&self, capture: &Capture, rules: &Rulebook, seen: &mut BTreeSet<String>, board: &mut Board) {
        match self {
            Gold::Notices(rows, disputed) => notices::score_capture(capture, rows, disputed, rules, seen, board),
            Gold::Documents(rows, vocabulary) => mentions::document(capture, rows, vocabulary, rules, seen, board),
        }
    }
}

fn read_gold(path: &Path) -> anyhow::Result<Gold> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading the labels in {}", path.display()))?;
    let mut by_notice = BTreeMap::new();
    let mut by_document = mentions::Documents::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let row: Value = serde_json::from_str(line).with_context(|| format!("{}:{}: not a JSON object", path.display(), number + 1))?;
        match (row["doc_id"].as_str(), row["id"].as_str()) {
            (Some(document), _) => by_document.entry(document.to_string()).or_default().push(row),
            (None, Some(id)) => {
                by_notice.insert(id.to_string(), row);
            }
            (None, None) => anyhow::bail!("{}:{}: neither \"id\" nor \"doc_id\"", path.display(), number + 1),
        }
    }
    Ok(if by_document.is_empty() {
        Gold::Notices(by_notice, notices::read_disputed(path)?)
    } else {
        Gold::Documents(by_document, mentions::vocabulary(path))
    })
}
