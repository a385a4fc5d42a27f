//! How many contracting processes fulfil a filter? The columns of findings and notices, looked through row by
//! row: a case of a million notices in hundredths of a second, without an index for each question.

use super::filter::{Filter, Of, past, past_of, term};
use crate::store::columns::{self, FINDINGS, NAMES, NOTICES, Table, Texts, finding, notice};
use crate::store::decisions;
use anyhow::ensure;
use rusqlite::{Connection, OptionalExtension as _};
use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::rc::Rc;

/// Findings of a case as far as anything counts them.
pub struct Facts<'a> {
    db: &'a Connection,
    findings: Table,
    names: OnceCell<Table>,
    notices: OnceCell<Table>,
    /// What was counted under a filter before: the pictures of a page ask for the same.
    counted: RefCell<HashMap<Filter, Rc<Rows>>>,
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
        Ok(Facts {
            db,
            findings,
            names: OnceCell::new(),
            notices: OnceCell::new(),
            counted: RefCell::default(),
            decided: decisions::by_place(db)?,
        })
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
    pub fn counted(&self, filter: &Filter) -> anyhow::Result<Rc<Rows>> {
        if let Some(rows) = self.counted.borrow().get(filter) {
            return Ok(rows.clone());
        }
        let rows = Rc::new(self.kept(filter, Scope::Counted)?);
        self.counted.borrow_mut().insert(filter.clone(), rows.clone());
        Ok(rows)
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
        let mut sizes = vec![Count::default(); texts.different()];
        rows.iter().for_each(|row| sizes[texts.code(*row as usize)].meet(self.process(*row)));
        let sizes = sizes.iter().enumerate().skip(1).filter(|(_, count)| count.number > 0);
        let mut sizes: Vec<(usize, usize)> = sizes.map(|(code, count)| (code, count.number)).collect();
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

    /// Contracting processes of the rows.
    pub fn number(&self, rows: &[u32]) -> usize {
        let mut count = Count::default();
        rows.iter().for_each(|row| count.meet(self.process(*row)));
        count.number
    }

    /// How many contracting processes and how many findings.
    pub fn count(&self, filter: &Filter) -> anyhow::Result<(usize, usize)> {
        let rows = self.counted(filter)?;
        Ok((self.number(&rows), rows.len()))
    }

    /// Contracting processes by a column's text, as `key` says it.
    pub fn by<K: Hash + Eq + Clone>(&self, rows: &[u32], of: Of, key: impl Fn(Option<&str>) -> K) -> anyhow::Result<HashMap<K, usize>> {
        let counts = self.by_two(rows, (Of::Brand, |_| ()), (of, |text| vec![key(text)]))?;
        Ok(counts.into_iter().map(|((_, key), n)| (key, n)).collect())
    }

    /// Contracting processes by what is said of two columns; of the second it may be several things.
    pub fn by_two<A: Hash + Eq + Clone, B: Hash + Eq + Clone>(
        &self,
        rows: &[u32],
        (one, of_one): (Of, impl Fn(Option<&str>) -> A),
        (other, of_other): (Of, impl Fn(Option<&str>) -> Vec<B>),
    ) -> anyhow::Result<HashMap<(A, B), usize>> {
        let (ones, others) = (self.texts(one)?, self.texts(other)?);
        let (mut of_ones, mut of_others) = (Keys::default(), Keys::default());
        let left: Vec<usize> = ones.each(|text| of_ones.place(of_one(text)));
        let right: Vec<Vec<usize>> = others.each(|text| of_other(text).into_iter().map(|key| of_others.place(key)).collect());
        let width = of_others.keys.len();
        let mut counts = vec![Count::default(); of_ones.keys.len() * width];
        for row in rows {
            let (from, process) = (left[ones.code(*row as usize)] * width, self.process(*row));
            right[others.code(*row as usize)].iter().for_each(|at| counts[from + at].meet(process));
        }
        let met = counts.into_iter().enumerate().filter(|(_, count)| count.number > 0);
        Ok(met.map(|(at, count)| ((of_ones.keys[at / width].clone(), of_others.keys[at % width].clone()), count.number)).collect())
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
        let mut known = Keys::default();
        let keys: Vec<usize> = texts.each(|text| known.place(key(text)));
        let bought = notice::READABLE | notice::MAIN | notice::BOUGHT;
        let mut counts = vec![[0, 0]; known.keys.len()];
        for row in (0..notices.len()).filter(|row| flags.at(*row) & bought == bought) {
            if tests.iter().all(|any| any.iter().any(|(of, allowed)| allowed[notices.texts[*of].code(row)])) {
                let n = &mut counts[keys[texts.code(row)]];
                n[0] += 1;
                n[1] += usize::from(flags.at(row) & notice::NAMED > 0);
            }
        }
        Ok(known.keys.into_iter().zip(counts).filter(|(_, n)| n[0] > 0).collect())
    }
}

