//! How does a case look as a graph? The FollowTheMoney entities merged by id: bodies, calls, contracts and
//! notes are nodes, awards and links are edges between them, and so is every reference. GraphML, which
//! networkx, Gephi, yEd and Cytoscape open.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Properties by name; several values of one are written one after the other.
type Properties = BTreeMap<String, BTreeSet<String>>;

/// Written of nodes and edges, as text; `amount` is a number.
const NODE: [&str; 9] = ["name", "alias", "country", "keywords", "summary", "description", "sourceUrl", "procedureNumber", "callId"];
const EDGE: [&str; 10] =
    ["amount", "currency", "lotNumber", "date", "role", "startDate", "endDate", "publisher", "sourceUrl", "description"];

/// Entities that join two others, by the properties that name these.
const JOINS: [(&str, &str, &str, &str); 4] = [
    ("ContractAward", "contract", "supplier", "award"),
    ("Ownership", "owner", "asset", "ownership"),
    ("Representation", "client", "agent", "representation"),
    ("UnknownLink", "subject", "object", "link"),
];
/// Pages are named by their address at each node; as nodes they would hide the rest.
const LEFT_OUT: &str = "Document";

/// One directed graph of these entities.
pub fn graph(entities: impl Iterator<Item = Value>) -> String {
    let merged = merge(entities);
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n");
    key(&mut text, "schema", "node", "string");
    NODE.iter().for_each(|name| key(&mut text, name, "node", "string"));
    key(&mut text, "kind", "edge", "string");
    for name in EDGE {
        key(&mut text, name, "edge", if name == "amount" { "double" } else { "string" });
    }
    text.push_str("<graph id=\"case\" edgedefault=\"directed\">\n");
    let is_node = |schema: &str| schema != LEFT_OUT && JOINS.iter().all(|join| join.0 != schema);
    for (id, (schema, properties)) in merged.iter().filter(|(_, (schema, _))| is_node(schema)) {
        let _ = write!(text, "<node id=\"{id}\"><data key=\"n-schema\">{schema}</data>");
        NODE.iter().for_each(|name| data(&mut text, "n", name, properties));
        text.push_str("</node>\n");
    }
    let known = |id: &&String| merged.get(*id).is_some_and(|(schema, _)| is_node(schema));
    for (id, (schema, properties)) in &merged {
        match JOINS.iter().find(|join| join.0 == schema) {
            Some((_, from, to, kind)) => {
                for (from, to) in pairs(properties, from, to).filter(|(from, to)| known(from) && known(to)) {
                    edge(&mut text, (from, to), kind, Some(properties));
                }
            }
            None if is_node(schema) => {
                for (name, values) in properties {
                    values.iter().filter(known).for_each(|to| edge(&mut text, (id, to), name, None));
                }
            }
            None => {}
        }
    }
    text.push_str("</graph>\n</graphml>\n");
    text
}

fn merge(entities: impl Iterator<Item = Value>) -> BTreeMap<String, (String, Properties)> {
    let mut merged: BTreeMap<String, (String, Properties)> = BTreeMap::new();
    for entity in entities {
        let text = |key: &str| entity[key].as_str().unwrap_or_default().to_string();
        let (_, known) = merged.entry(text("id")).or_insert_with(|| (text("schema"), Properties::new()));
        for (name, values) in entity["properties"].as_object().into_iter().flatten() {
            let values = values.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_string);
            known.entry(name.clone()).or_default().extend(values);
        }
    }
    merged
}

fn pairs<'a>(properties: &'a Properties, from: &str, to: &str) -> impl Iterator<Item = (&'a String, &'a String)> {
    let values = |name: &str| properties.get(name).into_iter().flatten();
    let to: Vec<&String> = values(to).collect();
    values(from).flat_map(move |from| to.clone().into_iter().map(move |to| (from, to)))
}

fn key(text: &mut String, name: &str, of: &str, kind: &str) {
    let _ = writeln!(text, "<key id=\"{}-{name}\" for=\"{of}\" attr.name=\"{name}\" attr.type=\"{kind}\"/>", &of[..1]);
}

fn edge(text: &mut String, (from, to): (&String, &String), kind: &str, properties: Option<&Properties>) {
    let _ = write!(text, "<edge source=\"{from}\" target=\"{to}\"><data key=\"e-kind\">{kind}</data>");
    if let Some(properties) = properties {
        EDGE.iter().for_each(|name| data(text, "e", name, properties));
    }
    text.push_str("</edge>\n");
}

fn data(text: &mut String, of: &str, name: &str, properties: &Properties) {
    if let Some(values) = properties.get(name) {
        let value = values.iter().map(String::as_str).collect::<Vec<_>>().join("; ");
        let _ = write!(text, "<data key=\"{of}-{name}\">{}</data>", escaped(&value));
    }
}

/// Text of an XML document; characters that XML does not know are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'.. => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn awards_are_edges_and_hostile_text_is_text() {
        let entity = |id: &str, schema: &str, properties: Value| json!({"id": id, "schema": schema, "properties": properties});
        let text = graph(
            [
                entity("c", "Contract", json!({"name": ["a<b>&\u{1}"], "proof": ["d"]})),
                entity("s", "Company", json!({"name": ["S"]})),
                entity("d", "Document", json!({"title": ["page"]})),
                entity("a", "ContractAward", json!({"contract": ["c"], "supplier": ["s"]})),
                entity("a", "ContractAward", json!({"amount": ["12.50"], "currency": ["CNY"]})),
                entity("x", "ContractAward", json!({"contract": ["c"], "supplier": ["gone"]})),
            ]
            .into_iter(),
        );
        assert!(text.contains("<data key=\"n-name\">a&lt;b&gt;&amp;</data>"), "{text}");
        assert_eq!(text.matches("<node ").count(), 2, "a page is no node");
        assert_eq!(text.matches("<edge ").count(), 1, "{text}");
        assert!(text.contains("<edge source=\"c\" target=\"s\"><data key=\"e-kind\">award</data><data key=\"e-amount\">12.50</data>"));
    }
}
