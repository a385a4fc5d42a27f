//! What a list may have to say of a party: by which name, through whom, and when.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Buyer,
    EndUser,
    Supplier,
    Agency,
    Brand,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    Different,
    Possible,
    Same,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InForce {
    Yes,
    No,
    Unknown,
}

/// One feature of a comparison of two names: which part met which part, and what it weighed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Why {
    pub feature: String,
    pub query: String,
    pub candidate: String,
    pub score: f64,
    pub weight: f64,
}

/// By what a party came near an entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Through {
    /// The entry's own name.
    #[default]
    Name,
    /// Another name that the list gives.
    Alias,
    /// One credit code.
    Code,
    /// It is part of a body that is named: a branch, a unit.
    Parent,
    /// A company under the core of one that is named: parent, subsidiary or sister.
    Affiliate,
    /// A named party owns one half or more of it, by the user's own table.
    Owner,
}

/// Where the event's day lies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    Before,
    During,
    After,
    #[default]
    Unknown,
}

/// The way from a listed party down to the party asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThroughOwners {
    /// Stakes on the way, those of listed parties first; where several owners count together, all of theirs.
    pub owner: Vec<Held>,
    /// One half or more owned, on the event's day, by parties then on this list.
    pub half_owned: InForce,
    /// Percent of the party that certainly belong to such owners.
    pub listed_share: String,
    /// Whether the list reached through ownership on that day, and so the party.
    pub reached: InForce,
    /// What the list's rule on ownership was.
    pub rule: String,
}

/// A stake as its table gives it, and whether it was held on the event's day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Held {
    pub owner: String,
    pub owned: String,
    /// Percent; null: unknown.
    pub share: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub source: String,
    pub held: InForce,
}

/// A party that a list may name. A lead, not a verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lead {
    pub party: String,
    pub role: Role,
    pub list: String,
    pub entry: String,
    pub listed_from: Option<String>,
    pub listed_to: Option<String>,
    pub in_force: InForce,
    #[serde(default)]
    pub when: When,
    #[serde(default)]
    pub through: Through,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<ThroughOwners>,
    pub judgement: Judgement,
    pub score: f64,
    pub why: Vec<Why>,
}
