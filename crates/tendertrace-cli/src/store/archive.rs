//! Is this capture new to the case? If so it is put into the originals and on the disk before
//! anything reads it, and only then into the database.
//!
//! The same bytes are one original, from however many addresses they came; each address is one
//! capture of it. The same bytes from the same address again change nothing.

use super::segments::{self, Place, Segments};
use super::warc::{self, Attached, Head, Kind, Record};
use super::{Case, clock, flat};
use anyhow::Context as _;
use rayon::prelude::*;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::{BTreeMap, HashMap, HashSet};
use tendertrace::model::{Access, Attachment, Capture, sha256_hex};

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
    let sorted = sort(&case.db, batch.into_iter().flat_map(with_files).collect(), &now)?;
    let members: Vec<Vec<u8>> = sorted.new.par_iter().map(member).collect();
    let places = append(case.segments()?, &members, &now)?;
    let protected: Vec<Vec<u8>> = sorted.protected.iter().map(|(_, sha256, head)| warc::metadata(sha256, head)).collect();
    append(case.segments()?, &protected, &now)?;
    let mut archived = Archived { new: sorted.new.len(), ..Archived::default() };
    let tx = case.db.transaction()?;
    for (capture, _, head) in &sorted.protected {
        protect(&tx, *capture, head)?;
    }
    for (Arrival { capture, mut head, .. }, place) in sorted.new.into_iter().zip(places) {
        let (original, speaker) = index(&tx, &capture.sha256, capture.bytes.len(), &mut head, place)?;
        if let Some(speaker) = speaker {
            let Head { imported, attached_to, .. } = head;
            archived.pending.push(Pending { original, speaker, capture: Capture { imported: Some(imported), attached_to, ..capture } });
        }
    }
    tx.commit()?;
    Ok(archived)
}

/// The files that belong to a page, as originals of their own, before the page.
fn with_files(page: Capture) -> Vec<Capture> {
    let file = |attachment: &Attachment| Capture {
        url: attachment.url.clone(),
        fetched: attachment.fetched.clone(),
        file_name: Some(attachment.file.name.clone()),
        access: page.access,
        attached_to: Some(page.sha256.clone()),
        sha256: attachment.file.sha256.clone(),
        bytes: attachment.bytes.clone(),
        ..Capture::default()
    };
    let mut captures: Vec<Capture> = page.attachments.iter().map(file).collect();
    captures.push(page);
    captures
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
        let head = serde_json::from_str::<Head>(&head)?;
        let files = files(&case.db, &head)?;
        found.push(Found { original: last, speaker: row.get(6)?, sha256, place, head, files });
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
    let head = serde_json::from_str::<Head>(&head)?;
    let files = files(db, &head)?;
    let found = Found { original: id, speaker, sha256, place, head, files };
    load(folder, found).map(|pending| pending.capture).map_err(anyhow::Error::msg)
}

/// An original as the database knows it.
struct Found {
    original: i64,
    speaker: i64,
    sha256: String,
    place: Place,
    head: Head,
    files: Files,
}

/// Whether the case holds what was read from the pictures of the file with this hash.
pub fn is_transcribed(db: &Connection, sha256: &str) -> bool {
    let heads = || -> anyhow::Result<Vec<String>> {
        // A file's transcript hangs on the page that the file belongs to, its own where it is the page.
        let mut query = db.prepare_cached(
            "SELECT head FROM captures WHERE original IN (SELECT id FROM originals WHERE sha256 = ?1
                 UNION SELECT o.id FROM originals o WHERE o.sha256 IN (SELECT c.head ->> 'attached_to' FROM captures c
                     JOIN originals f ON f.id = c.original WHERE f.sha256 = ?1))",
        )?;
        Ok(query.query_map([sha256], |row| row.get(0))?.collect::<Result<_, _>>()?)
    };
    let of_it = |head: &String| {
        let head = serde_json::from_str::<Head>(head).unwrap_or_default();
        head.attachments.iter().any(|file| file.transcript.as_ref().is_some_and(|t| t.of == sha256))
    };
    heads().is_ok_and(|heads| heads.iter().any(of_it))
}

/// The files of a page, where they stand and who may see them.
pub type Files = Vec<(Attached, Place, Access)>;

/// The files that a page's record names; those that are not in the case are left out.
pub fn files(db: &Connection, head: &Head) -> anyhow::Result<Files> {
    let mut query = db.prepare_cached(
        "SELECT o.segment, o.offset, o.length, c.head FROM originals o JOIN captures c ON c.id = o.capture WHERE o.sha256 = ?1",
    )?;
    let mut files = Vec::new();
    for attached in &head.attachments {
        let row = query.query_row([&attached.sha256], |row| Ok((Place::from_row(row, 0)?, row.get::<_, String>(3)?)));
        if let Some((place, head)) = row.optional()? {
            files.push((attached.clone(), place, serde_json::from_str::<Head>(&head)?.access));
        }
    }
    Ok(files)
}

