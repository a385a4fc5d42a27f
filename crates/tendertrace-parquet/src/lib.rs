//! How do the tables of a case become columns that DuckDB, pandas and Polars read with their types?
//! A table as `tendertrace export --to csv` writes it comes in, a Parquet file goes out: sums as exact
//! decimals, days as dates, counts as integers, the rest as text; an empty cell is NULL. A column whose
//! cells do not all fit the type that its name promises is text. Contacts are withheld already.

use anyhow::{Context as _, bail};
use parquet::basic::Compression;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use std::io::{Read, Write};
use std::sync::Arc;
use tendertrace::report::columns::{self, Kind};

/// Rows of one group of columns.
const GROUP: usize = 100_000;
const SCALE: u32 = 4;

/// Writes the rows of a CSV as columns. An error names the column that could not be written.
pub fn write(input: impl Read, output: impl Write + Send) -> anyhow::Result<()> {
    let mut reader = csv::Reader::from_reader(input);
    let heads: Vec<String> = reader.headers()?.iter().map(|head| head.trim_start_matches('\u{FEFF}').to_string()).collect();
    let rows: Vec<Vec<String>> = reader.records().map(|row| Ok(row?.iter().map(plain).collect())).collect::<anyhow::Result<_>>()?;
    let kinds: Vec<Kind> = heads.iter().enumerate().map(|(at, head)| kind(head, rows.iter().map(|row| row[at].as_str()))).collect();
    let schema = Arc::new(parse_message_type(&schema(&heads, &kinds))?);
    let properties =
        Arc::new(WriterProperties::builder().set_compression(Compression::SNAPPY).set_created_by("tendertrace".into()).build());
    let mut file = SerializedFileWriter::new(output, schema, properties)?;
    for rows in rows.chunks(GROUP) {
        let mut group = file.next_row_group()?;
        for (at, kind) in kinds.iter().enumerate() {
            let mut column = group.next_column()?.context("a column less than heads")?;
            let cells: Vec<&str> = rows.iter().map(|row| row[at].as_str()).collect();
            write_column(&mut column, *kind, &cells).with_context(|| format!("the column {}", heads[at]))?;
            column.close()?;
        }
        group.close()?;
    }
    file.close()?;
    Ok(())
}

/// A cell without the mark that keeps spreadsheets from running it.
fn plain(cell: &str) -> String {
    let marked = cell.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@', '\t', '\r']));
    marked.unwrap_or(cell).to_string()
}

/// The type that the column's name promises, if its cells keep it: some tables use a name otherwise.
fn kind<'a>(head: &str, mut cells: impl Iterator<Item = &'a str>) -> Kind {
    let kind = columns::kind(head);
    let fits = |cell: &str| match kind {
        Kind::Text => true,
        Kind::Count => cell.parse::<i64>().is_ok(),
        Kind::Decimal => decimal(cell).is_ok(),
        Kind::Score => cell.parse::<f64>().is_ok(),
        Kind::Day => day(cell).is_ok(),
        Kind::YesNo => yes_no(cell).is_ok(),
    };
    if cells.all(|cell| cell.is_empty() || fits(cell)) { kind } else { Kind::Text }
}

fn schema(heads: &[String], kinds: &[Kind]) -> String {
    let field = |(head, kind): (&String, &Kind)| match kind {
        Kind::Text => format!("OPTIONAL BYTE_ARRAY {head} (UTF8);"),
        Kind::Count => format!("OPTIONAL INT64 {head};"),
        Kind::Decimal => format!("OPTIONAL FIXED_LEN_BYTE_ARRAY (16) {head} (DECIMAL (38, {SCALE}));"),
        Kind::Score => format!("OPTIONAL DOUBLE {head};"),
        Kind::Day => format!("OPTIONAL INT32 {head} (DATE);"),
        Kind::YesNo => format!("OPTIONAL BOOLEAN {head};"),
    };
    format!("message tendertrace {{ {} }}", heads.iter().zip(kinds).map(field).collect::<Vec<_>>().join(" "))
}

