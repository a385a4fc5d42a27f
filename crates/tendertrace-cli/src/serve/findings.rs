//! Which findings are behind this number? The rows of one cell, bar, province or band, with how many
//! contracting processes they are; as a page and as CSV.

use super::facts::Facts;
use super::filter::{Filter, Of, words};
use super::pictures::form;
use super::{Desk, Given, Shared, flow, page};
use crate::store::shown;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use rusqlite::{Connection, params};
use tendertrace::report::html::part;
use tendertrace::report::{csv as sheets, mask, say};

const SHOWN: usize = 200;

pub fn page(desk: &Desk, db: &Connection, asked: &Given) -> anyhow::Result<Response> {
    let filter = Filter::of(asked);
    let facts = Facts::of(db)?;
    let counted = facts.counted(&filter)?;
    let (processes, findings) = (facts.number(&counted), counted.len());
    let rows = rows(desk, db, &facts, &counted, SHOWN)?;
    let content = html! {
        h1 { "Findings" }
        (chips(desk, &filter))
        p.lead { strong #processes data-n=(processes) { (say::counted(processes, "contracting process", "contracting processes")) } " with " strong #findings data-n=(findings) { (say::counted(findings, "finding", "findings")) } "." }
        (left_out(&facts, &filter)?)
        @if findings == 0 { p { "Nothing in the case is counted under this. That is an answer only together with the funnel of the start page." } }
        @else { ol.hits { @for row in &rows { (entry(desk, row)) } } }
        @if findings > SHOWN { p.note { "The newest " (SHOWN) " are shown; the CSV has all." } }
        p { a href=(filter.link("/findings/csv")) { "As CSV" } " · " a href=(filter.link("/pictures")) { "As pictures" } }
        (form(desk, db, "/findings", &filter))
    };
    Ok(page::frame(desk, "Findings", "/pictures", content))
}

fn chips(desk: &Desk, filter: &Filter) -> Markup {
    html! { @if !filter.terms().is_empty() { ul.chips aria-label="Only these" { @for (at, (name, value)) in filter.terms().iter().enumerate() {
        @let (label, shown) = words(name, value, &desk.rules);
        li { a href=(filter.without(at).link("/findings")) { (label) ": " (part::mixed(&shown)) " " span aria-hidden="true" { "×" } span.away { " – remove" } } }
    } } } }
}

/// What would be here but is not counted.
fn left_out(facts: &Facts, filter: &Filter) -> anyhow::Result<Markup> {
    let [copies, rejected, unshown] = facts.left_out(filter)?;
    Ok(
        html! { @if copies + rejected + unshown > 0 { p.note { "Not counted: " (say::count(copies)) " on copies of the same notice, " (say::count(rejected)) " rejected by a reader, " (say::count(unshown)) " of products whose notice shows no purchase." } } },
    )
}

/// Columns as `evidence` has them.
const COLUMNS: [&str; 16] = [
    "event_date",
    "sentence",
    "brand",
    "product",
    "usage",
    "strength",
    "decision",
    "buyer",
    "supplier",
    "region_name",
    "lot",
    "project_number",
    "quote",
    "url",
    "sha256",
    "finding",
];

type Row = [String; 16];

/// The newest of the rows; of one day, in the order of their ids.
fn rows(desk: &Desk, db: &Connection, facts: &Facts, counted: &[u32], most: usize) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    each(desk, db, facts, counted, most, &mut |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}

/// Hands these rows over, the newest first, at most so many.
fn each(
    desk: &Desk,
    db: &Connection,
    facts: &Facts,
    counted: &[u32],
    most: usize,
    taken: &mut dyn FnMut(Row) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let columns = COLUMNS.map(|name| format!("e.{name}")).join(", ");
    let keys: Vec<(u64, u64)> = newest(facts, counted, most)?.into_iter().map(|row| facts.key(row)).collect();
    let sql = format!(
        "SELECT {columns} FROM json_each(?1) w CROSS JOIN evidence e ON e.notice = w.value ->> 0 AND e.n = w.value ->> 1
         ORDER BY e.event_date IS NULL, e.event_date DESC, e.finding LIMIT ?2"
    );
    let mut query = db.prepare(&sql)?;
    let mut found = query.query(params![serde_json::to_string(&keys)?, i64::try_from(most).unwrap_or(i64::MAX)])?;
    while let Some(row) = found.next()? {
        taken(cells(row, desk)?)?;
    }
    Ok(())
}

/// The newest so many rows, and all of the last one's day.
fn newest(facts: &Facts, counted: &[u32], most: usize) -> anyhow::Result<Vec<u32>> {
    let days = facts.texts(Of::Day)?;
    let mut rows: Vec<(usize, u32)> = counted.iter().map(|row| (days.code(*row as usize), *row)).collect();
    rows.sort_unstable_by_key(|(day, row)| (std::cmp::Reverse(*day), *row));
    let last = rows.get(most.saturating_sub(1)).map(|(day, _)| *day);
    Ok(rows.into_iter().take_while(|(day, _)| last.is_none_or(|last| *day >= last)).map(|(_, row)| row).collect())
}

fn cells(row: &rusqlite::Row, desk: &Desk) -> rusqlite::Result<Row> {
    let mut cells = Row::default();
    for (at, name) in COLUMNS.iter().enumerate() {
        cells[at] = shown::text(name, row.get_ref(at)?, &desk.rules.report.masks);
    }
    // The sentence is of the program's own words but for the buyer's name.
    let buyer: Option<String> = row.get("buyer")?;
    cells[1] = masked_buyer(&cells[1], buyer.as_deref(), &cells[7]);
    Ok(cells)
}

/// A sentence that names the buyer as it may be shown.
fn masked_buyer(sentence: &str, buyer: Option<&str>, shown: &str) -> String {
    buyer.filter(|buyer| !buyer.is_empty()).map_or_else(|| sentence.to_string(), |buyer| sentence.replace(buyer, shown))
}

fn entry(desk: &Desk, row: &Row) -> Markup {
    let [date, sentence, brand, _, _, strength, decision, buyer, seller, region, ..] = row;
    let (quote, finding) = (&row[12], &row[15]);
    let name = say::brand(brand, &desk.rules);
    let names = sentence.to_lowercase().contains(&name.to_lowercase());
    html! {
        li.hit data-item {
            h2 { a href={ "/finding/" (finding) } { @if !names { b { (name) } ": " } (part::mixed(sentence)) } }
            p.meta {
                (page::dots(strength, &desk.rules)) " " (page::stamp(decision))
                @if !date.is_empty() { " · " (date) }
                @if sentence.contains(buyer.as_str()) { @if !buyer.is_empty() { " ·" (page::english(buyer, &desk.rules)) } } @else { " · buyer " (page::party(buyer, &desk.rules)) }
                @if !seller.is_empty() { " · seller " (page::party(seller, &desk.rules)) }
                @if !region.is_empty() { " · " (part::zh(region)) }
            }
            p.snippet lang="zh" { (say::short(&say::one_line(&mask::text(quote, &desk.rules.report.masks)), 160)) }
        }
    }
}

/// All rows as a file; it leaves the desk.
pub fn csv(desk: Shared, asked: Given) -> Response {
    flow::file(desk, "tendertrace-findings.csv", "text/csv; charset=utf-8", move |desk, db, out| {
        out.write_all("\u{FEFF}".as_bytes())?;
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(COLUMNS.map(|name| name.replace('_', " ")))?;
        let facts = Facts::of(db)?;
        each(desk, db, &facts, &facts.counted(&Filter::of(&asked))?, usize::MAX, &mut |row| {
            Ok(writer.write_record(row.map(|cell| sheets::harmless(&cell)))?)
        })?;
        Ok(writer.flush()?)
    })
}

/// A file to keep.
pub fn file(name: &str, kind: &str, text: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition.as_str())], text).into_response()
}
