//! Which brands went through which sellers to which buyers? All spellings of an organisation are one
//! box; beyond the largest, the rest is one box that opens its rows.

use super::{Drawn, View};
use crate::serve::filter::Of;
use crate::store::columns::Texts;
use maud::html;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use tendertrace::report::picture::chains::{Chain, End, Says, network as chained};
use tendertrace::report::picture::network::draw as network;
use tendertrace::report::picture::{Cell, Mark, Twin};
use tendertrace::report::{mask, say};

/// How many boxes may be asked for; the first unasked.
pub const BOXES: [usize; 3] = [60, 120, 200];

/// What the filter calls a column: one of it, and all past the largest.
const NAMES: [(&str, &str); 3] = [("brand", "past_brand"), ("seller", "past_seller"), ("buyer", "past_buyer")];

pub fn draw(view: &View) -> anyhow::Result<Option<Drawn>> {
    let found = found(view)?;
    if found.is_empty() {
        return Ok(None);
    }
    let chains: Vec<Chain> = found.iter().map(|(chain, _)| chain.clone()).collect();
    let glossed = RefCell::new(HashMap::new());
    let named = |column: usize, name: &str| {
        let gloss = || named(view, column, name);
        glossed.borrow_mut().entry((column, name.to_string())).or_insert_with(gloss).clone()
    };
    let says = Says { named: &named, mark: &|said, ends| mark(view, said, ends) };
    let drawn = network("Brands, sellers of record and buyers", &chained(&chains, view.most, &says));
    let more = html! { p.note { "Not named: no seller or buyer could be read. All spellings of an organisation are one box (" a href="/parties" { "Parties" } "); persons’ names are withheld." } };
    Ok(Some(Drawn { picture: drawn, twin: twin(view, &found, &named), more }))
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

/// Chains of the findings asked for, with their days.
fn found(view: &View) -> anyhow::Result<Vec<(Chain, Option<String>)>> {
    let facts = view.facts;
    let [brands, sellers, buyers, days] = [Of::Brand, Of::Seller, Of::Buyer, Of::Day].map(|of| facts.texts(of));
    let (brands, sellers, buyers, days) = (brands?, sellers?, buyers?, days?);
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for row in facts.counted(&view.filter)? {
        let codes = [brands, sellers, buyers, days].map(|texts| texts.code(row as usize));
        let process = facts.process(row) as u32;
        if seen.insert((codes, process)) {
            let end = |texts: &Texts, at: usize| texts.text(codes[at]).unwrap_or_default().to_string();
            let ends = [end(brands, 0), end(sellers, 1), end(buyers, 2)];
            found.push((Chain { ends, process }, days.text(codes[3]).map(String::from)));
        }
    }
    Ok(found)
}

/// A mark that opens the rows; a person's name stands in no address.
fn mark(view: &View, said: String, ends: &[(usize, &End)]) -> Mark {
    let masks = &view.desk.rules.report.masks;
    let mut rows = view.filter.clone();
    for (column, end) in ends {
        let (one, past) = NAMES[*column];
        rows = match end {
            End::One(name) if *column > 0 && mask::party(name, masks) != *name => return Mark { said, to: None },
            End::One(name) => rows.and(one, name),
            End::Unnamed => rows.and(one, "not-known"),
            End::Past(most) => rows.past(&view.filter, past, *most),
        };
    }
    view.mark(said, &rows)
}

/// Contracting processes and days of one chain.
type Times<'a> = (BTreeSet<u32>, BTreeSet<&'a str>);

/// The chains asked for, not only what is drawn, as many as are shown.
fn twin(view: &View, found: &[(Chain, Option<String>)], named: &dyn Fn(usize, &str) -> Named) -> Twin {
    let mut chains: BTreeMap<&[String; 3], Times> = BTreeMap::new();
    for (chain, day) in found {
        let (processes, days) = chains.entry(&chain.ends).or_default();
        processes.insert(chain.process);
        days.extend(day.as_deref());
    }
    let mut chains: Vec<(&[String; 3], Times)> = chains.into_iter().collect();
    chains.sort_by_key(|(ends, (processes, _))| (std::cmp::Reverse(processes.len()), *ends));
    let head = ["Brand", "Seller of record", "Buyer", "Contracting processes", "First", "Last"].map(String::from).to_vec();
    let beyond = chains.len().saturating_sub(view.rows);
    let rows = chains.into_iter().take(view.rows).map(|(ends, times)| row(view, ends, &times, named)).collect();
    Twin { caption: "Brand, seller of record, buyer".into(), head, rows, beyond }
}

fn row(view: &View, ends: &[String; 3], (processes, days): &Times, named: &dyn Fn(usize, &str) -> Named) -> Vec<Cell> {
    let text = |at: usize| match ends[at].as_str() {
        "" => "not named".to_string(),
        name => match named(at, name) {
            (shown, Some(gloss)) => format!("{shown} ({gloss})"),
            (shown, None) => shown,
        },
    };
    let known: Vec<End> = ends.iter().map(|end| if end.is_empty() { End::Unnamed } else { End::One(end.clone()) }).collect();
    let to = mark(view, String::new(), &known.iter().enumerate().collect::<Vec<_>>()).to;
    let day = |day: Option<&&str>| Cell::text(day.copied().unwrap_or_default());
    let mut row: Vec<Cell> = (0..3).map(|at| Cell::text(text(at))).collect();
    row.extend([Cell::number(processes.len()).leading(to), day(days.first()), day(days.last())]);
    row
}
