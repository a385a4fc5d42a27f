//! How do two Chinese names compare? A company by place, core, trade, legal form and branch; a
//! public body by its place and its function.

use super::{Comparison, Kinship, judged, mean, meaning, numbers, why};
use crate::model::{Judgement, Why};
use crate::resolve::regions::{Reading, place_in};
use crate::rulebook::Rulebook;
use crate::rulebook::names::{HanWeights, pinyin_of};
use crate::script::is_han;

/// A Chinese name taken apart. All texts are folded.
#[derive(Debug, Clone, Default)]
pub struct HanName {
    /// The divisions the name may mean; several where only a context can tell.
    pub places: Vec<usize>,
    pub place_text: String,
    /// Whether the place stands behind a company's core: such a company is often another than the one whose name
    /// begins with the place.
    pub place_behind: bool,
    /// What is left of a company's name when everything else is taken away.
    pub core: String,
    pub core_pinyin: String,
    pub syllables: usize,
    /// Trade words in order, as concepts, and as written.
    pub trades: Vec<u16>,
    pub trade_text: String,
    pub form: Option<u8>,
    pub branch: String,
    /// A public body's name without its places; empty for companies.
    pub function: String,
    /// The whole without brackets, in one wording.
    pub whole: String,
    /// What the name means without its place, where known words explain all of it.
    pub meanings: Vec<String>,
}

impl HanName {
    /// Whether this is a public body rather than a company or unknown.
    pub fn is_public(&self) -> bool {
        !self.function.is_empty()
    }
}

/// Takes a folded Chinese name apart.
pub fn parse(folded: &str, rules: &Rulebook) -> HanName {
    let squeezed = rules.folder.squeeze(folded).text;
    let (bare, inner) = without_brackets(&squeezed);
    let whole = rules.names.one_wording(&bare);
    let (stem, form, branch) = split_form(&whole, rules);
    let kind = rules.parties.kind_of(&whole).map(|rule| rule.kind.as_str());
    let public = form.is_none() && kind.is_some_and(|kind| !rules.regions.cues.loose_kinds.iter().any(|k| k == kind));
    let name = if public { parse_public(whole, &inner, rules) } else { parse_company(whole.clone(), stem, form, branch, &inner, rules) };
    let in_front = squeezed.starts_with(|c: char| !c.is_alphanumeric());
    in_digits(HanName { place_behind: name.place_behind && !in_front, ..name }, rules)
}

/// The same with numbers of bodies in digits: both ways of writing them mean one body.
fn in_digits(name: HanName, rules: &Rulebook) -> HanName {
    let HanName { core, branch, function, whole, .. } = &name;
    let [core, branch, function, whole] = [core, branch, function, whole].map(|text| numbers::in_digits(text, rules));
    HanName { core, branch, function, whole, ..name }
}

fn without_brackets(text: &str) -> (String, Vec<String>) {
    let mut out = String::with_capacity(text.len());
    let mut inner = Vec::new();
    let mut depth = 0usize;
    for c in text.chars() {
        match c {
            '(' | '[' | '【' | '〔' => {
                if depth == 0 {
                    inner.push(String::new());
                }
                depth += 1;
            }
            ')' | ']' | '】' | '〕' => depth = depth.saturating_sub(1),
            _ if depth == 0 && c.is_alphanumeric() => out.push(c),
            _ if depth > 0 => inner.last_mut().expect("opened").push(c),
            _ => {}
        }
    }
    if out.chars().count() < 2 { (text.chars().filter(|c| c.is_alphanumeric()).collect(), Vec::new()) } else { (out, inner) }
}

/// Stem, legal form, and what follows the form (a branch).
fn split_form(name: &str, rules: &Rulebook) -> (String, Option<u8>, String) {
    for (alias, kind) in &rules.names.han_forms {
        let at = if alias.chars().count() >= 4 {
            name.find(alias.as_str())
        } else {
            name.ends_with(alias.as_str()).then(|| name.len() - alias.len())
        };
        if let Some(at) = at.filter(|at| *at > 0) {
            return (name[..at].to_string(), Some(*kind), name[at + alias.len()..].to_string());
        }
    }
    (name.to_string(), None, String::new())
}

