//! Who was screened for this case, against what, and what was decided? Every screening is a record that
//! nothing changes. Whether a clearance still stands is found by screening again against what is known
//! now: it lapses with a new award of the party, a new or changed entry that matches it, a new owner.

use super::{Case, clock};
use anyhow::bail;
use rayon::prelude::*;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use tendertrace::model::{Judgement, sha256_hex};
use tendertrace::rulebook::Rulebook;
use tendertrace::screen::known::Known;
use tendertrace::screen::{self, Against, Asked, Screening};

/// The parties of a case by their names.
pub struct Parties {
    names: Vec<String>,
    known: Known,
    entity_of: HashMap<String, String>,
    spellings: HashMap<String, Vec<String>>,
    denied: HashSet<(String, String, String)>,
    funnel: Value,
    /// Of all originals: which state of the case was asked.
    pub state: String,
}

/// What a case holds of a party.
#[derive(Debug, Default, Serialize)]
pub struct Coverage {
    /// Spellings that are surely this party, and such as may be.
    pub names: Vec<String>,
    pub possible_names: Vec<String>,
    /// Contracting processes it won.
    pub awards: usize,
    pub as_buyer: usize,
    pub buyers: Vec<String>,
    pub brands: Vec<String>,
    pub first: Option<String>,
    pub last: Option<String>,
    pub funnel: Value,
    #[serde(skip)]
    processes: BTreeSet<String>,
}

/// What a clearance rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    awards: BTreeSet<String>,
    /// Entries that matched, with what they said.
    entries: BTreeMap<String, String>,
    owners: BTreeSet<String>,
}

/// Names of buyers that are told.
const BUYERS_MOST: usize = 20;

impl Parties {
    pub fn of(db: &Connection, rules: &Rulebook) -> anyhow::Result<Parties> {
        let mut query = db.prepare("SELECT name, entity FROM spellings ORDER BY name")?;
        let rows: Vec<(String, String)> = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let mut spellings: HashMap<String, Vec<String>> = HashMap::new();
        rows.iter().for_each(|(name, entity)| spellings.entry(entity.clone()).or_default().push(name.clone()));
        let known = Known::of(rows.iter().map(|(name, _)| (name.as_str(), "")), rules);
        let names = rows.iter().map(|(name, _)| name.clone()).collect();
        Ok(Parties {
            names,
            known,
            entity_of: rows.into_iter().collect(),
            spellings,
            denied: super::entities::denied(db)?,
            funnel: funnel(db)?,
            state: state(db)?,
        })
    }

    /// Names of the case that the party asked for is, and may be.
    fn of_asked(&self, asked: &Asked, rules: &Rulebook) -> (BTreeSet<String>, BTreeSet<String>) {
        let (mut surely, mut perhaps) = (BTreeSet::new(), BTreeSet::new());
        for name in asked.parsed(rules) {
            for (at, met) in self.known.find(&name, rules) {
                let found = &self.names[at];
                if met == Judgement::Same {
                    surely.extend(self.entity_of.get(found).and_then(|entity| self.spellings.get(entity)).into_iter().flatten().cloned());
                } else {
                    perhaps.insert(found.clone());
                }
            }
        }
        perhaps.retain(|name| !surely.contains(name));
        (surely, perhaps)
    }

