//! In which province do the buyers sit? All provinces of the rulebook; a buyer without a known region and
//! notices of other countries are counted beside the map.

use super::{Drawn, View};
use crate::serve::filter::{ABROAD, Of};
use maud::html;
use std::collections::BTreeMap;
use tendertrace::report::picture::map::{Beside, Province, SOURCE, draw as map, english};
use tendertrace::report::picture::{Cell, Twin};
use tendertrace::report::say;
use tendertrace::rulebook::regions::{Level, Place};

/// Numbers by the first two digits of a region's code; empty: no region, `abroad`: another country.
type Numbers = BTreeMap<String, usize>;

pub fn draw(view: &View) -> anyhow::Result<Option<Drawn>> {
    let (found, pile) = (found(view)?, pile(view)?);
    let rules = &view.desk.rules;
    let places: Vec<&Place> = rules.regions.places.iter().filter(|place| place.level == Level::Province).collect();
    let number = |key: &str| found.get(key).copied().unwrap_or(0);
    let said = |name: &str, n: usize| format!("{name}: {}", say::counted(n, "contracting process", "contracting processes"));
    let province = |place: &&Place| {
        let (name, n) = (english(place, rules), number(&place.code[..2]));
        let said = said(&format!("{name} {}", place.name), n);
        Province { code: place.code.clone(), name, number: n, mark: view.mark(said, &view.filter.and("region", &place.code[..2])) }
    };
    let provinces: Vec<Province> = places.iter().map(province).collect();
    let beside = [("no region known", "", "not-known"), ("other countries", ABROAD, ABROAD)].map(|(name, key, value)| Beside {
        name: name.into(),
        number: number(key),
        mark: view.mark(said(name, number(key)), &view.filter.and("region", value)),
    });
    let mut rows: Vec<Vec<Cell>> = places
        .iter()
        .map(|place| {
            row(
                view,
                &format!("{} {}", english(place, rules), place.name),
                &place.code[..2],
                number(&place.code[..2]),
                &pile,
                &place.code[..2],
            )
        })
        .collect();
    rows.push(row(view, "no region known", "", number(""), &pile, "not-known"));
    rows.push(row(view, "other countries", ABROAD, number(ABROAD), &pile, ABROAD));
    rows.sort_by_key(|row| std::cmp::Reverse(sum(row)));
    let head = ["Province", "Contracting processes", "Awards with lines that name a brand or model"].map(String::from).to_vec();
    let twin = Twin { caption: "Contracting processes by province of the buyer".into(), head, rows, beyond: 0 };
    let more = html! { p.note { (SOURCE) } };
    Ok(Some(Drawn { picture: map("Contracting processes by province of the buyer", &provinces, &beside), twin, more }))
}

fn row(view: &View, name: &str, key: &str, number: usize, pile: &Numbers, value: &str) -> Vec<Cell> {
    let leading = view.to(&view.filter.and("region", value));
    vec![Cell::text(name), Cell::number(number).leading(leading), Cell::number(pile.get(key).copied().unwrap_or(0))]
}

fn sum(row: &[Cell]) -> usize {
    let number = |cell: &Cell| if let tendertrace::report::picture::Value::Number(n) = cell.value { n } else { 0 };
    row.get(1).map_or(0, number)
}

/// A region's code as the map knows it.
fn region(code: Option<&str>) -> String {
    match code {
        None => String::new(),
        Some(code) if code.starts_with(|c: char| c.is_ascii_digit()) => code.get(..2).unwrap_or(code).to_string(),
        Some(_) => ABROAD.to_string(),
    }
}

fn found(view: &View) -> anyhow::Result<Numbers> {
    Ok(view.facts.by(&view.facts.counted(&view.filter)?, Of::Region, region)?.into_iter().collect())
}

fn pile(view: &View) -> anyhow::Result<Numbers> {
    Ok(view.facts.pile(&view.filter, Of::Region, region)?.into_iter().map(|(region, [_, named])| (region, named)).collect())
}
