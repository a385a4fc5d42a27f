//! What does a user's own table of owners say? Rows `owner, owned, share, from, to, source` of a CSV
//! become stakes; a row that cannot be read is told with its line, and the rest is used.

use crate::rulebook::lists::Stake;
use rust_decimal::Decimal;

/// Stakes of a table, and what of it could not be read.
#[derive(Debug, Default)]
pub struct Table {
    pub stakes: Vec<Stake>,
    /// (line, what is wrong with it).
    pub problems: Vec<(u64, String)>,
}

const COLUMNS: [&str; 6] = ["owner", "owned", "share", "from", "to", "source"];

/// Reads a table; an error where its columns are not those of owners.
pub fn read(text: &str) -> Result<Table, String> {
    let text = text.trim_start_matches('\u{FEFF}');
    let first = text.lines().next().unwrap_or_default();
    let delimiter = [b';', b'\t'].into_iter().find(|d| first.bytes().any(|b| b == *d)).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| error.to_string())?;
    let places = COLUMNS.map(|wanted| headers.iter().position(|header| header.trim().eq_ignore_ascii_case(wanted)));
    if places[..3].iter().any(Option::is_none) {
        return Err(format!("a table of owners has the columns {}; the first three must be there", COLUMNS.join(", ")));
    }
    let mut table = Table::default();
    for row in reader.records() {
        match row {
            Ok(row) if row.iter().all(|cell| cell.trim().is_empty()) => {}
            Ok(row) => {
                let line = row.position().map_or(0, |at| line(text, at));
                let cell = |at: usize| places[at].and_then(|at| row.get(at)).unwrap_or_default().trim();
                match stake([0, 1, 2, 3, 4, 5].map(cell)) {
                    Ok(stake) => table.stakes.push(stake),
                    Err(problem) => table.problems.push((line, problem)),
                }
            }
            Err(error) => table.problems.push((error.position().map_or(0, |at| line(text, at)), error.to_string())),
        }
    }
    Ok(table)
}

/// The line on which a row begins: its position is that of the empty lines before it.
fn line(text: &str, at: &csv::Position) -> u64 {
    let rest = text.get(at.byte() as usize..).unwrap_or_default();
    let empty = rest.split_inclusive('\n').take_while(|line| line.trim().is_empty()).count();
    at.line() + empty as u64
}

fn stake([owner, owned, share, from, to, source]: [&str; 6]) -> Result<Stake, String> {
    if owner.is_empty() || owned.is_empty() {
        return Err("owner and owned must both be named".to_string());
    }
    if owner == owned {
        return Err("owner and owned are one name: own shares say nothing here".to_string());
    }
    let (from, to) = (day(from)?, day(to)?);
    if !from.is_empty() && !to.is_empty() && to <= from {
        return Err(format!("it ends ({to}) before it begins ({from})"));
    }
    Ok(Stake { owner: owner.to_string(), owned: owned.to_string(), share: percent(share)?, from, to, source: source.to_string() })
}

/// A share in percent, with or without its sign.
fn percent(text: &str) -> Result<Option<Decimal>, String> {
    let number = text.trim_end_matches(['%', '％']).trim();
    if number.is_empty() {
        return Ok(None);
    }
    let share = number.parse::<Decimal>().ok().filter(|share| *share >= Decimal::ZERO && *share <= Decimal::ONE_HUNDRED);
    share
        .map(Some)
        .ok_or_else(|| format!("the share “{text}” is no percentage from 0 to 100, like 51 or 33.4; leave it empty where it is unknown"))
}

fn day(text: &str) -> Result<String, String> {
    let bytes = text.as_bytes();
    let digits = |part: std::ops::Range<usize>| bytes[part].iter().all(u8::is_ascii_digit);
    let whole = bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-' && digits(0..4) && digits(5..7) && digits(8..10);
    let real = || (1..=12).contains(&number(&bytes[5..7])) && (1..=31).contains(&number(&bytes[8..10]));
    if text.is_empty() || whole && real() {
        Ok(text.to_string())
    } else {
        Err(format!("the day “{text}” is not of the form 2019-10-09; leave it empty where it is unknown"))
    }
}

fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |all, digit| all * 10 + u32::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_row_is_told_with_its_line_and_the_rest_is_used() {
        let text = "\u{FEFF}Owner,owned,share,from,to,source\nA Co.,B Co.,50%,2019-01-01,,register\n,B Co.,1,,,\n\nA Co.,C Co.,many,,,\nA Co.,A Co.,9,,,\nA Co.,D Co.,,2019-13-01,,\nA Co.,E Co.,120,,,\nA Co.,F Co.,,2020-01-01,2019-01-01,\nA Co.,G Co.,,,,\n";
        let table = read(text).expect("owners");
        assert_eq!(table.problems.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 5, 6, 7, 8, 9]);
        let shares: Vec<Option<Decimal>> = table.stakes.iter().map(|stake| stake.share).collect();
        assert_eq!(shares, [Some(Decimal::from(50)), None]);
        assert_eq!(read("owner;owned;share\nA;B;33.4\n").expect("owners").stakes.len(), 1);
        assert!(read("name,code\nA,B\n").is_err());
    }
}
