//! How does a translator get the Chinese texts of a case, and how do their words come back? A
//! workbook with a row a title or quote. What cannot be taken back is said row by row; everything
//! else is taken.

use super::xlsx::{Cell, Column, Sheet, cut};
use super::{mask, say};
use crate::assemble::{Slot, SlotKind, word};
use crate::rulebook::Rulebook;
use crate::script::is_han;
use calamine::{Data, Reader as _};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Cursor;

/// Name of the sheet with the rows.
pub const SHEET: &str = "translate";
const HEAD: [&str; 8] =
    ["key", "kind", "notice", "chinese", "machine gloss (single words, no translation)", "translation", "translator", "date"];
const TRANSLATION: usize = 5;
/// What the second sheet says.
const HOW: [&str; 6] = [
    "Fill in the yellow columns; leave the others as they are. Rows may be sorted, filtered and left empty.",
    "translation: what the Chinese says, in full and no more. Do not smooth over what is unclear; write [unclear].",
    "translator: a pseudonym. It stays in the case and is in no export.",
    "date: the day of the translation, 2026-01-31; an empty cell means the day the file is taken back.",
    "machine gloss: words a glossary knows, one by one, with … for the rest. It is a help, never a translation.",
    "Names and numbers of contact persons are withheld in the Chinese; keep the words in brackets.",
];

/// The workbook for a translator: texts that no person has translated.
pub fn sheets(slots: &[&Slot], rules: &Rulebook) -> Vec<Sheet> {
    let head = HEAD.iter().enumerate().map(|(at, name)| if at >= TRANSLATION { Column::fill(name) } else { Column::read(name) });
    let how = HOW.iter().map(|line| vec![Cell::text(line)]).collect();
    vec![
        Sheet { name: SHEET.to_string(), head: head.collect(), rows: slots.iter().map(|slot| row(slot, rules)).collect() },
        Sheet { name: "how to".to_string(), head: vec![Column::read("how to fill it in")], rows: how },
    ]
}

fn row(slot: &Slot, rules: &Rulebook) -> Vec<Cell> {
    let gloss = say::sentence_gloss(&slot.of, rules).unwrap_or_default();
    let notice = if slot.kind == SlotKind::Quote { mask::text(&slot.title, &rules.report.masks) } else { String::new() };
    let cells = [slot.key.clone(), word(&slot.kind), notice, shown(slot, rules), gloss];
    cells.iter().map(|text| Cell::text(&cut(text))).chain([Cell::Empty, Cell::Empty, Cell::Empty]).collect()
}

/// The Chinese text as it leaves the case.
fn shown(slot: &Slot, rules: &Rulebook) -> String {
    cut(&mask::text(&slot.of, &rules.report.masks))
}

/// A row as it came back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Counted from 1, as spreadsheets do.
    pub number: usize,
    pub key: String,
    pub chinese: String,
    pub translation: String,
    pub translator: String,
    pub date: String,
}

/// Rows of a workbook, with the name of their sheet; an error says what the file lacks.
pub fn read(bytes: &[u8]) -> Result<(String, Vec<Row>), String> {
    let mut book =
        calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|_| "this is no workbook (XLSX, XLS or ODS)".to_string())?;
    let names = book.sheet_names();
    let name = names.iter().find(|name| *name == SHEET).or(names.first()).cloned().ok_or("the workbook has no sheet")?;
    let range = book.worksheet_range(&name).map_err(|error| format!("sheet {name}: {error}"))?;
    let top = range.start().map_or(0, |(row, _)| row as usize);
    let mut rows = range.rows();
    let head: Vec<String> = rows.next().unwrap_or(&[]).iter().map(|cell| plain(cell).to_lowercase()).collect();
    let column = |wanted: &str| {
        let missing = || format!("sheet {name}, row {}: no column {wanted}: keep the heads as they were sent", top + 1);
        head.iter().position(|own| own == wanted).ok_or_else(missing)
    };
    let at = [column("key")?, column("chinese")?, column("translation")?, column("translator")?, column("date")?];
    let filled = rows.enumerate().map(|(below, cells)| {
        let [key, chinese, translation, translator, date] = at.map(|at| cells.get(at).map(plain).unwrap_or_default());
        Row { number: top + below + 2, key, chinese, translation, translator, date }
    });
    Ok((name, filled.collect()))
}

