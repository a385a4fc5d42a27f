//! Does every question give the answer that was checked by hand? The real program on the shipped
//! sample; each case is a command and its rows. `UPDATE_EXPECT=1` writes them anew, to be read.

use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

fn main() {
    let arguments = Arguments::from_args();
    let folder = tempfile::tempdir().expect("a folder for the case");
    let case = Arc::new(folder.path().join("case"));
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../truth/sample");
    tendertrace(&["trace", sample.to_str().expect("a path"), "--case", case.to_str().expect("a path")]);
    let expected = std::fs::read_to_string(file()).expect("tests/data/questions.txt");
    let blocks: Vec<(String, String)> = expected
        .split("\n$ ")
        .map(|block| block.trim_start_matches("$ ").split_once('\n').unwrap_or((block, "")))
        .map(|(command, rows)| (command.trim_start_matches("$ ").to_string(), rows.trim().to_string()))
        .collect();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let text: Vec<String> = blocks.iter().map(|(command, _)| format!("$ {command}\n{}\n", answer(command, &case))).collect();
        std::fs::write(file(), text.join("\n")).expect("tests/data/questions.txt");
        return;
    }
    let mut trials: Vec<Trial> = blocks
        .iter()
        .cloned()
        .map(|(command, rows)| {
            let case = case.clone();
            Trial::test(command.clone(), move || compare(&answer(&command, &case), &rows))
        })
        .collect();
    trials.push(Trial::test("every question has a case", move || every_question(&blocks)));
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(folder);
    conclusion.exit();
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/questions.txt")
}

fn tendertrace(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tendertrace")).args(args).output().expect("it starts");
    assert!(output.status.code().is_some_and(|code| code < 2), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The rows, long cells cut so that the file can be read.
fn answer(command: &str, case: &Path) -> String {
    let args: Vec<&str> =
        ["ask"].into_iter().chain(command.split_whitespace()).chain(["--to", "csv", "--case", case.to_str().expect("a path")]).collect();
    let text = tendertrace(&args);
    let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let row = |row: csv::StringRecord| row.iter().map(|cell| cell.chars().take(24).collect::<String>()).collect::<Vec<_>>().join(" | ");
    rows.records().map(|record| row(record.expect("a row")).trim().to_string()).collect::<Vec<_>>().join("\n")
}

fn compare(given: &str, expected: &str) -> Result<(), Failed> {
    if given == expected {
        return Ok(());
    }
    Err(format!("the rows differ; if the new ones are right, UPDATE_EXPECT=1 cargo test --test questions\n--- expected\n{expected}\n--- given\n{given}").into())
}

fn every_question(blocks: &[(String, String)]) -> Result<(), Failed> {
    let listed = tendertrace(&["ask", "--list"]);
    let all: BTreeSet<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let asked: BTreeSet<&str> = blocks.iter().filter_map(|(command, _)| command.split_whitespace().next()).collect();
    let answered = blocks.iter().all(|(command, rows)| rows.lines().count() > 1 || command.starts_with("listed"));
    if all == asked && answered {
        Ok(())
    } else {
        Err(format!("without a case: {:?}; every case needs rows", all.difference(&asked).collect::<Vec<_>>()).into())
    }
}
