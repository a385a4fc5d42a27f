//! Where does a body sit? A GB/T 2260 division, concluded from the buyer's own name first, then
//! from a region field, a bracketed place before the title, its address, and what uses the goods.
//! Never from the agency's or a supplier's place.

use crate::evidence::{Derived, Quote, Sourced};
use crate::model::{Document, Notice, Region};
use crate::rulebook::Rulebook;
use crate::rulebook::regions::{FieldCue, Form, Level, Regions};
use crate::script::Folded;
use crate::sheet::Sheet;

/// A place found in a text: the divisions it may be, and where it stands in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// One: certain. Several of the same name: only a context can tell.
    pub places: Vec<usize>,
    pub start: usize,
    pub end: usize,
}

/// How freely short place names may be read in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Addresses and region fields: every place word counts, the text begins with it.
    Address,
    /// Names of public bodies: a short county name may open them.
    Body,
    /// Names of companies: a short county name counts only inside its parent.
    Loose,
}

/// Region of the notice's buyer, with the words that show it.
pub fn region_of(notice: &Notice, kind: Option<&str>, sheets: &[Sheet<'_>], rules: &Rulebook) -> Option<Derived<Region>> {
    let places = &rules.regions;
    let reading = reading_of(kind, places);
    let own = notice.buyer.as_ref().and_then(|name| in_name(name, reading, rules));
    let context = context(notice, sheets, rules);
    let weak = kind.is_some_and(|k| places.cues.weak_kinds.iter().any(|w| w == k)) && !own.as_ref().is_some_and(|o| o.full);
    let named = own.map(|own| (own.located, own.quotes, "regions/name"));
    let mut candidates: Vec<(Vec<usize>, Vec<Quote>, &str)> = Vec::new();
    candidates.extend(if weak { None } else { named.clone() });
    candidates.extend(context);
    candidates.extend(if weak { named } else { None });
    candidates.extend(
        notice.end_user.as_ref().and_then(|name| in_name(name, Reading::Body, rules)).map(|n| (n.located, n.quotes, "regions/end-user")),
    );
    decide(&candidates, places)
}

/// The division a name itself shows: `(places, byte range in the name)`, several places where the
/// name alone cannot tell.
pub fn place_in(name: &str, reading: Reading, rules: &Rulebook) -> Option<Located> {
    let folded = rules.folder.squeeze(name);
    settle(&mentions(&folded, reading, &rules.regions), reading, &folded, &rules.regions)
}

fn reading_of(kind: Option<&str>, places: &Regions) -> Reading {
    match kind {
        Some(kind) if !places.cues.loose_kinds.iter().any(|k| k == kind) => Reading::Body,
        _ => Reading::Loose,
    }
}

struct Named {
    located: Vec<usize>,
    quotes: Vec<Quote>,
    /// Whether the name holds a place with its rank word (四川省), not a bare 四川.
    full: bool,
}

fn in_name(name: &Sourced<String>, reading: Reading, rules: &Rulebook) -> Option<Named> {
    let located = place_in(&name.raw, reading, rules)?;
    let text = &name.raw[located.start..located.end];
    let full = located.places.iter().any(|p| text.contains(rules.regions.places[*p].name.as_str()));
    let quote = Quote {
        text: text.to_string(),
        at: crate::evidence::Span::new(name.at.doc, name.at.start + located.start, name.at.start + located.end),
    };
    Some(Named { located: located.places, quotes: vec![quote], full })
}

/// Takes the first candidate that names one division; an ambiguous one is settled by the others.
fn decide(candidates: &[(Vec<usize>, Vec<Quote>, &str)], places: &Regions) -> Option<Derived<Region>> {
    let (first, quotes, rule) = candidates.first()?;
    if let [one] = first.as_slice() {
        return Some(derived(*one, quotes.clone(), rule, places));
    }
    for (others, more, _) in &candidates[1..] {
        let fitting: Vec<usize> =
            first.iter().copied().filter(|f| others.iter().any(|o| places.within(*f, *o) || places.within(*o, *f))).collect();
        if let [one] = fitting.as_slice() {
            return Some(derived(*one, quotes.iter().chain(more).cloned().collect(), rule, places));
        }
    }
    match common(first, places) {
        Some(shared) => Some(derived(shared, quotes.clone(), rule, places)),
        None => decide(&candidates[1..], places),
    }
}

fn common(all: &[usize], places: &Regions) -> Option<usize> {
    let mut above = std::iter::successors(all.first().copied(), |at| places.places[*at].parent);
    above.find(|outer| all.iter().all(|inner| places.within(*inner, *outer)))
}

fn derived(place: usize, quotes: Vec<Quote>, rule: &str, places: &Regions) -> Derived<Region> {
    let place = &places.places[place];
    Derived { value: Region { code: place.code.clone(), name: place.name.clone() }, derived_from: quotes, rule: rule.into() }
}

/// A place word of a folded text and what it may name there.
struct Mention {
    places: Vec<(usize, Form)>,
    start: usize,
    end: usize,
}

fn mentions(folded: &Folded, reading: Reading, places: &Regions) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    for (start, end, word) in places.words_in(&folded.text) {
        let allowed: Vec<(usize, Form)> =
            word.places.iter().copied().filter(|p| allowed(*p, (start, end), &folded.text, found.last(), reading, places)).collect();
        let allowed = prefer_higher(allowed, places);
        if !allowed.is_empty() {
            found.push(Mention { places: allowed, start, end });
        }
    }
    found
}

