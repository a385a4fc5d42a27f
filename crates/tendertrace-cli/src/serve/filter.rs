//! Which findings are counted here? What the address names, as conditions over the columns of findings and
//! notices: a number of a picture and the page behind it are the same filter, so they cannot differ.

use super::{Given, encode, facets};
use tendertrace::rulebook::Rulebook;

/// One thing an address may name.
pub struct Term {
    name: &'static str,
    label: &'static str,
    /// Kind of its words in the rulebook.
    words: &'static str,
    values: Values,
    /// What it is said of.
    pub of: Of,
    /// Whether a text is one of those given.
    test: fn(&str, &[&str]) -> bool,
    unknown: Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Values {
    /// Ids with semicolons between them: any of them.
    Ids,
    /// A name or day, which may hold anything.
    One,
}

/// What a term is said of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Brand,
    Usage,
    Strength,
    /// Of the buyer.
    Kind,
    /// Of the buyer or the end user.
    EitherKind,
    Region,
    Day,
    /// A list as JSON.
    Purposes,
    Seller,
    Buyer,
    /// What people said of the finding.
    Decision,
    /// Lists that may name a party of the notice.
    Lists,
}

/// What the value `not-known` asks for: no rule has this id, while `none` is a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unknown {
    /// It is a value as others are.
    Nothing,
    /// That nothing is there.
    Missing,
    /// No purpose, or the contract's own id for "none of these".
    Purpose,
}

const NOT_KNOWN: &str = "not-known";

const TERMS: [Term; 16] = [
    Term { name: "brand", label: "Brand", words: "brand", values: Values::Ids, of: Of::Brand, test: any_of, unknown: Unknown::Nothing },
    Term { name: "usage", label: "Usage", words: "usage", values: Values::Ids, of: Of::Usage, test: any_of, unknown: Unknown::Nothing },
    Term {
        name: "kind",
        label: "Kind of buyer",
        words: "buyer_kind",
        values: Values::Ids,
        of: Of::Kind,
        test: any_of,
        unknown: Unknown::Missing,
    },
    Term {
        name: "for",
        label: "Buyer or end user",
        words: "buyer_kind",
        values: Values::Ids,
        of: Of::EitherKind,
        test: any_of,
        unknown: Unknown::Nothing,
    },
    Term { name: "region", label: "Region", words: "region", values: Values::Ids, of: Of::Region, test: begins, unknown: Unknown::Missing },
    Term {
        name: "purpose",
        label: "Purpose",
        words: "purpose",
        values: Values::Ids,
        of: Of::Purposes,
        test: holds,
        unknown: Unknown::Purpose,
    },
    Term {
        name: "strength",
        label: "Strength",
        words: "strength",
        values: Values::Ids,
        of: Of::Strength,
        test: any_of,
        unknown: Unknown::Nothing,
    },
    Term { name: "review", label: "Review", words: "", values: Values::Ids, of: Of::Decision, test: any_of, unknown: Unknown::Nothing },
    Term { name: "year", label: "Year", words: "", values: Values::Ids, of: Of::Day, test: year, unknown: Unknown::Missing },
    Term { name: "month", label: "Month", words: "", values: Values::Ids, of: Of::Day, test: month, unknown: Unknown::Nothing },
    Term { name: "from", label: "From", words: "", values: Values::One, of: Of::Day, test: from, unknown: Unknown::Nothing },
    Term { name: "to", label: "To", words: "", values: Values::One, of: Of::Day, test: to, unknown: Unknown::Nothing },
    Term { name: "before", label: "Before", words: "", values: Values::One, of: Of::Day, test: before, unknown: Unknown::Nothing },
    Term { name: "seller", label: "Seller", words: "", values: Values::One, of: Of::Seller, test: any_of, unknown: Unknown::Missing },
    Term { name: "buyer", label: "Buyer", words: "", values: Values::One, of: Of::Buyer, test: any_of, unknown: Unknown::Missing },
    Term { name: "list", label: "List lead", words: "", values: Values::Ids, of: Of::Lists, test: any_of, unknown: Unknown::Nothing },
];

fn any_of(text: &str, values: &[&str]) -> bool {
    values.contains(&text)
}

fn begins(text: &str, values: &[&str]) -> bool {
    values.iter().any(|value| text.starts_with(value))
}

fn holds(text: &str, values: &[&str]) -> bool {
    list_of(text).iter().any(|one| values.contains(&one.as_str()))
}

fn year(day: &str, values: &[&str]) -> bool {
    values.contains(&day.get(..4).unwrap_or(day))
}

