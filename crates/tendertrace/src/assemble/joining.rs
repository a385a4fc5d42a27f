//! Which notices are copies of one, and which belong to one contracting process? Pairs that share
//! a key are compared on their own merits and joined by union-find, so that the order in which
//! notices come does not matter. Blocks are sorted and only neighbours compared: no quadratic step.

use super::digest::Digest;
use super::keys;
use crate::rulebook::report::{Copies, Processes};
use std::collections::BTreeMap;

/// Groups of indices that belong together.
pub struct Groups {
    parent: Vec<usize>,
}

impl Groups {
    pub(super) fn new(count: usize) -> Groups {
        Groups { parent: (0..count).collect() }
    }

    pub(super) fn root(&mut self, mut at: usize) -> usize {
        while self.parent[at] != at {
            self.parent[at] = self.parent[self.parent[at]];
            at = self.parent[at];
        }
        at
    }

    pub(super) fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }

    /// The groups, each in ascending order, by their first member.
    pub fn into_lists(mut self) -> Vec<Vec<usize>> {
        let mut lists: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in 0..self.parent.len() {
            let root = self.root(at);
            lists.entry(root).or_default().push(at);
        }
        lists.into_values().collect()
    }
}

/// How many neighbours of a block each member is compared with.
const NEIGHBOURS: usize = 12;

/// Joins members of `blocks` that `belong` together.
fn join_blocks<K: Ord>(groups: &mut Groups, blocks: BTreeMap<K, Vec<usize>>, belong: impl Fn(usize, usize) -> bool) {
    for members in blocks.into_values().filter(|m| m.len() > 1) {
        for (at, one) in members.iter().enumerate() {
            for other in members[at + 1..].iter().take(NEIGHBOURS) {
                if belong(*one, *other) {
                    groups.join(*one, *other);
                }
            }
        }
    }
}

/// Copies of one notice on other pages and sites, or captured again. `digests` are sorted.
pub fn copies(digests: &[&Digest], limits: &Copies) -> Groups {
    let mut groups = Groups::new(digests.len());
    let mut blocks: BTreeMap<(u8, String), Vec<usize>> = BTreeMap::new();
    for (at, digest) in digests.iter().enumerate().filter(|(_, d)| d.read) {
        for key in copy_keys(digest) {
            blocks.entry(key).or_default().push(at);
        }
    }
    join_blocks(&mut groups, blocks, |a, b| are_copies(digests[a], digests[b], limits));
    groups
}

/// The smallest hashes of a sketch serve as keys: near-copies share at least one of them.
const SKETCH_KEYS: usize = 3;

fn copy_keys(digest: &Digest) -> Vec<(u8, String)> {
    let mut all: Vec<_> = digest.keys.numbers.iter().map(|n| (0, n.clone())).collect();
    all.push((1, digest.keys.title.clone()));
    all.extend(digest.keys.sketch.iter().take(SKETCH_KEYS).map(|h| (2, h.to_string())));
    all
}

fn are_copies(a: &Digest, b: &Digest, limits: &Copies) -> bool {
    if a.capture == b.capture && a.part == b.part {
        return true;
    }
    !contradict(a, b) && near_in_time(a, b, limits.days) && (alike_in_text(a, b, limits) || same_award(a, b))
}

/// The same number, buyer, winners and sum: one award, however another site tells it.
fn same_award(a: &Digest, b: &Digest) -> bool {
    let number = !a.keys.numbers.is_disjoint(&b.keys.numbers);
    let buyer = !a.keys.buyer.is_empty() && !b.keys.buyer.is_empty();
    let winners = !a.suppliers.is_empty() && a.suppliers == b.suppliers;
    number && buyer && winners && a.total.is_some() && a.total == b.total && a.lots == b.lots
}

fn contradict(a: &Digest, b: &Digest) -> bool {
    a.stage != b.stage
        || a.round != b.round
        || differ(&a.total, &b.total)
        || differ(&a.budget, &b.budget)
        || (!a.keys.numbers.is_empty() && !b.keys.numbers.is_empty() && a.keys.numbers.is_disjoint(&b.keys.numbers))
        || (!a.suppliers.is_empty() && !b.suppliers.is_empty() && a.suppliers.iter().all(|s| !b.suppliers.contains(s)))
        || !bodies_agree(a, b)
        || numerals(&a.keys.title) != numerals(&b.keys.title)
}

