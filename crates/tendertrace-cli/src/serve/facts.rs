//! How many contracting processes fulfil a filter? The columns of findings and notices, looked through row by
//! row: a case of a million notices in hundredths of a second, without an index for each question.

use super::filter::{Filter, Of, past, past_of, term};
use crate::store::columns::{self, FINDINGS, NAMES, NOTICES, Table, Texts, finding, notice};
use crate::store::decisions;
use anyhow::ensure;
use rusqlite::{Connection, OptionalExtension as _};
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// Findings of a case as far as anything counts them.
pub struct Facts<'a> {
    db: &'a Connection,
    findings: Table,
    names: OnceCell<Table>,
    notices: OnceCell<Table>,
    /// What people said, by notice and number of the finding; of all others they said nothing.
    decided: HashMap<(u64, u64), String>,
}

/// Rows of findings; those of one contracting process stand together.
pub type Rows = Vec<u32>;

/// A condition on a row.
enum Test {
    /// For every number of a text.
    Text(usize, Vec<bool>),
    Either([(usize, Vec<bool>); 2]),
    Name(usize, Vec<bool>),
    /// Of these notices.
    Notices(HashSet<u64>),
    Decision(Vec<String>),
}

/// What is counted: a number, or all that would be there but for what is never counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Counted,
    All,
}

