//! What stands in the texts of a case? All of them read to their end and folded by a few lines of their own,
//! beside which the answers of the index are held (`truth.rs`). Nothing here is shared with the search.

use super::Desk;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use tendertrace::report::mask;
use tendertrace::rulebook::Rulebook;
use unicode_normalization::UnicodeNormalization as _;

/// Where a term is looked for.
pub const FIELDS: [&str; 3] = ["title", "buyer", "seller"];

/// How characters are read alike.
pub struct Alike(HashMap<char, char>);

impl Alike {
    pub fn read() -> Alike {
        let table = include_str!("../../../../rulebook/script/characters.csv");
        let pair = |line: &str| Some((line.split(',').next()?.chars().next()?, line.split(',').nth(1)?.chars().next()?));
        Alike(table.lines().skip(1).filter_map(pair).collect())
    }

    fn one(&self, c: char) -> Vec<char> {
        let unseen = ['\u{AD}', '\u{2060}', '\u{FEFF}'].contains(&c) || ('\u{200B}'..='\u{200F}').contains(&c);
        match c {
            '\n' | '\t' => vec![c],
            c if c.is_whitespace() => vec![' '],
            c if unseen || ('\u{FE00}'..='\u{FE0F}').contains(&c) => vec![],
            c => [c].into_iter().nfkc().flat_map(char::to_lowercase).map(|c| self.0.get(&c).copied().unwrap_or(c)).collect(),
        }
    }

    /// Han characters that stand together, and words, with one blank between two of them.
    pub fn plain(&self, text: &str) -> String {
        let is_han = |c: char| c as u32 >= 0x2E80;
        let (mut out, mut last, mut parted) = (String::new(), None, false);
        for c in text.chars().flat_map(|c| self.one(c)) {
            if !c.is_alphanumeric() {
                // Blanks between Han characters are layout.
                parted |= c != ' ' || !last.is_some_and(is_han);
                parted |= last.is_none();
                continue;
            }
            let joins = last.is_some_and(|last| is_han(last) == is_han(c)) && !parted;
            if !joins && last.is_some() {
                out.push(' ');
            }
            out.push(c);
            (last, parted) = (Some(c), false);
        }
        out
    }

    /// A character that is read as this one, if there is one.
    pub fn other(&self, c: char) -> Option<char> {
        let mut others: Vec<char> =
            self.0.iter().filter(|(from, to)| **to == c && self.one(**from) == [c]).map(|(from, _)| *from).collect();
        others.sort_unstable();
        others.first().copied()
    }
}

/// Whether a term stands in a text, both plain: words as wholes, Han characters anywhere.
pub fn stands(text: &str, term: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(|c| (c as u32) < 0x2E80);
    let before = if is_word(term.chars().next()) { " " } else { "" };
    let after = if is_word(term.chars().last()) { " " } else { "" };
    format!(" {text} ").contains(&format!("{before}{term}{after}"))
}

/// A word or phrase that is looked for.
#[derive(Debug, Clone)]
pub struct Term {
    pub without: bool,
    pub field: Option<usize>,
    pub plain: String,
}

pub struct Notice {
    pub id: i64,
    pub raw: String,
    pub body: String,
    /// Title, buyer, seller.
    pub fields: [String; 3],
    pub raw_fields: [String; 3],
    pub day: Option<String>,
    currency: Option<String>,
    total: Option<i64>,
    /// By the name of the filter.
    pub values: BTreeMap<&'static str, BTreeSet<String>>,
    /// Brand, usage, strength; verdicts that stand.
    pub findings: Vec<([String; 3], Vec<String>)>,
}

impl Notice {
    fn has(&self, term: &Term) -> bool {
        match term.field {
            Some(field) => stands(&self.fields[field], &term.plain),
            None => stands(&self.body, &term.plain) || self.fields.iter().any(|field| stands(field, &term.plain)),
        }
    }

