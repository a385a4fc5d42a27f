//! What does the report page look like? One self-contained page: the funnel, the strongest findings,
//! what was not understood, pictures with their tables, then every finding with its evidence.
//! It loads nothing, needs no script, and forbids both by its own policy.

pub mod chart;
mod claims;
pub mod dossier;
pub mod finding;
mod frame;
pub mod letter;
pub mod part;
mod pictured;
mod sections;
mod timeline;

use super::{Audience, Page, say};
use crate::assemble::{Case, CaseFinding};
use crate::model::{Access, Strength};
use crate::rulebook::Rulebook;
use maud::{Markup, html};

/// The style sheet, which the desk shares.
pub const STYLE: &str = include_str!("style.css");
/// Findings shown in full, and weak ones in rows.
const FULL: usize = 250;
const WEAK: usize = 300;
/// Findings of each kind without which a case's page would be another.
pub const SHOWN: usize = 300;
const STRONGEST: usize = 5;

/// The whole page.
pub fn html(case: &Case, page: &Page, rules: &Rulebook) -> String {
    let (shown, kept): (Vec<&CaseFinding>, Vec<&CaseFinding>) =
        case.findings.iter().partition(|f| page.audience == Audience::Owner || f.access != Access::Confidential);
    let title = if page.name.is_empty() { "Case".to_string() } else { page.name.clone() };
    let content = html! {
        a.skip href="#main" { "Skip to the findings" }
        (head(case, page, &title))
        main id="main" { (body(case, page, &shown, kept.len(), rules)) }
        (foot(page))
    };
    frame::standing_alone(&format!("{title} – tendertrace report"), content)
}

fn head(case: &Case, page: &Page, title: &str) -> Markup {
    html! {
        header {
            p.kicker { "tendertrace · whose technology is named in whose purchases" }
            h1 { (part::zh(title)) }
            p.lead { (say::funnel(&case.funnel, page.files)) "." }
            div.banner role="note" { p { strong { (unreviewed(case)) } " Nobody is accused by a machine: a finding says only what its quote shows, and stays a lead until a person has read the page and accepted it." } }
            nav aria-label="Contents" { ol { @for (id, name) in CONTENTS { li { a href={ "#" (id) } { (name) } } } } }
        }
    }
}

const CONTENTS: [(&str, &str); 10] = [
    ("funnel", "Out of how much"),
    ("strongest", "Strongest findings"),
    ("gaps", "Not understood"),
    ("brands", "Brands"),
    ("who", "Buyers, places, years"),
    ("sellers", "Sellers and neighbours"),
    ("lists", "Lists and dates"),
    ("projects", "Projects"),
    ("coverage", "Coverage"),
    ("findings", "All findings"),
];

fn unreviewed(case: &Case) -> String {
    let open = case.findings.iter().filter(|f| f.verdict.is_none()).count() + case.beyond.open;
    let all = case.findings.len() + case.beyond.full + case.beyond.weak;
    if case.findings.is_empty() {
        "No findings.".to_string()
    } else {
        format!("{} of {} unreviewed.", say::count(open), say::counted(all, "finding", "findings"))
    }
}

fn body(case: &Case, page: &Page, shown: &[&CaseFinding], kept: usize, rules: &Rulebook) -> Markup {
    html! {
        (section("funnel", "Out of how much", html! { (sections::funnel(case, page.files, rules)) (beside(case, kept, rules)) }))
        (section("strongest", "The strongest findings", strongest(shown, rules)))
        (section("gaps", "What was not understood", html! { p { "What could not be read is counted, not guessed. It bounds everything below." } (sections::gaps(case, rules)) }))
        (section("brands", "Whose technology, in which role", sections::brands(case, rules)))
        (section("who", "Which buyers, where, when", html! {
            div.pair {
                (sections::group("kind-chart", "Kinds of buyers", "buyer_kind", &case.buyer_kinds, rules))
                (sections::group("region-chart", "Provinces of buyers", "region", &case.regions, rules))
                (sections::years(case))
                (sections::group("purpose-chart", "Purposes", "purpose", &case.purposes, rules))
            }
            (sample(page))
        }))
        (section("sellers", "Through whom, beside whom", html! { (sections::sellers(case, rules)) @if !case.neighbours.is_empty() { (sections::neighbours(case, rules)) } }))
        (section("lists", "Lists and dates", html! { @if case.leads.is_empty() { p { "No party of these notices resembles an entry of the lists." } } @else { (sections::leads(case, rules)) } (sections::milestones(case, rules)) }))
        (section("projects", "Projects that changed on the way", sections::changes(case, rules)))
        (section("coverage", "What the pile covers", html! { (collection(page)) (sections::coverage(case)) }))
        (section("findings", "All findings, strongest first", all(case, shown, rules)))
    }
}

fn section(id: &str, title: &str, content: Markup) -> Markup {
    html! { section id=(id) aria-labelledby={ (id) "-h" } { h2 id={ (id) "-h" } { (title) } (content) } }
}

