//! When are two names, numbers or texts alike enough to be looked at together? Folded keys for
//! titles, bodies and project numbers, a sketch of a text's wording, and their similarities.

use crate::rulebook::Rulebook;
use crate::rulebook::report::Pattern;
use std::collections::BTreeSet;
use std::hash::{Hash as _, Hasher};

/// Title or project name without the notice's kind, the round, the site's name and punctuation.
pub fn name_key(name: &str, rules: &Rulebook) -> String {
    let cut = rules.report.joining.noise.iter().fold(name.trim().to_string(), |text, noise| without(&text, noise));
    let key = letters(&cut, rules);
    if key.is_empty() { letters(name, rules) } else { key }
}

/// A body's name folded, punctuation dropped.
pub fn body_key(name: &str, rules: &Rulebook) -> String {
    letters(name, rules)
}

/// A project number as a key; `None` where it numbers nothing.
pub fn number_key(number: &str, rules: &Rulebook) -> Option<String> {
    let key = letters(number, rules);
    let joining = &rules.report.joining;
    let generic = joining.generic_numbers.iter().any(|p| p.find(&key).is_some());
    let digits = key.chars().any(|c| c.is_ascii_digit());
    (digits && !generic && key.chars().count() >= joining.processes.number_length).then_some(key)
}

/// Which round of a repeated procedure a title announces; `None` for the first.
pub fn round(title: &str, rules: &Rulebook) -> Option<String> {
    rules.report.joining.rounds.iter().find_map(|rule| {
        let found = rule.regex.captures(title)?;
        let counted = found.name("round").or_else(|| found.name("round2")).or_else(|| found.get(0))?;
        Some(counted.as_str().to_string())
    })
}

fn without(text: &str, noise: &Pattern) -> String {
    noise.regex.replace_all(text, "").into_owned()
}

fn letters(text: &str, rules: &Rulebook) -> String {
    rules.folder.squeeze(text).text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// How many hashes a sketch keeps.
const SKETCH: usize = 48;
/// Characters in one piece of text.
const PIECE: usize = 5;

/// The smallest hashes of a text's pieces: texts that share most pieces share most of them.
pub fn sketch(text: &str, rules: &Rulebook) -> (Vec<u32>, usize) {
    let letters: Vec<char> = rules.folder.squeeze(text).text.chars().filter(|c| c.is_alphanumeric()).collect();
    let mut smallest = BTreeSet::new();
    for piece in letters.windows(PIECE) {
        let hash = piece_hash(piece);
        if smallest.len() < SKETCH {
            smallest.insert(hash);
        } else if smallest.last().is_some_and(|last| hash < *last) && smallest.insert(hash) {
            smallest.pop_last();
        }
    }
    (smallest.into_iter().collect(), letters.len())
}

fn piece_hash(piece: &[char]) -> u32 {
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    piece.hash(&mut hasher);
    let mixed = hasher.finish().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 32) as u32
}

/// FNV-1a: the same on every machine and in every version, unlike the standard hasher.
struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Estimated share of common pieces of two texts, from their sketches, which are sorted.
pub fn likeness(a: &[u32], b: &[u32]) -> f64 {
    let most = SKETCH.min(a.len().max(b.len()));
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let (mut sample, mut both) = (0usize, 0usize);
    while sample < most {
        let (one, other) = (a.peek().copied(), b.peek().copied());
        let Some(least) = one.into_iter().chain(other).min() else { break };
        let (in_a, in_b) = (a.next_if_eq(&least).is_some(), b.next_if_eq(&least).is_some());
        both += usize::from(in_a && in_b);
        sample += 1;
    }
    if sample == 0 { 0.0 } else { both as f64 / sample as f64 }
}

/// Share of common character pairs of two short texts (Dice).
pub fn alike(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    let (a, b) = (pairs(a), pairs(b));
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    2.0 * a.intersection(&b).count() as f64 / (a.len() + b.len()) as f64
}

fn pairs(text: &str) -> BTreeSet<(char, char)> {
    text.chars().zip(text.chars().skip(1)).collect()
}

/// Whether two bodies may be one: equal, or one name holds the other.
pub fn same_body(a: &str, b: &str) -> bool {
    a == b || (!a.is_empty() && !b.is_empty() && (a.contains(b) || b.contains(a)))
}

/// Days since 1970-01-01 of an ISO date, its first ten characters.
pub fn days(date: &str) -> Option<i64> {
    let mut parts = date.get(..10)?.split('-').map(|p| p.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_lose_kind_round_and_site() {
        let rules = Rulebook::embedded();
        let plain = name_key("示例市公安局服务器采购项目", &rules);
        for title in [
            "示例市公安局服务器采购项目公开招标公告",
            "示例市公安局服务器采购项目（第二次）中标结果公告",
            "示例市公安局 服务器采购项目成交公告_示例省政府采购网",
        ] {
            assert_eq!(name_key(title, &rules), plain, "{title}");
        }
    }

    #[test]
    fn numbers_that_number_nothing_are_rejected() {
        let rules = Rulebook::embedded();
        for number in ["1", "第一包", "合同包1", "详见附件", "20210917", "001"] {
            assert_eq!(number_key(number, &rules), None, "{number}");
        }
        assert_eq!(number_key("ＳＦＺＣ［2021］－０01号", &rules), number_key("SFZC[2021]-001号", &rules));
    }

    #[test]
    fn days_count_from_1970() {
        for (date, expected) in [
            ("1970-01-01", Some(0)),
            ("2000-03-01", Some(11017)),
            ("2021-12-17T08:00:00", Some(18978)),
            ("2021", None),
            ("abcd-ef-gh", None),
        ] {
            assert_eq!(days(date), expected, "{date}");
        }
    }

    #[test]
    fn sketches_tell_copies_from_others() {
        let rules = Rulebook::embedded();
        let text: String = (0..400).map(|i| char::from_u32(0x4E00 + (i * 37) % 2000).unwrap()).collect();
        let other: String = (0..400).map(|i| char::from_u32(0x4E00 + (i * 91 + 13) % 2000).unwrap()).collect();
        let (a, _) = sketch(&text, &rules);
        let (b, _) = sketch(&format!("首页{text}版权所有"), &rules);
        let (c, _) = sketch(&other, &rules);
        assert!(likeness(&a, &b) > 0.85, "{}", likeness(&a, &b));
        assert!(likeness(&a, &c) < 0.2, "{}", likeness(&a, &c));
    }
}
