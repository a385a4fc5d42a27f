//! What is around every page? Head, navigation, foot, and small pieces that several pages share.

use super::{Access, Desk, encode};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, html};
use tendertrace::report::{html as report, mask, say};
use tendertrace::rulebook::Rulebook;

/// Keys, and highlights when something is pointed at; the pages read without it.
pub const SCRIPT: &str = include_str!("desk.js");
const OWN_STYLE: &str = include_str!("desk.css");

/// The report's style sheet and the desk's own after it.
pub fn style() -> String {
    format!("{}\n{OWN_STYLE}", report::STYLE)
}

const NAVIGATION: [(&str, &str); 9] = [
    ("/", "Start"),
    ("/search", "Search"),
    ("/queue", "Review"),
    ("/claims", "Claims"),
    ("/letters", "Letters"),
    ("/questions", "Questions"),
    ("/parties", "Parties"),
    ("/screenings", "Screenings"),
    ("/pictures", "Pictures"),
];

/// A whole page; `here` is its place in the navigation.
pub fn frame(desk: &Desk, title: &str, here: &str, content: Markup) -> Response {
    let name = desk.folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) " – " (name) " – tendertrace desk" }
                link rel="stylesheet" href="/desk.css";
                script src="/desk.js" defer {}
            }
            body.desk {
                a.skip href="#main" { "Skip to the content" }
                header.top {
                    a.home href="/" { "tendertrace" } span.soft { (name) @if desk.access != Access::Owner { " · team" } }
                    nav aria-label="Desk" { ul { @for (place, name) in NAVIGATION { li { a href=(place) aria-current=[(here == place).then_some("page")] { (name) } } } } }
                    (search_box("", "Search all text"))
                }
                main id="main" tabindex="-1" { (content) }
                footer { p { "Everything here is a lead until a person has read the page and accepted it. Nothing on this page comes from or goes to another machine. Keys: " kbd { "/" } " search, " kbd { "j" } " " kbd { "k" } " next and previous, " kbd { "g" } " " kbd { "q" } " review." } }
            }
        }
    };
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], markup.into_string()).into_response()
}

/// The search field.
pub fn search_box(typed: &str, label: &str) -> Markup {
    html! {
        form.search role="search" action="/search" method="get" {
            label { span.away { (label) } input type="search" name="q" value=(typed) placeholder=(label) autocomplete="off" lang="zh" spellcheck="false"; }
            button { "Search" }
        }
    }
}

/// A page that says what went wrong.
pub fn failure(desk: &Desk, status: StatusCode, message: &str) -> Response {
    let what = match status {
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => "That cannot be answered",
        _ => "That did not work",
    };
    let content = html! { h1 { (what) } p { (report::part::mixed(message)) } p { a href="/" { "Back to the start" } } };
    (status, frame(desk, what, "", content)).into_response()
}

/// A party's name as a link to all that is known of it, with its English; persons are withheld and not linked.
pub fn party(name: &str, rules: &Rulebook) -> Markup {
    let shown = mask::party(name, &rules.report.masks);
    if shown != name || name == rules.report.masks.person.shown {
        return html! { (shown) };
    }
    html! { a href={ "/party?name=" (encode(name)) } { (report::part::zh(name)) } (english(name, rules)) }
}

/// A name in English, by machine, for readers without Chinese.
pub fn english(name: &str, rules: &Rulebook) -> Markup {
    html! { @if let Some(said) = say::gloss(name, rules) { " " span.gloss title="by machine: a glossary’s words, and the sound of the rest" { (said) } } }
}

/// A finding's sentence, its buyer masked where that is a person.
pub fn claim(sentence: &str, buyer: &str, rules: &Rulebook) -> String {
    let masks = &rules.report.masks;
    let sentence = if buyer.is_empty() { sentence.to_string() } else { sentence.replace(buyer, &mask::party(buyer, masks)) };
    mask::text(&sentence, masks)
}

/// A verdict or state of review as a stamp.
pub fn stamp(decision: &str) -> Markup {
    let (text, class) = match decision {
        "accept" => ("accepted", "done"),
        "reject" => ("rejected", ""),
        "unsure" => ("unsure", ""),
        "correct" => ("needs correction", ""),
        "look again" => ("look again", ""),
        "signed" => ("signed", "done"),
        "published" => ("published", "done"),
        "withdrawn" => ("withdrawn", ""),
        "taken back" => ("taken back", ""),
        _ => ("unreviewed lead", ""),
    };
    html! { span.stamp.(class) { (text) } }
}

/// Three dots and the word.
pub fn dots(strength: &str, rules: &Rulebook) -> Markup {
    let dots = match strength {
        "strong" => "●●●",
        "medium" => "●●○",
        _ => "●○○",
    };
    html! { span.dots title=(rules.report.words.text("strength", strength)) { span aria-hidden="true" { (dots) } " " (say::label("strength", strength, rules)) } }
}

/// Marks a confidential capture.
pub fn access(level: &str) -> Markup {
    html! { @if level != "public" { span.stamp { (level) } } }
}

/// A list of ids as the case stores it.
pub fn ids(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}
