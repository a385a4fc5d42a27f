//! How much money does this value say, if any? Sums with their unit and currency; rates, unit
//! prices, masked and missing values are told apart, and what is none of these is unreadable.

use super::capitals;
use super::token::{Kind, Token, tokens};
use crate::evidence::RuleId;
use crate::model::Money;
use crate::rulebook::Rulebook;
use crate::rulebook::units::{Means, Unit, UnitKind};
use rust_decimal::Decimal;

/// What label or heading says of the values under it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AmountHint {
    /// Factor of the unit in the label: 10000 of `中标金额（万元）`.
    pub factor: Option<Decimal>,
    pub currency: Option<String>,
    /// The label speaks of a rate, a discount or a coefficient.
    pub rate: bool,
}

/// What a value turned out to be. Offsets are bytes of the text it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    Money(Stated),
    /// Sums of its parts alone (design, building), in one currency: together they are the sum.
    Parts(Vec<Stated>),
    /// A price for one day, one person, one piece: no sum.
    PerUnit(Stated),
    Rate(Place),
    NotGiven(Place),
    Masked(Place),
    Unreadable(Place),
}

/// A sum as stated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    pub money: Money,
    pub start: usize,
    pub end: usize,
    /// Whether number, label or heading names a unit or currency at all.
    pub unit_stated: bool,
    pub rule: RuleId,
    /// Words beside the digits that say another sum.
    pub disagrees: Option<Place>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub start: usize,
    pub end: usize,
}

impl Reading {
    /// The sum, where it is one.
    pub fn money(&self) -> Option<&Stated> {
        match self {
            Reading::Money(stated) => Some(stated),
            _ => None,
        }
    }
}

/// Unit, currency and kind that a label or heading gives its values.
pub fn hint(label: &str, rules: &Rulebook) -> AmountHint {
    let folded = rules.folder.squeeze(label).text;
    let mut hint = AmountHint::default();
    for (at, _) in folded.char_indices() {
        let rest = &folded[at..];
        if let Some((length, unit)) = rules.units.units.at_start(rest)
            && unit.kind == UnitKind::Money
            && hint.factor.is_none()
            && set_off(&folded, at, length, rules)
        {
            hint.factor = Some(unit.factor);
            hint.currency = unit.currency.clone().or(hint.currency);
        }
        if let Some((_, word)) = rules.units.inside.at_start(rest) {
            hint.rate |= word.means == Means::Rate;
        }
        if let Some((_, currency)) = rules.units.currencies.at_start(rest)
            && currency.code.len() == 3
            && hint.currency.is_none()
        {
            hint.currency = Some(currency.code.clone());
        }
    }
    hint.rate |= folded.contains(['%', '‰']);
    hint
}

/// A unit in a label stands in brackets, after a colon or slash, or ends the label.
fn set_off(folded: &str, at: usize, length: usize, rules: &Rulebook) -> bool {
    let before = folded[..at].trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let opened = before.ends_with(['(', ':', '/', '[', '【', ',', '、', '¥']);
    let money_word = rules.units.currencies.find(&folded[..at]).is_some_and(|(_, end, _)| end == at);
    let closes = folded[at + length..].chars().next().is_none_or(|c| ")]】/,、".contains(c));
    (opened || money_word) && closes || opened && before.ends_with('(')
}

/// Reads `text` as a value of money under `hint`.
pub fn read(text: &str, hint: &AmountHint, rules: &Rulebook) -> Reading {
    let whole = trimmed(text);
    if absent(text, rules) == Some(Means::NotGiven) {
        return Reading::NotGiven(whole);
    }
    let all = tokens(text, rules);
    let solid: Vec<&Token> = all.iter().filter(|t| !matches!(t.kind, Kind::Glue)).collect();
    let found = candidates(text, &solid, hint, rules);
    let means = |wanted| solid.iter().any(|t| matches!(&t.kind, Kind::Word(w) if w.means == wanted));
    let has_number = solid.iter().any(|t| matches!(t.kind, Kind::Number(_)));
    if let Some(parts) = parts(text, &found, &all) {
        return parts;
    }
    if let Some(best) = found.iter().find(|c| c.class == Class::Explicit) {
        return sum(text, best, &found, &solid, rules);
    }
    if let Some(rate) = rate(&solid, hint, means(Means::Rate)) {
        return Reading::Rate(rate);
    }
    if means(Means::Masked) {
        return Reading::Masked(whole);
    }
    // Several bare numbers are a list, not a sum: 8.0,1.8,6.5.
    let bare: Vec<&Candidate> = found.iter().filter(|c| c.class == Class::Plain).collect();
    if bare.windows(2).any(|two| two[0].value != two[1].value) {
        return Reading::Unreadable(whole);
    }
    if let Some(best) = found.iter().find(|c| c.class == Class::Plain) {
        return sum(text, best, &found, &solid, rules);
    }
    if means(Means::Elsewhere) && !has_number {
        return Reading::NotGiven(whole);
    }
    if let Some(per) = found.iter().find(|c| c.class == Class::PerUnit) {
        return stated(per, None).map_or(Reading::Unreadable(whole), Reading::PerUnit);
    }
    if let Some(words) = found.iter().find(|c| c.class == Class::Words) {
        return stated(words, None).map_or(Reading::Unreadable(whole), Reading::Money);
    }
    Reading::Unreadable(whole)
}

