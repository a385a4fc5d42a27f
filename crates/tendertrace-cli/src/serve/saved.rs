//! What is new since the last look? Searches kept under a name, each with the notices and findings that
//! came to it since; looking, dropping and taking back are buttons.

use super::again::Again;
use super::{Access, Desk, Given, facets, given, page, to};
use crate::store::Case;
use crate::store::query::Query;
use crate::store::saved::{self, Act, Saved};
use anyhow::{Context as _, bail};
use axum::http::Uri;
use axum::response::Response;
use maud::{Markup, html};
use rusqlite::Connection;
use tendertrace::report::say;

/// All saved searches.
pub fn page(desk: &Desk, db: &Connection) -> anyhow::Result<Response> {
    again(desk, db, Again::NO)
}

/// The same, with a search on it that could not be kept.
pub fn again(desk: &Desk, db: &Connection, again: Again) -> anyhow::Result<Response> {
    let unkept = again.of("/saved", &[]);
    let content = html! {
        h1 { "Saved searches" }
        p { "A search is saved from its own page. What came into the case since somebody last looked is new." }
        (again.why())
        @if unkept.is_sent() { form.asked method="post" action="/saved" {
            input type="hidden" name="query" value=(unkept.or("query", ""));
            label { "Name" input name="name" required value=(unkept.or("name", "")) autocomplete="off"; }
            button { "Save" }
        } }
        (list(desk, db)?)
    };
    Ok(page::frame(desk, "Saved searches", "/search", content))
}

/// The list alone, as the start page shows it too.
pub fn list(desk: &Desk, db: &Connection) -> anyhow::Result<Markup> {
    let all = saved::all(db, side(desk))?;
    let (dropped, kept): (Vec<Saved>, Vec<Saved>) = all.into_iter().partition(|saved| saved.is_dropped);
    let mut rows = Vec::new();
    for saved in &kept {
        rows.push(one(desk, db, saved)?);
    }
    Ok(html! {
        @if kept.is_empty() { p { "None is saved yet: search for something and give it a name." } }
        @else { ul.saved { @for row in rows { (row) } } }
        @if !dropped.is_empty() { details { summary { "Dropped" } ul.saved { @for saved in &dropped { li { (saved.name) " " (button(saved, "back", "Take back")) } } } } }
    })
}

fn one(desk: &Desk, db: &Connection, saved: &Saved) -> anyhow::Result<Markup> {
    let asked = parse(&saved.query)?;
    let fresh = fresh(desk, db, &asked, saved)?;
    let place = |more: &str| format!("/search?{}{more}", saved.query);
    Ok(html! { li data-item {
        a href=(place("")) { (saved.name) } ": "
        @if fresh.notices == 0 { "nothing new" }
        @else { a href=(place(&format!("&since={}", saved.fresh_from))) { (say::counted(fresh.notices, "new notice", "new notices")) @if fresh.is_cut { " and more" } } ", " (say::counted(fresh.findings, "new finding", "new findings")) }
        " " span.soft { "since " (saved.looked.get(..10).unwrap_or(&saved.looked)) } " "
        @if fresh.notices > 0 { (button(saved, "looked", "I have looked")) " " }
        (button(saved, "drop", "Drop"))
    } })
}

fn button(saved: &Saved, act: &str, words: &str) -> Markup {
    html! { form.inline method="post" action={ "/saved/" (saved.id) } { button.quiet name="act" value=(act) aria-label={ (words) ": " (saved.name) } { (words) } } }
}

/// What came to a search since the last look.
struct Fresh {
    notices: usize,
    findings: usize,
    is_cut: bool,
}

fn fresh(desk: &Desk, db: &Connection, asked: &Given, saved: &Saved) -> anyhow::Result<Fresh> {
    let mut asked = asked.clone();
    asked.push(("since".into(), saved.fresh_from.to_string()));
    let query = Query::parse(given(&asked, "q").unwrap_or_default(), &desk.rules.folder);
    let db = &*db.unchecked_transaction()?;
    let hits = facets::collect(db, &query, &asked, 0)?;
    let mut of = db.prepare("SELECT count(*) FROM findings WHERE notice = ?1")?;
    let counts = hits.places.iter().map(|place| of.query_row([crate::store::search::notice_at(*place)], |row| row.get::<_, i64>(0)));
    let findings = counts.sum::<rusqlite::Result<i64>>()? as usize;
    Ok(Fresh { notices: hits.places.len(), findings, is_cut: hits.cut })
}

fn parse(query: &str) -> anyhow::Result<Given> {
    let uri: Uri = format!("/search?{query}").parse().context("a saved search holds no address")?;
    Ok(axum::extract::Query::<Given>::try_from_uri(&uri).context("a saved search holds no query")?.0)
}

fn side(desk: &Desk) -> &'static str {
    match desk.access {
        Access::Owner => "owner",
        Access::Team(_) => "team",
    }
}

/// The form that keeps the search at hand.
pub fn form(asked: &Given) -> Markup {
    let query = facets::link(asked, "since", None);
    html! {
        details.save { summary { "Save this search" }
            form.asked method="post" action="/saved" {
                input type="hidden" name="query" value=(query.trim_start_matches("/search?"));
                label { "Name" input name="name" required value=(given(asked, "q").unwrap_or_default()) autocomplete="off"; }
                button { "Save" }
            }
            p.note { a href="/saved" { "All saved searches" } }
        }
    }
}

/// Keeps a search.
pub fn keep(desk: &Desk, _: &Connection, form: &Given) -> anyhow::Result<Response> {
    let name = given(form, "name").context("give the search a name")?;
    let query = given(form, "query").unwrap_or_default();
    parse(query)?;
    let (case, _) = Case::write_existing(&desk.folder)?;
    saved::save(&case, name, query, side(desk))?;
    case.close()?;
    Ok(to("/saved"))
}

/// Notes that somebody looked, drops a search, or takes that back.
pub fn note(desk: &Desk, _: &Connection, id: &str, form: &Given) -> anyhow::Result<Response> {
    let act = match given(form, "act") {
        Some("looked") => Act::Looked,
        Some("drop") => Act::Drop,
        Some("back") => Act::TakeBack,
        _ => bail!("choose what to do with the search"),
    };
    let (case, _) = Case::write_existing(&desk.folder)?;
    saved::act(&case, id.parse().context("which search?")?, act, side(desk))?;
    case.close()?;
    Ok(to("/saved"))
}
