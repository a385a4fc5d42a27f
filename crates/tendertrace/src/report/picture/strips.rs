//! What changed over the years, out of how much? One strip of columns a usage over the same years, and
//! the denominators below them on a scale of their own.

use super::{Mark, Picture, marked, px};
use crate::report::say;
use maud::{Markup, html};

/// A row of columns: what it counts, and a number with its mark for each year.
pub struct Strip {
    pub label: String,
    pub scale: Scale,
    pub values: Vec<(usize, Mark)>,
}

/// Strips of one scale can be compared by eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    Found,
    OutOf,
}

const WIDTH: f64 = 960.0;
const STRIP: f64 = 66.0;
/// Height of the tallest column.
const TALL: f64 = 30.0;

/// Strips one below the other over `years`.
pub fn draw(title: &str, years: &[String], strips: &[Strip]) -> Picture {
    let most =
        |scale: Scale| strips.iter().filter(|s| s.scale == scale).flat_map(|s| s.values.iter().map(|v| v.0)).max().unwrap_or(0).max(1);
    let step = WIDTH / years.len().max(1) as f64;
    let bottom = strips.len() as f64 * STRIP;
    let skip = years.len().div_ceil(24).max(1);
    let drawn = html! {
        @for (at, strip) in strips.iter().enumerate() { (row(strip, at as f64 * STRIP, step, most(strip.scale))) }
        @for (at, year) in years.iter().enumerate().step_by(skip) { text.s.small x=(px((at as f64 + 0.5) * step)) y=(px(bottom + 15.0)) text-anchor="middle" { (year) } }
    };
    let described = strips.iter().map(|s| format!("{}: {}", s.label, say::count(s.values.iter().map(|v| v.0).sum()))).collect::<Vec<_>>();
    Picture { id: "years", title: title.into(), described: described.join("; "), width: WIDTH, height: bottom + 22.0, drawn }
}

fn row(strip: &Strip, top: f64, step: f64, most: usize) -> Markup {
    let base = top + STRIP - 6.0;
    let class = if strip.scale == Scale::Found { "a" } else { "b" };
    html! {
        text.small x="0" y=(px(top + 12.0)) { (strip.label) }
        rect.t x="0" y=(px(base)) width=(px(WIDTH)) height="1" {}
        @for (at, (number, mark)) in strip.values.iter().enumerate().filter(|(_, (number, _))| *number > 0) {
            (column(*number, mark, (at as f64 * step, base), step, class, *number as f64 / most as f64))
        }
    }
}

fn column(number: usize, mark: &Mark, (left, base): (f64, f64), step: f64, class: &str, share: f64) -> Markup {
    let tall = (share * TALL).max(1.5);
    let width = (step * 0.62).min(64.0);
    let said = say::count(number);
    let small = if super::wide(&said, 11.0) > step { "tiny s" } else { "small s" };
    marked(
        mark,
        html! {
            rect.(class) x=(px(left + (step - width) / 2.0)) y=(px(base - tall)) width=(px(width)) height=(px(tall)) {}
            text.(small) x=(px(left + step / 2.0)) y=(px(base - tall - 4.0)) text-anchor="middle" { (said) }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_one_scale_are_as_tall_as_their_share() {
        let value = |n: usize| (n, Mark { said: format!("{n} found"), to: Some(format!("/findings?n={n}")) });
        let strip = |scale, values: &[usize]| Strip { label: "named".into(), scale, values: values.iter().map(|n| value(*n)).collect() };
        let years = ["2019".to_string(), "2020".to_string()];
        let picture = draw("T", &years, &[strip(Scale::Found, &[10, 0]), strip(Scale::OutOf, &[0, 1000])]);
        let svg = picture.on_page().into_string();
        assert_eq!(svg.matches("height=\"30\"").count(), 2, "each scale has its tallest: {svg}");
        assert_eq!(svg.matches("<a href").count(), 2, "nothing leads nowhere: {svg}");
    }
}
