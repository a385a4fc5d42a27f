//! What can programs ask the desk? JSON under `/api/`, described by `openapi.json`. It leaves the
//! desk: contacts are withheld, confidential captures do not exist in it.

use super::{Desk, Given, facets, find, given};
use crate::store::query::Query as Words;
use crate::store::questions::{self, Answer};
use crate::store::{archive, claims, flat, meant, shown};
use anyhow::Context as _;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use rusqlite::Connection;
use rusqlite::types::Value as Sql;
use serde_json::{Value, json};
use tendertrace::report::claims::{Cited, Claim, Reply, Said, Standing};
use tendertrace::report::mask;
use tendertrace::rulebook::Rulebook;

const OPENAPI: &str = include_str!("openapi.json");
/// The path that stands in the file for all questions.
const ANY_QUESTION: &str = "/api/questions/{name}";

/// Where the keys of all brands stand in the description.
const BRAND: &str = "#/components/schemas/Brand";

/// The description, with every question of this desk under its own path and with its own parameters.
pub fn description(desk: &Desk) -> anyhow::Result<Response> {
    let mut description: Value = serde_json::from_str(OPENAPI)?;
    let paths = description["paths"].as_object_mut().context("the description has paths")?;
    let any = paths.remove(ANY_QUESTION).context("the description has questions")?;
    for question in &desk.questions {
        let mut path = any.clone();
        let get = &mut path["get"];
        get["operationId"] = format!("ask-{}", question.name).into();
        get["summary"] = question.title.clone().into();
        get["description"] = question.caveats.clone().into();
        let of_window =
            |(name, most): &(&str, u64)| json!({"name": name, "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": most}});
        get["parameters"] =
            question.parameters.iter().map(|name| parameter(name, question, &desk.rules)).chain(WINDOW.iter().map(of_window)).collect();
        paths.insert(ANY_QUESTION.replace("{name}", &question.name), path);
    }
    if let meant::Strict::Ids(keys) = meant::strict("brand", &desk.rules) {
        description["components"]["schemas"]["Brand"] = json!({"type": "string", "enum": keys});
    }
    answer(description)
}

fn parameter(name: &str, question: &questions::Question, rules: &Rulebook) -> Value {
    let is_needed = question.needs.iter().any(|need| need == name);
    let what = questions::PARAMETERS.iter().find(|(known, _)| *known == name).map_or("", |(_, what)| what);
    let schema = match meant::strict(name, rules) {
        meant::Strict::Ids(_) if name == "brand" => json!({"$ref": BRAND}),
        meant::Strict::Ids(ids) => json!({"type": "string", "enum": ids}),
        meant::Strict::Pattern(pattern) => json!({"type": "string", "pattern": pattern}),
        meant::Strict::Any if is_needed => json!({"type": "string", "pattern": "\\S"}),
        meant::Strict::Any => json!({"type": "string"}),
    };
    json!({"name": name, "in": "query", "required": is_needed, "description": what, "schema": schema})
}

fn answer(value: Value) -> anyhow::Result<Response> {
    Ok(said(StatusCode::OK, &value))
}

