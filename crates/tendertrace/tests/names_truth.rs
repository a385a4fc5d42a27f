//! Labelled truth of the rooms resolve and screen: every row of truth/kinds.csv, truth/regions.csv
//! and truth/names/*.csv is a test of its own.

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tendertrace::evidence::{Sourced, Span};
use tendertrace::model::{Block, BlockKind, Document, Notice};
use tendertrace::resolve;
use tendertrace::rulebook::{Files, Rulebook};

/// The rulebook as it lies in the repository: a change of a row needs no build.
static RULES: LazyLock<Rulebook> = LazyLock::new(|| {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../rulebook");
    let mut files = BTreeMap::new();
    gather(&root, &root, &mut files);
    Rulebook::load(&Files::empty().with_layer(files)).unwrap_or_else(|problems| {
        let lines: Vec<String> = problems.iter().map(|p| p.to_string()).collect();
        panic!("{}", lines.join("\n"))
    })
});

fn gather(root: &Path, dir: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(dir).expect("a folder of the rulebook").flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("inside").to_string_lossy().replace('\\', "/");
            files.insert(name, std::fs::read(&path).expect("readable"));
        }
    }
}

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    trials.extend(kinds());
    trials.extend(regions());
    trials.extend(gold());
    assert!(trials.len() > 120, "the truth files hold {} rows only", trials.len());
    libtest_mimic::run(&arguments, trials).exit();
}

fn truth(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../truth").join(file)
}

fn rows<T: serde::de::DeserializeOwned>(file: &str) -> Vec<T> {
    let mut reader = csv::Reader::from_path(truth(file)).expect("the truth file is there");
    reader.deserialize().map(|row| row.unwrap_or_else(|e| panic!("{file}: {e}"))).collect()
}

#[derive(Deserialize)]
struct KindRow {
    name: String,
    kind: String,
    reason: String,
}

fn kinds() -> Vec<Trial> {
    rows::<KindRow>("kinds.csv").into_iter().map(|row| Trial::test(format!("kind {}", row.name), move || kind(&row))).collect()
}

fn kind(row: &KindRow) -> Result<(), Failed> {
    let rule = resolve::kinds::kind_rule(&row.name, &RULES);
    let got = rule.map_or("", |r| r.kind.as_str());
    expect(got, &row.kind, &format!("{} (by {})", row.reason, rule.map_or("none", |r| &r.id)))
}

#[derive(Deserialize)]
struct RegionRow {
    name: String,
    text: String,
    code: String,
    reason: String,
}

fn regions() -> Vec<Trial> {
    let rows = rows::<RegionRow>("regions.csv").into_iter().enumerate();
    rows.map(|(number, row)| Trial::test(format!("region {} {}", number + 2, row.name), move || region(&row))).collect()
}

fn region(row: &RegionRow) -> Result<(), Failed> {
    let (notice, document) = notice_of(&row.name, &row.text);
    let notice = resolve::resolve(notice, &[document], &RULES);
    let got = notice.region.as_ref().map_or("", |r| r.value.code.as_str());
    expect(got, &row.code, &format!("{} (by {:?})", row.reason, notice.region.as_ref().map(|r| (&r.rule, &r.derived_from))))
}

/// A notice whose title is the text where that begins with a bracket, and whose buyer is `name`.
fn notice_of(name: &str, text: &str) -> (Notice, Document) {
    let text = format!("{text}\n{name}");
    let mut document = Document { text: text.clone(), ..Document::default() };
    if text.starts_with('【') {
        document.blocks.push(Block { kind: BlockKind::Title, start: 0, end: text.find('\n').unwrap_or(0) });
    }
    let start = text.len() - name.len();
    let at = Span::new(0, start, text.len());
    let buyer = Sourced { value: name.to_string(), raw: name.to_string(), at, rule: "test".into() };
    (Notice { buyer: Some(buyer), ..Notice::default() }, document)
}

fn expect(got: &str, wanted: &str, why: &str) -> Result<(), Failed> {
    if got == wanted { Ok(()) } else { Err(format!("got `{got}`, wanted `{wanted}`: {why}").into()) }
}

/// Kinds and provinces of the hand-labelled notices, where the shared folder is at hand.
fn gold() -> Option<Trial> {
    let Some(shared) = shared() else {
        eprintln!("SKIPPED: gold kinds and provinces (no shared folder; set TENDERTRACE_SHARED)");
        return None;
    };
    Some(Trial::test("gold kinds and provinces", move || gold_holds(&shared)))
}

fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("TENDERTRACE_SHARED").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|up| up.join("shared")).find(|p| p.join("gold").is_dir());
    named.or(beside).filter(|p| p.join("gold").is_dir())
}

fn gold_holds(shared: &Path) -> Result<(), Failed> {
    let labels = json_lines(&shared.join("gold/gold-dev.jsonl"));
    let disputed: serde_json::Value = serde_json::from_slice(&std::fs::read(shared.join("gold/ambiguous.json"))?)?;
    let notices: BTreeMap<String, serde_json::Value> =
        json_lines(&shared.join("corpus/notices-zh.jsonl")).into_iter().map(|n| (text_of(&n["id"]), n)).collect();
    let mut wrong = Vec::new();
    let mut asked = 0;
    for label in &labels {
        let id = text_of(&label["id"]);
        let skip = |field: &str| disputed[&id].as_array().is_some_and(|fields| fields.iter().any(|f| f == field));
        let Some(name) = label["buyer"].as_str() else { continue };
        let content = notices.get(&id).map(|n| format!("{}\n{}", text_of(&n["title"]), text_of(&n["content"]))).unwrap_or_default();
        let (mut notice, mut document) = notice_of(name, &content);
        document.blocks = vec![Block { kind: BlockKind::Title, start: 0, end: content.find('\n').unwrap_or(0) }];
        notice = resolve::resolve(notice, &[document], &RULES);
        let kind = notice.buyer_kind.as_ref().map(|k| k.value.clone()).unwrap_or_default();
        let province = notice.region.as_ref().map(|r| r.value.code[..2].to_string()).unwrap_or_default();
        for (field, got) in [("buyer_kind", kind), ("province", province)] {
            if skip(field) {
                continue;
            }
            asked += 1;
            if got != text_of(&label[field]) {
                wrong.push(format!("{id} {name}: {field} is `{got}`, labelled {} {:?}", label[field], notice.region));
            }
        }
    }
    eprintln!("gold kinds and provinces: {} of {asked} right", asked - wrong.len());
    if wrong.len() * 50 <= asked { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn json_lines(path: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(path).expect("readable");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn text_of(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}
