//! Which listed names are worth a full comparison? Names by keys that survive spelling: core,
//! pairs of characters, pinyin, rare words, consonants. No quadratic step: a query meets only names
//! that share a rare key with it.

use crate::resolve::names::latin::Token;
use crate::resolve::names::{Name, Shape, meaning};
use crate::rulebook::Rulebook;
use crate::rulebook::names::Class;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A name in the index: of which party, and whether only we made it.
#[derive(Debug, Clone)]
pub struct Listed {
    pub name: Name,
    /// Position of the party among those added.
    pub party: u32,
    pub constructed: bool,
}

/// Names by their keys.
#[derive(Debug, Default)]
pub struct Index {
    pub names: Vec<Listed>,
    keys: HashMap<u64, Vec<u32>>,
}

/// Most names that one key may bring, and most that one query is compared with.
const KEY_MOST: usize = 400;
const CANDIDATES_MOST: usize = 60;

impl Index {
    /// Adds a name.
    pub fn add(&mut self, listed: Listed, rules: &Rulebook) {
        let number = self.names.len() as u32;
        for key in keys(&listed.name, rules) {
            self.keys.entry(key).or_default().push(number);
        }
        self.names.push(listed);
    }

    /// Names that share keys with `query`, the likeliest first.
    pub fn candidates(&self, query: &Name, rules: &Rulebook) -> Vec<u32> {
        let mut votes: HashMap<u32, f32> = HashMap::new();
        for key in keys(query, rules) {
            let Some(numbers) = self.keys.get(&key).filter(|n| n.len() <= KEY_MOST) else { continue };
            let weight = 1.0 / (numbers.len() as f32).sqrt();
            for number in numbers {
                *votes.entry(*number).or_default() += weight;
            }
        }
        let mut found: Vec<(u32, f32)> = votes.into_iter().collect();
        found.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(CANDIDATES_MOST);
        found.into_iter().map(|(number, _)| number).collect()
    }
}

/// Keys of a name, each once.
pub fn keys(name: &Name, rules: &Rulebook) -> Vec<u64> {
    let mut keys = vec![key("plain", &name.plain)];
    if let Some(code) = &name.code {
        keys.push(key("code", code));
    }
    let meanings = match &name.shape {
        Shape::Han(han) => han.meanings.clone(),
        Shape::Latin(latin) => meaning::of_latin(latin, rules),
    };
    if !meanings.is_empty() {
        keys.push(key("meaning", &meanings.join(" ")));
    }
    match &name.shape {
        Shape::Han(han) if han.is_public() => {
            keys.push(key("function", &format!("{:?}{}", han.places, han.function)));
            keys.extend(han.places.iter().map(|place| key("body", &place.to_string())));
        }
        Shape::Han(han) => {
            keys.push(key("core", &han.core));
            keys.push(key("sound", &han.core_pinyin));
            keys.extend(pairs(&han.core).map(|pair| key("pair", &pair)));
        }
        Shape::Latin(latin) => {
            keys.push(key("sound", &latin.core));
            keys.push(key("letters", &latin.joined));
            let told = |t: &&Token| t.class == Class::Name || t.class == Class::Place && t.places.is_empty();
            for token in latin.tokens.iter().filter(told).filter(|t| t.text.len() >= 3) {
                keys.push(key("word", &token.text));
                keys.push(key("bones", &bones(&token.text)));
            }
            for place in &latin.places {
                keys.push(key("body", &place.to_string()));
            }
        }
    }
    let core = match &name.shape {
        Shape::Han(han) => &han.core,
        Shape::Latin(latin) => &latin.core,
    };
    keys.extend(rules.names.brand_cores.get(core).map(|brand| key("brand", &brand.to_string())));
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// A key of one kind.
pub fn key(kind: &str, text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (kind, text).hash(&mut hasher);
    hasher.finish()
}

fn pairs(text: &str) -> impl Iterator<Item = String> + '_ {
    text.chars().zip(text.chars().skip(1)).map(|(a, b)| [a, b].iter().collect())
}

/// First letter and the consonants after it, doubles once, at most five: survives most slips.
fn bones(word: &str) -> String {
    let mut out = String::new();
    for c in word.chars() {
        let vowel = matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
        if (out.is_empty() || !vowel) && !out.ends_with(c) && out.len() < 5 {
            out.push(c);
        }
    }
    out
}

/// Adds all names of `written` (`|` between them) for one party.
pub fn add_all(index: &mut Index, party: u32, written: &str, code: &str, constructed: bool, rules: &Rulebook) {
    for one in written.split('|').map(str::trim).filter(|n| !n.is_empty()) {
        let mut add = |text: &str| index.add(Listed { name: Name::parse(text, rules).with_code(code), party, constructed }, rules);
        add(one);
        if let Some(plain) = without_acronym(one) {
            add(&plain);
        }
    }
}

/// The name without the acronym that its publisher puts in brackets behind it.
pub fn without_acronym(name: &str) -> Option<String> {
    let (before, rest) = name.split_once('(')?;
    let (inner, after) = rest.split_once(')')?;
    let mut initials = before.split_whitespace().filter_map(|word| word.chars().next());
    let letters: Vec<char> = inner.chars().take_while(char::is_ascii_uppercase).collect();
    let acronym = letters.len() >= 3 && letters.iter().all(|letter| initials.any(|initial| initial.to_ascii_uppercase() == *letter));
    acronym.then(|| format!("{}{after}", before.trim_end()).trim().to_string())
}
