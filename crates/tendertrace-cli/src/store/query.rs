//! What does a person's search mean? Words and phrases that are cut and folded as the index's texts are:
//! Han text into overlapping pairs, so that one and two characters find as surely as long phrases.

use tendertrace::script::Folder;

/// What stands in a text: runs of Han (and kana, hangul) characters, words, and breaks between them.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Han(Vec<char>),
    Word(String),
}

impl Piece {
    fn quoted(&self) -> String {
        match self {
            Piece::Han(run) => format!("\"{}\"", run.iter().collect::<String>()),
            Piece::Word(word) => format!("\"{word}\""),
        }
    }
}

impl Piece {
    fn marks(&self) -> u64 {
        // Any hash does that is the same in every run.
        let bit = |of: &mut dyn Iterator<Item = char>| {
            let hash = of.fold(0xcbf2_9ce4_8422_2325_u64, |hash, c| (hash ^ u64::from(c as u32)).wrapping_mul(0x0100_0000_01b3));
            1 << ((hash ^ hash >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58)
        };
        match self {
            Piece::Word(word) => bit(&mut word.chars()),
            Piece::Han(run) => {
                let each = run.iter().map(|c| bit(&mut [*c].into_iter()));
                each.chain(run.windows(2).map(|pair| bit(&mut pair.iter().copied()))).fold(0, |all, one| all | one)
            }
        }
    }
}

/// The two indexes of a case's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    Words,
    Signs,
}

/// Where a piece stands in the folded text.
struct Placed {
    piece: Piece,
    start: usize,
    end: usize,
}

fn is_han(c: char) -> bool {
    c as u32 >= 0x2E80 && is_letter(c)
}

/// Letters and digits; nearly all are found without a table.
fn is_letter(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}') || c.is_alphanumeric()
}

/// Pieces of a folded text. A blank between two Han characters is layout, not a break.
fn pieces(folded: &str) -> Vec<Placed> {
    let mut out: Vec<Placed> = Vec::new();
    let mut open = false;
    for (at, c) in folded.char_indices() {
        let end = at + c.len_utf8();
        let joins =
            open && out.last().is_some_and(|last| matches!((&last.piece, is_han(c)), (Piece::Han(_), true) | (Piece::Word(_), false)));
        if !is_letter(c) {
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
pub fn tokens(text: &str, folder: &Folder) -> String {
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

/// Every Han character of a text, once: what a single character is looked for in.
pub fn signs(text: &str, folder: &Folder) -> String {
    let all: std::collections::BTreeSet<char> = folder.fold(text).text.chars().filter(|c| is_han(*c)).collect();
    let mut out = String::with_capacity(all.len() * 4);
    all.iter().for_each(|sign| push(&mut out, sign.encode_utf8(&mut [0; 4])));
    out
}

fn push(out: &mut String, token: &str) {
    if !out.is_empty() {
        out.push(' ');
    }
    out.push_str(token);
}

/// Bits for what stands in a folded text, characters, pairs and words: where one is missing, a term with it
/// cannot stand there.
pub fn marks(folded: &str) -> u64 {
    pieces(folded).iter().map(|placed| placed.piece.marks()).fold(0, |all, one| all | one)
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

    /// What must stand in the notice, in the index's own language.
    pub fn wanted(&self, index: Index) -> Option<String> {
        let terms = self.of(index, false).map(Term::expression).collect::<Vec<_>>();
        (!terms.is_empty()).then(|| terms.join(" AND "))
    }

    /// What must not stand in it.
    pub fn unwanted(&self, index: Index) -> Option<String> {
        let terms = self.of(index, true).map(Term::expression).collect::<Vec<_>>();
        (!terms.is_empty()).then(|| terms.join(" OR "))
    }

    fn of(&self, index: Index, without: bool) -> impl Iterator<Item = &Term> {
        self.terms.iter().filter(move |term| term.without == without && term.is_sign() == (index == Index::Signs))
    }

    /// Terms that a title may hold: those that may stand anywhere, and those that must stand in it.
    fn of_title(&self) -> impl Iterator<Item = &Term> {
        self.terms.iter().filter(|term| !term.without && matches!(term.field, Field::Any | Field::Title))
    }

    /// Marks without which no title has all of them.
    pub fn title_marks(&self) -> u64 {
        self.of_title().flat_map(|term| &term.pieces).map(Piece::marks).fold(0, |all, one| all | one)
    }

    /// Whether a folded title has all of them.
    pub fn is_titled(&self, folded: &str) -> bool {
        // Most stand there as they were typed.
        let as_typed = |term: &Term| matches!(&term.pieces[..], [Piece::Han(run)] if folded.contains(&run.iter().collect::<String>()));
        if self.of_title().all(as_typed) {
            return true;
        }
        let placed = pieces(folded);
        self.of_title().all(|term| !term.places(&placed, folded).is_empty())
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
    /// A single Han character, which has an index of its own.
    fn is_sign(&self) -> bool {
        matches!(&self.pieces[..], [Piece::Han(run)] if run.len() == 1)
    }

    /// A phrase of tokens; a run at its end may go on in the text, a run before a word may not.
    fn expression(&self) -> String {
        let column = match self.field {
            Field::Any => "",
            Field::Title => "title : ",
            Field::Buyer => "buyer : ",
            Field::Seller => "seller : ",
        };
        if self.is_sign() {
            return format!("{column}{}", self.pieces[0].quoted());
        }
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
    use super::super::search::TABLES;
    use super::*;
    use rusqlite::{Connection, params};
    use std::collections::BTreeSet;
    use tendertrace::rulebook::Rulebook;

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
            for (table, cut) in [("words", tokens as fn(&str, &Folder) -> String), ("signs", signs)] {
                db.execute(
                    &format!("INSERT INTO {table} (rowid, title, buyer, seller, body) VALUES (?1, ?2, '', '', ?3)"),
                    params![at as i64, cut(title(text), &rules.folder), cut(text, &rules.folder)],
                )
                .unwrap();
            }
        }
        (db, rules.folder)
    }

    fn found(db: &Connection, query: &Query) -> BTreeSet<usize> {
        let places = crate::store::streams::found(db, query, crate::store::streams::Order::Newest).unwrap();
        places.into_iter().map(|place| place as usize).collect()
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
            ("公 -局", &[5]),
            ("公 服务器", &[0, 1]),
            ("-公", &[2, 4, 6]),
            ("title:样", &[0, 1, 2]),
            ("buyer:样", &[]),
            ("伺服器", &[2]),
        ] {
            let query = Query::parse(typed, &folder);
            assert_eq!(found(&db, &query).into_iter().collect::<Vec<_>>(), expected, "{typed}: {:?}", query.terms);
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
