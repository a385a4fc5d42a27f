//! How is text found again? `CASE/search.db`: SQLite's full-text index over our own tokens (`query`),
//! with what a search narrows by beside them. It can be deleted at any time and is made again from the
//! originals. Contacts are withheld before anything is indexed: nobody finds a person here.
//!
//! A notice stands in it under its *place*: its day and its id in one number, so that the newest of a
//! million hits are read first and the rest need not be read at all.

use super::query::{signs, tokens};
use super::{archive, told};
use anyhow::Context as _;
use flate2::{Compression, write::DeflateEncoder};
use rayon::prelude::*;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::Duration;
use tendertrace::model::{Capture, Part};
use tendertrace::report::mask;
use tendertrace::rulebook::Rulebook;

/// Name of the file in the case folder.
pub const FILE: &str = "search.db";
/// Raised when tokens or tables change: an older index is made anew.
const VERSION: i64 = 3;
const BATCH: usize = 512;

pub const TABLES: &str = "
CREATE TABLE indexed (original INTEGER PRIMARY KEY, examined_with TEXT NOT NULL) STRICT;
CREATE TABLE upto (run INTEGER NOT NULL) STRICT;
CREATE TABLE texts (notice INTEGER PRIMARY KEY, place INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE shown (
    place INTEGER PRIMARY KEY, stage TEXT, kind TEXT, region TEXT, year TEXT, currency TEXT, total INTEGER, purposes TEXT NOT NULL,
    findings TEXT NOT NULL, title TEXT NOT NULL
) STRICT;
CREATE TABLE blocks (first INTEGER PRIMARY KEY, rows BLOB NOT NULL) STRICT;
CREATE TABLE told (number INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
CREATE VIRTUAL TABLE words USING fts5 (title, buyer, seller, body, tags, content = '', contentless_delete = 1, tokenize = 'ascii');
CREATE VIRTUAL TABLE signs USING fts5 (title, buyer, seller, body, content = '', contentless_delete = 1, detail = column, tokenize = 'ascii');";

/// Bits of a place below its day.
const ID_BITS: u32 = 45;
/// Notices without a day stand before the first that has one.
pub const DATED: i64 = 1 << ID_BITS;

/// The notice at a place.
pub fn notice_at(place: i64) -> i64 {
    place & (DATED - 1)
}

/// Where a notice of that day stands.
pub fn place(notice: i64, day: Option<&str>) -> anyhow::Result<i64> {
    anyhow::ensure!(notice < DATED, "the search index takes no more than 33 million originals");
    let day = day.and_then(|day| day.parse::<jiff::civil::Date>().ok());
    let days = day.map_or(0, |day| i64::from((day - jiff::civil::date(1800, 1, 1)).get_days()).clamp(1, (1 << 18) - 1));
    Ok(days << ID_BITS | notice)
}

/// Brings the index up to what the case has examined; returns how many originals were indexed.
pub fn update(folder: &Path, rules: &Rulebook) -> anyhow::Result<usize> {
    let mut db = open(&folder.join(FILE))?;
    db.execute("ATTACH ?1 AS kase", [folder.join("case.db").to_string_lossy()])?;
    // Only a run changes what is to be indexed: after one that ended nothing need be looked through.
    let run = ended_run(&db)?;
    if run.is_some() && run == db.query_row("SELECT max(run) FROM upto", [], |row| row.get(0))? {
        return Ok(0);
    }
    forget_gone(&db)?;
    let (mut done, mut after) = (0, 0);
    loop {
        let waiting = waiting(&db, after)?;
        if waiting.is_empty() {
            finish(&mut db, run)?;
            return Ok(done);
        }
        after = waiting.last().map_or(after, |(id, _)| *id);
        let kase = super::schema::open_for_reading(&folder.join("case.db"))?;
        let captures: Vec<Capture> = waiting.iter().filter_map(|(id, _)| archive::original(folder, &kase, *id).ok()).collect();
        let read: Vec<Vec<Indexed>> = captures.par_iter().map(|capture| texts(capture, rules)).collect();
        let by_hash = captures.iter().map(|c| c.sha256.as_str()).zip(&read).collect();
        done += write(&mut db, &waiting, &by_hash, rules)?;
    }
}

/// Packs what changed, and notes that all up to the run is indexed.
fn finish(db: &mut Connection, run: Option<i64>) -> anyhow::Result<()> {
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let is_packed: bool = tx.query_row("SELECT EXISTS (SELECT 1 FROM blocks)", [], |row| row.get(0))?;
    if !is_packed {
        told::refresh(&tx)?;
    }
    if let Some(run) = run {
        tx.execute("INSERT INTO upto (run) VALUES (?1)", [run])?;
    }
    Ok(tx.commit()?)
}

/// The last run, if it has ended.
fn ended_run(db: &Connection) -> anyhow::Result<Option<i64>> {
    let sql = "SELECT id FROM kase.runs WHERE id = (SELECT max(id) FROM kase.runs) AND finished IS NOT NULL";
    Ok(db.query_row(sql, [], |row| row.get(0)).optional()?)
}

/// The index beside a case's database, as schema `search`; whether there is one.
pub fn attach(db: &Connection, folder: &Path) -> anyhow::Result<()> {
    let path = folder.join(FILE);
    db.execute("ATTACH ?1 AS search", [path.to_string_lossy()]).with_context(|| format!("opening {}", path.display()))?;
    Ok(())
}

fn open(path: &Path) -> anyhow::Result<Connection> {
    let version = |db: &Connection| db.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
    let db = Connection::open(path).with_context(|| format!("opening {}", path.display()))?;
    if version(&db).is_ok_and(|version| version == VERSION) {
        return prepare(db);
    }
    drop(db);
    for ending in ["", "-wal", "-shm"] {
        std::fs::remove_file(path.with_file_name(format!("{FILE}{ending}"))).ok();
    }
    let db = prepare(Connection::open(path)?)?;
    db.execute_batch(&format!("BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;"))?;
    Ok(db)
}

fn prepare(db: Connection) -> anyhow::Result<Connection> {
    db.busy_timeout(Duration::from_secs(30))?;
    // It can be made again: no need to wait for the disk.
    db.execute_batch("PRAGMA journal_mode = wal; PRAGMA synchronous = off;")?;
    Ok(db)
}

fn forget_gone(db: &Connection) -> anyhow::Result<()> {
    let mut gone = db.prepare("SELECT original FROM indexed WHERE original NOT IN (SELECT id FROM kase.originals)")?;
    let gone: Vec<i64> = gone.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    if !gone.is_empty() {
        told::forget(db)?;
    }
    gone.into_iter().try_for_each(|original| forget(db, original))
}

fn forget(db: &Connection, original: i64) -> anyhow::Result<()> {
    let (first, last) = (super::flat::notice_id(original, 0), super::flat::notice_id(original + 1, 0) - 1);
    let mut places = db.prepare_cached("SELECT place FROM texts WHERE notice BETWEEN ?1 AND ?2")?;
    let places: Vec<i64> = places.query_map([first, last], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for place in places {
        for sql in ["DELETE FROM words WHERE rowid = ?1", "DELETE FROM signs WHERE rowid = ?1", "DELETE FROM shown WHERE place = ?1"] {
            db.prepare_cached(sql)?.execute([place])?;
        }
    }
    db.prepare_cached("DELETE FROM texts WHERE notice BETWEEN ?1 AND ?2")?.execute([first, last])?;
    db.prepare_cached("DELETE FROM indexed WHERE original = ?1")?.execute([original])?;
    Ok(())
}

fn waiting(db: &Connection, after: i64) -> anyhow::Result<Vec<(i64, String)>> {
    // The length of what is known of a capture changes where files are joined to it.
    let sql = "SELECT o.id, o.examined_with || ' ' || o.capture || ' ' || length(c.head) AS state
               FROM kase.originals o JOIN kase.captures c ON c.id = o.capture LEFT JOIN indexed i ON i.original = o.id
               WHERE o.id > ?2 AND o.examined_with IS NOT NULL AND i.examined_with IS NOT state ORDER BY o.id LIMIT ?1";
    let mut query = db.prepare_cached(sql)?;
    let rows = query.query_map([BATCH as i64, after], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A notice's text, ready to be indexed.
struct Indexed {
    part: u32,
    title: String,
    body: String,
    tokens: String,
    signs: String,
}

fn texts(capture: &Capture, rules: &Rulebook) -> Vec<Indexed> {
    if capture.attached_to.is_some() {
        return Vec::new();
    }
    let parts = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| tendertrace::read::read(capture, rules, &crate::fence::budget())));
    parts.unwrap_or_default().iter().map(|part| indexed(part, capture, rules)).collect()
}

fn indexed(part: &Part, capture: &Capture, rules: &Rulebook) -> Indexed {
    let masks = &rules.report.masks;
    let body: Vec<String> = part.documents.iter().map(|d| mask::text(&d.text, masks)).collect();
    let body = body.join("\n\n");
    let title = capture.title.clone().or_else(|| part.documents.first().map(|d| d.title().to_string())).unwrap_or_default();
    Indexed {
        part: part.number,
        title: mask::text(&title, masks),
        tokens: tokens(&body, &rules.folder),
        signs: signs(&body, &rules.folder),
        body,
    }
}

fn write(
    db: &mut Connection,
    waiting: &[(i64, String)],
    read: &std::collections::HashMap<&str, &Vec<Indexed>>,
    rules: &Rulebook,
) -> anyhow::Result<usize> {
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    told::forget(&tx)?;
    let mut all = Vec::new();
    for (original, examined_with) in waiting {
        forget(&tx, *original)?;
        let sha256: String =
            tx.prepare_cached("SELECT sha256 FROM kase.originals WHERE id = ?1")?.query_row([original], |row| row.get(0))?;
        for one in read.get(sha256.as_str()).into_iter().copied().flatten() {
            let notice = super::flat::notice_id(*original, one.part);
            let known = Known::of(&tx, notice)?;
            all.push((place(notice, known.day.as_deref())?, notice, known, one));
        }
        tx.prepare_cached("INSERT INTO indexed (original, examined_with) VALUES (?1, ?2)")?.execute(params![original, examined_with])?;
    }
    // The index writes what it holds whenever a smaller number comes.
    all.sort_by_key(|(place, ..)| *place);
    for (place, notice, known, one) in &all {
        insert(&tx, (*place, *notice), known, one, rules)?;
    }
    tx.commit()?;
    Ok(waiting.len())
}

/// What the case knows of a notice, as far as a search narrows or sorts by it.
#[derive(Default)]
struct Known {
    day: Option<String>,
    stage: Option<String>,
    kind: Option<String>,
    region: Option<String>,
    currency: Option<String>,
    total: Option<i64>,
    purposes: String,
    buyer: Option<String>,
    /// (role, name)
    parties: Vec<(String, String)>,
    /// Brand, usage and strength, each once.
    findings: BTreeSet<[String; 3]>,
}

impl Known {
    fn of(db: &Connection, notice: i64) -> anyhow::Result<Known> {
        let sql = "SELECT event_date, stage, buyer_kind, substr(region_code, 1, 2), total_currency, total_minor, purposes, buyer FROM kase.notices WHERE id = ?1";
        let read = |row: &Row| {
            Ok(Known {
                day: row.get(0)?,
                stage: row.get(1)?,
                kind: row.get(2)?,
                region: row.get(3)?,
                currency: row.get(4)?,
                total: row.get(5)?,
                purposes: row.get(6)?,
                buyer: row.get(7)?,
                ..Known::default()
            })
        };
        let mut known = db.prepare_cached(sql)?.query_row([notice], read).optional()?.unwrap_or_default();
        let mut parties = db.prepare_cached("SELECT DISTINCT role, name FROM kase.parties WHERE notice = ?1")?;
        known.parties = parties.query_map([notice], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let mut findings = db.prepare_cached("SELECT brand, usage, strength FROM kase.findings WHERE notice = ?1")?;
        known.findings = findings.query_map([notice], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?.collect::<Result<_, _>>()?;
        Ok(known)
    }

    fn names(&self, roles: [&str; 2], rules: &Rulebook) -> String {
        let names: BTreeSet<&str> =
            self.parties.iter().filter(|(role, _)| roles.contains(&role.as_str())).map(|(_, name)| name.as_str()).collect();
        names.iter().map(|name| mask::party(name, &rules.report.masks)).collect::<Vec<_>>().join(" . ")
    }

    /// What a filter looks for; a finding once for every choice of brand, usage and strength.
    fn tags(&self) -> String {
        let year = self.day.as_deref().and_then(|day| day.get(..4));
        let plain = [
            ("stage", self.stage.as_deref()),
            ("kind", self.kind.as_deref()),
            ("region", self.region.as_deref()),
            ("year", year),
            ("buyer", self.buyer.as_deref()),
        ];
        let mut tags: BTreeSet<String> = plain.into_iter().filter_map(|(name, value)| Some(tag(&[name, value?]))).collect();
        let purposes: Vec<String> = serde_json::from_str(&self.purposes).unwrap_or_default();
        tags.extend(purposes.iter().map(|purpose| tag(&["purpose", purpose])));
        tags.extend(self.parties.iter().filter(|(role, _)| role == "supplier").map(|(_, name)| tag(&["seller", name])));
        for finding in &self.findings {
            for choice in 0..8 {
                let of = |at: usize| if choice >> at & 1 == 1 { finding[at].as_str() } else { "" };
                tags.insert(tag(&["finding", of(0), of(1), of(2)]));
            }
        }
        tags.into_iter().collect::<Vec<_>>().join(" ")
    }
}

/// A filter's value as a token of the index.
pub fn tag(of: &[&str]) -> String {
    format!("x{}", &tendertrace::model::sha256_hex(of.join("\n").as_bytes())[..14])
}

fn insert(db: &Connection, (place, notice): (i64, i64), known: &Known, one: &Indexed, rules: &Rulebook) -> anyhow::Result<()> {
    let folder = &rules.folder;
    let (buyer, seller) = (known.names(["buyer", "end_user"], rules), known.names(["supplier", "bidder"], rules));
    db.prepare_cached("INSERT INTO words (rowid, title, buyer, seller, body, tags) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
        place,
        tokens(&one.title, folder),
        tokens(&buyer, folder),
        tokens(&seller, folder),
        one.tokens,
        known.tags()
    ])?;
    db.prepare_cached("INSERT INTO signs (rowid, title, buyer, seller, body) VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
        place,
        signs(&one.title, folder),
        signs(&buyer, folder),
        signs(&seller, folder),
        one.signs
    ])?;
    let year = known.day.as_deref().and_then(|day| day.get(..4));
    let findings: Vec<String> = known.findings.iter().map(|finding| finding.join("\t")).collect();
    db.prepare_cached("INSERT INTO shown VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?.execute(params![
        place,
        known.stage,
        known.kind,
        known.region,
        year,
        known.currency,
        known.total,
        known.purposes,
        findings.join("\n"),
        folder.fold(&one.title).text
    ])?;
    db.prepare_cached("INSERT INTO texts (notice, place, body) VALUES (?1, ?2, ?3)")?.execute(params![notice, place, pack(&one.body)?])?;
    Ok(())
}

fn pack(text: &str) -> anyhow::Result<Vec<u8>> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(text.as_bytes())?;
    Ok(deflate.finish()?)
}

/// The text of a notice as indexed, contacts withheld.
pub fn body(db: &Connection, notice: i64) -> anyhow::Result<String> {
    let packed: Vec<u8> = db.prepare_cached("SELECT body FROM search.texts WHERE notice = ?1")?.query_row([notice], |row| row.get(0))?;
    let mut text = String::new();
    flate2::read::DeflateDecoder::new(&packed[..]).read_to_string(&mut text)?;
    Ok(text)
}
