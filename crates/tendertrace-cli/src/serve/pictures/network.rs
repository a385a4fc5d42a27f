//! Which brands went through which sellers to which buyers? All spellings of an organisation are one
//! box; beyond the largest, the rest is one box that opens its rows.

use super::{Drawn, View};
use crate::serve::facts::Facts;
use crate::serve::filter::Of;
use crate::store::columns::Texts;
use maud::html;
use std::cell::RefCell;
use std::collections::HashMap;
use tendertrace::report::picture::chains::{Chain, End, Processes, Says, network as chained};
use tendertrace::report::picture::network::draw as network;
use tendertrace::report::picture::{Cell, Mark, Twin};
use tendertrace::report::{mask, say};

/// How many boxes may be asked for; the first unasked.
pub const BOXES: [usize; 3] = [60, 120, 200];

/// What the filter calls a column: one of it, and all past the largest.
const NAMES: [(&str, &str); 3] = [("brand", "past_brand"), ("seller", "past_seller"), ("buyer", "past_buyer")];

pub fn draw(view: &View) -> anyhow::Result<Option<Drawn>> {
    let columns = Columns::of(view.facts)?;
    let found = found(view, &columns)?;
    if found.is_empty() {
        return Ok(None);
    }
    let chains: Vec<Chain> = found.iter().map(|(chain, _)| *chain).collect();
    let glossed = RefCell::new(HashMap::new());
    let named = |column: usize, end: u32| {
        let gloss = || named(view, column, columns.name(column, end));
        glossed.borrow_mut().entry((column, end)).or_insert_with(gloss).clone()
    };
    let says = Says { named: &named, mark: &|said, ends| mark(view, &columns, said, ends) };
    let drawn = network("Brands, sellers of record and buyers", &chained(&chains, view.most, &says));
    let more = html! { p.note { "Not named: no seller or buyer could be read. All spellings of an organisation are one box (" a href="/parties" { "Parties" } "); persons’ names are withheld." } };
    Ok(Some(Drawn { picture: drawn, twin: twin(view, &columns, &found, &named), more }))
}

/// Texts of what stands in chains, and of their days; the numbers of a column are in the order of its texts.
struct Columns<'a> {
    ends: [&'a Texts; 3],
    days: &'a Texts,
}

impl<'a> Columns<'a> {
    fn of(facts: &'a Facts<'_>) -> anyhow::Result<Columns<'a>> {
        Ok(Columns { ends: [facts.texts(Of::Brand)?, facts.texts(Of::Seller)?, facts.texts(Of::Buyer)?], days: facts.texts(Of::Day)? })
    }

    /// Empty where nothing is named.
    fn name(&self, column: usize, end: u32) -> &'a str {
        self.ends[column].text(end as usize).unwrap_or_default()
    }

    fn day(&self, day: u32) -> &'a str {
        self.days.text(day as usize).unwrap_or_default()
    }
}

/// How a name of a column is shown, with its gloss.
type Named = (String, Option<String>);

fn named(view: &View, column: usize, name: &str) -> Named {
    if column == 0 {
        return (say::brand(name, &view.desk.rules), None);
    }
    let shown = mask::party(name, &view.desk.rules.report.masks);
    let gloss = say::gloss(&shown, &view.desk.rules);
    (shown, gloss)
}

/// Chains of the findings asked for, with their days; those of one process stand together.
fn found(view: &View, columns: &Columns) -> anyhow::Result<Vec<(Chain, u32)>> {
    let code = |texts: &Texts, row: u32| texts.code(row as usize) as u32;
    let chain = |row: u32| Chain { ends: columns.ends.map(|texts| code(texts, row)), process: view.facts.process(row) as u32 };
    Ok(view.facts.counted(&view.filter)?.iter().map(|row| (chain(*row), code(columns.days, *row))).collect())
}

/// A mark that opens the rows; a person's name stands in no address.
fn mark(view: &View, columns: &Columns, said: String, ends: &[(usize, End)]) -> Mark {
    let masks = &view.desk.rules.report.masks;
    let mut rows = view.filter.clone();
    for (column, end) in ends {
        let (one, past) = NAMES[*column];
        rows = match end {
            End::One(end) => match columns.name(*column, *end) {
                name if *column > 0 && mask::party(name, masks) != name => return Mark { said, to: None },
                name => rows.and(one, name),
            },
            End::Unnamed => rows.and(one, "not-known"),
            End::Past(most) => rows.past(&view.filter, past, *most),
        };
    }
    view.mark(said, &rows)
}

