//! What does one finding look like? The claim, the quote, the circumstances, what speaks against it,
//! what is missing, and where it can be checked.

use super::super::{mask, say};
use super::part::{self, Align, Column};
use crate::assemble::{CaseFinding, Verdict, word};
use crate::model::*;
use crate::rulebook::Rulebook;
use maud::{Markup, html};

/// `Intel Xeon: named in the award.`
pub fn claim(f: &CaseFinding, rules: &Rulebook) -> Markup {
    let (subject, sentence) = say::claim(&f.finding, rules);
    html! { span.claim { @if let Some(subject) = subject { b { (part::zh(&subject)) } ": " } (part::mixed(&sentence)) "." } }
}

/// Stamp of review.
pub fn stamp(f: &CaseFinding, rules: &Rulebook) -> Markup {
    let done = matches!(f.verdict, Some(Verdict::Accepted)).then_some("done");
    html! { span.stamp.(done.unwrap_or("")) { (say::verdict(f, rules)) } }
}

pub fn dots(strength: Strength, rules: &Rulebook) -> Markup {
    let (dots, id) = match strength {
        Strength::Strong => ("●●●", "strong"),
        Strength::Medium => ("●●○", "medium"),
        Strength::Weak => ("●○○", "weak"),
    };
    html! { span.dots title=(rules.report.words.text("strength", id)) { span aria-hidden="true" { (dots) } " " (say::label("strength", id, rules)) } }
}

/// The finding in full.
pub fn article(f: &CaseFinding, rules: &Rulebook) -> Markup {
    html! {
        article.finding id={ "f-" (f.finding.id) } {
            header { h3 { (claim(f, rules)) } (dots(f.finding.strength, rules)) (stamp(f, rules)) }
            @for passage in &f.passages { (part::quote(passage, rules)) }
            @for said in quotes(f).filter_map(|text| say::english(f, text, rules)) { (part::english(&said)) }
            (facts(f, rules))
            (flags(f, rules))
            div.two {
                div { h4 { "What speaks against it" } (objections(f, rules)) }
                div { h4 { "Missing before it could be printed" } ul { @for m in say::missing(f, rules) { li { (m) } } } }
            }
            (source(f, rules))
        }
    }
}

/// What people made of the quotes.
pub fn translations(f: &CaseFinding, rules: &Rulebook) -> Markup {
    html! { @for said in quotes(f).filter_map(|text| say::translation(f, text, rules)) { (part::translation(&said)) } }
}

/// The quoted texts, once each.
fn quotes(f: &CaseFinding) -> impl Iterator<Item = &str> {
    let quotes = &f.finding.quotes;
    quotes
        .iter()
        .enumerate()
        .filter(|(at, quote)| quotes[..*at].iter().all(|other| other.text != quote.text))
        .map(|(_, quote)| quote.text.as_str())
}

/// What the notice says that makes the finding worth a second look, in its own words.
fn flags(f: &CaseFinding, rules: &Rulebook) -> Markup {
    let text = |id: &str| rules.report.words.text("flag", id);
    let said = |quote: &str| part::zh(&say::one_line(&mask::text(quote, &rules.report.masks)));
    html! {
        @for flag in &f.finding.flags {
            p.note { (say::label("flag", &flag.id, rules)) ": " (text(&flag.id)) @for quote in &flag.quotes { " “" (said(&quote.text)) "”" } }
        }
    }
}

pub fn objections(f: &CaseFinding, rules: &Rulebook) -> Markup {
    html! {
        @let raised: Vec<&str> = say::objections(f).collect();
        @if raised.is_empty() { p.note { "No objection known to the rulebook applies; that is not proof." } }
        @else { ul { @for id in raised { li { (say::label("objection", id, rules)) @let text = rules.report.words.text("objection", id); @if !text.is_empty() { span.soft { ": " (text) } } } } } }
    }
}