fn plain(cell: &Data) -> String {
    let text = match cell {
        Data::DateTime(at) => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        other => other.to_string(),
    };
    text.trim().to_string()
}

/// A translation that a person made before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub capture: String,
    pub part: u32,
    pub of: String,
    pub text: String,
    pub by: String,
    /// Whether it stands beside the text now.
    pub stands: bool,
}

/// A translation to be taken into the case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken<'a> {
    pub slot: &'a Slot,
    pub text: String,
    pub by: String,
    pub on: String,
}

/// What came of the rows of a workbook.
#[derive(Debug, Default)]
pub struct Return<'a> {
    pub taken: Vec<Taken<'a>>,
    /// Filled rows whose words the case has already.
    pub known: usize,
    /// Rows without a translation.
    pub empty: Vec<usize>,
    /// Filled rows that could not be taken, and what to do about each.
    pub left: Vec<(usize, String)>,
}

/// What the case holds, and what a row means that does not say who and when.
pub struct Desk<'a> {
    pub slots: &'a [Slot],
    pub known: &'a [Known],
    pub by: Option<&'a str>,
    pub today: &'a str,
}

/// Sorts the rows of a workbook: each is taken, known, empty, or left with its reason.
pub fn take_back<'a>(rows: &[Row], desk: &Desk<'a>, rules: &Rulebook) -> Return<'a> {
    let mut back = Return::default();
    let mut by_key: HashMap<&str, Vec<&Slot>> = HashMap::new();
    for slot in desk.slots {
        by_key.entry(&slot.key).or_default().push(slot);
    }
    let edited = edited_twice(rows);
    let known = by_text(desk.known);
    let mut seen = HashSet::new();
    for row in rows.iter().filter(|row| **row != Row { number: row.number, ..Row::default() }) {
        if row.translation.is_empty() {
            back.empty.push(row.number);
            continue;
        }
        let slots = by_key.get(row.key.as_str()).map_or(&[][..], Vec::as_slice);
        match one(row, slots, &edited, &known, desk, rules) {
            Ok(Some(taken)) if seen.insert((&taken.slot.key, &taken.slot.of)) => back.taken.push(taken),
            Ok(Some(_)) => back.known += 1,
            Ok(None) => back.known += 1,
            Err(reason) => back.left.push((row.number, reason)),
        }
    }
    back
}

type ByText<'a> = HashMap<(&'a str, u32, &'a str), Vec<&'a Known>>;

fn by_text(known: &[Known]) -> ByText<'_> {
    let mut out = ByText::new();
    for one in known {
        out.entry((&one.capture, one.part, &one.of)).or_default().push(one);
    }
    out
}

/// Numbers of the rows that translate one text differently.
fn edited_twice(rows: &[Row]) -> BTreeMap<usize, Vec<usize>> {
    let mut by_text: HashMap<(&str, &str), Vec<&Row>> = HashMap::new();
    for row in rows.iter().filter(|row| !row.translation.is_empty()) {
        by_text.entry((&row.key, &row.chinese)).or_default().push(row);
    }
    let differ = by_text.into_values().filter(|same| same.iter().any(|row| row.translation != same[0].translation));
    let numbered = differ.map(|same| same.iter().map(|row| row.number).collect::<Vec<_>>());
    numbered.flat_map(|numbers| numbers.clone().into_iter().map(move |number| (number, numbers.clone()))).collect()
}

