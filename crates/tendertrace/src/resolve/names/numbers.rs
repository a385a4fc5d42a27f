//! Which numbers does a Chinese name hold, however they are written? Those behind an ordinal word, and long
//! rows of digits, are made digits; two or fewer may be a company's own name.

use crate::extract::values::capitals;
use crate::rulebook::Rulebook;
use crate::rulebook::units::NumeralKind;

/// Digits in a row that are a number without an ordinal word before them.
const ROW_LEAST: usize = 3;

/// The text with its numbers in digits.
pub fn in_digits(text: &str, rules: &Rulebook) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        // A character that is no numeral stands for itself.
        let run = &rest[..rest.find(|c| !is_numeral(c, rules)).unwrap_or(rest.len())];
        let ordinal = rules.names.weights.ordinals.iter().any(|word| out.ends_with(word.as_str()));
        let taken = if run.is_empty() { &rest[..first.len_utf8()] } else { run };
        out.push_str(&number(run, ordinal, rules).unwrap_or_else(|| taken.to_string()));
        rest = &rest[taken.len()..];
    }
    out
}

fn is_numeral(c: char, rules: &Rulebook) -> bool {
    rules.units.numerals.get(&c).is_some_and(|n| matches!(n.kind, NumeralKind::Digit | NumeralKind::Plain | NumeralKind::Scale))
}

/// A row of digits is written digit by digit; behind an ordinal word, any number that adds up.
fn number(run: &str, ordinal: bool, rules: &Rulebook) -> Option<String> {
    let numerals: Vec<_> = run.chars().filter_map(|c| rules.units.numerals.get(&c)).collect();
    let row = numerals.iter().all(|n| n.kind != NumeralKind::Scale) && !run.is_empty();
    match row {
        true => (ordinal || numerals.len() >= ROW_LEAST).then(|| numerals.iter().map(|n| n.value.to_string()).collect()),
        false => ordinal.then(|| capitals::value(run, rules))?.map(|value| value.to_string()),
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
            ("第一百零二中学", "第102中学"),
            ("三一重工", "三一重工"),
            ("百度", "百度"),
        ] {
            assert_eq!(in_digits(text, &rules), wanted, "{text}");
        }
    }
}
