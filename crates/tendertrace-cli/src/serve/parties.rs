//! Which organisations stand in the case, in which role, and which of them may be one? The list by role,
//! and the doubts that wait for a person.

use super::again::Again;
use super::{Desk, Given, finding, given, page, party};
use crate::store::organisations::{self, Doubt};
use axum::response::Response;
use maud::{Markup, html};
use rusqlite::{Connection, params};
use tendertrace::report::html::part::{self, Align, Column};
use tendertrace::report::{mask, say};

const SHOWN: usize = 100;

const ROLES: [(&str, &str); 5] =
    [("supplier", "seller"), ("buyer", "buyer"), ("end_user", "end user"), ("bidder", "bidder"), ("agency", "agency")];

/// A role of a notice as people say it.
pub fn role(id: &str) -> &str {
    ROLES.iter().find(|(known, _)| *known == id).map_or(id, |(_, words)| words)
}

/// Name, spellings, notices, first and last day, whether a list may name it.
type Row = (String, usize, usize, Option<String>, Option<String>, bool);

/// Organisations by name, the most frequent first.
pub fn page(desk: &Desk, db: &Connection, asked: &Given) -> anyhow::Result<Response> {
    let (name, wanted) = (given(asked, "name"), given(asked, "role").unwrap_or("supplier"));
    let rows = rows(db, wanted, name)?;
    let cells = |(name, spellings, n, first, last, lead): &Row| {
        vec![
            html! { (page::party(name, &desk.rules)) @if *spellings > 1 { " " span.soft { (spellings) " spellings" } } },
            html! { (say::count(*n)) },
            html! { span.short { (span(first, last)) } },
            html! { @if *lead { "list lead" } },
        ]
    };
    let columns =
        [Column("Organisation", Align::Text), Column("Notices", Align::Number), Column("Dates", Align::Text), Column("", Align::Text)];
    let (_, doubts) = organisations::doubts(db, 0)?;
    let content = html! {
        h1 { "Parties" }
        form.asked method="get" action="/parties" {
            label { "Part of a name" input type="search" name="name" lang="zh" value=(name.unwrap_or_default()); }
            label { "As" select name="role" { @for (id, words) in ROLES { option value=(id) selected[id == wanted] { (words) } } } }
            button { "Show" }
        }
        @if doubts > 0 { p { a href="/parties/doubts" { (say::counted(doubts, "pair of organisations", "pairs of organisations")) " may be one" } ": a person decides." } }
        @if rows.is_empty() { p { "No party of this name and role was read." } }
        @else { (part::table("The most frequent first", &columns, &rows.iter().map(cells).collect::<Vec<_>>(), SHOWN)) }
        @if rows.len() == SHOWN { p.note { "The first " (SHOWN) " are shown; give a part of a name." } }
        p.note { "All spellings of one organisation stand together, under the usual one. A name may still belong to several." }
    };
    Ok(page::frame(desk, "Parties", "/parties", content))
}

fn rows(db: &Connection, role: &str, name: Option<&str>) -> anyhow::Result<Vec<Row>> {
    let sql = format!(
        "SELECT e.name, e.spellings, r.notices, r.first, r.last,
            EXISTS (SELECT 1 FROM list_leads h WHERE h.party IN (SELECT s.name FROM spellings s WHERE s.entity = e.id))
         FROM roles r JOIN entities e ON e.id = r.entity
         WHERE r.role = ?1 AND (?2 IS NULL OR r.entity IN (SELECT s.entity FROM spellings s WHERE instr(s.name, ?2) > 0))
         ORDER BY r.notices DESC, e.name LIMIT {SHOWN}"
    );
    let mut query = db.prepare_cached(&sql)?;
    let rows = query.query_map(params![role, name], |row| {
        Ok((row.get(0)?, row.get::<_, i64>(1)? as usize, row.get::<_, i64>(2)? as usize, row.get(3)?, row.get(4)?, row.get(5)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// From the first day to the last.
pub fn span(first: &Option<String>, last: &Option<String>) -> String {
    let days: Vec<&str> = [first.as_deref(), last.as_deref().filter(|l| Some(*l) != first.as_deref())].into_iter().flatten().collect();
    days.join(" – ")
}

const DOUBTS: usize = 50;

/// Pairs that may be one, those in the most notices first.
pub fn doubts(desk: &Desk, db: &Connection) -> anyhow::Result<Response> {
    doubts_again(desk, db, Again::NO)
}

/// The same, with a form on it that could not be taken.
pub fn doubts_again(desk: &Desk, db: &Connection, again: Again) -> anyhow::Result<Response> {
    let (doubts, all) = organisations::doubts(db, DOUBTS)?;
    let who = finding::last_reader(desk, db)?;
    let content = html! {
        p.kicker { a href="/parties" { "Parties" } }
        h1 { "May be one organisation" }
        p { "Names alike in part are never merged by the program. What you say stands above it, reaches list leads and pictures, and can be taken back." }
        (again.why())
        @if doubts.is_empty() { p { "No pair waits for a person." } }
        ol.hits { @for doubt in &doubts { li.hit data-item { h2 { (page::party(&doubt.one, &desk.rules)) " – " (page::party(&doubt.other, &desk.rules)) } (about(doubt)) (party::verdicts(doubt, "/parties/doubts", &who, again, desk)) } } }
        @if all > doubts.len() { p.note { "The first " (doubts.len()) " of " (say::count(all)) "." } }
    };
    Ok(page::frame(desk, "May be one organisation", "/parties", content))
}

/// What makes two names alike, and what does not.
pub fn about(doubt: &Doubt) -> Markup {
    let parts = doubt.why.as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |part: &serde_json::Value, key: &str| part[key].as_str().unwrap_or_default().to_string();
    html! {
        p.meta {
            "Alike by " (format!("{:.2}", doubt.score)) @if doubt.notices > 0 { " · " (say::counted(doubt.notices, "mention", "mentions")) }
            @for part in parts.iter().filter(|part| !text(part, "feature").starts_with("no_") && text(part, "feature") != "whole_text") {
                " · " (text(part, "feature").replace('_', " "))
                @let (one, other) = (text(part, "query"), text(part, "candidate"));
                @if !one.is_empty() || !other.is_empty() { ": " (part::zh(&one)) @if one != other { " / " (part::zh(&other)) } }
            }
        }
    }
}

/// A name as shown, and whether it is a person's.
pub fn shown(name: &str, desk: &Desk) -> (String, Who) {
    let shown = mask::party(name, &desk.rules.report.masks);
    let who = if shown == name { Who::Organisation } else { Who::Person };
    (shown, who)
}

/// Persons are not looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Organisation,
    Person,
}
