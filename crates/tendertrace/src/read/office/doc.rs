//! What does an old Word file (DOC, also as WPS writes it) say? Its text by the piece table, cells
//! and rows by the marks in it.

use super::tree::{Cell, Node, Paragraph, Row, write};
use crate::model::Document;
use crate::read::writer::Writer;
use std::io::{Cursor, Read as _};

type Compound<'a> = cfb::CompoundFile<Cursor<&'a [u8]>>;

/// Bytes of one stream that are read.
const MOST: u64 = 256 << 20;

/// Whether a compound file holds a Word document.
pub fn is_word(bytes: &[u8]) -> bool {
    cfb::CompoundFile::open(Cursor::new(bytes)).is_ok_and(|file| file.exists("/WordDocument"))
}

/// Reads a DOC below a title.
pub fn read_doc(bytes: &[u8], title: &str) -> Result<Document, String> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|error| format!("this DOC is damaged: {error}"))?;
    let main = stream(&mut file, "/WordDocument")?;
    let flags = short(&main, 0x0A).ok_or("this DOC is cut off")?;
    if flags & 0x0100 != 0 {
        return Err("this DOC is encrypted".to_string());
    }
    let table = stream(&mut file, if flags & 0x0200 != 0 { "/1Table" } else { "/0Table" })?;
    let text = pieces(&main, &table).ok_or("the piece table of this DOC is damaged")?;
    let length = long(&main, 0x4C).unwrap_or(u32::MAX) as usize;
    let mut writer = Writer::titled(title);
    write(&blocks(&text[..length.min(text.len())]), &mut writer);
    Ok(writer.finish())
}

