//! What have publishers written otherwise than the standard has it? Each release is brought into the
//! standard's shape (a list where a list belongs, a number where a number belongs), each repair is
//! written down with its place, and nothing is dropped.

use super::tree::{Node, Slip, Value, is_number};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// What was mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One object where a list of objects belongs.
    ObjectForList,
    /// A text where a list of texts belongs.
    TextForList,
    /// A text or number where an object belongs.
    TextForObject,
    /// A list where one object belongs.
    ListForObject,
    NumberAsText,
    MissingOcid,
    MissingDate,
    NullId,
    DuplicateId,
    DateWithoutZone,
    UnreadableDate,
    /// Something stands inside of what it belongs beside.
    WrongNesting,
    /// Releases of one process give a field in different shapes.
    ChangedShape,
    ByteOrderMark,
    NotANumber,
    TrailingComma,
    DoubledKey,
    ControlCharacter,
    /// The text ends, or stops being JSON, before its end.
    BrokenJson,
}

impl Kind {
    /// The kind as it is written out.
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default()
    }
}

impl From<Slip> for Kind {
    fn from(slip: Slip) -> Kind {
        match slip {
            Slip::NotANumber => Kind::NotANumber,
            Slip::TrailingComma => Kind::TrailingComma,
            Slip::DoubledKey => Kind::DoubledKey,
            Slip::ControlCharacter => Kind::ControlCharacter,
        }
    }
}

/// A repair and the place in the text of what was mended.
pub type Mended = (Kind, u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    List,
    Texts,
    Object,
    Number,
    Date,
}

/// Shape by key, and the key that a bare text stands for.
static SHAPES: LazyLock<HashMap<&str, (Shape, &str)>> =
    LazyLock::new(|| include_str!("shapes.csv").lines().skip(1).filter_map(shape_of_row).collect());

fn shape_of_row(row: &'static str) -> Option<(&'static str, (Shape, &'static str))> {
    let mut cells = row.split(',');
    let (key, shape, main) = (cells.next()?, cells.next()?, cells.next()?);
    let shape = match shape {
        "list" => Shape::List,
        "texts" => Shape::Texts,
        "object" => Shape::Object,
        "number" => Shape::Number,
        _ => Shape::Date,
    };
    Some((key, (shape, main)))
}

/// The release in the standard's shape.
pub fn repaired<'a>(release: &Node<'a>, mended: &mut Vec<Mended>) -> Node<'a> {
    let mut release = release.clone();
    if release.get("ocid").and_then(Node::text).is_none_or(|ocid| ocid.trim().is_empty()) {
        mended.push((Kind::MissingOcid, release.place));
    }
    if release.get("date").and_then(Node::text).is_none() {
        mended.push((Kind::MissingDate, release.place));
    }
    shape_fields(&mut release, mended);
    nest(&mut release, mended);
    release
}

fn shape_fields<'a>(node: &mut Node<'a>, mended: &mut Vec<Mended>) {
    match &mut node.value {
        Value::Object(fields) => {
            for (key, value) in fields {
                if let Some((shape, main)) = SHAPES.get(key.as_ref()) {
                    if let Some(kind) = reshape(value, *shape, main) {
                        mended.push((kind, value.place));
                    }
                }
                shape_fields(value, mended);
            }
        }
        Value::List(list) => {
            flatten(list, mended);
            list.iter_mut().for_each(|value| shape_fields(value, mended));
            note_ids(list, mended);
        }
        _ => {}
    }
}

/// Lists of nothing but lists are one list.
fn flatten(list: &mut Vec<Node>, mended: &mut Vec<Mended>) {
    let nested = !list.is_empty() && list.iter().all(|n| n.is_list() && n.list().iter().all(Node::is_object) && !n.list().is_empty());
    if !nested {
        return;
    }
    mended.push((Kind::WrongNesting, list[0].place));
    let inner = std::mem::take(list);
    list.extend(inner.into_iter().flat_map(|node| if let Value::List(list) = node.value { list } else { Vec::new() }));
}

