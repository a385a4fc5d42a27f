//! How do the spellings of the case differ from those that were resolved, and what does that do to the units
//! and their pairs? Only keys of units that come, go or change are looked at.

use super::WANTED;
use super::keep::{block, insert_key, insert_mention, insert_pair, insert_unit, key_of, names_of, partners};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use tendertrace::assemble::entities::{Mention, Parsed, judged, parsed, windows};
use tendertrace::rulebook::Rulebook;

/// How the spellings of the case differ from those that were resolved.
#[derive(Default)]
pub struct Change {
    /// New, or standing there more or less often.
    pub counted: Vec<(Mention, bool)>,
    pub gone: Vec<(String, String, bool)>,
}

impl Change {
    /// Nothing where more than one spelling in `few` changed.
    pub fn of_notices(db: &Connection, few: usize) -> anyhow::Result<Option<Change>> {
        let known: i64 = db.query_row("SELECT count(*) FROM name_mentions", [], |row| row.get(0))?;
        let most = known as usize / few;
        let mut query = db.prepare(&format!(
            "SELECT DISTINCT w.name, w.code, w.stated, w.times FROM ({WANTED}) w
             LEFT JOIN name_mentions m ON m.name = w.name AND m.code = w.code AND m.stated = w.stated
             WHERE m.times IS NOT w.times ORDER BY 1, 2, 3 LIMIT ?1"
        ))?;
        let rows = query.query_map([most as i64 + 1], |row| {
            Ok((Mention { name: row.get(0)?, code: row.get(1)?, times: row.get::<_, i64>(3)? as u64 }, row.get(2)?))
        })?;
        let counted: Vec<(Mention, bool)> = rows.collect::<Result<_, _>>()?;
        let mut query = db.prepare(
            "SELECT name, code, stated FROM name_mentions m WHERE CASE stated
             WHEN 0 THEN NOT EXISTS (SELECT 1 FROM parties WHERE name = m.name)
             ELSE NOT EXISTS (SELECT 1 FROM relations WHERE m.name IN (party, party_latin) AND coalesce(code, '') = m.code
                 OR m.name = via AND m.code = '') END",
        )?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let gone: Vec<(String, String, bool)> = rows.collect::<Result<_, _>>()?;
        Ok((counted.len() + gone.len() <= most).then_some(Change { counted, gone }))
    }
}

/// The kept units while a change is applied to them.
pub struct Units<'a> {
    db: &'a Connection,
    rules: &'a Rulebook,
    /// Units that are new, or go, or for which another spelling stands: all their pairs are made anew.
    moved: BTreeMap<i64, Move>,
    /// Units whose entity may change.
    dirty: BTreeSet<i64>,
}

/// The spelling that stood for a unit, and the one that stands for it now.
#[derive(Default)]
struct Move {
    from: Option<Parsed>,
    to: Option<Parsed>,
}

type Pairs = HashSet<(i64, i64)>;

