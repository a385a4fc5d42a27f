//! Does a listed party own one half or more of this one, on this day, directly or through others? By
//! the user's own table, and never beyond it.
//!
//! The rule is that of OFAC (revised guidance of 13 August 2014; FAQ 398 to 402,
//! <https://ofac.treasury.gov/faqs/401>), which the BIS Affiliates Rule of 29 September 2025 (90 FR 47201) took over:
//! the shares of all listed owners are added up; a company of which they hold 50 percent or more counts itself as one
//! of them, wholly, so that chains go by that status and percentages are never multiplied; ownership counts, control
//! does not. Added up are the parties of *one* list, each as of the day asked for.
//!
//! **Yes** rests on shares, days, names and listings that are certain alone. **Unknown**: what is missing or doubtful
//! could make it a yes, or the table names no owner. Else **no**: what the table says stays below one half. Owners
//! that the table does not name are no part of a no; the share it knows stands beside the answer. Every answer walks
//! the owners above a name once, whatever circles they form.

use super::owners::Owners;
use super::{Hit, in_force};
use crate::model::{Held, InForce, Judgement, When};
use crate::resolve::names::Name;
use crate::rulebook::Rulebook;
use crate::rulebook::lists::Stake;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What the table says of a party's owners.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub half_owned: InForce,
    /// Percent that certainly belong to listed owners (of the list with most), and to whomever the table names.
    pub listed_share: Decimal,
    pub known_share: Decimal,
    /// Ids of what the answer rests on or lacks.
    pub why: BTreeSet<&'static str>,
    pub found: Vec<Found>,
}

/// A listed party above the one asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub hit: Hit,
    pub half_owned: InForce,
    pub when: When,
    pub listed_share: Decimal,
    pub why: BTreeSet<&'static str>,
    pub chain: Vec<Held>,
}

/// The share that makes a company one of its owners: the rule's own number.
fn half() -> Decimal {
    Decimal::from(50)
}

/// Shares that add up to more than this contradict each other; a little more is rounding.
fn whole() -> Decimal {
    Decimal::new(1005, 1)
}

/// Longest way that is shown.
const CHAIN_MOST: usize = 64;

/// Answers for a name on a day.
pub(super) fn answer(owners: &Owners, name: &Name, day: Option<&str>, rules: &Rulebook) -> Answer {
    let asked = owners.find(name, rules);
    let mut all: Option<Answer> = None;
    for (node, met) in asked {
        let mut one = Walk::new(owners, node, day, rules).answer();
        if met != Judgement::Same {
            one.found.retain(|found| found.half_owned != InForce::No);
            for found in &mut one.found {
                (found.half_owned, found.when) = (InForce::Unknown, When::Unknown);
                found.why.insert("name_in_the_table_alike_only");
            }
            one.half_owned = InForce::Unknown;
            one.listed_share = Decimal::ZERO;
            one.why.insert("name_in_the_table_alike_only");
        }
        all = Some(match all {
            Some(known) => together(known, one),
            None => one,
        });
    }
    all.unwrap_or_else(|| unanswered("no_owner_in_the_table"))
}

fn unanswered(why: &'static str) -> Answer {
    let why = BTreeSet::from([why]);
    Answer { half_owned: InForce::Unknown, listed_share: Decimal::ZERO, known_share: Decimal::ZERO, why, found: Vec::new() }
}

fn together(mut known: Answer, one: Answer) -> Answer {
    if rank(one.half_owned) > rank(known.half_owned) {
        (known.half_owned, known.listed_share, known.known_share) = (one.half_owned, one.listed_share, one.known_share);
    }
    known.why.extend(one.why);
    known.found.extend(one.found);
    known
}

/// Of two answers for two names of one party the one that tells more: what was found, then what is known.
pub(super) fn surer(one: Answer, other: Answer) -> Answer {
    let tells = |answer: &Answer| {
        (answer.half_owned == InForce::Yes, !answer.found.is_empty(), answer.half_owned == InForce::No, answer.known_share)
    };
    if tells(&other) > tells(&one) { other } else { one }
}

