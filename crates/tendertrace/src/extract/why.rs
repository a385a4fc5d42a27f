//! Which candidates were there for a field, which was taken and what became of the others? For
//! `tendertrace why`: the reader of a wrong value sees which rule to mend.

use super::{Layout, fields};
use crate::evidence::{Quote, RuleId, Span};
use crate::model::Document;
use crate::rulebook::Rulebook;
use crate::sheet::Sheet;

/// One value that a label offered for a field.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Candidate {
    pub rule: RuleId,
    pub label: Quote,
    pub value: Quote,
    pub fate: Fate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is the field's value, or the value lies in it.
    Taken,
    /// Nothing stands behind the label.
    Empty,
    /// The text says that there is no value.
    NotGiven,
    /// A better one was taken: labels before sentences before the title, the first of its shape.
    Passed,
}

/// The stems of the label files that feed a field of the contract.
pub fn labels_of(field: &str) -> &'static [&'static str] {
    match field {
        "buyer" => &["buyer"],
        "end_user" => &["end_user"],
        "agency" => &["agency"],
        "budget" => &["budget", "ceiling"],
        "project_number" => &["project_number", "lot_number", "contract_number"],
        "project_name" => &["project_name", "title"],
        "supplier" => &["supplier", "candidate", "invited", "bidder", "loser"],
        "amount" | "total" => &["amount", "bid_price", "line_total", "rate", "agency_fee"],
        "stage" => &["method", "correction_kind", "reason"],
        "dates" => &["published", "awarded", "signed", "deadline", "first_published", "corrected_on"],
        "items" => &["item", "brand", "model", "quantity", "unit", "unit_price", "line_total"],
        _ => &[],
    }
}

/// All candidates of a field in document order; `taken` are the spans the notice's value rests on.
pub fn candidates(documents: &[Document], field: &str, taken: &[Span], rules: &Rulebook) -> Vec<Candidate> {
    let stems = labels_of(field);
    let mut all = Vec::new();
    for document in documents {
        let sheet = Sheet::of(document, &rules.folder);
        let layout = Layout::of(&sheet, rules);
        for pair in layout.pairs.iter().filter(|pair| stems.contains(&&*pair.field)) {
            let fate = if taken.iter().any(|at| pair.value.contains(at) && !pair.value.is_empty()) {
                Fate::Taken
            } else if pair.value.is_empty() {
                Fate::Empty
            } else if !fields::given(&layout, pair, rules) {
                Fate::NotGiven
            } else {
                Fate::Passed
            };
            let quote = |at: Span| document.quote(at.start, at.end);
            all.push(Candidate { rule: pair.rule.clone(), label: quote(pair.label), value: quote(pair.value), fate });
        }
    }
    all
}
