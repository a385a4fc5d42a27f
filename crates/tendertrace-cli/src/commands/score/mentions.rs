//! How well are brands found and their usages told? Labelled passages (CSV: `id, grade, text, title,
//! stage, brand, usage`), labelled mentions of documents and full brand sets of documents (JSON lines
//! with `doc_id`). Usage `none` is a look-alike: naming its brand is a false claim.

use super::tally::{Board, Tally};
use anyhow::Context as _;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tendertrace::classify::explain::{Fired, explain_document};
use tendertrace::explain_passage;
use tendertrace::model::{Capture, Examination, Stage, Usage};
use tendertrace::rulebook::Rulebook;

/// The usage that stands for a look-alike.
const NONE: &str = "none";

/// A labelled passage or, with a title, a whole notice.
#[derive(serde::Deserialize)]
struct Passage {
    id: String,
    text: String,
    title: String,
    stage: Stage,
    brand: String,
    usage: String,
}

/// Scores a CSV file of labelled passages, or every one of a folder; gives their number.
pub fn passages(path: &Path, rules: &Rulebook, board: &mut Board) -> anyhow::Result<usize> {
    let mut files = vec![path.to_path_buf()];
    if path.is_dir() {
        files = std::fs::read_dir(path)?.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "csv")).collect();
        files.sort();
    }
    let mut count = 0;
    for file in files {
        let mut reader = csv::Reader::from_path(&file).with_context(|| format!("reading the labels in {}", file.display()))?;
        for row in reader.deserialize::<Passage>() {
            let row = row.with_context(|| format!("a row of {}", file.display()))?;
            let fired = explain_passage(&row.text, &row.title, row.stage, rules);
            judge(board, &row.id, &row.brand, &row.usage, fired.iter().filter(|f| f.brand == row.brand));
            count += 1;
        }
    }
    Ok(count)
}

/// The brands that a labeller of brand sets looked for; empty: any.
pub type Vocabulary = BTreeSet<String>;

/// The keys of `reference/brands.csv` beside the labels' folder, where it is there.
pub fn vocabulary(gold: &Path) -> Vocabulary {
    let path = gold.parent().and_then(Path::parent).map(|dir| dir.join("reference/brands.csv"));
    let rows = path.and_then(|path| csv::Reader::from_path(path).ok()).into_iter().flat_map(csv::Reader::into_records);
    rows.flatten().filter_map(|row| row.get(0).map(str::to_string)).collect()
}

/// Labels of documents by `doc_id`.
pub type Documents = BTreeMap<String, Vec<Value>>;

/// Scores the mentions and brand sets that are labelled of one capture.
pub fn document(
    capture: &Capture,
    gold: &Documents,
    vocabulary: &Vocabulary,
    rules: &Rulebook,
    seen: &mut BTreeSet<String>,
    board: &mut Board,
) {
    let Some((id, rows)) = capture.meta.get("id").and_then(Value::as_str).and_then(|id| gold.get_key_value(id)) else { return };
    if !seen.insert(id.clone()) {
        return;
    }
    let examinations = tendertrace::examine(capture, rules, &crate::fence::budget());
    for row in rows {
        if row["brands"].is_array() {
            brand_set(id, row, vocabulary, &examinations, board)
        } else {
            mention(row, &examinations, rules, board)
        }
    }
}

fn brand_set(id: &str, row: &Value, vocabulary: &Vocabulary, examinations: &[Examination], board: &mut Board) {
    let wanted = row["brands"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_string).collect();
    let known = |brand: &String| vocabulary.is_empty() || vocabulary.contains(brand);
    let found: BTreeSet<String> = examinations.iter().flat_map(|e| &e.findings).map(|f| f.brand.clone()).filter(known).collect();
    tally(board, "document_brands").meet(id, wanted, found.into_iter().collect(), str::to_string);
}

fn mention(row: &Value, examinations: &[Examination], rules: &Rulebook, board: &mut Board) {
    let word = |key: &str| row[key].as_str().unwrap_or_default();
    let mut all: Vec<Fired> = Vec::new();
    for examination in examinations {
        let Some(notice) = &examination.notice else { continue };
        for document in &examination.documents {
            let fired = explain_document(document, notice, rules);
            all.extend(fired.into_iter().filter(|f| near(&document.text, f, word("quote"), word("surface"))));
        }
    }
    judge(board, word("id"), word("brand"), word("usage"), all.iter().filter(|f| f.brand == word("brand")));
}

/// Whether a hit stands where a quote does (a look-alike's surface must be hit itself).
fn near(text: &str, fired: &Fired, quote: &str, surface: &str) -> bool {
    let heart: String = quote.chars().take(24).collect();
    let at = fired.span.start;
    let quoted = text.match_indices(heart.as_str()).any(|(start, _)| start <= at && at <= start + quote.len() + heart.len());
    let alike = |a: &str, b: &str| a.to_lowercase().contains(&b.to_lowercase());
    quoted && (alike(&fired.text, surface) || alike(surface, &fired.text) || fired.rejected_by.is_none() && quote.contains(&fired.text))
}

/// Counts one label against what fired for its brand.
fn judge<'a>(board: &mut Board, id: &str, brand: &str, usage: &str, fired: impl Iterator<Item = &'a Fired>) {
    let taken: Vec<&Fired> = fired.filter(|f| f.rejected_by.is_none()).collect();
    let usages: BTreeSet<String> = taken.iter().filter_map(|f| f.usage).map(word).collect();
    let by: Vec<&str> = taken.iter().filter_map(|f| f.usage_rule.as_deref()).collect();
    if usage == NONE {
        match usages.is_empty() {
            true => tally(board, "look_alike").right += 1,
            false => {
                tally(board, "look_alike").miss(format!("{id} taken for {brand}: {:?}", taken.first().map(|f| &f.text)));
                tally(board, "brand").claim(format!("{id} claimed {brand}: {:?}", taken.first().map(|f| &f.text)));
            }
        }
        return;
    }
    if usages.is_empty() {
        tally(board, "brand").miss(format!("{id} missed  {brand}"));
        return;
    }
    tally(board, "brand").right += 1;
    if usages.contains(usage) {
        tally(board, "usage").right += 1;
        tally(board, &format!("usage.{usage}")).right += 1;
    } else {
        let note = format!("{id} missed  {brand} {usage}, claimed {usages:?} by {by:?}");
        tally(board, "usage").miss(note.clone());
        tally(board, &format!("usage.{usage}")).miss(note);
        usages.iter().for_each(|u| tally(board, &format!("usage.{u}")).claim(format!("{id} claimed {brand} {u} by {by:?}, it is {usage}")));
    }
}

fn word(usage: Usage) -> String {
    serde_json::to_value(usage).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default()
}

fn tally<'b>(board: &'b mut Board, class: &str) -> &'b mut Tally {
    board.entry(class.to_string()).or_default()
}
