//! What is known of one organisation, and is it one? Spellings, what may be the same, lists by date,
//! whom it sold to and bought from, who stood beside it, its brands and notices; and the forms by which a
//! person merges, splits, tells apart from a list's entry, and takes back.

use super::again::Again;
use super::facts::Facts;
use super::filter::{COUNTED, Filter};
use super::find::money;
use super::parties::{self, Who, role, span};
use super::{Desk, Given, encode, facets, finding, given, page, to};
use crate::store::organisations::{self, Doubt, Listed, Met, Named, Organisation, Side, Word};
use crate::store::{Case, entities, resolving};
use anyhow::{Context as _, bail};
use axum::response::Response;
use maud::{Markup, html};
use rusqlite::{Connection, params};
use tendertrace::report::html::part::{self, Align, Column};
use tendertrace::report::{mask, say};

const SHOWN: usize = 100;

pub fn page(desk: &Desk, db: &Connection, asked: &Given) -> anyhow::Result<Response> {
    let name = given(asked, "name").context("which party?")?;
    shown(desk, db, name, html! {}, Again::NO)
}

/// The page where a word was to be said, with the form that could not be taken.
pub fn again(desk: &Desk, db: &Connection, again: Again) -> anyhow::Result<Response> {
    if again.or("back", "").starts_with("/parties/doubts") {
        return parties::doubts_again(desk, db, again);
    }
    shown(desk, db, again.or("one", ""), again.why(), again)
}

fn shown(desk: &Desk, db: &Connection, name: &str, said: Markup, again: Again) -> anyhow::Result<Response> {
    let (masked, who) = parties::shown(name, desk);
    let content = match (who, organisations::of(db, name)?) {
        (Who::Person, _) => html! { h1.name { (masked) } p { "A person. Persons are not looked up here." } },
        (_, None) => {
            html! { h1.name { (part::zh(&masked)) } p { "No party of the case is written like this." } p { a href={ "/parties?name=" (encode(name)) } { "Names that hold it" } } }
        }
        (_, Some(organisation)) => all(desk, db, &organisation, said, again)?,
    };
    let content = html! { p.kicker { a href="/parties" { "Parties" } } (content) };
    Ok(page::frame(desk, &masked, "/parties", content))
}

fn all(desk: &Desk, db: &Connection, known: &Organisation, said: Markup, again: Again) -> anyhow::Result<Markup> {
    let names = known.names();
    let who = finding::last_reader(desk, db)?;
    let filter = |name: &str| Filter::default().and(name, &known.name);
    let facts = Facts::of(db)?;
    let (sold, bought) = (facts.count(&filter("seller"))?, facts.count(&filter("buyer"))?);
    let counted = |(processes, findings): (usize, usize), rows: Filter| html! { a href=(rows.link("/findings")) { (say::counted(findings, "finding", "findings")) " in " (say::counted(processes, "contracting process", "contracting processes")) } };
    Ok(html! {
        h1.name { (part::named(&known.name, &desk.rules)) }
        p.meta { @for (at, (id, n, first, last)) in known.roles.iter().enumerate() { @if at > 0 { " · " } (role(id)) " in " (say::counted(*n, "notice", "notices")) " " span.soft { (span(first, last)) } } @if let Some(code) = &known.code { " · credit code " code { (code) } } }
        (said)
        @if sold.1 > 0 { p { "As seller " (counted(sold, filter("seller"))) " · " a href={ "/dossier?seller=" (encode(&known.name)) } { "dossier of the seller" } } }
        @if bought.1 > 0 { p { "As buyer " (counted(bought, filter("buyer"))) " · " a href={ "/dossier?buyer=" (encode(&known.name)) } { "dossier of the buyer" } } }
        @if sold.1 + bought.1 == 0 { p { "No finding names it as seller or buyer." } }
        p { a href={ "/screenings?names=" (encode(&known.name)) } { "Ask the lists for this name" } }
        section aria-labelledby="who-h" { h2 id="who-h" { "Spellings, and what may be the same" } (identity(desk, db, known, &who, again)?) }
        section aria-labelledby="leads-h" { h2 id="leads-h" { "Lists by date" } (lists(desk, &organisations::listed(db, &names)?, known, &who, again)) }
        section aria-labelledby="chain-h" { h2 id="chain-h" { "Whom it sold to, whom it bought from" } (chain(desk, db, &names)?) }
        section aria-labelledby="beside-h" { h2 id="beside-h" { "Beside it in the same lots" } (met(desk, &organisations::beside(db, &names)?, "Bidders and winners of the same lots", "No other bidder or winner of its lots was read.")) }
        section aria-labelledby="brands-h" { h2 id="brands-h" { "Brands named with it" } (brands(desk, db, known)?) }
        section aria-labelledby="notices-h" { h2 id="notices-h" { "Notices" } (notices(desk, db, known)?) }
    })
}

