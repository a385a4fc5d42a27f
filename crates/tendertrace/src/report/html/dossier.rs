//! What is known of one company, seller, buyer or project? A page that needs nothing else and prints
//! well: findings by strength, what came after which rule or pledge, through whom; what was left out
//! is counted.

use super::super::{Page, mask, say};
use super::frame::standing_alone;
use super::part::{self, Align, Column};
use super::{claims, finding, pictured, sections, timeline};
use crate::assemble::{Case, CaseFinding, Verdict, word};
use crate::model::{Access, Strength, Usage};
use crate::rulebook::Rulebook;
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

/// Whom it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Key of a brand.
    Brand(String),
    Seller(Names),
    /// As buyer or as end user.
    Buyer(Names),
    /// A project's number or id.
    Project(String),
}

/// An organisation by a part of its name, and all spellings that are known to be of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    pub part: String,
    pub alike: BTreeSet<String>,
}

impl Names {
    fn hold(&self, name: &Option<String>) -> bool {
        name.as_deref().is_some_and(|name| name.contains(&self.part) || self.alike.contains(name))
    }
}

impl Subject {
    /// Whether a finding is about it.
    pub fn holds(&self, f: &CaseFinding) -> bool {
        match self {
            Subject::Brand(key) => f.finding.brand == *key || f.finding.company == *key,
            Subject::Seller(names) => names.hold(&f.finding.supplier),
            Subject::Buyer(names) => names.hold(&f.finding.buyer) || names.hold(&f.end_user),
            Subject::Project(id) => f.process == *id || f.project_numbers.contains(id),
        }
    }

    /// As a heading says it.
    pub fn name(&self, rules: &Rulebook) -> String {
        match self {
            Subject::Brand(key) => say::brand(key, rules),
            Subject::Seller(names) | Subject::Buyer(names) => mask::party(&names.part, &rules.report.masks),
            Subject::Project(id) => id.clone(),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Subject::Brand(_) => "brand",
            Subject::Seller(_) => "seller of record",
            Subject::Buyer(_) => "buyer",
            Subject::Project(_) => "project",
        }
    }
}

/// Findings of a subject, sorted by what may be shown of them.
struct Chosen<'a> {
    shown: Vec<&'a CaseFinding>,
    weak: usize,
    rejected: usize,
    confidential: usize,
}

