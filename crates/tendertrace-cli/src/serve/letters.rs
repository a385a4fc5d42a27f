//! What may be put to those concerned, and what was? For a brand, seller, buyer or project: which accepted
//! findings and claims a letter for comment would hold, which wait and why, and what must be known before it
//! goes out; and the versions that are frozen. Read as if confidential captures were not there.

use super::again::Again;
use super::{Desk, Given, dossier, encode, finding, given, page, to};
use crate::store::letters::{self, Draft, Frozen};
use crate::store::{Case, claims, decisions};
use anyhow::{Context as _, ensure};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use rusqlite::Connection;
use serde_json::json;
use tendertrace::assemble::CaseFinding;
use tendertrace::report::claims::{Claim, Standing};
use tendertrace::report::html::dossier::Subject;
use tendertrace::report::html::letter::{Chosen, READERS};
use tendertrace::report::html::part;
use tendertrace::report::{mask, say};
use tendertrace::rulebook::Rulebook;

/// The kinds of those who can be asked: parameter, what they are, column.
const SUBJECTS: [(&str, &str, &str); 4] = [
    ("brand", "Brands", "e.brand"),
    ("seller", "Sellers of record", "e.supplier"),
    ("buyer", "Buyers", "e.buyer"),
    ("project", "Projects", "e.project_number"),
];

pub fn page(desk: &Desk, db: &Connection, asked: &Given) -> anyhow::Result<Response> {
    shown(desk, db, asked, Again::NO)
}

/// The page, with a letter on it that could not be frozen.
pub fn again(desk: &Desk, db: &Connection, again: Again) -> anyhow::Result<Response> {
    let asked: Given = SUBJECTS.iter().map(|(name, ..)| (name.to_string(), again.or(name, "").to_string())).collect();
    shown(desk, db, &asked, again)
}

fn shown(desk: &Desk, db: &Connection, asked: &Given, again: Again) -> anyhow::Result<Response> {
    let (open, _) = Case::read_open(&desk.folder)?;
    let subject = dossier::subject(desk, &open.db, asked)?;
    let who = finding::last_reader(desk, db)?;
    let content = html! {
        h1 { "Letters for comment" }
        p { "Before a line appears, those whom it concerns are asked. A letter holds accepted findings only; awards, and what is said of ethnicity, need " (READERS) " people, none of whom objects. A version that is frozen is never changed." }
        (again.why())
        @if let Some(subject) = subject { (about(desk, &open.db, subject, asked, &who, again)?) }
        section aria-labelledby="whom-h" { h2 id="whom-h" { "Whom to ask" } (whom(desk, &open.db)?) }
        section aria-labelledby="versions-h" { h2 id="versions-h" { "Frozen versions" } (versions(&letters::all(&desk.folder, db)?)) }
    };
    Ok(page::frame(desk, "Letters for comment", "/letters", content))
}

/// Those named in accepted findings, by kind.
fn whom(desk: &Desk, db: &Connection) -> anyhow::Result<Markup> {
    let mut kinds = Vec::new();
    for (name, words, column) in SUBJECTS {
        let sql = format!(
            "SELECT {column}, count(*) FROM (SELECT DISTINCT finding_now FROM decisions WHERE state = 'stands' AND verdict = 'accept') d
             CROSS JOIN evidence e ON e.finding = d.finding_now WHERE {column} IS NOT NULL AND NOT e.copy GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 60"
        );
        let mut query = db.prepare(&sql)?;
        let rows = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)? as usize)))?;
        let rows: Vec<(String, usize)> = rows.collect::<Result<_, _>>()?;
        kinds.push((name, words, rows));
    }
    let shown = |name: &str, value: &str| match name {
        "brand" => say::brand(value, &desk.rules),
        "project" => value.to_string(),
        _ => mask::party(value, &desk.rules.report.masks),
    };
    Ok(html! {
        @if kinds.iter().all(|(.., rows)| rows.is_empty()) { p { "No finding is accepted yet. " a href="/queue" { "Review" } } }
        @for (name, words, rows) in kinds.iter().filter(|(.., rows)| !rows.is_empty()) {
            h3 { (words) }
            ul.findings { @for (value, n) in rows { @let words = shown(name, value); li data-item {
                @if *name != "brand" && *name != "project" && words != *value { (words) } @else { a href={ "/letters?" (name) "=" (encode(value)) } { (part::named(&words, &desk.rules)) } }
                " " span.soft { (say::counted(*n, "accepted finding", "accepted findings")) }
            } } }
        }
    })
}

