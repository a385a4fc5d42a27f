//! Where does an investigation live? The case folder: every original as received, a database of
//! what was found in it, a person's decisions. Killed at any moment, nothing is lost or doubled:
//! originals are on the disk before the database hears of them, results are written in whole
//! batches, and opening a case mends what a killed run left.
//!
//! ```text
//! CASE/originals/00001.warc.gz …   CASE/case.db   CASE/report.html   CASE/collection.toml
//! ```

pub mod archive;
pub mod claims;
pub mod clock;
pub mod collection;
pub mod columns;
pub mod counted;
pub mod decisions;
pub mod entities;
pub mod flat;
pub mod kept;
pub mod letters;
pub mod lists;
pub mod lock;
pub mod meant;
pub mod money;
pub mod organisations;
pub mod pipeline;
pub mod proposing;
pub mod query;
pub mod questions;
pub mod record;
pub mod resolving;
pub mod saved;
pub mod schema;
pub mod screened;
pub mod screenings;
pub mod search;
pub mod segments;
pub mod sellers;
pub mod shown;
pub mod statements;
pub mod stored;
pub mod streams;
pub mod summary;
#[cfg(test)]
pub mod testing;
pub mod told;
pub mod translations;
pub mod verify;
pub mod warc;

use anyhow::{Context as _, bail};
use rusqlite::{Connection, params};
use segments::Segments;
use std::path::{Path, PathBuf};

/// An open case.
pub struct Case {
    pub folder: PathBuf,
    pub db: Connection,
    writing: Option<Writing>,
}

struct Writing {
    _lock: lock::Lock,
    segments: Option<Segments>,
}

impl Case {
    /// Opens a case for the one writer and makes it where there is none; mends what a killed run
    /// left and says so in the messages.
    pub fn write(folder: &Path) -> anyhow::Result<(Case, Vec<String>)> {
        make(folder)?;
        let lock = lock::take(folder)?;
        let db = schema::open_for_writing(&folder.join("case.db"))?;
        let mut case = Case { folder: folder.to_path_buf(), db, writing: Some(Writing { _lock: lock, segments: None }) };
        let messages = archive::recover(&mut case)?;
        Ok((case, messages))
    }

    /// Opens an existing case for writing; an empty or foreign folder is refused.
    pub fn write_existing(folder: &Path) -> anyhow::Result<(Case, Vec<String>)> {
        must_be_a_case(folder)?;
        Case::write(folder)
    }

    /// Opens an existing case for reading, beside a writer if there is one.
    pub fn read(folder: &Path) -> anyhow::Result<Case> {
        must_be_a_case(folder)?;
        let db = schema::open_for_reading(&folder.join("case.db"))?;
        Ok(Case { folder: folder.to_path_buf(), db, writing: None })
    }

    /// The same, as if confidential captures were not in it; with how many notices that hides.
    pub fn read_open(folder: &Path) -> anyhow::Result<(Case, usize)> {
        let case = Case::read(folder)?;
        let hidden = schema::hide_confidential(&case.db)?;
        Ok((case, hidden))
    }

    /// Ends writing: everything into the one database file, so that the folder can be copied.
    pub fn close(self) -> anyhow::Result<()> {
        self.db.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);")?;
        Ok(())
    }

    fn segments(&mut self) -> anyhow::Result<&mut Segments> {
        self.writing.as_mut().and_then(|w| w.segments.as_mut()).context("the case is open for reading only")
    }
}

/// Notes in the case what was done and by whom; entries are never changed.
pub fn journal(db: &Connection, who: &str, what: &str, detail: &str) -> anyhow::Result<()> {
    db.execute("INSERT INTO journal (at, who, what, detail) VALUES (?, ?, ?, ?)", params![clock::now(), who, what, detail])?;
    Ok(())
}

fn make(folder: &Path) -> anyhow::Result<()> {
    if folder.is_dir() && !folder.join("case.db").exists() && !folder.join("originals").exists() && has_files(folder)? {
        bail!("{} holds other files and is no case; name a new or empty folder for --case", folder.display());
    }
    std::fs::create_dir_all(folder.join("originals")).with_context(|| format!("making the case folder {}", folder.display()))
}

fn has_files(folder: &Path) -> anyhow::Result<bool> {
    let own = ["lock", collection::FILE, sellers::FILE];
    let mut entries = std::fs::read_dir(folder).with_context(|| format!("looking into {}", folder.display()))?.flatten();
    Ok(entries.any(|entry| !own.iter().any(|name| entry.file_name() == *name)))
}

fn must_be_a_case(folder: &Path) -> anyhow::Result<()> {
    if folder.join("case.db").is_file() {
        return Ok(());
    }
    bail!("{} is no case (it has no case.db); `tendertrace trace INPUT --case FOLDER` makes one", folder.display())
}
