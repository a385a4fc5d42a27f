//! Which notices lie in a tree of named values (JSON, JSON lines, XML)? Records with a title or
//! content of their own become parts; everything else becomes lines `key：value` and tables of rows.

use super::html;
use super::sniff::{self, Format};
use super::transfer::base64;
use super::writer::Writer;
use super::{Source, broken, note, part_of, read_bytes, read_text};
use crate::model::{BlockKind, Budget, Document, Part};
use crate::rulebook::Rulebook;
use crate::rulebook::read::{Field, ReadRules};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Between a key and its value: written as Chinese notices write a label.
pub(super) const COLON: &str = "\u{FF1A}";

/// Reads JSON text.
pub fn read_json(text: &str, source: &Source, rules: &Rulebook, budget: &Budget) -> Vec<Part> {
    match serde_json::from_str::<Value>(text) {
        Ok(value) => read_value(&value, Format::Json, source, rules, budget),
        Err(_) => Vec::new(),
    }
}

/// Reads JSON lines: each line is a record; what is no JSON is a gap of its own.
pub fn read_json_lines(text: &str, source: &Source, rules: &Rulebook, budget: &Budget) -> Vec<Part> {
    let mut parts = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        if parts.len() >= budget.parts {
            break;
        }
        match serde_json::from_str::<Value>(line) {
            Ok(value) => parts.extend(read_value(&value, Format::JsonLines, source, rules, budget)),
            Err(error) => {
                let mut part = part_of(Format::JsonLines, Default::default());
                note(&mut part, broken(&format!("line {} is no JSON: {error}", number + 1), "mend the line"));
                parts.push(part);
            }
        }
    }
    parts
}

/// Reads a tree of values: its records as parts, or all of it as one.
pub fn read_value(value: &Value, format: Format, source: &Source, rules: &Rulebook, budget: &Budget) -> Vec<Part> {
    let records = records_in(value, &rules.read, budget.depth);
    if records.is_empty() {
        return vec![whole(value, format, source, rules)];
    }
    let mut parts = Vec::new();
    for record in records.iter().take(budget.parts) {
        parts.extend(read_record(record, format, source, rules, budget));
    }
    if let Some(document) = parts.first_mut().and_then(|part| part.documents.first_mut()) {
        keep_around(value, &records, document);
    }
    if let (true, Some(part)) = (records.len() > budget.parts, parts.first_mut()) {
        note(part, broken(&format!("only {} of {} records were read", budget.parts, records.len()), "split the file"));
    }
    parts
}

/// What is said around the records (the feed's own title, other notices) is kept below the first of them.
fn keep_around(value: &Value, records: &[&Map<String, Value>], document: &mut Document) {
    let within: HashSet<*const Map<String, Value>> = records.iter().map(|record| std::ptr::from_ref(*record)).collect();
    let mut open = vec![("", value)];
    while let Some((key, value)) = open.pop() {
        match value {
            Value::Object(object) if within.contains(&std::ptr::from_ref(object)) => {}
            Value::Object(object) => open.extend(object.iter().rev().map(|(k, v)| (k.as_str(), v))),
            Value::Array(list) => open.extend(list.iter().rev().map(|v| (key, v))),
            Value::String(text) if !text.trim().is_empty() => document.add_aside(&format!("{key}{COLON}{}", text.trim())),
            _ => {}
        }
    }
}

/// The list of records, or the single record, that says most, wherever it is wrapped.
fn records_in<'a>(value: &'a Value, rules: &ReadRules, depth: usize) -> Vec<&'a Map<String, Value>> {
    let mut best: (usize, Vec<&Map<String, Value>>) = (0, Vec::new());
    let mut open = vec![(value, depth.min(128))];
    while let Some((value, depth)) = open.pop() {
        let records: Vec<_> = match value {
            Value::Array(list) => list.iter().filter_map(Value::as_object).filter(|o| is_record(o, rules)).collect(),
            Value::Object(object) if has_content(object, rules) => vec![object],
            _ => Vec::new(),
        };
        let said: usize = records.iter().map(|r| letters_said(r, rules)).sum();
        if said > best.0 {
            best = (said, records);
        }
        if depth > 0 {
            children(value).for_each(|child| open.push((child, depth - 1)));
        }
    }
    best.1
}

