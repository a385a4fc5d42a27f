//! Which files does an input name? Folders are walked by name; what browsers save beside a page and
//! hidden files are no notices.

use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

type Found = Result<PathBuf, String>;

/// Files of a folder, a file or a pattern that the shell did not expand, in a stable order.
pub fn files(input: &str) -> Box<dyn Iterator<Item = Found> + Send> {
    let path = Path::new(input);
    if path.is_dir() {
        return Box::new(walk(path));
    }
    if path.exists() {
        return one(Ok(path.to_path_buf()));
    }
    if input.contains(['*', '?', '[']) {
        return pattern(input);
    }
    one(Err(format!("{input}: no such file or folder; check the spelling")))
}

/// Why there is nothing to read at all: a misspelt name must not become an empty case.
pub fn nothing(inputs: &[String]) -> Option<String> {
    let why = |input: &String| match files(input).next() {
        Some(Ok(_)) => None,
        Some(Err(why)) => Some(why),
        None => Some(format!("{input}: the folder holds no file that could be a notice")),
    };
    let reasons: Vec<String> = inputs.iter().filter(|input| *input != "-").filter_map(why).collect();
    (!inputs.is_empty() && reasons.len() == inputs.len()).then(|| reasons.join("\n"))
}

fn one(found: Found) -> Box<dyn Iterator<Item = Found> + Send> {
    Box::new(std::iter::once(found))
}

fn pattern(input: &str) -> Box<dyn Iterator<Item = Found> + Send> {
    let matches = match glob::glob(input) {
        Ok(matches) => matches,
        Err(error) => return one(Err(format!("{input}: no valid pattern ({error})"))),
    };
    let mut found: Vec<Found> = matches.map(|m| m.map_err(|error| error.to_string())).collect();
    if found.is_empty() {
        return one(Err(format!("{input}: no file matches this pattern")));
    }
    found.sort();
    Box::new(found.into_iter().flat_map(|found| match found {
        Ok(path) if path.is_dir() => Box::new(walk(&path)) as Box<dyn Iterator<Item = Found> + Send>,
        other => one(other),
    }))
}

fn walk(folder: &Path) -> impl Iterator<Item = Found> + Send + use<> {
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter().filter_entry(is_wanted);
    entries.filter_map(|entry| match entry {
        Ok(entry) if entry.file_type().is_file() || entry.path_is_symlink() && entry.path().is_file() => Some(Ok(entry.into_path())),
        Ok(_) => None,
        Err(error) => Some(Err(format!("{error}; check the permissions"))),
    })
}

fn is_wanted(entry: &DirEntry) -> bool {
    if entry.depth() == 0 {
        return true;
    }
    let name = entry.file_name().to_string_lossy();
    !name.starts_with('.') && !(entry.file_type().is_dir() && is_companion(entry.path(), &name))
}

/// Whether a file of an archive may be a notice, by its path.
pub fn is_wanted_in_archive(path: &str) -> bool {
    path.split(['/', '\\'])
        .filter(|part| !part.is_empty())
        .all(|part| !part.starts_with('.') && !part.ends_with("_files") && part != "__MACOSX")
}

/// `X_files` or `X.files` beside `X.html`: pictures and scripts of a saved page.
fn is_companion(path: &Path, name: &str) -> bool {
    let Some(page) = name.strip_suffix("_files").or_else(|| name.strip_suffix(".files")) else { return false };
    ["html", "htm", "shtml", "xhtml", "mht", "mhtml", "jsp", "aspx", "php"]
        .iter()
        .any(|ending| path.with_file_name(format!("{page}.{ending}")).is_file())
}
