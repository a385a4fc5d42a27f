//! What does a case hold, once its notices are joined? Plain data for reports and programs.

use super::digest::Passage;
use super::translation::Translated;
use crate::evidence::GapKind;
use crate::model::*;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a person said of a finding. Who said it stays in the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Id of the finding, as examined.
    pub finding: String,
    pub verdict: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Accepted,
    Rejected,
    Unsure,
}

/// Many notices, joined and counted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Case {
    pub funnel: Funnel,
    /// Strongest first; without those a person rejected.
    pub findings: Vec<CaseFinding>,
    pub rejected: Vec<CaseFinding>,
    pub notices: Vec<CaseNotice>,
    pub processes: Vec<Process>,
    pub brands: Vec<BrandRow>,
    pub buyer_kinds: Vec<GroupRow>,
    pub regions: Vec<GroupRow>,
    pub years: Vec<GroupRow>,
    pub purposes: Vec<GroupRow>,
    pub stages: Vec<GroupRow>,
    pub sellers: Vec<SellerRow>,
    pub neighbours: Vec<NeighbourRow>,
    pub leads: Vec<LeadRow>,
    pub gaps: Vec<GapRow>,
    pub unknown_labels: Vec<CountRow>,
    pub unknown_brands: Vec<CountRow>,
    pub sites: Vec<SiteRow>,
    /// For each milestone of the rulebook.
    pub milestones: Vec<Around>,
    /// What was counted and is not kept in the lists of findings.
    pub beyond: Beyond,
    /// Buyer kinds asked for.
    pub asked: Vec<String>,
}

/// Findings that were counted and are not kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beyond {
    /// Above weak.
    pub full: usize,
    pub weak: usize,
    pub rejected: usize,
    /// Of those above and of weak ones: not yet decided by a person.
    pub open: usize,
}

/// Contracting processes with a brand in scope named in an award, before and since a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Around {
    pub before: usize,
    pub since: usize,
}

impl Around {
    /// Takes the findings of one contracting process.
    pub(super) fn add<'f>(&mut self, day: &str, findings: impl Iterator<Item = &'f CaseFinding>) {
        let (mut before, mut since) = (false, false);
        for date in findings.filter_map(|f| f.date.as_ref()) {
            *if date.value.as_str() >= day { &mut since } else { &mut before } = true;
        }
        self.before += usize::from(before);
        self.since += usize::from(since);
    }
}

/// From everything given to what was reviewed; each step is part of the one before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funnel {
    pub captures: usize,
    pub notices: usize,
    pub distinct: usize,
    pub awards: usize,
    pub items: usize,
    pub named_items: usize,
    pub asked: usize,
    pub with_finding: usize,
    // Beside the steps:
    pub processes: usize,
    pub findings: usize,
    pub by_strength: BTreeMap<Strength, usize>,
    pub by_verdict: BTreeMap<Verdict, usize>,
    pub without_attachments: usize,
}

impl Funnel {
    /// The steps with their ids, in order.
    pub fn steps(&self) -> [(&'static str, usize); 8] {
        [
            ("captures", self.captures),
            ("notices", self.notices),
            ("distinct", self.distinct),
            ("awards", self.awards),
            ("items", self.items),
            ("named_items", self.named_items),
            ("asked", self.asked),
            ("with_finding", self.with_finding),
        ]
    }

    /// Findings a person has accepted or rejected.
    pub fn reviewed(&self) -> usize {
        let of = |verdict| self.by_verdict.get(&verdict).copied().unwrap_or(0);
        of(Verdict::Accepted) + of(Verdict::Rejected)
    }
}

/// One notice, its copies counted with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CaseNotice {
    pub capture: String,
    pub part: u32,
    pub title: String,
    pub site: Option<String>,
    pub stage: Option<Stage>,
    pub date: Option<String>,
    pub buyer: Option<String>,
    pub end_user: Option<String>,
    /// The winners, once each.
    pub suppliers: Vec<String>,
    /// Id of its contracting process.
    pub process: String,
    /// (capture, part, site) of every copy, itself left out.
    pub copies: Vec<(String, u32, Option<String>)>,
}

