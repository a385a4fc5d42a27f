//! Where does the work stand? The funnel, what is undecided, what happened last, what was not
//! understood, and what stands in the way of publishing.

use super::{Desk, encode, page, pictures};
use crate::store::questions;
use axum::response::Response;
use maud::{Markup, html};
use rusqlite::Connection;
use tendertrace::report::html::{chart, part};
use tendertrace::report::{mask, say};

pub fn page(desk: &Desk, db: &Connection) -> anyhow::Result<Response> {
    let content = html! {
        h1 { "Where the case stands" }
        (waiting(desk, db)?)
        div.pair {
            section aria-labelledby="funnel-h" { h2 id="funnel-h" { "Out of how much" } (funnel(desk, db)?) }
            section aria-labelledby="safe-h" { h2 id="safe-h" { "Before anything is published" } (safe(db)?) }
        }
        section aria-labelledby="afar-h" { h2 id="afar-h" { "From afar" } (pictures::part_of(desk, db, "years")?) p { a href="/pictures" { "All pictures" } } }
        section aria-labelledby="gaps-h" { h2 id="gaps-h" { "What was not understood" } (gaps(desk, db)?) }
        section aria-labelledby="runs-h" { h2 id="runs-h" { "What changed last" } (runs(db)?) }
    };
    Ok(page::frame(desk, "Start", "/", content))
}

fn number(db: &Connection, sql: &str) -> anyhow::Result<usize> {
    Ok(db.query_row(sql, [], |row| row.get::<_, Option<i64>>(0))?.unwrap_or(0) as usize)
}

fn waiting(desk: &Desk, db: &Connection) -> anyhow::Result<Markup> {
    let decided = number(db, "SELECT count(*) FROM decisions WHERE state = 'stands' AND verdict IN ('accept', 'reject')")?;
    let again = number(db, "SELECT count(*) FROM decisions_to_review")?;
    let mut query = db.prepare("SELECT strength, count(*) FROM findings GROUP BY strength ORDER BY CASE strength WHEN 'strong' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END")?;
    let rows: Vec<(String, i64)> = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let all: i64 = rows.iter().map(|(_, n)| n).sum();
    Ok(html! {
        p.lead { (say::counted(all as usize, "finding", "findings")) @if all > 0 { ": " @for (at, (strength, n)) in rows.iter().enumerate() { @if at > 0 { ", " } (say::count(*n as usize)) " " (say::label("strength", strength, &desk.rules)) } } ". " (say::count(decided)) " decided." }
        @if again > 0 { div.banner role="note" { p { strong { (say::counted(again, "decision needs", "decisions need")) " another look: " } "the finding changed or vanished since. " a href="/queue?state=again" { "See them" } } } }
        p { a.button href="/queue" { "Review what is undecided" } }
    })
}

fn funnel(desk: &Desk, db: &Connection) -> anyhow::Result<Markup> {
    let steps = questions::funnel(&desk.questions, db, &[], &desk.rules.report.masks)?;
    let bars: Vec<chart::Bar> = steps
        .iter()
        .map(|(label, n)| chart::Bar { label: label.clone(), parts: vec![*n as usize], note: say::count(*n as usize) })
        .collect();
    let rows: Vec<Vec<Markup>> = steps.iter().map(|(label, n)| vec![html! { (label) }, html! { (say::count(*n as usize)) }]).collect();
    let columns = [part::Column("Step", part::Align::Text), part::Column("Number", part::Align::Number)];
    Ok(html! {
        figure { (chart::bars("funnel", "From what was given to what names a brand", &bars)) details { summary { "The numbers as a table" } (part::table("Each step is part of the one before", &columns, &rows, 20)) } }
        p.note { a href="/questions/funnel" { "Ask for a brand, kind of buyer, region or time" } }
    })
}

/// What must be looked at before a line of this is printed: (number, what, why).
const CHECKS: [(&str, &str, &str); 8] = [
    (
        "SELECT count(*) FROM notices WHERE access = 'confidential'",
        "confidential notices in the case",
        "left out of exports, answers and JSON; never cite them",
    ),
    (
        "SELECT count(*) FROM evidence WHERE decision = 'accept' AND objections LIKE '%origin_unproven%'",
        "accepted findings whose page has no address",
        "nobody else can check where it came from",
    ),
    (
        "SELECT count(*) FROM evidence WHERE decision = 'accept' AND archive_url IS NULL",
        "accepted findings without an independent archive copy",
        "the page can vanish once its owner is warned",
    ),
    (
        "SELECT count(*) FROM evidence WHERE decision = 'accept' AND usage = 'awarded' AND (SELECT count(DISTINCT j.who) FROM judgements j WHERE j.sha256 = evidence.sha256 AND j.brand = evidence.brand AND j.verdict = 'accept' AND j.id NOT IN (SELECT judgement FROM undone)) < 2",
        "accepted awards that only one person has read",
        "two should",
    ),
    (
        "SELECT count(*) FROM notices WHERE access = 'restricted'",
        "restricted notices in the case",
        "ask whoever gave them before they are cited",
    ),
    (
        "SELECT count(DISTINCT claim) FROM claimed WHERE state <> 'stands' AND claim NOT IN (SELECT claim FROM claim_events WHERE kind IN ('taken_back', 'withdrawn') AND id NOT IN (SELECT event FROM claim_undone))",
        "signed claims on a finding that changed or is no longer accepted",
        "they have left letters and dossiers; look again, or withdraw what is published",
    ),
    ("SELECT count(*) FROM decisions_to_review", "stale decisions", "their findings changed or vanished"),
    (
        "SELECT count(*) FROM evidence WHERE decision = 'unreviewed' AND strength <> 'weak'",
        "findings above weak that nobody has read",
        "they are leads",
    ),
];