fn identity(desk: &Desk, db: &Connection, known: &Organisation, who: &str, again: Again) -> anyhow::Result<Markup> {
    let said_other = again.of("/party/say", &[("back", ""), ("list", "")]);
    let doubts = organisations::doubts_of(db, &known.id)?;
    let words = organisations::words(db, &known.names())?;
    let place = format!("/party?name={}", encode(&known.name));
    Ok(html! {
        @if known.spellings.len() == 1 { p { "One spelling only." } }
        @else { (split(desk, known, who, again.of("/party/split", &[]))) }
        @if !doubts.is_empty() { h3 { "It may be the same as" } ol.hits { @for doubt in &doubts { li.hit data-item { p { b { (page::party(&doubt.other, &desk.rules)) } } (parties::about(doubt)) (verdicts(doubt, &place, who, again, desk)) } } } }
        details open[said_other.is_sent()] { summary { "It is the same as, or not the same as, another name" }
            form.decide method="post" action="/party/say" {
                input type="hidden" name="one" value=(known.name);
                label { "The other name, as a notice writes it" input name="other" lang="zh" required maxlength="300" value=(said_other.or("other", "")); }
                (signed(who, said_other))
                div.buttons { button name="verdict" value="same" { "The same" } button name="verdict" value="not_same" { "Not the same" } }
            }
        }
        @if !words.is_empty() { h3 { "What people said" } ul.said { @for word in &words { li.undone[word.undone] { (said(desk, word, &known.name)) } } } }
    })
}

/// All spellings; some can be told to be another organisation.
fn split(desk: &Desk, known: &Organisation, who: &str, again: Again) -> Markup {
    html! {
        form.decide method="post" action="/party/split" {
            input type="hidden" name="one" value=(known.name);
            fieldset { legend { "All these are taken as one organisation" }
                @for (name, n) in &known.spellings { label.check { input type="checkbox" name="other" value=(name) checked[again.chose("other", name)]; span { (part::zh(&mask::party(name, &desk.rules.report.masks))) " " span.soft { (say::counted(*n, "notice", "notices")) } } } }
            }
            details open[again.is_sent()] { summary { "Some of them are another organisation" } p.note { "Tick them above." } (signed(who, again)) div.buttons { button { "The ticked ones are another organisation" } } }
        }
    }
}

fn signed(who: &str, again: Again) -> Markup {
    html! {
        div.row {
            label { "Your pseudonym" input name="by" required maxlength="60" autocomplete="off" value=(again.or("by", who)); }
            label { "Why" input name="note" maxlength="400" value=(again.or("note", "")); }
        }
    }
}