fn said(status: StatusCode, value: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// Every refusal of the API is JSON, whoever refused: a browser's page means nothing to a program.
pub async fn as_json(response: Response) -> Response {
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    let status = response.status();
    if status.as_u16() < 400 || is_json {
        return response;
    }
    let mut refused = refuse(status, status.canonical_reason().unwrap_or("no answer"));
    if let Some(allowed) = response.headers().get(header::ALLOW) {
        refused.headers_mut().insert(header::ALLOW, allowed.clone());
    }
    refused
}

/// There is nothing at this address.
pub fn missing() -> Response {
    refuse(StatusCode::NOT_FOUND, "there is no such place")
}

fn refuse(status: StatusCode, message: &str) -> Response {
    said(status, &json!({ "error": message }))
}

/// The questions that can be asked.
pub fn list(desk: &Desk) -> anyhow::Result<Response> {
    let one = |q: &questions::Question| json!({"name": q.name, "title": q.title, "parameters": q.parameters, "needs": q.needs, "columns": q.columns, "caveats": q.caveats});
    answer(json!({"questions": desk.questions.iter().map(one).collect::<Vec<_>>()}))
}

/// Rows of one answer, if nobody says how many; `more` says whether there are others.
const ROWS: u64 = 200;

/// Where the rows of an answer begin and how many there may be, with the largest numbers.
const WINDOW: [(&str, u64); 2] = [("skip", 1_000_000_000), ("limit", 10_000)];

/// The answer to one question.
pub fn question(desk: &Desk, db: &Connection, name: &str, asked: &Given) -> anyhow::Result<Response> {
    let Some(question) = desk.questions.iter().find(|q| q.name == name) else {
        return Ok(refuse(StatusCode::NOT_FOUND, "no question has this name"));
    };
    let of_window = |key: &str| WINDOW.iter().any(|(name, _)| *name == key);
    let unknown = asked.iter().find(|(key, _)| !question.parameters.contains(key) && !of_window(key));
    if let Some((key, _)) = unknown {
        return Ok(refuse(StatusCode::BAD_REQUEST, &format!("the question takes no {key}")));
    }
    if let Some(need) = question.needs.iter().find(|need| given(asked, need).is_none()) {
        return Ok(refuse(StatusCode::BAD_REQUEST, &format!("the question needs {need}")));
    }
    if let Some((key, _)) = asked.iter().find(|(key, value)| !of_window(key) && !meant::is_strict(key, value, &desk.rules)) {
        return Ok(refuse(StatusCode::BAD_REQUEST, &format!("{key} is not as the description has it")));
    }
    let typed: Vec<(&str, Option<&str>)> = question.parameters.iter().map(|p| (p.as_str(), given(asked, p))).collect();
    let values = match meant::all(&typed, &desk.rules) {
        Ok(values) => values,
        Err(_) => typed.iter().map(|(name, value)| (*name, value.map(str::to_string))).collect(),
    };
    let values = meant::borrowed(&values);
    let masks = &desk.rules.report.masks;
    let [skip, limit] = match window(asked) {
        Ok(window) => window,
        Err(why) => return Ok(refuse(StatusCode::BAD_REQUEST, &why)),
    };
    let found = questions::answer(question, db, &values, &(skip..skip + limit), masks)?;
    let funnel = questions::funnel(&desk.questions, db, &values, masks)?;
    let steps: Vec<Value> = funnel.iter().map(|(step, n)| json!({"step": step, "number": n})).collect();
    answer(json!({"question": name, "rows": rows(&found), "more": found.more, "funnel": steps, "caveats": question.caveats}))
}

fn window(asked: &Given) -> Result<[usize; 2], String> {
    let number = |(name, most): (&str, u64), otherwise: u64| {
        let typed = asked.iter().find(|(key, _)| key == name).map(|(_, value)| value.parse().ok().filter(|n| *n <= most));
        typed.unwrap_or(Some(otherwise)).ok_or_else(|| format!("{name} is a number, {most} at most"))
    };
    Ok([number(WINDOW[0], 0)? as usize, number(WINDOW[1], ROWS)? as usize])
}

fn rows(answer: &Answer) -> Vec<Value> {
    let object = |row: &Vec<Sql>| Value::Object(answer.columns.iter().cloned().zip(row.iter().map(plain)).collect());
    answer.rows.iter().map(object).collect()
}

fn plain(value: &Sql) -> Value {
    match value {
        Sql::Null | Sql::Blob(_) => Value::Null,
        Sql::Integer(number) => (*number).into(),
        Sql::Real(number) => (*number).into(),
        Sql::Text(text) => text.clone().into(),
    }
}

/// How far to skip and how many to show; or what of the query is not as described.
fn bounds(asked: &Given) -> Result<(usize, usize), String> {
    let known = |name: &str| facets::names().any(|known| known == name) || ["q", "sort", "skip", "limit"].contains(&name);
    if let Some((name, _)) = asked.iter().find(|(name, _)| !known(name)) {
        return Err(format!("a search takes no {name}"));
    }
    if asked.iter().any(|(name, value)| name == "sort" && !["", "date", "oldest", "amount"].contains(&value.as_str())) {
        return Err("sort is date, oldest, amount or nothing".into());
    }
    let number = |name: &str, otherwise: u64| {
        let given = asked
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.parse::<u64>().ok().filter(|n| *n <= MOST_OF[usize::from(name == "since")]));
        given.unwrap_or(Some(otherwise)).ok_or_else(|| format!("{name} is a number, 0 or more"))
    };
    number("since", 0)?;
    Ok((number("skip", 0)? as usize, number("limit", 20)? as usize))
}

/// Largest `skip` and `limit`, largest `since`, as the description has them.
const MOST_OF: [u64; 2] = [1_000_000_000, 1_000_000_000_000_000];

/// Notices that hold what was asked.
pub fn search(desk: &Desk, db: &Connection, asked: &Given) -> anyhow::Result<Response> {
    let (skip, most) = match bounds(asked) {
        Ok(bounds) => bounds,
        Err(why) => return Ok(refuse(StatusCode::BAD_REQUEST, &why)),
    };
    let query = Words::parse(given(asked, "q").unwrap_or_default(), &desk.rules.folder);
    let db = &*db.unchecked_transaction()?;
    let hits = facets::collect(db, &query, asked, skip.saturating_add(most))?;
    let found = find::hits_of(desk, db, &query, hits.places.iter().skip(skip).take(most.min(100)))?;
    let facets: serde_json::Map<String, Value> = facets::count(db, &hits, &desk.rules)?
        .into_iter()
        .map(|f| (f.name.to_string(), f.values.iter().map(|(value, _, n)| json!({"value": value, "notices": n})).collect()))
        .collect();
    let hit = |h: &find::Hit| {
        let findings: Vec<Value> = h
            .findings
            .iter()
            .map(|(id, brand, product, usage)| json!({"finding": id, "brand": brand, "product": product, "usage": usage}))
            .collect();
        let snippet: String = h.snippet.iter().map(|(text, _)| text.as_str()).collect();
        json!({"notice": h.id, "title": h.title, "stage": h.stage, "event_date": h.date, "buyer": h.buyer.as_deref().map(|b| mask::party(b, &desk.rules.report.masks)), "buyer_kind": h.kind, "site": h.site, "snippet": snippet, "findings": findings})
    };
    answer(json!({"notices": hits.places.len(), "more": hits.cut, "hits": found.iter().map(hit).collect::<Vec<_>>(), "facets": facets}))
}

