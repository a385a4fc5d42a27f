//! What is known of one organisation of the case: its spellings, what may be the same, what people said of
//! it, whom it met and on which lists it may be. Read only; `entities` resolves and writes.

use rusqlite::{Connection, OptionalExtension as _, Row};
use std::collections::{BTreeMap, BTreeSet};

/// One organisation by all its spellings.
#[derive(Debug, Clone, Default)]
pub struct Organisation {
    pub id: String,
    pub name: String,
    pub code: Option<String>,
    /// (spelling, notices), the most frequent first.
    pub spellings: Vec<(String, usize)>,
    /// (role, notices, first day, last day)
    pub roles: Vec<(String, usize, Option<String>, Option<String>)>,
}

impl Organisation {
    /// Its spellings as the queries below take them.
    pub fn names(&self) -> String {
        serde_json::to_string(&self.spellings.iter().map(|s| &s.0).collect::<Vec<_>>()).unwrap_or_default()
    }
}

/// The organisation of which this is a spelling.
pub fn of(db: &Connection, spelling: &str) -> anyhow::Result<Option<Organisation>> {
    let sql = "SELECT e.id, e.name, e.code FROM spellings s JOIN entities e ON e.id = s.entity WHERE s.name = ?1";
    let found: Option<(String, String, Option<String>)> =
        db.query_row(sql, [spelling], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
    let Some((id, name, code)) = found else { return Ok(None) };
    let spellings = rows(
        db,
        "SELECT s.name, count(DISTINCT p.notice) FROM spellings s LEFT JOIN parties p ON p.name = s.name WHERE s.entity = ?1 GROUP BY 1 ORDER BY 2 DESC, 1",
        &id,
        |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as usize)),
    )?;
    let roles = rows(db, "SELECT role, notices, first, last FROM roles WHERE entity = ?1 ORDER BY notices DESC, role", &id, |row| {
        Ok((row.get(0)?, row.get::<_, i64>(1)? as usize, row.get(2)?, row.get(3)?))
    })?;
    Ok(Some(Organisation { id, name, code, spellings, roles }))
}

fn rows<T>(db: &Connection, sql: &str, key: &str, read: fn(&Row) -> rusqlite::Result<T>) -> anyhow::Result<Vec<T>> {
    Ok(db.prepare_cached(sql)?.query_map([key], read)?.collect::<Result<_, _>>()?)
}

/// All spellings of organisations of which a spelling holds this part.
pub fn alike(db: &Connection, part: &str) -> anyhow::Result<BTreeSet<String>> {
    let sql = "SELECT b.name FROM spellings a JOIN spellings b ON b.entity = a.entity WHERE instr(a.name, ?1) > 0";
    Ok(rows(db, sql, part, |row| row.get(0))?.into_iter().collect())
}

/// Two organisations that may be one, and why.
#[derive(Debug, Clone)]
pub struct Doubt {
    pub one: String,
    pub other: String,
    pub score: f64,
    pub why: serde_json::Value,
    /// Notices of both.
    pub notices: usize,
}

const DOUBTS: &str = "SELECT a.name, b.name, p.score, p.why,
        coalesce((SELECT sum(notices) FROM roles r WHERE r.entity IN (p.one, p.other)), 0) AS weight
    FROM possibly_same_as p JOIN entities a ON a.id = p.one JOIN entities b ON b.id = p.other";

fn doubt(row: &Row) -> rusqlite::Result<Doubt> {
    let why = serde_json::from_str(row.get_ref(3)?.as_str()?).unwrap_or_default();
    Ok(Doubt { one: row.get(0)?, other: row.get(1)?, score: row.get(2)?, why, notices: row.get::<_, i64>(4)? as usize })
}

