//! Is this name one of those? Names of a case, or of a user's table, to be found again in other
//! spellings: what is surely the same, and what is only alike.

use super::index::{Index, Listed};
use super::tells_a_party;
use crate::model::Judgement;
use crate::resolve::names::{Kinship, Name, compare_parsed};
use crate::rulebook::Rulebook;

/// Names by their keys, numbered as they were given.
#[derive(Default)]
pub struct Known {
    pub(super) index: Index,
}

impl Known {
    /// Takes names in, each with its credit code if one is known.
    pub fn of<'a>(names: impl IntoIterator<Item = (&'a str, &'a str)>, rules: &Rulebook) -> Known {
        let mut known = Known::default();
        for (name, code) in names {
            let party = known.index.names.len() as u32;
            known.index.add(Listed { name: Name::parse(name, rules).with_code(code), party, constructed: false }, rules);
        }
        known
    }

    /// Numbers of the names that `name` is, or may be.
    pub fn find(&self, name: &Name, rules: &Rulebook) -> Vec<(usize, Judgement)> {
        let candidates = self.index.candidates(name, rules).into_iter();
        candidates.filter_map(|at| Some((at as usize, meets(name, &self.index.names[at as usize].name, rules)?))).collect()
    }
}

/// Whether two names are one body: only full names, the very same text and codes tell that; what is less
/// is a doubt.
pub(super) fn meets(a: &Name, b: &Name, rules: &Rulebook) -> Option<Judgement> {
    let comparison = compare_parsed(a, b, rules);
    let by_code = a.code.is_some() && b.code.is_some();
    let whole = || a.plain == b.plain || by_code || tells_a_party(a, rules) && tells_a_party(b, rules);
    match comparison.judgement {
        Judgement::Different => None,
        _ if comparison.kinship != Kinship::None => None,
        Judgement::Same if whole() => Some(Judgement::Same),
        _ => Some(Judgement::Possible),
    }
}
