//! How are a million notices counted between two keystrokes? By columns: what pictures and funnels count by,
//! packed at the end of a run, one blob a column, and read anew for each page, so that nothing is held in
//! memory between two of them. Without a run that ended they are made from the tables, for one page.

mod layouts;
pub mod words;

pub use layouts::*;

use super::kept::Sees;
use super::schema;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::collections::HashMap;

/// Numbers of a column, each as narrow as the largest of them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Numbers {
    width: usize,
    /// As packed: the width, then the numbers.
    bytes: Vec<u8>,
}

impl Numbers {
    fn of(values: &[u64]) -> Numbers {
        let most = values.iter().copied().max().unwrap_or(0);
        let width = [1, 2, 4].into_iter().find(|width| most < 1 << (8 * width)).unwrap_or(8);
        let numbers = values.iter().flat_map(|value| value.to_le_bytes().into_iter().take(width));
        Numbers { width, bytes: std::iter::once(width as u8).chain(numbers).collect() }
    }

    // Pictures ask for millions of them.
    #[inline]
    pub fn at(&self, row: usize) -> u64 {
        let from = 1 + row * self.width;
        match (self.width, &self.bytes[from..from + self.width]) {
            (1, [one]) => u64::from(*one),
            (2, [a, b]) => u64::from(u16::from_le_bytes([*a, *b])),
            (4, [a, b, c, d]) => u64::from(u32::from_le_bytes([*a, *b, *c, *d])),
            (_, all) => all.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)),
        }
    }

    pub fn len(&self) -> usize {
        self.bytes.len().saturating_sub(1) / self.width.max(1)
    }

    fn packed(&self) -> &[u8] {
        &self.bytes
    }

    fn unpacked(bytes: Vec<u8>) -> Numbers {
        Numbers { width: bytes.first().copied().unwrap_or_default().into(), bytes }
    }
}

/// Texts of a column, by their numbers: 0 is none, the others are in the order of the texts.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Texts {
    codes: Numbers,
    /// Where each text ends in `all`.
    ends: Numbers,
    all: String,
}

impl Texts {
    fn of(codes: Vec<u64>, known: HashMap<String, u64>) -> Texts {
        let mut sorted: Vec<(String, u64)> = known.into_iter().collect();
        sorted.sort();
        let mut places = vec![0; sorted.len() + 1];
        sorted.iter().enumerate().for_each(|(at, (_, code))| places[*code as usize] = at as u64 + 1);
        let codes: Vec<u64> = codes.into_iter().map(|code| places[code as usize]).collect();
        let (mut all, mut ends) = (String::new(), Vec::new());
        for (text, _) in sorted {
            all.push_str(&text);
            ends.push(all.len() as u64);
        }
        Texts { codes: Numbers::of(&codes), ends: Numbers::of(&ends), all }
    }

    /// The number of a row's text.
    pub fn code(&self, row: usize) -> usize {
        self.codes.at(row) as usize
    }

    /// The text of a number.
    pub fn text(&self, code: usize) -> Option<&str> {
        let at = code.checked_sub(1).filter(|at| *at < self.ends.len())?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends.at(before) as usize);
        self.all.get(start..self.ends.at(at) as usize)
    }

    /// How many different texts there are, none among them.
    pub fn different(&self) -> usize {
        self.ends.len() + 1
    }

    /// For every number, what `of` makes of its text.
    pub fn each<T>(&self, of: impl FnMut(Option<&str>) -> T) -> Vec<T> {
        (0..self.different()).map(|code| self.text(code)).map(of).collect()
    }
}

/// A table by its columns.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub numbers: Vec<Numbers>,
    pub texts: Vec<Texts>,
}

impl Table {
    /// Rows of the table.
    pub fn len(&self) -> usize {
        self.numbers.first().map(Numbers::len).or_else(|| self.texts.first().map(|texts| texts.codes.len())).unwrap_or(0)
    }

