//! Which questions can be asked, and what is the answer? The files of `questions/` as pages: a form
//! for their parameters, rows that open their evidence, the funnel beside them, CSV and JSON.

use super::{Desk, Given, encode, facets, given, page, pictures};
use crate::store::questions::{self, Answer, PARAMETERS, Question};
use crate::store::{kept, meant, shown as words};
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
    let typed: Vec<(&str, Option<&str>)> = question.parameters.iter().map(|p| (p.as_str(), given(asked, p))).collect();
    let values = match meant::all(&typed, &desk.rules) {
        Ok(values) => values,
        Err(why) => {
            return Ok(shown(desk, db, question, asked, html! { div.banner role="alert" { p { strong { "Not asked: " } (why) } } }));
        }
    };
    let values = meant::borrowed(&values);
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
        return csv(name, &questions::answer(question, db, &values, &questions::ALL, masks)?);
    }
    if given(asked, "as") == Some("xlsx") {
        return xlsx(question, db, &values, desk);
    }
    let after = given(asked, AFTER).and_then(|after| after.parse().ok()).unwrap_or(0usize).min(usize::MAX - ROWS);
    let answer = questions::answer(question, db, &values, &(after..after + ROWS), masks)?;
    let steps = questions::funnel(&desk.questions, db, &values, masks)?;
    let content = html! {
        p { strong { (number_of_rows(&answer, after)) } @if answer.more { "; the CSV has all" } ". " a href=(link(name, &values, "csv")) download={ (name) ".csv" } { "CSV" } " · " a href=(link(name, &values, "xlsx")) download={ (name) ".xlsx" } { "XLSX" } " · " a href={ "/api" (link(name, &values, "")) } { "JSON" } }
        @if answer.rows.is_empty() && after == 0 { p { "Nothing found. That is an answer only together with the funnel below." } } @else { (table(question, &answer, &desk.rules)) (turn(name, &values, &answer, after)) }
        @if let Some(behind) = question.behind.as_ref().filter(|_| !answer.rows.is_empty()) { p { a href=(link(behind, &values, "")) { "Each of them with its page" } } }
        h2 { "Out of how much" }
        ol.funnel { @for (step, n) in &steps { li { b { (say::count(*n as usize)) } " " (step) } } }
    };
    Ok(shown(desk, db, question, asked, content))
}

/// Where an answer goes on: rows before the first that is shown.
const AFTER: &str = "after";

fn number_of_rows(answer: &Answer, after: usize) -> String {
    match (after, answer.more) {
        (0, false) => say::counted(answer.rows.len(), "row", "rows"),
        (0, true) => format!("The first {}", say::counted(answer.rows.len(), "row", "rows")),
        _ => format!("Rows {} to {}", say::count(after + 1), say::count(after + answer.rows.len())),
    }
}

/// The ways to the rows before and after those that are shown.
fn turn(name: &str, values: &[(&str, Option<&str>)], answer: &Answer, after: usize) -> Markup {
    let to = |after: usize| {
        let after = after.to_string();
        let place = [(AFTER, Some(after.as_str()).filter(|after| *after != "0"))];
        link(name, &values.iter().chain(&place).copied().collect::<Vec<_>>(), "")
    };
    html! { @if after > 0 || answer.more { p {
        @if after > 0 { a rel="prev" href=(to(after.saturating_sub(ROWS))) { "Rows before" } " " }
        @if answer.more { a rel="next" href=(to(after + ROWS)) { "Rows after" } }
    } } }
}

fn shown(desk: &Desk, db: &Connection, question: &Question, asked: &Given, answer: Markup) -> Response {
    let content = html! {
        p.kicker { a href="/questions" { "Questions" } }
        h1.name { (question.title) }
        p.note { (question.caveats.replace('`', "")) }
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
                        None => { input name=(name) value=(value) title=(what(name)) placeholder=(example(name)) list=[(name == "region").then_some("places")]; }
                    }
                }
            }
            @if question.parameters.iter().any(|name| name == "region") { datalist id="places" { @for (_, name) in pictures::provinces(desk) { option value=(name.split(' ').next_back().unwrap_or(&name)) { (name) } } } }
            button { "Ask" }
        }
    } }
}

