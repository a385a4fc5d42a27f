//! Is it really a brand that stands there? Organisations, streets, persons and network addresses
//! carry the same letters; what tells them apart is data (`rulebook/mentions/guards.toml`).

use super::page::{Page, Place, Range};
use crate::rulebook::Rulebook;
use crate::rulebook::brands::{Brands, Ending, Name};
use crate::script::is_han;

/// Why a hit is no mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// Part of a longer string that the brand's file excludes.
    NotThis,
    NetworkAddress,
    Organisation,
    PlaceName,
    PersonOrAddress,
    Party,
    OtherCase,
    /// A short or ordinary name without any word that makes it credible.
    NoContext,
    /// A model number with neither maker nor category word.
    ModelAlone,
}

/// Folded ranges of links and mail addresses, in order.
pub fn network_addresses(page: &Page, brands: &Brands) -> Vec<Range> {
    brands.url.find_iter(&page.folded.text).map(|m| (m.start(), m.end())).collect()
}

/// Whether one of the sorted `zones` overlaps `at`.
pub fn covers(zones: &[Range], at: Range) -> bool {
    let next = zones.partition_point(|z| z.0 < at.1);
    next > 0 && zones[next - 1].1 > at.0
}

/// Whether the mention begins a cell that names brands or makers.
pub fn in_brand_cell(page: &Page, brands: &Brands, place: &Place, at: Range) -> bool {
    let labels = &brands.guards.brand_labels;
    let named = |text: &str| text.chars().count() <= 16 && labels.iter().any(|l| text.contains(l.as_str()));
    let head = page.text(place.head);
    let label = page.text(place.label);
    let in_value = place.label.1 <= at.0;
    named(head) || (in_value && named(label) && page.text((place.label.1, at.0)).chars().count() <= 24)
}

/// Guards of a maker's name.
pub fn name(
    page: &Page,
    brands: &Brands,
    place: &Place,
    at: Range,
    name: &Name,
    in_brand_cell: bool,
    parties: &[Range],
) -> Result<(), Rejection> {
    let begins_cell = page.text((place.cell.0, at.0)).trim().is_empty();
    if covers(parties, at) {
        return Err(Rejection::Party);
    }
    if !(in_brand_cell && begins_cell) && !is_makers_firm(page, brands, at, name) && is_organisation(page, brands, at) {
        return Err(Rejection::Organisation);
    }
    if has_ending(page, brands, at, &brands.guards.place_endings) {
        return Err(Rejection::PlaceName);
    }
    if is_person(page, brands, at) || after_person_label(page, brands, place, at) {
        return Err(Rejection::PersonOrAddress);
    }
    Ok(())
}

/// Whether a short or ordinary name is credible where it stands: one of its own words is near, the
/// maker's acts or a model number adjoin it, or its sentence speaks of the trade.
pub fn credible(page: &Page, rules: &Rulebook, place: &Place, at: Range, name: &Name) -> bool {
    let brands = &rules.brands;
    if near(page, place, at, &name.with, brands.guards.with_within) {
        return true;
    }
    let (before, after) = (&page.folded.text[..at.0], &page.folded.text[at.1..]);
    let guards = &brands.guards;
    if page.text(at).starts_with(is_han) && !opens(brands, before) {
        return false;
    }
    let adjoined = guards.maker_after.iter().any(|w| after.starts_with(w.as_str()))
        || guards.maker_before.iter().any(|w| before.ends_with(w.as_str()));
    let sentence = || page.stretch(at.0, at.1, place.row, &rules.clauses.sentence_ends, guards.with_within);
    let of_trade = || guards.trade_words.iter().any(|word| contains_word(page.text(sentence()), word));
    adjoined || brands.model_after.is_match(head(after)) || (name.trade && of_trade())
}

/// Enough of a text for a model number.
fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(text.len().min(40))]
}

/// Whether a name may begin where `before` ends: no more of a word or name stands before it.
fn opens(brands: &Brands, before: &str) -> bool {
    let Some(last) = before.chars().next_back().filter(|c| is_han(*c)) else { return true };
    let guards = &brands.guards;
    let mut openers = guards.party_labels.iter().chain(&guards.brand_labels).chain(&guards.not_inside_names).chain(&guards.company_openers);
    guards.name_openers.contains(last) || openers.any(|word| before.ends_with(word.as_str()))
}

/// `华为公司` with nothing of a longer name before it is the maker itself, not another firm; a name
/// that is never ordinary words is part of no longer one.
fn is_makers_firm(page: &Page, brands: &Brands, at: Range, name: &Name) -> bool {
    let firm = brands.guards.firm.as_str();
    let alone = || !name.needs_context() || opens(brands, &page.folded.text[..at.0]);
    !firm.is_empty() && page.folded.text[at.1..].starts_with(firm) && alone()
}

/// Guards of an own company's exact name: more of a name before it makes it another company's
/// (its own branch offices carry their place behind). A name that begins with its place is whole.
pub fn company(page: &Page, rules: &Rulebook, at: Range) -> Result<(), Rejection> {
    let placed = || rules.regions.words_in(page.text(at)).next().is_some_and(|(start, ..)| start == 0);
    if opens(&rules.brands, &page.folded.text[..at.0]) || placed() { Ok(()) } else { Err(Rejection::Organisation) }
}

