//! Is a list likely to mean this party? What one screening answers, with the keys of the contract: by
//! which of its names, since when, through whom, against which lists, and what would tell more.

use super::{Found, Hit, Screener, filled, holdings, in_force, is_screenable, owned_score, owned_why, screener, through, via, when};
use crate::model::{InForce, Judgement, Through, ThroughOwners, When, Why};
use crate::resolve::names::{Name, Shape, with_former};
use crate::rulebook::Rulebook;
use crate::rulebook::names::Help;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is asked of one party.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub name: String,
    /// The same party in another language or spelling.
    pub also: Vec<String>,
    /// Unified social credit code.
    pub code: String,
    /// The event's day.
    pub date: Option<String>,
}

impl Asked {
    /// Its names, taken apart.
    pub fn parsed(&self, rules: &Rulebook) -> Vec<Name> {
        let names = std::iter::once(&self.name).chain(&self.also).flat_map(|name| with_former(name, rules));
        names.map(|name| Name::parse(name, rules).with_code(self.code.trim())).collect()
    }
}

/// What a screening of one party answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Screening {
    pub query: String,
    /// Other names of the party that were asked too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    pub result: ScreeningResult,
    /// The result if nothing matched.
    #[serde(skip)]
    pub without_matches: ScreeningResult,
    /// What would make the name screenable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<String>,
    /// What would tell more than this answer does.
    pub what_would_help: Vec<String>,
    pub matches: Vec<ScreeningMatch>,
    /// Entries that a person said are another party: asked, but not told as matches.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set_aside: Vec<SetAside>,
    /// What the user's table says of its owners; absent where there is no table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ownership: Option<Ownership>,
    pub against: Against,
}

/// An entry by its list and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetAside {
    pub source: String,
    pub entity: String,
}

impl Screening {
    /// Takes matches away that a person said are another party, and says so.
    pub fn set_aside(&mut self, apart: impl Fn(&ScreeningMatch) -> bool) {
        let (aside, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.matches).into_iter().partition(apart);
        self.matches = kept;
        if !aside.is_empty() {
            self.set_aside.extend(aside.into_iter().map(|found| SetAside { source: found.source, entity: found.entity }));
            self.result = result(&self.matches, self.without_matches);
        }
    }
}

/// By the likeliest match; `none` where there is no match.
fn result(matches: &[ScreeningMatch], none: ScreeningResult) -> ScreeningResult {
    match matches.iter().map(|m| m.judgement).max() {
        Some(Judgement::Same) => ScreeningResult::Same,
        Some(_) => ScreeningResult::Possible,
        None => none,
    }
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
    pub through: Through,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<ThroughOwners>,
    pub why: Vec<Why>,
    pub listed_from: Option<String>,
    pub listed_to: Option<String>,
    pub in_force: InForce,
    pub when: When,
}

/// One half or more owned by a listed party on the day?
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ownership {
    pub half_owned: InForce,
    /// Percent that certainly belong to parties of one list.
    pub listed_share: String,
    /// Percent whose owners the table names for that day.
    pub known_share: String,
    /// Ids of what the answer rests on or lacks.
    pub why: Vec<String>,
}

/// What was asked against.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Against {
    pub lists: Vec<AgainstList>,
    pub date: Option<String>,
    /// Entries per list; what a case adds, its program fills in.
    pub coverage: BTreeMap<String, serde_json::Value>,
    /// The table of owners, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ownership: Option<AgainstOwners>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgainstList {
    pub id: String,
    pub version: String,
    pub sha256: String,
}

/// A table of owners by its hash, its rows, and how many could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AgainstOwners {
    pub sha256: String,
    pub rows: usize,
    pub unread: usize,
}

/// Screens names against the rulebook's lists as of `date`.
pub fn screen(names: &[&str], date: Option<&str>, rules: &Rulebook) -> Vec<Screening> {
    let against = against(date, rules);
    names.iter().map(|name| screen_name(name, date, &against, rules)).collect()
}

/// Screens one name; `against` is made once with [`against`].
pub fn screen_name(name: &str, date: Option<&str>, against: &Against, rules: &Rulebook) -> Screening {
    screen_party(&Asked { name: name.to_string(), date: date.map(str::to_string), ..Asked::default() }, against, rules)
}

/// Screens one party by all its names.
pub fn screen_party(asked: &Asked, against: &Against, rules: &Rulebook) -> Screening {
    let day = asked.date.as_deref();
    let names = asked.parsed(rules);
    let screenable = names.iter().any(|name| is_screenable(name, rules));
    let screener = screener(rules);
    let mut matches: Vec<ScreeningMatch> =
        direct(&names, screenable, screener, rules).iter().map(|hit| screening_match(hit, day, rules)).collect();
    let owned = screener.owners.as_ref().map(|owners| {
        let answers = names.iter().map(|name| holdings::answer(owners, name, day, rules));
        answers.reduce(holdings::surer).expect("a party has a name")
    });
    let mut through_owners: Vec<ScreeningMatch> =
        owned.iter().flat_map(|answer| &answer.found).map(|found| owned_match(&asked.name, found, day, rules)).collect();
    through_owners.sort_by(|a, b| b.score.total_cmp(&a.score));
    matches.extend(through_owners);
    let without_matches = if screenable { ScreeningResult::Clear } else { ScreeningResult::NotScreenable };
    let result = result(&matches, without_matches);
    let needs = (result == ScreeningResult::NotScreenable).then(|| rules.names.weights.needs.clone());
    let ownership = owned.as_ref().map(|answer| Ownership {
        half_owned: answer.half_owned,
        listed_share: answer.listed_share.normalize().to_string(),
        known_share: answer.known_share.normalize().to_string(),
        why: answer.why.iter().map(|why| why.to_string()).collect(),
    });
    Screening {
        query: asked.name.clone(),
        also: asked.also.clone(),
        code: filled(asked.code.trim()),
        result,
        without_matches,
        needs,
        what_would_help: what_would_help(&names, asked, result, &matches, ownership.as_ref(), &rules.names.weights.help),
        matches,
        set_aside: Vec::new(),
        ownership,
        against: Against { date: asked.date.clone(), ..against.clone() },
    }
}

