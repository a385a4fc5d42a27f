//! What is known of one brand, seller, buyer or project? The dossier that `tendertrace dossier` writes,
//! opened from the desk; it is made to leave, so it is read without confidential captures.

use super::{Desk, Given, given, page};
use crate::store::{meant, organisations, summary};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use maud::html;
use rusqlite::Connection;
use tendertrace::report::Audience;
use tendertrace::report::html::dossier::{self, Names, Subject};

/// The page brings its own style sheet and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Whom an address is about.
pub fn subject(desk: &Desk, db: &Connection, asked: &Given) -> anyhow::Result<Option<Subject>> {
    let names = |part: &str| Ok::<_, anyhow::Error>(Names { part: part.into(), alike: organisations::alike(db, part)? });
    Ok(match ["brand", "seller", "buyer", "project"].map(|name| given(asked, name)) {
        [Some(key), ..] => Some(Subject::Brand(meant::brand(key, &desk.rules))),
        [_, Some(name), ..] => Some(Subject::Seller(names(name)?)),
        [_, _, Some(name), _] => Some(Subject::Buyer(names(name)?)),
        [.., number] => number.map(|number| Subject::Project(number.into())),
    })
}

/// A page that is made to leave, as it is written to a file.
pub fn paper(html: String) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, POLICY)], html).into_response()
}

pub fn page(desk: &Desk, db: &Connection, asked: &Given) -> anyhow::Result<Response> {
    let subject = subject(desk, db, asked)?;
    let Some(subject) = subject else {
        return Ok(page::failure(desk, StatusCode::BAD_REQUEST, "A dossier is about a brand, a seller, a buyer or a project."));
    };
    let joined = summary::of_subject(db, &subject, &desk.rules)?;
    let about = summary::page_of(&desk.folder, db, Audience::Others, &desk.rules)?;
    Ok(match dossier::dossier(&joined, &about, &subject, &desk.rules) {
        Some(html) => paper(html),
        None => page::frame(
            desk,
            "No dossier",
            "",
            html! { h1 { "No dossier" } p { "Nothing that may leave the case is a finding about this. That is an answer only together with the funnel of the start page." } },
        ),
    })
}
