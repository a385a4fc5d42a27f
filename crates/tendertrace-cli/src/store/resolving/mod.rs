//! How do the spellings of a case become entities, and how do they stay right when a few are added? The first
//! run, and one with other rules, resolves all; a later one compares new spellings with those that share a
//! key, and clusters only what hangs together with something that changed. Both give the same entities.

mod change;
mod keep;
mod part;
#[cfg(test)]
mod tests;

use super::sellers::{self, Stated};
use super::{Case, columns};
use change::Change;
use keep::{is_known, keep};
use part::resolve_part;
use rusqlite::{Connection, params};
use std::collections::{HashMap, HashSet};
use tendertrace::assemble::chains::{self, Holder};
use tendertrace::assemble::entities::{Mention, Resolved, Sameness, Saying, cluster, compared, units};
use tendertrace::model::sha256_hex;
use tendertrace::resolve::names::compare;
use tendertrace::rulebook::Rulebook;
use tendertrace::rulebook::sellers::Relation;

/// Brings the entities up to the notices and what people said. Returns what people said that contradicts
/// itself, in words.
pub fn refresh(case: &mut Case, rules: &Rulebook) -> anyhow::Result<Vec<String>> {
    let stated = sellers::stated(&case.folder, rules)?;
    bring_up(&mut case.db, &stated, FEW, rules)
}

/// More changed spellings than one in so many: resolving all is faster then.
const FEW: usize = 100;

/// Compares and clusters only what changed, if that is at most one spelling in `few`.
fn bring_up(db: &mut Connection, stated: &[Stated], few: usize, rules: &Rulebook) -> anyhow::Result<Vec<String>> {
    let tx = db.transaction()?;
    sellers::write(&tx, stated)?;
    let words = Words::read(&tx)?;
    let change = if is_known(&tx, rules)? { Change::of_notices(&tx, few)? } else { None };
    let done = match change {
        Some(change) => {
            let mut spoken = words.changed(&tx)?;
            spoken.extend(words.said.iter().flat_map(|s| [s.one.clone(), s.other.clone()]));
            // What a source says of a relation may have changed, not only who is its party.
            spoken.extend(stated.iter().flat_map(|s| [s.relation.party.clone(), s.relation.party_latin.clone(), s.relation.via.clone()]));
            resolve_part(&tx, change, &spoken, &words, rules)?
        }
        None => resolve_whole(&tx, &words, rules)?,
    };
    tx.execute("DELETE FROM relation_holders WHERE relation NOT IN (SELECT id FROM relations)", [])?;
    done.write_holders(&tx, stated, rules)?;
    tx.execute_batch(ROLES)?;
    columns::rename(&tx)?;
    tx.commit()?;
    Ok(words.contradicted(&done.resolved))
}

/// Follows words of people that are new or were taken back; nothing else is resolved.
pub fn hear(case: &mut Case, rules: &Rulebook) -> anyhow::Result<Vec<String>> {
    let stated = sellers::stated(&case.folder, rules)?;
    follow(&mut case.db, &stated, rules)
}

fn follow(db: &mut Connection, stated: &[Stated], rules: &Rulebook) -> anyhow::Result<Vec<String>> {
    if !is_known(db, rules)? {
        return bring_up(db, stated, FEW, rules);
    }
    let tx = db.transaction()?;
    let words = Words::read(&tx)?;
    let done = resolve_part(&tx, Change::default(), &words.changed(&tx)?, &words, rules)?;
    done.write_holders(&tx, stated, rules)?;
    for (id, _) in done.ids.iter().zip(&done.rewritten).filter(|(_, rewritten)| **rewritten) {
        tx.prepare_cached(ROLES_OF)?.execute([id])?;
    }
    columns::rename(&tx)?;
    tx.commit()?;
    Ok(words.contradicted(&done.resolved))
}

/// Counted once here, since lists of organisations must open at once however many notices there are.
const ROLES: &str = "DELETE FROM roles;
    INSERT INTO roles (entity, role, notices, first, last)
    SELECT s.entity, p.role, count(DISTINCT p.notice), min(t.event_date), max(t.event_date)
    FROM parties p JOIN notices t ON t.id = p.notice JOIN spellings s ON s.name = p.name GROUP BY 1, 2;";