    /// As packed by the last run, or made now.
    pub fn load(db: &Connection, layout: &Layout) -> anyhow::Result<Table> {
        let packed = match Sees::of(db)? {
            Sees::Nothing => None,
            sees => Table::unpack(db, sees, layout)?,
        };
        packed.map_or_else(|| Table::make(db, layout), Ok)
    }

    fn make(db: &Connection, layout: &Layout) -> anyhow::Result<Table> {
        let mut numbers: Vec<Vec<u64>> = vec![Vec::new(); layout.numbers.len()];
        let mut texts: Vec<(Vec<u64>, HashMap<String, u64>)> = vec![Default::default(); layout.texts.len()];
        let mut query = db.prepare(layout.sql)?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            for (at, column) in numbers.iter_mut().enumerate() {
                column.push(number(row.get_ref(at)?));
            }
            for (at, (codes, known)) in texts.iter_mut().enumerate() {
                codes.push(code(row, layout.numbers.len() + at, known)?);
            }
        }
        let texts = texts.into_iter().map(|(codes, known)| Texts::of(codes, known)).collect();
        Ok(Table { numbers: numbers.iter().map(|values| Numbers::of(values)).collect(), texts })
    }

    fn unpack(db: &Connection, sees: Sees, layout: &Layout) -> anyhow::Result<Option<Table>> {
        let mut query = db.prepare_cached("SELECT data FROM columns WHERE name = ?1")?;
        let mut column = |name: String| query.query_row([sees.key(&name)], |row| row.get::<_, Vec<u8>>(0)).optional();
        let mut table = Table::default();
        for name in layout.numbers {
            let Some(packed) = column(format!("{} {name}", layout.name))? else { return Ok(None) };
            table.numbers.push(Numbers::unpacked(packed));
        }
        for name in layout.texts {
            let Some(packed) = column(format!("{} {name}", layout.name))? else { return Ok(None) };
            let Some(ends) = column(format!("{} {name}: ends", layout.name))? else { return Ok(None) };
            let Some(all) = column(format!("{} {name}: texts", layout.name))? else { return Ok(None) };
            table.texts.push(Texts { codes: Numbers::unpacked(packed), ends: Numbers::unpacked(ends), all: String::from_utf8(all)? });
        }
        Ok(Some(table))
    }

    fn pack(&self, db: &Connection, sees: Sees, layout: &Layout) -> anyhow::Result<()> {
        let mut insert = db.prepare_cached("INSERT OR REPLACE INTO columns (name, data) VALUES (?1, ?2)")?;
        for (name, column) in layout.numbers.iter().zip(&self.numbers) {
            insert.execute(params![sees.key(&format!("{} {name}", layout.name)), column.packed()])?;
        }
        for (name, column) in layout.texts.iter().zip(&self.texts) {
            insert.execute(params![sees.key(&format!("{} {name}", layout.name)), column.codes.packed()])?;
            insert.execute(params![sees.key(&format!("{} {name}: ends", layout.name)), column.ends.packed()])?;
            insert.execute(params![sees.key(&format!("{} {name}: texts", layout.name)), column.all.as_bytes()])?;
        }
        Ok(())
    }
}

/// A number as it is packed: that of a real one are its bits, nothing is 0.
fn number(value: ValueRef) -> u64 {
    match value {
        ValueRef::Integer(number) => number as u64,
        ValueRef::Real(number) => number.to_bits(),
        _ => 0,
    }
}

/// The number of a row's text, in the order in which texts come.
fn code(row: &Row, at: usize, known: &mut HashMap<String, u64>) -> anyhow::Result<u64> {
    let ValueRef::Text(text) = row.get_ref(at)? else { return Ok(0) };
    let text = std::str::from_utf8(text)?;
    if let Some(code) = known.get(text) {
        return Ok(*code);
    }
    let code = known.len() as u64 + 1;
    known.insert(text.to_string(), code);
    Ok(code)
}

