//! Against what does a case screen beside the rulebook's lists? The user's newest table of owners, lists
//! that were brought along for a screening (the newest of each name), and what people said is not one.

use super::{Case, clock, entities, record};
use anyhow::Context as _;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use std::io::Read as _;
use std::path::Path;
use tendertrace::model::sha256_hex;
use tendertrace::rulebook::Rulebook;
use tendertrace::rulebook::lists::{List, ListEntry, ListSource, Stake};
use tendertrace::screen::ownership::{self, Table};
use tendertrace::screen::screening::AgainstOwners;

/// A table of owners as it lies on the disk, and its hash; bad rows are told with file and line.
pub fn read_owners(path: &Path) -> anyhow::Result<(Table, AgainstOwners)> {
    let mut bytes = Vec::new();
    crate::context::open(path)?.read_to_end(&mut bytes).with_context(|| format!("reading {}", path.display()))?;
    let table = ownership::read(&String::from_utf8_lossy(&bytes)).map_err(|problem| anyhow::anyhow!("{}: {problem}", path.display()))?;
    for (line, problem) in &table.problems {
        eprintln!("tendertrace: {}:{line}: {problem}", path.display());
    }
    if !table.problems.is_empty() {
        eprintln!("tendertrace: {}: {} rows could not be read, {} are used", path.display(), table.problems.len(), table.stakes.len());
    }
    let against = AgainstOwners { sha256: sha256_hex(&bytes), rows: table.stakes.len(), unread: table.problems.len() };
    Ok((table, against))
}

/// Keeps a table with the case; the newest is the one that counts.
pub fn keep_owners(case: &mut Case, table: &Table, against: &AgainstOwners, by: &str) -> anyhow::Result<()> {
    if newest(&case.db)?.is_some_and(|(_, known)| known.sha256 == against.sha256) {
        return Ok(());
    }
    let tx = case.db.transaction()?;
    tx.execute(
        "INSERT INTO owner_tables (taken, sha256, unread) VALUES (?, ?, ?)",
        params![clock::now(), against.sha256, against.unread as i64],
    )?;
    let owners = tx.last_insert_rowid();
    for (n, stake) in table.stakes.iter().enumerate() {
        tx.prepare_cached(r#"INSERT INTO stakes (owners, n, owner, owned, share, "from", "to", source) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"#)?
            .execute(params![
                owners,
                n as i64,
                stake.owner,
                stake.owned,
                stake.share.map(|s| s.to_string()),
                stake.from,
                stake.to,
                stake.source
            ])?;
    }
    super::journal(&tx, by, "owners", &format!("{} stakes, sha256 {}", table.stakes.len(), against.sha256))?;
    Ok(tx.commit()?)
}

/// Lays the case's owners, and what people said of them, over the rules.
pub fn with_owners(db: &Connection, rules: &mut Rulebook) -> anyhow::Result<Option<AgainstOwners>> {
    rules.lists.apart = entities::denied(db)?;
    let Some((owners, against)) = newest(db)? else { return Ok(None) };
    let mut query = db.prepare(r#"SELECT owner, owned, share, "from", "to", source FROM stakes WHERE owners = ?1 ORDER BY n"#)?;
    let rows = query.query_map([owners], |row| {
        let share: Option<String> = row.get(2)?;
        let share = share.and_then(|share| share.parse().ok());
        Ok(Stake { owner: row.get(0)?, owned: row.get(1)?, share, from: row.get(3)?, to: row.get(4)?, source: row.get(5)? })
    })?;
    rules.lists.stakes = rows.collect::<Result<_, _>>()?;
    Ok(Some(against))
}

fn newest(db: &Connection) -> anyhow::Result<Option<(i64, AgainstOwners)>> {
    let sql = "SELECT id, sha256, unread, (SELECT count(*) FROM stakes WHERE owners = id) FROM owner_tables ORDER BY id DESC LIMIT 1";
    let table = db.query_row(sql, [], |row| {
        let (unread, rows): (i64, i64) = (row.get(2)?, row.get(3)?);
        Ok((row.get(0)?, AgainstOwners { sha256: row.get(1)?, rows: rows as usize, unread: unread as usize }))
    });
    Ok(table.optional()?)
}

/// Whether the table of owners names this body.
pub fn names(db: &Connection, name: &str) -> anyhow::Result<bool> {
    Ok(db.query_row("SELECT EXISTS (SELECT 1 FROM stakes WHERE owner = ?1 OR owned = ?1)", [name], |row| row.get(0))?)
}

/// What of the rules, beside the rulebook's own hash, decides a screening.
pub fn fingerprint(rules: &Rulebook) -> String {
    if rules.lists.stakes.is_empty() {
        return String::new();
    }
    let mut apart: Vec<_> = rules.lists.apart.iter().collect();
    apart.sort();
    sha256_hex(format!("{:?}{apart:?}", rules.lists.stakes).as_bytes())
}

#[derive(Serialize, Deserialize)]
struct Kept {
    source: ListSource,
    entries: Vec<ListEntry>,
}

/// Keeps a list with the case: a later screening of it tells what changed.
pub fn keep_list(case: &mut Case, list: &List) -> anyhow::Result<()> {
    let known: Option<String> = case
        .db
        .query_row("SELECT sha256 FROM kept_lists WHERE list = ?1 ORDER BY id DESC LIMIT 1", [&list.source.id], |row| row.get(0))
        .optional()?;
    if known.as_ref() != Some(&list.source.sha256) {
        let content = record::pack(&Kept { source: list.source.clone(), entries: list.entries.clone() });
        case.db.execute(
            "INSERT INTO kept_lists (taken, list, sha256, content) VALUES (?, ?, ?, ?)",
            params![clock::now(), list.source.id, list.source.sha256, content],
        )?;
    }
    Ok(())
}

/// Adds the lists kept with the case, the newest of each name.
pub fn with_kept(db: &Connection, rules: &mut Rulebook) -> anyhow::Result<()> {
    let mut query =
        db.prepare("SELECT content FROM kept_lists WHERE id IN (SELECT max(id) FROM kept_lists GROUP BY list) ORDER BY list")?;
    let contents: Vec<Vec<u8>> = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for content in contents {
        let kept: Kept = record::unpack(&content)?;
        rules.lists.lists.push(List { source: kept.source, entries: kept.entries });
    }
    Ok(())
}
