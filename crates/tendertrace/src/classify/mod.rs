//! What does the notice say of whose product, and what is the purchase for? Mentions, usages,
//! purposes, strength and objections.

pub mod explain;
mod findings;
mod flags;
mod guards;
mod inferred;
pub mod mentions;
pub mod page;
pub mod purposes;
mod signs;
mod usages;
mod weighing;

use crate::evidence::{Gap, GapKind, Sourced, Span};
use crate::model::{CaptureHead, Document, Finding, Notice, Stage, Via};
use crate::rulebook::Rulebook;
use crate::rulebook::brands::Licence;
use crate::rulebook::usages::Field;
use crate::sheet::Sheet;
use findings::Judged;
use inferred::Host;
use mentions::{Known, Mention};
use page::{Page, Range};
use std::collections::HashMap;
use usages::Situation;

/// Finds brands and products, decides the usage of each mention, and groups them into findings.
/// Fills `notice.purposes`.
pub fn classify(capture: &CaptureHead, notice: &mut Notice, sheets: &[Sheet<'_>], rules: &Rulebook) -> (Vec<Finding>, Vec<Gap>) {
    notice.purposes = purposes::purposes(notice, sheets, rules);
    let mut judged = Vec::new();
    let mut gaps = Vec::new();
    for sheet in sheets {
        let candidates = mentions::candidates(&sheet.folded.text, &rules.brands);
        let hosts = inferred::hosts(&sheet.folded.text, &rules.components);
        // Nine notices of ten name no brand: they need no page.
        if candidates.is_empty() && hosts.is_empty() {
            gaps.extend(unknown_brands(sheet.document, notice, &[], rules));
            continue;
        }
        let page = Page::new(sheet, &rules.clauses);
        let known = known(&page, notice, rules);
        let (mentions, _) = mentions::find(&page, rules, &known, candidates);
        gaps.extend(unknown_brands(page.document, notice, &mentions, rules));
        judged.extend(judge(&page, notice, known.parties, &mentions, &hosts, rules));
    }
    let called = if judged.is_empty() { Vec::new() } else { flags::called(sheets, rules) };
    (findings::findings(capture, notice, &judged, &called, rules), gaps)
}

/// The brand keys that `name` stands for: what the mention matcher finds in the name alone.
pub fn brand_keys(name: &str, rules: &Rulebook) -> Vec<String> {
    let document = explain::document(name);
    let sheet = Sheet::of(&document, &rules.folder);
    let page = Page::new(&sheet, &rules.clauses);
    // A name asked for by itself stands where a brand cell's would: it needs no further context.
    let known = Known { brand_cells: vec![(0, page.folded.text.len())], ..Known::default() };
    let candidates = mentions::candidates(&page.folded.text, &rules.brands);
    let (mentions, _) = mentions::find(&page, rules, &known, candidates);
    let mut keys: Vec<String> = mentions.iter().map(|m| rules.brands.brands[m.brand].key.clone()).collect();
    keys.sort();
    keys.dedup();
    keys
}

fn judge<'a>(
    page: &Page,
    notice: &'a Notice,
    parties: Vec<Range>,
    mentions: &[Mention],
    hosts: &[Host],
    rules: &Rulebook,
) -> Vec<Judged<'a>> {
    let mut situation = Situation::new(page, rules, notice, parties, mentions);
    if page.document.tells_of_demand() {
        // Attached tender documents ask, whatever became of the tender.
        situation.stage = Stage::Tender;
    }
    let mut judged: Vec<Judged> = mentions.iter().map(|m| judge_one(&situation, notice, m)).collect();
    let inferred = inferred::find(page, rules, mentions, hosts);
    judged.extend(inferred.iter().map(|host| {
        let mut one = judge_one(&situation, notice, &host.mention);
        one.via = host.via;
        one.host_product = Some(host.host_product.clone());
        one.product = Some(host.product.clone());
        one.leads_item = false;
        one
    }));
    lead_items(&mut judged);
    judged.sort_by_key(|j| (j.mention.doc, j.mention.at));
    judged
}

fn judge_one<'a>(situation: &Situation, notice: &'a Notice, mention: &Mention) -> Judged<'a> {
    let decision = usages::decide(situation, mention);
    let item = situation.item_index(mention).map(|(index, field)| (&notice.items[index], field));
    let brand = &situation.rules.brands.brands[mention.brand];
    let product = mention.product.map(|p| &brand.products[p]);
    let customisation = inferred::customisation(situation.page, situation.rules, mention);
    let quote = findings::quote(situation, mention, decision.cue);
    Judged {
        mention: mention.clone(),
        item,
        leads_item: false,
        via: Via::Named,
        host_product: None,
        product: product.map(|p| p.name.clone()),
        from_picture: situation.page.document.file.as_ref().is_some_and(|file| file.transcript.is_some()),
        licence: product.map_or(Licence::Commercial, |p| p.licence),
        customisation,
        quote,
        decision,
    }
}