fn month(day: &str, values: &[&str]) -> bool {
    values.contains(&day.get(..7).unwrap_or(day))
}

fn from(day: &str, values: &[&str]) -> bool {
    values.iter().any(|value| day >= *value)
}

fn to(day: &str, values: &[&str]) -> bool {
    values.iter().any(|value| day <= *value)
}

fn before(day: &str, values: &[&str]) -> bool {
    values.iter().any(|value| day < *value)
}

/// Values of a column that holds lists as JSON.
pub fn list_of(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

impl Term {
    /// Whether a row with this text, or with none, is kept where `value` is asked for.
    pub fn keeps(&self, text: Option<&str>, value: &str) -> bool {
        match (value, self.unknown, text) {
            (NOT_KNOWN, Unknown::Missing, text) => text.is_none(),
            (NOT_KNOWN, Unknown::Purpose, text) => text.is_some_and(|text| text == "[]" || holds(text, &["none"])),
            (ABROAD, _, text) if self.of == Of::Region => text.is_some_and(|code| !code.starts_with(|c: char| c.is_ascii_digit())),
            (_, _, None) => false,
            (value, _, Some(text)) => (self.test)(text, &self.parts(value)),
        }
    }

    /// The values that are named together.
    pub fn parts<'v>(&self, value: &'v str) -> Vec<&'v str> {
        match self.values {
            Values::Ids => value.split(';').map(str::trim).filter(|part| !part.is_empty()).collect(),
            Values::One => vec![value],
        }
    }

    /// Whether the value asks for rows where nothing is said.
    pub fn is_unknown(&self, value: &str) -> bool {
        value == NOT_KNOWN && self.unknown != Unknown::Nothing
    }
}

/// The term of a name.
pub fn term(name: &str) -> Option<&'static Term> {
    TERMS.iter().find(|term| term.name == name)
}

/// A region outside the country's own codes.
pub const ABROAD: &str = "abroad";

/// A column of a picture that holds the first so many, and the rest: parameter, label, what it is of.
const PAST: [(&str, &str, Of); 3] = [
    ("past_brand", "Without the largest brands", Of::Brand),
    ("past_seller", "Without the largest sellers", Of::Seller),
    ("past_buyer", "Without the largest buyers", Of::Buyer),
];

/// Of which column a parameter leaves the largest out.
pub fn past(name: &str) -> Option<Of> {
    PAST.iter().find(|past| past.0 == name).map(|past| past.2)
}

/// What no number of a picture counts, over `evidence e`: copies on other sites, findings that a person
/// rejected, and products whose notice shows no purchase.
pub const COUNTED: &str = "NOT e.copy AND e.decision <> 'reject' AND instr(e.objections, '\"no_purchase_shown\"') = 0";

/// Conditions, all of which hold; one name may stand several times.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    terms: Vec<(&'static str, String)>,
}

impl Filter {
    /// What an address names; names that no term has are left out.
    pub fn of(asked: &Given) -> Filter {
        let name = |name: &str| names().find(|known| *known == name);
        let terms = asked.iter().filter(|(_, value)| !value.trim().is_empty());
        Filter { terms: terms.filter_map(|(key, value)| Some((name(key)?, value.trim().to_string()))).collect() }
    }

    /// This, and one thing more.
    pub fn and(&self, name: &str, value: &str) -> Filter {
        let mut more = self.clone();
        more.terms.extend(names().find(|known| *known == name).map(|name| (name, value.to_string())));
        more
    }

    /// This without what is past the largest: other conditions would make others the largest.
    pub fn whole(&self) -> Filter {
        Filter { terms: self.terms.iter().filter(|(name, _)| PAST.iter().all(|past| past.0 != *name)).cloned().collect() }
    }

    /// This, with a value where nothing of the name is said.
    pub fn or(&self, name: &str, value: &str) -> Filter {
        if self.get(name).is_some() { self.clone() } else { self.and(name, value) }
    }

