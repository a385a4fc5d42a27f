//! How is text found again? `CASE/search.db`: SQLite's full-text index over our own tokens. Han
//! text is cut into overlapping pairs, so that one and two characters find as surely as long phrases;
//! everything is folded first, so that simplified finds traditional and full width finds half.
//! It can be deleted at any time and is made again from the originals. Contacts are withheld before
//! anything is indexed: nobody finds a person here.

use super::archive;
use anyhow::Context as _;
use flate2::{Compression, write::DeflateEncoder};
use rayon::prelude::*;
use rusqlite::{Connection, params};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::Duration;
use tendertrace::model::{Capture, Part};
use tendertrace::report::mask;
use tendertrace::rulebook::Rulebook;
use tendertrace::script::Folder;

/// Name of the file in the case folder.
pub const FILE: &str = "search.db";
/// Raised when tokens or tables change: an older index is made anew.
const VERSION: i64 = 1;
const BATCH: usize = 256;

const TABLES: &str = "
CREATE TABLE indexed (original INTEGER PRIMARY KEY, examined_with TEXT NOT NULL) STRICT;
CREATE TABLE texts (notice INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE VIRTUAL TABLE words USING fts5 (title, buyer, seller, body, content = '', contentless_delete = 1, tokenize = 'ascii');";

/// Brings the index up to what the case has examined; returns how many originals were indexed.
pub fn update(folder: &Path, rules: &Rulebook) -> anyhow::Result<usize> {
    let mut db = open(&folder.join(FILE))?;
    db.execute("ATTACH ?1 AS kase", [folder.join("case.db").to_string_lossy()])?;
    forget_gone(&db)?;
    let mut done = 0;
    loop {
        let waiting = waiting(&db)?;
        if waiting.is_empty() {
            return Ok(done);
        }
        let kase = super::schema::open_for_reading(&folder.join("case.db"))?;
        let captures: Vec<Capture> = waiting.iter().filter_map(|(id, _)| archive::original(folder, &kase, *id).ok()).collect();
        let read: Vec<Vec<Indexed>> = captures.par_iter().map(|capture| texts(capture, rules)).collect();
        let by_hash = captures.iter().map(|c| c.sha256.as_str()).zip(&read).collect();
        done += write(&mut db, &waiting, &by_hash, rules)?;
    }
}

/// The index beside a case's database, as schema `search`; whether there is one.
pub fn attach(db: &Connection, folder: &Path) -> anyhow::Result<()> {
    let path = folder.join(FILE);
    db.execute("ATTACH ?1 AS search", [path.to_string_lossy()]).with_context(|| format!("opening {}", path.display()))?;
    Ok(())
}

fn open(path: &Path) -> anyhow::Result<Connection> {
    let version = |db: &Connection| db.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
    let db = Connection::open(path).with_context(|| format!("opening {}", path.display()))?;
    if version(&db).is_ok_and(|version| version == VERSION) {
        return prepare(db);
    }
    drop(db);
    for ending in ["", "-wal", "-shm"] {
        std::fs::remove_file(path.with_file_name(format!("{FILE}{ending}"))).ok();
    }
    let db = prepare(Connection::open(path)?)?;
    db.execute_batch(&format!("BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;"))?;
    Ok(db)
}

fn prepare(db: Connection) -> anyhow::Result<Connection> {
    db.busy_timeout(Duration::from_secs(30))?;
    // It can be made again: no need to wait for the disk.
    db.execute_batch("PRAGMA journal_mode = wal; PRAGMA synchronous = off;")?;
    Ok(db)
}

fn forget_gone(db: &Connection) -> anyhow::Result<()> {
    let mut gone = db.prepare("SELECT original FROM indexed WHERE original NOT IN (SELECT id FROM kase.originals)")?;
    let gone: Vec<i64> = gone.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    gone.into_iter().try_for_each(|original| forget(db, original))
}

fn forget(db: &Connection, original: i64) -> anyhow::Result<()> {
    let (first, last) = (super::flat::notice_id(original, 0), super::flat::notice_id(original + 1, 0) - 1);
    db.prepare_cached("DELETE FROM words WHERE rowid IN (SELECT notice FROM texts WHERE notice BETWEEN ?1 AND ?2)")?
        .execute([first, last])?;
    db.prepare_cached("DELETE FROM texts WHERE notice BETWEEN ?1 AND ?2")?.execute([first, last])?;
    db.prepare_cached("DELETE FROM indexed WHERE original = ?1")?.execute([original])?;
    Ok(())
}

fn waiting(db: &Connection) -> anyhow::Result<Vec<(i64, String)>> {
    // The length of what is known of a capture changes where files are joined to it.
    let sql = "SELECT o.id, o.examined_with || ' ' || o.capture || ' ' || length(c.head) AS state
               FROM kase.originals o JOIN kase.captures c ON c.id = o.capture LEFT JOIN indexed i ON i.original = o.id
               WHERE o.examined_with IS NOT NULL AND i.examined_with IS NOT state ORDER BY o.id LIMIT ?1";
    let mut query = db.prepare_cached(sql)?;
    let rows = query.query_map([BATCH as i64], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A notice's text, ready to be indexed.
struct Indexed {
    part: u32,
    title: String,
    body: String,
    tokens: String,
}

fn texts(capture: &Capture, rules: &Rulebook) -> Vec<Indexed> {
    if capture.attached_to.is_some() {
        return Vec::new();
    }
    let parts = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| tendertrace::read::read(capture, rules, &crate::fence::budget())));
    parts.unwrap_or_default().iter().map(|part| indexed(part, capture, rules)).collect()
}

fn indexed(part: &Part, capture: &Capture, rules: &Rulebook) -> Indexed {
    let masks = &rules.report.masks;
    let body: Vec<String> = part.documents.iter().map(|d| mask::text(&d.text, masks)).collect();
    let body = body.join("\n\n");
    let title = capture.title.clone().or_else(|| part.documents.first().map(|d| d.title().to_string())).unwrap_or_default();
    Indexed { part: part.number, title: mask::text(&title, masks), tokens: tokens(&body, &rules.folder), body }
}

fn write(
    db: &mut Connection,
    waiting: &[(i64, String)],
    read: &std::collections::HashMap<&str, &Vec<Indexed>>,
    rules: &Rulebook,
) -> anyhow::Result<usize> {
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    for (original, examined_with) in waiting {
        forget(&tx, *original)?;
        let sha256: String =
            tx.prepare_cached("SELECT sha256 FROM kase.originals WHERE id = ?1")?.query_row([original], |row| row.get(0))?;
        for one in read.get(sha256.as_str()).into_iter().copied().flatten() {
            insert(&tx, super::flat::notice_id(*original, one.part), one, rules)?;
        }
        tx.prepare_cached("INSERT INTO indexed (original, examined_with) VALUES (?1, ?2)")?.execute(params![original, examined_with])?;
    }
    tx.commit()?;
    Ok(waiting.len())
}

fn insert(db: &Connection, notice: i64, one: &Indexed, rules: &Rulebook) -> anyhow::Result<()> {
    let folder = &rules.folder;
    let party = |roles: &str| -> anyhow::Result<String> {
        let mut query = db.prepare_cached(&format!("SELECT DISTINCT name FROM kase.parties WHERE notice = ?1 AND role IN ({roles})"))?;
        let names: Vec<String> = query.query_map([notice], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(names.iter().map(|name| tokens(&mask::party(name, &rules.report.masks), folder)).collect::<Vec<_>>().join(" . "))
    };
    let (buyer, seller) = (party("'buyer', 'end_user'")?, party("'supplier', 'bidder'")?);
    db.prepare_cached("INSERT INTO words (rowid, title, buyer, seller, body) VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
        notice,
        tokens(&one.title, folder),
        buyer,
        seller,
        one.tokens
    ])?;
    db.prepare_cached("INSERT INTO texts (notice, body) VALUES (?1, ?2)")?.execute(params![notice, pack(&one.body)?])?;
    Ok(())
}

fn pack(text: &str) -> anyhow::Result<Vec<u8>> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(text.as_bytes())?;
    Ok(deflate.finish()?)
}

