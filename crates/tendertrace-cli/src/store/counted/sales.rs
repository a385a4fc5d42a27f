//! Who sold what, in how many projects, to how many buyers, for how much? Findings of one seller and brand (and
//! product), each project's quantity and lines counted once: by its award, else its contract.

use super::{Asked, Pile, Rows, different, first};
use crate::store::columns::{self, Table, finding, trade};
use serde_json::{Value, json};
use std::collections::HashMap;

pub const SELLERS: &[&str] = &[
    "seller",
    "brand",
    "in_currency",
    "projects",
    "findings",
    "inferred",
    "buyers",
    "first",
    "last",
    "quantity",
    "line_amount",
    "projects_priced",
    "notice",
    "n",
];

pub const SINCE: &[&str] =
    &["brand", "product", "seller", "in_currency", "projects", "buyers", "first", "last", "quantity", "line_amount", "notice", "n"];

/// The most projects first.
pub fn sellers(pile: &Pile, asked: &Asked, most: usize) -> anyhow::Result<Option<Rows>> {
    let names = pile.names()?;
    let mut rows = pile.bought(asked);
    rows.retain(|row| pile.trade_code(trade::SUPPLIER, *row) > 0);
    let strongest = Strongest::of(pile);
    let sales = all(pile, &names, rows, |_| 0, |row| strongest.turn(row));
    let by = |sale: &Sale| {
        let name = names.texts[columns::SELLER].code(sale.best as usize);
        (std::cmp::Reverse((sale.projects, sale.findings)), name, sale.brand, sale.currency, sale.seller)
    };
    let sales = first(sales, most, by);
    let paid = Paid::of(pile)?;
    let row = |sale: &Sale| {
        let (notice, n) = pile.key(sale.best);
        vec![
            json!(names.texts[columns::SELLING_ENTITY].text(sale.seller)),
            json!(pile.findings.texts[finding::BRAND].text(sale.brand)),
            json!(pile.trades.texts[trade::CURRENCY].text(sale.currency)),
            json!(sale.projects),
            json!(sale.findings),
            json!(sale.inferred),
            json!(sale.buyers.number()),
            day(pile, sale.first),
            day(pile, sale.last),
            json!(sale.quantity),
            paid.amount(sale),
            json!(sale.priced),
            json!(notice),
            json!(n),
        ]
    };
    Ok(Some(sales.iter().map(row).collect()))
}

/// What was bought first stands first.
pub fn since(pile: &Pile, asked: &Asked, most: usize) -> anyhow::Result<Option<Rows>> {
    let names = pile.names()?;
    let product = |row: u32| pile.trade_code(trade::PRODUCT, row);
    let sales = all(pile, &names, pile.bought(asked), product, |row| (pile.code(finding::DAY, row), pile.key(row)));
    let by = |sale: &Sale| {
        let name = names.texts[columns::SELLER].code(sale.best as usize);
        (sale.first, sale.brand, sale.product, name, sale.currency, sale.seller)
    };
    let sales = first(sales, most, by);
    let paid = Paid::of(pile)?;
    let row = |sale: &Sale| {
        let (notice, n) = pile.key(sale.best);
        vec![
            json!(pile.findings.texts[finding::BRAND].text(sale.brand)),
            json!(pile.trades.texts[trade::PRODUCT].text(sale.product)),
            json!(names.texts[columns::SELLING_ENTITY].text(sale.seller)),
            json!(pile.trades.texts[trade::CURRENCY].text(sale.currency)),
            json!(sale.projects),
            json!(sale.buyers.number()),
            day(pile, sale.first),
            day(pile, sale.last),
            json!(sale.quantity),
            paid.amount(sale),
            json!(notice),
            json!(n),
        ]
    };
    Ok(Some(sales.iter().map(row).collect()))
}

fn day(pile: &Pile, code: Option<usize>) -> Value {
    json!(pile.findings.texts[finding::DAY].text(code.unwrap_or_default()))
}

/// What one seller sold of one brand in one currency, all but names as numbers of texts.
struct Sale {
    seller: usize,
    brand: usize,
    product: usize,
    currency: usize,
    projects: u64,
    last_project: Option<u64>,
    findings: u64,
    inferred: u64,
    buyers: Buyers,
    first: Option<usize>,
    last: Option<usize>,
    quantity: Option<f64>,
    /// In the currency's smallest units.
    amount: Option<i64>,
    priced: u64,
    last_priced: Option<u64>,
    /// The finding that is shown.
    best: u32,
}

/// Different buyers: of most sales there are a few.
#[derive(Default)]
struct Buyers {
    seen: Vec<u32>,
}

impl Buyers {
    fn see(&mut self, buyer: u32) {
        if self.seen.last() != Some(&buyer) {
            self.seen.push(buyer);
        }
    }

    fn number(&self) -> usize {
        different(self.seen.clone())
    }
}

/// Every sale of the rows; of each the finding that comes first by `turn` is shown.
fn all<T: Ord + Copy>(pile: &Pile, names: &Table, rows: Vec<u32>, product: impl Fn(u32) -> usize, turn: impl Fn(u32) -> T) -> Vec<Sale> {
    let seller = |row: u32| names.texts[columns::SELLING_ENTITY].code(row as usize) as u32;
    let key = |row: u32| (seller(row), pile.code(finding::BRAND, row) as u32, product(row) as u32, row);
    let mut keyed: Vec<(u32, u32, u32, u32)> = rows.into_iter().map(key).collect();
    keyed.sort_unstable();
    let stages = pile.stages();
    let mut sales = Vec::new();
    for group in keyed.chunk_by(|a, b| (a.0, a.1, a.2) == (b.0, b.1, b.2)) {
        of_group(pile, group, &stages, &turn, &mut sales);
    }
    sales
}

