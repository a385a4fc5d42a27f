//! What would a rule for this mend? What was not understood becomes a proposed row; its notices are
//! examined with and without it; a person keeps it in their own layer or leaves it. No decision of a
//! person is touched: one whose finding would change is named.

use super::again::Again;
use super::{Access, Desk, Given, encode, given, page};
use crate::context;
use crate::store::proposing::{self, Change, Draft, Proposal};
use anyhow::{Context as _, bail, ensure};
use axum::response::Response;
use maud::{Markup, html};
use rusqlite::{Connection, OptionalExtension as _};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use tendertrace::report::html::part::{self, Align, Column};
use tendertrace::report::{mask, say};

/// Kinds of gaps that a row can mend.
pub const MENDED: [&str; 2] = ["unknown_label", "unknown_brand"];

/// The way from a gap to its rule.
pub fn link(kind: &str, text: &str) -> Option<String> {
    MENDED.contains(&kind).then(|| format!("/rule?kind={kind}&text={}", encode(text)))
}

/// The form, and what the rule would change once it is filled in.
pub fn page(desk: &Desk, db: &Connection, asked: &Given) -> anyhow::Result<Response> {
    let (kind, text) = gap(asked)?;
    let shown = mask::text(text, &desk.rules.report.masks);
    let proposal = proposal(asked)?;
    let content = html! {
        p.kicker { a href="/#gaps-h" { "What was not understood" } }
        h1.name { "A rule for “" (part::zh(&say::short(&shown, 40))) "”" }
        (form(kind, text, asked))
        @if let Some(proposal) = &proposal { (tried(desk, db, (kind, text), proposal, asked)?) }
        @else { p.note { "Nothing is written yet: the next page shows what would change." } }
    };
    Ok(page::frame(desk, "A rule", "/", content))
}

/// The form as it was sent, where the rule could not be kept.
pub fn again(desk: &Desk, _: &Connection, again: Again) -> anyhow::Result<Response> {
    let asked: Given = ["kind", "text", "field", "name", "home"].map(|name| (name.to_string(), again.or(name, "").to_string())).into();
    let (kind, text) = gap(&asked)?;
    let content = html! { p.kicker { a href="/#gaps-h" { "What was not understood" } } h1.name { "A rule for “" (part::zh(&say::short(&mask::text(text, &desk.rules.report.masks), 40))) "”" } (again.why()) (form(kind, text, &asked)) };
    Ok(page::frame(desk, "A rule", "/", content))
}

fn gap(asked: &Given) -> anyhow::Result<(&str, &str)> {
    let kind = given(asked, "kind").context("which kind of gap?")?;
    ensure!(MENDED.contains(&kind), "a row mends unknown labels and unknown brands only");
    Ok((kind, given(asked, "text").context("which text was not understood?")?))
}

fn proposal(asked: &Given) -> anyhow::Result<Option<Proposal>> {
    let (kind, text) = gap(asked)?;
    let owned = |name: &str| given(asked, name).map(str::to_string);
    Ok(match kind {
        "unknown_label" => owned("field").map(|field| Proposal::Label { label: text.to_string(), field }),
        _ => {
            owned("name").zip(owned("home")).map(|(name, home)| Proposal::Brand { text: text.to_string(), name, home: home.to_uppercase() })
        }
    })
}

fn form(kind: &str, text: &str, asked: &Given) -> Markup {
    html! {
        form.asked method="get" action="/rule" {
            input type="hidden" name="kind" value=(kind);
            input type="hidden" name="text" value=(text);
            @if kind == "unknown_label" {
                label { "This label is" select name="field" required {
                    option value="" { "choose a field" }
                    @for field in proposing::fields() { option value=(field) selected[given(asked, "field") == Some(&field)] { (field.replace('_', " ")) } }
                } }
            } @else {
                label { "Name of the brand in Latin letters" input name="name" required value=(given(asked, "name").unwrap_or_default()); }
                label { "Home of its maker, two letters" input name="home" required maxlength="2" value=(given(asked, "home").unwrap_or_default()); }
            }
            button { "See what changes" }
        }
    }
}

