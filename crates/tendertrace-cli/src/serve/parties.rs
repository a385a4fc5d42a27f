//! Who buys, who sells, and what is known of one of them? Names as written, without deciding which of
//! them are one organisation; lists are leads.

use super::find::money;
use super::{Desk, Given, encode, facets, given, page};
use crate::store::kept;
use anyhow::Context as _;
use axum::response::Response;
use maud::{Markup, html};
use rusqlite::{Connection, params};
use tendertrace::report::html::part::{self, Align, Column};
use tendertrace::report::{mask, say};

const SHOWN: i64 = 100;

/// Names of a role while nothing is kept.
const LIVE: &str = "SELECT p.name, count(DISTINCT p.notice) AS notices, min(t.event_date) AS first, max(t.event_date) AS last
    FROM parties p JOIN notices t ON t.id = p.notice WHERE p.role = ?1 AND (?2 IS NULL OR instr(p.name, ?2) > 0) GROUP BY p.name";

/// Parties by name, the most frequent first.
pub fn page(desk: &Desk, db: &Connection, asked: &Given) -> anyhow::Result<Response> {
    let (name, role) = (given(asked, "name"), given(asked, "role").unwrap_or("supplier"));
    let counted = if kept::is_whole(db)? {
        "SELECT name, notices, first, last FROM names WHERE role = ?1 AND (?2 IS NULL OR instr(name, ?2) > 0)"
    } else {
        LIVE
    };
    let mut query = db.prepare(&format!(
        "SELECT n.*, EXISTS (SELECT 1 FROM list_leads h WHERE h.party = n.name) FROM ({counted} ORDER BY notices DESC, name LIMIT ?3) n"
    ))?;
    let rows = query.query_map(params![role, name, SHOWN], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, i64>(1)?,
            row.get::<_, Option<String>>(2)?,
            row.get::<_, Option<String>>(3)?,
            row.get::<_, bool>(4)?,
        ))
    })?;
    let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
    let cells = |(name, n, first, last, lead): &(String, i64, Option<String>, Option<String>, bool)| {
        vec![
            page::party(name, &desk.rules),
            html! { (say::count(*n as usize)) },
            html! { (span(first, last)) },
            html! { @if *lead { "list lead" } },
        ]
    };
    let columns =
        [Column("Name as written", Align::Text), Column("Notices", Align::Number), Column("Dates", Align::Text), Column("", Align::Text)];
    let content = html! {
        h1 { "Parties" }
        form.asked method="get" action="/parties" {
            label { "Part of a name" input type="search" name="name" lang="zh" value=(name.unwrap_or_default()); }
            label { "As" select name="role" { @for (id, words) in [("supplier", "seller"), ("buyer", "buyer"), ("end_user", "end user"), ("bidder", "bidder"), ("agency", "agency")] { option value=(id) selected[id == role] { (words) } } } }
            button { "Show" }
        }
        @if rows.is_empty() { p { "No party of this name and role was read." } }
        @else { (part::table("The most frequent first", &columns, &rows.iter().map(cells).collect::<Vec<_>>(), SHOWN as usize)) }
        p.note { "Names are as the notices write them. One organisation may bear several, and a name may belong to several." }
    };
    Ok(page::frame(desk, "Parties", "/parties", content))
}

fn span(first: &Option<String>, last: &Option<String>) -> String {
    let days: Vec<&str> = [first.as_deref(), last.as_deref().filter(|l| Some(*l) != first.as_deref())].into_iter().flatten().collect();
    days.join(" – ")
}

/// One party: its notices, brands named in them, and list leads.
pub fn one(desk: &Desk, db: &Connection, asked: &Given) -> anyhow::Result<Response> {
    let name = given(asked, "name").context("which party?")?;
    let shown = mask::party(name, &desk.rules.report.masks);
    let content = html! {
        p.kicker { a href="/parties" { "Parties" } }
        h1.name { (part::zh(&shown)) }
        @if shown == name {
            section aria-labelledby="leads-h" { h2 id="leads-h" { "Lists" } (leads(desk, db, name)?) }
            section aria-labelledby="brands-h" { h2 id="brands-h" { "Brands named with it" } (brands(desk, db, name)?) p { "Dossier of it " a href={ "/dossier?seller=" (encode(name)) } { "as a seller" } ", " a href={ "/dossier?buyer=" (encode(name)) } { "as a buyer" } "." } }
            section aria-labelledby="notices-h" { h2 id="notices-h" { "Notices" } (notices(desk, db, name)?) }
        } @else { p { "A person. Persons are not looked up here." } }
    };
    Ok(page::frame(desk, &shown, "/parties", content))
}

