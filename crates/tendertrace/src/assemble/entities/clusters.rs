//! Which units are one organisation? What people said is heard first; then codes, then names, the likest
//! first, as far as no code and no word stands against it.

use super::{Entity, Link, Mention, Pair, Resolved, Sameness, Saying, Unit};
use crate::assemble::joining::Groups;
use std::collections::{HashMap, HashSet};

/// Clusters the units of mentions that `pairs` and sayings join. `units` are in their order.
///
/// A part of a case gives the clusters that the whole gives, if it holds with each unit all that it is
/// `same` with, that bears its code, and that somebody called the same.
pub fn cluster(mentions: &[Mention], units: &[Unit], pairs: &[Pair], said: &[Saying]) -> Resolved {
    let nodes = nodes(mentions, units, said);
    let mut clusters = Clusters::new(&nodes);
    let unheard = hear(said, mentions, &nodes, &mut clusters);
    join_by_code(&nodes, &mut clusters);
    let pairs = of_nodes(pairs, units, &nodes);
    for pair in pairs.iter().filter(|pair| pair.same) {
        clusters.join(pair.one, pair.other);
    }
    collect(mentions, &nodes, clusters, &pairs, unheard)
}

/// A unit, or one spelling of it of which people said something, so that their word can part it.
struct Node<'a> {
    /// Position of its unit.
    unit: usize,
    code: Option<&'a str>,
    /// Of mentions, by name.
    mentions: Vec<usize>,
}

fn nodes<'a>(mentions: &[Mention], units: &'a [Unit], said: &[Saying]) -> Vec<Node<'a>> {
    let spoken: HashSet<&str> = said.iter().flat_map(|s| [s.one.as_str(), s.other.as_str()]).collect();
    let mut nodes = Vec::with_capacity(units.len());
    for (at, unit) in units.iter().enumerate() {
        let mut sorted = unit.mentions.clone();
        sorted.sort_by_key(|m| (&mentions[*m].name, &mentions[*m].code));
        let node = |mentions| Node { unit: at, code: unit.key.code.as_deref(), mentions };
        let (alone, rest): (Vec<usize>, Vec<usize>) = sorted.into_iter().partition(|m| spoken.contains(mentions[*m].name.as_str()));
        nodes.extend((!rest.is_empty()).then(|| node(rest)));
        nodes.extend(alone.chunk_by(|a, b| mentions[*a].name == mentions[*b].name).map(|one| node(one.to_vec())));
    }
    nodes
}

/// Pairs of units as pairs of their nodes, the likest first; nodes of one unit agree in every part.
fn of_nodes(pairs: &[Pair], units: &[Unit], nodes: &[Node]) -> Vec<Pair> {
    let mut torn = pairs.to_vec();
    lone_codes(&mut torn, units);
    let mut first = vec![0; units.len() + 1];
    nodes.iter().for_each(|node| first[node.unit + 1] += 1);
    (0..units.len()).for_each(|unit| first[unit + 1] += first[unit]);
    let of = |unit: usize| first[unit]..first[unit + 1];
    let across =
        torn.iter().flat_map(|pair| of(pair.one).flat_map(move |one| of(pair.other).map(move |other| Pair { one, other, ..*pair })));
    let within = (0..units.len()).filter(|unit| of(*unit).len() > 1).flat_map(|unit| {
        of(unit).flat_map(move |one| (one + 1..of(unit).end).map(move |other| Pair { one, other, score: 1.0, same: true }))
    });
    let mut all: Vec<Pair> = across.chain(within).collect();
    all.sort_by(|x, y| y.score.total_cmp(&x.score).then((x.one, x.other).cmp(&(y.one, y.other))));
    all
}

/// A name without a code that fits two codes belongs to neither for certain.
fn lone_codes(pairs: &mut [Pair], units: &[Unit]) {
    let code = |at: usize| units[at].key.code.as_deref();
    let mut codes: HashMap<usize, Vec<&str>> = HashMap::new();
    for pair in pairs.iter().filter(|pair| pair.same) {
        for (bare, coded) in [(pair.one, pair.other), (pair.other, pair.one)] {
            if let (None, Some(code)) = (code(bare), code(coded)) {
                codes.entry(bare).or_default().push(code);
            }
        }
    }
    let torn = |at: usize| codes.get(&at).is_some_and(|all| all.iter().any(|code| *code != all[0]));
    for pair in pairs.iter_mut() {
        let coded = code(pair.one).is_some() || code(pair.other).is_some();
        pair.same &= !(coded && (torn(pair.one) || torn(pair.other)));
    }
}

/// Growing clusters of nodes that keep apart what must not meet.
struct Clusters {
    groups: Groups,
    codes: HashMap<usize, String>,
    apart: HashMap<usize, Vec<usize>>,
}

impl Clusters {
    fn new(nodes: &[Node]) -> Clusters {
        let codes = nodes.iter().enumerate().filter_map(|(at, node)| Some((at, node.code?.to_string())));
        Clusters { groups: Groups::new(nodes.len()), codes: codes.collect(), apart: HashMap::new() }
    }

    fn keep_apart(&mut self, one: usize, other: usize) {
        let (one, other) = (self.groups.root(one), self.groups.root(other));
        self.apart.entry(one).or_default().push(other);
        self.apart.entry(other).or_default().push(one);
    }

