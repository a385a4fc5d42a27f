//! What does the web desk answer? One program on loopback: pages for people (HTML that reads without
//! script), JSON under `/api/`, nothing loaded from elsewhere, nothing sent anywhere.
//!
//! `guard` decides who may ask, `routes` is the table of addresses, `page` the frame of every page; one
//! file a page.

mod again;
mod api;
mod ask;
mod claims;
mod document;
mod dossier;
mod facets;
mod facts;
mod filter;
mod find;
mod finding;
mod findings;
mod flow;
mod guard;
mod letters;
mod notice;
mod page;
mod parties;
mod party;
mod pictures;
mod project;
mod queue;
mod routes;
mod rule;
mod saved;
mod screenings;
mod start;
mod translate;

use crate::store::{Case, questions, schema, screened, search};
use anyhow::Context as _;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use rusqlite::Connection;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tendertrace::rulebook::Rulebook;

/// Who sits at the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// The owner, on this machine: confidential captures are shown, and marked.
    Owner,
    /// A team, with this token: confidential captures do not exist for it.
    Team(String),
}

/// One open case and the rules in use.
pub struct Desk {
    pub folder: PathBuf,
    /// The user's own rules, where they were named.
    pub own_rules: Option<PathBuf>,
    pub rules: Rulebook,
    pub access: Access,
    pub questions: Vec<questions::Question>,
    /// The rules with the lists and owners that the case keeps, as they were when a name was last screened.
    laid: Mutex<Option<Arc<screened::Laid>>>,
    /// Connections waiting for the next request, of the desk and of what leaves it.
    idle: Mutex<Vec<Connection>>,
    idle_open: Mutex<Vec<Connection>>,
}

/// What a request was given, in its order.
pub type Given = Vec<(String, String)>;
type Shared = State<Arc<Desk>>;

impl Desk {
    /// Opens a case; the search index is made where it is missing.
    pub fn open(folder: PathBuf, own_rules: Option<PathBuf>, rules: Rulebook, access: Access) -> anyhow::Result<Desk> {
        let case = Case::read(&folder)?;
        drop(case);
        search::update(&folder, &rules)?;
        Ok(Desk {
            folder,
            own_rules,
            rules,
            access,
            questions: questions::all(None)?,
            laid: Mutex::default(),
            idle: Mutex::default(),
            idle_open: Mutex::default(),
        })
    }

    fn connect(&self, hide: bool) -> anyhow::Result<Connection> {
        let db = schema::open_for_reading(&self.folder.join("case.db"))?;
        search::attach(&db, &self.folder)?;
        if hide {
            schema::hide_confidential(&db)?;
        }
        Ok(db)
    }

    /// Runs `work` on a thread that may wait for the disk; `Leaving` is read without confidential
    /// captures whoever asks. What a person can mend is answered with `refused`.
    async fn run<W>(self: Arc<Self>, audience: Audience, refused: StatusCode, work: W) -> Response
    where
        W: FnOnce(&Desk, &Connection) -> anyhow::Result<Response> + Send + 'static,
    {
        let desk = self.clone();
        let done = tokio::task::spawn_blocking(move || desk.with(audience, work)).await;
        let failed = |error: anyhow::Error| {
            let status = if again::is_refusal(&error) { refused } else { StatusCode::INTERNAL_SERVER_ERROR };
            page::failure(&self, status, &format!("{error:#}"))
        };
        done.context("a request ended early").and_then(|result| result).unwrap_or_else(failed)
    }

    fn with<W>(&self, audience: Audience, work: W) -> anyhow::Result<Response>
    where
        W: FnOnce(&Desk, &Connection) -> anyhow::Result<Response>,
    {
        let hide = audience == Audience::Leaving || self.access != Access::Owner;
        let pool = if hide { &self.idle_open } else { &self.idle };
        let waiting = pool.lock().expect("no request panics with it").pop();
        let db = waiting.map_or_else(|| self.connect(hide), Ok)?;
        let response = work(self, &db)?;
        // The first confidential capture after a connection was made would not be hidden by it.
        if !hide {
            pool.lock().expect("no request panics with it").push(db);
        }
        Ok(response)
    }
}

/// Who will read the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Whoever sits at the desk.
    Desk,
    /// Files and JSON that go on to others.
    Leaving,
}

/// Listens until the program is ended; `ready` is told the address once.
pub fn serve(desk: Desk, address: SocketAddr, ready: impl FnOnce(SocketAddr)) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_io().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .with_context(|| format!("listening on {address}; is another desk open? --port names another port"))?;
        let address = listener.local_addr()?;
        ready(address);
        Ok(axum::serve(listener, routes(Arc::new(desk), address)).await?)
    })
}

fn routes(desk: Arc<Desk>, address: SocketAddr) -> Router {
    let guard = Arc::new(guard::Guard::new(&desk.access, address));
    routes::all().layer(axum::middleware::from_fn_with_state(guard, guard::check)).with_state(desk)
}

/// The first value given under a name, if it says anything.
pub fn given<'a>(given: &'a Given, name: &str) -> Option<&'a str> {
    given.iter().find(|(key, value)| key == name && !value.trim().is_empty()).map(|(_, value)| value.trim())
}

/// A text as part of an address's query.
pub fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn to(place: &str) -> Response {
    Redirect::to(place).into_response()
}
