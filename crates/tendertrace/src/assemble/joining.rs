//! Which notices are copies of one, and which belong to one contracting process? Pairs that share
//! a key are compared on their own merits and joined by union-find, so that the order in which
//! notices come does not matter. Blocks are sorted and only neighbours compared: no quadratic step.

use super::keys;
use super::outline::{Outline, Text};
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

/// Outlines to be joined, and the texts their numbers mean.
pub(super) struct Pile<'a> {
    pub outlines: Vec<&'a Outline>,
    pub texts: &'a [Box<str>],
}

/// Members of blocks, each beside its block's key.
type Blocks = Vec<(u64, u32)>;

/// How many neighbours of a block each member is compared with.
const NEIGHBOURS: usize = 12;

/// Joins members of `blocks` that `belong` together.
fn join_blocks(groups: &mut Groups, mut blocks: Blocks, belong: impl Fn(usize, usize) -> bool) {
    blocks.sort_unstable();
    for members in blocks.chunk_by(|a, b| a.0 == b.0).filter(|members| members.len() > 1) {
        for (at, (_, one)) in members.iter().enumerate() {
            for (_, other) in members[at + 1..].iter().take(NEIGHBOURS) {
                if belong(*one as usize, *other as usize) {
                    groups.join(*one as usize, *other as usize);
                }
            }
        }
    }
}

/// The smallest hashes of a sketch serve as keys: near-copies share at least one of them.
const SKETCH_KEYS: usize = 3;

/// A number's, a title's or a sketch's hash as a key.
fn key(kind: u64, value: u32) -> u64 {
    kind << 32 | u64::from(value)
}

fn copy_keys(outline: &Outline) -> impl Iterator<Item = u64> {
    let numbers = outline.numbers.iter().map(|number| key(0, *number));
    let sketch = outline.sketch.iter().take(SKETCH_KEYS).map(|hash| key(2, *hash));
    numbers.chain([key(1, outline.title)]).chain(sketch)
}

