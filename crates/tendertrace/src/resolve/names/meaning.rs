//! Does a Chinese name mean what an English one says? Institutes and universities are listed under
//! translations: every word of both must be known, and the words, numbers and places must be equal.

use super::han::{HanName, PlaceMatch, places};
use super::latin::LatinName;
use super::{Comparison, judged, why};
use crate::model::Judgement;
use crate::rulebook::Rulebook;
use crate::rulebook::names::{Class, Word};

/// Longest known Chinese word, in characters.
const WORD_LONGEST: usize = 6;

/// What a Chinese text means, word by word and sorted; empty where a word is unknown.
pub fn of_han(text: &str, rules: &Rulebook) -> Vec<String> {
    let mut meanings = Vec::new();
    let mut number: Option<u64> = None;
    let mut rest = text;
    while !rest.is_empty() {
        let Some((length, word)) = first_word(rest, rules) else { return Vec::new() };
        rest = &rest[length..];
        let concept = &rules.names.concepts[word.concept as usize];
        match (word.class, concept.parse()) {
            (Class::Number, Ok(digit)) => number = Some(number.map_or(digit, |before| joined(before, digit))),
            (Class::Generic, _) => meanings.extend(number.take().map(|n| n.to_string())),
            _ => {
                meanings.extend(number.take().map(|n| n.to_string()));
                meanings.push(concept.clone());
            }
        }
    }
    meanings.extend(number.map(|n| n.to_string()));
    sorted(meanings)
}

fn first_word(text: &str, rules: &Rulebook) -> Option<(usize, Word)> {
    let ends: Vec<usize> = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(WORD_LONGEST).collect();
    ends.into_iter().rev().find_map(|end| rules.names.han_words.get(&text[..end]).map(|word| (end, *word)))
}

/// Chinese numbers are read digit by digit: 5, 10, 4 is 54.
fn joined(before: u64, digit: u64) -> u64 {
    if digit == 10 { before * 10 } else { before + digit }
}

/// What an English name means; empty where a word is a name of its own.
pub fn of_latin(name: &LatinName, rules: &Rulebook) -> Vec<String> {
    if name.tokens.iter().any(|t| matches!(t.class, Class::Name | Class::Initial | Class::Title)) {
        return Vec::new();
    }
    let known = name.tokens.iter().filter(|t| !matches!(t.class, Class::Generic | Class::Division | Class::People) && t.places.is_empty());
    sorted(known.map(|t| t.concept.map_or(t.text.clone(), |c| rules.names.concepts[c as usize].clone())).collect())
}

fn sorted(mut meanings: Vec<String>) -> Vec<String> {
    meanings.sort();
    meanings.dedup();
    meanings
}

/// Possible where all words and the places agree; a translation never proves a body.
pub fn compare(a: &HanName, b: &LatinName, rules: &Rulebook) -> Option<Comparison> {
    let weights = &rules.names.weights.cross;
    if a.meanings.len() < weights.meanings_least || a.meanings != of_latin(b, rules) {
        return None;
    }
    if !matches!(places(&a.places, &b.places, rules), PlaceMatch::Same | PlaceMatch::Neither) {
        return None;
    }
    let why = vec![why("same_meaning", &a.whole, &a.meanings.join(" "), 1.0, weights.core)];
    Some(judged(1.0, Judgement::Possible, why, rules))
}