/// The text of a notice as indexed, contacts withheld.
pub fn body(db: &Connection, notice: i64) -> anyhow::Result<String> {
    let packed: Vec<u8> = db.prepare_cached("SELECT body FROM search.texts WHERE notice = ?1")?.query_row([notice], |row| row.get(0))?;
    let mut text = String::new();
    flate2::read::DeflateDecoder::new(&packed[..]).read_to_string(&mut text)?;
    Ok(text)
}

/// What stands in a text: runs of Han (and kana, hangul) characters, words, and breaks between them.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Han(Vec<char>),
    Word(String),
}

/// Where a piece stands in the folded text.
struct Placed {
    piece: Piece,
    start: usize,
    end: usize,
}

fn is_han(c: char) -> bool {
    c as u32 >= 0x2E80 && c.is_alphanumeric()
}

/// Pieces of a folded text. A blank between two Han characters is layout, not a break.
fn pieces(folded: &str) -> Vec<Placed> {
    let mut out: Vec<Placed> = Vec::new();
    let mut open = false;
    for (at, c) in folded.char_indices() {
        let end = at + c.len_utf8();
        let joins =
            open && out.last().is_some_and(|last| matches!((&last.piece, is_han(c)), (Piece::Han(_), true) | (Piece::Word(_), false)));
        if !c.is_alphanumeric() {
            open = open && c == ' ' && out.last().is_some_and(|last| matches!(last.piece, Piece::Han(_)));
        } else if let Some(last) = out.last_mut().filter(|_| joins) {
            last.end = end;
            match &mut last.piece {
                Piece::Han(run) => run.push(c),
                Piece::Word(word) => word.push(c),
            }
        } else {
            let piece = if is_han(c) { Piece::Han(vec![c]) } else { Piece::Word(c.to_string()) };
            out.push(Placed { piece, start: at, end });
            open = true;
        }
    }
    out
}

