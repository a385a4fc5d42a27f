//! Is this finding right? Its claim, the quote in context, what supports it and what speaks against
//! it, what people said of it; and the form by which a person decides.

use super::again::Again;
use super::{Access, Desk, Given, document, given, page, queue, to, translate};
use crate::store::decisions::{self, Decision, Made};
use crate::store::{Case, archive, entities, flat, record, summary};
use anyhow::{Context as _, bail};
use axum::response::Response;
use maud::{Markup, html};
use rusqlite::{Connection, OptionalExtension as _};
use tendertrace::assemble::{CaseFinding, Digest};
use tendertrace::report::html::{finding as report, part};
use tendertrace::report::{mask, say};

pub fn page(desk: &Desk, db: &Connection, id: &str, asked: &Given) -> anyhow::Result<Response> {
    shown(desk, db, id, asked, Again::NO)
}

/// The page, with a form on it that could not be taken.
pub fn again(desk: &Desk, db: &Connection, id: &str, again: Again) -> anyhow::Result<Response> {
    shown(desk, db, id, &vec![("from".to_string(), again.or("from", "").to_string())], again)
}

fn shown(desk: &Desk, db: &Connection, id: &str, asked: &Given, again: Again) -> anyhow::Result<Response> {
    let notice = notice_of(db, id)?;
    let found = in_its_project(desk, db, notice, id)?;
    let who = last_reader(desk, db)?;
    let history = decisions::history(db, id)?;
    let state: Option<String> = db.query_row("SELECT decision FROM evidence WHERE finding = ?1", [id], |row| row.get(0)).optional()?;
    let from_queue = given(asked, "from") == Some("queue");
    let next = if from_queue { queue::after(desk, db, id)? } else { None };
    let access: String = db.query_row("SELECT access FROM notices WHERE id = ?1", [notice], |row| row.get(0))?;
    let content = html! {
        h1.away { "Finding: " (say::sentence(&found.finding, &desk.rules)) }
        @if let Some(state) = &state { @if state == "look again" { div.banner role="note" { p { strong { "Look again. " } "The finding changed since it was decided on: that decision no longer counts." } } } }
        (page::access(&access))
        (again.why())
        (before(db, given(asked, "last"), desk)?)
        (report::article(&found, &desk.rules))
        p { a href={ "/notice/" (notice) } { "The whole notice, with what was read from it" } " · Dossiers: " (dossiers(&found, desk)) @if from_queue { " · " a href="/queue" { "back to the queue" } } @if let Some(next) = &next { " · " a href={ "/finding/" (next) "?from=queue" } data-key="n" { "skip to the next " kbd { "n" } } } }
        (context(desk, db, notice, &found)?)
        section aria-labelledby="decide-h" { h2 id="decide-h" { "Decide" } (form(id, from_queue, &who, again.of(&format!("/finding/{id}/decide"), &[]))) }
        section aria-labelledby="translate-h" { h2 id="translate-h" { "In English" } (translate::section(db, &found, &who, again, &desk.rules)?) }
        section aria-labelledby="said-h" { h2 id="said-h" { "What people said" } (said(id, &history, desk)) }
        section aria-labelledby="rules-h" { h2 id="rules-h" { "Rules that fired" } ul { @for rule in &found.finding.rules { li { code { (rule) } } } } p.note { code { "tendertrace rulebook explain RULE" } " prints a rule with its examples and sources." } }
    };
    Ok(page::frame(desk, "Finding", "/queue", content))
}

/// Dossiers in which the finding stands; persons have none.
fn dossiers(found: &CaseFinding, desk: &Desk) -> Markup {
    let open = |name: &Option<String>| name.clone().filter(|name| mask::party(name, &desk.rules.report.masks) == *name);
    let subjects = [
        ("brand", Some(found.finding.brand.clone())),
        ("seller", open(&found.finding.supplier)),
        ("buyer", open(&found.finding.buyer)),
        ("project", found.project_numbers.first().cloned()),
    ];
    html! { @for (at, (name, value)) in subjects.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))).enumerate() {
        @if at > 0 { ", " } a href={ "/dossier?" (name) "=" (super::encode(value)) } { (name) }
    } }
}

fn notice_of(db: &Connection, id: &str) -> anyhow::Result<i64> {
    db.query_row("SELECT notice FROM findings WHERE id = ?1", [id], |row| row.get(0))
        .optional()?
        .context("there is no such finding in the case; the rules may have changed since")
}

/// The finding of this id, if this reader may see it.
pub fn by_id(desk: &Desk, db: &Connection, id: &str) -> anyhow::Result<CaseFinding> {
    in_its_project(desk, db, notice_of(db, id)?, id)
}

/// Notices of one project that are joined for one page.
const TOGETHER: i64 = 300;

