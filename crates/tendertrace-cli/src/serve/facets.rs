//! Which notices does a query keep, and how could it be narrowed? Every filter is a parameter of the
//! address, so that a query is a link.

use super::{Given, encode, given};
use crate::store::query::Query;
use crate::store::search;
use crate::store::streams::{self, Condition, Order};
use crate::store::told::{self, Tellings, Told};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::{BTreeSet, HashMap};
use tendertrace::report::{mask, say};
use tendertrace::rulebook::Rulebook;

/// One way to narrow: its parameter, its name, and the kind of its words in the rulebook.
struct Facet {
    name: &'static str,
    label: &'static str,
    words: &'static str,
}

const FACETS: [Facet; 11] = [
    Facet { name: "brand", label: "Brand", words: "brand" },
    Facet { name: "usage", label: "Usage", words: "usage" },
    Facet { name: "strength", label: "Strength", words: "strength" },
    Facet { name: "stage", label: "Stage", words: "stage" },
    Facet { name: "kind", label: "Kind of buyer", words: "buyer_kind" },
    Facet { name: "region", label: "Province", words: "region" },
    Facet { name: "year", label: "Year", words: "" },
    Facet { name: "purpose", label: "Purpose", words: "purpose" },
    Facet { name: "list", label: "List lead", words: "" },
    Facet { name: "listed", label: "A party was listed then", words: "in_force" },
    Facet { name: "seller", label: "Seller", words: "" },
];

/// Other filters, that are not counted.
const MORE: [&str; 3] = ["buyer", "review", "since"];
/// Every filter's parameter.
pub fn names() -> impl Iterator<Item = &'static str> {
    FACETS.iter().map(|facet| facet.name).chain(MORE)
}

/// Filters that the index holds as they are.
const TAGS: [&str; 7] = ["stage", "kind", "region", "year", "purpose", "seller", "buyer"];
/// Parts of a finding, that one finding must have together.
const OF_FINDING: [&str; 3] = ["brand", "usage", "strength"];
/// Notices that are taken before the rest is only said to exist.
pub const MOST: usize = 10_000;

/// The notices that a query keeps, in the order asked for.
pub struct Hits {
    pub places: Vec<i64>,
    /// Whether there are more than were taken.
    pub cut: bool,
    told: Tellings,
}

/// Finds what the query keeps; only the first so many need stand in the order asked for.
pub fn collect(db: &Connection, query: &Query, asked: &Given, first: usize) -> anyhow::Result<Hits> {
    let order = if given(asked, "sort") == Some("oldest") { Order::Oldest } else { Order::Newest };
    let (mut wanted, unwanted) = Condition::of(query, &tags(asked));
    let beside = beside(db, asked)?;
    if wanted.is_empty() && beside.is_none() {
        wanted.push(Condition::all());
    }
    let (kept_out, mut places) = (kept_out(db, asked)?, Vec::new());
    streams::run(db, (&wanted, &unwanted), beside.as_deref(), order, &mut |place| {
        if !kept_out.contains(&search::notice_at(place)) {
            places.push(place);
        }
        places.len() <= MOST
    })?;
    let cut = places.len() > MOST;
    places.truncate(MOST);
    let mut told = Tellings::of(db, &places)?;
    sort(db, query, (given(asked, "sort"), first), &mut told)?;
    Ok(Hits { places: told.rows.iter().map(|row| row.place).collect(), cut, told })
}

/// Puts hits, which come in the order of their days, in the order asked for.
fn sort(db: &Connection, query: &Query, (by, first): (Option<&str>, usize), told: &mut Tellings) -> anyhow::Result<()> {
    match by {
        // Sums of other currencies are no larger for having more minor units: each by itself.
        Some("amount") => {
            let mut rows = std::mem::take(&mut told.rows);
            let currency = |row: &Told| told.text(row.texts[told::CURRENCY]);
            rows.sort_by(|a, b| (a.total.is_none(), currency(a), b.total).cmp(&(b.total.is_none(), currency(b), a.total)));
            told.rows = rows;
        }
        Some(_) => {}
        None if query.is_empty() => {}
        None => {
            let titled = told.titled(db, query, first)?;
            let mut parts = [Vec::new(), Vec::new()];
            told.rows.drain(..).zip(titled).for_each(|(row, is_titled)| parts[usize::from(!is_titled)].push(row));
            told.rows = parts.concat();
        }
    }
    Ok(())
}

/// Filters as tokens of the index.
fn tags(asked: &Given) -> Vec<String> {
    let mut tags: Vec<String> = TAGS.iter().filter_map(|name| Some(search::tag(&[name, given(asked, name)?]))).collect();
    let finding = OF_FINDING.map(|name| given(asked, name).unwrap_or_default());
    if finding.iter().any(|value| !value.is_empty()) || given(asked, "review").is_some() {
        tags.push(search::tag(&["finding", finding[0], finding[1], finding[2]]));
    }
    tags
}

