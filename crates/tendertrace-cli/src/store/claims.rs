//! Which sentence may be published, on which findings, and what happened to it since? A claim holds on
//! to its findings as a decision does (capture hash, part, brand, lot, quote, what the finding said),
//! so that it outlives new rules and shows when a finding under it changed. Nothing is overwritten:
//! replies, publication and withdrawal are entries of their own, and each can be taken back.

use super::decisions::{self, Decision};
use super::{Case, clock};
use anyhow::{Context as _, bail};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::collections::BTreeMap;
use tendertrace::report::claims::{Answer, Cited, Claim, Reply, Said, Standing};
use tendertrace::report::html::letter::{self, READERS};

/// What happened to a claim.
#[derive(Debug, Clone)]
pub enum Event<'a> {
    Reply {
        answer: Answer,
        party: Option<&'a str>,
        text: Option<&'a str>,
    },
    Published {
        place: Option<&'a str>,
    },
    Withdrawn {
        finding: Option<&'a str>,
        reason: &'a str,
    },
    /// It was signed by mistake.
    TakenBack {
        reason: Option<&'a str>,
    },
}

/// An entry as it was made.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Made {
    pub id: i64,
    pub who: String,
    pub kind: String,
    pub on: String,
    pub text: Option<String>,
    pub answer: Option<String>,
    pub party: Option<String>,
    /// Number of the finding that was withdrawn.
    pub finding: Option<i64>,
    pub undone: bool,
}

/// A claim with who signed it, and its entries, oldest first.
pub struct Kept {
    pub claim: Claim,
    pub who: String,
    pub events: Vec<Made>,
}

impl Kept {
    /// Whether its signature was taken back.
    pub fn taken_back(&self) -> bool {
        self.events.iter().any(|made| made.kind == "taken_back" && !made.undone)
    }

    /// Where it stands, in two words.
    pub fn state(&self) -> &'static str {
        if self.taken_back() {
            "taken back"
        } else if self.claim.withdrawn.is_some() {
            "withdrawn"
        } else if !self.claim.stands() {
            "look again"
        } else if self.claim.published.is_some() {
            "published"
        } else {
            "signed"
        }
    }
}

/// Signs a sentence over findings that are accepted; returns the claim's number.
pub fn sign(case: &mut Case, sentence: &str, findings: &[String], by: &str) -> anyhow::Result<i64> {
    if sentence.trim().is_empty() || findings.is_empty() {
        bail!("a claim is a sentence and at least one finding that it rests on");
    }
    let mut ids = findings.iter().map(|id| Ok(decisions::find(&case.db, id)?.finding)).collect::<anyhow::Result<Vec<String>>>()?;
    ids.sort();
    ids.dedup();
    for id in &ids {
        must_be_ready(&case.db, id)?;
    }
    case.db.pragma_update(None, "synchronous", "full")?;
    let tx = case.db.transaction()?;
    tx.execute("INSERT INTO claims (made, who, sentence) VALUES (?, ?, ?)", params![clock::now(), by, sentence.trim()])?;
    let claim = tx.last_insert_rowid();
    for (n, id) in ids.iter().enumerate() {
        tx.execute(
            r#"INSERT INTO claim_findings (claim, n, sha256, part, brand, lot, doc, start, "end", quote, finding, product, usage, said)
               SELECT ?2, ?3, sha256, part, brand, lot, doc, start, "end", quote, finding, product, usage, said
               FROM finding_keys WHERE finding = ?1 ORDER BY quote_number LIMIT 1"#,
            params![id, claim, n as i64],
        )?;
    }
    super::journal(&tx, by, "sign", &format!("claim {claim} on {} findings", ids.len()))?;
    tx.commit()?;
    Ok(claim)
}

/// An accepted finding, as it stands on the desk: (id, sentence, buyer, date).
type Accepted = [String; 4];

/// Findings that may stand under a claim, by brand and day.
pub fn ready(db: &Connection, most: usize) -> anyhow::Result<Vec<Accepted>> {
    Ok(accepted(db)?.into_iter().filter(|(_, is_ready)| *is_ready).map(|(row, _)| row).take(most).collect())
}

/// How many accepted findings may not.
pub fn unready(db: &Connection) -> anyhow::Result<usize> {
    Ok(accepted(db)?.iter().filter(|(_, is_ready)| !is_ready).count())
}

/// Accepted findings that may leave, and whether enough people accepted them and none objects.
fn accepted(db: &Connection) -> anyhow::Result<Vec<(Accepted, bool)>> {
    let mut query = db.prepare(
        "SELECT finding, sentence, coalesce(buyer, ''), coalesce(event_date, ''), usage, purposes
         FROM (SELECT DISTINCT finding_now FROM decisions WHERE state = 'stands' AND verdict = 'accept') d
         CROSS JOIN evidence e ON e.finding = d.finding_now
         WHERE access <> 'confidential' AND NOT copy ORDER BY brand, event_date, finding",
    )?;
    let by = decisions::acceptances(db)?;
    let rows = query.query_map([], |row| Ok(([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?], row.get(4)?, row.get(5)?)))?;
    let rows: Vec<(Accepted, String, String)> = rows.collect::<Result<_, _>>()?;
    let marked = |(row, usage, purposes): (Accepted, String, String)| {
        let is_ready = people(&by, &row[0]) >= readers(&usage, &purposes);
        (row, is_ready)
    };
    Ok(rows.into_iter().map(marked).collect())
}

