//! The tables and pictures of the page: brands, buyers, places, years, sellers, neighbours, lists,
//! gaps, coverage, projects.

use super::super::{mask, say};
use super::chart::{self, Bar, Year};
use super::part::{self, Align, Column, ROWS, cell, zh};
use crate::assemble::{BrandRow, Case, GroupRow, word};
use crate::model::*;
use crate::rulebook::Rulebook;
use maud::{Markup, html};

/// Bars of a picture before the rest is left to the table.
const BARS: usize = 12;

use Align::{Number, Text};

/// A picture and its table, folded.
fn figure(caption: &str, picture: Markup, table: Markup) -> Markup {
    html! { figure { figcaption { (caption) } (picture) details { summary { "The numbers as a table" } (table) } } }
}

pub fn funnel(case: &Case, files: Option<usize>, rules: &Rulebook) -> Markup {
    let steps = say::steps(&case.funnel, files, rules);
    let bars: Vec<Bar> = steps.iter().map(|(label, _, n)| Bar { label: label.clone(), parts: vec![*n], note: say::count(*n) }).collect();
    let rows: Vec<Vec<Markup>> =
        steps.iter().map(|(label, text, n)| vec![html! { (label) }, html! { (say::count(*n)) }, html! { (text) }]).collect();
    let table = part::table(
        "Each step is part of the one before",
        &[Column("Step", Text), Column("Number", Number), Column("What is counted", Text)],
        &rows,
        ROWS,
    );
    figure("From what was given to what names a brand", chart::bars("funnel-chart", "The funnel", &bars), table)
}

pub fn gaps(case: &Case, rules: &Rulebook) -> Markup {
    let words = &rules.report.words;
    let rows: Vec<Vec<Markup>> = case
        .gaps
        .iter()
        .map(|g| {
            vec![
                html! { (words.label("gap", &word(&g.kind))) },
                cell(g.count),
                cell(g.notices),
                html! { (words.text("gap", &word(&g.kind))) },
            ]
        })
        .collect();
    let texts = |all: &[crate::assemble::CountRow]| -> Vec<Vec<Markup>> {
        all.iter()
            .take(40)
            .map(|r| vec![zh(&say::short(&say::one_line(&mask::text(&r.text, &rules.report.masks)), 48)), cell(r.count)])
            .collect()
    };
    html! {
        @if rows.is_empty() { p { "Nothing was left over." } }
        @else { (part::table("By kind", &[Column("What", Text), Column("Times", Number), Column("Notices", Number), Column("What it means", Text)], &rows, ROWS)) }
        div.pair {
            @for (name, all) in [("Labels that no rule knows", &case.unknown_labels), ("Brand cells that no rule knows", &case.unknown_brands)] {
                @if !all.is_empty() {
                    details { summary { (name) ": " (say::count(all.len())) " different" } (part::table("Most frequent first", &[Column("Text", Text), Column("Times", Number)], &texts(all), 40)) @if all.len() > 40 { p.note { "The 40 most frequent are shown." } } }
                }
            }
        }
    }
}

pub fn brands(case: &Case, rules: &Rulebook) -> Markup {
    let of = |b: &BrandRow, usage| b.by_usage.get(&usage).copied().unwrap_or(0);
    let other =
        |b: &BrandRow| b.by_usage.iter().filter(|(u, _)| !matches!(u, Usage::Awarded | Usage::Required)).map(|(_, n)| n).sum::<usize>();
    let bar = |b: &BrandRow| Bar {
        label: say::brand(&b.brand, rules),
        parts: vec![of(b, Usage::Awarded), of(b, Usage::Required), other(b)],
        note: format!("{} awarded · {} asked for · {} other", of(b, Usage::Awarded), of(b, Usage::Required), other(b)),
    };
    let bars: Vec<Bar> = case.brands.iter().take(BARS).map(bar).collect();
    html! {
        figure {
            figcaption { "Brand by usage, in contracting processes" }
            ul.key { li { i.a {} "awarded" } li { i.b {} "asked for" } li { i.c {} "other usages" } }
            (chart::bars("brand-chart", "Brands by usage", &bars))
            @if case.brands.len() > BARS { p.note { "The first " (BARS) " of " (say::count(case.brands.len())) " brands." } }
            details { summary { "The numbers as a table" } (brand_table(case, rules)) }
        }
    }
}

