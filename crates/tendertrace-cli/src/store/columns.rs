//! How are a million notices counted between two keystrokes? By columns: what pictures and funnels count by,
//! packed at the end of a run, one blob a column, and read anew for each page, so that nothing is held in
//! memory between two of them. Without a run that ended they are made from the tables, for one page.

use super::kept;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::collections::HashMap;

/// Numbers of a column, each as narrow as the largest of them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Numbers {
    width: usize,
    bytes: Vec<u8>,
}

impl Numbers {
    fn of(values: &[u64]) -> Numbers {
        let most = values.iter().copied().max().unwrap_or(0);
        let width = [1, 2, 4].into_iter().find(|width| most < 1 << (8 * width)).unwrap_or(8);
        let bytes = values.iter().flat_map(|value| value.to_le_bytes().into_iter().take(width)).collect();
        Numbers { width, bytes }
    }

    pub fn at(&self, row: usize) -> u64 {
        let from = row * self.width;
        match self.width {
            1 => u64::from(self.bytes[from]),
            2 => u64::from(u16::from_le_bytes([self.bytes[from], self.bytes[from + 1]])),
            _ => {
                let mut all = [0; 8];
                all[..self.width].copy_from_slice(&self.bytes[from..from + self.width]);
                u64::from_le_bytes(all)
            }
        }
    }

    pub fn len(&self) -> usize {
        self.bytes.len() / self.width.max(1)
    }

    fn packed(&self) -> Vec<u8> {
        std::iter::once(self.width as u8).chain(self.bytes.iter().copied()).collect()
    }

    fn unpacked(mut packed: Vec<u8>) -> Numbers {
        let width = if packed.is_empty() { 0 } else { packed.remove(0).into() };
        Numbers { width, bytes: packed }
    }
}

/// Texts of a column, by their numbers: 0 is none, the others are in the order of the texts.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Texts {
    codes: Numbers,
    values: Vec<String>,
}

impl Texts {
    fn of(codes: Vec<u64>, known: HashMap<String, u64>) -> Texts {
        let mut sorted: Vec<(String, u64)> = known.into_iter().collect();
        sorted.sort();
        let mut places = vec![0; sorted.len() + 1];
        sorted.iter().enumerate().for_each(|(at, (_, code))| places[*code as usize] = at as u64 + 1);
        let codes: Vec<u64> = codes.into_iter().map(|code| places[code as usize]).collect();
        Texts { codes: Numbers::of(&codes), values: sorted.into_iter().map(|(text, _)| text).collect() }
    }

    /// The number of a row's text.
    pub fn code(&self, row: usize) -> usize {
        self.codes.at(row) as usize
    }

    /// The text of a number.
    pub fn text(&self, code: usize) -> Option<&str> {
        self.values.get(code.checked_sub(1)?).map(String::as_str)
    }

    /// For every number, what `of` makes of its text.
    pub fn each<T>(&self, of: impl Fn(Option<&str>) -> T) -> Vec<T> {
        (0..=self.values.len()).map(|code| of(self.text(code))).collect()
    }
}

/// Which columns a table has, and the query that gives them: numbers first, texts behind them.
pub struct Layout {
    name: &'static str,
    numbers: &'static [&'static str],
    texts: &'static [&'static str],
    sql: &'static str,
}

/// A table by its columns.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub numbers: Vec<Numbers>,
    pub texts: Vec<Texts>,
}

/// One row a finding, those of one contracting process together.
pub const FINDINGS: Layout = Layout {
    name: "findings",
    numbers: &["process", "notice", "n", "place", "flags"],
    texts: &["brand", "usage", "strength", "kind", "end user's kind", "region", "day", "purposes"],
    sql: "WITH placed AS MATERIALIZED (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM notices)
        SELECT dense_rank() OVER (ORDER BY coalesce(m.process, 'n' || t.id)), f.notice, f.n, p.place,
            (f.product IS NOT NULL) + 2 * (f.quantity IS NOT NULL) + 4 * coalesce(m.main <> t.id, 0)
                + 8 * (instr(f.objections, '\"no_purchase_shown\"') > 0),
            f.brand, f.usage, f.strength, t.buyer_kind, t.end_user_kind, t.region_code, t.event_date, f.purposes
        FROM findings f JOIN notices t ON t.id = f.notice JOIN placed p ON p.id = t.id LEFT JOIN joined m ON m.notice = t.id
        ORDER BY 1, 2, 3",
};

