//! Which units may be one? Those that meet under a key are compared with their neighbours there; a pair
//! that is neither the same nor possibly so is forgotten.

use super::{Parsed, Unit};
use crate::model::Judgement;
use crate::resolve::names::{Name, Shape, compare_parsed};
use crate::rulebook::Rulebook;

/// Two units, by their positions, the earlier first, that are or may be one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    pub one: usize,
    pub other: usize,
    pub score: f64,
    /// Whether the names say that they are one.
    pub same: bool,
}

/// Units behind one in a block with which it is compared.
const NEIGHBOURS: usize = 10;
/// A key that more units share tells nothing.
pub const BLOCK_MOST: usize = 200;

/// Pairs of a block, its units in their order, that are worth a comparison.
pub fn windows<T: Copy>(block: &[T]) -> impl Iterator<Item = (T, T)> {
    let telling = if block.len() <= BLOCK_MOST { block } else { &[] };
    let behind = move |at: usize| telling[at + 1..].iter().take(NEIGHBOURS);
    telling.iter().enumerate().flat_map(move |(at, one)| behind(at).map(move |other| (*one, *other)))
}

/// All pairs of these units that are or may be one.
pub fn compared(units: &[Unit], names: &[Parsed], rules: &Rulebook) -> Vec<Pair> {
    debug_assert!(units.is_sorted_by(|a, b| a.key < b.key));
    let pairs = candidates(names, rules).into_iter().filter_map(|(one, other)| {
        let (one, other) = (one as usize, other as usize);
        let (score, same) = judged(&names[one], &names[other], rules)?;
        Some(Pair { one, other, score, same })
    });
    pairs.collect()
}

/// How alike two units are, and whether they are one by their names; nothing where they are two.
pub fn judged(one: &Parsed, other: &Parsed, rules: &Rulebook) -> Option<(f64, bool)> {
    let (a, b) = (&one.name, &other.name);
    let comparison = compare_parsed(a, b, rules);
    let agree = one.full && other.full && (comparison.judgement == Judgement::Same || slip_in_form(a, b));
    let same = agree || a.plain == b.plain && a.code == b.code;
    let bound = rules.names.weights.same;
    let score = if same { comparison.score.max(bound) } else { comparison.score.min(bound) };
    (same || comparison.judgement != Judgement::Different).then_some((score, same))
}

/// Whether one slip of the pen in the legal form is all that tells two long names apart.
fn slip_in_form(a: &Name, b: &Name) -> bool {
    let (Shape::Han(x), Shape::Han(y)) = (&a.shape, &b.shape) else { return false };
    if x.form == y.form {
        return false;
    }
    let (whole, broken) = if x.whole.len() >= y.whole.len() { (x, y) } else { (y, x) };
    let stem = whole.places.iter().len() + whole.core.chars().count() + whole.trade_text.chars().count();
    let head = whole.whole.find(&whole.core).map(|at| at + whole.core.len() + whole.trade_text.len());
    let kept = head.and_then(|head| whole.whole.get(..head)).is_some_and(|head| broken.whole.starts_with(head));
    kept && stem >= STEM_LEAST && whole.branch.is_empty() && rapidfuzz::distance::osa::distance(x.whole.chars(), y.whole.chars()) == 1
}

/// Characters before the legal form without which a slip in it is not told from another name.
const STEM_LEAST: usize = 5;

/// Pairs worth a comparison: neighbours under a shared key, each once.
fn candidates(names: &[Parsed], rules: &Rulebook) -> Vec<(u32, u32)> {
    let mut keyed: Vec<(u64, u32)> = Vec::new();
    for (at, name) in names.iter().enumerate() {
        keyed.extend(name.meets(rules).into_iter().map(|key| (key, at as u32)));
    }
    keyed.sort_unstable();
    let mut pairs = Vec::new();
    for block in keyed.chunk_by(|a, b| a.0 == b.0) {
        pairs.extend(windows(block).map(|((_, one), (_, other))| (one, other)));
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}