fn brand_table(case: &Case, rules: &Rulebook) -> Markup {
    let columns = [
        Column("Brand", Text),
        Column("Owner then", Text),
        Column("By usage", Text),
        Column("Processes", Number),
        Column("Of police and the like", Number),
        Column("Buyers", Number),
        Column("Sum of its own lines", Number),
        Column("Processes with own price", Number),
    ];
    let usages = |b: &BrandRow| {
        b.by_usage
            .iter()
            .map(|(u, n)| format!("{} {}", say::label("usage", &word(u), rules), say::count(*n)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let sums = |b: &BrandRow| {
        b.line_amounts.iter().map(|(c, a)| say::money(&Money { amount: *a, currency: c.clone() })).collect::<Vec<_>>().join(" + ")
    };
    let row = |b: &BrandRow| {
        vec![
            zh(&say::brand(&b.brand, rules)),
            html! { (say::brand(&b.company, rules)) " (" (b.country) ")" },
            html! { (usages(b)) },
            cell(b.processes),
            cell(b.asked),
            cell(b.buyers),
            html! { (sums(b)) },
            cell(b.priced),
        ]
    };
    html! { (part::table("Brands", &columns, &case.brands.iter().map(row).collect::<Vec<_>>(), ROWS)) p.note { "A lot’s or project’s sum is never a brand’s: only lines with their own price are added, each currency apart, one stage of each process." } }
}

/// A group of notices as bars of its awarded findings, with its denominators in the table.
pub fn group(id: &str, caption: &str, kind: &str, rows: &[GroupRow], rules: &Rulebook) -> Markup {
    let glossed = |label: &String| say::gloss(label, rules).map_or_else(|| label.clone(), |said| format!("{label} {said}"));
    let name = |r: &GroupRow| r.label.as_ref().map_or_else(|| say::label(kind, &r.id, rules), glossed);
    let with: Vec<&GroupRow> = rows.iter().filter(|r| r.with_finding > 0).collect();
    let bar = |r: &&GroupRow| Bar {
        label: name(r),
        parts: vec![r.awarded, r.with_finding - r.awarded],
        note: format!("{} awarded · {} in all · {} notices", r.awarded, r.with_finding, say::count(r.notices)),
    };
    let bars: Vec<Bar> = with.iter().take(BARS).map(bar).collect();
    let cells: Vec<Vec<Markup>> =
        rows.iter().map(|r| vec![zh(&name(r)), cell(r.notices), cell(r.awards), cell(r.with_finding), cell(r.awarded)]).collect();
    let columns = [
        Column("", Text),
        Column("Notices", Number),
        Column("Awards, contracts", Number),
        Column("Processes with a finding", Number),
        Column("Of these awarded", Number),
    ];
    let picture = if bars.is_empty() {
        html! { p.note { "No finding has this value; the table gives what was looked at." } }
    } else {
        chart::bars(id, caption, &bars)
    };
    figure(caption, picture, part::table(caption, &columns, &cells, ROWS))
}

pub fn years(case: &Case) -> Markup {
    let rows: Vec<Year> = case.years.iter().map(|r| Year { label: r.id.clone(), pile: r.notices, found: r.awarded }).collect();
    let cells: Vec<Vec<Markup>> =
        case.years.iter().map(|r| vec![html! { (r.id) }, cell(r.notices), cell(r.awards), cell(r.with_finding), cell(r.awarded)]).collect();
    let columns = [
        Column("Year", Text),
        Column("Notices", Number),
        Column("Awards, contracts", Number),
        Column("Processes with a finding", Number),
        Column("Of these awarded", Number),
    ];
    if rows.is_empty() {
        return html! { figure { figcaption { "By year of the event" } p.note { "No notice of the pile has a date that could be read." } } };
    }
    figure(
        "By year of the event",
        chart::years("year-chart", "By year", ("processes with a brand named in an award", "notices in the pile"), &rows),
        part::table("Years", &columns, &cells, ROWS),
    )
}

pub fn sellers(case: &Case, rules: &Rulebook) -> Markup {
    let brands = |s: &crate::assemble::SellerRow| s.brands.iter().map(|b| say::brand(b, rules)).collect::<Vec<_>>().join(", ");
    let buyers = |s: &crate::assemble::SellerRow| {
        let shown: Vec<String> = s.buyers.iter().take(3).map(|b| mask::party(b, &rules.report.masks)).collect();
        let more = s.buyers.len().saturating_sub(3);
        shown.join("、") + &if more > 0 { format!(" +{more}") } else { String::new() }
    };
    let dates = |s: &crate::assemble::SellerRow| {
        [s.first.clone(), s.last.clone().filter(|l| Some(l) != s.first.as_ref())].into_iter().flatten().collect::<Vec<_>>().join(" – ")
    };
    let row = |s: &crate::assemble::SellerRow| {
        vec![
            part::named(&mask::party(&s.name, &rules.report.masks), rules),
            cell(s.processes),
            cell(s.asked),
            zh(&brands(s)),
            zh(&buyers(s)),
            html! { (dates(s)) },
            html! { @if s.listed { "list lead" } },
        ]
    };
    let columns = [
        Column("Seller of record", Text),
        Column("Processes", Number),
        Column("Of police and the like", Number),
        Column("Brands", Text),
        Column("Buyers", Text),
        Column("Dates", Text),
        Column("", Text),
    ];
    html! { (part::table("Sellers of brands named in awards", &columns, &case.sellers.iter().map(row).collect::<Vec<_>>(), ROWS)) p.note { "A seller of record is not thereby a partner of the maker." } }
}

pub fn neighbours(case: &Case, rules: &Rulebook) -> Markup {
    let row = |n: &crate::assemble::NeighbourRow| {
        vec![html! { (zh(&say::brand(&n.brands.0, rules))) " with " (zh(&say::brand(&n.brands.1, rules))) }, cell(n.lots), cell(n.asked)]
    };
    let rows: Vec<Vec<Markup>> = case.neighbours.iter().map(row).collect();
    part::table(
        "Brands in the same awarded lot",
        &[Column("Brands", Text), Column("Lots", Number), Column("Of police and the like", Number)],
        &rows,
        30,
    )
}

pub fn leads(case: &Case, rules: &Rulebook) -> Markup {
    let row = |l: &crate::assemble::LeadRow| {
        let listed =
            [l.listed_from.clone(), l.listed_to.as_ref().map(|t| format!("to {t}"))].into_iter().flatten().collect::<Vec<_>>().join(" ");
        vec![
            zh(&mask::party(&l.party, &rules.report.masks)),
            html! { (say::label("role", &word(&l.role), rules)) },
            html! { (l.list) ": " (zh(&l.entry)) @match &l.owner { Some(owner) => { ", as its owner: " (zh(&mask::party(owner, &rules.report.masks))) } None => {} } },
            html! { (say::label("judgement", &word(&l.judgement), rules)) },
            html! { (listed) },
            cell(l.notices),
            cell(l.in_force),
            cell(l.not_in_force),
        ]
    };
    let columns = [
        Column("Party", Text),
        Column("Role", Text),
        Column("List entry", Text),
        Column("Judgement", Text),
        Column("Listed from", Text),
        Column("Notices", Number),
        Column("In force then", Number),
        Column("Not in force then", Number),
    ];
    html! { p { "A lead says that a name on a list resembles a name in a notice, or that one with such a name owns half of the party by the user's own table. It is not a verdict, and a listing says nothing of this purchase." } (part::table("List leads", &columns, &case.leads.iter().map(row).collect::<Vec<_>>(), ROWS)) }
}

pub fn milestones(case: &Case, rules: &Rulebook) -> Markup {
    let row = |(m, around): (&crate::rulebook::report::Milestone, &crate::assemble::Around)| {
        vec![
            html! { (m.date) },
            html! { (m.title) },
            html! { (m.kind) },
            cell(around.before),
            cell(around.since),
            html! { (m.note) br; span.soft { (m.source) } },
        ]
    };
    let rows: Vec<Vec<Markup>> = rules.report.milestones.iter().zip(&case.milestones).map(row).collect();
    part::table(
        "Processes with a brand in scope named in an award, before and since",
        &[
            Column("Date", Text),
            Column("What", Text),
            Column("Kind", Text),
            Column("Before", Number),
            Column("Since", Number),
            Column("Read with care", Text),
        ],
        &rows,
        ROWS,
    )
}

pub fn coverage(case: &Case) -> Markup {
    let row = |s: &crate::assemble::SiteRow| {
        vec![
            html! { @if s.site.is_empty() { "address not known" } @else { (s.site) } },
            cell(s.captures),
            cell(s.distinct),
            cell(s.awards),
            html! { (s.first.clone().unwrap_or_default()) },
            html! { (s.last.clone().unwrap_or_default()) },
            cell(s.undated),
        ]
    };
    let columns = [
        Column("Site", Text),
        Column("Captures", Number),
        Column("Different notices", Number),
        Column("Awards, contracts", Number),
        Column("First date", Text),
        Column("Last date", Text),
        Column("Undated", Number),
    ];
    part::table("Sites and dates of the pile", &columns, &case.sites.iter().map(row).collect::<Vec<_>>(), ROWS)
}

/// Projects whose stages differ, those with findings first.
pub fn changes(case: &Case, rules: &Rulebook) -> Markup {
    let mut changed: Vec<_> = case.processes.iter().filter(|p| !p.changes.is_empty()).collect();
    changed.sort_by_key(|p| (!p.with_finding, std::cmp::Reverse(p.notices.len()), p.id.clone()));
    let side =
        |stage: &Stage, value: &str| format!("{}: {}", say::label("stage", &word(stage), rules), mask::party(value, &rules.report.masks));
    let rows: Vec<Vec<Markup>> = changed
        .iter()
        .flat_map(|p| p.changes.iter().map(move |c| (p, c)))
        .map(|(p, c)| {
            vec![
                zh(&say::short(&p.name, 60)),
                html! { (say::label("change", &c.field, rules)) },
                zh(&side(&c.from_stage, &c.from)),
                zh(&side(&c.to_stage, &c.to)),
            ]
        })
        .collect();
    html! {
        @if rows.is_empty() { p { "No project of the pile gives a value differently at two stages." } }
        @else { details { summary { (say::counted(rows.len(), "difference", "differences")) " in " (say::counted(changed.len(), "project", "projects")) } (part::table("Differences between stages", &[Column("Project", Text), Column("Field", Text), Column("First", Text), Column("Then", Text)], &rows, ROWS)) } }
    }
}
