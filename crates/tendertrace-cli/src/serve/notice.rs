//! What does one notice say, and where does it say it? The original's text beside every field read
//! from it; its copies; the time line of its project; the raw page in a frame without scripts.

use super::document::{self, Mark, MarkKind};
use super::find::amount;
use super::{Desk, page, project};
use crate::store::{archive, flat, record, translations};
use anyhow::Context as _;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use rusqlite::{Connection, OptionalExtension as _};
use serde_json::Value;
use tendertrace::assemble::Translated;
use tendertrace::evidence::Span;
use tendertrace::model::{Budget, Capture, Part};
use tendertrace::report::html::part;
use tendertrace::report::{mask, say};
use tendertrace::rulebook::Rulebook;

/// A field as read or concluded, with the numbers of its marks.
struct Field {
    label: String,
    value: String,
    rule: String,
    marks: Places,
    /// A name in English, by machine.
    english: Markup,
}

/// Where something stands: (number of its marks, place to jump to).
type Places = Vec<(usize, usize)>;

pub fn page(desk: &Desk, db: &Connection, id: i64) -> anyhow::Result<Response> {
    let (contract, capture, part) = load(desk, db, id)?;
    let texts: Vec<&str> = part.documents.iter().map(|d| d.text.as_str()).collect();
    let mut marks = Marks { texts: &texts, all: Vec::new() };
    let fields = fields(&contract["notice"], &mut marks, &desk.rules);
    let findings = findings(&contract, &mut marks);
    let items_at = items_at(&contract, &mut marks);
    let gaps_at = gaps_at(&contract, &mut marks);
    let title = contract["capture"]["title"].as_str().map(str::to_string).or_else(|| part.documents.first().map(|d| d.title().to_string()));
    let title = title
        .filter(|title| !title.trim().is_empty())
        .or_else(|| contract["notice"]["project_name"]["value"].as_str().map(str::to_string))
        .unwrap_or_default();
    let said = translations::of_notice(db, &capture.sha256, (id % flat::PARTS) as u32)?;
    let said = said.into_iter().find(|made| made.stands && made.said.of == title.trim()).map(|made| made.said);
    let title = say::short(&say::one_line(&mask::text(&title, &desk.rules.report.masks)), 160);
    let access: String = db.query_row("SELECT access FROM notices WHERE id = ?1", [id], |row| row.get(0))?;
    let content = html! {
        h1.name { (part::zh(if title.is_empty() { "Untitled notice" } else { &title })) " " (page::access(&access)) }
        @if let Some(said) = said { (part::translation(&Translated { text: mask::text(&said.text, &desk.rules.report.masks), on: said.on })) }
        @else if let Some(words) = say::sentence_gloss(&title, &desk.rules) { p.note { "Single words by machine, no translation: " span.gloss { (words) } } }
        (source(&capture, &contract, id, &desk.rules))
        div.beside {
            div {
                section aria-labelledby="findings-h" { h2 id="findings-h" { "Findings" } (finding_list(&contract, &findings, &desk.rules)) }
                section aria-labelledby="fields-h" { h2 id="fields-h" { "What was read" } p.note { "Point at a line, or follow it, to see where it stands." } (field_list(&fields)) (items(&contract, &items_at, &desk.rules)) (gaps(&contract, &gaps_at, &desk.rules)) }
                section aria-labelledby="project-h" { h2 id="project-h" { "The project" } (project::section(db, id, &desk.rules)?) }
            }
            div.original {
                h2 { "The notice" }
                @for document in &part.documents {
                    @if document.number > 0 { h3 { "Attachment " (document.number) } }
                    (document::show(document, &marks.all, &desk.rules.report.masks))
                }
                (frame(id))
            }
        }
    };
    Ok(page::frame(desk, if title.is_empty() { "Notice" } else { &title }, "/search", content))
}

fn load(desk: &Desk, db: &Connection, id: i64) -> anyhow::Result<(Value, Capture, Part)> {
    let packed: Vec<u8> = db
        .query_row("SELECT contract FROM examinations WHERE notice = ?1", [id], |row| row.get(0))
        .optional()?
        .context("there is no such notice in the case")?;
    let capture = archive::original(&desk.folder, db, id / flat::PARTS)?;
    let number = (id % flat::PARTS) as u32;
    let parts = tendertrace::read::read(&capture, &desk.rules, &crate::fence::budget());
    let part = parts.into_iter().find(|part| part.number == number).unwrap_or_default();
    Ok((record::unpack(&packed)?, capture, part))
}

