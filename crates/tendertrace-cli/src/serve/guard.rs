//! Who may ask the desk, and what may a browser do with its pages? Only this machine by its own name,
//! or whoever has the token; no page of another site can make it do or tell anything.

use super::Access;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use std::net::SocketAddr;
use std::sync::Arc;

/// What a request must show.
pub struct Guard {
    /// Names under which this machine may be called; `None`: the token decides.
    hosts: Option<Vec<String>>,
    token: Option<String>,
}

const COOKIE: &str = "tendertrace-desk";
/// Everything from here, scripts and styles as files only, frames without anything.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

impl Guard {
    pub fn new(access: &Access, address: SocketAddr) -> Guard {
        let port = address.port();
        match access {
            Access::Owner => {
                Guard { hosts: Some(["127.0.0.1", "localhost", "[::1]"].map(|host| format!("{host}:{port}")).into()), token: None }
            }
            Access::Team(token) => Guard { hosts: None, token: Some(token.clone()) },
        }
    }
}

/// Lets a request pass or not, and tells the browser what its answer may do.
pub async fn check(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    if let Some(refused) = refused(&guard, &request) {
        return sealed(refused);
    }
    sealed(next.run(request).await)
}

fn refused(guard: &Guard, request: &Request) -> Option<Response> {
    let named = |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let host = named(header::HOST).unwrap_or_default();
    if guard.hosts.as_ref().is_some_and(|hosts| !hosts.iter().any(|known| known == host)) {
        return Some((StatusCode::MISDIRECTED_REQUEST, "this desk answers on this machine only, by its own name").into_response());
    }
    if request.method() != Method::GET && request.method() != Method::HEAD && is_foreign(request, host) {
        return Some((StatusCode::FORBIDDEN, "only the desk's own pages may change anything").into_response());
    }
    let token = guard.token.as_deref()?;
    if shown(request).is_some_and(|shown| same(shown, token)) {
        return None;
    }
    let offered = request.uri().query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("token="));
    if offered.is_some_and(|offered| same(offered, token)) {
        let cookie = format!("{COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/");
        return Some(([(header::SET_COOKIE, cookie)], Redirect::to(request.uri().path())).into_response());
    }
    Some((StatusCode::UNAUTHORIZED, "this desk needs its token: open the address its owner gave you").into_response())
}

/// A request that a page of another site started.
fn is_foreign(request: &Request, host: &str) -> bool {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let origin = text("origin").is_some_and(|origin| origin.split_once("://").map(|(_, host)| host) != Some(host));
    origin || text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none")
}

fn shown(request: &Request) -> Option<&str> {
    let text = |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let bearer = text(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    let cookies = text(header::COOKIE).unwrap_or_default();
    bearer.or_else(|| cookies.split("; ").find_map(|cookie| cookie.strip_prefix(COOKIE)?.strip_prefix('=')))
}

/// Compares without saying by its time how much was right.
fn same(given: &str, token: &str) -> bool {
    given.len() == token.len() && given.bytes().zip(token.bytes()).fold(0, |unlike, (a, b)| unlike | (a ^ b)) == 0
}

fn sealed(mut response: Response<Body>) -> Response {
    let headers = response.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // `no-referrer` would take the origin from our own forms too.
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in [("cross-origin-resource-policy", "same-origin"), ("cross-origin-opener-policy", "same-origin")] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    response
}
