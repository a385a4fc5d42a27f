//! What is kept of one examined notice so that many can be joined, counted and shown without
//! reading them again?

use super::keys;
use crate::evidence::{GapKind, Quote};
use crate::model::*;
use crate::rulebook::Rulebook;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One notice in small. Raw: masking is the report's business.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    pub capture: String,
    pub part: u32,
    pub url: Option<String>,
    /// Host of the address.
    pub site: Option<String>,
    pub archive_url: Option<String>,
    pub fetched: Option<String>,
    pub access: Access,
    pub title: String,
    /// Whether a notice could be read at all.
    pub read: bool,
    pub stage: Option<Stage>,
    pub round: Option<String>,
    pub project_numbers: Vec<String>,
    pub project_name: Option<String>,
    pub buyer: Option<String>,
    pub buyer_kind: Option<String>,
    pub end_user: Option<String>,
    pub end_user_kind: Option<String>,
    pub region: Option<Region>,
    pub agency: Option<String>,
    /// The winners, once each, in the notice's order.
    pub suppliers: Vec<String>,
    pub budget: Option<Money>,
    pub total: Option<Money>,
    pub lots: usize,
    /// The event's date and what it rests on.
    pub date: Option<EventDate>,
    /// When it was published, by the page or its collector.
    pub published: Option<String>,
    pub purposes: Vec<String>,
    pub findings: Vec<Found>,
    pub leads: Vec<Lead>,
    pub gaps: BTreeMap<GapKind, usize>,
    /// Texts of the labels and brand cells that no rule knows.
    pub unknown_labels: Vec<String>,
    pub unknown_brands: Vec<String>,
    /// Item lines that are awarded or contracted, and those that name a brand or model.
    pub items: usize,
    pub named_items: usize,
    pub keys: Keys,
}

/// What notices are compared by.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Keys {
    pub title: String,
    pub name: String,
    pub buyer: String,
    pub numbers: BTreeSet<String>,
    pub sketch: Vec<u32>,
    pub length: usize,
}

/// A finding with the text around its quotes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    pub finding: Finding,
    pub passages: Vec<Passage>,
}

/// A quote in its surroundings: `text[mark]` are the stretches that were quoted, in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    pub text: String,
    pub marks: Vec<(usize, usize)>,
    /// Whether text was cut off before and after.
    pub cut: (bool, bool),
    pub doc: u32,
    pub page: Option<u32>,
}

/// The digest of one examination.
pub fn digest(examination: &Examination, rules: &Rulebook) -> Digest {
    let head = &examination.capture;
    let title = title_of(examination);
    let mut digest = Digest {
        capture: head.sha256.clone(),
        part: head.part,
        site: head.url.as_deref().and_then(site),
        url: head.url.clone(),
        archive_url: head.archive_url.clone(),
        fetched: head.fetched.clone(),
        access: head.access,
        read: examination.notice.is_some(),
        published: head.published.clone(),
        round: keys::round(&title, rules),
        leads: examination.leads.clone(),
        findings: examination.findings.iter().map(|f| found(f, &examination.documents)).collect(),
        title,
        ..Digest::default()
    };
    add_gaps(&mut digest, examination);
    if let Some(notice) = &examination.notice {
        add_notice(&mut digest, notice);
    }
    digest.keys = keys_of(&digest, examination, rules);
    digest
}

fn title_of(examination: &Examination) -> String {
    let own = examination.documents.first().map_or("", Document::title).trim();
    let given = examination.capture.title.as_deref().map_or("", str::trim);
    if given.is_empty() { own } else { given }.to_string()
}

/// The host of an address; `None` for a local path.
pub fn site(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let host = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
    let host = host.split(':').next()?.to_lowercase();
    (!host.is_empty() && !url.starts_with("file:")).then_some(host)
}

fn add_notice(digest: &mut Digest, notice: &Notice) {
    let value = |v: &Option<crate::evidence::Sourced<String>>| v.as_ref().map(|s| s.value.clone());
    digest.stage = notice.stage.as_ref().map(|s| *s.value());
    digest.project_numbers = notice.project_numbers.iter().map(|n| n.value.clone()).collect();
    digest.project_name = value(&notice.project_name);
    digest.buyer = value(&notice.buyer);
    digest.end_user = value(&notice.end_user);
    digest.agency = value(&notice.agency);
    digest.buyer_kind = notice.buyer_kind.as_ref().map(|k| k.value.clone());
    digest.end_user_kind = notice.end_user_kind.as_ref().map(|k| k.value.clone());
    digest.region = notice.region.as_ref().map(|r| r.value.clone());
    digest.budget = notice.budget.as_ref().map(|m| m.value().clone());
    digest.total = notice.total.as_ref().map(|m| m.value().clone());
    digest.lots = notice.lots.len();
    digest.date = notice.event_date.clone();
    digest.purposes = notice.purposes.iter().map(|p| p.value.clone()).collect();
    digest.suppliers = winners(notice);
    if let Some(published) = value(&notice.dates.published) {
        digest.published = Some(published);
    }
    let awarded = || notice.items.iter().filter(|i| !i.demanded);
    digest.items = awarded().count();
    digest.named_items = awarded().filter(|i| i.brand.is_some() || i.model.is_some()).count();
}

