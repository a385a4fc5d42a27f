//! Which searches do people come back to? A query under a name, with the newest original when somebody
//! last looked: what came after it is new. Dropped ones stay in the case and can be taken back.

use super::{Case, clock, flat};
use anyhow::ensure;
use rusqlite::{Connection, OptionalExtension as _, params};

/// A saved search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    pub id: i64,
    pub name: String,
    /// The query part of its address.
    pub query: String,
    /// When somebody last looked.
    pub looked: String,
    /// The first notice id that is new.
    pub fresh_from: i64,
    pub is_dropped: bool,
}

/// Longest name and query kept.
const LONGEST: usize = 2_000;

/// All that `desk` may see; the owner sees all. Dropped ones stand last.
pub fn all(db: &Connection, desk: &str) -> anyhow::Result<Vec<Saved>> {
    let mut rows = db.prepare(
        "SELECT id, name, query, looked, newest, dropped IS NOT NULL FROM saved_searches WHERE ?1 = 'owner' OR desk = ?1 ORDER BY 6, name, id",
    )?;
    let saved = rows.query_map([desk], |row| {
        Ok(Saved {
            id: row.get(0)?,
            name: row.get(1)?,
            query: row.get(2)?,
            looked: row.get(3)?,
            fresh_from: flat::notice_id(row.get::<_, i64>(4)? + 1, 0),
            is_dropped: row.get(5)?,
        })
    })?;
    Ok(saved.collect::<Result<_, _>>()?)
}

/// Keeps a query under a name; everything that is in the case now has been seen.
pub fn save(case: &Case, name: &str, query: &str, desk: &str) -> anyhow::Result<()> {
    ensure!(name.len() + query.len() <= LONGEST, "the name or the query is too long to keep");
    case.db.execute(
        "INSERT INTO saved_searches (made, name, query, desk, looked, newest) SELECT ?1, ?2, ?3, ?4, ?1, coalesce(max(id), 0) FROM originals",
        params![clock::now(), name, query, desk],
    )?;
    Ok(())
}

/// The first notice id of what came since a moment: originals are numbered as they come, so it is found by halves.
pub fn first_since(db: &Connection, moment: &str) -> anyhow::Result<Option<i64>> {
    let mut came =
        db.prepare("SELECT o.id, c.imported FROM originals o JOIN captures c ON c.id = o.capture WHERE o.id >= ?1 ORDER BY o.id LIMIT 1")?;
    let newest: i64 = db.query_row("SELECT coalesce(max(id), 0) FROM originals", [], |row| row.get(0))?;
    let (mut low, mut high) = (1, newest + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let next = came.query_row([middle], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))).optional()?;
        match next {
            Some((id, imported)) if imported.as_str() < moment => low = id + 1,
            _ => high = middle,
        }
    }
    Ok((low <= newest).then(|| flat::notice_id(low, 0)))
}

/// What can be done with a saved search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Everything that is in the case now has been seen.
    Looked,
    Drop,
    TakeBack,
}

/// Does it, if `desk` may see the search.
pub fn act(case: &Case, id: i64, act: Act, desk: &str) -> anyhow::Result<()> {
    let set = match act {
        Act::Looked => "looked = ?2, newest = (SELECT coalesce(max(id), 0) FROM originals)",
        Act::Drop => "dropped = ?2",
        Act::TakeBack => "dropped = ?2",
    };
    let at = Some(clock::now()).filter(|_| act != Act::TakeBack);
    let sql = format!("UPDATE saved_searches SET {set} WHERE id = ?1 AND (?3 = 'owner' OR desk = ?3)");
    let changed = case.db.execute(&sql, params![id, at, desk])?;
    ensure!(changed == 1, "there is no such saved search");
    Ok(())
}
