//! Which findings are behind this number? The rows of one cell, bar, province or band, with how many
//! contracting processes they are; as a page and as CSV.

use super::filter::{Filter, words};
use super::pictures::form;
use super::{Desk, Given, Shared, flow, page};
use crate::store::shown;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use rusqlite::{Connection, params_from_iter};
use tendertrace::report::html::part;
use tendertrace::report::{csv as sheets, mask, say};

const SHOWN: usize = 200;

pub fn page(desk: &Desk, db: &Connection, asked: &Given) -> anyhow::Result<Response> {
    let filter = Filter::of(asked);
    let (processes, findings) = filter.count(db)?;
    let rows = rows(desk, db, &filter, SHOWN)?;
    let content = html! {
        h1 { "Findings" }
        (chips(desk, &filter))
        p.lead { strong #processes data-n=(processes) { (say::counted(processes, "contracting process", "contracting processes")) } " with " strong #findings data-n=(findings) { (say::counted(findings, "finding", "findings")) } "." }
        (left_out(db, &filter)?)
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
fn left_out(db: &Connection, filter: &Filter) -> anyhow::Result<Markup> {
    let clause = filter.findings();
    let all = clause.sql.replace(super::filter::COUNTED, "1");
    let sql = format!(
        "SELECT total(e.copy), total(e.decision = 'reject'), total(instr(e.objections, '\"no_purchase_shown\"') > 0) FROM evidence e WHERE {all}"
    );
    let numbers: [f64; 3] = db.query_row(&sql, params_from_iter(clause.values), |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?;
    let [copies, rejected, unshown] = numbers.map(|n| n as usize);
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

fn rows(desk: &Desk, db: &Connection, filter: &Filter, most: usize) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    each(desk, db, filter, &format!("LIMIT {most}"), &mut |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}

/// Hands over every row, the newest first.
fn each(
    desk: &Desk,
    db: &Connection,
    filter: &Filter,
    limit: &str,
    taken: &mut dyn FnMut(Row) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let clause = filter.findings();
    let columns = COLUMNS.map(|name| format!("e.{name}")).join(", ");
    let sql = format!(
        "SELECT {columns} FROM evidence e WHERE {} ORDER BY e.event_date IS NULL, e.event_date DESC, e.finding {limit}",
        clause.sql
    );
    let mut query = db.prepare(&sql)?;
    let mut found = query.query(params_from_iter(clause.values))?;
    while let Some(row) = found.next()? {
        taken(cells(row, desk)?)?;
    }
    Ok(())
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
                @if !sentence.contains(buyer.as_str()) { " · buyer " (page::party(buyer, &desk.rules)) }
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
        each(desk, db, &Filter::of(&asked), "", &mut |row| Ok(writer.write_record(row.map(|cell| sheets::harmless(&cell)))?))?;
        Ok(writer.flush()?)
    })
}

/// A file to keep.
pub fn file(name: &str, kind: &str, text: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition.as_str())], text).into_response()
}
