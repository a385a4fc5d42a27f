//! In which order is a pile worked off? Inputs are archived batch by batch, examined on all cores
//! while the next batch is being archived, and written by one writer; at most two batches are in
//! memory. Then everything the case holds that older rules examined or older lists screened.

use super::archive::{self, Pending};
use super::record::{self, Examined, Rules};
use super::{Case, clock, kept};
use anyhow::Context as _;
use rayon::prelude::*;
use rusqlite::params;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use tendertrace::model::Capture;

/// What a run did.
#[derive(Debug, Default, Clone)]
pub struct Counts {
    pub read: usize,
    pub new: usize,
    pub examined: usize,
    pub screened: usize,
    /// What could not be done, each with what to do about it.
    pub failures: Vec<String>,
}

/// Hears of the work as it goes on.
pub trait Progress {
    /// `total`: originals and notices in all, where that is known.
    fn step(&self, what: &str, counts: &Counts, total: Option<usize>);
}

/// Originals of the case that are examined or screened again at once.
const BATCH: usize = 256;

/// Takes in `captures`, then brings the whole case up to the rules.
pub fn run(
    case: &mut Case,
    captures: impl Iterator<Item = Result<Capture, String>> + Send,
    rules: &Rules,
    progress: &impl Progress,
) -> anyhow::Result<Counts> {
    let run = begin(case, rules)?;
    let mut counts = Counts::default();
    take_in(case, captures, rules, &mut counts, progress)?;
    catch_up(case, rules, &mut counts, progress)?;
    screen_again(case, rules, &mut counts, progress)?;
    end(case, run, &counts)?;
    Ok(counts)
}

fn take_in(
    case: &mut Case,
    captures: impl Iterator<Item = Result<Capture, String>> + Send,
    rules: &Rules,
    counts: &mut Counts,
    progress: &impl Progress,
) -> anyhow::Result<()> {
    std::thread::scope(|scope| {
        let (to_archive, batches) = sync_channel(1);
        scope.spawn(move || read_batches(captures, &to_archive));
        let next = |case: &mut Case, counts: &mut Counts| next_archived(case, &batches, counts);
        examine_all(case, rules, counts, progress, ("reading", None), next)
    })
}

fn catch_up(case: &mut Case, rules: &Rules, counts: &mut Counts, progress: &impl Progress) -> anyhow::Result<()> {
    let total = counts.examined + count(case, "examined_with IS NOT ?1", &rules.examined_with)?;
    let mut after = 0;
    let next = |case: &mut Case, counts: &mut Counts| {
        let (found, last) = archive::pending(case, &rules.examined_with, after, BATCH)?;
        let ended = last == after;
        after = last;
        let mut batch = Vec::new();
        for one in found {
            match one {
                Ok(pending) => batch.push(pending),
                Err(message) => counts.failures.push(message),
            }
        }
        Ok((!ended).then_some(batch))
    };
    examine_all(case, rules, counts, progress, ("examining", Some(total)), next)
}

fn screen_again(case: &mut Case, rules: &Rules, counts: &mut Counts, progress: &impl Progress) -> anyhow::Result<()> {
    let total = counts.examined + count(case, "screened_with IS NOT ?1", &rules.screened_with)?;
    let mut after = 0;
    loop {
        let originals = record::to_screen(&case.db, rules, after, BATCH)?;
        let Some(last) = originals.last() else { return Ok(()) };
        after = *last;
        let mut stored = Vec::new();
        for original in &originals {
            stored.extend(record::stored(&case.db, *original)?);
        }
        let screened = stored.par_iter().map(|one| record::screen(one, rules)).collect::<anyhow::Result<Vec<_>>>()?;
        record::write_screened(&mut case.db, &originals, &screened, rules)?;
        counts.screened += screened.len();
        progress.step("screening", counts, Some(total));
    }
}

