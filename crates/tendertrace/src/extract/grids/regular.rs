//! Does the text behind headings fill their columns exactly? A flattened table without empty cells
//! has one piece between borders for each heading, row after row: then the place alone says what a
//! cell holds, whatever stands in it. Row numbers that count on, or names of bidders, confirm it.

use super::cells::{Border, Piece};
use super::fit::{self, fit, is_organisation};
use super::{Column, short_integer};
use crate::extract::values::amount;
use crate::rulebook::Rulebook;
use crate::script::is_han;

/// Rows of columns, each cell the indexes of its pieces, and how many pieces they take.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Regular {
    pub rows: Vec<Vec<Vec<usize>>>,
    pub used: usize,
}

/// The rows that fill `columns` from the first piece on; `border` is what stands between headings.
pub fn rows(text: &str, pieces: &[Piece], columns: &[Column], border: Border, rules: &Rulebook) -> Regular {
    let mut found = Regular::default();
    let mut expected = None;
    while let Some((row, next)) = row(pieces, found.used, columns.len(), border) {
        let number = short_integer(&text[pieces[row[0][0]].start..pieces[row[0][0]].end]);
        if !is_row(text, pieces, columns, &row, number.filter(|n| expected.is_none_or(|e| e == *n)), rules) {
            break;
        }
        expected = number.map(|n| n + 1);
        found.rows.push(row);
        found.used = next;
    }
    found
}

/// One cell for each column from `at` on. A piece behind a lesser border goes on with the cell before
/// it, but the first cell of a row stands alone.
fn row(pieces: &[Piece], at: usize, width: usize, border: Border) -> Option<(Vec<Vec<usize>>, usize)> {
    let inner = |piece: &Piece| !piece.border.alike(border) && !piece.border.wider(border);
    let mut cells: Vec<Vec<usize>> = vec![vec![at]];
    let mut next = at + 1;
    while let Some(piece) = pieces.get(next) {
        let count = cells.len();
        match cells.last_mut() {
            Some(cell) if count > 1 && inner(piece) => cell.push(next),
            _ if count == width => break,
            _ => cells.push(vec![next]),
        }
        next += 1;
    }
    (at < pieces.len() && cells.len() == width).then_some((cells, next))
}

fn is_row(text: &str, pieces: &[Piece], columns: &[Column], row: &[Vec<usize>], number: Option<u32>, rules: &Rulebook) -> bool {
    let whole = |cell: &[usize]| &text[pieces[cell[0]].start..pieces[cell[cell.len() - 1]].end];
    let field = |column: &Column| column.field.clone().unwrap_or_default();
    let numbered = columns.first().filter(|c| &*field(c) == "row_number");
    let counts = match numbered {
        Some(_) => number.is_some(),
        None => {
            columns.iter().zip(row).any(|(c, cell)| super::BIDDERS.contains(&&*field(c)) && is_organisation(whole(cell), rules).is_some())
        }
    };
    counts
        && columns.iter().zip(row).all(|(column, cell)| may_stand(&field(column), whole(cell), rules))
        && columns.iter().zip(row).any(|(column, cell)| fit(column.field.as_deref(), whole(cell), rules) >= fit::PROOF)
}

/// Whether a text can stand in a column at all: sums and counts hold a number, names no sentence.
fn may_stand(field: &str, text: &str, rules: &Rulebook) -> bool {
    let absent = || amount::absent(text, rules).is_some();
    let counted = || text.chars().any(|c| c.is_ascii_digit() || rules.units.numerals.contains_key(&c));
    match field {
        "amount" | "line_total" | "unit_price" | "budget" | "quantity" | "score" => counted() || absent(),
        "rank" => fit(Some(field), text, rules) > fit::MISFIT,
        "supplier" | "candidate" | "bidder" => {
            absent() || text.chars().any(|c| is_han(c) || c.is_ascii_alphabetic()) && !text.contains(['。', '：', ':'])
        }
        _ => true,
    }
}