/// The two buttons under a doubt.
pub fn verdicts(doubt: &Doubt, back: &str, who: &str, again: Again, desk: &Desk) -> Markup {
    let again = again.of("/party/say", &[("one", &doubt.one), ("other", &doubt.other), ("back", back)]);
    let name = |name: &str| parties::shown(name, desk).0;
    html! {
        form.decide method="post" action="/party/say" aria-label={ (name(&doubt.one)) " and " (name(&doubt.other)) } {
            input type="hidden" name="one" value=(doubt.one);
            input type="hidden" name="other" value=(doubt.other);
            input type="hidden" name="back" value=(back);
            (signed(who, again))
            div.buttons { button name="verdict" value="same" { "The same" } button name="verdict" value="not_same" { "Not the same" } }
        }
    }
}

fn said(desk: &Desk, word: &Word, name: &str) -> Markup {
    let shown = |name: &str| part::zh(&mask::party(name, &desk.rules.report.masks));
    html! {
        (word.made.get(..10).unwrap_or(&word.made)) " " b { (word.who) } ": " (shown(&word.one)) " is " (word.verdict.replace('_', " ")) " as "
        @if let Some(list) = &word.list { (list) ": " } (shown(&word.other))
        @if let Some(note) = &word.note { " – " (mask::text(note, &desk.rules.report.masks)) }
        @if word.undone { " – taken back" }
        @else { form method="post" action="/party/undo" { input type="hidden" name="one" value=(name); input type="hidden" name="word" value=(word.id); input type="hidden" name="by" value=(word.who); button.quiet { "Take back" } } }
    }
}

fn lists(desk: &Desk, listed: &[Listed], known: &Organisation, who: &str, again: Again) -> Markup {
    let of = |one: &Listed| again.of("/party/say", &[("list", &one.list), ("other", &one.entry)]);
    html! {
        @if listed.is_empty() { p { "No entry of the lists resembles one of its names." } }
        @else { p.note { "A lead, not a verdict. Whether it was listed is said for the day of each notice." } }
        ul.findings { @for one in listed { li {
            b { (one.list) } ": " (part::zh(&one.entry)) " " span.soft { (say::label("judgement", &one.judgement, &desk.rules)) (mask::text(&one.by_way_of, &desk.rules.report.masks)) }
            " · listed " (one.from.as_deref().unwrap_or("since an unknown day")) @if let Some(to) = &one.to { " to " (to) }
            ul { @for (in_force, n, first, last) in &one.notices { li { (say::counted(*n, "notice", "notices")) " " (span(first, last)) ": " (say::label("in_force", in_force, &desk.rules)) } } }
            details open[of(one).is_sent()] { summary { "It is another party" }
                form.decide method="post" action="/party/say" {
                    input type="hidden" name="one" value=(one.party); input type="hidden" name="other" value=(one.entry); input type="hidden" name="list" value=(one.list);
                    input type="hidden" name="back" value={ "/party?name=" (encode(&known.name)) };
                    (signed(who, of(one)))
                    div.buttons { button name="verdict" value="not_same" { "Not the same" } }
                }
            }
        } } }
    }
}

fn chain(desk: &Desk, db: &Connection, names: &str) -> anyhow::Result<Markup> {
    Ok(html! {
        (met(desk, &organisations::buyers(db, names)?, "Buyers of what it won", "It won nothing that could be read."))
        (met(desk, &organisations::sellers(db, names)?, "Sellers of what it bought", "It bought nothing whose seller could be read."))
    })
}

fn met(desk: &Desk, all: &[Met], caption: &'static str, nothing: &str) -> Markup {
    let cells = |one: &Met| {
        vec![
            page::party(&one.name, &desk.rules),
            html! { (role(&one.role)) },
            html! { (say::count(one.processes)) },
            html! { span.short { (span(&one.first, &one.last)) } },
        ]
    };
    let columns = [
        Column("Name", Align::Text),
        Column("As", Align::Text),
        Column("Contracting processes", Align::Number),
        Column("Dates", Align::Text),
    ];
    html! { @if all.is_empty() { p { (nothing) } } @else { (part::table(caption, &columns, &all.iter().map(cells).collect::<Vec<_>>(), SHOWN)) } }
}

