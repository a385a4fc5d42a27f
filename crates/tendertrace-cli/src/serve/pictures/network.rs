//! Which brands went through which sellers to which buyers? All spellings of an organisation are one
//! box; beyond the largest, the rest is one box that opens its rows.

use super::{Drawn, View, with_gloss};
use crate::serve::filter::{BUYER, Filter, SELLER};
use maud::html;
use rusqlite::params_from_iter;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use tendertrace::report::picture::network::{Network, Node, Tie, What, draw as network};
use tendertrace::report::picture::{Cell, Mark, Twin};
use tendertrace::report::{mask, say};

/// How many boxes may be asked for; the first unasked.
pub const BOXES: [usize; 3] = [60, 120, 200];

/// A finding that counts: its brand, seller and buyer, empty where not named, and its process.
struct Found {
    ends: [String; 3],
    process: u32,
    date: Option<String>,
}

/// The filter's names of a column: one value, and what is past the largest.
const NAMES: [(&str, &str, &str); 3] =
    [("brand", "past_brand", "brands"), ("seller", "past_seller", "sellers"), ("buyer", "past_buyer", "buyers")];

pub fn draw(view: &View) -> anyhow::Result<Option<Drawn>> {
    let found = found(view)?;
    if found.is_empty() {
        return Ok(None);
    }
    let ranked = [0, 1, 2].map(|column| ranked(&found, column));
    let room = room(&ranked, view.most);
    let columns: [Column; 3] = [0, 1, 2].map(|at| Column::of(view, at, &ranked[at], room[at], &found));
    let ties = [0, 1].map(|side| ties(view, &columns[side], &columns[side + 1], &found, side));
    let drawn = network("Brands, sellers of record and buyers", &Network { columns: columns.map(|c| c.nodes), ties });
    let more = html! { p.note { "Not named: the notice names no seller or buyer where it could be read. All spellings of an organisation are one box (" a href="/parties" { "Parties" } "), and persons’ names are withheld." } };
    Ok(Some(Drawn { picture: drawn, twin: twin(view, &found), more }))
}

fn found(view: &View) -> anyhow::Result<Vec<Found>> {
    let clause = view.filter.findings();
    let sql = format!(
        "SELECT DISTINCT e.brand, coalesce({SELLER}, ''), coalesce({BUYER}, ''), e.process, e.event_date FROM evidence e WHERE {}",
        clause.sql
    );
    let mut query = view.db.prepare(&sql)?;
    let mut rows = query.query(params_from_iter(clause.values))?;
    let (mut found, mut processes) = (Vec::new(), HashMap::new());
    while let Some(row) = rows.next()? {
        let next = processes.len() as u32;
        let process = *processes.entry(row.get::<_, String>(3)?).or_insert(next);
        found.push(Found { ends: [row.get(0)?, row.get(1)?, row.get(2)?], process, date: row.get(4)? });
    }
    Ok(found)
}

/// Named ends of a column, those in the most processes first; of equals the first by name.
fn ranked(found: &[Found], column: usize) -> Vec<(String, usize)> {
    let mut processes: HashMap<&str, HashSet<u32>> = HashMap::new();
    for one in found.iter().filter(|one| !one.ends[column].is_empty()) {
        processes.entry(&one.ends[column]).or_default().insert(one.process);
    }
    let mut ranked: Vec<(String, usize)> = processes.into_iter().map(|(name, all)| (name.to_string(), all.len())).collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    ranked
}

/// Boxes of each column: brands first, the two others share what is left.
fn room(ranked: &[Vec<(String, usize)>; 3], most: usize) -> [usize; 3] {
    let brands = ranked[0].len().min(most / 4).max(1);
    let left = most.saturating_sub(brands);
    let sellers = ranked[1].len().min((left / 2).max(left.saturating_sub(ranked[2].len()))).max(1);
    [brands, sellers, left.saturating_sub(sellers).max(1)]
}

/// The boxes of a column and where an end stands among them.
struct Column {
    nodes: Vec<Node>,
    /// What the filter says of each box.
    filters: Vec<(&'static str, String)>,
    places: HashMap<String, usize>,
    rest: Option<usize>,
}

impl Column {
    fn of(view: &View, at: usize, ranked: &[(String, usize)], room: usize, found: &[Found]) -> Column {
        let (one, past, _) = NAMES[at];
        let mut column = Column { nodes: Vec::new(), filters: Vec::new(), places: HashMap::new(), rest: None };
        for (name, number) in ranked.iter().take(room) {
            column.places.insert(name.clone(), column.nodes.len());
            column.push(view, named(view, at, name), *number, (one, name.clone()), What::One);
        }
        let processes =
            |is: &dyn Fn(&str) -> bool| found.iter().filter(|f| is(&f.ends[at])).map(|f| f.process).collect::<HashSet<_>>().len();
        let unnamed = processes(&|end| end.is_empty());
        if unnamed > 0 {
            column.places.insert(String::new(), column.nodes.len());
            column.push(view, ("not named".into(), None), unnamed, (one, "none".into()), What::Rest);
        }
        if ranked.len() > room {
            let beyond: HashSet<&str> = ranked[room..].iter().map(|(name, _)| name.as_str()).collect();
            let number = processes(&|end| beyond.contains(end));
            column.rest = Some(column.nodes.len());
            let name = format!("{} other {}", say::count(beyond.len()), NAMES[at].2);
            column.push(view, (name, None), number, (past, room.to_string()), What::Rest);
        }
        column
    }

