//! How do two names in Latin (or another alphabetic) script compare? Word by word, in any order,
//! each word weighing by what it is: a name, a place, a trade, a filler; legal forms apart.

use super::han::{self, PlaceMatch};
use super::{Comparison, divisions, judged, why};
use crate::model::{Judgement, Why};
use crate::rulebook::Rulebook;
use crate::rulebook::names::Class;
use unicode_normalization::UnicodeNormalization as _;

/// A word of a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    pub text: String,
    pub class: Class,
    pub concept: Option<u16>,
    /// Divisions that the word may mean.
    pub places: Vec<usize>,
}

/// A Latin name taken apart.
#[derive(Debug, Clone, Default)]
pub struct LatinName {
    pub tokens: Vec<Token>,
    pub forms: Vec<u8>,
    /// All words but the legal form, joined.
    pub joined: String,
    /// All words, joined.
    pub everything: String,
    /// Words that are names, joined: what pinyin of a Chinese core is compared with.
    pub core: String,
    /// Divisions that its words name, without the country; the narrowest that all of them allow.
    pub places: Vec<usize>,
    /// Whether a form, a trade or a filler shows that this is a body and no person.
    pub body: bool,
}

impl LatinName {
    /// Concepts of the trade words.
    pub fn trades(&self) -> impl Iterator<Item = u16> + '_ {
        self.tokens.iter().filter(|t| t.class == Class::Trade).filter_map(|t| t.concept)
    }
}

/// Takes a folded name apart.
pub fn parse(folded: &str, rules: &Rulebook) -> LatinName {
    let words = words_of(folded);
    let everything = words.concat();
    let (words, forms) = without_forms(words, rules);
    let tokens = tokens_of(&words, rules);
    let joined = words.concat();
    let core = tokens.iter().filter(|t| matches!(t.class, Class::Name | Class::Initial)).map(|t| t.text.as_str()).collect();
    let body = !forms.is_empty() || tokens.iter().any(|t| matches!(t.class, Class::Trade | Class::Generic));
    let places = divisions::narrowest(&tokens, rules);
    LatinName { tokens, forms, joined, everything, core, places, body }
}

/// Words without marks and accents; dotted and spaced single letters are joined (`a.b.c.`).
pub fn words_of(folded: &str) -> Vec<String> {
    let mut text = String::with_capacity(folded.len());
    for c in folded.nfd().filter(|c| !unicode_normalization::char::is_combining_mark(*c) || !c.is_ascii() && !is_latin_mark(*c)) {
        match c {
            '\'' | '’' | '‘' | '`' | '"' | '´' | 'ʻ' | 'ʼ' => {}
            '&' => text.push_str(" and "),
            c if c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c) => text.push(c),
            '.' => text.push('.'),
            _ => text.push(' '),
        }
    }
    let mut words: Vec<String> = Vec::new();
    for chunk in text.split_whitespace() {
        push_chunk(chunk, &mut words);
    }
    words
}

/// Combining marks of Latin, Greek and Cyrillic letters: dropped. Those of other scripts are letters.
fn is_latin_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}')
}

fn push_chunk(chunk: &str, words: &mut Vec<String>) {
    let parts: Vec<&str> = chunk.split('.').filter(|p| !p.is_empty()).collect();
    let initials = parts.len() > 1 && parts.iter().all(|p| p.chars().count() <= 2) && parts.iter().any(|p| p.chars().count() == 1);
    if initials {
        words.push(parts.concat());
    } else {
        words.extend(parts.into_iter().map(str::to_string));
    }
}

/// Longest legal form, in words.
const FORM_LONGEST: usize = 6;

/// Takes legal forms from the end and from the start, as long as one word stays.
fn without_forms(mut words: Vec<String>, rules: &Rulebook) -> (Vec<String>, Vec<u8>) {
    let mut forms = Vec::new();
    while let Some((length, kind)) = form_at(&words, rules, |words, n| words[words.len() - n..].join(" ")) {
        forms.push(kind);
        words.truncate(words.len() - length);
    }
    while let Some((length, kind)) = form_at(&words, rules, |words, n| words[..n].join(" ")) {
        forms.push(kind);
        words.drain(..length);
    }
    (words, forms)
}

fn form_at(words: &[String], rules: &Rulebook, cut: impl Fn(&[String], usize) -> String) -> Option<(usize, u8)> {
    let most = FORM_LONGEST.min(words.len().saturating_sub(1));
    (1..=most).rev().find_map(|n| {
        let phrase = cut(words, n);
        let kind = rules.names.forms.get(&phrase).or_else(|| rules.names.forms.get(&phrase.replace(' ', "")));
        kind.map(|kind| (n, *kind))
    })
}