    fn are_apart(&mut self, one: usize, other: usize) -> bool {
        let (one, other) = (self.groups.root(one), self.groups.root(other));
        let foes = self.apart.get(&one).cloned().unwrap_or_default();
        foes.into_iter().any(|foe| self.groups.root(foe) == other)
    }

    /// Joins unless two codes or a person's word stand against it.
    fn join(&mut self, one: usize, other: usize) {
        let (a, b) = (self.groups.root(one), self.groups.root(other));
        let codes_agree = match (self.codes.get(&a), self.codes.get(&b)) {
            (Some(x), Some(y)) => x == y,
            _ => true,
        };
        if codes_agree && !self.are_apart(a, b) {
            self.merge(a, b);
        }
    }

    fn merge(&mut self, a: usize, b: usize) {
        let (a, b) = (self.groups.root(a), self.groups.root(b));
        if a == b {
            return;
        }
        let codes = [self.codes.remove(&a), self.codes.remove(&b)];
        let foes: Vec<usize> = [self.apart.remove(&a), self.apart.remove(&b)].into_iter().flatten().flatten().collect();
        self.groups.join(a, b);
        let root = self.groups.root(a);
        if let Some(code) = codes.into_iter().flatten().min() {
            self.codes.insert(root, code);
        }
        if !foes.is_empty() {
            self.apart.insert(root, foes);
        }
    }
}

/// Follows what people said, before anything is compared: first what is apart, then what is one.
fn hear(said: &[Saying], mentions: &[Mention], nodes: &[Node], clusters: &mut Clusters) -> Vec<usize> {
    let wanted: HashSet<&str> = said.iter().flat_map(|s| [s.one.as_str(), s.other.as_str()]).collect();
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, node) in nodes.iter().enumerate() {
        for name in node.mentions.iter().map(|m| mentions[*m].name.as_str()).filter(|name| wanted.contains(name)) {
            places.entry(name).or_default().push(at);
        }
    }
    let mut last: HashMap<(&str, &str), (usize, Sameness)> = HashMap::new();
    for (at, saying) in said.iter().enumerate() {
        let (one, other) = (saying.one.as_str(), saying.other.as_str());
        last.insert((one.min(other), one.max(other)), (at, saying.verdict));
    }
    let mut standing: Vec<_> = last.into_iter().map(|(pair, (at, verdict))| (verdict == Sameness::Same, at, pair)).collect();
    standing.sort_unstable();
    let mut unheard = Vec::new();
    for (same, at, (one, other)) in standing {
        let (Some(ones), Some(others)) = (places.get(one), places.get(other)) else { continue };
        for (one, other) in ones.iter().flat_map(|one| others.iter().map(move |other| (*one, *other))) {
            match (same, one == other || clusters.are_apart(one, other)) {
                (false, _) if one == other => unheard.push(at),
                (false, _) => clusters.keep_apart(one, other),
                (true, true) if one != other => unheard.push(at),
                (true, _) => clusters.merge(one, other),
            }
        }
    }
    unheard.sort_unstable();
    unheard.dedup();
    unheard
}

fn join_by_code(nodes: &[Node], clusters: &mut Clusters) {
    let mut first: HashMap<&str, usize> = HashMap::new();
    for (at, node) in nodes.iter().enumerate() {
        if let Some(code) = node.code {
            clusters.join(*first.entry(code).or_insert(at), at);
        }
    }
}

fn collect(mentions: &[Mention], nodes: &[Node], mut clusters: Clusters, pairs: &[Pair], unheard: Vec<usize>) -> Resolved {
    let codes: Vec<Option<String>> = (0..nodes.len()).map(|at| clusters.codes.get(&clusters.groups.root(at)).cloned()).collect();
    let linked: Vec<&Pair> = pairs.iter().filter(|pair| clusters.groups.root(pair.one) != clusters.groups.root(pair.other)).collect();
    let linked: Vec<&Pair> = linked.into_iter().filter(|pair| !clusters.are_apart(pair.one, pair.other)).collect();
    let lists = clusters.groups.into_lists();
    let mut entity_of = vec![0; nodes.len()];
    let mut entities: Vec<Entity> = Vec::with_capacity(lists.len());
    for (number, list) in lists.iter().enumerate() {
        list.iter().for_each(|node| entity_of[*node] = number);
        let mut spellings: Vec<usize> = list.iter().flat_map(|node| &nodes[*node].mentions).copied().collect();
        spellings.sort_by_key(|m| (std::cmp::Reverse(mentions[*m].times), &mentions[*m].name, &mentions[*m].code));
        entities.push(Entity { spellings, code: codes[list[0]].clone() });
    }
    let mut seen = HashSet::new();
    let links = linked.into_iter().filter_map(|pair| {
        let ends = (entity_of[pair.one], entity_of[pair.other]);
        let (one, other) = (ends.0.min(ends.1), ends.0.max(ends.1));
        let spellings = (nodes[pair.one].mentions[0], nodes[pair.other].mentions[0]);
        seen.insert((one, other)).then_some(Link { one, other, spellings, score: pair.score })
    });
    Resolved { links: links.collect(), entities, unheard }
}
