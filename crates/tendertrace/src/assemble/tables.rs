//! Which brands, sellers and neighbours? Counts over contracting processes, so that a tender and its award
//! count once; sums only where a line names its own price. Taken process by process, in any order.

use super::{BrandRow, Case, CaseFinding, NeighbourRow, SellerRow, is_bought};
use crate::model::{AmountBasis, Money, Role, Stage, Usage};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Whether a finding says that the brand was bought.
pub(super) fn is_award(f: &CaseFinding) -> bool {
    f.finding.usage == Usage::Awarded && is_bought(Some(f.finding.stage))
}

/// Tables of findings that are counted.
#[derive(Default)]
pub(super) struct OfFindings {
    brands: BTreeMap<String, Brand>,
    sellers: BTreeMap<String, Seller>,
    /// Lots, and those of buyers asked for.
    neighbours: BTreeMap<(String, String), (usize, usize)>,
}

impl OfFindings {
    /// Takes the counted findings of one contracting process.
    pub fn add(&mut self, findings: &[&CaseFinding]) {
        let mut by_brand: BTreeMap<&str, Vec<&CaseFinding>> = BTreeMap::new();
        let mut by_seller: BTreeMap<&str, Vec<&CaseFinding>> = BTreeMap::new();
        for finding in findings {
            by_brand.entry(&finding.finding.brand).or_default().push(finding);
        }
        for finding in findings.iter().filter(|f| is_award(f)) {
            finding.finding.supplier.iter().for_each(|name| by_seller.entry(name).or_default().push(finding));
        }
        by_brand.into_iter().for_each(|(brand, all)| under(&mut self.brands, brand).add(&all));
        by_seller.into_iter().for_each(|(name, all)| under(&mut self.sellers, name).add(&all));
        self.add_neighbours(findings);
    }

    /// Brands named in the same awarded lot.
    fn add_neighbours(&mut self, findings: &[&CaseFinding]) {
        let mut lots: BTreeMap<&Option<String>, (BTreeSet<&str>, bool)> = BTreeMap::new();
        for f in findings.iter().filter(|f| is_award(f)) {
            let lot = lots.entry(&f.finding.lot).or_default();
            lot.0.insert(&f.finding.brand);
            lot.1 |= f.asked;
        }
        for (brands, asked) in lots.values().filter(|(brands, _)| brands.len() <= LOT_BRANDS) {
            for (a, b) in brands.iter().flat_map(|a| brands.iter().filter(move |b| a < *b).map(move |b| (*a, *b))) {
                let pair = self.neighbours.entry((a.to_string(), b.to_string())).or_default();
                pair.0 += 1;
                pair.1 += usize::from(*asked);
            }
        }
    }

    pub fn fill(self, case: &mut Case) {
        case.brands = self.brands.into_iter().map(|(brand, sum)| sum.row(brand)).collect();
        case.brands.sort_by_cached_key(|r| (Reverse(r.by_usage.get(&Usage::Awarded).copied()), Reverse(r.processes), r.brand.clone()));
        case.sellers = self.sellers.into_iter().map(|(name, sum)| sum.row(name)).collect();
        case.sellers.sort_by_cached_key(|r| (Reverse(r.asked), Reverse(r.processes), r.name.clone()));
        let row = |(brands, (lots, asked))| NeighbourRow { brands, lots, asked };
        case.neighbours = self.neighbours.into_iter().map(row).collect();
        case.neighbours.sort_by_cached_key(|r| (Reverse(r.asked), Reverse(r.lots), r.brands.clone()));
    }
}

/// Most brands of one lot that are paired: a catalogue is no neighbourhood.
const LOT_BRANDS: usize = 40;

/// What stands under a name, made where it is new.
pub(super) fn under<'a, T: Default>(all: &'a mut BTreeMap<String, T>, name: &str) -> &'a mut T {
    if !all.contains_key(name) {
        all.insert(name.to_string(), T::default());
    }
    all.get_mut(name).expect("entered above")
}

