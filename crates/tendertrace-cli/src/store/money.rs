//! How is money kept where it can be added up exactly? As an integer in the currency's minor unit
//! (fen, cents), and as the decimal text beside it where it is finer than that unit.

use rusqlite::types::Value as Sql;
use serde_json::Value;

/// Currencies whose minor unit is not a hundredth (ISO 4217); the same rows stand in the case's
/// table `currencies`, where a test compares them.
const DECIMALS: &[(&str, u32)] = &[
    ("BHD", 3),
    ("CLP", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("TND", 3),
    ("UGX", 0),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

/// Decimals of a currency's minor unit.
pub fn decimals(currency: &str) -> u32 {
    DECIMALS.iter().find(|(code, _)| *code == currency).map_or(2, |(_, decimals)| *decimals)
}

/// Three columns of an amount: minor units, currency, and the decimal text where minor units would
/// lose something. All NULL where there is no amount.
pub fn columns(amount: &Value) -> [Sql; 3] {
    let (Some(decimal), Some(currency)) = (amount["amount"].as_str(), amount["currency"].as_str()) else {
        return [Sql::Null, Sql::Null, Sql::Null];
    };
    let (minor, exact) = minor(decimal, decimals(currency));
    let text = if exact { Sql::Null } else { Sql::Text(decimal.to_string()) };
    [minor.map_or(Sql::Null, Sql::Integer), Sql::Text(currency.to_string()), text]
}

/// A decimal in minor units, cut off towards zero, and whether that says all of it.
fn minor(decimal: &str, decimals: u32) -> (Option<i64>, bool) {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let kept: String = fraction.chars().chain(std::iter::repeat('0')).take(decimals as usize).collect();
    let rest = fraction.get(decimals as usize..).unwrap_or("");
    let minor = format!("{whole}{kept}").parse().ok();
    let exact = minor.is_some() && rest.bytes().all(|digit| digit == b'0');
    (minor, exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_units_are_exact_or_say_that_they_are_not() {
        for (decimal, decimals, expected) in [
            ("309750.00", 2, (Some(30975000), true)),
            ("0.0385", 2, (Some(3), false)),
            ("12", 2, (Some(1200), true)),
            ("-1.5", 2, (Some(-150), true)),
            ("-0.50", 2, (Some(-50), true)),
            ("1500.00", 0, (Some(1500), true)),
            ("1.234", 3, (Some(1234), true)),
            ("99999999999999999999.00", 2, (None, false)),
        ] {
            assert_eq!(minor(decimal, decimals), expected, "{decimal}");
        }
    }

    #[test]
    fn the_case_knows_the_same_decimals() {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        super::super::schema::migrate(&db).unwrap();
        let mut rows = db.prepare("SELECT code, factor FROM currencies").unwrap();
        let rows: Vec<(String, u32)> = rows.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.len(), DECIMALS.len());
        assert!(rows.iter().all(|(code, factor)| 10u32.pow(decimals(code)) == *factor));
    }
}