fn stream(file: &mut Compound<'_>, name: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let stream = file.open_stream(name).map_err(|error| format!("this DOC lacks {name}: {error}"))?;
    stream.take(MOST).read_to_end(&mut bytes).map_err(|error| format!("{name} of this DOC is damaged: {error}"))?;
    Ok(bytes)
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// The text's UTF-16 units in order: the table of pieces says where each stretch lies and whether
/// its characters take one byte or two.
fn pieces(main: &[u8], table: &[u8]) -> Option<Vec<u16>> {
    const CLX: usize = 0x01A2;
    let (start, length) = (long(main, CLX)? as usize, long(main, CLX + 4)? as usize);
    let mut clx = table.get(start..start.checked_add(length)?)?;
    // Formatting that some pieces share stands first.
    while let [1, low, high, tail @ ..] = clx {
        clx = tail.get(usize::from(u16::from_le_bytes([*low, *high]))..)?;
    }
    let [2, list @ ..] = clx else { return None };
    let list = list.get(4..4 + long(list, 0)? as usize)?;
    let count = list.len().checked_sub(4)? / 12;
    let mut units = Vec::new();
    for number in 0..count {
        let (from, to) = (long(list, number * 4)?, long(list, number * 4 + 4)?);
        let place = long(list, (count + 1) * 4 + number * 8 + 2)?;
        units.extend(piece(main, place, to.checked_sub(from)? as usize));
    }
    Some(units)
}

fn piece(main: &[u8], place: u32, characters: usize) -> Vec<u16> {
    const ONE_BYTE: u32 = 0x4000_0000;
    let start = (place & !ONE_BYTE) as usize;
    if place & ONE_BYTE != 0 {
        let start = (start / 2).min(main.len());
        let bytes = &main[start..start.saturating_add(characters).min(main.len())];
        return encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.encode_utf16().collect();
    }
    let start = start.min(main.len());
    let bytes = &main[start..start.saturating_add(characters.saturating_mul(2)).min(main.len())];
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
}

/// Marks of the format in the text.
const CELL: char = '\u{7}';
const PARAGRAPH: char = '\r';

/// Paragraphs and tables: a cell ends with its mark, a row with one more.
fn blocks(units: &[u16]) -> Vec<Node> {
    let text = without_fields(&String::from_utf16_lossy(units));
    let mut nodes = Vec::new();
    for stretch in text.split_inclusive(PARAGRAPH) {
        match stretch.rsplit_once(CELL) {
            Some((table, after)) => {
                nodes.push(Node::Table(rows(&table.split(CELL).collect::<Vec<_>>())));
                nodes.extend(paragraph(after));
            }
            None => nodes.extend(paragraph(stretch)),
        }
    }
    merged(nodes)
}

fn paragraph(text: &str) -> Option<Node> {
    let text = text.trim_end_matches(PARAGRAPH);
    (!text.trim().is_empty()).then(|| Node::Paragraph(Paragraph { text: text.to_string(), ..Paragraph::default() }))
}

/// A row's last mark follows at once upon the mark of its last cell. Rows of one width are tried
/// first: an empty cell looks like the end of a row.
fn rows(cells: &[&str]) -> Vec<Row> {
    let ends = |width: usize| {
        cells.len() % width == 0 && cells.chunks(width).all(|row| row[width - 1].is_empty() && row.iter().any(|c| !c.is_empty()))
    };
    let row = |cells: &[&str]| Row { skipped: 0, cells: cells.iter().map(|text| cell(text)).collect() };
    match (2..=64.min(cells.len())).find(|width| ends(*width)) {
        Some(width) => cells.chunks(width).map(|cells| row(&cells[..width - 1])).collect(),
        None => cells.split(|cell| cell.is_empty()).filter(|cells| !cells.is_empty()).map(row).collect(),
    }
}

fn cell(text: &str) -> Cell {
    Cell { columns: 1, rows: 1, nodes: paragraph(text).into_iter().collect(), ..Cell::default() }
}

/// Paragraphs within cells end stretches too: what they cut in two is one table again.
fn merged(nodes: Vec<Node>) -> Vec<Node> {
    let mut out: Vec<Node> = Vec::new();
    for node in nodes {
        match (out.last_mut(), node) {
            (Some(Node::Table(rows)), Node::Table(more)) => rows.extend(more),
            (_, node) => out.push(node),
        }
    }
    out
}

/// Fields show their result, not their code; pictures and other objects show no text.
fn without_fields(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut codes = Vec::new();
    for c in text.chars() {
        match c {
            '\u{13}' => codes.push(true),
            '\u{14}' => {
                if let Some(last) = codes.last_mut() {
                    *last = false;
                }
            }
            '\u{15}' => drop(codes.pop()),
            _ if codes.contains(&true) => {}
            '\u{B}' => out.push('\n'),
            '\u{C}' => out.push(PARAGRAPH),
            '\u{1E}' => out.push('-'),
            '\u{7}' | '\r' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn texts(rows: &[Row]) -> Vec<Vec<String>> {
        let text =
            |cell: &Cell| cell.nodes.iter().map(|n| if let Node::Paragraph(p) = n { p.text.clone() } else { String::new() }).collect();
        rows.iter().map(|row| row.cells.iter().map(text).collect()).collect()
    }

    #[test]
    fn cells_and_rows_by_their_marks() {
        let nodes = blocks(&units("标题\r名称\u{7}数量\u{7}\u{7}\u{13}CODE\u{14}甲\u{15}\u{7}\u{7}\u{7}乙\u{7}2\u{7}\u{7}\r末\r"));
        let Node::Table(rows) = &nodes[1] else { panic!("{nodes:?}") };
        assert_eq!(texts(rows), [["名称", "数量"], ["甲", ""], ["乙", "2"]]);
        assert_eq!(nodes.len(), 3);
    }

    #[test]
    fn what_is_no_doc_is_an_error() {
        for bytes in [&b""[..], b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"] {
            assert!(!is_word(bytes) && read_doc(bytes, "").is_err());
        }
        assert_eq!(pieces(&[0; 2000], &[]), None);
    }
}
