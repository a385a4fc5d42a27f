//! Is this capture new to the case? If so it is put into the originals and on the disk before
//! anything reads it, and only then into the database.
//!
//! The same bytes are one original, from however many addresses they came; each address is one
//! capture of it. The same bytes from the same address again change nothing.

use super::segments::{self, Place, Segments};
use super::warc::{self, Head, Kind, Record};
use super::{Case, clock, flat};
use anyhow::Context as _;
use rayon::prelude::*;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::{BTreeMap, HashMap, HashSet};
use tendertrace::model::{Access, Capture, sha256_hex};

/// An original that waits to be examined, with the capture that speaks for it.
pub struct Pending {
    pub original: i64,
    /// Id of the capture that speaks for it.
    pub speaker: i64,
    pub capture: Capture,
}

/// What became of a batch of captures.
#[derive(Default)]
pub struct Archived {
    /// Captures that were new.
    pub new: usize,
    /// Originals to examine, in order of arrival.
    pub pending: Vec<Pending>,
}

struct Arrival {
    capture: Capture,
    head: Head,
    /// `None`: the bytes are new. Else the head of the record that holds them.
    holder: Option<Head>,
}

/// Archives what is new of `batch`, in its order.
pub fn archive(case: &mut Case, batch: Vec<Capture>) -> anyhow::Result<Archived> {
    let now = clock::now();
    let sorted = sort(&case.db, batch, &now)?;
    let members: Vec<Vec<u8>> = sorted.new.par_iter().map(member).collect();
    let places = append(case.segments()?, &members, &now)?;
    let protected: Vec<Vec<u8>> = sorted.protected.iter().map(|(_, sha256, head)| warc::metadata(sha256, head)).collect();
    append(case.segments()?, &protected, &now)?;
    let mut archived = Archived { new: sorted.new.len(), ..Archived::default() };
    let tx = case.db.transaction()?;
    for (capture, _, head) in &sorted.protected {
        protect(&tx, *capture, head)?;
    }
    for (Arrival { capture, head, .. }, place) in sorted.new.into_iter().zip(places) {
        let (original, speaker) = index(&tx, &capture.sha256, capture.bytes.len(), &head, place)?;
        if let Some(speaker) = speaker {
            archived.pending.push(Pending { original, speaker, capture: Capture { imported: Some(head.imported), ..capture } });
        }
    }
    tx.commit()?;
    Ok(archived)
}

/// Takes in what a killed run had archived but not yet entered into the database; returns messages.
pub fn recover(case: &mut Case) -> anyhow::Result<Vec<String>> {
    let committed = committed(&case.db)?;
    let tx = case.db.transaction()?;
    let mut lost = 0;
    let mut recovery = segments::recover(&case.folder.join("originals"), &case.folder.join("cut"), &committed, |place, record| {
        lost += usize::from(!reindex(&tx, place, record)?);
        Ok(())
    })?;
    tx.commit()?;
    if lost > 0 {
        recovery.messages.push(format!("{lost} archived records refer to originals that are not there; read their inputs again"));
    }
    case.writing.as_mut().context("the case is open for reading only")?.segments =
        Some(Segments::open(&case.folder.join("originals"), recovery.next, segments::SEGMENT_BYTES)?);
    Ok(recovery.messages)
}

/// The bytes of an original, from its segment, with the hash they have now.
pub fn bytes(folder: &std::path::Path, place: Place) -> anyhow::Result<(Vec<u8>, String)> {
    let record = segments::read(&folder.join("originals"), place)?;
    let sha256 = sha256_hex(&record.bytes);
    Ok((record.bytes, sha256))
}

/// Up to `limit` originals behind `after` that were not examined with these rules, from the segments.
/// Those whose bytes cannot be had are messages.
pub fn pending(case: &Case, state: &str, after: i64, limit: usize) -> anyhow::Result<(Vec<Result<Pending, String>>, i64)> {
    let mut query = case.db.prepare_cached(
        "SELECT o.id, o.sha256, o.segment, o.offset, o.length, c.head, c.id FROM originals o JOIN captures c ON c.id = o.capture
         WHERE o.id > ?1 AND o.examined_with IS NOT ?2 ORDER BY o.id LIMIT ?3",
    )?;
    let mut rows = query.query(params![after, state, limit as i64])?;
    let (mut found, mut last) = (Vec::new(), after);
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        let (sha256, head): (String, String) = (row.get(1)?, row.get(5)?);
        let place = Place::from_row(row, 2)?;
        found.push((last, row.get(6)?, sha256, place, serde_json::from_str::<Head>(&head)?));
    }
    let folder = case.folder.as_path();
    Ok((found.into_par_iter().map(|one| load(folder, one)).collect(), last))
}