fn parse_public(whole: String, inner: &[String], rules: &Rulebook) -> HanName {
    let located = place_in(&whole, Reading::Body, rules);
    let mut function = String::new();
    let mut at = 0;
    if located.is_some() {
        for (start, end, word) in rules.regions.words_in(&whole) {
            if !word.places.is_empty() && start >= at {
                function.push_str(&whole[at..start]);
                at = end;
            }
        }
    }
    function.push_str(&whole[at..]);
    let function = rules.names.one_wording(&function);
    let place_text = located.as_ref().map_or(String::new(), |l| whole[l.start..l.end].to_string());
    let (core_pinyin, syllables) = pinyin_of(&function);
    let (_, trades, trade_text) = split_trade(&function, rules);
    let function = if function.is_empty() { whole.clone() } else { function };
    let meanings = meaning::of_han(&function, rules);
    let known = located.as_ref().map_or(&[][..], |l| &l.places[..]);
    let function = function + &elsewhere(inner, known, rules);
    HanName {
        meanings,
        places: located.map_or(Vec::new(), |l| l.places),
        place_text,
        core_pinyin,
        syllables,
        trades,
        trade_text,
        function,
        whole,
        ..HanName::default()
    }
}

/// Places in brackets that are not the body's own: a campus, a branch that is another body.
fn elsewhere(inner: &[String], known: &[usize], rules: &Rulebook) -> String {
    let is_own = |places: &[usize]| known.is_empty() || places.iter().any(|p| known.iter().any(|k| k == p || rules.regions.within(*k, *p)));
    let is_other = |text: &&String| place_in(text, Reading::Address, rules).is_some_and(|located| !is_own(&located.places));
    inner.iter().filter(is_other).map(String::as_str).collect()
}

fn parse_company(whole: String, stem: String, form: Option<u8>, branch: String, inner: &[String], rules: &Rulebook) -> HanName {
    let full = stem;
    let (mut places, mut place_text, stem) = take_place(&full, rules);
    let mut place_behind = !places.is_empty() && full.starts_with(&stem);
    if let Some((located, text)) = inner.iter().find_map(|text| place_in(text, Reading::Address, rules).map(|l| (l.places, text.clone()))) {
        if places.is_empty() {
            (places, place_text, place_behind) = (located, text, true);
        }
    }
    let (core, trades, trade_text) = split_trade(&stem, rules);
    let (core_pinyin, syllables) = pinyin_of(&core);
    let meanings = meaning::of_han(&format!("{stem}{branch}"), rules);
    HanName {
        meanings,
        places,
        place_text,
        place_behind,
        core,
        core_pinyin,
        syllables,
        trades,
        trade_text,
        form,
        branch,
        whole,
        ..HanName::default()
    }
}

/// Places at the head or the end of a stem, and the rest.
fn take_place(stem: &str, rules: &Rulebook) -> (Vec<usize>, String, String) {
    let Some(located) = place_in(stem, Reading::Loose, rules) else { return (Vec::new(), String::new(), stem.to_string()) };
    let rest = if located.start == 0 {
        &stem[located.end..]
    } else if located.end == stem.len() {
        &stem[..located.start]
    } else {
        return (Vec::new(), String::new(), stem.to_string());
    };
    if rest.chars().count() < 2 {
        return (Vec::new(), String::new(), stem.to_string());
    }
    (located.places, stem[located.start..located.end].to_string(), rest.to_string())
}

/// Longest Chinese trade word, in characters.
const TRADE_LONGEST: usize = 6;

