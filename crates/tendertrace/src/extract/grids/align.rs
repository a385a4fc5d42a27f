//! Which piece of flattened text stands in which column? The cheapest walk of the pieces through
//! rows of columns, by how each fits its column and what borders stand between.

use super::Column;
use super::cells::{Border, Piece};
use super::fit::{self, fit};
use crate::rulebook::Rulebook;

/// Rows of columns, each cell the indexes of its pieces; `used` pieces from the first on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alignment {
    pub rows: Vec<Vec<Vec<usize>>>,
    pub used: usize,
}

/// Pieces looked at behind one row of headings.
const MOST_PIECES: usize = 4000;
const SKIP: f32 = -1.1;
const NEW_ROW: f32 = -0.2;
const JOIN: f32 = -0.5;
const JOIN_OVER_BORDER: f32 = -1.6;
const JOIN_OVER_SPACE: f32 = -0.6;
const JOIN_IN_PROSE: f32 = -0.05;
const NEXT_OVER_INNER: f32 = -1.4;

#[derive(Clone, Copy)]
struct Step {
    points: f32,
    from: usize,
    new_row: bool,
}

/// Aligns `pieces` under `columns`; `border` is what stands between headings.
pub fn align(text: &str, pieces: &[Piece], columns: &[Column], border: Border, rules: &Rulebook) -> Option<Alignment> {
    let pieces = &pieces[..pieces.len().min(MOST_PIECES)];
    let width = columns.len();
    let narrowest = narrowest(pieces);
    let mut table: Vec<Vec<Step>> = Vec::with_capacity(pieces.len());
    let mut best: Option<(f32, usize, usize)> = None;
    for (at, piece) in pieces.iter().enumerate() {
        let fits: Vec<f32> = columns.iter().map(|c| fit(c.field.as_deref(), &text[piece.start..piece.end], rules)).collect();
        let row: Vec<Step> = (0..width)
            .map(|column| step(table.last(), column, &fits, Seen { border: piece.border, usual: border, narrowest }, columns))
            .collect();
        for (column, reached) in row.iter().enumerate() {
            let closing = SKIP * trailing(columns, column) as f32;
            if best.is_none_or(|b| reached.points + closing > b.0) {
                best = Some((reached.points + closing, at, column));
            }
        }
        // Nothing after a long stretch without gain can win: the table has ended.
        let peak = row.iter().map(|s| s.points).fold(f32::MIN, f32::max);
        table.push(row);
        if best.is_some_and(|b| peak < b.0 - 25.0) {
            break;
        }
    }
    let (_, last, column) = best.filter(|b| b.0 > 0.0)?;
    Some(walk_back(&table, last, column, width))
}

/// Columns after `column` whose absence at the end of a row costs something.
fn trailing(columns: &[Column], column: usize) -> usize {
    columns[column + 1..].iter().filter(|c| !c.field.as_deref().is_some_and(may_be_empty)).count()
}

fn may_be_empty(field: &str) -> bool {
    matches!(field, "remark" | "credit_code" | "scope" | "score" | "contact" | "reason_lost" | "tax" | "spec" | "rank" | "won" | "amount")
}

/// The border before a piece, beside that between headings and the narrowest between pieces.
#[derive(Clone, Copy)]
struct Seen {
    border: Border,
    usual: Border,
    narrowest: Option<u32>,
}

/// Width of the narrowest border between cells, where borders are wide enough to be compared: empty
/// cells then show as multiples of it.
fn narrowest(pieces: &[Piece]) -> Option<u32> {
    let widths: Vec<u32> = pieces.iter().skip(1).take(3).map(|p| p.border.width()).collect();
    let narrowest = widths.iter().copied().min().filter(|width| *width >= 12)?;
    let multiple = |width: &u32| (f64::from(*width) / f64::from(narrowest)).fract();
    // Only where all are multiples of one another do widths count cells.
    widths.iter().map(multiple).all(|rest| !(0.07..=0.93).contains(&rest)).then_some(narrowest)
}

/// What it costs that a border does not show as many empty cells as are skipped.
fn disproportion(seen: Seen, skipped: usize) -> f32 {
    let Some(narrowest) = seen.narrowest else { return 0.0 };
    let shown = (seen.border.width() as f32 / narrowest as f32).round() - 1.0;
    (-0.9 * (shown - skipped as f32).abs()).max(-2.7)
}

/// Skipped cells cost nothing where the border shows them.
fn skip_shown(seen: Seen, skipped: usize, usual: f32) -> f32 {
    if skipped > 0 && disproportion(seen, skipped) == 0.0 && seen.narrowest.is_some() { 0.0 } else { usual }
}

