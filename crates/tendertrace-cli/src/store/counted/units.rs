//! How many units of each product were bought? Of each project the rows of its award, else of its contract.

use super::{Asked, Pile, Rows, different};
use crate::store::columns::{finding, trade};
use serde_json::json;

pub const COLUMNS: &[&str] = &["brand", "product", "units", "projects", "findings", "without_quantity", "buyers"];

struct Units {
    brand: usize,
    product: usize,
    units: Option<f64>,
    projects: u64,
    findings: u64,
    without_quantity: u64,
    buyers: usize,
}

/// The most units first.
pub fn units(pile: &Pile, asked: &Asked, most: usize) -> anyhow::Result<Option<Rows>> {
    let key = |row: u32| (pile.code(finding::BRAND, row), pile.trade_code(trade::PRODUCT, row));
    let mut keyed: Vec<((usize, usize), u32)> = pile.bought(asked).into_iter().map(|row| (key(row), row)).collect();
    keyed.sort_unstable();
    let stages = pile.stages();
    let mut all: Vec<Units> = keyed.chunk_by(|a, b| a.0 == b.0).map(|group| of_group(pile, group, &stages)).collect();
    // Nothing stands behind every number.
    all.sort_by(|a, b| {
        b.units.partial_cmp(&a.units).unwrap_or(std::cmp::Ordering::Equal).then((a.brand, a.product).cmp(&(b.brand, b.product)))
    });
    all.truncate(most);
    let row = |of: &Units| {
        vec![
            json!(pile.findings.texts[finding::BRAND].text(of.brand)),
            json!(pile.trades.texts[trade::PRODUCT].text(of.product)),
            json!(of.units),
            json!(of.projects),
            json!(of.findings),
            json!(of.without_quantity),
            json!(of.buyers),
        ]
    };
    Ok(Some(all.iter().map(row).collect()))
}

fn of_group(pile: &Pile, group: &[((usize, usize), u32)], stages: &[u8]) -> Units {
    let (brand, product) = group[0].0;
    let rows: Vec<u32> = group.iter().map(|(_, row)| *row).collect();
    let turn = |row: &u32| (stages[pile.trade_code(trade::STAGE, *row)], pile.number(finding::NOTICE, *row));
    let mut of = Units { brand, product, units: None, projects: 0, findings: 0, without_quantity: 0, buyers: 0 };
    let mut buyers = Vec::new();
    for project in rows.chunk_by(|a, b| pile.number(finding::PROCESS, *a) == pile.number(finding::PROCESS, *b)) {
        let first = project.iter().map(turn).min();
        of.projects += 1;
        for row in project.iter().filter(|row| Some(turn(row)) == first) {
            of.findings += 1;
            match pile.quantity(*row) {
                Some(quantity) => of.units = Some(of.units.unwrap_or_default() + quantity),
                None => of.without_quantity += 1,
            }
            buyers.extend(Some(pile.trade_code(trade::BUYER, *row) as u32).filter(|buyer| *buyer > 0));
        }
    }
    of.buyers = different(buyers);
    of
}