/// Takes trade words from the end, as long as two characters of core stay.
fn split_trade(stem: &str, rules: &Rulebook) -> (String, Vec<u16>, String) {
    let mut core = stem;
    let mut trades = Vec::new();
    while let Some((cut, concept)) = last_trade(core, rules) {
        if core[..cut].chars().count() < 2 {
            break;
        }
        trades.push(concept);
        core = &core[..cut];
    }
    trades.reverse();
    (core.to_string(), trades, stem[core.len()..].to_string())
}

fn last_trade(text: &str, rules: &Rulebook) -> Option<(usize, u16)> {
    let cuts: Vec<usize> = text.char_indices().rev().take(TRADE_LONGEST).map(|(at, _)| at).collect();
    cuts.iter().rev().find_map(|cut| rules.names.trades.get(&text[*cut..]).map(|concept| (*cut, *concept)))
}

/// Compares two Chinese names.
pub fn compare(a: &HanName, b: &HanName, rules: &Rulebook) -> Comparison {
    match (a.is_public(), b.is_public()) {
        (true, true) => compare_public(a, b, rules),
        (false, false) => compare_company(a, b, rules),
        _ => compare_mixed(a, b, rules),
    }
}

/// How the places of two names stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceMatch {
    Same,
    Within,
    Missing,
    Neither,
    Ambiguous,
    Other,
}

pub fn places(a: &[usize], b: &[usize], rules: &Rulebook) -> PlaceMatch {
    if a.is_empty() && b.is_empty() {
        return PlaceMatch::Neither;
    }
    if a.is_empty() || b.is_empty() {
        return PlaceMatch::Missing;
    }
    if a == b {
        return if a.len() == 1 { PlaceMatch::Same } else { PlaceMatch::Ambiguous };
    }
    if a.iter().any(|x| b.contains(x)) {
        return PlaceMatch::Ambiguous;
    }
    let within = a.iter().any(|x| b.iter().any(|y| rules.regions.within(*x, *y) || rules.regions.within(*y, *x)));
    if within { PlaceMatch::Within } else { PlaceMatch::Other }
}

fn place_score(found: PlaceMatch, rules: &Rulebook) -> f64 {
    match found {
        PlaceMatch::Same | PlaceMatch::Neither => 1.0,
        PlaceMatch::Within | PlaceMatch::Ambiguous => rules.names.weights.han.place_within,
        PlaceMatch::Missing => rules.names.weights.han.place_missing,
        PlaceMatch::Other => 0.0,
    }
}

fn compare_public(a: &HanName, b: &HanName, rules: &Rulebook) -> Comparison {
    let weights = &rules.names.weights.han;
    let place = places(&a.places, &b.places, rules);
    let same_function = a.function == b.function;
    let sub_unit = a.function.starts_with(b.function.as_str()) || b.function.starts_with(a.function.as_str());
    let function = if same_function { 1.0 } else { text_similarity(&a.function, &b.function) };
    let why = vec![
        why(
            if same_function {
                "same_function"
            } else if sub_unit {
                "part_of_the_body"
            } else {
                "other_function"
            },
            &a.function,
            &b.function,
            function,
            weights.core + weights.trade,
        ),
        why(place_feature(place), &a.place_text, &b.place_text, place_score(place, rules), weights.place),
    ];
    let apart = rules.names.weights.apart.iter().any(|word| a.whole.contains(word.as_str()) != b.whole.contains(word.as_str()));
    let judgement = match place {
        _ if apart => Judgement::Different,
        PlaceMatch::Same | PlaceMatch::Neither if same_function => Judgement::Same,
        PlaceMatch::Missing | PlaceMatch::Ambiguous if same_function => Judgement::Possible,
        _ => Judgement::Different,
    };
    let kinship = if place == PlaceMatch::Same && sub_unit && !same_function { Kinship::Part } else { Kinship::None };
    Comparison { kinship, ..judged(mean(&why), judgement, why, rules) }
}

