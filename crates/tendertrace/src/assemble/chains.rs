//! Who stands between maker and buyer, since when, and by whose word? Typed and dated edges: what the
//! notices of a case show (who supplied whom, whose products are named in it, whose letter is named), who
//! owned a brand, and which organisations of the case are the parties of relations that sources state.
//!
//! A supplier of record is an edge of its own and never becomes a partner: that takes a source.

use super::entities::{Mention, Resolved};
use super::{Case, CaseFinding, CaseNotice, is_bought};
use crate::model::*;
use crate::resolve::names::{Name, compare};
use crate::rulebook::Rulebook;
use crate::rulebook::brands::Owner;
use crate::rulebook::sellers::Relation;
use crate::screen::tells_a_party;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One step of a chain, from the maker's side to the buyer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    pub kind: EdgeKind,
    pub from: End,
    pub to: End,
    pub from_date: Option<String>,
    pub to_date: Option<String>,
    pub strength: Strength,
    pub basis: Basis,
}

/// What an edge says, by the contract's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// Supplier of record to buyer.
    Award,
    /// Supplier of record to the body that uses it, where another body pays.
    ForEndUser,
    /// Brand to the supplier in whose award its product is named: no relation of the two is shown.
    Product,
    /// Brand to the supplier in whose award a product is named that likely holds the brand's, or bears another
    /// label: the brand itself is not named.
    Inside,
    /// Brand to the supplier in whose award a letter of the maker is named.
    Letter,
    /// Brand to the buyer who asks for a letter of the maker.
    LetterAsked,
    /// Brand to its maker's own company, which bids or supplies itself.
    OwnCompany,
    /// Company to the brand it owned.
    Owner,
}

/// What stands at an end of an edge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    Company(String),
    Brand(String),
    /// A spelling of the case.
    Party(String),
}

impl End {
    /// The end's type and name.
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            End::Company(key) => ("company", key),
            End::Brand(key) => ("brand", key),
            End::Party(name) => ("party", name),
        }
    }
}

/// What an edge rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    Notice {
        capture: String,
        part: u32,
        process: String,
        /// The finding that shows it; an award needs none.
        finding: Option<String>,
        /// The page's own words around it.
        quote: Option<String>,
    },
    /// A brand's file of the rulebook, and the source it names.
    Rule { rule: String, source: String },
}

/// All edges of a joined case, in one order whatever the order of its notices.
pub fn edges(case: &Case, rules: &Rulebook) -> Vec<Edge> {
    let mut edges: Vec<Edge> = case.notices.iter().filter(|n| is_bought(n.stage)).flat_map(of_notice).collect();
    let sole = sole_suppliers(case);
    let shown: Vec<Edge> = case.findings.iter().filter_map(|found| of_finding(found, &sole)).collect();
    edges.extend(owners(&shown, rules));
    edges.extend(shown);
    edges.sort_by(|a, b| order(a).cmp(&order(b)));
    edges
}

type Order<'a> = (EdgeKind, &'a End, &'a End, &'a Option<String>, &'a str, &'a str);

fn order(edge: &Edge) -> Order<'_> {
    let (place, finding) = match &edge.basis {
        Basis::Notice { capture, finding, .. } => (capture.as_str(), finding.as_deref().unwrap_or_default()),
        Basis::Rule { rule, source } => (rule.as_str(), source.as_str()),
    };
    (edge.kind, &edge.from, &edge.to, &edge.from_date, place, finding)
}

/// Each supplier of record to the buyer, and to the end user where that is another body.
fn of_notice(notice: &CaseNotice) -> Vec<Edge> {
    let user = notice.end_user.as_ref().filter(|user| notice.buyer.as_ref() != Some(*user));
    let ends = [(EdgeKind::Award, notice.buyer.as_ref()), (EdgeKind::ForEndUser, user)];
    let ends = ends.into_iter().filter_map(|(kind, body)| Some((kind, body?)));
    ends.flat_map(|(kind, body)| {
        notice.suppliers.iter().map(move |supplier| Edge {
            kind,
            from: End::Party(supplier.clone()),
            to: End::Party(body.clone()),
            from_date: notice.date.clone(),
            to_date: notice.date.clone(),
            strength: Strength::Strong,
            basis: Basis::Notice {
                capture: notice.capture.clone(),
                part: notice.part,
                process: notice.process.clone(),
                finding: None,
                quote: None,
            },
        })
    })
    .collect()
}

