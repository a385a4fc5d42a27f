//! How does a Chinese name compare with a Latin one? The core by its pinyin, place, trade and
//! function by what they mean.

use super::han::{self, HanName, PlaceMatch};
use super::latin::LatinName;
use super::{Comparison, judged, mean, meaning, why};
use crate::model::{Judgement, Why};
use crate::rulebook::Rulebook;

/// Compares a Chinese name with a Latin one.
pub fn compare(a: &HanName, b: &LatinName, rules: &Rulebook) -> Comparison {
    if let Some(comparison) = meaning::compare(a, b, rules) {
        return comparison;
    }
    let weights = &rules.names.weights.cross;
    let core = if a.is_public() { function_score(a, b, rules) } else { core_score(a, b, rules) };
    let place = place_match(a, b, rules);
    let trade = trade_match(a, b);
    let why = vec![
        core.1,
        why(trade.1, &a.trade_text, &trade_names(b, rules), trade.0, weights.trade),
        why(place.1, &a.place_text, &place_names(b, rules), place.0, weights.place),
        why("legal_form", form(a.form.is_some()), form(!b.forms.is_empty()), form_score(a, b), weights.form),
    ];
    let judgement = judge(a, core.0, trade.0, place.0, &why, rules);
    judged(mean(&why), judgement, why, rules)
}

fn judge(a: &HanName, core: f64, trade: f64, place: f64, why: &[Why], rules: &Rulebook) -> Judgement {
    let weights = &rules.names.weights.cross;
    if core < weights.near_score || trade == 0.0 || place == 0.0 {
        return Judgement::Different;
    }
    let whole = why[0].feature != SAME_BRAND && core == 1.0 && trade == 1.0 && place == 1.0 && why[3].score == 1.0;
    if whole && !a.is_public() && a.syllables >= weights.same_syllables && !a.places.is_empty() {
        return Judgement::Same;
    }
    let telling = core == 1.0 && a.core_pinyin.len() >= weights.told_letters && trade >= weights.told_trade;
    let told = !a.places.is_empty() && place == 1.0 || !a.trades.is_empty() && trade >= 0.9 || telling;
    if told || a.syllables > weights.same_syllables { Judgement::Possible } else { Judgement::Different }
}

/// One maker's name in two scripts: it may be any of its companies.
const SAME_BRAND: &str = "same_brand";

fn core_score(a: &HanName, b: &LatinName, rules: &Rulebook) -> (f64, Why) {
    let weights = &rules.names.weights.cross;
    let brand = |core: &str| rules.names.brand_cores.get(core);
    let (score, feature) = if brand(&a.core).is_some() && brand(&a.core) == brand(&b.core) {
        (1.0, SAME_BRAND)
    } else if a.core_pinyin == b.core && a.syllables >= 2 {
        (1.0, "same_pinyin")
    } else if a.core_pinyin.len() >= 8 && han::text_similarity(&a.core_pinyin, &b.core) >= weights.near {
        (weights.near_score, "similar_pinyin")
    } else {
        (han::text_similarity(&a.core_pinyin, &b.core) * 0.5, "other_pinyin")
    };
    (score, why(feature, &format!("{} {}", a.core, a.core_pinyin), &b.core, score, weights.core))
}

/// A public body by what it does: its function's concepts must all be named.
fn function_score(a: &HanName, b: &LatinName, rules: &Rulebook) -> (f64, Why) {
    let concept = rules.names.trades.get(&a.function).copied();
    let named: Vec<u16> = b.trades().collect();
    let score = match concept {
        Some(concept) if named == [concept] && b.core.is_empty() => 1.0,
        _ => 0.0,
    };
    (
        score,
        why(
            if score == 1.0 { "same_function" } else { "other_function" },
            &a.function,
            &trade_names(b, rules),
            score,
            rules.names.weights.cross.core,
        ),
    )
}

fn place_match(a: &HanName, b: &LatinName, rules: &Rulebook) -> (f64, &'static str) {
    match han::places(&a.places, &b.places, rules) {
        PlaceMatch::Same | PlaceMatch::Ambiguous => (1.0, "same_place"),
        PlaceMatch::Neither => (1.0, "no_place"),
        PlaceMatch::Missing if a.is_public() => (0.0, "place_on_one_side_only"),
        PlaceMatch::Missing => (rules.names.weights.han.place_missing, "place_on_one_side_only"),
        PlaceMatch::Within if a.is_public() => (0.0, "place_within_the_other"),
        PlaceMatch::Within => (rules.names.weights.han.place_within, "place_within_the_other"),
        PlaceMatch::Other => (0.0, "other_place"),
    }
}

fn trade_match(a: &HanName, b: &LatinName) -> (f64, &'static str) {
    let named: Vec<u16> = b.trades().collect();
    if a.is_public() || a.trades.is_empty() && named.is_empty() {
        return (1.0, "no_trade");
    }
    if a.trades.is_empty() || named.is_empty() {
        return (0.75, "trade_on_one_side_only");
    }
    let shared = a.trades.iter().filter(|t| named.contains(t)).count();
    let all = a.trades.len().max(named.len());
    match shared {
        0 => (0.0, "other_trade"),
        _ if shared == all => (1.0, "same_trade"),
        _ => (0.8, "trade_overlaps"),
    }
}

fn trade_names(name: &LatinName, rules: &Rulebook) -> String {
    name.trades().map(|t| rules.names.concepts[t as usize].as_str()).collect::<Vec<_>>().join(" ")
}

fn place_names(name: &LatinName, rules: &Rulebook) -> String {
    name.places.iter().map(|p| rules.regions.places[*p].name.as_str()).collect::<Vec<_>>().join(" ")
}

/// A stock company is not shown to be a limited one, whatever else agrees.
fn form_score(a: &HanName, b: &LatinName) -> f64 {
    let agrees = a.form.map_or(b.forms.is_empty(), |kind| b.forms.contains(&kind));
    if agrees { 1.0 } else { 0.5 }
}

fn form(there: bool) -> &'static str {
    if there { "yes" } else { "" }
}
