//! Does every quote still stand in the original whose hash it names? The originals are read again
//! from their segments, hashed, made into text again, and every quote of the case cut out of it.

use super::Case;
use super::archive;
use super::record;
use super::segments::{self, Place};
use super::warc::Head;
use rayon::prelude::*;
use rusqlite::params;
use serde_json::Value;
use std::path::Path;
use tendertrace::model::{Capture, Document};
use tendertrace::rulebook::Rulebook;

/// What was proved, and what not.
#[derive(Debug, Default)]
pub struct Proof {
    pub originals: usize,
    pub findings: usize,
    pub quotes: usize,
    /// Values, parties and gaps of notices: the same proof beside the findings'.
    pub values: usize,
    pub failures: Vec<String>,
}

struct Original {
    id: i64,
    sha256: String,
    place: Place,
    head: Head,
    files: archive::Files,
    /// Contract JSON of its notices.
    contracts: Vec<Value>,
}

const BATCH: usize = 256;

/// Proves the whole case, in batches; `step` hears of progress.
pub fn verify(case: &Case, rules: &Rulebook, step: impl Fn(&Proof)) -> anyhow::Result<Proof> {
    let mut proof = Proof::default();
    let folder = case.folder.as_path();
    let mut after = 0;
    loop {
        let originals = originals(case, after)?;
        let Some(last) = originals.last() else { return Ok(proof) };
        after = last.id;
        let parts: Vec<Proof> = originals.par_iter().map(|original| prove(folder, original, rules)).collect();
        parts.into_iter().for_each(|part| proof.add(part));
        step(&proof);
    }
}

impl Proof {
    fn add(&mut self, other: Proof) {
        self.originals += other.originals;
        self.findings += other.findings;
        self.quotes += other.quotes;
        self.values += other.values;
        self.failures.extend(other.failures);
    }
}

fn originals(case: &Case, after: i64) -> anyhow::Result<Vec<Original>> {
    let mut query = case.db.prepare_cached(
        "SELECT o.id, o.sha256, o.segment, o.offset, o.length, c.head FROM originals o JOIN captures c ON c.id = o.capture
         WHERE o.id > ?1 ORDER BY o.id LIMIT ?2",
    )?;
    let mut rows = query.query(params![after, BATCH as i64])?;
    let mut originals = Vec::new();
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        let stored = record::stored(&case.db, id)?;
        let head: Head = serde_json::from_str(&row.get::<_, String>(5)?)?;
        originals.push(Original {
            id,
            files: archive::files(&case.db, &head)?,
            sha256: row.get(1)?,
            place: Place::from_row(row, 2)?,
            head,
            contracts: stored.iter().map(|one| record::unpack(&one.contract)).collect::<anyhow::Result<_>>()?,
        });
    }
    Ok(originals)
}

fn prove(folder: &Path, original: &Original, rules: &Rulebook) -> Proof {
    let mut proof = Proof { originals: 1, ..Proof::default() };
    let file = segments::name(original.place.segment);
    let at = format!("originals/{file} at byte {} (sha256 {})", original.place.offset, original.sha256);
    match archive::bytes(folder, original.place) {
        Err(error) => proof.failures.push(format!("{at}: {error:#}; put {file} back from a backup")),
        Ok((_, now)) if now != original.sha256 => {
            proof.failures.push(format!("{at}: the bytes there now have the hash {now}; put {file} back from a backup"))
        }
        Ok((bytes, _)) => {
            let page = original.head.clone().capture(original.sha256.clone(), bytes);
            match archive::with_attachments(folder, page, &original.files) {
                Ok(capture) => prove_quotes(&mut proof, original, &capture, &at, rules),
                Err(error) => proof.failures.push(format!("{at}: {error:#}; put the originals back from a backup")),
            }
        }
    }
    proof
}