/// What may be written into a field.
fn example(name: &str) -> &'static str {
    match name {
        "from" | "to" => "2019-10-09, or 2019-10",
        "region" => "Xinjiang, or 65",
        "supplier" | "buyer" => "part of the name",
        "project" => "number, or part of the name",
        "finding" => "its id",
        "term" => "a word",
        _ => "",
    }
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

/// The rows; what opens a row's evidence stands first, where no window cuts it off.
fn table(question: &Question, answer: &Answer, rules: &Rulebook) -> Markup {
    let is_number = |at: usize| answer.rows.iter().any(|row| matches!(row[at], Value::Integer(_) | Value::Real(_)));
    let mut order: Vec<usize> = (0..answer.columns.len()).collect();
    order.sort_by_key(|at| !OPENS.contains(&answer.columns[*at].as_str()));
    let columns: Vec<(usize, &str, bool)> = order.into_iter().map(|at| (at, answer.columns[at].as_str(), is_number(at))).collect();
    html! {
        div.scroll tabindex="0" role="region" aria-label=(question.title) { table.rows {
            caption.away { (question.title) }
            thead { tr { @for (_, column, number) in &columns { th.n[*number] scope="col" { (column.replace('_', " ")) } } } }
            tbody { @for row in &answer.rows { tr { @for (at, column, number) in &columns { td.n[*number] { (cell(column, &row[*at], row_opens(answer, row), rules)) } } } } }
        } }
    }
}

/// Columns whose cell opens the evidence.
const OPENS: [&str; 2] = ["finding", "notice"];

/// The finding behind a row.
fn row_opens<'a>(answer: &Answer, row: &'a [Value]) -> Option<&'a str> {
    match &row[answer.columns.iter().position(|column| column == "finding")?] {
        Value::Text(finding) => Some(finding),
        _ => None,
    }
}

fn cell(column: &str, value: &Value, finding: Option<&str>, rules: &Rulebook) -> Markup {
    match value {
        Value::Null | Value::Blob(_) => html! { span.soft title="not given" { "·" } },
        Value::Integer(number) if column == "notice" => html! { a href={ "/notice/" (number) } { "open" } },
        Value::Integer(number) if *number >= 0 && column != "year" => html! { (say::count(*number as usize)) },
        Value::Integer(number) => html! { (number) },
        Value::Real(number) => html! { (say::thousands(&number.to_string())) },
        Value::Text(text) => text_cell(column, text, finding, rules),
    }
}

fn text_cell(column: &str, text: &str, finding: Option<&str>, rules: &Rulebook) -> Markup {
    let short = say::short(&say::one_line(text), 160);
    match column {
        "finding" => html! { a.hash href={ "/finding/" (text) } title=(text) { "open " (say::short(text, 6)) } },
        "quote" | "example_quote" => html! { a href=(evidence(text, finding)) { (part::zh(&short)) } },
        _ if words::is_party(column) => page::party(text, rules),
        "sha256" => html! { span.hash title=(text) { (say::short(text, 10)) } },
        "url" | "archive_url" => html! { span.address title=(text) { (say::short(text, 90)) } },
        "event_date" | "first" | "last" | "listed_from" | "listed_to" => html! { span.short { (text) } },
        _ => match words::in_words(column, text, rules) {
            words if words != text => html! { (words) },
            _ => part::zh(&short),
        },
    }
}

/// Where a quote stands: in its finding, else wherever its words are.
fn evidence(quote: &str, finding: Option<&str>) -> String {
    let words = say::short(quote.split(['\t', '\n', '"']).next().unwrap_or(quote), 40);
    let search = || format!("/search?q={}", encode(&format!("\"{}\"", words.trim_end_matches('…'))));
    finding.map_or_else(search, |finding| format!("/finding/{finding}"))
}

fn link(name: &str, values: &[(&str, Option<&str>)], form: &str) -> String {
    let kept = values.iter().filter_map(|(key, value)| Some((*key, (*value)?)));
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
    let answer = questions::answer(question, db, values, &questions::ALL, masks)?;
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
