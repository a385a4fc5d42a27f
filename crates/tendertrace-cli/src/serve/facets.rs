//! Which notices does a query keep, and how could it be narrowed? Every filter is a parameter of the
//! address, so that a query is a link.

use super::{Given, encode, given};
use crate::store::search::Query;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use tendertrace::report::say;
use tendertrace::rulebook::Rulebook;

/// One way to narrow: its parameter, its name, where its value stands, and how it filters.
struct Facet {
    name: &'static str,
    label: &'static str,
    /// Value of a notice `t`, or of its findings `f`.
    value: &'static str,
    of: Of,
    /// Kind of its words in the rulebook.
    words: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Notice,
    Finding,
    Lead,
}

const FACETS: [Facet; 10] = [
    Facet { name: "brand", label: "Brand", value: "f.brand", of: Of::Finding, words: "brand" },
    Facet { name: "usage", label: "Usage", value: "f.usage", of: Of::Finding, words: "usage" },
    Facet { name: "strength", label: "Strength", value: "f.strength", of: Of::Finding, words: "strength" },
    Facet { name: "stage", label: "Stage", value: "t.stage", of: Of::Notice, words: "stage" },
    Facet { name: "kind", label: "Kind of buyer", value: "t.buyer_kind", of: Of::Notice, words: "buyer_kind" },
    Facet { name: "region", label: "Province", value: "substr(t.region_code, 1, 2)", of: Of::Notice, words: "region" },
    Facet { name: "year", label: "Year", value: "substr(t.event_date, 1, 4)", of: Of::Notice, words: "" },
    Facet { name: "purpose", label: "Purpose", value: "p.value", of: Of::Finding, words: "purpose" },
    Facet { name: "list", label: "List lead", value: "h.list", of: Of::Lead, words: "" },
    Facet { name: "listed", label: "A party was listed then", value: "h.in_force", of: Of::Lead, words: "in_force" },
];

/// Other filters, that are not counted.
const MORE: [&str; 3] = ["seller", "buyer", "review"];
/// Notices that are taken before the rest is only said to exist.
pub const MOST: usize = 20_000;

/// How many notices a query keeps, and whether there are more than were taken.
pub struct Hits {
    pub number: usize,
    pub cut: bool,
}

/// Fills the connection's table `hit` with the notices that the query keeps.
pub fn collect(db: &Connection, query: &Query, asked: &Given) -> anyhow::Result<Hits> {
    let (conditions, mut values) = conditions(asked);
    let sql = if query.is_empty() {
        format!(
            "INSERT INTO temp.hit (id, rank) SELECT t.id, 0 FROM notices t WHERE {conditions} ORDER BY t.event_date DESC LIMIT {}",
            MOST + 1
        )
    } else {
        values.push(Value::Text(query.expression()));
        format!(
            "INSERT INTO temp.hit (id, rank) SELECT t.id, w.rank FROM search.words w JOIN notices t ON t.id = w.rowid WHERE {conditions} AND w.words MATCH ?{} LIMIT {}",
            values.len(),
            MOST + 1
        )
    };
    db.execute("DELETE FROM temp.hit", [])?;
    let number = db.execute(&sql, params_from_iter(values))?;
    Ok(Hits { number: number.min(MOST), cut: number > MOST })
}

