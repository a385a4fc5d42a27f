//! Are the files of the shared suites read whole? Runs where they are beside the checkout.

mod shared;

use encoding_rs::{BIG5, Encoding, GB18030};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tendertrace::model::{Budget, Capture, Part};
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
