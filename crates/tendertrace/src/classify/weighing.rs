//! Which usage do all signs together speak for, and how clearly? The sum of the weights of the signs
//! (multinomial logistic regression), as a probability a usage, and the sign that spoke loudest.

use super::page::Range;
use super::signs::Sign;
use super::usages::Ruled;
use crate::model::Usage;
use crate::rulebook::weights::{Row, WEIGHED, Weights};

/// What the signs say of one mention.
pub struct Weighed {
    /// Probability of each usage of `WEIGHED`.
    pub odds: Row,
    sums: Vec<(Row, Option<Range>)>,
}

/// Sums the weights of all signs.
pub fn weigh(signs: &[Sign], weights: &Weights) -> Weighed {
    let sums: Vec<(Row, Option<Range>)> = signs.iter().filter_map(|sign| Some((*weights.of(&sign.name)?, sign.at))).collect();
    let mut total = weights.of(ALWAYS).copied().unwrap_or_default();
    for (row, _) in &sums {
        total.iter_mut().zip(row).for_each(|(sum, weight)| *sum += weight);
    }
    Weighed { odds: probabilities(total), sums }
}

/// The row of the weights that needs no sign.
const ALWAYS: &str = "*";

fn probabilities(sums: Row) -> Row {
    let most = sums.iter().copied().fold(f32::MIN, f32::max);
    let raised = sums.map(|sum| (sum - most).exp());
    let all: f32 = raised.iter().sum();
    raised.map(|one| one / all)
}

impl Weighed {
    /// Where the sign stands that speaks loudest for `usage`.
    pub fn loudest(&self, usage: Usage) -> Option<Range> {
        let column = WEIGHED.iter().position(|one| *one == usage)?;
        let placed = self.sums.iter().filter_map(|(row, at)| Some((row[column], (*at)?)));
        placed.filter(|(weight, _)| *weight > 0.0).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, at)| at)
    }
}

/// How sure the usage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    None,
    /// The rules and the signs differ, or no usage stands out.
    Usage,
}

/// The usage that rules and signs settle on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    pub usage: Usage,
    pub doubt: Doubt,
}

/// Settles a mention's usage. The signs decide, but never alone that something was bought: that
/// takes a rule as well, and a product, not the maker's company; and a brand's bare name is no party.
pub fn settle(ruled: &Ruled, odds: &Row) -> Settled {
    if ruled.decided {
        return Settled { usage: ruled.usage, doubt: Doubt::None };
    }
    let told = WEIGHED.iter().zip(odds.iter().copied());
    let open = told.filter(|(usage, odds)| match usage {
        Usage::Awarded => ruled.bought && !ruled.company && *odds >= CLEAR,
        Usage::Party => ruled.company || ruled.firm && *odds >= CLEAR,
        _ => true,
    });
    let Some((usage, odds)) = open.max_by(|a, b| a.1.total_cmp(&b.1)) else {
        return Settled { usage: ruled.usage, doubt: Doubt::Usage };
    };
    let sure = if *usage == ruled.usage && *usage != Usage::Awarded { LIKELY } else { SURE };
    Settled { usage: *usage, doubt: if odds >= sure { Doubt::None } else { Doubt::Usage } }
}

/// Probability from which the signs may say that something was bought, or that a brand's name is a party.
const CLEAR: f32 = 0.6;
/// Probability from which a usage is sure, and from which it is where the rules say the same.
const SURE: f32 = 0.75;
const LIKELY: f32 = 0.5;
