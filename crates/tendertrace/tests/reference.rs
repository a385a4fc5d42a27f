//! Do we know every brand of the shared reference list, by every name it gives, and can every
//! published claim be said in our words? What a name cannot do alone stands here with its reason.

mod shared;

use std::collections::{BTreeMap, BTreeSet};
use tendertrace::classify::explain::{Fired, explain};
use tendertrace::model::Usage;
use tendertrace::report::say;
use tendertrace::rulebook::Rulebook;

/// Names of the list that are no name of the brand by themselves, and why.
const NOT_ALONE: [(&str, &str); 8] = [
    ("i2", "two characters; a finding of it needs a product's name"),
    ("Gen Digital", "the consumer business, another company since 2019"),
    ("Alphabet", "an ordinary word"),
    ("Amazon.com, Inc.", "an address first"),
    ("日电", "two characters that stand in many words"),
    ("新力", "an ordinary word, and part of other makers' names"),
    ("Yixin", "the sound of many names"),
    ("VNX", "a product that needs its maker's name beside it"),
];

/// Texts that only look like a brand of the list, from its notes: the brand must not be found.
const LOOKALIKES: [(&str, &str); 10] = [
    ("品牌：超微半导体", "supermicro"),
    ("品牌：美超微", "amd"),
    ("高通量测序仪", "qualcomm"),
    ("深圳市君思科技有限公司", "cisco"),
    ("智慧与城市", "hpe"),
    ("东单大华路1号", "dahua"),
    ("青苹果、红富士", "apple"),
    ("字体：微软雅黑", "microsoft"),
    ("甲骨文博物馆展陈", "oracle"),
    ("南华大学附属医院", "bgi"),
];

struct Row {
    key: String,
    parent: String,
    name: String,
    names: Vec<String>,
}

fn rows(text: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let of = |record: &BTreeMap<String, String>, column: &str| record[column].trim().to_string();
    let row = |record: BTreeMap<String, String>| {
        let listed = ["names_zh", "aliases"].map(|column| of(&record, column));
        let listed = listed.iter().flat_map(|names| names.split('|')).map(without_remark);
        let names = [of(&record, "name_en"), of(&record, "legal_name_en")].into_iter().chain(listed);
        let names: BTreeSet<String> = names.filter(|name| !name.is_empty()).collect();
        Row { key: of(&record, "key"), parent: of(&record, "parent_key"), name: of(&record, "name_en"), names: names.into_iter().collect() }
    };
    reader.deserialize().map(|record| row(record.expect("a row of the list"))).collect()
}

/// `i2 (sold 2022)` is `i2`; brackets of a Chinese name belong to it.
fn without_remark(name: &str) -> String {
    name.split(" (").next().unwrap_or(name).trim().to_string()
}

/// Brands that stand in `text` where `name` stands.
fn found<'a>(text: &str, name: &str, fired: &'a [Fired]) -> BTreeSet<&'a str> {
    let (start, end) = text.find(name).map_or((0, 0), |at| (at, at + name.len()));
    let there = fired.iter().filter(|f| f.rejected_by.is_none() && f.span.start < end && start < f.span.end);
    there.map(|f| f.brand.as_str()).collect()
}

/// A name alone in a brand cell, or a product behind its maker's name.
fn resolves(row: &Row, name: &str, accepted: &BTreeSet<&str>, rules: &Rulebook) -> bool {
    [format!("品牌：{name}"), format!("采购{}　{name}一套", row.name)].iter().enumerate().any(|(at, text)| {
        let fired = explain(text, rules);
        let there = if at == 0 { found(text, name, &fired) } else { found(text, &format!("　{name}"), &fired) };
        there.iter().any(|key| accepted.contains(key))
    })
}

