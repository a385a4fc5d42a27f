//! How many contracting processes of each usage are there a year, out of how many notices that could
//! name a product?

use super::{Drawn, View};
use crate::serve::filter::Of;
use maud::html;
use std::collections::BTreeMap;
use tendertrace::report::picture::strips::{Scale, Strip, draw as strips};
use tendertrace::report::picture::{Cell, Mark, Twin};
use tendertrace::report::say;

/// Notices that show a purchase, and those of them whose lines name a brand or model, by year.
type Pile = BTreeMap<String, [usize; 2]>;

/// Numbers by year; the year is empty where no date was read.
type Years = BTreeMap<String, usize>;

pub fn draw(view: &View) -> anyhow::Result<Option<Drawn>> {
    let found = found(view)?;
    let pile = pile(view)?;
    let years: Vec<String> =
        found.iter().flat_map(|(_, years)| years.keys()).chain(pile.keys()).filter(|y| !y.is_empty()).cloned().collect();
    let (Some(first), Some(last)) = (years.iter().min(), years.iter().max()) else { return Ok(None) };
    let years: Vec<String> = match (first.parse::<u32>(), last.parse::<u32>()) {
        // Years without anything are shown as such.
        (Ok(first), Ok(last)) if last - first < 80 => (first..=last).map(|year| year.to_string()).collect(),
        _ => years.iter().cloned().collect::<std::collections::BTreeSet<_>>().into_iter().collect(),
    };
    let mut all: Vec<Strip> = found.iter().map(|(usage, numbers)| usage_strip(view, usage, numbers, &years)).collect();
    // A usage without any date stands in the table.
    all.retain(|strip| strip.values.iter().any(|(n, _)| *n > 0));
    all.extend([0, 1].map(|which| pile_strip(&pile, which, &years)));
    let title = "Contracting processes by year and usage, and awards that can name a product";
    let twin = twin(view, &years, &found, &pile);
    let undated = found.iter().map(|(_, years)| years.get("").copied().unwrap_or(0)).sum::<usize>();
    let more = html! { @if undated > 0 { p.note { (say::count(undated)) " without a date are in the table only." } } };
    Ok(Some(Drawn { picture: strips(title, &years, &all), twin, more }))
}

/// By usage, in the rulebook's order.
fn found(view: &View) -> anyhow::Result<Vec<(String, Years)>> {
    let facts = view.facts;
    let usage = |usage: Option<&str>| usage.unwrap_or_default().to_string();
    let counts = facts.by_two(&facts.counted(&view.filter)?, (Of::Usage, usage), (Of::Day, |day| vec![year(day)]))?;
    let mut by_usage: BTreeMap<String, Years> = BTreeMap::new();
    for ((usage, year), n) in counts {
        by_usage.entry(usage).or_default().insert(year, n);
    }
    let mut found: Vec<(String, Years)> = by_usage.into_iter().collect();
    found.sort_by_key(|(usage, _)| view.desk.rules.report.words.rank("usage", usage));
    Ok(found)
}

/// The year of a day, empty without one.
fn year(day: Option<&str>) -> String {
    day.map(|day| day.get(..4).unwrap_or(day)).unwrap_or_default().to_string()
}

/// What could be found at all: notices that show a purchase and name brands or models.
fn pile(view: &View) -> anyhow::Result<Pile> {
    Ok(view.facts.pile(&view.filter, Of::Day, year)?.into_iter().collect())
}

fn usage_strip(view: &View, usage: &str, numbers: &Years, years: &[String]) -> Strip {
    let label = say::label("usage", usage, &view.desk.rules);
    let value = |year: &String| {
        let n = numbers.get(year).copied().unwrap_or(0);
        let said = format!("{year}, {label}: {}", say::counted(n, "contracting process", "contracting processes"));
        (n, view.mark(said, &view.filter.and("usage", usage).and("year", year)))
    };
    Strip { values: years.iter().map(value).collect(), label, scale: Scale::Found }
}

/// What stands below the usages, on a scale of their own.
const PILES: [(&str, &str); 2] = [
    ("out of: awards, contracts and acceptances (own scale)", "that show a purchase"),
    ("of these: with lines that name a brand or model", "whose lines name a brand or model"),
];

fn pile_strip(pile: &Pile, which: usize, years: &[String]) -> Strip {
    let value = |year: &String| {
        let n = pile.get(year).map_or(0, |numbers| numbers[which]);
        (n, Mark { said: format!("{year}: {} {}", say::counted(n, "notice", "notices"), PILES[which].1), to: None })
    };
    Strip { values: years.iter().map(value).collect(), label: PILES[which].0.into(), scale: Scale::OutOf }
}

fn twin(view: &View, years: &[String], found: &[(String, Years)], pile: &Pile) -> Twin {
    let mut head = vec!["Year".to_string()];
    head.extend(found.iter().map(|(usage, _)| say::label("usage", usage, &view.desk.rules)));
    head.extend(["Awards, contracts, acceptances", "Of these with lines that name a brand or model"].map(String::from));
    let row = |year: &str, shown: &str| {
        let mut row = vec![Cell::text(shown)];
        for (usage, numbers) in found {
            let rows = view.filter.and("usage", usage).and("year", if year.is_empty() { "not-known" } else { year });
            row.push(Cell::number(numbers.get(year).copied().unwrap_or(0)).leading(view.to(&rows)));
        }
        row.extend([0, 1].map(|which| Cell::number(pile.get(year).map_or(0, |numbers| numbers[which]))));
        row
    };
    let mut rows: Vec<Vec<Cell>> = years.iter().map(|year| row(year, year)).collect();
    rows.push(row("", "no date"));
    Twin { caption: "Contracting processes by year and usage".into(), head, rows, beyond: 0 }
}