impl Pile<'_> {
    fn text(&self, text: Text) -> &str {
        &self.texts[text as usize]
    }

    fn read(&self) -> impl Iterator<Item = (u32, &Outline)> {
        self.outlines.iter().enumerate().filter(|(_, outline)| outline.read).map(|(at, outline)| (at as u32, *outline))
    }

    /// Copies of one notice on other pages and sites, or captured again. The outlines are sorted.
    pub fn copies(&self, limits: &Copies) -> Groups {
        let mut groups = Groups::new(self.outlines.len());
        let blocks = self.read().flat_map(|(at, outline)| copy_keys(outline).map(move |key| (key, at))).collect();
        join_blocks(&mut groups, blocks, |a, b| self.are_copies(self.outlines[a], self.outlines[b], limits));
        groups
    }

    fn are_copies(&self, a: &Outline, b: &Outline, limits: &Copies) -> bool {
        if a.capture == b.capture && a.part == b.part {
            return true;
        }
        !self.contradict(a, b) && near_in_time(a, b, limits.days) && (self.alike_in_text(a, b, limits) || same_award(a, b))
    }

    fn contradict(&self, a: &Outline, b: &Outline) -> bool {
        a.stage != b.stage
            || a.round != b.round
            || differ(a.total, b.total)
            || differ(a.budget, b.budget)
            || (!a.numbers.is_empty() && !b.numbers.is_empty() && !share(&a.numbers, &b.numbers))
            || (!a.suppliers.is_empty() && !b.suppliers.is_empty() && !share(&a.suppliers, &b.suppliers))
            || !self.bodies_agree(a, b)
            || !numerals(self.text(a.title)).eq(numerals(self.text(b.title)))
    }

    fn bodies_agree(&self, a: &Outline, b: &Outline) -> bool {
        a.buyer == 0 || b.buyer == 0 || self.same_body(a.buyer, b.buyer)
    }

    fn same_body(&self, a: Text, b: Text) -> bool {
        keys::same_body(self.text(a), self.text(b))
    }

    fn alike(&self, a: Text, b: Text) -> f64 {
        keys::alike(self.text(a), self.text(b))
    }

    fn alike_in_text(&self, a: &Outline, b: &Outline, limits: &Copies) -> bool {
        let likeness = keys::likeness(&a.sketch, &b.sketch);
        if a.length.min(b.length) < limits.short_text {
            return a.title == b.title && likeness >= limits.short_similarity;
        }
        if a.title == b.title {
            return likeness >= limits.same_title_similarity;
        }
        likeness >= limits.other_title_similarity && self.alike(a.title, b.title) >= limits.title_similarity
    }

    /// Notices of one contracting process, over one notice of each group of copies; sorted.
    pub fn processes(&self, limits: &Processes) -> Groups {
        let mut groups = Groups::new(self.outlines.len());
        let numbers = self.read().flat_map(|(at, outline)| outline.numbers.iter().map(move |number| (key(0, *number), at)));
        let numbers = numbers.collect();
        let named = self.read().filter(|(_, outline)| self.length(outline) >= limits.name_length);
        let names = named.map(|(at, outline)| (key(0, outline.called()), at)).collect();
        join_blocks(&mut groups, numbers, |a, b| self.same_number(self.outlines[a], self.outlines[b], limits));
        join_blocks(&mut groups, names, |a, b| self.same_name(self.outlines[a], self.outlines[b], limits));
        groups
    }

    /// Characters of the name that a process is known by.
    fn length(&self, outline: &Outline) -> usize {
        self.text(outline.called()).chars().count()
    }

    fn same_number(&self, a: &Outline, b: &Outline, limits: &Processes) -> bool {
        let buyers = a.buyer != 0 && b.buyer != 0 && self.same_body(a.buyer, b.buyer);
        near_in_time(a, b, limits.days) && (buyers || self.names_agree(a.called(), b.called(), limits))
    }

    fn names_agree(&self, a: Text, b: Text, limits: &Processes) -> bool {
        self.same_body(a, b) || self.alike(a, b) >= limits.name_similarity
    }

    fn same_name(&self, a: &Outline, b: &Outline, limits: &Processes) -> bool {
        let long = self.length(a) >= limits.name_length.max(limits.lone_name_length);
        let known = a.buyer != 0 && b.buyer != 0;
        near_in_time(a, b, limits.days) && self.bodies_agree(a, b) && (known || long) && self.numbers_agree(a, b)
    }

    /// Unknown numbers agree; so do a project's number and its lot's.
    fn numbers_agree(&self, a: &Outline, b: &Outline) -> bool {
        let goes_on = |one: Text, other: Text| self.text(one).starts_with(self.text(other));
        a.numbers.is_empty()
            || b.numbers.is_empty()
            || a.numbers.iter().any(|one| b.numbers.iter().any(|other| goes_on(*one, *other) || goes_on(*other, *one)))
    }
}

/// The same number, buyer, winners and sum: one award, however another site tells it.
fn same_award(a: &Outline, b: &Outline) -> bool {
    let buyer = a.buyer != 0 && b.buyer != 0;
    let winners = !a.suppliers.is_empty() && a.suppliers == b.suppliers;
    share(&a.numbers, &b.numbers) && buyer && winners && a.total.is_some() && a.total == b.total && a.lots == b.lots
}

fn share(a: &[Text], b: &[Text]) -> bool {
    a.iter().any(|one| b.contains(one))
}

fn differ(a: Option<Text>, b: Option<Text>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a != b)
}

/// Lots and years in a title make it another notice.
fn numerals(title: &str) -> impl Iterator<Item = char> {
    title.chars().filter(|c| c.is_numeric())
}

fn near_in_time(a: &Outline, b: &Outline, days: i64) -> bool {
    match (a.day, b.day) {
        (Some(a), Some(b)) => (a - b).abs() <= days,
        _ => true,
    }
}