/// Characters that may stand before 详见 in a cell that holds nothing else.
const LONGEST_LEAD: usize = 8;

/// Whether `text` as a whole says that there is no value here (无, /, 详见附件), and how.
pub fn absent(text: &str, rules: &Rulebook) -> Option<Means> {
    let squeezed = rules.folder.squeeze(text).text;
    let bare = squeezed.trim_matches(|c: char| "()[]\"'“”。;,".contains(c));
    if bare.is_empty() || rules.units.meaning(bare) == Some(Means::NotGiven) {
        return Some(Means::NotGiven);
    }
    let tells = |(at, _): (usize, char)| {
        let (_, word) = rules.units.inside.at_start(&bare[at..]).filter(|(_, w)| matches!(w.means, Means::Elsewhere | Means::Masked))?;
        Some((at, word.means))
    };
    let word = bare.char_indices().find_map(tells)?;
    // 详见投标文件 is no value, nor 中标情况详见其它事项; 硬盘（详见附件） is one with a remark.
    let remark = bare[..word.0].contains('(');
    let short = bare[..word.0].chars().count() <= LONGEST_LEAD;
    (word.1 == Means::Masked || short && !remark).then_some(word.1)
}

fn trimmed(text: &str) -> Place {
    let start = text.len() - text.trim_start().len();
    Place { start, end: start + text.trim().len() }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// With its own unit or currency, or alone under a heading that names one.
    Explicit,
    Plain,
    PerUnit,
    Words,
}

struct Candidate {
    class: Class,
    value: Decimal,
    currency: String,
    start: usize,
    end: usize,
    unit_stated: bool,
    rule: RuleId,
}

fn candidates(text: &str, solid: &[&Token], hint: &AmountHint, rules: &Rulebook) -> Vec<Candidate> {
    (0..solid.len())
        .filter_map(|at| match solid[at].kind {
            Kind::Number(Some(value)) => digits(text, solid, at, value, hint),
            Kind::Words(Some(value)) => words(text, solid, at, value, hint, rules),
            _ => None,
        })
        .collect()
}

fn digits(text: &str, solid: &[&Token], at: usize, value: Decimal, hint: &AmountHint) -> Option<Candidate> {
    let number = solid[at];
    let before = at.checked_sub(1).map(|i| solid[i]);
    if before.is_some_and(|t| text[t.end..number.start].is_empty() && joins_a_code(&t.kind)) {
        return None;
    }
    let after = behind(solid, at);
    let currency = before.and_then(|t| match &t.kind {
        Kind::Currency(currency) => Some((currency, t.start)),
        _ => None,
    });
    let unit = after.and_then(|t| money_unit(&t.kind).map(|unit| (unit, t.end)));
    let leading = before.and_then(|t| money_unit(&t.kind).map(|unit| (unit, t.start)));
    if unit.is_none() && after.is_some_and(|t| stops_money(text, number, t)) {
        return None;
    }
    let per_unit = unit.is_some() && per_unit(solid, at + 1);
    let factor = unit.or(leading).map(|(u, _)| u.factor).or(if currency.is_some() { own_factor(hint) } else { hint.factor });
    let code = unit.or(leading).and_then(|(u, _)| u.currency.clone());
    let explicit = unit.is_some() || currency.is_some() || leading.is_some();
    let (start, end) = reach(text, number, currency.map(|c| c.1).or(leading.map(|l| l.1)), unit.map(|u| u.1));
    Some(Candidate {
        class: if per_unit {
            Class::PerUnit
        } else if explicit {
            Class::Explicit
        } else {
            Class::Plain
        },
        value: value.checked_mul(factor.unwrap_or(Decimal::ONE))?.normalize_cents(),
        currency: code.or(currency.map(|c| c.0.code.clone())).or(hint.currency.clone()).unwrap_or_else(|| DEFAULT_CURRENCY.to_string()),
        start,
        end,
        unit_stated: explicit || hint.factor.is_some(),
        rule: unit.or(leading).map(|(u, _)| u.rule.clone()).or(currency.map(|c| c.0.rule.clone())).unwrap_or_else(|| PLAIN.into()),
    })
}

