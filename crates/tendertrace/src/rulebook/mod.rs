//! What does the program know? The rulebook: plain files that researchers write, checked and
//! compiled here. `raw` reads them as written (files, layers, problems with line and caret); each
//! section's own file turns its rows into something that matches.
//!
//! Every rule has a stable id and carries its own yes- and no-examples; without them it does not load.

pub mod brands;
pub mod clauses;
pub mod columns;
pub mod components;
pub mod concepts;
pub mod countries;
pub mod flags;
pub mod glossary;
pub mod kind_words;
pub mod labels;
pub mod layout;
pub mod lists;
pub mod names;
pub mod parties;
pub mod purposes;
pub mod raw;
pub mod read;
pub mod regions;
pub mod report;
pub mod sellers;
pub mod sentences;
pub mod stages;
pub mod units;
pub mod usages;
pub mod weights;
pub mod words;

use crate::script::Folder;
pub use raw::{Files, Problem};

/// The compiled rulebook. Cheap to share (`&Rulebook`); building it takes some tenths of a second.
pub struct Rulebook {
    pub folder: Folder,
    pub labels: labels::Labels,
    pub layout: layout::LayoutRules,
    pub stages: stages::Stages,
    pub sentences: stages::Sentences,
    pub units: units::Units,
    pub report: report::Reporting,
    pub glossary: glossary::Glossary,
    pub read: read::ReadRules,
    pub purposes: purposes::Purposes,
    pub regions: regions::Regions,
    pub parties: parties::Parties,
    pub kind_words: kind_words::KindWords,
    pub columns: columns::Columns,
    pub names: names::NameRules,
    pub lists: lists::Lists,
    pub hashes: Hashes,
    pub brands: brands::Brands,
    pub clauses: clauses::Clauses,
    pub concepts: concepts::Concepts,
    pub usages: usages::Usages,
    pub wording: sentences::Wording,
    pub flags: Vec<flags::FlagRule>,
    pub components: components::Components,
    pub countries: countries::Countries,
    pub customisation: Vec<components::Sign>,
    pub sellers: sellers::Sellers,
}

/// What a change of rules touches: extraction and classification mean that originals are examined
/// again, lists alone that parties are screened again.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Hashes {
    pub extraction: String,
    pub classification: String,
    pub lists: String,
}

impl Rulebook {
    /// The rulebook that is compiled into the program.
    pub fn embedded() -> Rulebook {
        match Rulebook::load(&Files::embedded()) {
            Ok(rules) => rules,
            Err(problems) => unreachable!("the embedded rulebook is checked by a test: {problems:?}"),
        }
    }

    /// Compiles `files`; all problems at once, none hidden behind the first.
    pub fn load(files: &Files) -> Result<Rulebook, Vec<Problem>> {
        let mut problems = Vec::new();
        let folder = load_folder(files, &mut problems);
        let regions = regions::load(files, &folder, &mut problems);
        let mut names = names::load(files, &folder, &regions, &mut problems);
        let glossary = glossary::load(files, &folder, &regions, &mut problems);
        let brands = brands::load(files, &folder, &mut problems);
        names.brand_cores = names::brand_cores(&brands, &folder);
        let rules = Rulebook {
            labels: labels::Labels::load(files, &folder, &mut problems),
            layout: layout::LayoutRules::load(files, &folder, &mut problems),
            stages: stages::Stages::load(files, &folder, &mut problems),
            sentences: stages::Sentences::load(files, &folder, &mut problems),
            units: units::load(files, &folder, &mut problems),
            read: read::ReadRules::load(files, &folder, &mut problems),
            names,
            glossary,
            lists: lists::load(files, &mut problems),
            regions,
            parties: parties::load(files, &folder, &mut problems),
            kind_words: kind_words::load(files, &mut problems),
            columns: columns::load(files, &folder, &mut problems),
            sellers: sellers::load(files, &brands, &mut problems),
            brands,
            clauses: clauses::load(files, &folder, &mut problems),
            concepts: concepts::load(files, &folder, &mut problems),
            usages: usages::load(files, &folder, &mut problems),
            wording: sentences::load(files, &mut problems),
            flags: flags::load(files, &folder, &mut problems),
            components: components::load(files, &folder, &mut problems),
            countries: countries::load(files, &folder, &mut problems),
            customisation: components::signs(files, &folder, &mut problems),
            purposes: purposes::Purposes::load(files, &folder, &mut problems),
            hashes: Hashes { extraction: files.hash(EXTRACTION), classification: files.hash(CLASSIFICATION), lists: files.hash(LISTS) },
            report: report::load(files, &mut problems),
            folder,
        };
        if problems.is_empty() { Ok(rules) } else { Err(problems) }
    }
}

/// Folders whose change means that notices are read differently.
const EXTRACTION: &[&str] = &["script/", "labels/", "columns/", "stages", "read/", "parties/org-suffixes"];
/// Folders whose change means that findings come out differently.
const CLASSIFICATION: &[&str] = &[
    "script/",
    "mentions/",
    "brands/",
    "usages/",
    "purposes",
    "parties/",
    "regions/",
    "countries/",
    "components/",
    "sentences",
    "strength",
    "objections",
    "flags",
];
/// Folders whose change means that parties are screened again.
const LISTS: &[&str] = &["lists/", "imports/", "names/", "sellers/"];

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CharacterPair {
    from: char,
    to: char,
}

fn load_folder(files: &Files, problems: &mut Vec<Problem>) -> Folder {
    let rows = files.csv::<CharacterPair>("script/characters", problems);
    Folder::new(rows.into_iter().map(|row| (row.value.from, row.value.to)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_rulebook_loads_without_a_problem() {
        if let Err(problems) = Rulebook::load(&Files::embedded()) {
            panic!("{}", problems.iter().map(|p| p.to_string()).collect::<Vec<_>>().join("\n"));
        }
    }
}