impl<'a> Units<'a> {
    pub fn new(db: &'a Connection, rules: &'a Rulebook) -> Units<'a> {
        Units { db, rules, moved: BTreeMap::new(), dirty: BTreeSet::new() }
    }

    /// Applies the change; returns the units that are there and whose entity may be another now.
    pub fn apply(mut self, change: Change) -> anyhow::Result<BTreeSet<i64>> {
        self.change_mentions(change)?;
        let touched = self.touched_keys();
        let before = self.pairs_under(&touched)?;
        self.move_keys()?;
        let after = self.pairs_under(&touched)?;
        self.forget_pairs(before.difference(&after), &touched)?;
        self.compare(after.difference(&before))?;
        let moved: Vec<_> =
            after.intersection(&before).filter(|(one, other)| [one, other].iter().any(|at| self.moved.contains_key(at))).collect();
        self.compare(moved.into_iter())?;
        self.dirty.retain(|unit| self.moved.get(unit).is_none_or(|moved| moved.to.is_some()));
        Ok(self.dirty)
    }

    fn change_mentions(&mut self, change: Change) -> anyhow::Result<()> {
        let mut stood: BTreeMap<i64, Option<Parsed>> = BTreeMap::new();
        for (name, code, stated) in &change.gone {
            let sql = "DELETE FROM name_mentions WHERE name = ?1 AND code = ?2 AND stated = ?3 RETURNING unit";
            let unit = self.db.query_row(sql, params![name, code, stated], |row| row.get(0))?;
            stood.insert(unit, Some(self.standing(unit)?));
        }
        for (mention, stated) in &change.counted {
            let name = parsed(&mention.name, &mention.code, self.rules);
            let (unit, is_new) = self.unit(&name)?;
            insert_mention(self.db, mention, *stated, unit)?;
            if !stood.contains_key(&unit) {
                stood.insert(unit, if is_new { None } else { Some(self.standing(unit)?) });
            }
        }
        for (unit, from) in stood {
            self.dirty.insert(unit);
            let to = self.next_standing(unit)?;
            if from.as_ref().map(|name| &name.name.written) != to.as_ref().map(|name| &name.name.written) {
                if let Some(to) = &to {
                    self.db.execute("UPDATE name_units SET name = ?2 WHERE id = ?1", params![unit, to.name.written])?;
                }
                self.moved.insert(unit, Move { from, to });
            }
        }
        Ok(())
    }

    /// The unit of a spelling, and whether it was made for it.
    fn unit(&self, name: &Parsed) -> anyhow::Result<(i64, bool)> {
        let key = name.key();
        let mut query = self.db.prepare_cached("SELECT id FROM name_units WHERE parts = ?1 AND code IS ?2")?;
        match query.query_row(params![key.parts, key.code], |row| row.get(0)).optional()? {
            Some(unit) => Ok((unit, false)),
            None => Ok((insert_unit(self.db, None, &key, &name.name.written)?, true)),
        }
    }

    fn standing(&self, unit: i64) -> anyhow::Result<Parsed> {
        let mut query = self.db.prepare_cached("SELECT name, code FROM name_units WHERE id = ?1")?;
        let (name, code): (String, Option<String>) = query.query_row([unit], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(parsed(&name, &code.unwrap_or_default(), self.rules))
    }

    /// The spelling that should stand for a unit, by those it has.
    fn next_standing(&self, unit: i64) -> anyhow::Result<Option<Parsed>> {
        let code = key_of(self.db, unit)?.code.unwrap_or_default();
        let names = names_of(self.db, unit)?.into_iter().map(|name| parsed(&name, &code, self.rules));
        Ok(names.reduce(|first, name| if name.stands_before(&first) { name } else { first }))
    }

    fn touched_keys(&self) -> BTreeSet<i64> {
        let names = self.moved.values().flat_map(|moved| [&moved.from, &moved.to]).flatten();
        names.flat_map(|name| name.meets(self.rules)).map(|key| key as i64).collect()
    }

    fn pairs_under(&self, keys: &BTreeSet<i64>) -> anyhow::Result<Pairs> {
        let mut pairs = Pairs::new();
        for key in keys {
            pairs.extend(windows(&block(self.db, *key)?));
        }
        Ok(pairs)
    }

    fn move_keys(&mut self) -> anyhow::Result<()> {
        for (unit, moved) in &self.moved {
            for key in moved.from.iter().flat_map(|name| name.meets(self.rules)) {
                self.db.prepare_cached("DELETE FROM name_keys WHERE key = ?1 AND unit = ?2")?.execute([key as i64, *unit])?;
            }
            for key in moved.to.iter().flat_map(|name| name.meets(self.rules)) {
                insert_key(self.db, key as i64, *unit)?;
            }
            self.dirty.extend(partners(self.db, *unit)?);
            self.db.prepare_cached("DELETE FROM name_pairs WHERE one = ?1 OR other = ?1")?.execute([unit])?;
            if moved.to.is_none() {
                self.db.prepare_cached("DELETE FROM name_units WHERE id = ?1")?.execute([unit])?;
            }
        }
        Ok(())
    }

    /// Pairs that no key brings any more.
    fn forget_pairs<'p>(&mut self, lost: impl Iterator<Item = &'p (i64, i64)>, touched: &BTreeSet<i64>) -> anyhow::Result<()> {
        for (one, other) in lost {
            let known: bool = self
                .db
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM name_pairs WHERE one = ?1 AND other = ?2)")?
                .query_row([one, other], |row| row.get(0))?;
            if known && !self.meet_elsewhere(*one, *other, touched)? {
                self.db.prepare_cached("DELETE FROM name_pairs WHERE one = ?1 AND other = ?2")?.execute([one, other])?;
                self.dirty.extend([*one, *other]);
            }
        }
        Ok(())
    }

    fn meet_elsewhere(&self, one: i64, other: i64, touched: &BTreeSet<i64>) -> anyhow::Result<bool> {
        let keys: HashSet<u64> = self.standing(one)?.meets(self.rules).into_iter().collect();
        let shared = self.standing(other)?.meets(self.rules).into_iter().filter(|key| keys.contains(key)).map(|key| key as i64);
        for key in shared.filter(|key| !touched.contains(key)) {
            if windows(&block(self.db, key)?).any(|pair| pair == (one, other)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Compares pairs that are new, and all pairs of units that moved.
    fn compare<'p>(&mut self, pairs: impl Iterator<Item = &'p (i64, i64)>) -> anyhow::Result<()> {
        let mut names: HashMap<i64, Parsed> = HashMap::new();
        for (one, other) in pairs {
            for unit in [one, other] {
                if !names.contains_key(unit) {
                    names.insert(*unit, self.standing(*unit)?);
                }
            }
            let Some(judged) = judged(&names[one], &names[other], self.rules) else { continue };
            if insert_pair(self.db, *one, *other, judged)? {
                self.dirty.extend([*one, *other]);
            }
        }
        Ok(())
    }
}