    /// What the case holds of a party.
    pub fn coverage(&self, asked: &Asked, db: &Connection, rules: &Rulebook) -> anyhow::Result<Coverage> {
        let (surely, perhaps) = self.of_asked(asked, rules);
        let mut coverage = Coverage { funnel: self.funnel.clone(), ..Coverage::default() };
        let (mut buyers, mut brands, mut days) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for name in &surely {
            let mut query = db.prepare_cached("SELECT process, buyer, event_date FROM winners WHERE supplier = ?1 AND NOT copy")?;
            let mut rows = query.query([name])?;
            while let Some(row) = rows.next()? {
                coverage.processes.insert(row.get(0)?);
                buyers.extend(row.get::<_, Option<String>>(1)?);
                days.extend(row.get::<_, Option<String>>(2)?);
            }
            let mut query = db.prepare_cached(
                "SELECT DISTINCT f.brand FROM parties p JOIN findings f ON f.notice = p.notice AND f.supplier = p.name WHERE p.name = ?1",
            )?;
            let found = query.query_map([name], |row| row.get::<_, String>(0))?;
            brands.extend(found.collect::<Result<Vec<_>, _>>()?);
            let bought: i64 = db.query_row(
                "SELECT count(DISTINCT notice) FROM parties WHERE name = ?1 AND role IN ('buyer', 'end_user')",
                [name],
                |row| row.get(0),
            )?;
            coverage.as_buyer += bought as usize;
        }
        coverage.awards = coverage.processes.len();
        (coverage.first, coverage.last) = (days.first().cloned(), days.last().cloned());
        coverage.buyers = buyers.into_iter().take(BUYERS_MOST).collect();
        coverage.brands = brands.into_iter().collect();
        (coverage.names, coverage.possible_names) = (surely.into_iter().collect(), perhaps.into_iter().collect());
        Ok(coverage)
    }

    /// Takes entries away that a person said are another party.
    pub fn hear(&self, screening: &mut Screening, coverage: &Coverage) {
        let names: Vec<&String> = coverage.names.iter().chain(std::iter::once(&screening.query)).collect();
        let denied = |list: &str, entry: &str| {
            names.iter().any(|name| self.denied.contains(&((*name).clone(), list.to_string(), entry.to_string())))
        };
        let apart: HashSet<(String, String)> =
            screening.matches.iter().map(|m| (m.source.clone(), m.entity.clone())).filter(|(list, entry)| denied(list, entry)).collect();
        screening.set_aside(|found| apart.contains(&(found.source.clone(), found.entity.clone())));
    }
}

fn funnel(db: &Connection) -> anyhow::Result<Value> {
    let sql = "SELECT count(*), coalesce(sum(readable), 0), coalesce(sum(readable AND stage IN ('award', 'contract', 'acceptance')), 0),
            coalesce(sum(readable AND stage IN ('award', 'contract', 'acceptance') AND EXISTS (SELECT 1 FROM items i WHERE i.notice = t.id)), 0),
            coalesce(sum(readable AND EXISTS (SELECT 1 FROM parties p WHERE p.notice = t.id AND p.role = 'supplier')), 0), min(event_date), max(event_date)
         FROM notices t";
    Ok(db.query_row(sql, [], |row| {
        let (from, to): (Option<String>, Option<String>) = (row.get(5)?, row.get(6)?);
        let [captures, readable, awards, items, suppliers] = [0, 1, 2, 3, 4].map(|at| row.get::<_, i64>(at).unwrap_or_default());
        Ok(json!({"notices": captures, "readable": readable, "awards": awards, "awards_with_items": items, "with_supplier": suppliers, "from": from, "to": to}))
    })?)
}

fn state(db: &Connection) -> anyhow::Result<String> {
    let mut query = db.prepare("SELECT sha256 FROM originals ORDER BY sha256")?;
    let all: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(sha256_hex(all.join("\n").as_bytes()))
}

/// What an answer rests on, as it is now.
pub fn seen(screening: &Screening, asked: &Asked, coverage: &Coverage, rules: &Rulebook) -> Seen {
    let word = |value: Value| value.as_str().unwrap_or_default().to_string();
    let entries = screening.matches.iter().map(|m| {
        let said = format!(
            "{} {} {} {}",
            word(json!(m.judgement)),
            m.listed_from.as_deref().unwrap_or_default(),
            m.listed_to.as_deref().unwrap_or_default(),
            word(json!(m.in_force))
        );
        (format!("{}: {} ({})", m.source, m.entity, word(json!(m.through))), said)
    });
    let stakes = screen::stakes_above(asked, rules).into_iter().map(|row| &rules.lists.stakes[row as usize]);
    let owners = stakes.map(|s| {
        let share = s.share.map_or("unknown".to_string(), |share| share.normalize().to_string());
        format!("{} → {}, {share} %, {}–{}", s.owner, s.owned, s.from, s.to)
    });
    Seen { awards: coverage.processes.clone(), entries: entries.collect(), owners: owners.collect() }
}