/// The translation of one row; None where the case has it already, an error with what to do.
fn one<'a>(
    row: &Row,
    slots: &[&'a Slot],
    edited: &BTreeMap<usize, Vec<usize>>,
    known: &ByText,
    desk: &Desk<'a>,
    rules: &Rulebook,
) -> Result<Option<Taken<'a>>, String> {
    if let Some(rows) = edited.get(&row.number) {
        let others: Vec<String> = rows.iter().map(usize::to_string).collect();
        return Err(format!("rows {} translate the same text differently: keep one of them", others.join(" and ")));
    }
    let slot = place(row, slots, rules)?;
    if row.translation.chars().any(is_han) && same_words(&row.translation, &row.chinese) {
        return Err("the translation is the Chinese text again: write it in English, or empty the cell".into());
    }
    let by = Some(row.translator.as_str()).filter(|by| !by.is_empty()).or(desk.by);
    let by = by.ok_or("who translated it is not said: fill in the column translator, or give --by PSEUDONYM")?.to_string();
    let on = day(&row.date, desk.today)?;
    let own = known.get(&(slot.capture.as_str(), slot.part, slot.of.as_str())).map_or(&[][..], Vec::as_slice);
    if own.iter().any(|known| known.text == row.translation) {
        return Ok(None);
    }
    match own.iter().find(|known| known.stands && known.by != by) {
        Some(other) => Err(format!(
            "another person has translated it meanwhile (“{}”): take that one back first, or empty the cell",
            say::short(&other.text, 60)
        )),
        None => Ok(Some(Taken { slot, text: row.translation.clone(), by, on })),
    }
}

/// Where a row belongs.
fn place<'a>(row: &Row, slots: &[&'a Slot], rules: &Rulebook) -> Result<&'a Slot, String> {
    if row.key.is_empty() {
        return Err("the key is missing: copy it from the sheet as it was sent".into());
    }
    let Some(first) = slots.first() else {
        return Err(format!(
            "the case shows no text with the key {}: it belongs to another case, or new rules no longer quote it; send out a new sheet",
            row.key
        ));
    };
    let same = slots.iter().find(|slot| same_words(&shown(slot, rules), &row.chinese));
    same.copied().ok_or_else(|| {
        let now = say::short(&say::one_line(&shown(first, rules)), 60);
        format!("the Chinese text is not the one in the case (“{now}”): compare the two, and translate it in a new sheet")
    })
}

/// Programs change line ends and trailing space of cells.
fn same_words(left: &str, right: &str) -> bool {
    left.split_whitespace().eq(right.split_whitespace())
}