/// How many people must have accepted it.
fn readers(usage: &str, purposes: &str) -> usize {
    let purposes: Vec<String> = serde_json::from_str(purposes).unwrap_or_default();
    if letter::needs_two(usage, &purposes) { READERS } else { 1 }
}

fn people(accepted: &BTreeMap<String, usize>, id: &str) -> usize {
    accepted.get(id).copied().unwrap_or(0)
}

fn must_be_ready(db: &Connection, id: &str) -> anyhow::Result<()> {
    let (decision, usage, purposes, access): (String, String, String, String) =
        db.query_row("SELECT decision, usage, purposes, access FROM evidence WHERE finding = ?1", [id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
    if access == "confidential" {
        bail!("finding {id} rests on a confidential capture: no claim may stand on it");
    }
    if decision != "accept" {
        bail!("finding {id} is not accepted (it is: {decision}); a claim stands on accepted findings only");
    }
    match people(&decisions::acceptances(db)?, id) {
        0 => bail!("people do not agree on finding {id}: somebody rejects or corrects it"),
        n if n < readers(&usage, &purposes) => {
            bail!("finding {id} was accepted by one person; awards, and what is said of ethnicity, need {READERS}")
        }
        _ => Ok(()),
    }
}

/// Writes down what happened to a claim; a withdrawn finding is rejected from then on.
pub fn note(case: &mut Case, claim: i64, on: &str, event: &Event, by: &str) -> anyhow::Result<()> {
    if !is_day(on) {
        bail!("{on} is no day; write it as 2026-01-31");
    }
    let known = one(&case.db, claim)?;
    case.db.pragma_update(None, "synchronous", "full")?;
    let tx = case.db.transaction()?;
    let mut entry = Entry { claim, on, by, ..Entry::default() };
    match event {
        Event::Reply { answer, party, text } => {
            if *answer != Answer::NoReply && text.is_none() {
                bail!("say what they answered");
            }
            entry = Entry { kind: "reply", answer: Some(answer.id()), party: *party, text: *text, ..entry };
        }
        Event::Published { place } => {
            if !known.claim.stands() {
                bail!("claim {claim} does not stand: a finding under it changed or was withdrawn; sign a new one");
            }
            entry = Entry { kind: "published", text: *place, ..entry };
        }
        Event::Withdrawn { finding, reason } => {
            if known.claim.published.is_none() {
                bail!("claim {claim} is not published: take it back instead");
            }
            let (n, judgement) = finding.map(|id| reject(&tx, &known.claim, id, reason, by)).transpose()?.unwrap_or_default();
            entry = Entry { kind: "withdrawn", text: Some(reason), n, judgement, ..entry };
        }
        Event::TakenBack { reason } => {
            if known.claim.published.is_some() {
                bail!("claim {claim} is published: withdraw it with a reason, so that its readers are told");
            }
            entry = Entry { kind: "taken_back", text: *reason, ..entry };
        }
    }
    entry.write(&tx)?;
    Ok(tx.commit()?)
}

#[derive(Default)]
struct Entry<'a> {
    claim: i64,
    on: &'a str,
    by: &'a str,
    kind: &'a str,
    text: Option<&'a str>,
    answer: Option<&'a str>,
    party: Option<&'a str>,
    n: Option<i64>,
    judgement: Option<i64>,
}

impl Entry<'_> {
    fn write(&self, db: &Connection) -> anyhow::Result<()> {
        db.execute(
            r#"INSERT INTO claim_events (claim, made, who, kind, "on", text, answer, party, n, judgement) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"#,
            params![self.claim, clock::now(), self.by, self.kind, self.on, self.text, self.answer, self.party, self.n, self.judgement],
        )?;
        super::journal(db, self.by, self.kind, &format!("claim {}", self.claim))
    }
}

/// A published finding that is no longer said is rejected in the same step: (its number, the decision).
fn reject(db: &Connection, claim: &Claim, id: &str, reason: &str, by: &str) -> anyhow::Result<(Option<i64>, Option<i64>)> {
    let fits = |cited: &Cited| !id.is_empty() && cited.finding.starts_with(id);
    let n = claim.findings.iter().position(fits).with_context(|| format!("claim {} does not rest on a finding {id}", claim.id))?;
    let finding = &claim.findings[n].finding;
    let is_known: bool = db.query_row("SELECT EXISTS (SELECT 1 FROM findings WHERE id = ?1)", [finding], |row| row.get(0))?;
    let note = format!("withdrawn: {reason}");
    let decision = Decision { verdict: "reject", by, note: Some(&note), correction: None };
    let judgement = is_known.then(|| decisions::write(db, finding, &decision)).transpose()?;
    Ok((Some(n as i64), judgement))
}

