//! What should be looked at next? Undecided findings, the gravest claim first: awards before tenders,
//! police and prisons before others, strong before weak.

use super::{Desk, Given, given, page};
use crate::store::kept::{self, Sees};
use axum::response::Response;
use maud::{Markup, html};
use rusqlite::Connection;
use tendertrace::report::html::part;
use tendertrace::report::{mask, say};
use tendertrace::rulebook::Rulebook;

const SHOWN: i64 = 50;

const COLUMNS: &str = "e.finding, e.sentence, e.strength, e.brand, e.buyer, e.quote, e.decision, e.event_date, e.objections, e.access";

/// What is in the queue: everything undecided, or decisions whose finding changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    Undecided,
    Again,
}

/// Ids of findings that wait, the gravest first; `?1` are the kinds of buyers that weigh most.
fn waiting(db: &Connection, which: Waiting) -> anyhow::Result<String> {
    let decided = "SELECT d.finding_now FROM decisions d WHERE d.finding_now IS NOT NULL AND d.state =";
    let done = format!("({decided} 'stands' AND d.verdict IN ('accept', 'reject', 'correct'))");
    Ok(match which {
        Waiting::Again => kept::gravest(&format!("f.id IN ({decided} 'changed')")),
        Waiting::Undecided if Sees::of(db)? != Sees::Nothing => {
            let seen = "EXISTS (SELECT 1 FROM findings f WHERE f.id = finding)";
            format!("SELECT finding AS id FROM gravest WHERE finding NOT IN {done} AND {seen} AND ?1 IS NOT NULL ORDER BY place")
        }
        Waiting::Undecided => kept::gravest(&format!("f.id NOT IN {done}")),
    })
}

pub fn page(desk: &Desk, db: &Connection, asked: &Given) -> anyhow::Result<Response> {
    let state = given(asked, "state");
    let which = if state == Some("again") { Waiting::Again } else { Waiting::Undecided };
    let ids = waiting(db, which)?;
    let mut query = db.prepare(&format!("SELECT {COLUMNS} FROM ({ids} LIMIT {SHOWN}) w CROSS JOIN evidence e ON e.finding = w.id"))?;
    let rows = query.query_map([kept::grave(&desk.rules)], |row| {
        let text = |at| row.get::<_, Option<String>>(at).map(Option::unwrap_or_default);
        Ok([text(0)?, text(1)?, text(2)?, text(3)?, text(4)?, text(5)?, text(6)?, text(7)?, text(8)?, text(9)?])
    })?;
    let rows: Vec<[String; 10]> = rows.collect::<Result<_, _>>()?;
    let content = html! {
        h1 { @if state == Some("again") { "Decisions to look at again" } @else { "Review" } }
        p { "Undecided findings, the gravest claim first: an award before a tender, police and prisons before other buyers, strong before weak." }
        @if let Some(first) = rows.first() { p { a.button href={ "/finding/" (first[0]) "?from=queue" } { "Begin with the first" } } }
        @else { p { "Nothing waits for a decision." } }
        ol.hits { @for row in &rows { (entry(row, &desk.rules)) } }
        @if rows.len() as i64 == SHOWN { p.note { "The first " (SHOWN) " are shown." } }
        (gone(db)?)
    };
    Ok(page::frame(desk, "Review", "/queue", content))
}

fn entry(
    [finding, sentence, strength, brand, buyer, quote, decision, date, objections, access]: &[String; 10],
    rules: &Rulebook,
) -> Markup {
    let masks = &rules.report.masks;
    let claim = page::claim(sentence, buyer, rules);
    let names = claim.to_lowercase().contains(&say::brand(brand, rules).to_lowercase());
    let against =
        page::ids(objections).iter().filter(|id| *id != "unreviewed").map(|id| say::label("objection", id, rules)).collect::<Vec<_>>();
    html! {
        li.hit data-item {
            h2 { a href={ "/finding/" (finding) "?from=queue" } { @if !names { b { (say::brand(brand, rules)) } ": " } (part::mixed(&claim)) } }
            p.meta { (page::dots(strength, rules)) " " (page::stamp(decision)) " " (page::access(access)) @if !date.is_empty() { " · " (date) } @if !against.is_empty() { " · against it: " (against.join("; ")) } @let shown = mask::party(buyer, masks); (page::english(&shown, rules)) }
            p.snippet lang="zh" { (say::short(&say::one_line(&mask::text(quote, masks)), 160)) }
        }
    }
}

/// Decisions whose finding is no longer there at all.
fn gone(db: &Connection) -> anyhow::Result<Markup> {
    let mut query =
        db.prepare("SELECT made, verdict, brand, quote FROM decisions_to_review WHERE state = 'vanished' ORDER BY id DESC LIMIT 50")?;
    let rows: Vec<[String; 4]> =
        query.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?.collect::<Result<_, _>>()?;
    Ok(html! { @if !rows.is_empty() {
        h2 { "Decisions whose finding vanished" }
        p.note { "New rules no longer find them. The decisions are kept, and count for nothing until the finding is back." }
        ul { @for [made, verdict, brand, quote] in rows { li { (made) ": " (verdict) ", " (brand) ", " span lang="zh" { (say::short(&say::one_line(&quote), 120)) } } } }
    } })
}

/// The finding to look at after this one: what stays undecided is not shown at once again, and after the
/// last comes the first.
pub fn after(desk: &Desk, db: &Connection, id: &str) -> anyhow::Result<Option<String>> {
    let mut query = db.prepare(&waiting(db, Waiting::Undecided)?)?;
    let mut rows = query.query([kept::grave(&desk.rules)])?;
    let (mut first, mut is_past) = (None, false);
    while let Some(row) = rows.next()? {
        let finding: String = row.get(0)?;
        if finding == id {
            is_past = true;
        } else if is_past {
            return Ok(Some(finding));
        } else {
            first.get_or_insert(finding);
        }
    }
    Ok(first)
}
