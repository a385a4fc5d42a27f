//! What do open contracting data say? The standard's own matters, apart from any room: text to values
//! with their places, publishers' mistakes repaired and written down, releases of one process merged.

pub mod counts;
pub mod feed;
pub mod merge;
pub mod repair;
pub mod rules;
pub mod tree;

/// Days since 1970-01-01 of an ISO date, its first ten characters.
pub(crate) fn days(date: &str) -> Option<i64> {
    let mut parts = date.get(..10)?.split('-').map(|p| p.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let shifted = if month <= 2 { year - 1 } else { year };
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(shifted.div_euclid(400) * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}
