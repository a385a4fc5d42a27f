//! What do all notices of the case say together? Their digests and the decisions that stand, handed
//! to the library, which joins, counts and writes the report.

use super::stored::{Stored, Taken};
use super::{Case, claims, clock, collection, decisions, entities, record, sellers, statements, translations};
use anyhow::Context as _;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Rows, params};
use std::collections::BTreeSet;
use std::path::Path;
use tendertrace::assemble::{self, Decision, Digest, Funnel, Keep, Plan, SiteRow, Verdict};
use tendertrace::model::Access;
use tendertrace::report::html::SHOWN;
use tendertrace::report::html::dossier::{Names, Subject};
use tendertrace::report::{self, Audience, Page};
use tendertrace::rulebook::Rulebook;

/// Writes down how the notices belong together (`joined`, `edges`), so that questions count a contracting
/// process once and copies not at all. Returns the case as a report shows it: everything counted, the first
/// findings kept.
pub fn write_joined(case: &mut Case, rules: &Rulebook) -> anyhow::Result<assemble::Case> {
    let tx = case.db.unchecked_transaction()?;
    let stored = Stored::of(&case.db, Taken::All)?;
    let mut plan = stored.plan(rules)?;
    write_places(&case.db, &plan)?;
    let mut edges = sellers::Edges::begin(&case.db, rules)?;
    let mut whole = stored.build(&mut plan, (&decided(&case.db)?, &asked(rules)), Keep::First(SHOWN), rules, |part| edges.add(part))?;
    edges.finish()?;
    tx.commit()?;
    assemble::translate(&mut whole, &translations::standing(&case.db)?);
    Ok(whole)
}

fn write_places(db: &Connection, plan: &Plan) -> anyhow::Result<()> {
    db.execute("DELETE FROM joined", [])?;
    let mut insert = db.prepare("INSERT INTO joined (notice, main, process, place, items, named_items) VALUES (?, ?, ?, ?, ?, ?)")?;
    for process in &plan.processes {
        for notice in &process.notices {
            let place = notice.place as i64;
            for page in &notice.pages {
                let (notice, main) = (page.handle as i64, notice.pages[0].handle as i64);
                insert.execute(params![notice, main, process.id, place, page.items as i64, page.named_items as i64])?;
            }
        }
    }
    Ok(())
}

/// Kinds of buyers whose purchases the funnel asks for.
fn asked(rules: &Rulebook) -> BTreeSet<String> {
    rules.report.words.group("buyer_kind", "security")
}

/// What may leave: without confidential captures, unless they were asked for.
pub fn leaving(case: &Case, confidential: Confidential, rules: &Rulebook) -> anyhow::Result<assemble::Case> {
    leaving_of(&case.db, confidential, rules)
}

/// Only what is about a subject, as it may leave: the contracting processes that hold its findings are
/// joined anew, while the funnel and the sites are counted over the whole case.
pub fn of_subject(db: &Connection, subject: &Subject, rules: &Rulebook) -> anyhow::Result<assemble::Case> {
    let (condition, key) = match subject {
        Subject::Brand(key) => ("e.brand = ?1 OR e.company = ?1", key.clone()),
        Subject::Seller(names) => ("e.supplier IN (SELECT value FROM json_each(?1))", list(names)),
        Subject::Buyer(names) => {
            ("e.buyer IN (SELECT value FROM json_each(?1)) OR e.end_user IN (SELECT value FROM json_each(?1))", list(names))
        }
        Subject::Project(id) => (
            "e.process = ?1 OR e.process IN (SELECT m.process FROM joined m JOIN notices t ON t.id = m.notice WHERE instr(t.project_number, ?1) > 0)",
            id.clone(),
        ),
    };
    let sql = format!(
        "SELECT x.digest FROM examinations x LEFT JOIN joined m ON m.notice = x.notice
         WHERE coalesce(m.process, 'n' || x.notice) IN (SELECT e.process FROM evidence e WHERE {condition}) ORDER BY x.notice"
    );
    let mut query = db.prepare(&sql)?;
    let mut digests = unpacked(&mut query.query([key])?)?;
    entities::hear_of_lists(&mut digests, db)?;
    digests.retain(|digest| digest.access != Access::Confidential);
    let mut case = joined(&digests, db, rules)?;
    case.funnel = whole_funnel(db, &case.asked)?;
    case.sites = sites(db)?;
    Ok(case)
}

