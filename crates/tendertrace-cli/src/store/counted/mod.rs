//! What do questions count, over a million notices, while the reader waits? The part of a question's SQL that is
//! called `counted` is counted over the columns, the first rows of it alone; the rest of the question, which looks
//! up what stands beside each row, is asked as its file has it. A question whose file is a user's own, or that
//! only SQL understands, is asked as it stands. A test holds that both ways give the same.

mod asked;
pub mod funnel;
mod lists;
mod sales;
mod sites;
mod standing;
#[cfg(test)]
mod tests;
mod units;
mod years;

use super::columns::{FINDINGS, NAMES, NOTICES, TRADES, Table, finding, trade};
use super::decisions;
use super::kept::Sees;
use super::questions::{Given, Question};
use anyhow::ensure;
use asked::Asked;
use rusqlite::Connection;
use serde_json::Value;
use std::collections::HashMap;
use std::ops::Range;

/// The parameter that holds the rows.
pub const PARAMETER: &str = "counted";

/// Rows of the part `counted`, in its order.
type Rows = Vec<Vec<Value>>;
/// What counts them: at most so many.
type Counts = fn(&Pile, &Asked, usize) -> anyhow::Result<Option<Rows>>;

/// A question whose part `counted` need not be asked in SQL.
struct Counted {
    question: &'static str,
    columns: &'static [&'static str],
    needs: Needs,
    rows: Counts,
}

/// Which columns a question is counted over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    Findings,
    Trades,
}

const COUNTED: [Counted; 10] = [
    Counted { question: "brand", columns: lists::COLUMNS, needs: Needs::Trades, rows: lists::brand },
    Counted { question: "embedded", columns: lists::COLUMNS, needs: Needs::Trades, rows: lists::embedded },
    Counted { question: "publish", columns: standing::COLUMNS, needs: Needs::Trades, rows: standing::publish },
    Counted { question: "sellers", columns: sales::SELLERS, needs: Needs::Trades, rows: sales::sellers },
    Counted { question: "since", columns: sales::SINCE, needs: Needs::Trades, rows: sales::since },
    Counted { question: "together", columns: lists::COLUMNS, needs: Needs::Trades, rows: lists::together },
    Counted { question: "units", columns: units::COLUMNS, needs: Needs::Trades, rows: units::units },
    Counted { question: "unknown", columns: sites::COLUMNS, needs: Needs::Findings, rows: sites::unknown },
    Counted { question: "weakest", columns: lists::COLUMNS, needs: Needs::Trades, rows: lists::weakest },
    Counted { question: "years", columns: years::COLUMNS, needs: Needs::Findings, rows: years::years },
];

/// Whether a question is counted here, whatever narrows it.
pub fn counts(question: &Question) -> bool {
    COUNTED.iter().any(|counted| counted.question == question.name) && question.is_built_in()
}

/// The question with its part `counted` replaced by the rows in the parameter `:counted`, and those rows as JSON:
/// of the rows from `window.start` on as many as it holds, and one more, where there are more. `None` where the
/// question is to be asked as it stands.
pub fn part(db: &Connection, question: &Question, given: Given, window: &Range<usize>) -> anyhow::Result<Option<(String, String)>> {
    let Some(counted) = COUNTED.iter().find(|counted| counted.question == question.name && question.is_built_in()) else { return Ok(None) };
    let Some(asked) = Asked::of(given).filter(|_| Sees::of(db).is_ok_and(|sees| sees != Sees::Nothing)) else { return Ok(None) };
    let pile = match counted.needs {
        Needs::Findings => Pile::of(db)?,
        Needs::Trades => Pile::with_trades(db)?,
    };
    let Some(rows) = (counted.rows)(&pile, &asked, window.end.saturating_add(1))? else { return Ok(None) };
    let rows = serde_json::to_string(rows.get(window.start..).unwrap_or_default())?;
    Ok(replaced(&question.sql, counted.columns).map(|sql| (sql, rows)))
}