fn facts(f: &CaseFinding, rules: &Rulebook) -> Markup {
    let kind = |k: &Option<String>| k.as_ref().map(|k| say::label("buyer_kind", k, rules)).map(|k| format!(" ({k})")).unwrap_or_default();
    let body = |name: &str, k: &Option<String>| html! { (part::named(name, rules)) (kind(k)) };
    let said = |text: String| part::zh(&text);
    let purposes: Vec<String> = f.finding.purposes.iter().map(|p| say::label("purpose", p, rules)).collect();
    let rows: Vec<(&str, Option<Markup>)> = vec![
        ("Buyer", say::buyer(f, rules).map(|b| body(&b, &f.buyer_kind))),
        ("End user", f.end_user.as_ref().map(|e| body(&mask::party(e, &rules.report.masks), &f.end_user_kind))),
        ("Seller of record", say::supplier(f, rules).map(|s| part::named(&s, rules))),
        ("Date", f.date.as_ref().map(|d| said(format!("{} ({})", d.value, say::label("date_basis", &word(&d.basis), rules))))),
        ("Stage", Some(said(say::label("stage", &word(&f.finding.stage), rules)))),
        ("Region", f.region.as_ref().map(|r| html! { (part::named(&r.name, rules)) " (" (r.code) ")" })),
        ("Lot", f.finding.lot.clone().map(said)),
        ("Quantity", say::quantity(&f.finding).map(said)),
        ("Amount", say::amount(&f.finding, rules).map(said)),
        ("Purposes", (!purposes.is_empty()).then(|| said(purposes.join(", ")))),
        ("Owner of the brand then", Some(said(format!("{} ({})", say::brand(&f.finding.company, rules), f.finding.country)))),
        ("How it is named", (f.finding.via != Via::Named).then(|| said(via(f, rules)))),
        ("Customisation", Some(said(say::label("customisation", &f.finding.customisation, rules)))),
        ("Why this strength", Some(said(rules.report.words.text("strength", &word(&f.finding.strength)).to_string()))),
    ];
    html! { dl.facts { @for (name, value) in rows { @if let Some(value) = value { div { dt { (name) } dd { (value) } } } } } (lists(f, rules)) }
}

fn via(f: &CaseFinding, rules: &Rulebook) -> String {
    let host = f.finding.host_product.as_ref().map(|h| format!(" in {h}")).unwrap_or_default();
    say::label("via", &word(&f.finding.via), rules) + &host
}

/// What lists say of the parties, by the event's date.
fn lists(f: &CaseFinding, rules: &Rulebook) -> Markup {
    html! {
        @for lead in &f.leads {
            div { dt { "List lead: " (say::label("role", &word(&lead.role), rules)) }
                dd { (part::zh(&mask::party(&lead.party, &rules.report.masks))) " — " (lead.list) ", " (part::zh(&lead.entry)) ": " (say::label("judgement", &word(&lead.judgement), rules)) "; "
                    @if let Some(held) = lead.via.as_ref().and_then(|via| via.owner.first()) { "only through an owner, " (part::zh(&mask::party(&held.owner, &rules.report.masks))) "; " }
                    @if let Some(from) = &lead.listed_from { "listed from " (from) "; " }
                    (say::label("in_force", &word(&lead.in_force), rules)) } }
        }
    }
}

fn source(f: &CaseFinding, rules: &Rulebook) -> Markup {
    let address = |url: &Option<String>| url.as_ref().and_then(|u| mask::address(u, &rules.report.masks));
    html! {
        div.src {
            (part::zh(&mask::text(&f.title, &rules.report.masks)))
            @if let Some(said) = say::translation(f, &f.title, rules) { (part::translation(&said)) } @else { br; }
            @match address(&f.url) { Some(url) => { "Page: " code { (url) } } None => { "Page: address not known" } }
            @if let Some(url) = address(&f.archive_url) { br; "Archive copy: " code { (url) } }
            br; "Capture sha256 " span.hash { (f.capture) } @if f.part > 0 { ", part " (f.part) }
            @if let Some(fetched) = &f.fetched { ", fetched " (fetched) }
            @if f.copies > 0 { br; (say::counted(f.copies, "other page carries", "other pages carry")) " the same notice." }
            br; "Project " span.hash { (f.process) } @if !f.project_numbers.is_empty() { ", number " (part::zh(&f.project_numbers.join(", "))) }
            br; "Finding " span.hash { (f.finding.id) } ". Rules: " code { (f.finding.rules.join(", ")) }
        }
    }
}

/// Weak findings, one row each; `number` is that of all of them, whether they are given or not.
pub fn weak(findings: &[&CaseFinding], number: usize, most: usize, rules: &Rulebook) -> Markup {
    let columns = [
        Column("Claim", Align::Text),
        Column("Quote", Align::Text),
        Column("Buyer", Align::Text),
        Column("Date", Align::Text),
        Column("Against it", Align::Text),
        Column("Capture", Align::Text),
    ];
    let rows: Vec<Vec<Markup>> = findings.iter().take(most).map(|f| weak_row(f, rules)).collect();
    html! {
        (part::table("Weak findings", &columns, &rows, most))
        @if number > most { p.note { "… and " (say::count(number - most)) " more; the CSV export has all of them." } }
    }
}

fn weak_row(f: &CaseFinding, rules: &Rulebook) -> Vec<Markup> {
    let quote = f.passages.first().map(|p| say::short(&say::one_line(&mask::text(&p.text, &rules.report.masks)), 90)).unwrap_or_default();
    vec![
        html! { span id={ "f-" (f.finding.id) } { (claim(f, rules)) } },
        part::zh(&quote),
        part::zh(&say::buyer(f, rules).unwrap_or_default()),
        html! { (f.date.as_ref().map_or("", |d| d.value.as_str())) },
        html! { (say::objection(f, rules).unwrap_or_default()) },
        html! { span.hash { (f.capture.get(..12).unwrap_or(&f.capture)) } },
    ]
}