fn safe(db: &Connection) -> anyhow::Result<Markup> {
    let mut rows = Vec::new();
    for (sql, what, why) in CHECKS {
        rows.push((number(db, sql)?, what, why));
    }
    Ok(
        html! { ul.checks { @for (n, what, why) in rows { li.(if n > 0 { "open" } else { "clear" }) { b { (say::count(n)) } " " (what) @if n > 0 { span.soft { ": " (why) } } } } } },
    )
}

const GAPS: usize = 12;

fn gaps(desk: &Desk, db: &Connection) -> anyhow::Result<Markup> {
    let mut query = db.prepare("SELECT kind, text, times, notices FROM not_understood LIMIT ?1")?;
    let rows: Vec<(String, String, i64, i64)> =
        query.query_map([GAPS as i64], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?.collect::<Result<_, _>>()?;
    let masks = &desk.rules.report.masks;
    let shown = |text: &str| say::short(&say::one_line(&mask::text(text, masks)), 60);
    let cell = |(kind, text, times, notices): &(String, String, i64, i64)| {
        let phrase = say::short(text.split(['\t', '\n']).next().unwrap_or(text), 30);
        vec![
            html! { a href={ "/search?q=" (encode(&format!("\"{}\"", phrase.trim_end_matches('…')))) } { (part::zh(&shown(text))) } },
            html! { (say::label("gap", kind, &desk.rules)) },
            html! { (say::count(*times as usize)) },
            html! { (say::count(*notices as usize)) },
        ]
    };
    let columns = [
        part::Column("Text", part::Align::Text),
        part::Column("What it is", part::Align::Text),
        part::Column("Times", part::Align::Number),
        part::Column("Notices", part::Align::Number),
    ];
    let rows: Vec<Vec<Markup>> = rows.iter().map(cell).collect();
    Ok(html! {
        @if rows.is_empty() { p { "Nothing was left over." } }
        @else { (part::table("Most frequent first", &columns, &rows, GAPS)) p.note { "A rule that would mend one begins with " code { "tendertrace rulebook new label" } "; what it changes is seen with " code { "tendertrace trace --case" } "." } }
    })
}

fn runs(db: &Connection) -> anyhow::Result<Markup> {
    let mut query =
        db.prepare("SELECT started, finished, captures_read, captures_new, examined, screened, failed FROM runs ORDER BY id DESC LIMIT 5")?;
    let rows = query.query_map([], |row| {
        let text = |at| row.get::<_, Option<String>>(at).map(Option::unwrap_or_default);
        let n = |at| row.get::<_, i64>(at).map(|n| n as usize);
        Ok((text(0)?, text(1)?.is_empty(), [n(2)?, n(3)?, n(4)?, n(5)?, n(6)?]))
    })?;
    let rows: Vec<(String, bool, [usize; 5])> = rows.collect::<Result<_, _>>()?;
    let columns = [
        part::Column("Run", part::Align::Text),
        part::Column("Read", part::Align::Number),
        part::Column("New", part::Align::Number),
        part::Column("Examined", part::Align::Number),
        part::Column("Screened", part::Align::Number),
        part::Column("Failed", part::Align::Number),
    ];
    let cells = |(started, killed, numbers): &(String, bool, [usize; 5])| {
        let mut row = vec![html! { (started) @if *killed { " (ended early)" } }];
        row.extend(numbers.iter().map(|n| part::cell(*n)));
        row
    };
    let mut journal = db.prepare("SELECT at, what, detail FROM journal ORDER BY id DESC LIMIT 8")?;
    let notes: Vec<(String, String, String)> =
        journal.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<Result<_, _>>()?;
    Ok(html! {
        (part::table("Runs of trace, newest first", &columns, &rows.iter().map(cells).collect::<Vec<_>>(), 5))
        @if !notes.is_empty() { details { summary { "The last entries of the journal" } ul { @for (at, what, detail) in notes { li { (at) ": " (what) " " (detail) } } } } }
    })
}
