//! Which sentences are signed for publication, what was answered, and what was taken back? The part of
//! a dossier and of a letter that prints claims.

use super::super::claims::{Claim, Said, Standing};
use super::super::{mask, say};
use super::dossier::Subject;
use super::{finding, part};
use crate::assemble::{Case, CaseFinding};
use crate::rulebook::Rulebook;
use maud::{Markup, html};
use std::collections::BTreeSet;

/// Claims that rest on a finding about the subject; nothing where there are none.
pub fn of_dossier(claims: &[Claim], case: &Case, subject: &Subject, rules: &Rulebook) -> Markup {
    let about: Vec<&CaseFinding> = case.findings.iter().chain(&case.rejected).filter(|f| subject.holds(f)).collect();
    let ids: BTreeSet<&str> = about.iter().map(|f| f.finding.id.as_str()).collect();
    let own: Vec<&Claim> = claims.iter().filter(|c| c.findings.iter().any(|cited| ids.contains(cited.finding.as_str()))).collect();
    let standing: Vec<&&Claim> = own.iter().filter(|claim| claim.stands()).collect();
    let again =
        own.iter().filter(|c| c.withdrawn.is_none() && c.findings.iter().any(|cited| cited.standing == Standing::LookAgain)).count();
    html! {
        @if !standing.is_empty() { section { h2 { "Claims" } p.note { "Sentences that a person signed off, each with the findings it rests on and what was answered." }
            ol { @for claim in &standing { li { (one(claim, rules)) p.src { "Rests on " @for (at, cited) in claim.findings.iter().enumerate() { @if at > 0 { ", " } a href={ "#f-" (cited.finding) } { "finding " span.hash { (cited.finding.get(..8).unwrap_or(&cited.finding)) } } } "." } } } }
        } }
        @if again > 0 { p.note { (say::counted(again, "claim is", "claims are")) " left out: a finding under " (if again == 1 { "it" } else { "them" }) " changed since, and nobody has looked again." } }
        (withdrawn(&own, &about, rules))
    }
}

/// The sentence, since when, and the answers.
fn one(claim: &Claim, rules: &Rulebook) -> Markup {
    html! {
        p { strong { (masked(&claim.sentence, rules)) } }
        p.src { "Signed off by a person on " (claim.signed) "." @if let Some(out) = &claim.published { " Published on " (out.on) (place(out, rules)) "." } }
        (replies(claim, rules))
    }
}

fn replies(claim: &Claim, rules: &Rulebook) -> Markup {
    html! { @if !claim.replies.is_empty() { ul { @for reply in &claim.replies { li {
        (reply.on) ": " @match &reply.party { Some(party) => { (part::zh(&mask::party(party, &rules.report.masks))) } None => { "those concerned" } } " " (reply.answer.words())
        @if let Some(text) = &reply.text { ": “" (masked(text, rules)) "”" } @else { "." }
    } } } } }
}

fn place(said: &Said, rules: &Rulebook) -> Markup {
    html! { @if !said.text.is_empty() { ": " (masked(&said.text, rules)) } }
}

/// What was public and was taken back, with its reason: whoever read the first version must find it.
fn withdrawn(own: &[&Claim], about: &[&CaseFinding], rules: &Rulebook) -> Markup {
    let sentences: Vec<(&Claim, &Said)> = own.iter().filter_map(|claim| Some((*claim, claim.withdrawn.as_ref()?))).collect();
    let mut findings: Vec<(&CaseFinding, &Said)> = Vec::new();
    for cited in own.iter().flat_map(|claim| &claim.findings) {
        let found =
            about.iter().find(|f| f.finding.id == cited.finding && findings.iter().all(|(known, _)| known.finding.id != cited.finding));
        if let (Standing::Withdrawn(said), Some(found)) = (&cited.standing, found) {
            findings.push((found, said));
        }
    }
    html! { @if !sentences.is_empty() || !findings.is_empty() { section { h2 { "Withdrawn" } p.note { "Published before, and no longer said." } ul {
        @for (claim, said) in &sentences { li { "The claim “" (masked(&claim.sentence, rules)) "” on " (said.on) ": " (masked(&said.text, rules)) (replies(claim, rules)) } }
        @for (found, said) in &findings { li { "The finding “" (finding::claim(found, rules)) "” on " (said.on) ": " (masked(&said.text, rules)) } }
    } } } }
}

/// Claims whose findings are all in the letter, with the numbers of their statements.
pub fn of_letter(own: &[(&Claim, Vec<usize>)], rules: &Rulebook) -> Markup {
    html! { @if !own.is_empty() {
        h2 { "What we intend to publish" }
        ol { @for (claim, numbers) in own { li {
            p { strong { (masked(&claim.sentence, rules)) } " (statement " (numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")) ")" }
            @if !claim.replies.is_empty() { p { "Answers so far:" } (replies(claim, rules)) }
        } } }
    } }
}

fn masked(text: &str, rules: &Rulebook) -> Markup {
    part::mixed(&mask::text(text, &rules.report.masks))
}