/// Places of the notices that a filter names one by one: those with a lead, those with a verdict, those
/// that came since.
fn beside(db: &Connection, asked: &Given) -> anyhow::Result<Option<Vec<i64>>> {
    let mut sets: Vec<BTreeSet<i64>> = Vec::new();
    let (list, listed) = (given(asked, "list"), given(asked, "listed"));
    if list.is_some() || listed.is_some() {
        let sql = "SELECT notice FROM list_leads WHERE (?1 IS NULL OR list = ?1) AND (?2 IS NULL OR in_force = ?2)";
        sets.push(numbers(db, sql, params![list, listed])?);
    }
    if let Some(verdict) = given(asked, "review").filter(|verdict| *verdict != "unreviewed") {
        sets.push(decided(
            db,
            asked,
            "f.id IN (SELECT finding_now FROM decisions WHERE state = 'stands' AND verdict = ?4)",
            Some(verdict),
        )?);
    }
    let since = given(asked, "since").and_then(|since| since.parse::<i64>().ok());
    if let (Some(since), true) = (since, sets.is_empty()) {
        let mut places = db.prepare("SELECT place FROM search.texts WHERE notice >= ?1")?;
        return Ok(Some(places.query_map([since], |row| row.get(0))?.collect::<Result<_, _>>()?));
    }
    let Some(all) = sets.into_iter().reduce(|kept, more| &kept & &more) else { return Ok(None) };
    let mut place = db.prepare("SELECT place FROM search.texts WHERE notice = ?1")?;
    let places = all
        .iter()
        .filter(|notice| since.is_none_or(|since| **notice >= since))
        .map(|notice| place.query_row([notice], |row| row.get(0)).optional());
    Ok(Some(places.filter_map(Result::transpose).collect::<Result<_, _>>()?))
}

/// Notices that are not shown: confidential ones where they do not exist, and those whose every such
/// finding was decided where undecided ones are asked for.
fn kept_out(db: &Connection, asked: &Given) -> anyhow::Result<BTreeSet<i64>> {
    let hides =
        "SELECT id FROM main.notices WHERE access = 'confidential' AND EXISTS (SELECT 1 FROM temp.sqlite_schema WHERE name = 'notices')";
    let mut out = numbers(db, hides, [])?;
    if given(asked, "review") == Some("unreviewed") {
        let standing = "f.id IN (SELECT finding_now FROM decisions WHERE state = 'stands')";
        let (some, open) = (decided(db, asked, standing, None)?, decided(db, asked, &format!("NOT {standing}"), None)?);
        out.extend(&some - &open);
    }
    Ok(out)
}

/// Notices that people decided something of, with such a finding of which `condition` is true.
fn decided(db: &Connection, asked: &Given, condition: &str, verdict: Option<&str>) -> anyhow::Result<BTreeSet<i64>> {
    let sql = format!(
        "WITH some AS MATERIALIZED (SELECT DISTINCT g.notice FROM decisions d CROSS JOIN findings g ON g.id = d.finding_now WHERE d.state = 'stands')
         SELECT f.notice FROM some CROSS JOIN findings f ON f.notice = some.notice
         WHERE (?1 IS NULL OR f.brand = ?1) AND (?2 IS NULL OR f.usage = ?2) AND (?3 IS NULL OR f.strength = ?3) AND (?4 IS NULL OR 1) AND {condition}"
    );
    let [brand, usage, strength] = OF_FINDING.map(|name| given(asked, name));
    numbers(db, &sql, params![brand, usage, strength, verdict])
}

