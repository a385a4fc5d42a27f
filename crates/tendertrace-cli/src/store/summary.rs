//! What do all notices of the case say together? Their digests and the decisions that stand, handed
//! to the library, which joins and counts them.

use super::{Case, decisions, record};
use tendertrace::assemble::{self, Decision, Digest, Verdict};
use tendertrace::rulebook::Rulebook;

/// The case, joined and counted.
pub fn summary(case: &Case, rules: &Rulebook) -> anyhow::Result<assemble::Case> {
    Ok(assemble::assemble(&digests(case)?, &decisions(case)?, rules))
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
