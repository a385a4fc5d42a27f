//! How is a value of the database shown to people? By its column: parties that are persons, contacts
//! in text, tokens in addresses are withheld. Every table that leaves the program passes here.

use rusqlite::types::{Value, ValueRef};
use tendertrace::report::{mask, say};
use tendertrace::rulebook::Rulebook;
use tendertrace::rulebook::report::Masks;

/// Columns that hold addresses, and columns that hold one party's name.
const ADDRESSES: [&str; 3] = ["url", "archive_url", "example"];
const PARTIES: [&str; 10] =
    ["buyer", "listed_owner", "supplier", "seller", "party", "end_user", "agency", "bidder", "from_name", "to_name"];
/// The column that holds several parties' names with commas between them.
const SEVERAL: &str = "beside";

/// The value as text; NULL is empty.
pub fn text(column: &str, value: ValueRef, masks: &Masks) -> String {
    match value {
        ValueRef::Null | ValueRef::Blob(_) => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => string(column, &String::from_utf8_lossy(text), masks),
    }
}

/// The value with what is withheld replaced in its text.
pub fn value(column: &str, value: Value, masks: &Masks) -> Value {
    match value {
        Value::Text(text) => Value::Text(string(column, &text, masks)),
        other => other,
    }
}

/// A text of this column as shown.
pub fn string(column: &str, text: &str, masks: &Masks) -> String {
    if ADDRESSES.contains(&column) {
        mask::address(text, masks).unwrap_or_default()
    } else if PARTIES.contains(&column) {
        mask::party(text, masks)
    } else if column == SEVERAL {
        text.split(',').map(|party| mask::party(party, masks)).collect::<Vec<_>>().join(", ")
    } else {
        mask::text(text, masks)
    }
}

/// What stands in a column of ids, in words; other columns as they are.
pub fn in_words(column: &str, text: &str, rules: &Rulebook) -> String {
    match column {
        "brand" | "company" => say::brand(text, rules),
        "buyer_kind" | "usage" | "stage" | "strength" | "via" | "in_force" | "judgement" => say::label(column, text, rules),
        "amount_basis" => say::label("basis", text, rules),
        "decision" => decided(text).to_string(),
        "rules" => ids(text).join(", "),
        "purposes" => listed("purpose", text, rules),
        "objections" => listed("objection", text, rules),
        _ => text.to_string(),
    }
}

fn decided(verdict: &str) -> &str {
    match verdict {
        "accept" => "accepted",
        "reject" => "rejected",
        "correct" => "needs correction",
        "unreviewed" => "unreviewed lead",
        other => other,
    }
}

/// Whether a column holds one party's name.
pub fn is_party(column: &str) -> bool {
    PARTIES.contains(&column)
}

fn listed(kind: &str, json: &str, rules: &Rulebook) -> String {
    ids(json).iter().map(|id| say::label(kind, id, rules)).collect::<Vec<_>>().join("; ")
}

/// A list of ids as the case stores it.
fn ids(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}
