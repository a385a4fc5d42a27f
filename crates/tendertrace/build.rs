//! Embeds `rulebook/` in the library as a table of paths and bytes, so that the program needs no
//! files beside it. A path ending that is not data (notes, drafts) is left out.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../rulebook");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    gather(&root, &mut files);
    files.sort();
    let mut table = String::from("pub static FILES: &[(&str, &[u8])] = &[\n");
    for file in files {
        let name = file.strip_prefix(&root).expect("inside").to_string_lossy().replace('\\', "/");
        let path = file.canonicalize().expect("exists");
        writeln!(table, "    ({name:?}, include_bytes!({:?})),", path.display().to_string()).expect("string");
    }
    table.push_str("];\n");
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it")).join("rulebook_files.rs");
    std::fs::write(out, table).expect("OUT_DIR is writable");
}

fn gather(dir: &Path, files: &mut Vec<PathBuf>) {
    println!("cargo:rerun-if-changed={}", dir.display());
    for entry in std::fs::read_dir(dir).expect("rulebook/ is readable").flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|e| e == "toml" || e == "csv") {
            println!("cargo:rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
}
