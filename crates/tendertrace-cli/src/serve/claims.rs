//! Which sentences may be published? Claims with the findings they rest on, who signed them, what those
//! concerned answered and what was withdrawn; and the forms by which people sign, keep, withdraw and undo.

use super::again::Again;
use super::{Desk, Given, finding, given, page, to};
use crate::store::claims::{self, Event, Kept, Made};
use crate::store::{Case, clock};
use anyhow::{Context as _, bail};
use axum::response::Response;
use maud::{Markup, html};
use rusqlite::Connection;
use tendertrace::report::claims::{Answer, Standing};
use tendertrace::report::html::part;
use tendertrace::report::mask;
use tendertrace::rulebook::Rulebook;

/// Accepted findings offered for a new claim.
const OFFERED: usize = 200;

/// All claims, and the form for a new one.
pub fn page(desk: &Desk, db: &Connection) -> anyhow::Result<Response> {
    again(desk, db, Again::NO)
}

/// The same, with a form on it that could not be taken.
pub fn again(desk: &Desk, db: &Connection, again: Again) -> anyhow::Result<Response> {
    let who = finding::last_reader(desk, db)?;
    let kept = claims::all(db)?;
    let ready = claims::ready(db, OFFERED)?;
    let content = html! {
        h1 { "Claims" }
        p { "A claim is one sentence that may be published, the accepted findings it rests on, and the person who signed it off. Replies are printed with it in every dossier and letter from then on. " a href="/letters" { "Letters for comment" } }
        (again.why())
        section aria-labelledby="signed-h" { h2 id="signed-h" { "Signed" }
            @if kept.is_empty() { p { "None yet." } }
            ol.claims { @for kept in &kept { li id={ "c-" (kept.claim.id) } data-item { (one(kept, &who, again, &desk.rules)) } } }
        }
        section aria-labelledby="sign-h" { h2 id="sign-h" { "Sign a claim" } (sign_form(&ready, &who, again.of("/claims", &[]), &desk.rules)) }
    };
    Ok(page::frame(desk, "Claims", "/claims", content))
}

fn one(kept: &Kept, who: &str, again: Again, rules: &Rulebook) -> Markup {
    let claim = &kept.claim;
    let masked = |text: &str| part::mixed(&mask::text(text, &rules.report.masks));
    html! {
        p { (page::stamp(kept.state())) " " strong { (masked(&claim.sentence)) } }
        p.meta { "Signed on " (claim.signed) " by " b { (kept.who) } }
        ul { @for cited in &claim.findings { li { a href={ "/finding/" (cited.finding) } { "Finding " (cited.finding.get(..8).unwrap_or(&cited.finding)) } @match &cited.standing {
            Standing::Stands => { " stands" }
            Standing::LookAgain => { " " span.changed { "changed, vanished or is no longer accepted" } }
            Standing::Withdrawn(said) => { " was withdrawn on " (said.on) ": " (masked(&said.text)) }
        } } } }
        @if !kept.events.is_empty() { ol.said { @for made in &kept.events { li.undone[made.undone] { (entry(made, claim.id, rules)) } } } }
        @if !kept.taken_back() { (forms(kept, who, again)) }
    }
}

fn entry(made: &Made, claim: i64, rules: &Rulebook) -> Markup {
    let masked = |text: &str| part::mixed(&mask::text(text, &rules.report.masks));
    let answer = Answer::ALL.into_iter().find(|answer| made.answer.as_deref() == Some(answer.id()));
    let what = answer.map_or_else(|| made.kind.replace('_', " "), |answer| answer.words().to_string());
    html! {
        (made.on) ": " @if let Some(party) = &made.party { (part::zh(&mask::party(party, &rules.report.masks))) " " } (what)
        @if let Some(n) = made.finding { " (its finding " (n + 1) ")" }
        @if let Some(text) = &made.text { ": " (masked(text)) }
        " " span.soft { "kept by " (made.who) }
        @if made.undone { " – taken back" }
        @else { form method="post" action={ "/claims/" (claim) } { input type="hidden" name="entry" value=(made.id); input type="hidden" name="by" value=(made.who); button.quiet name="act" value="undo" { "Take back" } } }
    }
}

/// The forms by which more is kept with a claim: the one that was sent and not taken is open and filled.
fn forms(kept: &Kept, who: &str, again: Again) -> Markup {
    let claim = &kept.claim;
    let place = format!("/claims/{}", claim.id);
    let of = |act| again.of(&place, &[("act", act)]);
    let published = [of("publish"), of("drop")].into_iter().find(|again| again.is_sent()).unwrap_or(Again::NO);
    html! {
        (reply_form(kept, &place, who, of("reply")))
        @if claim.published.is_none() && claim.withdrawn.is_none() {
            details open[published.is_sent()] { summary { "It is published, or was signed by mistake" }
                form.decide method="post" action=(place) {
                    div.row { label { "Where, or why" input name="text" maxlength="400" value=(published.or("text", "")); } (day(published)) }
                    (signed(who, published))
                    div.buttons { button name="act" value="publish" { "It is published" } button name="act" value="drop" { "Take the claim back" } }
                }
            }
        }
        @if claim.published.is_some() && claim.withdrawn.is_none() { (withdraw_form(kept, &place, who, of("withdraw"))) }
    }
}

