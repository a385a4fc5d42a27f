//! What did a person decide? A decision holds on to (capture hash, part, brand, lot, quote): never
//! to a rule or a usage, so that it outlives new rules. Nothing is overwritten: a later decision
//! stands above the earlier one, and one whose finding changed or vanished is shown for review.

use super::{Case, clock};
use anyhow::bail;
use rusqlite::{Connection, Row, params};
use std::collections::{BTreeMap, HashMap};

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
    let mut query =
        db.prepare(&format!("{BRIEF} WHERE finding >= ?1 AND finding < ?1 || 'g' ORDER BY finding = ?1 DESC, finding LIMIT 3"))?;
    let found: Vec<Brief> = query.query_map([id], brief)?.collect::<Result<_, _>>()?;
    match &found[..] {
        [] => bail!("no finding begins with {id}; `tendertrace decide CASE` lists them"),
        [one, rest @ ..] if one.finding == id || rest.is_empty() => Ok(one.clone()),
        more => bail!(
            "{id} fits several findings ({} …); give more of the id",
            more.iter().map(|f| f.finding.as_str()).collect::<Vec<_>>().join(", ")
        ),
    }
}

/// Writes a decision down, with what the finding says now and the quote it rests on.
pub fn decide(case: &mut Case, finding: &str, decision: &Decision) -> anyhow::Result<()> {
    // A person's work must outlive a power cut, unlike results that can be computed again.
    case.db.pragma_update(None, "synchronous", "full")?;
    let tx = case.db.transaction()?;
    write(&tx, finding, decision)?;
    Ok(tx.commit()?)
}

/// The same within a transaction; returns the decision's number.
pub fn write(db: &Connection, finding: &str, decision: &Decision) -> anyhow::Result<i64> {
    let rows = db.execute(
        r#"INSERT INTO judgements (made, who, verdict, note, correction, sha256, part, brand, lot, doc, start, "end", quote, finding, product, usage, said)
           SELECT ?2, ?3, ?4, ?5, ?6, sha256, part, brand, lot, doc, start, "end", quote, finding, product, usage, said
           FROM finding_keys WHERE finding = ?1 ORDER BY quote_number LIMIT 1"#,
        params![finding, clock::now(), decision.by, decision.verdict, decision.note, decision.correction],
    )?;
    if rows == 0 {
        bail!("finding {finding} has no quote, so no decision can hold on to it: please report this");
    }
    let number = db.last_insert_rowid();
    super::journal(db, decision.by, "decide", &format!("{} {finding}", decision.verdict))?;
    Ok(number)
}

/// Takes a decision back: it stays in the journal, and the one before it stands again.
pub fn undo(case: &mut Case, judgement: i64, by: &str) -> anyhow::Result<()> {
    case.db.pragma_update(None, "synchronous", "full")?;
    let tx = case.db.transaction()?;
    let rows = tx.execute(
        "INSERT OR IGNORE INTO undone (judgement, at, who) SELECT id, ?2, ?3 FROM judgements WHERE id = ?1",
        params![judgement, clock::now(), by],
    )?;
    if rows == 0 {
        bail!("decision {judgement} does not exist or was taken back before");
    }
    super::journal(&tx, by, "undo", &format!("decision {judgement}"))?;
    Ok(tx.commit()?)
}

