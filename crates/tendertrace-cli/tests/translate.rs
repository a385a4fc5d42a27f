//! Do translations go out to a person and come back, and is none of them lost, doubled, replaced by a
//! machine, or printed with the name of who made it? The real program on the shipped sample.

use calamine::{Data, Reader as _};
use rust_xlsxwriter::Workbook;
use std::path::{Path, PathBuf};
use std::process::Command;

struct Work {
    folder: tempfile::TempDir,
}

impl Work {
    fn new() -> Work {
        let work = Work { folder: tempfile::tempdir().unwrap() };
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../truth/sample/08-award-hlj-lots.html");
        assert_eq!(work.run(&["trace", sample.to_str().unwrap(), "--case", &work.case()]).0, 0);
        work
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn case(&self) -> String {
        self.path("case").display().to_string()
    }

    fn run(&self, args: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_tendertrace")).env("SOURCE_DATE_EPOCH", "1767225600").args(args).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    }

    /// The rows that are sent out: key, kind, notice, Chinese, gloss and three empty cells.
    fn sent(&self) -> Vec<Vec<String>> {
        let file = self.path("out.xlsx");
        assert_eq!(self.run(&["translate", &self.case(), "--out", file.to_str().unwrap()]).0, 0);
        let mut book = calamine::open_workbook_auto(&file).unwrap();
        let range = book.worksheet_range("translate").unwrap();
        range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect()
    }

    fn bring_back(&self, rows: &[Vec<String>]) -> (i32, String) {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet().set_name("translate").unwrap();
        for (row, cells) in rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                sheet.write_string(row as u32, column as u16, cell).unwrap();
            }
        }
        let file = self.path("back.xlsx");
        book.save(&file).unwrap();
        self.run(&["translate", &self.case(), "--in", file.to_str().unwrap()])
    }
}

#[test]
fn from_the_case_to_a_person_and_back_into_everything_that_is_shown() {
    let work = Work::new();
    let mut rows = work.sent();
    let count = rows.len() - 1;
    assert!(count >= 4 && rows[1..].iter().all(|row| row[5..].iter().all(String::is_empty)), "{rows:?}");
    let quote = rows.iter().position(|row| row[1] == "quote").unwrap();
    (rows[quote][5], rows[quote][6]) = ("=60 cameras that capture faces, telephone 0991-7654321".into(), "kanarienleser".into());
    let title = rows.iter().position(|row| row[1] == "title").unwrap();
    (rows[title][5], rows[title][6], rows[title][7]) = ("Result of a purchase".into(), "kanarienleser".into(), "2026/1/5".into());
    let (status, said) = work.bring_back(&rows);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("2 translations taken, 0 not taken") && said.contains("no translation yet"), "{said}");
    let again = work.bring_back(&rows);
    assert!(again.1.contains("0 translations taken, 2 were there already"), "{}", again.1);
    assert_eq!(work.sent().len() - 1, count - 2, "what is translated is not sent out again");

    let case = work.case();
    assert_eq!(work.run(&["dossier", "--brand", "dahua", "--case", &case]).0, 0);
    let finding = rusqlite::Connection::open(work.path("case/case.db"))
        .unwrap()
        .query_row("SELECT finding FROM evidence WHERE quote_translation IS NOT NULL", [], |row| row.get::<_, String>(0))
        .unwrap();
    for who in ["eule", "uhu"] {
        assert_eq!(work.run(&["decide", &case, &finding, "accept", "--by", who]).0, 0);
    }
    assert_eq!(work.run(&["letter", "--brand", "dahua", "--case", &case]).0, 0);
    let read = |name: &str| std::fs::read_to_string(work.path(name)).unwrap();
    let shown = [
        ("report", read("case/report.html")),
        ("dossier", read("case/dossiers/dahua.html")),
        ("letter", read("case/letters/dahua-1.html")),
        ("summary", work.run(&["trace", "--case", &case]).1),
        ("csv", work.run(&["export", &case, "--to", "csv"]).1),
        ("jsonl", work.run(&["export", &case, "--to", "jsonl"]).1),
        ("question", work.run(&["ask", "support", "--finding", &finding, "--case", &case, "--to", "csv"]).1),
    ];
    for (place, text) in &shown {
        assert!(text.contains("60 cameras that capture faces") || *place == "question", "{place} lacks the translation");
        assert!(!text.contains("kanarienleser"), "{place} says who translated");
        assert!(*place == "jsonl" || !text.contains("7654321"), "{place} shows a telephone number");
        assert!(matches!(*place, "letter" | "summary" | "question") || text.contains("Result of a purchase"), "{place} lacks the title's");
    }
    assert!(shown[4].1.contains("\"'=60 cameras"), "the cell is no formula");
    assert!(!shown[2].1.contains("by machine"), "a letter holds no machine's words");
}

