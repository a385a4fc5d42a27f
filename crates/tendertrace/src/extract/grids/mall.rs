//! Which goods run together behind headings, where only counts and prices show where one ends?
//! `2` and `49900.00` stand as `249900.00`: a row's count may be any of its first digits. The one way in
//! which all counts times prices add up to a known sum is taken, and only if it is the only one.

use crate::rulebook::Rulebook;
use crate::script::is_han;
use rust_decimal::Decimal;
use std::collections::HashMap;

/// One good's cells, as byte ranges of the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Good {
    pub name: (usize, usize),
    pub brand: (usize, usize),
    pub quantity: (usize, usize),
    pub unit_price: (usize, usize),
    pub model: Option<(usize, usize)>,
}

/// Sums that the counts and prices so far may come to: more are given up.
const MOST_SUMS: usize = 20_000;
/// Digits of the greatest count.
const LONGEST_COUNT: usize = 4;
/// Characters of the longest brand or model.
const LONGEST_BRAND: usize = 40;
const LONGEST_MODEL: usize = 80;

/// The goods of `text[from..stop]`, in the order name, brand, count, price, model, the first behind its
/// row number; None where they do not add up to one of `sums` in one way, or a border stays unknown.
pub fn goods(text: &str, from: usize, stop: usize, sums: &[Decimal], rules: &Rulebook) -> Option<Vec<Good>> {
    let runs = runs(text, from, stop);
    let counts = counts(text, &runs, sums)?;
    let begin = from + text[from..stop].strip_prefix('1').map(|_| 1)?;
    let mut told = Vec::new();
    let mut start = begin;
    let mut number = 2;
    for (at, run) in runs.iter().enumerate() {
        let next = runs.get(at + 1).map_or(stop, |next| next.0);
        let last = at + 1 == runs.len();
        let (model, following) = if last { (next, next) } else { border(text, run.1, next, &mut number, rules)? };
        told.push(Told {
            joined: trim(text, start, run.0)?,
            model: trim(text, run.1, model).filter(|m| text[m.0..m.1].chars().count() <= LONGEST_MODEL),
        });
        start = following;
    }
    let brands = brands(text, &told, rules)?;
    let rows = told.iter().zip(&brands).zip(runs.iter().zip(&counts));
    Some(
        rows.map(|((told, cut), (run, count))| Good {
            name: trim(text, told.joined.0, *cut).unwrap_or(told.joined),
            brand: (*cut, told.joined.1),
            quantity: (run.0, run.0 + count),
            unit_price: (run.0 + count, run.1),
            model: told.model,
        })
        .collect(),
    )
}

/// Name and brand as one stretch, and the model behind the price.
struct Told {
    joined: (usize, usize),
    model: Option<(usize, usize)>,
}

fn trim(text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let inside = &text[start..end];
    let from = start + inside.len() - inside.trim_start().len();
    let to = from + inside.trim().len();
    (from < to).then_some((from, to))
}

/// Digits with two decimals: count and price.
fn runs(text: &str, from: usize, stop: usize) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let digit = |at: usize| at < stop && bytes[at].is_ascii_digit();
    let mut out = Vec::new();
    let mut at = from;
    while at < stop {
        if !digit(at) {
            at += 1;
            continue;
        }
        let start = at;
        while digit(at) {
            at += 1;
        }
        let joined = start > from && matches!(bytes[start - 1], b'.' | b'-');
        if !joined && at - start >= 2 && at < stop && bytes[at] == b'.' && digit(at + 1) && digit(at + 2) {
            at += 3;
            out.push((start, at));
        }
    }
    out
}