/// What is now that was not when the answer was given, in words.
fn lapses(before: &Seen, now: &Seen) -> Vec<String> {
    let mut all = Vec::new();
    all.extend(now.awards.difference(&before.awards).map(|process| format!("a new award: process {process}")));
    for (entry, said) in &now.entries {
        match before.entries.get(entry) {
            None => all.push(format!("a new list entry matches: {entry}")),
            Some(known) if known != said => all.push(format!("a list entry changed: {entry}: {known} → {said}")),
            Some(_) => {}
        }
    }
    all.extend(now.owners.difference(&before.owners).map(|stake| format!("a new owner: {stake}")));
    all
}

/// Begins a run of screenings and returns its number.
pub fn begin(db: &Connection, against: &Against, state: &str, by: &str) -> anyhow::Result<i64> {
    let owners = against.ownership.as_ref().map(|owners| owners.sha256.as_str());
    db.execute(
        "INSERT INTO screening_runs (made, who, program, lists, owners, case_state) VALUES (?, ?, ?, ?, ?, ?)",
        params![clock::now(), by, tendertrace::VERSION, serde_json::to_string(&against.lists)?, owners, state],
    )?;
    Ok(db.last_insert_rowid())
}

/// Writes screenings of a run down.
pub fn write(db: &mut Connection, run: i64, screened: &[(Asked, Screening, Seen)]) -> anyhow::Result<()> {
    let tx = db.transaction()?;
    for (asked, screening, seen) in screened {
        let mut answer = serde_json::to_value(screening)?;
        // What all of a run share stands with the run.
        if let Some(against) = answer["against"].as_object_mut() {
            against.remove("lists");
        }
        let result = serde_json::to_value(screening.result)?;
        tx.prepare_cached("INSERT INTO screenings (run, name, asked, result, answer, seen) VALUES (?, ?, ?, ?, ?, ?)")?.execute(
            params![run, asked.name, serde_json::to_string(asked)?, result.as_str(), answer.to_string(), serde_json::to_string(seen)?],
        )?;
    }
    Ok(tx.commit()?)
}

/// Notes a finished run.
pub fn end(db: &Connection, count: usize, by: &str) -> anyhow::Result<()> {
    super::journal(db, by, "screen", &format!("{count} names"))
}

/// A record as it stands now.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    pub id: i64,
    pub made: String,
    #[serde(skip)]
    pub who: String,
    pub name: String,
    pub asked: Value,
    pub result: String,
    /// clear, hit, not_screenable, open, unsure, lapsed, or superseded by a later screening of the party.
    pub state: String,
    pub lapsed_because: Vec<String>,
    pub decision: Option<Decided>,
    pub answer: Value,
    pub lists: Value,
    pub owners: Option<String>,
    pub case_state: String,
}

/// A person's word on a record.
#[derive(Debug, Clone, Serialize)]
pub struct Decided {
    pub verdict: String,
    pub made: String,
    #[serde(skip)]
    pub who: String,
    pub note: Option<String>,
}

/// Writes a person's word on a record down; a later one stands above it.
pub fn decide(case: &mut Case, id: i64, verdict: &str, by: &str, note: Option<&str>) -> anyhow::Result<()> {
    let known: bool = case.db.query_row("SELECT EXISTS (SELECT 1 FROM screenings WHERE id = ?1)", [id], |row| row.get(0))?;
    if !known {
        bail!("no screening {id}; `tendertrace screenings CASE` lists them");
    }
    // A person's work must outlive a power cut, unlike results that can be computed again.
    case.db.pragma_update(None, "synchronous", "full")?;
    let tx = case.db.transaction()?;
    tx.execute(
        "INSERT INTO screening_decisions (screening, made, who, verdict, note) VALUES (?, ?, ?, ?, ?)",
        params![id, clock::now(), by, verdict, note],
    )?;
    super::journal(&tx, by, "decide screening", &format!("{verdict} {id}"))?;
    Ok(tx.commit()?)
}