fn brands(desk: &Desk, db: &Connection, known: &Organisation) -> anyhow::Result<Markup> {
    let mut rows = Vec::new();
    for (side, name, words) in [(Side::Seller, "seller", "as seller"), (Side::Buyer, "buyer", "as buyer")] {
        let named = organisations::brands(db, &known.names(), side, COUNTED)?;
        rows.extend(named.into_iter().map(|one| brand(desk, &one, &Filter::default().and(name, &known.name), words)));
    }
    let columns = ["Brand", "Usage", "It stands", "Contracting processes", "Dates"]
        .map(|name| Column(name, if name.starts_with("Contracting") { Align::Number } else { Align::Text }));
    Ok(
        html! { @if rows.is_empty() { p { "No brand of the rulebook is named with it as buyer or seller." } } @else { (part::table("Contracting processes by brand and usage", &columns, &rows, SHOWN)) } },
    )
}

fn brand(desk: &Desk, one: &Named, filter: &Filter, words: &str) -> Vec<Markup> {
    let rows = filter.and("brand", &one.brand).and("usage", &one.usage);
    vec![
        html! { (facets::words("brand", &one.brand, &desk.rules)) },
        html! { (say::label("usage", &one.usage, &desk.rules)) },
        html! { (words) },
        html! { a href=(rows.link("/findings")) { (say::count(one.processes)) } },
        html! { span.short { (span(&one.first, &one.last)) } },
    ]
}

fn notices(desk: &Desk, db: &Connection, known: &Organisation) -> anyhow::Result<Markup> {
    let mut query = db.prepare(
        "SELECT t.id, coalesce(t.title, t.project_name, ''), t.event_date, t.stage, p.role, p.amount_minor, p.currency, coalesce(y.factor, 100)
         FROM parties p JOIN notices t ON t.id = p.notice LEFT JOIN joined m ON m.notice = t.id LEFT JOIN currencies y ON y.code = p.currency
         WHERE p.name IN (SELECT value FROM json_each(?1)) AND coalesce(m.main, t.id) = t.id ORDER BY t.event_date DESC, t.id LIMIT ?2",
    )?;
    let rows = query.query_map(params![known.names(), SHOWN as i64], |row| {
        let (minor, currency, factor): (Option<i64>, Option<String>, i64) = (row.get(5)?, row.get(6)?, row.get(7)?);
        let sum = minor.zip(currency).map(|(minor, currency)| money(minor, factor, currency)).unwrap_or_default();
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, [row.get::<_, Option<String>>(2)?, row.get(3)?, row.get(4)?], sum))
    })?;
    let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
    let title = |text: &str| match say::one_line(&mask::text(text, &desk.rules.report.masks)) {
        empty if empty.trim().is_empty() => "Untitled notice".to_string(),
        text => say::short(&text, 90),
    };
    let cells = |(id, text, [date, stage, as_role], sum): &(i64, String, [Option<String>; 3], String)| {
        let (stage, as_role) = (stage.as_deref().unwrap_or_default(), as_role.as_deref().unwrap_or_default());
        vec![
            html! { a href={ "/notice/" (id) } { (part::zh(&title(text))) } },
            html! { (date.as_deref().unwrap_or_default()) },
            html! { (say::label("stage", stage, &desk.rules)) },
            html! { (role(as_role)) },
            html! { (sum) },
        ]
    };
    let columns =
        ["Notice", "Date", "Stage", "As", "Sum"].map(|name| Column(name, if name == "Sum" { Align::Number } else { Align::Text }));
    Ok(html! {
        (part::table("Newest first", &columns, &rows.iter().map(cells).collect::<Vec<_>>(), SHOWN))
        p { a href={ "/search?q=" (encode(&format!("\"{}\"", known.name))) } { "Everywhere this name is written" } }
    })
}

