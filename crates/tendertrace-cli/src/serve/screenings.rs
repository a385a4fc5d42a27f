//! Does a list mean this party, and what was decided when it was asked before? Names screened against the
//! rulebook's lists and those the case keeps, looked at first and kept when a person says so; every kept
//! answer with where it stands now: clear, hit, open, or lapsed and why.

use super::again::Again;
use super::{Access, Desk, Given, encode, finding, given, page, to};
use crate::context;
use crate::store::screened::{self, Form, Keeping, Laid};
use crate::store::screenings::{self, Record};
use crate::store::{Case, claims};
use anyhow::{Context as _, bail, ensure};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::sync::Arc;
use tendertrace::report::html::part;
use tendertrace::report::{mask, say};
use tendertrace::rulebook::Rulebook;
use tendertrace::screen::Asked;

/// Names of one request, and records on one page.
const NAMES: usize = 200;
const SHOWN: usize = 100;

pub fn page(desk: &Desk, db: &Connection, asked: &Given) -> anyhow::Result<Response> {
    shown(desk, db, asked, Again::NO)
}

/// The page, with a form on it that could not be taken.
pub fn again(desk: &Desk, db: &Connection, again: Again) -> anyhow::Result<Response> {
    let asked: Given = ["names", "date", "state"].map(|name| (name.to_string(), again.or(name, "").to_string())).into();
    shown(desk, db, &asked, again)
}

fn shown(desk: &Desk, db: &Connection, asked: &Given, again: Again) -> anyhow::Result<Response> {
    let who = finding::last_reader(desk, db)?;
    let laid = laid(desk, db)?;
    let content = html! {
        h1 { "Screenings" }
        p { "Is a list likely to mean this name? A lead is no verdict, and clear means: not in these lists, as of now." }
        (again.why())
        (form(asked))
        @if !names(asked).is_empty() { (answered(desk, &laid, asked, &who, again)?) }
        section aria-labelledby="kept-h" { h2 id="kept-h" { "Kept with the case" } (kept(desk, &laid, asked, &who, again)?) }
        section aria-labelledby="lists-h" { h2 id="lists-h" { "Asked against" } (lists(&laid)) }
        p.note { a href="/questions/listed" { "Parties of the notices that a list may name, by the day of each notice" } }
    };
    Ok(page::frame(desk, "Screenings", "/screenings", content))
}

/// Rules with the lists that the case keeps.
fn laid(desk: &Desk, db: &Connection) -> anyhow::Result<Arc<Laid>> {
    let mut known = desk.laid.lock().expect("no request panics with it");
    let own = desk.own_rules.clone().or_else(|| Some(context::own_rules_of(&desk.folder)).filter(|folder| folder.is_dir()));
    let laid = Laid::of(db, known.clone(), || context::rulebook(own.as_deref()))?;
    *known = Some(laid.clone());
    Ok(laid)
}

/// One name a line.
fn names(asked: &Given) -> Vec<String> {
    let lines = given(asked, "names").unwrap_or_default().lines();
    lines.map(str::trim).filter(|name| !name.is_empty()).map(str::to_string).collect()
}

fn parties(asked: &Given) -> anyhow::Result<Vec<Asked>> {
    let (names, date) = (names(asked), given(asked, "date"));
    ensure!(!names.is_empty(), "give a name, one a line");
    ensure!(names.len() <= NAMES, "at most {NAMES} names at once here; `tendertrace screen --file` takes any number");
    ensure!(date.is_none_or(claims::is_day), "{} is no day; write it as 2026-01-31", date.unwrap_or_default());
    Ok(names.into_iter().map(|name| Asked { name, date: date.map(str::to_string), ..Asked::default() }).collect())
}

fn form(asked: &Given) -> Markup {
    html! {
        form.decide method="get" action="/screenings" {
            label { "Names, one a line, in Chinese or Latin script" textarea name="names" rows="3" required lang="zh" { (given(asked, "names").unwrap_or_default()) } }
            label { "Day of the event, by which it is told whether a listing was in force" input type="date" name="date" value=(given(asked, "date").unwrap_or_default()); }
            div.buttons { button { "Ask the lists" } }
        }
        p.note { "Asking writes nothing. A file of names, owners, or another list: " code { "tendertrace screen --file NAMES --against LIST --ownership OWNERS --case CASE" } "." }
    }
}

