//! Which notices are the rows of a table whose columns somebody has explained (`read/tables/ID.toml`)? One notice
//! a row, or for neighbouring rows of one; the text is a line `column：value` for each cell, as written.

use super::json::COLON;
use super::part_of;
use super::sniff::Format;
use crate::model::{Block, BlockKind, Document, Mapped, MappedCell, Part};
use crate::rulebook::read::tables::{Field, Table, plain};
use serde_json::{Map, Value};

/// Column and value of every cell of a row.
type Row = Vec<(String, String)>;

/// The notices of rows of fields; `None` where no table is known by their heads.
pub fn of_fields(text: &str, delimiter: u8, tables: &[Table], most: usize) -> Option<Vec<Part>> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let heads: Vec<String> = reader.headers().ok()?.iter().map(str::to_string).collect();
    let table = tables.iter().find(|table| table.is_of(heads.iter().map(String::as_str)))?;
    let rows = reader.records().take(most).map_while(Result::ok);
    let row = |record: csv::StringRecord| heads.iter().cloned().zip(record.iter().map(str::to_string)).collect();
    Some(parts(rows.map(row), table, Format::Table(delimiter)))
}

/// The notices of JSON values; `None` where no table is known by the keys of their objects.
pub fn of_values(values: &[Value], tables: &[Table], format: Format, most: usize) -> Option<Vec<Part>> {
    let objects = || values.iter().flat_map(objects_of);
    let table = tables.iter().find(|table| objects().take(LOOKED_AT).any(|object| is_of(table, object)))?;
    let rows = objects().filter(|object| is_of(table, object)).take(most);
    Some(parts(rows.map(row_of), table, format))
}

/// Objects that are looked at to tell a table.
const LOOKED_AT: usize = 100;

/// The objects of the lists in a value, or the value itself.
fn objects_of(value: &Value) -> Vec<&Map<String, Value>> {
    match value {
        Value::Array(list) => list.iter().filter_map(Value::as_object).collect(),
        Value::Object(object) => {
            let lists = object.values().filter_map(Value::as_array).flatten().filter_map(Value::as_object);
            std::iter::once(object).chain(lists).collect()
        }
        _ => Vec::new(),
    }
}

fn is_of(table: &Table, object: &Map<String, Value>) -> bool {
    let row = row_of(object);
    table.is_of(row.iter().map(|(column, _)| column.as_str()))
}

/// Values within values are columns with dots: `buyer.name`; those of a list share their column.
fn row_of(object: &Map<String, Value>) -> Row {
    let mut row = Row::new();
    let mut open: Vec<(String, &Value)> = object.iter().rev().map(|(key, value)| (key.clone(), value)).collect();
    while let Some((key, value)) = open.pop() {
        match value {
            Value::Object(inner) => open.extend(inner.iter().rev().map(|(name, value)| (format!("{key}.{name}"), value))),
            Value::Array(list) => open.extend(list.iter().rev().map(|value| (key.clone(), value))),
            Value::Null => {}
            Value::String(text) => row.push((key, text.clone())),
            other => row.push((key, other.to_string())),
        }
    }
    row
}

fn parts(rows: impl Iterator<Item = Row>, table: &Table, format: Format) -> Vec<Part> {
    let shared = |row: &Row| {
        let column = table.rows_of_one.as_deref()?;
        row.iter().find(|(name, _)| plain(name) == column).map(|(_, value)| value.trim().to_string()).filter(|value| !value.is_empty())
    };
    let mut groups: Vec<(Option<String>, Vec<Row>)> = Vec::new();
    for row in rows {
        let key = shared(&row);
        match groups.last_mut().filter(|(last, _)| key.is_some() && *last == key) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((key, vec![row])),
        }
    }
    groups.iter().map(|(_, rows)| part(rows, table, format)).collect()
}