/// One original with the capture that speaks for it.
pub fn original(folder: &std::path::Path, db: &Connection, id: i64) -> anyhow::Result<Capture> {
    let sql =
        "SELECT o.sha256, o.segment, o.offset, o.length, c.head, c.id FROM originals o JOIN captures c ON c.id = o.capture WHERE o.id = ?1";
    let (sha256, place, head, speaker): (String, Place, String, i64) = db
        .query_row(sql, [id], |row| Ok((row.get(0)?, Place::from_row(row, 1)?, row.get(4)?, row.get(5)?)))
        .with_context(|| format!("original {id}"))?;
    let found = (id, speaker, sha256, place, serde_json::from_str::<Head>(&head)?);
    load(folder, found).map(|pending| pending.capture).map_err(anyhow::Error::msg)
}

type Found = (i64, i64, String, Place, Head);

fn load(folder: &std::path::Path, (original, speaker, sha256, place, head): Found) -> Result<Pending, String> {
    match bytes(folder, place) {
        Ok((bytes, now)) if now == sha256 => Ok(Pending { original, speaker, capture: head.capture(sha256, bytes) }),
        Ok(_) => Err(format!(
            "the bytes at {} byte {} no longer have the hash {sha256}: put that file back from a backup",
            segments::name(place.segment),
            place.offset
        )),
        Err(error) => Err(format!("{error:#}: put that file back from a backup, or give the page as an input again")),
    }
}

/// A batch, told apart.
#[derive(Default)]
struct Sorted {
    new: Vec<Arrival>,
    /// Known captures whose access becomes stricter: id, hash, head from now on.
    protected: Vec<(i64, String, Head)>,
}

fn sort(db: &Connection, batch: Vec<Capture>, now: &str) -> anyhow::Result<Sorted> {
    let mut sorted = Sorted::default();
    let mut seen = HashSet::new();
    let mut holders: HashMap<String, Head> = HashMap::new();
    for capture in batch {
        if !seen.insert((capture.sha256.clone(), capture.url.clone())) {
            continue;
        }
        if let Some((id, head)) = known_capture(db, &capture.sha256, capture.url.as_deref())? {
            if is_stricter(capture.access, head.access) {
                sorted.protected.push((id, capture.sha256, Head { access: capture.access, ..head }));
            }
            continue;
        }
        let head = Head::of(&capture, now);
        let holder = match holders.get(&capture.sha256) {
            Some(holder) => Some(holder.clone()),
            None => stored_holder(db, &capture.sha256)?,
        };
        if holder.is_none() {
            holders.insert(capture.sha256.clone(), head.clone());
        }
        sorted.new.push(Arrival { capture, head, holder });
    }
    Ok(sorted)
}

fn known_capture(db: &Connection, sha256: &str, url: Option<&str>) -> anyhow::Result<Option<(i64, Head)>> {
    let mut query = db.prepare_cached(
        "SELECT c.id, c.head FROM captures c JOIN originals o ON o.id = c.original WHERE o.sha256 = ?1 AND ifnull(c.url, '') = ?2",
    )?;
    let row = query.query_row(params![sha256, url.unwrap_or_default()], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)));
    row.optional()?.map(|(id, head)| Ok((id, serde_json::from_str(&head)?))).transpose()
}

/// Access may become stricter by naming a capture again, never laxer.
pub fn is_stricter(wanted: Access, now: Access) -> bool {
    wanted as u8 > now as u8
}

fn protect(db: &Connection, capture: i64, head: &Head) -> anyhow::Result<()> {
    let name = flat::access_name(head.access);
    db.execute("UPDATE captures SET access = ?2, head = ?3 WHERE id = ?1", params![capture, name, serde_json::to_string(head)?])?;
    // Another capture of the same bytes may be the one to speak for them now.
    db.execute(
        "UPDATE originals SET examined_with = NULL, capture = (SELECT c.id FROM captures c WHERE c.original = originals.id
             ORDER BY c.access = 'confidential', c.access = 'restricted', c.url IS NULL, c.id LIMIT 1)
         WHERE id = (SELECT original FROM captures WHERE id = ?1)",
        [capture],
    )?;
    super::journal(db, "tendertrace", "access", &format!("capture {capture} is {name} from now on"))
}

