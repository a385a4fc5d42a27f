//! Which number do words write? 陆拾叁万玖仟元整, 一百二十万; None for words that do not add up.

use crate::rulebook::Rulebook;
use crate::rulebook::units::{Numeral, NumeralKind};
use rust_decimal::Decimal;

/// Length in bytes of the run of numerals at the start of `text`, white space inside let through.
pub fn run(text: &str, rules: &Rulebook) -> usize {
    let mut end = 0;
    for (at, c) in text.char_indices() {
        if numeral(c, rules).is_some() {
            end = at + c.len_utf8();
        } else if !(c.is_whitespace() && end > 0) {
            break;
        }
    }
    end
}

/// Whether `text` has a digit of the kind that banks write.
pub fn is_formal(text: &str, rules: &Rulebook) -> bool {
    text.chars().any(|c| numeral(c, rules).is_some_and(|n| n.kind == NumeralKind::Digit && !n.value.is_zero()))
}

/// Whether `text` names the unit of money or ends as a sum does.
pub fn names_money(text: &str, rules: &Rulebook) -> bool {
    text.chars().any(|c| numeral(c, rules).is_some_and(|n| matches!(n.kind, NumeralKind::Unit | NumeralKind::End)))
}

/// The number that `text` writes.
pub fn value(text: &str, rules: &Rulebook) -> Option<Decimal> {
    let mut sum = Sum::default();
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        sum.take(numeral(c, rules)?)?;
    }
    sum.finish()
}

fn numeral(c: char, rules: &Rulebook) -> Option<Numeral> {
    rules
        .units
        .numerals
        .get(&c)
        .or_else(|| rules.units.numerals.get(&rules.folder.plain(c.encode_utf8(&mut [0; 4])).chars().next()?))
        .copied()
}

/// Digit, section below ten thousand, sections above it, and the parts below one.
#[derive(Default)]
struct Sum {
    digit: Option<Decimal>,
    section: Decimal,
    whole: Decimal,
    done: Decimal,
    last_scale: Option<Decimal>,
    last_section: Option<Decimal>,
    read: bool,
}

impl Sum {
    fn take(&mut self, numeral: Numeral) -> Option<()> {
        match numeral.kind {
            NumeralKind::Digit | NumeralKind::Plain => self.digit(numeral.value),
            NumeralKind::Scale => self.scale(numeral.value),
            NumeralKind::Unit => self.unit(numeral.value),
            NumeralKind::End => Some(()),
        }
    }

    fn digit(&mut self, value: Decimal) -> Option<()> {
        if self.digit.is_some_and(|d| !d.is_zero()) {
            return None;
        }
        self.read = true;
        self.digit = Some(value);
        Some(())
    }

    fn scale(&mut self, scale: Decimal) -> Option<()> {
        if scale >= Decimal::from(10_000) {
            return self.close_section(scale);
        }
        if self.last_scale.is_some_and(|last| last <= scale) {
            return None;
        }
        let digit = self.digit.take().filter(|d| !d.is_zero());
        let implied = (scale == Decimal::TEN && self.section.is_zero()).then_some(Decimal::ONE);
        self.section += digit.or(implied)? * scale;
        self.last_scale = Some(scale);
        self.read = true;
        Some(())
    }

    fn close_section(&mut self, scale: Decimal) -> Option<()> {
        let section = self.section + self.digit.take().unwrap_or_default();
        if self.last_section.is_some_and(|last| last <= scale) {
            // 一万亿: the hundred million multiplies all that stands before it.
            return self.multiply_all(section, scale);
        }
        if section.is_zero() {
            return None;
        }
        self.whole += section * scale;
        self.section = Decimal::ZERO;
        self.last_scale = None;
        self.last_section = Some(scale);
        Some(())
    }

    fn multiply_all(&mut self, section: Decimal, scale: Decimal) -> Option<()> {
        if self.last_section == Some(scale) {
            return None;
        }
        self.whole = (self.whole + section) * scale;
        self.section = Decimal::ZERO;
        self.last_scale = None;
        self.last_section = Some(scale);
        Some(())
    }

    fn unit(&mut self, factor: Decimal) -> Option<()> {
        if factor == Decimal::ONE {
            self.done += self.whole + self.section + self.digit.take().unwrap_or_default();
            self.whole = Decimal::ZERO;
            self.section = Decimal::ZERO;
        } else {
            self.done += self.digit.take()? * factor;
        }
        Some(())
    }

    fn finish(self) -> Option<Decimal> {
        let value = self.done + self.whole + self.section + self.digit.unwrap_or_default();
        self.read.then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr as _;

    #[test]
    fn reads_words_and_refuses_what_does_not_add_up() {
        let rules = Rulebook::embedded();
        for (text, expected) in [
            ("陆拾叁万玖仟元整", "639000"),
            ("壹佰零伍元", "105"),
            ("贰仟零叁万零伍佰元伍角叁分", "20030500.53"),
            ("拾伍万元", "150000"),
            ("一百二十万", "1200000"),
            ("壹亿贰仟万元", "120000000"),
            ("貳拾圓整", "20"),
            ("三", "3"),
        ] {
            assert_eq!(value(text, &rules), Decimal::from_str(expected).ok(), "{text}");
        }
        for text in ["壹佰玖拾伍万万元整", "壹贰", "元", "佰元"] {
            assert_eq!(value(text, &rules), None, "{text}");
        }
    }
}
