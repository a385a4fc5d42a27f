//! Which findings are counted here? What the address names, as conditions over the view `evidence`: a
//! number of a picture and the page behind it are the same query, so they cannot differ.

use super::{Given, encode, facets};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use tendertrace::rulebook::Rulebook;

/// One thing an address may name.
struct Term {
    name: &'static str,
    label: &'static str,
    /// Kind of its words in the rulebook.
    words: &'static str,
    values: Values,
    /// Over a finding `e` of `evidence`; `?` is the list of values.
    findings: &'static str,
    /// Over a finding where the value `not-known` is given: no rule has this id, while `none` is a purpose.
    none: &'static str,
    /// Over a notice `t`, for denominators; empty: it says nothing of notices.
    notices: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Values {
    /// Ids with semicolons between them: any of them.
    Ids,
    /// A name or day, which may hold anything.
    One,
}

const TERMS: [Term; 16] = [
    Term {
        name: "brand",
        label: "Brand",
        words: "brand",
        values: Values::Ids,
        findings: "e.brand IN (SELECT value FROM json_each(?))",
        none: "",
        notices: "",
    },
    Term {
        name: "usage",
        label: "Usage",
        words: "usage",
        values: Values::Ids,
        findings: "e.usage IN (SELECT value FROM json_each(?))",
        none: "",
        notices: "",
    },
    Term {
        name: "kind",
        label: "Kind of buyer",
        words: "buyer_kind",
        values: Values::Ids,
        findings: "e.buyer_kind IN (SELECT value FROM json_each(?))",
        none: "e.buyer_kind IS NULL",
        notices: "t.buyer_kind IN (SELECT value FROM json_each(?))",
    },
    Term {
        name: "for",
        label: "Buyer or end user",
        words: "buyer_kind",
        values: Values::Ids,
        findings: "(e.buyer_kind IN (SELECT value FROM json_each(?)) OR EXISTS (SELECT 1 FROM notices k WHERE k.id = e.notice AND k.end_user_kind IN (SELECT value FROM json_each(?))))",
        none: "",
        notices: "(t.buyer_kind IN (SELECT value FROM json_each(?)) OR t.end_user_kind IN (SELECT value FROM json_each(?)))",
    },
    Term {
        name: "region",
        label: "Region",
        words: "region",
        values: Values::Ids,
        findings: "EXISTS (SELECT 1 FROM json_each(?) r WHERE substr(e.region_code, 1, length(r.value)) = r.value)",
        none: "e.region_code IS NULL",
        notices: "EXISTS (SELECT 1 FROM json_each(?) r WHERE substr(t.region_code, 1, length(r.value)) = r.value)",
    },
    Term {
        name: "purpose",
        label: "Purpose",
        words: "purpose",
        values: Values::Ids,
        findings: "EXISTS (SELECT 1 FROM json_each(e.purposes) p WHERE p.value IN (SELECT value FROM json_each(?)))",
        // The contract's own id for "none of these" is `none` too.
        none: "(e.purposes = '[]' OR EXISTS (SELECT 1 FROM json_each(e.purposes) p WHERE p.value = 'none'))",
        notices: "EXISTS (SELECT 1 FROM json_each(t.purposes) p WHERE p.value IN (SELECT value FROM json_each(?)))",
    },
    Term {
        name: "strength",
        label: "Strength",
        words: "strength",
        values: Values::Ids,
        findings: "e.strength IN (SELECT value FROM json_each(?))",
        none: "",
        notices: "",
    },
    Term {
        name: "review",
        label: "Review",
        words: "",
        values: Values::Ids,
        findings: "e.decision IN (SELECT value FROM json_each(?))",
        none: "",
        notices: "",
    },
    Term {
        name: "year",
        label: "Year",
        words: "",
        values: Values::Ids,
        findings: "substr(e.event_date, 1, 4) IN (SELECT value FROM json_each(?))",
        none: "e.event_date IS NULL",
        notices: "substr(t.event_date, 1, 4) IN (SELECT value FROM json_each(?))",
    },
    Term {
        name: "month",
        label: "Month",
        words: "",
        values: Values::Ids,
        findings: "substr(e.event_date, 1, 7) IN (SELECT value FROM json_each(?))",
        none: "",
        notices: "substr(t.event_date, 1, 7) IN (SELECT value FROM json_each(?))",
    },
    Term {
        name: "from",
        label: "From",
        words: "",
        values: Values::One,
        findings: "e.event_date >= (SELECT value FROM json_each(?))",
        none: "",
        notices: "t.event_date >= (SELECT value FROM json_each(?))",
    },
    Term {
        name: "to",
        label: "To",
        words: "",
        values: Values::One,
        findings: "e.event_date <= (SELECT value FROM json_each(?))",
        none: "",
        notices: "t.event_date <= (SELECT value FROM json_each(?))",
    },
    Term {
        name: "before",
        label: "Before",
        words: "",
        values: Values::One,
        findings: "e.event_date < (SELECT value FROM json_each(?))",
        none: "",
        notices: "t.event_date < (SELECT value FROM json_each(?))",
    },
    Term {
        name: "seller",
        label: "Seller",
        words: "",
        values: Values::One,
        findings: "e.supplier IN (SELECT value FROM json_each(?) UNION SELECT b.name FROM spellings a JOIN spellings b ON b.entity = a.entity WHERE a.name IN (SELECT value FROM json_each(?)))",
        none: "e.supplier IS NULL",
        notices: "",
    },
    Term {
        name: "buyer",
        label: "Buyer",
        words: "",
        values: Values::One,
        findings: "e.buyer IN (SELECT value FROM json_each(?) UNION SELECT b.name FROM spellings a JOIN spellings b ON b.entity = a.entity WHERE a.name IN (SELECT value FROM json_each(?)))",
        none: "e.buyer IS NULL",
        notices: "",
    },
    Term {
        name: "list",
        label: "List lead",
        words: "",
        values: Values::Ids,
        findings: "EXISTS (SELECT 1 FROM list_leads h WHERE h.notice = e.notice AND h.list IN (SELECT value FROM json_each(?)))",
        none: "",
        notices: "",
    },
];

/// A region outside the country's own codes.
pub const ABROAD: &str = "abroad";

/// A column of a picture that holds the first so many, and the rest: parameter, label, expression.
const PAST: [(&str, &str, &str); 3] = [
    ("past_brand", "Without the largest brands", "e.brand"),
    ("past_seller", "Without the largest sellers", SELLER),
    ("past_buyer", "Without the largest buyers", BUYER),
];

/// The usual name of the organisation behind a spelling.
pub const SELLER: &str =
    "coalesce((SELECT n.name FROM spellings s JOIN entities n ON n.id = s.entity WHERE s.name = e.supplier), e.supplier)";
pub const BUYER: &str = "coalesce((SELECT n.name FROM spellings s JOIN entities n ON n.id = s.entity WHERE s.name = e.buyer), e.buyer)";

/// What no number of a picture counts: copies on other sites, findings that a person rejected, and
/// products whose notice shows no purchase.
pub const COUNTED: &str = "NOT e.copy AND e.decision <> 'reject' AND instr(e.objections, '\"no_purchase_shown\"') = 0";

/// Conditions, all of which hold; one name may stand several times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    terms: Vec<(&'static str, String)>,
}

