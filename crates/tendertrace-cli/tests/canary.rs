//! Does anything leave that must not? Secrets are planted where they occur (path, session token, document
//! author, contact person, telephone, reviewer, confidential capture), and every export, answer, dossier
//! and letter of the program is searched for them, inside workbooks too.

use std::io::Read as _;
use std::path::Path;
use std::process::Command;

/// What must not come out, by where it was put in.
const CANARIES: [(&str, &str); 9] = [
    ("path", "kanarienpfad"),
    ("token", "kanarientoken77"),
    ("author", "kanarienautor"),
    ("telephone", "0991-7654321"),
    ("contact", "金丝雀"),
    ("reviewer", "kanarienleser"),
    ("second reviewer", "zweitleserin"),
    ("confidential notice", "第九看守所"),
    ("confidential address", "secret.invented.example"),
];

fn program(args: &[&str]) -> (Option<i32>, Vec<u8>) {
    let output = Command::new(env!("CARGO_BIN_EXE_tendertrace")).args(args).output().unwrap();
    (output.status.code(), output.stdout)
}

/// A case with every secret in it, and findings that two people accepted, claimed and translated.
fn planted(folder: &Path) -> String {
    let inputs = folder.join("kanarienpfad");
    std::fs::create_dir(&inputs).unwrap();
    let text = "示例市公安局服务器采购项目中标公告\n项目编号：YL-2021-007\n采购人：示例市公安局\n项目联系人：金丝雀\n联系电话：0991-7654321\n中标供应商：示例甲科技有限公司\n货物名称：服务器 品牌：戴尔 型号：PowerEdge R740 数量：2台\n公告日期：2021年3月4日\n";
    let line = |url: &str, text: &str| {
        serde_json::json!({"url": url, "title": "示例市公安局服务器采购项目中标公告", "media_type": "text/plain", "published": "2021-03-04", "author": "kanarienautor", "content": text}).to_string()
    };
    let secret = text.replace("示例市公安局", "示例市第九看守所").replace("007", "009");
    std::fs::write(inputs.join("open.jsonl"), line("https://invented.example/1.html?token=kanarientoken77&id=1", text)).unwrap();
    std::fs::write(inputs.join("secret.jsonl"), line("https://secret.invented.example/2.html", &secret)).unwrap();
    let case = folder.join("case").display().to_string();
    for (file, access) in [("open.jsonl", "public"), ("secret.jsonl", "confidential")] {
        assert_eq!(program(&["trace", inputs.join(file).to_str().unwrap(), "--case", &case, "--access", access]).0, Some(0));
    }
    let db = rusqlite::Connection::open(folder.join("case/case.db")).unwrap();
    let mut findings = db.prepare("SELECT id FROM findings").unwrap();
    let findings: Vec<String> = findings.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(findings.len() >= 2);
    for (finding, by) in findings.iter().flat_map(|finding| [(finding, "kanarienleser"), (finding, "zweitleserin")]) {
        assert_eq!(program(&["decide", &case, finding, "accept", "--by", by, "--note", "kanarienleser read it"]).0, Some(0));
    }
    let screened = program(&["screen", "示例甲科技有限公司", "--case", &case, "--by", "kanarienleser"]);
    assert!(screened.0 == Some(0) || screened.0 == Some(1));
    assert_eq!(program(&["screenings", &case, "decide", "1", "--as", "clear", "--by", "zweitleserin"]).0, Some(0));
    let saved = "INSERT INTO saved_searches (made, name, query, desk, looked, newest) VALUES ('', '第九看守所', 'q=x', 'owner', '', 0)";
    rusqlite::Connection::open(folder.join("case/case.db")).unwrap().execute(saved, []).unwrap();
    case
}

/// The text of an output, of every part of it where it is a workbook.
fn texts(bytes: &[u8]) -> String {
    if !bytes.starts_with(b"PK") {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut all = String::new();
    for at in 0..archive.len() {
        archive.by_index(at).unwrap().read_to_string(&mut all).unwrap();
    }
    all
}

#[test]
fn no_export_answer_or_paper_holds_a_planted_secret() {
    let folder = tempfile::tempdir().unwrap();
    let case = planted(folder.path());
    let mut outputs: Vec<(String, Vec<u8>)> = Vec::new();
    let mut take = |name: &str, args: &[&str]| {
        let (status, bytes) = program(args);
        assert!(status == Some(1) || status == Some(0) && !bytes.is_empty(), "{name}: {status:?}");
        outputs.push((name.to_string(), bytes));
    };
    for form in ["ocds", "ftm", "graphml", "geojson"] {
        take(form, &["export", &case, "--to", form]);
    }
    for rows in ["findings", "notices", "changes", "brands", "sellers", "leads", "gaps", "sites", "winners", "purchases"] {
        take(rows, &["export", &case, "--to", "csv", "--rows", rows]);
    }
    for question in [
        "brand", "buyer", "embedded", "funnel", "listed", "publish", "seller", "sellers", "together", "units", "unknown", "weakest",
        "years",
    ] {
        for form in ["csv", "json"] {
            take(question, &["ask", question, "--case", &case, "--to", form]);
        }
    }
    take("project", &["ask", "project", "--project", "YL-2021-00", "--case", &case, "--to", "csv"]);
    take("since", &["ask", "since", "--from", "2020-01-01", "--case", &case, "--to", "csv"]);
    take("chain", &["ask", "chain", "--supplier", "示例甲", "--case", &case, "--to", "csv"]);
    take("support", &["ask", "support", "--finding", "0", "--case", &case, "--to", "csv"]);
    for form in ["csv", "json"] {
        take("screenings", &["screenings", &case, "export", "--to", form]);
    }
    let file = |name: &str| folder.path().join(name).display().to_string();
    let written = [
        vec!["export", &case, "--to", "xlsx", "--out"],
        vec!["ask", "brand", "--case", &case, "--to", "xlsx", "--out"],
        vec!["dossier", "--brand", "dell", "--case", &case, "--out"],
        vec!["dossier", "--seller", "示例甲科技有限公司", "--case", &case, "--out"],
        vec!["letter", &case, "--brand", "dell", "--by", "kanarienleser", "--out"],
        vec!["screenings", &case, "export", "--to", "xlsx", "--out"],
    ];
    for (number, args) in written.iter().enumerate() {
        let path = file(&format!("paper-{number}"));
        let (status, _) = program(&[&args[..], &[&path]].concat());
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{args:?} ended with {status:?}: {error}"));
        outputs.push((args.join(" "), bytes));
    }
    outputs.push(("report.html".into(), std::fs::read(Path::new(&case).join("report.html")).unwrap()));
    for (name, bytes) in &outputs {
        let text = texts(bytes);
        for (what, needle) in CANARIES {
            assert!(!text.contains(needle), "{name} holds the {what}");
        }
    }
    assert!(outputs.iter().filter(|(_, bytes)| texts(bytes).contains("PowerEdge")).count() > 8, "the outputs do hold the open finding");
}
