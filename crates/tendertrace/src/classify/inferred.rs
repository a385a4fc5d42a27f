//! What follows from a named product without being named? Parts and rebrands by
//! `rulebook/components/`, and signs of a special make by `rulebook/mentions/customisation.csv`.

use super::guards;
use super::mentions::{Mention, Recognised};
use super::page::{Page, Range};
use crate::model::Via;
use crate::rulebook::Rulebook;
use crate::rulebook::components::{Components, Inference};

/// A brand inferred from a host product.
pub struct Inferred {
    pub mention: Mention,
    pub via: Via,
    pub host_product: String,
    pub product: String,
}

/// A host product where it stands, and which inference rests on it.
pub struct Host {
    inference: usize,
    at: Range,
}

/// Hosts in folded text, in the order of the rulebook.
pub fn hosts(folded: &str, components: &Components) -> Vec<Host> {
    let found = components.words.in_text(folded);
    let mut hosts: Vec<(usize, usize, Range)> =
        found.flat_map(|hit| components.hosts(hit.word).map(move |(inference, n)| (inference, n, (hit.start, hit.end)))).collect();
    hosts.sort_unstable();
    hosts.into_iter().map(|(inference, _, at)| Host { inference, at }).collect()
}

/// Hosts named on the page whose maker of parts is not named in the same row.
pub fn find(page: &Page, rules: &Rulebook, mentions: &[Mention], hosts: &[Host]) -> Vec<Inferred> {
    let mut found: Vec<Inferred> = Vec::new();
    for host in hosts {
        let seen = found.iter().any(|f| f.mention.at.0 <= host.at.0 && host.at.1 <= f.mention.at.1);
        if !seen && !page.is_closed(host.at.0) && stands_alone(page, host.at) {
            found.extend(infer(page, rules, mentions, &rules.components.inferences[host.inference], host.at));
        }
    }
    found
}

fn infer(page: &Page, rules: &Rulebook, mentions: &[Mention], inference: &Inference, at: Range) -> Option<Inferred> {
    let brand = rules.brands.brands.iter().position(|b| b.key == inference.brand)?;
    let place = page.place(at.0, &rules.clauses);
    if !inference.with.is_empty() && !guards::near(page, &place, at, &inference.with, rules.brands.guards.with_within) {
        return None;
    }
    let first = mentions.partition_point(|m| m.at.0 < place.row.0);
    let named = mentions[first..].iter().take_while(|m| m.at.0 <= place.row.1).any(|m| m.brand == brand && m.at.1 <= place.row.1);
    if named {
        return None;
    }
    let mention = Mention {
        brand,
        product: None,
        recognised: Recognised::NameInContext,
        doc: page.document.number,
        at,
        source: page.folded.source_range(at.0, at.1),
        place,
        rule: format!("components/{}", inference.id).into(),
    };
    Some(Inferred { mention, via: inference.via, host_product: inference.host_product.clone(), product: inference.product.clone() })
}

fn stands_alone(page: &Page, at: Range) -> bool {
    let text = &page.folded.text;
    let alnum = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    !(alnum(text[..at.0].chars().next_back()) && alnum(text[at.0..].chars().next()))
        && !(alnum(text[at.1..].chars().next()) && alnum(text[..at.1].chars().next_back()))
}

/// The sign of a special make nearest to a mention, if any: kind and where it stands.
pub fn customisation(page: &Page, rules: &Rulebook, mention: &Mention) -> Option<(String, Option<Range>)> {
    let product = mention.product.map(|p| &rules.brands.brands[mention.brand].products[p]);
    if let Some(kind) = product.and_then(|p| p.customisation.clone()) {
        return Some((kind, None));
    }
    rules.customisation.iter().find_map(|sign| {
        let window = page.stretch(mention.at.0, mention.at.1, mention.place.cell, "", sign.within);
        let at = page.text(window).find(sign.cue.as_str())?;
        let start = window.0 + at;
        Some((sign.kind.clone(), Some((start, start + sign.cue.len()))))
    })
}
