//! Whom does a user's table of owners know? Its names, several spellings of one body as one node, who
//! of them may be listed, and which node a name asked for is. What follows on a day: [`super::holdings`].

use super::index::Index;
use super::known::{Known, meets};
use super::{Hit, Screener};
use crate::model::Judgement;
use crate::resolve::names::{Kinship, Name};
use crate::rulebook::Rulebook;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

/// A table of owners, ready to be asked.
pub(super) struct Owners {
    spellings: Known,
    node_of: Vec<u32>,
    pub nodes: Vec<Node>,
    /// Owner and owned of each stake.
    pub edges: Vec<(u32, u32)>,
}

/// One body of the table.
#[derive(Default)]
pub(super) struct Node {
    /// Entries that may mean it.
    pub listed: Vec<Hit>,
    /// Stakes in it, by number.
    pub above: Vec<u32>,
    /// Bodies whose names are alike: perhaps the same.
    pub alike: Vec<u32>,
    /// Whether anybody above it may be listed, on whatever day.
    pub below_listed: bool,
}

pub(super) fn compile(screener: &Screener, rules: &Rulebook) -> Owners {
    let stakes = &rules.lists.stakes;
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut names: Vec<&str> = Vec::new();
    for written in stakes.iter().flat_map(|stake| [stake.owner.as_str(), stake.owned.as_str()]) {
        numbers.entry(written).or_insert_with(|| {
            names.push(written);
            names.len() as u32 - 1
        });
    }
    let spellings = Known::of(names.into_iter().map(|name| (name, "")), rules);
    let (node_of, doubts) = joined(&spellings.index, rules);
    let mut nodes: Vec<Node> = Vec::new();
    nodes.resize_with(node_of.iter().max().map_or(0, |last| *last as usize + 1), Node::default);
    for (one, other) in doubts.into_iter().map(|(a, b)| (node_of[a as usize], node_of[b as usize])).filter(|(a, b)| a != b) {
        nodes[one as usize].alike.push(other);
        nodes[other as usize].alike.push(one);
    }
    let node = |written: &str| node_of[numbers[written] as usize];
    let edges: Vec<(u32, u32)> = stakes.iter().map(|stake| (node(&stake.owner), node(&stake.owned))).collect();
    for (number, (_, owned)) in edges.iter().enumerate() {
        nodes[*owned as usize].above.push(number as u32);
    }
    let owning: HashSet<&str> = stakes.iter().map(|stake| stake.owner.as_str()).collect();
    for written in owning {
        let at = node(written) as usize;
        let known: HashSet<(usize, usize)> = nodes[at].listed.iter().map(|hit| (hit.list, hit.entry)).collect();
        let hits = listings(written, numbers[written], &spellings.index, screener, rules);
        nodes[at].listed.extend(hits.into_iter().filter(|hit| !known.contains(&(hit.list, hit.entry))));
    }
    for node in &mut nodes {
        node.listed.sort_by(|a, b| b.comparison.judgement.cmp(&a.comparison.judgement).then((a.list, a.entry).cmp(&(b.list, b.entry))));
    }
    mark_below(&mut nodes, &edges);
    Owners { spellings, node_of, nodes, edges }
}

/// Entries that may mean an owner itself, without those that a person said are another party.
fn listings(written: &str, number: u32, spellings: &Index, screener: &Screener, rules: &Rulebook) -> Vec<Hit> {
    let mut hits = screener.hits(&spellings.names[number as usize].name, rules);
    hits.retain(|hit| {
        let (list, entry) = hit.entry(rules);
        let apart = (written.to_string(), list.source.id.clone(), entry.name.clone());
        hit.comparison.kinship == Kinship::None && !rules.lists.apart.contains(&apart)
    });
    hits
}

