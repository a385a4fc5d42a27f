//! Who is who in the case? The entities as the resolution left them, and what people said, which stands in
//! a table of its own, wins over the machine, and reaches the list hits.

use super::{Case, clock};
use anyhow::Context as _;
use rusqlite::{Connection, params};
use std::collections::{HashMap, HashSet};
use tendertrace::assemble::Digest;
use tendertrace::report::bodies::Body;

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
        .query_row("SELECT one, other FROM samenesses WHERE id = ?1 AND id NOT IN (SELECT sameness FROM unsaid)", [word], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .with_context(|| format!("there is no word {word} on names that stands"))?;
    tx.execute("INSERT INTO unsaid (sameness, at, who) VALUES (?, ?, ?)", params![word, clock::now(), by])?;
    super::journal(&tx, by, "unsay", &format!("{one} / {other}"))?;
    Ok(tx.commit()?)
}

/// Takes list leads away that a person said are another party, for every spelling of the entity.
pub fn hear_of_lists(digests: &mut [Digest], db: &Connection) -> anyhow::Result<()> {
    let denied = Denied::of(db)?;
    digests.iter_mut().for_each(|digest| denied.strip(digest));
    Ok(())
}

/// (party, list, entry) that people said are not one, for every spelling.
pub fn denied(db: &Connection) -> anyhow::Result<HashSet<(String, String, String)>> {
    let mut query = db.prepare("SELECT party, list, entry FROM denied_leads")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect::<Result<_, _>>().context("what people said of list hits")
}

/// What people said of list hits, ready to be heard.
pub struct Denied(HashSet<(String, String, String)>);

impl Denied {
    pub fn of(db: &Connection) -> anyhow::Result<Denied> {
        Ok(Denied(denied(db)?))
    }

    /// Takes away what was denied.
    pub fn strip(&self, digest: &mut Digest) {
        if self.0.is_empty() {
            return;
        }
        digest.leads.retain(|lead| {
            let listed_owner = lead.via.iter().filter_map(|via| via.owner.first()).map(|held| held.owner.clone());
            let mut parties = std::iter::once(lead.party.clone()).chain(listed_owner);
            !parties.any(|party| self.0.contains(&(party, lead.list.clone(), lead.entry.clone())))
        });
    }
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