#[derive(Default)]
struct Brand {
    by_usage: BTreeMap<Usage, usize>,
    processes: usize,
    asked: usize,
    buyers: BTreeSet<String>,
    line_amounts: BTreeMap<String, rust_decimal::Decimal>,
    priced: usize,
    /// Date and id of the last finding, with its company and country.
    last: Option<(Option<String>, String, String, String)>,
}

impl Brand {
    fn add(&mut self, all: &[&CaseFinding]) {
        let usages: BTreeSet<Usage> = all.iter().map(|f| f.finding.usage).collect();
        usages.into_iter().for_each(|usage| *self.by_usage.entry(usage).or_default() += 1);
        self.processes += 1;
        self.asked += usize::from(all.iter().any(|f| f.asked));
        for f in all {
            put(&mut self.buyers, f.finding.buyer.as_ref());
            let (date, id) = (f.date.as_ref().map(|d| &d.value), &f.finding.id);
            if self.last.as_ref().is_none_or(|last| (date, id) >= (last.0.as_ref(), &last.1)) {
                self.last = Some((date.cloned(), id.clone(), f.finding.company.clone(), f.finding.country.clone()));
            }
        }
        self.add_amounts(all);
    }

    /// Line amounts by one stage of the process only: its award, else its contract, else its acceptance.
    fn add_amounts(&mut self, all: &[&CaseFinding]) {
        let mut stages: BTreeMap<Stage, Vec<&Money>> = BTreeMap::new();
        for finding in all.iter().filter(|f| is_award(f) && f.finding.amount_basis == Some(AmountBasis::Line)) {
            stages.entry(finding.finding.stage).or_default().extend(&finding.finding.amount);
        }
        self.priced += usize::from(!stages.is_empty());
        for money in stages.into_values().find(|amounts| !amounts.is_empty()).unwrap_or_default() {
            let sum = self.line_amounts.entry(money.currency.clone()).or_default();
            *sum = sum.saturating_add(money.amount);
        }
    }

    fn row(self, brand: String) -> BrandRow {
        let (_, _, company, country) = self.last.unwrap_or_default();
        BrandRow {
            brand,
            company,
            country,
            by_usage: self.by_usage,
            processes: self.processes,
            asked: self.asked,
            buyers: self.buyers.len(),
            line_amounts: self.line_amounts,
            priced: self.priced,
        }
    }
}

fn put(all: &mut BTreeSet<String>, one: Option<&String>) {
    if let Some(one) = one.filter(|one| !all.contains(*one)) {
        all.insert(one.clone());
    }
}

#[derive(Default)]
struct Seller {
    processes: usize,
    asked: usize,
    brands: BTreeSet<String>,
    buyers: BTreeSet<String>,
    first: Option<String>,
    last: Option<String>,
    listed: bool,
}

impl Seller {
    fn add(&mut self, all: &[&CaseFinding]) {
        self.processes += 1;
        self.asked += usize::from(all.iter().any(|f| f.asked));
        for f in all {
            put(&mut self.brands, Some(&f.finding.brand));
            put(&mut self.buyers, f.finding.buyer.as_ref());
            widen(&mut self.first, &mut self.last, f.date.as_ref().map(|d| &d.value));
            self.listed |= f.leads.iter().any(|l| l.role == Role::Supplier);
        }
    }

    fn row(self, name: String) -> SellerRow {
        SellerRow {
            name,
            processes: self.processes,
            asked: self.asked,
            brands: self.brands.into_iter().collect(),
            buyers: self.buyers.into_iter().collect(),
            first: self.first,
            last: self.last,
            listed: self.listed,
        }
    }
}

/// Lets a span of days reach a day.
pub(super) fn widen(first: &mut Option<String>, last: &mut Option<String>, day: Option<&String>) {
    let Some(day) = day else { return };
    if first.as_ref().is_none_or(|first| day < first) {
        *first = Some(day.clone());
    }
    if last.as_ref().is_none_or(|last| day > last) {
        *last = Some(day.clone());
    }
}
