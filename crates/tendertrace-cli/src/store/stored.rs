//! How is a case joined and counted that is larger than memory? Its digests are read twice: once for what they
//! are joined by, then one contracting process at a time; what is held is small, whatever the notices say.

use super::entities::Denied;
use super::record::Unpacker;
use rayon::prelude::*;
use rusqlite::Connection;
use std::collections::BTreeSet;
use tendertrace::assemble::{Building, Case, Decision, Digest, Keep, Outlines, Plan, Planned};
use tendertrace::model::Access;
use tendertrace::rulebook::Rulebook;

/// Which captures are taken, and as what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    All,
    WithoutConfidential,
    /// Asked for by name: the exports' own guard must let them pass.
    ConfidentialAsRestricted,
}

/// The digests of a case, as often as they are needed.
pub struct Stored<'a> {
    db: &'a Connection,
    sieve: Sieve,
}

/// What is taken of them.
struct Sieve {
    taken: Taken,
    denied: Denied,
}

/// Digests unpacked at once.
const BATCH: usize = 512;

impl<'a> Stored<'a> {
    pub fn of(db: &'a Connection, taken: Taken) -> anyhow::Result<Stored<'a>> {
        Ok(Stored { db, sieve: Sieve { taken, denied: Denied::of(db)? } })
    }

    /// How the notices hang together; under their ids.
    pub fn plan(&self, rules: &Rulebook) -> anyhow::Result<Plan> {
        let mut query = self.db.prepare("SELECT notice, digest FROM examinations ORDER BY notice")?;
        let mut rows = query.query([])?;
        let mut outlines = Outlines::default();
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let row = rows.next()?;
            let ended = row.is_none();
            if let Some(row) = row {
                batch.push((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?));
            }
            if ended || batch.len() == BATCH {
                for (notice, digest) in self.sieve.unpacked(&batch)? {
                    digest.iter().for_each(|digest| outlines.add(notice as usize, digest));
                }
                batch.clear();
            }
            if ended {
                return Ok(outlines.plan(rules));
            }
        }
    }

    /// The case of a plan, counted process by process; `see` is shown each of them.
    pub fn build(
        &self,
        plan: &mut Plan,
        (decisions, asked): (&[Decision], &BTreeSet<String>),
        keep: Keep,
        rules: &Rulebook,
        mut see: impl FnMut(&Case) -> anyhow::Result<()>,
    ) -> anyhow::Result<Case> {
        let mut building = Building::new(decisions, asked, keep, rules);
        for unread in plan.unread.chunks(BATCH) {
            self.read(unread.iter().copied())?.iter().for_each(|page| building.add_unread(page));
        }
        // Notices that came together lie together.
        plan.processes.sort_by_cached_key(|process| process.handles().min());
        let mut waiting = &plan.processes[..];
        while !waiting.is_empty() {
            let (now, later) = waiting.split_at(batch_of(waiting));
            waiting = later;
            let pages = self.read(now.iter().flat_map(Planned::handles))?;
            let mut rest = &pages[..];
            for process in now {
                let (own, others) = rest.split_at(process.handles().count());
                rest = others;
                let mut seen = Ok(());
                building.add(process, &own.iter().collect::<Vec<_>>(), |part| seen = see(part));
                seen?;
            }
        }
        Ok(building.finish())
    }

    fn read(&self, notices: impl Iterator<Item = usize>) -> anyhow::Result<Vec<Digest>> {
        let mut query = self.db.prepare_cached("SELECT digest FROM examinations WHERE notice = ?1")?;
        let packed = notices.map(|notice| Ok((notice as i64, query.query_row([notice as i64], |row| row.get::<_, Vec<u8>>(0))?)));
        let packed = packed.collect::<anyhow::Result<Vec<_>>>()?;
        Ok(self.sieve.unpacked(&packed)?.into_iter().filter_map(|(_, digest)| digest).collect())
    }
}

impl Sieve {
    fn unpacked(&self, packed: &[(i64, Vec<u8>)]) -> anyhow::Result<Vec<(i64, Option<Digest>)>> {
        let unpack = |unpacker: &mut Unpacker, (notice, packed): &(i64, Vec<u8>)| Ok((*notice, self.take(unpacker.unpack(packed)?)));
        packed.par_iter().map_init(Unpacker::default, unpack).collect()
    }

    fn take(&self, mut digest: Digest) -> Option<Digest> {
        match (digest.access, self.taken) {
            (Access::Confidential, Taken::WithoutConfidential) => return None,
            (Access::Confidential, Taken::ConfidentialAsRestricted) => digest.access = Access::Restricted,
            _ => {}
        }
        self.denied.strip(&mut digest);
        Some(digest)
    }
}

/// The first processes that are read together.
fn batch_of(processes: &[Planned]) -> usize {
    let mut pages = 0;
    let fits = |process: &&Planned| {
        let fits = pages < BATCH;
        pages += process.handles().count();
        fits
    };
    processes.iter().take_while(fits).count()
}
