//! What is known of one brand, seller, buyer or project? The dossier that `tendertrace dossier` writes,
//! opened from the desk; it is made to leave, so it is read without confidential captures.

use super::{Desk, Given, given, page};
use crate::store::summary::{self, Confidential};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use maud::html;
use rusqlite::Connection;
use tendertrace::report::Audience;
use tendertrace::report::html::dossier::{self, Subject};

/// The page brings its own style sheet and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub fn page(desk: &Desk, db: &Connection, asked: &Given) -> anyhow::Result<Response> {
    let subject = given(asked, "brand").map(|key| Subject::Brand(key.into()));
    let subject = subject.or_else(|| given(asked, "seller").map(|name| Subject::Seller(name.into())));
    let subject = subject.or_else(|| given(asked, "buyer").map(|name| Subject::Buyer(name.into())));
    let subject = subject.or_else(|| given(asked, "project").map(|number| Subject::Project(number.into())));
    let Some(subject) = subject else {
        return Ok(page::failure(desk, StatusCode::BAD_REQUEST, "A dossier is about a brand, a seller, a buyer or a project."));
    };
    let joined = summary::leaving_of(db, Confidential::Kept, &desk.rules)?;
    let paper = summary::page_of(&desk.folder, db, Audience::Others, &desk.rules)?;
    Ok(match dossier::dossier(&joined, &paper, &subject, &desk.rules) {
        Some(html) => {
            ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, POLICY)], html).into_response()
        }
        None => page::frame(
            desk,
            "No dossier",
            "",
            html! { h1 { "No dossier" } p { "Nothing that may leave the case is a finding about this. That is an answer only together with the funnel of the start page." } },
        ),
    })
}
