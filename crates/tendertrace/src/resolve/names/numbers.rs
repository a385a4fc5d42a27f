//! Which numbers does a Chinese name hold, however they are written? Those behind an ordinal word, and long
//! rows of digits, are made digits; two or fewer may be a company's own name.

use crate::rulebook::Rulebook;
use crate::rulebook::names::Class;

/// Digits in a row that are a number without an ordinal word before them.
const ROW_LEAST: usize = 3;

/// The text with its numbers in digits.
pub fn in_digits(text: &str, rules: &Rulebook) -> String {
    let chars: Vec<char> = text.chars().collect();
    let value = |c: char| value(c, rules);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let length = chars[at..].iter().take_while(|c| value(**c).is_some()).count();
        let ordinal = at > 0 && rules.names.weights.ordinals.contains(&chars[at - 1].to_string());
        let digits: Vec<u64> = chars[at..at + length].iter().filter_map(|c| value(*c)).collect();
        if length > 0 && (ordinal || length >= ROW_LEAST) {
            out.push_str(&written(&digits));
        } else {
            out.extend(&chars[at..at + length.max(1)]);
        }
        at += length.max(1);
    }
    out
}

/// 5, 10, 4 is 54; 7, 0, 4 stays as it stands.
fn written(digits: &[u64]) -> String {
    if digits.iter().all(|digit| *digit < 10) {
        return digits.iter().map(u64::to_string).collect();
    }
    let (mut whole, mut unit) = (0, None);
    for digit in digits {
        match digit {
            10 => whole += unit.take().unwrap_or(1) * digit,
            _ => unit = Some(*digit),
        }
    }
    (whole + unit.unwrap_or(0)).to_string()
}

fn value(c: char, rules: &Rulebook) -> Option<u64> {
    let mut text = [0; 4];
    let word = rules.names.han_words.get(&*c.encode_utf8(&mut text)).filter(|word| word.class == Class::Number);
    match word {
        Some(word) => rules.names.concepts[word.concept as usize].parse().ok(),
        None => rules.names.weights.zeros.contains(&c.to_string()).then_some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_one_however_they_are_written_and_names_stay() {
        let rules = Rulebook::embedded();
        for (text, wanted) in [
            ("第十四研究所", "第14研究所"),
            ("第五十四研究所", "第54研究所"),
            ("第七〇四研究所", "第704研究所"),
            ("核工业二一六大队", "核工业216大队"),
            ("第14研究所", "第14研究所"),
            ("三一重工", "三一重工"),
            ("百度", "百度"),
        ] {
            assert_eq!(in_digits(text, &rules), wanted, "{text}");
        }
    }
}