fn stored_holder(db: &Connection, sha256: &str) -> anyhow::Result<Option<Head>> {
    let mut query =
        db.prepare_cached("SELECT c.head FROM originals o JOIN captures c ON c.original = o.id WHERE o.sha256 = ?1 ORDER BY c.id LIMIT 1")?;
    let head: Option<String> = query.query_row([sha256], |row| row.get(0)).optional()?;
    Ok(head.map(|json| serde_json::from_str(&json)).transpose()?)
}

fn member(arrival: &Arrival) -> Vec<u8> {
    match &arrival.holder {
        None => warc::resource(&arrival.capture.sha256, &arrival.head, &arrival.capture.bytes),
        Some(holder) => warc::revisit(&arrival.capture.sha256, &arrival.head, holder),
    }
}

fn append(segments: &mut Segments, members: &[Vec<u8>], now: &str) -> anyhow::Result<Vec<Place>> {
    let places = members.iter().map(|member| segments.append(member, now)).collect::<anyhow::Result<_>>()?;
    segments.sync()?;
    Ok(places)
}

/// Enters one archived capture; returns its original, and the capture's id if it speaks for it now.
fn index(db: &Connection, sha256: &str, bytes: usize, head: &Head, place: Place) -> anyhow::Result<(i64, Option<i64>)> {
    let mut original =
        db.prepare_cached("INSERT OR IGNORE INTO originals (sha256, bytes, segment, offset, length) VALUES (?, ?, ?, ?, ?)")?;
    original.execute(params![sha256, bytes as i64, place.segment, place.offset as i64, place.length as i64])?;
    let original: i64 = db.prepare_cached("SELECT id FROM originals WHERE sha256 = ?")?.query_row([sha256], |row| row.get(0))?;
    let mut capture = db.prepare_cached(
        "INSERT INTO captures (original, url, site, title, published, fetched, imported, archive_url, media_type, access, head, segment, offset, length)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    capture.execute(params![
        original,
        head.url,
        head.url.as_deref().and_then(flat::site),
        head.title,
        head.published,
        head.fetched,
        head.imported,
        head.archive_url,
        head.media_type,
        flat::access_name(head.access),
        serde_json::to_string(head)?,
        place.segment,
        place.offset as i64,
        place.length as i64,
    ])?;
    let capture = db.last_insert_rowid();
    Ok((original, speaks(db, original, capture)?.then_some(capture)))
}

/// The most public capture speaks for an original; among those one with an address; among those the first.
fn speaks(db: &Connection, original: i64, capture: i64) -> anyhow::Result<bool> {
    let mut best = db.prepare_cached(
        "SELECT id FROM captures WHERE original = ?1 ORDER BY access = 'confidential', access = 'restricted', url IS NULL, id LIMIT 1",
    )?;
    let best: i64 = best.query_row([original], |row| row.get(0))?;
    if best == capture {
        db.prepare_cached("UPDATE originals SET capture = ?2, examined_with = NULL WHERE id = ?1")?.execute([original, capture])?;
    }
    Ok(best == capture)
}

fn committed(db: &Connection) -> anyhow::Result<BTreeMap<u32, u64>> {
    let mut query = db.prepare("SELECT segment, max(offset + length) FROM captures GROUP BY segment")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Enters a record found behind what the database knew; false where its bytes are nowhere.
fn reindex(db: &Connection, place: Place, record: Record) -> anyhow::Result<bool> {
    let Record { kind, sha256, head, bytes } = record;
    if kind == Kind::Other {
        return Ok(true);
    }
    match (kind, known_capture(db, &sha256, head.url.as_deref())?) {
        (Kind::Metadata, Some((id, known))) if is_stricter(head.access, known.access) => protect(db, id, &head).map(|()| true),
        (_, Some(_)) => Ok(true),
        (Kind::Resource, None) if sha256_hex(&bytes) == sha256 => index(db, &sha256, bytes.len(), &head, place).map(|_| true),
        (Kind::Revisit, None) if stored_holder(db, &sha256)?.is_some() => index(db, &sha256, 0, &head, place).map(|_| true),
        _ => Ok(false),
    }
}
