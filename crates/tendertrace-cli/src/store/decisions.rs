//! What did a person decide? A decision holds on to (capture hash, part, brand, lot, quote): never
//! to a rule or a usage, so that it outlives new rules. Nothing is overwritten: a later decision
//! stands above the earlier one, and one whose finding changed or vanished is shown for review.

use super::{Case, clock};
use anyhow::bail;
use rusqlite::{Connection, Row, params};

/// A decision as it is made.
#[derive(Debug, Clone)]
pub struct Decision<'a> {
    pub verdict: &'a str,
    pub by: &'a str,
    pub note: Option<&'a str>,
    /// `field=value` as the person states it.
    pub correction: Option<&'a str>,
}

/// A finding in brief, for lists and messages.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Brief {
    pub finding: String,
    pub sentence: String,
    pub strength: String,
    pub brand: String,
    pub buyer: Option<String>,
    pub quote: Option<String>,
    pub decision: String,
}

/// An earlier decision whose finding is no longer what it was.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Stale {
    pub state: String,
    pub verdict: String,
    pub who: String,
    pub made: String,
    pub finding: String,
    pub finding_now: Option<String>,
    pub brand: String,
    pub quote: String,
}

/// The one finding whose id begins with `id`.
pub fn find(db: &Connection, id: &str) -> anyhow::Result<Brief> {
    let mut query = db.prepare(&format!("{BRIEF} WHERE substr(finding, 1, length(?1)) = ?1 ORDER BY finding = ?1 DESC, finding LIMIT 3"))?;
    let found: Vec<Brief> = query.query_map([id], brief)?.collect::<Result<_, _>>()?;
    match &found[..] {
        [] => bail!("no finding begins with {id}; `tendertrace decide CASE` lists them"),
        [one, rest @ ..] if one.finding == id || rest.is_empty() => Ok(one.clone()),
        more => bail!("{id} fits several findings ({} …); give more of the id", more.iter().map(|f| f.finding.as_str()).collect::<Vec<_>>().join(", ")),
    }
}

/// Writes a decision down, with what the finding says now and the quote it rests on.
pub fn decide(case: &mut Case, finding: &str, decision: &Decision) -> anyhow::Result<()> {
    // A person's work must outlive a power cut, unlike results that can be computed again.
    case.db.pragma_update(None, "synchronous", "full")?;
    let tx = case.db.transaction()?;
    let rows = tx.execute(
        r#"INSERT INTO judgements (made, who, verdict, note, correction, sha256, part, brand, lot, doc, start, "end", quote, finding, product, usage, said)
           SELECT ?2, ?3, ?4, ?5, ?6, sha256, part, brand, lot, doc, start, "end", quote, finding, product, usage, said
           FROM finding_keys WHERE finding = ?1 ORDER BY quote_number LIMIT 1"#,
        params![finding, clock::now(), decision.by, decision.verdict, decision.note, decision.correction],
    )?;
    if rows == 0 {
        bail!("finding {finding} has no quote, so no decision can hold on to it: please report this");
    }
    super::journal(&tx, decision.by, "decide", &format!("{} {finding}", decision.verdict))?;
    Ok(tx.commit()?)
}

/// Decisions to look at again, newest first.
pub fn stale(db: &Connection) -> anyhow::Result<Vec<Stale>> {
    let mut query = db.prepare("SELECT state, verdict, who, made, finding, finding_now, brand, quote FROM decisions_to_review ORDER BY id DESC")?;
    let rows = query.query_map([], |row| {
        Ok(Stale {
            state: row.get(0)?,
            verdict: row.get(1)?,
            who: row.get(2)?,
            made: row.get(3)?,
            finding: row.get(4)?,
            finding_now: row.get(5)?,
            brand: row.get(6)?,
            quote: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Findings nobody has decided on, strongest first.
pub fn unreviewed(db: &Connection, limit: usize) -> anyhow::Result<Vec<Brief>> {
    let order = "ORDER BY CASE strength WHEN 'strong' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END, finding LIMIT ?1";
    let mut query = db.prepare(&format!("{BRIEF} WHERE decision <> 'accept' AND decision <> 'reject' AND decision <> 'correct' {order}"))?;
    let rows = query.query_map([limit as i64], brief)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Decisions that stand, as (finding, verdict).
pub fn standing(db: &Connection) -> anyhow::Result<Vec<(String, String)>> {
    let mut query = db.prepare("SELECT finding_now, verdict FROM decisions WHERE state = 'stands' ORDER BY finding_now")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

const BRIEF: &str = "SELECT finding, sentence, strength, brand, buyer, quote, decision FROM evidence";

fn brief(row: &Row) -> rusqlite::Result<Brief> {
    Ok(Brief {
        finding: row.get(0)?,
        sentence: row.get(1)?,
        strength: row.get(2)?,
        brand: row.get(3)?,
        buyer: row.get(4)?,
        quote: row.get(5)?,
        decision: row.get(6)?,
    })
}