fn allowed(
    (place, form): (usize, Form),
    (start, end): (usize, usize),
    text: &str,
    before: Option<&Mention>,
    reading: Reading,
    places: &Regions,
) -> bool {
    let within = before.is_some_and(|b| b.places.iter().any(|(outer, _)| places.within(place, *outer)));
    let seat = || places.cues.branch_words.iter().any(|word| text[end..].starts_with(word.as_str()));
    let inside = within && (before.is_some_and(|b| b.end == start) || seat());
    let county = places.places[place].level == Level::County;
    match form {
        Form::Full => true,
        Form::Inner => inside,
        Form::Start => start == 0,
        Form::Short if !county => true,
        // 中国电信某分公司: the first place of a name, right before its branch, is the branch's.
        Form::Short => {
            inside
                || before.is_none() && reading == Reading::Body && seat()
                || (start == 0 && reading == Reading::Body)
                || reading == Reading::Address && start == 0
        }
    }
}

/// A full name beats a bare one; among bare names of several ranks (吉林, 朝阳) the highest is meant.
fn prefer_higher(mut all: Vec<(usize, Form)>, places: &Regions) -> Vec<(usize, Form)> {
    if all.iter().any(|(_, form)| *form == Form::Full) {
        all.retain(|(_, form)| *form == Form::Full);
    } else if let Some(top) = all.iter().map(|(p, _)| places.places[*p].level).min() {
        all.retain(|(p, _)| places.places[*p].level == top);
    }
    all
}

/// Walks the mentions from left to right: a place inside the one before makes it narrower; one
/// elsewhere wins only as the seat of a branch.
fn settle(mentions: &[Mention], reading: Reading, folded: &Folded, places: &Regions) -> Option<Located> {
    let mut current: Option<(Vec<usize>, usize, usize)> = None;
    for mention in mentions {
        let here: Vec<usize> = mention.places.iter().map(|(p, _)| *p).collect();
        current = Some(match current.take() {
            None => (here, mention.start, mention.end),
            Some(before) => narrow(before, here, mention, reading, folded, places),
        });
    }
    let (places, start, end) = current?;
    let (start, end) = folded.source_range(start, end);
    Some(Located { places, start, end })
}

fn narrow(
    before: (Vec<usize>, usize, usize),
    here: Vec<usize>,
    mention: &Mention,
    reading: Reading,
    folded: &Folded,
    places: &Regions,
) -> (Vec<usize>, usize, usize) {
    let (outer, start, end) = before;
    let inside: Vec<usize> = here.iter().copied().filter(|p| outer.iter().any(|o| places.within(*p, *o))).collect();
    if !inside.is_empty() {
        return (inside, start, mention.end);
    }
    let told: Vec<usize> = outer.iter().copied().filter(|o| here.iter().any(|p| places.within(*o, *p))).collect();
    if !told.is_empty() {
        return (told, start, mention.end);
    }
    if reading != Reading::Address && is_branch(&folded.text[end..mention.start], &folded.text[mention.end..], places) {
        return (here, mention.start, mention.end);
    }
    (outer, start, end)
}