/// What follows a number; words that say nothing of it may stand before its unit: 12（单位：人民币万元）.
fn behind<'t, 'r>(solid: &[&'t Token<'r>], at: usize) -> Option<&'t Token<'r>> {
    const MOST_WORDS: usize = 2;
    let says_nothing = |t: &&&Token| match &t.kind {
        Kind::Word(word) => word.means == Means::Neutral,
        Kind::Currency(_) => true,
        _ => false,
    };
    let words = solid[at + 1..].iter().take(MOST_WORDS).take_while(says_nothing).count();
    let then = solid.get(at + 1 + words).copied();
    then.filter(|t| money_unit(&t.kind).is_some()).or_else(|| solid.get(at + 1).copied())
}

/// Where every sum outside brackets is called a part (设计费, 施工费), they are no more than that: all of
/// them together, or a rate where a part is one. A sum before them that is called none is the whole.
fn parts(text: &str, found: &[Candidate], all: &[Token]) -> Option<Reading> {
    let outside = |at: usize| text[..at].matches(['(', '（']).count() == text[..at].matches([')', '）']).count();
    let sums: Vec<&Candidate> = found.iter().filter(|c| c.class == Class::Explicit && outside(c.start)).collect();
    let ends = std::iter::once(0).chain(sums.iter().map(|c| c.end));
    let is_part = |(before, sum): (usize, &&Candidate)| {
        all.iter().any(|t| before <= t.start && t.end <= sum.start && matches!(&t.kind, Kind::Word(word) if word.means == Means::Part))
    };
    if sums.is_empty() || !ends.zip(&sums).all(is_part) {
        return None;
    }
    let rate = all.iter().find(|t| outside(t.start) && says_rate(&t.kind));
    if let Some(rate) = rate {
        return Some(Reading::Rate(Place { start: rate.start, end: rate.end }));
    }
    let together = sums.len() > 1 && sums.iter().all(|c| c.currency == sums[0].currency);
    together.then(|| sums.iter().map(|c| stated(c, None)).collect::<Option<_>>().map(Reading::Parts)).flatten()
}

fn says_rate(kind: &Kind) -> bool {
    match kind {
        Kind::Word(word) => word.means == Means::Rate,
        Kind::Unit(unit) => unit.kind == UnitKind::Rate,
        _ => false,
    }
}

const DEFAULT_CURRENCY: &str = "CNY";
const PLAIN: &str = "script/units#of-the-label";

/// `￥12` under (万元) is in 万元: a currency sign names no factor.
fn own_factor(hint: &AmountHint) -> Option<Decimal> {
    hint.factor
}

trait Cents {
    fn normalize_cents(self) -> Self;
}

impl Cents for Decimal {
    /// Two decimals where no more are needed.
    fn normalize_cents(self) -> Decimal {
        let mut value = self.normalize();
        if value.scale() < 2 {
            value.rescale(2);
        }
        value
    }
}

fn money_unit<'r>(kind: &Kind<'r>) -> Option<&'r Unit> {
    match kind {
        Kind::Unit(unit) if unit.kind == UnitKind::Money => Some(*unit),
        _ => None,
    }
}

fn joins_a_code(kind: &Kind) -> bool {
    matches!(kind, Kind::Other(c) if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '#')) || matches!(kind, Kind::Number(_))
}

/// What follows the number says that it is no money: a count, a time, a percentage, part of a code.
fn stops_money(text: &str, number: &Token, after: &Token) -> bool {
    let adjacent = text[number.end..after.start].trim().is_empty();
    match &after.kind {
        Kind::Unit(unit) => adjacent && unit.kind != UnitKind::Money,
        Kind::Other(c) => {
            adjacent && text[number.end..after.start].is_empty() && (c.is_alphanumeric() || matches!(c, '-' | '_' | '#' | '×' | '*' | '.'))
        }
        Kind::Words(_) => false,
        _ => false,
    }
}

/// 元/人, 元/天, 元每月: a slash and something counted after the money unit.
fn per_unit(solid: &[&Token], unit: usize) -> bool {
    matches!(solid.get(unit + 1).map(|t| &t.kind), Some(Kind::Slash))
        && matches!(solid.get(unit + 2).map(|t| &t.kind), Some(Kind::Unit(u)) if u.kind != UnitKind::Money && u.kind != UnitKind::Rate)
}

