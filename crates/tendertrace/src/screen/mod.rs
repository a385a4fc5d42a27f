//! Which list may name a party of this notice, and was the listing in force on the event's date?
//! A lead, never a verdict: names that are alike, and names that we made ourselves, are possible
//! at most.

pub mod changes;
pub mod import;
pub mod index;

use crate::model::{InForce, Judgement, Lead, Notice, Role, Why};
use crate::resolve::names::{Comparison, Kinship, Name, Shape, compare_parsed};
use crate::rulebook::Rulebook;
use crate::rulebook::lists::{DatedBy, List, ListEntry, NameStatus};
use crate::rulebook::names::Class;
use index::{Index, Listed, add_all};
use serde::Serialize;
use std::collections::BTreeMap;

/// The rulebook's lists, ready to be asked.
struct Screener {
    index: Index,
    /// (list, entry) of each party of the index.
    parties: Vec<(usize, usize)>,
}

/// Compares every party of the notice with the rulebook's lists.
pub fn leads(notice: &Notice, rules: &Rulebook) -> Vec<Lead> {
    let screener = screener(rules);
    let date = notice.event_date.as_ref().map(|date| date.value.as_str());
    let mut leads = Vec::new();
    for (role, party) in parties(notice) {
        let query = Name::parse(party, rules);
        for hit in screener.hits(&query, rules) {
            leads.push(lead(party, role, date, &hit, rules));
        }
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
        judgement: hit.comparison.judgement,
        score: hit.comparison.score,
        why: hit.comparison.why.clone(),
    }
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

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_string())
}

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
    let mut screener = Screener { index: Index::default(), parties: Vec::new() };
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
    screener
}

/// What a screening of one name answers, with the keys of the contract.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Screening {
    pub query: String,
    pub result: ScreeningResult,
    /// What would make the name screenable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<String>,
    pub matches: Vec<ScreeningMatch>,
    pub against: Against,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScreeningResult {
    Clear,
    Possible,
    Same,
    /// Too little to tell: a clearance would be false.
    NotScreenable,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScreeningMatch {
    /// The listed name that fits.
    pub name: String,
    /// The entry's own name.
    pub entity: String,
    /// The list's id.
    pub source: String,
    pub score: f64,
    pub judgement: Judgement,
    pub why: Vec<Why>,
    pub listed_from: Option<String>,
    pub listed_to: Option<String>,
    pub in_force: InForce,
}

/// What was asked against.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Against {
    pub lists: Vec<AgainstList>,
    pub date: Option<String>,
    /// Names and entries per list; what a case adds, its program fills in.
    pub coverage: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgainstList {
    pub id: String,
    pub version: String,
    pub sha256: String,
}

/// Screens names against the rulebook's lists as of `date`.
pub fn screen(names: &[&str], date: Option<&str>, rules: &Rulebook) -> Vec<Screening> {
    let against = against(date, rules);
    names.iter().map(|name| screen_name(name, date, &against, rules)).collect()
}

/// Screens one name; `against` is made once with [`against`].
pub fn screen_name(name: &str, date: Option<&str>, against: &Against, rules: &Rulebook) -> Screening {
    screen_party(name, "", date, against, rules)
}

/// Screens one name of which a credit code may be known.
pub fn screen_party(name: &str, code: &str, date: Option<&str>, against: &Against, rules: &Rulebook) -> Screening {
    let query = Name::parse(name, rules).with_code(code.trim());
    let screenable = is_screenable(&query, rules);
    let mut hits = screener(rules).hits(&query, rules);
    // A name that tells too little may still be a listed alias, letter by letter.
    hits.retain(|hit| screenable || Name::parse(&hit.name, rules).plain == query.plain);
    let matches: Vec<ScreeningMatch> = hits.iter().map(|hit| screening_match(hit, date, rules)).collect();
    let result = match matches.iter().map(|m| m.judgement).max() {
        Some(Judgement::Same) => ScreeningResult::Same,
        Some(_) => ScreeningResult::Possible,
        None if !screenable => ScreeningResult::NotScreenable,
        None => ScreeningResult::Clear,
    };
    let needs = (result == ScreeningResult::NotScreenable).then(|| rules.names.weights.needs.clone());
    Screening { query: name.to_string(), result, needs, matches, against: against.clone() }
}

/// Which lists, in which version, a screening asks.
pub fn against(date: Option<&str>, rules: &Rulebook) -> Against {
    let lists = rules.lists.lists.iter().map(|l| AgainstList {
        id: l.source.id.clone(),
        version: l.source.version.clone(),
        sha256: l.source.sha256.clone(),
    });
    let coverage = rules.lists.lists.iter().map(|l| (l.source.id.clone(), l.entries.len() as u64));
    Against { lists: lists.collect(), date: date.map(str::to_string), coverage: coverage.collect() }
}

fn screening_match(hit: &Hit, date: Option<&str>, rules: &Rulebook) -> ScreeningMatch {
    let (list, entry) = hit.entry(rules);
    ScreeningMatch {
        name: hit.name.clone(),
        entity: entry.name.clone(),
        source: list.source.id.clone(),
        score: hit.comparison.score,
        judgement: hit.comparison.judgement,
        why: hit.comparison.why.clone(),
        listed_from: filled(&entry.listed_from),
        listed_to: filled(&entry.listed_to),
        in_force: in_force(list.source.dated_by, entry, date),
    }
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