fn about(desk: &Desk, db: &Connection, subject: Subject, asked: &Given, who: &str, again: Again) -> anyhow::Result<Markup> {
    let name = subject.name(&desk.rules);
    let (key, value) = SUBJECTS.iter().find_map(|(key, ..)| Some((*key, given(asked, key)?))).unwrap_or_default();
    let draft = Draft::of(&desk.folder, db, subject, &desk.rules)?;
    let chosen = draft.chosen();
    let bare = chosen.without_archive(&desk.rules);
    let stale = decisions::stale(db)?.iter().filter(|stale| stale.verdict == "accept").count();
    Ok(html! {
        section aria-labelledby="about-h" {
            h2 id="about-h" { "To " (part::named(&name, &desk.rules)) }
            (ready(&chosen, desk))
            (waiting(&chosen, desk))
            @if stale > 0 { p.note { (say::counted(stale, "acceptance", "acceptances")) " of the case no longer count: the finding changed or vanished since, and is in no letter until somebody looks again. " a href="/queue?state=again" { "See them" } } }
            (claims_of(&chosen, &draft.page.claims, &desk.rules))
            @if !chosen.ready.is_empty() {
                (bare_pages(&bare))
                p { a.button href={ "/letters/draft?" (key) "=" (encode(value)) } { "Read the draft" } " " a href={ "/dossier?" (key) "=" (encode(value)) } { "The dossier" } }
                (freeze_form(key, value, &bare, who, again))
            }
        }
    })
}

fn ready(chosen: &Chosen, desk: &Desk) -> Markup {
    html! {
        h3 { (say::counted(chosen.ready.len(), "statement goes", "statements go")) " in" }
        @if chosen.ready.is_empty() { p { "Nothing about them is ready for a letter." } }
        ol { @for found in &chosen.ready { li { (statement(found, desk)) } } }
    }
}

fn statement(found: &CaseFinding, desk: &Desk) -> Markup {
    html! {
        a href={ "/finding/" (found.finding.id) } { (part::mixed(&say::sentence(&found.finding, &desk.rules))) }
        @if let Some(day) = &found.date { " " span.soft { (day.value) } }
    }
}

fn waiting(chosen: &Chosen, desk: &Desk) -> Markup {
    html! { @if !chosen.waiting.is_empty() {
        h3 { (say::counted(chosen.waiting.len(), "accepted finding is", "accepted findings are")) " not in it" }
        p.note { "Each waits for a second reader, or somebody’s last word on it is another." }
        ul { @for found in &chosen.waiting { li { (statement(found, desk)) } } }
    } }
}

fn claims_of(chosen: &Chosen, all: &[Claim], rules: &Rulebook) -> Markup {
    let inside = chosen.claims(all);
    let is_about = |claim: &&Claim| {
        let cites = |f: &&CaseFinding| claim.findings.iter().any(|cited| cited.finding == f.finding.id);
        chosen.ready.iter().chain(&chosen.waiting).any(|f| cites(f)) && inside.iter().all(|(known, _)| known.id != claim.id)
    };
    let outside: Vec<&Claim> = all.iter().filter(is_about).collect();
    let sentence =
        |claim: &Claim| html! { a href={ "/claims#c-" (claim.id) } { (part::mixed(&mask::text(&claim.sentence, &rules.report.masks))) } };
    html! {
        @if !inside.is_empty() { h3 { (say::counted(inside.len(), "claim goes", "claims go")) " in, with the answers so far" } ul { @for (claim, _) in &inside { li { (sentence(claim)) @if !claim.replies.is_empty() { " " span.soft { (say::counted(claim.replies.len(), "answer", "answers")) } } } } } }
        @if !outside.is_empty() { h3 { (say::counted(outside.len(), "claim is", "claims are")) " left out" } ul { @for claim in &outside { li { (sentence(claim)) ": " (left_out(claim)) } } } }
        @if inside.is_empty() && !chosen.ready.is_empty() { p.note { "No claim is signed over these findings alone. An answer is kept with a claim, so " a href="/claims#sign-h" { "sign one" } " if you mean to print what they answer." } }
    }
}

fn left_out(claim: &Claim) -> &'static str {
    if claim.withdrawn.is_some() {
        "it was withdrawn"
    } else if claim.findings.iter().any(|cited| cited.standing != Standing::Stands) {
        "a finding under it changed, was withdrawn or is no longer accepted"
    } else {
        "it rests on a finding that is not in this letter"
    }
}

