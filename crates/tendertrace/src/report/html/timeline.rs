//! What was found before and after which rule, listing or pledge? The desk's line of time, drawn of these
//! findings alone, with a mark for each date whose scope holds one of them; and its table.

use super::super::picture::time::{Date, Month, draw};
use super::super::picture::{Mark, Picture};
use super::super::say;
use super::part::{self, Align, Column};
use super::{finding, pictured};
use crate::assemble::CaseFinding;
use crate::model::Through;
use crate::rulebook::Rulebook;
use crate::rulebook::report::Milestone;
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of the table.
const ROWS: usize = 400;

/// The line and its table. `statements` are the companies' own, beside the rulebook's dates.
pub fn section(shown: &[&CaseFinding], statements: &[Milestone], rules: &Rulebook) -> Markup {
    let mut dates: Vec<&Milestone> =
        rules.report.milestones.iter().chain(statements).filter(|m| shown.iter().any(|f| covers(m, f))).collect();
    dates.sort_by(|a, b| (&a.date, &a.id).cmp(&(&b.date, &b.id)));
    let undated = shown.iter().filter(|f| f.date.is_none()).count();
    html! {
        @if undated == shown.len() { p { "No finding has a date." } }
        @else {
            (pictured::figure("Contracting processes by month; a numbered line is the date of that number in the table", &picture(shown, &dates)))
            (table(shown, &dates, rules))
        }
        @if undated > 0 { p.note { (say::counted(undated, "finding has", "findings have")) " no date and " (if undated == 1 { "stands" } else { "stand" }) " in no order." } }
    }
}

fn picture(shown: &[&CaseFinding], dates: &[&Milestone]) -> Picture {
    let mut months: BTreeMap<(i32, u32), BTreeSet<&str>> = BTreeMap::new();
    for f in shown {
        let day = f.date.as_ref().map(|day| day.value.as_str()).unwrap_or_default();
        if let Some((Some(year), Some(month))) =
            day.get(..4).zip(day.get(5..7)).map(|(year, month)| (year.parse().ok(), month.parse().ok()))
        {
            months.entry((year, month)).or_default().insert(&f.process);
        }
    }
    let plain = |said: String| Mark { said, to: None };
    let month = |((year, month), processes): (&(i32, u32), &BTreeSet<&str>)| {
        let said = format!("{year}-{month:02}: {}", counted(processes.len()));
        Month { year: *year, month: *month, number: processes.len(), mark: plain(said) }
    };
    let months: Vec<Month> = months.iter().map(month).collect();
    let date = |(at, m): (usize, &&Milestone)| Date {
        day: m.date.clone(),
        number: at + 1,
        mark: plain(format!("{}. {}, {}: {}", at + 1, m.date, m.kind, m.title)),
    };
    draw(
        "Contracting processes by month, and the dates whose scope holds one",
        &months,
        &dates.iter().enumerate().map(date).collect::<Vec<_>>(),
    )
}

fn counted(processes: usize) -> String {
    say::counted(processes, "contracting process", "contracting processes")
}

fn table(shown: &[&CaseFinding], dates: &[&Milestone], rules: &Rulebook) -> Markup {
    let mut rows: Vec<(&str, Markup)> = dates.iter().enumerate().map(|(at, m)| (m.date.as_str(), mark(m, at + 1, shown))).collect();
    for f in shown {
        if let Some(day) = &f.date {
            let said = html! { a href={ "#f-" (f.finding.id) } { (finding::claim(f, rules)) } " " (finding::stamp(f, rules)) };
            rows.push((&day.value, said));
        }
    }
    rows.sort_by(|a, b| a.0.cmp(b.0));
    let rows: Vec<Vec<Markup>> = rows.into_iter().map(|(day, what)| vec![html! { (day) }, what]).collect();
    part::table("By date of the event", &[Column("Date", Align::Text), Column("What", Align::Text)], &rows, ROWS)
}

fn mark(milestone: &Milestone, number: usize, shown: &[&CaseFinding]) -> Markup {
    let on_side = |since: bool| {
        let is_there = |day: &str| (day >= milestone.date.as_str()) == since;
        let there = shown.iter().filter(|f| covers(milestone, f) && f.date.as_ref().is_some_and(|d| is_there(&d.value)));
        there.map(|f| &f.process).collect::<BTreeSet<_>>().len()
    };
    html! {
        strong { (number) ". " (milestone.kind) ": " (milestone.title) } br;
        span.soft { (milestone.source) @if !milestone.note.is_empty() { "; " (milestone.note) } ". In its scope: " (counted(on_side(false))) " before, " (say::count(on_side(true))) " since." }
    }
}

/// Whether a rule, listing or pledge is about this finding; an empty scope is about all.
fn covers(milestone: &Milestone, f: &CaseFinding) -> bool {
    let within = |scope: &str, holds: &dyn Fn(&str) -> bool| {
        let mut all = scope.split(';').map(str::trim).filter(|s| !s.is_empty()).peekable();
        all.peek().is_none() || all.any(holds)
    };
    let region = f.region.as_ref().map(|r| r.code.as_str()).unwrap_or_default();
    let kinds = [f.buyer_kind.as_deref(), f.end_user_kind.as_deref()];
    within(&milestone.scope_brands, &|brand| f.finding.brand == brand)
        && within(&milestone.scope_lists, &|on| f.leads.iter().any(|lead| lead.list == on && lead.through != Through::Owner))
        && within(&milestone.scope_regions, &|code| region.starts_with(code.trim_end_matches("00")))
        && within(&milestone.scope_buyer_kinds, &|kind| kinds.contains(&Some(kind)))
}
