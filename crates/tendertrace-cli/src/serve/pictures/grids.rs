//! Which brands go with which kinds of buyers, and with which purposes?

use super::{Drawn, View};
use crate::serve::facets;
use crate::serve::filter::{Filter, Of, list_of};
use maud::html;
use std::collections::BTreeMap;
use tendertrace::report::picture::grid::{Grid, draw as grid};
use tendertrace::report::picture::{Cell, Twin};
use tendertrace::report::say;

/// Brands shown one by one.
const BRANDS: usize = 30;

/// The columns of a grid.
struct Columns {
    id: &'static str,
    title: &'static str,
    /// The filter's name for a value.
    name: &'static str,
    /// Kind of its words.
    words: &'static str,
    /// The column, and the values that its text is counted under; an empty one where it is not known.
    of: Of,
    values: fn(Option<&str>) -> Vec<String>,
    /// What a finding without a value is called.
    none: &'static str,
}

pub fn by_kind(view: &View) -> anyhow::Result<Option<Drawn>> {
    let columns = Columns {
        id: "kinds-picture",
        title: "Contracting processes by brand and kind of buyer",
        name: "kind",
        words: "buyer_kind",
        of: Of::Kind,
        values: |kind| vec![kind.unwrap_or_default().to_string()],
        none: "kind not known",
    };
    draw(view, &columns)
}

pub fn by_purpose(view: &View) -> anyhow::Result<Option<Drawn>> {
    let columns = Columns {
        id: "purposes-picture",
        title: "Contracting processes by brand and purpose",
        name: "purpose",
        words: "purpose",
        of: Of::Purposes,
        values: purposes,
        none: "no purpose told",
    };
    draw(view, &columns)
}

/// Numbers by (brand, value); an empty value is one that is not known.
type Numbers = BTreeMap<(String, String), usize>;

fn draw(view: &View, columns: &Columns) -> anyhow::Result<Option<Drawn>> {
    let rows = view.facts.counted(&view.filter)?;
    let brands = brands(view, &rows)?;
    if brands.is_empty() {
        return Ok(None);
    }
    let numbers = numbers(view, &rows, columns)?;
    let mut sums: BTreeMap<&str, usize> = BTreeMap::new();
    numbers.iter().for_each(|((_, value), n)| *sums.entry(value).or_default() += n);
    let mut values: Vec<(&str, usize)> = sums.into_iter().collect();
    values.sort_by_key(|(value, n)| (value.is_empty(), std::cmp::Reverse(*n), *value));
    let values: Vec<&str> = values.into_iter().map(|(value, _)| value).collect();
    let words =
        |value: &str| if value.is_empty() { columns.none.to_string() } else { facets::words(columns.words, value, &view.desk.rules) };
    let heads: Vec<String> = values.iter().map(|value| words(value)).collect();
    let (shown, beyond) = brands.split_at(brands.len().min(BRANDS));
    let rows =
        |brand: &str, value: &str| view.filter.and("brand", brand).and(columns.name, if value.is_empty() { "not-known" } else { value });
    let number = |brand: &str, value: &str| numbers.get(&(brand.to_string(), value.to_string())).copied().unwrap_or(0);
    let names: Vec<String> = shown.iter().map(|brand| say::brand(brand, &view.desk.rules)).collect();
    let cell = |brand: &str, name: &str, value: &str, head: &str| {
        let n = number(brand, value);
        (n, view.mark(format!("{name}, {head}: {}", say::counted(n, "contracting process", "contracting processes")), &rows(brand, value)))
    };
    let cells = shown
        .iter()
        .zip(&names)
        .map(|(brand, name)| values.iter().zip(&heads).map(|(value, head)| cell(brand, name, value, head)).collect());
    let drawn = Grid { id: columns.id, title: columns.title.into(), rows: names.clone(), columns: heads.clone(), cells: cells.collect() };
    let line = |brand: &String| {
        let mut line = vec![Cell::text(say::brand(brand, &view.desk.rules)).leading(view.to(&view.filter.and("brand", brand)))];
        line.extend(values.iter().map(|value| Cell::number(number(brand, value)).leading(view.to(&rows(brand, value)))));
        line
    };
    let head = std::iter::once("Brand".to_string()).chain(heads).collect();
    let twin = Twin { caption: columns.title.into(), head, rows: brands.iter().map(line).collect(), beyond: 0 };
    let rest: Filter = view.filter.past(&view.filter, "past_brand", BRANDS);
    let more = html! { @if !beyond.is_empty() { p.note { "The first " (BRANDS) " brands are drawn; " a href=(rest.link("/findings")) { (say::counted(beyond.len(), "other", "others")) } " stand in the table." } } };
    Ok(Some(Drawn { picture: grid(&drawn), twin, more }))
}

/// The contract's own id for "none of these" tells of no purpose.
fn purposes(text: Option<&str>) -> Vec<String> {
    let all = list_of(text.unwrap_or_default());
    if all.is_empty() { vec![String::new()] } else { all.into_iter().map(|one| if one == "none" { String::new() } else { one }).collect() }
}

/// Brands by contracting processes, the most frequent first.
fn brands(view: &View, rows: &[u32]) -> anyhow::Result<Vec<String>> {
    let counts = view.facts.by(rows, Of::Brand, |brand| brand.unwrap_or_default().to_string())?;
    let mut brands: Vec<(String, usize)> = counts.into_iter().collect();
    brands.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(brands.into_iter().map(|(brand, _)| brand).collect())
}

fn numbers(view: &View, rows: &[u32], columns: &Columns) -> anyhow::Result<Numbers> {
    let brand = |brand: Option<&str>| brand.unwrap_or_default().to_string();
    Ok(view.facts.by_two(rows, (Of::Brand, brand), (columns.of, columns.values))?.into_iter().collect())
}