#[test]
fn every_name_of_the_reference_list_is_its_brand() {
    let Some(path) = shared::find("reference/brands.csv") else { return };
    let rules = Rulebook::embedded();
    let rows = rows(&std::fs::read_to_string(path).expect("readable"));
    assert!(rows.len() >= 98, "{} rows", rows.len());
    let mut carriers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (row, name) in rows.iter().flat_map(|row| row.names.iter().map(move |name| (row, name))) {
        carriers.entry(name).or_default().insert(&row.key);
    }
    let mut wrong = Vec::new();
    for row in &rows {
        if rules.brands.by_key(&row.key).is_none() {
            wrong.push(format!("no brand {}", row.key));
        }
        // A name that two rows carry, or that a parent lists of its child, may be either.
        let family = rows.iter().filter(|other| other.parent == row.key || row.parent == other.key).map(|other| other.key.as_str());
        let family: BTreeSet<&str> = family.chain([row.key.as_str()]).collect();
        for name in row.names.iter().filter(|name| NOT_ALONE.iter().all(|(known, _)| known != name)) {
            let accepted: BTreeSet<&str> = family.union(&carriers[name.as_str()]).copied().collect();
            if !resolves(row, name, &accepted, &rules) {
                wrong.push(format!("{}: {name}", row.key));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_the_lists_notes_warn_of_is_left_alone() {
    let rules = Rulebook::embedded();
    for (text, brand) in LOOKALIKES {
        let fired = explain(text, &rules);
        assert!(fired.iter().all(|f| f.brand != brand || f.rejected_by.is_some()), "{text} is no {brand}");
    }
}

/// Companies of the claims that make no product a notice could name, or whose name is no single brand.
const NO_BRAND: [(&str, &str); 8] = [
    ("14 Chinese firms", "a number"),
    ("Meltwater", "a subscription to media monitoring"),
    ("CustomScoop", "a subscription to media monitoring"),
    ("quintly", "a subscription to media monitoring"),
    ("Neusoft", "an integrator in this claim"),
    ("Microsemi", "chips inside other products"),
    ("Gigabyte", "boards inside other products"),
    ("HBFEC", "a state institute"),
];

/// Words of the claims' relations, and the usages that can say them; none: no notice says it.
const RELATIONS: [(&str, &[Usage]); 10] = [
    ("brand by interview", &[]),
    ("deliver", &[Usage::Awarded]),
    ("award", &[Usage::Awarded]),
    ("required", &[Usage::Required, Usage::Reference]),
    ("tender", &[Usage::Required]),
    ("demand", &[Usage::Required]),
    ("compatib", &[Usage::Compatible]),
    ("component", &[Usage::Awarded, Usage::Required]),
    ("rebrand", &[Usage::Awarded]),
    ("confirmed", &[Usage::Awarded]),
];

/// Relations that are told elsewhere than in notices.
const NOT_IN_NOTICES: [&str; 18] = [
    "rebuttal",
    "marketing",
    "measured",
    "partner",
    "planned",
    "negative",
    "customer list",
    "disclosed tie",
    "interview",
    "ownership",
    "investment",
    "developer",
    "copied",
    "asserted",
    "sum of",
    "leaked",
    "embedded",
    "existing subscription",
];

#[test]
fn every_published_claim_can_be_said_in_our_words() {
    let Some(path) = shared::find("domain/published-claims.jsonl") else { return };
    let rules = Rulebook::embedded();
    let text = std::fs::read_to_string(path).expect("readable");
    let mut wrong = BTreeSet::new();
    let unsaid = |usage: &&Usage| say::label("usage", &say::word(*usage), &rules) == say::word(*usage);
    assert_eq!(RELATIONS.iter().flat_map(|(_, usages)| *usages).find(unsaid), None, "a usage without words");
    let (mut companies, mut relations) = (0, 0);
    for line in text.lines() {
        let claim: serde_json::Value = serde_json::from_str(line).expect("a JSON line");
        let of = |key: &str| claim[key].as_str().unwrap_or_default().trim().to_string();
        for company in of("company").split([';', '/']).map(without_remark).filter(|name| !name.is_empty()) {
            companies += 1;
            let fired = explain(&format!("品牌：{company}"), &rules);
            let known = fired.iter().any(|f| f.rejected_by.is_none()) || NO_BRAND.iter().any(|(name, _)| company.starts_with(name));
            if !known {
                wrong.insert(format!("company {company}"));
            }
        }
        let relation = of("relation");
        relations += usize::from(!relation.is_empty());
        let said = RELATIONS.iter().any(|(word, _)| relation.contains(word)) || NOT_IN_NOTICES.iter().any(|word| relation.contains(word));
        if !relation.is_empty() && !said {
            wrong.insert(format!("relation {relation}"));
        }
    }
    assert!(companies > 90 && relations > 60, "{companies} companies, {relations} relations");
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}
