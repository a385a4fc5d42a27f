//! How does a table become a workbook that people filter, sort and follow? Text stays text whatever
//! it begins with, numbers are numbers, links lead to the report beside the file or to another row.
//! The file says nothing of who made it, where or when.

use super::columns::{Kind, kind};
use super::{csv, terminal::columns};
use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, FormatAlign, Url, Workbook, Worksheet, XlsxError};
use std::collections::HashMap;

/// A sheet: its head is frozen and filters its rows.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    pub name: String,
    pub head: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub look: Look,
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// To be read.
    Read,
    /// To be filled in by a person.
    Fill,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(f64),
    Link(Target, String),
}

/// Where a link leads: never out of the case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A finding of the `report.html` that lies beside the workbook.
    Finding(String),
    /// A row of a sheet, counted from 1 as spreadsheets do.
    Row(String, usize),
}

impl Column {
    pub fn read(name: &str) -> Column {
        Column { name: name.to_string(), look: Look::Read }
    }

    pub fn fill(name: &str) -> Column {
        Column { name: name.to_string(), look: Look::Fill }
    }
}

impl Cell {
    /// A text, empty where it says nothing.
    pub fn text(text: &str) -> Cell {
        if text.is_empty() { Cell::Empty } else { Cell::Text(text.to_string()) }
    }

    fn shown(&self) -> &str {
        match self {
            Cell::Text(text) | Cell::Link(_, text) => text,
            Cell::Empty | Cell::Number(_) => "",
        }
    }
}

/// Rows of a sheet, without its head.
pub const MOST_ROWS: usize = 1_048_575;
/// Characters of a cell, and links of a sheet, that spreadsheets take.
const LONGEST: usize = 32_000;
const MOST_LINKS: usize = 65_000;
/// Widths of columns, in characters.
const NARROWEST: usize = 9;
const WIDEST: usize = 56;
/// Rows by which the width of a column is judged.
const JUDGED: usize = 200;
/// The day every workbook says it was made: the same rows are the same file.
const DAY: (u16, u8, u8) = (2000, 1, 1);

/// The workbook; an error says which sheet could not be written and why.
pub fn workbook(sheets: &[Sheet]) -> Result<Vec<u8>, String> {
    let mut book = Workbook::new();
    let day = ExcelDateTime::from_ymd(DAY.0, DAY.1, DAY.2).map_err(|e| e.to_string())?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&day));
    for sheet in sheets {
        write(book.add_worksheet(), sheet).map_err(|error| format!("sheet {}: {error}", sheet.name))?;
    }
    book.save_to_buffer().map_err(|error| error.to_string())
}

fn write(to: &mut Worksheet, sheet: &Sheet) -> Result<(), XlsxError> {
    to.set_name(&sheet.name)?;
    let head = Format::new().set_bold().set_background_color(Color::RGB(0xE8_E8_E8));
    for (at, column) in sheet.head.iter().enumerate() {
        to.write_string_with_format(0, at as u16, &column.name, &head)?;
        let look = look(column.look);
        to.set_column_format(at as u16, &look)?.set_column_width(at as u16, width(sheet, at) as f64)?;
    }
    let mut links = 0;
    for (number, row) in sheet.rows.iter().take(MOST_ROWS).enumerate() {
        for (at, cell) in row.iter().enumerate() {
            let place = (number as u32 + 1, at as u16);
            let look = look(sheet.head.get(at).map_or(Look::Read, |column| column.look));
            links += usize::from(matches!(cell, Cell::Link(..)));
            write_cell(to, place, cell, &look, links <= MOST_LINKS)?;
        }
    }
    to.set_freeze_panes(1, 0)?;
    if let Some(last) = sheet.head.len().checked_sub(1) {
        to.autofilter(0, 0, sheet.rows.len().min(MOST_ROWS) as u32, last as u16)?;
    }
    Ok(())
}

fn look(look: Look) -> Format {
    let format = Format::new().set_align(FormatAlign::Top).set_text_wrap();
    match look {
        Look::Read => format,
        Look::Fill => format.set_background_color(Color::RGB(0xFF_F8_DC)),
    }
}

fn write_cell(to: &mut Worksheet, (row, at): (u32, u16), cell: &Cell, look: &Format, may_link: bool) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => to.write_blank(row, at, look)?,
        Cell::Number(number) => to.write_number_with_format(row, at, *number, look)?,
        Cell::Link(target, text) if may_link => to.write_url_with_text(row, at, address(target), cut(text))?,
        Cell::Text(text) | Cell::Link(_, text) => to.write_string_with_format(row, at, cut(text), look)?,
    };
    Ok(())
}

fn address(target: &Target) -> Url {
    match target {
        Target::Finding(id) => Url::new(format!("file:///report.html#f-{id}")),
        Target::Row(sheet, row) => Url::new(format!("internal:'{sheet}'!A{row}")),
    }
}

/// A text as a cell holds it: without characters that spreadsheets cannot keep, and not too long.
pub fn cut(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\t' | '\n')).collect();
    match kept.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &kept[..at]),
        None => kept,
    }
}

fn width(sheet: &Sheet, at: usize) -> usize {
    let cells = sheet.rows.iter().take(JUDGED).filter_map(|row| row.get(at)).map(|cell| columns(cell.shown()));
    let widest = cells.chain([columns(&sheet.head[at].name) + 3]).max().unwrap_or(0);
    widest.clamp(NARROWEST, WIDEST)
}

