//! Which country does an address name? ISO 3166 codes with their names in several languages
//! (`rulebook/countries/`).

use super::raw::{Files, Problem};
use crate::evidence::RuleId;
use crate::script::Folder;
use serde::Deserialize;
use std::collections::HashMap;

/// A country: ISO 3166 code of two letters and English name.
#[derive(Debug, Clone)]
pub struct Country {
    pub code: String,
    pub name: String,
    pub rule: RuleId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    code: String,
    name: String,
    other_names: String,
}

/// Countries by code and by folded name.
#[derive(Default)]
pub struct Countries {
    all: Vec<Country>,
    by_name: HashMap<String, usize>,
}

impl Countries {
    /// The country of a code or name as an address gives it.
    pub fn of(&self, written: &str, folder: &Folder) -> Option<&Country> {
        self.by_name.get(folder.plain(written).trim()).map(|at| &self.all[*at])
    }
}

/// Loads `countries/`.
pub fn load(files: &Files, folder: &Folder, problems: &mut Vec<Problem>) -> Countries {
    let mut countries = Countries::default();
    for row in files.csv::<Raw>("countries/", problems) {
        let Raw { code, name, other_names } = &row.value;
        let at = countries.all.len();
        for written in other_names.split('|').chain([code.as_str(), name.as_str()]).filter(|n| !n.is_empty()) {
            if countries.by_name.insert(folder.plain(written), at).is_some_and(|before| before != at) {
                problems.push(row.problem(format!("`{written}` already names another country"), "leave it out of one of them"));
            }
        }
        countries.all.push(Country { code: code.clone(), name: name.clone(), rule: format!("countries/countries#{code}").into() });
    }
    countries
}

#[cfg(test)]
mod tests {
    use crate::rulebook::Rulebook;

    #[test]
    fn countries_are_known_by_code_and_by_name_in_several_languages() {
        let rules = Rulebook::embedded();
        for (written, expected) in [("Paraguay", "PY"), ("Україна", "UA"), ("MD", "MD"), ("臺灣", "TW"), ("México", "MX"), ("nowhere", "")]
        {
            let found = rules.countries.of(written, &rules.folder).map_or("", |country| country.code.as_str());
            assert_eq!(found, expected, "{written}");
        }
    }
}
