//! Which list may name a party of this notice, and was the listing in force on the event's date?
//! A lead, never a verdict: names that are alike, and names that we made ourselves, are possible
//! at most.

pub mod asking;
pub mod changes;
mod holdings;
pub mod import;
pub mod index;
pub mod known;
mod owners;
pub mod ownership;
pub mod screening;

pub use screening::{
    Against, AgainstList, Asked, Ownership, Screening, ScreeningMatch, ScreeningResult, against, screen, screen_name, screen_party,
    stakes_above,
};

use crate::model::{InForce, Judgement, Lead, Notice, Role, Through, ThroughOwners, When, Why};
use crate::resolve::names::{Comparison, Kinship, Name, Shape, compare_parsed, rounded};
use crate::rulebook::Rulebook;
use crate::rulebook::lists::{DatedBy, List, ListEntry, NameStatus, Reach};
use crate::rulebook::names::Class;
use holdings::Found;
use index::{Index, Listed, add_all, without_acronym};
use owners::Owners;
use std::collections::BTreeMap;

/// The rulebook's lists, ready to be asked.
struct Screener {
    index: Index,
    /// (list, entry) of each party of the index.
    parties: Vec<(usize, usize)>,
    /// Who owns whom, where the user has a table of it.
    owners: Option<Owners>,
}

/// Compares every party of the notice with the rulebook's lists.
pub fn leads(notice: &Notice, rules: &Rulebook) -> Vec<Lead> {
    let screener = screener(rules);
    let date = notice.event_date.as_ref().map(|date| date.value.as_str());
    let mut leads = Vec::new();
    for (role, party) in parties(notice) {
        let query = Name::parse(party, rules);
        leads.extend(screener.hits(&query, rules).iter().map(|hit| lead(party, role, date, hit, rules)));
        let owned = screener.owners.as_ref().map(|owners| holdings::answer(owners, &query, date, rules));
        leads.extend(owned.iter().flat_map(|answer| &answer.found).map(|found| owned_lead(party, role, date, found, rules)));
    }
    leads
}

fn lead(party: &str, role: Role, date: Option<&str>, hit: &Hit, rules: &Rulebook) -> Lead {
    let (list, entry) = hit.entry(rules);
    Lead {
        party: party.to_string(),
        role,
        list: list.source.id.clone(),
        entry: entry.name.clone(),
        listed_from: filled(&entry.listed_from),
        listed_to: filled(&entry.listed_to),
        in_force: in_force(list.source.dated_by, entry, date),
        when: when(list.source.dated_by, entry, date),
        through: through(hit, entry),
        via: None,
        judgement: hit.comparison.judgement,
        score: hit.comparison.score,
        why: hit.comparison.why.clone(),
    }
}

/// A party that a listed one may own: never more than possible, since the party itself is not named.
fn owned_lead(party: &str, role: Role, date: Option<&str>, found: &Found, rules: &Rulebook) -> Lead {
    Lead {
        in_force: found.half_owned,
        when: found.when,
        through: Through::Owner,
        via: Some(via(found, date, rules)),
        judgement: Judgement::Possible,
        score: owned_score(found, rules),
        why: owned_why(party, found),
        ..lead(party, role, date, &found.hit, rules)
    }
}

fn via(found: &Found, date: Option<&str>, rules: &Rulebook) -> ThroughOwners {
    let rule = found.hit.entry(rules).0.source.ownership_on(date);
    let reached = match rule.map(|rule| rule.reach) {
        _ if found.half_owned == InForce::No => InForce::No,
        Some(Reach::HalfOwned) => found.half_owned,
        Some(Reach::NamedOnly) => InForce::No,
        Some(Reach::Otherwise) | None => InForce::Unknown,
    };
    ThroughOwners {
        owner: found.chain.clone(),
        half_owned: found.half_owned,
        listed_share: found.listed_share.normalize().to_string(),
        reached,
        rule: rule.map_or_else(|| rules.names.weights.no_rule.clone(), |rule| format!("{} ({})", rule.note, rule.url)),
    }
}

/// In the lower half of what is possible, by how surely the owner is the one listed.
fn owned_score(found: &Found, rules: &Rulebook) -> f64 {
    let weights = &rules.names.weights;
    let share = if found.half_owned == InForce::Yes { 0.5 } else { 0.25 };
    rounded(weights.possible + (weights.same - weights.possible) * share * found.hit.comparison.score)
}

