//! Which findings come first in a list, and which after them?

use super::{Asked, Pile, Rows, first};
use crate::store::columns::{finding, trade};

pub const COLUMNS: &[&str] = &["notice", "n"];

/// By day, buyer and usage; also what a reader rejected, and copies.
pub fn brand(pile: &Pile, asked: &Asked, most: usize) -> anyhow::Result<Option<Rows>> {
    let rows = kept(pile, asked, |_| true);
    let by = |row: &u32| (day(pile, *row), pile.trade_code(trade::BUYER, *row), pile.code(finding::USAGE, *row), pile.key(*row));
    Ok(Some(listed(pile, first(rows, most, by))))
}

/// What a notice does not name itself, by day, brand and product.
pub fn embedded(pile: &Pile, asked: &Asked, most: usize) -> anyhow::Result<Option<Rows>> {
    let rows = kept(pile, asked, |row| pile.trade_flags(row) & trade::INFERRED > 0 && stands(pile, row) && !is_copy(pile, row));
    let by = |row: &u32| (day(pile, *row), brand_and_product(pile, *row), pile.key(*row));
    Ok(Some(listed(pile, first(rows, most, by))))
}

/// What is for a purpose, by day, brand, product and usage.
pub fn together(pile: &Pile, asked: &Asked, most: usize) -> anyhow::Result<Option<Rows>> {
    let rows = kept(pile, asked, |row| stands(pile, row) && !is_copy(pile, row));
    let by = |row: &u32| (day(pile, *row), brand_and_product(pile, *row), pile.code(finding::USAGE, *row), pile.key(*row));
    Ok(Some(listed(pile, first(rows, most, by))))
}

/// The weakest first.
pub fn weakest(pile: &Pile, asked: &Asked, most: usize) -> anyhow::Result<Option<Rows>> {
    let rows = kept(pile, asked, |row| stands(pile, row));
    Ok(Some(listed(pile, first(rows, most, |row| pile.trades.numbers[trade::WEAKNESS].at(*row as usize)))))
}

fn kept(pile: &Pile, asked: &Asked, also: impl Fn(u32) -> bool) -> Vec<u32> {
    let keeps = asked.findings(&pile.findings);
    (0..pile.findings.len() as u32).filter(|row| keeps.row(*row) && also(*row)).collect()
}

fn stands(pile: &Pile, row: u32) -> bool {
    pile.decision(row) != Some("reject")
}

fn is_copy(pile: &Pile, row: u32) -> bool {
    pile.number(finding::FLAGS, row) & finding::IS_COPY > 0
}

fn day(pile: &Pile, row: u32) -> usize {
    pile.code(finding::DAY, row)
}

fn brand_and_product(pile: &Pile, row: u32) -> (usize, usize) {
    (pile.code(finding::BRAND, row), pile.trade_code(trade::PRODUCT, row))
}

fn listed(pile: &Pile, rows: Vec<u32>) -> Rows {
    let key = |row: u32| pile.key(row);
    rows.into_iter().map(key).map(|(notice, n)| vec![notice.into(), n.into()]).collect()
}