fn letters_said(record: &Map<String, Value>, rules: &ReadRules) -> usize {
    let fields = [Field::KeyTitle, Field::KeyContent, Field::KeyBase64];
    fields.iter().filter_map(|field| text_at(record, *field, rules)).map(str::len).sum()
}

fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(list) => Box::new(list.iter()),
        Value::Object(object) => Box::new(object.values()),
        _ => Box::new(std::iter::empty()),
    }
}

fn is_record(object: &Map<String, Value>, rules: &ReadRules) -> bool {
    text_at(object, Field::KeyTitle, rules).is_some() || has_content(object, rules)
}

fn has_content(object: &Map<String, Value>, rules: &ReadRules) -> bool {
    let is_long = |text: &str| text.chars().take(rules.limits.record_letters).count() >= rules.limits.record_letters;
    text_at(object, Field::KeyBase64, rules).is_some() || text_at(object, Field::KeyContent, rules).is_some_and(is_long)
}

fn text_at<'a>(object: &'a Map<String, Value>, field: Field, rules: &ReadRules) -> Option<&'a str> {
    entry_at(object, field, rules).map(|(_, text)| text)
}

/// The longest text under a key of this field.
fn entry_at<'a>(object: &'a Map<String, Value>, field: Field, rules: &ReadRules) -> Option<(&'a str, &'a str)> {
    let texts = object.iter().filter(|(key, _)| rules.key(key) == Some(field));
    texts
        .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?.trim())))
        .filter(|(_, t)| !t.is_empty())
        .max_by_key(|(_, t)| t.len())
}

fn read_record(record: &Map<String, Value>, format: Format, source: &Source, rules: &Rulebook, budget: &Budget) -> Vec<Part> {
    let text_of = |field| text_at(record, field, &rules.read);
    let title = text_of(Field::KeyTitle).map(|t| plain_text(t, &rules.read));
    let media_type = text_of(Field::KeyMediaType).filter(|m| m.contains('/'));
    let inner = Source { title: title.as_deref().or(source.title), media_type, charset: source.charset, file_name: None };
    let mut parts = content_parts(record, format, &inner, rules, budget);
    for part in &mut parts {
        part.title = part.title.take().filter(|_| title.is_none()).or_else(|| title.clone());
        part.url = text_of(Field::KeyUrl).filter(|u| u.starts_with("http")).map(str::to_string).or(part.url.take());
        part.published = published(record, &rules.read).or(part.published.take());
        part.fetched = text_of(Field::KeyFetched).map(str::to_string);
    }
    parts
}

/// Dates come as text and as milliseconds.
fn published(record: &Map<String, Value>, rules: &ReadRules) -> Option<String> {
    let dates = record.iter().filter(|(key, _)| rules.key(key) == Some(Field::KeyPublished));
    dates.map(|(_, value)| as_text(value)).find_map(|text| html::iso_date(&text))
}

/// The record's content as whatever it is; the record's other fields follow as lines.
fn content_parts(record: &Map<String, Value>, format: Format, source: &Source, rules: &Rulebook, budget: &Budget) -> Vec<Part> {
    let deeper = Budget { depth: budget.depth.saturating_sub(64), ..budget.clone() };
    if let Some(bytes) = text_at(record, Field::KeyBase64, &rules.read).and_then(|text| base64(text.as_bytes())) {
        return read_bytes(&bytes, source, rules, &deeper);
    }
    let content = entry_at(record, Field::KeyContent, &rules.read).filter(|_| budget.depth > 64);
    let is_capture = record.keys().all(|key| rules.read.key(key).is_some());
    match content {
        Some((_, content)) if is_capture => read_text(content, source, rules, &deeper),
        _ => vec![whole(&Value::Object(record.clone()), format, source, rules)],
    }
}

