//! What do tables say of a planned purchase? Its budget and its name, where no label states them.

use super::Layout;
use super::claims;
use super::grids::{Grid, Row};
use super::orgs;
use crate::evidence::{Derived, Known, Sourced};
use crate::model::{Money, Stage};
use crate::rulebook::Rulebook;

/// The budget of the only row that has one, or of all packages together where every row is one.
pub fn of_grids(layout: &Layout, grids: &[Grid], stage: Option<Stage>, rules: &Rulebook) -> Option<Known<Money>> {
    if !matches!(stage, Some(Stage::Intention | Stage::Tender | Stage::SingleSource)) {
        return None;
    }
    let [grid] = grids.iter().filter(|grid| grid.has("budget")).collect::<Vec<_>>()[..] else { return None };
    let sums: Option<Vec<Known<Money>>> = grid.rows.iter().map(|row| budget(layout, grid, row, rules)).collect();
    let sums = sums?;
    match &sums[..] {
        [only] => Some(only.clone()),
        [first, ..] if grid.has("lot") && sums.iter().all(|sum| sum.value().currency == first.value().currency) => Some(together(&sums)),
        _ => None,
    }
}

fn budget(layout: &Layout, grid: &Grid, row: &Row, rules: &Rulebook) -> Option<Known<Money>> {
    let index = grid.column("budget")?;
    claims::cell_sum(layout, row.whole(index)?, &grid.columns[index].hint, rules)
}

fn together(sums: &[Known<Money>]) -> Known<Money> {
    let value = Money { amount: sums.iter().map(|sum| sum.value().amount).sum(), currency: sums[0].value().currency.clone() };
    Known::Concluded(Derived {
        value,
        derived_from: sums.iter().flat_map(|sum| sum.quotes()).collect(),
        rule: "budgets/sum-of-lots".into(),
    })
}

/// The name of the only project that a table of plans lists.
pub fn only_project(layout: &Layout, grids: &[Grid]) -> Option<Sourced<String>> {
    let [grid] = grids.iter().filter(|grid| grid.has("project_name")).collect::<Vec<_>>()[..] else { return None };
    let ([row], index) = (&grid.rows[..], grid.column("project_name")?) else { return None };
    let at = row.whole(index)?;
    Some(orgs::sourced(layout, at.start, at.end, grid.columns[index].rule.clone()))
}
