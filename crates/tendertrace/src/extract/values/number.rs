//! Which number stands here? Digits with grouping, decimals and exponents; quantities with their unit.

use super::capitals;
use super::token::{Kind, tokens};
use crate::rulebook::Rulebook;
use crate::rulebook::units::UnitKind;
use rust_decimal::Decimal;
use std::str::FromStr as _;

/// A quantity and the place of number and unit, in bytes of the text it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    pub value: Decimal,
    pub unit: Option<String>,
    pub start: usize,
    pub end: usize,
}

/// The number at the start of folded `text` and its length in bytes: `1,234.50`, `1.2e+7`, `0.5`.
pub fn scan(text: &str) -> Option<(usize, Option<Decimal>)> {
    let bytes = text.as_bytes();
    let mut end = digits(bytes, 0);
    if end == 0 {
        return None;
    }
    end = grouped(bytes, end);
    while bytes.get(end) == Some(&b'.') && digits(bytes, end + 1) > end + 1 {
        end = digits(bytes, end + 1);
    }
    end = exponent(bytes, end);
    Some((end, parse(&text[..end])))
}

fn digits(bytes: &[u8], from: usize) -> usize {
    from + bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count()
}

/// Past `,ddd` groups; a space after the comma is let through, a group of other length ends the number.
fn grouped(bytes: &[u8], mut end: usize) -> usize {
    loop {
        let comma = bytes.get(end) == Some(&b',');
        let from = if comma && bytes.get(end + 1) == Some(&b' ') { end + 2 } else { end + 1 };
        if !comma || from > bytes.len() || digits(bytes, from) != from + 3 {
            return end;
        }
        end = from + 3;
    }
}

fn exponent(bytes: &[u8], end: usize) -> usize {
    if bytes.get(end) != Some(&b'e') {
        return end;
    }
    let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
    let after = digits(bytes, end + 1 + sign);
    if after > end + 1 + sign { after } else { end }
}

/// The decimal of a scanned number; None where it has two points or is out of range.
pub fn parse(text: &str) -> Option<Decimal> {
    let plain: String = text.chars().filter(|c| *c != ',' && *c != ' ').collect();
    if plain.contains('e') {
        return Decimal::from_scientific(&plain).ok();
    }
    Decimal::from_str(&plain).ok()
}

/// A quantity that fills `text`: `3台`, `2（套）`, `50`, `壹批`, `一项`. Anything else beside it: None.
pub fn quantity(text: &str, rules: &Rulebook) -> Option<Quantity> {
    let found: Vec<_> = tokens(text, rules).into_iter().filter(|t| !matches!(t.kind, Kind::Glue)).collect();
    let (number, rest) = found.split_first()?;
    let value = match &number.kind {
        Kind::Number(value) => (*value)?,
        Kind::Words(_) => capitals::value(&text[number.start..number.end], rules)?,
        _ => return None,
    };
    let (unit, end) = match rest {
        [] => (None, number.end),
        [after] => (Some(quantity_unit(&after.kind, &text[after.start..after.end])?), closed(text, after.end)),
        [after, slash, other] if matches!(slash.kind, Kind::Slash) => {
            quantity_unit(&after.kind, "")?;
            (Some(text[after.start..other.end].to_string()), closed(text, other.end))
        }
        _ => return None,
    };
    Some(Quantity { value, unit, start: number.start, end })
}

/// Past a closing bracket that belongs to the unit.
fn closed(text: &str, end: usize) -> usize {
    let next = text[end..].chars().next().filter(|c| matches!(c, ')' | '）'));
    end + next.map_or(0, char::len_utf8)
}

fn quantity_unit(kind: &Kind, written: &str) -> Option<String> {
    match kind {
        Kind::Unit(unit) if matches!(unit.kind, UnitKind::Quantity | UnitKind::Time) => Some(written.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scans_numbers() {
        for (text, length, value) in [
            ("4,177,600.00", 12, "4177600.00"),
            ("1.2e+7", 6, "12000000"),
            ("0.5x", 3, "0.5"),
            ("1,2", 1, "1"),
            ("12, 345", 7, "12345"),
            ("69.0520000(", 10, "69.0520000"),
        ] {
            let (end, found) = scan(text).unwrap();
            assert_eq!((end, found), (length, Decimal::from_str(value).ok()), "{text}");
        }
        assert_eq!(scan("2.061.000").unwrap(), (9, None));
        assert_eq!(scan("abc"), None);
    }

    #[test]
    fn reads_quantities_with_their_unit() {
        let rules = Rulebook::embedded();
        for (text, value, unit) in [
            ("3台", "3", Some("台")),
            ("2（套）", "2", Some("套")),
            (" 50 ", "50", None),
            ("壹批", "1", Some("批")),
            ("一项", "1", Some("项")),
            ("1.00", "1.00", None),
            ("１２台", "12", Some("台")),
        ] {
            let found = quantity(text, &rules).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((found.value, found.unit.as_deref()), (Decimal::from_str(value).unwrap(), unit), "{text}");
        }
        for text in ["详见附件", "", "3台5套2", "一体机", "E5-2680"] {
            assert_eq!(quantity(text, &rules), None, "{text}");
        }
    }
}