    fn push(&mut self, view: &View, (name, gloss): (String, Option<String>), number: usize, filter: (&'static str, String), what: What) {
        let whole = gloss.as_ref().map_or_else(|| name.clone(), |gloss| format!("{name} ({gloss})"));
        let said = format!("{whole}: {}", say::counted(number, "contracting process", "contracting processes"));
        let mark = mark(view, said, &[&filter]);
        self.nodes.push(Node { name, gloss, number, mark, what });
        self.filters.push(filter);
    }

    fn place(&self, end: &str) -> Option<usize> {
        self.places.get(end).copied().or(self.rest)
    }
}

fn named(view: &View, column: usize, name: &str) -> (String, Option<String>) {
    if column == 0 {
        return (say::brand(name, &view.desk.rules), None);
    }
    let shown = mask::party(name, &view.desk.rules.report.masks);
    let gloss = say::gloss(&shown, &view.desk.rules);
    (shown, gloss)
}

/// A mark that opens the rows; a person's name stands in no address.
fn mark(view: &View, said: String, filters: &[&(&'static str, String)]) -> Mark {
    let masks = &view.desk.rules.report.masks;
    let withheld = filters.iter().any(|(name, value)| ["seller", "buyer"].contains(name) && mask::party(value, masks) != *value);
    let rows = filters.iter().fold(view.filter.clone(), |rows: Filter, (name, value)| rows.and(name, value));
    if withheld { Mark { said, to: None } } else { view.mark(said, &rows) }
}

fn ties(view: &View, left: &Column, right: &Column, found: &[Found], side: usize) -> Vec<Tie> {
    let mut all: BTreeMap<(usize, usize), HashSet<u32>> = BTreeMap::new();
    for one in found {
        if let (Some(from), Some(to)) = (left.place(&one.ends[side]), right.place(&one.ends[side + 1])) {
            all.entry((from, to)).or_default().insert(one.process);
        }
    }
    let tie = |((from, to), processes): ((usize, usize), HashSet<u32>)| {
        let number = processes.len();
        let names = format!("{} – {}", left.nodes[from].name, right.nodes[to].name);
        let said = format!("{names}: {}", say::counted(number, "contracting process", "contracting processes"));
        Tie { from, to, number, mark: mark(view, said, &[&left.filters[from], &right.filters[to]]) }
    };
    all.into_iter().map(tie).collect()
}

/// Every chain of the case, not only what is drawn.
fn twin(view: &View, found: &[Found]) -> Twin {
    type Chain<'a> = (BTreeSet<u32>, BTreeSet<&'a str>);
    let mut chains: BTreeMap<&[String; 3], Chain> = BTreeMap::new();
    for one in found {
        let (processes, days) = chains.entry(&one.ends).or_default();
        processes.insert(one.process);
        days.extend(one.date.as_deref());
    }
    let mut chains: Vec<(&[String; 3], Chain)> = chains.into_iter().collect();
    chains.sort_by_key(|(ends, (processes, _))| (std::cmp::Reverse(processes.len()), *ends));
    let end = |at: usize, name: &str| match name {
        "" => "not named".to_string(),
        name if at == 0 => say::brand(name, &view.desk.rules),
        name => with_gloss(&mask::party(name, &view.desk.rules.report.masks), view.desk),
    };
    let row = |(ends, (processes, days)): (&[String; 3], Chain)| {
        let filters: Vec<(&'static str, String)> =
            (0..3).map(|at| (NAMES[at].0, if ends[at].is_empty() { "none".to_string() } else { ends[at].clone() })).collect();
        let to = mark(view, String::new(), &filters.iter().collect::<Vec<_>>()).to;
        let day = |day: Option<&&str>| Cell::text(day.copied().unwrap_or_default());
        let mut row: Vec<Cell> = (0..3).map(|at| Cell::text(end(at, &ends[at]))).collect();
        row.extend([Cell::number(processes.len()).leading(to), day(days.first()), day(days.last())]);
        row
    };
    let head = ["Brand", "Seller of record", "Buyer", "Contracting processes", "First", "Last"].map(String::from).to_vec();
    Twin { caption: "Brand, seller of record, buyer".into(), head, rows: chains.into_iter().map(row).collect() }
}
