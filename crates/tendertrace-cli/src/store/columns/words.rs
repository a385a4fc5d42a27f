//! Which notices speak of a word in their title, their project's name or an item line? Every different text of some
//! thousand notices, once, with the notices that have it: a million notices are looked through in a tenth of
//! a second, one piece in memory at a time.

use crate::store::kept::Sees;
use memchr::memmem::Finder;
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// Notices of one piece: their places in it fit two bytes.
const PIECE: usize = 16_384;
/// Between two texts; no text holds it.
const END: char = '\0';

/// One piece: texts with the places of their notices.
#[derive(Debug, Default)]
struct Piece {
    texts: BTreeMap<String, Vec<u16>>,
}

impl Piece {
    fn add(&mut self, place: u16, text: &str) {
        let places = self.texts.entry(text.replace(END, " ")).or_default();
        if places.last() != Some(&place) {
            places.push(place);
        }
    }

    /// Number of texts; where each text ends; where the places of each end; the places; the texts.
    fn packed(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut push = |number: usize| out.extend((number as u32).to_le_bytes());
        push(self.texts.len());
        let (mut ends, mut lists) = (0, 0);
        self.texts.keys().for_each(|text| {
            push({
                ends += text.len() + 1;
                ends
            })
        });
        self.texts.values().for_each(|places| {
            push({
                lists += places.len();
                lists
            })
        });
        out.extend(self.texts.values().flatten().flat_map(|place| place.to_le_bytes()));
        for text in self.texts.keys() {
            out.extend(text.as_bytes());
            out.push(END as u8);
        }
        out
    }
}

/// A piece as it was packed.
struct Packed<'a> {
    ends: &'a [u8],
    lists: &'a [u8],
    places: &'a [u8],
    texts: &'a [u8],
}

impl<'a> Packed<'a> {
    fn of(bytes: &'a [u8]) -> Option<Packed<'a>> {
        let (number, rest) = bytes.split_at_checked(4)?;
        let (ends, rest) = rest.split_at_checked(u32_at(number, 0) * 4)?;
        let (lists, rest) = rest.split_at_checked(ends.len())?;
        let all = lists.len().checked_sub(4).map_or(0, |last| u32_at(&lists[last..], 0));
        let (places, texts) = rest.split_at_checked(all * 2)?;
        Some(Packed { ends, lists, places, texts })
    }

    /// Calls `on` with the places of every text that holds the word.
    fn each(&self, word: &Finder, mut on: impl FnMut(usize)) {
        let (mut from, mut at) = (0, 0);
        while let Some(found) = self.texts.get(from..).and_then(|rest| word.find(rest)) {
            at += self.ends[at * 4..].chunks_exact(4).take_while(|end| u32_at(end, 0) <= from + found).count();
            let first = at.checked_sub(1).map_or(0, |before| u32_at(self.lists, before));
            let places = &self.places[first * 2..u32_at(self.lists, at) * 2];
            places.chunks_exact(2).for_each(|place| on(usize::from(u16::from_le_bytes([place[0], place[1]]))));
            from = u32_at(self.ends, at);
            at += 1;
        }
    }
}

fn u32_at(bytes: &[u8], at: usize) -> usize {
    bytes.get(at * 4..at * 4 + 4).map_or(0, |four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]) as usize)
}

/// Packs every piece anew.
pub fn pack(db: &Connection, sees: Sees) -> anyhow::Result<()> {
    let mut insert = db.prepare("INSERT INTO columns (name, data) VALUES (?1, ?2)")?;
    pieces(db, |number, piece| {
        insert.execute(params![sees.key(&name(number)), piece.packed()])?;
        Ok(())
    })
}

fn name(number: usize) -> String {
    format!("words {number}")
}

fn pieces(db: &Connection, mut on: impl FnMut(usize, &Piece) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut notices = db.prepare("SELECT id, title, project_name FROM notices ORDER BY id")?;
    let mut items = db.prepare("SELECT name FROM items WHERE notice = ?1 AND name IS NOT NULL")?;
    let (mut rows, mut piece, mut place) = (notices.query([])?, Piece::default(), 0);
    while let Some(row) = rows.next()? {
        if place > 0 && place % PIECE == 0 {
            on(place / PIECE - 1, &std::mem::take(&mut piece))?;
        }
        let here = (place % PIECE) as u16;
        let (title, project) = (row.get_ref(1)?.as_str_or_null()?, row.get_ref(2)?.as_str_or_null()?);
        title.iter().for_each(|title| piece.add(here, title));
        // Most titles hold the project's name.
        project.iter().filter(|project| !title.is_some_and(|title| title.contains(**project))).for_each(|project| piece.add(here, project));
        let mut lines = items.query([row.get::<_, i64>(0)?])?;
        while let Some(line) = lines.next()? {
            piece.add(here, line.get_ref(0)?.as_str()?);
        }
        place += 1;
    }
    on(place.saturating_sub(1) / PIECE, &piece)
}

/// For every notice, by its place among all, whether it speaks of the word; `None` where no run packed them.
pub fn with(db: &Connection, word: &str, notices: usize) -> anyhow::Result<Option<Vec<bool>>> {
    let sees = Sees::of(db)?;
    let finder = Finder::new(word);
    let mut speaks = vec![false; notices];
    let mut query = db.prepare_cached("SELECT data FROM columns WHERE name = ?1")?;
    for number in 0..=notices.saturating_sub(1) / PIECE {
        let mut rows = query.query([sees.key(&name(number))])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let Some(packed) = Packed::of(row.get_ref(0)?.as_blob()?) else { return Ok(None) };
        packed.each(&finder, |place| {
            if let Some(here) = speaks.get_mut(number * PIECE + place) {
                *here = true;
            }
        });
    }
    Ok(Some(speaks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_finds_the_texts_that_hold_it_and_no_two_together() {
        let mut piece = Piece::default();
        for (place, text) in [(0, "数据库软件采购"), (0, "服务器"), (2, "服务器"), (2, "服务器"), (3, "软件服务"), (9, "")]
        {
            piece.add(place, text);
        }
        let bytes = piece.packed();
        let packed = Packed::of(&bytes).unwrap();
        let found = |word: &str| {
            let mut all = Vec::new();
            packed.each(&Finder::new(word), |place| all.push(place));
            all.sort_unstable();
            all
        };
        assert_eq!(found("服务器"), [0, 2]);
        assert_eq!(found("软件"), [0, 3]);
        assert_eq!(found("服务"), [0, 2, 3]);
        assert!(found("采购服务器").is_empty(), "the end of one text and the beginning of the next");
        assert!(found("无").is_empty());
        assert!(Packed::of(&Piece::default().packed()).is_some_and(|none| none.texts.is_empty()));
    }
}
