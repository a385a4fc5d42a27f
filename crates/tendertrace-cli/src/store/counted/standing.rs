//! What of each brand was accepted, rejected, or never looked at?

use super::{Asked, Pile, Rows};
use crate::store::columns::{finding, trade};
use serde_json::json;

pub const COLUMNS: &[&str] = &[
    "brand",
    "company",
    "accepted",
    "accepted_without_archive",
    "rejected",
    "unsure",
    "look_again",
    "unreviewed_strong",
    "unreviewed_medium",
    "unreviewed_weak",
];

const ACCEPTED: usize = 0;
const WITHOUT_ARCHIVE: usize = 1;
const REJECTED: usize = 2;
const UNSURE: usize = 3;
const LOOK_AGAIN: usize = 4;
const UNREVIEWED: usize = 5;

/// What was accepted most first, then what has most to be looked at.
pub fn publish(pile: &Pile, asked: &Asked, most: usize) -> anyhow::Result<Option<Rows>> {
    let keeps = asked.findings(&pile.findings);
    let named = |of: usize, part: Option<&str>| {
        pile.trades.texts[of].each(|name| part.is_none_or(|part| name.is_some_and(|name| name.contains(part))))
    };
    let (buyers, suppliers) = (named(trade::BUYER, asked.buyer), named(trade::SUPPLIER, asked.supplier));
    let strengths = pile.findings.texts[finding::STRENGTH].each(|strength| match strength {
        Some("strong") => Some(UNREVIEWED),
        Some("medium") => Some(UNREVIEWED + 1),
        Some("weak") => Some(UNREVIEWED + 2),
        _ => None,
    });
    let mut keyed: Vec<((usize, usize), u32)> = (0..pile.findings.len() as u32)
        .filter(|row| {
            pile.number(finding::FLAGS, *row) & finding::IS_COPY == 0
                && keeps.row(*row)
                && buyers[pile.trade_code(trade::BUYER, *row)]
                && suppliers[pile.trade_code(trade::SUPPLIER, *row)]
        })
        .map(|row| ((pile.code(finding::BRAND, row), pile.trade_code(trade::COMPANY, row)), row))
        .collect();
    keyed.sort_unstable();
    let mut all = Vec::new();
    for group in keyed.chunk_by(|a, b| a.0 == b.0) {
        let mut numbers = [0u64; 8];
        for (_, row) in group {
            let of = match pile.decision(*row) {
                None => strengths[pile.code(finding::STRENGTH, *row)],
                Some("accept") => Some(ACCEPTED),
                Some("reject") => Some(REJECTED),
                Some("unsure" | "correct") => Some(UNSURE),
                Some("look again") => Some(LOOK_AGAIN),
                Some(_) => None,
            };
            of.into_iter().for_each(|of| numbers[of] += 1);
            numbers[WITHOUT_ARCHIVE] += u64::from(of == Some(ACCEPTED) && !is_archived(pile, *row)?);
        }
        all.push((group[0].0, numbers));
    }
    let by = |((brand, company), numbers): &((usize, usize), [u64; 8])| {
        (std::cmp::Reverse((numbers[ACCEPTED], numbers[UNREVIEWED], numbers[UNREVIEWED + 1])), *brand, *company)
    };
    all.sort_by_key(by);
    all.truncate(most);
    let row = |((brand, company), numbers): &((usize, usize), [u64; 8])| {
        let names = [json!(pile.findings.texts[finding::BRAND].text(*brand)), json!(pile.trades.texts[trade::COMPANY].text(*company))];
        names.into_iter().chain(numbers.iter().map(|number| json!(number))).collect()
    };
    Ok(Some(all.iter().map(row).collect()))
}

/// Whether somebody else keeps a copy of a finding's page: asked only of the few that a person accepted.
fn is_archived(pile: &Pile, row: u32) -> anyhow::Result<bool> {
    let sql = "SELECT c.archive_url IS NOT NULL FROM notices t JOIN originals o ON o.id = t.original JOIN captures c ON c.id = o.capture WHERE t.id = ?1";
    Ok(pile.db.prepare_cached(sql)?.query_row([pile.key(row).0 as i64], |row| row.get(0))?)
}
