//! What would a new rule change? A row for a label or a file for a brand, made from the rulebook's own
//! examples; the notices it is about, examined with and without it, in memory; and the file, if it is kept.

use super::{archive, flat};
use anyhow::{Context as _, bail, ensure};
use rayon::prelude::*;
use rusqlite::Connection;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tendertrace::model::{Capture, sha256_hex};
use tendertrace::rulebook::{Files, Rulebook};
use tendertrace::wire;

/// A rule as a person proposes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposal {
    /// This label is that field.
    Label { label: String, field: String },
    /// This text names a brand.
    Brand { text: String, name: String, home: String },
}

/// A file of the user's own layer as it would be.
pub struct Draft {
    pub file: String,
    pub text: String,
}

/// Fields that a label can mean.
pub fn fields() -> Vec<String> {
    let files = Files::embedded();
    let names = files.under("labels/").filter_map(|(name, _)| name.strip_prefix("labels/")?.strip_suffix(".csv"));
    names.filter(|name| *name != "sections").map(str::to_string).collect()
}

/// The file with the new rule in it, what is there already being kept.
pub fn draft(proposal: &Proposal, layer: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<Draft> {
    match proposal {
        Proposal::Label { label, field } => label_file(label, field, layer),
        Proposal::Brand { text, name, home } => brand_file(text, name, home, layer),
    }
}

fn label_file(label: &str, field: &str, layer: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<Draft> {
    ensure!(fields().iter().any(|known| known == field), "no field is called {field}");
    let file = format!("labels/{field}.csv");
    let files = Files::embedded();
    let (_, built_in) = files.under(&file).next().context("a field has its file")?;
    let mut reader = csv::Reader::from_reader(built_in);
    let header = reader.headers()?.clone();
    let at = |name: &str| header.iter().position(|column| column == name);
    let (of_label, within) = (at("label").context("a label file has labels")?, at("within"));
    let everywhere = |row: &csv::StringRecord| within.and_then(|at| row.get(at)).is_none_or(str::is_empty);
    let model = reader.records().flatten().find(everywhere).context("a field has a label that holds everywhere")?;
    let old = model.get(of_label).unwrap_or_default().to_string();
    let mut writer = csv::Writer::from_writer(layer.get(&file).cloned().unwrap_or_default());
    if !layer.contains_key(&file) {
        writer.write_record(&header)?;
    }
    writer.write_record(header.iter().zip(&model).map(|(column, value)| match column {
        "id" => format!("own-{}", &sha256_hex(label.as_bytes())[..8]),
        "note" => String::new(),
        _ => value.replace(&old, label),
    }))?;
    Ok(Draft { file, text: String::from_utf8(writer.into_inner().context("into memory")?)? })
}

fn brand_file(text: &str, name: &str, home: &str, layer: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<Draft> {
    let key: String = name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    ensure!(key.chars().any(|c| c.is_ascii_alphanumeric()), "give the brand's name in Latin letters: it is the key too");
    ensure!(home.len() == 2 && home.bytes().all(|b| b.is_ascii_uppercase()), "give the maker's home as two letters, for example CN");
    let file = format!("brands/{key}.toml");
    let files = Files::embedded();
    if layer.contains_key(&file) || files.under(&file).next().is_some() {
        bail!("the rulebook knows {key} already: add the name to its file instead");
    }
    let (_, template) = files.under("templates/brand/").next().context("there is a template for brands")?;
    let template = std::str::from_utf8(template)?;
    let values: toml::Table = toml::from_str(template)?;
    let old = |path: Option<&toml::Value>| path.and_then(toml::Value::as_str).unwrap_or_default().to_string();
    let (old_name, old_home) = (old(values.get("name")), old(values.get("home")));
    let old_text = old(values.get("names").and_then(|names| names.get(0)?.get("text")));
    let quoted = |value: &str| toml::Value::String(value.to_string()).to_string();
    let text = template
        .replace(&format!("\"{old_home}\""), &quoted(home))
        .replace(&format!("\"{old_name}\""), &quoted(name))
        .replace(&format!("\"{old_name} Inc.\""), &quoted(name))
        .replace(&old_text, &text.replace(['"', '\\', '\n'], ""));
    Ok(Draft { file, text })
}

/// The rules with the draft in them.
pub fn rules(layer: &BTreeMap<String, Vec<u8>>, draft: &Draft) -> anyhow::Result<Rulebook> {
    let mut layer = layer.clone();
    layer.insert(draft.file.clone(), draft.text.clone().into_bytes());
    Rulebook::load(&Files::embedded().with_layer(layer)).map_err(|problems| {
        let said: Vec<String> = problems.iter().take(3).map(ToString::to_string).collect();
        anyhow::anyhow!("the rulebook does not load with this rule:\n{}", said.join("\n"))
    })
}

/// One thing that would be otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    pub notice: i64,
    /// A field's name, or a finding's brand and usage.
    pub what: String,
    pub before: Option<String>,
    pub after: Option<String>,
    /// The finding that would change or vanish.
    pub finding: Option<String>,
}

/// What was tried and what would change.
pub struct Tried {
    pub notices: usize,
    pub is_cut: bool,
    pub changes: Vec<Change>,
}

/// Notices tried at most.
pub const MOST: usize = 100;

/// Examines the notices of a gap with the rules in use and with the new ones.
pub fn attempt(folder: &Path, db: &Connection, (kind, text): (&str, &str), old: &Rulebook, new: &Rulebook) -> anyhow::Result<Tried> {
    let mut query = db.prepare("SELECT DISTINCT notice FROM gaps WHERE kind = ?1 AND text = ?2 LIMIT ?3")?;
    let rows = query.query_map(rusqlite::params![kind, text, MOST as i64 + 1], |row| row.get(0))?;
    let mut notices: Vec<i64> = rows.collect::<Result<_, _>>()?;
    let is_cut = notices.len() > MOST;
    notices.truncate(MOST);
    let captures = notices.iter().map(|notice| Ok((*notice, archive::original(folder, db, notice / flat::PARTS)?)));
    let captures: Vec<(i64, Capture)> = captures.collect::<anyhow::Result<_>>()?;
    let mut changes: Vec<Change> = captures.par_iter().flat_map(|(notice, capture)| changes(*notice, capture, old, new)).collect();
    changes.sort();
    Ok(Tried { notices: notices.len(), is_cut, changes })
}

fn changes(notice: i64, capture: &Capture, old: &Rulebook, new: &Rulebook) -> Vec<Change> {
    let part = (notice % flat::PARTS) as u32;
    let examined = |rules: &Rulebook| {
        let all = tendertrace::examine(capture, rules, &crate::fence::budget());
        let one = all.iter().find(|one| one.capture.part == part);
        one.map_or(Value::Null, |one| wire::examination(one, &rules.hashes))
    };
    let (before, after) = (examined(old), examined(new));
    let mut out = fields_changed(notice, &before["notice"], &after["notice"]);
    let (was, is) = (findings(&before), findings(&after));
    for key in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
        if was.contains_key(key) != is.contains_key(key) {
            let finding = |side: &BTreeMap<(String, String), String>| side.get(key).map(|_| key.1.clone());
            out.push(Change { notice, what: key.0.clone(), before: finding(&was), after: finding(&is), finding: was.get(key).cloned() });
        }
    }
    out
}

/// (Brand and usage, quote) of every finding, with its id.
fn findings(examination: &Value) -> BTreeMap<(String, String), String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let all = examination["findings"].as_array().into_iter().flatten();
    all.map(|f| ((format!("{} {}", text(&f["brand"]), text(&f["usage"])), text(&f["quotes"][0]["text"])), text(&f["id"]))).collect()
}

