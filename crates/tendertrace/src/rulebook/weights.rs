//! How much does each sign speak for each usage? `rulebook/usages/weights.csv`, learnt from the
//! labelled passages of `truth/` (`cargo run -p xtask -- weigh`): one row a sign, one column a usage,
//! in hundredths of the natural logarithm of the odds. The row `*` is what speaks without any sign.

use super::raw::{Files, Problem};
use crate::model::Usage;
use serde::Deserialize;
use std::collections::HashMap;

/// Usages that are weighed, in the order of the columns.
pub const WEIGHED: [Usage; 12] = [
    Usage::Awarded,
    Usage::Offered,
    Usage::Required,
    Usage::Reference,
    Usage::Compatible,
    Usage::Existing,
    Usage::Replaced,
    Usage::Excluded,
    Usage::Service,
    Usage::Authorisation,
    Usage::Mention,
    Usage::Party,
];

/// One weight a usage.
pub type Row = [f32; WEIGHED.len()];

/// Weights by the name of the sign.
#[derive(Default)]
pub struct Weights {
    rows: HashMap<String, Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRow {
    sign: String,
    awarded: Option<i16>,
    offered: Option<i16>,
    required: Option<i16>,
    reference: Option<i16>,
    compatible: Option<i16>,
    existing: Option<i16>,
    replaced: Option<i16>,
    excluded: Option<i16>,
    service: Option<i16>,
    authorisation: Option<i16>,
    mention: Option<i16>,
    party: Option<i16>,
}

/// Loads `usages/weights.csv`.
pub fn load(files: &Files, problems: &mut Vec<Problem>) -> Weights {
    let rows = files.csv::<RawRow>("usages/weights", problems).into_iter().map(|row| {
        let r = row.value;
        let columns = [
            r.awarded,
            r.offered,
            r.required,
            r.reference,
            r.compatible,
            r.existing,
            r.replaced,
            r.excluded,
            r.service,
            r.authorisation,
            r.mention,
            r.party,
        ];
        (r.sign, columns.map(|c| f32::from(c.unwrap_or(0)) / 100.0))
    });
    Weights { rows: rows.collect() }
}

impl Weights {
    /// Whether a rulebook weighs at all.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn of(&self, sign: &str) -> Option<&Row> {
        self.rows.get(sign)
    }
}