/// Rows of one seller, brand and product: those of one process together, as the columns have them.
fn of_group<T: Ord + Copy>(pile: &Pile, group: &[(u32, u32, u32, u32)], stages: &[u8], turn: &impl Fn(u32) -> T, sales: &mut Vec<Sale>) {
    let line = |row: u32| Some(pile.trade_code(trade::CURRENCY, row)).filter(|_| pile.trade_flags(row) & trade::OF_LINE > 0);
    let stage = |row: u32| stages[pile.trade_code(trade::STAGE, row)];
    let process = |row: u32| pile.number(finding::PROCESS, row);
    let usual = group.iter().filter_map(|(.., row)| line(*row)).min();
    let from = sales.len();
    for project in group.chunk_by(|a, b| process(a.3) == process(b.3)) {
        let quantity_stage = project.iter().filter(|(.., row)| pile.quantity(*row).is_some()).map(|(.., row)| stage(*row)).min();
        let amount_stage = project.iter().filter(|(.., row)| line(*row).is_some()).map(|(.., row)| stage(*row)).min();
        for &(seller, brand, product, row) in project {
            let currency = line(row).or(usual).unwrap_or_else(|| pile.trade_code(trade::CURRENCY, row));
            let at = sales[from..].iter().position(|sale| sale.currency == currency).map_or(sales.len(), |at| from + at);
            if at == sales.len() {
                sales.push(begun([seller, brand, product].map(|code| code as usize), currency, row));
            }
            let sale = &mut sales[at];
            if turn(row) < turn(sale.best) {
                sale.best = row;
            }
            count(pile, sale, row);
            if quantity_stage == Some(stage(row)) {
                sale.quantity = add(sale.quantity, pile.quantity(row), |a, b| a + b);
            }
            if line(row).is_some() {
                price(pile, sale, row, amount_stage == Some(stage(row)));
            }
        }
    }
}

fn begun([seller, brand, product]: [usize; 3], currency: usize, best: u32) -> Sale {
    Sale {
        seller,
        brand,
        product,
        currency,
        projects: 0,
        last_project: None,
        findings: 0,
        inferred: 0,
        buyers: Buyers::default(),
        first: None,
        last: None,
        quantity: None,
        amount: None,
        priced: 0,
        last_priced: None,
        best,
    }
}

fn count(pile: &Pile, sale: &mut Sale, row: u32) {
    let process = Some(pile.number(finding::PROCESS, row));
    sale.projects += u64::from(sale.last_project != process);
    sale.last_project = process;
    sale.findings += 1;
    sale.inferred += u64::from(pile.trade_flags(row) & trade::INFERRED > 0);
    Some(pile.trade_code(trade::BUYER, row) as u32).filter(|buyer| *buyer > 0).into_iter().for_each(|buyer| sale.buyers.see(buyer));
    let day = Some(pile.code(finding::DAY, row)).filter(|day| *day > 0);
    sale.first = add(sale.first, day, usize::min);
    sale.last = add(sale.last, day, usize::max);
}

fn price(pile: &Pile, sale: &mut Sale, row: u32, is_added: bool) {
    let Some(amount) =
        Some(pile.trades.numbers[trade::AMOUNT].at(row as usize) as i64).filter(|_| pile.trade_flags(row) & trade::HAS_AMOUNT > 0)
    else {
        return;
    };
    let process = Some(pile.number(finding::PROCESS, row));
    sale.priced += u64::from(sale.last_priced != process);
    sale.last_priced = process;
    if is_added {
        sale.amount = add(sale.amount, Some(amount), i64::saturating_add);
    }
}

fn add<T>(one: Option<T>, other: Option<T>, how: impl Fn(T, T) -> T) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(how(one, other)),
        (one, other) => one.or(other),
    }
}

/// Named before inferred, strong before weak, awards before contracts, old before new.
struct Strongest<'a> {
    pile: &'a Pile<'a>,
    strengths: Vec<u8>,
    stages: Vec<u8>,
}

impl<'a> Strongest<'a> {
    fn of(pile: &'a Pile<'a>) -> Strongest<'a> {
        let strengths = pile.findings.texts[finding::STRENGTH].each(|strength| match strength {
            Some("strong") => 1,
            Some("medium") => 2,
            _ => 3,
        });
        Strongest { pile, strengths, stages: pile.stages() }
    }

    fn turn(&self, row: u32) -> (bool, u8, u8, usize, (u64, u64)) {
        let pile = self.pile;
        let is_inferred = pile.trade_flags(row) & trade::INFERRED > 0;
        let stage = self.stages[pile.trade_code(trade::STAGE, row)];
        (is_inferred, self.strengths[pile.code(finding::STRENGTH, row)], stage, pile.code(finding::DAY, row), pile.key(row))
    }
}

/// How many smallest units a currency has, by its number.
struct Paid {
    factors: Vec<f64>,
}

impl Paid {
    fn of(pile: &Pile) -> anyhow::Result<Paid> {
        let factors = factors(pile.db)?;
        Ok(Paid {
            factors: pile.trades.texts[trade::CURRENCY].each(|code| code.and_then(|code| factors.get(code)).copied().unwrap_or(100.0)),
        })
    }

    fn amount(&self, sale: &Sale) -> Value {
        json!(sale.amount.map(|minor| minor as f64 / self.factors[sale.currency]))
    }
}

/// Smallest units of each currency that has not 100.
pub fn factors(db: &rusqlite::Connection) -> anyhow::Result<HashMap<String, f64>> {
    let mut query = db.prepare_cached("SELECT code, factor FROM currencies")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as f64)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
