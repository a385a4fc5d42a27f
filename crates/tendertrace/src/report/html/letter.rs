//! What may be put to those concerned before anything is printed? The letter for comment: accepted findings
//! only, awards and what is said of ethnicity by two people, each with its sentence and page; and what must
//! be known before it goes out.

use super::super::claims::Claim;
use super::super::{Page, mask};
use super::dossier::Subject;
use super::frame::standing_alone;
use super::{claims, finding, part};
use crate::assemble::{Case, CaseFinding, Verdict, word};
use crate::model::{Access, Usage};
use crate::report::say;
use crate::rulebook::Rulebook;
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

/// People who must have accepted an award, or what is said of ethnicity, before it is put to anyone.
pub const READERS: usize = 2;

/// Accepted findings about a subject, by whether they may be put to anyone.
pub struct Chosen<'a> {
    pub ready: Vec<&'a CaseFinding>,
    /// They wait for a second reader, or for people who do not agree.
    pub waiting: Vec<&'a CaseFinding>,
}

impl<'a> Chosen<'a> {
    /// `accepted` says by how many people, none of whom objects now.
    pub fn of(case: &'a Case, subject: &Subject, accepted: &BTreeMap<String, usize>) -> Chosen<'a> {
        let own =
            case.findings.iter().filter(|f| subject.holds(f) && f.access != Access::Confidential && f.verdict == Some(Verdict::Accepted));
        let is_ready = |f: &&CaseFinding| {
            let readers = if needs_two(&word(&f.finding.usage), &f.finding.purposes) { READERS } else { 1 };
            accepted.get(&f.finding.id).is_some_and(|people| *people >= readers)
        };
        let (ready, waiting) = own.partition(is_ready);
        Chosen { ready, waiting }
    }

    /// Cited pages without an independent archive copy.
    pub fn without_archive(&self, rules: &Rulebook) -> Vec<String> {
        let bare = self.ready.iter().filter(|f| f.archive_url.is_none());
        let named = |f: &&CaseFinding| {
            f.url.as_ref().and_then(|url| mask::address(url, &rules.report.masks)).unwrap_or_else(|| format!("capture {}", f.capture))
        };
        bare.map(named).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Claims that stand on nothing but what is ready, with the numbers of their statements.
    pub fn claims<'c>(&self, all: &'c [Claim]) -> Vec<(&'c Claim, Vec<usize>)> {
        let number = |id: &str| self.ready.iter().position(|f| f.finding.id == id).map(|at| at + 1);
        let standing = all.iter().filter(|claim| claim.stands());
        standing
            .filter_map(|claim| Some((claim, claim.findings.iter().map(|cited| number(&cited.finding)).collect::<Option<_>>()?)))
            .collect()
    }
}

/// Whether two people must have read a finding before it is put to anyone: awards, and what a
/// notice says of ethnicity.
pub fn needs_two(usage: &str, purposes: &[String]) -> bool {
    usage == word(&Usage::Awarded) || purposes.iter().any(|purpose| purpose == "ethnicity_detection")
}

/// The letter; `None` where there is nothing to ask about.
pub fn letter(chosen: &Chosen, page: &Page, subject: &Subject, rules: &Rulebook) -> Option<String> {
    let ready = &chosen.ready;
    if ready.is_empty() {
        return None;
    }
    let name = subject.name(rules);
    let body = html! {
        header { p.kicker { "Request for comment" } h1 { (part::named(&name, rules)) } }
        main {
            p { "We are preparing a publication that mentions you on the ground of public procurement notices. Before it appears we ask you to comment on the following " (say::counted(ready.len(), "statement", "statements")) ". Each is quoted from a notice; we can send a copy of every page." }
            ol { @for f in ready { li { (statement(f, rules)) } } }
            (claims::of_letter(&chosen.claims(&page.claims), rules))
            h2 { "Questions" }
            ol { li { "Is each statement right? If not, what is wrong with it?" } @for question in questions(subject) { li { (question) } } }
            p.src { @if let Some(when) = &page.generated { "Version of " (when) ". " } "Rules: " span.hash { (page.hashes.classification) } ". Each statement was accepted by a person who read the page; awards, and what is said of ethnicity, by two." }
        }
    };
    Some(standing_alone(&format!("{name} – request for comment"), body))
}

/// What only this side can answer.
fn questions(subject: &Subject) -> [&'static str; 2] {
    match subject {
        Subject::Brand(_) | Subject::Seller(_) => {
            ["Did you know the end user at the time?", "What do you do about such sales, and since when?"]
        }
        Subject::Buyer(_) | Subject::Project(_) => {
            ["Was what is named here bought and put to use?", "What is it used for, and on what legal ground?"]
        }
    }
}

fn statement(f: &CaseFinding, rules: &Rulebook) -> Markup {
    let address = f.url.as_ref().and_then(|u| mask::address(u, &rules.report.masks));
    html! {
        p { (finding::claim(f, rules)) }
        @for passage in &f.passages { (part::quote(passage, rules)) }
        (finding::translations(f, rules))
        p.src { @if let Some(day) = &f.date { (day.value) ". " } @match address { Some(url) => { "Page: " code { (url) } } None => { "The page’s address is not known" } } ", sha256 " span.hash { (f.capture) } }
    }
}
