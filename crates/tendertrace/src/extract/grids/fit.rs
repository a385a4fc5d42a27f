//! How well does a text fit a column? Points for and against, by what the column holds.

use crate::extract::values::amount::{AmountHint, Reading};
use crate::extract::values::{amount, number};
use crate::rulebook::Rulebook;
use crate::rulebook::units::{EndingStrength, Means, UnitKind};
use crate::script::is_han;
use rust_decimal::prelude::ToPrimitive as _;

/// Points at and below which a text cannot stand in a column.
pub const MISFIT: f32 = -3.5;
/// Points at and above which a text shows that it stands in the right column.
pub const PROOF: f32 = 2.0;

/// Points of `text` in a column of `field`.
pub fn fit(field: Option<&str>, text: &str, rules: &Rulebook) -> f32 {
    let text = text.trim();
    let Some(field) = field else { return 0.0 };
    match field {
        "row_number" => integer(text, 999, 3.0, -8.0),
        "rank" => rank(text, rules),
        "supplier" | "candidate" | "bidder" => organisation(text, rules),
        "credit_code" => credit_code(text),
        "amount" | "line_total" | "budget" | "unit_price" => money(text, rules),
        "quantity" => quantity(text, rules),
        "unit" => unit(text, rules),
        "score" | "tax" => integer(text, 99_999, 0.5, decimal(text, rules)),
        "won" => answer(text, rules),
        "item_name" => name(text, rules),
        "brand" | "brand_model" => short(text, 30, 0.6, rules),
        "model" => short(text, 60, 0.6, rules),
        "maker" => short(text, 40, 0.5, rules),
        "lot" => short(text, 20, 0.3, rules),
        "currency" => short(text, 8, 0.5, rules),
        "remark" | "reason_lost" => -0.2,
        _ => 0.0,
    }
}

/// A plain integer of at most `max`.
pub fn short_integer(text: &str) -> Option<u32> {
    let text = text.trim();
    let plain = !text.is_empty() && text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn integer(text: &str, max: u32, yes: f32, no: f32) -> f32 {
    match short_integer(text) {
        Some(value) if value > 0 && value <= max => yes,
        _ => no,
    }
}

fn decimal(text: &str, rules: &Rulebook) -> f32 {
    let plain = number::parse(text.trim_end_matches('%')).is_some() || amount::absent(text, rules).is_some();
    if plain { 1.0 } else { -4.0 }
}

fn rank(text: &str, rules: &Rulebook) -> f32 {
    let folded = rules.folder.squeeze(text).text;
    let counted = number::quantity(&folded, rules).and_then(|q| q.value.to_u32()).is_some_and(|v| v > 0 && v <= 50);
    if counted || crate::extract::outcome::rank_of(text, rules).is_some() { 2.0 } else { -4.0 }
}

/// Whether `name` reads as an organisation's name; how sure.
pub fn is_organisation(name: &str, rules: &Rulebook) -> Option<EndingStrength> {
    let folded = rules.folder.squeeze(name).text;
    let bare = folded.trim_end_matches(|c: char| matches!(c, '。' | ',' | ';' | '、' | '.'));
    let length = bare.chars().count();
    if length < 4 || length > 70 || bare.starts_with(|c: char| c.is_ascii_digit() && length < 8) {
        return None;
    }
    let ending = rules.units.ending(bare).or_else(|| rules.units.ending(without_remark(bare)?))?;
    Some(ending.strength).filter(|strength| *strength != EndingStrength::Never)
}

/// Whether `name` ends as no bidder's name does: 某某采购项目, 成交金额(元).
pub fn is_no_name(name: &str, rules: &Rulebook) -> bool {
    let folded = rules.folder.squeeze(name).text;
    let bare = folded.trim_matches(|c: char| "。,;、.:()[]".contains(c));
    let never = |text: &str| rules.units.ending(text).is_some_and(|e| e.strength == EndingStrength::Never);
    never(bare) || without_remark(&folded).is_some_and(never)
}

/// `某某有限公司(93.94)` without its last bracket.
fn without_remark(name: &str) -> Option<&str> {
    let open = name.rfind('(')?;
    (open > 0 && name.ends_with(')')).then(|| &name[..open])
}

fn organisation(text: &str, rules: &Rulebook) -> f32 {
    match is_organisation(text, rules) {
        Some(EndingStrength::Strong) => 3.0,
        Some(_) => 1.5,
        None if !is_no_name(text, rules) && text.chars().any(is_han) && text.chars().count() >= 4 => -1.5,
        None => -4.0,
    }
}

/// GB 32100-2015: seventeen characters and their check character.
pub fn is_credit_code(text: &str) -> bool {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let values: Vec<usize> = text.bytes().filter_map(|b| ALPHABET.iter().position(|a| *a == b.to_ascii_uppercase())).collect();
    if text.len() != 18 || values.len() != 18 {
        return false;
    }
    let sum: usize = values.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    values[17] == (31 - sum % 31) % 31
}

fn credit_code(text: &str) -> f32 {
    match text {
        t if is_credit_code(t) => 5.0,
        t if t.len() >= 9 && t.len() <= 20 && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') => 0.5,
        _ => -5.0,
    }
}

fn money(text: &str, rules: &Rulebook) -> f32 {
    match amount::read(text, &AmountHint::default(), rules) {
        // A rank or a count is as good a number as a small bare sum.
        Reading::Money(stated) if !stated.unit_stated && short_integer(text).is_some_and(|n| n < 100) => 0.4,
        Reading::Money(_) | Reading::Parts(_) | Reading::PerUnit(_) => 2.2,
        Reading::Rate(_) => 0.8,
        Reading::NotGiven(_) | Reading::Masked(_) => 0.5,
        Reading::Unreadable(_) => -5.0,
    }
}

fn quantity(text: &str, rules: &Rulebook) -> f32 {
    if number::quantity(text, rules).is_some() {
        return 2.0;
    }
    if amount::absent(text, rules).is_some() { 0.5 } else { -4.5 }
}

fn unit(text: &str, rules: &Rulebook) -> f32 {
    let folded = rules.folder.squeeze(text).text;
    let known = rules.units.units.exactly(&folded).is_some_and(|u| u.kind == UnitKind::Quantity);
    match folded.chars().count() {
        _ if known => 2.0,
        1..=4 if !folded.contains(|c: char| c.is_ascii_digit()) => -0.5,
        _ => -4.0,
    }
}

fn answer(text: &str, rules: &Rulebook) -> f32 {
    let squeezed = rules.folder.squeeze(text).text;
    match rules.units.meaning(&squeezed) {
        Some(Means::Yes | Means::No) => 2.5,
        _ => -4.0,
    }
}

fn name(text: &str, rules: &Rulebook) -> f32 {
    let length = text.chars().count();
    if number::quantity(text, rules).is_some() {
        return -4.0;
    }
    if is_organisation(text, rules) == Some(EndingStrength::Strong) {
        return -1.5;
    }
    if length <= 60 { 1.0 } else { -0.5 }
}

fn short(text: &str, most: usize, points: f32, rules: &Rulebook) -> f32 {
    let length = text.chars().count();
    if length > most {
        return -0.8;
    }
    if number::quantity(text, rules).is_some_and(|q| q.unit.is_some()) { -0.6 } else { points }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_character_of_credit_codes() {
        assert!(is_credit_code("91310000717852665A"));
        assert!(!is_credit_code("91310000717852665B"));
        assert!(!is_credit_code("示例示例示例"));
    }
}