/// Numbers of `FINDINGS`.
pub mod finding {
    pub const PROCESS: usize = 0;
    pub const NOTICE: usize = 1;
    pub const N: usize = 2;
    /// The notice's row in `NOTICES`.
    pub const PLACE: usize = 3;
    pub const FLAGS: usize = 4;
    pub const HAS_PRODUCT: u64 = 1;
    pub const HAS_QUANTITY: u64 = 2;
    pub const IS_COPY: u64 = 4;
    pub const NO_PURCHASE: u64 = 8;
    /// Texts.
    pub const BRAND: usize = 0;
    pub const USAGE: usize = 1;
    pub const STRENGTH: usize = 2;
    pub const KIND: usize = 3;
    pub const END_USER_KIND: usize = 4;
    pub const REGION: usize = 5;
    pub const DAY: usize = 6;
    pub const PURPOSES: usize = 7;
}

/// Sellers and buyers of the findings, in the same order, by the usual names of their organisations. People's
/// words on names change it.
pub const NAMES: Layout = Layout {
    name: "names",
    numbers: &[],
    texts: &["seller", "buyer"],
    sql: "SELECT coalesce((SELECT n.name FROM spellings s JOIN entities n ON n.id = s.entity WHERE s.name = f.supplier), f.supplier),
            coalesce((SELECT n.name FROM spellings s JOIN entities n ON n.id = s.entity WHERE s.name = f.buyer), f.buyer)
        FROM findings f JOIN notices t ON t.id = f.notice LEFT JOIN joined m ON m.notice = t.id
        ORDER BY coalesce(m.process, 'n' || t.id), f.notice, f.n",
};

/// Texts of `NAMES`.
pub const SELLER: usize = 0;
pub const BUYER: usize = 1;

/// One row a notice, by its id.
pub const NOTICES: Layout = Layout {
    name: "notices",
    numbers: &["flags"],
    texts: &["kind", "end user's kind", "region", "day", "purposes"],
    sql: "SELECT t.readable + 2 * coalesce(m.main = t.id, t.readable) + 4 * coalesce(t.stage IN ('award', 'contract', 'acceptance'), 0)
            + 8 * (coalesce(m.items, 0) > 0) + 16 * (coalesce(m.named_items, 0) > 0),
            t.buyer_kind, t.end_user_kind, t.region_code, t.event_date, t.purposes
        FROM notices t LEFT JOIN joined m ON m.notice = t.id ORDER BY t.id",
};

/// Columns of `NOTICES`.
pub mod notice {
    pub const FLAGS: usize = 0;
    pub const READABLE: u64 = 1;
    pub const MAIN: u64 = 2;
    pub const BOUGHT: u64 = 4;
    pub const HAS_ITEMS: u64 = 8;
    pub const NAMED: u64 = 16;
    /// Texts.
    pub const KIND: usize = 0;
    pub const END_USER_KIND: usize = 1;
    pub const REGION: usize = 2;
    pub const DAY: usize = 3;
    pub const PURPOSES: usize = 4;
}

impl Table {
    /// Rows of the table.
    pub fn len(&self) -> usize {
        self.numbers.first().map(Numbers::len).or_else(|| self.texts.first().map(|texts| texts.codes.len())).unwrap_or(0)
    }

    /// As packed by the last run, or made now.
    pub fn load(db: &Connection, layout: &Layout) -> anyhow::Result<Table> {
        let packed = if kept::is_whole(db)? { Table::unpack(db, layout)? } else { None };
        packed.map_or_else(|| Table::make(db, layout), Ok)
    }

