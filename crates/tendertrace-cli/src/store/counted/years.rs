//! How many notices, awards, bodies and places a year speak of a word, out of how many?

use super::sales::factors;
use super::{Asked, Pile, Rows};
use crate::store::columns::{SUMS, Table, finding, notice, sum, words};
use anyhow::ensure;
use serde_json::json;
use std::collections::BTreeMap;

pub const COLUMNS: &[&str] =
    &["year", "all_notices", "all_awards", "with_items", "notices", "awards", "projects", "buyers", "places", "totals", "findings"];

#[derive(Default)]
struct Year {
    all: [u64; 3],
    notices: u64,
    awards: u64,
    findings: u64,
    projects: Different,
    buyers: Different,
    places: Different,
    /// By the currency's number, in its smallest units.
    totals: BTreeMap<usize, i128>,
}

/// How many different numbers were seen, 0 not counted.
#[derive(Default)]
struct Different {
    seen: Vec<u64>,
    number: u64,
}

impl Different {
    fn see(&mut self, number: u64) {
        let (at, bit) = ((number / 64) as usize, 1 << (number % 64));
        if self.seen.len() <= at {
            self.seen.resize(at + 1, 0);
        }
        if number > 0 && self.seen[at] & bit == 0 {
            self.seen[at] |= bit;
            self.number += 1;
        }
    }
}

/// The oldest first.
pub fn years(pile: &Pile, asked: &Asked, most: usize) -> anyhow::Result<Option<Rows>> {
    let (notices, sums) = (pile.notices()?, Table::load(pile.db, &SUMS)?);
    ensure!(notices.len() == sums.len(), "the case was changed meanwhile: ask again");
    let speaks = match asked.term {
        None => None,
        Some(term) => match words::with(pile.db, term, notices.len())? {
            Some(speaks) => Some(speaks),
            None => return Ok(None),
        },
    };
    let found = found(pile, asked, notices.len());
    let keeps = asked.notices(&notices);
    let years = of_days(&notices);
    let mut all: BTreeMap<Option<&str>, Year> = BTreeMap::new();
    for row in 0..notices.len() {
        let flags = notices.numbers[notice::FLAGS].at(row);
        if flags & notice::READABLE == 0 || flags & notice::MAIN == 0 {
            continue;
        }
        let year = all.entry(years[notices.texts[notice::DAY].code(row)].as_deref()).or_default();
        let is_bought = flags & notice::BOUGHT > 0;
        let steps = [true, is_bought, flags & notice::HAS_ITEMS > 0];
        year.all.iter_mut().zip(steps).for_each(|(number, is)| *number += u64::from(is));
        let is_asked =
            keeps.row(row as u32) && speaks.as_ref().is_none_or(|speaks| speaks[row]) && (asked.brand.is_none() || found[row] > 0);
        if is_asked {
            year.notices += 1;
            year.awards += u64::from(is_bought);
            year.findings += u64::from(found[row]);
            add(year, &notices, &sums, row);
        }
    }
    let factors = factors(pile.db)?;
    let row = |(name, year): (Option<&str>, Year)| {
        let currency = |code: &usize| sums.texts[sum::CURRENCY].text(*code);
        let total = |(code, minor): (&usize, &i128)| {
            let code = currency(code)?;
            Some(format!("{code} {:.2}", *minor as f64 / factors.get(code).copied().unwrap_or(100.0)))
        };
        let totals: Vec<String> = year.totals.iter().filter_map(total).collect();
        let totals = Some(totals.join(" + ")).filter(|totals| !totals.is_empty());
        let [all, awards, items] = year.all;
        vec![
            json!(name),
            json!(all),
            json!(awards),
            json!(items),
            json!(year.notices),
            json!(year.awards),
            json!(year.projects.number),
            json!(year.buyers.number),
            json!(year.places.number),
            json!(totals),
            json!(year.findings),
        ]
    };
    Ok(Some(all.into_iter().take(most).map(row).collect()))
}

/// For every number of a day, its year.
pub fn of_days(notices: &Table) -> Vec<Option<String>> {
    notices.texts[notice::DAY].each(|day| day.map(|day| day.chars().take(4).collect()))
}

fn add(year: &mut Year, notices: &Table, sums: &Table, row: usize) {
    year.projects.see(sums.numbers[sum::PROCESS].at(row));
    year.buyers.see(sums.texts[sum::BUYER].code(row) as u64);
    year.places.see(notices.texts[notice::REGION].code(row) as u64);
    if sums.numbers[sum::FLAGS].at(row) & sum::IS_AWARDED > 0 {
        *year.totals.entry(sums.texts[sum::CURRENCY].code(row)).or_default() += i128::from(sums.numbers[sum::TOTAL].at(row) as i64);
    }
}

/// For each notice, how many findings it has of the brand asked for, or of any.
fn found(pile: &Pile, asked: &Asked, notices: usize) -> Vec<u32> {
    let mut found = vec![0; notices];
    let brands = asked.brands(&pile.findings.texts[finding::BRAND]);
    for row in 0..pile.findings.len() as u32 {
        if brands[pile.code(finding::BRAND, row)]
            && let Some(of) = found.get_mut(pile.number(finding::PLACE, row) as usize)
        {
            *of += 1;
        }
    }
    found
}
