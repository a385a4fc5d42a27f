//! Which spellings agree in every part? They are one unit: what is compared with others, once.

use super::Mention;
use crate::resolve::names::{Name, Shape};
use crate::rulebook::Rulebook;
use crate::screen::{index, tells_a_party};
use std::collections::HashMap;

/// What spellings of one unit have in common; units are ordered by it, whatever else the case holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitKey {
    pub parts: String,
    pub code: Option<String>,
}

/// Spellings that agree in every part, under one code or none, as positions among the mentions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub key: UnitKey,
    pub mentions: Vec<usize>,
}

/// A spelling taken apart.
#[derive(Debug, Clone)]
pub struct Parsed {
    pub name: Name,
    /// Whether it is a full name: only two full ones can be one body by their parts.
    pub(super) full: bool,
}

/// Takes a spelling apart.
pub fn parsed(name: &str, code: &str, rules: &Rulebook) -> Parsed {
    let name = Name::parse(name, rules).with_code(code.trim());
    let full = tells_a_party(&name, rules);
    Parsed { name, full }
}

impl Parsed {
    /// The key of its unit.
    pub fn key(&self) -> UnitKey {
        let parts = if self.full { signature(&self.name) } else { self.name.plain.clone() };
        UnitKey { parts, code: self.name.code.clone() }
    }

    /// Whether it stands for a unit rather than `other` does.
    pub fn stands_before(&self, other: &Parsed) -> bool {
        (&self.name.plain, &self.name.written) < (&other.name.plain, &other.name.written)
    }

    /// Keys under which its unit meets others, each once.
    pub fn meets(&self, rules: &Rulebook) -> Vec<u64> {
        let mut keys = index::keys(&self.name, rules);
        keys.push(index::key("parts", &signature(&self.name)));
        keys.push(index::key("head", &self.name.plain.chars().take(HEAD).collect::<String>()));
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

/// Characters at the head of a name that a slip in its end leaves as they are.
const HEAD: usize = 6;

/// The units of these mentions in their order, and the spelling that stands for each.
pub fn units(mentions: &[Mention], rules: &Rulebook) -> (Vec<Unit>, Vec<Parsed>) {
    let mut known: HashMap<UnitKey, (Parsed, Vec<usize>)> = HashMap::new();
    for (at, mention) in mentions.iter().enumerate() {
        let name = parsed(&mention.name, &mention.code, rules);
        match known.get_mut(&name.key()) {
            Some((first, all)) => {
                all.push(at);
                if name.stands_before(first) {
                    *first = name;
                }
            }
            None => drop(known.insert(name.key(), (name, vec![at]))),
        }
    }
    let mut sorted: Vec<_> = known.into_iter().collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    sorted.into_iter().map(|(key, (name, mentions))| (Unit { key, mentions }, name)).unzip()
}

/// Equal where the comparison of the parts would say `same` of two full names.
fn signature(name: &Name) -> String {
    match &name.shape {
        Shape::Han(han) if han.places.len() > 1 => name.plain.clone(),
        Shape::Han(han) if han.is_public() => format!("{:?}|{}", han.places, han.function),
        Shape::Han(han) => {
            format!("{:?}|{}|{}|{}|{:?}|{}", han.places, han.place_behind, han.core, han.trade_text, han.form, han.branch)
        }
        Shape::Latin(_) => name.plain.clone(),
    }
}
