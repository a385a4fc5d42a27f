//! What need not be counted again while the case stands still? Counts over all notices and the order of
//! review, made at the end of a run and thrown away when the next begins: between the two they are
//! counted live, so that nothing stale is ever shown. Nothing in them depends on what people decide.

use super::{columns, counted, questions, schema};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, params};
use tendertrace::report::mask;
use tendertrace::rulebook::Rulebook;
use tendertrace::rulebook::report::Masks;

/// Findings by strength, the strongest first; those of copies are their notice's.
pub const STRENGTHS: &str =
    "SELECT f.strength, count(*) FROM findings f LEFT JOIN joined m ON m.notice = f.notice WHERE coalesce(m.main, f.notice) = f.notice
     GROUP BY 1 ORDER BY CASE f.strength WHEN 'strong' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END";
/// What the program did not understand, most frequent first.
pub const NOT_UNDERSTOOD: &str = "SELECT kind, text, times, notices FROM not_understood LIMIT 60";
/// Brands that the case names.
pub const BRANDS: &str = "SELECT DISTINCT brand FROM findings ORDER BY brand";

/// Which kept counts a connection may be given: those of the whole case, those of the case without confidential
/// captures, or none while a run is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sees {
    Whole,
    Open,
    Nothing,
}

impl Sees {
    pub fn of(db: &Connection) -> anyhow::Result<Sees> {
        let hides: bool = db.query_row("SELECT EXISTS (SELECT 1 FROM temp.sqlite_schema WHERE name = 'notices')", [], |row| row.get(0))?;
        let sees = if hides { Sees::Open } else { Sees::Whole };
        let is_kept = db.query_row("SELECT EXISTS (SELECT 1 FROM kept WHERE sql = ?1)", [sees.key(STRENGTHS)], |row| row.get(0))?;
        Ok(if is_kept { sees } else { Sees::Nothing })
    }

    /// The name under which a count is kept for it.
    pub fn key(self, name: &str) -> String {
        format!("{}{name}", if self == Sees::Open { "open " } else { "" })
    }
}

/// Throws away what a run is about to change.
pub fn forget(db: &Connection) -> anyhow::Result<()> {
    db.execute_batch("DELETE FROM kept; DELETE FROM gravest; DELETE FROM answers;")?;
    columns::forget(db)
}

/// Counts everything anew, at the end of a run; twice where confidential captures are to be hidden from some.
pub fn refresh(db: &Connection, rules: &Rulebook) -> anyhow::Result<()> {
    forget(db)?;
    // How many rows a value has, on a sample: by it SQLite finds the way into every query below and on every page.
    db.execute_batch("PRAGMA analysis_limit = 1000; ANALYZE;")?;
    db.execute(&format!("INSERT INTO gravest (finding) {}", gravest("1")), [grave(rules)])?;
    fill(db, Sees::Whole)?;
    schema::hiding(db, |db| fill(db, Sees::Open))
}

fn fill(db: &Connection, sees: Sees) -> anyhow::Result<()> {
    let questions = questions::all(None)?;
    let funnel = questions.iter().find(|question| question.name == "funnel").map(|question| question.sql.as_str());
    columns::fill(db, sees)?;
    let is_kept =
        |question: &&questions::Question| question.needs.is_empty() && !counted::counts(question) && Some(question.sql.as_str()) != funnel;
    questions.iter().filter(is_kept).try_for_each(|question| keep_answer(db, sees, question))?;
    // What says that everything is kept comes last.
    for sql in funnel.into_iter().chain([NOT_UNDERSTOOD, BRANDS, STRENGTHS]) {
        let rows = serde_json::to_string(&live(db, sql)?)?;
        db.execute("INSERT INTO kept (sql, rows) VALUES (?1, ?2)", params![sees.key(sql), rows])?;
    }
    Ok(())
}

/// Ids of findings that are no copies and fulfil `condition`: awards before tenders, police and prisons
/// (`?1`) before others, strong before weak, new before old.
pub fn gravest(condition: &str) -> String {
    format!(
        "SELECT f.id FROM findings f JOIN notices t ON t.id = f.notice LEFT JOIN joined m ON m.notice = t.id
         WHERE coalesce(m.main, t.id) = t.id AND {condition}
         ORDER BY f.usage <> 'awarded', t.buyer_kind IS NULL OR t.buyer_kind NOT IN (SELECT value FROM json_each(?1)),
             CASE f.strength WHEN 'strong' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END, t.event_date DESC, f.id"
    )
}

/// Kinds of buyers whose purchases weigh most, as the rulebook groups them.
pub fn grave(rules: &Rulebook) -> String {
    serde_json::to_string(&rules.report.words.group("buyer_kind", "security")).unwrap_or_default()
}

