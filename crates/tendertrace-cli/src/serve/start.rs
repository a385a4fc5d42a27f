//! Where does the work stand? The funnel, what is undecided, what happened last, what was not
//! understood, and what stands in the way of publishing.

use super::{Desk, encode, page, pictures, rule, saved};
use crate::store::saved as searches;
use crate::store::{claims, kept, questions};
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
        section aria-labelledby="saved-h" { h2 id="saved-h" { "New since the last look" } (saved::list(desk, db)?) }
        section aria-labelledby="runs-h" { h2 id="runs-h" { "What changed last" } (runs(db)?) }
        section aria-labelledby="gaps-h" { h2 id="gaps-h" { "What was not understood" } (gaps(desk, db)?) }
        section aria-labelledby="afar-h" { h2 id="afar-h" { "From afar" } (pictures::part_of(desk, db, "years")?) p { a href="/pictures" { "All pictures" } } }
    };
    Ok(page::frame(desk, "Start", "/", content))
}

fn number(db: &Connection, sql: &str) -> anyhow::Result<usize> {
    Ok(db.query_row(sql, [], |row| row.get::<_, Option<i64>>(0))?.unwrap_or(0) as usize)
}

/// Findings by strength.
fn strengths(db: &Connection) -> anyhow::Result<Vec<(String, i64)>> {
    let rows = kept::rows(db, kept::STRENGTHS)?;
    Ok(rows.iter().filter_map(|row| Some((row.first()?.as_str()?.to_string(), row.get(1)?.as_i64()?))).collect())
}

fn waiting(desk: &Desk, db: &Connection) -> anyhow::Result<Markup> {
    let decided = number(db, "SELECT count(*) FROM decisions WHERE state = 'stands' AND verdict IN ('accept', 'reject', 'correct')")?;
    let again = number(db, "SELECT count(*) FROM decisions_to_review")?;
    let rows = strengths(db)?;
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
const CHECKS: [(&str, &str, &str); 6] = [
    (
        "SELECT count(*) FROM notices WHERE access = 'confidential'",
        "confidential notices in the case",
        "left out of exports, answers and JSON; never cite them",
    ),
    (
        "SELECT count(*) FROM (SELECT DISTINCT finding_now FROM decisions WHERE state = 'stands' AND verdict = 'accept') d CROSS JOIN evidence e ON e.finding = d.finding_now WHERE e.objections LIKE '%origin_unproven%'",
        "accepted findings whose page has no address",
        "nobody else can check where it came from",
    ),
    (
        "SELECT count(*) FROM (SELECT DISTINCT finding_now FROM decisions WHERE state = 'stands' AND verdict = 'accept') d CROSS JOIN evidence e ON e.finding = d.finding_now WHERE e.archive_url IS NULL",
        "accepted findings without an independent archive copy",
        "the page can vanish once its owner is warned",
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
];

/// Findings above weak that somebody has decided, or has to look at again.
const READ: &str = "SELECT count(DISTINCT f.id) FROM decisions d CROSS JOIN findings f ON f.id = d.finding_now WHERE d.state IN ('stands', 'changed') AND f.strength <> 'weak'";

fn safe(db: &Connection) -> anyhow::Result<Markup> {
    let mut rows = Vec::new();
    for (sql, what, why) in CHECKS {
        rows.push((number(db, sql)?, what, why));
    }
    rows.push((
        claims::unready(db)?,
        "accepted findings that wait for a second reader, or on which people do not agree",
        "they are in no letter",
    ));
    let above: i64 = strengths(db)?.iter().filter(|(strength, _)| strength != "weak").map(|(_, n)| n).sum();
    rows.push(((above as usize).saturating_sub(number(db, READ)?), "findings above weak that nobody has read", "they are leads"));
    Ok(
        html! { ul.checks { @for (n, what, why) in rows { li.(if n > 0 { "open" } else { "clear" }) { b { (say::count(n)) } " " (what) @if n > 0 { span.soft { ": " (why) } } } } } },
    )
}

const GAPS: usize = 12;

fn gaps(desk: &Desk, db: &Connection) -> anyhow::Result<Markup> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_string();
    let rows: Vec<(String, String, i64, i64)> = kept::rows(db, kept::NOT_UNDERSTOOD)?
        .iter()
        .take(GAPS)
        .filter_map(|row| Some((text(row.first()?), text(row.get(1)?), row.get(2)?.as_i64()?, row.get(3)?.as_i64()?)))
        .collect();
    let masks = &desk.rules.report.masks;
    let shown = |text: &str| say::short(&say::one_line(&mask::text(text, masks)), 60);
    let cell = |(kind, text, times, notices): &(String, String, i64, i64)| {
        let phrase = say::short(text.split(['\t', '\n']).next().unwrap_or(text), 30);
        vec![
            html! { a href={ "/search?q=" (encode(&format!("\"{}\"", phrase.trim_end_matches('…')))) } { (part::zh(&shown(text))) } },
            html! { (say::label("gap", kind, &desk.rules)) },
            html! { (say::count(*times as usize)) },
            html! { (say::count(*notices as usize)) },
            html! { @if let Some(place) = rule::link(kind, text) { a href=(place) aria-label={ "Add a rule for " (shown(text)) } { "add a rule" } } },
        ]
    };
    let columns = [
        part::Column("Text", part::Align::Text),
        part::Column("What it is", part::Align::Text),
        part::Column("Times", part::Align::Number),
        part::Column("Notices", part::Align::Number),
        part::Column("", part::Align::Text),
    ];
    let rows: Vec<Vec<Markup>> = rows.iter().map(cell).collect();
    Ok(html! {
        @if rows.is_empty() { p { "Nothing was left over." } }
        @else { (part::table("Most frequent first", &columns, &rows, GAPS)) p.note { "A rule is shown with what it would change before it is kept." } }
    })
}

/// An entry's words: of a frozen letter its name.
fn told(detail: &str) -> String {
    let list: Option<Vec<serde_json::Value>> = serde_json::from_str(detail).ok();
    list.and_then(|list| Some(list.first()?.as_str()?.to_string())).unwrap_or_else(|| detail.to_string())
}

/// Place of the new captures among the numbers of a run.
const NEW: usize = 1;

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
    let came = match rows.iter().find(|(.., numbers)| numbers[NEW] > 0) {
        Some((started, ..)) => searches::first_since(db, started)?,
        None => None,
    };
    let cells = |(started, killed, numbers): &(String, bool, [usize; 5])| {
        let mut row = vec![html! { (started) @if *killed { " (ended early)" } }];
        row.extend(numbers.iter().map(|n| part::cell(*n)));
        row
    };
    let mut journal = db.prepare("SELECT at, what, detail FROM journal ORDER BY id DESC LIMIT 8")?;
    let notes: Vec<(String, String, String)> =
        journal.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<Result<_, _>>()?;
    Ok(html! {
        @if let Some(notice) = came { p { a href={ "/search?since=" (notice) } { "What came with the last run that brought something new" } } }
        (part::table("Runs of trace, newest first", &columns, &rows.iter().map(cells).collect::<Vec<_>>(), 5))
        @if !notes.is_empty() { details { summary { "The last entries of the journal" } ul { @for (at, what, detail) in notes { li { (at) ": " (what.replace('_', " ")) " " (part::mixed(&told(&detail))) } } } } }
    })
}