fn conditions(asked: &Given) -> (String, Vec<Value>) {
    let (mut all, mut of_finding, mut of_lead, mut values) = (vec!["1".to_string()], Vec::new(), Vec::new(), Vec::new());
    let bind = |value: &str, values: &mut Vec<Value>| {
        values.push(Value::Text(value.to_string()));
        format!("?{}", values.len())
    };
    for facet in &FACETS {
        let Some(value) = given(asked, facet.name) else { continue };
        let bound = bind(value, &mut values);
        match (facet.of, facet.name) {
            (Of::Finding, "purpose") => all.push(format!("EXISTS (SELECT 1 FROM json_each(t.purposes) p WHERE p.value = {bound})")),
            (Of::Finding, _) => of_finding.push(format!("{} = {bound}", facet.value)),
            (Of::Notice, _) => all.push(format!("{} = {bound}", facet.value)),
            (Of::Lead, _) => of_lead.push(format!("{} = {bound}", facet.value)),
        }
    }
    if let Some(seller) = given(asked, "seller") {
        let bound = bind(seller, &mut values);
        all.push(format!("EXISTS (SELECT 1 FROM parties s WHERE s.notice = t.id AND s.role = 'supplier' AND s.name = {bound})"));
    }
    if let Some(buyer) = given(asked, "buyer") {
        let bound = bind(buyer, &mut values);
        all.push(format!("t.buyer = {bound}"));
    }
    match given(asked, "review") {
        Some("unreviewed") => of_finding.push("f.id NOT IN (SELECT finding_now FROM decisions WHERE state = 'stands')".into()),
        Some(verdict) => {
            let bound = bind(verdict, &mut values);
            of_finding.push(format!("f.id IN (SELECT finding_now FROM decisions WHERE state = 'stands' AND verdict = {bound})"));
        }
        None => {}
    }
    if !of_finding.is_empty() {
        all.push(format!("EXISTS (SELECT 1 FROM findings f WHERE f.notice = t.id AND {})", of_finding.join(" AND ")));
    }
    if !of_lead.is_empty() {
        all.push(format!("EXISTS (SELECT 1 FROM list_leads h WHERE h.notice = t.id AND {})", of_lead.join(" AND ")));
    }
    (all.join(" AND "), values)
}

/// One facet over the notices in `hit`: its values with how many notices have them.
pub struct Counted {
    pub name: &'static str,
    pub label: &'static str,
    /// (value, in words, notices)
    pub values: Vec<(String, String, usize)>,
}

/// Values of a facet shown.
const VALUES: usize = 12;

/// All facets, counted over the notices in `hit`.
pub fn count(db: &Connection, rules: &Rulebook) -> anyhow::Result<Vec<Counted>> {
    FACETS.iter().map(|facet| Ok(Counted { name: facet.name, label: facet.label, values: values(db, facet, rules)? })).collect()
}

fn values(db: &Connection, facet: &Facet, rules: &Rulebook) -> anyhow::Result<Vec<(String, String, usize)>> {
    let from = match (facet.of, facet.name) {
        (Of::Finding, "purpose") => "JOIN notices t ON t.id = x.id JOIN json_each(t.purposes) p",
        (Of::Finding, _) => "JOIN findings f ON f.notice = x.id",
        (Of::Notice, _) => "JOIN notices t ON t.id = x.id",
        (Of::Lead, _) => "JOIN list_leads h ON h.notice = x.id",
    };
    let sql = format!(
        "SELECT {0} AS value, count(DISTINCT x.id) AS notices FROM temp.hit x {from} WHERE {0} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {VALUES}",
        facet.value
    );
    let mut query = db.prepare_cached(&sql)?;
    let rows: Vec<(String, i64)> = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    Ok(rows.into_iter().map(|(value, n)| (value.clone(), words(facet.words, &value, rules), n as usize)).collect())
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
    let more = MORE.iter().filter_map(|name| Some((*name, (*name).to_string(), given(asked, name)?.to_string())));
    facets.chain(more).collect()
}

/// The address of the query with one parameter set, or without it; the page number is dropped.
pub fn link(asked: &Given, name: &str, value: Option<&str>) -> String {
    let kept = asked.iter().filter(|(key, v)| key != name && key != "page" && !v.is_empty()).map(|(key, v)| (key.as_str(), v.as_str()));
    let pairs: Vec<String> = kept.chain(value.map(|v| (name, v))).map(|(key, v)| format!("{}={}", encode(key), encode(v))).collect();
    format!("/search?{}", pairs.join("&"))
}
