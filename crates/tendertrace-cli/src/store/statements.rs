//! What did the companies say of themselves? `CASE/statements/*.toml`, one file a statement, written by
//! a person with its source and the scope in which it holds; dossiers draw it over findings inside
//! that scope only.

use super::claims::is_day;
use anyhow::{Context as _, bail};
use serde::Deserialize;
use std::path::Path;
use tendertrace::rulebook::Rulebook;
use tendertrace::rulebook::report::Milestone;

/// Name of the folder in the case folder.
pub const FOLDER: &str = "statements";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Statement {
    date: String,
    kind: Kind,
    title: String,
    source: String,
    #[serde(default)]
    note: String,
    /// Whose products it is about: a statement about nothing in particular holds nowhere.
    brands: Vec<String>,
    #[serde(default)]
    lists: Vec<String>,
    #[serde(default)]
    regions: Vec<String>,
    #[serde(default)]
    buyer_kinds: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Statement,
    Pledge,
}

/// All statements of a case, by file name; a file that cannot be used stops with its name and reason.
pub fn read(folder: &Path, rules: &Rulebook) -> anyhow::Result<Vec<Milestone>> {
    let place = folder.join(FOLDER);
    if !place.is_dir() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(&place).with_context(|| format!("looking into {}", place.display()))?;
    let mut files: Vec<_> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "toml")).collect();
    files.sort();
    files.iter().map(|path| one(path, rules).with_context(|| format!("{} is no usable statement", path.display()))).collect()
}

fn one(path: &Path, rules: &Rulebook) -> anyhow::Result<Milestone> {
    let said: Statement = toml::from_str(&std::fs::read_to_string(path)?)?;
    if !is_day(&said.date) {
        bail!("date = {:?} is no day; write it as \"2026-01-31\"", said.date);
    }
    if said.brands.is_empty() {
        bail!("brands is empty; name the brands it is about, as in rulebook/brands/");
    }
    if let Some(unknown) = said.brands.iter().find(|key| !rules.brands.brands.iter().any(|brand| brand.key == **key)) {
        bail!("no brand of the rulebook has the key {unknown}");
    }
    let kind = match said.kind {
        Kind::Statement => "statement",
        Kind::Pledge => "pledge",
    };
    Ok(Milestone {
        id: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        date: said.date,
        kind: kind.to_string(),
        title: said.title,
        scope_brands: said.brands.join(";"),
        scope_lists: said.lists.join(";"),
        scope_regions: said.regions.join(";"),
        scope_buyer_kinds: said.buyer_kinds.join(";"),
        source: said.source,
        note: said.note,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_without_scope_or_with_an_unknown_brand_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let rules = Rulebook::embedded();
        let place = folder.path().join(FOLDER);
        assert!(read(folder.path(), &rules).unwrap().is_empty());
        std::fs::create_dir(&place).unwrap();
        let text = "date = \"2021-03-01\"\nkind = \"pledge\"\ntitle = \"No more\"\nsource = \"invented\"\nbrands = [BRANDS]\nbuyer_kinds = [\"public_security\"]\n";
        let write = |text: &str| std::fs::write(place.join("pledge.toml"), text).unwrap();
        write(&text.replace("BRANDS", "\"dell\", \"hpe\""));
        let known = read(folder.path(), &rules).unwrap();
        assert_eq!((known[0].id.as_str(), known[0].scope_brands.as_str()), ("pledge", "dell;hpe"));
        for (bad, why) in [
            (text.replace("BRANDS", ""), "brands is empty"),
            (text.replace("BRANDS", "\"nobody\""), "key nobody"),
            (text.replace("BRANDS", "\"dell\"").replace("2021-03-01", "2021-13-01"), "no day"),
            (text.replace("BRANDS", "\"dell\"").replace("pledge", "law"), "unknown variant"),
        ] {
            write(&bad);
            let error = format!("{:#}", read(folder.path(), &rules).unwrap_err());
            assert!(error.contains(why) && error.contains("pledge.toml"), "{error}");
        }
    }
}