/// The same of one entity that is not counted.
const ROLES_OF: &str = "INSERT INTO roles (entity, role, notices, first, last)
    SELECT s.entity, p.role, count(DISTINCT p.notice), min(t.event_date), max(t.event_date)
    FROM spellings s JOIN parties p ON p.name = s.name JOIN notices t ON t.id = p.notice WHERE s.entity = ?1 GROUP BY 1, 2";

/// What people said of names, as far as it was not taken back.
struct Words {
    ids: Vec<i64>,
    said: Vec<Saying>,
}

impl Words {
    fn read(db: &Connection) -> anyhow::Result<Words> {
        let mut query = db.prepare(
            "SELECT id, one, other, verdict FROM samenesses WHERE list IS NULL AND id NOT IN (SELECT sameness FROM unsaid) ORDER BY id",
        )?;
        let rows = query.query_map([], |row| {
            let verdict = if row.get_ref(3)?.as_str()? == "same" { Sameness::Same } else { Sameness::NotSame };
            Ok((row.get::<_, i64>(0)?, Saying { one: row.get(1)?, other: row.get(2)?, verdict }))
        })?;
        let (ids, said) = rows.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        Ok(Words { ids, said })
    }

    /// Names of words that came or went since the entities were resolved.
    fn changed(&self, db: &Connection) -> anyhow::Result<Vec<String>> {
        let mut query = db.prepare("SELECT w.one, w.other, n.sameness FROM name_words n JOIN samenesses w ON w.id = n.sameness")?;
        let rows = query.query_map([], |row| Ok((row.get(2)?, [row.get(0)?, row.get(1)?])))?;
        let mut heard: HashMap<i64, [String; 2]> = rows.collect::<Result<_, _>>()?;
        let new = self.ids.iter().zip(&self.said).filter(|(id, _)| heard.remove(id).is_none());
        let new: Vec<[String; 2]> = new.map(|(_, said)| [said.one.clone(), said.other.clone()]).collect();
        Ok(new.into_iter().chain(heard.into_values()).flatten().collect())
    }

    fn write(&self, db: &Connection) -> anyhow::Result<()> {
        db.execute("DELETE FROM name_words", [])?;
        for id in &self.ids {
            db.prepare_cached("INSERT INTO name_words VALUES (?)")?.execute([id])?;
        }
        Ok(())
    }

    fn contradicted(&self, resolved: &Resolved) -> Vec<String> {
        resolved.unheard.iter().map(|at| format!("“{}” and “{}”", self.said[*at].one, self.said[*at].other)).collect()
    }
}

/// What was resolved: the whole case, or what hangs together with a change.
struct Done {
    mentions: Vec<Mention>,
    /// Mentions that the case's own notices make; behind them those of relations.
    own: usize,
    resolved: Resolved,
    /// Ids of the entities.
    ids: Vec<String>,
    /// Whether an entity may be another than before; the rest is there for its links only.
    rewritten: Vec<bool>,
}

impl Done {
    fn of(mentions: Vec<Mention>, own: usize, resolved: Resolved, rewritten: Vec<bool>) -> Done {
        let id = |spellings: &[usize]| id(spellings.iter().map(|m| mentions[*m].name.as_str()));
        let ids = resolved.entities.iter().map(|entity| id(&entity.spellings)).collect();
        Done { mentions, own, resolved, ids, rewritten }
    }

    /// Writes the rewritten entities down, and every link to one of them. Names that only relations give
    /// helped to resolve; the case names nobody so.
    fn write(&self, tx: &Connection, rules: &Rulebook) -> anyhow::Result<()> {
        let named = |at: usize| self.resolved.entities[at].spellings.iter().any(|mention| *mention < self.own);
        for (at, entity) in self.resolved.entities.iter().enumerate().filter(|(at, _)| self.rewritten[*at]) {
            let spellings = entity.spellings.iter().filter(|mention| **mention < self.own);
            let spellings: Vec<&str> = spellings.map(|mention| self.mentions[*mention].name.as_str()).collect();
            let Some(usual) = spellings.first() else { continue };
            tx.prepare_cached("INSERT INTO entities (id, name, code, spellings) VALUES (?, ?, ?, ?)")?.execute(params![
                self.ids[at],
                usual,
                entity.code,
                spellings.len() as i64
            ])?;
            for spelling in spellings {
                tx.prepare_cached("INSERT INTO spellings (name, entity) VALUES (?, ?)")?.execute(params![spelling, self.ids[at]])?;
            }
        }
        for link in self.resolved.links.iter().filter(|link| named(link.one) && named(link.other)) {
            if !self.rewritten[link.one] && !self.rewritten[link.other] {
                continue;
            }
            let (one, other) = (&self.mentions[link.spellings.0].name, &self.mentions[link.spellings.1].name);
            let why = serde_json::to_string(&compare(one, other, rules).why)?;
            let (a, b) = (&self.ids[link.one], &self.ids[link.other]);
            tx.prepare_cached("INSERT INTO possibly_same_as (one, other, score, why) VALUES (?, ?, ?, ?)")?.execute(params![
                a.min(b),
                a.max(b),
                link.score,
                why
            ])?;
        }
        Ok(())
    }

