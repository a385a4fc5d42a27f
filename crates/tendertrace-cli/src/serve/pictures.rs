//! What does the case look like from afar? Findings by year out of how many notices, brands by
//! purpose and by kind of buyer; every picture has its table and its rows.

use super::{Desk, encode, facets, page};
use axum::response::Response;
use maud::{Markup, html};
use rusqlite::Connection;
use std::collections::BTreeMap;
use tendertrace::report::html::chart::{self, Year};
use tendertrace::report::html::part::{self, Align, Column};
use tendertrace::report::say;

pub fn page(desk: &Desk, db: &Connection) -> anyhow::Result<Response> {
    let content = html! {
        h1 { "Pictures" }
        p.note { "Contracting processes in which a brand is named in an award, copies and rejected findings left out. A pile is not a sample: a trend of the pile may be a trend of what was collected." }
        (years(db)?)
        (matrix(desk, db, &BY_KIND)?)
        (matrix(desk, db, &BY_PURPOSE)?)
    };
    Ok(page::frame(desk, "Pictures", "/pictures", content))
}

fn years(db: &Connection) -> anyhow::Result<Markup> {
    let mut query = db.prepare(
        "WITH found AS (SELECT substr(event_date, 1, 4) AS year, count(DISTINCT process) AS n FROM evidence WHERE usage = 'awarded' AND NOT copy AND decision <> 'reject' GROUP BY 1)
         SELECT substr(t.event_date, 1, 4) AS year, count(*), coalesce((SELECT n FROM found WHERE found.year = substr(t.event_date, 1, 4)), 0)
         FROM notices t LEFT JOIN joined m ON m.notice = t.id WHERE t.readable AND t.event_date IS NOT NULL AND coalesce(m.main, t.id) = t.id GROUP BY 1 ORDER BY 1",
    )?;
    let rows: Vec<Year> = query
        .query_map([], |row| Ok(Year { label: row.get(0)?, pile: row.get::<_, i64>(1)? as usize, found: row.get::<_, i64>(2)? as usize }))?
        .collect::<Result<_, _>>()?;
    let cells: Vec<Vec<Markup>> = rows
        .iter()
        .map(|y| {
            vec![html! { a href={ "/search?year=" (y.label) "&usage=awarded" } { (y.label) } }, part::cell(y.found), part::cell(y.pile)]
        })
        .collect();
    let columns = [
        Column("Year", Align::Text),
        Column("Processes with a brand named in an award", Align::Number),
        Column("Notices in the pile", Align::Number),
    ];
    Ok(html! { @if rows.is_empty() { p { "No notice has a date that could be read." } } @else {
        figure { figcaption { "By year of the event" } (chart::years("years", "By year", ("processes with a brand named in an award", "notices in the pile"), &rows)) details { summary { "The numbers as a table, each year a link to its notices" } (part::table("Years", &columns, &cells, 60)) } }
    } })
}

/// Brands in rows against the values of a field in columns.
struct Matrix {
    caption: &'static str,
    name: &'static str,
    words: &'static str,
    sql: &'static str,
}

const BY_KIND: Matrix = Matrix {
    caption: "Brands by kind of buyer",
    name: "kind",
    words: "buyer_kind",
    sql: "SELECT brand, buyer_kind, count(DISTINCT process) FROM evidence WHERE usage = 'awarded' AND NOT copy AND decision <> 'reject' AND buyer_kind IS NOT NULL GROUP BY 1, 2",
};

const BY_PURPOSE: Matrix = Matrix {
    caption: "Brands by purpose of the notice",
    name: "purpose",
    words: "purpose",
    sql: "SELECT brand, p.value, count(DISTINCT process) FROM evidence, json_each(evidence.purposes) p WHERE usage = 'awarded' AND NOT copy AND decision <> 'reject' GROUP BY 1, 2",
};

const MOST_BRANDS: usize = 25;

fn matrix(desk: &Desk, db: &Connection, matrix: &Matrix) -> anyhow::Result<Markup> {
    let mut query = db.prepare(matrix.sql)?;
    let cells: Vec<(String, String, i64)> =
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<Result<_, _>>()?;
    let (mut brands, mut columns): (BTreeMap<&str, i64>, BTreeMap<&str, i64>) = Default::default();
    for (brand, column, n) in &cells {
        *brands.entry(brand).or_default() += n;
        *columns.entry(column).or_default() += n;
    }
    let most = cells.iter().map(|(_, _, n)| *n).max().unwrap_or(1);
    let count: BTreeMap<(&str, &str), i64> = cells.iter().map(|(brand, column, n)| ((brand.as_str(), column.as_str()), *n)).collect();
    let (brands, columns) = (frequent(&brands), frequent(&columns));
    let place = |brand: &str, column: &str| format!("/search?brand={}&usage=awarded&{}={}", encode(brand), matrix.name, encode(column));
    Ok(html! { @if !cells.is_empty() {
        figure {
            figcaption { (matrix.caption) }
            div.scroll tabindex="0" role="region" aria-label=(matrix.caption) { table.matrix {
                caption.away { (matrix.caption) }
                thead { tr { th scope="col" { "Brand" } @for column in &columns { th scope="col" { span { (say::label(matrix.words, column, &desk.rules)) } } } } }
                tbody { @for brand in brands.iter().take(MOST_BRANDS) { tr {
                    th scope="row" { (facets::words("brand", brand, &desk.rules)) }
                    @for column in &columns { @match count.get(&(*brand, *column)) {
                        Some(n) => { td.heat.(format!("h{}", (n * 4 + most - 1) / most)) { a href=(place(brand, column)) { (say::count(*n as usize)) } } }
                        None => { td.soft { "·" } }
                    } }
                } } }
            } }
            @if brands.len() > MOST_BRANDS { p.note { "The first " (MOST_BRANDS) " of " (brands.len()) " brands." } }
        }
    } })
}

fn frequent<'a>(all: &BTreeMap<&'a str, i64>) -> Vec<&'a str> {
    let mut names: Vec<(&str, i64)> = all.iter().map(|(name, n)| (*name, *n)).collect();
    names.sort_by_key(|(name, n)| (-n, *name));
    names.into_iter().map(|(name, _)| name).collect()
}