fn step(before: Option<&Vec<Step>>, column: usize, fits: &[f32], around: Seen, columns: &[Column]) -> Step {
    let own = fits[column];
    let (seen, usual) = (around.border, around.usual);
    let skipped = |from: usize, to: usize| {
        columns[from..to].iter().map(|c| if c.field.as_deref().is_some_and(may_be_empty) { SKIP * 0.3 } else { SKIP }).sum::<f32>()
    };
    let Some(before) = before else {
        return Step { points: own + skipped(0, column), from: usize::MAX, new_row: true };
    };
    let inner = !seen.alike(usual) && !seen.wider(usual);
    let mut best = Step { points: f32::MIN, from: 0, new_row: false };
    let mut offer = |points: f32, from: usize, new_row: bool| {
        if points > best.points {
            best = Step { points, from, new_row };
        }
    };
    for (from, reached) in before.iter().enumerate() {
        if from == column {
            // A second piece in a cell counts for less, so that rows are not swallowed by one cell.
            let join = joining(columns[column].field.as_deref(), inner, seen) + disproportion(around, 0);
            offer(reached.points + own.min(0.8) + join, from, false);
        } else if from < column {
            let next = if inner { NEXT_OVER_INNER } else { 0.0 };
            let empty = column - from - 1;
            let skips = skip_shown(around, empty, skipped(from + 1, column)) + disproportion(around, empty);
            offer(reached.points + own + next + skips, from, false);
        }
        if from > 0 || before.len() == 1 {
            let next = if inner { NEXT_OVER_INNER } else { 0.0 };
            let row_end = if seen.wider(usual) { 0.3 } else { NEW_ROW };
            offer(reached.points + own + next + row_end + skipped(from + 1, before.len()) + skipped(0, column), from, true);
        }
    }
    best
}

/// What it costs that a cell goes on behind a border.
fn joining(field: Option<&str>, inner: bool, seen: Border) -> f32 {
    match field {
        None | Some("scope" | "remark" | "reason_lost" | "spec") => JOIN_IN_PROSE,
        _ if inner => JOIN,
        _ if seen.tabs == 0 && seen.lines == 0 => JOIN_OVER_SPACE,
        _ => JOIN_OVER_BORDER,
    }
}

fn walk_back(table: &[Vec<Step>], last: usize, column: usize, width: usize) -> Alignment {
    let mut rows: Vec<Vec<Vec<usize>>> = vec![vec![Vec::new(); width]];
    let (mut at, mut column) = (last, column);
    loop {
        let step = table[at][column];
        if let Some(row) = rows.last_mut() {
            row[column].insert(0, at);
        }
        if at == 0 {
            break;
        }
        if step.new_row {
            rows.push(vec![Vec::new(); width]);
        }
        column = step.from;
        at -= 1;
    }
    rows.reverse();
    Alignment { rows, used: last + 1 }
}

/// Keeps the leading rows that show they are rows: no cell that cannot stand where it stands, and
/// something that proves the cut (a row number that counts on, a name, a quantity, a sum).
pub fn confirmed(text: &str, pieces: &[Piece], columns: &[Column], alignment: &Alignment, rules: &Rulebook) -> usize {
    let mut expected = None;
    let good = |row: &Vec<Vec<usize>>, expected: &mut Option<u32>| {
        let mut proofs = 0;
        for (column, cell) in columns.iter().zip(row) {
            let (Some(first), Some(last)) = (cell.first(), cell.last()) else { continue };
            let whole = &text[pieces[*first].start..pieces[*last].end];
            if column.field.as_deref() == Some("row_number") {
                let number = super::short_integer(whole);
                if number.is_none() || expected.is_some_and(|e| Some(e) != number) {
                    return false;
                }
                *expected = number.map(|n| n + 1);
                proofs += 1;
                continue;
            }
            let points =
                cell.iter().map(|p| fit(column.field.as_deref(), &text[pieces[*p].start..pieces[*p].end], rules)).fold(f32::MAX, f32::min);
            if points <= fit::MISFIT && fit(column.field.as_deref(), whole, rules) <= fit::MISFIT {
                return false;
            }
            proofs += usize::from(points >= fit::PROOF);
        }
        proofs >= 1 && row.iter().filter(|cell| !cell.is_empty()).count() >= 2
    };
    alignment.rows.iter().take_while(|row| good(row, &mut expected)).count()
}