    /// Which organisations hold the relations, as far as one of the two was rewritten.
    fn write_holders(&self, tx: &Connection, stated: &[Stated], rules: &Rulebook) -> anyhow::Result<()> {
        let relations: Vec<_> = stated.iter().map(|s| &s.relation).collect();
        let entities = self.resolved.entities.iter().zip(&self.rewritten).filter(|(_, rewritten)| **rewritten);
        let spelled = entities.flat_map(|(entity, _)| &entity.spellings).filter(|at| **at >= self.own);
        let spelled: HashSet<&str> = spelled.map(|at| self.mentions[*at].name.as_str()).collect();
        let sellers = |r: &Relation| [&r.party, &r.party_latin, &r.via].into_iter().any(|name| spelled.contains(name.as_str()));
        let touched = relations.iter().filter(|relation| sellers(relation));
        for relation in touched {
            tx.prepare_cached("DELETE FROM relation_holders WHERE relation = ?1")?.execute([&relation.id])?;
        }
        let held = chains::holders(&relations, &self.mentions, self.own, &self.resolved, rules);
        let held: Vec<(Holder, &str)> = held.into_iter().map(|holder| (holder, self.ids[holder.entity].as_str())).collect();
        sellers::write_holders(tx, stated, &held, rules)
    }
}

/// The same for the same spellings, whatever the order: made of the first of them.
fn id<'a>(spellings: impl Iterator<Item = &'a str>) -> String {
    format!("e-{}", &sha256_hex(spellings.min().unwrap_or_default().as_bytes())[..12])
}

/// Every spelling with its code, whether it is only stated, and how often notices have it.
const WANTED: &str = "SELECT name, '' AS code, 0 AS stated, count(*) AS times FROM parties GROUP BY name
    UNION ALL SELECT party, coalesce(code, ''), 1, 0 FROM relations WHERE party <> '' GROUP BY 1, 2
    UNION ALL SELECT party_latin, coalesce(code, ''), 1, 0 FROM relations WHERE party_latin <> '' AND party_latin <> party GROUP BY 1, 2
    UNION ALL SELECT via, '', 1, 0 FROM relations WHERE via <> '' GROUP BY 1";

fn resolve_whole(tx: &Connection, words: &Words, rules: &Rulebook) -> anyhow::Result<Done> {
    let mut query = tx.prepare(&format!("SELECT DISTINCT name, code, stated, times FROM ({WANTED}) ORDER BY stated, name, code"))?;
    let rows = query.query_map([], |row| {
        Ok((Mention { name: row.get(0)?, code: row.get(1)?, times: row.get::<_, i64>(3)? as u64 }, row.get::<_, bool>(2)?))
    })?;
    let (mentions, stated): (Vec<Mention>, Vec<bool>) = rows.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
    let own = stated.iter().filter(|stated| !**stated).count();
    let (units, names) = units(&mentions, rules);
    let pairs = compared(&units, &names, rules);
    tx.execute_batch("DELETE FROM entities; DELETE FROM spellings; DELETE FROM possibly_same_as;")?;
    keep(tx, &mentions, own, &units, &names, &pairs, rules)?;
    drop(names);
    let resolved = cluster(&mentions, &units, &pairs, &words.said);
    let all = vec![true; resolved.entities.len()];
    let done = Done::of(mentions, own, resolved, all);
    done.write(tx, rules)?;
    words.write(tx)?;
    Ok(done)
}