/// How many digits of each run are its count, by the only way to come to one of the sums.
fn counts(text: &str, runs: &[(usize, usize)], sums: &[Decimal]) -> Option<Vec<usize>> {
    let mut reached: Vec<HashMap<Decimal, (usize, usize)>> = vec![HashMap::from([(Decimal::ZERO, (1, 0))])];
    for run in runs {
        let mut next: HashMap<Decimal, (usize, usize)> = HashMap::new();
        for (sum, (ways, _)) in reached.last()? {
            for (digits, value) in splits(&text[run.0..run.1]) {
                let entry = next.entry(sum + value).or_insert((0, digits));
                entry.0 = entry.0.saturating_add(*ways);
            }
        }
        if next.len() > MOST_SUMS {
            return None;
        }
        reached.push(next);
    }
    let last = reached.last().filter(|_| !runs.is_empty())?;
    let mut met: Vec<&Decimal> = sums.iter().filter(|sum| last.contains_key(*sum)).collect();
    met.sort_unstable();
    met.dedup();
    let [total] = met[..] else { return None };
    back(text, runs, &reached, *total)
}

/// The counts on the way back from the total, which only one way may reach.
fn back(text: &str, runs: &[(usize, usize)], reached: &[HashMap<Decimal, (usize, usize)>], total: Decimal) -> Option<Vec<usize>> {
    let mut sum = total;
    let mut counts = Vec::new();
    if reached.last()?.get(&total)?.0 != 1 {
        return None;
    }
    for (at, run) in runs.iter().enumerate().rev() {
        let digits = reached[at + 1].get(&sum)?.1;
        let value = splits(&text[run.0..run.1]).into_iter().find(|(d, _)| *d == digits)?.1;
        sum -= value;
        counts.insert(0, digits);
    }
    Some(counts)
}

/// Ways to cut `249900.00` into a count and a price, with their product.
fn splits(run: &str) -> Vec<(usize, Decimal)> {
    let whole = run.find('.').unwrap_or(run.len());
    let ways = (1..whole.min(LONGEST_COUNT + 1)).filter(|cut| !run.starts_with('0') && !run[*cut..].starts_with('0'));
    ways.filter_map(|cut| {
        let (count, price): (Decimal, Decimal) = (run[..cut].parse().ok()?, run[cut..].parse().ok()?);
        Some((cut, count.checked_mul(price)?))
    })
    .collect()
}

/// Where the model of one good ends and the next good begins: at a word that begins accessories, or at
/// the next row number. The number is the only one, the only one before a Chinese name, or the only one
/// of these behind a model without Chinese.
fn border(text: &str, from: usize, to: usize, number: &mut u32, rules: &Rulebook) -> Option<(usize, usize)> {
    let between = &text[from..to];
    let words = &rules.layout.accessory_words;
    if let Some(at) = words.iter().filter_map(|word| between.find(word.as_str())).min() {
        return Some((from + at, from + at));
    }
    let digits = number.to_string();
    let all: Vec<usize> = between.match_indices(&digits).map(|(at, _)| at).collect();
    let behind = |at: &usize| &between[*at + digits.len()..];
    let named: Vec<usize> = all.iter().copied().filter(|at| behind(at).starts_with(is_han)).collect();
    let plain: Vec<usize> = named.iter().copied().filter(|at| !between[..*at].contains(is_han)).collect();
    let at = [&all, &named, &plain].into_iter().find(|ways| ways.len() == 1).map(|ways| ways[0])?;
    *number += 1;
    Some((from + at, from + at + digits.len()))
}

/// Where each brand begins: behind the model that the name repeats, where the name's beginning is
/// repeated, or as another row's brand.
fn brands(text: &str, told: &[Told], rules: &Rulebook) -> Option<Vec<usize>> {
    let own: Vec<Option<usize>> = told
        .iter()
        .map(|row| {
            let joined = &text[row.joined.0..row.joined.1];
            let model = row.model.map(|(start, end)| &text[start..end]);
            let cut = model.and_then(|m| past(joined, m, rules)).or_else(|| repeated_start(joined))?;
            Some(row.joined.0 + cut)
        })
        .collect();
    let known: Vec<&str> = told.iter().zip(&own).filter_map(|(row, cut)| Some(text[(*cut)?..row.joined.1].trim())).collect();
    let shared = || common_end(&told.iter().map(|row| &text[row.joined.0..row.joined.1]).collect::<Vec<_>>());
    told.iter()
        .zip(&own)
        .map(|(row, cut)| {
            let joined = &text[row.joined.0..row.joined.1];
            let like =
                || known.iter().copied().filter(|brand| joined.len() > brand.len() && joined.ends_with(brand)).max_by_key(|b| b.len());
            cut.or_else(|| like().or_else(|| shared().filter(|brand| joined.len() > brand.len())).map(|brand| row.joined.1 - brand.len()))
        })
        .collect()
}