    pub fn without(&self, at: usize) -> Filter {
        let kept = self.terms.iter().enumerate().filter(|(place, _)| *place != at);
        let shifted = |(place, (name, value)): (usize, &(&'static str, String))| {
            let (most, base) = past_of(value, place);
            let is_past = PAST.iter().any(|past| past.0 == *name);
            (*name, if is_past { format!("{most}.{}", base - usize::from(base > at)) } else { value.clone() })
        };
        Filter { terms: kept.map(shifted).collect() }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.terms.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    pub fn terms(&self) -> &[(&'static str, String)] {
        &self.terms
    }

    /// The address of a place with these conditions.
    pub fn link(&self, place: &str) -> String {
        let pairs: Vec<String> = self.terms.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        if pairs.is_empty() { place.to_string() } else { format!("{place}?{}", pairs.join("&")) }
    }

    /// This without the so many largest of a column, of what is asked up to here.
    pub fn past(&self, base: &Filter, name: &str, most: usize) -> Filter {
        self.and(name, &format!("{most}.{}", base.terms.len()))
    }

    /// What is asked up to a place.
    pub fn up_to(&self, at: usize) -> Filter {
        Filter { terms: self.terms[..at].to_vec() }
    }
}

/// How many are left out, and of how many terms' findings they are the largest: of those before it where
/// the value does not say.
pub fn past_of(value: &str, at: usize) -> (u32, usize) {
    let (most, base) = value.split_once('.').unwrap_or((value, ""));
    (most.parse().unwrap_or(0), base.parse().map_or(at, |base: usize| base.min(at)))
}

fn names() -> impl Iterator<Item = &'static str> {
    TERMS.iter().map(|term| term.name).chain(PAST.iter().map(|past| past.0))
}

/// A condition as people read it: its label and its value.
pub fn words(name: &str, value: &str, rules: &Rulebook) -> (&'static str, String) {
    if let Some(past) = PAST.iter().find(|past| past.0 == name) {
        return (past.1, past_of(value, 0).0.to_string());
    }
    let Some(term) = TERMS.iter().find(|term| term.name == name) else { return ("", value.to_string()) };
    let shown = match value {
        NOT_KNOWN => "not known".to_string(),
        ABROAD => "other countries".to_string(),
        value if term.values == Values::One => tendertrace::report::mask::party(value, &rules.report.masks),
        value => value.split(';').map(|one| facets::words(term.words, one, rules)).collect::<Vec<_>>().join(" or "),
    };
    (term.label, shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> Given {
        pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
    }

    #[test]
    fn an_address_and_its_filter_are_the_same() {
        let given = asked(&[("brand", "dell;oracle"), ("colour", "blue"), ("seller", "A & B; C"), ("brand", "dell"), ("year", " ")]);
        let filter = Filter::of(&given);
        assert_eq!(filter.link("/findings"), "/findings?brand=dell%3Boracle&seller=A%20%26%20B%3B%20C&brand=dell");
        assert_eq!(filter.or("brand", "x"), filter);
        assert_eq!(filter.and("usage", "awarded").get("usage"), Some("awarded"));
        let past = filter.past(&filter, "past_seller", 25).and("kind", "health");
        assert_eq!(past.get("past_seller"), Some("25.3"));
        assert_eq!(past.without(0).get("past_seller"), Some("25.2"));
        assert_eq!(past.without(4).get("past_seller"), Some("25.3"));
        assert_eq!(past.whole().get("past_seller"), None);
    }

    #[test]
    fn a_term_keeps_what_it_says() {
        for (name, text, value, expected) in [
            ("brand", Some("dell"), "oracle; dell", true),
            ("brand", Some("dell"), "del", false),
            ("brand", None, NOT_KNOWN, false),
            ("kind", None, NOT_KNOWN, true),
            ("kind", Some("health"), NOT_KNOWN, false),
            ("region", Some("650100"), "65", true),
            ("region", Some("650100"), "6501;11", true),
            ("region", Some("650100"), "66", false),
            ("region", Some("KZ"), ABROAD, true),
            ("region", Some("650100"), ABROAD, false),
            ("region", None, ABROAD, false),
            ("purpose", Some("[\"detention\",\"none\"]"), "detention", true),
            ("purpose", Some("[\"detention\"]"), NOT_KNOWN, false),
            ("purpose", Some("[\"none\"]"), NOT_KNOWN, true),
            ("purpose", Some("[]"), NOT_KNOWN, true),
            ("year", Some("2021-03-04"), "2021", true),
            ("month", Some("2021-03-04"), "2021-03", true),
            ("from", Some("2021-03-04"), "2021-03-04", true),
            ("to", Some("2021-03-04"), "2021-03-04", true),
            ("before", Some("2021-03-04"), "2021-03-04", false),
            ("from", None, "2021-03-04", false),
            ("seller", Some("A; B"), "A; B", true),
            ("seller", Some("A"), "A; B", false),
        ] {
            assert_eq!(term(name).unwrap().keeps(text, value), expected, "{name}={value} of {text:?}");
        }
    }
}