/// Tokens of a text for the index: every pair of neighbours, the last character of each run, words.
fn tokens(text: &str, folder: &Folder) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for placed in pieces(&folder.fold(text).text) {
        match &placed.piece {
            Piece::Han(run) => {
                pairs(run).for_each(|pair| push(&mut out, &pair));
                push(&mut out, &run[run.len() - 1].to_string());
            }
            Piece::Word(word) => push(&mut out, word),
        }
    }
    out
}

fn push(out: &mut String, token: &str) {
    if !out.is_empty() {
        out.push(' ');
    }
    out.push_str(token);
}

fn pairs(run: &[char]) -> impl Iterator<Item = String> + '_ {
    run.windows(2).map(|pair| pair.iter().collect())
}

/// Which part of a notice a term is looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Any,
    Title,
    Buyer,
    Seller,
}

/// One word or phrase of a query.
#[derive(Debug, Clone)]
pub struct Term {
    field: Field,
    without: bool,
    pieces: Vec<Piece>,
}

/// What a person typed: words and "phrases" that must all stand in the notice, `-word` that must
/// not, `title:`, `buyer:` and `seller:` before one of them.
#[derive(Debug, Clone, Default)]
pub struct Query {
    pub terms: Vec<Term>,
}

const FIELDS: [(&str, Field); 3] = [("title:", Field::Title), ("buyer:", Field::Buyer), ("seller:", Field::Seller)];

impl Query {
    pub fn parse(typed: &str, folder: &Folder) -> Query {
        let mut terms = Vec::new();
        for word in split(&folder.fold(typed).text) {
            let (without, word) = word.strip_prefix('-').map_or((false, word.as_str()), |rest| (true, rest));
            let (field, word) =
                FIELDS.iter().find_map(|(name, field)| Some((*field, word.strip_prefix(name)?))).unwrap_or((Field::Any, word));
            let pieces: Vec<Piece> = pieces(word).into_iter().map(|placed| placed.piece).collect();
            if !pieces.is_empty() {
                terms.push(Term { field, without, pieces });
            }
        }
        Query { terms }
    }