/// Rows of a count without parameters: as kept, or counted now.
pub fn rows(db: &Connection, sql: &str) -> anyhow::Result<Vec<Vec<serde_json::Value>>> {
    match kept(db, sql)? {
        Some(rows) => Ok(serde_json::from_str(&rows)?),
        None => live(db, sql),
    }
}

fn kept(db: &Connection, sql: &str) -> anyhow::Result<Option<String>> {
    let sees = Sees::of(db)?;
    if sees == Sees::Nothing {
        return Ok(None);
    }
    Ok(db.query_row("SELECT rows FROM kept WHERE sql = ?1", [sees.key(sql)], |row| row.get(0)).optional()?)
}

/// The steps of the funnel, narrowed or not, if they can be told without counting every row of the case;
/// `sql` is the question's, whose steps were kept when the run ended.
pub fn funnel(db: &Connection, sql: &str, given: questions::Given, masks: &Masks) -> anyhow::Result<Option<Vec<(String, i64)>>> {
    let Some(kept) = kept(db, sql)? else { return Ok(None) };
    let steps = match given.iter().any(|(_, value)| value.is_some()) {
        true => counted::funnel::steps(db, sql, given)?,
        false => {
            let rows: Vec<(String, Option<i64>)> = serde_json::from_str(&kept)?;
            Some(rows.into_iter().map(|(step, n)| (step, n.unwrap_or(0))).collect())
        }
    };
    Ok(steps.map(|steps| steps.into_iter().map(|(step, n)| (mask::text(&step, masks), n)).collect()))
}

/// The first rows of a question that nobody narrowed, as raw values, one more than `most` where there are more.
/// `None` where they were not kept, or where people have said something since.
pub fn answer(db: &Connection, question: &questions::Question, most: usize) -> anyhow::Result<Option<Vec<Vec<Value>>>> {
    let sees = Sees::of(db)?;
    if sees == Sees::Nothing {
        return Ok(None);
    }
    let sql = "SELECT rows FROM answers WHERE question = ?1 AND sql = ?2 AND said = ?3";
    let kept: Option<String> =
        db.query_row(sql, params![sees.key(&question.name), question.sql, said(db)?], |row| row.get(0)).optional()?;
    let Some(kept) = kept else { return Ok(None) };
    let rows: Vec<Vec<serde_json::Value>> = serde_json::from_str(&kept)?;
    // Where there were no more, all of them were kept.
    if rows.len() > ROWS && most > ROWS {
        return Ok(None);
    }
    Ok(Some(rows.into_iter().map(|row| row.into_iter().map(value).collect()).collect()))
}

/// Rows of an answer that are kept, but for one that tells of more.
pub const ROWS: usize = 200;

fn keep_answer(db: &Connection, sees: Sees, question: &questions::Question) -> anyhow::Result<()> {
    let rows = serde_json::to_string(&first(db, &question.sql, ROWS + 1)?)?;
    let insert = "INSERT INTO answers (question, sql, said, rows) VALUES (?1, ?2, ?3, ?4)";
    db.execute(insert, params![sees.key(&question.name), question.sql, said(db)?, rows])?;
    Ok(())
}

/// What people had said: the number of their words of every kind, none of which is ever changed.
fn said(db: &Connection) -> anyhow::Result<String> {
    let tables = ["judgements", "undone", "translations", "untranslated", "samenesses", "unsaid", "claims", "claim_events", "claim_undone"];
    let counts = tables.map(|table| format!("(SELECT count(*) FROM {table})")).join(", ");
    Ok(db.query_row(&format!("SELECT json_array({counts})"), [], |row| row.get(0))?)
}

fn live(db: &Connection, sql: &str) -> anyhow::Result<Vec<Vec<serde_json::Value>>> {
    first(db, sql, usize::MAX)
}

fn first(db: &Connection, sql: &str, most: usize) -> anyhow::Result<Vec<Vec<serde_json::Value>>> {
    let mut query = db.prepare(sql)?;
    let width = query.column_count();
    // Parameters of a question that nobody gave are null.
    let mut rows = query.raw_query();
    let mut out = Vec::new();
    while let Some(row) = if out.len() < most { rows.next()? } else { None } {
        out.push((0..width).map(|at| Ok(plain(row.get(at)?))).collect::<rusqlite::Result<Vec<_>>>()?);
    }
    Ok(out)
}

fn value(plain: serde_json::Value) -> Value {
    match plain {
        serde_json::Value::String(text) => Value::Text(text),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(number) => Value::Integer(number),
            None => Value::Real(number.as_f64().unwrap_or_default()),
        },
        _ => Value::Null,
    }
}

fn plain(value: Value) -> serde_json::Value {
    match value {
        Value::Null | Value::Blob(_) => serde_json::Value::Null,
        Value::Integer(number) => number.into(),
        Value::Real(number) => number.into(),
        Value::Text(text) => text.into(),
    }
}
