//! Where is it written? Search over all text with facets and links as queries; hits are shown where
//! they stand.

use super::{Desk, Given, encode, facets, given, page, saved};
use crate::store::query::Query;
use crate::store::search;
use axum::response::Response;
use maud::{Markup, html};
use rusqlite::{Connection, OptionalExtension as _, Row};
use tendertrace::report::html::part;
use tendertrace::report::{mask, say};
use tendertrace::rulebook::Rulebook;

/// Hits on one page.
const PAGE: usize = 20;

/// A notice as a hit.
pub struct Hit {
    pub id: i64,
    pub title: String,
    pub stage: Option<String>,
    pub date: Option<String>,
    pub buyer: Option<String>,
    pub kind: Option<String>,
    pub total: Option<String>,
    pub site: Option<String>,
    pub access: String,
    /// (id, brand, product, usage)
    pub findings: Vec<(String, String, Option<String>, String)>,
    pub snippet: Vec<(String, bool)>,
}

pub fn page(desk: &Desk, db: &Connection, asked: &Given) -> anyhow::Result<Response> {
    let typed = given(asked, "q").unwrap_or_default();
    let query = Query::parse(typed, &desk.rules.folder);
    // One look at the case: nothing is locked anew for each of ten thousand rows.
    let db = &*db.unchecked_transaction()?;
    let number = given(asked, "page").and_then(|p| p.parse::<usize>().ok()).unwrap_or(1).clamp(1, facets::MOST.div_ceil(PAGE));
    let hits = facets::collect(db, &query, asked, number * PAGE)?;
    let number = number.min(hits.places.len().div_ceil(PAGE).max(1));
    let found = hits_of(desk, db, &query, hits.places.iter().skip((number - 1) * PAGE).take(PAGE))?;
    let counted = facets::count(db, &hits, &desk.rules)?;
    let content = html! {
        h1.away { "Search" }
        div.big { (page::search_box(typed, "Search all text")) }
        (help(typed))
        (chips(asked, &desk.rules))
        div.searched {
            div {
                p aria-live="polite" { strong { (say::counted(hits.places.len(), "notice", "notices")) } @if hits.cut { " and more: only the " (if given(asked, "sort") == Some("oldest") { "oldest" } else { "newest" }) " " (say::count(facets::MOST)) " are counted and sorted; narrow the search" } "." (sorts(asked)) " " a.narrow href="#narrow" { "Narrow the search" } }
                ol.hits start=((number - 1) * PAGE + 1) { @for hit in &found { (one(hit, typed, &desk.rules)) } }
                (pages(asked, number, hits.places.len()))
                (saved::form(asked))
            }
            aside #narrow aria-label="Narrow the search" { (narrow(asked, &counted)) }
        }
    };
    Ok(page::frame(desk, if typed.is_empty() { "Search" } else { typed }, "/search", content))
}

fn help(typed: &str) -> Markup {
    html! { @if typed.is_empty() { p.note { "Words must all stand in a notice. " code { "\"…\"" } " is a phrase, " code { "-word" } " leaves out, " code { "title:" } " " code { "buyer:" } " " code { "seller:" } " look there only. One Chinese character is enough; simplified finds traditional, full width finds half." } } }
}

fn chips(asked: &Given, rules: &Rulebook) -> Markup {
    let active = facets::active(asked, rules);
    html! { @if !active.is_empty() { ul.chips aria-label="Filters in force" { @for (name, label, value) in active { li { a href=(facets::link(asked, name, None)) { (label) ": " (part::zh(&value)) " " span aria-hidden="true" { "×" } span.away { " – remove" } } } } } } }
}

fn sorts(asked: &Given) -> Markup {
    let now = given(asked, "sort").unwrap_or_default();
    let has_words = given(asked, "q").is_some();
    html! {
        span.sorts { " Sorted by "
            @for (value, name) in [("", if has_words { "relevance" } else { "date" }), ("date", "newest"), ("oldest", "oldest"), ("amount", "amount")] {
                @if value == now { b { (name) } " " } @else { a href=(facets::link(asked, "sort", Some(value).filter(|v| !v.is_empty()))) { (name) } " " }
            }
        }
    }
}

