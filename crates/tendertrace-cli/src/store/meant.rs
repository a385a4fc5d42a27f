//! Which brand, kind of buyer, place, day does a person mean? Keys, names in either script, half dates are
//! understood; what is not is refused with what there is, since a misspelt word must never look like
//! "nothing found".

use std::collections::BTreeSet;
use tendertrace::report::picture::map::english;
use tendertrace::report::say;
use tendertrace::rulebook::Rulebook;
use tendertrace::rulebook::regions::Level;

/// Parameters of a question with their values.
pub type Values<'a> = Vec<(&'a str, Option<String>)>;

/// Names offered where one is not known.
const OFFERED: usize = 6;
/// How alike a name must be to be offered.
const NEAR: f64 = 0.55;

/// The values as the tables of a case have them.
pub fn all<'a>(given: &[(&'a str, Option<&str>)], rules: &Rulebook) -> Result<Values<'a>, String> {
    let one = |(name, text): &(&'a str, Option<&str>)| {
        let value = text.map(|text| meant(name, text.trim(), rules)).transpose();
        value.map(|value| (*name, value))
    };
    given.iter().map(one).collect()
}

/// As questions take them.
pub fn borrowed<'a>(values: &'a Values<'a>) -> Vec<(&'a str, Option<&'a str>)> {
    values.iter().map(|(name, value)| (*name, value.as_deref())).collect()
}

/// One value as the tables of a case have it; what is free text stays as it is.
pub fn meant(name: &str, text: &str, rules: &Rulebook) -> Result<String, String> {
    match name {
        "brand" => known("brand", text, &brands(rules), rules),
        "buyer_kind" => known("kind of buyer", text, &labelled("buyer_kind", rules), rules),
        "purpose" => known("purpose", text, &labelled("purpose", rules), rules),
        "region" => region(text, rules),
        "from" => day(text, ["", ""]),
        "to" => day(text, ["-12", "-31"]),
        _ => Ok(text.to_string()),
    }
}

/// Key of a brand or company; what no rule knows stays as it is, for a case may.
pub fn brand(text: &str, rules: &Rulebook) -> String {
    meant("brand", text, rules).unwrap_or_else(|_| text.to_string())
}

/// What a parameter may hold where programs ask: ids alone, else a pattern.
pub enum Strict {
    Ids(Vec<String>),
    Pattern(&'static str),
    Any,
}

/// A day, a month or a year.
const DAY: &str = "^[1-9][0-9]{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$";
const CODE: &str = "^[0-9]{1,6}$";

pub fn strict(name: &str, rules: &Rulebook) -> Strict {
    match name {
        "brand" => Strict::Ids(rules.brands.brands.iter().map(|brand| brand.key.clone()).collect()),
        "buyer_kind" | "purpose" => Strict::Ids(rules.report.words.ids(name)),
        "region" => Strict::Pattern(CODE),
        "from" | "to" => Strict::Pattern(DAY),
        _ => Strict::Any,
    }
}

/// Whether a value is as `strict` says.
pub fn is_strict(name: &str, text: &str, rules: &Rulebook) -> bool {
    match (name, strict(name, rules)) {
        (_, Strict::Ids(ids)) => ids.iter().any(|id| id == text),
        ("region", _) => (1..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()),
        ("from" | "to", _) => day(text, ["", ""]).is_ok(),
        _ => true,
    }
}

/// An id with the names it goes by, the one to show first.
#[derive(Clone)]
struct Choice {
    id: String,
    names: Vec<String>,
}

fn brands(rules: &Rulebook) -> Vec<Choice> {
    let names = |brand: &tendertrace::rulebook::brands::Brand| {
        let own = [brand.name.clone(), brand.legal_name.clone()];
        own.into_iter().chain(brand.names.iter().map(|name| name.text.clone())).collect()
    };
    rules.brands.brands.iter().map(|brand| Choice { id: brand.key.clone(), names: names(brand) }).collect()
}

fn labelled(kind: &str, rules: &Rulebook) -> Vec<Choice> {
    let ids = rules.report.words.ids(kind);
    ids.into_iter().map(|id| Choice { names: vec![say::label(kind, &id, rules)], id }).collect()
}

/// Divisions by name, with their code as long as it says something. Small ones go by their whole name only.
fn places(rules: &Rulebook) -> Vec<Choice> {
    let one = |place: &tendertrace::rulebook::regions::Place| {
        let (digits, mut names) = match place.level {
            Level::Province => (2, vec![english(place, rules), place.short.clone()]),
            Level::Prefecture => (4, vec![english(place, rules), place.short.clone()]),
            Level::County => (6, Vec::new()),
        };
        names.push(place.name.clone());
        Choice { id: place.code.chars().take(digits).collect(), names }
    };
    rules.regions.places.iter().map(one).collect()
}

fn region(text: &str, rules: &Rulebook) -> Result<String, String> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        let choices = places(rules);
        // Jilin is a province and a city in it: who says no more means the whole.
        let provinces: Vec<Choice> = choices.iter().filter(|choice| choice.id.len() == 2).cloned().collect();
        return known("place", text, &provinces, rules).or_else(|_| known("place", text, &choices, rules));
    }
    let is_known = rules.regions.places.iter().any(|place| place.code.starts_with(text));
    is_known.then(|| text.to_string()).ok_or_else(|| format!("no division of GB/T 2260 has a code that begins with {text}"))
}