/// The supplier of each page that has one only.
type Sole<'a> = HashMap<(&'a str, u32), &'a String>;

fn sole_suppliers(case: &Case) -> Sole<'_> {
    let mut sole = HashMap::new();
    for notice in &case.notices {
        let [supplier] = &notice.suppliers[..] else { continue };
        let copies = notice.copies.iter().map(|(capture, part, _)| (capture.as_str(), *part));
        sole.extend(copies.chain([(notice.capture.as_str(), notice.part)]).map(|page| (page, supplier)));
    }
    sole
}

/// What a finding shows of brand and seller. A letter that an award names is for its only supplier; where
/// several won nobody is told to have it, and where nothing was bought yet it is only asked for.
fn of_finding(found: &CaseFinding, sole: &Sole) -> Option<Edge> {
    let finding = &found.finding;
    let bought = is_bought(Some(finding.stage));
    let only = || sole.get(&(found.capture.as_str(), found.part)).copied();
    let (kind, to) = match finding.usage {
        Usage::Awarded if bought && found.counted && finding.via == Via::Named => (EdgeKind::Product, finding.supplier.as_ref()),
        Usage::Awarded if bought && found.counted => (EdgeKind::Inside, finding.supplier.as_ref()),
        Usage::Authorisation if bought => (EdgeKind::Letter, finding.supplier.as_ref().or_else(only)),
        Usage::Authorisation => (EdgeKind::LetterAsked, finding.buyer.as_ref()),
        Usage::Party if bought => (EdgeKind::OwnCompany, finding.supplier.as_ref()),
        _ => return None,
    };
    let date = found.date.as_ref().map(|date| date.value.clone());
    Some(Edge {
        kind,
        from: End::Brand(finding.brand.clone()),
        to: End::Party(to?.clone()),
        from_date: date.clone(),
        to_date: date,
        strength: finding.strength,
        basis: Basis::Notice {
            capture: found.capture.clone(),
            part: found.part,
            process: found.process.clone(),
            finding: Some(finding.id.clone()),
            quote: telling_passage(found),
        },
    })
}

/// The passage that holds most of what was quoted, the longest of those.
fn telling_passage(found: &CaseFinding) -> Option<String> {
    let best = found.passages.iter().rev().max_by_key(|passage| (passage.marks.len(), passage.text.chars().count()));
    best.map(|passage| passage.text.clone())
}

/// Owners of the brands that these edges begin with.
fn owners(shown: &[Edge], rules: &Rulebook) -> Vec<Edge> {
    let brands: BTreeSet<&str> = shown.iter().map(|edge| edge.from.parts().1).collect();
    let known = brands.into_iter().filter_map(|key| rules.brands.by_key(key));
    known.flat_map(|brand| brand.owners.iter().map(|owner| owned(&brand.key, owner))).collect()
}

fn owned(brand: &str, owner: &Owner) -> Edge {
    let day = |text: &str| (!text.is_empty()).then(|| text.to_string());
    let source = match &owner.products[..] {
        [] => owner.source.clone(),
        products => format!("{} (of: {})", owner.source, products.join(", ")),
    };
    Edge {
        kind: EdgeKind::Owner,
        from: End::Company(owner.company.clone()),
        to: End::Brand(brand.to_string()),
        from_date: day(&owner.from),
        to_date: day(&owner.to),
        strength: Strength::Medium,
        basis: Basis::Rule { rule: format!("brands/{brand}"), source },
    }
}

/// A relation and an organisation of the case that is, or may be, one of its sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holder {
    /// Position among the relations.
    pub relation: usize,
    /// Position among the entities.
    pub entity: usize,
    pub side: Side,
    pub judgement: Held,
}

/// Which seller of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Party,
    /// The seller through whom the party gets the products.
    Via,
}

/// How sure it is that the organisation is the relation's party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    Same,
    Possible,
}

