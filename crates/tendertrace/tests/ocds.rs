//! What comes out of open contracting data? An invented package with publishers' mistakes in three
//! languages, the merge rules against random releases, and the samples of real publishers where they
//! lie beside the checkout.

mod shared;

use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::LazyLock;
use tendertrace::model::{Budget, Capture};
use tendertrace::ocds::counts::Counts;
use tendertrace::ocds::feed::{self, Process};
use tendertrace::ocds::merge::{self, Twins};
use tendertrace::ocds::rules::{Rules, Version};
use tendertrace::ocds::tree::{self, Node, Parsed};
use tendertrace::rulebook::Rulebook;
use tendertrace::{examine, wire};

static RULES: LazyLock<Rulebook> = LazyLock::new(Rulebook::embedded);
const PACKAGE: &str = include_str!("../../../truth/ocds/package.json");

fn examined(text: &str) -> Vec<Value> {
    let capture = Capture::of_bytes(text.as_bytes().to_vec());
    examine(&capture, &RULES, &Budget::default()).iter().map(|e| wire::examination(e, &RULES.hashes)).collect()
}

/// `brand product usage supplier pointer` of every finding that is named.
fn said(examination: &Value) -> Vec<String> {
    let named = examination["findings"].as_array().unwrap().iter().filter(|f| f["via"] == "named");
    let word = |value: &Value| value.as_str().unwrap_or("-").to_string();
    named.map(|f| [&f["brand"], &f["product"], &f["usage"], &f["supplier"], &f["quotes"][0]["pointer"]].map(word).join(" ")).collect()
}

#[test]
fn a_package_gives_one_notice_a_process_with_usage_by_stage() {
    let all = examined(PACKAGE);
    assert_eq!(all.len(), 3);
    let expected: [(&str, &str, &str, &[&str]); 3] = [
        (
            "contract",
            "public_security",
            "84500.00 USD",
            &[
                "dell PowerEdge reference - /releases/0/tender/items/0/description",
                "dell PowerEdge awarded Sample Trading Ltd /releases/2/awards/items/0/description",
            ],
        ),
        (
            "tender",
            "public_security",
            "",
            &[
                "cisco Catalyst service - /releases/1/tender/items/0/description",
                "hp_inc LaserJet compatible - /releases/1/tender/items/1/description",
            ],
        ),
        (
            "award",
            "public_security",
            "120.50 UAH",
            &[
                "lenovo ThinkPad mention - /releases/3/awards/0/items/0/description",
                "hp_inc EliteBook awarded ТОВ Зразок /releases/3/awards/1/items/0/description",
            ],
        ),
    ];
    for (one, (stage, kind, total, findings)) in all.iter().zip(expected) {
        let notice = &one["notice"];
        assert_eq!(notice["stage"]["value"], stage);
        assert_eq!(notice["buyer_kind"]["value"], kind, "{}", notice["buyer"]["value"]);
        let sum = &notice["total"]["value"];
        let sum = sum["amount"].as_str().map_or(String::new(), |a| format!("{a} {}", sum["currency"].as_str().unwrap()));
        assert_eq!(sum, total);
        assert_eq!(said(one), findings);
    }
    assert_eq!(all[0]["notice"]["region"]["value"], json!({"code": "UG", "name": "Uganda"}));
    assert_eq!(all[0]["notice"]["event_date"]["value"], "2021-03-01");
}

#[test]
fn repairs_are_gaps_with_kind_pointer_and_ocid() {
    let all = examined(PACKAGE);
    let repairs: Vec<&str> = all
        .iter()
        .flat_map(|one| one["gaps"].as_array().unwrap())
        .filter(|gap| gap["kind"] == "repaired")
        .filter_map(|gap| gap["at"]["text"].as_str())
        .collect();
    assert_eq!(
        repairs,
        [
            "object_for_list at /releases/2/awards of ocds-example-0001",
            "number_as_text at /releases/2/awards/value/amount of ocds-example-0001",
            "date_without_zone at /releases/2/contracts/0/dateSigned of ocds-example-0001",
            "text_for_list at /releases/1/tag of ocds-example-0002",
        ]
    );
}