/// The finding as the report shows it: with its project, its copies and the decisions around it.
fn in_its_project(desk: &Desk, db: &Connection, notice: i64, id: &str) -> anyhow::Result<CaseFinding> {
    let mut query = db.prepare(
        "SELECT e.digest FROM joined here JOIN joined m ON m.process = here.process JOIN examinations e ON e.notice = m.notice
         WHERE here.notice = ?1 ORDER BY m.notice = ?1 DESC, m.notice LIMIT ?2",
    )?;
    let packed: Vec<Vec<u8>> = query.query_map([notice, TOGETHER], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let project: Vec<Digest> = packed.iter().map(|packed| record::unpack(packed)).collect::<anyhow::Result<_>>()?;
    let own: Vec<u8> = db.query_row("SELECT digest FROM examinations WHERE notice = ?1", [notice], |row| row.get(0))?;
    // A copy's findings are its main notice's: then the copy stands alone.
    for mut digests in [project, vec![record::unpack(&own)?]] {
        entities::hear_of_lists(&mut digests, db)?;
        let case = summary::joined(&digests, db, &desk.rules)?;
        if let Some(found) = case.findings.into_iter().chain(case.rejected).find(|f| f.finding.id == id) {
            return Ok(found);
        }
    }
    bail!("finding {id} stands in the case but not in its notice: run `tendertrace trace --case` once")
}

/// Characters of the text around the first quote.
const AROUND: usize = 700;

/// More of the page around the quote than the finding itself shows.
fn context(desk: &Desk, db: &Connection, notice: i64, found: &CaseFinding) -> anyhow::Result<Markup> {
    let Some(quote) = found.finding.quotes.first() else { return Ok(html! {}) };
    let capture = archive::original(&desk.folder, db, notice / flat::PARTS)?;
    let number = (notice % flat::PARTS) as u32;
    let parts = tendertrace::read::read(&capture, &desk.rules, &crate::fence::budget());
    let Some(document) =
        parts.into_iter().find(|p| p.number == number).and_then(|p| p.documents.into_iter().find(|d| d.number == quote.at.doc))
    else {
        return Ok(html! {});
    };
    let marks: Vec<document::Mark> =
        found.finding.quotes.iter().map(|q| document::Mark { number: 1, at: q.at, kind: document::MarkKind::Finding }).collect();
    let near = |start: usize, end: usize| start < quote.at.end + AROUND && quote.at.start < end + AROUND;
    let mut cut = document;
    cut.blocks.retain(|block| near(block.start, block.end));
    Ok(html! { details { summary { "The text around it" } (document::show(&cut, &marks, &desk.rules.report.masks)) } })
}

/// What can be decided: the word stored, the button, its key, what it means.
const VERDICTS: [(&str, &str, &str, &str); 3] = [
    ("accept", "Accept", "a", "the finding says what the page says"),
    ("reject", "Reject", "r", "it does not"),
    ("unsure", "Unsure", "u", "someone else should look"),
];

/// The pseudonym used last on this machine, so that it need not be typed again; a team's members
/// are not shown each other's.
pub fn last_reader(desk: &Desk, db: &Connection) -> anyhow::Result<String> {
    if desk.access != Access::Owner {
        return Ok(String::new());
    }
    let last = "SELECT who FROM journal WHERE what IN ('decide', 'translate', 'sign', 'reply', 'published', 'withdrawn', 'taken_back', 'same', 'not_same') ORDER BY id DESC LIMIT 1";
    Ok(db.query_row(last, [], |row| row.get(0)).optional()?.unwrap_or_default())
}

/// What was decided a moment ago, and the way back to it.
fn before(db: &Connection, last: Option<&str>, desk: &Desk) -> anyhow::Result<Markup> {
    let Some(last) = last else { return Ok(html! {}) };
    let sql = "SELECT sentence, coalesce(buyer, ''), decision FROM evidence WHERE finding = ?1";
    let row = db.query_row(sql, [last], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)));
    let Some((sentence, buyer, decision)) = row.optional()? else { return Ok(html! {}) };
    let sentence = page::claim(&sentence, &buyer, &desk.rules);
    Ok(
        html! { p.note role="status" { "Kept: " (page::stamp(&decision)) " " (part::mixed(&say::short(&sentence, 90))) " " a href={ "/finding/" (last) "#said-h" } { "Look at it, or take it back" } } },
    )
}

fn form(id: &str, from_queue: bool, who: &str, again: Again) -> Markup {
    html! {
        form.decide method="post" action={ "/finding/" (id) "/decide" } {
            @if from_queue { input type="hidden" name="from" value="queue"; }
            label { "Your pseudonym" input name="by" required maxlength="60" autocomplete="off" value=(again.or("by", who)); span.note { "Stays in the case; it is in no export." } }
            label { "Note" textarea name="note" rows="2" maxlength="4000" { (again.or("note", "")) } }
            div.buttons { @for (verdict, name, key, what) in VERDICTS { button name="verdict" value=(verdict) data-key=(key) title=(what) { (name) " " kbd { (key) } } } }
            details open[again.or("verdict", "") == "correct"] { summary { "It is right but for one thing" }
                div.row {
                    label { "What" select name="field" { @for field in FIELDS { option value=(field) selected[again.chose("field", field)] { (field.replace('_', " ")) } } } }
                    label { "What the page says" input name="value" maxlength="400" value=(again.or("value", "")); }
                }
                button name="verdict" value="correct" { "Correct" }
            }
        }
    }
}