/// Longest phrase of the rulebook, in words.
const PHRASE_LONGEST: usize = 4;

fn tokens_of(words: &[String], rules: &Rulebook) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (length, token) = token_at(&words[at..], rules);
        at += length;
        match (tokens.last_mut(), &token) {
            (Some(before), now) if before.class == Class::Number && now.class == Class::Number => add_numbers(before, now),
            _ => tokens.push(token),
        }
    }
    let mut tokens = divisions::merged(tokens, rules);
    let mut seen: Vec<String> = Vec::new();
    tokens.retain(|t| {
        t.class == Class::Number
            || !seen.contains(&t.text) && {
                seen.push(t.text.clone());
                true
            }
    });
    tokens
}

fn token_at(words: &[String], rules: &Rulebook) -> (usize, Token) {
    let names = &rules.names;
    for length in (1..=PHRASE_LONGEST.min(words.len())).rev() {
        let joined = words[..length].concat();
        if let Some(places) = names.places.get(&joined) {
            return (length, Token { text: joined, class: Class::Place, concept: None, places: places.clone() });
        }
        if let Some(word) = names.words.get(&words[..length].join(" ")).or_else(|| names.words.get(&joined)) {
            let text = if word.class == Class::Number { names.concepts[word.concept as usize].clone() } else { joined };
            return (length, Token { text, class: word.class, concept: Some(word.concept), places: Vec::new() });
        }
    }
    (1, plain_token(&words[0]))
}

fn plain_token(word: &str) -> Token {
    let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
    let rest = &word[digits.len()..];
    if !digits.is_empty() && matches!(rest, "" | "st" | "nd" | "rd" | "th") {
        let text = digits.trim_start_matches('0').to_string();
        return Token { text, class: Class::Number, concept: None, places: Vec::new() };
    }
    let class = if word.chars().count() == 1 { Class::Initial } else { Class::Name };
    Token { text: word.to_string(), class, concept: None, places: Vec::new() }
}

/// `forty four` is 44.
fn add_numbers(before: &mut Token, now: &Token) {
    match (before.text.parse::<u64>(), now.text.parse::<u64>()) {
        (Ok(tens), Ok(ones)) if tens % 10 == 0 && tens > 10 && ones < 10 => before.text = (tens + ones).to_string(),
        _ => before.text.push_str(&now.text),
    }
    before.concept = None;
}

/// Compares two Latin names.
pub fn compare(a: &LatinName, b: &LatinName, rules: &Rulebook) -> Comparison {
    let weights = &rules.names.weights.latin;
    let mut found = align(a, b, rules);
    let words = found.score;
    let (joined, feature) = joined_score(a, b, rules);
    let mut score = words;
    if joined > score {
        score = joined;
        found.why.push(why(feature, &a.joined, &b.joined, joined, weights.name));
    }
    if conflicting(&a.forms, &b.forms) {
        score *= weights.form_conflict;
        found.why.push(why("other_legal_form", &form_names(a, rules), &form_names(b, rules), weights.form_conflict, weights.generic));
    }
    if let (true, Some(conflict)) = (joined < weights.joined_near, conflict(a, b, &found, rules)) {
        found.why.push(conflict);
        score = score.min(rules.names.weights.possible - 0.01);
    }
    // Ordinary words are the same only by the same words: railway is not railroad.
    if words < 1.0 && joined < weights.joined && (a.core.is_empty() || b.core.is_empty()) {
        score = score.min(rules.names.weights.same - 0.01);
    }
    band(score, found.why, rules)
}

/// A raw score of this kind already lies on the scale of the bands.
fn band(score: f64, why: Vec<Why>, rules: &Rulebook) -> Comparison {
    let weights = &rules.names.weights;
    let within = |low: f64, high: f64| ((score - low) / (high - low)).clamp(0.0, 1.0);
    if score >= weights.same {
        judged(within(weights.same, 1.0), Judgement::Same, why, rules)
    } else if score >= weights.possible {
        judged(within(weights.possible, weights.same), Judgement::Possible, why, rules)
    } else {
        judged(within(0.0, weights.possible), Judgement::Different, why, rules)
    }
}

fn conflicting(a: &[u8], b: &[u8]) -> bool {
    !a.is_empty() && !b.is_empty() && !a.iter().any(|form| b.contains(form))
}