fn tried(desk: &Desk, db: &Connection, gap: (&str, &str), proposal: &Proposal, asked: &Given) -> anyhow::Result<Markup> {
    let (layer, _) = layer(desk)?;
    let draft = proposing::draft(proposal, &layer)?;
    let rules = match proposing::rules(&layer, &draft) {
        Ok(rules) => rules,
        Err(error) => return Ok(html! { div.banner role="alert" { p { (error) } } }),
    };
    let tried = proposing::attempt(&desk.folder, db, gap, &desk.rules, &rules)?;
    let touched: BTreeSet<i64> = tried.changes.iter().map(|change| change.notice).collect();
    let decided = decided(db, &tried.changes)?;
    Ok(html! {
        h2 { "What would change" }
        p { strong { (say::counted(touched.len(), "notice", "notices")) } " of " (say::count(tried.notices)) " examined with and without it" @if tried.is_cut { " (the first " (proposing::MOST) "; there are more)" } "." }
        @if decided > 0 { div.banner role="note" { p { (say::counted(decided, "finding", "findings")) " that would change were decided by a person: the decisions stay, and are listed for another look." } } }
        @if tried.changes.is_empty() { p { "Nothing else is read with this rule." } } @else { (summary(&tried.changes)) (table(desk, &tried.changes)) }
        h2 { "The rule" }
        details { summary { (draft.file) } pre tabindex="0" role="region" aria-label="The rule's file" { code lang="zh" { (draft.text) } } }
        form method="post" action="/rule" {
            @for (name, value) in asked { input type="hidden" name=(name) value=(value); }
            p { button.button { "Keep the rule" } " " a href="/#gaps-h" { "Discard it" } }
        }
    })
}

/// How many findings of a changed kind somebody decided.
fn decided(db: &Connection, changes: &[Change]) -> anyhow::Result<usize> {
    let mut query = db.prepare("SELECT 1 FROM decisions WHERE finding_now = ?1 LIMIT 1")?;
    let mut n = 0;
    for finding in changes.iter().filter_map(|change| change.finding.as_ref()) {
        n += usize::from(query.query_row([finding], |_| Ok(())).optional()?.is_some());
    }
    Ok(n)
}

fn summary(changes: &[Change]) -> Markup {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for change in changes {
        let how = match (&change.before, &change.after) {
            (None, _) => "new",
            (_, None) => "gone",
            _ => "other",
        };
        *counts.entry((change.what.as_str(), how)).or_default() += 1;
    }
    html! { ul { @for ((what, how), n) in counts { li { (what) ": " (say::count(n)) " " (how) } } } }
}

/// Changes shown one by one.
const SHOWN: usize = 30;

fn table(desk: &Desk, changes: &[Change]) -> Markup {
    let shown =
        |text: &Option<String>| say::short(&say::one_line(&mask::text(text.as_deref().unwrap_or("–"), &desk.rules.report.masks)), 60);
    let cells = |change: &Change| {
        vec![
            html! { a href={ "/notice/" (change.notice) } { "open" } },
            html! { (change.what) },
            part::mixed(&shown(&change.before)),
            part::mixed(&shown(&change.after)),
        ]
    };
    let columns = ["Notice", "Field or finding", "Now", "With the rule"].map(|name| Column(name, Align::Text));
    part::table("Each change", &columns, &changes.iter().map(cells).collect::<Vec<_>>(), SHOWN)
}

/// Writes the rule into the user's own layer.
pub fn keep(desk: &Desk, _: &Connection, form: &Given) -> anyhow::Result<Response> {
    if desk.access != Access::Owner {
        bail!("rules are written by whoever owns the case, on their own machine");
    }
    let proposal = proposal(form)?.context("fill in the form first")?;
    let (layer, folder) = layer(desk)?;
    let draft: Draft = proposing::draft(&proposal, &layer)?;
    proposing::rules(&layer, &draft)?;
    proposing::keep(&folder, &draft)?;
    let content = html! {
        h1 { "The rule is kept" }
        p { "It stands in " code { (draft.file) } " of your own rulebook. The case is examined with it by " code { "tendertrace trace --case CASE" } "; then open the desk again. To take it back, delete the row or the file." }
        p { a href="/" { "Back to the start" } }
    };
    Ok(page::frame(desk, "The rule is kept", "/", content))
}

/// The user's own layer as it is on the disk now, and its folder.
fn layer(desk: &Desk) -> anyhow::Result<(BTreeMap<String, Vec<u8>>, PathBuf)> {
    let folder = desk.own_rules.clone().unwrap_or_else(|| context::own_rules_of(&desk.folder));
    let layer = if folder.is_dir() { context::read_layer(&folder)? } else { BTreeMap::new() };
    Ok((layer, folder))
}