fn differ<T: PartialEq>(a: &Option<T>, b: &Option<T>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a != b)
}

fn bodies_agree(a: &Digest, b: &Digest) -> bool {
    a.keys.buyer.is_empty() || b.keys.buyer.is_empty() || keys::same_body(&a.keys.buyer, &b.keys.buyer)
}

/// Lots and years in a title make it another notice.
fn numerals(title: &str) -> Vec<char> {
    title.chars().filter(|c| c.is_numeric()).collect()
}

fn near_in_time(a: &Digest, b: &Digest, days: i64) -> bool {
    match (day_of(a), day_of(b)) {
        (Some(a), Some(b)) => (a - b).abs() <= days,
        _ => true,
    }
}

/// The day of publication, else of the event.
fn day_of(digest: &Digest) -> Option<i64> {
    let published = digest.published.as_deref().and_then(keys::days);
    published.or_else(|| digest.date.as_ref().and_then(|d| keys::days(&d.value)))
}

fn alike_in_text(a: &Digest, b: &Digest, limits: &Copies) -> bool {
    let likeness = keys::likeness(&a.keys.sketch, &b.keys.sketch);
    if a.keys.length.min(b.keys.length) < limits.short_text {
        return a.keys.title == b.keys.title && likeness >= limits.short_similarity;
    }
    if a.keys.title == b.keys.title {
        return likeness >= limits.same_title_similarity;
    }
    likeness >= limits.other_title_similarity && keys::alike(&a.keys.title, &b.keys.title) >= limits.title_similarity
}

/// Notices of one contracting process, over one notice of each group of copies; sorted.
pub fn processes(digests: &[&Digest], limits: &Processes) -> Groups {
    let mut groups = Groups::new(digests.len());
    let mut numbers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut names: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, digest) in digests.iter().enumerate().filter(|(_, d)| d.read) {
        for number in &digest.keys.numbers {
            numbers.entry(number).or_default().push(at);
        }
        if let Some(name) = process_name(digest, limits) {
            names.entry(name).or_default().push(at);
        }
    }
    join_blocks(&mut groups, numbers, |a, b| same_number(digests[a], digests[b], limits));
    join_blocks(&mut groups, names, |a, b| same_name(digests[a], digests[b], limits));
    groups
}

fn process_name<'a>(digest: &'a Digest, limits: &Processes) -> Option<&'a str> {
    let name = if digest.keys.name.is_empty() { &digest.keys.title } else { &digest.keys.name };
    (name.chars().count() >= limits.name_length).then_some(name.as_str())
}

fn same_number(a: &Digest, b: &Digest, limits: &Processes) -> bool {
    let buyers = !a.keys.buyer.is_empty() && !b.keys.buyer.is_empty() && keys::same_body(&a.keys.buyer, &b.keys.buyer);
    near_in_time(a, b, limits.days) && (buyers || names_agree(a, b, limits))
}

fn names_agree(a: &Digest, b: &Digest, limits: &Processes) -> bool {
    let of = |d: &Digest| if d.keys.name.is_empty() { d.keys.title.clone() } else { d.keys.name.clone() };
    let (a, b) = (of(a), of(b));
    keys::same_body(&a, &b) || keys::alike(&a, &b) >= limits.name_similarity
}

fn same_name(a: &Digest, b: &Digest, limits: &Processes) -> bool {
    let long = process_name(a, limits).is_some_and(|n| n.chars().count() >= limits.lone_name_length);
    let known = !a.keys.buyer.is_empty() && !b.keys.buyer.is_empty();
    near_in_time(a, b, limits.days) && bodies_agree(a, b) && (known || long) && numbers_agree(a, b)
}

/// Unknown numbers agree; so do a project's number and its lot's.
fn numbers_agree(a: &Digest, b: &Digest) -> bool {
    let (a, b) = (&a.keys.numbers, &b.keys.numbers);
    a.is_empty()
        || b.is_empty()
        || a.iter().any(|one| b.iter().any(|other| one.starts_with(other.as_str()) || other.starts_with(one.as_str())))
}