fn leads(desk: &Desk, db: &Connection, name: &str) -> anyhow::Result<Markup> {
    let mut query = db.prepare("SELECT DISTINCT list, entry, judgement, listed_from, listed_to, in_force, event_date FROM list_leads WHERE party = ?1 ORDER BY event_date LIMIT 100")?;
    let rows = query.query_map([name], |row| {
        let text = |at| row.get::<_, Option<String>>(at).map(Option::unwrap_or_default);
        Ok([text(0)?, text(1)?, text(2)?, text(3)?, text(4)?, text(5)?, text(6)?])
    })?;
    let rows: Vec<[String; 7]> = rows.collect::<Result<_, _>>()?;
    let cells = |[list, entry, judgement, from, to, in_force, date]: &[String; 7]| {
        vec![
            html! { (list) },
            part::zh(entry),
            html! { (say::label("judgement", judgement, &desk.rules)) },
            html! { (from) @if !to.is_empty() { " – " (to) } },
            html! { (date) },
            html! { (say::label("in_force", in_force, &desk.rules)) },
        ]
    };
    let columns = ["List", "Entry", "Same name?", "Listed", "Date of the notice", "In force then"].map(|name| Column(name, Align::Text));
    Ok(
        html! { @if rows.is_empty() { p { "No entry of the lists resembles this name." } } @else { (part::table("A lead, not a verdict", &columns, &rows.iter().map(cells).collect::<Vec<_>>(), 100)) } },
    )
}

fn brands(desk: &Desk, db: &Connection, name: &str) -> anyhow::Result<Markup> {
    let mut query = db.prepare(
        "SELECT brand, usage, count(DISTINCT process), min(event_date), max(event_date) FROM evidence
         WHERE NOT copy AND decision <> 'reject' AND (supplier = ?1 OR buyer = ?1) GROUP BY +brand, +usage ORDER BY 3 DESC, 1, 2 LIMIT 100",
    )?;
    let rows: Vec<(String, String, i64, Option<String>, Option<String>)> =
        query.query_map([name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?.collect::<Result<_, _>>()?;
    let cells = |(brand, usage, n, first, last): &(String, String, i64, Option<String>, Option<String>)| {
        vec![
            html! { (facets::words("brand", brand, &desk.rules)) },
            html! { (say::label("usage", usage, &desk.rules)) },
            html! { (say::count(*n as usize)) },
            html! { (span(first, last)) },
        ]
    };
    let columns =
        [Column("Brand", Align::Text), Column("Usage", Align::Text), Column("Projects", Align::Number), Column("Dates", Align::Text)];
    Ok(
        html! { @if rows.is_empty() { p { "No brand of the rulebook is named with it as buyer or seller." } } @else { (part::table("Contracting processes by brand and usage", &columns, &rows.iter().map(cells).collect::<Vec<_>>(), 100)) } },
    )
}

fn notices(desk: &Desk, db: &Connection, name: &str) -> anyhow::Result<Markup> {
    let mut query = db.prepare(
        "SELECT t.id, coalesce(nullif(trim(t.title), ''), nullif(trim(t.project_name), ''), 'Untitled notice'), t.event_date, t.stage, p.role, p.amount_minor, p.currency, coalesce(y.factor, 100)
         FROM parties p JOIN notices t ON t.id = p.notice LEFT JOIN joined m ON m.notice = t.id LEFT JOIN currencies y ON y.code = p.currency
         WHERE p.name = ?1 AND coalesce(m.main, t.id) = t.id ORDER BY t.event_date DESC, t.id LIMIT ?2",
    )?;
    let rows = query.query_map(params![name, SHOWN], |row| {
        let (minor, currency, factor): (Option<i64>, Option<String>, i64) = (row.get(5)?, row.get(6)?, row.get(7)?);
        let sum = minor.zip(currency).map(|(minor, currency)| money(minor, factor, currency)).unwrap_or_default();
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, [row.get::<_, Option<String>>(2)?, row.get(3)?, row.get(4)?], sum))
    })?;
    let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
    let title = |text: &str| say::short(&say::one_line(&mask::text(text, &desk.rules.report.masks)), 90);
    let cells = |(id, text, [date, stage, role], sum): &(i64, String, [Option<String>; 3], String)| {
        let (stage, role) = (stage.as_deref().unwrap_or_default(), role.as_deref().unwrap_or_default());
        vec![
            html! { a href={ "/notice/" (id) } { (part::zh(&title(text))) } },
            html! { (date.as_deref().unwrap_or_default()) },
            html! { (say::label("stage", stage, &desk.rules)) },
            html! { (role.replace('_', " ")) },
            html! { (sum) },
        ]
    };
    let columns = [
        Column("Notice", Align::Text),
        Column("Date", Align::Text),
        Column("Stage", Align::Text),
        Column("As", Align::Text),
        Column("Sum", Align::Number),
    ];
    Ok(
        html! { (part::table("Newest first", &columns, &rows.iter().map(cells).collect::<Vec<_>>(), SHOWN as usize)) p { a href={ "/search?q=" (encode(&format!("\"{name}\""))) } { "Everywhere this name is written" } } },
    )
}