/// Marks as they are collected; the contract counts characters, the text bytes.
struct Marks<'a> {
    texts: &'a [&'a str],
    all: Vec<Mark>,
}

impl Marks<'_> {
    fn add(&mut self, quote: &Value, number: usize, kind: MarkKind) -> Option<(usize, usize)> {
        let doc = quote["doc"].as_u64()? as usize;
        let text = self.texts.get(doc)?;
        let byte = |at: u64| text.char_indices().nth(at as usize).map_or(text.len(), |(at, _)| at);
        let (start, end) = (byte(quote["start"].as_u64()?), byte(quote["end"].as_u64()?));
        if start >= end {
            return None;
        }
        self.all.push(Mark { number, at: Span::new(doc as u32, start, end), kind });
        Some((number, start))
    }

    fn next(&self) -> usize {
        self.all.last().map_or(1, |mark| mark.number + 1)
    }
}

/// Scalar fields of a notice in reading order: (path, label, kind of words).
const FIELDS: [(&str, &str, &str); 16] = [
    ("/stage", "Stage", "stage"),
    ("/project_name", "Project", ""),
    ("/project_number", "Project number", ""),
    ("/buyer", "Buyer", "party"),
    ("/buyer_kind", "Kind of buyer", "buyer_kind"),
    ("/end_user", "End user", "party"),
    ("/end_user_kind", "Kind of end user", "buyer_kind"),
    ("/region", "Region", "region"),
    ("/agency", "Agency", "party"),
    ("/budget", "Budget", "money"),
    ("/total", "Sum awarded", "money"),
    ("/dates/published", "Published", ""),
    ("/dates/awarded", "Awarded", ""),
    ("/dates/signed", "Signed", ""),
    ("/dates/deadline", "Deadline", ""),
    ("/purposes/0", "Purpose", "purpose"),
];

fn fields(notice: &Value, marks: &mut Marks, rules: &Rulebook) -> Vec<Field> {
    let mut out: Vec<Field> =
        FIELDS.iter().filter_map(|(path, label, kind)| field(label, notice.pointer(path)?, kind, marks, rules)).collect();
    for (list, label) in [("awards", "Winner"), ("bids", "Bidder")] {
        for offer in notice[list].as_array().into_iter().flatten() {
            let lot = offer["lot"].as_str().map(|lot| format!(", lot {lot}")).unwrap_or_default();
            let rank = offer["rank"].as_i64().map(|rank| format!(", rank {rank}")).unwrap_or_default();
            let name = format!("{label}{lot}{rank}");
            out.extend(offer["suppliers"].as_array().into_iter().flatten().filter_map(|s| field(&name, s, "party", marks, rules)));
            out.extend(field(&format!("Sum{lot}"), &offer["amount"], "money", marks, rules));
        }
    }
    for change in notice["changes"].as_array().into_iter().flatten() {
        let label = change["label"]["value"].as_str().unwrap_or_default();
        out.extend(field(&format!("Before the correction: {label}"), &change["old"], "", marks, rules));
        out.extend(field(&format!("After the correction: {label}"), &change["new"], "", marks, rules));
    }
    out
}

fn field(label: &str, value: &Value, kind: &str, marks: &mut Marks, rules: &Rulebook) -> Option<Field> {
    let shown = shown(&value["value"], kind, rules)?;
    let number = marks.next();
    let places = match value["derived_from"].as_array() {
        Some(quotes) => quotes.iter().filter_map(|quote| marks.add(quote, number, MarkKind::Field)).collect(),
        None => marks.add(value, number, MarkKind::Field).into_iter().collect(),
    };
    let english = if ["party", "region"].contains(&kind) {
        page::english(shown.split(" (").next().unwrap_or_default(), rules)
    } else {
        html! {}
    };
    let rule = value["rule"].as_str().unwrap_or_default().to_string();
    Some(Field { label: label.to_string(), value: shown, rule, marks: places, english })
}

fn shown(value: &Value, kind: &str, rules: &Rulebook) -> Option<String> {
    let masks = &rules.report.masks;
    match kind {
        "money" => amount(value),
        "region" => Some(format!("{} ({})", value["name"].as_str()?, value["code"].as_str()?)),
        "party" => value.as_str().map(|name| mask::party(name, masks)),
        "" => value.as_str().map(|text| mask::text(text, masks)),
        kind => value.as_str().map(|id| say::label(kind, id, rules)),
    }
}