/// Keeps the cores on one batch while the writer writes the one before and fetches the next.
fn examine_all(
    case: &mut Case,
    rules: &Rules,
    counts: &mut Counts,
    progress: &impl Progress,
    (what, total): (&str, Option<usize>),
    mut next: impl FnMut(&mut Case, &mut Counts) -> anyhow::Result<Option<Vec<Pending>>>,
) -> anyhow::Result<()> {
    std::thread::scope(|scope| {
        let (to_examine, batches) = sync_channel::<Vec<Pending>>(1);
        let (results, examined) = sync_channel(1);
        scope.spawn(move || examine_batches(&batches, &results, rules));
        let mut under_way = 0;
        let mut more = true;
        while more || under_way > 0 {
            match if more { next(case, counts)? } else { None } {
                Some(batch) => {
                    to_examine.send(batch).context("the examining thread ended")?;
                    under_way += 1;
                }
                None => more = false,
            }
            if under_way > usize::from(more) {
                write(case, &examined.recv().context("the examining thread ended")?, rules, counts)?;
                under_way -= 1;
            }
            progress.step(what, counts, total);
        }
        Ok(())
    })
}

fn examine_batches(batches: &Receiver<Vec<Pending>>, results: &SyncSender<Vec<Examined>>, rules: &Rules) {
    let budget = crate::fence::budget();
    for batch in batches {
        let examined = batch.par_iter().map(|pending| record::examine(pending, rules, &budget)).collect();
        if results.send(examined).is_err() {
            return;
        }
    }
}

fn write(case: &mut Case, examined: &[Examined], rules: &Rules, counts: &mut Counts) -> anyhow::Result<()> {
    record::write(&mut case.db, examined, rules)?;
    counts.examined += examined.len();
    counts.failures.extend(examined.iter().filter_map(|one| one.failure.clone()));
    Ok(())
}

fn next_archived(
    case: &mut Case,
    batches: &Receiver<Vec<Result<Capture, String>>>,
    counts: &mut Counts,
) -> anyhow::Result<Option<Vec<Pending>>> {
    let Ok(batch) = batches.recv() else { return Ok(None) };
    let mut captures = Vec::with_capacity(batch.len());
    for one in batch {
        match one {
            Ok(capture) => captures.push(capture),
            Err(message) => counts.failures.push(message),
        }
    }
    counts.read += captures.len();
    let archived = archive::archive(case, captures)?;
    counts.new += archived.new;
    Ok(Some(archived.pending))
}

fn read_batches(captures: impl Iterator<Item = Result<Capture, String>>, to_archive: &SyncSender<Vec<Result<Capture, String>>>) {
    for batch in crate::collect::batches(captures) {
        if to_archive.send(batch).is_err() {
            return;
        }
    }
}

fn count(case: &Case, condition: &str, with: &str) -> anyhow::Result<usize> {
    let count: i64 = case.db.query_row(&format!("SELECT count(*) FROM originals WHERE {condition}"), [with], |row| row.get(0))?;
    Ok(count as usize)
}

fn begin(case: &Case, rules: &Rules) -> anyhow::Result<i64> {
    kept::forget(&case.db)?;
    let hashes = &rules.rules.hashes;
    case.db.execute(
        "INSERT INTO runs (started, program, extraction, classification, lists) VALUES (?, ?, ?, ?, ?)",
        params![clock::now(), tendertrace::VERSION, hashes.extraction, hashes.classification, hashes.lists],
    )?;
    Ok(case.db.last_insert_rowid())
}

fn end(case: &mut Case, run: i64, counts: &Counts) -> anyhow::Result<()> {
    let tx = case.db.transaction()?;
    for (n, message) in counts.failures.iter().enumerate() {
        tx.execute("INSERT INTO failures (run, n, message) VALUES (?, ?, ?)", params![run, n as i64, message])?;
    }
    tx.execute("INSERT OR IGNORE INTO first_hits SELECT DISTINCT party, list, entry, ?1 FROM hits", [clock::now()])?;
    let numbers = [counts.read, counts.new, counts.examined, counts.screened, counts.failures.len()].map(|n| n as i64);
    tx.execute(
        "UPDATE runs SET finished = ?1, captures_read = ?2, captures_new = ?3, examined = ?4, screened = ?5, failed = ?6 WHERE id = ?7",
        params![clock::now(), numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], run],
    )?;
    Ok(tx.commit()?)
}