fn rank(answer: InForce) -> u8 {
    match answer {
        InForce::No => 0,
        InForce::Unknown => 1,
        InForce::Yes => 2,
    }
}

/// What one owner holds of one company, by all rows of the two.
#[derive(Default)]
struct Holding {
    rows: Vec<u32>,
    /// Held for certain; rows that contradict each other give the least.
    certain: Decimal,
    /// Held perhaps.
    most: Decimal,
    /// Held perhaps, nobody knows how much.
    open: bool,
    /// The most of any day.
    ever: Decimal,
}

/// What is taken for true.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taking {
    /// What is certain.
    Certain,
    /// Whatever may be.
    Perhaps,
    /// Whatever was ever said, of other days too.
    Ever,
}

/// How far the listed reach.
#[derive(Default)]
struct Reach {
    sums: BTreeMap<u32, Decimal>,
    /// Who counted, by whom he counted for.
    by: BTreeMap<u32, Vec<u32>>,
    starts: BTreeSet<u32>,
    by_likeness: BTreeSet<u32>,
}

/// The owners above one party.
struct Walk<'a> {
    owners: &'a Owners,
    rules: &'a Rulebook,
    day: Option<&'a str>,
    asked: u32,
    above: BTreeSet<u32>,
    /// By owned and owner.
    holdings: BTreeMap<(u32, u32), Holding>,
    below: BTreeMap<u32, Vec<u32>>,
    contradicted: BTreeSet<u32>,
}