/// The same processes in every outer form.
#[test]
fn packages_records_lines_lists_and_concatenated_texts_say_the_same() {
    let package: Value = serde_json::from_str(PACKAGE).unwrap();
    let releases = package["releases"].as_array().unwrap();
    let joined = |between: &str| releases.iter().map(Value::to_string).collect::<Vec<_>>().join(between);
    let of = |ocid: &str| releases.iter().filter(|r| r["ocid"] == ocid).cloned().collect::<Vec<_>>();
    let records: Vec<Value> =
        ["1", "2", "3"].iter().map(|n| format!("ocds-example-000{n}")).map(|o| json!({"ocid": o, "releases": of(&o)})).collect();
    let forms = [
        joined("\n"),
        joined(""),
        format!("[{}]", joined(",")),
        format!("\u{FEFF}{package}"),
        json!({"uri": "https://example.org", "version": "1.1", "records": records}).to_string(),
        records.iter().map(Value::to_string).collect::<Vec<_>>().join("\n"),
        json!({"results": releases}).to_string(),
    ];
    let usages = |text: &str| -> Vec<Vec<String>> {
        let cut = |line: String| line.rsplit_once(' ').map_or(String::new(), |(said, _)| said.to_string());
        examined(text).iter().map(|one| said(one).into_iter().map(cut).collect()).collect()
    };
    let expected = usages(PACKAGE);
    for form in forms {
        assert_eq!(usages(&form), expected, "{}", &form[..form.floor_char_boundary(80)]);
    }
}

/// What only looks a little like it stays with the reader of plain JSON.
#[test]
fn another_feed_is_no_open_contracting_data() {
    for text in [
        r#"{"data":{"records":[{"title":"示例市公安局服务器采购中标公告","content":"<p>采购人：示例市公安局</p>"}]}}"#,
        r#"[{"title":"示例公告","content":"内容"}]"#,
    ] {
        assert!(examined(text)[0]["capture"]["meta"].get("ocds").is_none(), "{text}");
    }
}

#[test]
fn the_built_in_tables_are_those_of_the_schemas() {
    let Some(fixtures) = shared::find("suites/ocds-merge/tests/fixtures") else { return };
    let Some(reference) = shared::find("reference/ocds/schema") else { return };
    let of = |path: std::path::PathBuf| Rules::of_schema(&serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap());
    assert_eq!(of(fixtures.join("release-schema-1__0__3.json")), Rules::of(Version::V1_0));
    assert_eq!(of(reference.join("release-schema.json")), Rules::of(Version::V1_1));
}

/// Texts of all files of a publisher, in the order of their paths.
fn texts_below(folder: &Path) -> Vec<String> {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .iter()
        .flat_map(|path| match path.is_dir() {
            true => texts_below(path),
            false if path.extension().is_some_and(|e| e == "json") => vec![std::fs::read_to_string(path).unwrap()],
            false => Vec::new(),
        })
        .collect()
}

fn json_of(node: &Node) -> Value {
    let mut out = String::new();
    node.write(&mut out);
    serde_json::from_str(&out).unwrap()
}

/// Counts of a publisher's distinct releases, and its compiled releases by ocid.
fn compiled_sample(texts: &[String]) -> (Counts, BTreeMap<String, Value>) {
    let parsed: Vec<Parsed> = texts.iter().map(|text| tree::parse(text)).collect();
    let processes: Vec<Process> = parsed.iter().flat_map(feed::processes).collect();
    let mut counts = Counts::default();
    let mut seen = HashSet::new();
    let mut by_ocid: BTreeMap<String, Vec<&Node>> = BTreeMap::new();
    for process in &processes {
        for release in process.releases.iter().chain(&process.tagged).chain(&process.linked) {
            counts.releases += 1;
            if seen.insert(json_of(&release.in_order()).to_string()) {
                counts.add(release);
                by_ocid
                    .entry(process.ocid.clone().unwrap())
                    .or_default()
                    .extend(process.releases.iter().find(|r| std::ptr::eq(**r, *release)));
            }
        }
    }
    by_ocid.retain(|_, releases| !releases.is_empty());
    let rules = Rules::of(Version::V1_1);
    let merged = |releases: &Vec<&Node>| json_of(&merge::compiled(releases, &rules, Twins::Merged).release);
    let compiled = by_ocid.iter().map(|(ocid, releases)| (ocid.clone(), merged(releases))).collect();
    (counts, compiled)
}

