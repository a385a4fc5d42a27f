//! What was found before and after which rule, listing or statement? A date is drawn only where its scope
//! holds a finding, and counts only those.

use super::{Drawn, View};
use crate::serve::filter::{Filter, Of};
use crate::store::statements;
use maud::html;
use std::collections::BTreeMap;
use tendertrace::report::picture::time::{Date, Month, draw as time};
use tendertrace::report::picture::{Cell, Twin};
use tendertrace::report::say;
use tendertrace::rulebook::report::Milestone;

/// A date with what its scope holds.
struct Scoped {
    milestone: Milestone,
    scope: Filter,
    before: usize,
    since: usize,
}

pub fn draw(view: &View) -> anyhow::Result<Option<Drawn>> {
    let months = months(view)?;
    if months.is_empty() {
        return Ok(None);
    }
    let dates = dates(view)?;
    let marks: Vec<Date> = dates.iter().enumerate().map(|(at, one)| date(view, at + 1, one)).collect();
    let undated = view.filter.and("year", "not-known");
    let without = view.facts.count(&undated)?.0;
    let more = html! {
        @if without > 0 { p.note { a href=(undated.link("/findings")) { (say::counted(without, "contracting process", "contracting processes")) } " without a date stand in no order." } }
    };
    let twin = twin(view, &months, &dates);
    Ok(Some(Drawn { picture: time("Contracting processes by month, and dates whose scope holds one", &months, &marks), twin, more }))
}

fn months(view: &View) -> anyhow::Result<Vec<Month>> {
    let month = |day: Option<&str>| day.and_then(|day| day.get(..7)).unwrap_or_default().to_string();
    let counts = view.facts.by(&view.facts.counted(&view.filter)?, Of::Day, month)?;
    let mut months = Vec::new();
    for (month, number) in counts.into_iter().collect::<BTreeMap<_, _>>() {
        let Some((Ok(year), Ok(of_year))) = month.split_once('-').map(|(y, m)| (y.parse(), m.parse())) else { continue };
        let said = format!("{month}: {}", say::counted(number, "contracting process", "contracting processes"));
        months.push(Month { year, month: of_year, number, mark: view.mark(said, &view.filter.and("month", &month)) });
    }
    Ok(months)
}

fn dates(view: &View) -> anyhow::Result<Vec<Scoped>> {
    let said = statements::read(&view.desk.folder, &view.desk.rules)?;
    let mut all: Vec<Milestone> = view.desk.rules.report.milestones.iter().cloned().chain(said).collect();
    all.sort_by(|a, b| (&a.date, &a.id).cmp(&(&b.date, &b.id)));
    let (facts, mut scoped) = (view.facts, Vec::new());
    let asked = facts.counted(&view.filter)?;
    for milestone in all {
        let scope = scope(&view.filter, &milestone);
        let rows = facts.narrowed(&asked, &scope)?;
        let side = |name: &str| anyhow::Ok(facts.number(&facts.narrowed(&rows, &Filter::default().and(name, &milestone.date))?));
        let (before, since) = (side("before")?, side("from")?);
        if before + since > 0 {
            scoped.push(Scoped { milestone, scope, before, since });
        }
    }
    Ok(scoped)
}

/// The filter, and the scope of a date: an empty scope is about all.
fn scope(filter: &Filter, milestone: &Milestone) -> Filter {
    let regions: Vec<&str> = milestone.scope_regions.split(';').map(|code| code.trim().trim_end_matches("00")).collect();
    let scopes = [
        ("brand", milestone.scope_brands.clone()),
        ("list", milestone.scope_lists.clone()),
        ("region", regions.join(";")),
        ("for", milestone.scope_buyer_kinds.clone()),
    ];
    scopes.iter().filter(|(_, value)| !value.trim().is_empty()).fold(filter.clone(), |filter, (name, value)| filter.and(name, value.trim()))
}

fn date(view: &View, number: usize, one: &Scoped) -> Date {
    let m = &one.milestone;
    let said = format!(
        "{number}. {}, {}: {}. Since then {} in its scope",
        m.date,
        m.kind,
        m.title,
        say::counted(one.since, "contracting process", "contracting processes")
    );
    Date { day: m.date.clone(), number, mark: view.mark(said, &one.scope.and("from", &m.date)) }
}

fn twin(view: &View, months: &[Month], dates: &[Scoped]) -> Twin {
    let mut rows: Vec<(String, Vec<Cell>)> = dates
        .iter()
        .enumerate()
        .map(|(at, one)| {
            let m = &one.milestone;
            let what = format!("{}. {}: {} ({})", at + 1, m.kind, m.title, m.source);
            let before = Cell::number(one.before).leading(view.to(&one.scope.and("before", &m.date)));
            let since = Cell::number(one.since).leading(view.to(&one.scope.and("from", &m.date)));
            (m.date.clone(), vec![Cell::text(m.date.clone()), Cell::text(what), Cell::text(""), before, since])
        })
        .collect();
    for month in months {
        let day = format!("{:04}-{:02}", month.year, month.month);
        let number = Cell::number(month.number).leading(month.mark.to.clone());
        rows.push((
            day.clone(),
            vec![Cell::text(day), Cell::text("contracting processes of the month"), number, Cell::text(""), Cell::text("")],
        ));
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let head = ["Date", "What", "In the month", "In its scope before", "In its scope since"].map(String::from).to_vec();
    Twin { caption: "By month, with the dates".into(), head, rows: rows.into_iter().map(|row| row.1).collect(), beyond: 0 }
}