fn owned_why(party: &str, found: &Found) -> Vec<Why> {
    let share = match found.half_owned {
        InForce::Yes => 1.0,
        InForce::Unknown => 0.5,
        InForce::No => 0.0,
    };
    let why = |feature: &str, score, weight| Why {
        feature: feature.to_string(),
        query: party.to_string(),
        candidate: found.hit.name.clone(),
        score,
        weight,
    };
    let doubts = found.why.iter().map(|doubt| why(doubt, 0.0, 0.0));
    std::iter::once(why("half_owned", share, 1.0)).chain(doubts).chain(found.hit.comparison.why.iter().cloned()).collect()
}

/// Names of the notice's parties with their roles, each once.
fn parties(notice: &Notice) -> Vec<(Role, &str)> {
    let mut all: Vec<(Role, &str)> = Vec::new();
    let single = [(Role::Buyer, &notice.buyer), (Role::EndUser, &notice.end_user), (Role::Agency, &notice.agency)];
    all.extend(single.into_iter().filter_map(|(role, name)| name.as_ref().map(|n| (role, n.value.as_str()))));
    let awarded = notice.awards.iter().flat_map(|a| &a.suppliers);
    let bidding = notice.bids.iter().flat_map(|b| &b.suppliers);
    all.extend(awarded.chain(bidding).map(|n| (Role::Supplier, n.value.as_str())));
    let mut seen = std::collections::HashSet::new();
    all.retain(|(role, name)| seen.insert((*role, *name)));
    all
}

/// Whether an entry was in force on `date`; without a date, and before the edition that dates the
/// entry, nobody can say.
pub fn in_force(dated_by: DatedBy, entry: &ListEntry, date: Option<&str>) -> InForce {
    let Some(day) = date.and_then(|d| d.get(..10)) else { return InForce::Unknown };
    if entry.listed_from.is_empty() {
        return InForce::Unknown;
    }
    let begun = entry.listed_from.as_str() <= day;
    let ended = !entry.listed_to.is_empty() && entry.listed_to.as_str() <= day;
    match (begun, ended) {
        (_, true) => InForce::No,
        (true, false) => InForce::Yes,
        (false, false) if dated_by == DatedBy::Edition => InForce::Unknown,
        (false, false) => InForce::No,
    }
}

/// Where the day lies: before the listing, in its time, after its end.
pub fn when(dated_by: DatedBy, entry: &ListEntry, date: Option<&str>) -> When {
    let ended = |day: &str| !entry.listed_to.is_empty() && entry.listed_to.as_str() <= day;
    match in_force(dated_by, entry, date) {
        InForce::Yes => When::During,
        InForce::No if date.and_then(|d| d.get(..10)).is_some_and(ended) => When::After,
        InForce::No => When::Before,
        InForce::Unknown => When::Unknown,
    }
}

/// By what the name came near the entry.
fn through(hit: &Hit, entry: &ListEntry) -> Through {
    let among =
        |written: &str| written.split('|').map(str::trim).any(|one| one == hit.name || without_acronym(one).as_ref() == Some(&hit.name));
    match hit.comparison.kinship {
        Kinship::Part => Through::Parent,
        Kinship::Affiliate => Through::Affiliate,
        Kinship::None if hit.comparison.why.iter().any(|why| why.feature == "credit_code") => Through::Code,
        Kinship::None if among(&entry.name) || among(&entry.name_zh) => Through::Name,
        Kinship::None => Through::Alias,
    }
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_string())
}

#[derive(Debug, Clone, PartialEq)]
struct Hit {
    list: usize,
    entry: usize,
    comparison: Comparison,
    /// The listed name that fits best.
    name: String,
}

impl Hit {
    fn entry<'a>(&self, rules: &'a Rulebook) -> (&'a List, &'a ListEntry) {
        let list = &rules.lists.lists[self.list];
        (list, &list.entries[self.entry])
    }
}

impl Screener {
    /// Entries whose best name is at least possible, best first.
    fn hits(&self, query: &Name, rules: &Rulebook) -> Vec<Hit> {
        let mut best: BTreeMap<u32, (Comparison, &Listed)> = BTreeMap::new();
        for number in self.index.candidates(query, rules) {
            let listed = &self.index.names[number as usize];
            let comparison = capped(compare_parsed(query, &listed.name, rules), query, listed, rules);
            if comparison.judgement == Judgement::Different {
                continue;
            }
            if best.get(&listed.party).is_none_or(|(known, _)| comparison.score > known.score) {
                best.insert(listed.party, (comparison, listed));
            }
        }
        let mut hits: Vec<Hit> = best
            .into_iter()
            .map(|(party, (comparison, listed))| {
                let (list, entry) = self.parties[party as usize];
                Hit { list, entry, comparison, name: listed.name.written.clone() }
            })
            .collect();
        hits.sort_by(|a, b| b.comparison.score.total_cmp(&a.comparison.score).then((a.list, a.entry).cmp(&(b.list, b.entry))));
        hits
    }
}