/// What the lists say now, and the form that keeps it.
fn answered(desk: &Desk, laid: &Laid, asked: &Given, who: &str, again: Again) -> anyhow::Result<Markup> {
    let parties = match parties(asked) {
        Ok(parties) => parties,
        Err(why) => return Ok(html! { div.banner role="alert" { p { strong { "Not asked: " } (why) "." } } }),
    };
    let again = again.of("/screenings", &[]);
    let answers = screened::answers(parties, &laid.against, &laid.rules);
    let values = answers.iter().map(|(_, screening)| serde_json::to_value(screening)).collect::<Result<Vec<Value>, _>>()?;
    Ok(html! {
        section aria-labelledby="now-h" {
            h2 id="now-h" { "What the lists say" }
            ul.findings { @for ((asked, _), answer) in answers.iter().zip(&values) { li data-item { (state(text(answer, "result"))) " " b { (named(&asked.name, desk)) } (answer_of(answer, desk)) } } }
            form.decide method="post" action="/screenings" {
                input type="hidden" name="names" value=(given(asked, "names").unwrap_or_default());
                input type="hidden" name="date" value=(given(asked, "date").unwrap_or_default());
                label { "Your pseudonym" input name="by" required maxlength="60" autocomplete="off" value=(again.or("by", who)); span.note { "Stays in the case; it is in no export." } }
                div.buttons { button { "Keep with the case" } }
            }
            p.note { "Kept, an answer also says what the case holds of the party, and is watched: a clearance lapses when a new award, list entry or owner appears." }
        }
    })
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// The stamp of a result or state.
fn state(id: &str) -> Markup {
    html! { span.stamp.(if id == "clear" { "done" } else { "" }) { (id.replace('_', " ")) } }
}

fn named(name: &str, desk: &Desk) -> Markup {
    part::named(&mask::party(name, &desk.rules.report.masks), &desk.rules)
}

/// Matches with their dates, what a person set aside, what the case holds, what would help.
fn answer_of(answer: &Value, desk: &Desk) -> Markup {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let case = &answer["against"]["coverage"]["case"];
    html! {
        ul {
            @for found in list(&answer["matches"]) { li { (matched(&found, &desk.rules)) } }
            @for aside in list(&answer["set_aside"]) { li.soft { "set aside: " (text(&aside, "source")) ": " (part::mixed(text(&aside, "entity"))) " – a person said it is another party" } }
            @if let Some(owned) = answer["ownership"]["half_owned"].as_str() { li { "half or more owned by a listed party: " (owned) } }
            @if let Some(needs) = answer["needs"].as_str() { li { "needs " (needs) } }
            @if case.is_object() { li { (held(case, desk)) } }
            @for help in list(&answer["what_would_help"]) { li.soft { "would help: " (help.as_str().unwrap_or_default()) } }
        }
    }
}

fn matched(found: &Value, rules: &Rulebook) -> Markup {
    let day = |key: &str| found[key].as_str().map(str::to_string);
    html! {
        b { (text(found, "source")) } ": " (part::mixed(text(found, "entity")))
        @if text(found, "name") != text(found, "entity") { " (as " (part::mixed(text(found, "name"))) ")" }
        " " span.soft { (say::label("judgement", text(found, "judgement"), rules)) }
        @if text(found, "through") != "name" { " " span.soft { "through its " (text(found, "through")) } }
        " · listed " (day("listed_from").unwrap_or_else(|| "since an unknown day".into())) @if let Some(to) = day("listed_to") { " to " (to) }
        " · " (say::label("in_force", text(found, "in_force"), rules))
    }
}

/// What the case held of the party when it was asked.
fn held(case: &Value, desk: &Desk) -> Markup {
    let masks = &desk.rules.report.masks;
    let names = |key: &str| case[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_string).collect::<Vec<_>>();
    let (awards, of) = (case["awards"].as_u64().unwrap_or(0), case["funnel"]["awards"].as_u64().unwrap_or(0));
    let buyers: Vec<String> = names("buyers").iter().map(|name| mask::party(name, masks)).collect();
    let brands: Vec<String> = names("brands").iter().map(|key| say::brand(key, &desk.rules)).collect();
    html! {
        "the case: "
        @if awards == 0 { "no award of this party" } @else { (say::counted(awards as usize, "award", "awards")) " " (text(case, "first")) "–" (text(case, "last")) }
        " in " (say::count(of as usize)) " readable awards, contracts and acceptances"
        @if !buyers.is_empty() { "; buyers " (part::zh(&buyers.join("、"))) }
        @if !brands.is_empty() { "; brands " (brands.join(", ")) }
        @for name in names("names").iter().take(1) { @if mask::party(name, masks) == *name { "; " a href={ "/party?name=" (encode(name)) } { "all of it" } } }
    }
}

const STATES: [&str; 7] = ["lapsed", "open", "hit", "unsure", "not_screenable", "clear", "superseded"];

/// Records, those that need somebody first; older answers on the same question last.
fn kept(desk: &Desk, laid: &Laid, asked: &Given, who: &str, again: Again) -> anyhow::Result<Markup> {
    let mut records = records(desk, laid)?;
    let count = |state: &str| records.iter().filter(|record| record.state == state).count();
    let counts: Vec<(&str, usize)> = STATES.map(|state| (state, count(state))).into_iter().filter(|(_, n)| *n > 0).collect();
    let wanted = given(asked, "state").map(str::to_string);
    records.retain(|record| wanted.as_ref().is_none_or(|wanted| record.state == *wanted));
    records.sort_by_key(|record| (STATES.iter().position(|state| record.state == *state), -record.id));
    Ok(html! {
        @if counts.is_empty() { p { "None yet." } } @else {
            ul.chips { li { a href="/screenings#kept-h" aria-current=[wanted.is_none().then_some("true")] { "all" } } @for (state, n) in &counts { li { a href={ "/screenings?state=" (state) "#kept-h" } aria-current=[(wanted.as_deref() == Some(state)).then_some("true")] { (state.replace('_', " ")) " " (say::count(*n)) } } } }
            p.note { "As files, without who asked and decided: " a href="/screenings/file/csv" { "CSV" } ", " a href="/screenings/file/xlsx" { "XLSX" } ", " a href="/screenings/file/json" { "JSON lines" } }
        }
        ul.findings { @for record in records.iter().take(SHOWN) { li id={ "s-" (record.id) } data-item { (one(record, desk, who, again)) } } }
        @if records.len() > SHOWN { p.note { "The first " (SHOWN) " of " (say::count(records.len())) " are shown; the files hold all." } }
    })
}

fn records(desk: &Desk, laid: &Laid) -> anyhow::Result<Vec<Record>> {
    let (open, _) = Case::read_open(&desk.folder)?;
    screenings::records(&open.db, &laid.rules, &laid.against)
}

fn one(record: &Record, desk: &Desk, who: &str, again: Again) -> Markup {
    let masked = |text: &str| part::mixed(&mask::text(text, &desk.rules.report.masks));
    let who_asked = if desk.access == Access::Owner { format!(" by {}", record.who) } else { String::new() };
    let place = format!("/screenings/{}", record.id);
    let again = again.of(&place, &[]);
    html! {
        (state(&record.state)) " " b { (named(&record.name, desk)) }
        " " span.soft { "screened " (record.made.get(..10).unwrap_or(&record.made)) (who_asked) ": " (record.result.replace('_', " ")) @if let Some(day) = record.asked["date"].as_str() { ", event of " (day) } }
        @for because in &record.lapsed_because { br; span.changed { "lapsed: " (masked(because)) } }
        @if let Some(decided) = &record.decision { br; b { (decided.verdict) } " " span.soft { "on " (decided.made.get(..10).unwrap_or(&decided.made)) " by " (decided.who) } @if let Some(note) = &decided.note { ": " (masked(note)) } }
        details { summary { "The answer, and what it comes to" }
            (answer_of(&record.answer, desk))
            @if record.state != "superseded" { form.decide method="post" action=(place) {
                div.row {
                    label { "Your pseudonym" input name="by" required maxlength="60" autocomplete="off" value=(again.or("by", who)); }
                    label { "Why" input name="note" maxlength="400" value=(again.or("note", "")); }
                }
                div.buttons { @for (verdict, words) in VERDICTS { button name="verdict" value=(verdict) { (words) } } }
            } }
        }
    }
}

/// What a person may say of an answer; a later word stands above an earlier one.
const VERDICTS: [(&str, &str); 3] = [("clear", "Clear: another party"), ("hit", "Hit: this party is meant"), ("unsure", "Unsure")];

fn lists(laid: &Laid) -> Markup {
    let title = |id: &str| laid.rules.lists.lists.iter().find(|list| list.source.id == id).map(|list| list.source.title.clone());
    html! {
        ul { @for list in &laid.against.lists { li { b { (list.id) } " " @if let Some(title) = title(&list.id).filter(|title| *title != list.id) { (title) ", " } "version " (list.version) " " span.src { "sha256 " span.hash { (list.sha256.get(..12).unwrap_or(&list.sha256)) } } } } }
        @if let Some(owners) = &laid.against.ownership { p { "Owners: " (say::counted(owners.rows, "stake", "stakes")) " of a table of yours, sha256 " span.hash { (owners.sha256.get(..12).unwrap_or(&owners.sha256)) } } }
    }
}

/// Asks, and keeps the answers with what the case holds of each party.
pub fn keep(desk: &Desk, db: &Connection, form: &Given) -> anyhow::Result<Response> {
    let by = given(form, "by").context("give a pseudonym: a screening that nobody made is none")?;
    let parties = parties(form)?;
    let laid = laid(desk, db)?;
    let mut answers = screened::answers(parties, &laid.against, &laid.rules);
    let (case, _) = Case::write_existing(&desk.folder)?;
    let mut keeping = Keeping::begin(case, &laid.against, by, &laid.rules)?;
    keeping.keep(&mut answers, &laid.rules)?;
    keeping.end(by)?;
    Ok(to("/screenings#kept-h"))
}

/// A person's word on a kept answer.
pub fn decide(desk: &Desk, _: &Connection, id: &str, form: &Given) -> anyhow::Result<Response> {
    let id: i64 = id.parse().context("which screening?")?;
    let verdict =
        given(form, "verdict").filter(|verdict| VERDICTS.iter().any(|(known, _)| known == verdict)).context("clear, hit or unsure?")?;
    let by = given(form, "by").context("give a pseudonym: a word that nobody said is none")?;
    let (mut case, _) = Case::write_existing(&desk.folder)?;
    screenings::decide(&mut case, id, verdict, by, given(form, "note"))?;
    case.close()?;
    Ok(to(&format!("/screenings#s-{id}")))
}

/// All records as a file.
pub fn file(desk: &Desk, db: &Connection, form: &str, _: &Given) -> anyhow::Result<Response> {
    let (form, kind) = match form {
        "csv" => (Form::Csv, "text/csv; charset=utf-8"),
        "json" => (Form::Json, "application/x-ndjson"),
        "xlsx" => (Form::Xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        other => bail!("screenings leave as csv, json or xlsx, not as {other}"),
    };
    let records = records(desk, &*laid(desk, db)?)?;
    let mut bytes = screened::file(&records, form, &desk.rules)?;
    if form == Form::Csv {
        bytes.splice(0..0, "\u{FEFF}".bytes());
    }
    let name = format!("attachment; filename=\"tendertrace-screenings.{}\"", format!("{form:?}").to_lowercase());
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, &name)], bytes).into_response())
}

/// Kept screenings, for programs; never who asked and decided.
pub fn json(desk: &Desk, db: &Connection) -> anyhow::Result<Response> {
    let all: Vec<Value> = records(desk, &*laid(desk, db)?)?.iter().map(|record| screened::masked(record, &desk.rules)).collect();
    Ok(([(header::CONTENT_TYPE, "application/json")], json!({ "screenings": all }).to_string()).into_response())
}
