//! How did it end? Lots, awards, bids and the sum awarded, from all that a notice states of its
//! bidders; never a loser as winner, never one award twice, never a sum over unknown parts.

use super::Layout;
pub use super::claims::rank_of;
use super::claims::{self, Claim, Claims, Role};
use super::grids::Grid;
use crate::evidence::{Derived, Gap, Known, Sourced};
use crate::model::{Award, Bid, Lot, Money, Stage};
use crate::rulebook::Rulebook;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap};

/// Lots, awards, bids and total of a notice.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub lots: Vec<Lot>,
    pub awards: Vec<Award>,
    pub bids: Vec<Bid>,
    pub total: Option<Known<Money>>,
    pub gaps: Vec<Gap>,
}

/// The outcome that the notice's own document states.
pub fn outcome(layout: &Layout, grids: &[Grid], stage: Option<Stage>, rules: &Rulebook) -> Outcome {
    let Claims { claims, loose, gaps } = claims::collect(layout, grids, rules);
    let merged = merge(claims);
    let mut out = match stage {
        Some(Stage::Award | Stage::Contract | Stage::Acceptance) => awarded(merged),
        Some(Stage::Candidate) => candidates(merged),
        Some(Stage::SingleSource) => only(merged, &[Role::Invited, Role::Winner, Role::Candidate], None),
        Some(Stage::Cancellation) => only(merged, &[Role::Loser, Role::Bidder], Some(false)),
        Some(Stage::Other) | None => only(merged, &[Role::Bidder, Role::Candidate, Role::Loser], None),
        Some(Stage::Tender) => only(merged, &[Role::Invited], None),
        Some(Stage::Intention | Stage::Correction) => Outcome::default(),
    };
    only_sum(&mut out.awards, &loose);
    out.total = total(&out.awards, &loose);
    out.lots = lots(layout, grids, &out, rules);
    out.gaps = gaps;
    out
}

/// One claim for each bidder and package: what is said twice counts once.
fn merge(claims: Vec<Claim>) -> Vec<Claim> {
    let mut out: Vec<Claim> = Vec::new();
    let mut by_names: HashMap<Vec<String>, Vec<usize>> = HashMap::new();
    for claim in claims {
        let alike = by_names.entry(claim.names.iter().map(|name| name.value.clone()).collect()).or_default();
        match alike.iter().find(|at| same(&out[**at], &claim)) {
            Some(at) => join(&mut out[*at], claim),
            None => {
                alike.push(out.len());
                out.push(claim);
            }
        }
    }
    out
}

/// Whether two claims of the same names are one.
fn same(a: &Claim, b: &Claim) -> bool {
    let lots = a.lot == b.lot || a.lot.is_none() || b.lot.is_none();
    // Two sums for one bidder in one stretch are two awards; elsewhere they are one said twice.
    let twice = a.source == b.source && a.role == b.role && sums_differ(a, b);
    lots && !twice
}

fn sums_differ(a: &Claim, b: &Claim) -> bool {
    matches!((&a.amount, &b.amount), (Some(x), Some(y)) if x.value() != y.value())
}

fn join(known: &mut Claim, other: Claim) {
    known.lot = known.lot.take().or(other.lot);
    known.rank = known.rank.or(other.rank);
    known.note = known.note.or(other.note);
    if known.amount.is_none() {
        known.amount = other.amount;
    }
    let winner = |a: Role, b: Role| {
        if a == Role::ItemSupplier {
            b
        } else if b == Role::ItemSupplier {
            a
        } else {
            a.min(b)
        }
    };
    // Excluded in one place and ranked in another: the exclusion is the more specific.
    known.role = if known.role == Role::Loser || other.role == Role::Loser {
        if known.role == Role::Winner || other.role == Role::Winner { Role::Winner } else { Role::Loser }
    } else {
        winner(known.role, other.role)
    };
}

fn awarded(claims: Vec<Claim>) -> Outcome {
    let has = |role: Role| claims.iter().any(|c| c.role == role);
    let winners_named = has(Role::Winner);
    let wins = |claim: &Claim| match claim.role {
        Role::Winner => true,
        Role::ItemSupplier => !winners_named,
        Role::Candidate => !winners_named && !claims.iter().any(|c| c.role == Role::ItemSupplier) && claim.rank == Some(1),
        _ => false,
    };
    let (winners, others): (Vec<&Claim>, Vec<&Claim>) = claims.iter().partition(|c| wins(c));
    let decided = !winners.is_empty();
    Outcome {
        awards: winners.into_iter().map(award).collect(),
        bids: others
            .into_iter()
            .filter(|c| c.role != Role::ItemSupplier && c.role != Role::Invited && !(decided && first_elsewhere(c, &claims)))
            .map(|c| bid(c, (c.role == Role::Loser || decided && !first_of_open_lot(c, &claims)).then_some(false)))
            .collect(),
        ..Outcome::default()
    }
}

/// Ranked first and named a winner, though of another package: which table is about which package is
/// not certain enough to say that it lost.
fn first_elsewhere(claim: &Claim, all: &[Claim]) -> bool {
    let same = |other: &Claim| other.names.iter().any(|n| claim.names.iter().any(|m| m.value == n.value));
    claim.rank == Some(1) && all.iter().any(|c| c.role == Role::Winner && same(c))
}

/// Ranked first of a package for which nobody else is named: it may have won.
fn first_of_open_lot(claim: &Claim, all: &[Claim]) -> bool {
    claim.rank == Some(1) && claim.lot.is_some() && !all.iter().any(|c| c.role == Role::Winner && c.lot == claim.lot)
}