    fn keeps(&self, filters: &[(&str, String)]) -> bool {
        let asked = |name: &str| filters.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        let of_finding = ["brand", "usage", "strength"].map(asked);
        let findings: Vec<&Vec<String>> = self
            .findings
            .iter()
            .filter(|(finding, _)| finding.iter().zip(of_finding).all(|(has, asked)| asked.is_none_or(|asked| asked == has)))
            .map(|(_, verdicts)| verdicts)
            .collect();
        let review = match asked("review") {
            None => true,
            Some("unreviewed") => findings.iter().any(|verdicts| verdicts.is_empty()),
            Some(verdict) => findings.iter().any(|verdicts| verdicts.iter().any(|one| one == verdict)),
        };
        let plain = filters.iter().filter(|(name, _)| !["brand", "usage", "strength", "review", "since"].contains(name));
        review
            && (of_finding == [None; 3] || !findings.is_empty())
            && asked("since").is_none_or(|since| self.id >= since.parse().unwrap())
            && plain.into_iter().all(|(name, value)| self.values.get(name).is_some_and(|has| has.contains(value)))
    }
}

/// Texts of a case, and what a search narrows by.
pub struct Scan {
    pub alike: Alike,
    pub notices: Vec<Notice>,
}

impl Scan {
    /// The open notices of these ids.
    pub fn of(desk: &Desk, ids: &[i64]) -> Scan {
        let alike = Alike::read();
        let (db, masks) = (case(desk.folder.path()), Rulebook::embedded().report.masks);
        let notices = ids.iter().map(|id| notice(desk, &db, *id, &alike, &masks)).collect();
        Scan { alike, notices }
    }

    /// Ids of the hits in the order asked for.
    pub fn hits(&self, terms: &[Term], filters: &[(&str, String)], sort: &str) -> Vec<i64> {
        let terms: Vec<&Term> = terms.iter().filter(|term| !term.plain.is_empty()).collect();
        let kept = |notice: &&Notice| notice.keeps(filters) && terms.iter().all(|term| notice.has(term) != term.without);
        let mut hits: Vec<&Notice> = self.notices.iter().filter(kept).collect();
        // Those without a day are the last in either order.
        hits.sort_by_key(|hit| Reverse((hit.day.clone(), hit.id)));
        let wanted: Vec<&&Term> = terms.iter().filter(|term| !term.without).collect();
        let in_title = |hit: &Notice| wanted.iter().all(|term| hit.has(&Term { field: term.field.or(Some(0)), ..(**term).clone() }));
        match sort {
            "oldest" => hits.sort_by_key(|hit| (hit.day.is_none(), hit.day.clone(), hit.id)),
            "amount" => hits.sort_by_key(|hit| (hit.total.is_none(), hit.currency.clone(), Reverse(hit.total))),
            "" if !wanted.is_empty() => hits.sort_by_key(|hit| !in_title(hit)),
            _ => {}
        }
        hits.iter().map(|hit| hit.id).collect()
    }

    /// How many of the hits have each value of a filter.
    pub fn counts(&self, hits: &[i64], name: &str) -> BTreeMap<String, usize> {
        let hits: BTreeSet<i64> = hits.iter().copied().collect();
        let mut counts = BTreeMap::new();
        for notice in self.notices.iter().filter(|notice| hits.contains(&notice.id)) {
            let part = ["brand", "usage", "strength"].iter().position(|part| *part == name);
            let values = match part {
                Some(part) => notice.findings.iter().map(|(finding, _)| finding[part].clone()).collect(),
                None => notice.values.get(name).cloned().unwrap_or_default(),
            };
            values.into_iter().for_each(|value| *counts.entry(value).or_default() += 1);
        }
        counts
    }
}