/// An ISO day, also with slashes or points between; an empty cell is today.
fn day(text: &str, today: &str) -> Result<String, String> {
    if text.is_empty() {
        return Ok(today.to_string());
    }
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let number = |at: usize| parts.get(at).and_then(|part| part.parse::<u32>().ok());
    match (number(0), number(1), number(2), parts.len()) {
        (Some(year @ 1000..=9999), Some(month @ 1..=12), Some(day @ 1..=31), 3) => Ok(format!("{year:04}-{month:02}-{day:02}")),
        _ => Err(format!("the date {text} cannot be read: write it as 2026-01-31, or empty the cell")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::xlsx::workbook;
    use std::sync::OnceLock;

    static RULES: OnceLock<Rulebook> = OnceLock::new();

    fn rules() -> &'static Rulebook {
        RULES.get_or_init(Rulebook::embedded)
    }

    fn slot(number: usize, of: &str) -> Slot {
        Slot {
            key: format!("{number:020}"),
            kind: SlotKind::Quote,
            capture: "ab".into(),
            part: 0,
            of: of.into(),
            finding: "f".into(),
            title: "示例市公安局采购公告".into(),
        }
    }

    fn filled(slots: &[Slot]) -> Vec<Row> {
        let refs: Vec<&Slot> = slots.iter().collect();
        let (name, mut rows) = read(&workbook(&sheets(&refs, rules())).unwrap()).unwrap();
        assert_eq!(name, SHEET);
        rows.iter_mut().for_each(|row| (row.translation, row.translator) = (format!("text {}", row.number), "eule".into()));
        rows
    }

    fn back<'a>(rows: &[Row], slots: &'a [Slot], known: &'a [Known]) -> Return<'a> {
        take_back(rows, &Desk { slots, known, by: None, today: "2026-01-31" }, rules())
    }

    #[test]
    fn each_defect_is_said_with_its_row_and_the_rest_is_taken() {
        let slots: Vec<Slot> = ["服务器 2台", "交换机 3台", "存储 1套", "软件 4套", "防火墙", "路由器", "终端"]
            .iter()
            .enumerate()
            .map(|(n, of)| slot(n, of))
            .collect();
        let mut rows = filled(&slots);
        rows[0].key = "0123".into();
        rows[1].chinese = "交换机 30台".into();
        rows[2].translation = String::new();
        rows[3].translator = String::new();
        rows[4].date = "last week".into();
        rows[5].translation = "路由器".into();
        rows.push(Row { number: 9, translation: "another".into(), ..rows[6].clone() });
        let back = back(&rows, &slots, &[]);
        let said: Vec<(usize, bool)> = back
            .left
            .iter()
            .zip([
                "no text with the key",
                "not the one in the case",
                "who translated",
                "cannot be read",
                "Chinese text again",
                "rows 8 and 9",
                "rows 8 and 9",
            ])
            .map(|((row, said), expected)| (*row, said.contains(expected)))
            .collect();
        assert_eq!(said, [(2, true), (3, true), (5, true), (6, true), (7, true), (8, true), (9, true)], "{:?}", back.left);
        assert_eq!((back.empty, back.taken.len()), (vec![4], 0));
    }

    #[test]
    fn what_the_case_has_is_not_taken_twice_and_nobody_elses_word_is_replaced() {
        let slots = [slot(0, "服务器 2台")];
        let rows = filled(&slots);
        let known = |text: &str, by: &str, stands| {
            [Known { capture: "ab".into(), part: 0, of: "服务器 2台".into(), text: text.into(), by: by.into(), stands }]
        };
        let of = |known: &[Known]| {
            let back = back(&rows, &slots, known);
            (back.taken.len(), back.known, back.left.len())
        };
        assert_eq!(of(&[]), (1, 0, 0));
        assert_eq!(of(&known("text 2", "uhu", false)), (0, 1, 0), "taken before, and taken back since: it does not come again");
        assert_eq!(of(&known("older words", "eule", true)), (1, 0, 0), "a person corrects themselves");
        assert_eq!(of(&known("older words", "uhu", true)), (0, 0, 1));
        let same = [rows.clone(), vec![Row { number: 3, ..rows[0].clone() }]].concat();
        assert_eq!(back(&same, &slots, &[]).taken.len(), 1, "the same words twice are one translation");
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        for (text, expected) in [
            ("2026-01-31", Some("2026-01-31")),
            ("2026/1/3", Some("2026-01-03")),
            ("", Some("2026-05-05")),
            ("31.1.2026", None),
            ("2026-13-01", None),
        ] {
            assert_eq!(day(text, "2026-05-05").ok().as_deref(), expected, "{text}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(60))]
        #[test]
        fn whatever_goes_out_comes_back_to_its_place(texts in proptest::collection::vec("[=+@\\-服务器戴尔A-Z0-9\t\n 联系人：王_x]{1,40}|\\PC{1,30}", 1..6)) {
            let slots: Vec<Slot> = texts.iter().filter(|text| !text.trim().is_empty()).enumerate().map(|(n, of)| slot(n, of)).collect();
            let rows = filled(&slots);
            let back = back(&rows, &slots, &[]);
            proptest::prop_assert!(back.left.is_empty() && back.empty.is_empty(), "{:?}", back.left);
            let places: Vec<&str> = back.taken.iter().map(|taken| taken.slot.key.as_str()).collect();
            proptest::prop_assert_eq!(places, slots.iter().map(|slot| slot.key.as_str()).collect::<Vec<_>>());
        }
    }
}
