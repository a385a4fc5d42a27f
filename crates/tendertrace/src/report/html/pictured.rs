//! What do the findings of a dossier look like? The map of their buyers and the chain from brand over
//! seller to buyer: the desk's pictures, drawn of these findings alone.

use super::super::picture::chains::{Chain, Says, network as chained};
use super::super::picture::map::{self, Beside, Province, draw as map};
use super::super::picture::network::draw as network;
use super::super::picture::{Mark, Picture};
use super::super::{mask, say};
use crate::assemble::CaseFinding;
use crate::model::Usage;
use crate::rulebook::Rulebook;
use crate::rulebook::regions::Level;
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Boxes of a network that fits the paper.
const BOXES: usize = 36;

/// Provinces of the buyers.
pub fn where_(shown: &[&CaseFinding], rules: &Rulebook) -> Markup {
    let mut by_region: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for f in shown {
        let code = f.region.as_ref().map(|r| r.code.as_str()).unwrap_or_default();
        let key = if code.is_empty() || !code.starts_with(|c: char| c.is_ascii_digit()) { code } else { code.get(..2).unwrap_or(code) };
        by_region.entry(key.to_string()).or_default().insert(&f.process);
    }
    let number = |key: &str| by_region.get(key).map_or(0, BTreeSet::len);
    let said = |name: &str, n: usize| Mark {
        said: format!("{name}: {}", say::counted(n, "contracting process", "contracting processes")),
        to: None,
    };
    let places = rules.regions.places.iter().filter(|p| p.level == Level::Province);
    let provinces: Vec<Province> = places
        .map(|p| {
            let (name, n) = (map::english(p, rules), number(&p.code[..2]));
            Province { code: p.code.clone(), mark: said(&name, n), name, number: n }
        })
        .collect();
    let abroad: usize = by_region.iter().filter(|(key, _)| key.starts_with(|c: char| !c.is_ascii_digit())).map(|(_, all)| all.len()).sum();
    let beside = [("no region known", number("")), ("other countries", abroad)].map(|(name, n)| Beside {
        name: name.into(),
        number: n,
        mark: said(name, n),
    });
    html! {
        (figure("Where the buyers sit: contracting processes by province", &map("Contracting processes by province of the buyer", &provinces, &beside)))
        p.note { (map::SOURCE) }
    }
}

/// Brand, seller of record, buyer of the awards; nothing where there is none.
pub fn chains(shown: &[&CaseFinding], rules: &Rulebook) -> Markup {
    let awards: Vec<&&CaseFinding> = shown.iter().filter(|f| f.finding.usage == Usage::Awarded).collect();
    let ends = |f: &CaseFinding| {
        [Some(f.finding.brand.clone()), f.finding.supplier.clone(), f.finding.buyer.clone()].map(Option::unwrap_or_default)
    };
    // Numbers in the order of the names; those who are not named have 0.
    let mut names = [(); 3].map(|()| BTreeSet::from([String::new()]));
    awards.iter().for_each(|f| names.iter_mut().zip(ends(f)).for_each(|(names, end)| names.extend([end])));
    let names = names.map(|names| names.into_iter().collect::<Vec<_>>());
    let number = |column: usize, end: &String| names[column].binary_search(end).unwrap_or(0) as u32;
    let mut processes: HashMap<&str, u32> = HashMap::new();
    let mut chains: Vec<Chain> = Vec::with_capacity(awards.len());
    for f in &awards {
        let (next, ends) = (processes.len() as u32, ends(f));
        chains.push(Chain { ends: [0, 1, 2].map(|at| number(at, &ends[at])), process: *processes.entry(&f.process).or_insert(next) });
    }
    chains.sort_by_key(|chain| chain.process);
    let named = |column: usize, end: u32| {
        let name = &names[column][end as usize];
        let shown = if column == 0 { say::brand(name, rules) } else { mask::party(name, &rules.report.masks) };
        let gloss = if column == 0 { None } else { say::gloss(&shown, rules) };
        (shown, gloss)
    };
    let says = Says { named: &named, mark: &|said, _| Mark { said, to: None } };
    html! { @if !chains.is_empty() { (figure("Brands, sellers of record and buyers in awards", &network("Brands, sellers of record and buyers", &chained(&chains, BOXES, &says)))) } }
}

/// A picture under its caption.
pub fn figure(caption: &str, picture: &Picture) -> Markup {
    html! { figure { figcaption { (caption) } div.scroll tabindex="0" role="region" aria-label=(caption) { (picture.on_page()) } } }
}
