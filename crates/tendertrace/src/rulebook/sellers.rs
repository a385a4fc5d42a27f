//! Who is whose partner, distributor, joint venture or rebrander, by whose word and since when?
//! `sellers/`: one row a relation that a source states. A case's own list of partners has the same columns.

use super::brands::Brands;
use super::raw::{Files, Problem, Row};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A relation between a maker and a seller as its source states it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    pub id: String,
    /// Key of the brand.
    pub brand: String,
    /// The seller as the source writes it; empty where it gives a Latin name only.
    pub party: String,
    pub party_latin: String,
    /// Unified social credit code, if the source gives one.
    pub code: String,
    #[serde(rename = "relation")]
    pub kind: RelationKind,
    /// The seller above it, as the source writes it: a distributor through whom this party gets the maker's
    /// products. Empty where the source names none.
    #[serde(default)]
    pub via: String,
    /// By whose word; without it the kind tells.
    #[serde(default)]
    pub said_by: Option<SaidBy>,
    /// Where the relation holds, if the source limits it.
    pub territory: String,
    /// A year, a month or a day; empty where the source does not say.
    pub from: String,
    pub to: String,
    /// When the source was as it is told here.
    pub as_of: String,
    /// Publisher and title.
    pub source: String,
    pub url: String,
    /// What the source says, in our words.
    pub says: String,
    #[serde(default)]
    pub note: String,
    /// A spelling that is this party, and a name that is not.
    #[serde(default)]
    pub yes_example: String,
    #[serde(default)]
    pub no_example: String,
}

/// What the source calls the seller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    Partner,
    Distributor,
    Reseller,
    JointVenture,
    /// Sells the maker's product under a label of its own.
    Rebrand,
    Subsidiary,
    /// Only the seller itself or a third party says that it is a partner.
    #[default]
    NamedPartner,
}

/// By whose word a relation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SaidBy {
    /// The maker: its page, its filing.
    Maker,
    /// Somebody else; it never makes a seller an authorised partner.
    Others,
}

impl Relation {
    /// By whose word it stands.
    pub fn said_by(&self) -> SaidBy {
        self.said_by.unwrap_or(match self.kind {
            RelationKind::Partner | RelationKind::Distributor | RelationKind::Reseller => SaidBy::Maker,
            RelationKind::JointVenture | RelationKind::Rebrand | RelationKind::Subsidiary | RelationKind::NamedPartner => SaidBy::Others,
        })
    }
}

/// The compiled section.
#[derive(Debug, Clone, Default)]
pub struct Sellers {
    pub relations: Vec<Relation>,
}

/// Loads `sellers/`; a later row of the same id stands above an earlier one.
pub fn load(files: &Files, brands: &Brands, problems: &mut Vec<Problem>) -> Sellers {
    let rows = files.csv::<Relation>("sellers/", problems);
    for row in rows.iter().filter(|row| row.value.yes_example.is_empty() || row.value.no_example.is_empty()) {
        problems.push(row.problem("a relation needs a name that is the party and one that is not", "fill yes_example and no_example"));
    }
    Sellers { relations: checked(rows, brands, problems) }
}

/// Reads one file of relations that a user keeps; examples are not asked of it.
pub fn of_file(name: &str, bytes: &[u8], brands: &Brands) -> Result<Vec<Relation>, Vec<Problem>> {
    let mut problems = Vec::new();
    let files = Files::empty().with_layer(BTreeMap::from([(name.to_string(), bytes.to_vec())]));
    let relations = checked(files.csv(name, &mut problems), brands, &mut problems);
    if problems.is_empty() { Ok(relations) } else { Err(problems) }
}

fn checked(rows: Vec<Row<Relation>>, brands: &Brands, problems: &mut Vec<Problem>) -> Vec<Relation> {
    let mut by_id: BTreeMap<String, Relation> = BTreeMap::new();
    for row in rows {
        check(&row, brands, problems);
        by_id.insert(row.value.id.clone(), row.value);
    }
    by_id.into_values().collect()
}

