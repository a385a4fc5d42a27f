//! Where are the real notices and suites? Beside the checkout, or where `TENDERTRACE_SHARED` says;
//! tests that need them say plainly when they are not there.

use std::path::{Path, PathBuf};

/// A file or folder of the shared data; says so and returns `None` where it is not there.
pub fn find(name: &str) -> Option<PathBuf> {
    let named = std::env::var_os("TENDERTRACE_SHARED").map(PathBuf::from);
    let beside = || Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().ok()?.parent()?.join("shared"));
    let found = named.or_else(beside).map(|dir| dir.join(name)).filter(|path| path.exists());
    if found.is_none() {
        println!("SKIPPED: {name} is not here (set TENDERTRACE_SHARED to the folder that holds it)");
    }
    found
}