fn form_names(name: &LatinName, rules: &Rulebook) -> String {
    name.forms.iter().map(|f| rules.names.form_kinds[*f as usize].as_str()).collect::<Vec<_>>().join(" ")
}

/// Names that differ in spaces only, or in little more.
fn joined_score(a: &LatinName, b: &LatinName, rules: &Rulebook) -> (f64, &'static str) {
    let weights = &rules.names.weights.latin;
    if a.joined == b.joined && !a.joined.is_empty() {
        return (1.0, "same_letters");
    }
    if a.everything == b.everything || a.everything == b.joined || a.joined == b.everything {
        return (weights.joined, "same_letters_joined");
    }
    let long = a.joined.chars().count().min(b.joined.chars().count()) >= 8;
    if long && a.tokens.len() != b.tokens.len() && slips(&a.joined, &b.joined) <= 1 {
        return (weights.joined_near, "nearly_the_same_letters");
    }
    (0.0, "")
}

/// What makes two names two bodies whatever else fits: other places, or no word of a name that fits.
fn conflict(a: &LatinName, b: &LatinName, found: &Aligned, rules: &Rulebook) -> Option<Why> {
    let weight = rules.names.weights.latin.place;
    let named = |name: &LatinName| name.places.iter().map(|p| rules.regions.places[*p].name.as_str()).collect::<Vec<_>>().join(" ");
    let unplaced = |name: &LatinName| -> Vec<String> {
        let unknown = name.tokens.iter().filter(|t| t.class == Class::Place && t.concept.is_none() && t.places.is_empty());
        unknown.map(|t| t.text.clone()).collect()
    };
    let (x, y) = (unplaced(a), unplaced(b));
    if !x.is_empty() && !y.is_empty() && !x.iter().any(|place| y.contains(place)) {
        return Some(why("other_place", &x.join(" "), &y.join(" "), 0.0, weight));
    }
    // A body that only its place and its task name is another one in each place.
    let by_place = a.core.is_empty() && b.core.is_empty();
    match han::places(&a.places, &b.places, rules) {
        PlaceMatch::Other => Some(why("other_place", &named(a), &named(b), 0.0, weight)),
        PlaceMatch::Within if by_place => Some(why("place_within_the_other", &named(a), &named(b), 0.0, weight)),
        _ if found.no_name_fits => Some(why("other_name", &a.core, &b.core, 0.0, rules.names.weights.latin.name)),
        _ => None,
    }
}

struct Aligned {
    score: f64,
    why: Vec<Why>,
    /// Both have words that are names, and none of them fits one of the other's.
    no_name_fits: bool,
}

/// Pairs words greedily, the most alike first, and weighs what fits against what does not.
fn align(a: &LatinName, b: &LatinName, rules: &Rulebook) -> Aligned {
    let weights = &rules.names.weights.latin;
    let pairs = pairs(a, b, rules);
    let mut why_all = Vec::new();
    let (mut used_a, mut used_b) = (vec![false; a.tokens.len()], vec![false; b.tokens.len()]);
    let (mut fits, mut slips) = (0.0, 0.0);
    for (similarity, i, j) in pairs {
        if used_a[i] || used_b[j] {
            continue;
        }
        (used_a[i], used_b[j]) = (true, true);
        let weight = (rules.names.weight(a.tokens[i].class) + rules.names.weight(b.tokens[j].class)) / 2.0;
        fits += weight * similarity;
        slips += weight * (1.0 - similarity) * weights.slip;
        let feature = if similarity == 1.0 { "same_word" } else { "similar_word" };
        why_all.push(why(feature, &a.tokens[i].text, &b.tokens[j].text, similarity, weight));
    }
    let left = |tokens: &[Token], used: &[bool]| -> f64 {
        tokens.iter().zip(used).filter(|(_, used)| !**used).map(|(t, _)| rules.names.weight(t.class)).sum()
    };
    let (only_a, only_b) = (left(&a.tokens, &used_a), left(&b.tokens, &used_b));
    let extra = if a.body || b.body { weights.extra_body } else { weights.extra_person };
    let number = |tokens: &[Token], used: &[bool]| tokens.iter().zip(used).any(|(t, used)| !*used && t.class == Class::Number);
    let numbered = if number(&a.tokens, &used_a) != number(&b.tokens, &used_b) { weights.extra_number } else { 0.0 };
    let against = slips + weights.conflict * only_a.min(only_b) + extra * (only_a - only_b).abs() + numbered;
    push_unmatched(&mut why_all, a, b, &used_a, &used_b, rules);
    let score = if fits == 0.0 { 0.0 } else { fits / (fits + against) };
    let alone = |tokens: &[Token], used: &[bool]| {
        let mut names = tokens.iter().zip(used).filter(|(token, _)| token.class == Class::Name).peekable();
        names.peek().is_some() && names.all(|(_, used)| !used)
    };
    Aligned { score, why: why_all, no_name_fits: a.body && b.body && alone(&a.tokens, &used_a) && alone(&b.tokens, &used_b) }
}

