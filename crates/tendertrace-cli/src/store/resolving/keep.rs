//! What does the resolution keep between runs? Units of spellings, the keys under which they meet, and the
//! pairs that are or may be one.

use crate::store::record;
use anyhow::Context as _;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::BTreeSet;
use tendertrace::assemble::entities::{BLOCK_MOST, Mention, Pair, Parsed, Unit, UnitKey, parsed};
use tendertrace::rulebook::Rulebook;

/// What the entities were resolved with; the hash of a constant tells whether keys are still made in one way.
pub fn resolved_with(rules: &Rulebook) -> String {
    let hashes = &rules.hashes;
    let probe = parsed("probe", "", rules).meets(rules);
    record::state(&[tendertrace::VERSION, &hashes.extraction, &hashes.classification, &format!("{probe:?}")])
}

pub fn is_known(db: &Connection, rules: &Rulebook) -> anyhow::Result<bool> {
    let known: Option<String> = db.query_row("SELECT resolved_with FROM name_state", [], |row| row.get(0)).optional()?;
    Ok(known.is_some_and(|known| known == resolved_with(rules)))
}

/// Keeps what a later run builds upon.
pub fn keep(
    tx: &Connection,
    mentions: &[Mention],
    own: usize,
    units: &[Unit],
    names: &[Parsed],
    pairs: &[Pair],
    rules: &Rulebook,
) -> anyhow::Result<()> {
    tx.execute_batch(
        "DELETE FROM name_units; DELETE FROM name_keys; DELETE FROM name_pairs; DELETE FROM name_mentions; DELETE FROM name_state;",
    )?;
    let mut keys: Vec<(i64, i64)> = Vec::new();
    for (at, (unit, name)) in units.iter().zip(names).enumerate() {
        let id = at as i64;
        insert_unit(tx, Some(id), &unit.key, &name.name.written)?;
        keys.extend(name.meets(rules).into_iter().map(|key| (key as i64, id)));
        for mention in &unit.mentions {
            insert_mention(tx, &mentions[*mention], *mention >= own, id)?;
        }
    }
    // In the table's own order, which is many times faster than by unit.
    keys.sort_unstable();
    for (key, unit) in keys {
        insert_key(tx, key, unit)?;
    }
    for pair in pairs {
        insert_pair(tx, pair.one as i64, pair.other as i64, (pair.score, pair.same))?;
    }
    tx.execute("INSERT INTO name_state VALUES (?)", [resolved_with(rules)])?;
    Ok(())
}

pub fn insert_unit(tx: &Connection, id: Option<i64>, key: &UnitKey, name: &str) -> anyhow::Result<i64> {
    let mut insert = tx.prepare_cached("INSERT INTO name_units (id, parts, code, name) VALUES (?, ?, ?, ?)")?;
    Ok(insert.insert(params![id, key.parts, key.code, name])?)
}

pub fn insert_mention(tx: &Connection, mention: &Mention, stated: bool, unit: i64) -> anyhow::Result<()> {
    let mut insert = tx.prepare_cached("INSERT OR REPLACE INTO name_mentions (name, code, stated, times, unit) VALUES (?, ?, ?, ?, ?)")?;
    insert.execute(params![mention.name, mention.code, stated, mention.times as i64, unit])?;
    Ok(())
}

pub fn insert_key(tx: &Connection, key: i64, unit: i64) -> anyhow::Result<()> {
    tx.prepare_cached("INSERT OR IGNORE INTO name_keys (key, unit) VALUES (?, ?)")?.execute([key, unit])?;
    Ok(())
}

/// Returns whether it was not known.
pub fn insert_pair(tx: &Connection, one: i64, other: i64, (score, same): (f64, bool)) -> anyhow::Result<bool> {
    let mut insert = tx.prepare_cached("INSERT OR IGNORE INTO name_pairs (one, other, score, same) VALUES (?, ?, ?, ?)")?;
    Ok(insert.execute(params![one, other, score, same])? == 1)
}

/// Units in which one of these names stands.
pub fn of_names<'a>(db: &Connection, names: impl Iterator<Item = &'a String>) -> anyhow::Result<BTreeSet<i64>> {
    let mut query = db.prepare("SELECT unit FROM name_mentions WHERE name = ?1")?;
    let mut found = BTreeSet::new();
    for name in names {
        let rows = query.query_map([name], |row| row.get(0))?;
        found.extend(rows.collect::<Result<Vec<i64>, _>>()?);
    }
    Ok(found)
}

pub fn ids_of(db: &Connection, sql: &str, of: i64) -> anyhow::Result<Vec<i64>> {
    let mut query = db.prepare_cached(sql)?;
    let rows = query.query_map([of], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub fn names_of(db: &Connection, unit: i64) -> anyhow::Result<Vec<String>> {
    let mut query = db.prepare_cached("SELECT name FROM name_mentions WHERE unit = ?1")?;
    let rows = query.query_map([unit], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Units that are or may be one with this.
pub fn partners(db: &Connection, unit: i64) -> anyhow::Result<Vec<i64>> {
    let mut all = ids_of(db, "SELECT other FROM name_pairs WHERE one = ?1", unit)?;
    all.extend(ids_of(db, "SELECT one FROM name_pairs WHERE other = ?1", unit)?);
    Ok(all)
}

pub fn key_of(db: &Connection, unit: i64) -> anyhow::Result<UnitKey> {
    let mut query = db.prepare_cached("SELECT parts, code FROM name_units WHERE id = ?1")?;
    query.query_row([unit], |row| Ok(UnitKey { parts: row.get(0)?, code: row.get(1)? })).context("a unit of names that is not there")
}

/// Units under a key in their order; of one that tells nothing, as many as show it.
pub fn block(db: &Connection, key: i64) -> anyhow::Result<Vec<i64>> {
    let counted = ids_of(db, &format!("SELECT unit FROM name_keys WHERE key = ?1 LIMIT {}", BLOCK_MOST + 1), key)?;
    if counted.len() > BLOCK_MOST {
        return Ok(counted);
    }
    ids_of(db, "SELECT u.id FROM name_keys k JOIN name_units u ON u.id = k.unit WHERE k.key = ?1 ORDER BY u.parts, u.code", key)
}
