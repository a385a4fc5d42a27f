//! Which questions can be asked, and what is the answer? The files of `questions/` as pages: a form
//! for their parameters, rows that open their evidence, the funnel beside them, CSV and JSON.

use super::{Desk, Given, encode, facets, given, page};
use crate::store::kept;
use crate::store::questions::{self, Answer, PARAMETERS, Question};
use anyhow::Context as _;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use rusqlite::Connection;
use rusqlite::types::Value;
use tendertrace::report::html::part;
use tendertrace::report::{csv as sheets, say};
use tendertrace::rulebook::Rulebook;

/// Rows on the page; files hold all of them.
const ROWS: usize = 200;

/// All questions.
pub fn list(desk: &Desk) -> anyhow::Result<Response> {
    let content = html! {
        h1 { "Questions" }
        p { "Each is a file of SQL over the case; one of your own is asked with " code { "tendertrace ask NAME --questions DIR" } "." }
        ul.questions { @for question in &desk.questions { li data-item { a href={ "/questions/" (question.name) } { (question.title) } } } }
    };
    Ok(page::frame(desk, "Questions", "/questions", content))
}

/// One question with its answer.
pub fn page(desk: &Desk, db: &Connection, name: &str, asked: &Given) -> anyhow::Result<Response> {
    let question = desk.questions.iter().find(|q| q.name == name).with_context(|| format!("no question is called {name}"))?;
    let values: Vec<(&str, Option<&str>)> = question.parameters.iter().map(|p| (p.as_str(), given(asked, p))).collect();
    let missing: Vec<&String> = question.needs.iter().filter(|need| given(asked, need).is_none()).collect();
    let masks = &desk.rules.report.masks;
    if !missing.is_empty() {
        return Ok(shown(
            desk,
            db,
            question,
            asked,
            html! { p.note { "Give: " (missing.iter().map(|m| m.replace('_', " ")).collect::<Vec<_>>().join(", ")) "." } },
        ));
    }
    if given(asked, "as") == Some("csv") {
        return csv(name, &questions::answer(question, db, &values, usize::MAX, masks)?);
    }
    if given(asked, "as") == Some("xlsx") {
        return xlsx(question, db, &values, desk);
    }
    let answer = questions::answer(question, db, &values, ROWS, masks)?;
    let steps = questions::funnel(&desk.questions, db, &values, masks)?;
    let content = html! {
        p { strong { (say::counted(answer.rows.len(), "row", "rows")) } @if answer.more { " and more; the CSV has all" } ". " a href=(link(name, asked, "csv")) download={ (name) ".csv" } { "CSV" } " · " a href=(link(name, asked, "xlsx")) download={ (name) ".xlsx" } { "XLSX" } " · " a href={ "/api" (link(name, asked, "")) } { "JSON" } }
        @if answer.rows.is_empty() { p { "Nothing found. That is an answer only together with the funnel below." } } @else { (table(question, &answer, &desk.rules)) }
        h2 { "Out of how much" }
        ol.funnel { @for (step, n) in &steps { li { b { (say::count(*n as usize)) } " " (step) } } }
    };
    Ok(shown(desk, db, question, asked, content))
}

fn shown(desk: &Desk, db: &Connection, question: &Question, asked: &Given, answer: Markup) -> Response {
    let content = html! {
        p.kicker { a href="/questions" { "Questions" } }
        h1.name { (question.title) }
        p.note { (question.caveats) }
        (form(desk, db, question, asked))
        (answer)
        details { summary { "The SQL" } pre tabindex="0" role="region" aria-label="The SQL" { code { (question.sql) } } }
    };
    page::frame(desk, &question.title, "/questions", content)
}

fn form(desk: &Desk, db: &Connection, question: &Question, asked: &Given) -> Markup {
    let what = |name: &str| PARAMETERS.iter().find(|(known, _)| *known == name).map_or("", |(_, what)| what);
    html! { @if !question.parameters.is_empty() {
        form.asked method="get" action={ "/questions/" (question.name) } {
            @for name in &question.parameters {
                label { (name.replace('_', " ")) @if question.needs.contains(name) { " (must be given)" }
                    @let value = given(asked, name).unwrap_or_default();
                    @match choices(desk, db, name) {
                        Some(all) => { select name=(name) { option value="" { "any" } @for (id, words) in all { option value=(id) selected[id == value] { (words) } } } }
                        None => { input name=(name) value=(value) title=(what(name)) placeholder=(if matches!(name.as_str(), "from" | "to") { "YYYY-MM-DD" } else { what(name) }); }
                    }
                }
            }
            button { "Ask" }
        }
    } }
}

/// Values of a parameter where there are few.
pub fn choices(desk: &Desk, db: &Connection, name: &str) -> Option<Vec<(String, String)>> {
    let words = |kind: &str, group: &[&str]| -> Vec<(String, String)> {
        let ids = group.iter().flat_map(|group| desk.rules.report.words.group(kind, group));
        let mut all: Vec<(String, String)> = ids.map(|id| (id.clone(), facets::words(kind, &id, &desk.rules))).collect();
        all.sort_by(|a, b| a.1.cmp(&b.1));
        all
    };
    match name {
        "buyer_kind" => Some(words("buyer_kind", &["security", ""])),
        "purpose" => Some(words("purpose", &[""])),
        "brand" => brands(desk, db).ok(),
        _ => None,
    }
}

