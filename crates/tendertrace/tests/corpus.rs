//! Does every value of every real notice cut out exactly its own text, and does nothing panic?
//! Runs over the real notices beside the checkout where they are; says plainly when they are not.

mod shared;

use serde_json::Value;
use tendertrace::model::{Budget, Capture};
use tendertrace::rulebook::Rulebook;
use tendertrace::wire;

#[test]
fn every_span_of_the_corpus_cuts_out_its_raw_text() {
    let Some(corpus) = shared::find("corpus") else { return };
    let rules = Rulebook::embedded();
    let mut checked = 0;
    for file in ["notices-zh.jsonl", "documents-zh.jsonl"] {
        let text = std::fs::read_to_string(corpus.join(file)).expect("readable");
        for line in text.lines() {
            let capture = capture(line);
            for examination in tendertrace::examine(&capture, &rules, &Budget::default()) {
                let texts: Vec<Vec<char>> = examination.documents.iter().map(|d| d.text.chars().collect()).collect();
                let wire = wire::examination(&examination, &rules.hashes);
                check(&wire["notice"], &texts, &mut checked);
                check(&wire["findings"], &texts, &mut checked);
            }
        }
    }
    assert!(checked > 10_000, "only {checked} spans were checked");
}

/// Walks the published JSON: whatever has offsets must cut out its text.
fn check(value: &Value, texts: &[Vec<char>], checked: &mut usize) {
    match value {
        Value::Object(fields) => {
            let verbatim = fields.get("raw").or(fields.get("text")).and_then(Value::as_str);
            if let (Some(verbatim), Some(start), Some(end)) =
                (verbatim, fields.get("start").and_then(Value::as_u64), fields.get("end").and_then(Value::as_u64))
            {
                let doc = fields.get("doc").and_then(Value::as_u64).unwrap_or(0) as usize;
                let cut: String = texts[doc][start as usize..end as usize].iter().collect();
                assert_eq!(cut, verbatim);
                *checked += 1;
            }
            fields.values().for_each(|v| check(v, texts, checked));
        }
        Value::Array(all) => all.iter().for_each(|v| check(v, texts, checked)),
        _ => {}
    }
}

fn capture(line: &str) -> Capture {
    let row: Value = serde_json::from_str(line).expect("a capture line");
    let text = |key: &str| row[key].as_str().map(str::to_string);
    Capture {
        url: text("url"),
        title: text("title"),
        published: text("published"),
        media_type: text("media_type"),
        ..Capture::of_bytes(text("content").unwrap_or_default().into_bytes())
    }
}
