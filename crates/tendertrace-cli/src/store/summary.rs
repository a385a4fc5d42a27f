//! What do all notices of the case say together? Their digests and the decisions that stand, handed
//! to the library, which joins, counts and writes the report.

use super::{Case, clock, collection, decisions, record};
use anyhow::Context as _;
use tendertrace::assemble::{self, Decision, Digest, Verdict};
use tendertrace::model::Access;
use tendertrace::report::{self, Audience, Page};
use tendertrace::rulebook::Rulebook;

/// The whole case, joined and counted.
pub fn summary(case: &Case, rules: &Rulebook) -> anyhow::Result<assemble::Case> {
    Ok(assemble::assemble(&digests(case)?, &decisions(case)?, rules))
}

/// What may leave: without confidential captures, unless they were asked for.
pub fn leaving(case: &Case, confidential: Confidential, rules: &Rulebook) -> anyhow::Result<assemble::Case> {
    let mut digests = digests(case)?;
    match confidential {
        Confidential::Kept => digests.retain(|digest| digest.access != Access::Confidential),
        // Asked for by name: the exports' own guard must let them pass.
        Confidential::Taken => digests.iter_mut().filter(|d| d.access == Access::Confidential).for_each(|d| d.access = Access::Restricted),
    }
    Ok(assemble::assemble(&digests, &decisions(case)?, rules))
}

/// Whether confidential captures are in an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confidential {
    Kept,
    Taken,
}

/// What the program knows of the case beside its notices.
pub fn page(case: &Case, audience: Audience, rules: &Rulebook) -> anyhow::Result<Page> {
    let name = case.folder.canonicalize().ok().and_then(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()));
    let collection = collection::read(&case.folder)?.map_or_else(Vec::new, |collection| collection.lines());
    Ok(Page { name: name.unwrap_or_default(), files: None, generated: Some(clock::now()), collection, hashes: rules.hashes.clone(), audience })
}

/// Writes `CASE/report.html`, whole or not at all. It is made to be passed on: confidential
/// captures are in none of its figures, tables and findings.
pub fn write_report(case: &Case, rules: &Rulebook) -> anyhow::Result<()> {
    let html = report::html(&leaving(case, Confidential::Kept, rules)?, &page(case, Audience::Others, rules)?, rules);
    let (path, draft) = (case.folder.join("report.html"), case.folder.join("report.html.part"));
    std::fs::write(&draft, html).and_then(|()| std::fs::rename(&draft, &path)).with_context(|| format!("writing {}", path.display()))
}

fn digests(case: &Case) -> anyhow::Result<Vec<Digest>> {
    let mut query = case.db.prepare("SELECT digest FROM examinations ORDER BY notice")?;
    let mut rows = query.query([])?;
    let mut digests = Vec::new();
    while let Some(row) = rows.next()? {
        digests.push(record::unpack(row.get_ref(0)?.as_blob()?)?);
    }
    Ok(digests)
}

/// A corrected finding is not yet what the program prints: it stays unsure until someone accepts it.
fn decisions(case: &Case) -> anyhow::Result<Vec<Decision>> {
    let verdict = |word: &str| match word {
        "accept" => Verdict::Accepted,
        "reject" => Verdict::Rejected,
        _ => Verdict::Unsure,
    };
    let standing = decisions::standing(&case.db)?;
    Ok(standing.into_iter().map(|(finding, word)| Decision { finding, verdict: verdict(&word) }).collect())
}