/// Which spellings are one body (by node), and which pairs of spellings may be.
fn joined(spellings: &Index, rules: &Rulebook) -> (Vec<u32>, Vec<(u32, u32)>) {
    let mut roots: Vec<u32> = (0..spellings.names.len() as u32).collect();
    let mut codes: HashMap<u32, String> = HashMap::new();
    for (number, listed) in spellings.names.iter().enumerate() {
        codes.extend(listed.name.code.clone().map(|code| (number as u32, code)));
    }
    let mut doubts = Vec::new();
    for (number, listed) in spellings.names.iter().enumerate() {
        let number = number as u32;
        for other in spellings.candidates(&listed.name, rules).into_iter().filter(|other| *other > number) {
            let met = meets(&listed.name, &spellings.names[other as usize].name, rules);
            let (one, two) = (root(&mut roots, number), root(&mut roots, other));
            let contradicted = codes.get(&one).zip(codes.get(&two)).is_some_and(|(a, b)| a != b);
            match met {
                Some(Judgement::Same) if !contradicted => {
                    if let Some(code) = codes.get(&two).cloned() {
                        codes.entry(one).or_insert(code);
                    }
                    roots[two as usize] = one;
                }
                Some(_) => doubts.push((number, other)),
                None => {}
            }
        }
    }
    let mut nodes: HashMap<u32, u32> = HashMap::new();
    let node_of = (0..roots.len() as u32).map(|spelling| {
        let (root, next) = (root(&mut roots, spelling), nodes.len() as u32);
        *nodes.entry(root).or_insert(next)
    });
    (node_of.collect(), doubts)
}

fn root(roots: &mut [u32], mut at: u32) -> u32 {
    while roots[at as usize] != at {
        roots[at as usize] = roots[roots[at as usize] as usize];
        at = roots[at as usize];
    }
    at
}

/// Marks everybody below whom a list may name, through likenesses too: the others need no second look.
fn mark_below(nodes: &mut [Node], edges: &[(u32, u32)]) {
    let mut below: HashMap<u32, Vec<u32>> = HashMap::new();
    edges.iter().for_each(|(owner, owned)| below.entry(*owner).or_default().push(*owned));
    let mut waiting: VecDeque<u32> = (0..nodes.len() as u32).filter(|at| !nodes[*at as usize].listed.is_empty()).collect();
    let mut spread: HashSet<u32> = waiting.iter().copied().collect();
    while let Some(at) = waiting.pop_front() {
        let reached = below.get(&at).into_iter().flatten().chain(&nodes[at as usize].alike).copied().collect::<Vec<_>>();
        for next in reached {
            nodes[next as usize].below_listed = true;
            if spread.insert(next) {
                waiting.push_back(next);
            }
        }
    }
}

impl Owners {
    /// Nodes that a name may mean: those it surely means if there are any.
    pub fn find(&self, name: &Name, rules: &Rulebook) -> Vec<(u32, Judgement)> {
        let mut found: BTreeMap<u32, Judgement> = BTreeMap::new();
        for (number, met) in self.spellings.find(name, rules) {
            let known = found.entry(self.node_of[number]).or_insert(met);
            *known = (*known).max(met);
        }
        let surely = found.values().any(|met| *met == Judgement::Same);
        found.into_iter().filter(|(_, met)| !surely || *met == Judgement::Same).collect()
    }

    /// Numbers of all stakes above a name, whether anybody listed is among the owners or not.
    pub fn rows_above(&self, name: &Name, rules: &Rulebook) -> Vec<u32> {
        let mut waiting: VecDeque<u32> = self.find(name, rules).into_iter().map(|(node, _)| node).collect();
        let mut seen: HashSet<u32> = waiting.iter().copied().collect();
        let mut rows = Vec::new();
        while let Some(at) = waiting.pop_front() {
            for row in &self.nodes[at as usize].above {
                rows.push(*row);
                let owner = self.edges[*row as usize].0;
                if seen.insert(owner) {
                    waiting.push_back(owner);
                }
            }
        }
        rows
    }
}