/// From the currency to the unit, closing bracket included.
fn reach(text: &str, number: &Token, before: Option<usize>, after: Option<usize>) -> (usize, usize) {
    let start = before.unwrap_or(number.start);
    let end = after.unwrap_or(number.end);
    let opened = text[start..end].matches(['(', '（', '[', '【']).count() > text[start..end].matches([')', '）', ']', '】']).count();
    let closing = text[end..].chars().next().filter(|c| opened && matches!(c, ')' | '）' | ']' | '】'));
    (start, end + closing.map_or(0, char::len_utf8))
}

fn words(text: &str, solid: &[&Token], at: usize, value: Decimal, hint: &AmountHint, rules: &Rulebook) -> Option<Candidate> {
    let token = solid[at];
    let written = &text[token.start..token.end];
    let follows_money = solid.get(at + 1).is_some_and(|t| money_unit(&t.kind).is_some());
    (capitals::names_money(written, rules) || capitals::is_formal(written, rules) || follows_money).then(|| Candidate {
        class: Class::Words,
        value: value.normalize_cents(),
        currency: hint.currency.clone().unwrap_or_else(|| DEFAULT_CURRENCY.to_string()),
        start: token.start,
        end: token.end,
        unit_stated: true,
        rule: "script/numerals#words".into(),
    })
}

fn rate(solid: &[&Token], hint: &AmountHint, says_rate: bool) -> Option<Place> {
    let number = |t: &&&Token| matches!(t.kind, Kind::Number(_));
    let percent =
        solid.windows(2).find(|w| matches!(w[0].kind, Kind::Number(_)) && matches!(&w[1].kind, Kind::Unit(u) if u.kind == UnitKind::Rate));
    if let Some(found) = percent {
        return Some(Place { start: found[0].start, end: found[1].end });
    }
    let first = solid.iter().find(number)?;
    (says_rate || hint.rate && hint.factor.is_none()).then_some(Place { start: first.start, end: first.end })
}

/// The sum in digits, checked against words beside it: digits win, and the difference is kept.
fn sum(text: &str, best: &Candidate, all: &[Candidate], solid: &[&Token], rules: &Rulebook) -> Reading {
    if best.value.is_zero() {
        return Reading::NotGiven(Place { start: best.start, end: best.end });
    }
    let broken = solid.iter().find(|t| matches!(t.kind, Kind::Words(None)) && capitals::is_formal(&text[t.start..t.end], rules));
    let other = all.iter().find(|c| c.class == Class::Words && c.value != best.value);
    let place = other.map(|c| Place { start: c.start, end: c.end }).or(broken.map(|t| Place { start: t.start, end: t.end }));
    stated(best, place).map_or(Reading::Unreadable(trimmed(text)), Reading::Money)
}