/// Fields a person may correct.
const FIELDS: [&str; 10] = ["product", "usage", "supplier", "buyer", "quantity", "amount", "lot", "stage", "date", "brand"];

/// The last word of each person, side by side where two or more have spoken.
fn beside(history: &[Made], desk: &Desk) -> Markup {
    let mut last: Vec<&Made> = Vec::new();
    for made in history.iter().filter(|made| !made.undone && made.verdict != "note") {
        if last.iter().all(|known| known.who != made.who) {
            last.push(made);
        }
    }
    last.reverse();
    let masked = |text: &Option<String>| part::zh(&mask::text(text.as_deref().unwrap_or("·"), &desk.rules.report.masks));
    let agree = last.windows(2).all(|two| two[0].verdict == two[1].verdict && two[0].correction == two[1].correction);
    let row = |head: &str, cell: &dyn Fn(&Made) -> Markup| {
        let mut row = vec![html! { (head) }];
        row.extend(last.iter().map(|made| cell(made)));
        row
    };
    let rows = [
        row("Verdict", &|made| page::stamp(&made.verdict)),
        row("Correction", &|made| masked(&made.correction)),
        row("Note", &|made| masked(&made.note)),
        row("When", &|made| html! { (made.made) }),
    ];
    html! { @if last.len() > 1 {
        p { strong { @if agree { "They agree." } @else { "They do not agree." } } }
        div.scroll tabindex="0" role="region" aria-label="The last word of each person" { table.side {
            caption.away { "The last word of each person" }
            thead { tr { td {} @for made in &last { th scope="col" { (made.who) } } } }
            tbody { @for row in &rows { tr { @for (at, cell) in row.iter().enumerate() { @if at == 0 { th scope="row" { (cell) } } @else { td { (cell) } } } } } }
        } }
    } }
}

fn said(id: &str, history: &[Made], desk: &Desk) -> Markup {
    let masks = &desk.rules.report.masks;
    html! {
        @if history.is_empty() { p { "Nothing yet." } }
        (beside(history, desk))
        ol.said { @for made in history {
            li.undone[made.undone] {
                (page::stamp(&made.verdict)) " " b { (made.who) } " " span.soft { (made.made) }
                @if made.undone { " – taken back" }
                @if let Some(correction) = &made.correction { p { (part::zh(&mask::text(correction, masks))) } }
                @if let Some(note) = &made.note { p { (part::zh(&mask::text(note, masks))) } }
                @if !made.undone { form method="post" action={ "/finding/" (id) "/undo" } { input type="hidden" name="judgement" value=(made.id); input type="hidden" name="by" value=(made.who); button.quiet { "Take back" } } }
            }
        } }
        @let people: std::collections::BTreeSet<&str> = history.iter().filter(|m| !m.undone && m.verdict == "accept").map(|m| m.who.as_str()).collect();
        @if people.len() == 1 { p.note { "Accepted by one person. A letter about an award needs two." } }
    }
}

/// Writes a decision down and goes on: to the next of the queue, or back to the finding.
pub fn decide(desk: &Desk, db: &Connection, id: &str, form: &Given) -> anyhow::Result<Response> {
    let verdict = given(form, "verdict").context("choose a verdict")?;
    if !["accept", "reject", "unsure", "correct"].contains(&verdict) {
        bail!("{verdict} is no verdict");
    }
    let by = given(form, "by").context("give a pseudonym: a decision nobody made is none")?;
    let correction = match (verdict, given(form, "field"), given(form, "value")) {
        ("correct", Some(field), Some(value)) => Some(format!("{field}={value}")),
        ("correct", ..) => bail!("say what the page says instead"),
        _ => None,
    };
    notice_of(db, id)?;
    let next = if given(form, "from") == Some("queue") { queue::after(desk, db, id)? } else { None };
    let (mut case, _) = Case::write_existing(&desk.folder)?;
    decisions::decide(&mut case, id, &Decision { verdict, by, note: given(form, "note"), correction: correction.as_deref() })?;
    case.close()?;
    Ok(match (given(form, "from"), next) {
        (Some("queue"), Some(next)) => to(&format!("/finding/{next}?from=queue&last={id}")),
        (Some("queue"), None) => to("/queue"),
        _ => to(&format!("/finding/{id}#said-h")),
    })
}

/// Takes a decision back.
pub fn undo(desk: &Desk, _: &Connection, id: &str, form: &Given) -> anyhow::Result<Response> {
    let judgement = given(form, "judgement").and_then(|n| n.parse().ok()).context("which decision?")?;
    let (mut case, _) = Case::write_existing(&desk.folder)?;
    decisions::undo(&mut case, judgement, given(form, "by").unwrap_or("reviewer"))?;
    case.close()?;
    Ok(to(&format!("/finding/{id}#said-h")))
}
