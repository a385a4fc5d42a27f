//! What is told of ten thousand hits between two keystrokes? What a search narrows and sorts by, of every
//! notice in as many bytes, by its place: packed when the index was brought up to date, thrown away before it
//! changes, and read from the rows meanwhile.

use super::query::{Query, marks};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Columns of `shown` that hold texts, in the order of `Told::texts`.
const TEXTS: [&str; 7] = ["stage", "kind", "region", "year", "currency", "purposes", "findings"];
pub const CURRENCY: usize = 4;
pub const PURPOSES: usize = 5;
pub const FINDINGS: usize = 6;

/// Notices of one blob.
const BLOCK: usize = 1024;
const BYTES: usize = 24 + 4 * TEXTS.len();
/// No amount is the smallest number.
const NO_TOTAL: i64 = i64::MIN;

/// What is told of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub place: i64,
    pub total: Option<i64>,
    /// Marks of what stands in its title.
    title: u64,
    /// Numbers of its texts; 0 is none.
    pub texts: [u32; TEXTS.len()],
}

impl Told {
    fn pack(&self, out: &mut Vec<u8>) {
        out.extend(self.place.to_le_bytes());
        out.extend(self.total.unwrap_or(NO_TOTAL).to_le_bytes());
        out.extend(self.title.to_le_bytes());
        self.texts.iter().for_each(|text| out.extend(text.to_le_bytes()));
    }

    fn unpack(bytes: &[u8]) -> Told {
        let eight = |at: usize| bytes[at..at + 8].try_into().unwrap_or_default();
        let four = |at: usize| bytes[at..at + 4].try_into().unwrap_or_default();
        let total = i64::from_le_bytes(eight(8));
        Told {
            place: i64::from_le_bytes(eight(0)),
            total: (total != NO_TOTAL).then_some(total),
            title: u64::from_le_bytes(eight(16)),
            texts: std::array::from_fn(|at| u32::from_le_bytes(four(24 + 4 * at))),
        }
    }

    /// A row that begins with its place, amount and title.
    fn of(row: &Row, numbers: &mut HashMap<String, u32>) -> rusqlite::Result<Told> {
        let mut texts = [0; TEXTS.len()];
        for (at, text) in texts.iter_mut().enumerate() {
            *text = row.get_ref(3 + at)?.as_str_or_null()?.map_or(0, |value| number(value, numbers));
        }
        let total = row.get::<_, Option<i64>>(1)?.filter(|total| *total != NO_TOTAL);
        Ok(Told { place: row.get(0)?, total, title: marks(row.get_ref(2)?.as_str()?), texts })
    }
}

fn number(text: &str, numbers: &mut HashMap<String, u32>) -> u32 {
    if let Some(known) = numbers.get(text) {
        return *known;
    }
    let next = numbers.len() as u32 + 1;
    numbers.insert(text.to_string(), next);
    next
}

/// What is told of some notices, and the texts of its numbers.
#[derive(Debug, Default)]
pub struct Tellings {
    pub rows: Vec<Told>,
    texts: HashMap<u32, String>,
}

impl Tellings {
    /// In the order of `places`.
    pub fn of(db: &Connection, places: &[i64]) -> anyhow::Result<Tellings> {
        packed(db, places)?.map_or_else(|| live(db, places), Ok)
    }

    /// The text of a number; none of 0.
    pub fn text(&self, number: u32) -> Option<&str> {
        self.texts.get(&number).map(String::as_str)
    }

    /// Texts of a column, each with how many of the rows have it.
    pub fn counted(&self, column: usize) -> impl Iterator<Item = (&str, usize)> {
        let mut counts: HashMap<u32, usize> = HashMap::new();
        self.rows.iter().for_each(|row| *counts.entry(row.texts[column]).or_default() += 1);
        counts.into_iter().filter_map(|(number, n)| Some((self.text(number)?, n)))
    }

