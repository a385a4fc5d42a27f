//! How well are whole notices read? Every field of the labelling guide against the published JSON,
//! so that it measures what other programs would read. A field that careful readers dispute
//! (`ambiguous.json` beside GOLD: id → fields) is not scored, nor one whose key a row leaves out: `null`
//! and `[]` say that there is none, no key that nobody labelled it.

use super::tally::{Board, Tally};
use anyhow::Context as _;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tendertrace::model::Capture;
use tendertrace::rulebook::Rulebook;
use tendertrace::{classify, wire};

/// Per notice, the fields that are not scored.
pub type Disputed = BTreeMap<String, BTreeSet<String>>;

/// The guide's keys, each with a field that it labels.
const KEYS: &[(&str, &str)] = &[
    ("stage", "stage"),
    ("buyer", "buyer"),
    ("agency", "agency"),
    ("buyer_kind", "buyer_kind"),
    ("project_name", "project_name"),
    ("project_number", "project_number"),
    ("province", "province"),
    ("budget", "budget"),
    ("total_award", "total"),
    ("awards", "supplier"),
    ("awards", "amount"),
    ("candidates", "candidate"),
    ("losers", "losers"),
    ("items", "items"),
    ("purposes", "purposes"),
    ("brands", "brand"),
];

/// The disputed fields beside the labels, where there are any.
pub fn read_disputed(gold: &Path) -> anyhow::Result<Disputed> {
    let path = gold.with_file_name("ambiguous.json");
    match std::fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text).with_context(|| format!("reading {}", path.display())),
        Err(_) => Ok(Disputed::new()),
    }
}

/// Scores the notices of one capture that GOLD labels.
pub fn score_capture(
    capture: &Capture,
    gold: &BTreeMap<String, Value>,
    disputed: &Disputed,
    rules: &Rulebook,
    seen: &mut BTreeSet<String>,
    board: &mut Board,
) {
    let mut names: Vec<String> = vec![capture.sha256.clone()];
    names.extend(capture.meta.get("id").and_then(Value::as_str).map(str::to_string));
    names.extend(capture.file_name.clone());
    let parts = names.iter().flat_map(|n| [format!("{n}#0"), format!("{n}#1"), n.clone()]);
    if !parts.into_iter().any(|n| gold.contains_key(&n)) && !names.iter().any(|n| gold.keys().any(|k| k.starts_with(&format!("{n}#")))) {
        return;
    }
    for (number, examination) in tendertrace::examine(capture, rules, &crate::fence::budget()).iter().enumerate() {
        let row = names
            .iter()
            .find_map(|n| gold.get_key_value(&format!("{n}#{number}")).or_else(|| gold.get_key_value(n).filter(|_| number == 0)));
        let Some((id, row)) = row else { continue };
        if seen.insert(id.clone()) {
            let mut skip = disputed.get(id).cloned().unwrap_or_default();
            skip.extend(KEYS.iter().filter(|(key, _)| row.get(key).is_none()).map(|(_, field)| field.to_string()));
            Scorer { id, skip: &skip, board, rules }.notice(row, &wire::examination(examination, &rules.hashes));
        }
    }
}

struct Scorer<'a> {
    id: &'a str,
    skip: &'a BTreeSet<String>,
    board: &'a mut Board,
    rules: &'a Rulebook,
}