impl<'a> Walk<'a> {
    fn new(owners: &'a Owners, asked: u32, day: Option<&'a str>, rules: &'a Rulebook) -> Walk<'a> {
        let node = &owners.nodes[asked as usize];
        // Where no list names anybody above, only the party's own shares are of interest.
        let above = if node.below_listed { everybody_above(owners, asked) } else { BTreeSet::from([asked]) };
        let mut walk =
            Walk { owners, rules, day, asked, above, holdings: BTreeMap::new(), below: BTreeMap::new(), contradicted: BTreeSet::new() };
        walk.hold();
        walk
    }

    fn hold(&mut self) {
        for owned in self.above.clone() {
            for row in &self.owners.nodes[owned as usize].above {
                let owner = self.owners.edges[*row as usize].0;
                self.holdings.entry((owned, owner)).or_default().rows.push(*row);
            }
        }
        for ((owned, owner), holding) in &mut self.holdings {
            weigh(holding, self.day, &self.rules.lists.stakes);
            self.below.entry(*owner).or_default().push(*owned);
        }
        for owned in &self.above {
            if self.known_share(*owned) > whole() {
                self.contradicted.insert(*owned);
            }
        }
    }

    fn of(&self, owned: u32) -> impl Iterator<Item = (u32, &Holding)> {
        self.holdings.range((owned, 0)..=(owned, u32::MAX)).map(|((_, owner), holding)| (*owner, holding))
    }

    fn known_share(&self, owned: u32) -> Decimal {
        self.of(owned).map(|(_, holding)| holding.certain).sum()
    }

    fn answer(&self) -> Answer {
        let mut answer = Answer {
            half_owned: InForce::No,
            listed_share: Decimal::ZERO,
            known_share: self.known_share(self.asked).min(Decimal::ONE_HUNDRED),
            why: BTreeSet::new(),
            found: Vec::new(),
        };
        for list in self.lists() {
            let (half_owned, share, found) = self.by_list(list);
            if rank(half_owned) > rank(answer.half_owned) {
                answer.half_owned = half_owned;
            }
            answer.listed_share = answer.listed_share.max(share);
            answer.why.extend(found.iter().filter(|found| found.half_owned == InForce::Unknown).flat_map(|found| &found.why));
            answer.found.extend(found);
        }
        match answer.half_owned {
            // Doubts about another list are none about this.
            InForce::Yes => answer.why.clear(),
            InForce::No => self.admit(&mut answer),
            InForce::Unknown => {}
        }
        answer
    }

    /// A no needs an owner on that day.
    fn admit(&self, answer: &mut Answer) {
        let rows = &self.owners.nodes[self.asked as usize].above;
        let on_the_day = rows.iter().any(|row| held(self.stake(*row), self.day) != InForce::No);
        if !on_the_day {
            answer.half_owned = InForce::Unknown;
            answer.why.insert(if rows.is_empty() { "no_owner_in_the_table" } else { "no_owner_on_that_day" });
        } else if answer.known_share < half() {
            answer.why.insert("most_owners_not_in_the_table");
        }
    }

    fn lists(&self) -> BTreeSet<usize> {
        let others = self.above.iter().filter(|node| **node != self.asked);
        others.flat_map(|node| &self.owners.nodes[*node as usize].listed).map(|hit| hit.list).collect()
    }

    fn by_list(&self, list: usize) -> (InForce, Decimal, Vec<Found>) {
        let certain = self.reach(list, Taking::Certain);
        let share = certain.sums.get(&self.asked).copied().unwrap_or_default();
        let judged = |half_owned, reach: &Reach| (half_owned, share, self.found(list, half_owned, share, reach));
        if share >= half() {
            return judged(InForce::Yes, &certain);
        }
        let perhaps = self.reach(list, Taking::Perhaps);
        if self.is_reached(&perhaps) {
            return judged(InForce::Unknown, &perhaps);
        }
        let ever = self.reach(list, Taking::Ever);
        if self.is_reached(&ever) {
            return judged(InForce::No, &ever);
        }
        (InForce::No, share, Vec::new())
    }

    fn is_reached(&self, reach: &Reach) -> bool {
        reach.sums.get(&self.asked).is_some_and(|sum| *sum >= half()) || reach.by_likeness.contains(&self.asked)
    }

    /// Spreads the status of the listed downwards; every stake is looked at once. The party asked for passes
    /// nothing on: what it owns is no owner of it, but in a circle.
    fn reach(&self, list: usize, taking: Taking) -> Reach {
        let mut reach = Reach::default();
        let mut waiting: VecDeque<u32> = VecDeque::new();
        for node in self.above.iter().filter(|node| **node != self.asked && self.is_listed(**node, list, taking)) {
            reach.starts.insert(*node);
            waiting.push_back(*node);
        }
        let mut known: BTreeSet<u32> = reach.starts.clone();
        known.insert(self.asked);
        let mut filled: BTreeSet<u32> = BTreeSet::new();
        while let Some(owner) = waiting.pop_front() {
            for owned in self.below.get(&owner).into_iter().flatten() {
                let Some(share) = self.share(*owned, owner, taking, &mut filled) else { continue };
                reach.by.entry(*owned).or_default().push(owner);
                let sum = reach.sums.entry(*owned).or_default();
                *sum += share;
                if *sum >= half() && known.insert(*owned) {
                    waiting.push_back(*owned);
                }
            }
            if taking != Taking::Certain {
                self.by_likeness(owner, &mut reach, &mut known, &mut waiting);
            }
        }
        reach
    }

    /// A name that is only alike may be the same body: whoever owns the one may own the other.
    fn by_likeness(&self, node: u32, reach: &mut Reach, known: &mut BTreeSet<u32>, waiting: &mut VecDeque<u32>) {
        for like in self.owners.nodes[node as usize].alike.iter().filter(|like| self.above.contains(like)) {
            let is_listed_only = reach.starts.contains(&node) && *like == self.asked;
            if !is_listed_only && (*like == self.asked || known.insert(*like)) {
                reach.by_likeness.insert(*like);
                reach.by.entry(*like).or_default().push(node);
                if *like != self.asked {
                    waiting.push_back(*like);
                }
            }
        }
    }

    fn is_listed(&self, node: u32, list: usize, taking: Taking) -> bool {
        self.owners.nodes[node as usize].listed.iter().filter(|hit| hit.list == list).any(|hit| {
            let in_force = self.in_force(hit);
            match taking {
                Taking::Certain => hit.comparison.judgement == Judgement::Same && in_force == InForce::Yes,
                Taking::Perhaps => in_force != InForce::No,
                Taking::Ever => true,
            }
        })
    }

    fn in_force(&self, hit: &Hit) -> InForce {
        let (list, entry) = hit.entry(self.rules);
        in_force(list.source.dated_by, entry, self.day)
    }

    /// What an owner's holding adds; None where it does not count.
    fn share(&self, owned: u32, owner: u32, taking: Taking, filled: &mut BTreeSet<u32>) -> Option<Decimal> {
        let holding = &self.holdings[&(owned, owner)];
        let share = match taking {
            Taking::Certain if self.contradicted.contains(&owned) => Decimal::ZERO,
            Taking::Certain => holding.certain,
            Taking::Perhaps if holding.open && filled.insert(owned) => holding.most + self.rest(owned),
            Taking::Perhaps => holding.most,
            Taking::Ever => holding.ever,
        };
        (share > Decimal::ZERO).then_some(share)
    }

    /// What is left for owners whose shares nobody knows.
    fn rest(&self, owned: u32) -> Decimal {
        (Decimal::ONE_HUNDRED - self.known_share(owned)).max(Decimal::ZERO)
    }

    fn stake(&self, row: u32) -> &Stake {
        &self.rules.lists.stakes[row as usize]
    }

    /// The listed from whom the party was reached, each with the way down.
    fn found(&self, list: usize, half_owned: InForce, listed_share: Decimal, reach: &Reach) -> Vec<Found> {
        let (tops, pairs) = self.way(reach);
        let rows: Vec<u32> = pairs.iter().rev().filter_map(|(owned, owner)| self.shown_row(*owned, *owner)).collect();
        let chain: Vec<Held> = rows.iter().map(|row| shown(self.stake(*row), self.day)).collect();
        let mut why = self.doubts(&pairs, reach);
        let listed = tops.iter().filter_map(|top| self.owners.nodes[*top as usize].listed.iter().find(|hit| hit.list == list));
        let hits: Vec<&Hit> = listed.collect();
        for hit in &hits {
            if hit.comparison.judgement != Judgement::Same {
                why.insert("listed_name_alike_only");
            }
            if self.in_force(hit) == InForce::Unknown && self.day.is_some() {
                why.insert("listing_days_unknown");
            }
        }
        let when = self.when(&hits, half_owned, &rows);
        let found = hits.into_iter().map(|hit| Found {
            hit: hit.clone(),
            half_owned,
            when,
            listed_share,
            why: if half_owned == InForce::Unknown { why.clone() } else { BTreeSet::new() },
            chain: chain.clone(),
        });
        found.collect()
    }

    /// Listed owners above, and (owned, owner) of each step between.
    fn way(&self, reach: &Reach) -> (Vec<u32>, Vec<(u32, u32)>) {
        let (mut tops, mut pairs) = (Vec::new(), Vec::new());
        let mut seen = BTreeSet::from([self.asked]);
        let mut waiting = VecDeque::from([self.asked]);
        while let Some(owned) = waiting.pop_front() {
            for owner in reach.by.get(&owned).into_iter().flatten().take(CHAIN_MOST - pairs.len().min(CHAIN_MOST)) {
                pairs.push((owned, *owner));
                if !seen.insert(*owner) {
                    continue;
                }
                if reach.starts.contains(owner) {
                    tops.push(*owner);
                } else {
                    waiting.push_back(*owner);
                }
            }
        }
        (tops, pairs)
    }

    fn shown_row(&self, owned: u32, owner: u32) -> Option<u32> {
        let rows = &self.holdings.get(&(owned, owner))?.rows;
        let on_the_day = rows.iter().max_by_key(|row| rank(held(self.stake(**row), self.day)));
        on_the_day.copied()
    }

    fn doubts(&self, pairs: &[(u32, u32)], reach: &Reach) -> BTreeSet<&'static str> {
        let mut why = BTreeSet::new();
        if self.day.is_none() {
            why.insert("no_day_asked");
        }
        for (owned, owner) in pairs {
            let Some(holding) = self.holdings.get(&(*owned, *owner)) else {
                why.insert("owner_name_alike_only");
                continue;
            };
            if holding.open {
                why.insert("share_unknown");
            }
            let undated = |row: &u32| held(self.stake(*row), self.day) == InForce::Unknown;
            if self.day.is_some() && holding.rows.iter().any(undated) {
                why.insert("days_of_the_stake_unknown");
            }
            if holding.most != holding.certain && holding.certain > Decimal::ZERO {
                why.insert("rows_contradict_each_other");
            }
            if self.contradicted.contains(owned) {
                why.insert("shares_above_one_hundred");
            }
        }
        if !reach.by_likeness.is_empty() {
            why.insert("owner_name_alike_only");
        }
        why
    }