    /// Whether each row has all that is looked for anywhere in its title; after `most` that have, nobody asks.
    pub fn titled(&self, db: &Connection, query: &Query, most: usize) -> anyhow::Result<Vec<bool>> {
        let (marks, mut found) = (query.title_marks(), 0);
        let mut title = db.prepare_cached("SELECT title FROM search.shown WHERE place = ?1")?;
        let mut is_titled = |row: &Told| {
            if found == most || row.title & marks != marks {
                return Ok(false);
            }
            let title: Option<String> = title.query_row([row.place], |row| row.get(0)).optional()?;
            let is_titled = title.is_some_and(|title| query.is_titled(&title));
            found += usize::from(is_titled);
            Ok(is_titled)
        };
        self.rows.iter().map(&mut is_titled).collect()
    }
}

/// From the blobs; none where there are none, or a place is not in them.
fn packed(db: &Connection, places: &[i64]) -> anyhow::Result<Option<Tellings>> {
    let mut find = db.prepare_cached("SELECT rows FROM search.blocks WHERE first <= ?1 ORDER BY first DESC LIMIT 1")?;
    let (mut block, mut rows): (Vec<u8>, _) = (Vec::new(), Vec::with_capacity(places.len()));
    let place_at = |block: &[u8], row: usize| i64::from_le_bytes(block[row * BYTES..row * BYTES + 8].try_into().unwrap_or_default());
    for place in places {
        let held = block.len() / BYTES;
        if held == 0 || *place < place_at(&block, 0) || *place > place_at(&block, held - 1) {
            let Some(found) = find.query_row([place], |row| row.get(0)).optional()? else { return Ok(None) };
            block = found;
        }
        let (mut from, mut to) = (0, block.len() / BYTES);
        while from < to {
            let middle = (from + to) / 2;
            if place_at(&block, middle) < *place { from = middle + 1 } else { to = middle }
        }
        match block.get(from * BYTES..(from + 1) * BYTES).map(Told::unpack) {
            Some(told) if told.place == *place => rows.push(told),
            _ => return Ok(None),
        }
    }
    let mut texts: HashMap<u32, String> = HashMap::new();
    let mut text = db.prepare_cached("SELECT text FROM search.told WHERE number = ?1")?;
    for number in rows.iter().flat_map(|row| row.texts).filter(|number| *number > 0) {
        if let Entry::Vacant(entry) = texts.entry(number) {
            let Some(text) = text.query_row([number], |row| row.get(0)).optional()? else { return Ok(None) };
            entry.insert(text);
        }
    }
    Ok(Some(Tellings { rows, texts }))
}

fn columns() -> String {
    format!("place, total, title, {}", TEXTS.join(", "))
}

/// From the rows themselves.
fn live(db: &Connection, places: &[i64]) -> anyhow::Result<Tellings> {
    let mut query = db.prepare_cached(&format!("SELECT {} FROM search.shown WHERE place = ?1", columns()))?;
    let mut numbers = HashMap::new();
    let rows = places.iter().map(|place| query.query_row([place], |row| Told::of(row, &mut numbers)).optional());
    let rows = rows.filter_map(Result::transpose).collect::<Result<_, _>>()?;
    Ok(Tellings { rows, texts: numbers.into_iter().map(|(text, number)| (number, text)).collect() })
}

/// Throws away what is about to change.
pub fn forget(db: &Connection) -> anyhow::Result<()> {
    Ok(db.execute_batch("DELETE FROM blocks; DELETE FROM told;")?)
}

