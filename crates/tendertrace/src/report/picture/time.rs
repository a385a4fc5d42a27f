//! What came before and after which rule, listing or statement? Columns a month on a line of time, with
//! the dates whose scope holds one of the findings as numbered lines through it.

use super::place::{Label, apart};
use super::{Mark, Picture, marked, px};
use crate::report::say;
use maud::{Markup, html};

/// A month with what was found in it.
pub struct Month {
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
    pub number: usize,
    pub mark: Mark,
}

/// A date with the number under which its table explains it.
pub struct Date {
    /// `YYYY-MM-DD`.
    pub day: String,
    pub number: usize,
    pub mark: Mark,
}

const WIDTH: f64 = 960.0;
const LANES: f64 = 54.0;
const TALL: f64 = 120.0;
const BASE: f64 = LANES + TALL + 14.0;

/// Months since the year zero, and the share of one that is over.
fn months_of(day: &str) -> Option<f64> {
    let mut parts = day.split('-').map(|part| part.parse::<f64>().ok());
    let (year, month, day) = (parts.next()??, parts.next().flatten().unwrap_or(7.0), parts.next().flatten().unwrap_or(1.0));
    Some(year * 12.0 + month - 1.0 + (day - 1.0) / 31.0)
}

pub fn draw(title: &str, months: &[Month], dates: &[Date]) -> Picture {
    let at = |m: &Month| f64::from(m.year) * 12.0 + f64::from(m.month) - 1.0;
    let days: Vec<(f64, &Date)> = dates.iter().filter_map(|date| Some((months_of(&date.day)?, date))).collect();
    let all = || months.iter().map(at).chain(days.iter().map(|d| d.0));
    let first = (all().fold(f64::INFINITY, f64::min) / 12.0).floor() * 12.0;
    let last = (all().fold(f64::NEG_INFINITY, f64::max) / 12.0).floor() * 12.0 + 12.0;
    let step = WIDTH / (last - first).max(1.0);
    let most = months.iter().map(|m| m.number).max().unwrap_or(1).max(1);
    let years = ((last - first) / 12.0) as usize;
    let skip = years.div_ceil(20).max(1);
    let drawn = html! {
        rect.t x="0" y=(px(BASE)) width=(px(WIDTH)) height="1" {}
        @for year in (0..years).step_by(skip) {
            path.rule d={ "M" (px(year as f64 * 12.0 * step)) " " (px(BASE)) "v6" } {}
            text.s.small x=(px((year as f64 * 12.0 + 6.0) * step)) y=(px(BASE + 17.0)) text-anchor="middle" { ((first / 12.0) as usize + year) }
        }
        @for month in months.iter().filter(|m| m.number > 0) { (column(month, (at(month) - first) * step, step, most)) }
        (lines(&days, |month| (month - first) * step))
        text.s.small x="0" y=(px(LANES + 8.0)) { "tallest: " (say::count(most)) " in a month" }
    };
    let found: usize = months.iter().map(|m| m.number).sum();
    let described = format!(
        "{} by month over {}, {}.",
        say::count(found),
        say::counted(years, "year", "years"),
        say::counted(days.len(), "date", "dates")
    );
    Picture { id: "time", title: title.into(), described, width: WIDTH, height: BASE + 24.0, drawn }
}

fn column(month: &Month, left: f64, step: f64, most: usize) -> Markup {
    let tall = (month.number as f64 / most as f64 * TALL).max(2.0);
    let width = (step * 0.8).clamp(2.5, 26.0);
    let column = html! { rect.a x=(px(left + (step - width) / 2.0)) y=(px(BASE - tall)) width=(px(width)) height=(px(tall)) {} };
    marked(&month.mark, column)
}

/// The dates as lines, their numbers on lanes above so that none covers another.
fn lines(days: &[(f64, &Date)], place: impl Fn(f64) -> f64) -> Markup {
    let label = |(month, date): &(f64, &Date)| Label {
        x: place(*month).clamp(8.0, WIDTH - 8.0),
        y: LANES - 10.0,
        width: super::wide(&date.number.to_string(), 13.0) + 5.0,
        height: 15.0,
    };
    let placed = apart(&days.iter().map(label).collect::<Vec<_>>(), (WIDTH, LANES));
    html! { @for ((month, date), label) in days.iter().zip(placed) {
        (marked(&date.mark, html! {
            path.date d={ "M" (px(label.x)) " " (px(label.y + 6.0)) "L" (px(place(*month))) " " (px(LANES)) "V" (px(BASE)) } {}
            text.n.datenumber x=(px(label.x)) y=(px(label.y + 4.0)) text-anchor="middle" { (date.number) }
        }))
    } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_on_one_day_keep_their_numbers_apart() {
        let date = |number: usize| Date { day: "2019-10-09".into(), number, mark: Mark { said: format!("date {number}"), to: None } };
        let month = Month { year: 2020, month: 3, number: 4, mark: Mark { said: "4".into(), to: Some("/findings".into()) } };
        let svg = draw("T", &[month], &[date(1), date(2), date(3)]).on_page().into_string();
        let places: Vec<&str> =
            svg.split("class=\"n datenumber\" ").skip(1).map(|rest| rest.split(" text-anchor").next().unwrap()).collect();
        assert_eq!(places.len(), 3, "{svg}");
        assert!(places[0] != places[1] && places[1] != places[2] && places[0] != places[2], "{places:?}");
    }

    #[test]
    fn nothing_is_drawn_as_nothing() {
        assert!(draw("T", &[], &[]).on_page().into_string().contains("<svg"));
    }
}
