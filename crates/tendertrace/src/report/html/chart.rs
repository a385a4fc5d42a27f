//! How do numbers become pictures that need no script? SVG bars in percent of the width, so that
//! text keeps its size on a telephone; each picture has a title and its table stands beside it.

use super::super::say;
use maud::{Markup, html};

/// One bar: a label, its stacked parts, and what is written at its end.
pub struct Bar {
    pub label: String,
    pub parts: Vec<usize>,
    pub note: String,
}

/// Classes of stacked parts, strongest first.
const SHADES: [&str; 3] = ["a", "b", "c"];
const ROW: usize = 38;

/// Horizontal bars, one a row.
pub fn bars(id: &str, title: &str, rows: &[Bar]) -> Markup {
    let most = rows.iter().map(|r| r.parts.iter().sum::<usize>()).max().unwrap_or(0).max(1);
    let spoken = rows.iter().map(|r| format!("{}: {}", r.label, r.note)).collect::<Vec<_>>().join("; ");
    html! {
        svg role="img" aria-labelledby={ (id) "-t " (id) "-d" } height=(rows.len() * ROW) {
            title id={ (id) "-t" } { (title) }
            desc id={ (id) "-d" } { (spoken) }
            @for (at, row) in rows.iter().enumerate() { (bar(row, at * ROW, most)) }
        }
    }
}

fn bar(row: &Bar, top: usize, most: usize) -> Markup {
    let mut left = 0.0;
    let parts: Vec<(f64, f64, &str)> = row
        .parts
        .iter()
        .zip(SHADES)
        .map(|(part, shade)| {
            let wide = *part as f64 * 100.0 / most as f64;
            let place = (left, wide, shade);
            left += wide;
            place
        })
        .collect();
    html! {
        text x="0" y=(top + 13) { (row.label) }
        text.s x="100%" y=(top + 13) text-anchor="end" { (row.note) }
        rect.t x="0" y=(top + 19) width="100%" height="9" rx="1.5" {}
        @for (x, wide, shade) in parts.iter().filter(|p| p.1 > 0.0) {
            rect class=(shade) x={ (percent(*x)) } y=(top + 19) width={ (percent(wide.max(0.35))) } height="9" rx="1.5" {}
        }
    }
}

fn percent(share: f64) -> String {
    format!("{share:.2}%")
}

/// One year: label, a number of the pile, a number found.
pub struct Year {
    pub label: String,
    pub pile: usize,
    pub found: usize,
}

const PANEL: f64 = 92.0;

/// Two rows of columns over the same years: what was found, and out of how much.
pub fn years(id: &str, title: &str, names: (&str, &str), rows: &[Year]) -> Markup {
    let step = 100.0 / rows.len().max(1) as f64;
    let skip = rows.len().div_ceil(12).max(1);
    let spoken = rows.iter().map(|y| format!("{}: {} of {}", y.label, y.found, y.pile)).collect::<Vec<_>>().join("; ");
    html! {
        svg role="img" aria-labelledby={ (id) "-t " (id) "-d" } height="262" {
            title id={ (id) "-t" } { (title) }
            desc id={ (id) "-d" } { (spoken) }
            text.s x="0" y="12" { (names.0) }
            text.s x="0" y="136" { (names.1) }
            (columns(rows, step, 20.0, "a", |y| y.found))
            (columns(rows, step, 144.0, "c", |y| y.pile))
            @for (at, year) in rows.iter().enumerate().filter(|(at, _)| at % skip == 0) {
                text.s x=(percent((at as f64 + 0.5) * step)) y="256" text-anchor="middle" { (year.label) }
            }
        }
    }
}

fn columns(rows: &[Year], step: f64, top: f64, shade: &str, value: fn(&Year) -> usize) -> Markup {
    let most = rows.iter().map(value).max().unwrap_or(0).max(1);
    let tall = |n: usize| n as f64 / most as f64 * (PANEL - 14.0);
    let roomy = rows.len() <= 16;
    html! {
        rect.t x="0" y=(top + PANEL) width="100%" height="1" {}
        @for (at, row) in rows.iter().enumerate().filter(|(_, r)| value(r) > 0) {
            rect class=(shade) x=(percent((at as f64 + 0.14) * step)) y=(format!("{:.1}", top + PANEL - tall(value(row)).max(1.0))) width=(percent(step * 0.72)) height=(format!("{:.1}", tall(value(row)).max(1.0))) rx="1.5" {}
            @if roomy {
                text.s x=(percent((at as f64 + 0.5) * step)) y=(format!("{:.1}", top + PANEL - tall(value(row)).max(1.0) - 4.0)) text-anchor="middle" font-size="11" { (say::count(value(row))) }
            }
        }
    }
}