/// A value as a cell of the column of this name.
pub fn cell(column: &str, text: &str) -> Cell {
    let counts = matches!(kind(column), Kind::Count | Kind::Decimal | Kind::Score);
    let number = counts.then(|| text.parse::<f64>().ok()).flatten().filter(|n| n.is_finite());
    number.map_or_else(|| Cell::text(text), Cell::Number)
}

/// A table of the case as a sheet; findings lead to the report, hashes to the notice's row.
pub fn sheet(name: &str, table: &csv::Sheet, notices: &NoticeRows) -> Sheet {
    let row = |row: &Vec<String>| linked(table.head.iter().copied(), row, notices);
    Sheet {
        name: name.to_string(),
        head: table.head.iter().map(|head| Column::read(head)).collect(),
        rows: table.rows.iter().map(row).collect(),
    }
}

/// Cells of one row, those that name a finding or a notice as links.
pub fn linked<'a>(head: impl Iterator<Item = &'a str> + Clone, row: &[String], notices: &NoticeRows) -> Vec<Cell> {
    let of = |name: &str| head.clone().position(|column| column == name).and_then(|at| row.get(at));
    let place = of("sha256").zip(of("part")).and_then(|(hash, part)| notices.row(hash, part));
    let link = |(column, text): (&str, &String)| match (column, place) {
        _ if text.is_empty() => Cell::Empty,
        ("finding", _) => Cell::Link(Target::Finding(text.clone()), text.clone()),
        ("sha256", Some(row)) => Cell::Link(Target::Row(notices.sheet.clone(), row), text.clone()),
        _ => cell(column, text),
    };
    head.clone().zip(row).map(link).collect()
}

/// In which row of which sheet a notice stands, by its hash and part.
#[derive(Debug, Default)]
pub struct NoticeRows {
    sheet: String,
    rows: HashMap<(String, String), usize>,
}

impl NoticeRows {
    /// Rows of the notices of a case, copies with their main notice, in the order of the table.
    pub fn of(sheet: &str, case: &crate::assemble::Case) -> NoticeRows {
        let mut rows = HashMap::new();
        for (number, notice) in case.notices.iter().enumerate() {
            let copies = notice.copies.iter().map(|(capture, part, _)| (capture, *part));
            for (capture, part) in copies.chain([(&notice.capture, notice.part)]) {
                rows.insert((capture.clone(), part.to_string()), number + 2);
            }
        }
        NoticeRows { sheet: sheet.to_string(), rows }
    }

    fn row(&self, hash: &str, part: &str) -> Option<usize> {
        self.rows.get(&(hash.to_string(), part.to_string())).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{Data, Reader as _, Xlsx};
    use std::io::Cursor;

    fn read(bytes: Vec<u8>) -> Vec<Vec<Data>> {
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
        let sheet = book.worksheet_range_at(0).unwrap().unwrap();
        sheet.rows().map(<[Data]>::to_vec).collect()
    }

    fn one(cells: Vec<Cell>) -> Sheet {
        Sheet { name: "s".into(), head: (0..cells.len()).map(|n| Column::read(&n.to_string())).collect(), rows: vec![cells] }
    }

    #[test]
    fn what_begins_like_a_formula_stays_text_and_numbers_stay_numbers() {
        let texts = ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(\"x\")", "00123", "1e5", "http://example.org", "{=1}"];
        let mut cells: Vec<Cell> = texts.iter().map(|text| Cell::text(text)).collect();
        cells.push(cell("amount", "312000.00"));
        cells.push(cell("project_number", "2021"));
        let bytes = workbook(&[one(cells)]).unwrap();
        let rows = read(bytes.clone());
        for (text, got) in texts.iter().zip(&rows[1]) {
            assert_eq!(got, &Data::String(text.to_string()));
        }
        assert_eq!(rows[1][texts.len()..], [Data::Float(312000.0), Data::String("2021".into())]);
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
        assert!(book.worksheet_formula("s").unwrap().cells().all(|(_, _, formula)| formula.is_empty()), "no cell is a formula");
    }

    #[test]
    fn the_same_rows_are_the_same_file_and_it_names_nobody() {
        let sheet = one(vec![Cell::text("示例"), Cell::Link(Target::Finding("ab12".into()), "ab12".into())]);
        let (first, second) = (workbook(std::slice::from_ref(&sheet)).unwrap(), workbook(&[sheet]).unwrap());
        assert_eq!(first, second);
        let mut archive = zip::ZipArchive::new(Cursor::new(first)).unwrap();
        let mut part = |name: &str| std::io::read_to_string(archive.by_name(name).unwrap()).unwrap();
        let core = part("docProps/core.xml");
        assert!(core.contains("<dc:creator></dc:creator>") && core.contains("2000-01-01"), "{core}");
        assert!(part("xl/worksheets/_rels/sheet1.xml.rels").contains("Target=\"report.html\""));
        assert!(part("xl/worksheets/sheet1.xml").contains("location=\"f-ab12\""));
    }

    proptest::proptest! {
        #[test]
        fn texts_come_back(text in "\\PC{1,40}|[=+@\\-\t\n示例A_x0]{1,12}") {
            let rows = read(workbook(&[one(vec![Cell::Text(text.clone())])]).unwrap());
            proptest::prop_assert_eq!(&rows[1][0], &Data::String(cut(&text)));
        }
    }
}
