//! Are the files of the shared suites read whole? Runs where they are beside the checkout.

mod shared;

use encoding_rs::{BIG5, Encoding, GB18030};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tendertrace::model::{BlockKind, Budget, Capture, Document, Part};
use tendertrace::read::{decode, read};
use tendertrace::rulebook::Rulebook;

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    files
}

fn parts(bytes: &[u8], rules: &Rulebook) -> Vec<Part> {
    read(&Capture::of_bytes(bytes.to_vec()), rules, &Budget::default())
}

fn han(text: &str) -> BTreeSet<char> {
    text.chars().filter(|c| ('\u{4E00}'..='\u{9FFF}').contains(c)).collect()
}

fn text_of(parts: &[Part]) -> String {
    parts.iter().flat_map(|part| &part.documents).map(|document| document.text.as_str()).collect()
}

/// Every page decodes as the name of its folder says, and nothing of it is lost.
#[test]
fn encodings_are_what_their_folders_say() {
    let Some(suite) = shared::find("suites/encodings") else { return };
    let rules = Rulebook::embedded();
    for folder in files(&suite) {
        let label = folder.file_name().expect("named").to_string_lossy().into_owned();
        let encoding = Encoding::for_label(label.as_bytes()).unwrap_or_else(|| panic!("{label} is an encoding"));
        for path in files(&folder) {
            let bytes = std::fs::read(&path).expect("readable");
            let (expected, _) = encoding.decode_without_bom_handling(&bytes);
            let (text, name, _) = decode(&bytes, None);
            assert!(text == expected, "{} was read as {name}", path.display());
            let read = han(&text_of(&parts(&bytes, &rules)));
            let lost: Vec<_> = han(&expected).difference(&read).copied().collect();
            assert!(lost.is_empty(), "{} lost {lost:?}", path.display());
        }
    }
}

/// Big5 pages declared as GB2312 and the other way round are read all the same.
#[test]
fn wrong_declarations_lose() {
    let Some(suite) = shared::find("suites/encodings") else { return };
    for (folder, encoding, wrong) in [("Big5", BIG5, "gb2312"), ("GB2312", GB18030, "big5")] {
        for path in files(&suite.join(folder)) {
            let bytes = std::fs::read(&path).expect("readable");
            let (expected, _) = encoding.decode_without_bom_handling(&bytes);
            assert!(decode(&bytes, Some(wrong)).0 == expected, "{} declared as {wrong}", path.display());
        }
    }
}

/// Number of characters but white space that both texts have, and that the first has.
fn shared_letters(expected: &str, read: &str) -> (usize, usize) {
    let letters = |text: &str| -> HashMap<char, usize> {
        let mut counts = HashMap::new();
        text.chars().filter(|c| !c.is_whitespace()).for_each(|c| *counts.entry(c).or_default() += 1);
        counts
    };
    let (expected, read) = (letters(expected), letters(read));
    let both = expected.iter().map(|(c, count)| (*count).min(read.get(c).copied().unwrap_or(0))).sum();
    (both, expected.values().sum())
}

/// Documents of every format hold all Chinese characters that other tools found in them.
#[test]
fn documents_hold_what_other_tools_found() {
    let Some(suite) = shared::find("suites/docs-zh") else { return };
    let rules = Rulebook::embedded();
    for expected in files(&suite.join("expected")) {
        let name = expected.file_name().expect("named").to_string_lossy().into_owned();
        let input = suite.join("input").join(name.trim_end_matches(".txt").replace("__", "/"));
        let expected = std::fs::read_to_string(&expected).expect("text");
        // The page's own source stands as the expected text of pages.
        if name.ends_with(".html.txt") {
            continue;
        }
        let parts = parts(&std::fs::read(&input).expect("readable"), &rules);
        let lost: Vec<_> = han(&expected).difference(&han(&text_of(&parts))).copied().collect();
        assert!(lost.is_empty(), "{name} lost {lost:?}");
        assert!(parts[0].documents[0].gaps.is_empty(), "{name}: {:?}", parts[0].documents[0].gaps);
    }
}

/// Rows of the tables of a document as their cells' texts without white space.
fn rows(document: &Document) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for block in &document.blocks {
        let BlockKind::Table(cells) = &block.kind else { continue };
        let mut last = None;
        for cell in cells {
            if last != Some(cell.row) {
                rows.push(Vec::new());
            }
            last = Some(cell.row);
            let text = document.text[cell.start..cell.end].chars().filter(|c| !c.is_whitespace()).collect();
            rows.last_mut().expect("just begun").push(text);
        }
    }
    rows
}

/// Of 4,304 codes with names 4,282 read exactly as the reference has them; the other 22 names are
/// garbled in the reference, which other tools made.
#[test]
fn the_catalogue_pairs_its_codes_with_their_names() {
    let Some(pdf) = shared::find("suites/docs-zh/input/agent_compliance/data/procurement-catalog/raw/full-catalog-2022/source.pdf") else {
        return;
    };
    let Some(reference) = shared::find("reference/catalogue/gov_procurement_catalogue_2022.csv") else { return };
    let parts = parts(&std::fs::read(pdf).expect("readable"), &Rulebook::embedded());
    let document = &parts[0].documents[0];
    let pairs: HashMap<String, String> =
        rows(document).into_iter().filter(|row| row.len() > 1).map(|row| (row[0].clone(), row[1].clone())).collect();
    let (mut right, mut known) = (0, 0);
    for row in csv::Reader::from_path(reference).expect("a table").records() {
        let row = row.expect("a row");
        known += usize::from(pairs.contains_key(&row[0]));
        right += usize::from(pairs.get(&row[0]).is_some_and(|name| *name == row[1]));
    }
    assert_eq!(document.pages.len(), 147);
    assert!(known >= 4_304 && right >= 4_282, "{known} codes, {right} pairs");
}

/// Odd files neither crash nor hang, and say nearly all that poppler reads in them.
#[test]
fn odd_files_end() {
    let Some(suite) = shared::find("suites/pdf-odd") else { return };
    let rules = Rulebook::embedded();
    let (mut both, mut all) = (0, 0);
    for path in files(&suite).iter().filter(|p| p.extension().is_some_and(|e| e == "pdf")) {
        let started = Instant::now();
        let bytes = std::fs::read(path).expect("readable");
        let text = text_of(&parts(&bytes, &rules));
        // Pictures are decoded, drawn lines sought; what they hold is for another program to say.
        let _ = tendertrace::read::scans(&bytes, 1);
        assert!(started.elapsed() < Duration::from_secs(5), "{} took {:?}", path.display(), started.elapsed());
        let expected = suite.join("expected-poppler").join(path.file_stem().expect("named")).with_extension("txt");
        let expected = std::fs::read(expected).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        let (here, of) = shared_letters(&expected, &text);
        (both, all) = (both + here, all + of);
    }
    assert!(both * 100 >= all * 94, "{both} of {all} characters");
}

/// Real tender files give their text, and all but the few without one their tables.
#[test]
fn tender_files_are_read() {
    let Some(suite) = shared::find("suites/tender-files") else { return };
    let rules = Rulebook::embedded();
    let mut without_table = Vec::new();
    for path in files(&suite) {
        let parts = parts(&std::fs::read(&path).expect("readable"), &rules);
        let document = &parts[0].documents[0];
        assert!(han(&document.text).len() > 200, "{}: {} bytes, {:?}", path.display(), document.text.len(), document.gaps);
        if rows(document).is_empty() {
            without_table.push(path);
        }
    }
    assert!(without_table.len() <= 2, "no table in {without_table:?}");
}
