//! Which house rules does the tree break? The invariants of ARCHITECTURE.md that a program can
//! check: the library is pure, rooms import only earlier rooms, knowledge is not in code, every
//! file says which question it answers, every dependency has its reason.

use std::path::{Path, PathBuf};

/// The rooms in the order in which data flows; a room may import those before it.
const ROOMS: &[&str] = &["read", "extract", "resolve", "classify", "screen", "assemble", "report"];

/// What a pure library does not touch, with what to do instead.
const IMPURE: &[(&str, &str)] = &[
    ("std::fs", "pass the bytes in"),
    ("std::net", "the library never opens a connection"),
    ("std::thread", "the program runs the library on its own threads"),
    ("std::env", "pass the value in"),
    ("SystemTime", "pass the time in"),
    ("Instant::now", "measure in benches"),
    ("async fn", "the library computes, it does not wait"),
    ("println!", "return the value"),
    ("eprintln!", "return a gap"),
];

/// Crates that would let the library touch the world.
const IMPURE_CRATES: &[&str] = &["tokio", "rusqlite", "reqwest", "ureq", "rayon", "walkdir", "glob", "axum", "tempfile", "anyhow"];

/// Longest file without its tests; longer ones want splitting.
const LONGEST: usize = 700;

/// The root of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the checkout exists")
}

/// Every breach as `file:line: what, and what to do`.
pub fn breaches(root: &Path) -> Vec<String> {
    let sources = rust_files(root);
    let brands = brand_names(root);
    let mut all = Vec::new();
    for (name, text) in &sources {
        let code = without_tests(text);
        all.extend(header(name, text));
        all.extend(length(name, code));
        if !is_test(name) {
            all.extend(knowledge_in_code(name, code, &brands));
        }
        if name.starts_with("crates/tendertrace/src/") && !is_test(name) {
            all.extend(impure(name, code));
            all.extend(later_rooms(name, code));
        }
    }
    all.extend(dependencies(root));
    all.extend(machine_paths(root));
    all
}

fn rust_files(root: &Path) -> Vec<(String, String)> {
    files(root, "crates").into_iter().filter(|(name, _)| name.ends_with(".rs")).collect()
}

fn files(root: &Path, below: &str) -> Vec<(String, String)> {
    walkdir::WalkDir::new(root.join(below))
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|e| e.file_name() != "target" && e.file_name() != ".git")
        .flatten()
        .filter(|e| e.file_type().is_file())
        .filter_map(|e| {
            let name = e.path().strip_prefix(root).ok()?.to_string_lossy().into_owned();
            Some((name, std::fs::read_to_string(e.path()).ok()?))
        })
        .collect()
}

fn is_test(name: &str) -> bool {
    name.contains("/tests/")
        || name.contains("/benches/")
        || name.ends_with("tests.rs")
        || name.ends_with("/testing.rs")
        || name.starts_with("crates/xtask/")
}

/// The file up to its test module, which stands at the end.
fn without_tests(text: &str) -> &str {
    let tests = ["#[cfg(test)]", "#[cfg(all(test"].iter().filter_map(|mark| text.find(mark)).min();
    tests.map_or(text, |at| &text[..at])
}

fn header(name: &str, text: &str) -> Option<String> {
    (!text.starts_with("//!")).then(|| format!("{name}:1: begin with a paragraph (//!) that says which question the file answers"))
}

fn length(name: &str, code: &str) -> Option<String> {
    let lines = code.lines().count();
    (lines > LONGEST).then(|| format!("{name}:{LONGEST}: {lines} lines without tests; split it by question"))
}

fn lines_of_code(code: &str) -> impl Iterator<Item = (usize, &str)> {
    code.lines().enumerate().map(|(i, line)| (i + 1, line.split("//").next().unwrap_or("")))
}

fn impure(name: &str, code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in lines_of_code(code) {
        for (word, instead) in IMPURE.iter().filter(|(word, _)| line.contains(word)) {
            found.push(format!("{name}:{number}: the library is pure, no {word}: {instead}"));
        }
    }
    found
}

