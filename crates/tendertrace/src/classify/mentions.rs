//! Which brands and products does a document name? One automaton pass over its folded text, then
//! boundaries, patterns and guards at each hit; longest wins, and what merely looks like a brand is
//! kept with the reason, for `rulebook try`.

use super::guards::{self, Rejection};
use super::page::{Page, Place, Range};
use crate::evidence::RuleId;
use crate::rulebook::Rulebook;
use crate::rulebook::brands::{Brands, Entry, Needs};

/// A brand or product that a document names.
#[derive(Debug, Clone)]
pub struct Mention {
    /// Index of the brand in the rulebook.
    pub brand: usize,
    /// Index of the product in the brand.
    pub product: Option<usize>,
    pub recognised: Recognised,
    pub doc: u32,
    /// Folded bytes.
    pub at: Range,
    /// Bytes of the document.
    pub source: Range,
    pub place: Place,
    pub rule: RuleId,
}

/// How a mention was recognised, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recognised {
    OwnCompany,
    Name,
    /// A short or ordinary name with a word that makes it credible.
    NameInContext,
    Product,
    ModelWithMaker,
    /// A model number with a category word, but without its maker.
    ModelWithCue,
}

/// A hit that is no mention, and why.
#[derive(Debug, Clone)]
pub struct Lookalike {
    pub brand: usize,
    pub at: Range,
    pub why: Rejection,
}

/// A literal of the rulebook that stands as a word of its own.
pub struct Candidate<'a> {
    at: Range,
    entry: &'a Entry,
}

/// What is known of a page before its brands are sought; folded ranges in order.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Names of the notice's parties.
    pub parties: Vec<Range>,
    /// Brand cells of the notice's items.
    pub brand_cells: Vec<Range>,
}

/// All mentions of a page in order, and the look-alikes.
pub fn find(page: &Page, rules: &Rulebook, known: &Known, candidates: Vec<Candidate>) -> (Vec<Mention>, Vec<Lookalike>) {
    let brands = &rules.brands;
    let zones = guards::network_addresses(page, brands);
    let mut lookalikes = Vec::new();
    let mut mentions = Vec::new();
    for candidate in longest(candidates) {
        match judge(page, rules, &candidate, &zones, known) {
            Ok(Some(mention)) => mentions.push(mention),
            Ok(None) => {}
            Err(why) => lookalikes.push(Lookalike { brand: brand_of(candidate.entry), at: candidate.at, why }),
        }
    }
    confirm(page, brands, mentions, lookalikes)
}

fn brand_of(entry: &Entry) -> usize {
    match entry {
        Entry::Name { brand, .. } | Entry::Product { brand, .. } | Entry::OwnCompany { brand } | Entry::Blocker { brand } => *brand,
    }
}

/// What may be a mention, by one pass over folded text.
pub fn candidates<'a>(text: &'a str, brands: &'a Brands) -> Vec<Candidate<'a>> {
    let mut found = Vec::new();
    for hit in brands.hits(text) {
        let (start, end) = (hit.start, hit.end);
        for entry in hit.entries {
            let end = match *entry {
                Entry::Product { brand, product, pattern } => brands.pattern_end((brand, product, pattern), text, end),
                _ => Some(end),
            };
            if let Some(end) = end.filter(|end| bounded(text, start, *end, entry)) {
                found.push(Candidate { at: (start, end), entry });
            }
        }
    }
    found
}

/// Whether any brand file knows a name in folded text.
pub fn names_any(text: &str, brands: &Brands) -> bool {
    candidates(text, brands).iter().any(|c| !matches!(c.entry, Entry::Blocker { .. }))
}

/// Latin aliases match whole words only: letters and digits must not run on.
fn bounded(text: &str, start: usize, end: usize, entry: &Entry) -> bool {
    let hit = &text[start..end];
    let first = hit.chars().next().unwrap_or(' ');
    let last = hit.chars().next_back().unwrap_or(' ');
    let mut left = text[..start].chars().rev();
    let (before, further) = (left.next().unwrap_or(' '), left.next().unwrap_or(' '));
    let mut right = text[end..].chars();
    let after = right.next().unwrap_or(' ');
    if is_word(first) && (is_word(before) || (matches!(before, '-' | '_' | '.') && is_word(further))) {
        return false;
    }
    if !is_word(last) || !is_word(after) {
        return true;
    }
    let is_name = !matches!(entry, Entry::Product { .. });
    let digits = text[end..].chars().take_while(char::is_ascii_digit).count();
    is_name && last.is_ascii_alphabetic() && after.is_ascii_digit() && (digits > 1 || hit.len() > 2)
}

/// A character of a Latin word or number, accents included.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || (c.is_alphabetic() && (c as u32) < 0x530)
}

/// Longest first, then leftmost; blockers win where they are as long. What overlaps one taken is dropped.
fn longest(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    let rank = |c: &Candidate| match c.entry {
        Entry::Blocker { .. } => 0,
        Entry::OwnCompany { .. } => 1,
        Entry::Product { .. } => 2,
        Entry::Name { .. } => 3,
    };
    candidates.sort_by_key(|c| (c.at.0, std::cmp::Reverse(c.at.1), rank(c)));
    let mut taken: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        while let Some(last) = taken.last() {
            let overlaps = candidate.at.0 < last.at.1;
            if !overlaps || length(&candidate) <= length(last) {
                break;
            }
            taken.pop();
        }
        let free = taken.last().is_none_or(|last| last.at.1 <= candidate.at.0);
        let twin = taken.last().is_some_and(|last| last.at == candidate.at && !matches!(last.entry, Entry::Blocker { .. }));
        if free || (twin && !matches!(candidate.entry, Entry::Blocker { .. })) {
            taken.push(candidate);
        }
    }
    taken
}