fn note_ids(list: &[Node], mended: &mut Vec<Mended>) {
    let mut seen = HashSet::new();
    for entry in list {
        match entry.get("id") {
            Some(id) if id.value == Value::Null => mended.push((Kind::NullId, id.place)),
            Some(id) => {
                if id.text().is_some_and(|text| !seen.insert(text)) {
                    mended.push((Kind::DuplicateId, id.place));
                }
            }
            None => {}
        }
    }
}

/// Brings a value into `shape`; says what had to be done.
fn reshape<'a>(node: &mut Node<'a>, shape: Shape, main: &'static str) -> Option<Kind> {
    let place = node.place;
    let boxed = |node: &mut Node<'a>| Node { place, value: std::mem::replace(&mut node.value, Value::Null) };
    match (shape, &node.value) {
        (_, Value::Null) => None,
        (Shape::List, Value::Object(fields)) => {
            let numbered = !fields.is_empty() && fields.iter().all(|(key, value)| key.parse::<u32>().is_ok() && value.is_object());
            let Value::Object(fields) = boxed(node).value else { return None };
            let list = if numbered {
                fields.into_iter().map(|(_, value)| value).collect()
            } else {
                vec![Node { place, value: Value::Object(fields) }]
            };
            node.value = Value::List(list);
            Some(Kind::ObjectForList)
        }
        (Shape::List, Value::Text(text)) if main.is_empty() || text.trim().is_empty() => None,
        (Shape::List, Value::Text(_)) => {
            let text = boxed(node);
            node.value = Value::List(vec![named(text, main)]);
            Some(Kind::TextForList)
        }
        (Shape::List, Value::List(list)) if !main.is_empty() && list.iter().any(|n| matches!(n.value, Value::Text(_))) => {
            let Value::List(list) = boxed(node).value else { return None };
            let entry = |node: Node<'a>| if matches!(node.value, Value::Text(_)) { named(node, main) } else { node };
            node.value = Value::List(list.into_iter().map(entry).collect());
            Some(Kind::TextForObject)
        }
        (Shape::Texts, Value::Text(_)) => {
            let text = boxed(node);
            node.value = Value::List(vec![text]);
            Some(Kind::TextForList)
        }
        (Shape::Object, Value::Text(_) | Value::Number(_)) if !main.is_empty() => {
            let text = boxed(node);
            let mut inner = named(text, main);
            if let Some(value) = inner.get_mut(main).filter(|_| main == "amount") {
                reshape(value, Shape::Number, "");
            }
            node.value = inner.value;
            Some(Kind::TextForObject)
        }
        (Shape::Object, Value::List(list)) if list.first().is_some_and(Node::is_object) => {
            let Value::List(mut list) = boxed(node).value else { return None };
            let others = list.split_off(1);
            node.value = list.pop().map_or(Value::Null, |first| first.value);
            if let (Value::Object(fields), false) = (&mut node.value, others.is_empty()) {
                fields.push((Cow::Borrowed("others"), Node { place, value: Value::List(others) }));
            }
            Some(Kind::ListForObject)
        }
        (Shape::Number, Value::Text(text)) => {
            let number = number(text)?;
            node.value = Value::Number(Cow::Owned(number));
            Some(Kind::NumberAsText)
        }
        (Shape::Date, Value::Text(text)) => date_kind(text),
        _ => None,
    }
}

fn named<'a>(node: Node<'a>, key: &'static str) -> Node<'a> {
    Node { place: node.place, value: Value::Object(vec![(Cow::Borrowed(key), node)]) }
}