fn list(names: &Names) -> String {
    serde_json::to_string(&names.alike).unwrap_or_default()
}

/// A notice of the case that may leave, as the counts below ask for it.
const COUNTED: &str = "(SELECT t.*, coalesce(m.main = t.id, t.readable) AND t.readable AS main, coalesce(t.stage IN ('award', 'contract', 'acceptance'), 0) AS bought,
    coalesce(m.items, 0) > 0 OR EXISTS (SELECT 1 FROM findings f WHERE f.notice = t.id) AS has_items,
    coalesce(m.named_items, 0) > 0 OR EXISTS (SELECT 1 FROM findings f WHERE f.notice = t.id) AS named, m.process
    FROM notices t LEFT JOIN joined m ON m.notice = t.id WHERE t.access <> 'confidential')";

fn whole_funnel(db: &Connection, asked: &[String]) -> anyhow::Result<Funnel> {
    let sql = format!(
        "SELECT count(*), total(readable), total(main), total(main AND bought), total(main AND bought AND has_items), total(main AND bought AND has_items AND named),
            total(main AND bought AND has_items AND named AND asked), total(main AND bought AND has_items AND named AND asked AND found), count(DISTINCT process)
         FROM (SELECT n.*, coalesce(buyer_kind IN (SELECT value FROM json_each(?1)), 0) OR coalesce(end_user_kind IN (SELECT value FROM json_each(?1)), 0) AS asked,
            EXISTS (SELECT 1 FROM findings f WHERE f.notice = n.id) AS found FROM {COUNTED} n)"
    );
    let mut n = [0usize; 9];
    db.query_row(&sql, [serde_json::to_string(asked)?], |row| {
        for (at, one) in n.iter_mut().enumerate() {
            *one = number(row, at)?;
        }
        Ok(())
    })?;
    let [captures, notices, distinct, awards, items, named_items, asked, with_finding, processes] = n;
    Ok(Funnel { captures, notices, distinct, awards, items, named_items, asked, with_finding, processes, ..Funnel::default() })
}

/// `count` gives whole numbers, `total` others.
fn number(row: &Row, at: usize) -> rusqlite::Result<usize> {
    Ok(match row.get_ref(at)? {
        ValueRef::Integer(n) => n as usize,
        ValueRef::Real(n) => n as usize,
        _ => 0,
    })
}