/// Brands that are named in the case.
fn brands(desk: &Desk, db: &Connection) -> anyhow::Result<Vec<(String, String)>> {
    let rows = kept::rows(db, kept::BRANDS)?;
    let keys = rows.iter().filter_map(|row| Some(row.first()?.as_str()?.to_string()));
    let mut all: Vec<(String, String)> = keys.map(|key| (key.clone(), facets::words("brand", &key, &desk.rules))).collect();
    all.sort_by_key(|(_, name)| name.to_lowercase());
    Ok(all)
}

/// Columns whose cell opens something.
fn table(question: &Question, answer: &Answer, rules: &Rulebook) -> Markup {
    let is_number = |at: usize| answer.rows.iter().any(|row| matches!(row[at], Value::Integer(_) | Value::Real(_)));
    let numbers: Vec<bool> = (0..answer.columns.len()).map(is_number).collect();
    html! {
        div.scroll tabindex="0" role="region" aria-label=(question.title) { table.rows {
            caption.away { (question.title) }
            thead { tr { @for (at, column) in answer.columns.iter().enumerate() { th.n[numbers[at]] scope="col" { (column.replace('_', " ")) } } } }
            tbody { @for row in &answer.rows { tr { @for (at, (column, value)) in answer.columns.iter().zip(row).enumerate() { td.n[numbers[at]] { (cell(column, value, rules)) } } } } }
        } }
    }
}

fn cell(column: &str, value: &Value, rules: &Rulebook) -> Markup {
    match value {
        Value::Null | Value::Blob(_) => html! { span.soft { "·" } },
        Value::Integer(number) if column == "notice" => html! { a href={ "/notice/" (number) } { "open" } },
        Value::Integer(number) if *number >= 0 && column != "year" => html! { (say::count(*number as usize)) },
        Value::Integer(number) => html! { (number) },
        Value::Real(number) if number.fract() == 0.0 && *number >= 0.0 => html! { (say::count(*number as usize)) },
        Value::Real(number) => html! { (number) },
        Value::Text(text) => text_cell(column, text, rules),
    }
}

fn text_cell(column: &str, text: &str, rules: &Rulebook) -> Markup {
    let short = say::short(&say::one_line(text), 160);
    match column {
        "finding" => html! { a.hash href={ "/finding/" (text) } { (say::short(text, 10)) } },
        "quote" | "example_quote" => {
            html! { a href={ "/search?q=" (encode(&format!("\"{}\"", say::short(text.split(['\t', '\n', '"']).next().unwrap_or(text), 40).trim_end_matches('…')))) } { (part::zh(&short)) } }
        }
        "supplier" | "buyer" | "party" => html! { a href={ "/party?name=" (encode(text)) } { (part::zh(text)) } },
        "sha256" => html! { span.hash title=(text) { (say::short(text, 10)) } },
        "buyer_kind" | "usage" | "stage" | "strength" => html! { (facets::words(column, text, rules)) },
        "brand" => html! { (facets::words("brand", text, rules)) },
        "amount_basis" => html! { (facets::words("basis", text, rules)) },
        "purposes" | "objections" => html! { (text.trim_matches(['[', ']']).replace('"', "").replace('_', " ").replace(',', ", ")) },
        _ => part::zh(&short),
    }
}

fn link(name: &str, asked: &Given, form: &str) -> String {
    let kept = asked.iter().filter(|(key, value)| key != "as" && !value.is_empty()).map(|(key, value)| (key.as_str(), value.as_str()));
    let form = Some(("as", form)).filter(|(_, form)| !form.is_empty());
    let pairs: Vec<String> = kept.chain(form).map(|(key, value)| format!("{}={}", encode(key), encode(value))).collect();
    format!("/questions/{name}?{}", pairs.join("&"))
}

fn csv(name: &str, answer: &Answer) -> anyhow::Result<Response> {
    let mut writer = csv::Writer::from_writer(Vec::from("\u{FEFF}".as_bytes()));
    writer.write_record(&answer.columns)?;
    for row in &answer.rows {
        writer.write_record(row.iter().map(|value| sheets::harmless(&plain(value))))?;
    }
    let bytes = writer.into_inner().context("into memory")?;
    let disposition = format!("attachment; filename=\"{name}.csv\"");
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, disposition.as_str())], bytes).into_response())
}

/// All rows as a workbook, with the funnel and the caveats on sheets of their own.
fn xlsx(question: &Question, db: &Connection, values: &[(&str, Option<&str>)], desk: &Desk) -> anyhow::Result<Response> {
    let masks = &desk.rules.report.masks;
    let answer = questions::answer(question, db, values, usize::MAX, masks)?;
    let steps = questions::funnel(&desk.questions, db, values, masks)?;
    let bytes = questions::workbook(question, &answer, values, &steps, &desk.rules)?;
    let disposition = format!("attachment; filename=\"{}.xlsx\"", question.name);
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition.as_str())], bytes).into_response())
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null | Value::Blob(_) => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text.clone(),
    }
}
