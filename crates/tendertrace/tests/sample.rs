//! Does the shipped sample come out as labelled by hand? One named test per sample and group of
//! fields, compared through the published JSON. What is known to fail is listed in
//! `truth/sample-known-failures.txt`, which may only shrink: a listed test that passes fails the run.

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use tendertrace::model::{Budget, Capture, Examination, sha256_hex};
use tendertrace::rulebook::Rulebook;
use tendertrace::wire;

/// Label and published examination in, what is wrong out.
type Check = fn(&Value, &Value) -> Vec<String>;

const GROUPS: &[(&str, Check)] = &[
    ("stage", stage),
    ("project", project),
    ("buyer", buyer),
    ("money", money),
    ("awards", awards),
    ("items", items),
    ("brands", brands),
    ("purposes", purposes),
    ("evidence", evidence),
];

fn main() {
    let truth = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../truth");
    let known = Arc::new(known_failures(&truth.join("sample-known-failures.txt")));
    let mut trials = Vec::new();
    for label in labels(&truth) {
        let sample = Arc::new(Sample { label, folder: truth.join("sample"), seen: OnceLock::new() });
        for (group, check) in GROUPS {
            let name = format!("{} {group}", sample.id());
            let (sample, known) = (sample.clone(), known.clone());
            trials.push(Trial::test(name.clone(), move || verdict(&name, &sample, *check, &known)));
        }
    }
    trials.push(no_stale_names(&trials, &known));
    trials.push(every_page_is_labelled(&truth));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// One labelled notice; examined once, when the first of its tests runs.
struct Sample {
    label: Value,
    folder: PathBuf,
    seen: OnceLock<Result<Value, String>>,
}

impl Sample {
    fn id(&self) -> &str {
        self.label["id"].as_str().expect("every label has an id")
    }

    fn seen(&self) -> &Result<Value, String> {
        self.seen.get_or_init(|| {
            let capture = capture(&self.folder, self.id()).ok_or_else(|| format!("no capture {}", self.id()))?;
            match tendertrace::examine(&capture, rules(), &Budget::default()).as_slice() {
                [one] => Ok(published(one)),
                many => Err(format!("{} notices instead of one", many.len())),
            }
        })
    }
}

/// The published JSON, with the texts beside it so that quotes can be tested.
fn published(examination: &Examination) -> Value {
    let mut value = wire::examination(examination, &rules().hashes);
    value["texts"] = examination.documents.iter().map(|d| d.text.as_str()).collect::<Vec<_>>().into();
    value
}

fn rules() -> &'static Rulebook {
    static RULES: OnceLock<Rulebook> = OnceLock::new();
    RULES.get_or_init(Rulebook::embedded)
}

fn verdict(name: &str, sample: &Sample, check: Check, known: &BTreeSet<String>) -> Result<(), Failed> {
    let wrong = match sample.seen() {
        Ok(seen) => check(&sample.label, seen),
        Err(message) => vec![message.clone()],
    };
    match (wrong.is_empty(), known.contains(name)) {
        (true, false) | (false, true) => Ok(()),
        (true, true) => Err(format!("passes now: remove \"{name}\" from truth/sample-known-failures.txt").into()),
        (false, false) => Err(wrong.join("\n").into()),
    }
}

fn no_stale_names(trials: &[Trial], known: &BTreeSet<String>) -> Trial {
    let names: BTreeSet<_> = trials.iter().map(|t| t.name().to_string()).collect();
    let stale: Vec<_> = known.difference(&names).cloned().collect();
    Trial::test("the list of known failures names only tests that exist", move || match stale.as_slice() {
        [] => Ok(()),
        stale => Err(format!("remove {stale:?}").into()),
    })
}

fn every_page_is_labelled(truth: &Path) -> Trial {
    let ids: BTreeSet<_> = labels(truth).iter().filter_map(|l| text(&l["id"])).collect();
    let files = std::fs::read_dir(truth.join("sample")).expect("the sample folder").filter_map(|f| f.ok()?.file_name().into_string().ok());
    let bare: Vec<_> = files.filter(|f| !f.ends_with(".jsonl") && !ids.contains(f)).collect();
    Trial::test("every sample page has its label", move || match bare.as_slice() {
        [] => Ok(()),
        bare => Err(format!("no label for {bare:?}").into()),
    })
}

fn labels(truth: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(truth.join("sample-expected.jsonl")).expect("the labels of the sample");
    text.lines().map(|line| serde_json::from_str(line).expect("a label is one JSON object a line")).collect()
}

fn known_failures(path: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_string).collect()
}