/// Marks of each finding's quotes, in the contract's order.
fn findings(contract: &Value, marks: &mut Marks) -> Vec<Places> {
    let all = contract["findings"].as_array().into_iter().flatten();
    all.map(|finding| {
        let number = marks.next();
        finding["quotes"].as_array().into_iter().flatten().filter_map(|quote| marks.add(quote, number, MarkKind::Finding)).collect()
    })
    .collect()
}

/// Marks of each item's cells.
fn items_at(contract: &Value, marks: &mut Marks) -> Vec<Places> {
    let all = contract["notice"]["items"].as_array().into_iter().flatten().take(part::ROWS);
    all.map(|item| {
        let number = marks.next();
        ["name", "brand", "model", "unit_price", "line_total"]
            .iter()
            .filter_map(|key| marks.add(&item[key], number, MarkKind::Field))
            .collect()
    })
    .collect()
}

/// Marks of what was not understood.
fn gaps_at(contract: &Value, marks: &mut Marks) -> Vec<Places> {
    let all = contract["gaps"].as_array().into_iter().flatten();
    all.map(|gap| {
        let number = marks.next();
        marks.add(&gap["at"], number, MarkKind::Gap).into_iter().collect()
    })
    .collect()
}

fn numbers(marks: &[(usize, usize)]) -> Option<String> {
    marks.first().map(|(number, _)| number.to_string())
}

fn jump(marks: &[(usize, usize)]) -> Option<String> {
    marks.first().map(|(number, start)| format!("#m{number}-{start}"))
}

fn field_list(fields: &[Field]) -> Markup {
    html! {
        @if fields.is_empty() { p { "Nothing could be read from it." } }
        dl.fields { @for field in fields {
            div data-m=[numbers(&field.marks)] title=(field.rule) {
                dt { (field.label) }
                dd { @match jump(&field.marks) { Some(place) => { a href=(place) { (part::zh(&field.value)) } } None => { (part::zh(&field.value)) } } (field.english) }
            }
        } }
    }
}

fn finding_list(contract: &Value, marks: &[Places], rules: &Rulebook) -> Markup {
    let all = contract["findings"].as_array().map_or(&[][..], Vec::as_slice);
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_string();
    html! {
        @if all.is_empty() { p { "No brand of the rulebook is named in what could be read." } }
        ul.findings { @for (finding, marks) in all.iter().zip(marks) {
            li data-m=[numbers(marks)] data-item {
                a href={ "/finding/" (text(finding, "id")) } { b { (finding["product"].as_str().map_or_else(|| say::brand(&text(finding, "brand"), rules), str::to_string)) } " " (say::label("usage", &text(finding, "usage"), rules)) }
                " " (page::dots(&text(finding, "strength"), rules))
                @if let Some(place) = jump(marks) { " " a.soft href=(place) { "in the text" } }
            }
        } }
    }
}

fn items(contract: &Value, marks: &[Places], rules: &Rulebook) -> Markup {
    let items = contract["notice"]["items"].as_array().map_or(&[][..], Vec::as_slice);
    let value = |item: &Value, key: &str| item[key]["value"].as_str().map(|text| mask::text(text, &rules.report.masks));
    html! { @if !items.is_empty() {
        details open[items.len() <= ITEMS] { summary { (say::counted(items.len(), "line", "lines")) " of goods and services" }
            ul.items { @for (item, marks) in items.iter().zip(marks) { li data-m=[numbers(marks)] {
                @let name = value(item, "name").unwrap_or_default();
                b { @match jump(marks) { Some(place) => { a href=(place) { (part::zh(&name)) } } None => { (part::zh(&name)) } } }
                @for key in ["brand", "model"] { @if let Some(text) = value(item, key) { " · " (part::zh(&text)) } }
                @if let Some(n) = item["quantity"]["value"].as_f64().or(item["quantity"].as_f64()) { " · " (n) (part::zh(item["unit"].as_str().unwrap_or_default())) }
                @if let Some(price) = amount(&item["unit_price"]["value"]) { " · " (price) " each" }
                @if let Some(sum) = amount(&item["line_total"]["value"]) { " · " (sum) " in all" }
                @if item["demanded"].as_bool() == Some(true) { span.soft { " · asked for, not bought" } }
            } } }
            @if items.len() > part::ROWS { p.note { "The first " (part::ROWS) " are shown." } }
        }
    } }
}