/// The number a text writes, where only one reading is possible: `1,234,567.50` and `1.234.567,50`
/// are numbers, `1.234` and `1,234` could be either and stay texts.
pub fn number(text: &str) -> Option<String> {
    let text = text.trim().replace(['\u{A0}', ' '], "");
    if is_number(&text) {
        return Some(text);
    }
    let digits = text.strip_prefix('-').unwrap_or(&text);
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',')) {
        return None;
    }
    let last = digits.rfind(['.', ','])?;
    let decimal = digits[last..].chars().next()?;
    let both = digits.contains('.') && digits.contains(',');
    let repeated = digits.matches(decimal).count() > 1;
    let plain = match (both, repeated, digits.len() - last - 1) {
        (true, false, _) => text.replace(if decimal == '.' { ',' } else { '.' }, "").replace(',', "."),
        (false, true, 3) => text.replace(decimal, ""),
        (false, false, 1 | 2) => text.replace(',', "."),
        _ => return None,
    };
    is_number(&plain).then_some(plain)
}

fn date_kind(text: &str) -> Option<Kind> {
    let text = text.trim();
    match (super::days(text), text.get(10..)) {
        (Some(_), Some(time)) if !time.is_empty() && !time.contains(['Z', '+']) && !time.contains('-') => Some(Kind::DateWithoutZone),
        (Some(_), Some("")) => Some(Kind::DateWithoutZone),
        (Some(_), _) => None,
        _ if text.is_empty() => None,
        _ => Some(Kind::UnreadableDate),
    }
}

/// Moves what stands inside of what it belongs beside.
fn nest<'a>(release: &mut Node<'a>, mended: &mut Vec<Mended>) {
    for (outer, inner) in [("tender", "awards"), ("tender", "contracts")] {
        let found = release.get_mut(outer).and_then(|outer| taken(outer, inner));
        found.into_iter().for_each(|list| lift(release, inner, list, mended));
    }
    let mut contracts = Vec::new();
    for award in list_mut(release, "awards") {
        let id = award.get("id").cloned();
        if let Some(mut list) = taken(award, "contracts") {
            list_of(&mut list).iter_mut().for_each(|contract| belongs(contract, id.as_ref()));
            contracts.push(list);
        }
        lift_suppliers(award, mended);
    }
    contracts.into_iter().for_each(|list| lift(release, "contracts", list, mended));
}

/// Suppliers given with the items are those of the award.
fn lift_suppliers<'a>(award: &mut Node<'a>, mended: &mut Vec<Mended>) {
    if award.get("suppliers").is_some_and(|s| !s.list().is_empty()) {
        return;
    }
    let lists: Vec<Node> = list_mut(award, "items").iter_mut().filter_map(|item| taken(item, "suppliers")).collect();
    lists.into_iter().for_each(|list| lift(award, "suppliers", list, mended));
}

fn belongs<'a>(contract: &mut Node<'a>, award: Option<&Node<'a>>) {
    if let (Value::Object(fields), Some(id)) = (&mut contract.value, award) {
        if !fields.iter().any(|(key, _)| key == "awardID") {
            fields.push((Cow::Borrowed("awardID"), id.clone()));
        }
    }
}

/// A list of objects taken out of `node`.
fn taken<'a>(node: &mut Node<'a>, key: &str) -> Option<Node<'a>> {
    let Value::Object(fields) = &mut node.value else { return None };
    let at = fields.iter().position(|(name, value)| name == key && value.list().first().is_some_and(Node::is_object))?;
    Some(fields.remove(at).1)
}

fn lift<'a>(into: &mut Node<'a>, key: &'static str, mut list: Node<'a>, mended: &mut Vec<Mended>) {
    mended.push((Kind::WrongNesting, list.place));
    match into.get_mut(key) {
        Some(there) if there.is_list() => list_of(there).append(list_of(&mut list)),
        Some(there) => *there = list,
        None => {
            if let Value::Object(fields) = &mut into.value {
                fields.push((Cow::Borrowed(key), list));
            }
        }
    }
}

fn list_of<'n, 'a>(node: &'n mut Node<'a>) -> &'n mut Vec<Node<'a>> {
    if !node.is_list() {
        node.value = Value::List(Vec::new());
    }
    match &mut node.value {
        Value::List(list) => list,
        _ => unreachable!("it was made a list"),
    }
}

