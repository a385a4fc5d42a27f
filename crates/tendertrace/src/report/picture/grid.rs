//! Which of these goes with which of those? A grid of shaded cells with their numbers.

use super::{Mark, Picture, fit, marked, px, shade, wide};
use crate::report::say;
use maud::{Markup, html};

/// Numbers by row and column; a cell without one is empty.
pub struct Grid {
    pub id: &'static str,
    pub title: String,
    pub rows: Vec<String>,
    pub columns: Vec<String>,
    pub cells: Vec<Vec<(usize, Mark)>>,
}

const WIDTH: f64 = 960.0;
const ROW: f64 = 27.0;
const LABEL: f64 = 170.0;
const NARROW: f64 = 46.0;
const BROAD: f64 = 84.0;
/// Room for slanted heads.
const HEAD: f64 = 128.0;

pub fn draw(grid: &Grid) -> Picture {
    let wide_head = grid.columns.iter().map(|c| wide(c, 12.0)).fold(0.0, f64::max).min(HEAD / 0.6);
    let head = wide_head * 0.6 + 16.0;
    let step = (760.0 / grid.columns.len().max(1) as f64).clamp(NARROW, BROAD);
    let most = grid.cells.iter().flatten().map(|c| c.0).max().unwrap_or(0);
    let drawn = html! {
        @for (at, column) in grid.columns.iter().enumerate() { (slanted(column, LABEL + (at as f64 + 0.45) * step, head - 8.0)) }
        @for (at, (row, cells)) in grid.rows.iter().zip(&grid.cells).enumerate() { (line(row, cells, head + at as f64 * ROW, step, most)) }
    };
    let sum: usize = grid.cells.iter().flatten().map(|c| c.0).sum();
    Picture {
        id: grid.id,
        title: grid.title.clone(),
        described: format!("{} rows by {} columns; the cells add up to {}.", grid.rows.len(), grid.columns.len(), say::count(sum)),
        // Few columns are not blown up to the width of the page.
        width: (LABEL + grid.columns.len() as f64 * step + wide_head * 0.8).max(WIDTH),
        height: head + grid.rows.len() as f64 * ROW + 4.0,
        drawn,
    }
}

/// A head that leans to the right over its column.
fn slanted(text: &str, x: f64, y: f64) -> Markup {
    html! { text.small x=(px(x)) y=(px(y)) transform={ "rotate(-37 " (px(x)) " " (px(y)) ")" } { (fit(text, HEAD / 0.6, 12.0)) } }
}

fn line(label: &str, cells: &[(usize, Mark)], top: f64, step: f64, most: usize) -> Markup {
    html! {
        text x=(px(LABEL - 10.0)) y=(px(top + 18.0)) text-anchor="end" { (fit(label, LABEL - 12.0, 13.0)) }
        @for (at, (number, mark)) in cells.iter().enumerate() { (cell(*number, mark, (LABEL + at as f64 * step, top), step, most)) }
    }
}

fn cell(number: usize, mark: &Mark, (left, top): (f64, f64), step: f64, most: usize) -> Markup {
    let shade = shade(number, most);
    let drawn = html! {
        rect.(shade) x=(px(left + 1.0)) y=(px(top + 1.0)) width=(px(step - 2.0)) height=(px(ROW - 2.0)) {}
        @if number > 0 { text.small x=(px(left + step / 2.0)) y=(px(top + 17.5)) text-anchor="middle" { (say::count(number)) } }
    };
    if number == 0 { drawn } else { marked(mark, drawn) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_leads_to_its_rows_and_an_empty_one_nowhere() {
        let cell = |n: usize| (n, Mark { said: "x".into(), to: Some(format!("/findings?n={n}")) });
        let grid = Grid {
            id: "g",
            title: "T".into(),
            rows: vec!["Dell".into()],
            columns: vec!["police".into(), "prison".into()],
            cells: vec![vec![cell(3), cell(0)]],
        };
        let svg = draw(&grid).on_page().into_string();
        assert!(svg.contains("class=\"h4\"") && svg.contains("class=\"h0\""), "{svg}");
        assert_eq!(svg.matches("<a href=\"/findings?n=3\"").count(), 1);
        assert_eq!(svg.matches("<a ").count(), 1);
    }
}