/// Lines that are shown without being asked for.
const ITEMS: usize = 12;

fn gaps(contract: &Value, marks: &[Places], rules: &Rulebook) -> Markup {
    let gaps = contract["gaps"].as_array().map_or(&[][..], Vec::as_slice);
    let text =
        |gap: &Value| say::short(&say::one_line(&mask::text(gap["at"]["text"].as_str().unwrap_or_default(), &rules.report.masks)), 120);
    html! { @if !gaps.is_empty() { details { summary { (say::counted(gaps.len(), "thing", "things")) " not understood" } ul.items { @for (gap, marks) in gaps.iter().zip(marks) { li data-m=[numbers(marks)] {
        (say::label("gap", gap["kind"].as_str().unwrap_or_default(), rules)) ": "
        @match jump(marks) { Some(place) => { a href=(place) { (part::zh(&text(gap))) } } None => { (part::zh(&text(gap))) } }
    } } } } } }
}

fn source(capture: &Capture, contract: &Value, id: i64, rules: &Rulebook) -> Markup {
    let url = contract["capture"]["url"].as_str().and_then(|url| mask::address(url, &rules.report.masks));
    html! {
        p.src {
            @match &url { Some(url) => { "Page: " code { (url) } " " a href={ "/notice/" (id) "/leave" } { "open it" } } None => { "Page: address not known" } }
            " · capture sha256 " span.hash { (capture.sha256) }
            @if let Some(day) = contract["capture"]["published"].as_str() { " · published " (day) }
            @if let Some(day) = &capture.fetched { " · fetched " (day) }
        }
    }
}

fn frame(id: i64) -> Markup {
    html! {
        details.raw {
            summary { "The page as it was received" }
            p.note { "In a frame that runs no script and loads nothing. It is unchanged: it may show names and numbers of contact persons." }
            iframe title="The page as it was received" sandbox="" loading="lazy" src={ "/notice/" (id) "/raw" } {}
        }
    }
}

/// The bytes as received, for the frame: nothing in it runs or loads.
pub fn raw(desk: &Desk, db: &Connection, id: i64) -> anyhow::Result<Response> {
    // Asked of the notices first: what is hidden from this reader is not there.
    let original: i64 = db
        .query_row("SELECT original FROM notices WHERE id = ?1", [id], |row| row.get(0))
        .optional()?
        .context("there is no such notice in the case")?;
    let capture = archive::original(&desk.folder, db, original)?;
    let part = tendertrace::read::read(&capture, &desk.rules, &Budget { parts: 1, ..crate::fence::budget() })
        .into_iter()
        .next()
        .unwrap_or_default();
    let charset = capture.charset.as_deref().map(|charset| format!("; charset={charset}")).unwrap_or_default();
    let media = match part.media_type.as_str() {
        "text/html" => format!("text/html{charset}"),
        media if media.starts_with("text/") || media.contains("json") || media.contains("xml") => "text/plain; charset=utf-8".to_string(),
        _ => "application/octet-stream".to_string(),
    };
    let policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";
    Ok(([(header::CONTENT_TYPE, media.as_str()), (header::CONTENT_SECURITY_POLICY, policy)], capture.bytes).into_response())
}

/// What it means to open the page's address.
pub fn leave(desk: &Desk, db: &Connection, id: i64) -> anyhow::Result<Response> {
    let url: Option<String> = db
        .query_row("SELECT url FROM notices WHERE id = ?1", [id], |row| row.get(0))
        .optional()?
        .context("there is no such notice in the case")?;
    let url = url.and_then(|url| mask::address(&url, &desk.rules.report.masks));
    let content = html! {
        h1 { "Leave this machine?" }
        p { "The server of this address will learn that somebody looks at this notice, from where and when. Look at the copy in the case first; if you need the page itself, think of a way that does not show who you are." }
        @match url { Some(url) => { p { code { (url) } } p { a.button href=(url) rel="noreferrer noopener external" { "Open it all the same" } } } None => { p { "The notice has no address." } } }
        p { a href={ "/notice/" (id) } { "Back to the notice" } }
    };
    Ok(page::frame(desk, "Leave this machine?", "", content))
}