fn list_mut<'n, 'a>(node: &'n mut Node<'a>, key: &str) -> &'n mut [Node<'a>] {
    match node.get_mut(key).map(|node| &mut node.value) {
        Some(Value::List(list)) => list,
        _ => &mut [],
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree;
    use super::*;

    /// The release as repaired, and the repairs as `kind pointer`.
    fn mend(text: &str) -> (String, Vec<String>) {
        let parsed = tree::parse(text);
        let mut mended = Vec::new();
        let repaired = repaired(&parsed.roots[0], &mut mended);
        let mut out = String::new();
        repaired.write(&mut out);
        (out, mended.iter().map(|(kind, place)| format!("{} {}", kind.name(), parsed.pointer(*place))).collect())
    }

    #[test]
    fn each_mistake_is_mended_and_written_down() {
        let head = r#""ocid":"ocds-1","date":"2020-01-01T00:00:00Z""#;
        for (given, expected, repairs) in [
            (r#""tag":"award""#, r#""tag":["award"]"#, "text_for_list /tag"),
            (r#""awards":{"id":"1"}"#, r#""awards":[{"id":"1"}]"#, "object_for_list /awards"),
            (r#""awards":{"0":{"id":"1"},"1":{"id":"2"}}"#, r#""awards":[{"id":"1"},{"id":"2"}]"#, "object_for_list /awards"),
            (r#""buyer":"Example Police""#, r#""buyer":{"name":"Example Police"}"#, "text_for_object /buyer"),
            (r#""tender":[{"id":"1"}]"#, r#""tender":{"id":"1"}"#, "list_for_object /tender"),
            (r#""value":"1,234.50""#, r#""value":{"amount":1234.50}"#, "text_for_object /value"),
            (r#""value":{"amount":"12.50"}"#, r#""value":{"amount":12.50}"#, "number_as_text /value/amount"),
            (r#""awards":[{"id":null}]"#, r#""awards":[{"id":null}]"#, "null_id /awards/0/id"),
            (r#""awards":[{"id":"1"},{"id":"1"}]"#, r#""awards":[{"id":"1"},{"id":"1"}]"#, "duplicate_id /awards/1/id"),
            (
                r#""awards":[{"suppliers":["Example Ltd"]}]"#,
                r#""awards":[{"suppliers":[{"name":"Example Ltd"}]}]"#,
                "text_for_object /awards/0/suppliers",
            ),
            (r#""dateSigned":"2020-01-02T10:00:00""#, r#""dateSigned":"2020-01-02T10:00:00""#, "date_without_zone /dateSigned"),
            (r#""dateSigned":"2 May""#, r#""dateSigned":"2 May""#, "unreadable_date /dateSigned"),
            (r#""tender":{"awards":[{"id":"1"}]}"#, r#""tender":{},"awards":[{"id":"1"}]"#, "wrong_nesting /tender/awards"),
            (r#""awards":[[{"id":"1"}]]"#, r#""awards":[{"id":"1"}]"#, "wrong_nesting /awards/0"),
            (r#""title":"nothing wrong""#, r#""title":"nothing wrong""#, ""),
        ] {
            let (out, mended) = mend(&format!("{{{head},{given}}}"));
            assert_eq!(out, format!("{{{head},{expected}}}"));
            assert_eq!(mended.join(","), repairs, "{given}");
        }
        assert_eq!(mend("{}").1, ["missing_ocid ", "missing_date "]);
    }

    #[test]
    fn numbers_with_one_reading_are_read() {
        for (text, expected) in [
            ("12", Some("12")),
            ("1,234,567.50", Some("1234567.50")),
            ("1.234.567,50", Some("1234567.50")),
            ("1 234,5", Some("1234.5")),
            ("1,234", None),
            ("1.234", Some("1.234")),
            ("about 5", None),
            ("", None),
        ] {
            assert_eq!(number(text).as_deref(), expected, "{text}");
        }
    }
}
