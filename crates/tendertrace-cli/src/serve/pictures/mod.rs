//! What does the case look like from afar? Pictures whose every mark opens exactly its rows, each with
//! the table of the same numbers; on a page together, alone, and as files that may leave.

mod grids;
mod map;
mod network;
mod time;
mod years;

use super::facts::Facts;
use super::filter::{Filter, words};
use super::findings::file;
use super::{Audience, Desk, Given, ask, facets, given, page};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use rusqlite::Connection;
use tendertrace::report::picture::map::english;
use tendertrace::report::picture::{Mark, Picture, Twin};
use tendertrace::rulebook::regions::Level;

/// What a picture is drawn from.
pub struct View<'a> {
    desk: &'a Desk,
    facts: &'a Facts<'a>,
    filter: Filter,
    audience: Audience,
    /// Boxes of the network.
    most: usize,
    /// Rows of the table that are shown.
    rows: usize,
}

impl View<'_> {
    /// A mark that opens the rows of a filter; a file leads nowhere.
    fn mark(&self, said: String, rows: &Filter) -> Mark {
        Mark { said, to: self.to(rows) }
    }

    fn to(&self, rows: &Filter) -> Option<String> {
        (self.audience == Audience::Desk).then(|| rows.link("/findings"))
    }
}

/// A picture and its table.
pub struct Drawn {
    picture: Picture,
    twin: Twin,
    /// What stands below it.
    more: Markup,
}

/// Draws a picture; `None` where there is nothing to draw.
type Draw = fn(&View) -> anyhow::Result<Option<Drawn>>;

/// A kind of picture.
struct Kind {
    name: &'static str,
    title: &'static str,
    note: &'static str,
    /// The usage shown where none is asked for; empty: all.
    usage: &'static str,
    draw: Draw,
}

const KINDS: [Kind; 6] = [
    Kind {
        name: "years",
        title: "Findings by year and usage, out of how many",
        note: "Contracting processes of each usage, by year of the event. Below them out of how many: different awards, contracts and acceptances, and those of them whose lines name a brand or model.",
        usage: "",
        draw: years::draw,
    },
    Kind {
        name: "kinds",
        title: "Brands by kind of buyer",
        note: "Contracting processes by brand and kind of buyer.",
        usage: "awarded",
        draw: grids::by_kind,
    },
    Kind {
        name: "purposes",
        title: "Brands by purpose of the notice",
        note: "Contracting processes by brand and purpose. A purpose is told from words of the notice; named in one notice is not the same as used for it.",
        usage: "awarded",
        draw: grids::by_purpose,
    },
    Kind {
        name: "map",
        title: "Where the buyers sit",
        note: "Contracting processes by province of the buyer. Nothing is placed more exactly: notices say in which division a buyer sits, not where.",
        usage: "awarded",
        draw: map::draw,
    },
    Kind {
        name: "network",
        title: "Brands, sellers of record, buyers",
        note: "A band is as broad as it has contracting processes. A seller of record is not thereby a partner of the maker.",
        usage: "awarded",
        draw: network::draw,
    },
    Kind {
        name: "time",
        title: "Findings and the dates they fall under",
        note: "Contracting processes by month, under the rules, listings and statements whose scope holds one of them.",
        usage: "awarded",
        draw: time::draw,
    },
];

/// Rows of a table on a page with all pictures, and on its own.
const ROWS: usize = 60;
const ROWS_ALONE: usize = 500;

/// All pictures.
pub fn page(desk: &Desk, db: &Connection, asked: &Given) -> anyhow::Result<Response> {
    let db = &*db.unchecked_transaction()?;
    let (facts, mut sections) = (Facts::of(db)?, Vec::new());
    for kind in &KINDS {
        let content = content(kind, &view(desk, &facts, asked, kind, ROWS))?;
        sections.push(html! { section.pictured id=(kind.name) aria-labelledby={ (kind.name) "-h" } { h2 id={ (kind.name) "-h" } { (kind.title) } (content) } });
    }
    let content = html! {
        h1 { "Pictures" }
        p.note { "Copies, rejected findings and products without a shown purchase are left out. A pile is not a sample: a trend of the pile may be a trend of what was collected. Each mark opens its rows." }
        (form(desk, db, "/pictures", &Filter::of(asked)))
        nav aria-label="Pictures" { ul.chips { @for kind in &KINDS { li { a href={ "#" (kind.name) } { (kind.title) } } } } }
        @for section in sections { (section) }
    };
    Ok(page::frame(desk, "Pictures", "/pictures", content))
}