/// Most pairs that one split may part.
const PAIRS: usize = 400;

/// A person's word: two names are one, or are not; the second may be an entry of a list.
pub fn say(desk: &Desk, db: &Connection, form: &Given) -> anyhow::Result<Response> {
    let (one, other) = (given(form, "one").context("which name?")?, given(form, "other").context("which other name?")?);
    let verdict = given(form, "verdict").filter(|v| ["same", "not_same"].contains(v)).context("the same, or not?")?;
    if one == other {
        bail!("one spelling is one organisation here; two names are needed");
    }
    write(desk, db, form, &[(one, other)], verdict, given(form, "list"))
}

/// The chosen spellings are another organisation than those left.
pub fn split_off(desk: &Desk, db: &Connection, form: &Given) -> anyhow::Result<Response> {
    let one = given(form, "one").context("which name?")?;
    let known = organisations::of(db, one)?.context("no party of the case is written like this")?;
    let chosen: Vec<&str> = form.iter().filter(|(key, _)| key == "other").map(|(_, value)| value.as_str()).collect();
    let left: Vec<&str> = known.spellings.iter().map(|s| s.0.as_str()).filter(|name| !chosen.contains(name)).collect();
    if chosen.is_empty() || left.is_empty() {
        bail!("tick some of the spellings, and leave some");
    }
    let pairs: Vec<(&str, &str)> = left.iter().flat_map(|left| chosen.iter().map(move |chosen| (*left, *chosen))).collect();
    if pairs.len() > PAIRS {
        bail!("that parts more than {PAIRS} pairs at once; do it in steps");
    }
    write(desk, db, form, &pairs, "not_same", None)
}

fn write(
    desk: &Desk,
    db: &Connection,
    form: &Given,
    pairs: &[(&str, &str)],
    verdict: &str,
    list: Option<&str>,
) -> anyhow::Result<Response> {
    let by = given(form, "by").context("give a pseudonym: a word that nobody said is none")?;
    let listed = list.is_none_or(|list| desk.rules.lists.lists.iter().any(|known| known.source.id == list));
    for (one, other) in pairs {
        for name in std::iter::once(one).chain(list.is_none().then_some(other)) {
            organisations::of(db, name)?.with_context(|| format!("no party of the case is written “{name}”"))?;
        }
    }
    if !listed {
        bail!("the rulebook has no such list");
    }
    let (mut case, _) = Case::write_existing(&desk.folder)?;
    for (one, other) in pairs {
        entities::say(&mut case, &entities::Word { one, other, list, verdict, by, note: given(form, "note") })?;
    }
    let unheard = resolving::hear(&mut case, &desk.rules)?;
    case.close()?;
    answer(desk, db, form, pairs[0].0, &unheard)
}

/// Takes a word back.
pub fn undo(desk: &Desk, db: &Connection, form: &Given) -> anyhow::Result<Response> {
    let word = given(form, "word").and_then(|n| n.parse().ok()).context("which word?")?;
    let by = given(form, "by").context("give a pseudonym")?;
    let (mut case, _) = Case::write_existing(&desk.folder)?;
    entities::unsay(&mut case, word, by)?;
    let unheard = resolving::hear(&mut case, &desk.rules)?;
    case.close()?;
    answer(desk, db, form, given(form, "one").context("which name?")?, &unheard)
}

fn answer(desk: &Desk, db: &Connection, form: &Given, name: &str, unheard: &[String]) -> anyhow::Result<Response> {
    if unheard.is_empty() {
        let own = format!("/party?name={}", encode(name));
        return Ok(to(given(form, "back").filter(|back| back.starts_with("/part")).unwrap_or(&own)));
    }
    let said = html! { div.banner role="note" { p { strong { "It was written down, but other words stand against it: " } @for pair in unheard { (part::mixed(pair)) ". " } "What is apart stays apart." } } };
    shown(desk, db, name, said, Again::NO)
}