fn numbers(db: &Connection, sql: &str, values: impl rusqlite::Params) -> anyhow::Result<BTreeSet<i64>> {
    Ok(db.prepare(sql)?.query_map(values, |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// One facet over the hits: its values with how many notices have them.
pub struct Counted {
    pub name: &'static str,
    pub label: &'static str,
    /// (value, in words, notices)
    pub values: Vec<(String, String, usize)>,
}

/// Values of a facet shown.
const VALUES: usize = 12;

/// All facets, counted over the hits.
pub fn count(db: &Connection, hits: &Hits, rules: &Rulebook) -> anyhow::Result<Vec<Counted>> {
    let mut counts: Vec<HashMap<String, usize>> = vec![HashMap::new(); FACETS.len()];
    for (facet, column) in (3..7).zip(0..) {
        hits.told.counted(column).for_each(|(value, n)| add(&mut counts[facet], value, n));
    }
    for (purposes, n) in hits.told.counted(told::PURPOSES) {
        let purposes: Vec<String> = serde_json::from_str(purposes).unwrap_or_default();
        purposes.iter().for_each(|purpose| add(&mut counts[7], purpose, n));
    }
    for (findings, n) in hits.told.counted(told::FINDINGS) {
        let findings: Vec<Vec<&str>> = findings.lines().map(|line| line.split('\t').collect()).collect();
        for at in 0..3 {
            let values: BTreeSet<&str> = findings.iter().filter_map(|finding| finding.get(at).copied()).collect();
            values.into_iter().for_each(|value| add(&mut counts[at], value, n));
        }
    }
    for (list, listed) in leads(db, hits)?.values() {
        list.iter().for_each(|value| add(&mut counts[8], value, 1));
        listed.iter().for_each(|value| add(&mut counts[9], value, 1));
    }
    counts[10] = sellers(db, hits, rules)?;
    Ok(FACETS.iter().zip(counts).map(|(facet, counts)| counted(facet, counts, rules)).collect())
}

/// Hits up to which sellers are counted: there are many of them, and no index holds them by notice alone.
const SELLERS_OF: usize = 2_000;

/// How many of the hits each seller won; persons are not counted.
fn sellers(db: &Connection, hits: &Hits, rules: &Rulebook) -> anyhow::Result<HashMap<String, usize>> {
    let mut counts = HashMap::new();
    if hits.places.len() > SELLERS_OF {
        return Ok(counts);
    }
    let mut query = db.prepare("SELECT DISTINCT name FROM parties WHERE notice = ?1 AND role = 'supplier'")?;
    for place in &hits.places {
        let names: Vec<String> = query.query_map([search::notice_at(*place)], |row| row.get(0))?.collect::<Result<_, _>>()?;
        names.iter().filter(|name| mask::party(name, &rules.report.masks) == **name).for_each(|name| add(&mut counts, name, 1));
    }
    Ok(counts)
}

fn add(counts: &mut HashMap<String, usize>, value: &str, more: usize) {
    match counts.get_mut(value) {
        Some(n) => *n += more,
        None => drop(counts.insert(value.to_string(), more)),
    }
}

fn counted(facet: &Facet, counts: HashMap<String, usize>, rules: &Rulebook) -> Counted {
    let mut values: Vec<(String, usize)> = counts.into_iter().collect();
    values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    values.truncate(VALUES);
    let values = values.into_iter().map(|(value, n)| (value.clone(), words(facet.words, &value, rules), n)).collect();
    Counted { name: facet.name, label: facet.label, values }
}

/// Lists and states of listing of the hits' parties, by notice.
fn leads(db: &Connection, hits: &Hits) -> anyhow::Result<HashMap<i64, (BTreeSet<String>, BTreeSet<String>)>> {
    let mut named: Vec<i64> = hits.places.iter().map(|place| search::notice_at(*place)).collect();
    let with: BTreeSet<i64> = numbers(db, "SELECT DISTINCT notice FROM hits", [])?;
    named.retain(|notice| with.contains(notice));
    let mut query = db.prepare("SELECT list, in_force FROM list_leads WHERE notice = ?1")?;
    let mut leads: HashMap<i64, (BTreeSet<String>, BTreeSet<String>)> = HashMap::new();
    for notice in named {
        let rows: Vec<(String, String)> = query.query_map([notice], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        for (list, listed) in rows {
            let of = leads.entry(notice).or_default();
            of.0.insert(list);
            of.1.insert(listed);
        }
    }
    Ok(leads)
}

/// A value as people say it.
pub fn words(kind: &str, value: &str, rules: &Rulebook) -> String {
    match kind {
        "" => value.to_string(),
        "brand" => say::brand(value, rules),
        "region" => {
            rules.regions.by_code(&format!("{value:0<6}")).map_or_else(|| value.to_string(), |at| rules.regions.places[at].name.clone())
        }
        kind => say::label(kind, value, rules),
    }
}

/// The filters in force: (parameter, name, value in words).
pub fn active(asked: &Given, rules: &Rulebook) -> Vec<(&'static str, String, String)> {
    let facets = FACETS.iter().filter_map(|f| Some((f.name, f.label.to_string(), words(f.words, given(asked, f.name)?, rules))));
    let said = |name: &str, value: &str| if name == "since" { "the last look".to_string() } else { value.to_string() };
    let more = MORE.iter().filter_map(|name| Some((*name, (*name).to_string(), said(name, given(asked, name)?))));
    facets.chain(more).collect()
}

/// The address of the query with one parameter set, or without it; the page number is dropped.
pub fn link(asked: &Given, name: &str, value: Option<&str>) -> String {
    let kept = asked.iter().filter(|(key, v)| key != name && key != "page" && !v.is_empty()).map(|(key, v)| (key.as_str(), v.as_str()));
    let pairs: Vec<String> = kept.chain(value.map(|v| (name, v))).map(|(key, v)| format!("{}={}", encode(key), encode(v))).collect();
    format!("/search?{}", pairs.join("&"))
}
