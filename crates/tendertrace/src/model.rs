//! What crosses the walls between the rooms: captures, documents, notices, findings, leads.
//!
//! Plain data with public fields. Invariants: no field of a notice without its quote; unknown is
//! `None`, never an empty string; names keep the notice's own characters; money is a decimal in the
//! currency's unit (yuan, not 万元).

mod capture;
mod document;
mod leads;

pub use capture::*;
pub use document::*;
pub use leads::{Held, InForce, Judgement, Lead, Role, Through, ThroughOwners, When, Why};

use crate::evidence::{Derived, Gap, Known, Quote, Sourced, Span};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An amount of money in the currency's unit (yuan) and its ISO 4217 code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    pub amount: Decimal,
    pub currency: String,
}

/// What a notice is, in the words of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Intention,
    Tender,
    Correction,
    Candidate,
    Award,
    SingleSource,
    Contract,
    Acceptance,
    Cancellation,
    Other,
}

/// What the notice says of a brand, in the words of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Usage {
    Awarded,
    Offered,
    Required,
    Reference,
    Compatible,
    Existing,
    Replaced,
    Excluded,
    Service,
    Authorisation,
    Party,
    Mention,
}

/// How the brand got into the finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    Named,
    Component,
    Rebrand,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    Weak,
    Medium,
    Strong,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountBasis {
    Line,
    Lot,
    Project,
}

/// Which dates a notice gives; ISO `YYYY-MM-DD`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Dates {
    pub published: Option<Sourced<String>>,
    pub awarded: Option<Sourced<String>>,
    pub signed: Option<Sourced<String>>,
    pub deadline: Option<Sourced<String>>,
}

/// The date that lists and rules are tested against, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventDate {
    pub value: String,
    pub basis: EventBasis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventBasis {
    Awarded,
    Signed,
    Published,
    CapturePublished,
}

/// A GB/T 2260 division: six-digit code and name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Region {
    pub code: String,
    pub name: String,
}

/// What a notice says, each value with its evidence.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    pub stage: Option<Known<Stage>>,
    /// All project numbers, the first is the project's own.
    pub project_numbers: Vec<Sourced<String>>,
    pub project_name: Option<Sourced<String>>,
    pub buyer: Option<Sourced<String>>,
    pub end_user: Option<Sourced<String>>,
    pub agency: Option<Sourced<String>>,
    pub budget: Option<Known<Money>>,
    /// The sum awarded: stated, or added up from the lots in one currency.
    pub total: Option<Known<Money>>,
    pub dates: Dates,
    pub event_date: Option<EventDate>,
    pub lots: Vec<Lot>,
    pub awards: Vec<Award>,
    pub bids: Vec<Bid>,
    pub items: Vec<Item>,
    /// What a correction changes, in its order.
    #[serde(default)]
    pub changes: Vec<Change>,
    // Below: concluded by the rooms resolve and classify.
    pub buyer_kind: Option<Derived<String>>,
    pub end_user_kind: Option<Derived<String>>,
    pub region: Option<Derived<Region>>,
    pub purposes: Vec<Derived<String>>,
}

/// An old and a new value of a correction, as written; `field` where the rulebook knows the label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub field: Option<String>,
    pub label: Sourced<String>,
    pub old: Option<Sourced<String>>,
    pub new: Sourced<String>,
}

/// A package of a project; `id` as the notice counts it, digits normalised ("1", "2", "A").
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lot {
    pub id: String,
    pub name: Option<Sourced<String>>,
}

/// Who won what. A consortium is one award with several suppliers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Award {
    pub lot: Option<String>,
    pub suppliers: Vec<Sourced<String>>,
    pub amount: Option<Known<Money>>,
    /// Why there is no amount: `rate`, `unit_price`, `masked`, `not_given` …
    pub note: Option<String>,
}

/// Who bid. Candidates and invitees: `won` None; losers: `won` false.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bid {
    pub lot: Option<String>,
    pub suppliers: Vec<Sourced<String>>,
    pub amount: Option<Known<Money>>,
    pub rank: Option<u32>,
    pub won: Option<bool>,
}

/// A line of goods or services, awarded or (in tenders) demanded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub lot: Option<String>,
    pub name: Sourced<String>,
    pub brand: Option<Sourced<String>>,
    pub model: Option<Sourced<String>>,
    pub quantity: Option<Sourced<Decimal>>,
    pub unit: Option<String>,
    pub unit_price: Option<Known<Money>>,
    pub line_total: Option<Known<Money>>,
    /// Supplier named in the same row, if the table has such a column.
    pub supplier: Option<Sourced<String>>,
    pub demanded: bool,
    /// The whole row.
    pub at: Span,
}

impl Item {
    /// A line of which only the name is known so far.
    pub fn named(name: Sourced<String>, demanded: bool, at: Span) -> Item {
        Item {
            lot: None,
            name,
            brand: None,
            model: None,
            quantity: None,
            unit: None,
            unit_price: None,
            line_total: None,
            supplier: None,
            demanded,
            at,
        }
    }
}

/// What a notice shows of a brand: says only what its quotes show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable across runs: from capture hash, part, brand, product, lot, usage.
    pub id: String,
    pub brand: String,
    /// Product as the rulebook names it; None where only the maker is named.
    pub product: Option<String>,
    /// Owner of the brand on the event's date.
    pub company: String,
    /// ISO 3166 country of that owner.
    pub country: String,
    pub usage: Usage,
    pub via: Via,
    pub host_product: Option<String>,
    pub stage: Stage,
    pub lot: Option<String>,
    pub quantity: Option<Decimal>,
    pub amount: Option<Money>,
    pub amount_basis: Option<AmountBasis>,
    pub purposes: Vec<String>,
    pub customisation: String,
    pub supplier: Option<String>,
    pub buyer: Option<String>,
    pub strength: Strength,
    /// Ids of the rebuttals an opponent could raise.
    pub objections: Vec<String>,
    /// What the notice says that makes the finding worth a second look.
    #[serde(default)]
    pub flags: Vec<Flag>,
    /// Fixed English wording for stage × usage × via.
    pub sentence: String,
    pub quotes: Vec<Quote>,
    pub rules: Vec<String>,
}

/// A flag of `rulebook/flags.toml` with the sentences that raise it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flag {
    pub id: String,
    pub quotes: Vec<Quote>,
}

/// Everything found in one notice. `notice` is None where nothing could be read.
#[derive(Debug, Clone)]
pub struct Examination {
    pub capture: CaptureHead,
    pub documents: Vec<Document>,
    pub notice: Option<Notice>,
    pub findings: Vec<Finding>,
    pub leads: Vec<Lead>,
    pub gaps: Vec<Gap>,
}