fn write_column(column: &mut SerializedColumnWriter<'_>, kind: Kind, cells: &[&str]) -> anyhow::Result<()> {
    let levels: Vec<i16> = cells.iter().map(|cell| i16::from(!cell.is_empty())).collect();
    let filled = cells.iter().filter(|cell| !cell.is_empty());
    match kind {
        Kind::Text => {
            let values: Vec<ByteArray> = filled.map(|cell| ByteArray::from(*cell)).collect();
            column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)?
        }
        Kind::Count => {
            let values: Vec<i64> = filled.map(|cell| Ok(cell.parse()?)).collect::<anyhow::Result<_>>()?;
            column.typed::<Int64Type>().write_batch(&values, Some(&levels), None)?
        }
        Kind::Decimal => {
            let values = filled.map(|cell| Ok(FixedLenByteArray::from(decimal(cell)?.to_be_bytes().to_vec())));
            let values: Vec<FixedLenByteArray> = values.collect::<anyhow::Result<_>>()?;
            column.typed::<FixedLenByteArrayType>().write_batch(&values, Some(&levels), None)?
        }
        Kind::Score => {
            let values: Vec<f64> = filled.map(|cell| Ok(cell.parse()?)).collect::<anyhow::Result<_>>()?;
            column.typed::<DoubleType>().write_batch(&values, Some(&levels), None)?
        }
        Kind::Day => {
            let values: Vec<i32> = filled.map(|cell| day(cell)).collect::<anyhow::Result<_>>()?;
            column.typed::<Int32Type>().write_batch(&values, Some(&levels), None)?
        }
        Kind::YesNo => {
            let values: Vec<bool> = filled.map(|cell| yes_no(cell)).collect::<anyhow::Result<_>>()?;
            column.typed::<BoolType>().write_batch(&values, Some(&levels), None)?
        }
    };
    Ok(())
}

/// A decimal times ten thousand; more decimals than four are an error, not rounded.
fn decimal(cell: &str) -> anyhow::Result<i128> {
    let (sign, digits) = cell.strip_prefix('-').map_or((1, cell), |rest| (-1, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part = part.trim_end_matches('0');
    let is_number = !whole.is_empty() && (whole.to_string() + part).bytes().all(|b| b.is_ascii_digit());
    if !is_number || part.len() > SCALE as usize {
        bail!("{cell:?} is no decimal with up to {SCALE} places");
    }
    let places = if part.is_empty() { 0 } else { part.parse::<i128>()? * 10i128.pow(SCALE - part.len() as u32) };
    let whole = whole.parse::<i128>()?.checked_mul(10i128.pow(SCALE)).context("too large")?;
    Ok(sign * (whole + places))
}

/// Days since 1970 of `YYYY-MM-DD`.
fn day(cell: &str) -> anyhow::Result<i32> {
    let number = |from: usize, to: usize| cell.get(from..to).and_then(|part| part.parse::<i32>().ok());
    let marks = cell.len() == 10 && cell.as_bytes()[4] == b'-' && cell.as_bytes()[7] == b'-';
    let (Some(year), Some(month @ 1..=12), Some(date @ 1..=31), true) = (number(0, 4), number(5, 7), number(8, 10), marks) else {
        bail!("{cell:?} is no day");
    };
    // Days of the civil calendar with years that begin in March.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + date - 1;
    Ok(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

fn yes_no(cell: &str) -> anyhow::Result<bool> {
    match cell {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => bail!("{cell:?} is neither true nor false"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::file::reader::{FileReader as _, SerializedFileReader};

    #[test]
    fn days_and_decimals_are_exact() {
        for (cell, expected) in [("1970-01-01", 0), ("2000-03-01", 11_017), ("2021-12-17", 18_978), ("1969-12-31", -1)] {
            assert_eq!(day(cell).unwrap(), expected, "{cell}");
        }
        for (cell, expected) in [("12.50", 125_000), ("-0.0385", -385), ("639800", 6_398_000_000)] {
            assert_eq!(decimal(cell).unwrap(), expected, "{cell}");
        }
        for cell in ["1e3", "0.03851", "", "1,000", "--1"] {
            assert!(decimal(cell).is_err(), "{cell}");
        }
    }

    #[test]
    fn rows_come_back_with_their_types() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.parquet");
        let text = "\u{FEFF}finding,amount,date,counted,copies,buyer\na,12.50,2021-12-17,true,3,'=示例\nb,,,,,\n";
        write(text.as_bytes(), std::fs::File::create(&path).unwrap()).unwrap();
        let reader = SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
        let rows: Vec<String> = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        assert_eq!(rows.len(), 2);
        for part in ["finding: \"a\"", "amount: 12.5000", "date: 2021-12-17", "counted: true", "copies: 3", "buyer: \"=示例\""] {
            assert!(rows[0].contains(part), "{part} in {}", rows[0]);
        }
        assert_eq!(rows[1], "{finding: \"b\", amount: null, date: null, counted: null, copies: null, buyer: null}");
    }

    #[test]
    fn a_column_that_breaks_its_promise_is_text() {
        assert_eq!(kind("amount", ["1.5", "rate 3%"].into_iter()), Kind::Text);
        assert_eq!(kind("amount", ["1.5", ""].into_iter()), Kind::Decimal);
    }
}
