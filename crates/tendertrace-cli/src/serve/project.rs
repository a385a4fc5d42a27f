//! What became of a project? The stages of its time line, each with what differs from the stages before it,
//! and the copies of a notice on other pages.

use super::find::{amount, money};

use crate::store::record;
use maud::{Markup, html};
use rusqlite::Connection;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tendertrace::report::html::part;
use tendertrace::report::{mask, say};
use tendertrace::rulebook::Rulebook;

/// A stage of the project, or a copy of the notice.
struct Member {
    id: i64,
    main: i64,
    stage: Option<String>,
    date: Option<String>,
    title: String,
    site: Option<String>,
    sum: Option<String>,
}

/// What one stage states, and what of it is new.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    /// By label, in the order of `STATED`.
    values: Vec<(&'static str, String)>,
    /// Brands that are named, by what stage names them as.
    brands: BTreeSet<String>,
    /// Changes that the notice itself declares: label, before, after.
    declared: Vec<[String; 3]>,
}

/// A value that is another than before: label, before, after.
type Changed = (&'static str, String, String);

/// Stages whose notices are read for differences.
const READ: usize = 40;

pub fn section(db: &Connection, id: i64, rules: &Rulebook) -> anyhow::Result<Markup> {
    let members = members(db, id)?;
    let main = members.iter().find(|m| m.id == id).map_or(id, |m| m.main);
    let copies: Vec<&Member> = members.iter().filter(|m| m.main == main && m.id != id).collect();
    let stages: Vec<&Member> = members.iter().filter(|m| m.id == m.main).collect();
    let told = stages.iter().take(READ).map(|m| told(db, m.id, rules)).collect::<anyhow::Result<Vec<Told>>>()?;
    let changed = differences(&told);
    // Where there is one stage, everything is named there first.
    let named = if stages.len() > 1 { newly_named(&told) } else { vec![BTreeSet::new(); told.len()] };
    let title = |m: &Member| say::short(&say::one_line(&mask::text(&m.title, &rules.report.masks)), 70);
    Ok(html! {
        ol.line { @for (at, m) in stages.iter().enumerate() {
            li aria-current=[(m.id == main).then_some("true")] {
                (m.date.as_deref().unwrap_or("no date")) " " b { (m.stage.as_deref().map_or_else(|| "stage not read".to_string(), |s| say::label("stage", s, rules))) } " "
                @if m.id == id { (part::zh(&title(m))) } @else { a href={ "/notice/" (m.id) } { (part::zh(&title(m))) } }
                @if let (Some(told), Some(changed)) = (told.get(at), changed.get(at)) { (stage(told, changed, &named[at])) }
            }
        } }
        @if stages.len() < 2 { p.note { "No other stage of it is in the case; that is no proof that there is none." } }
        @else if changed.iter().all(Vec::is_empty) { p.note { "What several stages state is the same in each." } }
        (others(&copies))
    })
}

fn stage(told: &Told, changed: &[Changed], named: &BTreeSet<&str>) -> Markup {
    let is_changed = |label: &str| changed.iter().any(|(known, ..)| *known == label);
    html! {
        ul.told {
            @for (label, value) in told.values.iter().filter(|(label, _)| SHOWN.contains(label) && !is_changed(label)) { li.soft { (label) ": " (part::mixed(value)) } }
            @for (label, before, after) in changed { li.changed { (label) ": " del { (part::mixed(before)) } " → " ins { (part::mixed(after)) } } }
            @for [label, before, after] in &told.declared { li { "it says itself: " (part::zh(label)) ": " @if !before.is_empty() { del { (part::mixed(before)) } " → " } ins { (part::mixed(after)) } } }
            @if !named.is_empty() { li.soft { "named here first: " (named.iter().copied().collect::<Vec<_>>().join(", ")) } }
        }
    }
}

fn others(copies: &[&Member]) -> Markup {
    html! { @if !copies.is_empty() {
        h3 { (say::counted(copies.len(), "copy", "copies")) " on other pages" }
        ul { @for m in copies { li { a href={ "/notice/" (m.id) } { (m.site.as_deref().unwrap_or("no address")) } @if let Some(day) = &m.date { " " (day) } @if let Some(sum) = &m.sum { ", " (sum) } } } }
    } }
}

/// What is compared between stages: place in the notice, label, kind of value.
const STATED: [(&str, &str, &str); 8] = [
    ("/project_name", "Project", ""),
    ("/project_number", "Project number", ""),
    ("/buyer", "Buyer", "party"),
    ("/end_user", "End user", "party"),
    ("/agency", "Agency", "party"),
    ("/budget", "Budget", "money"),
    ("/total", "Sum awarded", "money"),
    ("/dates/deadline", "Deadline", ""),
];
/// Stated in a line of every stage that has it, changed or not.
const SHOWN: [&str; 4] = ["Budget", "Sum awarded", "Deadline", WINNER];
const WINNER: &str = "Winner";

fn told(db: &Connection, id: i64, rules: &Rulebook) -> anyhow::Result<Told> {
    let packed: Vec<u8> = db.query_row("SELECT contract FROM examinations WHERE notice = ?1", [id], |row| row.get(0))?;
    let contract: Value = record::unpack(&packed)?;
    let (notice, masks) = (&contract["notice"], &rules.report.masks);
    let shown = |value: &Value, kind: &str| match kind {
        "money" => amount(value),
        "party" => value.as_str().map(|name| mask::party(name, masks)),
        _ => value.as_str().map(|text| say::one_line(&mask::text(text, masks))),
    };
    let mut values: Vec<(&'static str, String)> =
        STATED.iter().filter_map(|(path, label, kind)| Some((*label, shown(&notice.pointer(path)?["value"], kind)?))).collect();
    let all = |list: &Value| list.as_array().cloned().unwrap_or_default();
    let winners: BTreeSet<String> =
        all(&notice["awards"]).iter().flat_map(|award| all(&award["suppliers"])).filter_map(|s| shown(&s["value"], "party")).collect();
    if !winners.is_empty() {
        values.push((WINNER, winners.into_iter().collect::<Vec<_>>().join("、")));
    }
    let brands = all(&contract["findings"]).iter().filter_map(|f| f["brand"].as_str()).map(|key| say::brand(key, rules)).collect();
    let text = |value: &Value| shown(&value["value"], "").unwrap_or_default();
    let declared = all(&notice["changes"]).iter().map(|change| ["label", "old", "new"].map(|key| text(&change[key]))).collect();
    Ok(Told { values, brands, declared })
}

/// Of each stage: what it states otherwise than the last stage before it that stated it.
fn differences(told: &[Told]) -> Vec<Vec<Changed>> {
    let mut last: BTreeMap<&str, &str> = BTreeMap::new();
    let one = |told: &Told, last: &BTreeMap<&str, &str>| -> Vec<Changed> {
        let before = |label: &str, value: &str| last.get(label).filter(|before| **before != value).map(|before| before.to_string());
        told.values.iter().filter_map(|(label, value)| Some((*label, before(label, value)?, value.clone()))).collect()
    };
    let mut all = Vec::new();
    for told in told {
        all.push(one(told, &last));
        last.extend(told.values.iter().map(|(label, value)| (*label, value.as_str())));
    }
    all
}

/// Of each stage: brands that no stage before it names.
fn newly_named(told: &[Told]) -> Vec<BTreeSet<&str>> {
    let mut known = BTreeSet::new();
    told.iter().map(|told| told.brands.iter().map(String::as_str).filter(|brand| known.insert(*brand)).collect()).collect()
}

fn members(db: &Connection, id: i64) -> anyhow::Result<Vec<Member>> {
    let mut query = db.prepare_cached(
        "SELECT t.id, m.main, t.stage, t.event_date, coalesce(t.title, t.project_name, ''), t.site, t.total_minor, t.total_currency, coalesce(y.factor, 100)
         FROM joined here JOIN joined m ON m.process = here.process JOIN notices t ON t.id = m.notice LEFT JOIN currencies y ON y.code = t.total_currency
         WHERE here.notice = ?1 ORDER BY m.place, t.id LIMIT 200",
    )?;
    let rows = query.query_map([id], |row| {
        let (minor, currency, factor): (Option<i64>, Option<String>, i64) = (row.get(6)?, row.get(7)?, row.get(8)?);
        let sum = minor.zip(currency).map(|(minor, currency)| money(minor, factor, currency));
        Ok(Member { id: row.get(0)?, main: row.get(1)?, stage: row.get(2)?, date: row.get(3)?, title: row.get(4)?, site: row.get(5)?, sum })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(values: &[(&'static str, &str)], brands: &[&str]) -> Told {
        Told {
            values: values.iter().map(|(label, value)| (*label, value.to_string())).collect(),
            brands: brands.iter().map(|brand| brand.to_string()).collect(),
            declared: Vec::new(),
        }
    }

    #[test]
    fn a_stage_differs_from_the_last_that_said_it() {
        let told = [
            states(&[("Budget", "CNY 100"), ("Buyer", "甲")], &["Dell"]),
            states(&[("Deadline", "2023-01-02")], &["Dell", "Oracle"]),
            states(&[("Budget", "CNY 90"), ("Buyer", "甲"), ("Deadline", "2023-01-09")], &[]),
            states(&[("Budget", "CNY 90")], &["Oracle", "EMC"]),
        ];
        let changed = differences(&told);
        let change = |label, before: &str, after: &str| (label, before.to_string(), after.to_string());
        assert!(changed[0].is_empty() && changed[1].is_empty() && changed[3].is_empty(), "{changed:?}");
        assert_eq!(changed[2], [change("Budget", "CNY 100", "CNY 90"), change("Deadline", "2023-01-02", "2023-01-09")]);
        let named: Vec<Vec<&str>> = newly_named(&told).into_iter().map(|named| named.into_iter().collect()).collect();
        assert_eq!(named, [vec!["Dell"], vec!["Oracle"], vec![], vec!["EMC"]]);
    }
}