/// A file of the folder by name, or a capture line of one of its `.jsonl` files by its `id`.
fn capture(folder: &Path, id: &str) -> Option<Capture> {
    if let Ok(bytes) = std::fs::read(folder.join(id)) {
        return Some(Capture { file_name: Some(id.to_string()), ..Capture::of_bytes(bytes) });
    }
    let files = std::fs::read_dir(folder).ok()?.filter_map(|f| Some(f.ok()?.path()));
    files.filter(|p| p.extension().is_some_and(|e| e == "jsonl")).find_map(|path| {
        let text = std::fs::read_to_string(path).ok()?;
        let line = text.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok()).find(|v| v["id"] == id)?;
        Some(capture_line(&line))
    })
}

fn capture_line(line: &Value) -> Capture {
    let bytes = text(&line["content"]).unwrap_or_default().into_bytes();
    Capture {
        url: text(&line["url"]),
        title: text(&line["title"]),
        published: text(&line["published"]),
        media_type: text(&line["media_type"]),
        sha256: sha256_hex(&bytes),
        bytes,
        ..Capture::default()
    }
}

fn stage(label: &Value, seen: &Value) -> Vec<String> {
    same("stage", text(&label["stage"]), text(&seen["notice"]["stage"]["value"]))
}

fn project(label: &Value, seen: &Value) -> Vec<String> {
    let wanted = text(&label["project_number"]).map_or(Vec::new(), |n| n.split('|').map(str::to_string).collect());
    let numbers = list(&seen["notice"]["project_numbers"]).iter().filter_map(|n| text(&n["value"])).collect();
    let name = same("project_name", text(&label["project_name"]), text(&seen["notice"]["project_name"]["value"]));
    [difference("project_number", wanted, numbers), name].concat()
}

fn buyer(label: &Value, seen: &Value) -> Vec<String> {
    let notice = &seen["notice"];
    let province = text(&notice["region"]["value"]["code"]).map(|code| code.chars().take(2).collect());
    let buyer = text(&notice["buyer"]["value"]);
    let end_user = text(&notice["end_user"]["value"]).filter(|user| Some(user) != buyer.as_ref());
    [
        same("buyer", text(&label["buyer"]), buyer),
        same("agency", text(&label["agency"]), text(&notice["agency"]["value"])),
        same("buyer_kind", text(&label["buyer_kind"]), text(&notice["buyer_kind"]["value"])),
        same("province", text(&label["province"]), province),
        same("end_user", text(&label["end_user"]), end_user),
    ]
    .concat()
}

fn money(label: &Value, seen: &Value) -> Vec<String> {
    let read = |field: &str| amount(&seen["notice"][field]["value"]["amount"]);
    [same("budget", amount(&label["budget"]), read("budget")), same("total", amount(&label["total_award"]), read("total"))].concat()
}

fn awards(label: &Value, seen: &Value) -> Vec<String> {
    let won = list(&seen["notice"]["awards"]);
    let bids = list(&seen["notice"]["bids"]);
    let open = bids.iter().filter(|b| b["won"].is_null()).map(award_read).collect();
    let lost = bids.iter().filter(|b| b["won"] == Value::Bool(false)).map(suppliers).collect();
    let labelled = |field: &str| list(&label[field]).iter().map(award_labelled).collect();
    let losers = list(&label["losers"]).iter().filter_map(text).collect();
    [
        difference("award", labelled("awards"), won.iter().map(award_read).collect()),
        difference("candidate", labelled("candidates"), open),
        difference("loser", losers, lost),
    ]
    .concat()
}

fn award_labelled(row: &Value) -> String {
    let currency = text(&row["currency"]).unwrap_or("CNY".to_string());
    let price = amount(&row["amount"]).map(|a| format!("{a} {currency}"));
    award_line(text(&row["lot"]), text(&row["supplier"]).unwrap_or_default(), price)
}

fn award_read(row: &Value) -> String {
    let money = &row["amount"]["value"];
    let price = amount(&money["amount"]).map(|a| format!("{a} {}", text(&money["currency"]).unwrap_or_default()));
    award_line(text(&row["lot"]), suppliers(row), price)
}

fn award_line(lot: Option<String>, who: String, price: Option<String>) -> String {
    let lot = lot.map_or(String::new(), |l| format!("lot {l}: "));
    format!("{lot}{who} = {}", price.unwrap_or("no amount".to_string()))
}

fn suppliers(row: &Value) -> String {
    list(&row["suppliers"]).iter().filter_map(|s| text(&s["value"])).collect::<Vec<_>>().join("+")
}

fn items(label: &Value, seen: &Value) -> Vec<String> {
    let wanted = list(&label["items"]).iter().map(|i| item_line(i, text, amount(&i["unit_price"]))).collect();
    let read = |i: &Value| item_line(i, |v| text(&v["value"]), amount(&i["unit_price"]["value"]["amount"]));
    difference("item", wanted, list(&seen["notice"]["items"]).iter().map(read).collect())
}

