//! What was found before and after which rule, listing or pledge? A line with a dot for each finding
//! and a mark for each date whose scope holds one of them, and its table.

use super::super::say;
use super::part::{self, Align, Column};
use super::{chart, finding};
use crate::assemble::CaseFinding;
use crate::model::Through;
use crate::rulebook::Rulebook;
use crate::rulebook::report::Milestone;
use maud::{Markup, html};
use std::collections::BTreeSet;

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
        @else { (picture(shown, &dates)) (table(shown, &dates, rules)) }
        @if undated > 0 { p.note { (say::counted(undated, "finding has", "findings have")) " no date and " (if undated == 1 { "stands" } else { "stand" }) " in no order." } }
    }
}

fn picture(shown: &[&CaseFinding], dates: &[&Milestone]) -> Markup {
    let days: Vec<&str> = shown.iter().filter_map(|f| f.date.as_ref()).map(|d| d.value.as_str()).collect();
    let marks: Vec<&str> = dates.iter().map(|m| m.date.as_str()).collect();
    chart::time("time", "Findings by date, and the dates whose scope holds one", &days, &marks)
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
    let since = shown.iter().filter(|f| covers(milestone, f) && f.date.as_ref().is_some_and(|d| d.value >= milestone.date));
    let processes = since.map(|f| &f.process).collect::<BTreeSet<_>>().len();
    html! {
        strong { (number) ". " (milestone.kind) ": " (milestone.title) } br;
        span.soft { (milestone.source) @if !milestone.note.is_empty() { "; " (milestone.note) } ". " (say::counted(processes, "process", "processes")) " in its scope since." }
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