/// Takes an entry back; with a withdrawal its rejection.
pub fn undo(case: &mut Case, event: i64, by: &str) -> anyhow::Result<()> {
    case.db.pragma_update(None, "synchronous", "full")?;
    let tx = case.db.transaction()?;
    let rows = tx.execute(
        "INSERT OR IGNORE INTO claim_undone (event, at, who) SELECT id, ?2, ?3 FROM claim_events WHERE id = ?1",
        params![event, clock::now(), by],
    )?;
    if rows == 0 {
        bail!("entry {event} does not exist or was taken back before");
    }
    tx.execute(
        "INSERT OR IGNORE INTO undone (judgement, at, who) SELECT judgement, ?2, ?3 FROM claim_events WHERE id = ?1 AND judgement IS NOT NULL",
        params![event, clock::now(), by],
    )?;
    super::journal(&tx, by, "undo", &format!("entry {event} of a claim"))?;
    Ok(tx.commit()?)
}

/// Every claim ever signed, newest first.
pub fn all(db: &Connection) -> anyhow::Result<Vec<Kept>> {
    let mut query = db.prepare("SELECT id, sentence, made, who FROM claims ORDER BY id DESC")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get(3)?)))?;
    let rows: Vec<(i64, String, String, String)> = rows.collect::<Result<_, _>>()?;
    rows.into_iter().map(|(id, sentence, made, who)| kept(db, id, sentence, made.chars().take(DAY).collect(), who)).collect()
}

/// One claim.
pub fn one(db: &Connection, claim: i64) -> anyhow::Result<Kept> {
    let row = db
        .query_row("SELECT sentence, made, who FROM claims WHERE id = ?1", [claim], |row| {
            Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?))
        })
        .optional()?;
    let (sentence, made, who) = row.with_context(|| format!("there is no claim {claim}"))?;
    kept(db, claim, sentence, made.chars().take(DAY).collect(), who)
}

/// Claims for dossiers and letters: signed, not taken back, on no confidential page.
pub fn leaving(db: &Connection) -> anyhow::Result<Vec<Claim>> {
    let mut query = db.prepare(
        "SELECT claim FROM claim_findings c JOIN originals o ON o.sha256 = c.sha256 JOIN notices t ON t.original = o.id WHERE t.access = 'confidential'",
    )?;
    let hidden: Vec<i64> = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut claims: Vec<Kept> = all(db)?;
    claims.retain(|kept| !kept.taken_back() && !hidden.contains(&kept.claim.id));
    claims.reverse();
    Ok(claims.into_iter().map(|kept| kept.claim).collect())
}

const DAY: usize = "2026-01-31".len();

fn kept(db: &Connection, id: i64, sentence: String, signed: String, who: String) -> anyhow::Result<Kept> {
    let events = events(db, id)?;
    let standing: Vec<&Made> = events.iter().filter(|made| !made.undone).collect();
    let said = |made: &Made| Said { on: made.on.clone(), text: made.text.clone().unwrap_or_default() };
    let last = |kind: &str, n: Option<i64>| standing.iter().rfind(|made| made.kind == kind && made.finding == n).map(|made| said(made));
    let replies = standing.iter().filter_map(|made| reply(made)).collect();
    let mut query = db.prepare("SELECT n, coalesce(finding_now, finding), state FROM claimed WHERE claim = ?1 ORDER BY n")?;
    let rows = query.query_map([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let rows: Vec<(i64, String, String)> = rows.collect::<Result<_, _>>()?;
    let cited = |(n, finding, state): (i64, String, String)| {
        let standing = match (last("withdrawn", Some(n)), state.as_str()) {
            (Some(said), _) => Standing::Withdrawn(said),
            (None, "stands") => Standing::Stands,
            (None, _) => Standing::LookAgain,
        };
        Cited { finding, standing }
    };
    let (published, withdrawn) = (last("published", None), last("withdrawn", None));
    let findings = rows.into_iter().map(cited).collect();
    Ok(Kept { claim: Claim { id, sentence, signed, findings, published, withdrawn, replies }, who, events })
}

fn reply(made: &Made) -> Option<Reply> {
    let answer = Answer::ALL.into_iter().find(|answer| made.answer.as_deref() == Some(answer.id()))?;
    Some(Reply { on: made.on.clone(), answer, party: made.party.clone(), text: made.text.clone() })
}

fn events(db: &Connection, claim: i64) -> anyhow::Result<Vec<Made>> {
    let mut query = db.prepare_cached(
        r#"SELECT id, who, kind, "on", text, answer, party, n, id IN (SELECT event FROM claim_undone) FROM claim_events WHERE claim = ?1 ORDER BY id"#,
    )?;
    let rows = query.query_map([claim], made)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn made(row: &Row) -> rusqlite::Result<Made> {
    Ok(Made {
        id: row.get(0)?,
        who: row.get(1)?,
        kind: row.get(2)?,
        on: row.get(3)?,
        text: row.get(4)?,
        answer: row.get(5)?,
        party: row.get(6)?,
        finding: row.get(7)?,
        undone: row.get(8)?,
    })
}

/// Whether a text is a day of the calendar.
pub fn is_day(text: &str) -> bool {
    text.len() == DAY && text.parse::<jiff::civil::Date>().is_ok()
}