impl<'a> Facts<'a> {
    pub fn of(db: &'a Connection) -> anyhow::Result<Facts<'a>> {
        let findings = Table::load(db, &FINDINGS)?;
        Ok(Facts { db, findings, names: OnceCell::new(), notices: OnceCell::new(), decided: decisions::by_place(db)? })
    }

    fn names(&self) -> anyhow::Result<&Table> {
        if self.names.get().is_none() {
            let names = Table::load(self.db, &NAMES)?;
            ensure!(names.len() == self.findings.len(), "the case was changed meanwhile: load the page again");
            self.names.set(names).ok();
        }
        Ok(self.names.get().expect("set above"))
    }

    fn notices(&self) -> anyhow::Result<&Table> {
        if self.notices.get().is_none() {
            self.notices.set(Table::load(self.db, &NOTICES)?).ok();
        }
        Ok(self.notices.get().expect("set above"))
    }

    /// A column of texts.
    pub fn texts(&self, of: Of) -> anyhow::Result<&Texts> {
        Ok(match of {
            Of::Seller => &self.names()?.texts[columns::SELLER],
            Of::Buyer => &self.names()?.texts[columns::BUYER],
            of => &self.findings.texts[column(of)],
        })
    }

    /// The number of a row's contracting process.
    pub fn process(&self, row: u32) -> u64 {
        self.findings.numbers[finding::PROCESS].at(row as usize)
    }

    /// The notice of a row, and the finding's number in it.
    pub fn key(&self, row: u32) -> (u64, u64) {
        let number = |of: usize| self.findings.numbers[of].at(row as usize);
        (number(finding::NOTICE), number(finding::N))
    }

    /// What is counted under a filter.
    pub fn counted(&self, filter: &Filter) -> anyhow::Result<Rows> {
        self.kept(filter, Scope::Counted)
    }

    /// Of these rows, those that a filter keeps.
    pub fn narrowed(&self, rows: &[u32], filter: &Filter) -> anyhow::Result<Rows> {
        let tests = self.tests(filter)?;
        Ok(rows.iter().copied().filter(|row| self.passes(*row, &tests)).collect())
    }

    fn kept(&self, filter: &Filter, scope: Scope) -> anyhow::Result<Rows> {
        let tests = self.tests(filter)?;
        let all = 0..self.findings.len() as u32;
        Ok(all.filter(|row| (scope == Scope::All || self.is_counted(*row)) && self.passes(*row, &tests)).collect())
    }

    fn is_counted(&self, row: u32) -> bool {
        self.flags(row) & (finding::IS_COPY | finding::NO_PURCHASE) == 0 && self.decision(row) != "reject"
    }

    fn flags(&self, row: u32) -> u64 {
        self.findings.numbers[finding::FLAGS].at(row as usize)
    }

    fn decision(&self, row: u32) -> &str {
        if self.decided.is_empty() { UNREVIEWED } else { self.decided.get(&self.key(row)).map_or(UNREVIEWED, String::as_str) }
    }

    /// What is left out of a number: copies, what a reader rejected, products without a shown purchase.
    pub fn left_out(&self, filter: &Filter) -> anyhow::Result<[usize; 3]> {
        let rows = self.kept(filter, Scope::All)?;
        let number = |test: &dyn Fn(u32) -> bool| rows.iter().filter(|row| test(**row)).count();
        Ok([
            number(&|row| self.flags(row) & finding::IS_COPY > 0),
            number(&|row| self.decision(row) == "reject"),
            number(&|row| self.flags(row) & finding::NO_PURCHASE > 0),
        ])
    }

    fn tests(&self, filter: &Filter) -> anyhow::Result<Vec<Test>> {
        let mut tests = Vec::new();
        for (at, (name, value)) in filter.terms().iter().enumerate() {
            match (term(name), past(name)) {
                (Some(_), _) => tests.push(self.test(name, value)?),
                (None, Some(of)) => {
                    let (most, base) = past_of(value, at);
                    tests.push(self.past(of, most as usize, &filter.up_to(base))?);
                }
                (None, None) => {}
            }
        }
        Ok(tests)
    }

    fn test(&self, name: &str, value: &str) -> anyhow::Result<Test> {
        let term = term(name).expect("a term of the table");
        let allowed = |texts: &Texts| texts.each(|text| term.keeps(text, value));
        let text = |of: usize| (of, allowed(&self.findings.texts[of]));
        Ok(match term.of {
            Of::EitherKind => Test::Either([text(finding::KIND), text(finding::END_USER_KIND)]),
            Of::Seller | Of::Buyer => {
                let of = if term.of == Of::Seller { columns::SELLER } else { columns::BUYER };
                // A name stands for all spellings of its organisation.
                let usual = if term.is_unknown(value) { value.to_string() } else { usual(self.db, value)? };
                Test::Name(of, self.names()?.texts[of].each(|text| term.keeps(text, &usual)))
            }
            Of::Decision => Test::Decision(term.parts(value).into_iter().map(String::from).collect()),
            Of::Lists => Test::Notices(listed(self.db, &term.parts(value))?),
            of => {
                let (of, allowed) = text(column(of));
                Test::Text(of, allowed)
            }
        })
    }

    /// Rows that are of none of the so many largest values of a column, among those of a base; of equals the
    /// first by name is larger.
    fn past(&self, of: Of, most: usize, base: &Filter) -> anyhow::Result<Test> {
        let (rows, texts) = (self.counted(base)?, self.texts(of)?);
        let sizes = self.processes(&rows, |row, count| count(texts.code(row as usize)));
        let mut sizes: Vec<(usize, usize)> = sizes.into_iter().filter(|(code, _)| *code > 0).collect();
        sizes.sort_by_key(|(code, n)| (std::cmp::Reverse(*n), *code));
        sizes.truncate(most);
        let mut allowed = texts.each(|text| text.is_some() || sizes.is_empty());
        sizes.iter().for_each(|(code, _)| allowed[*code] = false);
        Ok(match of {
            Of::Seller => Test::Name(columns::SELLER, allowed),
            Of::Buyer => Test::Name(columns::BUYER, allowed),
            of => Test::Text(column(of), allowed),
        })
    }

    fn passes(&self, row: u32, tests: &[Test]) -> bool {
        let text = |(of, allowed): &(usize, Vec<bool>)| allowed[self.findings.texts[*of].code(row as usize)];
        tests.iter().all(|test| match test {
            Test::Text(of, allowed) => allowed[self.findings.texts[*of].code(row as usize)],
            Test::Either([one, other]) => text(one) || text(other),
            Test::Name(of, allowed) => self.names.get().is_some_and(|names| allowed[names.texts[*of].code(row as usize)]),
            Test::Notices(notices) => notices.contains(&self.key(row).0),
            Test::Decision(decisions) => decisions.iter().any(|decision| decision == self.decision(row)),
        })
    }

    /// Contracting processes of the rows under each key; a row may be counted under several.
    pub fn processes<K: Hash + Eq>(&self, rows: &[u32], mut keys: impl FnMut(u32, &mut dyn FnMut(K))) -> HashMap<K, usize> {
        let mut counts: HashMap<K, (u64, usize)> = HashMap::new();
        for row in rows {
            let process = self.process(*row);
            keys(*row, &mut |key| {
                let (last, n) = counts.entry(key).or_insert((u64::MAX, 0));
                *n += usize::from(*last != process);
                *last = process;
            });
        }
        counts.into_iter().map(|(key, (_, n))| (key, n)).collect()
    }

    /// Contracting processes of the rows.
    pub fn number(&self, rows: &[u32]) -> usize {
        self.processes(rows, |_, count| count(())).get(&()).copied().unwrap_or(0)
    }

    /// How many contracting processes and how many findings.
    pub fn count(&self, filter: &Filter) -> anyhow::Result<(usize, usize)> {
        let rows = self.counted(filter)?;
        Ok((self.number(&rows), rows.len()))
    }

    /// Contracting processes by a column's text, as `of` says it.
    pub fn by<K: Hash + Eq + Clone>(&self, rows: &[u32], of: Of, key: impl Fn(Option<&str>) -> K) -> anyhow::Result<HashMap<K, usize>> {
        let texts = self.texts(of)?;
        let keys = texts.each(key);
        Ok(self.processes(rows, |row, count| count(keys[texts.code(row as usize)].clone())))
    }

    /// Different notices that show a purchase, by a column's text: all, and those whose lines name a brand or
    /// model; as far as the filter says something of notices.
    pub fn pile<K: Hash + Eq + Clone>(
        &self,
        filter: &Filter,
        of: Of,
        key: impl Fn(Option<&str>) -> K,
    ) -> anyhow::Result<HashMap<K, [usize; 2]>> {
        let notices = self.notices()?;
        let tests = of_notices(filter, notices);
        let (texts, flags) = (&notices.texts[notice_column(of).expect("a column of notices")], &notices.numbers[notice::FLAGS]);
        let keys = texts.each(key);
        let bought = notice::READABLE | notice::MAIN | notice::BOUGHT;
        let mut counts: HashMap<K, [usize; 2]> = HashMap::new();
        for row in (0..notices.len()).filter(|row| flags.at(*row) & bought == bought) {
            if tests.iter().all(|any| any.iter().any(|(of, allowed)| allowed[notices.texts[*of].code(row)])) {
                let n = counts.entry(keys[texts.code(row)].clone()).or_default();
                n[0] += 1;
                n[1] += usize::from(flags.at(row) & notice::NAMED > 0);
            }
        }
        Ok(counts)
    }
}

const UNREVIEWED: &str = "unreviewed";

/// Conditions on notices: any of a term's columns.
fn of_notices(filter: &Filter, notices: &Table) -> Vec<Vec<(usize, Vec<bool>)>> {
    let of_term = |(name, value): &(&'static str, String)| {
        let term = term(name)?;
        let columns = match term.of {
            Of::EitherKind => vec![notice::KIND, notice::END_USER_KIND],
            of => vec![notice_column(of)?],
        };
        Some(columns.into_iter().map(|of| (of, notices.texts[of].each(|text| term.keeps(text, value)))).collect())
    };
    filter.terms().iter().filter_map(of_term).collect()
}

fn column(of: Of) -> usize {
    match of {
        Of::Brand => finding::BRAND,
        Of::Usage => finding::USAGE,
        Of::Strength => finding::STRENGTH,
        Of::Kind | Of::EitherKind => finding::KIND,
        Of::Region => finding::REGION,
        Of::Day => finding::DAY,
        Of::Purposes => finding::PURPOSES,
        Of::Seller | Of::Buyer | Of::Decision | Of::Lists => unreachable!("no text of a finding's own"),
    }
}

fn notice_column(of: Of) -> Option<usize> {
    match of {
        Of::Kind => Some(notice::KIND),
        Of::Region => Some(notice::REGION),
        Of::Day => Some(notice::DAY),
        Of::Purposes => Some(notice::PURPOSES),
        _ => None,
    }
}

/// The usual name of the organisation behind a spelling.
fn usual(db: &Connection, name: &str) -> anyhow::Result<String> {
    let sql = "SELECT n.name FROM spellings s JOIN entities n ON n.id = s.entity WHERE s.name = ?1";
    let known: Option<String> = db.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?;
    Ok(known.unwrap_or_else(|| name.to_string()))
}

/// Notices with a lead of one of these lists.
fn listed(db: &Connection, lists: &[&str]) -> anyhow::Result<HashSet<u64>> {
    let mut query = db.prepare_cached("SELECT DISTINCT notice FROM list_leads WHERE list IN (SELECT value FROM json_each(?1))")?;
    let rows = query.query_map([serde_json::to_string(lists)?], |row| Ok(row.get::<_, i64>(0)? as u64))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
