//! How do makers and sellers hang together in FollowTheMoney? Relations that sources state, and what
//! notices show, as links with their days and sources. A supplier of record stays an `UnknownLink` whose role
//! says that no partnership is shown; only a source makes a `Representation` or an `Ownership`.

use super::{Entity, body, id};
use crate::assemble::chains::{Basis, Edge, EdgeKind, End, Held};
use crate::assemble::word;
use crate::report::bodies::{Bodies, Body};
use crate::report::{mask, ocds, say};
use crate::rulebook::Rulebook;
use crate::rulebook::sellers::{Relation, RelationKind};
use serde_json::Value;

/// A relation and the organisation of the case that is, or may be, its party.
pub struct Standing<'a> {
    pub relation: &'a Relation,
    pub body: &'a Body,
    pub held: Held,
    /// Organisations of the case that are, or may be, the seller through whom it gets the products.
    pub via: Vec<(&'a Body, Held)>,
}

/// Links with the bodies they join.
pub fn links(edges: &[Edge], standings: &[Standing], bodies: &Bodies, rules: &Rulebook) -> Vec<Value> {
    let stated = standings.iter().flat_map(|standing| stated(standing, rules));
    let shown = edges.iter().flat_map(|edge| shown(edge, bodies, rules));
    stated.chain(shown).map(|(id, entity)| entity.json(&id)).collect()
}

type Named = (String, Entity);

fn maker(company: &str, rules: &Rulebook) -> Named {
    let home = rules.brands.by_key(company).map(|brand| brand.home.to_lowercase());
    let entity = Entity::of("Company").with("name", [say::brand(company, rules)]).with("country", home);
    (id(&["maker", company]), entity)
}

/// What a source states. A party that is only alike is joined by a doubtful link.
fn stated(standing: &Standing, rules: &Rulebook) -> Vec<Named> {
    let relation = standing.relation;
    let Some(name) = standing.body.names.first() else { return Vec::new() };
    let (maker, party) = (maker(&relation.brand, rules), body(standing.body, name, rules));
    let (schema, maker_end, party_end) = ends(relation.kind, standing.held, party.1.schema);
    let link = sourced(relation, Entity::of(schema), rules)
        .with(maker_end, [maker.0.clone()])
        .with(party_end, [party.0.clone()])
        .with("role", [say::relation_word(relation, standing.held, rules)]);
    let link = (id(&["relation", &relation.id, &party.0]), link);
    let above = standing.via.iter().flat_map(|(body, held)| passed_on(standing, body, *held, &party.0, rules));
    let above: Vec<Named> = above.collect();
    [maker, party, link].into_iter().chain(above).collect()
}

/// The link of a seller to the one that gets the maker's products through it.
fn passed_on(standing: &Standing, via: &Body, held: Held, party: &str, rules: &Rulebook) -> Vec<Named> {
    let Some(name) = via.names.first() else { return Vec::new() };
    let (relation, via) = (standing.relation, body(via, name, rules));
    let role = format!("{}: {}", say::label("edge", "supplies", rules), say::relation_word(relation, held.max(standing.held), rules));
    let link = sourced(relation, Entity::of("UnknownLink"), rules)
        .with("subject", [via.0.clone()])
        .with("object", [party.to_string()])
        .with("role", [role]);
    let link = (id(&["relation", &relation.id, &via.0, party]), link);
    vec![via, link]
}

/// With the days and the source of a relation.
fn sourced(relation: &Relation, link: Entity, rules: &Rulebook) -> Entity {
    let text = |text: &str| mask::text(text, &rules.report.masks);
    link.with("startDate", [relation.from.clone()])
        .with("endDate", [relation.to.clone()])
        .with("date", [relation.as_of.clone()])
        .with("summary", [text(&relation.says)])
        .with("publisher", [text(&relation.source)])
        .with("recordId", [relation.id.clone()])
        .with("sourceUrl", mask::address(&relation.url, &rules.report.masks).map(|url| ocds::ascii_uri(&url)))
}

/// The schema of a relation, and its properties for the maker and for the party.
fn ends(kind: RelationKind, held: Held, party: &str) -> (&'static str, &'static str, &'static str) {
    use RelationKind::*;
    match kind {
        _ if held == Held::Possible => ("UnknownLink", "subject", "object"),
        Distributor | Reseller => ("Representation", "client", "agent"),
        JointVenture | Subsidiary if party == "Company" => ("Ownership", "owner", "asset"),
        JointVenture | Subsidiary | Partner | Rebrand | NamedPartner => ("UnknownLink", "subject", "object"),
    }
}

/// What notices and brand files show. Awards are entities of their own.
fn shown(edge: &Edge, bodies: &Bodies, rules: &Rulebook) -> Vec<Named> {
    match (&edge.from, &edge.to) {
        (End::Company(company), End::Brand(brand)) if company != brand => vec![
            maker(company, rules),
            maker(brand, rules),
            (id(&["owner", company, brand, edge.from_date.as_deref().unwrap_or_default()]), owned(edge, company, brand)),
        ],
        (End::Brand(brand), End::Party(name)) if joins(edge.kind) => named_in(edge, brand, name, bodies, rules),
        _ => Vec::new(),
    }
}