/// All stakes of the user's table above a party, as numbers of `rules.lists.stakes`.
pub fn stakes_above(asked: &Asked, rules: &Rulebook) -> Vec<u32> {
    let Some(owners) = &screener(rules).owners else { return Vec::new() };
    let mut rows: Vec<u32> = asked.parsed(rules).iter().flat_map(|name| owners.rows_above(name, rules)).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// Entries that may mean one of the names, each by the name that fits best, best first.
fn direct(names: &[Name], screenable: bool, screener: &Screener, rules: &Rulebook) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    for name in names {
        // A name that tells too little may still be a listed alias, letter by letter.
        let mut own = screener.hits(name, rules);
        own.retain(|hit| screenable || Name::parse(&hit.name, rules).plain == name.plain);
        hits.extend(own);
    }
    if names.len() > 1 {
        hits.sort_by(|a, b| b.comparison.score.total_cmp(&a.comparison.score).then((a.list, a.entry).cmp(&(b.list, b.entry))));
        let mut seen = std::collections::HashSet::new();
        hits.retain(|hit| seen.insert((hit.list, hit.entry)));
    }
    hits
}

/// What would make more of the answer, in the rulebook's words.
fn what_would_help(
    names: &[Name],
    asked: &Asked,
    result: ScreeningResult,
    matches: &[ScreeningMatch],
    ownership: Option<&Ownership>,
    help: &Help,
) -> Vec<String> {
    let no_chinese = !names.iter().any(|name| matches!(name.shape, Shape::Han(_)));
    let no_code = !names.iter().any(|name| name.code.is_some());
    // Who owns it by the user's table is not doubtful for want of a code.
    let by_owner_only = !matches.is_empty() && matches.iter().all(|found| found.through == Through::Owner);
    let open = matches!(result, ScreeningResult::Possible | ScreeningResult::NotScreenable) && !by_owner_only;
    let bad_code = no_code && !asked.code.trim().is_empty();
    let unknown_owner = result != ScreeningResult::Same && ownership.is_some_and(|said| said.half_owned == InForce::Unknown);
    let helps = [
        (no_chinese && result != ScreeningResult::Same, &help.chinese_name),
        (!no_chinese && result == ScreeningResult::NotScreenable, &help.full_name),
        (open && no_code && !bad_code, &help.code),
        (bad_code, &help.code_wrong),
        (asked.date.is_none() && matches!(result, ScreeningResult::Possible | ScreeningResult::Same), &help.date),
        (unknown_owner, &help.owners),
    ];
    helps.into_iter().filter(|(wanted, _)| *wanted).map(|(_, words)| words.clone()).collect()
}

/// Which lists, in which version, a screening asks.
pub fn against(date: Option<&str>, rules: &Rulebook) -> Against {
    let lists = rules.lists.lists.iter().map(|l| AgainstList {
        id: l.source.id.clone(),
        version: l.source.version.clone(),
        sha256: l.source.sha256.clone(),
    });
    let coverage = rules.lists.lists.iter().map(|l| (l.source.id.clone(), l.entries.len().into()));
    Against { lists: lists.collect(), date: date.map(str::to_string), coverage: coverage.collect(), ownership: None }
}

fn screening_match(hit: &Hit, date: Option<&str>, rules: &Rulebook) -> ScreeningMatch {
    let (list, entry) = hit.entry(rules);
    ScreeningMatch {
        name: hit.name.clone(),
        entity: entry.name.clone(),
        source: list.source.id.clone(),
        score: hit.comparison.score,
        judgement: hit.comparison.judgement,
        through: through(hit, entry),
        via: None,
        why: hit.comparison.why.clone(),
        listed_from: filled(&entry.listed_from),
        listed_to: filled(&entry.listed_to),
        in_force: in_force(list.source.dated_by, entry, date),
        when: when(list.source.dated_by, entry, date),
    }
}

fn owned_match(query: &str, found: &Found, date: Option<&str>, rules: &Rulebook) -> ScreeningMatch {
    ScreeningMatch {
        judgement: Judgement::Possible,
        score: owned_score(found, rules),
        through: Through::Owner,
        via: Some(via(found, date, rules)),
        why: owned_why(query, found),
        in_force: found.half_owned,
        when: found.when,
        ..screening_match(&found.hit, date, rules)
    }
}
