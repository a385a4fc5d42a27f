//! What is not known of each site, stage and year?

use super::{Asked, Pile, Rows, years};
use crate::store::columns::{SUMS, Table, notice, sum};
use anyhow::ensure;
use serde_json::json;
use std::collections::HashMap;

pub const COLUMNS: &[&str] = &[
    "site",
    "stage",
    "year",
    "notices",
    "without_buyer",
    "without_supplier",
    "without_items",
    "without_attachments",
    "masked",
    "without_findings",
];

/// The most notices first.
pub fn unknown(pile: &Pile, _: &Asked, most: usize) -> anyhow::Result<Option<Rows>> {
    let (notices, sums) = (pile.notices()?, Table::load(pile.db, &SUMS)?);
    ensure!(notices.len() == sums.len(), "the case was changed meanwhile: ask again");
    let years = years::of_days(&notices);
    let mut all: HashMap<(usize, usize, Option<&str>), [u64; 7]> = HashMap::new();
    for row in (0..notices.len()).filter(|row| notices.numbers[notice::FLAGS].at(*row) & notice::READABLE > 0) {
        let year = years[notices.texts[notice::DAY].code(row)].as_deref();
        let numbers = all.entry((sums.texts[sum::SITE].code(row), sums.texts[sum::STAGE].code(row), year)).or_default();
        let flags = sums.numbers[sum::FLAGS].at(row);
        let is = [
            true,
            sums.texts[sum::BUYER].code(row) == 0,
            flags & sum::HAS_SUPPLIER == 0,
            flags & sum::HAS_ITEMS == 0,
            flags & sum::WITHOUT_ATTACHMENTS > 0,
            flags & sum::MASKED > 0,
            flags & sum::HAS_FINDINGS == 0,
        ];
        numbers.iter_mut().zip(is).for_each(|(number, is)| *number += u64::from(is));
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_unstable_by_key(|(of, numbers)| (std::cmp::Reverse(numbers[0]), *of));
    all.truncate(most);
    let row = |((site, stage, year), numbers): &((usize, usize, Option<&str>), [u64; 7])| {
        let names = [json!(sums.texts[sum::SITE].text(*site)), json!(sums.texts[sum::STAGE].text(*stage)), json!(year)];
        names.into_iter().chain(numbers.iter().map(|number| json!(number))).collect()
    };
    Ok(Some(all.iter().map(row).collect()))
}