fn winners(notice: &Notice) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let all = notice.awards.iter().flat_map(|a| &a.suppliers).map(|s| s.value.clone());
    all.filter(|s| seen.insert(s.clone())).collect()
}

fn add_gaps(digest: &mut Digest, examination: &Examination) {
    for gap in &examination.gaps {
        *digest.gaps.entry(gap.kind).or_default() += 1;
        match gap.kind {
            GapKind::UnknownLabel => digest.unknown_labels.push(gap.at.text.clone()),
            GapKind::UnknownBrand => digest.unknown_brands.push(gap.at.text.clone()),
            _ => {}
        }
    }
}

fn keys_of(digest: &Digest, examination: &Examination, rules: &Rulebook) -> Keys {
    let text = examination.documents.first().map_or("", |d| d.text.as_str());
    let (sketch, length) = keys::sketch(text, rules);
    Keys {
        title: keys::name_key(&digest.title, rules),
        name: digest.project_name.as_deref().map_or_else(String::new, |n| keys::name_key(n, rules)),
        buyer: digest.buyer.as_deref().map_or_else(String::new, |b| keys::body_key(b, rules)),
        numbers: digest.project_numbers.iter().filter_map(|n| keys::number_key(n, rules)).collect(),
        sketch,
        length,
    }
}

fn found(finding: &Finding, documents: &[Document]) -> Found {
    Found { finding: finding.clone(), passages: passages(&finding.quotes, documents) }
}

/// Characters shown on each side of a quote, and of a passage in all.
const AROUND: usize = 48;
const LONGEST: usize = 420;

/// Quotes that lie close together share one passage.
fn passages(quotes: &[Quote], documents: &[Document]) -> Vec<Passage> {
    let mut spans: Vec<_> = quotes.iter().map(|q| q.at).collect();
    spans.sort();
    spans.dedup();
    let mut out: Vec<(Passage, usize)> = Vec::new();
    for span in spans {
        let Some(document) = documents.iter().find(|d| d.number == span.doc) else { continue };
        if document.text.get(span.start..span.end).is_none() {
            continue;
        }
        match out.last_mut() {
            Some((last, from)) if last.doc == span.doc && span.end <= *from + last.text.len() => {
                last.marks.push((span.start - *from, span.end - *from));
            }
            _ => out.push(passage(document, span)),
        }
    }
    out.into_iter().map(|(passage, _)| passage).collect()
}

/// A passage that is cut begins and ends where something does: at a border, a stop or a space.
fn is_border(c: char) -> bool {
    c.is_whitespace() || matches!(c, '，' | '。' | '；' | '、' | '：' | ';' | '|')
}

fn after_border(text: &str, from: usize, to: usize) -> usize {
    text[from..to].char_indices().find(|(_, c)| is_border(*c)).map_or(from, |(at, c)| from + at + c.len_utf8())
}

fn before_border(text: &str, from: usize, to: usize) -> usize {
    text[from..to].char_indices().rev().find(|(_, c)| is_border(*c)).map_or(to, |(at, _)| from + at)
}

fn passage(document: &Document, span: crate::evidence::Span) -> (Passage, usize) {
    let text = &document.text;
    let long = text[span.start..span.end].chars().count();
    let around = AROUND.min(LONGEST.saturating_sub(long) / 2).max(12);
    let line_start = text[..span.start].rfind('\n').map_or(0, |i| i + 1);
    let line_end = text[span.end..].find('\n').map_or(text.len(), |i| span.end + i);
    let start = text[line_start..span.start].char_indices().rev().take(around).last().map_or(span.start, |(i, _)| line_start + i);
    let end = text[span.end..line_end].char_indices().nth(around).map_or(line_end, |(i, _)| span.end + i);
    let start = if start > line_start { after_border(text, start, span.start) } else { start };
    let end = if end < line_end { before_border(text, span.end, end) } else { end };
    let passage = Passage {
        text: text[start..end].to_string(),
        marks: vec![(span.start - start, span.end - start)],
        cut: (start > line_start, end < line_end),
        doc: span.doc,
        page: document.page_of(span.start),
    };
    (passage, start)
}