fn push_unmatched(all: &mut Vec<Why>, a: &LatinName, b: &LatinName, used_a: &[bool], used_b: &[bool], rules: &Rulebook) {
    let rest = |tokens: &[Token], used: &[bool]| -> String {
        tokens.iter().zip(used).filter(|(_, used)| !**used).map(|(t, _)| t.text.as_str()).collect::<Vec<_>>().join(" ")
    };
    let (x, y) = (rest(&a.tokens, used_a), rest(&b.tokens, used_b));
    if !x.is_empty() || !y.is_empty() {
        let feature = if x.is_empty() || y.is_empty() { "words_on_one_side_only" } else { "other_words" };
        all.push(why(feature, &x, &y, 0.0, rules.names.weights.latin.name));
    }
}

/// Pairs of words that are alike, best first; most words that names can hold, so that the work stays bounded.
fn pairs(a: &LatinName, b: &LatinName, rules: &Rulebook) -> Vec<(f64, usize, usize)> {
    const WORDS_MOST: usize = 40;
    let mut pairs = Vec::new();
    for (i, x) in a.tokens.iter().enumerate().take(WORDS_MOST) {
        for (j, y) in b.tokens.iter().enumerate().take(WORDS_MOST) {
            let similarity = similarity(x, y, rules);
            if similarity > 0.0 {
                pairs.push((similarity, i, j));
            }
        }
    }
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0).then(x.1.cmp(&y.1)).then(x.2.cmp(&y.2)));
    pairs
}

/// How alike two words are; known words are either equal or not.
fn similarity(x: &Token, y: &Token, rules: &Rulebook) -> f64 {
    let weights = &rules.names.weights.latin;
    if x.text == y.text {
        return 1.0;
    }
    if x.concept.is_some() && x.concept == y.concept || x.places.iter().any(|place| y.places.contains(place)) {
        return if x.class == Class::Trade { weights.same_meaning } else { weights.same_place };
    }
    use Class::*;
    let known = |t: &Token| matches!(t.class, Trade | Place | Number | Generic | Division | People);
    if known(x) && known(y) || x.class == Class::Number || y.class == Class::Number {
        return 0.0;
    }
    if x.class == Class::Initial || y.class == Class::Initial {
        let first = x.text.chars().next() == y.text.chars().next();
        return if first && (x.class == Class::Name || y.class == Class::Name) { weights.initial_only } else { 0.0 };
    }
    if x.class == Class::Name && y.class == Class::Name && are_pinyin(&x.text, &y.text, rules) {
        return if blurred(&x.text) == blurred(&y.text) { weights.blurred } else { 0.0 };
    }
    spelling(&x.text, &y.text, known(x) || known(y))
}

/// Whether both words are Chinese by their sound: another letter is another syllable then, and another name.
fn are_pinyin(x: &str, y: &str, rules: &Rulebook) -> bool {
    let syllables = |word| rules.names.syllables(word).unwrap_or_default();
    syllables(x) >= 2 && syllables(y) >= 2
}

/// Pinyin without what many speakers do not tell apart: zh and z, -ng and -n.
fn blurred(word: &str) -> String {
    ["zh", "ch", "sh"].iter().fold(word.replace("ng", "n"), |word, pair| word.replace(pair, &pair[..1]))
}

/// How many slips two words of this length may differ by.
fn allowed(length: usize, known: bool) -> usize {
    match length {
        0..=2 => 0,
        3..=5 => 1,
        6..=8 => {
            if known {
                1
            } else {
                2
            }
        }
        _ => {
            if known {
                1
            } else {
                3
            }
        }
    }
}

fn spelling(x: &str, y: &str, known: bool) -> f64 {
    let length = x.chars().count().max(y.chars().count());
    let most = allowed(length, known);
    if most == 0 || x.chars().count().abs_diff(y.chars().count()) > most {
        return 0.0;
    }
    let slips = slips(x, y);
    if slips > most { 0.0 } else { 1.0 - slips as f64 / length as f64 }
}

fn slips(x: &str, y: &str) -> usize {
    rapidfuzz::distance::osa::distance(x.chars(), y.chars())
}
