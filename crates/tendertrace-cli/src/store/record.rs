//! How does an examination get into the case? Its contract JSON, its rows, and what is needed to
//! screen it again, made on all cores; written by the one writer, a whole original at a time.

use super::archive::Pending;
use super::flat::{self, Row, Rows};
use anyhow::Context as _;
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use rusqlite::{Connection, params, params_from_iter};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::io::{Cursor, Read as _, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tendertrace::assemble::{self, Digest};
use tendertrace::evidence::{Gap, GapKind, Quote, Span};
use tendertrace::model::{Budget, Capture, Examination, Notice, Part};
use tendertrace::rulebook::Rulebook;
use tendertrace::wire;

/// What the rules in use mean for what the case already holds.
pub struct Rules<'a> {
    pub rules: &'a Rulebook,
    /// Originals not examined with exactly this are examined again.
    pub examined_with: String,
    /// Notices not screened with exactly this are screened again.
    pub screened_with: String,
}

/// An original, examined, as the writer needs it.
pub struct Examined {
    pub original: i64,
    speaker: i64,
    pub notices: Vec<Written>,
    /// The program failed on it: what to tell the person.
    pub failure: Option<String>,
}

/// One notice ready to be written.
pub struct Written {
    rows: Rows,
    contract: Vec<u8>,
    model: Vec<u8>,
    digest: Vec<u8>,
}

/// One notice screened again.
pub struct Screened {
    notice: i64,
    hits: Vec<Row>,
    contract: Vec<u8>,
    digest: Vec<u8>,
}

