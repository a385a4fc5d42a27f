//! Are tables of notices read by the columns that somebody has explained (`truth/tables`)? The real program on
//! an invented table as CSV, JSON and JSON lines.

use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;

fn truth(name: &str) -> String {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../truth/tables").join(name).display().to_string()
}

fn examined(input: &str) -> Vec<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_tendertrace")).args(["examine", input, "--rulebook", &truth("rules")]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn values<'a>(list: &'a Value, key: &str) -> Vec<&'a Value> {
    list.as_array().unwrap().iter().map(|one| &one[key]["value"]).collect()
}

#[test]
fn rows_become_notices_and_cells_values() {
    let all = examined(&truth("notices.csv"));
    assert_eq!(all.len(), 3, "rows of one number are one notice");
    let first = &all[0];
    let notice = &first["notice"];
    assert_eq!(first["capture"]["url"], "https://zfcg.invented.example/1");
    assert_eq!((&notice["stage"]["value"], &notice["buyer"]["value"]), (&json!("award"), &json!("示例市公安局")));
    assert_eq!(notice["buyer_kind"]["value"], "public_security");
    assert_eq!(notice["total"]["value"], json!({"amount": "639800.00", "currency": "CNY"}));
    assert_eq!(notice["awards"].as_array().unwrap().len(), 1, "one winner, in two rows");
    assert_eq!(notice["event_date"], json!({"value": "2021-03-04", "basis": "awarded"}));
    assert_eq!(values(&notice["items"], "name"), ["机架式服务器", "机柜"]);
    assert_eq!(notice["items"][0]["quantity"], 4);
    let found = first["findings"].as_array().unwrap().iter().find(|f| f["brand"] == "dell").expect("the make of the first row");
    assert_eq!((&found["usage"], &found["quantity"]), (&json!("awarded"), &json!(4)));
    let rule = notice["awards"][0]["suppliers"][0]["rule"].as_str().unwrap();
    assert_eq!(rule, "read/tables/invented-city#Winner");

    assert_eq!(all[1]["notice"]["stage"]["value"], "tender");
    assert_eq!(all[1]["notice"]["items"][0]["demanded"], true);
    assert!(all[1]["findings"].as_array().unwrap().iter().all(|f| f["usage"] != "awarded"));
}

#[test]
fn cells_that_cannot_be_read_are_gaps() {
    let third = &examined(&truth("notices.csv"))[2];
    let unread: Vec<&Value> =
        third["gaps"].as_array().unwrap().iter().filter(|g| g["kind"] == "unreadable_value").map(|g| &g["at"]["text"]).collect();
    assert_eq!(unread, ["pending", "about a lot"]);
    assert_eq!(third["notice"]["awards"], json!([]), "a stage that nobody explained awards nothing");
}

#[test]
fn every_form_of_the_table_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let json: Value = serde_json::from_str(&std::fs::read_to_string(truth("notices.json")).unwrap()).unwrap();
    let lines = folder.path().join("notices.jsonl");
    std::fs::write(&lines, format!("{}\n", json["data"][0])).unwrap();
    for input in [truth("notices.json"), lines.display().to_string()] {
        let notice = &examined(&input)[0]["notice"];
        assert_eq!(notice["buyer"]["value"], "示例市公安局", "{input}");
        assert_eq!(notice["total"]["value"]["amount"], "639800.00", "{input}");
        assert_eq!(notice["items"][0]["brand"]["value"], "戴尔", "{input}");
    }
}

#[test]
fn spans_cut_out_what_the_cells_say() {
    let read = Command::new(env!("CARGO_BIN_EXE_tendertrace"))
        .args(["read", &truth("notices.csv"), "--json", "--rulebook", &truth("rules")])
        .output()
        .unwrap();
    let texts: Vec<Value> = String::from_utf8(read.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (examination, document) in examined(&truth("notices.csv")).iter().zip(&texts) {
        let scalars: Vec<char> = document["text"].as_str().unwrap().chars().collect();
        let buyer = &examination["notice"]["buyer"];
        let at = |key: &str| buyer[key].as_u64().unwrap() as usize;
        let cut: String = scalars[at("start")..at("end")].iter().collect();
        assert_eq!(cut, buyer["raw"].as_str().unwrap());
    }
}