/// Whether a notice names brand and seller together: not where the brand is inferred, or a letter only asked for.
fn joins(kind: EdgeKind) -> bool {
    matches!(kind, EdgeKind::Product | EdgeKind::Letter | EdgeKind::OwnCompany)
}

fn owned(edge: &Edge, company: &str, brand: &str) -> Entity {
    let source = match &edge.basis {
        Basis::Rule { source, .. } => Some(source.clone()),
        Basis::Notice { .. } => None,
    };
    Entity::of("Ownership")
        .with("owner", [id(&["maker", company])])
        .with("asset", [id(&["maker", brand])])
        .with("startDate", edge.from_date.clone())
        .with("endDate", edge.to_date.clone())
        .with("publisher", source)
}

/// One link a brand, seller and kind; each notice adds its day, page and words.
fn named_in(edge: &Edge, brand: &str, name: &str, bodies: &Bodies, rules: &Rulebook) -> Vec<Named> {
    let Some(known) = bodies.of(name) else { return Vec::new() };
    let Basis::Notice { capture, part, quote, .. } = &edge.basis else { return Vec::new() };
    let (maker, party) = (maker(brand, rules), body(known, name, rules));
    let link = Entity::of("UnknownLink")
        .with("subject", [maker.0.clone()])
        .with("object", [party.0.clone()])
        .with("role", [say::label("edge", &word(&edge.kind), rules)])
        .with("date", edge.from_date.as_deref().and_then(super::day))
        .with("description", quote.as_ref().map(|q| say::one_line(&mask::text(q, &rules.report.masks))))
        .with("proof", [id(&["document", capture, &part.to_string()])]);
    let link = (id(&["edge", &word(&edge.kind), brand, &party.0]), link);
    vec![maker, party, link]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(name: &str) -> Body {
        Body { id: "e-1".into(), names: vec![name.to_string()], code: None }
    }

    /// The link of a relation of this kind to a body of this name.
    fn link(kind: RelationKind, held: Held) -> Value {
        let rules = Rulebook::embedded();
        let relation = Relation {
            id: "r".into(),
            brand: "oracle".into(),
            kind,
            from: "2019-03".into(),
            source: "Invented Maker".into(),
            ..Relation::default()
        };
        let body = body("虚构星桥信息技术有限公司");
        let all = links(&[], &[Standing { relation: &relation, body: &body, held, via: Vec::new() }], &Bodies::default(), &rules);
        all.into_iter().next_back().expect("a link")
    }

    #[test]
    fn only_a_source_makes_more_than_an_unknown_link_and_a_name_that_is_only_alike_never_does() {
        for (kind, held, schema) in [
            (RelationKind::Distributor, Held::Same, "Representation"),
            (RelationKind::Subsidiary, Held::Same, "Ownership"),
            (RelationKind::Partner, Held::Same, "UnknownLink"),
            (RelationKind::NamedPartner, Held::Same, "UnknownLink"),
            (RelationKind::Distributor, Held::Possible, "UnknownLink"),
            (RelationKind::Subsidiary, Held::Possible, "UnknownLink"),
        ] {
            let link = link(kind, held);
            assert_eq!(link["schema"], schema, "{kind:?} {held:?}");
            assert_eq!(link["properties"]["startDate"][0], "2019-03");
        }
    }

    #[test]
    fn a_seller_between_maker_and_seller_has_a_link_of_its_own() {
        let rules = Rulebook::embedded();
        let relation = Relation {
            id: "r".into(),
            brand: "oracle".into(),
            kind: RelationKind::Reseller,
            via: "虚构总代理有限公司".into(),
            ..Relation::default()
        };
        let (above, below) = (Body { id: "e-2".into(), ..body("虚构总代理有限公司") }, body("虚构星桥信息技术有限公司"));
        let standing = Standing { relation: &relation, body: &below, held: Held::Same, via: vec![(&above, Held::Same)] };
        let all = links(&[], &[standing], &Bodies::default(), &rules);
        let role = |link: &Value| link["properties"]["role"][0].as_str().unwrap_or_default().to_string();
        let between: Vec<&Value> = all.iter().filter(|link| role(link).starts_with("passes")).collect();
        assert_eq!(between.len(), 1, "{all:#?}");
        assert_ne!(between[0]["properties"]["subject"], between[0]["properties"]["object"]);
        assert!(role(between[0]).contains("maker says: reseller"));
    }

    #[test]
    fn a_role_says_by_whose_word() {
        let role = |kind, held| link(kind, held)["properties"]["role"][0].as_str().unwrap_or_default().to_string();
        assert_eq!(role(RelationKind::Partner, Held::Same), "maker says: partner");
        assert!(role(RelationKind::NamedPartner, Held::Same).starts_with("source says:"));
        assert!(role(RelationKind::Partner, Held::Possible).starts_with("perhaps"));
    }
}