/// What a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    Findings,
    Notices,
}

/// SQL with numbered parameters, and their values.
pub struct Clause {
    pub sql: String,
    pub values: Vec<Value>,
}

impl Filter {
    /// What an address names; names that no term has are left out.
    pub fn of(asked: &Given) -> Filter {
        let name = |name: &str| names().find(|known| *known == name);
        let terms = asked.iter().filter(|(_, value)| !value.trim().is_empty());
        Filter { terms: terms.filter_map(|(key, value)| Some((name(key)?, value.trim().to_string()))).collect() }
    }

    /// This, and one thing more.
    pub fn and(&self, name: &str, value: &str) -> Filter {
        let mut more = self.clone();
        more.terms.extend(names().find(|known| *known == name).map(|name| (name, value.to_string())));
        more
    }

    /// This without what is past the largest: other conditions would make others the largest.
    pub fn whole(&self) -> Filter {
        Filter { terms: self.terms.iter().filter(|(name, _)| PAST.iter().all(|past| past.0 != *name)).cloned().collect() }
    }

    /// This, with a value where nothing of the name is said.
    pub fn or(&self, name: &str, value: &str) -> Filter {
        if self.get(name).is_some() { self.clone() } else { self.and(name, value) }
    }

    pub fn without(&self, at: usize) -> Filter {
        let kept = self.terms.iter().enumerate().filter(|(place, _)| *place != at);
        let shifted = |(place, (name, value)): (usize, &(&'static str, String))| {
            let (most, base) = past_of(value, place);
            let is_past = PAST.iter().any(|past| past.0 == *name);
            (*name, if is_past { format!("{most}.{}", base - usize::from(base > at)) } else { value.clone() })
        };
        Filter { terms: kept.map(shifted).collect() }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.terms.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    pub fn terms(&self) -> &[(&'static str, String)] {
        &self.terms
    }

    /// The address of a place with these conditions.
    pub fn link(&self, place: &str) -> String {
        let pairs: Vec<String> = self.terms.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        if pairs.is_empty() { place.to_string() } else { format!("{place}?{}", pairs.join("&")) }
    }

    /// This without the so many largest of a column, of what is asked up to here.
    pub fn past(&self, base: &Filter, name: &str, most: usize) -> Filter {
        self.and(name, &format!("{most}.{}", base.terms.len()))
    }

    /// Conditions over a finding `e`, what no picture counts left out.
    pub fn findings(&self) -> Clause {
        let mut values = Vec::new();
        Clause { sql: self.counted(&mut values), values }
    }

    /// The same over a notice `t`, as far as it can be said of notices.
    pub fn notices(&self) -> Clause {
        let mut values = Vec::new();
        Clause { sql: self.conditions(Over::Notices, &mut values), values }
    }

    fn counted(&self, values: &mut Vec<Value>) -> String {
        let mut sql = format!("{COUNTED} AND {}", self.conditions(Over::Findings, values));
        for (at, (name, value)) in self.terms.iter().enumerate() {
            let Some((_, _, column)) = PAST.iter().find(|past| past.0 == *name) else { continue };
            let (most, base) = past_of(value, at);
            let base = Filter { terms: self.terms[..base].to_vec() };
            sql += &format!(" AND {column} NOT IN ({})", largest(column, &base.counted(values), most));
        }
        sql
    }

    fn conditions(&self, over: Over, values: &mut Vec<Value>) -> String {
        let mut all = vec!["1".to_string()];
        for (name, value) in &self.terms {
            let Some(term) = TERMS.iter().find(|term| term.name == *name) else { continue };
            let (alias, condition) = match over {
                Over::Findings => ("e.", term.findings),
                Over::Notices => ("t.", term.notices),
            };
            match value.as_str() {
                _ if condition.is_empty() => {}
                "not-known" if !term.none.is_empty() => all.push(term.none.replace("e.", alias)),
                ABROAD if term.name == "region" => all.push(format!("{alias}region_code NOT GLOB '[0-9]*'")),
                value => {
                    values.push(Value::Text(list(value, term.values)));
                    all.push(condition.replace('?', &format!("?{}", values.len())));
                }
            }
        }
        all.join(" AND ")
    }

    /// How many contracting processes and how many findings.
    pub fn count(&self, db: &Connection) -> anyhow::Result<(usize, usize)> {
        let clause = self.findings();
        let sql = format!("SELECT count(DISTINCT e.process), count(*) FROM evidence e WHERE {}", clause.sql);
        let numbers = db
            .prepare_cached(&sql)?
            .query_row(params_from_iter(clause.values), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
        Ok((numbers.0 as usize, numbers.1 as usize))
    }
}

/// How many are left out, and of how many terms' findings they are the largest: of those before it where
/// the value does not say.
fn past_of(value: &str, at: usize) -> (u32, usize) {
    let (most, base) = value.split_once('.').unwrap_or((value, ""));
    (most.parse().unwrap_or(0), base.parse().map_or(at, |base: usize| base.min(at)))
}

/// The most frequent values of a column; of equals the first by name.
fn largest(column: &str, clause: &str, most: u32) -> String {
    format!(
        "SELECT name FROM (SELECT {column} AS name, count(DISTINCT e.process) AS n FROM evidence e WHERE {clause} AND {column} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {most})"
    )
}

fn names() -> impl Iterator<Item = &'static str> {
    TERMS.iter().map(|term| term.name).chain(PAST.iter().map(|past| past.0))
}

fn list(value: &str, values: Values) -> String {
    let parts: Vec<&str> = match values {
        Values::Ids => value.split(';').map(str::trim).filter(|part| !part.is_empty()).collect(),
        Values::One => vec![value],
    };
    serde_json::to_string(&parts).unwrap_or_default()
}

/// A condition as people read it: its label and its value.
pub fn words(name: &str, value: &str, rules: &Rulebook) -> (&'static str, String) {
    if let Some(past) = PAST.iter().find(|past| past.0 == name) {
        return (past.1, past_of(value, 0).0.to_string());
    }
    let Some(term) = TERMS.iter().find(|term| term.name == name) else { return ("", value.to_string()) };
    let shown = match value {
        "not-known" => "not known".to_string(),
        ABROAD => "other countries".to_string(),
        value if term.values == Values::One => tendertrace::report::mask::party(value, &rules.report.masks),
        value => value.split(';').map(|one| facets::words(term.words, one, rules)).collect::<Vec<_>>().join(" or "),
    };
    (term.label, shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema;

    fn asked(pairs: &[(&str, &str)]) -> Given {
        pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
    }

    #[test]
    fn every_term_is_a_query_that_runs() {
        let db = Connection::open_in_memory().unwrap();
        schema::migrate(&db).unwrap();
        for name in names() {
            for value in ["1", "not-known", ABROAD, "a;b"] {
                let filter = Filter::of(&asked(&[(name, value)]));
                assert_eq!(filter.count(&db).unwrap_or_else(|error| panic!("{name}={value}: {error}")), (0, 0));
                let clause = filter.notices();
                let sql = format!("SELECT count(*) FROM notices t WHERE {}", clause.sql);
                db.query_row(&sql, params_from_iter(clause.values), |_| Ok(())).unwrap_or_else(|error| panic!("{name}={value}: {error}"));
            }
        }
    }

    #[test]
    fn an_address_and_its_filter_are_the_same() {
        let given = asked(&[("brand", "dell;oracle"), ("colour", "blue"), ("seller", "A & B; C"), ("brand", "dell"), ("year", " ")]);
        let filter = Filter::of(&given);
        assert_eq!(filter.link("/findings"), "/findings?brand=dell%3Boracle&seller=A%20%26%20B%3B%20C&brand=dell");
        assert_eq!(filter.or("brand", "x"), filter);
        assert_eq!(filter.and("usage", "awarded").get("usage"), Some("awarded"));
        let past = filter.past(&filter, "past_seller", 25).and("kind", "health");
        assert_eq!(past.get("past_seller"), Some("25.3"));
        assert_eq!(past.findings().values.len(), 7, "four conditions, and three of them again for what is largest");
        assert_eq!(past.without(0).get("past_seller"), Some("25.2"));
        assert_eq!(past.without(4).get("past_seller"), Some("25.3"));
        assert_eq!(past.whole().get("past_seller"), None);
        assert_eq!(filter.findings().values[1], Value::Text("[\"A & B; C\"]".into()), "a name is never cut");
    }
}