fn part(rows: &[Row], table: &Table, format: Format) -> Part {
    let first = |field: Field| {
        let cells = rows.iter().flatten().filter(|(column, _)| table.field(column) == Some(field));
        cells.map(|(_, value)| value.trim()).find(|value| !value.is_empty()).map(str::to_string)
    };
    let title = first(Field::Title).unwrap_or_default();
    let mut document = Document { text: title.clone(), ..Document::default() };
    document.blocks.push(Block { kind: BlockKind::Title, start: 0, end: title.len() });
    let rows = rows.iter().map(|row| row.iter().filter_map(|(column, value)| write(column, value, &mut document)).collect()).collect();
    Part {
        title: Some(title).filter(|title| !title.is_empty()),
        url: first(Field::Url).filter(|url| url.starts_with("http")),
        mapped: Some(Mapped { table: table.id.clone(), rows }),
        ..part_of(format, document)
    }
}

/// Writes a cell below the others; `None` for an empty one.
fn write(column: &str, value: &str, document: &mut Document) -> Option<MappedCell> {
    if value.trim().is_empty() {
        return None;
    }
    if !document.text.is_empty() {
        document.text.push('\n');
    }
    let line = document.text.len();
    document.text.push_str(column);
    document.text.push_str(COLON);
    let begin = document.text.len();
    document.text.push_str(value.trim_end());
    let end = document.text.len();
    let mut start = line;
    for written in document.text[line..end].split('\n') {
        document.blocks.push(Block { kind: BlockKind::Paragraph, start, end: start + written.len() });
        start += written.len() + 1;
    }
    document.blocks.retain(|block| block.start < block.end || block.kind == BlockKind::Title);
    let start = begin + (value.len() - value.trim_start().len());
    Some(MappedCell { column: column.to_string(), start, end })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::Files;
    use crate::rulebook::read::tables;

    fn tables(text: &str) -> Vec<Table> {
        let mut problems = Vec::new();
        let layer = [("read/tables/a.toml".to_string(), text.as_bytes().to_vec())].into();
        let tables = tables::load(&Files::empty().with_layer(layer), &mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        tables
    }

    const TABLE: &str = "known_by = ['Ref', 'Comprador']\nrows_of_one = 'Ref'\nstage = 'award'\n[columns]\nRef = 'project_number'\nComprador = 'buyer'\nBien = 'item'\n";

    fn texts(parts: &[Part]) -> Vec<Vec<Vec<String>>> {
        let cell = |part: &Part, cell: &MappedCell| format!("{}={}", cell.column, &part.documents[0].text[cell.start..cell.end]);
        let rows = |part: &Part| part.mapped.iter().flat_map(|m| &m.rows).map(|r| r.iter().map(|c| cell(part, c)).collect()).collect();
        parts.iter().map(rows).collect()
    }

    #[test]
    fn rows_of_one_notice_are_one_part() {
        let text = "\u{FEFF}REF,Comprador,Bien\nA-1,Hospital,  mesa \nA-1,Hospital,silla\nA-2,Escuela,\"una\nlampara\"\n";
        let parts = of_fields(text, b',', &tables(TABLE), 9).unwrap();
        let expected = [
            vec![vec!["REF=A-1", "Comprador=Hospital", "Bien=mesa"], vec!["REF=A-1", "Comprador=Hospital", "Bien=silla"]],
            vec![vec!["REF=A-2", "Comprador=Escuela", "Bien=una\nlampara"]],
        ];
        assert_eq!(texts(&parts), expected);
        assert!(of_fields("Ref,Other\n1,2\n", b',', &tables(TABLE), 9).is_none());
    }

    #[test]
    fn values_within_values_are_columns_with_dots() {
        let table = tables("known_by = ['buyer.name']\nstage = 'award'\n[columns]\n'buyer.name' = 'buyer'\nwon = 'supplier'\n");
        let value = serde_json::json!({"data": [{"buyer": {"name": "Hospital"}, "won": ["A", "B"], "n": 1}, {"x": 1}]});
        let parts = of_values(&[value], &table, Format::Json, 9).unwrap();
        assert_eq!(texts(&parts), [vec![vec!["buyer.name=Hospital", "won=A", "won=B", "n=1"]]]);
    }
}