    /// Whether anything is looked for at all; a query of exclusions alone finds everything else.
    pub fn is_empty(&self) -> bool {
        self.terms.iter().all(|term| term.without)
    }

    /// The query in the index's own language.
    pub fn expression(&self) -> String {
        let (without, with): (Vec<&Term>, Vec<&Term>) = self.terms.iter().partition(|term| term.without);
        let mut out = with.iter().map(|term| term.expression()).collect::<Vec<_>>().join(" AND ");
        if !without.is_empty() {
            out = format!("({out}) NOT ({})", without.iter().map(|term| term.expression()).collect::<Vec<_>>().join(" OR "));
        }
        out
    }

    /// Where the terms stand in a text, in bytes, in order; found without the index.
    pub fn places(&self, text: &str, folder: &Folder) -> Vec<(usize, usize)> {
        let folded = folder.fold(text);
        let placed = pieces(&folded.text);
        let mut out: Vec<(usize, usize)> =
            self.terms.iter().filter(|term| !term.without).flat_map(|term| term.places(&placed, &folded.text)).collect();
        out.sort_unstable();
        out.dedup_by(|next, kept| next.0 < kept.1);
        out.into_iter().map(|(start, end)| folded.source_range(start, end)).collect()
    }
}

/// Words and quoted phrases, the marks of a phrase being any of the usual ones.
fn split(typed: &str) -> Vec<String> {
    let (mut out, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in typed.chars() {
        match c {
            '"' | '“' | '”' | '「' | '」' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => out.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    out.push(word);
    out.retain(|word| !word.is_empty());
    out
}

impl Term {
    /// A phrase of tokens; a run at its end may go on in the text, a run before a word may not.
    fn expression(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        let mut open = "";
        for (at, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Word(word) => words.push(word.clone()),
                Piece::Han(run) => {
                    let last = at + 1 == self.pieces.len();
                    words.extend(pairs(run));
                    if !last || run.len() == 1 {
                        words.push(run[run.len() - 1].to_string());
                    }
                    open = if last && run.len() == 1 { " *" } else { "" };
                }
            }
        }
        let column = match self.field {
            Field::Any => "",
            Field::Title => "title : ",
            Field::Buyer => "buyer : ",
            Field::Seller => "seller : ",
        };
        format!("{column}\"{}\"{open}", words.join(" "))
    }

    fn places(&self, placed: &[Placed], folded: &str) -> Vec<(usize, usize)> {
        let starts = placed.iter().enumerate().flat_map(|(at, one)| self.starts(one, folded).into_iter().map(move |start| (at, start)));
        starts.filter_map(|(at, start)| Some((start, self.end(&placed[at..], folded, start)?))).collect()
    }

    /// Where in a piece of the text the first piece of the term could begin.
    fn starts(&self, placed: &Placed, folded: &str) -> Vec<usize> {
        match (&self.pieces[0], &placed.piece) {
            (Piece::Word(_), Piece::Word(_)) => vec![placed.start],
            (Piece::Han(_), Piece::Han(_)) => {
                folded[placed.start..placed.end].char_indices().filter(|(_, c)| is_han(*c)).map(|(at, _)| placed.start + at).collect()
            }
            _ => Vec::new(),
        }
    }

    fn end(&self, placed: &[Placed], folded: &str, start: usize) -> Option<usize> {
        let mut end = start;
        for (at, piece) in self.pieces.iter().enumerate() {
            let stands = placed.get(at)?;
            let from = if at == 0 { start } else { stands.start };
            end = match (piece, &stands.piece) {
                (Piece::Word(word), Piece::Word(there)) if word == there => stands.end,
                (Piece::Han(run), Piece::Han(_)) => {
                    let end = run_end(run, folded, from, stands.end)?;
                    // Only the term's last run may be the beginning of a longer one.
                    if at + 1 < self.pieces.len() && end != stands.end {
                        return None;
                    }
                    end
                }
                _ => return None,
            };
        }
        Some(end)
    }
}

/// The end of `run` if it begins at `from`, blanks between its characters left out.
fn run_end(run: &[char], folded: &str, from: usize, to: usize) -> Option<usize> {
    let mut here = folded[from..to].char_indices().filter(|(_, c)| *c != ' ');
    let mut end = from;
    for wanted in run {
        let (at, c) = here.next()?;
        if c != *wanted {
            return None;
        }
        end = from + at + c.len_utf8();
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const TEXTS: [&str; 7] = [
        "样本市公安局采购人脸识别服务器",
        "样本市公 安 局\t戴尔PowerEdge R740服务器，数量：2台",
        "樣本縣監獄 採購 ＩＢＭ Power 伺服器",
        "安局公告：人像比对；公，安局",
        "Intel Xeon E5-2680 处理器（戴尔）PowerVault",
        "公\n安",
        "局",
    ];

    /// The first character, where it is Han.
    fn title(text: &str) -> &str {
        if text.starts_with(is_han) { &text[..3] } else { "" }
    }

    fn index() -> (Connection, Folder) {
        let rules = Rulebook::embedded();
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(TABLES).unwrap();
        for (at, text) in TEXTS.iter().enumerate() {
            db.execute(
                "INSERT INTO words (rowid, title, buyer, seller, body) VALUES (?1, ?2, '', '', ?3)",
                params![at as i64, tokens(title(text), &rules.folder), tokens(text, &rules.folder)],
            )
            .unwrap();
        }
        (db, rules.folder)
    }

    fn found(db: &Connection, query: &Query) -> BTreeSet<usize> {
        let mut rows = db.prepare("SELECT rowid FROM words WHERE words MATCH ?1").unwrap();
        rows.query_map([query.expression()], |row| row.get::<_, i64>(0)).unwrap().map(|id| id.unwrap() as usize).collect()
    }

    #[test]
    fn one_and_two_characters_scripts_widths_and_phrases_are_found() {
        let (db, folder) = index();
        for (typed, expected) in [
            ("公安", &[0, 1][..]),
            ("公", &[0, 1, 3, 5]),
            ("局", &[0, 1, 3, 6]),
            ("监狱", &[2]),
            ("監獄", &[2]),
            ("ibm", &[2]),
            ("ＩＢＭ", &[2]),
            ("Power", &[2]),
            ("\"戴尔PowerEdge\"", &[1]),
            ("\"戴尔 powervault\"", &[4]),
            ("e5-2680", &[4]),
            ("\"2680 处理\"", &[4]),
            ("\"公，安局\"", &[3]),
            ("服务器 -戴尔", &[0]),
            ("服务器 人脸", &[0]),
            ("title:样", &[0, 1, 2]),
            ("buyer:样", &[]),
            ("伺服器", &[2]),
        ] {
            let query = Query::parse(typed, &folder);
            assert_eq!(found(&db, &query).into_iter().collect::<Vec<_>>(), expected, "{typed}: {}", query.expression());
        }
    }

    #[test]
    fn the_index_finds_what_a_scan_of_every_text_finds() {
        let (db, folder) = index();
        let mut tried = 0;
        for text in TEXTS {
            let characters: Vec<char> = text.chars().collect();
            for (start, length) in (0..characters.len()).flat_map(|start| (1..=5).map(move |length| (start, length))) {
                let Some(piece) = characters.get(start..start + length) else { continue };
                let query = Query::parse(&format!("\"{}\"", piece.iter().collect::<String>()), &folder);
                if query.is_empty() {
                    continue;
                }
                let scanned: BTreeSet<usize> = (0..TEXTS.len()).filter(|at| !query.places(TEXTS[*at], &folder).is_empty()).collect();
                assert_eq!(found(&db, &query), scanned, "{:?}", query.terms);
                tried += 1;
            }
        }
        assert!(tried > 300);
    }

    #[test]
    fn what_is_found_is_shown_where_it_stands() {
        let folder = Rulebook::embedded().folder;
        let text = "樣本縣 監　獄 採購 ＩＢＭ";
        let places = Query::parse("监狱 ibm", &folder).places(text, &folder);
        assert_eq!(places.iter().map(|(a, b)| &text[*a..*b]).collect::<Vec<_>>(), ["監　獄", "ＩＢＭ"]);
    }
}
