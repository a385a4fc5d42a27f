//! Embeds `questions/` in the program, so that `ask` needs no files beside it.

use std::fmt::Write as _;
use std::path::PathBuf;

fn main() {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../questions");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files: Vec<_> = std::fs::read_dir(&root)
        .expect("questions/ is readable")
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "sql"))
        .collect();
    files.sort();
    let mut table = String::from("pub static QUESTIONS: &[(&str, &str)] = &[\n");
    for file in files {
        println!("cargo:rerun-if-changed={}", file.display());
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let path = file.canonicalize().expect("exists");
        writeln!(table, "    ({name:?}, include_str!({:?})),", path.display().to_string()).expect("string");
    }
    table.push_str("];\n");
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it")).join("questions.rs");
    std::fs::write(out, table).expect("OUT_DIR is writable");
}
