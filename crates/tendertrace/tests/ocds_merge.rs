//! Are releases merged as the standard's reference program merges them? Every fixture of its suite,
//! where the suite lies beside the checkout.

mod shared;

use serde_json::Value;
use std::path::Path;
use tendertrace::ocds::merge::{self, Twins};
use tendertrace::ocds::rules::Rules;
use tendertrace::ocds::tree::{self, Node};

fn json(path: &Path) -> Option<Value> {
    Some(serde_json::from_slice(&std::fs::read(path).ok()?).expect("fixtures are JSON"))
}

fn value_of(node: &Node) -> Value {
    let mut text = String::new();
    node.write(&mut text);
    serde_json::from_str(&text).expect("what is written is JSON")
}

fn check(folder: &Path, rules: &Rules, wrong: &mut Vec<String>) -> usize {
    let mut compared = 0;
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("a folder").flatten().map(|f| f.path()).collect();
    files.sort();
    for path in files {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let parsed = tree::parse(&text);
        let releases: Vec<&Node> = parsed.roots[0].list().iter().collect();
        if let Some(expected) = json(&folder.join(format!("{name}-compiled.json"))) {
            compared += 1;
            let merged = value_of(&merge::compiled(&releases, rules, Twins::Merged).release);
            if merged != expected {
                wrong.push(format!("{name} compiled\n  {merged}\n  {expected}"));
            }
        }
        if let Some(expected) = json(&folder.join(format!("{name}-versioned.json"))) {
            compared += 1;
            let merged = value_of(&merge::versioned(&releases, rules).release);
            if merged != expected {
                wrong.push(format!("{name} versioned\n  {merged}\n  {expected}"));
            }
        }
    }
    compared
}

#[test]
fn every_fixture_of_the_reference_program_comes_out_equal() {
    let Some(fixtures) = shared::find("suites/ocds-merge/tests/fixtures") else { return };
    let rules = |file: &str| Rules::of_schema(&json(&fixtures.join(file)).expect("a schema"));
    let mut wrong = Vec::new();
    let compared = check(&fixtures.join("1.0"), &rules("release-schema-1__0__3.json"), &mut wrong)
        + check(&fixtures.join("1.1"), &rules("release-schema-1__1__4.json"), &mut wrong)
        + check(&fixtures.join("schema"), &rules("schema.json"), &mut wrong);
    assert!(wrong.is_empty(), "{} of {compared} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared >= 50, "only {compared} were compared");
}