/// Counts, sums and compiled releases of real publishers, as other tools have them.
#[test]
fn samples_of_real_publishers_come_out_as_other_tools_have_them() {
    let Some(suite) = shared::find("suites/ocds-samples") else { return };
    let expected: Value = serde_json::from_slice(&std::fs::read(suite.join("expected/expected_counts.json")).unwrap()).unwrap();
    for (publisher, wanted) in expected.as_object().unwrap() {
        let (counts, compiled) = compiled_sample(&texts_below(&suite.join("input").join(publisher)));
        let mut told = serde_json::to_value(&counts).unwrap();
        told["distinct_supplier_names"] = json!(counts.distinct_supplier_names());
        told["distinct_buyer_names"] = json!(counts.distinct_buyer_names());
        told["compiled_ok"] = json!(compiled.len());
        for key in [
            "releases",
            "distinct_releases",
            "no_ocid",
            "no_id",
            "tag_not_list",
            "tender",
            "tender_items",
            "awards",
            "contracts",
            "awards_as_object",
            "distinct_supplier_names",
            "distinct_buyer_names",
            "compiled_ok",
        ] {
            assert_eq!(told[key], wanted[key], "{publisher} {key}");
        }
        for (currency, sum) in wanted["award_value_by_currency"].as_object().unwrap() {
            let sum: rust_decimal::Decimal = sum.as_str().unwrap().parse().unwrap();
            assert_eq!(counts.award_value_by_currency.get(currency), Some(&sum), "{publisher} {currency}");
        }
        assert_eq!(counts.award_value_by_currency.len(), wanted["award_value_by_currency"].as_object().unwrap().len(), "{publisher}");
        let lines = std::fs::read_to_string(suite.join(format!("expected/{publisher}.compiled.jsonl"))).unwrap();
        for line in lines.lines() {
            let release: Value = serde_json::from_str(line).unwrap();
            assert_eq!(compiled[release["ocid"].as_str().unwrap()], release, "{publisher}");
        }
    }
}

fn compiled(texts: &[String]) -> Value {
    let joined = texts.join("\n");
    let parsed = tree::parse(&joined);
    let releases: Vec<&Node> = parsed.roots.iter().collect();
    let mut out = String::new();
    merge::compiled(&releases, &Rules::of(Version::V1_1), Twins::Merged).release.write(&mut out);
    serde_json::from_str(&out).unwrap()
}

fn release(day: u32) -> impl Strategy<Value = String> {
    let value = prop_oneof![Just("null".to_string()), "[a-c]{1,3}".prop_map(|t| format!("\"{t}\"")), (0u32..9).prop_map(|n| n.to_string())];
    let item = (0u32..3, value.clone(), value.clone())
        .prop_map(|(id, a, b)| format!("{{\"id\":{id},\"description\":{a},\"unit\":{{\"name\":{b}}}}}"));
    (value, proptest::collection::vec(item, 0..3)).prop_map(move |(title, items)| {
        let items = items.join(",");
        format!("{{\"ocid\":\"ocds-1\",\"id\":\"{day}\",\"date\":\"2021-01-{day:02}T00:00:00Z\",\"tag\":[\"tender\"],\"tender\":{{\"title\":{title},\"items\":[{items}]}}}}")
    })
}

/// Without objects that say nothing, those of lists in the order of their ids: which of two came first
/// is no part of what is said.
fn ordered(mut value: Value) -> Value {
    without_empty(&mut value);
    if let Some(items) = value["tender"]["items"].as_array_mut() {
        items.sort_by_key(|item| item["id"].to_string());
    }
    value
}

fn without_empty(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(without_empty);
            fields.retain(|_, value| !value.as_object().is_some_and(|o| o.is_empty()));
        }
        Value::Array(list) => list.iter_mut().for_each(without_empty),
        _ => {}
    }
}

proptest! {
    #[test]
    fn merging_does_not_depend_on_the_order_in_which_releases_come(a in release(1), b in release(2), c in release(3)) {
        let expected = compiled(&[a.clone(), b.clone(), c.clone()]);
        prop_assert_eq!(&compiled(&[c.clone(), a.clone(), b.clone()]), &expected);
        prop_assert_eq!(&compiled(&[b, c, a]), &expected);
    }

    #[test]
    fn merging_the_same_release_again_changes_nothing(a in release(1), b in release(2)) {
        let once = compiled(&[a.clone(), b.clone()]);
        prop_assert_eq!(&compiled(&[a.clone(), a, b.clone(), b]), &once);
        let again = compiled(&[once.to_string()]);
        let without_head = |mut value: Value| { value["id"] = Value::Null; ordered(value) };
        prop_assert_eq!(without_head(again), without_head(once));
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\{\"ocid\":\"[a-z0-9-]{0,5}\",\"(tender|awards|tag|buyer|contracts)\":(\\[|\\{|\"[a-z]\"|null|\\[\\[\\{\\}\\]\\]|\\[\"a\",\\{\\}\\])[\\]}]{0,3}") {
        examined(&text);
    }
}
