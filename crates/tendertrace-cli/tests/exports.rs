//! Does a case leave as it stands, decisions included? The real program: trace, decide, export, in the
//! forms that other programs read.

use serde_json::Value;
use std::process::{Command, Stdio};

fn run(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tendertrace"))
        .env("SOURCE_DATE_EPOCH", "1767225600")
        .stdin(Stdio::null())
        .args(args)
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{args:?}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

fn notes(entities: &[Value], brand: &str) -> usize {
    let names = |e: &&Value| e["schema"] == "Note" && e["properties"]["name"][0].as_str().is_some_and(|n| n.contains(brand));
    entities.iter().filter(names).count()
}

#[test]
fn what_a_person_rejected_does_not_leave() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case").display().to_string();
    let invented = format!("{}/tests/data/invented-notices.jsonl", env!("CARGO_MANIFEST_DIR"));
    run(&["trace", &invented, "--case", &case]);
    let before = lines(&run(&["export", &case, "--to", "ftm"]));
    assert!(notes(&before, "Dell") > 0, "{before:#?}");
    let findings = lines(&run(&["export", &case, "--to", "jsonl"]));
    let of_dell = findings.iter().flat_map(|e| e["findings"].as_array().unwrap()).filter(|f| f["brand"] == "dell");
    for finding in of_dell {
        run(&["decide", &case, finding["id"].as_str().unwrap(), "reject", "--by", "eule"]);
    }
    for form in ["ftm", "graphml", "geojson", "ocds"] {
        let text = run(&["export", &case, "--to", form]);
        for secret in ["eule", "0000-12345678", &folder.path().display().to_string()] {
            assert!(!text.contains(secret), "{form} says {secret}");
        }
        match form {
            "ftm" => {
                let after = lines(&text);
                assert_eq!(notes(&after, "Dell"), 0);
                let award = after.iter().filter(|e| e["schema"] == "ContractAward" && e["properties"]["amount"].is_array()).count();
                assert!(award > 0, "awards keep their amounts");
            }
            "graphml" => assert!(text.contains("<data key=\"n-schema\">Company</data>") && !text.contains(">Dell")),
            "geojson" => assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["type"], "FeatureCollection"),
            _ => {
                let package: Value = serde_json::from_str(&text).unwrap();
                let release = &package["releases"][0];
                assert!(release["tendertrace"]["evidence"].is_array(), "{release}");
                assert!(!text.contains(":null") && !text.contains(":[]"), "empty fields are faults of the standard");
            }
        }
    }
}
