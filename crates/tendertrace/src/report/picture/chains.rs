//! Which boxes and bands are drawn of many chains from brand over seller to buyer? The largest of each
//! column one by one; what is not named and what is past the largest are boxes of their own, so that
//! every process is somewhere. Ends are numbers, so that hundreds of thousands of chains are drawn at once.

use super::Mark;
use super::network::{Network, Node, Tie, What};
use crate::report::say;
use std::collections::{BTreeMap, HashMap};

/// A finding that counts: its brand, seller and buyer by their numbers, which are in the order of their names
/// and 0 where not named, and its process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    pub ends: [u32; 3],
    pub process: u32,
}

/// What a box stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    One(u32),
    Unnamed,
    /// All past the so many largest.
    Past(usize),
}

/// How boxes and bands are called, and where they lead.
pub struct Says<'a> {
    /// Of a column and a name's number: as it is shown, and in English.
    pub named: &'a dyn Fn(usize, u32) -> (String, Option<String>),
    /// Of what is said, and the ends of columns that it stands for.
    pub mark: &'a dyn Fn(String, &[(usize, End)]) -> Mark,
}

/// How many processes there were, if those of one stand together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Processes {
    number: usize,
    last: Option<u32>,
}

impl Processes {
    /// Counts a process unless it was the last.
    pub fn meet(&mut self, process: u32) {
        self.number += usize::from(self.last != Some(process));
        self.last = Some(process);
    }

    pub fn number(&self) -> usize {
        self.number
    }
}

const COLUMNS: [&str; 3] = ["brands", "sellers", "buyers"];

/// The network of at most `most` boxes of one organisation each; chains of one process stand together.
pub fn network(chains: &[Chain], most: usize, says: &Says) -> Network {
    let counts = [0, 1, 2].map(|column| counts(chains, column));
    let ranked = counts.each_ref().map(|counts| ranked(counts));
    let room = room(&ranked, most);
    let columns = [0, 1, 2].map(|at| Column::of(says, at, (&counts[at], &ranked[at]), room[at], chains));
    let ties = [0, 1].map(|side| ties(says, &columns, chains, side));
    Network { columns: columns.map(|column| column.nodes), ties }
}

/// Processes of every end of a column.
fn counts(chains: &[Chain], column: usize) -> Vec<Processes> {
    let most = chains.iter().map(|one| one.ends[column]).max().unwrap_or(0);
    let mut counts = vec![Processes::default(); most as usize + 1];
    chains.iter().for_each(|one| counts[one.ends[column] as usize].meet(one.process));
    counts
}

/// Named ends of a column, those in the most processes first; of equals the first by name.
fn ranked(counts: &[Processes]) -> Vec<u32> {
    let mut ranked: Vec<u32> = (1..counts.len() as u32).filter(|end| counts[*end as usize].number > 0).collect();
    ranked.sort_by_key(|end| (std::cmp::Reverse(counts[*end as usize].number), *end));
    ranked
}

/// Boxes of each column: brands first, the two others share what is left.
fn room(ranked: &[Vec<u32>; 3], most: usize) -> [usize; 3] {
    let brands = ranked[0].len().min(most / 4).max(1);
    let left = most.saturating_sub(brands);
    let sellers = ranked[1].len().min((left / 2).max(left.saturating_sub(ranked[2].len()))).max(1);
    [brands, sellers, left.saturating_sub(sellers).max(1)]
}

/// The boxes of a column, what they stand for, and in which of them an end is.
struct Column {
    nodes: Vec<Node>,
    ends: Vec<End>,
    places: Vec<Option<usize>>,
}

impl Column {
    fn of(says: &Says, at: usize, (counts, ranked): (&[Processes], &[u32]), room: usize, chains: &[Chain]) -> Column {
        let mut column = Column { nodes: Vec::new(), ends: Vec::new(), places: vec![None; counts.len()] };
        for end in ranked.iter().take(room) {
            column.places[*end as usize] = Some(column.nodes.len());
            column.push(says, at, (says.named)(at, *end), counts[*end as usize].number, End::One(*end));
        }
        if counts[0].number > 0 {
            column.places[0] = Some(column.nodes.len());
            column.push(says, at, ("not named".into(), None), counts[0].number, End::Unnamed);
        }
        if ranked.len() > room {
            let (rest, beyond) = (column.nodes.len(), &ranked[room..]);
            beyond.iter().for_each(|end| column.places[*end as usize] = Some(rest));
            let mut processes = Processes::default();
            let past = chains.iter().filter(|one| column.places[one.ends[at] as usize] == Some(rest));
            past.for_each(|one| processes.meet(one.process));
            let name = format!("{} other {}", say::count(beyond.len()), COLUMNS[at]);
            column.push(says, at, (name, None), processes.number, End::Past(room));
        }
        column
    }

    fn push(&mut self, says: &Says, at: usize, (name, gloss): (String, Option<String>), number: usize, end: End) {
        let whole = gloss.as_ref().map_or_else(|| name.clone(), |gloss| format!("{name} ({gloss})"));
        let mark = (says.mark)(said(&whole, number), &[(at, end)]);
        let what = if matches!(end, End::One(_)) { What::One } else { What::Rest };
        self.nodes.push(Node { name, gloss, number, mark, what });
        self.ends.push(end);
    }
}

