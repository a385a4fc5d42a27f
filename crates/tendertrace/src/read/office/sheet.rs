//! What does a spreadsheet say? Each sheet is a page with its name and one table; merged cells
//! reach over the cells they cover.

use crate::model::{BlockKind, Document};
use crate::read::broken;
use crate::read::writer::Writer;
use calamine::{Data, Dimensions, Range, Reader as _, Sheets, open_workbook_auto_from_rs};
use std::collections::HashMap;
use std::io::Cursor;

type Book<'a> = Sheets<Cursor<&'a [u8]>>;

/// Cells of one file that are read.
const MOST_CELLS: usize = 4_000_000;

/// Reads XLSX, XLS, XLSB and ODS.
pub fn read_sheets(bytes: &[u8], title: &str) -> Result<Document, String> {
    let mut book =
        open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|error| format!("this is no spreadsheet that can be read: {error}"))?;
    let mut writer = Writer::titled(title);
    let (mut pages, mut gaps, mut left) = (Vec::new(), Vec::new(), MOST_CELLS);
    for name in book.sheet_names() {
        pages.push(writer.position());
        let range = match book.worksheet_range(&name) {
            Ok(range) => range,
            Err(error) => {
                gaps.push(broken(&format!("sheet {name} cannot be read: {error}"), "open the file and save it anew"));
                continue;
            }
        };
        if range.width().saturating_mul(range.height()) > left {
            gaps.push(broken(&format!("sheet {name} has more cells than are read of one file"), "split the file"));
            continue;
        }
        left -= range.width() * range.height();
        write_sheet(&name, &range, &merges(&mut book, &name), &mut writer);
    }
    Ok(Document { pages, gaps, ..writer.finish() })
}

fn merges(book: &mut Book<'_>, name: &str) -> Vec<Dimensions> {
    match book {
        Sheets::Xlsx(book) => book.merge_cells_by_sheet_name(name).unwrap_or_default(),
        Sheets::Xls(book) => book.merge_cells_by_sheet_name(name).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn write_sheet(name: &str, range: &Range<Data>, merges: &[Dimensions], writer: &mut Writer) {
    let Some(origin) = range.start() else { return };
    writer.set_kind(BlockKind::Heading(2));
    writer.verbatim(name);
    writer.line_break();
    writer.set_kind(BlockKind::Paragraph);
    let begins: HashMap<(u32, u32), &Dimensions> = merges.iter().map(|m| (m.start, m)).collect();
    let mut until = vec![0u32; range.width()];
    writer.open_table();
    for (row, cells) in range.rows().enumerate() {
        let row = origin.0 + row as u32;
        let last = cells.iter().rposition(|c| !matches!(c, Data::Empty)).unwrap_or(0);
        writer.open_row();
        let mut at = 0;
        while at <= last {
            // Covered by a merged cell from above.
            if until[at] > row {
                at += 1;
                continue;
            }
            let (high, wide) =
                begins.get(&(row, origin.1 + at as u32)).map_or((1, 1), |m| (m.end.0 - m.start.0 + 1, m.end.1 - m.start.1 + 1));
            let end = (at + wide as usize).min(until.len());
            if high > 1 {
                until[at..end].fill(row + high);
            }
            writer.open_cell(high, wide, false);
            writer.verbatim(&shown(&cells[at]));
            writer.close_cell();
            at += wide.max(1) as usize;
        }
        writer.close_row();
    }
    writer.close_table();
}

/// A value as a reader would write it.
fn shown(value: &Data) -> String {
    match value {
        Data::Empty => String::new(),
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Data::DateTime(date) if date.is_datetime() => match date.to_ymd_hms_milli() {
            (year, month, day, 0, 0, 0, _) => format!("{year:04}-{month:02}-{day:02}"),
            (year, month, day, hour, minute, second, _) => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
        },
        other => other.to_string(),
    }
}