/// How many contracting processes there were, where rows of one stand together.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    number: usize,
    last: Option<u64>,
}

impl Count {
    fn meet(&mut self, process: u64) {
        self.number += usize::from(self.last != Some(process));
        self.last = Some(process);
    }
}

/// Different keys, each with its place.
struct Keys<K> {
    places: HashMap<K, usize>,
    keys: Vec<K>,
}

impl<K> Default for Keys<K> {
    fn default() -> Keys<K> {
        Keys { places: HashMap::new(), keys: Vec::new() }
    }
}

impl<K: Hash + Eq + Clone> Keys<K> {
    fn place(&mut self, key: K) -> usize {
        *self.places.entry(key).or_insert_with_key(|key| {
            self.keys.push(key.clone());
            self.keys.len() - 1
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema;
    use std::collections::{BTreeMap, BTreeSet};

    fn dice() -> impl FnMut(i64) -> i64 {
        let mut seed = 9u64;
        move |n| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as i64 % n
        }
    }

    /// A case of notices in processes of up to three, with findings of a few brands.
    fn case() -> Connection {
        let (db, mut below) = (Connection::open_in_memory().unwrap(), dice());
        schema::migrate(&db).unwrap();
        db.execute("INSERT INTO originals (id, sha256, bytes, segment, offset, length) VALUES (1, 'a', 0, 0, 0, 0)", []).unwrap();
        for id in 1..=400 {
            let text = |n: i64, of: &str| (n > 0).then(|| format!("{of}{n}"));
            let day = Some(below(9)).filter(|n| *n > 0).map(|n| format!("20{:02}-0{n}-01", 10 + n / 2));
            let purposes = ["[]", "[\"none\"]", "[\"one\"]", "[\"one\",\"two\"]"][below(4) as usize];
            let stage = ["award", "tender"][below(2) as usize];
            db.execute(
                "INSERT INTO notices (id, original, part, readable, access, buyer_kind, event_date, purposes, stage) VALUES (?1, 1, ?1, 1, 'public', ?2, ?3, ?4, ?5)",
                rusqlite::params![id, text(below(4), "kind"), day, purposes, stage],
            )
            .unwrap();
            let main = if below(9) == 0 { id - 1 } else { id };
            let joined = rusqlite::params![id, main, format!("p{:03}", id / 3), id % 3, below(3), below(2)];
            db.execute("INSERT INTO joined (notice, main, process, place, items, named_items) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", joined)
                .unwrap();
            for n in 0..below(4) {
                let (brand, usage) = (format!("brand{}", below(5)), ["awarded", "tendered"][below(2) as usize]);
                let objections = if below(8) == 0 { "[\"no_purchase_shown\"]" } else { "[]" };
                db.execute(
                    "INSERT INTO findings (notice, n, id, brand, usage, via, purposes, strength, objections, sentence, rules, supplier)
                     VALUES (?1, ?2, ?1 || '.' || ?2, ?3, ?4, 'named', ?5, 'weak', ?6, '', '[]', ?7)",
                    rusqlite::params![id, n, brand, usage, purposes, objections, text(below(6), "seller")],
                )
                .unwrap();
            }
        }
        db
    }

    /// Process, brand, usage, kind, day and purposes of what is counted, as SQL has it.
    fn rows(db: &Connection) -> Vec<[Option<String>; 6]> {
        let sql =
            "SELECT m.process, f.brand, f.usage, t.buyer_kind, t.event_date, f.purposes FROM findings f JOIN notices t ON t.id = f.notice
             JOIN joined m ON m.notice = t.id WHERE m.main = t.id AND instr(f.objections, 'no_purchase_shown') = 0";
        let mut query = db.prepare(sql).unwrap();
        query.query_map([], |row| Ok(std::array::from_fn(|at| row.get(at).unwrap()))).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn numbers_are_those_of_sets_of_processes() {
        let db = case();
        let (facts, rows) = (Facts::of(&db).unwrap(), rows(&db));
        let year = |day: Option<&str>| day.map_or(String::new(), |day| day[..4].to_string());
        let list = |text: Option<&str>| crate::serve::filter::list_of(text.unwrap_or_default());
        for (name, value, at) in
            [("usage", "awarded", 2), ("usage", "", 2), ("brand", "brand1", 1), ("kind", "kind2", 3), ("kind", "absent", 3)]
        {
            let filter = if value.is_empty() { Filter::default() } else { Filter::default().and(name, value) };
            let kept: Vec<_> = rows.iter().filter(|row| value.is_empty() || row[at].as_deref() == Some(value)).collect();
            let set = |keep: &dyn Fn(&[Option<String>; 6]) -> bool| {
                kept.iter().filter(|row| keep(row)).map(|row| &row[0]).collect::<BTreeSet<_>>().len()
            };
            let counted = facts.counted(&filter).unwrap();
            assert_eq!(counted, facts.counted(&filter).unwrap());
            assert_eq!((counted.len(), facts.number(&counted)), (kept.len(), set(&|_| true)), "{name} {value}");
            let by_year = facts.by(&counted, Of::Day, year).unwrap();
            let years: BTreeSet<String> = kept.iter().map(|row| year(row[4].as_deref())).collect();
            let expected = years.iter().map(|of| (of.clone(), set(&|row| year(row[4].as_deref()) == *of))).collect();
            assert_eq!(by_year, expected);
            let by_two = facts
                .by_two(&counted, (Of::Brand, |brand: Option<&str>| brand.unwrap_or_default().to_string()), (Of::Purposes, list))
                .unwrap();
            let keys: BTreeSet<(String, String)> =
                kept.iter().flat_map(|row| list(row[5].as_deref()).into_iter().map(|one| (row[1].clone().unwrap(), one))).collect();
            let holds = |row: &[Option<String>; 6], (brand, one): &(String, String)| {
                row[1].as_ref() == Some(brand) && list(row[5].as_deref()).contains(one)
            };
            assert_eq!(by_two, keys.iter().map(|key| (key.clone(), set(&|row| holds(row, key)))).collect());
        }
    }

    #[test]
    fn the_pile_is_what_a_scan_of_notices_counts() {
        let db = case();
        let sql = "SELECT coalesce(t.buyer_kind, ''), count(*), coalesce(sum(m.named_items > 0), 0) FROM notices t JOIN joined m ON m.notice = t.id
             WHERE m.main = t.id AND t.stage = 'award' GROUP BY 1";
        let mut query = db.prepare(sql).unwrap();
        let number = |row: &rusqlite::Row, at| Ok::<_, rusqlite::Error>(row.get::<_, i64>(at)? as usize);
        let expected: BTreeMap<String, [usize; 2]> =
            query.query_map([], |row| Ok((row.get(0)?, [number(row, 1)?, number(row, 2)?]))).unwrap().map(Result::unwrap).collect();
        let pile = Facts::of(&db).unwrap().pile(&Filter::default(), Of::Kind, |kind| kind.unwrap_or_default().to_string()).unwrap();
        assert_eq!(pile.into_iter().collect::<BTreeMap<_, _>>(), expected);
    }
}