/// Packs everything anew.
pub fn refresh(db: &Connection) -> anyhow::Result<()> {
    forget(db)?;
    let mut insert = db.prepare("INSERT INTO blocks (first, rows) VALUES (?1, ?2)")?;
    let (mut numbers, mut block, mut first) = (HashMap::new(), Vec::with_capacity(BLOCK * BYTES), 0);
    let mut query = db.prepare(&format!("SELECT {} FROM shown ORDER BY place", columns()))?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let told = Told::of(row, &mut numbers)?;
        if block.is_empty() {
            first = told.place;
        }
        told.pack(&mut block);
        if block.len() == BLOCK * BYTES {
            insert.execute(params![first, block])?;
            block.clear();
        }
    }
    if !block.is_empty() {
        insert.execute(params![first, block])?;
    }
    let mut insert = db.prepare("INSERT INTO told (number, text) VALUES (?1, ?2)")?;
    let mut numbers: Vec<(u32, String)> = numbers.into_iter().map(|(text, number)| (number, text)).collect();
    numbers.sort_unstable();
    numbers.iter().try_for_each(|(number, text)| insert.execute(params![number, text]).map(drop))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::search::TABLES;
    use super::*;
    use tendertrace::rulebook::Rulebook;

    /// An index of `count` notices, some without a day.
    fn index(count: i64) -> (Connection, Vec<i64>) {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("ATTACH ':memory:' AS search").unwrap();
        db.execute_batch(&TABLES.replace("TABLE ", "TABLE search.")).unwrap();
        let places: Vec<i64> = (1..=count).map(|at| if at % 7 == 0 { at } else { (at * 7919 % 5000) << 46 | at }).collect();
        for place in &places {
            let at = place % 97;
            let text = |every: i64, text: &str| (at % every > 0).then(|| format!("{text}{}", at % every));
            let title = ["样本县 监 狱采购power服务器", "人脸识别 示例市公安局", "power r740", "狱"][at as usize % 4];
            db.execute(
                "INSERT INTO search.shown (place, stage, kind, region, year, currency, total, purposes, findings, title)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                params![
                    place,
                    text(3, "stage"),
                    text(5, "kind"),
                    text(31, "region"),
                    text(11, "year"),
                    text(2, "CNY"),
                    (at % 4 > 0).then_some(at * 1_000_003 - 7),
                    format!("[\"{}\"]", at % 6),
                    text(13, "a\tb\tc").unwrap_or_default(),
                    title
                ],
            )
            .unwrap();
        }
        (db, places)
    }

    /// Texts in place of numbers, which are not the same packed and live.
    fn said(tellings: &Tellings) -> Vec<(i64, Option<i64>, u64, Vec<Option<&str>>)> {
        tellings.rows.iter().map(|row| (row.place, row.total, row.title, row.texts.map(|text| tellings.text(text)).to_vec())).collect()
    }

    #[test]
    fn what_is_packed_is_what_the_rows_say_in_any_order_of_places() {
        let (db, mut places) = index(3_000);
        assert!(packed(&db, &places).unwrap().is_none(), "nothing is packed yet");
        refresh(&db).unwrap();
        let folder = Rulebook::embedded().folder;
        for step in [1, 2, 17, 1_000] {
            for round in 0..3 {
                let some: Vec<i64> = places.iter().copied().step_by(step).collect();
                let (fast, slow) = (packed(&db, &some).unwrap().expect("packed"), live(&db, &some).unwrap());
                assert_eq!((fast.rows.len(), said(&fast)), (some.len(), said(&slow)), "{step} {round}");
                for column in 0..TEXTS.len() {
                    let sorted = |tellings: &Tellings| {
                        let mut all: Vec<(String, usize)> = tellings.counted(column).map(|(text, n)| (text.to_string(), n)).collect();
                        all.sort();
                        all
                    };
                    assert_eq!(sorted(&fast), sorted(&slow));
                }
                for typed in
                    ["狱", "监狱", "power", "\"采购 power\"", "监狱 power", "样 狱", "title:人脸 buyer:无", "无", "owe", "-监狱 样本"]
                {
                    let query = Query::parse(typed, &folder);
                    let titles: Vec<String> = some
                        .iter()
                        .map(|place| db.query_row("SELECT title FROM search.shown WHERE place = ?1", [place], |row| row.get(0)).unwrap())
                        .collect();
                    let expected: Vec<bool> = titles.iter().map(|title| query.is_titled(title)).collect();
                    assert_eq!(fast.titled(&db, &query, usize::MAX).unwrap(), expected, "{typed}");
                    assert!(step > 1 || expected.contains(&true) != ["无", "owe"].contains(&typed), "{typed}");
                    let third = expected.iter().enumerate().filter(|(_, is)| **is).nth(2).map_or(some.len(), |(at, _)| at + 1);
                    assert_eq!(fast.titled(&db, &query, 3).unwrap()[..third], expected[..third], "{typed}");
                }
                match round {
                    0 => places.sort_unstable(),
                    _ => places.reverse(),
                }
            }
        }
        assert!(packed(&db, &[places[0], 3]).unwrap().is_none() || places.contains(&3), "a place that is not there");
        forget(&db).unwrap();
        assert!(packed(&db, &places).unwrap().is_none());
    }
}