fn fields_changed(notice: i64, before: &Value, after: &Value) -> Vec<Change> {
    let empty = serde_json::Map::new();
    let (before, after) = (before.as_object().unwrap_or(&empty), after.as_object().unwrap_or(&empty));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = names.into_iter().filter_map(|name| {
        let (was, is) = (before.get(name).and_then(said), after.get(name).and_then(said));
        (was != is).then(|| Change { notice, what: name.replace('_', " "), before: was, after: is, finding: None })
    });
    changed.collect()
}

/// A field's values without where they stand.
fn said(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(all) => Some(all.iter().filter_map(said).collect::<Vec<_>>().join("; ")).filter(|text| !text.is_empty()),
        Value::Object(object) => match object.get("value") {
            Some(value) => said(value),
            None => {
                let kept = object.iter().filter(|(name, _)| !matches!(name.as_str(), "quote" | "quotes" | "rule" | "rules" | "raw" | "at"));
                Some(kept.filter_map(|(_, value)| said(value)).collect::<Vec<_>>().join(" ")).filter(|text| !text.is_empty())
            }
        },
        other => Some(other.to_string()),
    }
}

/// Writes the file into the user's own layer, whole or not at all.
pub fn keep(layer: &Path, draft: &Draft) -> anyhow::Result<()> {
    let path = layer.join(&draft.file);
    let folder = path.parent().context("a file has a folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let part = path.with_extension("part");
    std::fs::write(&part, &draft.text).and_then(|()| std::fs::rename(&part, &path)).with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_and_a_brand_load_beside_the_built_in_rules_and_are_understood() {
        let empty = BTreeMap::new();
        let label = Proposal::Label { label: "统筹样本单位".into(), field: "buyer".into() };
        let drafted = draft(&label, &empty).unwrap();
        let rules = super::rules(&empty, &drafted).unwrap();
        let text = "示例项目中标公告\n统筹样本单位：示例市公安局\n设备：样牌交换机2台\n".as_bytes().to_vec();
        let capture = Capture { media_type: Some("text/plain".into()), ..Capture::of_bytes(text) };
        let changed = changes(0, &capture, &Rulebook::embedded(), &rules);
        assert!(changed.iter().any(|c| c.what == "buyer" && c.before.is_none() && c.after.is_some()), "{changed:?}");
        let layer = BTreeMap::from([(drafted.file.clone(), drafted.text.clone().into_bytes())]);
        let second = draft(&Proposal::Label { label: "归口样本单位".into(), field: "buyer".into() }, &layer).unwrap();
        assert!(second.text.starts_with(&drafted.text) && second.text.contains("归口样本单位"), "{}", second.text);
        let brand = draft(&Proposal::Brand { text: "样牌".into(), name: "Sample \"Mark\"".into(), home: "CN".into() }, &empty).unwrap();
        let changed = changes(0, &capture, &Rulebook::embedded(), &super::rules(&empty, &brand).unwrap());
        assert!(changed.iter().any(|c| c.what.starts_with("sample__mark_") && c.after.is_some()), "{} {changed:?}", brand.text);
        let wrong = draft(&Proposal::Brand { text: "样".into(), name: "Dell".into(), home: "US".into() }, &empty);
        assert!(wrong.is_err_and(|error| error.to_string().contains("knows dell already")));
    }
}
