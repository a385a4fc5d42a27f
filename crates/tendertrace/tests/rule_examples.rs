//! Do the rules of extraction do what their own examples say? Every label, stage, sentence and
//! organisation ending of the rulebook, its yes-example and its no-example.

use tendertrace::extract::{self, Layout, chains, orgs, text};
use tendertrace::model::{Block, BlockKind, CaptureHead, Document};
use tendertrace::rulebook::Rulebook;
use tendertrace::rulebook::labels::LabelRule;
use tendertrace::rulebook::stages::Place;
use tendertrace::sheet::Sheet;

/// Lines (⏎ in the examples), the first one the title.
fn document(written: &str) -> Document {
    let text = written.replace('⏎', "\n");
    let mut blocks = Vec::new();
    let mut at = 0;
    for (number, line) in text.split('\n').enumerate() {
        let kind = if number == 0 { BlockKind::Title } else { BlockKind::Paragraph };
        if !line.is_empty() {
            blocks.push(Block { kind, start: at, end: at + line.len() });
        }
        at += line.len() + 1;
    }
    Document { text, blocks, ..Document::default() }
}

fn values(rule: &LabelRule, example: &str, rules: &Rulebook) -> Vec<String> {
    let document = document(&format!("⏎{}", example.replace(['⟦', '⟧'], "")));
    let sheet = Sheet::of(&document, &rules.folder);
    let layout = Layout::of(&sheet, rules);
    layout.pairs.iter().filter(|pair| pair.rule == rule.rule).map(|pair| document.slice(pair.value).to_string()).collect()
}

fn none(failed: Vec<String>) {
    assert!(failed.is_empty(), "{} examples do not hold:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn labels() {
    let rules = Rulebook::embedded();
    let mut failed = Vec::new();
    for rule in rules.labels.phrases.iter().flat_map(|phrase| &phrase.labels) {
        let wanted = rule.yes.split(['⟦', '⟧']).nth(1).unwrap_or("");
        let read = values(rule, &rule.yes, &rules);
        if wanted.is_empty() || !read.iter().any(|value| value == wanted) {
            failed.push(format!("{} yes: {read:?}", rule.rule));
        }
        let read = values(rule, &rule.no, &rules);
        if read.iter().any(|value| !value.is_empty()) {
            failed.push(format!("{} no: {read:?}", rule.rule));
        }
    }
    none(failed);
}

#[test]
fn stages() {
    let rules = Rulebook::embedded();
    let mut failed = Vec::new();
    for rule in &rules.stages.rules {
        for (example, wanted) in [(&rule.yes, true), (&rule.no, false)] {
            let document = document(example);
            let (notice, _) = extract::extract(&CaptureHead::default(), &[Sheet::of(&document, &rules.folder)], &rules);
            let told = notice.stage.map(|stage| stage.rule().to_string());
            if (told.as_deref() == Some(&*rule.rule)) != wanted {
                failed.push(format!("{}: {example} is told by {told:?}", rule.rule));
            }
        }
    }
    none(failed);
}

#[test]
fn sentences() {
    let rules = Rulebook::embedded();
    let mut failed = Vec::new();
    for sentence in &rules.sentences.sentences {
        let named = |example: &str| {
            let lead = if sentence.place == Place::Title { "" } else { "题⏎" };
            let document = document(&format!("{lead}{example}"));
            orgs::in_sentences(&Layout::of(&Sheet::of(&document, &rules.folder), &rules), &rules)
        };
        let read = named(&sentence.yes);
        for (field, wanted) in &sentence.value {
            if read.get(field).map(|party| &party.value) != Some(wanted) {
                failed.push(format!("{} {field}: {:?}", sentence.rule, read.get(field).map(|party| &party.value)));
            }
        }
        if named(&sentence.no).values().any(|party| party.rule == sentence.rule) {
            failed.push(format!("{} no", sentence.rule));
        }
    }
    none(failed);
}

#[test]
fn organisation_endings() {
    let rules = Rulebook::embedded();
    let mut failed = Vec::new();
    for suffix in &rules.layout.org_suffixes {
        if !text::is_org(&suffix.yes, &rules) {
            failed.push(format!("yes: {}", suffix.yes));
        }
        if chains::leading_org(&suffix.no, 0, &rules).is_some() {
            failed.push(format!("no: {}", suffix.no));
        }
    }
    none(failed);
}