/// Throws away what a run is about to change.
pub fn forget(db: &Connection) -> anyhow::Result<()> {
    db.execute("DELETE FROM columns", [])?;
    Ok(())
}

/// Packs everything anew, as this connection sees it.
pub fn fill(db: &Connection, sees: Sees) -> anyhow::Result<()> {
    for layout in [&FINDINGS, &NAMES, &TRADES, &NOTICES, &SUMS] {
        Table::make(db, layout)?.pack(db, sees, layout)?;
    }
    words::pack(db, sees)
}

/// Packs the names anew, after a person's word on one of them; not while a run is under way.
pub fn rename(db: &Connection) -> anyhow::Result<()> {
    let again = |db: &Connection, sees: Sees| match Sees::of(db)? {
        Sees::Nothing => Ok(()),
        _ => Table::make(db, &NAMES)?.pack(db, sees, &NAMES),
    };
    again(db, Sees::Whole)?;
    schema::hiding(db, |db| again(db, Sees::Open))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{kept, schema};

    #[test]
    fn numbers_are_what_they_were_in_every_width() {
        for most in [0, 255, 256, 65_535, 65_536, u64::from(u32::MAX), 1 << 45] {
            let values = [0, most, most / 3];
            let numbers = Numbers::unpacked(Numbers::of(&values).packed().to_vec());
            assert_eq!((numbers.len(), [0, 1, 2].map(|row| numbers.at(row))), (3, values), "{most}");
        }
    }

    #[test]
    fn what_is_packed_is_what_would_be_made() {
        let db = Connection::open_in_memory().unwrap();
        schema::migrate(&db).unwrap();
        db.execute_batch(
            "INSERT INTO originals (id, sha256, bytes, segment, offset, length) VALUES (1, 'a', 0, 0, 0, 0);
             INSERT INTO notices (id, original, part, readable, access, buyer_kind, event_date, purposes, stage) VALUES
                (1048576, 1, 0, 1, 'public', 'health', '2021-03-02', '[]', 'award'), (1048577, 1, 1, 1, 'public', NULL, '2020-01-01', '[\"none\"]', NULL);
             INSERT INTO findings (notice, n, id, brand, usage, via, purposes, strength, objections, sentence, rules, supplier) VALUES
                (1048577, 0, 'x', 'b', 'awarded', 'named', '[]', 'weak', '[\"no_purchase_shown\"]', '', '[]', NULL),
                (1048576, 0, 'y', 'a', 'awarded', 'named', '[]', 'weak', '[]', '', '[]', 'Seller');
             ",
        )
        .unwrap();
        db.execute("INSERT INTO kept VALUES (?1, '')", [kept::STRENGTHS]).unwrap();
        fill(&db, Sees::Whole).unwrap();
        for layout in [&FINDINGS, &NAMES, &TRADES, &NOTICES, &SUMS] {
            let packed = Table::unpack(&db, Sees::Whole, layout).unwrap().unwrap();
            assert_eq!(packed, Table::make(&db, layout).unwrap(), "{}", layout.name);
            assert_eq!(packed.len(), 2);
        }
        let found = Table::load(&db, &FINDINGS).unwrap();
        let text = |row: usize, of: usize| found.texts[of].text(found.texts[of].code(row));
        assert_eq!((text(0, finding::BRAND), text(1, finding::BRAND)), (Some("a"), Some("b")));
        assert_eq!((text(0, finding::KIND), text(1, finding::KIND)), (Some("health"), None));
        assert_eq!([0, 1].map(|row| found.numbers[finding::FLAGS].at(row)), [0, finding::NO_PURCHASE]);
        assert_eq!([0, 1].map(|row| found.numbers[finding::PLACE].at(row)), [0, 1]);
        forget(&db).unwrap();
        assert!(Table::unpack(&db, Sees::Whole, &FINDINGS).unwrap().is_none());
    }
}
