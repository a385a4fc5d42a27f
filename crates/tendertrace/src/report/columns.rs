//! Of which type is a column of an exported table? By its name, as `docs/formats.md` explains them, for
//! every form that has types. What is not named here is text, so that no code or hash turns into a number.

/// Type of the cells of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// A whole number.
    Count,
    /// An exact decimal: a sum in the currency's unit, a quantity.
    Decimal,
    /// How alike two names are, 0 to 1; no exact number.
    Score,
    /// A day, `YYYY-MM-DD`.
    Day,
    /// `true` or `false`, `1` or `0`.
    YesNo,
}

const COUNTS: [&str; 25] = [
    "awards",
    "buyers",
    "captures",
    "copies",
    "distinct",
    "findings",
    "in_force",
    "items",
    "lots",
    "not_in_force",
    "notices",
    "of_buyers_asked_for",
    "part",
    "processes",
    "rank",
    "suppliers",
    "times",
    "undated",
    "unknown",
    "with_buyer",
    "with_findings",
    "with_items",
    "with_supplier",
    "without_attachments",
    "year",
];
const DECIMALS: [&str; 7] = ["amount", "budget", "line_amount", "line_total", "quantity", "total", "unit_price"];
const DAYS: [&str; 7] = ["date", "event_date", "first", "last", "listed_from", "listed_to", "published"];
const SCORES: [&str; 1] = ["score"];
const YES_NO: [&str; 4] = ["copy", "counted", "demanded", "won"];

/// The type that a column's name promises.
pub fn kind(name: &str) -> Kind {
    let tables: [(&[&str], Kind); 5] =
        [(&COUNTS, Kind::Count), (&DECIMALS, Kind::Decimal), (&SCORES, Kind::Score), (&DAYS, Kind::Day), (&YES_NO, Kind::YesNo)];
    tables.into_iter().find(|(names, _)| names.contains(&name)).map_or(Kind::Text, |(_, kind)| kind)
}
