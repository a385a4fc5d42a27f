//! Who is who in the case? All spellings of its parties resolved into entities, anew after every run;
//! what people said stands in a table of its own, wins over the machine, and reaches the list hits.

use super::{Case, clock, sellers};
use anyhow::Context as _;
use rusqlite::{Connection, params};
use std::collections::{HashMap, HashSet};
use tendertrace::assemble::Digest;
use tendertrace::assemble::chains::{self, Holder};
use tendertrace::assemble::entities::{Mention, Resolved, Sameness, Saying, resolve};
use tendertrace::model::sha256_hex;
use tendertrace::report::bodies::Body;
use tendertrace::resolve::names::compare;
use tendertrace::rulebook::Rulebook;
use tendertrace::rulebook::sellers::Relation;

/// A person's word on two names; with `list`, `other` is an entry of that list.
pub struct Word<'a> {
    pub one: &'a str,
    pub other: &'a str,
    pub list: Option<&'a str>,
    pub verdict: &'a str,
    pub by: &'a str,
    pub note: Option<&'a str>,
}

/// Writes a person's word down; later words on the same pair stand above earlier ones.
pub fn say(case: &mut Case, word: &Word) -> anyhow::Result<()> {
    // A person's work must outlive a power cut, unlike results that can be computed again.
    case.db.pragma_update(None, "synchronous", "full")?;
    let tx = case.db.transaction()?;
    tx.execute(
        "INSERT INTO samenesses (made, who, verdict, one, other, list, note) VALUES (?, ?, ?, ?, ?, ?, ?)",
        params![clock::now(), word.by, word.verdict, word.one, word.other, word.list, word.note],
    )?;
    super::journal(&tx, word.by, word.verdict, &format!("{} / {}", word.one, word.other))?;
    Ok(tx.commit()?)
}

/// Takes a word back; what is known without it stands again after the next `refresh`.
pub fn unsay(case: &mut Case, word: i64, by: &str) -> anyhow::Result<()> {
    case.db.pragma_update(None, "synchronous", "full")?;
    let tx = case.db.transaction()?;
    let (one, other): (String, String) = tx
        .query_row("SELECT one, other FROM samenesses WHERE id = ?1", [word], |row| Ok((row.get(0)?, row.get(1)?)))
        .with_context(|| format!("there is no word {word} on names"))?;
    tx.execute("INSERT OR IGNORE INTO unsaid (sameness, at, who) VALUES (?, ?, ?)", params![word, clock::now(), by])?;
    super::journal(&tx, by, "unsay", &format!("{one} / {other}"))?;
    Ok(tx.commit()?)
}

/// Resolves the case anew. Returns what people said that contradicts itself, in words.
pub fn refresh(case: &mut Case, rules: &Rulebook) -> anyhow::Result<Vec<String>> {
    let stated = sellers::stated(&case.folder, rules)?;
    let relations: Vec<&Relation> = stated.iter().map(|s| &s.relation).collect();
    let mut mentions = mentions(&case.db)?;
    let own = mentions.len();
    mentions.extend(chains::mentions(relations.iter().copied()));
    let said = sayings(&case.db)?;
    let mut resolved = resolve(&mentions, &said, rules);
    let held = chains::holders(&relations, &mentions, own, &resolved, rules);
    forget_strangers(&mut resolved, own);
    let ids: Vec<String> = resolved.entities.iter().map(|entity| id(entity.spellings.iter().map(|m| mentions[*m].name.as_str()))).collect();
    let held: Vec<(Holder, &str)> = held.into_iter().map(|holder| (holder, ids[holder.entity].as_str())).collect();
    let tx = case.db.transaction()?;
    write(&tx, &mentions, &resolved, &ids, rules)?;
    sellers::write(&tx, &stated, &held, rules)?;
    tx.commit()?;
    let unheard = resolved.unheard.iter().map(|at| format!("“{}” and “{}”", said[*at].one, said[*at].other));
    Ok(unheard.collect())
}