fn place_feature(place: PlaceMatch) -> &'static str {
    match place {
        PlaceMatch::Same => "same_place",
        PlaceMatch::Within => "place_within_the_other",
        PlaceMatch::Missing => "place_on_one_side_only",
        PlaceMatch::Neither => "no_place",
        PlaceMatch::Ambiguous => "place_of_the_same_name",
        PlaceMatch::Other => "other_place",
    }
}

/// How the cores of two company names stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CoreMatch {
    Same,
    Contained,
    Homophone,
    OneOther,
    Other,
}

fn core_match(a: &HanName, b: &HanName, weights: &HanWeights) -> CoreMatch {
    if a.core == b.core {
        return CoreMatch::Same;
    }
    let (short, long) = if a.core.len() <= b.core.len() { (a, b) } else { (b, a) };
    let enough = short.core.chars().filter(|c| is_han(*c)).count() >= weights.contained_least.max(2);
    let contained = enough && (long.core.starts_with(&short.core) || long.core.ends_with(&short.core));
    if contained && (short.form.is_none() || is_slip(a, b, weights)) {
        return CoreMatch::Contained;
    }
    let equal_length = a.core.chars().count() == b.core.chars().count();
    let others = a.core.chars().zip(b.core.chars()).filter(|(x, y)| x != y).count();
    match equal_length {
        true if a.core_pinyin == b.core_pinyin => CoreMatch::Homophone,
        true if others == 1 => CoreMatch::OneOther,
        _ => CoreMatch::Other,
    }
}

/// Whether two names differ by so little that a slip of the pen explains it: outside the shorter core.
fn is_slip(a: &HanName, b: &HanName, weights: &HanWeights) -> bool {
    let length = a.whole.chars().count().min(b.whole.chars().count());
    length >= weights.typo_least && rapidfuzz::distance::osa::distance(a.whole.chars(), b.whole.chars()) <= weights.typo_most
}

fn compare_company(a: &HanName, b: &HanName, rules: &Rulebook) -> Comparison {
    let weights = &rules.names.weights.han;
    let core = core_match(a, b, weights);
    let place = places(&a.places, &b.places, rules);
    let (trade, trade_feature) = trade_score(a, b, rules);
    let (form, form_feature) = form_score(a.form, b.form, rules);
    let (branch, branch_feature) = branch_score(a, b, rules);
    let (core_score, core_feature) = core_score(core, a, b, rules);
    let why = vec![
        why(core_feature, &a.core, &b.core, core_score, weights.core),
        why(trade_feature, &a.trade_text, &b.trade_text, trade, weights.trade),
        why(place_feature(place), &a.place_text, &b.place_text, place_score(place, rules), weights.place),
        why(form_feature, form_name(a.form, rules), form_name(b.form, rules), form, weights.form),
        why(branch_feature, &a.branch, &b.branch, branch, weights.branch),
    ];
    let mut judgement = judge_company(core, place, a.core.chars().count(), &why, rules);
    let mut why = why;
    if judgement == Judgement::Same && a.place_behind != b.place_behind {
        judgement = Judgement::Possible;
        why.push(super::why("place_in_another_order", &a.place_text, &b.place_text, 0.0, 0.0));
    }
    let kinship = if judgement == Judgement::Different { company_kinship(core, place, a, b) } else { Kinship::None };
    Comparison { kinship, ..judged(mean(&why), judgement, why, rules) }
}

fn judge_company(core: CoreMatch, place: PlaceMatch, length: usize, why: &[Why], rules: &Rulebook) -> Judgement {
    let [_, trade, _, form, branch] = why else { return Judgement::Different };
    if !matches!(core, CoreMatch::Same | CoreMatch::Contained) || trade.score == 0.0 || branch.score < 1.0 {
        return Judgement::Different;
    }
    if place == PlaceMatch::Other && (core != CoreMatch::Same || length < rules.names.weights.han.group_core_least) {
        return Judgement::Different;
    }
    let whole = core == CoreMatch::Same && matches!(place, PlaceMatch::Same | PlaceMatch::Neither);
    if whole && trade.score == 1.0 && form.score == 1.0 && branch.score == 1.0 { Judgement::Same } else { Judgement::Possible }
}