/// What stands of people's decisions, by notice and number of the finding, as `evidence` says it.
pub fn by_place(db: &Connection) -> anyhow::Result<HashMap<(u64, u64), String>> {
    let sql = "SELECT f.notice, f.n, CASE WHEN d.state = 'stands' THEN d.verdict ELSE 'look again' END
        FROM decisions d CROSS JOIN findings f ON f.id = d.finding_now WHERE d.state IN ('stands', 'changed')";
    let mut query = db.prepare_cached(sql)?;
    let rows = query.query_map([], |row| Ok(((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64), row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// By how many people a finding is accepted as it is now, each by their last word; none that somebody's last
/// word rejects or corrects.
pub fn acceptances(db: &Connection) -> anyhow::Result<BTreeMap<String, usize>> {
    let mut query = db.prepare(
        r#"SELECT finding, sum(verdict = 'accept') FROM (
               SELECT k.finding, j.verdict, row_number() OVER (PARTITION BY k.finding, j.who ORDER BY j.id DESC) AS age
               FROM judgements j JOIN finding_keys k ON k.sha256 = j.sha256 AND k.part = j.part AND k.brand = j.brand AND k.lot IS j.lot
                   AND k.doc = j.doc AND k.start = j.start AND k."end" = j."end" AND k.said = j.said
               WHERE j.verdict <> 'note' AND j.id NOT IN (SELECT judgement FROM undone))
           WHERE age = 1 GROUP BY finding HAVING sum(verdict IN ('reject', 'correct')) = 0 AND sum(verdict = 'accept') > 0"#,
    )?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as usize)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A decision or remark as it was made, for whoever decides next.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Made {
    pub id: i64,
    pub made: String,
    pub who: String,
    pub verdict: String,
    pub note: Option<String>,
    pub correction: Option<String>,
    pub undone: bool,
}

/// Everything people said of a finding, newest first.
pub fn history(db: &Connection, finding: &str) -> anyhow::Result<Vec<Made>> {
    let mut query = db.prepare(
        r#"SELECT j.id, j.made, j.who, j.verdict, j.note, j.correction, j.id IN (SELECT judgement FROM undone) FROM judgements j
           WHERE EXISTS (SELECT 1 FROM finding_keys k WHERE k.finding = ?1 AND k.sha256 = j.sha256 AND k.part = j.part AND k.brand = j.brand AND k.lot IS j.lot
               AND k.product IS j.product AND (k.doc = j.doc AND k.start = j.start AND k."end" = j."end" OR k.quote = j.quote))
           ORDER BY j.id DESC"#,
    )?;
    let rows = query.query_map([finding], |row| {
        Ok(Made {
            id: row.get(0)?,
            made: row.get(1)?,
            who: row.get(2)?,
            verdict: row.get(3)?,
            note: row.get(4)?,
            correction: row.get(5)?,
            undone: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Decisions to look at again, newest first.
pub fn stale(db: &Connection) -> anyhow::Result<Vec<Stale>> {
    let mut query =
        db.prepare("SELECT state, verdict, who, made, finding, finding_now, brand, quote FROM decisions_to_review ORDER BY id DESC")?;
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
    let mut query =
        db.prepare(&format!("{BRIEF} WHERE decision <> 'accept' AND decision <> 'reject' AND decision <> 'correct' {order}"))?;
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

#[cfg(test)]
mod tests {
    use super::super::flat;
    use super::*;
    use rusqlite::params_from_iter;
    use serde_json::{Value, json};
    use tendertrace::model::Access;

    struct Said<'a> {
        id: &'a str,
        product: Option<&'a str>,
        usage: &'a str,
        quote: (usize, &'a str),
    }

    fn case(folder: &std::path::Path) -> Case {
        let (case, _) = Case::write(folder).unwrap();
        case.db.execute("INSERT INTO originals (id, sha256, bytes, segment, offset, length) VALUES (1, 'abc', 1, 1, 0, 1)", []).unwrap();
        let capture = "INSERT INTO captures (id, original, imported, access, head, segment, offset, length) VALUES (1, 1, 'now', 'public', '{}', 1, 0, 1)";
        case.db.execute(capture, []).unwrap();
        case.db.execute("UPDATE originals SET capture = 1", []).unwrap();
        case
    }

    /// What an examination with some rules would leave in the case.
    fn examined(case: &Case, findings: &[Said]) {
        case.db.execute_batch("DELETE FROM quotes; DELETE FROM findings; DELETE FROM notices;").unwrap();
        let finding = |said: &Said| {
            let (start, text) = said.quote;
            json!({
                "id": said.id, "brand": "acme", "product": said.product, "usage": said.usage, "via": "named", "stage": "award", "lot": null,
                "purposes": [], "objections": [], "rules": [], "strength": "weak", "sentence": "s",
                "quotes": [{"text": text, "doc": 0, "start": start, "end": start + text.chars().count()}],
            })
        };
        let findings: Vec<Value> = findings.iter().map(finding).collect();
        let rows = flat::rows(1, 0, Access::Public, &json!({"capture": {}, "notice": {}, "findings": findings}));
        case.db.execute(&flat::NOTICE.insert(), params_from_iter(&rows.notice)).unwrap();
        for (table, rows) in flat::TABLES.iter().zip(&rows.tables) {
            rows.iter().for_each(|row| assert_eq!(case.db.execute(&table.insert(), params_from_iter(row)).unwrap(), 1));
        }
    }

    fn accept(case: &mut Case, finding: &str) {
        decide(case, finding, &Decision { verdict: "accept", by: "eule", note: None, correction: None }).unwrap();
    }

    fn states(case: &Case) -> Vec<(String, String, Option<String>)> {
        let mut query = case.db.prepare("SELECT finding, state, finding_now FROM decisions ORDER BY id").unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }

    const SERVER: Said = Said { id: "f1", product: Some("server"), usage: "awarded", quote: (10, "示例服务器 2台") };
    const DISK: Said = Said { id: "f2", product: Some("disk"), usage: "awarded", quote: (10, "示例服务器 2台") };

    #[test]
    fn a_decision_outlives_rules_and_shows_when_its_finding_changed_or_vanished() {
        let folder = tempfile::tempdir().unwrap();
        let mut case = case(folder.path());
        examined(&case, &[SERVER]);
        accept(&mut case, "f1");
        let state = |expected: &str, now: Option<&str>| [("f1".to_string(), expected.to_string(), now.map(str::to_string))];
        assert_eq!(states(&case), state("stands", Some("f1")));
        examined(&case, &[Said { id: "f9", ..SERVER }]);
        assert_eq!(states(&case), state("stands", Some("f9")), "another id says the same");
        examined(&case, &[Said { usage: "required", ..SERVER }]);
        assert_eq!(states(&case), state("changed", Some("f1")));
        examined(&case, &[Said { quote: (12, SERVER.quote.1), ..SERVER }]);
        assert_eq!(states(&case), state("changed", Some("f1")), "the text moved");
        examined(&case, &[]);
        assert_eq!(states(&case), state("vanished", None));
        assert_eq!(stale(&case.db).unwrap().len(), 1);
        examined(&case, &[SERVER]);
        assert_eq!(states(&case), state("stands", Some("f1")), "and it is back with its finding");
        assert_eq!(standing(&case.db).unwrap(), [("f1".to_string(), "accept".to_string())]);
    }

    #[test]
    fn two_products_in_one_quote_are_decided_apart_and_a_later_word_stands() {
        let folder = tempfile::tempdir().unwrap();
        let mut case = case(folder.path());
        examined(&case, &[SERVER, DISK]);
        accept(&mut case, "f2");
        assert_eq!(unreviewed(&case.db, 9).unwrap().iter().map(|b| b.finding.as_str()).collect::<Vec<_>>(), ["f1"]);
        accept(&mut case, "f1");
        decide(&mut case, "f2", &Decision { verdict: "reject", by: "eule", note: Some("no"), correction: None }).unwrap();
        let mut verdicts = standing(&case.db).unwrap();
        verdicts.sort();
        assert_eq!(verdicts, [("f1".to_string(), "accept".to_string()), ("f2".to_string(), "reject".to_string())]);
        let all: i64 = case.db.query_row("SELECT count(*) FROM judgements", [], |row| row.get(0)).unwrap();
        assert_eq!(all, 3, "nothing is overwritten");
        let newest = history(&case.db, "f2").unwrap()[0].id;
        undo(&mut case, newest, "eule").unwrap();
        assert!(standing(&case.db).unwrap().contains(&("f2".to_string(), "accept".to_string())), "the one before stands again");
        assert!(undo(&mut case, newest, "eule").is_err());
        assert_eq!(history(&case.db, "f2").unwrap().iter().map(|made| made.undone).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn who_changed_their_mind_accepts_no_longer_and_who_objects_is_heard() {
        let folder = tempfile::tempdir().unwrap();
        let mut case = case(folder.path());
        examined(&case, &[SERVER]);
        let mut say = |by: &str, verdict: &str| {
            decide(&mut case, "f1", &Decision { verdict, by, note: None, correction: None }).unwrap();
            acceptances(&case.db).unwrap().get("f1").copied()
        };
        assert_eq!(say("eule", "accept"), Some(1));
        assert_eq!(say("eule", "accept"), Some(1), "one person is one");
        assert_eq!(say("uhu", "accept"), Some(2));
        assert_eq!(say("eule", "unsure"), Some(1), "their last word counts");
        assert_eq!(say("eule", "reject"), None, "somebody objects");
        assert_eq!(say("uhu", "accept"), None, "and nobody else takes that back");
        assert_eq!(say("eule", "accept"), Some(2));
        examined(&case, &[Said { usage: "required", ..SERVER }]);
        assert!(acceptances(&case.db).unwrap().is_empty(), "the finding changed");
    }

    #[test]
    fn a_finding_is_named_by_enough_of_its_id() {
        let folder = tempfile::tempdir().unwrap();
        let case = case(folder.path());
        examined(&case, &[SERVER, DISK]);
        assert_eq!(find(&case.db, "f2").unwrap().finding, "f2");
        assert!(find(&case.db, "f").unwrap_err().to_string().contains("several"));
        assert!(find(&case.db, "x").is_err());
    }
}