/// One contracting process: from intention to acceptance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Process {
    /// Stable id made of its first number, or of its name and buyer, or of its first capture.
    pub id: String,
    pub name: String,
    pub buyer: Option<String>,
    pub numbers: Vec<String>,
    /// Stage, date and index into `Case::notices`, in order of time.
    pub notices: Vec<usize>,
    pub changes: Vec<Change>,
    /// Whether it holds a finding that nobody rejected.
    pub with_finding: bool,
}

/// A field that one stage gives differently from an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub field: String,
    pub from_stage: Stage,
    pub from: String,
    pub to_stage: Stage,
    pub to: String,
}

/// A finding in its case: where it stands, what supports it, what speaks against it, what is missing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CaseFinding {
    pub finding: Finding,
    pub passages: Vec<Passage>,
    pub capture: String,
    pub part: u32,
    pub title: String,
    pub url: Option<String>,
    pub site: Option<String>,
    pub archive_url: Option<String>,
    pub fetched: Option<String>,
    pub access: Access,
    pub date: Option<EventDate>,
    pub buyer_kind: Option<String>,
    pub end_user: Option<String>,
    pub end_user_kind: Option<String>,
    pub region: Option<Region>,
    pub project_numbers: Vec<String>,
    pub process: String,
    /// Other pages that carry the same notice.
    pub copies: usize,
    /// Whether it is counted: not where no purchase is shown.
    pub counted: bool,
    /// Whether its buyer or end user is of a kind asked for.
    pub asked: bool,
    pub leads: Vec<Lead>,
    pub verdict: Option<Verdict>,
    /// What people made of its title and quotes, by the Chinese text.
    pub translations: BTreeMap<String, Translated>,
    /// Objections, the gravest first.
    pub objections: Vec<String>,
    /// What is missing before it could be printed, by id.
    pub missing: Vec<String>,
}

/// A brand: contracting processes by usage; only line amounts are added, each currency apart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BrandRow {
    pub brand: String,
    pub company: String,
    pub country: String,
    pub by_usage: BTreeMap<Usage, usize>,
    pub processes: usize,
    /// Processes of the buyers asked for.
    pub asked: usize,
    pub buyers: usize,
    pub line_amounts: BTreeMap<String, Decimal>,
    /// Processes with an amount of the brand's own.
    pub priced: usize,
}

/// Notices, awards and findings of one value of a field.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct GroupRow {
    pub id: String,
    pub label: Option<String>,
    pub notices: usize,
    pub awards: usize,
    /// Contracting processes with a finding that is counted.
    pub with_finding: usize,
    /// Of these, processes with a brand named in an award.
    pub awarded: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SellerRow {
    pub name: String,
    pub processes: usize,
    pub asked: usize,
    pub brands: Vec<String>,
    pub buyers: Vec<String>,
    pub first: Option<String>,
    pub last: Option<String>,
    pub listed: bool,
}

/// Two brands in the same lot.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NeighbourRow {
    pub brands: (String, String),
    pub lots: usize,
    pub asked: usize,
}

/// A party and a list entry, over all notices.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LeadRow {
    pub party: String,
    pub role: Role,
    pub list: String,
    pub entry: String,
    /// By what the party came near the entry; with an owner, his name and share.
    pub through: Through,
    pub owner: Option<String>,
    pub judgement: Judgement,
    pub listed_from: Option<String>,
    pub listed_to: Option<String>,
    pub notices: usize,
    pub in_force: usize,
    pub not_in_force: usize,
    pub first: Option<String>,
    pub last: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GapRow {
    pub kind: GapKind,
    pub count: usize,
    pub notices: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CountRow {
    pub text: String,
    pub count: usize,
}

/// A site of the pile: how much of it and when. `site` is empty where no address is known.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SiteRow {
    pub site: String,
    pub captures: usize,
    pub distinct: usize,
    pub awards: usize,
    pub undated: usize,
    pub first: Option<String>,
    pub last: Option<String>,
}