fn stated(found: &Candidate, disagrees: Option<Place>) -> Option<Stated> {
    Some(Stated {
        money: Money { amount: found.value, currency: found.currency.clone() },
        start: found.start,
        end: found.end,
        unit_stated: found.unit_stated,
        rule: found.rule.clone(),
        disagrees,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str, label: &str, rules: &Rulebook) -> String {
        let part = |p: &Place| text[p.start..p.end].to_string();
        match read(text, &hint(label, rules), rules) {
            Reading::Money(s) => format!("{} {} [{}]", s.money.amount, s.money.currency, &text[s.start..s.end]),
            Reading::Parts(parts) => {
                let sum: Decimal = parts.iter().map(|s| s.money.amount).sum();
                format!("{sum} of {}", parts.iter().map(|s| &text[s.start..s.end]).collect::<Vec<_>>().join(" + "))
            }
            Reading::PerUnit(s) => format!("per {} [{}]", s.money.amount, &text[s.start..s.end]),
            Reading::Rate(p) => format!("rate [{}]", part(&p)),
            Reading::NotGiven(_) => "none".to_string(),
            Reading::Masked(_) => "masked".to_string(),
            Reading::Unreadable(_) => "unreadable".to_string(),
        }
    }

    #[test]
    fn tells_sums_from_everything_else() {
        let rules = Rulebook::embedded();
        let rows = [
            ("69.0520000（万元）", "中标（成交）金额", "690520.00 CNY [69.0520000（万元）]"),
            ("人民币160.594000 万元", "", "1605940.00 CNY [人民币160.594000 万元]"),
            ("￥4,177,600.00（8台总价）", "货物单价(元)", "4177600.00 CNY [￥4,177,600.00]"),
            ("4,177,600.00", "货物单价(元)", "4177600.00 CNY [4,177,600.00]"),
            ("1.5万元", "总价(元)", "15000.00 CNY [1.5万元]"),
            ("182.0000000", "总价(万元)", "1820000.00 CNY [182.0000000]"),
            ("￥182.50", "中标金额（万元）", "1825000.00 CNY [￥182.50]"),
            ("陆拾叁万玖仟元整", "中标金额", "639000.00 CNY [陆拾叁万玖仟元整]"),
            ("叁拾万元整（￥300000.00）", "", "300000.00 CNY [￥300000.00]"),
            ("1.2E+7", "金额（元）", "12000000.00 CNY [1.2E+7]"),
            ("US$12,000", "", "12000.00 USD [US$12,000]"),
            ("12.5万美元", "", "125000.00 USD [12.5万美元]"),
            ("１２，０００．５０元", "", "12000.50 CNY [１２，０００．５０元]"),
            ("３万", "预算金额", "30000.00 CNY [３万]"),
            ("230000元", "单价(元)", "230000.00 CNY [230000元]"),
            ("0.0000000万元", "", "none"),
            ("/", "", "none"),
            ("无", "", "none"),
            ("详见投标文件", "", "none"),
            ("", "", "none"),
            ("3.022 %", "", "rate [3.022 %]"),
            ("下浮6%", "", "rate [6%]"),
            ("折扣98.20%", "", "rate [98.20%]"),
            ("98.20", "投标系数", "rate [98.20]"),
            ("9.5折", "", "rate [9.5折]"),
            ("1**万元", "", "masked"),
            ("XXX万元", "", "masked"),
            ("800元/人/天", "", "per 800.00 [800元]"),
            ("8台", "", "unreadable"),
            ("8.0,1.85,6.5", "单价(元)", "unreadable"),
            ("2.061.000元", "", "unreadable"),
            ("E5-2680", "", "unreadable"),
            ("2021年12月", "", "unreadable"),
            ("设计费报价为65万元，建安工程费报价为8197.5万元(其中暂估价0元)", "中标价", "82625000.00 of 65万元 + 8197.5万元"),
            ("建安工程费：37350383.10元、设计费：106000.00元", "中标价", "37456383.10 of 37350383.10元 + 106000.00元"),
            ("7452719元（设计费报价：55000元，建安费报价：7397719元）", "投标报价", "7452719.00 CNY [7452719元]"),
            ("设计费224.7万元，施工费下浮率3.5%", "中标价", "rate [下浮]"),
            ("设计费106000.00元", "中标价", "106000.00 CNY [106000.00元]"),
            ("130（单位：人民币万元）", "中标金额", "1300000.00 CNY [130（单位：人民币万元）]"),
            ("1300（单位：万元）", "预算金额", "13000000.00 CNY [1300（单位：万元）]"),
            ("最终报价:1286000(元)", "中标（成交）金额(元)", "1286000.00 CNY [1286000(元)]"),
        ];
        for (text, label, expected) in rows {
            assert_eq!(show(text, label, &rules), expected, "{text} under {label}");
        }
    }

    #[test]
    fn digits_win_over_words_and_say_so() {
        let rules = Rulebook::embedded();
        for text in ["壹佰玖拾伍万万元整 / 195万元", "壹佰万元整（¥1,950,000.00元）"] {
            let reading = read(text, &AmountHint::default(), &rules);
            let stated = reading.money().unwrap();
            assert_eq!(stated.money.amount, Decimal::from(1_950_000), "{text}");
            assert!(stated.disagrees.is_some(), "{text}");
        }
    }

    #[test]
    fn labels_give_unit_and_currency() {
        let rules = Rulebook::embedded();
        for (label, factor, rate) in [
            ("总价(元)", Some(1), false),
            ("中标金额（万元）", Some(10000), false),
            ("单价（人民币/元）", Some(1), false),
            ("投标报价（单位：万元）", Some(10000), false),
            ("单元名称", None, false),
            ("折扣率", None, true),
            ("报价(%)", None, true),
            ("供应商", None, false),
        ] {
            let found = hint(label, &rules);
            assert_eq!((found.factor, found.rate), (factor.map(Decimal::from), rate), "{label}");
        }
    }

    proptest::proptest! {
        #[test]
        fn places_lie_in_the_text(text in "[0-9零壹拾万元,.（）()%￥台/ 无详见*x]{0,24}") {
            let rules = rules();
            if let Reading::Money(s) = read(&text, &AmountHint::default(), rules) {
                proptest::prop_assert!(text.get(s.start..s.end).is_some_and(|t| !t.is_empty()));
            }
        }
    }

    fn rules() -> &'static Rulebook {
        static RULES: std::sync::OnceLock<Rulebook> = std::sync::OnceLock::new();
        RULES.get_or_init(Rulebook::embedded)
    }
}