/// Whether a name is written in the very case of the rulebook or in capitals, in full or half width.
pub fn written_alike(written: &str, name: &str) -> bool {
    use unicode_normalization::UnicodeNormalization as _;
    let capitals = name.len() > SHORT_LATIN && written.nfkc().eq(name.to_ascii_uppercase().nfkc());
    capitals || written.nfkc().eq(name.nfkc())
}

/// Letters of a Latin name that may as well be an abbreviation when it stands in capitals.
const SHORT_LATIN: usize = 3;

/// Guards of a product: it may not be part of a party's name.
pub fn product(page: &Page, brands: &Brands, _place: &Place, at: Range, parties: &[Range]) -> Result<(), Rejection> {
    if covers(parties, at) {
        return Err(Rejection::Party);
    }
    let han = page.text(at).chars().any(is_han);
    if han && is_organisation(page, brands, at) {
        return Err(Rejection::Organisation);
    }
    Ok(())
}

/// Whether one of `words` stands within `reach` characters in the same row, or heads the column.
pub fn near(page: &Page, place: &Place, at: Range, words: &[String], reach: usize) -> bool {
    let window = page.stretch(at.0, at.1, place.row, "", reach);
    let texts = [page.text((window.0, at.0)), page.text((at.1, window.1)), page.text(place.head)];
    texts.iter().any(|text| words.iter().any(|word| contains_word(text, word)))
}

/// Whether `text` holds `word`; a Latin word must stand alone.
pub fn contains_word(text: &str, word: &str) -> bool {
    let whole = word.is_ascii();
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back().unwrap_or(' ');
        let after = text[at + word.len()..].chars().next().unwrap_or(' ');
        let first = word.chars().next().unwrap_or(' ');
        let last = word.chars().next_back().unwrap_or(' ');
        !whole
            || !((first.is_ascii_alphabetic() && before.is_ascii_alphabetic())
                || (last.is_ascii_alphabetic() && after.is_ascii_alphabetic()))
    })
}

fn is_organisation(page: &Page, brands: &Brands, at: Range) -> bool {
    has_ending(page, brands, at, &brands.guards.organisation_endings)
}

/// Whether the run after the mention leads to one of `endings` before anything a name cannot hold.
fn has_ending(page: &Page, brands: &Brands, at: Range, endings: &[Ending]) -> bool {
    let run = name_run(page, brands, at.1);
    endings.iter().any(|ending| {
        let Some(found) = run.find(ending.text.as_str()) else { return false };
        run[..found].chars().count() <= ending.within && !excepted(page, at, at.1 + found, ending)
    })
}

/// What follows a name and may still belong to it.
fn name_run<'a>(page: &'a Page, brands: &Brands, from: usize) -> &'a str {
    let guards = &brands.guards;
    let rest = &page.folded.text[from..];
    let length = rest.chars().take(40).take_while(|c| !guards.stops.contains(*c)).map(char::len_utf8).sum::<usize>();
    let run = &rest[..length];
    let cut = guards.not_inside_names.iter().filter_map(|word| run.find(word.as_str())).min();
    &run[..cut.unwrap_or(run.len())]
}

fn excepted(page: &Page, mention: Range, ending_at: usize, ending: &Ending) -> bool {
    let text = &page.folded.text;
    ending.not_this.iter().any(|longer| {
        longer.match_indices(ending.text.as_str()).any(|(inside, _)| {
            let Some(start) = ending_at.checked_sub(inside).filter(|s| *s >= mention.1) else { return false };
            text.get(start..).is_some_and(|t| t.starts_with(longer.as_str()))
        })
    })
}

/// A family name before it and nothing more of a name around it: 吴曙光 is a person.
fn is_person(page: &Page, brands: &Brands, at: Range) -> bool {
    let hit = page.text(at);
    if hit.chars().all(is_han) && is_addressed(page, brands, at) {
        return true;
    }
    if hit.chars().count() != 2 || !hit.chars().all(is_han) {
        return false;
    }
    let mut left = page.folded.text[..at.0].chars().rev();
    let surname = left.next().is_some_and(|c| brands.guards.surnames.contains(c));
    let alone = !left.next().is_some_and(is_han);
    let rest = &page.folded.text[at.1..];
    let ended = !rest.chars().next().is_some_and(is_han) || brands.guards.person_titles.iter().any(|t| rest.starts_with(t.as_str()));
    surname && alone && ended
}

/// A letter or two of a given name and a form of address: 博世杰教授.
fn is_addressed(page: &Page, brands: &Brands, at: Range) -> bool {
    let rest = &page.folded.text[at.1..];
    let given = rest.char_indices().take(2).take_while(|(_, c)| is_han(*c)).map(|(i, c)| i + c.len_utf8());
    given.into_iter().any(|end| brands.guards.person_honours.iter().any(|title| rest[end..].starts_with(title.as_str())))
}

fn after_person_label(page: &Page, brands: &Brands, place: &Place, at: Range) -> bool {
    let label: String = page.text(place.label).chars().filter(|c| !c.is_whitespace()).collect();
    let close = place.label.1 <= at.0 && page.text((place.label.1, at.0)).chars().count() <= 40;
    close && brands.guards.person_labels.iter().any(|word| label.ends_with(word.as_str()))
}