fn sites(db: &Connection) -> anyhow::Result<Vec<SiteRow>> {
    let sql = format!(
        "SELECT coalesce(site, ''), count(*), total(main), total(main AND bought), total(event_date IS NULL), min(event_date), max(event_date) FROM {COUNTED} GROUP BY 1 ORDER BY 2 DESC, 1"
    );
    let mut query = db.prepare(&sql)?;
    let rows = query.query_map([], |row| {
        let number = |at| number(row, at);
        Ok(SiteRow {
            site: row.get(0)?,
            captures: number(1)?,
            distinct: number(2)?,
            awards: number(3)?,
            undated: number(4)?,
            first: row.get(5)?,
            last: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The same over any connection to a case.
pub fn leaving_of(db: &Connection, confidential: Confidential, rules: &Rulebook) -> anyhow::Result<assemble::Case> {
    let taken = match confidential {
        Confidential::Kept => Taken::WithoutConfidential,
        Confidential::Taken => Taken::ConfidentialAsRestricted,
    };
    counted(db, taken, Keep::All, rules)
}

fn counted(db: &Connection, taken: Taken, keep: Keep, rules: &Rulebook) -> anyhow::Result<assemble::Case> {
    let stored = Stored::of(db, taken)?;
    let mut plan = stored.plan(rules)?;
    let mut case = stored.build(&mut plan, (&decided(db)?, &asked(rules)), keep, rules, |_| Ok(()))?;
    assemble::translate(&mut case, &translations::standing(db)?);
    Ok(case)
}

/// Notices joined and counted, with what people decided and translated.
pub fn joined(digests: &[Digest], db: &Connection, rules: &Rulebook) -> anyhow::Result<assemble::Case> {
    let mut whole = assemble::assemble(digests, &decided(db)?, rules);
    assemble::translate(&mut whole, &translations::standing(db)?);
    Ok(whole)
}

/// Whether confidential captures are in an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confidential {
    Kept,
    Taken,
}

/// What the program knows of the case beside its notices.
pub fn page(case: &Case, audience: Audience, rules: &Rulebook) -> anyhow::Result<Page> {
    page_of(&case.folder, &case.db, audience, rules)
}

/// The same over any connection to a case.
pub fn page_of(folder: &Path, db: &Connection, audience: Audience, rules: &Rulebook) -> anyhow::Result<Page> {
    let name = folder.canonicalize().ok().and_then(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()));
    let collection = collection::read(folder)?.map_or_else(Vec::new, |collection| collection.lines());
    Ok(Page {
        name: name.unwrap_or_default(),
        files: None,
        generated: Some(clock::now()),
        collection,
        hashes: rules.hashes.clone(),
        audience,
        claims: claims::leaving(db)?,
        statements: statements::read(folder, rules)?,
    })
}

/// Writes `CASE/report.html`, whole or not at all. It is made to be passed on: confidential
/// captures are in none of its figures, tables and findings.
pub fn write_report(case: &Case, rules: &Rulebook) -> anyhow::Result<()> {
    write_page(case, &counted(&case.db, Taken::WithoutConfidential, Keep::First(SHOWN), rules)?, rules)
}

/// The same after `write_joined`: where nothing is confidential the report is of what it returned.
pub fn write_report_of(case: &Case, whole: &assemble::Case, rules: &Rulebook) -> anyhow::Result<()> {
    let hides: bool = case.db.query_row("SELECT EXISTS (SELECT 1 FROM notices WHERE access = 'confidential')", [], |row| row.get(0))?;
    if hides { write_report(case, rules) } else { write_page(case, whole, rules) }
}

fn write_page(case: &Case, leaving: &assemble::Case, rules: &Rulebook) -> anyhow::Result<()> {
    let html = report::html(leaving, &page(case, Audience::Others, rules)?, rules);
    let (path, draft) = (case.folder.join("report.html"), case.folder.join("report.html.part"));
    std::fs::write(&draft, html).and_then(|()| std::fs::rename(&draft, &path)).with_context(|| format!("writing {}", path.display()))
}

fn unpacked(rows: &mut Rows) -> anyhow::Result<Vec<Digest>> {
    let (mut digests, mut unpacker) = (Vec::new(), record::Unpacker::default());
    while let Some(row) = rows.next()? {
        digests.push(unpacker.unpack(row.get_ref(0)?.as_blob()?)?);
    }
    Ok(digests)
}

/// Decisions that stand. A corrected finding is not yet what the program prints: it stays unsure until someone accepts it.
fn decided(db: &Connection) -> anyhow::Result<Vec<Decision>> {
    let verdict = |word: &str| match word {
        "accept" => Verdict::Accepted,
        "reject" => Verdict::Rejected,
        _ => Verdict::Unsure,
    };
    let standing = decisions::standing(db)?;
    Ok(standing.into_iter().map(|(finding, word)| Decision { finding, verdict: verdict(&word) }).collect())
}
