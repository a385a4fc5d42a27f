//! Which boxes and bands are drawn of many chains from brand over seller to buyer? The largest of each
//! column one by one; what is not named and what is past the largest are boxes of their own, so that
//! every process is somewhere.

use super::Mark;
use super::network::{Network, Node, Tie, What};
use crate::report::say;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A finding that counts: its brand, seller and buyer, empty where not named, and its process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    pub ends: [String; 3],
    pub process: u32,
}

/// What a box stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    One(String),
    Unnamed,
    /// All past the so many largest.
    Past(usize),
}

/// How boxes and bands are called, and where they lead.
pub struct Says<'a> {
    /// Of a column and a name: as it is shown, and in English.
    pub named: &'a dyn Fn(usize, &str) -> (String, Option<String>),
    /// Of what is said, and the ends of columns that it stands for.
    pub mark: &'a dyn Fn(String, &[(usize, &End)]) -> Mark,
}

const COLUMNS: [&str; 3] = ["brands", "sellers", "buyers"];

/// The network of at most `most` boxes of one organisation each.
pub fn network(chains: &[Chain], most: usize, says: &Says) -> Network {
    let ranked = [0, 1, 2].map(|column| ranked(chains, column));
    let room = room(&ranked, most);
    let columns = [0, 1, 2].map(|at| Column::of(says, at, &ranked[at], room[at], chains));
    let ties = [0, 1].map(|side| ties(says, &columns, chains, side));
    Network { columns: columns.map(|column| column.nodes), ties }
}

/// Named ends of a column, those in the most processes first; of equals the first by name.
fn ranked(chains: &[Chain], column: usize) -> Vec<(String, usize)> {
    let mut processes: HashMap<&str, HashSet<u32>> = HashMap::new();
    for one in chains.iter().filter(|one| !one.ends[column].is_empty()) {
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

/// The boxes of a column, what they stand for, and where a name stands among them.
struct Column {
    nodes: Vec<Node>,
    ends: Vec<End>,
    places: HashMap<String, usize>,
    rest: Option<usize>,
}

impl Column {
    fn of(says: &Says, at: usize, ranked: &[(String, usize)], room: usize, chains: &[Chain]) -> Column {
        let mut column = Column { nodes: Vec::new(), ends: Vec::new(), places: HashMap::new(), rest: None };
        for (name, number) in ranked.iter().take(room) {
            column.places.insert(name.clone(), column.nodes.len());
            column.push(says, at, (says.named)(at, name), *number, End::One(name.clone()));
        }
        let processes =
            |is: &dyn Fn(&str) -> bool| chains.iter().filter(|c| is(&c.ends[at])).map(|c| c.process).collect::<HashSet<_>>().len();
        let unnamed = processes(&str::is_empty);
        if unnamed > 0 {
            column.places.insert(String::new(), column.nodes.len());
            column.push(says, at, ("not named".into(), None), unnamed, End::Unnamed);
        }
        if ranked.len() > room {
            let beyond: HashSet<&str> = ranked[room..].iter().map(|(name, _)| name.as_str()).collect();
            column.rest = Some(column.nodes.len());
            let name = format!("{} other {}", say::count(beyond.len()), COLUMNS[at]);
            column.push(says, at, (name, None), processes(&|end| beyond.contains(end)), End::Past(room));
        }
        column
    }

    fn push(&mut self, says: &Says, at: usize, (name, gloss): (String, Option<String>), number: usize, end: End) {
        let whole = gloss.as_ref().map_or_else(|| name.clone(), |gloss| format!("{name} ({gloss})"));
        let mark = (says.mark)(said(&whole, number), &[(at, &end)]);
        let what = if matches!(end, End::One(_)) { What::One } else { What::Rest };
        self.nodes.push(Node { name, gloss, number, mark, what });
        self.ends.push(end);
    }

    fn place(&self, end: &str) -> Option<usize> {
        self.places.get(end).copied().or(self.rest)
    }
}

fn said(what: &str, number: usize) -> String {
    format!("{what}: {}", say::counted(number, "contracting process", "contracting processes"))
}

fn ties(says: &Says, columns: &[Column; 3], chains: &[Chain], side: usize) -> Vec<Tie> {
    let (left, right) = (&columns[side], &columns[side + 1]);
    let mut all: BTreeMap<(usize, usize), HashSet<u32>> = BTreeMap::new();
    for one in chains {
        if let (Some(from), Some(to)) = (left.place(&one.ends[side]), right.place(&one.ends[side + 1])) {
            all.entry((from, to)).or_default().insert(one.process);
        }
    }
    let tie = |((from, to), processes): ((usize, usize), HashSet<u32>)| {
        let names = format!("{} – {}", left.nodes[from].name, right.nodes[to].name);
        let mark = (says.mark)(said(&names, processes.len()), &[(side, &left.ends[from]), (side + 1, &right.ends[to])]);
        Tie { from, to, number: processes.len(), mark }
    };
    all.into_iter().map(tie).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_process_is_somewhere_and_the_rest_is_counted_once() {
        let chain = |seller: &str, buyer: &str, process| Chain { ends: ["dell".into(), seller.into(), buyer.into()], process };
        let chains = [
            chain("a", "x", 0),
            chain("a", "y", 1),
            chain("b", "x", 2),
            chain("c", "x", 3),
            chain("", "x", 4),
            chain("b", "z", 2),
            chain("c", "z", 3),
        ];
        let says =
            Says { named: &|_, name| (name.to_uppercase(), None), mark: &|said, ends| Mark { said: format!("{said} {ends:?}"), to: None } };
        let network = network(&chains, 4, &says);
        let shown: Vec<Vec<(String, usize)>> = network.columns.map(|nodes| nodes.into_iter().map(|n| (n.name, n.number)).collect()).into();
        assert_eq!(shown[0], [("DELL".to_string(), 5)]);
        assert_eq!(shown[1], [("A".to_string(), 2), ("not named".to_string(), 1), ("2 other sellers".to_string(), 2)]);
        assert_eq!(shown[2].iter().map(|n| n.1).collect::<Vec<_>>(), [4, 2, 1]);
        assert_eq!(network.ties[0].iter().map(|t| t.number).sum::<usize>(), 5);
        let past = network.ties[0].iter().find(|t| t.mark.said.contains("Past(1)")).unwrap();
        assert_eq!(past.number, 2);
    }
}