/// Names of the relations' parties, to be resolved behind the case's own names; they count no times.
pub fn mentions<'a>(relations: impl Iterator<Item = &'a Relation>) -> Vec<Mention> {
    let mut names: BTreeSet<(&str, &str)> = BTreeSet::new();
    for relation in relations {
        names.extend(named(relation).map(|(_, name, code)| (name, code)));
    }
    names.into_iter().map(|(name, code)| Mention { name: name.to_string(), code: code.to_string(), times: 0 }).collect()
}

/// The sellers of a relation as its source writes them, with the code where it gives one.
fn named(relation: &Relation) -> impl Iterator<Item = (Side, &str, &str)> {
    let code = relation.code.as_str();
    let names = [
        (Side::Party, relation.party.as_str(), code),
        (Side::Party, relation.party_latin.as_str(), code),
        (Side::Via, relation.via.as_str(), ""),
    ];
    names.into_iter().filter(|(_, name, _)| !name.is_empty())
}

/// Which organisations of the case are the relations' sellers. `own` is the number of the case's own
/// mentions; those behind it are the relations'. Relations of nobody in the case have no holder.
pub fn holders(relations: &[&Relation], mentions: &[Mention], own: usize, resolved: &Resolved, rules: &Rulebook) -> Vec<Holder> {
    let mut entity_of: HashMap<(&str, &str), usize> = HashMap::new();
    let mut in_case = vec![false; resolved.entities.len()];
    for (at, entity) in resolved.entities.iter().enumerate() {
        in_case[at] = entity.spellings.iter().any(|m| *m < own);
        let stated = entity.spellings.iter().filter(|m| **m >= own).map(|m| &mentions[*m]);
        entity_of.extend(stated.map(|m| ((m.name.as_str(), m.code.as_str()), at)));
    }
    let mut linked: HashMap<usize, Vec<usize>> = HashMap::new();
    for link in &resolved.links {
        linked.entry(link.one).or_default().push(link.other);
        linked.entry(link.other).or_default().push(link.one);
    }
    let mut best: BTreeMap<(usize, usize, Side), Held> = BTreeMap::new();
    for (number, relation) in relations.iter().enumerate() {
        for (side, name, code) in named(relation) {
            let Some(entity) = entity_of.get(&(name, code)) else { continue };
            let near = linked.get(entity).into_iter().flatten().map(|other| (*other, Held::Possible));
            for (at, held) in std::iter::once((*entity, held(name, code, rules))).chain(near).filter(|(at, _)| in_case[*at]) {
                best.entry((number, at, side)).and_modify(|known| *known = held.min(*known)).or_insert(held);
            }
        }
    }
    best.into_iter().map(|((relation, entity, side), judgement)| Holder { relation, entity, side, judgement }).collect()
}

/// A name that tells too little may be anybody's, although it is written alike.
fn held(name: &str, code: &str, rules: &Rulebook) -> Held {
    let full = tells_a_party(&Name::parse(name, rules).with_code(code), rules);
    if full { Held::Same } else { Held::Possible }
}

fn parties(relation: &Relation) -> impl Iterator<Item = &str> {
    named(relation).filter(|(side, _, _)| *side == Side::Party).map(|(_, name, _)| name)
}

/// Relations of the rulebook whose own examples do not hold, in words.
pub fn broken_examples(rules: &Rulebook) -> Vec<String> {
    let is_party =
        |relation: &Relation, example: &str| parties(relation).any(|name| compare(name, example, rules).judgement == Judgement::Same);
    let broken = rules.sellers.relations.iter().filter_map(|relation| {
        let (yes, no) = (is_party(relation, &relation.yes_example), is_party(relation, &relation.no_example));
        (!yes || no).then(|| format!("sellers/relations#{}: the examples do not hold (yes: {yes}, no: {no})", relation.id))
    });
    broken.collect()
}

#[cfg(test)]
mod tests {
    use super::super::entities::resolve;
    use super::super::testing::pile;
    use super::super::{assemble, digest};
    use super::*;

    const SELLER: &str = "虚构星桥信息技术有限公司";
    const SAME_SELLER: &str = "虚构星桥信息技术有限责任公司";