    /// Whether one half was reached only later, or no longer: by the first of the listings and stakes that differ.
    fn when(&self, hits: &[&Hit], half_owned: InForce, rows: &[u32]) -> When {
        let Some(day) = self.day else { return When::Unknown };
        match half_owned {
            InForce::Yes => return When::During,
            InForce::Unknown => return When::Unknown,
            InForce::No => {}
        }
        let entries = || hits.iter().map(|hit| hit.entry(self.rules).1);
        let later = |from: &str| !from.is_empty() && day < from;
        let earlier = |to: &str| !to.is_empty() && to <= day;
        let stakes = || rows.iter().map(|row| self.stake(*row));
        if entries().any(|entry| later(&entry.listed_from)) || stakes().any(|stake| later(&stake.from)) {
            When::Before
        } else if entries().any(|entry| earlier(&entry.listed_to)) || stakes().any(|stake| earlier(&stake.to)) {
            When::After
        } else {
            When::Unknown
        }
    }
}

/// Whoever owns the party, or owns an owner of it, and whoever is called nearly like one of them.
fn everybody_above(owners: &Owners, asked: u32) -> BTreeSet<u32> {
    let mut above = BTreeSet::from([asked]);
    let mut waiting = VecDeque::from([asked]);
    while let Some(at) = waiting.pop_front() {
        let node = &owners.nodes[at as usize];
        let up = node.above.iter().map(|row| owners.edges[*row as usize].0).chain(node.alike.iter().copied());
        for next in up {
            let other = &owners.nodes[next as usize];
            if (other.below_listed || !other.listed.is_empty()) && above.insert(next) {
                waiting.push_back(next);
            }
        }
    }
    above
}