/// One picture with its whole table.
pub fn one(desk: &Desk, db: &Connection, name: &str, asked: &Given) -> anyhow::Result<Response> {
    let Some(kind) = KINDS.iter().find(|kind| kind.name == name) else {
        return Ok(page::failure(desk, StatusCode::NOT_FOUND, "There is no such picture."));
    };
    let facts = Facts::of(db)?;
    let view = view(desk, &facts, asked, kind, ROWS_ALONE);
    let content = html! {
        p.kicker { a href=(Filter::of(asked).link("/pictures")) { "Pictures" } }
        h1.name { (kind.title) }
        (form(desk, db, &format!("/pictures/{name}"), &Filter::of(asked)))
        @if name == "network" { (sizes(&view)) }
        (content(kind, &view)?)
    };
    Ok(page::frame(desk, kind.title, "/pictures", content))
}

/// A picture as a part of another page.
pub fn part_of(desk: &Desk, db: &Connection, name: &str) -> anyhow::Result<Markup> {
    let Some(kind) = KINDS.iter().find(|kind| kind.name == name) else { return Ok(html! {}) };
    let drawn = (kind.draw)(&view(desk, &Facts::of(db)?, &Given::new(), kind, 0))?;
    Ok(
        html! { @if let Some(drawn) = drawn { div.seen { figure.drawn { figcaption { (kind.title) } (scrolled(&drawn.picture)) } (as_table(&drawn.twin, ROWS)) } p.note { (kind.note) " " a href={ "/pictures/" (name) } { "Alone, and as a file" } } } },
    )
}

fn view<'a>(desk: &'a Desk, facts: &'a Facts, asked: &Given, kind: &Kind, rows: usize) -> View<'a> {
    let filter = Filter::of(asked);
    let filter = if kind.usage.is_empty() { filter } else { filter.or("usage", kind.usage) };
    let most = given(asked, "boxes").and_then(|n| n.parse().ok()).unwrap_or(network::BOXES[0]).clamp(6, 400);
    View { desk, facts, filter, audience: Audience::Desk, most, rows }
}

fn content(kind: &Kind, view: &View) -> anyhow::Result<Markup> {
    let drawn = (kind.draw)(view)?;
    let file = |form: &str| {
        let place = view.filter.link(&format!("/pictures/{}/{form}", kind.name));
        if kind.name == "network" { format!("{place}{}boxes={}", if place.contains('?') { '&' } else { '?' }, view.most) } else { place }
    };
    Ok(html! {
        p.note { (kind.note) @if let Some(usage) = view.filter.get("usage") { " Usage: " (words("usage", usage, &view.desk.rules).1) "." } }
        @match drawn {
            None => { p { "Nothing in the case is counted here." } }
            Some(drawn) => {
                div.seen {
                    div {
                        figure.drawn { (scrolled(&drawn.picture)) }
                        (drawn.more)
                        p.note { @if view.rows == ROWS { a href=(view.filter.link(&format!("/pictures/{}", kind.name))) { "Alone" } " · " } "Save as " a href=(file("svg")) download { "SVG" } " or " a href=(file("csv")) download { "CSV" } " (without confidential captures)" }
                    }
                    (as_table(&drawn.twin, view.rows))
                }
            }
        }
    })
}

/// The same numbers; a narrow window shows them before the picture, which has no room there.
fn as_table(twin: &Twin, most: usize) -> Markup {
    html! { details.numbers open[most == ROWS_ALONE] { summary { "The numbers as a table" } (twin.on_page(most)) } }
}

