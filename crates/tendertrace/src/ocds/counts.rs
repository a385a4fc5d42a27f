//! How much lies in a pile of releases? Counts and sums as published, before anything is repaired:
//! each release once, whatever number of files repeat it.

use super::feed::is_link;
use super::repair;
use super::tree::{Node, Value};
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Counts over distinct releases.
#[derive(Debug, Default, Serialize)]
pub struct Counts {
    /// With those that files repeat.
    pub releases: usize,
    pub distinct_releases: usize,
    /// Of them, no more than links in a record.
    pub linked_releases: usize,
    pub no_ocid: usize,
    pub no_id: usize,
    pub tag_not_list: usize,
    pub tender: usize,
    pub tender_items: usize,
    pub awards: usize,
    pub awards_as_object: usize,
    pub contracts: usize,
    /// Sums of the awards' values that are given as numbers, by currency as written.
    pub award_value_by_currency: BTreeMap<String, Decimal>,
    #[serde(skip)]
    suppliers: BTreeSet<String>,
    #[serde(skip)]
    buyers: BTreeSet<String>,
}

impl Counts {
    pub fn distinct_supplier_names(&self) -> usize {
        self.suppliers.len()
    }

    pub fn distinct_buyer_names(&self) -> usize {
        self.buyers.len()
    }

    /// Counts a release that was not counted yet.
    pub fn add(&mut self, release: &Node) {
        self.distinct_releases += 1;
        self.linked_releases += usize::from(is_link(release));
        self.no_ocid += usize::from(release.get("ocid").is_none());
        self.no_id += usize::from(release.get("id").is_none());
        self.tag_not_list += usize::from(release.get("tag").is_some_and(|tag| !tag.is_list()));
        if let Some(tender) = release.get("tender").filter(|t| t.is_object()) {
            self.tender += 1;
            self.tender_items += tender.get("items").map_or(0, |items| items.list().len());
        }
        self.contracts += release.get("contracts").map_or(0, |c| c.list().len());
        self.buyers.extend(release.get("buyer").and_then(name));
        self.add_awards(release.get("awards"));
    }

    fn add_awards(&mut self, awards: Option<&Node>) {
        let Some(awards) = awards else { return };
        self.awards_as_object += usize::from(awards.is_object());
        self.awards += if awards.is_object() { 1 } else { awards.list().len() };
        for award in awards.list() {
            self.suppliers.extend(award.get("suppliers").into_iter().flat_map(Node::list).filter_map(name));
            let value = award.get("value");
            let amount =
                value.and_then(|v| v.get("amount")).and_then(Node::text).and_then(repair::number).and_then(|n| n.parse::<Decimal>().ok());
            let currency = value.and_then(|v| v.get("currency")).and_then(Node::text).unwrap_or("");
            if let Some(amount) = amount {
                *self.award_value_by_currency.entry(currency.to_string()).or_default() += amount;
            }
        }
    }
}

fn name(body: &Node) -> Option<String> {
    let named = body.get("name").or_else(|| body.get("identifier").and_then(|i| i.get("legalName")));
    named.filter(|n| matches!(&n.value, Value::Text(text) if !text.is_empty())).and_then(Node::text).map(str::to_string)
}