fn check(row: &Row<Relation>, brands: &Brands, problems: &mut Vec<Problem>) {
    let relation = &row.value;
    if relation.id.is_empty() || relation.source.is_empty() {
        problems.push(row.problem("a relation needs an id and a source", "name publisher and title of what says so"));
    }
    if relation.party.is_empty() && relation.party_latin.is_empty() {
        problems.push(row.problem("a relation needs a party", "write its name as the source gives it"));
    }
    if !relation.via.is_empty() && [&relation.party, &relation.party_latin].contains(&&relation.via) {
        problems.push(row.problem("nobody gets products through itself", "name in `via` the seller above it, or leave it empty"));
    }
    if brands.by_key(&relation.brand).is_none() {
        problems.push(row.problem(format!("no brand has the key {}", relation.brand), "keys are the names of the files in brands/"));
    }
    if relation.kind == RelationKind::NamedPartner && relation.said_by() == SaidBy::Maker {
        problems.push(row.problem("whom the maker itself names is no named_partner", "write partner, or said_by others"));
    }
    for date in [&relation.from, &relation.to, &relation.as_of].into_iter().filter(|date| !is_date(date)) {
        problems.push(row.problem(format!("{date} is no date"), "write 2019, 2019-10 or 2019-10-09, or leave it empty"));
    }
    if !relation.to.is_empty() && relation.to < relation.from {
        problems.push(row.problem("it ends before it begins", "change `from` or `to`"));
    }
}

/// A year, month or day, or nothing.
fn is_date(text: &str) -> bool {
    let widths: Vec<usize> = text.split('-').map(str::len).collect();
    let digits = text.chars().all(|c| c.is_ascii_digit() || c == '-');
    text.is_empty() || digits && matches!(widths[..], [4] | [4, 2] | [4, 2, 2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::Rulebook;

    const HEAD: &str = "id,brand,party,party_latin,code,relation,territory,from,to,as_of,source,url,says,note,via\n";

    fn read(row: &str) -> Result<Vec<Relation>, Vec<Problem>> {
        of_file("partners.csv", format!("{HEAD}{row}\n").as_bytes(), &Rulebook::embedded().brands)
    }

    #[test]
    fn a_row_is_read_and_who_says_so_is_told_by_its_kind() {
        let read = read("a,oracle,虚构星桥信息技术有限公司,,,distributor,,2019-10,,2024,\"Maker: list\",,lists it,,").unwrap();
        assert_eq!((read[0].kind, read[0].said_by()), (RelationKind::Distributor, SaidBy::Maker));
        assert_eq!(Relation::default().said_by(), SaidBy::Others, "nobody is a partner by default");
    }

    #[test]
    fn every_fault_is_told_with_file_and_line() {
        for (row, says) in [
            ("a,oracle,甲,,,friend,,,,,S,,,,", "unknown variant"),
            ("a,oracle,,,,partner,,,,,S,,,,", "needs a party"),
            ("a,nobody,甲,,,partner,,,,,S,,,,", "no brand has the key nobody"),
            ("a,oracle,甲,,,partner,,May 2019,,,S,,,,", "is no date"),
            ("a,oracle,甲,,,partner,,2020,2019,,S,,,,", "ends before it begins"),
            ("a,oracle,甲,,,partner,,,,,,,,,", "an id and a source"),
            ("a,oracle,甲,,,reseller,,,,,S,,,,甲", "through itself"),
        ] {
            let problems = read(row).unwrap_err();
            let said = problems[0].to_string();
            assert!(said.starts_with("partners.csv:2:") && said.contains(says), "{row}: {said}");
        }
    }

    #[test]
    fn a_relation_of_the_rulebook_without_examples_does_not_load() {
        let rules = Rulebook::embedded();
        let file = format!("{HEAD}a,oracle,甲,,,partner,,,,,S,,,,\n");
        let files = Files::empty().with_layer(BTreeMap::from([("sellers/own.csv".to_string(), file.into_bytes())]));
        let mut problems = Vec::new();
        load(&files, &rules.brands, &mut problems);
        assert_eq!(problems.len(), 1, "{problems:?}");
    }
}
