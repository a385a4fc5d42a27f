//! What did people make of the Chinese? A translation holds on to the text of one notice (capture
//! hash, part, the Chinese itself), so that it outlives new rules. Nothing is overwritten: a later
//! one stands above the earlier one, and one that is taken back stays in the journal.

use super::{Case, clock};
use anyhow::bail;
use rusqlite::{Connection, Row, params};
use tendertrace::assemble::{SlotKind, Translation};
use tendertrace::report::translating::{Known, Taken};

/// A translation as it was made.
#[derive(Debug, Clone)]
pub struct Made {
    pub id: i64,
    pub who: String,
    pub undone: bool,
    /// Whether it is the last word on its text.
    pub stands: bool,
    pub said: Translation,
}

impl Made {
    /// As the sheet of a translator is compared with.
    pub fn known(&self) -> Known {
        let said = self.said.clone();
        Known { capture: said.capture, part: said.part, of: said.of, text: said.text, by: self.who.clone(), stands: self.stands }
    }
}

/// Writes translations down, all or none.
pub fn add(case: &mut Case, translations: &[Taken]) -> anyhow::Result<()> {
    // A person's work must outlive a power cut, unlike results that can be computed again.
    case.db.pragma_update(None, "synchronous", "full")?;
    let tx = case.db.transaction()?;
    for one in translations {
        let slot = one.slot;
        tx.execute(
            r#"INSERT INTO translations (made, who, "on", key, kind, sha256, part, source, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"#,
            params![clock::now(), one.by, one.on, slot.key, kind(slot.kind), slot.capture, slot.part, slot.of, one.text],
        )?;
        super::journal(&tx, &one.by, "translate", &format!("{} {}", kind(slot.kind), slot.key))?;
    }
    Ok(tx.commit()?)
}

/// Takes a translation back: it stays in the case, and the one before it stands again.
pub fn undo(case: &mut Case, translation: i64, by: &str) -> anyhow::Result<()> {
    case.db.pragma_update(None, "synchronous", "full")?;
    let tx = case.db.transaction()?;
    let rows = tx.execute(
        "INSERT OR IGNORE INTO untranslated (translation, at, who) SELECT id, ?2, ?3 FROM translations WHERE id = ?1",
        params![translation, clock::now(), by],
    )?;
    if rows == 0 {
        bail!("translation {translation} does not exist or was taken back before");
    }
    super::journal(&tx, by, "undo", &format!("translation {translation}"))?;
    Ok(tx.commit()?)
}

/// Every translation ever made, newest first.
pub fn all(db: &Connection) -> anyhow::Result<Vec<Made>> {
    let mut query = db.prepare(&format!("{MADE} ORDER BY t.id DESC"))?;
    let rows = query.query_map([], made)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Every translation of the texts of one notice, newest first.
pub fn of_notice(db: &Connection, capture: &str, part: u32) -> anyhow::Result<Vec<Made>> {
    let mut query = db.prepare(&format!("{MADE} WHERE t.sha256 = ?1 AND t.part = ?2 ORDER BY t.id DESC"))?;
    let rows = query.query_map(params![capture, part], made)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Those that stand.
pub fn standing(db: &Connection) -> anyhow::Result<Vec<Translation>> {
    Ok(all(db)?.into_iter().filter(|made| made.stands).map(|made| made.said).collect())
}

const MADE: &str = r#"SELECT t.id, t.who, t.id IN (SELECT translation FROM untranslated), t.id IN (SELECT id FROM translated),
    t.sha256, t.part, t.source, t.text, t."on" FROM translations t"#;

fn made(row: &Row) -> rusqlite::Result<Made> {
    let said = Translation { capture: row.get(4)?, part: row.get(5)?, of: row.get(6)?, text: row.get(7)?, on: row.get(8)? };
    Ok(Made { id: row.get(0)?, who: row.get(1)?, undone: row.get(2)?, stands: row.get(3)?, said })
}

fn kind(kind: SlotKind) -> &'static str {
    match kind {
        SlotKind::Title => "title",
        SlotKind::Quote => "quote",
    }
}
