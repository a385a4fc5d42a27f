//! Which page answers which address? A table by group of pages; the few shapes of a request stand below
//! it, so that a page is a plain function of the desk, its case and what was asked.

use super::{
    Audience, Desk, Given, Shared, again, api, ask, claims, dossier, find, finding, findings, letters, notice, page, parties, party,
    pictures, queue, rule, saved, screenings, start, translate,
};
use again::Again;
use axum::Router;
use axum::extract::{Form, Path, Query};
use axum::http::{StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use rusqlite::Connection;
use std::sync::Arc;

type Routes = Router<Arc<Desk>>;

pub fn all() -> Routes {
    let missing = |desk: Shared| async move { page::failure(&desk, StatusCode::NOT_FOUND, "There is no such page.") };
    Router::new()
        .merge(reading())
        .merge(deciding())
        .merge(asking())
        .merge(known())
        .merge(seen())
        .merge(programs())
        .merge(around())
        .fallback(missing)
}

/// The case, its search and its notices.
fn reading() -> Routes {
    Router::new()
        .route("/", plain(Audience::Desk, start::page))
        .route("/search", asked(Audience::Desk, find::page))
        .route("/rule", asked(Audience::Desk, rule::page).merge(sent(rule::keep, rule::again)))
        .route("/saved", plain(Audience::Desk, saved::page).merge(sent(saved::keep, saved::again)))
        .route("/saved/{id}", told(saved::note, |desk, db, _, again| saved::again(desk, db, again)))
        .route("/notice/{id}", numbered(Audience::Desk, notice::page))
        .route("/notice/{id}/raw", numbered(Audience::Desk, notice::raw))
        .route("/notice/{id}/leave", numbered(Audience::Desk, notice::leave))
}

/// Findings and claims, and what people say of them.
fn deciding() -> Routes {
    Router::new()
        .route("/queue", asked(Audience::Desk, queue::page))
        .route("/finding/{id}", named(Audience::Desk, finding::page))
        .route("/finding/{id}/decide", told(finding::decide, finding::again))
        .route("/finding/{id}/undo", told(finding::undo, finding::again))
        .route("/finding/{id}/translate", told(translate::give, finding::again))
        .route("/finding/{id}/untranslate", told(translate::undo, finding::again))
        .route("/claims", plain(Audience::Desk, claims::page).merge(sent(claims::sign, claims::again)))
        .route("/claims/{id}", told(claims::note, |desk, db, _, again| claims::again(desk, db, again)))
        .route("/letters", asked(Audience::Desk, letters::page).merge(sent(letters::freeze, letters::again)))
        .route("/letters/draft", asked(Audience::Leaving, letters::draft))
        .route("/letters/{name}", named(Audience::Leaving, letters::version))
}

/// Questions; their answers leave the desk.
fn asking() -> Routes {
    Router::new()
        .route("/questions", plain(Audience::Desk, |desk, _| ask::list(desk)))
        .route("/questions/{name}", named(Audience::Leaving, ask::page))
}

/// Parties and dossiers.
fn known() -> Routes {
    Router::new()
        .route("/parties", asked(Audience::Desk, parties::page))
        .route("/parties/doubts", plain(Audience::Desk, parties::doubts))
        .route("/party", asked(Audience::Desk, party::page))
        .route("/party/say", sent(party::say, party::again))
        .route("/party/split", sent(party::split_off, party::again))
        .route("/party/undo", sent(party::undo, party::again))
        .route("/screenings", asked(Audience::Desk, screenings::page).merge(sent(screenings::keep, screenings::again)))
        .route("/screenings/file/{form}", named(Audience::Leaving, screenings::file))
        .route("/screenings/{id}", told(screenings::decide, |desk, db, _, again| screenings::again(desk, db, again)))
        .route("/dossier", asked(Audience::Leaving, dossier::page))
}

/// Pictures and the rows behind them.
fn seen() -> Routes {
    Router::new()
        .route("/pictures", asked(Audience::Desk, pictures::page))
        .route("/pictures/{name}", named(Audience::Desk, pictures::one))
        .route("/pictures/{name}/svg", named(Audience::Leaving, pictures::svg))
        .route("/pictures/{name}/csv", named(Audience::Leaving, pictures::csv))
        .route("/findings", asked(Audience::Desk, findings::page))
        .route("/findings/csv", get(|desk: Shared, Query(given): Query<Given>| async move { findings::csv(desk, given) }))
}

/// JSON for programs; it leaves the desk.
fn programs() -> Routes {
    Router::new()
        .route("/api/openapi.json", plain(Audience::Leaving, |desk, _| api::description(desk)))
        .route("/api/questions", plain(Audience::Leaving, |desk, _| api::list(desk)))
        .route("/api/questions/{name}", named(Audience::Leaving, api::question))
        .route("/api/search", asked(Audience::Leaving, api::search))
        .route("/api/claims", plain(Audience::Leaving, api::claims))
        .route("/api/letters", plain(Audience::Leaving, letters::json))
        .route("/api/screenings", plain(Audience::Leaving, screenings::json))
        .route("/api/findings/{id}", named(Audience::Leaving, api::finding))
        .route("/api/notices/{id}", named(Audience::Leaving, api::notice))
        .route("/api/notices/{id}/text", named(Audience::Leaving, api::text))
        .route("/api/{*path}", get(|| async { api::missing() }))
        .layer(axum::middleware::map_response(api::as_json))
}

/// What every page needs.
fn around() -> Routes {
    Router::new()
        .route("/desk.css", fixed("text/css; charset=utf-8", page::style()))
        .route("/desk.js", fixed("text/javascript; charset=utf-8", page::SCRIPT.into()))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
}

fn fixed(kind: &'static str, text: String) -> MethodRouter<Arc<Desk>> {
    get(move || async move { ([(header::CONTENT_TYPE, kind)], text) })
}

/// A page that needs only the case.
fn plain(audience: Audience, page: fn(&Desk, &Connection) -> anyhow::Result<Response>) -> MethodRouter<Arc<Desk>> {
    get(move |desk: Shared| desk.0.run(audience, StatusCode::BAD_REQUEST, page))
}

/// A page of what was asked.
fn asked(audience: Audience, page: fn(&Desk, &Connection, &Given) -> anyhow::Result<Response>) -> MethodRouter<Arc<Desk>> {
    get(move |desk: Shared, Query(given): Query<Given>| {
        desk.0.run(audience, StatusCode::BAD_REQUEST, move |desk, db| page(desk, db, &given))
    })
}

/// A page of one numbered thing.
fn numbered(audience: Audience, page: fn(&Desk, &Connection, i64) -> anyhow::Result<Response>) -> MethodRouter<Arc<Desk>> {
    get(move |desk: Shared, Path(id): Path<i64>| desk.0.run(audience, StatusCode::NOT_FOUND, move |desk, db| page(desk, db, id)))
}

/// A page of one named thing.
fn named(audience: Audience, page: fn(&Desk, &Connection, &str, &Given) -> anyhow::Result<Response>) -> MethodRouter<Arc<Desk>> {
    get(move |desk: Shared, Path(id): Path<String>, Query(given): Query<Given>| {
        desk.0.run(audience, StatusCode::NOT_FOUND, move |desk, db| page(desk, db, &id, &given))
    })
}

/// What a person says of one thing; its page with the form as it was sent where it cannot be taken.
fn told(
    page: fn(&Desk, &Connection, &str, &Given) -> anyhow::Result<Response>,
    again: fn(&Desk, &Connection, &str, Again) -> anyhow::Result<Response>,
) -> MethodRouter<Arc<Desk>> {
    post(move |desk: Shared, Path(id): Path<String>, uri: Uri, Form(form): Form<Given>| {
        desk.0.run(Audience::Desk, StatusCode::UNPROCESSABLE_ENTITY, move |desk, db| {
            let done = page(desk, db, &id, &form);
            or_again(done, &uri, &form, |sent| again(desk, db, &id, sent))
        })
    })
}

/// What a person says for the first time.
fn sent(
    page: fn(&Desk, &Connection, &Given) -> anyhow::Result<Response>,
    again: fn(&Desk, &Connection, Again) -> anyhow::Result<Response>,
) -> MethodRouter<Arc<Desk>> {
    post(move |desk: Shared, uri: Uri, Form(form): Form<Given>| {
        desk.0.run(Audience::Desk, StatusCode::UNPROCESSABLE_ENTITY, move |desk, db| {
            let done = page(desk, db, &form);
            or_again(done, &uri, &form, |sent| again(desk, db, sent))
        })
    })
}

fn or_again(
    done: anyhow::Result<Response>,
    uri: &Uri,
    form: &Given,
    again: impl FnOnce(Again) -> anyhow::Result<Response>,
) -> anyhow::Result<Response> {
    let error = match done {
        Err(error) if again::is_refusal(&error) => error,
        done => return done,
    };
    let mut shown = again(Again::sent(uri.path(), form, &format!("{error:#}")))?;
    *shown.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(shown)
}