/// One part of all values, in their order.
fn whole(value: &Value, format: Format, source: &Source, rules: &Rulebook) -> Part {
    let mut lines = Lines { writer: Writer::titled(source.title.unwrap_or("")), rules: &rules.read, links: Vec::new() };
    lines.write_all(value);
    let mut document = lines.writer.finish();
    document.links = lines.links;
    part_of(format, document)
}

struct Lines<'a> {
    writer: Writer,
    rules: &'a ReadRules,
    links: Vec<(String, String)>,
}

impl Lines<'_> {
    /// Depth first without recursion; serde_json bounds the depth of what it parses.
    fn write_all(&mut self, value: &Value) {
        let mut open = vec![("", value)];
        while let Some((key, value)) = open.pop() {
            match value {
                Value::Object(object) => open.extend(object.iter().rev().map(|(k, v)| (k.as_str(), v))),
                Value::Array(list) if is_table(list) => self.write_table(list),
                Value::Array(list) => open.extend(list.iter().rev().map(|v| (key, v))),
                Value::Null => {}
                scalar => self.write_scalar(key, &as_text(scalar)),
            }
        }
    }

    fn write_scalar(&mut self, key: &str, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let is_page = matches!(sniff::text(text, Some("text/html")), Format::Html | Format::EscapedHtml);
        if is_page && self.write_page(text) {
            return;
        }
        let text = if is_page { plain_text(text, self.rules) } else { text.to_string() };
        if !key.is_empty() {
            self.writer.verbatim(key);
            self.writer.verbatim(COLON);
        }
        self.writer.verbatim(&text);
        self.writer.line_break();
    }

    /// HTML in a string: its blocks as they stand, tables included; false for a mere line with tags.
    fn write_page(&mut self, text: &str) -> bool {
        let page = html::read_page(text, Some(""), self.rules);
        if !page.document.text.contains('\n') && page.document.links.is_empty() {
            return false;
        }
        self.links.extend(page.document.links.iter().cloned());
        self.writer.append(&page.document);
        true
    }

    fn write_table(&mut self, rows: &[Value]) {
        let keys = keys_of(rows);
        self.writer.open_table();
        self.write_row(keys.iter().map(|k| k.to_string()), true);
        for row in rows.iter().filter_map(Value::as_object) {
            self.write_row(keys.iter().map(|key| row.get(*key).map_or(String::new(), as_text)), false);
        }
        self.writer.close_table();
    }

    fn write_row(&mut self, cells: impl Iterator<Item = String>, header: bool) {
        self.writer.open_row();
        for cell in cells {
            self.writer.open_cell(1, 1, header);
            self.writer.flow(&plain_text(&cell, self.rules));
            self.writer.close_cell();
        }
        self.writer.close_row();
    }
}

/// Rows of a table: several objects of single values with mostly the same keys.
fn is_table(list: &[Value]) -> bool {
    let flat = |value: &Value| value.as_object().is_some_and(|o| o.len() > 1 && o.values().all(|v| !v.is_object() && !v.is_array()));
    if list.is_empty() || !list.iter().all(flat) {
        return false;
    }
    let filled: usize = list.iter().filter_map(Value::as_object).map(Map::len).sum();
    filled * 2 > keys_of(list).len() * list.len()
}

fn keys_of(rows: &[Value]) -> Vec<&str> {
    let mut seen = HashSet::new();
    rows.iter().filter_map(Value::as_object).flat_map(Map::keys).map(String::as_str).filter(|key| seen.insert(*key)).take(1024).collect()
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Titles and cells of interfaces often carry tags.
fn plain_text(text: &str, rules: &ReadRules) -> String {
    if !text.contains('<') && !text.contains('&') {
        return text.to_string();
    }
    let document = html::read_page(text, Some(""), rules).document;
    let lines = document.blocks.iter().filter(|b| b.kind != BlockKind::Hidden).map(|b| &document.text[b.start..b.end]);
    lines.filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" ")
}