fn is_branch(between: &str, after: &str, places: &Regions) -> bool {
    let branch = places.cues.branch_words.iter().any(|word| after.contains(word.as_str()));
    !between.is_empty() && (branch || places.cues.parent_words.iter().any(|word| between.contains(word.as_str())))
}

type Context = Vec<(Vec<usize>, Vec<Quote>, &'static str)>;

/// What the document says of the buyer's place outside its name: region field, bracket before the
/// title, address, the title's own first place; in this order.
fn context(notice: &Notice, sheets: &[Sheet<'_>], rules: &Rulebook) -> Context {
    let mut fields = Vec::new();
    let mut addresses = Vec::new();
    let mut titles = Vec::new();
    if let Some(Sheet { document, squeezed, .. }) = sheets.first() {
        let buyer = notice.buyer.as_ref().map(|b| rules.folder.squeeze(&b.value).text);
        read_fields(squeezed, document, buyer.as_deref(), rules, &mut fields, &mut addresses);
        titles.extend(in_title(document, rules));
    }
    let (bracketed, plain): (Context, Context) = titles.into_iter().partition(|(_, _, rule)| *rule == "regions/title-bracket");
    [fields, bracketed, addresses, plain].concat()
}

/// How far before an address its owner may stand, and how long a value may be, in folded bytes.
const OWNER_REACH: usize = 400;
const VALUE_REACH: usize = 120;

fn read_fields(folded: &Folded, document: &Document, buyer: Option<&str>, rules: &Rulebook, fields: &mut Context, addresses: &mut Context) {
    let text = folded.text.as_str();
    let mut owner: Option<(usize, FieldCue)> = None;
    for (start, end, cue) in rules.regions.cues_in(text) {
        match cue {
            FieldCue::Owner | FieldCue::Foreign => owner = Some((end, cue)),
            FieldCue::Region => fields.extend(value_at(folded, end, document, "regions/field", rules)),
            FieldCue::OwnAddress => addresses.extend(value_at(folded, end, document, "regions/address", rules)),
            FieldCue::ForeignAddress => owner = Some((end, FieldCue::Foreign)),
            FieldCue::Address if owned_by_buyer(text, start, owner, buyer) => {
                addresses.extend(value_at(folded, end, document, "regions/address", rules));
            }
            FieldCue::Address => {}
        }
    }
}

fn owned_by_buyer(text: &str, at: usize, owner: Option<(usize, FieldCue)>, buyer: Option<&str>) -> bool {
    let from = floor(text, at.saturating_sub(OWNER_REACH));
    let named = buyer.and_then(|name| text[from..at].rfind(name)).map(|found| from + found);
    match (owner, named) {
        (Some((foreign, FieldCue::Foreign)), Some(named)) => named > foreign,
        (Some((_, FieldCue::Foreign)), None) => false,
        (Some((own, FieldCue::Owner)), _) => own >= from,
        (_, named) => named.is_some(),
    }
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The place with which the value after a label begins.
fn value_at(
    folded: &Folded,
    end: usize,
    document: &Document,
    rule: &'static str,
    rules: &Rulebook,
) -> Option<(Vec<usize>, Vec<Quote>, &'static str)> {
    let rest = &folded.text[end..];
    let value = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
    let start = end + rest.len() - value.len();
    if start - end > 12 {
        return None;
    }
    let stop = floor(&folded.text, (start + VALUE_REACH).min(folded.text.len()));
    let (from, to) = folded.source_range(start, stop);
    let line = document.text[from..to].lines().next().unwrap_or("");
    let located = place_in(line, Reading::Address, rules).filter(|l| l.start == 0)?;
    Some((located.places, vec![document.quote(from + located.start, from + located.end)], rule))
}

fn in_title(document: &Document, rules: &Rulebook) -> Option<(Vec<usize>, Vec<Quote>, &'static str)> {
    let title = document.title();
    let bracketed = title.starts_with(['[', '【', '［', '〔']);
    let skip = title.len() - title.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
    // Outside brackets a county's bare name may be an ordinary word: 三江六岸.
    let reading = if bracketed { Reading::Address } else { Reading::Loose };
    let located = place_in(&title[skip..], reading, rules)?;
    let rule = if bracketed { "regions/title-bracket" } else { "regions/title" };
    let offset = document.blocks.first().map_or(0, |block| block.start) + skip;
    let quote = document.quote(offset + located.start, offset + located.end);
    (located.start == 0).then_some((located.places, vec![quote], rule))
}
