//! What does an XML text say? Turned into the same tree of named values as JSON, so that records,
//! feeds and lines come out alike.

use super::entities::unescape;
use serde_json::{Map, Value};

/// Elements deeper than `depth` are flattened into their ancestors.
pub fn to_value(text: &str, depth: usize) -> Value {
    let mut stack = vec![Element::default()];
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        top(&mut stack).text.push_str(&unescape(&rest[..open]));
        rest = markup(&rest[open..], &mut stack, depth);
    }
    top(&mut stack).text.push_str(&unescape(rest));
    while stack.len() > 1 {
        close(&mut stack);
    }
    stack.pop().map_or(Value::Null, Element::into_value)
}

#[derive(Debug, Default)]
struct Element {
    name: String,
    text: String,
    children: Map<String, Value>,
}

impl Element {
    fn into_value(mut self) -> Value {
        let text = self.text.trim();
        if self.children.is_empty() {
            return Value::String(text.to_string());
        }
        if !text.is_empty() {
            self.children.insert(String::new(), Value::String(text.to_string()));
        }
        Value::Object(self.children)
    }

    /// Several children of one name become a list.
    fn add(&mut self, name: String, value: Value) {
        match self.children.get_mut(&name) {
            None => drop(self.children.insert(name, value)),
            Some(Value::Array(list)) => list.push(value),
            Some(single) => *single = Value::Array(vec![single.take(), value]),
        }
    }
}

fn top(stack: &mut [Element]) -> &mut Element {
    stack.last_mut().expect("the root is never closed")
}

/// Handles what begins with `<`; returns what follows.
fn markup<'a>(text: &'a str, stack: &mut Vec<Element>, depth: usize) -> &'a str {
    if let Some(data) = text.strip_prefix("<![CDATA[") {
        let (data, rest) = data.split_once("]]>").unwrap_or((data, ""));
        top(stack).text.push_str(data);
        return rest;
    }
    if let Some(comment) = text.strip_prefix("<!--") {
        return comment.split_once("-->").map_or("", |(_, rest)| rest);
    }
    let Some((tag, rest)) = text[1..].split_once('>') else {
        return "";
    };
    if let Some(name) = tag.strip_prefix('/') {
        let name = local(name.trim());
        if stack.len() > 1 && stack.iter().skip(1).rev().take(depth).any(|e| e.name == name) {
            while top(stack).name != name {
                close(stack);
            }
            close(stack);
        }
    } else if !tag.starts_with(['?', '!']) {
        open(tag, stack, depth);
    }
    rest
}

fn open(tag: &str, stack: &mut Vec<Element>, depth: usize) {
    let is_empty = tag.ends_with('/');
    let tag = tag.trim_end_matches('/');
    let name = local(tag.split(|c: char| c.is_whitespace()).next().unwrap_or(""));
    if stack.len() > depth {
        return;
    }
    stack.push(Element { name: name.to_string(), ..Element::default() });
    if is_empty {
        close(stack);
    }
}

fn close(stack: &mut Vec<Element>) {
    let element = stack.pop().expect("callers leave the root");
    let name = element.name.clone();
    top(stack).add(name, element.into_value());
}

/// Name spaces are told by position in practice; `content:encoded` alone needs its prefix.
fn local(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((_, local)) if local != "encoded" => local,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn elements_become_named_values() {
        let xml = "<?xml version='1.0'?><!-- x --><r a='1'><n:i>甲&amp;&#20057;</n:i><i><![CDATA[<p>二</p>]]></i><e/>尾</r>";
        assert_eq!(to_value(xml, 50), json!({"r": {"i": ["甲&乙", "<p>二</p>"], "e": "", "": "尾"}}));
    }

    #[test]
    fn broken_xml_keeps_its_text() {
        assert_eq!(to_value("<a>甲<b>乙</a>丙<c", 50), json!({"a": {"b": "乙", "": "甲"}, "": "丙"}));
        to_value(&"<a>".repeat(10_000), 50);
    }
}