/// One core under another trade, or a branch under its owner: different bodies that belong together.
fn company_kinship(core: CoreMatch, place: PlaceMatch, a: &HanName, b: &HanName) -> Kinship {
    let branch = a.branch.is_empty() != b.branch.is_empty();
    match core {
        CoreMatch::Same if branch && place != PlaceMatch::Other => Kinship::Part,
        CoreMatch::Same if a.trades.iter().any(|t| b.trades.contains(t)) && place != PlaceMatch::Other => Kinship::Affiliate,
        CoreMatch::Same if a.core.chars().count() > 2 => Kinship::Affiliate,
        _ => Kinship::None,
    }
}

fn core_score(found: CoreMatch, a: &HanName, b: &HanName, rules: &Rulebook) -> (f64, &'static str) {
    let weights = &rules.names.weights.han;
    match found {
        CoreMatch::Same => (1.0, "same_core"),
        CoreMatch::Contained => (weights.core_contained, "core_contained"),
        CoreMatch::Homophone => (weights.core_homophone, "homophone_core"),
        CoreMatch::OneOther => (weights.core_one_other, "one_other_character"),
        CoreMatch::Other => (text_similarity(&a.core, &b.core) * 0.5, "other_core"),
    }
}

fn trade_score(a: &HanName, b: &HanName, rules: &Rulebook) -> (f64, &'static str) {
    let weights = &rules.names.weights.han;
    if a.trade_text == b.trade_text {
        return (1.0, "same_trade");
    }
    if a.trades.is_empty() || b.trades.is_empty() {
        return (weights.trade_missing, "trade_on_one_side_only");
    }
    if a.trades == b.trades {
        return (weights.trade_near, "trade_in_other_words");
    }
    let (few, many) = if a.trades.len() < b.trades.len() { (a, b) } else { (b, a) };
    if many.trades.len() == few.trades.len() + 1 && few.trades.iter().all(|t| many.trades.contains(t)) {
        return (weights.trade_near, "trade_with_a_word_more");
    }
    (0.0, "other_trade")
}

fn form_score(a: Option<u8>, b: Option<u8>, rules: &Rulebook) -> (f64, &'static str) {
    match (a, b) {
        (Some(x), Some(y)) if x == y => (1.0, "same_legal_form"),
        (None, None) => (1.0, "no_legal_form"),
        (Some(_), Some(_)) => (rules.names.weights.han.form_other, "other_legal_form"),
        _ => (rules.names.weights.han.form_missing, "legal_form_on_one_side_only"),
    }
}

fn form_name(form: Option<u8>, rules: &Rulebook) -> &str {
    form.map_or("", |kind| rules.names.form_kinds[kind as usize].as_str())
}

fn branch_score(a: &HanName, b: &HanName, rules: &Rulebook) -> (f64, &'static str) {
    match (a.branch.is_empty(), b.branch.is_empty()) {
        (true, true) => (1.0, "no_branch"),
        (false, false) if a.branch == b.branch => (1.0, "same_branch"),
        (false, false) => (0.0, "other_branch"),
        _ => (rules.names.weights.han.branch_missing, "branch_of_the_other"),
    }
}

/// A public body against a company: one may still be written short for the other.
fn compare_mixed(a: &HanName, b: &HanName, rules: &Rulebook) -> Comparison {
    let similarity = text_similarity(&a.whole, &b.whole);
    let why = vec![why("body_against_company", &a.whole, &b.whole, similarity, 1.0)];
    judged(similarity, Judgement::Different, why, rules)
}

/// Share of characters that stay when one text becomes the other.
pub fn text_similarity(a: &str, b: &str) -> f64 {
    rapidfuzz::distance::levenshtein::normalized_similarity(a.chars(), b.chars())
}