fn said(what: &str, number: usize) -> String {
    format!("{what}: {}", say::counted(number, "contracting process", "contracting processes"))
}

fn ties(says: &Says, columns: &[Column; 3], chains: &[Chain], side: usize) -> Vec<Tie> {
    let (left, right) = (&columns[side], &columns[side + 1]);
    let mut all: HashMap<(usize, usize), Processes> = HashMap::new();
    for one in chains {
        if let (Some(from), Some(to)) = (left.places[one.ends[side] as usize], right.places[one.ends[side + 1] as usize]) {
            all.entry((from, to)).or_default().meet(one.process);
        }
    }
    let tie = |((from, to), processes): ((usize, usize), Processes)| {
        let names = format!("{} – {}", left.nodes[from].name, right.nodes[to].name);
        let mark = (says.mark)(said(&names, processes.number), &[(side, left.ends[from]), (side + 1, right.ends[to])]);
        Tie { from, to, number: processes.number, mark }
    };
    all.into_iter().collect::<BTreeMap<_, _>>().into_iter().map(tie).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeSet, HashSet};

    fn says<'a>() -> Says<'a> {
        Says { named: &|_, name| (format!("N{name}"), None), mark: &|said, ends| Mark { said: format!("{said} {ends:?}"), to: None } }
    }

    #[test]
    fn every_process_is_somewhere_and_the_rest_is_counted_once() {
        let chain = |seller: u32, buyer: u32, process| Chain { ends: [1, seller, buyer], process };
        let chains = [chain(1, 1, 0), chain(1, 2, 1), chain(2, 1, 2), chain(2, 3, 2), chain(3, 1, 3), chain(3, 3, 3), chain(0, 1, 4)];
        let network = network(&chains, 4, &says());
        let shown: Vec<Vec<(String, usize)>> = network.columns.map(|nodes| nodes.into_iter().map(|n| (n.name, n.number)).collect()).into();
        assert_eq!(shown[0], [("N1".to_string(), 5)]);
        assert_eq!(shown[1], [("N1".to_string(), 2), ("not named".to_string(), 1), ("2 other sellers".to_string(), 2)]);
        assert_eq!(shown[2].iter().map(|n| n.1).collect::<Vec<_>>(), [4, 2, 1]);
        assert_eq!(network.ties[0].iter().map(|t| t.number).sum::<usize>(), 5);
        let past = network.ties[0].iter().find(|t| t.mark.said.contains("Past(1)")).unwrap();
        assert_eq!(past.number, 2);
    }

    #[test]
    fn boxes_and_bands_are_those_of_sets_of_processes() {
        let mut seed = 5u64;
        let mut below = |n: u32| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as u32 % n
        };
        for most in [4, 7, 12, 30, 200] {
            for _ in 0..20 {
                let mut chains = Vec::new();
                for process in 0..below(60) {
                    (0..=below(4)).for_each(|_| chains.push(Chain { ends: [below(6), below(15), below(25)], process }));
                }
                let drawn = network(&chains, most, &says());
                let set = |keep: &dyn Fn(&Chain) -> bool| {
                    chains.iter().filter(|one| keep(one)).map(|one| one.process).collect::<HashSet<_>>().len()
                };
                let mut shown: [Vec<End>; 3] = Default::default();
                for (column, nodes) in drawn.columns.iter().enumerate() {
                    let named: BTreeSet<u32> = chains.iter().map(|one| one.ends[column]).filter(|end| *end > 0).collect();
                    let mut ranked: Vec<u32> = named.into_iter().collect();
                    ranked.sort_by_key(|end| (std::cmp::Reverse(set(&|one| one.ends[column] == *end)), *end));
                    let ones = nodes.iter().filter(|node| node.what == What::One).count();
                    shown[column] = ranked[..ones].iter().map(|end| End::One(*end)).collect();
                    for (node, end) in nodes.iter().zip(&ranked[..ones]) {
                        assert_eq!((&node.name, node.number), (&format!("N{end}"), set(&|one| one.ends[column] == *end)));
                    }
                    for node in &nodes[ones..] {
                        let is_unnamed = node.name == "not named";
                        shown[column].push(if is_unnamed { End::Unnamed } else { End::Past(ones) });
                        let within =
                            |one: &Chain| if is_unnamed { one.ends[column] == 0 } else { ranked[ones..].contains(&one.ends[column]) };
                        assert_eq!(node.number, set(&within), "{}", node.name);
                    }
                }
                let is_of = |end: End, column: usize, one: &Chain| match end {
                    End::One(end) => one.ends[column] == end,
                    End::Unnamed => one.ends[column] == 0,
                    End::Past(_) => one.ends[column] > 0 && !shown[column].contains(&End::One(one.ends[column])),
                };
                for (side, ties) in drawn.ties.iter().enumerate() {
                    let mut bands = 0;
                    for (from, left) in shown[side].iter().enumerate() {
                        for (to, right) in shown[side + 1].iter().enumerate() {
                            let expected = set(&|one| is_of(*left, side, one) && is_of(*right, side + 1, one));
                            let band = ties.iter().find(|tie| (tie.from, tie.to) == (from, to));
                            assert_eq!(band.map_or(0, |tie| tie.number), expected);
                            bands += usize::from(expected > 0);
                        }
                    }
                    assert_eq!(ties.len(), bands);
                }
            }
        }
    }
}