impl<'a> Rules<'a> {
    pub fn new(rules: &'a Rulebook) -> Rules<'a> {
        let hashes = &rules.hashes;
        Rules {
            rules,
            examined_with: state(&[tendertrace::VERSION, &hashes.extraction, &hashes.classification]),
            screened_with: state(&[tendertrace::VERSION, &hashes.lists, &super::lists::fingerprint(rules)]),
        }
    }
}

/// Examines an original; cannot fail, whatever the bytes make the library do.
pub fn examine(pending: &Pending, rules: &Rules, budget: &Budget) -> Examined {
    let capture = &pending.capture;
    let examined = catch_unwind(AssertUnwindSafe(|| tendertrace::examine(capture, rules.rules, budget)));
    let (examinations, failure) = match examined {
        Ok(examinations) => (examinations, None),
        Err(_) => (
            vec![broken(capture)],
            Some(format!(
                "{}: the program failed on this page; it stays archived and is counted as unreadable: please report it",
                name(capture)
            )),
        ),
    };
    let notices = examinations.into_iter().map(|examination| written(pending, examination, rules.rules)).collect();
    Examined { original: pending.original, speaker: pending.speaker, notices, failure }
}

/// Writes originals in one transaction, in place of what was known of them.
pub fn write(db: &mut Connection, examined: &[Examined], rules: &Rules) -> anyhow::Result<()> {
    let tx = db.transaction()?;
    for one in examined {
        forget(&tx, one.original)?;
        for notice in &one.notices {
            insert(&tx, notice)?;
        }
        // Not done if another capture came to speak for it meanwhile: that one is still to come.
        tx.prepare_cached("UPDATE originals SET examined_with = ?2, screened_with = ?3 WHERE id = ?1 AND capture = ?4")?
            .execute(params![one.original, rules.examined_with, rules.screened_with, one.speaker])?;
    }
    Ok(tx.commit()?)
}

/// Up to `limit` originals behind `after` that other lists screened, as (original, its notices).
pub fn to_screen(db: &Connection, rules: &Rules, after: i64, limit: usize) -> anyhow::Result<Vec<i64>> {
    let mut query = db
        .prepare_cached("SELECT id FROM originals WHERE id > ?1 AND examined_with = ?2 AND screened_with IS NOT ?3 ORDER BY id LIMIT ?4")?;
    let ids = query.query_map(params![after, rules.examined_with, rules.screened_with, limit as i64], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Notices of an original as stored.
pub fn stored(db: &Connection, original: i64) -> anyhow::Result<Vec<Stored>> {
    let mut query = db
        .prepare_cached("SELECT notice, contract, notice_model, digest FROM examinations WHERE notice BETWEEN ?1 AND ?2 ORDER BY notice")?;
    let rows = query.query_map(params![first(original), last(original)], |row| {
        Ok(Stored { notice: row.get(0)?, contract: row.get(1)?, notice_model: row.get(2)?, digest: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The packed columns of a stored notice.
pub struct Stored {
    pub notice: i64,
    pub contract: Vec<u8>,
    /// The notice as the library keeps it: what screening needs.
    pub notice_model: Vec<u8>,
    pub digest: Vec<u8>,
}

/// Screens a stored notice against the lists of `rules`.
pub fn screen(stored: &Stored, rules: &Rules) -> anyhow::Result<Screened> {
    let notice: Option<Notice> = unpack(&stored.notice_model).with_context(|| format!("notice {}", stored.notice))?;
    let leads = notice.map_or_else(Vec::new, |notice| tendertrace::screen::leads(&notice, rules.rules));
    let mut contract: Value = unpack(&stored.contract)?;
    contract["leads"] = serde_json::to_value(&leads)?;
    contract["rulebook"] = serde_json::to_value(&rules.rules.hashes)?;
    let mut digest: Digest = unpack(&stored.digest)?;
    digest.leads = leads;
    Ok(Screened {
        notice: stored.notice,
        hits: flat::hits(stored.notice, &contract["leads"]),
        contract: pack(&contract),
        digest: pack(&digest),
    })
}

/// Writes what screening changed, in one transaction.
pub fn write_screened(db: &mut Connection, originals: &[i64], screened: &[Screened], rules: &Rules) -> anyhow::Result<()> {
    let tx = db.transaction()?;
    let table = flat::TABLES.iter().position(|t| t.name == "hits").expect("a table of the case");
    for one in screened {
        tx.prepare_cached("DELETE FROM hits WHERE notice = ?")?.execute([one.notice])?;
        insert_rows(&tx, table, &one.hits)?;
        tx.prepare_cached("UPDATE examinations SET contract = ?2, digest = ?3 WHERE notice = ?1")?.execute(params![
            one.notice,
            one.contract,
            one.digest
        ])?;
    }
    for original in originals {
        tx.prepare_cached("UPDATE originals SET screened_with = ?2 WHERE id = ?1")?.execute(params![original, rules.screened_with])?;
    }
    Ok(tx.commit()?)
}

/// Calls `take` with the contract JSON of every notice, in the order of arrival.
pub fn each_contract(db: &Connection, with: &str, mut take: impl FnMut(i64, Value) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut query = db.prepare(&format!(
        "SELECT e.notice, e.contract FROM examinations e JOIN notices t ON t.id = e.notice WHERE {with} ORDER BY e.notice"
    ))?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        take(row.get(0)?, unpack(&row.get::<_, Vec<u8>>(1)?)?)?;
    }
    Ok(())
}

/// What a capture is called in messages.
pub fn name(capture: &Capture) -> String {
    let known = capture.url.as_deref().or(capture.title.as_deref()).or(capture.file_name.as_deref());
    known.map_or_else(|| format!("sha256 {}", capture.sha256), str::to_string)
}

fn written(pending: &Pending, examination: Examination, rules: &Rulebook) -> Written {
    let contract = wire::examination(&examination, &rules.hashes);
    let rows = flat::rows(pending.original, examination.capture.part, pending.capture.access, &contract);
    let digest = pack(&assemble::digest(&examination, rules));
    Written { rows, contract: pack(&contract), model: pack(&examination.notice), digest }
}

fn broken(capture: &Capture) -> Examination {
    let text = "the program failed on these bytes".to_string();
    let gap = Gap { kind: GapKind::BrokenPart, at: Quote { text, at: Span::new(0, 0, 0) }, note: String::new() };
    let part = Part { media_type: capture.media_type.clone().unwrap_or_default(), ..Part::default() };
    Examination {
        capture: capture.head(&part),
        documents: Vec::new(),
        notice: None,
        findings: Vec::new(),
        leads: Vec::new(),
        gaps: vec![gap],
    }
}

fn forget(db: &Connection, original: i64) -> anyhow::Result<()> {
    let tables = flat::TABLES.iter().map(|t| (t.name, "notice")).chain([("examinations", "notice"), ("notices", "id")]);
    for (table, key) in tables {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE {key} BETWEEN ?1 AND ?2"))?
            .execute(params![first(original), last(original)])?;
    }
    Ok(())
}

fn insert(db: &Connection, notice: &Written) -> anyhow::Result<()> {
    db.prepare_cached(&flat::NOTICE.insert())?.execute(params_from_iter(&notice.rows.notice))?;
    for (table, rows) in notice.rows.tables.iter().enumerate() {
        insert_rows(db, table, rows)?;
    }
    db.prepare_cached("INSERT INTO examinations (notice, contract, notice_model, digest) VALUES (?, ?, ?, ?)")?.execute(params![
        notice.rows.notice[0],
        notice.contract,
        notice.model,
        notice.digest
    ])?;
    Ok(())
}

fn insert_rows(db: &Connection, table: usize, rows: &[Row]) -> anyhow::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut insert = db.prepare_cached(&flat::TABLES[table].insert())?;
    for row in rows {
        insert.execute(params_from_iter(row)).with_context(|| format!("a row of {}", flat::TABLES[table].name))?;
    }
    Ok(())
}

fn first(original: i64) -> i64 {
    flat::notice_id(original, 0)
}

fn last(original: i64) -> i64 {
    original * flat::PARTS + flat::PARTS - 1
}

pub fn state(of: &[&str]) -> String {
    tendertrace::model::sha256_hex(of.join("\n").as_bytes())[..16].to_string()
}

/// The packed form of a column (deflated JSON).
pub fn pack(value: &impl Serialize) -> Vec<u8> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
    serde_json::to_writer(&mut deflate, value).expect("plain data into memory");
    deflate.flush().and_then(|()| deflate.finish()).expect("plain data into memory")
}

/// The value behind a packed column (deflated JSON).
pub fn unpack<T: DeserializeOwned>(packed: &[u8]) -> anyhow::Result<T> {
    Unpacker::default().unpack(packed)
}

/// Unpacks many columns with one set of buffers: their own for each would leave holes between the
/// values that stay, and a case of many notices would hold several times what it needs.
pub struct Unpacker {
    decoder: DeflateDecoder<Cursor<Vec<u8>>>,
    json: Vec<u8>,
}

impl Default for Unpacker {
    fn default() -> Unpacker {
        Unpacker { decoder: DeflateDecoder::new(Cursor::default()), json: Vec::new() }
    }
}

impl Unpacker {
    pub fn unpack<T: DeserializeOwned>(&mut self, packed: &[u8]) -> anyhow::Result<T> {
        let mut bytes = std::mem::take(self.decoder.get_mut().get_mut());
        bytes.clear();
        bytes.extend_from_slice(packed);
        self.decoder.reset(Cursor::new(bytes));
        self.json.clear();
        self.decoder.read_to_end(&mut self.json).context("unpacking a column of the case")?;
        serde_json::from_slice(&self.json).context("a packed column of the case does not parse")
    }
}