/// The database of the case in a folder.
pub fn case(folder: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open_with_flags(folder.join("case/case.db"), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// Ids of all notices that may leave the desk.
pub fn open(db: &rusqlite::Connection) -> Vec<i64> {
    rows(db, "SELECT id FROM notices WHERE access <> 'confidential' AND ?1", 1, |row| row.get(0).unwrap())
}

/// What a query gives, of one number.
pub fn rows<T>(db: &rusqlite::Connection, sql: &str, of: i64, read: impl Fn(&rusqlite::Row) -> T) -> Vec<T> {
    let mut query = db.prepare_cached(sql).unwrap();
    query.query_map([of], |row| Ok(read(row))).unwrap().map(Result::unwrap).collect()
}

fn notice(desk: &Desk, db: &rusqlite::Connection, id: i64, alike: &Alike, masks: &tendertrace::rulebook::report::Masks) -> Notice {
    let text: serde_json::Value = serde_json::from_str(&desk.get(&format!("/api/notices/{id}/text"))).unwrap();
    let documents: Vec<&str> = text["documents"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    let sql = "SELECT title, buyer, stage, buyer_kind, substr(region_code, 1, 2), event_date, total_currency, total_minor, purposes FROM notices WHERE id = ?1";
    let plain = |row: &rusqlite::Row| {
        let texts = [0, 1, 2, 3, 4, 5, 6, 8].map(|at| row.get::<_, Option<String>>(at).unwrap());
        (texts, row.get::<_, Option<i64>>(7).unwrap())
    };
    let ([title, buyer, stage, kind, region, day, currency, purposes], total) = rows(db, sql, id, plain).remove(0);
    let parties: Vec<(String, String)> =
        rows(db, "SELECT DISTINCT role, name FROM parties WHERE notice = ?1", id, |row| (row.get(0).unwrap(), row.get(1).unwrap()));
    let names = |roles: [&str; 2]| {
        let names: BTreeSet<&str> =
            parties.iter().filter(|(role, _)| roles.contains(&role.as_str())).map(|(_, name)| name.as_str()).collect();
        names.into_iter().map(|name| mask::party(name, masks)).collect::<Vec<_>>().join(" . ")
    };
    let leads: Vec<[String; 2]> =
        rows(db, "SELECT list, in_force FROM list_leads WHERE notice = ?1", id, |row| [0, 1].map(|at| row.get(at).unwrap()));
    let one = |value: &Option<String>| value.iter().cloned().collect::<BTreeSet<String>>();
    let year = day.as_deref().map(|day| day.chars().take(4).collect());
    let purposes: BTreeSet<String> = serde_json::from_str(purposes.as_deref().unwrap_or("[]")).unwrap();
    let sellers = parties.iter().filter(|(role, _)| role == "supplier").map(|(_, name)| name.clone()).collect();
    let leads = |at: usize| leads.iter().map(|lead| lead[at].clone()).collect();
    let values = BTreeMap::from([
        ("stage", one(&stage)),
        ("kind", one(&kind)),
        ("region", one(&region)),
        ("year", one(&year)),
        ("buyer", one(&buyer)),
        ("purpose", purposes),
        ("seller", sellers),
        ("list", leads(0)),
        ("listed", leads(1)),
    ]);
    let verdicts = "SELECT brand, usage, strength, coalesce((SELECT group_concat(verdict) FROM decisions WHERE finding_now = f.id AND state = 'stands'), '')
         FROM findings f WHERE notice = ?1";
    let finding = |row: &rusqlite::Row| {
        let verdicts: String = row.get(3).unwrap();
        ([0, 1, 2].map(|at| row.get(at).unwrap()), verdicts.split(',').filter(|one| !one.is_empty()).map(String::from).collect())
    };
    let raw = documents.join("\n\n");
    let raw_fields = [mask::text(&title.unwrap_or_default(), masks), names(["buyer", "end_user"]), names(["supplier", "bidder"])];
    Notice {
        id,
        body: alike.plain(&raw),
        raw,
        fields: raw_fields.each_ref().map(|field| alike.plain(field)),
        raw_fields,
        day,
        currency,
        total,
        values,
        findings: rows(db, verdicts, id, finding),
    }
}