/// A day, a month or a year; `rest` makes a month or a year its last day.
fn day(text: &str, rest: [&str; 2]) -> Result<String, String> {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |at: usize, digits: usize, most: u32| {
        parts.get(at).is_none_or(|part: &&str| {
            part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()) && part.parse().is_ok_and(|n: u32| (1..=most).contains(&n))
        })
    };
    if parts.len() > 3 || text.starts_with('0') || !number(0, 4, 9999) || !number(1, 2, 12) || !number(2, 2, 31) {
        return Err(format!("“{text}” is no day: write 2019-10-09, 2019-10 or 2019"));
    }
    let missing = &rest[parts.len().saturating_sub(1).min(2)..];
    Ok(text.to_string() + &missing.concat())
}

fn known(what: &str, text: &str, choices: &[Choice], rules: &Rulebook) -> Result<String, String> {
    if let Some(choice) = choices.iter().find(|choice| choice.id == text) {
        return Ok(choice.id.clone());
    }
    let plain = |text: &str| rules.folder.plain(text);
    let folded = plain(text);
    let named = |choice: &&Choice| choice.names.iter().chain([&choice.id]).any(|name| plain(name) == folded);
    match choices.iter().filter(named).collect::<Vec<_>>()[..] {
        [one] => Ok(one.id.clone()),
        [] => Err(format!("no {what} is called “{text}”; {}", nearest(&folded, choices, rules))),
        ref several => Err(format!("“{text}” is the name of several: {}", offered(several))),
    }
}

/// What is spelt most like it; where nothing is, how to see all.
fn nearest(folded: &str, choices: &[Choice], rules: &Rulebook) -> String {
    let best = |choice: &Choice| {
        let names = choice.names.iter().chain([&choice.id]);
        names.map(|name| alike(folded, &rules.folder.plain(name))).fold(0.0, f64::max)
    };
    let mut near: Vec<(f64, &Choice)> = choices.iter().map(|choice| (best(choice), choice)).filter(|near| near.0 >= NEAR).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let near: Vec<&Choice> = near.into_iter().map(|near| near.1).take(OFFERED).collect();
    match (near.is_empty(), choices.len() <= 40) {
        (false, _) => format!("did you mean {}?", offered(&near)),
        (true, true) => format!("there are {}", offered(&choices.iter().collect::<Vec<_>>())),
        (true, false) => "nothing is spelt like it".to_string(),
    }
}

fn offered(choices: &[&Choice]) -> String {
    let one = |choice: &&Choice| match choice.names.iter().find(|name| !name.is_empty() && **name != choice.id) {
        Some(name) => format!("{} ({name})", choice.id),
        None => choice.id.clone(),
    };
    choices.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// How many letters, and pairs of neighbouring letters, two words share, between 0 and 1; one inside the other is near.
fn alike(one: &str, other: &str) -> f64 {
    let letters = |text: &str| text.chars().collect::<BTreeSet<_>>();
    let pairs = |text: &str| text.chars().zip(text.chars().skip(1)).collect::<BTreeSet<_>>();
    let inside = one.chars().count() > 1 && other.contains(one);
    let near = (shared(&letters(one), &letters(other)) + shared(&pairs(one), &pairs(other))) / 2.0;
    if inside { near.max(NEAR) } else { near }
}

fn shared<T: Ord>(a: &BTreeSet<T>, b: &BTreeSet<T>) -> f64 {
    2.0 * a.intersection(b).count() as f64 / (a.len() + b.len()).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_writes_is_understood_or_refused_with_what_there_is() {
        let rules = Rulebook::embedded();
        for (name, text, is) in [
            ("brand", "Oracle", "oracle"),
            ("brand", "甲骨文", "oracle"),
            ("buyer_kind", "Police", "public_security"),
            ("region", "Xinjiang", "65"),
            ("region", "新疆维吾尔自治区", "65"),
            ("region", "650", "650"),
            ("from", "2019-10", "2019-10"),
            ("to", "2019", "2019-12-31"),
            ("to", "2019-10", "2019-10-31"),
            ("to", "2019-10-09", "2019-10-09"),
            ("term", "anything", "anything"),
        ] {
            assert_eq!(meant(name, text, &rules).as_deref(), Ok(is), "{name} {text}");
        }
        for (name, text, says) in [
            ("brand", "orcale", "did you mean oracle"),
            ("buyer_kind", "prison", "prison_detention"),
            ("region", "Sinkiang", "no place is called"),
            ("region", "99", "no division"),
            ("from", "9.10.2019", "is no day"),
            ("from", "October 2019", "is no day"),
            ("from", "2019-13", "is no day"),
            ("from", "2019-10-9", "is no day"),
            ("from", "0000", "is no day"),
        ] {
            let said = meant(name, text, &rules).unwrap_err();
            assert!(said.contains(says), "{name} {text}: {said}");
        }
    }

    #[test]
    fn programs_give_ids_alone() {
        let rules = Rulebook::embedded();
        for (name, text, is) in [
            ("brand", "oracle", true),
            ("brand", "Oracle", false),
            ("region", "65", true),
            ("region", "Xinjiang", false),
            ("to", "2019-10", true),
            ("to", "", false),
        ] {
            assert_eq!(is_strict(name, text, &rules), is, "{name} {text}");
        }
        assert_eq!(meant("to", "2019", &rules).as_deref(), Ok("2019-12-31"));
    }

    #[test]
    fn every_brand_and_every_province_is_found_by_what_the_desk_calls_it() {
        let rules = Rulebook::embedded();
        for brand in &rules.brands.brands {
            let said = meant("brand", &say::brand(&brand.key, &rules), &rules);
            assert!(said.as_ref() == Ok(&brand.key) || said.as_ref().is_err_and(|s| s.contains(&brand.key)), "{}: {said:?}", brand.key);
        }
        for place in rules.regions.places.iter().filter(|place| place.level == Level::Province) {
            assert_eq!(meant("region", &english(place, &rules), &rules).as_deref(), Ok(&place.code[..2]));
        }
    }
}