fn mentions(db: &Connection) -> anyhow::Result<Vec<Mention>> {
    let mut query = db.prepare("SELECT name, count(*) FROM parties GROUP BY name ORDER BY name")?;
    let rows = query.query_map([], |row| Ok(Mention { name: row.get(0)?, code: String::new(), times: row.get::<_, i64>(1)? as u64 }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn sayings(db: &Connection) -> anyhow::Result<Vec<Saying>> {
    let mut query = db
        .prepare("SELECT one, other, verdict FROM samenesses WHERE list IS NULL AND id NOT IN (SELECT sameness FROM unsaid) ORDER BY id")?;
    let rows = query.query_map([], |row| {
        let verdict = if row.get_ref(2)?.as_str()? == "same" { Sameness::Same } else { Sameness::NotSame };
        Ok(Saying { one: row.get(0)?, other: row.get(1)?, verdict })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Names that only relations give helped to resolve; the case names nobody so. An organisation that is
/// left without a spelling keeps its place and is not written.
fn forget_strangers(resolved: &mut Resolved, own: usize) {
    resolved.entities.iter_mut().for_each(|entity| entity.spellings.retain(|mention| *mention < own));
    let named = |at: usize| !resolved.entities[at].spellings.is_empty();
    resolved.links.retain(|link| named(link.one) && named(link.other));
}

fn write(tx: &Connection, mentions: &[Mention], resolved: &Resolved, ids: &[String], rules: &Rulebook) -> anyhow::Result<()> {
    tx.execute_batch("DELETE FROM entities; DELETE FROM spellings; DELETE FROM possibly_same_as;")?;
    for (entity, id) in resolved.entities.iter().zip(ids).filter(|(entity, _)| !entity.spellings.is_empty()) {
        let name = &mentions[entity.spellings[0]].name;
        tx.prepare_cached("INSERT INTO entities (id, name, code, spellings) VALUES (?, ?, ?, ?)")?.execute(params![
            id,
            name,
            entity.code,
            entity.spellings.len() as i64
        ])?;
        for spelling in &entity.spellings {
            tx.prepare_cached("INSERT INTO spellings (name, entity) VALUES (?, ?)")?.execute(params![mentions[*spelling].name, id])?;
        }
    }
    for link in &resolved.links {
        let (one, other) = (&mentions[link.spellings.0].name, &mentions[link.spellings.1].name);
        let why = serde_json::to_string(&compare(one, other, rules).why)?;
        tx.prepare_cached("INSERT INTO possibly_same_as (one, other, score, why) VALUES (?, ?, ?, ?)")?.execute(params![
            ids[link.one],
            ids[link.other],
            link.score,
            why
        ])?;
    }
    tx.execute_batch(ROLES)?;
    Ok(())
}

/// Counted once here, since lists of organisations must open at once however many notices there are.
const ROLES: &str = "DELETE FROM roles;
    INSERT INTO roles (entity, role, notices, first, last)
    SELECT s.entity, p.role, count(DISTINCT p.notice), min(t.event_date), max(t.event_date)
    FROM parties p JOIN notices t ON t.id = p.notice JOIN spellings s ON s.name = p.name GROUP BY 1, 2;";

/// The same for the same spellings, whatever the order: made of the first of them.
fn id<'a>(spellings: impl Iterator<Item = &'a str>) -> String {
    format!("e-{}", &sha256_hex(spellings.min().unwrap_or_default().as_bytes())[..12])
}

/// Takes list leads away that a person said are another party, for every spelling of the entity.
pub fn hear_of_lists(digests: &mut [Digest], db: &Connection) -> anyhow::Result<()> {
    let denied = denied(db)?;
    if denied.is_empty() {
        return Ok(());
    }
    for digest in digests {
        digest.leads.retain(|lead| {
            let listed_owner = lead.via.iter().filter_map(|via| via.owner.first()).map(|held| held.owner.clone());
            let mut parties = std::iter::once(lead.party.clone()).chain(listed_owner);
            !parties.any(|party| denied.contains(&(party, lead.list.clone(), lead.entry.clone())))
        });
    }
    Ok(())
}

/// (party, list, entry) that people said are not one, for every spelling.
pub fn denied(db: &Connection) -> anyhow::Result<HashSet<(String, String, String)>> {
    let mut query = db.prepare("SELECT party, list, entry FROM denied_leads")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect::<Result<_, _>>().context("what people said of list hits")
}

/// The organisations as far as notices name them that satisfy `with`, the usual spelling first.
pub fn bodies(db: &Connection, with: &str) -> anyhow::Result<Vec<Body>> {
    let sql = format!(
        "SELECT s.entity, s.name, CASE WHEN EXISTS (SELECT 1 FROM notices WHERE access = 'confidential') THEN NULL ELSE e.code END
         FROM spellings s JOIN entities e ON e.id = s.entity
         JOIN (SELECT p.name, count(*) AS times FROM parties p JOIN notices t ON t.id = p.notice WHERE {with} GROUP BY p.name) n ON n.name = s.name
         ORDER BY s.entity, n.times DESC, s.name"
    );
    let mut query = db.prepare(&sql)?;
    let mut rows = query.query([])?;
    let mut bodies: Vec<Body> = Vec::new();
    while let Some(row) = rows.next()? {
        let id: String = row.get(0)?;
        match bodies.last_mut().filter(|body| body.id == id) {
            Some(body) => body.names.push(row.get(1)?),
            None => bodies.push(Body { id, names: vec![row.get(1)?], code: row.get(2)? }),
        }
    }
    Ok(bodies)
}

/// An entity as it is shown.
#[derive(Debug, serde::Serialize)]
pub struct Shown {
    pub id: String,
    pub name: String,
    pub code: Option<String>,
    pub spellings: Vec<String>,
    pub possibly_same_as: Vec<Doubt>,
}

#[derive(Debug, Clone, serde::Serialize)]
pub struct Doubt {
    pub id: String,
    pub name: String,
    pub score: f64,
    pub why: serde_json::Value,
}

/// Entities with more than one spelling or a doubt; with `name`, those of which a spelling holds it.
pub fn shown(db: &Connection, name: Option<&str>) -> anyhow::Result<Vec<Shown>> {
    let mut doubts = doubts(db)?;
    let mut spellings: HashMap<String, Vec<String>> = HashMap::new();
    let mut query = db.prepare("SELECT entity, name FROM spellings ORDER BY name")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        spellings.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    let mut query = db.prepare("SELECT id, name, code FROM entities ORDER BY spellings DESC, name")?;
    let entities = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)))?;
    let mut all = Vec::new();
    for entity in entities {
        let (id, called, code) = entity?;
        let (spellings, possibly_same_as) = (spellings.remove(&id).unwrap_or_default(), doubts.remove(&id).unwrap_or_default());
        let wanted = match name {
            Some(name) => spellings.iter().any(|s| s.contains(name)),
            None => spellings.len() > 1 || !possibly_same_as.is_empty(),
        };
        if wanted {
            all.push(Shown { id, name: called, code, spellings, possibly_same_as });
        }
    }
    Ok(all)
}

fn doubts(db: &Connection) -> anyhow::Result<HashMap<String, Vec<Doubt>>> {
    let sql = "SELECT p.one, e.id, e.name, p.score, p.why FROM possibly_same_as p JOIN entities e ON e.id = p.other
               UNION ALL SELECT p.other, e.id, e.name, p.score, p.why FROM possibly_same_as p JOIN entities e ON e.id = p.one
               ORDER BY 4 DESC, 3";
    let mut query = db.prepare(sql)?;
    let mut rows = query.query([])?;
    let mut doubts: HashMap<String, Vec<Doubt>> = HashMap::new();
    while let Some(row) = rows.next()? {
        let why = serde_json::from_str(row.get_ref(4)?.as_str()?)?;
        let doubt = Doubt { id: row.get(1)?, name: row.get(2)?, score: row.get(3)?, why };
        doubts.entry(row.get(0)?).or_default().push(doubt);
    }
    Ok(doubts)
}
