//! What exactly leaves a case? One small invented case in every form, beside files that people read in
//! diffs: `tests/golden/`. `UPDATE_EXPECT=1` rewrites them.

use calamine::{Reader as _, Xlsx, open_workbook};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Name of the golden file, arguments of `export`.
const FORMS: [(&str, &[&str]); 7] = [
    ("findings.csv", &["--to", "csv"]),
    ("winners.csv", &["--to", "csv", "--rows", "winners"]),
    ("purchases.csv", &["--to", "csv", "--rows", "purchases"]),
    ("case.jsonl", &["--to", "jsonl"]),
    ("releases.json", &["--to", "ocds"]),
    ("entities.ftm.jsonl", &["--to", "ftm"]),
    ("graph.graphml", &["--to", "graphml"]),
];

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

#[test]
fn every_form_is_as_it_was() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case").display().to_string();
    run(&["trace", &here.join("data/invented-notices.jsonl").display().to_string(), "--case", &case]);
    let sample = folder.path().join("sample").display().to_string();
    run(&["trace", &here.join("../../../truth/sample").display().to_string(), "--case", &sample]);
    let mut wrong = Vec::new();
    let of_case = FORMS.iter().map(|(name, args)| (*name, steady(&run(&[&["export", &case][..], args].concat()))));
    let places = counted(&run(&["export", &sample, "--to", "geojson"]));
    let book = folder.path().join("book.xlsx");
    run(&["export", &case, "--to", "xlsx", "--out", &book.display().to_string()]);
    for (name, written) in of_case.chain([("provinces.txt", places), ("book.txt", sheets(&book))]) {
        let golden: PathBuf = here.join("golden").join(name);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&golden, written).unwrap();
        } else if std::fs::read_to_string(&golden).unwrap_or_default().replace("\r\n", "\n") != written {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "not as the golden files say: {wrong:?}; read the difference, then UPDATE_EXPECT=1");
}

/// A workbook's cells, a row a line; the rows that say with which rules it was made are left out.
fn sheets(path: &Path) -> String {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let mut text = String::new();
    for name in book.sheet_names() {
        writeln!(text, "# {name}").unwrap();
        for row in book.worksheet_range(&name).unwrap().rows() {
            let cells: Vec<String> = row.iter().map(|cell| cell.to_string().replace('\n', "⏎")).collect();
            if !cells[0].starts_with("rules: ") && cells[0] != "made by" {
                writeln!(text, "{}", cells.join("\t").trim_end()).unwrap();
            }
        }
    }
    text
}

/// A map without its outlines: the provinces that have something, and what is said of the rest.
fn counted(map: &str) -> String {
    let map: serde_json::Value = serde_json::from_str(map).unwrap();
    let places = map["features"].as_array().unwrap().iter().map(|f| &f["properties"]).filter(|p| p["notices"] != 0);
    places.map(|p| format!("{p}\n")).collect()
}

/// Without what every change of a rule changes.
fn steady(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let mut parts = text.split("\"sha256:");
    let first = parts.next().unwrap_or_default().to_string();
    parts.fold(first, |out, part| match part.split_at_checked(64) {
        Some((hash, rest)) if hash.bytes().all(|b| b.is_ascii_hexdigit()) => out + "\"sha256:…" + rest,
        _ => out + "\"sha256:" + part,
    })
}