/// Contracting processes of one chain, its first day and its last; 0 where none is known.
#[derive(Debug, Clone, Copy, Default)]
struct Times {
    processes: Processes,
    first: u32,
    last: u32,
}

impl Times {
    fn meet(&mut self, process: u32, day: u32) {
        self.processes.meet(process);
        self.first = if self.first == 0 || (0 < day && day < self.first) { day } else { self.first };
        self.last = self.last.max(day);
    }
}

/// The chains asked for, not only what is drawn, as many as are shown.
fn twin(view: &View, columns: &Columns, found: &[(Chain, u32)], named: &dyn Fn(usize, u32) -> Named) -> Twin {
    let mut chains: HashMap<[u32; 3], Times> = HashMap::with_capacity(found.len() / 4);
    found.iter().for_each(|(chain, day)| chains.entry(chain.ends).or_default().meet(chain.process, *day));
    let beyond = chains.len().saturating_sub(view.rows);
    let chains = largest(chains.into_iter().collect(), view.rows);
    let head = ["Brand", "Seller of record", "Buyer", "Contracting processes", "First", "Last"].map(String::from).to_vec();
    let rows = chains.into_iter().map(|(ends, times)| row(view, columns, ends, &times, named)).collect();
    Twin { caption: "Brand, seller of record, buyer".into(), head, rows, beyond }
}

/// The so many chains of the most processes, the largest first; of equals the first by their names.
fn largest(mut chains: Vec<([u32; 3], Times)>, most: usize) -> Vec<([u32; 3], Times)> {
    let key = |(ends, times): &([u32; 3], Times)| (std::cmp::Reverse(times.processes.number()), *ends);
    if most < chains.len() {
        chains.select_nth_unstable_by_key(most, key);
        chains.truncate(most);
    }
    chains.sort_unstable_by_key(key);
    chains
}

fn row(view: &View, columns: &Columns, ends: [u32; 3], times: &Times, named: &dyn Fn(usize, u32) -> Named) -> Vec<Cell> {
    let text = |at: usize| match named(at, ends[at]) {
        _ if ends[at] == 0 => "not named".to_string(),
        (shown, Some(gloss)) => format!("{shown} ({gloss})"),
        (shown, None) => shown,
    };
    let known = [0, 1, 2].map(|at| (at, if ends[at] == 0 { End::Unnamed } else { End::One(ends[at]) }));
    let to = mark(view, columns, String::new(), &known).to;
    let mut row: Vec<Cell> = (0..3).map(|at| Cell::text(text(at))).collect();
    row.push(Cell::number(times.processes.number()).leading(to));
    row.extend([times.first, times.last].map(|day| Cell::text(columns.day(day))));
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::Dice;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn the_largest_chains_are_those_of_sets_of_processes_and_days() {
        let mut dice = Dice::new(3);
        let mut below = |n: usize| dice.below(n) as u32;
        for most in [0, 1, 5, 40, usize::MAX] {
            let (mut fast, mut slow) = (HashMap::new(), BTreeMap::<[u32; 3], (BTreeSet<u32>, BTreeSet<u32>)>::new());
            for process in 0..200 {
                for _ in 0..=below(4) {
                    let (ends, day) = ([below(3), below(4), below(3)], below(30));
                    fast.entry(ends).or_insert_with(Times::default).meet(process, day);
                    let (processes, days) = slow.entry(ends).or_default();
                    processes.insert(process);
                    days.extend((day > 0).then_some(day));
                }
            }
            let mut expected: Vec<_> = slow.iter().collect();
            expected.sort_by_key(|(ends, (processes, _))| (std::cmp::Reverse(processes.len()), **ends));
            let day = |day: Option<&u32>| day.copied().unwrap_or(0);
            let expected: Vec<_> =
                expected.into_iter().map(|(ends, (p, d))| (*ends, p.len(), day(d.first()), day(d.last()))).take(most).collect();
            let found = largest(fast.into_iter().collect(), most);
            let found: Vec<_> = found.iter().map(|(ends, times)| (*ends, times.processes.number(), times.first, times.last)).collect();
            assert_eq!(found, expected);
        }
    }
}