#[test]
fn a_translation_outlives_new_rules_and_can_be_taken_back() {
    let work = Work::new();
    let mut rows = work.sent();
    let filled: Vec<usize> = (1..rows.len()).collect();
    filled.iter().for_each(|row| (rows[*row][5], rows[*row][6]) = (format!("text {row}"), "eule".into()));
    assert_eq!(work.bring_back(&rows).0, 0);
    assert_eq!(work.run(&["trace", "--case", &work.case(), "--again"]).0, 0);
    let all = format!("{0} of {0} titles and quotes", filled.len());
    let (_, said) = work.run(&["translate", &work.case()]);
    assert!(said.contains(&all), "{said}");
    assert!(work.run(&["translate", &work.case(), "--undo", "1"]).1.contains("taken back"));
    assert_eq!(work.run(&["translate", &work.case(), "--undo", "1"]).0, 2, "only once");
    assert!(!work.run(&["translate", &work.case()]).1.contains(&all));
    let again = work.bring_back(&rows);
    assert!(again.1.contains("0 translations taken"), "an old file does not bring back what a person took back: {}", again.1);
}

#[test]
fn each_row_that_cannot_be_taken_says_where_it_stands_and_what_to_do() {
    let work = Work::new();
    let mut rows = work.sent();
    rows.iter_mut().skip(1).for_each(|row| (row[5], row[6]) = ("words".into(), "eule".into()));
    rows[1][0] = "00000000000000000000".into();
    rows[2][3].push('台');
    let double = rows[3].clone();
    rows.push([&double[..5], &["other words".into(), "eule".into(), String::new()]].concat());
    let (status, said) = work.bring_back(&rows);
    assert_eq!(status, 2);
    for (row, reason) in [
        (2, "no text with the key"),
        (3, "not the one in the case"),
        (4, "translate the same text differently"),
        (rows.len(), "keep one of them"),
    ] {
        let line =
            said.lines().find(|line| line.contains(&format!("back.xlsx, sheet translate, row {row}: not taken"))).unwrap_or_default();
        assert!(line.contains(reason), "row {row}: {said}");
    }
    assert!(rows.len() == 6 && said.contains("1 translation taken, 4 not taken"), "the other one is taken: {said}");
    let (status, said) = work.run(&["translate", &work.case(), "--in", work.path("case/report.html").to_str().unwrap()]);
    assert!(status == 2 && said.contains("no workbook"), "{said}");
}

#[test]
fn confidential_texts_are_not_sent_out() {
    let work = Work::new();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../truth/sample/08-award-hlj-lots.html");
    assert_eq!(work.run(&["trace", sample.to_str().unwrap(), "--case", &work.case(), "--access", "confidential"]).0, 0);
    assert_eq!(work.sent().len(), 1, "the head only");
    let all = work.path("all.xlsx");
    assert!(work.run(&["translate", &work.case(), "--out", all.to_str().unwrap(), "--with-confidential"]).1.contains("texts wait"));
}