fn length(candidate: &Candidate) -> usize {
    candidate.at.1 - candidate.at.0
}

type Zones = [Range];

fn judge(page: &Page, rules: &Rulebook, candidate: &Candidate, zones: &Zones, known: &Known) -> Result<Option<Mention>, Rejection> {
    let brands = &rules.brands;
    let at = candidate.at;
    if page.is_closed(at.0) {
        return Ok(None);
    }
    if matches!(candidate.entry, Entry::Blocker { .. }) {
        return Err(Rejection::NotThis);
    }
    if guards::covers(zones, at) {
        return Err(Rejection::NetworkAddress);
    }
    let place = page.place(at.0, &rules.clauses);
    let source = page.folded.source_range(at.0, at.1);
    let heads_cell = guards::covers(&known.brand_cells, at);
    let in_brand_cell = heads_cell || guards::in_brand_cell(page, brands, &place, at);
    let parties = if heads_cell { &[][..] } else { known.parties.as_slice() };
    let (brand, product, recognised, rule) = match *candidate.entry {
        Entry::OwnCompany { brand } => {
            guards::company(page, rules, at)?;
            (brand, None, Recognised::OwnCompany, rule(brands, brand, "company"))
        }
        Entry::Name { brand, name } => {
            let name = &brands.brands[brand].names[name];
            if name.exact && !guards::written_alike(&page.document.text[source.0..source.1], &name.text) {
                return Err(Rejection::OtherCase);
            }
            guards::name(page, brands, &place, at, name, heads_cell || in_brand_cell, parties)?;
            let needs = name.needs_context() && !in_brand_cell;
            if needs && !guards::credible(page, rules, &place, at, name) {
                return Err(Rejection::NoContext);
            }
            let recognised = if needs { Recognised::NameInContext } else { Recognised::Name };
            (brand, None, recognised, rule(brands, brand, "name"))
        }
        Entry::Product { brand, product, .. } => {
            guards::product(page, brands, &place, at, parties)?;
            let recognised = Recognised::Product;
            (brand, Some(product), recognised, rule(brands, brand, &brands.brands[brand].products[product].id))
        }
        Entry::Blocker { .. } => return Err(Rejection::NotThis),
    };
    Ok(Some(Mention { brand, product, recognised, doc: page.document.number, at, source, place, rule }))
}

fn rule(brands: &Brands, brand: usize, part: &str) -> RuleId {
    format!("brands/{}#{part}", brands.brands[brand].key).into()
}

/// Model numbers need their maker or a category word; names yield to the products of the brands they name.
fn confirm(page: &Page, brands: &Brands, mentions: Vec<Mention>, mut lookalikes: Vec<Lookalike>) -> (Vec<Mention>, Vec<Lookalike>) {
    let makers: Vec<(usize, Range)> = mentions
        .iter()
        .filter(|m| m.product.is_none_or(|p| brands.brands[m.brand].products[p].needs == Needs::Nothing))
        .map(|m| (m.brand, m.at))
        .collect();
    let mut confirmed: Vec<Mention> = Vec::with_capacity(mentions.len());
    for (index, mention) in mentions.iter().enumerate() {
        if yields(page, brands, mention, mentions.get(index + 1)) {
            continue;
        }
        let mut mention = mention.clone();
        match mention.product.map(|p| &brands.brands[mention.brand].products[p]).filter(|p| p.needs != Needs::Nothing) {
            None => {}
            Some(_) if maker_near(&makers, &mention, brands.guards.cue_within * 3) => mention.recognised = Recognised::ModelWithMaker,
            Some(product)
                if product.needs == Needs::Cue
                    && guards::near(page, &mention.place, mention.at, &product.cues, brands.guards.cue_within) =>
            {
                mention.recognised = Recognised::ModelWithCue;
            }
            Some(_) => {
                lookalikes.push(Lookalike { brand: mention.brand, at: mention.at, why: Rejection::ModelAlone });
                continue;
            }
        }
        confirmed.push(mention);
    }
    (confirmed, lookalikes)
}

/// Whether the maker is named in the same row, within `reach` bytes.
fn maker_near(makers: &[(usize, Range)], mention: &Mention, reach: usize) -> bool {
    let row = mention.place.row;
    let low = mention.at.0.saturating_sub(reach).max(row.0);
    let high = (mention.at.1 + reach).min(row.1);
    let first = makers.partition_point(|m| m.1.0 < low);
    makers[first..].iter().take_while(|m| m.1.0 <= high).any(|m| m.0 == mention.brand)
}

fn yields(page: &Page, brands: &Brands, mention: &Mention, next: Option<&Mention>) -> bool {
    let Some(next) = next.filter(|n| mention.product.is_none() && n.product.is_some() && n.brand != mention.brand) else {
        return false;
    };
    let between = page.text((mention.at.1, next.at.0));
    let close = between.chars().count() <= 2 && !between.chars().any(crate::script::is_han);
    close && brands.brands[mention.brand].yields_to.iter().any(|key| *key == brands.brands[next.brand].key)
}