fn prove_quotes(proof: &mut Proof, original: &Original, capture: &Capture, at: &str, rules: &Rulebook) {
    let parts = tendertrace::read::read(capture, rules, &crate::fence::budget());
    for contract in &original.contracts {
        let number = contract["capture"]["part"].as_u64().unwrap_or_default();
        let documents = parts.iter().find(|part| u64::from(part.number) == number).map_or(&[][..], |part| &part.documents);
        let texts: Vec<Text> = documents.iter().map(Text::of).collect();
        for finding in contract["findings"].as_array().into_iter().flatten() {
            let quotes = finding["quotes"].as_array().map_or(&[][..], Vec::as_slice);
            let whole = quotes.iter().all(|quote| stands(quote, "text", &texts)) && !quotes.is_empty();
            (proof.findings, proof.quotes) = (proof.findings + 1, proof.quotes + quotes.len());
            if !whole {
                let id = finding["id"].as_str().unwrap_or("?");
                proof.failures.push(format!("{at}, part {number}: a quote of finding {id} does not stand in the text; run `tendertrace trace --case` with the rules in use, then decide on the finding again"));
            }
        }
        prove_values(proof, &contract["notice"], &texts, at);
    }
}

/// Every object with a verbatim text and its offsets, wherever in the notice it stands.
fn prove_values(proof: &mut Proof, value: &Value, texts: &[Text], at: &str) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| prove_values(proof, value, texts, at)),
        Value::Object(fields) => {
            if let Some(key) =
                ["raw", "text"].into_iter().find(|key| fields.get(*key).is_some_and(Value::is_string) && fields.contains_key("start"))
            {
                proof.values += 1;
                if !stands(value, key, texts) {
                    proof.failures.push(format!(
                        "{at}: the value {} does not stand at its place in the text; run `tendertrace trace --case` with the rules in use",
                        value[key]
                    ));
                }
            }
            fields.values().for_each(|value| prove_values(proof, value, texts, at));
        }
        _ => {}
    }
}

/// A document's text that can be cut at Unicode scalars.
struct Text<'a> {
    text: &'a str,
    /// Byte offset of every 64th scalar.
    marks: Vec<usize>,
}

const MARK: usize = 64;

impl<'a> Text<'a> {
    fn of(document: &'a Document) -> Text<'a> {
        let text = document.text.as_str();
        Text { text, marks: text.char_indices().step_by(MARK).map(|(at, _)| at).collect() }
    }

    /// The text from scalar `start` on.
    fn from(&self, start: usize) -> Option<&'a str> {
        let Some(mark) = self.marks.get(start / MARK) else { return (start == 0).then_some("") };
        let rest = &self.text[*mark..];
        let skipped = start % MARK;
        match rest.char_indices().nth(skipped) {
            Some((at, _)) => Some(&rest[at..]),
            None => (rest.chars().count() == skipped).then_some(""),
        }
    }
}

fn stands(quote: &Value, key: &str, texts: &[Text]) -> bool {
    let number = |key: &str| quote[key].as_u64().and_then(|n| usize::try_from(n).ok());
    let (Some(doc), Some(start), Some(end), Some(said)) = (number("doc"), number("start"), number("end"), quote[key].as_str()) else {
        return false;
    };
    let there = texts.get(doc).and_then(|text| text.from(start));
    there.is_some_and(|there| there.starts_with(said)) && start + said.chars().count() == end
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_quote_stands_only_at_its_place_and_to_its_end() {
        let document = Document { text: "采购人🙂：示例市公安局".repeat(20), ..Document::default() };
        let texts = [Text::of(&document)];
        let quote = |text: &str, start: usize| json!({"text": text, "doc": 0, "start": start, "end": start + text.chars().count()});
        for round in 0..20 {
            assert!(stands(&quote("示例市", round * 11 + 5), "text", &texts), "{round}");
            assert!(!stands(&quote("示例市", round * 11 + 6), "text", &texts), "{round}");
        }
        assert!(!stands(&json!({"text": "示例市", "doc": 0, "start": 5, "end": 9}), "text", &texts));
        assert!(!stands(&quote("局示", 219), "text", &texts));
        assert!(!stands(&quote("采", 100_000), "text", &texts));
    }
}
