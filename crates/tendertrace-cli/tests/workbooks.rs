//! Do workbooks hold what the case holds, lead only into the case, and leak nothing? The real program
//! on the shipped sample, read back by another library.

use calamine::{Data, Reader as _};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

type Sheets = BTreeMap<String, Vec<Vec<String>>>;

struct Work {
    folder: tempfile::TempDir,
}

impl Work {
    fn new() -> Work {
        let work = Work { folder: tempfile::tempdir().unwrap() };
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../truth/sample");
        work.run(&["trace", sample.to_str().unwrap(), "--case", &work.case()]);
        work
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn case(&self) -> String {
        self.path("kanarienfall").display().to_string()
    }

    fn run(&self, args: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_tendertrace")).env("SOURCE_DATE_EPOCH", "1767225600").args(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn book(&self, args: &[&str]) -> (Sheets, PathBuf) {
        let file = self.path("book.xlsx");
        self.run(&[args, &["--to", "xlsx", "--out", file.to_str().unwrap()]].concat());
        let mut book = calamine::open_workbook_auto(&file).unwrap();
        let rows = |(name, range): (String, calamine::Range<Data>)| {
            (name, range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect())
        };
        (book.worksheets().into_iter().map(rows).collect(), file)
    }
}

/// Every part of the file as text.
fn parts(file: &Path) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(file).unwrap()).unwrap();
    let count = archive.len();
    let read = |at: usize| {
        let mut part = archive.by_index(at).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        (part.name().unwrap().to_string(), text)
    };
    (0..count).map(read).collect()
}

#[test]
fn a_case_as_a_workbook_says_what_its_tables_say() {
    let work = Work::new();
    let (sheets, file) = work.book(&["export", &work.case()]);
    let names: Vec<&str> = sheets.keys().map(String::as_str).collect();
    assert_eq!(names, ["awards", "findings", "gaps", "hits", "items", "method", "notices", "parties"]);
    for (name, rows) in &sheets {
        assert!(rows.len() > 1 || name == "hits", "{name} is empty");
    }
    for table in ["findings", "notices"] {
        let text = work.run(&["export", &work.case(), "--to", "csv", "--rows", table]);
        let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(text.as_bytes()).into_records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), sheets[table].len() - 1, "{table}");
        for (row, cells) in rows.iter().zip(&sheets[table][1..]) {
            for (expected, got) in row.iter().zip(cells) {
                let same_number = expected.parse::<f64>().ok().zip(got.parse::<f64>().ok()).is_some_and(|(a, b)| a == b);
                assert!(expected == got || same_number, "{table}: {expected:?} is {got:?}");
            }
        }
    }
    let db = rusqlite::Connection::open(work.path("kanarienfall/case.db")).unwrap();
    for (sheet, sql) in [
        ("awards", "SELECT count(*) FROM winners WHERE NOT copy"),
        ("items", "SELECT count(*) FROM purchases WHERE NOT copy"),
        ("hits", "SELECT count(*) FROM list_leads"),
        ("gaps", "SELECT count(*) FROM not_understood"),
    ] {
        let count: usize = db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap() as usize;
        assert_eq!(sheets[sheet].len() - 1, count, "{sheet}");
    }
    let method: String = sheets["method"].iter().flatten().map(String::as_str).collect();
    assert!(method.contains("Nobody is accused by a machine") && method.contains("sha256:") && method.contains("not a sample"));
    leads_only_into_the_case(&file);
}

#[track_caller]
fn leads_only_into_the_case(file: &Path) {
    let parts = parts(file);
    for (name, text) in &parts {
        for secret in ["kanarienfall", "/tmp/", "file:", std::env!("CARGO_MANIFEST_DIR")] {
            assert!(!text.contains(secret), "{name} says {secret}");
        }
        let elsewhere = text.split("Target=\"").skip(1).filter_map(|rest| rest.split('"').next()).find(|target| target.contains(":"));
        assert_eq!(elsewhere, None, "{name}");
        assert!(!text.contains("<f>"), "{name} holds a formula");
    }
    let sheet = &parts["xl/worksheets/sheet1.xml"];
    assert!(sheet.contains("state=\"frozen\"") && sheet.contains("<autoFilter") && sheet.contains("location=\"f-"), "{sheet}");
    let core = &parts["docProps/core.xml"];
    assert!(core.contains("<dc:creator></dc:creator>") && !core.contains("2026"), "{core}");
}

#[test]
fn an_answer_as_a_workbook_brings_its_funnel_and_caveats() {
    let work = Work::new();
    let (sheets, file) = work.book(&["ask", "brand", "--brand", "dell", "--case", &work.case()]);
    assert_eq!(sheets.keys().map(String::as_str).collect::<Vec<_>>(), ["about", "answer", "out of"]);
    let csv = work.run(&["ask", "brand", "--brand", "dell", "--case", &work.case(), "--to", "csv"]);
    let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(csv.as_bytes()).into_records().map(Result::unwrap).collect();
    assert!(!rows.is_empty() && rows.len() == sheets["answer"].len() - 1);
    let finding = sheets["answer"][0].iter().position(|head| head == "finding").unwrap();
    let ids: Vec<&str> = sheets["answer"][1..].iter().map(|row| row[finding].as_str()).collect();
    assert_eq!(ids, rows.iter().map(|row| &row[finding]).collect::<Vec<_>>());
    assert!(sheets["about"].iter().any(|row| row == &["given: brand", "dell"]));
    assert!(sheets["out of"].len() > 5);
    leads_only_into_the_case(&file);
}

#[test]
fn confidential_notices_are_in_no_workbook() {
    let work = Work { folder: tempfile::tempdir().unwrap() };
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../truth/sample/08-award-hlj-lots.html");
    work.run(&["trace", sample.to_str().unwrap(), "--case", &work.case(), "--access", "confidential"]);
    let (sheets, _) = work.book(&["export", &work.case()]);
    assert!(sheets.iter().filter(|(name, _)| *name != "method").all(|(_, rows)| rows.len() == 1), "{sheets:?}");
    let (sheets, _) = work.book(&["export", &work.case(), "--with-confidential"]);
    assert!(sheets["findings"].len() > 1 && sheets["parties"].len() > 1);
}