fn weigh(holding: &mut Holding, day: Option<&str>, stakes: &[Stake]) {
    let rows = || holding.rows.iter().map(|row| &stakes[*row as usize]).map(|stake| (held(stake, day), stake.share));
    let certain = rows().filter(|(held, _)| *held == InForce::Yes).filter_map(|(_, share)| share).min();
    let most = rows().filter(|(held, _)| *held != InForce::No).filter_map(|(_, share)| share).max();
    let open = certain.is_none() && rows().any(|(held, share)| held != InForce::No && share.is_none());
    let ever = rows().filter_map(|(_, share)| share).max();
    (holding.certain, holding.most, holding.open, holding.ever) =
        (certain.unwrap_or_default(), most.unwrap_or_default(), open, ever.unwrap_or_default());
}

/// Whether a stake was held on a day: since when it was must be known, until when must not.
fn held(stake: &Stake, day: Option<&str>) -> InForce {
    let Some(day) = day.and_then(|day| day.get(..10)) else { return InForce::Unknown };
    let ended = !stake.to.is_empty() && stake.to.as_str() <= day;
    match (ended, stake.from.is_empty()) {
        (true, _) => InForce::No,
        (false, true) => InForce::Unknown,
        (false, false) if stake.from.as_str() <= day => InForce::Yes,
        (false, false) => InForce::No,
    }
}

fn shown(stake: &Stake, day: Option<&str>) -> Held {
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_string());
    Held {
        owner: stake.owner.clone(),
        owned: stake.owned.clone(),
        share: stake.share.map(|share| share.normalize().to_string()),
        from: filled(&stake.from),
        to: filled(&stake.to),
        source: stake.source.clone(),
        held: held(stake, day),
    }
}