fn later_rooms(name: &str, code: &str) -> Vec<String> {
    let inner = name.trim_start_matches("crates/tendertrace/src/");
    let own = ROOMS.iter().position(|room| inner.starts_with(&format!("{room}/")));
    // The rulebook and the types come before every room.
    let first_forbidden = match own {
        Some(at) => at + 1,
        None if matches!(inner, "lib.rs" | "wire.rs") => ROOMS.len(),
        None => 0,
    };
    let mut found = Vec::new();
    for (number, line) in lines_of_code(code) {
        for room in &ROOMS[first_forbidden..] {
            if line.contains(&format!("crate::{room}::")) || line.contains(&format!("crate::{room};")) {
                found.push(format!("{name}:{number}: imports the later room {room}; move what both need to an earlier place"));
            }
        }
    }
    found
}

/// Han characters and brand names in string literals: knowledge that belongs into the rulebook.
fn knowledge_in_code(name: &str, code: &str, brands: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in lines_of_code(code) {
        if line.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c)) {
            found.push(format!("{name}:{number}: Chinese in code; put it into rulebook/"));
        }
        for literal in line.split('"').skip(1).step_by(2) {
            let words = literal.to_lowercase();
            let named = brands.iter().find(|b| words.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == b.as_str()));
            if let Some(brand) = named {
                found.push(format!("{name}:{number}: the brand {brand} in code; put it into rulebook/brands/"));
            }
        }
    }
    found
}

/// Words that are a brand's key and an ordinary word of programs too.
const ORDINARY: &[&str] = &["apple", "axis", "ge", "nec", "milestone", "sharp", "brother", "ni", "lg", "abb", "waters", "f5", "google"];

fn brand_names(root: &Path) -> Vec<String> {
    files(root, "rulebook/brands")
        .into_iter()
        .filter_map(|(name, _)| Some(name.rsplit('/').next()?.strip_suffix(".toml")?.to_string()))
        .filter(|brand| !ORDINARY.contains(&brand.as_str()))
        .collect()
}

fn dependencies(root: &Path) -> Vec<String> {
    let manifests = files(root, "crates").into_iter().filter(|(name, _)| name.ends_with("Cargo.toml"));
    manifests.flat_map(|(name, text)| dependencies_of(&name, &text)).collect()
}

fn dependencies_of(name: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_dependencies = false;
    let mut reason = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            in_dependencies = line.ends_with("dependencies]");
            reason = false;
        } else if line.starts_with('#') {
            reason = true;
        } else if line.is_empty() {
            reason = false;
        } else if in_dependencies {
            let krate = line.split([' ', '=', '.']).next().unwrap_or("");
            if !reason && krate != "tendertrace" {
                found.push(format!("{name}:{}: say above {krate} why it is needed", number + 1));
            }
            if name == "crates/tendertrace/Cargo.toml" && IMPURE_CRATES.contains(&krate) {
                found.push(format!("{name}:{}: {krate} touches the world; the library is pure", number + 1));
            }
        }
    }
    found
}

/// Paths of somebody's machine in what is published.
fn machine_paths(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for below in ["crates", "docs", "rulebook", "questions", "README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", ".ci"] {
        for (name, text) in files(root, below).into_iter().filter(|(name, _)| !name.starts_with("crates/xtask/")) {
            for (number, line) in text.lines().enumerate() {
                if ["/home/", "/Users/", "/work/", "/root/"].iter().any(|p| line.contains(p)) {
                    found.push(format!("{name}:{}: a path of one machine", number + 1));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_tidy() {
        let breaches = breaches(&root());
        assert!(breaches.is_empty(), "{} breaches:\n{}", breaches.len(), breaches.join("\n"));
    }

    #[test]
    fn each_rule_catches_its_breach() {
        assert!(header("a.rs", "fn main() {}").is_some());
        assert_eq!(impure("a.rs", "use std::fs;\n// std::fs in a comment").len(), 1);
        assert_eq!(later_rooms("crates/tendertrace/src/read/a.rs", "use crate::extract::x;").len(), 1);
        assert!(later_rooms("crates/tendertrace/src/extract/a.rs", "use crate::read::x;").is_empty());
        assert_eq!(knowledge_in_code("a.rs", "let a = \"采购人\"; // 采购人", &[]).len(), 1);
        assert_eq!(knowledge_in_code("a.rs", "if x == \"oracle\" {}", &["oracle".to_string()]).len(), 1);
        assert_eq!(dependencies_of("crates/tendertrace/Cargo.toml", "[dependencies]\nserde = \"1\"\n# io\ntokio = \"1\"").len(), 2);
    }
}