fn scrolled(picture: &Picture) -> Markup {
    html! { div.scroll tabindex="0" role="region" aria-label=(picture.title) { (picture.on_page()) } }
}

/// How many boxes the network may have.
fn sizes(view: &View) -> Markup {
    html! { p.sorts { "Boxes at most: " @for most in network::BOXES {
        @if most == view.most { b { (most) } " " } @else { @let place = view.filter.link("/pictures/network"); a href={ (place) (if place.contains('?') { "&" } else { "?" }) "boxes=" (most) } { (most) } " " }
    } } }
}

/// A picture by itself, as a file.
pub fn svg(desk: &Desk, db: &Connection, name: &str, asked: &Given) -> anyhow::Result<Response> {
    let drawn = drawn(desk, db, name, asked)?;
    Ok(drawn.map_or_else(nothing, |drawn| {
        let mut response = file(&format!("tendertrace-{name}.svg"), "image/svg+xml", drawn.picture.as_file());
        let own_style = header::HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, own_style);
        response
    }))
}

/// The table of a picture, as a file.
pub fn csv(desk: &Desk, db: &Connection, name: &str, asked: &Given) -> anyhow::Result<Response> {
    let drawn = drawn(desk, db, name, asked)?;
    Ok(drawn.map_or_else(nothing, |drawn| file(&format!("tendertrace-{name}.csv"), "text/csv; charset=utf-8", drawn.twin.as_csv())))
}

fn drawn(desk: &Desk, db: &Connection, name: &str, asked: &Given) -> anyhow::Result<Option<Drawn>> {
    let Some(kind) = KINDS.iter().find(|kind| kind.name == name) else { return Ok(None) };
    let facts = Facts::of(db)?;
    (kind.draw)(&View { audience: Audience::Leaving, ..view(desk, &facts, asked, kind, usize::MAX) })
}

fn nothing() -> Response {
    (StatusCode::NOT_FOUND, "there is no such picture, or nothing to draw").into_response()
}

/// What may be asked of a picture or of findings.
pub fn form(desk: &Desk, db: &Connection, place: &str, filter: &Filter) -> Markup {
    let select = |name: &str, label: &str, all: Vec<(String, String)>| {
        let now = filter.get(name).unwrap_or_default();
        html! { label { (label) select name=(name) { option value="" { "any" } @for (id, words) in &all { option value=(id) selected[id == now] { (words) } } } } }
    };
    let whole = filter.whole();
    let others = whole.terms().iter().filter(|(name, _)| !["brand", "kind", "region", "usage", "from", "to"].contains(name));
    html! {
        details.narrowing open[!filter.terms().is_empty()] { summary { "Only some of it: brand, buyer, province, usage, time" } form.asked method="get" action=(place) {
            @for (name, value) in others { input type="hidden" name=(name) value=(value); }
            (select("brand", "Brand", ask::choices(desk, db, "brand").unwrap_or_default()))
            (select("kind", "Kind of buyer", ask::choices(desk, db, "buyer_kind").unwrap_or_default()))
            (select("region", "Province", provinces(desk)))
            (select("usage", "Usage", usages(desk)))
            label { "From" input name="from" value=(filter.get("from").unwrap_or_default()) placeholder="YYYY-MM-DD"; }
            label { "To" input name="to" value=(filter.get("to").unwrap_or_default()) placeholder="YYYY-MM-DD"; }
            button { "Show" }
        } }
    }
}

/// Usages in the rulebook's order, with their words.
fn usages(desk: &Desk) -> Vec<(String, String)> {
    desk.rules.report.words.ids("usage").into_iter().map(|id| (id.clone(), facets::words("usage", &id, &desk.rules))).collect()
}

/// Provinces by the first two digits of their code.
pub fn provinces(desk: &Desk) -> Vec<(String, String)> {
    let all = desk.rules.regions.places.iter().filter(|place| place.level == Level::Province);
    all.map(|place| (place.code[..2].to_string(), format!("{} {}", english(place, &desk.rules), place.name))).collect()
}
