//! What becomes of a page that is only a picture? The real program on a scanned notice of ours: read by
//! tesseract where it is installed with its Chinese data, else a gap that says what to install.

use serde_json::Value;
use std::process::{Command, Stdio};

fn run(args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tendertrace")).stdin(Stdio::null()).args(args).output().expect("the program starts");
    (output.status.code(), String::from_utf8(output.stdout).expect("text"))
}

fn is_installed() -> bool {
    let said = Command::new("tesseract").arg("--list-langs").output();
    said.is_ok_and(|o| String::from_utf8_lossy(&o.stdout).lines().chain(String::from_utf8_lossy(&o.stderr).lines()).any(|l| l == "chi_sim"))
}

#[test]
fn a_scanned_notice_is_read_or_says_what_is_missing() {
    let scanned = format!("{}/tests/data/scanned-notice.pdf", env!("CARGO_MANIFEST_DIR"));
    let (_, line) = run(&["examine", &scanned]);
    let examined: Value = serde_json::from_str(&line).expect("a JSON line");
    let gap = examined["gaps"].as_array().unwrap().iter().find(|g| g["at"]["text"].as_str().unwrap().contains("pictures without text"));
    let said = gap.expect("pages that are pictures are counted").to_string();
    if !is_installed() {
        assert!(said.contains("install tesseract"), "{said}");
        eprintln!("SKIPPED the rest: tesseract with chi_sim is not installed");
        return;
    }
    assert!(said.contains("read by tesseract"), "{said}");
    let notice = &examined["notice"];
    assert_eq!(notice["buyer"]["value"], "示例市公安局");
    assert_eq!(notice["awards"][0]["suppliers"][0]["value"], "虚构省样本科技有限公司");
    assert_eq!(notice["total"]["value"]["amount"], "784000.00");
    let finding = examined["findings"].as_array().unwrap().iter().find(|f| f["brand"] == "dell").expect("the brand in the picture");
    assert!(finding["objections"].as_array().unwrap().iter().any(|o| o == "read_by_machine"), "{finding}");
    let quote = &finding["quotes"][0];
    assert_eq!(quote["page"], 1);
    assert!(quote["file"]["name"].as_str().unwrap().contains("confidence"), "{quote}");

    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case").display().to_string();
    run(&["trace", &scanned, "--case", &case]);
    let originals = || {
        rusqlite::Connection::open(format!("{case}/case.db"))
            .unwrap()
            .query_row("SELECT count(*) FROM originals", [], |r| r.get::<_, i64>(0))
            .unwrap()
    };
    assert_eq!(originals(), 2, "the picture and what was read from it");
    let (code, verified) = run(&["verify", &case]);
    assert_eq!(code, Some(0), "{verified}");
    run(&["trace", &scanned, "--case", &case]);
    assert_eq!(originals(), 2, "the same picture again is not read again");
}

#[test]
fn a_scanned_table_has_its_cells() {
    if !is_installed() {
        eprintln!("SKIPPED: tesseract with chi_sim is not installed");
        return;
    }
    let scanned = format!("{}/tests/data/scanned-table.pdf", env!("CARGO_MANIFEST_DIR"));
    let (_, line) = run(&["examine", &scanned]);
    let examined: Value = serde_json::from_str(&line).expect("a JSON line");
    let items = examined["notice"]["items"].as_array().unwrap();
    let cells = |item: &Value| [&item["name"]["value"], &item["brand"]["value"], &item["quantity"]].map(|v| v.to_string().replace('"', ""));
    let read: Vec<[String; 3]> = items.iter().map(cells).collect();
    assert_eq!(read, [["数据库服务器", "戴尔", "8"], ["网络交换机", "思科", "12"]], "{examined:#}");
    let quote = &examined["findings"][0]["quotes"][0];
    assert!(quote["cell"]["row"].is_u64() && quote["page"] == 1, "{quote}");
}
