//! Do invented notices in the shape of real layouts give exactly their awards, bids and items? Each
//! file of `tests/data/grids/` is one notice with what must come out of it.

use serde_json::{Value, json};
use std::path::PathBuf;
use tendertrace::evidence::{Known, Sourced};
use tendertrace::model::{Budget, Capture, Document, Money, Notice};
use tendertrace::rulebook::Rulebook;

fn fixtures() -> Vec<(String, Value)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/grids");
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("fixtures").flatten().map(|e| e.path()).collect();
    files.sort();
    let name = |path: &PathBuf| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    files.iter().map(|path| (name(path), serde_json::from_slice(&std::fs::read(path).expect("readable")).expect("JSON"))).collect()
}

fn read(fixture: &Value, more: &str, rules: &Rulebook) -> (Notice, Vec<Document>) {
    let text = |key: &str| fixture[key].as_str().unwrap_or_default().to_string();
    let bytes = (text("content") + more).into_bytes();
    let capture = Capture { title: Some(text("title")), media_type: Some(text("media_type")), ..Capture::of_bytes(bytes) };
    let examination = tendertrace::examine(&capture, rules, &Budget::default()).remove(0);
    (examination.notice.expect("a notice"), examination.documents)
}

fn sum(money: &Option<Known<Money>>) -> Value {
    money.as_ref().map_or(Value::Null, |m| json!(m.value().amount.to_string()))
}

fn text(value: &Option<Sourced<String>>) -> Value {
    value.as_ref().map_or(Value::Null, |v| json!(v.value))
}

/// The parts of a notice that the fixtures state, in their form.
fn outcome(notice: &Notice) -> Value {
    let names = |all: &[Sourced<String>]| -> Vec<String> { all.iter().map(|n| n.value.clone()).collect() };
    let awards: Vec<Value> = notice
        .awards
        .iter()
        .map(|a| {
            let mut award = json!({"lot": a.lot, "suppliers": names(&a.suppliers), "amount": sum(&a.amount)});
            if let Some(note) = &a.note {
                award["note"] = json!(note);
            }
            award
        })
        .collect();
    let bids: Vec<Value> = notice.bids.iter().map(|b| json!([names(&b.suppliers).join(" + "), sum(&b.amount), b.rank, b.won])).collect();
    let items: Vec<Value> = notice
        .items
        .iter()
        .map(|i| {
            let quantity = i.quantity.as_ref().map(|q| q.value.normalize().to_string());
            json!([i.name.value, text(&i.brand), text(&i.model), quantity, sum(&i.unit_price)])
        })
        .collect();
    json!({"awards": awards, "bids": bids, "items": items, "total": sum(&notice.total)})
}

fn stated(fixture: &Value) -> Value {
    json!({"awards": fixture["awards"], "bids": fixture["bids"], "items": fixture["items"], "total": fixture["total"]})
}

#[test]
fn every_layout_gives_its_outcome() {
    let rules = Rulebook::embedded();
    let mut wrong = Vec::new();
    for (name, fixture) in fixtures() {
        let (notice, _) = read(&fixture, "", &rules);
        if outcome(&notice) != stated(&fixture) {
            wrong.push(format!("{name}\n  is     {}\n  should {}", outcome(&notice), stated(&fixture)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_unrelated_paragraph_changes_nothing() {
    let rules = Rulebook::embedded();
    for (name, fixture) in fixtures() {
        let (plain, _) = read(&fixture, "", &rules);
        let (longer, _) = read(&fixture, "\n\n\n本公告的解释权归示例市有关部门所有。", &rules);
        assert_eq!(outcome(&plain), outcome(&longer), "{name}");
    }
}

#[test]
fn every_value_stands_where_it_says() {
    let rules = Rulebook::embedded();
    for (name, fixture) in fixtures() {
        let (notice, documents) = read(&fixture, "", &rules);
        let stands = |v: &Sourced<String>| assert_eq!(documents[v.at.doc as usize].slice(v.at), v.raw, "{name}");
        notice.awards.iter().flat_map(|a| &a.suppliers).for_each(stands);
        notice.bids.iter().flat_map(|b| &b.suppliers).for_each(stands);
        for item in &notice.items {
            [Some(&item.name), item.brand.as_ref(), item.model.as_ref(), item.supplier.as_ref()].into_iter().flatten().for_each(stands);
        }
        for quote in notice.awards.iter().filter_map(|a| a.amount.as_ref()).chain(&notice.total).flat_map(Known::quotes) {
            assert_eq!(documents[quote.at.doc as usize].slice(quote.at), quote.text, "{name}");
        }
    }
}
