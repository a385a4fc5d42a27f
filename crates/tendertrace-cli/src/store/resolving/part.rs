//! What hangs together with a change? Its units with all that is or may be one with them, clustered as the
//! whole would be.

use super::change::{Change, Units};
use super::keep::{ids_of, key_of, names_of, of_names, partners};
use super::{Done, Words};
use rusqlite::{Connection, OptionalExtension as _};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tendertrace::assemble::entities::{Mention, Pair, Sameness, Unit, UnitKey, cluster};
use tendertrace::rulebook::Rulebook;

/// Applies a change, and resolves anew what hangs together with it and with the names in `touched`.
pub fn resolve_part(tx: &Connection, change: Change, touched: &[String], words: &Words, rules: &Rulebook) -> anyhow::Result<Done> {
    let gone: Vec<String> = change.gone.iter().filter(|(_, _, stated)| !stated).map(|(name, _, _)| name.clone()).collect();
    let mut dirty = Units::new(tx, rules).apply(change)?;
    dirty.extend(of_names(tx, touched.iter())?);
    let whole = closed(tx, dirty, words)?;
    // Links need the entities on their other side.
    let mut around = whole.clone();
    for unit in &whole {
        around.extend(partners(tx, *unit)?);
    }
    let part = Part::read(tx, &closed(tx, around, words)?)?;
    let resolved = cluster(&part.mentions, &part.units, &part.pairs, &words.said);
    let is_rewritten = part.mention_units().map(|unit| whole.contains(&unit)).collect::<Vec<bool>>();
    let rewritten: Vec<bool> = resolved.entities.iter().map(|entity| is_rewritten[entity.spellings[0]]).collect();
    let names = part.mentions[..part.own].iter().zip(&is_rewritten).filter(|(_, is)| **is).map(|(mention, _)| &mention.name);
    forget_entities(tx, names.chain(&gone))?;
    let done = Done::of(part.mentions, part.own, resolved, rewritten);
    done.write(tx, rules)?;
    words.write(tx)?;
    Ok(done)
}

/// Takes away the entities of these spellings.
fn forget_entities<'a>(tx: &Connection, names: impl Iterator<Item = &'a String>) -> anyhow::Result<()> {
    let mut query = tx.prepare("SELECT entity FROM spellings WHERE name = ?1")?;
    let mut ids: BTreeSet<String> = BTreeSet::new();
    for name in names {
        ids.extend(query.query_row([name], |row| row.get::<_, String>(0)).optional()?);
    }
    for id in ids {
        for sql in [
            "DELETE FROM possibly_same_as WHERE one = ?1",
            "DELETE FROM possibly_same_as WHERE other = ?1",
            "DELETE FROM spellings WHERE entity = ?1",
            "DELETE FROM entities WHERE id = ?1",
            "DELETE FROM roles WHERE entity = ?1",
            "DELETE FROM relation_holders WHERE entity = ?1",
        ] {
            tx.prepare_cached(sql)?.execute([&id])?;
        }
    }
    Ok(())
}

/// Units with all that a clustering must see with them: what is the same by name, bears the same code, or was
/// called the same.
fn closed(db: &Connection, seeds: BTreeSet<i64>, words: &Words) -> anyhow::Result<BTreeSet<i64>> {
    let same = words.said.iter().filter(|said| said.verdict == Sameness::Same);
    let mut said: HashMap<&str, Vec<&str>> = HashMap::new();
    for (one, other) in same.map(|said| (said.one.as_str(), said.other.as_str())) {
        said.entry(one).or_default().push(other);
        said.entry(other).or_default().push(one);
    }
    let mut found = seeds.clone();
    let mut open: Vec<i64> = seeds.into_iter().collect();
    while let Some(unit) = open.pop() {
        let mut near = ids_of(db, "SELECT other FROM name_pairs WHERE one = ?1 AND same", unit)?;
        near.extend(ids_of(db, "SELECT one FROM name_pairs WHERE other = ?1 AND same", unit)?);
        near.extend(ids_of(db, "SELECT b.id FROM name_units a JOIN name_units b ON b.code = a.code WHERE a.id = ?1", unit)?);
        if !said.is_empty() {
            let called = names_of(db, unit)?.into_iter().filter_map(|name| said.get(name.as_str()));
            near.extend(of_names(db, called.flatten().map(|name| name.to_string()).collect::<Vec<_>>().iter())?);
        }
        open.extend(near.into_iter().filter(|unit| found.insert(*unit)));
    }
    Ok(found)
}

/// Some units of the case, ready to be clustered.
struct Part {
    mentions: Vec<Mention>,
    own: usize,
    units: Vec<Unit>,
    /// Of `units`, in the case.
    ids: Vec<i64>,
    pairs: Vec<Pair>,
}

impl Part {
    fn read(db: &Connection, of: &BTreeSet<i64>) -> anyhow::Result<Part> {
        let mut keyed: Vec<(UnitKey, i64)> = Vec::with_capacity(of.len());
        let mut all: Vec<(bool, Mention, i64)> = Vec::new();
        for id in of {
            keyed.push((key_of(db, *id)?, *id));
            let mut query = db.prepare_cached("SELECT stated, name, code, times FROM name_mentions WHERE unit = ?1")?;
            let rows = query.query_map([id], |row| {
                let mention = Mention { name: row.get(1)?, code: row.get(2)?, times: row.get::<_, i64>(3)? as u64 };
                Ok((row.get(0)?, mention, *id))
            })?;
            all.extend(rows.collect::<Result<Vec<_>, _>>()?);
        }
        keyed.sort();
        all.sort_by(|a, b| (a.0, &a.1.name, &a.1.code).cmp(&(b.0, &b.1.name, &b.1.code)));
        let own = all.iter().filter(|(stated, _, _)| !stated).count();
        let place: HashMap<i64, usize> = keyed.iter().enumerate().map(|(at, (_, id))| (*id, at)).collect();
        let (units, ids): (Vec<Unit>, Vec<i64>) = keyed.into_iter().map(|(key, id)| (Unit { key, mentions: Vec::new() }, id)).unzip();
        let mut part = Part { mentions: Vec::with_capacity(all.len()), own, units, ids, pairs: pairs_among(db, &place)? };
        for (at, (_, mention, unit)) in all.into_iter().enumerate() {
            part.units[place[&unit]].mentions.push(at);
            part.mentions.push(mention);
        }
        Ok(part)
    }

    /// The unit of each mention.
    fn mention_units(&self) -> impl Iterator<Item = i64> {
        let units = self.units.iter().zip(&self.ids);
        let placed: BTreeMap<usize, i64> = units.flat_map(|(unit, id)| unit.mentions.iter().map(|at| (*at, *id))).collect();
        placed.into_values()
    }
}

fn pairs_among(db: &Connection, place: &HashMap<i64, usize>) -> anyhow::Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    for (unit, one) in place {
        let mut query = db.prepare_cached("SELECT other, score, same FROM name_pairs WHERE one = ?1")?;
        let mut rows = query.query([unit])?;
        while let Some(row) = rows.next()? {
            if let Some(other) = place.get(&row.get(0)?) {
                pairs.push(Pair { one: *one, other: *other, score: row.get(1)?, same: row.get(2)? });
            }
        }
    }
    Ok(pairs)
}