    fn relation(party: &str) -> Relation {
        Relation { id: party.into(), brand: "oracle".into(), party: party.into(), source: "S".into(), ..Relation::default() }
    }

    /// The parties of a case held by these relations: (relation, first spelling, how).
    fn held_by(names: &[&str], relations: &[Relation]) -> Vec<(usize, String, Held)> {
        let rules = Rulebook::embedded();
        let mut all: Vec<Mention> = names.iter().map(|name| Mention { name: name.to_string(), code: String::new(), times: 1 }).collect();
        let own = all.len();
        all.extend(mentions(relations.iter()));
        let resolved = resolve(&all, &[], &rules);
        let relations: Vec<&Relation> = relations.iter().collect();
        let held = holders(&relations, &all, own, &resolved, &rules);
        held.into_iter().map(|h| (h.relation, all[resolved.entities[h.entity].spellings[0]].name.clone(), h.judgement)).collect()
    }

    #[test]
    fn a_relation_is_its_partys_in_every_spelling_and_nobody_elses() {
        let names = [SELLER, "虚构星桥软件有限公司", "虚构星桥信息技术有限公司示例分公司"];
        let held = held_by(&names, &[relation(SAME_SELLER)]);
        assert_eq!(held.iter().filter(|h| h.2 == Held::Same).collect::<Vec<_>>(), [&(0, SELLER.to_string(), Held::Same)]);
        assert!(held_by(&["示例甲科技有限公司"], &[relation(SELLER)]).is_empty());
    }

    #[test]
    fn a_short_name_makes_nobody_a_partner() {
        let held = held_by(&["星桥"], &[relation("星桥")]);
        assert!(held.iter().all(|h| h.2 == Held::Possible), "{held:?}");
    }

    #[test]
    fn an_award_makes_a_supplier_of_record_and_no_partner() {
        let rules = Rulebook::embedded();
        let mut digests: Vec<_> = pile().iter().map(|e| digest(e, &rules)).collect();
        let all = edges(&assemble(&digests, &[], &rules), &rules);
        let of = |kind: EdgeKind| all.iter().filter(|edge| edge.kind == kind).collect::<Vec<_>>();
        assert_eq!(of(EdgeKind::Award).len(), 3, "a copy is no second award, a tender none: {all:#?}");
        assert!(of(EdgeKind::Award).iter().all(|edge| edge.from_date.is_some()));
        let product = of(EdgeKind::Product)[0];
        assert_eq!((&product.from, &product.to), (&End::Brand("hp".into()), &End::Party("示例乙商贸有限公司".into())));
        let Basis::Notice { quote, finding, .. } = &product.basis else { panic!("{product:?}") };
        assert!(quote.as_ref().is_some_and(|q| q.contains("打印机 HP 1020")) && finding.is_some());
        let known = [EdgeKind::Award, EdgeKind::Product, EdgeKind::Owner];
        assert!(all.iter().all(|edge| known.contains(&edge.kind)), "nothing here makes a partner: {all:#?}");
        digests.reverse();
        assert_eq!(edges(&assemble(&digests, &[], &rules), &rules), all, "in any order");
    }

    #[test]
    fn a_letter_is_the_only_suppliers_and_nobodys_where_several_won() {
        let rules = Rulebook::embedded();
        let letters = |winners: usize| {
            let mut one = pile().swap_remove(0);
            let suppliers = &mut one.notice.as_mut().unwrap().awards[0].suppliers;
            let first = suppliers[0].clone();
            *suppliers = (0..winners).map(|n| first.clone().map(|name| format!("{name}{n}"))).collect();
            one.findings[0].usage = Usage::Authorisation;
            one.findings[0].supplier = None;
            let all = edges(&assemble(&[digest(&one, &rules)], &[], &rules), &rules);
            all.iter().filter(|edge| edge.kind == EdgeKind::Letter).count()
        };
        assert_eq!((letters(1), letters(2)), (1, 0));
    }

    #[test]
    fn examples_of_the_rulebooks_relations_hold() {
        assert_eq!(broken_examples(&Rulebook::embedded()), Vec::<String>::new());
    }
}