/// A page with its files; it may be seen by those who may see all of them.
pub fn with_attachments(folder: &std::path::Path, mut page: Capture, files: &Files) -> anyhow::Result<Capture> {
    for (attached, place, access) in files {
        let (bytes, now) = bytes(folder, *place)?;
        anyhow::ensure!(now == attached.sha256, "the bytes of its file {} no longer have their hash", attached.name);
        page.attachments.push(attached.attachment(bytes));
        page.access = if is_stricter(*access, page.access) { *access } else { page.access };
    }
    Ok(page)
}

fn load(folder: &std::path::Path, found: Found) -> Result<Pending, String> {
    let Found { original, speaker, sha256, place, head, files } = found;
    match bytes(folder, place) {
        Ok((bytes, now)) if now == sha256 => {
            let capture = with_attachments(folder, head.capture(sha256, bytes), &files);
            let capture = capture.map_err(|error| format!("{error:#}: put the originals back from a backup"))?;
            Ok(Pending { original, speaker, capture })
        }
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
    /// Known captures whose access becomes stricter or whose files became known: id, hash, head from now on.
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
            let changed = changed(&head, Head::of(&capture, now));
            sorted.protected.extend(changed.map(|head| (id, capture.sha256, head)));
            continue;
        }
        let mut head = Head::of(&capture, now);
        let holder = match holders.get(&capture.sha256) {
            Some(holder) => Some(holder.clone()),
            None => stored_holder(db, &capture.sha256)?,
        };
        head.attached_to = head.attached_to.or_else(|| holder.as_ref().and_then(|holder| holder.attached_to.clone()));
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

/// What a known capture's head becomes where the same capture comes again: access may become stricter,
/// files may be joined to it; `None` where that changes nothing.
fn changed(known: &Head, again: Head) -> Option<Head> {
    let mut head = known.clone();
    if is_stricter(again.access, known.access) {
        head.access = again.access;
    }
    let new = again.attachments.into_iter().filter(|file| known.attachments.iter().all(|old| old.sha256 != file.sha256));
    head.attachments.extend(new);
    head.attached_to = head.attached_to.or(again.attached_to);
    (head != *known).then_some(head)
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
    if let Some(page) = &head.attached_to {
        db.execute("UPDATE originals SET examined_with = NULL WHERE sha256 = ?1", [page])?;
        let original: i64 = db.query_row("SELECT original FROM captures WHERE id = ?1", [capture], |row| row.get(0))?;
        share_page(db, original, &mut head.clone())?;
    }
    let files = head.attachments.len();
    let said =
        format!("capture {capture} is {name} from now on{}", if files > 0 { format!(", with {files} files") } else { String::new() });
    super::journal(db, "tendertrace", "access", &said)
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

/// Enters one archived capture; returns its original, and the capture's id if it speaks for it now. A file
/// that belongs to a page does so from whatever address it came, before or after.
fn index(db: &Connection, sha256: &str, bytes: usize, head: &mut Head, place: Place) -> anyhow::Result<(i64, Option<i64>)> {
    let mut original =
        db.prepare_cached("INSERT OR IGNORE INTO originals (sha256, bytes, segment, offset, length) VALUES (?, ?, ?, ?, ?)")?;
    original.execute(params![sha256, bytes as i64, place.segment, place.offset as i64, place.length as i64])?;
    let original: i64 = db.prepare_cached("SELECT id FROM originals WHERE sha256 = ?")?.query_row([sha256], |row| row.get(0))?;
    share_page(db, original, head)?;
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

/// Makes all captures of an original, and the one that comes, belong to the page that any of them belongs to.
fn share_page(db: &Connection, original: i64, head: &mut Head) -> anyhow::Result<()> {
    if let Some(page) = &head.attached_to {
        let alone = "UPDATE captures SET head = json_set(head, '$.attached_to', ?2) WHERE original = ?1 AND head ->> 'attached_to' IS NULL";
        if db.prepare_cached(alone)?.execute(params![original, page])? > 0 {
            db.execute("UPDATE originals SET examined_with = NULL WHERE id = ?1", [original])?;
        }
        return Ok(());
    }
    let known = "SELECT head ->> 'attached_to' FROM captures WHERE original = ?1 AND head ->> 'attached_to' IS NOT NULL LIMIT 1";
    head.attached_to = db.prepare_cached(known)?.query_row([original], |row| row.get(0)).optional()?;
    Ok(())
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
    let Record { kind, sha256, mut head, bytes } = record;
    if kind == Kind::Other {
        return Ok(true);
    }
    match (kind, known_capture(db, &sha256, head.url.as_deref())?) {
        (Kind::Metadata, Some((id, known))) if changed(&known, head.clone()).is_some() => protect(db, id, &head).map(|()| true),
        (_, Some(_)) => Ok(true),
        (Kind::Resource, None) if sha256_hex(&bytes) == sha256 => index(db, &sha256, bytes.len(), &mut head, place).map(|_| true),
        (Kind::Revisit, None) if stored_holder(db, &sha256)?.is_some() => index(db, &sha256, 0, &mut head, place).map(|_| true),
        _ => Ok(false),
    }
}