fn candidates(claims: Vec<Claim>) -> Outcome {
    let mut claims = claims;
    first_of_ranked(&mut claims);
    let bids = claims.iter().filter(|c| !matches!(c.role, Role::ItemSupplier | Role::Invited));
    // Where candidates are named, who only bid is none of them.
    let named = claims.iter().any(|c| matches!(c.role, Role::Candidate | Role::Winner));
    let lost = |c: &Claim| c.role == Role::Loser || named && c.role == Role::Bidder;
    Outcome { bids: bids.map(|c| bid(c, lost(c).then_some(false))).collect(), ..Outcome::default() }
}

/// Where the second and third are ranked and one candidate more is named, that one is the first.
fn first_of_ranked(claims: &mut [Claim]) {
    let ranks: Vec<u32> = claims.iter().filter_map(|c| c.rank).collect();
    let unranked: Vec<usize> = claims
        .iter()
        .enumerate()
        .filter(|(_, c)| c.rank.is_none() && matches!(c.role, Role::Candidate | Role::Winner))
        .map(|(at, _)| at)
        .collect();
    if let [only] = unranked[..]
        && ranks.contains(&2)
        && !ranks.contains(&1)
    {
        claims[only].rank = Some(1);
    }
}

fn only(claims: Vec<Claim>, roles: &[Role], won: Option<bool>) -> Outcome {
    let bids = claims.iter().filter(|c| roles.contains(&c.role));
    Outcome { bids: bids.map(|c| bid(c, if c.role == Role::Loser { Some(false) } else { won })).collect(), ..Outcome::default() }
}

fn award(claim: &Claim) -> Award {
    let note = claim.note.filter(|_| claim.amount.is_none()).map(str::to_string);
    Award { lot: claim.lot.clone(), suppliers: claim.names.clone(), amount: claim.amount.clone(), note }
}

fn bid(claim: &Claim, won: Option<bool>) -> Bid {
    Bid { lot: claim.lot.clone(), suppliers: claim.names.clone(), amount: claim.amount.clone(), rank: claim.rank, won }
}

/// The only sum of a notice is its only winner's, wherever it stands.
fn only_sum(awards: &mut [Award], loose: &[Known<Money>]) {
    if let ([award], Some(sum)) = (awards, loose.first())
        && award.amount.is_none()
        && award.note.is_none()
        && loose.iter().all(|other| other.value() == sum.value())
    {
        award.amount = Some(sum.clone());
    }
}

/// The sum stated, or added up from awards that all have one in one currency.
fn total(awards: &[Award], loose: &[Known<Money>]) -> Option<Known<Money>> {
    let parts: Vec<&Known<Money>> = awards.iter().filter_map(|a| a.amount.as_ref()).collect();
    let currency = &parts.first()?.value().currency;
    if parts.iter().any(|p| p.value().currency != *currency) {
        return None;
    }
    let sum: Decimal = parts.iter().map(|p| p.value().amount).sum();
    let stated = loose.iter().find(|l| l.value().amount == sum && l.value().currency == *currency);
    if let Some(stated) = stated {
        return Some(stated.clone());
    }
    if parts.len() < awards.len() {
        // A stated total of more than the known parts covers the unknown ones.
        return loose
            .iter()
            .filter(|l| l.value().currency == *currency && l.value().amount > sum)
            .max_by_key(|l| l.value().amount)
            .cloned();
    }
    if let [only] = parts[..] {
        return Some(only.clone());
    }
    let derived_from = parts.iter().flat_map(|p| p.quotes()).collect();
    Some(Known::Concluded(Derived {
        value: Money { amount: sum, currency: currency.clone() },
        derived_from,
        rule: "outcome/sum-of-lots".into(),
    }))
}

/// The lots that awards and bids name, with their names from lot columns and labels.
fn lots(layout: &Layout, grids: &[Grid], outcome: &Outcome, rules: &Rulebook) -> Vec<Lot> {
    let mut found: BTreeMap<(usize, String), Option<Sourced<String>>> = BTreeMap::new();
    let key = |id: &String| (id.len(), id.clone());
    let named = outcome.awards.iter().map(|a| &a.lot).chain(outcome.bids.iter().map(|b| &b.lot));
    for id in named.flatten() {
        found.entry(key(id)).or_default();
    }
    for pair in &layout.pairs {
        if let Some(id) = pair.lot.as_ref() {
            let name = (&*pair.field == "lot_name" && !pair.value.is_empty()).then(|| sourced(layout, pair.value, &pair.rule));
            let entry = found.entry(key(id)).or_default();
            *entry = entry.take().or(name);
        }
    }
    for grid in grids {
        for row in &grid.rows {
            let Some(id) = claims::row_lot(layout, grid, row, rules) else { continue };
            let name = grid.column("lot_name").and_then(|i| Some(sourced(layout, row.whole(i)?, &grid.columns[i].rule)));
            let entry = found.entry(key(&id)).or_default();
            *entry = entry.take().or(name);
        }
    }
    found.into_iter().map(|((_, id), name)| Lot { id, name }).collect()
}

fn sourced(layout: &Layout, at: crate::evidence::Span, rule: &crate::evidence::RuleId) -> Sourced<String> {
    let raw = layout.document.slice(at).to_string();
    Sourced { value: super::names::tidy(&raw), raw, at, rule: rule.clone() }
}
