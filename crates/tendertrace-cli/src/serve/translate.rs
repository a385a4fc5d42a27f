//! What does the Chinese say? Each text of a finding with its translation, who made it, and the form
//! by which a person gives one; nothing machine-made stands in the place of a translation.

use super::again::Again;
use super::{Desk, Given, finding, given, to};
use crate::store::Case;
use crate::store::clock;
use crate::store::translations::{self, Made};
use anyhow::Context as _;
use axum::response::Response;
use maud::{Markup, html};
use rusqlite::Connection;
use tendertrace::assemble::{self, CaseFinding, Slot, SlotKind};
use tendertrace::report::html::part;
use tendertrace::report::translating::Taken;
use tendertrace::report::{mask, say};
use tendertrace::rulebook::Rulebook;

/// The texts of a finding, one below the other.
pub fn section(db: &Connection, found: &CaseFinding, who: &str, again: Again, rules: &Rulebook) -> anyhow::Result<Markup> {
    let made = translations::of_notice(db, &found.capture, found.part)?;
    Ok(
        html! { ol.texts { @for (number, slot) in assemble::slots_of(found).iter().enumerate() { li { (text(slot, number, found, &made, (who, again), rules)) } } } },
    )
}

fn text(slot: &Slot, number: usize, found: &CaseFinding, made: &[Made], (who, again): (&str, Again), rules: &Rulebook) -> Markup {
    let masks = &rules.report.masks;
    let own: Vec<&Made> = made.iter().filter(|made| made.said.of == slot.of).collect();
    let place = format!("/finding/{}", found.finding.id);
    let again = again.of(&format!("{place}/translate"), &[("number", &number.to_string())]);
    html! {
        p { b { (what(slot.kind)) } ": " (part::zh(&say::one_line(&mask::text(&slot.of, masks)))) }
        @if let Some(gloss) = say::sentence_gloss(&slot.of, rules) { p.note { "Single words by machine, no translation: " span.gloss { (gloss) } } }
        ul.made { @for made in &own {
            li.undone[made.undone] {
                "“" (mask::text(&made.said.text, masks)) "” " b { (made.who) } " " span.soft { (made.said.on) }
                @if made.undone { " – taken back" } @else if !made.stands { " – an earlier word" }
                @if !made.undone { form method="post" action={ (place) "/untranslate" } { input type="hidden" name="translation" value=(made.id); input type="hidden" name="by" value=(made.who); button.quiet { "Take back" } } }
            }
        } }
        details open[again.is_sent()] { summary { @if own.iter().any(|made| made.stands) { "Translate it anew" } @else { "Translate it" } }
            form.decide method="post" action={ (place) "/translate" } {
                input type="hidden" name="key" value=(slot.key); input type="hidden" name="number" value=(number);
                label { "In English, in full and no more" textarea name="translation" rows="2" maxlength="8000" required { (again.or("translation", "")) } }
                label { "Your pseudonym" input name="by" required maxlength="60" autocomplete="off" value=(again.or("by", who)); }
                button { "Keep the translation" }
            }
        }
    }
}

fn what(kind: SlotKind) -> &'static str {
    match kind {
        SlotKind::Title => "Title",
        SlotKind::Quote => "Quote",
    }
}

/// Writes a translation down.
pub fn give(desk: &Desk, db: &Connection, id: &str, form: &Given) -> anyhow::Result<Response> {
    let text = given(form, "translation").context("say what the Chinese says")?.to_string();
    let by = given(form, "by").context("give a pseudonym: a translation nobody made is none")?.to_string();
    let number: usize = given(form, "number").and_then(|n| n.parse().ok()).context("which text?")?;
    let slots = assemble::slots_of(&finding::by_id(desk, db, id)?);
    let slot = slots.get(number).filter(|slot| given(form, "key") == Some(&slot.key));
    let slot = slot.context("the finding no longer quotes this text; open its page again")?;
    let (mut case, _) = Case::write_existing(&desk.folder)?;
    translations::add(&mut case, &[Taken { slot, text, by, on: clock::today() }])?;
    case.close()?;
    Ok(to(&format!("/finding/{id}#translate-h")))
}

/// Takes a translation back.
pub fn undo(desk: &Desk, _: &Connection, id: &str, form: &Given) -> anyhow::Result<Response> {
    let translation = given(form, "translation").and_then(|n| n.parse().ok()).context("which translation?")?;
    let (mut case, _) = Case::write_existing(&desk.folder)?;
    translations::undo(&mut case, translation, given(form, "by").unwrap_or("reviewer"))?;
    case.close()?;
    Ok(to(&format!("/finding/{id}#translate-h")))
}