fn beside(case: &Case, kept: usize, rules: &Rulebook) -> Markup {
    let f = &case.funnel;
    let asked: Vec<String> = case.asked.iter().map(|k| say::label("buyer_kind", k, rules)).collect();
    html! {
        p { "Of all stages and buyers there are " (say::counted(f.findings, "finding", "findings")) " in "
            (say::counted(f.processes, "contracting process", "contracting processes")) ": "
            @for (at, (strength, n)) in f.by_strength.iter().rev().enumerate() { @if at > 0 { ", " } (say::count(*n)) " " (say::label("strength", &say::word(strength), rules)) }
            ". Reviewed: " (say::count(f.reviewed())) "." }
        @if f.without_attachments > 0 { p { (say::counted(f.without_attachments, "notice refers", "notices refer")) " to attachments that are not in the pile; items often stand there." } }
        @if kept > 0 { p { (say::counted(kept, "finding rests", "findings rest")) " on confidential captures and is left out of this page." } }
        @if !case.rejected.is_empty() { p { (say::counted(case.rejected.len() + case.beyond.rejected, "finding was", "findings were")) " rejected by a reader and is counted nowhere below." } }
        p.note { "“Police and the like” are: " (asked.join(", ")) "." }
    }
}

fn strongest(shown: &[&CaseFinding], rules: &Rulebook) -> Markup {
    let mut seen = std::collections::BTreeSet::new();
    let five: Vec<&&CaseFinding> = shown.iter().filter(|f| f.counted && seen.insert(f.process.as_str())).take(STRONGEST).collect();
    html! {
        @if five.is_empty() { p { "No brand of the rulebook is named in what could be read. That is an answer only together with the funnel above and the gaps below." } }
        @else { ol.five { @for f in five { li { div {
            h3 { (finding::claim(f, rules)) }
            p.note { (finding::dots(f.finding.strength, rules)) " " (finding::stamp(f, rules)) }
            @if let Some(passage) = f.passages.first() { (part::quote(passage, rules)) }
            (finding::translations(f, rules))
            p { (circumstances(f, rules)) }
            p { b { "Strongest objection: " } (say::objection(f, rules).unwrap_or_else(|| "none known to the rulebook".into())) ". " b { "Missing before print: " } (say::missing(f, rules).join("; ")) "." }
            p.note { a href={ "#f-" (f.finding.id) } { "All evidence of this finding" } }
        } } } } }
    }
}

fn circumstances(f: &CaseFinding, rules: &Rulebook) -> Markup {
    let kind = f.buyer_kind.as_ref().map(|k| say::label("buyer_kind", k, rules));
    html! {
        @if let Some(buyer) = say::buyer(f, rules) { "Buyer " (part::named(&buyer, rules)) @if let Some(kind) = kind { " (" (kind) ")" } } @else { "Buyer not read" }
        @if let Some(seller) = say::supplier(f, rules) { " · seller " (part::named(&seller, rules)) }
        @if let Some(date) = &f.date { " · " (date.value) }
        @if let Some(quantity) = say::quantity(&f.finding) { " · quantity " (quantity) }
        @if let Some(amount) = say::amount(&f.finding, rules) { " · " (amount) }
    }
}

fn all(case: &Case, shown: &[&CaseFinding], rules: &Rulebook) -> Markup {
    let (weak, full): (Vec<&CaseFinding>, Vec<&CaseFinding>) = shown.iter().partition(|f| f.finding.strength == Strength::Weak);
    let rejected: Vec<&CaseFinding> = case.rejected.iter().collect();
    let more = (full.len() + case.beyond.full).saturating_sub(FULL);
    let folded = |all: &[&CaseFinding], beyond: usize, one: &str, many: &str, note: &str| {
        let number = all.len() + beyond;
        html! { @if number > 0 { details { summary { (say::counted(number, one, many)) (note) } (finding::weak(all, number, WEAK, rules)) } } }
    };
    html! {
        @if full.is_empty() && weak.is_empty() { p { "None." } }
        @for f in full.iter().take(FULL) { (finding::article(f, rules)) }
        @if more > 0 { p.note { "… and " (say::count(more)) " more of medium strength; the CSV export has all of them." } }
        (folded(&weak, case.beyond.weak, "weak finding", "weak findings", ": pointers for a reader, not for print"))
        (folded(&rejected, case.beyond.rejected, "rejected finding", "rejected findings", ""))
    }
}

fn collection(page: &Page) -> Markup {
    html! {
        @if page.collection.is_empty() { (sample(page)) }
        @else { dl.facts { @for (name, value) in &page.collection { div { dt { (name) } dd { (part::zh(value)) } } } } }
    }
}

fn sample(page: &Page) -> Markup {
    html! { @if page.collection.is_empty() { p.note { strong { "This pile is not a sample. " } "By what sites, dates and search words it was collected is not recorded, so no trend and no absence holds beyond it." } } }
}

fn foot(page: &Page) -> Markup {
    html! {
        footer {
            p { "Made by tendertrace " (crate::VERSION) @if let Some(when) = &page.generated { " on " (when) } ". The page loads nothing from elsewhere. Addresses are text on purpose: opening one tells its server that you are looking." }
            p { "Names and telephone numbers of contact persons, experts and operators are withheld." }
            p { "Rules: extraction " span.hash { (page.hashes.extraction) } "; classification " span.hash { (page.hashes.classification) } "; lists " span.hash { (page.hashes.lists) } }
        }
    }
}