impl<'a> Chosen<'a> {
    fn of(case: &'a Case, subject: &Subject) -> Chosen<'a> {
        let (kept, open): (Vec<&CaseFinding>, Vec<&CaseFinding>) =
            case.findings.iter().filter(|f| subject.holds(f)).partition(|f| f.access == Access::Confidential);
        // Below the bar is what a machine alone calls weak; a person's word lifts it.
        let (shown, weak): (Vec<&CaseFinding>, Vec<&CaseFinding>) =
            open.into_iter().partition(|f| f.finding.strength > Strength::Weak || f.verdict == Some(Verdict::Accepted));
        Chosen { shown, weak: weak.len(), rejected: case.rejected.iter().filter(|f| subject.holds(f)).count(), confidential: kept.len() }
    }
}

/// The dossier; `None` where no finding is about the subject.
pub fn dossier(case: &Case, page: &Page, subject: &Subject, rules: &Rulebook) -> Option<String> {
    let chosen = Chosen::of(case, subject);
    if chosen.shown.is_empty() && chosen.weak == 0 {
        return None;
    }
    let name = subject.name(rules);
    let body = html! {
        header {
            p.kicker { "tendertrace · dossier of a " (subject.kind()) }
            h1 { (part::named(&name, rules)) }
            p.lead { (summary(&chosen, rules)) }
            (left_out(&chosen))
        }
        main {
            (claims::of_dossier(&page.claims, case, subject, rules))
            section { h2 { "In order of time" } (timeline::section(&chosen.shown, &page.statements, rules)) }
            @for strength in [Strength::Strong, Strength::Medium, Strength::Weak] { (group(&chosen.shown, strength, rules)) }
            section { h2 { "Through whom, for whom" } (pictured::chains(&chosen.shown, rules)) (between(&chosen.shown, rules)) }
            section { h2 { "Beside which others" } (beside(case, &chosen.shown, rules)) }
            section { h2 { "Where" } (pictured::where_(&chosen.shown, rules)) }
            section { h2 { "How it was found, and what it does not show" } (method(case, page, rules)) }
        }
    };
    Some(standing_alone(&format!("{name} – dossier"), body))
}

/// In plain English, with counts: never more than the findings say.
fn summary(chosen: &Chosen, rules: &Rulebook) -> Markup {
    let shown = &chosen.shown;
    let processes = |usage: Option<Usage>| {
        shown.iter().filter(|f| usage.is_none_or(|u| f.finding.usage == u)).map(|f| &f.process).collect::<BTreeSet<_>>().len()
    };
    let usages: BTreeSet<Usage> = shown.iter().map(|f| f.finding.usage).collect();
    let days: BTreeSet<&str> = shown.iter().filter_map(|f| f.date.as_ref().map(|d| d.value.as_str())).collect();
    let buyers = shown.iter().filter_map(|f| f.finding.buyer.as_deref()).collect::<BTreeSet<_>>().len();
    html! {
        (say::counted(shown.len(), "finding", "findings")) " in " (say::counted(processes(None), "contracting process", "contracting processes")) " of " (say::counted(buyers, "buyer", "buyers"))
        @if let (Some(first), Some(last)) = (days.first(), days.last()) { ", " (first) @if first != last { " to " (last) } }
        ": " @for (at, usage) in usages.iter().enumerate() { @if at > 0 { ", " } (say::label("usage", &word(usage), rules)) " in " (processes(Some(*usage))) }
        "."
    }
}

fn left_out(chosen: &Chosen) -> Markup {
    let unreviewed = chosen.shown.iter().filter(|f| f.verdict.is_none()).count();
    html! {
        div.banner role="note" { p {
            strong { (say::count(unreviewed)) " of " (say::counted(chosen.shown.len(), "finding is", "findings are")) " unreviewed and stamped so." } " Nobody is accused by a machine. Left out: "
            (say::counted(chosen.weak, "weak finding", "weak findings")) ", " (say::counted(chosen.rejected, "rejected one", "rejected ones"))
            @if chosen.confidential > 0 { ", " (say::counted(chosen.confidential, "finding", "findings")) " from confidential captures" } "."
        } }
    }
}

fn group(shown: &[&CaseFinding], strength: Strength, rules: &Rulebook) -> Markup {
    let own: Vec<&&CaseFinding> = shown.iter().filter(|f| f.finding.strength == strength).collect();
    html! { @if !own.is_empty() { section { h2 { "Findings: " (say::label("strength", &word(&strength), rules)) } p.note { (rules.report.words.text("strength", &word(&strength))) } @for f in own { (finding::article(f, rules)) } } } }
}

/// Rows of a table.
const ROWS: usize = 400;

fn between(shown: &[&CaseFinding], rules: &Rulebook) -> Markup {
    let mut pairs: BTreeMap<(String, String), BTreeSet<&str>> = BTreeMap::new();
    for f in shown.iter().filter(|f| f.finding.usage == Usage::Awarded) {
        let seller = say::supplier(f, rules).unwrap_or_else(|| "seller not named".into());
        let buyer = say::buyer(f, rules).unwrap_or_else(|| "buyer not read".into());
        pairs.entry((seller, buyer)).or_default().insert(&f.process);
    }
    let mut rows: Vec<_> = pairs.into_iter().collect();
    rows.sort_by_key(|(names, processes)| (std::cmp::Reverse(processes.len()), names.clone()));
    let cells: Vec<Vec<Markup>> = rows
        .iter()
        .map(|((seller, buyer), processes)| vec![part::named(seller, rules), part::named(buyer, rules), part::cell(processes.len())])
        .collect();
    html! {
        @if cells.is_empty() { p { "None of these findings is an award." } }
        @else { (part::table("Awards, by seller and buyer", &[Column("Seller of record", Align::Text), Column("Buyer", Align::Text), Column("Processes", Align::Number)], &cells, ROWS)) p.note { "A seller of record is not thereby a partner of the maker." } }
    }
}

/// Other brands named in the awards of the same lots.
fn beside(case: &Case, shown: &[&CaseFinding], rules: &Rulebook) -> Markup {
    type Lot<'a> = (&'a str, Option<&'a str>);
    let lot = |f: &'_ CaseFinding| -> (String, Option<String>) { (f.process.clone(), f.finding.lot.clone()) };
    let own: BTreeSet<&str> = shown.iter().map(|f| f.finding.id.as_str()).collect();
    let lots: BTreeSet<(String, Option<String>)> = shown.iter().filter(|f| f.finding.usage == Usage::Awarded).map(|f| lot(f)).collect();
    let mut brands: BTreeMap<&str, BTreeSet<Lot>> = BTreeMap::new();
    let others = case.findings.iter().filter(|f| f.counted && f.access != Access::Confidential && f.finding.usage == Usage::Awarded);
    for f in others.filter(|f| !own.contains(f.finding.id.as_str()) && lots.contains(&lot(f))) {
        brands.entry(&f.finding.brand).or_default().insert((&f.process, f.finding.lot.as_deref()));
    }
    let mut rows: Vec<(&str, usize)> = brands.into_iter().map(|(brand, lots)| (brand, lots.len())).collect();
    rows.sort_by_key(|(brand, n)| (std::cmp::Reverse(*n), *brand));
    let cells: Vec<Vec<Markup>> = rows.iter().map(|(brand, n)| vec![html! { (say::brand(brand, rules)) }, part::cell(*n)]).collect();
    html! {
        @if cells.is_empty() { p { "No other brand of the rulebook is named in the awards of these lots." } }
        @else { (part::table("Other brands named in awards of the same lots", &[Column("Brand", Align::Text), Column("Lots", Align::Number)], &cells, ROWS)) p.note { "Named in one lot is not the same as used together." } }
    }
}

fn method(case: &Case, page: &Page, rules: &Rulebook) -> Markup {
    html! {
        p { "Every finding rests on a verbatim quote of the page whose SHA-256 stands beside it. Words of claims are fixed: “named in the award” is not “delivered”. Amounts belong to the brand only where they are “for this line”. Tender and award of one project are one process; copies on other sites are counted once." }
        (sections::funnel(case, page.files, rules))
        @if page.collection.is_empty() { p.note { strong { "This pile is not a sample. " } "By what sites, dates and search words it was collected is not recorded." } }
        @else { dl.facts { @for (name, value) in &page.collection { div { dt { (name) } dd { (part::zh(value)) } } } } }
        (sections::coverage(case))
        p.src { "Made by tendertrace " (crate::VERSION) @if let Some(when) = &page.generated { " on " (when) } ". Rules: extraction " span.hash { (page.hashes.extraction) } "; classification " span.hash { (page.hashes.classification) } "; lists " span.hash { (page.hashes.lists) } ". Names of contact persons are withheld." }
    }
}