    fn make(db: &Connection, layout: &Layout) -> anyhow::Result<Table> {
        let mut numbers: Vec<Vec<u64>> = vec![Vec::new(); layout.numbers.len()];
        let mut texts: Vec<(Vec<u64>, HashMap<String, u64>)> = vec![Default::default(); layout.texts.len()];
        let mut query = db.prepare(layout.sql)?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            for (at, column) in numbers.iter_mut().enumerate() {
                column.push(row.get::<_, i64>(at)? as u64);
            }
            for (at, (codes, known)) in texts.iter_mut().enumerate() {
                codes.push(code(row, layout.numbers.len() + at, known)?);
            }
        }
        let texts = texts.into_iter().map(|(codes, known)| Texts::of(codes, known)).collect();
        Ok(Table { numbers: numbers.iter().map(|values| Numbers::of(values)).collect(), texts })
    }

    fn unpack(db: &Connection, layout: &Layout) -> anyhow::Result<Option<Table>> {
        let mut query = db.prepare_cached("SELECT data FROM columns WHERE name = ?1")?;
        let mut column = |name: String| query.query_row([name], |row| row.get::<_, Vec<u8>>(0)).optional();
        let mut table = Table::default();
        for name in layout.numbers {
            let Some(packed) = column(format!("{} {name}", layout.name))? else { return Ok(None) };
            table.numbers.push(Numbers::unpacked(packed));
        }
        for name in layout.texts {
            let Some(packed) = column(format!("{} {name}", layout.name))? else { return Ok(None) };
            let Some(values) = column(format!("{} {name}: texts", layout.name))? else { return Ok(None) };
            table.texts.push(Texts { codes: Numbers::unpacked(packed), values: serde_json::from_slice(&values)? });
        }
        Ok(Some(table))
    }

    fn pack(&self, db: &Connection, layout: &Layout) -> anyhow::Result<()> {
        let mut insert = db.prepare_cached("INSERT OR REPLACE INTO columns (name, data) VALUES (?1, ?2)")?;
        for (name, column) in layout.numbers.iter().zip(&self.numbers) {
            insert.execute(params![format!("{} {name}", layout.name), column.packed()])?;
        }
        for (name, column) in layout.texts.iter().zip(&self.texts) {
            insert.execute(params![format!("{} {name}", layout.name), column.codes.packed()])?;
            insert.execute(params![format!("{} {name}: texts", layout.name), serde_json::to_vec(&column.values)?])?;
        }
        Ok(())
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

/// Packs everything anew, at the end of a run.
pub fn refresh(db: &Connection) -> anyhow::Result<()> {
    [&FINDINGS, &NAMES, &NOTICES].into_iter().try_for_each(|layout| Table::make(db, layout)?.pack(db, layout))
}

/// Packs the names anew, after a person's word on one of them; not while a run is under way.
pub fn rename(db: &Connection) -> anyhow::Result<()> {
    let is_packed: bool = db.query_row("SELECT EXISTS (SELECT 1 FROM columns)", [], |row| row.get(0))?;
    if is_packed { Table::make(db, &NAMES)?.pack(db, &NAMES) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema;

    #[test]
    fn numbers_are_what_they_were_in_every_width() {
        for most in [0, 255, 256, 65_535, 65_536, u64::from(u32::MAX), 1 << 45] {
            let values = [0, most, most / 3];
            let numbers = Numbers::unpacked(Numbers::of(&values).packed());
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
             INSERT INTO kept VALUES ('', '');",
        )
        .unwrap();
        refresh(&db).unwrap();
        for layout in [&FINDINGS, &NAMES, &NOTICES] {
            let packed = Table::unpack(&db, layout).unwrap().unwrap();
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
        assert!(Table::unpack(&db, &FINDINGS).unwrap().is_none());
    }
}
