//! Which numbers does a picture show? The same ones as a table, with the same ways to their rows, and as
//! CSV.

use super::super::csv::harmless;
use super::super::html::part;
use super::super::say;
use maud::{Markup, html};

/// A value and where its rows are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub value: Value,
    pub to: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Number(usize),
    /// Nothing is known, which is not nothing.
    Unknown,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Cell {
        Cell { value: Value::Text(text.into()), to: None }
    }

    pub fn number(number: usize) -> Cell {
        Cell { value: Value::Number(number), to: None }
    }

    pub fn leading(self, to: Option<String>) -> Cell {
        Cell { to, ..self }
    }
}

/// The table of a picture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Twin {
    pub caption: String,
    pub head: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
    /// Rows that are only counted.
    pub beyond: usize,
}

impl Twin {
    /// As a table of a page; the first column heads its row, rows beyond `most` are counted.
    pub fn on_page(&self, most: usize) -> Markup {
        let numbers: Vec<bool> = (0..self.head.len()).map(|at| self.is_number(at)).collect();
        html! {
            div.scroll tabindex="0" role="region" aria-label=(self.caption) { table.twin {
                caption { (self.caption) }
                thead { tr { @for (at, name) in self.head.iter().enumerate() { th.n[numbers[at]] scope="col" { (name) } } } }
                tbody { @for row in self.rows.iter().take(most) { tr { @for (at, cell) in row.iter().enumerate() {
                    @if at == 0 { th scope="row" { (shown(cell)) } } @else { td.n[numbers[at]].short[is_short(cell)] { (shown(cell)) } }
                } } } }
            } }
            @let more = self.rows.len().saturating_sub(most) + self.beyond;
            @if more > 0 { p.note { "… and " (say::count(more)) " more rows; the CSV has all of them." } }
        }
    }

    /// As CSV with a byte order mark, without which spreadsheets garble Chinese.
    pub fn as_csv(&self) -> String {
        let lines = std::iter::once(self.head.clone()).chain(self.rows.iter().map(|row| row.iter().map(plain).collect()));
        let line = |cells: Vec<String>| cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",") + "\r\n";
        std::iter::once("\u{FEFF}".to_string()).chain(lines.map(line)).collect()
    }

    fn is_number(&self, at: usize) -> bool {
        self.rows.iter().any(|row| matches!(row.get(at), Some(Cell { value: Value::Number(_), .. })))
    }
}

/// Days and the like are not broken.
fn is_short(cell: &Cell) -> bool {
    matches!(&cell.value, Value::Text(text) if text.len() <= SHORT)
}

const SHORT: usize = "2026-01-31".len();

fn shown(cell: &Cell) -> Markup {
    let value = match &cell.value {
        Value::Text(text) => part::mixed(text),
        Value::Number(number) => part::cell(*number),
        Value::Unknown => html! { span.soft { "?" } },
    };
    let leads = cell.to.as_ref().filter(|_| cell.value != Value::Number(0));
    html! { @match leads { Some(to) => { a href=(to) { (value) } } None => { (value) } } }
}

fn plain(cell: &Cell) -> String {
    match &cell.value {
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Unknown => String::new(),
    }
}

fn quoted(cell: &str) -> String {
    let cell = harmless(cell);
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_and_file_say_the_same_and_a_formula_is_text() {
        let twin = Twin {
            caption: "C".into(),
            head: vec!["Who".into(), "How many".into()],
            rows: vec![vec![Cell::text("=1+1, \"x\""), Cell::number(1234).leading(Some("/findings?a=b".into()))]],
            beyond: 0,
        };
        assert_eq!(twin.as_csv(), "\u{FEFF}Who,How many\r\n\"'=1+1, \"\"x\"\"\",1234\r\n");
        let page = twin.on_page(10).into_string();
        assert!(page.contains("<a href=\"/findings?a=b\">1,234</a>") && page.contains("th class=\"n\""), "{page}");
        assert!(twin.on_page(0).into_string().contains("1 more rows"));
        assert!(Twin { beyond: 4, ..twin }.on_page(1).into_string().contains("4 more rows"));
    }
}
