//! What does a text of rows and fields (CSV, TSV) say? One table, quotes undone.

use super::broken;
use super::writer::Writer;
use crate::model::Document;

/// Reads the rows below a title; Chinese programs also part fields with semicolons.
pub fn read_table(text: &str, delimiter: u8, title: &str) -> Document {
    let delimiter = own_delimiter(text, delimiter);
    let mut rows = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut writer = Writer::titled(title);
    let mut gaps = Vec::new();
    writer.open_table();
    for row in rows.records() {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                gaps.push(broken(&format!("a row cannot be read: {error}"), "mend the row"));
                break;
            }
        };
        writer.open_row();
        for field in &row {
            writer.open_cell(1, 1, false);
            writer.verbatim(field);
            writer.close_cell();
        }
        writer.close_row();
    }
    writer.close_table();
    Document { gaps, ..writer.finish() }
}

/// The first line shows it where it holds none of the expected.
pub fn own_delimiter(text: &str, expected: u8) -> u8 {
    let first = text.lines().next().unwrap_or("").as_bytes();
    if first.contains(&expected) {
        return expected;
    }
    [b'\t', b';', b','].into_iter().find(|d| first.contains(d)).unwrap_or(expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::BlockKind;

    #[test]
    fn fields_are_cells() {
        for (text, delimiter) in
            [("名称,数量\n\"甲,\"\"乙\"\"\",2\n", b','), ("名称;数量\n甲,\"乙\";2", b','), ("名称\t数量\n甲,\"乙\"\t2\n", b'\t')]
        {
            let document = read_table(text, delimiter, "");
            let BlockKind::Table(cells) = &document.blocks[1].kind else { panic!("no table") };
            let texts: Vec<_> = cells.iter().map(|c| &document.text[c.start..c.end]).collect();
            assert_eq!(texts, ["名称", "数量", "甲,\"乙\"", "2"]);
        }
    }
}