/// Past the last place where `joined` holds the model, white space apart; None where nothing or too
/// much is left.
pub fn past(joined: &str, model: &str, rules: &Rulebook) -> Option<usize> {
    let (folded, wanted) = (rules.folder.squeeze(joined), rules.folder.squeeze(model).text);
    let at = folded.text.rfind(&wanted).filter(|_| !wanted.is_empty())? + wanted.len();
    let rest = &folded.text[at..];
    let end = folded.source_range(at - 1, at).1;
    (!rest.is_empty() && rest.chars().count() <= LONGEST_BRAND).then_some(end)
}

/// `联想台式机联想`, `泰视话筒泰视/TAISHI`: where the beginning of the name stands again as its end.
pub fn repeated_start(joined: &str) -> Option<usize> {
    let starts = joined.char_indices().skip(2).map(|(at, _)| at);
    let again = |at: &usize| {
        let brand = &joined[*at..];
        let first = brand.split('/').next().unwrap_or_default();
        first.chars().count() >= 2 && joined[..*at].starts_with(first) && brand.chars().count() <= LONGEST_BRAND
    };
    starts.filter(again).min()
}

/// `川河/chuanhe`: what all of several different names end with, a brand in two scripts.
fn common_end<'t>(joined: &[&'t str]) -> Option<&'t str> {
    let first = joined.first().filter(|_| joined.len() >= 2)?;
    let start = first.char_indices().map(|(at, _)| at).find(|at| joined.iter().all(|other| other.ends_with(&first[*at..])))?;
    let brand = &first[start..];
    (brand.contains('/') && brand.starts_with(is_han) && start > 0).then_some(brand)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, sum: &str) -> Option<Vec<String>> {
        let rules = Rulebook::embedded();
        let goods = goods(text, 0, text.len(), &[sum.parse().unwrap()], &rules)?;
        let of = |(start, end): (usize, usize)| &text[start..end];
        Some(
            goods
                .into_iter()
                .map(|g| [of(g.name), of(g.brand), of(g.quantity), of(g.unit_price), g.model.map_or("", of)].join("|"))
                .collect(),
        )
    }

    #[test]
    fn the_sum_tells_counts_from_prices() {
        let text = "1示例防火墙 SL-600样网/YANG249900.00SL-600配件：示例防火墙 SL-600样网/YANG44000.00SLV-12-B12入侵防御 SL-800样网/YANG132000.00SL-800";
        let rows = told(text, "147800.00").expect("adds up");
        assert_eq!(
            rows,
            [
                "示例防火墙 SL-600|样网/YANG|2|49900.00|SL-600",
                "配件：示例防火墙 SL-600|样网/YANG|4|4000.00|SLV-12-B1",
                "入侵防御 SL-800|样网/YANG|1|32000.00|SL-800"
            ]
        );
        assert_eq!(told(text, "147801.00"), None);
        assert_eq!(
            told("1泰样（TAIYANG）98寸一体机泰样/TAIYANG180000.00TS-98", "80000.00").expect("adds up"),
            ["泰样（TAIYANG）98寸一体机|泰样/TAIYANG|1|80000.00|TS-98"]
        );
        assert_eq!(
            told("1示例M8 行政版 (1.8T)广示例1170820.00示例M8行政版(1.8T)", "170820.00").expect("adds up"),
            ["示例M8 行政版 (1.8T)|广示例|1|170820.00|示例M8行政版(1.8T)"]
        );
        // 1 × 11 and 11 × 1 both come to 11.
        assert_eq!(told("1示例笔示例111.00笔", "11.00"), None);
    }
}