/// One finding with its evidence.
pub fn finding(desk: &Desk, db: &Connection, id: &str, _: &Given) -> anyhow::Result<Response> {
    one(desk, db, "SELECT * FROM evidence WHERE finding = ?1", id)
}

/// One notice.
pub fn notice(desk: &Desk, db: &Connection, id: &str, _: &Given) -> anyhow::Result<Response> {
    one(desk, db, "SELECT * FROM notices WHERE id = CAST(?1 AS INTEGER) AND id || '' = ?1", id)
}

/// Sentences that people signed, with what became of their findings; never who signed.
pub fn claims(desk: &Desk, db: &Connection) -> anyhow::Result<Response> {
    let masked = |text: &str| mask::text(text, &desk.rules.report.masks);
    let said = |said: &Option<Said>| said.as_ref().map(|said| json!({"on": said.on, "text": masked(&said.text)}));
    let cited = |cited: &Cited| {
        let (standing, withdrawn) = match &cited.standing {
            Standing::Stands => ("stands", None),
            Standing::LookAgain => ("look_again", None),
            Standing::Withdrawn(why) => ("withdrawn", Some(why.clone())),
        };
        json!({"finding": cited.finding, "standing": standing, "withdrawn": said(&withdrawn)})
    };
    let reply = |reply: &Reply| {
        let party = reply.party.as_ref().map(|party| mask::party(party, &desk.rules.report.masks));
        json!({"on": reply.on, "answer": reply.answer.id(), "party": party, "text": reply.text.as_deref().map(masked)})
    };
    let claim = |claim: &Claim| {
        json!({
            "claim": claim.id, "sentence": masked(&claim.sentence), "signed": claim.signed, "stands": claim.stands(),
            "findings": claim.findings.iter().map(cited).collect::<Vec<_>>(), "replies": claim.replies.iter().map(reply).collect::<Vec<_>>(),
            "published": said(&claim.published), "withdrawn": said(&claim.withdrawn),
        })
    };
    answer(json!({"claims": claims::leaving(db)?.iter().map(claim).collect::<Vec<_>>()}))
}

/// One row of a view, as columns; what only the case needs is left out.
fn one(desk: &Desk, db: &Connection, sql: &str, id: &str) -> anyhow::Result<Response> {
    let mut statement = db.prepare(sql)?;
    let columns: Vec<String> = statement.column_names().into_iter().map(str::to_string).collect();
    let mut rows = statement.query([id])?;
    let Some(row) = rows.next()? else { return Ok(refuse(StatusCode::NOT_FOUND, "nothing in the case has this id")) };
    let kept = columns.iter().enumerate().filter(|(_, name)| *name != "decision_note" && *name != "correction");
    let object = kept.map(|(at, name)| Ok((name.clone(), plain(&shown::value(name, row.get(at)?, &desk.rules.report.masks)))));
    answer(Value::Object(object.collect::<rusqlite::Result<_>>()?))
}

/// The texts of a notice.
pub fn text(desk: &Desk, db: &Connection, id: &str, _: &Given) -> anyhow::Result<Response> {
    let sql = "SELECT id, original FROM notices WHERE id = CAST(?1 AS INTEGER) AND id || '' = ?1";
    let known: Option<(i64, i64)> = rusqlite::OptionalExtension::optional(db.query_row(sql, [id], |row| Ok((row.get(0)?, row.get(1)?))))?;
    let Some((id, original)) = known else { return Ok(refuse(StatusCode::NOT_FOUND, "nothing in the case has this id")) };
    let capture = archive::original(&desk.folder, db, original)?;
    let number = (id % flat::PARTS) as u32;
    let part = tendertrace::read::read(&capture, &desk.rules, &crate::fence::budget())
        .into_iter()
        .find(|p| p.number == number)
        .unwrap_or_default();
    let texts: Vec<String> = part.documents.iter().map(|d| mask::text(&d.text, &desk.rules.report.masks)).collect();
    answer(json!({"notice": id, "sha256": capture.sha256, "documents": texts}))
}