impl Scorer<'_> {
    fn notice(&mut self, gold: &Value, ours: &Value) {
        let notice = &ours["notice"];
        let value = |field: &str| text(&notice[field]["value"]);
        self.one("stage", "stage", text(&gold["stage"]), value("stage"));
        for field in ["buyer", "agency", "buyer_kind"] {
            self.one(field, field, text(&gold[field]), value(field));
        }
        self.one("project_name", "project_name", text(&gold["project_name"]), value("project_name"));
        let numbers = |joined: &str| joined.split(" | ").map(squeeze).filter(|n| !n.is_empty()).collect();
        let ours_numbers = list(&notice["project_numbers"]).iter().filter_map(|n| text(&n["value"])).collect();
        self.many("project_number", "project_number", text(&gold["project_number"]).map_or(Vec::new(), |n| numbers(&n)), ours_numbers);
        let province = notice["region"]["value"]["code"].as_str().map(|code| code.chars().take(2).collect());
        self.one("province", "province", text(&gold["province"]), province);
        self.one("budget", "budget", number(&gold["budget"]), money(&notice["budget"]));
        self.one("total", "total", number(&gold["total_award"]), money(&notice["total"]));
        self.outcome(gold, notice);
        self.items(gold, notice);
        self.purposes(gold, notice);
        self.brands(gold, ours);
    }

    fn outcome(&mut self, gold: &Value, notice: &Value) {
        let awards = list(&gold["awards"]);
        let gold_suppliers = awards.iter().flat_map(|a| suppliers(a)).collect();
        let ours: Vec<_> = list(&notice["awards"]).iter().flat_map(named).collect();
        self.many("supplier", "supplier", gold_suppliers, ours);
        let amounts = awards.iter().filter_map(|a| number(&a["amount"])).collect();
        let ours = list(&notice["awards"]).iter().filter_map(|a| money(&a["amount"])).collect();
        self.many("amount", "amount", amounts, ours);
        let candidates = list(&gold["candidates"]).iter().flat_map(|c| suppliers(c)).collect();
        let bids = list(&notice["bids"]);
        let open = bids.iter().filter(|b| b["won"].is_null()).flat_map(named).collect();
        self.many("candidate", "candidate", candidates, open);
        let losers = list(&gold["losers"]).iter().filter_map(text).map(|l| squeeze(&l)).collect();
        let lost = bids.iter().filter(|b| b["won"] == json!(false)).flat_map(named).collect();
        self.many("loser", "losers", losers, lost);
    }

    fn items(&mut self, gold: &Value, notice: &Value) {
        let (demanded, awarded): (Vec<_>, Vec<_>) = list(&gold["items"]).into_iter().partition(|i| i["demanded"] == json!(true));
        let (ours_demanded, ours): (Vec<_>, Vec<_>) = list(&notice["items"]).into_iter().partition(|i| i["demanded"] == json!(true));
        let gold_key = |i: &Value| item_key(&i["name"], &i["brand"], &i["model"]);
        let our_key = |i: &Value| item_key(&i["name"]["value"], &i["brand"]["value"], &i["model"]["value"]);
        self.many("item", "items", awarded.iter().map(gold_key).collect(), ours.iter().map(our_key).collect());
        self.many("item_demanded", "items", demanded.iter().map(gold_key).collect(), ours_demanded.iter().map(our_key).collect());
        let priced = |i: &Value, key: String, price: Option<String>| {
            Some(format!("{key} @ {} × {}", number(&i["quantity"]).unwrap_or_default(), price?))
        };
        let gold_prices = awarded.iter().filter_map(|i| priced(i, gold_key(i), number(&i["unit_price"]))).collect();
        let our_prices = ours.iter().filter_map(|i| priced(i, our_key(i), money(&i["unit_price"]))).collect();
        self.many("item_price", "items", gold_prices, our_prices);
    }

    fn purposes(&mut self, gold: &Value, notice: &Value) {
        let wanted = list(&gold["purposes"]).iter().filter_map(text).collect();
        let ours = list(&notice["purposes"]).iter().filter_map(|p| text(&p["value"])).collect();
        self.many("purpose", "purposes", wanted, ours);
    }

    /// Labels name brands as written; the rulebook says which key that is. A name it does not know
    /// is counted apart: it can only be a gap.
    fn brands(&mut self, gold: &Value, ours: &Value) {
        if self.skip.contains("brand") {
            return;
        }
        let mut wanted: BTreeMap<String, String> = BTreeMap::new();
        for row in list(&gold["brands"]) {
            let name = text(&row["brand"]).unwrap_or_default();
            let usage = text(&row["usage"]).unwrap_or_default();
            let keys = classify::brand_keys(&name, self.rules);
            if keys.is_empty() {
                self.unknown_brand(&name, ours);
            }
            for key in keys {
                wanted.insert(key, usage.clone());
            }
        }
        let findings = list(&ours["findings"]);
        let mut claimed: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for finding in &findings {
            let usage = text(&finding["usage"]).unwrap_or_default();
            claimed.entry(text(&finding["brand"]).unwrap_or_default()).or_default().push(usage);
        }
        self.many("brand", "brand", wanted.keys().cloned().collect(), claimed.keys().cloned().collect());
        if self.skip.contains("usage") {
            return;
        }
        for (brand, usage) in wanted.iter().filter(|(b, _)| claimed.contains_key(*b)) {
            let best = claimed[brand].iter().find(|u| *u == usage).or(claimed[brand].first()).cloned();
            self.one("usage", "usage", Some(format!("{brand} {usage}")), best.map(|u| format!("{brand} {u}")));
        }
    }

    fn unknown_brand(&mut self, name: &str, ours: &Value) {
        let shown = list(&ours["gaps"])
            .iter()
            .any(|g| g["kind"] == json!("unknown_brand") && text(&g["at"]["text"]).is_some_and(|t| squeeze(&t).contains(&squeeze(name))));
        self.one("unknown_brand", "brand", Some(name.to_string()), shown.then(|| name.to_string()));
    }

    fn one(&mut self, field: &'static str, disputed_as: &str, gold: Option<String>, ours: Option<String>) {
        let collect = |v: Option<String>| v.iter().map(|s| squeeze(s)).filter(|s| !s.is_empty()).collect();
        self.many(field, disputed_as, collect(gold), collect(ours));
    }

    fn many(&mut self, field: &'static str, disputed_as: &str, gold: Vec<String>, ours: Vec<String>) {
        if !self.skip.contains(disputed_as) {
            self.board.entry(field.to_string()).or_insert_with(Tally::default).meet(self.id, gold, ours, squeeze);
        }
    }
}

fn item_key(name: &Value, brand: &Value, model: &Value) -> String {
    [name, brand, model].map(|v| text(v).map_or("-".to_string(), |t| squeeze(&t))).join(" | ")
}

fn named(row: &Value) -> Vec<String> {
    list(&row["suppliers"]).iter().filter_map(|s| text(&s["value"])).map(|s| squeeze(&s)).collect()
}

fn suppliers(row: &Value) -> Vec<String> {
    text(&row["supplier"]).map_or(Vec::new(), |joined| joined.split(" + ").map(squeeze).collect())
}

/// Full width, case and white space do not make a name another name.
fn squeeze(text: &str) -> String {
    tendertrace::script::Folder::default().squeeze(text).text
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_string).filter(|t| !t.trim().is_empty())
}

fn number(value: &Value) -> Option<String> {
    let plain: f64 = value.as_f64()?;
    Some(format!("{plain:.2}"))
}

fn money(value: &Value) -> Option<String> {
    let plain: f64 = value["value"]["amount"].as_str()?.parse().ok()?;
    Some(format!("{plain:.2}"))
}