/// Quantity and price of an item are those of its brand cell's one brand, or of the first brand it names.
fn lead_items(judged: &mut [Judged]) {
    let mut by_item: HashMap<Span, Vec<(Field, usize)>> = HashMap::new();
    for one in judged.iter().filter(|j| j.via == Via::Named) {
        if let Some((item, field)) = one.item {
            by_item.entry(item.at).or_default().push((field, one.mention.brand));
        }
    }
    let brands_of = |at: &Span, wanted: Option<Field>| {
        let mut brands: Vec<usize> =
            by_item[at].iter().filter(|(field, _)| wanted.is_none_or(|wanted| wanted == *field)).map(|(_, brand)| *brand).collect();
        brands.dedup();
        brands
    };
    for index in 0..judged.len() {
        let Some((item, field)) = judged[index].item.filter(|_| judged[index].via == Via::Named) else { continue };
        let in_cell = brands_of(&item.at, Some(Field::Brand));
        let leader = if in_cell.is_empty() { brands_of(&item.at, None).first().copied() } else { (in_cell.len() == 1).then(|| in_cell[0]) };
        judged[index].leads_item = leader == Some(judged[index].mention.brand) && (in_cell.is_empty() || field != Field::Other);
    }
}

/// What the notice tells of a page before its brands are sought.
fn known(page: &Page, notice: &Notice, rules: &Rulebook) -> Known {
    let cells = notice.items.iter().filter_map(|i| i.brand.as_ref()).filter(|b| b.at.doc == page.document.number);
    let mut brand_cells: Vec<Range> = cells.map(|b| page.range(b.at.start, b.at.end)).collect();
    brand_cells.sort_unstable();
    Known { parties: parties(page, notice, rules), brand_cells: merge(brand_cells) }
}

/// Folded ranges of the notice's parties, wherever their names stand.
fn parties(page: &Page, notice: &Notice, rules: &Rulebook) -> Vec<Range> {
    let one = [&notice.buyer, &notice.end_user, &notice.agency];
    let named = one.into_iter().flatten();
    let suppliers = notice.awards.iter().flat_map(|a| &a.suppliers).chain(notice.bids.iter().flat_map(|b| &b.suppliers));
    let rows = notice.items.iter().filter_map(|i| i.supplier.as_ref());
    let all: Vec<&Sourced<String>> = named.chain(suppliers).chain(rows).collect();
    let mut ranges: Vec<Range> =
        all.iter().filter(|s| s.at.doc == page.document.number && is_name(&s.raw)).map(|s| page.range(s.at.start, s.at.end)).collect();
    let mut names: Vec<String> = all.iter().filter(|s| is_name(&s.value)).map(|s| rules.folder.plain(&s.value)).collect();
    names.sort();
    names.dedup();
    for name in names.iter().take(PARTY_NAMES) {
        ranges.extend(page.folded.text.match_indices(name.as_str()).map(|(at, hit)| (at, at + hit.len())));
    }
    ranges.sort_unstable();
    merge(ranges)
}

/// Most party names that are looked for in the whole text.
const PARTY_NAMES: usize = 64;

/// Long enough to be an organisation's own name, short enough to be nothing but that.
fn is_name(text: &str) -> bool {
    (4..=40).contains(&text.trim().chars().count())
}

fn merge(sorted: Vec<Range>) -> Vec<Range> {
    let mut merged: Vec<Range> = Vec::with_capacity(sorted.len());
    for range in sorted {
        match merged.last_mut().filter(|last| range.0 < last.1) {
            Some(last) => last.1 = last.1.max(range.1),
            None => merged.push(range),
        }
    }
    merged
}

/// Brand cells of items that no brand file knows.
fn unknown_brands(document: &Document, notice: &Notice, mentions: &[Mention], rules: &Rulebook) -> Vec<Gap> {
    let cells = notice.items.iter().filter_map(|i| i.brand.as_ref()).filter(|b| b.at.doc == document.number);
    let unknown = cells.filter(|cell| {
        let text = cell.raw.trim().to_lowercase();
        let names_none = rules.brands.guards.no_brand.iter().any(|none| *none == text) || !text.chars().any(char::is_alphabetic);
        let taken = mentions.iter().any(|m| m.source.0 < cell.at.end && cell.at.start < m.source.1);
        // A name that yields to its product, or that a guard refused, is known all the same.
        let known = || mentions::names_any(&rules.folder.plain(&cell.raw), &rules.brands);
        !names_none && !taken && !known()
    });
    unknown.map(|cell| Gap { kind: GapKind::UnknownBrand, at: cell.quote(), note: String::new() }).collect()
}