/// Doubts that wait for a person, those with the most notices first.
pub fn doubts(db: &Connection, most: usize) -> anyhow::Result<(Vec<Doubt>, usize)> {
    let all: i64 = db.query_row("SELECT count(*) FROM possibly_same_as", [], |row| row.get(0))?;
    let mut query = db.prepare(&format!("{DOUBTS} ORDER BY weight DESC, p.score DESC, 1, 2 LIMIT {most}"))?;
    Ok((query.query_map([], doubt)?.collect::<Result<_, _>>()?, all as usize))
}

/// Doubts about one organisation; it stands first in each.
pub fn doubts_of(db: &Connection, id: &str) -> anyhow::Result<Vec<Doubt>> {
    let swapped = DOUBTS.replace("a.name, b.name", "b.name, a.name");
    let sql = format!("{DOUBTS} WHERE p.one = ?1 UNION ALL {swapped} WHERE p.other = ?1 ORDER BY 3 DESC, 2");
    rows(db, &sql, id, doubt)
}

/// A person's word on a name.
#[derive(Debug, Clone)]
pub struct Word {
    pub id: i64,
    pub made: String,
    pub who: String,
    pub verdict: String,
    pub one: String,
    pub other: String,
    pub list: Option<String>,
    pub note: Option<String>,
    pub undone: bool,
}

/// All words on spellings of an organisation, newest first.
pub fn words(db: &Connection, names: &str) -> anyhow::Result<Vec<Word>> {
    let sql = format!(
        "{WORDS} WHERE one IN (SELECT value FROM json_each(?1)) OR list IS NULL AND other IN (SELECT value FROM json_each(?1)) ORDER BY id DESC LIMIT 200"
    );
    rows(db, &sql, names, word)
}

/// Every word that stands, whose names hold this text, newest first.
pub fn standing_words(db: &Connection, part: &str) -> anyhow::Result<Vec<Word>> {
    let sql =
        format!("{WORDS} WHERE id NOT IN (SELECT sameness FROM unsaid) AND (instr(one, ?1) > 0 OR instr(other, ?1) > 0) ORDER BY id DESC");
    rows(db, &sql, part, word)
}

const WORDS: &str = "SELECT id, made, who, verdict, one, other, list, note, id IN (SELECT sameness FROM unsaid) FROM samenesses";

fn word(row: &Row) -> rusqlite::Result<Word> {
    Ok(Word {
        id: row.get(0)?,
        made: row.get(1)?,
        who: row.get(2)?,
        verdict: row.get(3)?,
        one: row.get(4)?,
        other: row.get(5)?,
        list: row.get(6)?,
        note: row.get(7)?,
        undone: row.get(8)?,
    })
}

/// A list entry that may be this organisation, with the days on which it stood in notices.
#[derive(Debug, Clone)]
pub struct Listed {
    pub party: String,
    pub list: String,
    pub entry: String,
    pub judgement: String,
    /// Alias, parent or owner by which the entry was reached; empty for its name.
    pub by_way_of: String,
    pub from: Option<String>,
    pub to: Option<String>,
    /// Notices by whether the entry was in force then: (in force, notices, first, last).
    pub notices: Vec<(String, usize, Option<String>, Option<String>)>,
}

/// Leads of the lists, by the day the entry was listed.
pub fn listed(db: &Connection, names: &str) -> anyhow::Result<Vec<Listed>> {
    let sql = "SELECT min(party), list, entry, min(judgement), listed_from, listed_to, in_force, count(DISTINCT notice), min(event_date), max(event_date), by_way_of
        FROM list_leads WHERE party IN (SELECT value FROM json_each(?1)) GROUP BY list, entry, by_way_of, listed_from, listed_to, in_force ORDER BY listed_from, list, entry, in_force";
    type Key = (String, String, Option<String>, Option<String>, String);
    let found = rows(db, sql, names, |row| {
        let key: Key = (row.get(1)?, row.get(2)?, row.get(4)?, row.get(5)?, row.get(10)?);
        Ok((
            key,
            row.get::<_, String>(0)?,
            row.get::<_, String>(3)?,
            (row.get(6)?, row.get::<_, i64>(7)? as usize, row.get(8)?, row.get(9)?),
        ))
    })?;
    let mut entries: BTreeMap<(Option<String>, Key), Listed> = BTreeMap::new();
    for (key, party, judgement, days) in found {
        let (list, entry, from, to, by_way_of) = key.clone();
        let new = || Listed { party, list, entry, judgement, by_way_of, from, to, notices: Vec::new() };
        entries.entry((key.2.clone(), key)).or_insert_with(new).notices.push(days);
    }
    Ok(entries.into_values().collect())
}