/// The SQL with everything up to the part `counted` replaced by rows that are given.
fn replaced(sql: &str, columns: &[&str]) -> Option<String> {
    const BEGINS: &str = "counted AS (";
    let start = sql.find(BEGINS)? + BEGINS.len();
    let mut depth = 1;
    let mut quoted = false;
    let end = sql[start..].char_indices().find_map(|(at, c)| {
        quoted ^= c == '\'';
        depth += match c {
            '(' if !quoted => 1,
            ')' if !quoted => -1,
            _ => 0,
        };
        (depth == 0).then_some(start + at)
    })?;
    let columns: Vec<String> = columns.iter().enumerate().map(|(at, name)| format!("value ->> {at} AS {name}")).collect();
    Some(format!("WITH counted AS (SELECT {} FROM json_each(:counted)){}", columns.join(", "), &sql[end + 1..]))
}

/// The columns of a case, and what people said of its findings.
pub struct Pile<'a> {
    db: &'a Connection,
    findings: Table,
    /// Empty where nothing asks for them.
    trades: Table,
    said: HashMap<(u64, u64), String>,
}

impl<'a> Pile<'a> {
    fn of(db: &'a Connection) -> anyhow::Result<Pile<'a>> {
        Ok(Pile { db, findings: Table::load(db, &FINDINGS)?, trades: Table::default(), said: decisions::by_place(db)? })
    }

    /// The same with what the findings say of a purchase.
    fn with_trades(db: &'a Connection) -> anyhow::Result<Pile<'a>> {
        let pile = Pile::of(db)?;
        let trades = Table::load(db, &TRADES)?;
        ensure!(trades.len() == pile.findings.len(), "the case was changed meanwhile: ask again");
        Ok(Pile { trades, ..pile })
    }

    fn names(&self) -> anyhow::Result<Table> {
        let names = Table::load(self.db, &NAMES)?;
        ensure!(names.len() == self.findings.len(), "the case was changed meanwhile: ask again");
        Ok(names)
    }

    fn notices(&self) -> anyhow::Result<Table> {
        Table::load(self.db, &NOTICES)
    }

    fn number(&self, of: usize, row: u32) -> u64 {
        self.findings.numbers[of].at(row as usize)
    }

    fn code(&self, of: usize, row: u32) -> usize {
        self.findings.texts[of].code(row as usize)
    }

    fn trade_code(&self, of: usize, row: u32) -> usize {
        self.trades.texts[of].code(row as usize)
    }

    fn trade_flags(&self, row: u32) -> u64 {
        self.trades.numbers[trade::FLAGS].at(row as usize)
    }

    /// The notice of a finding, and its number in it.
    fn key(&self, row: u32) -> (u64, u64) {
        (self.number(finding::NOTICE, row), self.number(finding::N, row))
    }

    fn decision(&self, row: u32) -> Option<&str> {
        if self.said.is_empty() { None } else { self.said.get(&self.key(row)).map(String::as_str) }
    }

    fn quantity(&self, row: u32) -> Option<f64> {
        let has_one = self.number(finding::FLAGS, row) & finding::HAS_QUANTITY > 0;
        has_one.then(|| f64::from_bits(self.trades.numbers[trade::QUANTITY].at(row as usize)))
    }

    /// For every number of a stage: awards before contracts before all others.
    fn stages(&self) -> Vec<u8> {
        self.trades.texts[trade::STAGE].each(|stage| match stage {
            Some("award") => 0,
            Some("contract") => 1,
            _ => 2,
        })
    }

    /// Findings that awards, contracts and acceptances name, no copies and none that a reader rejected, of those asked for.
    fn bought(&self, asked: &Asked) -> Vec<u32> {
        let awarded = self.findings.texts[finding::USAGE].each(|usage| usage == Some("awarded"));
        let keeps = asked.findings(&self.findings);
        let all = 0..self.findings.len() as u32;
        all.filter(|row| {
            awarded[self.code(finding::USAGE, *row)]
                && self.number(finding::FLAGS, *row) & finding::IS_COPY == 0
                && keeps.row(*row)
                && self.decision(*row) != Some("reject")
        })
        .collect()
    }
}

/// How many different numbers these are.
fn different(mut numbers: Vec<u32>) -> usize {
    numbers.sort_unstable();
    numbers.dedup();
    numbers.len()
}

/// The first of the rows in the order of a key.
fn first<R, K: Ord>(mut rows: Vec<R>, most: usize, key: impl Fn(&R) -> K) -> Vec<R> {
    if let Some(last) = most.checked_sub(1).filter(|last| *last < rows.len()) {
        rows.select_nth_unstable_by(last, |a, b| key(a).cmp(&key(b)));
        rows.truncate(most);
    }
    rows.sort_by_cached_key(key);
    rows
}