fn reply_form(kept: &Kept, place: &str, who: &str, again: Again) -> Markup {
    let first = if kept.claim.replies.is_empty() { "Keep a reply" } else { "Keep another reply" };
    html! { details open[again.is_sent()] { summary { (first) }
        form.decide method="post" action=(place) {
            div.row {
                label { "They" select name="answer" { @for answer in Answer::ALL { option value=(answer.id()) selected[again.chose("answer", answer.id())] { (answer.words()) } } } }
                label { "Who" input name="party" maxlength="200" value=(again.or("party", "")); }
                (day(again))
            }
            label { "Their words" textarea name="text" rows="3" maxlength="8000" { (again.or("text", "")) } }
            (signed(who, again))
            div.buttons { button name="act" value="reply" { "Keep the reply" } }
        }
    } }
}

fn withdraw_form(kept: &Kept, place: &str, who: &str, again: Again) -> Markup {
    let short = |id: &str| id.get(..8).unwrap_or(id).to_string();
    html! { details open[again.is_sent()] { summary { "Withdraw" }
        form.decide method="post" action=(place) {
            div.row {
                label { "What" select name="finding" {
                    option value="" { "the whole claim" }
                    @for cited in &kept.claim.findings { option value=(cited.finding) selected[again.chose("finding", &cited.finding)] { "finding " (short(&cited.finding)) } }
                } }
                (day(again))
            }
            label { "Why; it is printed" textarea name="text" rows="2" required maxlength="4000" { (again.or("text", "")) } }
            (signed(who, again))
            div.buttons { button name="act" value="withdraw" { "Withdraw" } }
        }
    } }
}

fn signed(who: &str, again: Again) -> Markup {
    html! { label { "Your pseudonym" input name="by" required maxlength="60" autocomplete="off" value=(again.or("by", who)); } }
}

fn day(again: Again) -> Markup {
    html! { label { "Day" input type="date" name="on" required value=(again.or("on", &clock::today())); } }
}

fn sign_form(ready: &[[String; 4]], who: &str, again: Again, rules: &Rulebook) -> Markup {
    html! {
        @if ready.is_empty() { p { "No finding is ready: a claim rests on accepted findings, of awards on those that two people accepted." } }
        @else {
            form.decide method="post" action="/claims" {
                label { "The sentence, as it may be published" textarea name="sentence" rows="2" required maxlength="1000" { (again.or("sentence", "")) } }
                fieldset { legend { "It rests on" }
                    @for [id, sentence, buyer, date] in ready { label.check { input type="checkbox" name="finding" value=(id) checked[again.chose("finding", id)]; span { (offered(sentence, buyer, rules)) @if !date.is_empty() { " " (date) } " " a href={ "/finding/" (id) } { "open" } } } }
                }
                label { "Your pseudonym" input name="by" required maxlength="60" autocomplete="off" value=(again.or("by", who)); span.note { "Stays in the case; it is in no export." } }
                div.buttons { button { "Sign it" } }
            }
            @if ready.len() == OFFERED { p.note { "The first " (OFFERED) " are offered; " code { "tendertrace claim CASE sign" } " takes any." } }
        }
    }
}

/// The finding's sentence, and its buyer where the sentence does not name it.
fn offered(sentence: &str, buyer: &str, rules: &Rulebook) -> Markup {
    let shown = mask::party(buyer, &rules.report.masks);
    let names = !buyer.is_empty() && sentence.contains(buyer);
    let sentence = if names { sentence.replace(buyer, &shown) } else { sentence.to_string() };
    html! { (part::mixed(&sentence)) @if !buyer.is_empty() && !names { " Buyer: " (part::zh(&shown)) "." } }
}

/// A new claim.
pub fn sign(desk: &Desk, _: &Connection, form: &Given) -> anyhow::Result<Response> {
    let sentence = given(form, "sentence").context("write the sentence")?;
    let by = given(form, "by").context("give a pseudonym: a claim that nobody signed is none")?;
    let findings: Vec<String> = form.iter().filter(|(name, _)| name == "finding").map(|(_, id)| id.clone()).collect();
    let (mut case, _) = Case::write_existing(&desk.folder)?;
    let claim = claims::sign(&mut case, sentence, &findings, by)?;
    case.close()?;
    Ok(to(&format!("/claims#c-{claim}")))
}

/// One entry more on a claim that this reader sees.
pub fn note(desk: &Desk, db: &Connection, id: &str, form: &Given) -> anyhow::Result<Response> {
    let id = id.parse().context("which claim?")?;
    claims::one(db, id)?;
    let by = given(form, "by").context("give a pseudonym: an entry that nobody made is none")?;
    let (text, today) = (given(form, "text"), clock::today());
    let on = given(form, "on").unwrap_or(&today);
    let event = match given(form, "act") {
        Some("undo") => {
            let entry = given(form, "entry").and_then(|n| n.parse().ok()).context("which entry?")?;
            let (mut case, _) = Case::write_existing(&desk.folder)?;
            claims::undo(&mut case, entry, by)?;
            case.close()?;
            return Ok(to(&format!("/claims#c-{id}")));
        }
        Some("reply") => {
            let answer = Answer::ALL.into_iter().find(|answer| given(form, "answer") == Some(answer.id())).context("what did they do?")?;
            Event::Reply { answer, party: given(form, "party"), text }
        }
        Some("publish") => Event::Published { place: text },
        Some("withdraw") => Event::Withdrawn { finding: given(form, "finding"), reason: text.context("say why it is withdrawn")? },
        Some("drop") => Event::TakenBack { reason: text },
        _ => bail!("choose what to do with the claim"),
    };
    let (mut case, _) = Case::write_existing(&desk.folder)?;
    claims::note(&mut case, id, on, &event, by)?;
    case.close()?;
    Ok(to(&format!("/claims#c-{id}")))
}
