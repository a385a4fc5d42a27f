//! By which rule is each field of releases merged? The standard marks fields that are left out of
//! merged releases and lists that are replaced as a whole; the tables of both versions are built in,
//! and any release schema (one with extensions, say) gives its own.

use serde_json::Value;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Versions of the standard that merge differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    V1_0,
    V1_1,
}

impl Version {
    /// The version a package names; one that names none was written before packages had to.
    pub fn named(name: &str) -> Version {
        if name.trim().starts_with("1.0") { Version::V1_0 } else { Version::V1_1 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Left out of merged releases.
    Omit,
    /// Replaced as a whole.
    Whole,
}

/// Rules by the path of fields, list positions left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules {
    rule: Option<Rule>,
    below: HashMap<String, Rules>,
}

const TABLE: &str = include_str!("merge-rules.csv");

impl Rules {
    /// The standard's own rules.
    pub fn of(version: Version) -> Rules {
        let wanted = match version {
            Version::V1_0 => "1.0",
            Version::V1_1 => "1.1",
        };
        let mut rules = Rules::default();
        for row in TABLE.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>()) {
            if let [version, path, rule] = row[..] {
                if version == wanted {
                    rules.set(path.split('/'), if rule == "omit" { Rule::Omit } else { Rule::Whole });
                }
            }
        }
        rules
    }

    /// No rule for anything.
    pub fn none() -> &'static Rules {
        static NONE: LazyLock<Rules> = LazyLock::new(Rules::default);
        &NONE
    }

    /// The rules a release schema gives.
    pub fn of_schema(schema: &Value) -> Rules {
        let mut rules = Rules::default();
        rules.add_properties(schema, schema, &mut Vec::new());
        rules
    }

    pub fn rule(&self) -> Option<Rule> {
        self.rule
    }

    pub fn below(&self, key: &str) -> Option<&Rules> {
        self.below.get(key)
    }

    fn set<'p>(&mut self, path: impl Iterator<Item = &'p str>, rule: Rule) {
        path.fold(self, |at, key| at.below.entry(key.to_string()).or_default()).rule = Some(rule);
    }

    fn add_properties(&mut self, schema: &Value, holder: &Value, path: &mut Vec<String>) {
        for (key, field) in holder["properties"].as_object().into_iter().flatten() {
            path.push(key.clone());
            if path.len() <= DEEPEST {
                self.add_field(schema, resolved(schema, field), path);
            }
            path.pop();
        }
    }

    fn add_field(&mut self, schema: &Value, field: &Value, path: &mut Vec<String>) {
        let is = |key: &str| field[key] == true;
        let items = resolved(schema, &field["items"]);
        let (types, item_types) = (types(field), types(items));
        let is_list = types.contains(&Type::Array);
        if is("omitWhenMerged") || field["mergeStrategy"] == "ocdsOmit" {
            self.set(path.iter().map(String::as_str), Rule::Omit);
        } else if is_list && (is("wholeListMerge") || field["mergeStrategy"] == "ocdsVersion") {
            self.set(path.iter().map(String::as_str), Rule::Whole);
        } else if types.contains(&Type::Object) && field["properties"].is_object() {
            self.add_properties(schema, field, path);
        } else if is_list && field["items"].is_object() {
            let is_identified = items["properties"]["id"].is_object();
            if item_types.iter().any(|t| *t != Type::Object) || (items["properties"].is_object() && !is_identified) {
                self.set(path.iter().map(String::as_str), Rule::Whole);
            } else if is_identified {
                self.add_properties(schema, items, path);
            }
        }
    }
}

/// Schemas refer to themselves in circles.
const DEEPEST: usize = 12;

/// What a field is where its schema only refers to it; marks beside the reference do not count.
fn resolved<'s>(schema: &'s Value, field: &'s Value) -> &'s Value {
    let mut at = field;
    for _ in 0..DEEPEST {
        match at["$ref"].as_str().and_then(|r| r.strip_prefix('#')) {
            Some(pointer) => at = schema.pointer(pointer).unwrap_or(&Value::Null),
            None => return at,
        }
    }
    at
}

/// The JSON types that rules depend on.
#[derive(PartialEq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Type {
    Array,
    Object,
    #[serde(other)]
    Single,
}

fn types(field: &Value) -> Vec<Type> {
    let read = |value: &Value| serde_json::from_value(value.clone()).unwrap_or(Type::Single);
    match &field["type"] {
        Value::Array(several) => several.iter().map(read).collect(),
        Value::Null => Vec::new(),
        one => vec![read(one)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_gives_its_rules_through_references() {
        let schema = serde_json::json!({
            "properties": {
                "tag": {"type": "array", "omitWhenMerged": true},
                "tender": {"$ref": "#/definitions/Tender"},
            },
            "definitions": {"Tender": {"type": "object", "properties": {
                "methods": {"type": ["array", "null"], "items": {"type": "string"}},
                "items": {"type": "array", "items": {"type": "object", "properties": {"id": {}, "codes": {"type": "array", "wholeListMerge": true}}}},
                "addresses": {"type": "array", "items": {"type": "object", "properties": {"street": {}}}},
            }}},
        });
        let rules = Rules::of_schema(&schema);
        let rule = |path: &str| path.split('/').try_fold(&rules, |at, key| at.below(key)).and_then(Rules::rule);
        assert_eq!(rule("tag"), Some(Rule::Omit));
        assert_eq!(rule("tender/methods"), Some(Rule::Whole));
        assert_eq!(rule("tender/items"), None);
        assert_eq!(rule("tender/items/codes"), Some(Rule::Whole));
        assert_eq!(rule("tender/addresses"), Some(Rule::Whole));
    }

    #[test]
    fn suppliers_are_replaced_before_1_1_and_merged_since() {
        let rule = |version| Rules::of(version).below("awards").and_then(|a| a.below("suppliers").and_then(Rules::rule));
        assert_eq!((rule(Version::V1_0), rule(Version::V1_1)), (Some(Rule::Whole), None));
    }
}