/// All records with where they stand now; `db` decides what of the case is seen, `rules` hold its owners and lists.
pub fn records(db: &Connection, rules: &Rulebook, against: &Against) -> anyhow::Result<Vec<Record>> {
    let mut decided = decisions(db)?;
    let mut query = db.prepare(
        "SELECT s.id, r.made, r.who, s.name, s.asked, s.result, s.answer, s.seen, r.lists, r.owners, r.case_state,
             s.id < (SELECT max(l.id) FROM screenings l WHERE l.asked = s.asked)
         FROM screenings s JOIN screening_runs r ON r.id = s.run ORDER BY s.id",
    )?;
    let mut rows = query.query([])?;
    let mut all: Vec<(Record, Seen, Asked)> = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let parsed = |at: usize| -> anyhow::Result<Value> { Ok(serde_json::from_str(row.get_ref(at)?.as_str()?)?) };
        let (asked, seen) = (serde_json::from_str(row.get_ref(4)?.as_str()?)?, serde_json::from_str(row.get_ref(7)?.as_str()?)?);
        let (decision, superseded) = (decided.remove(&id), row.get(11)?);
        let result: String = row.get(5)?;
        let record = Record {
            id,
            made: row.get(1)?,
            who: row.get(2)?,
            name: row.get(3)?,
            asked: parsed(4)?,
            state: standing(&result, decision.as_ref(), superseded).to_string(),
            result,
            lapsed_because: Vec::new(),
            decision,
            answer: parsed(6)?,
            lists: parsed(8)?,
            owners: row.get(9)?,
            case_state: row.get(10)?,
        };
        all.push((record, seen, asked));
    }
    let cleared = all.iter_mut().filter(|(record, ..)| record.state == "clear").collect::<Vec<_>>();
    if !cleared.is_empty() {
        judge(cleared, db, rules, against)?;
    }
    Ok(all.into_iter().map(|(record, ..)| record).collect())
}

fn standing(result: &str, decision: Option<&Decided>, superseded: bool) -> &'static str {
    match (superseded, decision.map(|d| d.verdict.as_str()), result) {
        (true, ..) => "superseded",
        (_, Some("clear"), _) => "clear",
        (_, Some("hit"), _) => "hit",
        (_, Some(_), _) => "unsure",
        (_, None, "clear") => "clear",
        (_, None, "not_screenable") => "not_screenable",
        (_, None, _) => "open",
    }
}

/// Screens what was cleared again.
fn judge(cleared: Vec<&mut (Record, Seen, Asked)>, db: &Connection, rules: &Rulebook, against: &Against) -> anyhow::Result<()> {
    let parties = Parties::of(db, rules)?;
    let asked: Vec<Asked> = cleared.iter().map(|(.., asked)| asked.clone()).collect();
    let answers: Vec<Screening> = asked.par_iter().map(|asked| screen::screen_party(asked, against, rules)).collect();
    for ((record, before, asked), mut screening) in cleared.into_iter().zip(answers) {
        let coverage = parties.coverage(asked, db, rules)?;
        parties.hear(&mut screening, &coverage);
        record.lapsed_because = lapses(before, &seen(&screening, asked, &coverage, rules));
        if !record.lapsed_because.is_empty() {
            record.state = "lapsed".to_string();
        }
    }
    Ok(())
}

fn decisions(db: &Connection) -> anyhow::Result<HashMap<i64, Decided>> {
    let mut query = db.prepare("SELECT screening, verdict, made, who, note FROM screening_decisions ORDER BY id")?;
    let rows = query
        .query_map([], |row| Ok((row.get(0)?, Decided { verdict: row.get(1)?, made: row.get(2)?, who: row.get(3)?, note: row.get(4)? })))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