/// A name alone never proves a party: `same` needs a code, or a full name that a source shows.
fn capped(mut comparison: Comparison, query: &Name, listed: &Listed, rules: &Rulebook) -> Comparison {
    if comparison.kinship != Kinship::None {
        return related(comparison, query, listed, rules);
    }
    let by_code = query.code.is_some() && listed.name.code.is_some();
    if comparison.judgement != Judgement::Same || by_code {
        return comparison;
    }
    let reason = if listed.constructed {
        "name_made_by_us"
    } else if !is_full(&listed.name) || !is_full(query) {
        "name_alike_only"
    } else {
        return comparison;
    };
    let weights = &rules.names.weights;
    let share = (comparison.score - weights.same) / (1.0 - weights.same);
    comparison.score = weights.possible + (weights.same - weights.possible) * (0.9 + 0.09 * share);
    only_possible(comparison, reason, query, listed)
}

/// Holds a comparison at `possible` and says why.
fn only_possible(mut comparison: Comparison, reason: &str, query: &Name, listed: &Listed) -> Comparison {
    comparison.judgement = Judgement::Possible;
    comparison.why.push(Why {
        feature: reason.to_string(),
        query: query.written.clone(),
        candidate: listed.name.written.clone(),
        score: 0.0,
        weight: 0.0,
    });
    comparison
}

/// A branch or an affiliate of a listed party is another body, and worth a look.
fn related(mut comparison: Comparison, query: &Name, listed: &Listed, rules: &Rulebook) -> Comparison {
    let reason = if comparison.kinship == Kinship::Part { "part_of_a_listed_body" } else { "perhaps_an_affiliate" };
    let weights = &rules.names.weights;
    comparison.score = weights.possible + (weights.same - weights.possible) * 0.5 * comparison.score / weights.possible;
    only_possible(comparison, reason, query, listed)
}

/// Whether a name is a body's full one: with legal form, or a public body with its place.
fn is_full(name: &Name) -> bool {
    match &name.shape {
        Shape::Han(han) if han.is_public() => !han.places.is_empty(),
        Shape::Han(han) => han.form.is_some() && (!han.places.is_empty() || !han.trades.is_empty() || han.core.chars().count() >= 3),
        Shape::Latin(latin) => !latin.forms.is_empty() && latin.tokens.len() >= 2,
    }
}

fn screener(rules: &Rulebook) -> &Screener {
    let compiled = rules.lists.compiled.get_or_init(|| Box::new(compile(rules)));
    compiled.downcast_ref().expect("only this room fills the slot")
}

fn compile(rules: &Rulebook) -> Screener {
    let mut screener = Screener { index: Index::default(), parties: Vec::new(), owners: None };
    for (list, known) in rules.lists.lists.iter().enumerate() {
        for (entry, row) in known.entries.iter().enumerate() {
            let party = screener.parties.len() as u32;
            screener.parties.push((list, entry));
            let constructed = row.name_zh_status == NameStatus::Constructed;
            add_all(&mut screener.index, party, &row.name, &row.code, false, rules);
            add_all(&mut screener.index, party, &row.aliases, &row.code, false, rules);
            add_all(&mut screener.index, party, &row.name_zh, &row.code, constructed, rules);
        }
    }
    if !rules.lists.stakes.is_empty() {
        screener.owners = Some(owners::compile(&screener, rules));
    }
    screener
}

/// Whether a name is full enough to stand for one body, wherever it is written.
pub fn tells_a_party(name: &Name, rules: &Rulebook) -> bool {
    is_full(name) && is_screenable(name, rules)
}

/// Letters of a core that a Latin name needs to be told from others.
const CORE_LEAST: usize = 4;

fn is_screenable(name: &Name, rules: &Rulebook) -> bool {
    match &name.shape {
        _ if name.code.is_some() => true,
        _ if rules.names.weights.masked.iter().any(|mask| name.written.contains(mask.as_str())) => false,
        Shape::Han(han) if han.is_public() => !han.places.is_empty() || !han.meanings.is_empty(),
        Shape::Han(han) => {
            han.core.chars().count() >= 2 && rules.names.han_words.get(&han.core).is_none_or(|word| word.class == Class::Place)
        }
        Shape::Latin(latin) => latin.core.chars().count() >= CORE_LEAST,
    }
}