fn bare_pages(bare: &[String]) -> Markup {
    html! { @if !bare.is_empty() { div.banner role="note" {
        p { strong { "Before it goes out: " } (say::counted(bare.len(), "cited page has", "cited pages have")) " no independent archive copy. A letter warns those who could take a page down; have it archived first by somebody else than you." }
        ul { @for page in bare { li { code { (page) } } } }
    } } }
}

fn freeze_form(key: &str, value: &str, bare: &[String], who: &str, again: Again) -> Markup {
    let again = again.of("/letters", &[(key, value)]);
    html! {
        form.decide method="post" action="/letters" {
            input type="hidden" name=(key) value=(value);
            @if !bare.is_empty() { label.check { input type="checkbox" name="warned" value="yes" required checked[again.chose("warned", "yes")]; span { "It goes out all the same, without an archive copy of " (say::counted(bare.len(), "page", "pages")) } } }
            label { "Your pseudonym" input name="by" required maxlength="60" autocomplete="off" value=(again.or("by", who)); span.note { "Stays in the case; it is in no export." } }
            div.buttons { button { "Freeze this version" } }
        }
    }
}

fn versions(all: &[Frozen]) -> Markup {
    html! {
        @if all.is_empty() { p { "None yet." } }
        ul.findings { @for frozen in all { li id={ "v-" (frozen.sha256.get(..12).unwrap_or(&frozen.sha256)) } data-item {
            @if frozen.unchanged.is_some() { a href={ "/letters/" (encode(&frozen.file)) } { (frozen.file) } } @else { (frozen.file) }
            " " span.soft { (frozen.made.get(..10).unwrap_or(&frozen.made)) " by " (frozen.who) ", " (say::counted(frozen.statements, "statement", "statements")) }
            @match frozen.unchanged { Some(true) => {} Some(false) => { " " span.changed { "the file is not what was frozen" } } None => { " " span.soft { "not in the case folder" } } }
            br; span.src { "sha256 " span.hash { (frozen.sha256) } }
            @if !frozen.claims.is_empty() { br; "Keep what they answer: " @for (at, claim) in frozen.claims.split(' ').enumerate() { @if at > 0 { ", " } a href={ "/claims#c-" (claim) } { "claim " (claim) } } }
        } } }
    }
}

/// The letter as it would be, to read.
pub fn draft(desk: &Desk, db: &Connection, asked: &Given) -> anyhow::Result<Response> {
    let subject = dossier::subject(desk, db, asked)?.context("a letter is to a brand, a seller, a buyer or about a project")?;
    Ok(dossier::paper(Draft::of(&desk.folder, db, subject, &desk.rules)?.letter(&desk.rules)?))
}

/// A frozen letter, as it is.
pub fn version(desk: &Desk, _: &Connection, file: &str, _: &Given) -> anyhow::Result<Response> {
    Ok(dossier::paper(letters::read(&desk.folder, file)?))
}

/// Freezes a letter.
pub fn freeze(desk: &Desk, _: &Connection, form: &Given) -> anyhow::Result<Response> {
    let by = given(form, "by").context("give a pseudonym: a letter that nobody froze is none")?;
    let (open, _) = Case::read_open(&desk.folder)?;
    let subject = dossier::subject(desk, &open.db, form)?.context("a letter is to a brand, a seller, a buyer or about a project")?;
    let draft = Draft::of(&desk.folder, &open.db, subject, &desk.rules)?;
    let bare = draft.chosen().without_archive(&desk.rules).len();
    ensure!(
        bare == 0 || given(form, "warned").is_some(),
        "{bare} cited pages have no independent archive copy; tick that it goes out all the same"
    );
    let (case, _) = Case::write_existing(&desk.folder)?;
    letters::freeze(&case, &draft, None, by, &desk.rules)?;
    case.close()?;
    Ok(to("/letters#versions-h"))
}

/// Frozen letters, for programs; never who froze them.
pub fn json(desk: &Desk, db: &Connection) -> anyhow::Result<Response> {
    let standing = claims::leaving(db)?.into_iter().map(|claim| claim.id).collect::<Vec<_>>();
    let one = |frozen: &Frozen| {
        let claims: Vec<i64> = frozen.claims.split(' ').filter_map(|n| n.parse().ok()).filter(|n| standing.contains(n)).collect();
        json!({"file": frozen.file, "frozen": frozen.made, "sha256": frozen.sha256, "statements": frozen.statements, "claims": claims, "unchanged": frozen.unchanged})
    };
    let all = letters::all(&desk.folder, db)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], json!({"letters": all.iter().map(one).collect::<Vec<_>>()}).to_string())
        .into_response())
}