/// Someone met in notices: by its usual name, with how many contracting processes and when.
#[derive(Debug, Clone)]
pub struct Met {
    pub name: String,
    pub role: String,
    pub processes: usize,
    pub first: Option<String>,
    pub last: Option<String>,
}

fn met(row: &Row) -> rusqlite::Result<Met> {
    Ok(Met { name: row.get(0)?, role: row.get(1)?, processes: row.get::<_, i64>(2)? as usize, first: row.get(3)?, last: row.get(4)? })
}

/// To whom it sold: buyers of what it won.
pub fn buyers(db: &Connection, names: &str) -> anyhow::Result<Vec<Met>> {
    rows(db, &others("p.role = 'supplier'", "o.role IN ('buyer', 'end_user')"), names, met)
}

/// From whom it bought: winners of what it asked for.
pub fn sellers(db: &Connection, names: &str) -> anyhow::Result<Vec<Met>> {
    rows(db, &others("p.role IN ('buyer', 'end_user')", "o.role = 'supplier'"), names, met)
}

/// Who bid or won beside it in the same lots.
pub fn beside(db: &Connection, names: &str) -> anyhow::Result<Vec<Met>> {
    let bids = "NOT IN ('buyer', 'end_user', 'agency')";
    rows(db, &others(&format!("p.role {bids}"), &format!("o.role {bids} AND o.lot IS p.lot")), names, met)
}

/// Parties of the notices in which it stands, copies left out.
fn others(own: &str, other: &str) -> String {
    format!(
        "SELECT coalesce(e.name, o.name), o.role, count(DISTINCT coalesce(m.process, 'n' || t.id)), min(t.event_date), max(t.event_date)
         FROM parties p JOIN parties o ON o.notice = p.notice JOIN notices t ON t.id = p.notice LEFT JOIN joined m ON m.notice = t.id
         LEFT JOIN spellings s ON s.name = o.name LEFT JOIN entities e ON e.id = s.entity
         WHERE p.name IN (SELECT value FROM json_each(?1)) AND o.name NOT IN (SELECT value FROM json_each(?1)) AND {own} AND {other}
           AND coalesce(m.main, t.id) = t.id
         GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT 100"
    )
}

/// A brand named with it, as seller or as buyer.
#[derive(Debug, Clone)]
pub struct Named {
    pub brand: String,
    pub usage: String,
    pub processes: usize,
    pub first: Option<String>,
    pub last: Option<String>,
}

/// Brands of findings in which it is the seller (`supplier`) or the buyer (`buyer`).
pub fn brands(db: &Connection, names: &str, column: Side, counted: &str) -> anyhow::Result<Vec<Named>> {
    let column = match column {
        Side::Seller => "e.supplier",
        Side::Buyer => "e.buyer",
    };
    let sql = format!(
        "SELECT e.brand, e.usage, count(DISTINCT e.process), min(e.event_date), max(e.event_date) FROM evidence e
         WHERE {counted} AND {column} IN (SELECT value FROM json_each(?1)) GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 100"
    );
    rows(db, &sql, names, |row| {
        Ok(Named {
            brand: row.get(0)?,
            usage: row.get(1)?,
            processes: row.get::<_, i64>(2)? as usize,
            first: row.get(3)?,
            last: row.get(4)?,
        })
    })
}

/// On which side of a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Seller,
    Buyer,
}