fn item_line(item: &Value, get: fn(&Value) -> Option<String>, price: Option<String>) -> String {
    let part = |key: &str| get(&item[key]).unwrap_or("-".to_string());
    let demanded = if item["demanded"] == Value::Bool(true) { "demanded " } else { "" };
    let quantity = amount(&item["quantity"]).unwrap_or("-".to_string());
    format!("{demanded}{}|{}|{}|{quantity} × {}", part("name"), part("brand"), part("model"), price.unwrap_or("-".to_string()))
}

/// Pairs of brand and usage of what is named (an inferred component is labelled nowhere); where the
/// label leaves the key open (`a|b`), either is right.
fn brands(label: &Value, seen: &Value) -> Vec<String> {
    let mut found = BTreeMap::new();
    for finding in list(&seen["findings"]).iter().filter(|f| f["via"] != "component") {
        let pair = (text(&finding["brand"]).unwrap_or_default(), text(&finding["usage"]).unwrap_or_default());
        found.insert(pair, text(&finding["quotes"][0]["text"]).unwrap_or_default());
    }
    let mut wrong = Vec::new();
    let mut met = BTreeSet::new();
    for row in list(&label["brands"]) {
        let (keys, usage) = (text(&row["key"]).unwrap_or_default(), text(&row["usage"]).unwrap_or_default());
        let right: Vec<_> = keys.split('|').map(|key| (key.to_string(), usage.clone())).filter(|pair| found.contains_key(pair)).collect();
        if right.is_empty() {
            wrong.push(format!("missed {keys} {usage}: {}", row["quote"]));
        }
        met.extend(right);
    }
    wrong.extend(
        found.iter().filter(|(pair, _)| !met.contains(*pair)).map(|((brand, usage), quote)| format!("claimed {brand} {usage}: {quote:?}")),
    );
    wrong
}

fn purposes(label: &Value, seen: &Value) -> Vec<String> {
    let some = |p: &String| p != "none";
    let wanted = list(&label["purposes"]).iter().filter_map(text).filter(some).collect();
    let found = list(&seen["notice"]["purposes"]).iter().filter_map(|p| text(&p["value"])).filter(some).collect();
    difference("purpose", wanted, found)
}

/// Every quote cuts out its own text, and every finding has one.
fn evidence(_label: &Value, seen: &Value) -> Vec<String> {
    let texts: Vec<Vec<char>> = list(&seen["texts"]).iter().map(|t| t.as_str().unwrap_or("").chars().collect()).collect();
    let mut wrong = Vec::new();
    quotes(&seen["notice"], &texts, &mut wrong);
    for finding in list(&seen["findings"]) {
        if list(&finding["quotes"]).is_empty() {
            wrong.push(format!("a finding without a quote: {finding}"));
        }
        quotes(&finding, &texts, &mut wrong);
    }
    wrong
}

fn quotes(value: &Value, texts: &[Vec<char>], wrong: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            wrong.extend(misquoted(value, texts));
            map.values().for_each(|v| quotes(v, texts, wrong));
        }
        Value::Array(all) => all.iter().for_each(|v| quotes(v, texts, wrong)),
        _ => {}
    }
}

fn misquoted(value: &Value, texts: &[Vec<char>]) -> Option<String> {
    let (start, end) = (value["start"].as_u64()? as usize, value["end"].as_u64()? as usize);
    let said = value["raw"].as_str().or(value["text"].as_str())?;
    let text = texts.get(value["doc"].as_u64()? as usize);
    let cut: Option<String> = text.and_then(|t| t.get(start..end)).map(|c| c.iter().collect());
    (cut.as_deref() != Some(said)).then(|| format!("{said:?} is not what stands at {start}..{end}: {cut:?}"))
}

fn same(field: &str, wanted: Option<String>, found: Option<String>) -> Vec<String> {
    difference(field, wanted.into_iter().collect(), found.into_iter().collect())
}

/// Both as multisets, white space aside.
fn difference(field: &str, wanted: Vec<String>, found: Vec<String>) -> Vec<String> {
    let mut left: Vec<_> = found.iter().map(|f| squeeze(f)).collect();
    let mut wrong = Vec::new();
    for wanted in wanted.iter().map(|w| squeeze(w)) {
        match left.iter().position(|f| *f == wanted) {
            Some(at) => drop(left.swap_remove(at)),
            None => wrong.push(format!("missed {field}: {wanted}")),
        }
    }
    wrong.extend(left.iter().map(|f| format!("claimed {field}: {f}")));
    wrong
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_string)
}

/// A number, or a decimal string, in one spelling.
fn amount(value: &Value) -> Option<String> {
    let number: f64 = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
    Some(number.to_string())
}

fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