/// Notices at these places as hits.
pub fn hits_of<'a>(desk: &Desk, db: &Connection, query: &Query, places: impl Iterator<Item = &'a i64>) -> anyhow::Result<Vec<Hit>> {
    let sql = "SELECT t.id, coalesce(nullif(trim(t.title), ''), t.project_name, ''), t.stage, t.event_date, t.buyer, t.buyer_kind, t.total_minor, t.total_currency, t.site, t.access, coalesce(y.factor, 100)
         FROM notices t LEFT JOIN currencies y ON y.code = t.total_currency WHERE t.id = ?1";
    let mut statement = db.prepare(sql)?;
    let read = places.map(|place| statement.query_row([search::notice_at(*place)], |row| hit(row, &desk.rules)).optional());
    let mut hits: Vec<Hit> = read.filter_map(Result::transpose).collect::<Result<_, _>>()?;
    for hit in &mut hits {
        let mut findings = db.prepare_cached("SELECT id, brand, product, usage FROM findings WHERE notice = ?1 ORDER BY CASE strength WHEN 'strong' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END, n")?;
        hit.findings =
            findings.query_map([hit.id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?.collect::<Result<_, _>>()?;
        hit.snippet = snippet(&search::body(db, hit.id).unwrap_or_default(), query, &desk.rules);
    }
    Ok(hits)
}

fn hit(row: &Row, rules: &Rulebook) -> rusqlite::Result<Hit> {
    let masks = &rules.report.masks;
    let minor: Option<i64> = row.get(6)?;
    let currency: Option<String> = row.get(7)?;
    let factor: i64 = row.get(10)?;
    Ok(Hit {
        id: row.get(0)?,
        title: mask::text(&row.get::<_, String>(1)?, masks),
        stage: row.get(2)?,
        date: row.get(3)?,
        buyer: row.get(4)?,
        kind: row.get(5)?,
        total: minor.zip(currency).map(|(minor, currency)| money(minor, factor, currency)),
        site: row.get(8)?,
        access: row.get(9)?,
        findings: Vec::new(),
        snippet: Vec::new(),
    })
}

/// Minor units as people read them.
pub fn money(minor: i64, factor: i64, currency: String) -> String {
    let (sign, minor, factor) = (if minor < 0 { "-" } else { "" }, minor.unsigned_abs(), factor.max(1) as u64);
    let whole = say::count((minor / factor) as usize);
    match factor.ilog10() {
        0 => format!("{currency} {sign}{whole}"),
        decimals => format!("{currency} {sign}{whole}.{:0width$}", minor % factor, width = decimals as usize),
    }
}

/// A decimal with its currency, grouped.
pub fn amount(value: &serde_json::Value) -> Option<String> {
    let (amount, currency) = (value["amount"].as_str()?, value["currency"].as_str()?);
    let (whole, rest) = amount.split_once('.').unwrap_or((amount, ""));
    let grouped = whole.parse().map_or_else(|_| whole.to_string(), say::count);
    Some(if rest.is_empty() { format!("{currency} {grouped}") } else { format!("{currency} {grouped}.{rest}") })
}

/// Bytes before and after a hit.
const AROUND: usize = 90;
/// Stretches shown of one notice.
const STRETCHES: usize = 3;

/// Text around the first hits, as (text, is a hit); the beginning where nothing is looked for.
fn snippet(text: &str, query: &Query, rules: &Rulebook) -> Vec<(String, bool)> {
    let places = query.places(text, &rules.folder);
    let cut = |from: usize, to: usize| between(&text[floor(text, from)..floor(text, to)]);
    if places.is_empty() {
        return vec![(say::short(&say::one_line(&text[..floor(text, 600)]), 140), false)];
    }
    let mut out = Vec::new();
    let mut end = 0;
    for (shown, (start, stop)) in places.iter().enumerate() {
        if *start < end {
            continue;
        }
        if shown >= STRETCHES && *start > end + AROUND {
            break;
        }
        let from = start.saturating_sub(AROUND).max(end);
        if from > end {
            out.push((" … ".to_string(), false));
        }
        out.push((cut(from, *start), false));
        out.push((text[*start..*stop].to_string(), true));
        let next = places.iter().map(|(s, _)| *s).find(|s| s >= stop).unwrap_or(text.len());
        end = (stop + AROUND).min(next).min(text.len());
        out.push((cut(*stop, end), false));
    }
    out.push((" …".to_string(), false));
    out
}

/// Text on one line, with a bar where a cell ends at its edge too.
fn between(text: &str) -> String {
    let bar = |at_edge: Option<char>| if at_edge.is_some_and(|c| c == '\t' || c == '\n') { " │ " } else { "" };
    let line = say::one_line(text);
    if line.is_empty() {
        bar(text.chars().next()).to_string()
    } else {
        format!("{}{line}{}", bar(text.chars().next()), bar(text.chars().next_back()))
    }
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn one(hit: &Hit, typed: &str, rules: &Rulebook) -> Markup {
    let title = if hit.title.trim().is_empty() { "Untitled notice".to_string() } else { say::short(&say::one_line(&hit.title), 120) };
    let place = if typed.is_empty() { format!("/notice/{}", hit.id) } else { format!("/notice/{}?q={}", hit.id, encode(typed)) };
    html! {
        li.hit data-item {
            h2 { a href=(place) { (part::zh(&title)) } " " (page::access(&hit.access)) }
            p.meta {
                @if let Some(date) = &hit.date { time datetime=(date) { (date) } " · " }
                @if let Some(stage) = &hit.stage { (say::label("stage", stage, rules)) }
                @if let Some(buyer) = &hit.buyer { " · " (page::party(buyer, rules)) @if let Some(kind) = &hit.kind { " (" (say::label("buyer_kind", kind, rules)) ")" } }
                @if let Some(total) = &hit.total { " · " (total) }
                @if let Some(site) = &hit.site { " · " (site) }
            }
            p.snippet lang="zh" { @for (text, is_hit) in &hit.snippet { @if *is_hit { mark { (text) } } @else { (text) } } }
            @if !hit.findings.is_empty() { (brands(&hit.findings, rules)) }
        }
    }
}

/// Brands shown of one hit.
const BRANDS: usize = 6;

fn brands(findings: &[(String, String, Option<String>, String)], rules: &Rulebook) -> Markup {
    html! {
        ul.tags {
            @for (id, brand, product, usage) in findings.iter().take(BRANDS) {
                li { a href={ "/finding/" (id) } { b { (product.clone().unwrap_or_else(|| say::brand(brand, rules))) } " " (say::label("usage", usage, rules)) } }
            }
            @if findings.len() > BRANDS { li.soft { "and " (findings.len() - BRANDS) " more" } }
        }
    }
}

fn narrow(asked: &Given, counted: &[facets::Counted]) -> Markup {
    html! {
        h2 { "Narrow" }
        @for facet in counted.iter().filter(|f| !f.values.is_empty() && given(asked, f.name).is_none()) {
            details open[matches!(facet.name, "brand" | "usage" | "kind" | "stage")] {
                summary { (facet.label) }
                ul { @for (value, words, n) in &facet.values { li { a href=(facets::link(asked, facet.name, Some(value))) { (part::zh(words)) } " " span.soft { (say::count(*n)) } } } }
            }
        }
        details { summary { "Review" } ul { @for (value, name) in [("unreviewed", "with an unreviewed finding"), ("accept", "with an accepted one"), ("reject", "with a rejected one"), ("unsure", "someone is unsure")] { li { a href=(facets::link(asked, "review", Some(value))) { (name) } } } } }
    }
}

fn pages(asked: &Given, now: usize, hits: usize) -> Markup {
    let last = hits.div_ceil(PAGE).max(1);
    let place = |page: usize| format!("{}&page={page}", facets::link(asked, "page", None));
    html! {
        @if last > 1 {
            nav.pages aria-label="Pages" {
                @if now > 1 { a rel="prev" href=(place(now - 1)) { "← Previous" } }
                span { "Page " (now) " of " (say::count(last)) }
                @if now < last { a rel="next" href=(place(now + 1)) { "Next →" } }
            }
        }
    }
}
