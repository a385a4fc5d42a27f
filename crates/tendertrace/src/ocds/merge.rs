//! What do the releases of one process say together? The standard's merge: releases in order of their
//! dates, later values over earlier ones, objects in lists matched by their `id`, null takes a value
//! away. Works as the standard's reference program does, and goes on where that one gives up.

use super::rules::{Rule, Rules};
use super::tree::{Node, Value};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

/// What becomes of objects with one `id` in one list of one release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twins {
    /// They are one, as the standard has it: the later one's values win.
    Merged,
    /// They stay apart, so that nothing a publisher wrote is lost; objects without an `id` too.
    Apart,
}

/// A merged release, and the paths at which releases contradict each other in kind.
#[derive(Debug)]
pub struct Merged<'a> {
    pub release: Node<'a>,
    pub conflicts: Vec<String>,
}

/// The compiled release of one process: the last word on every field.
pub fn compiled<'a>(releases: &[&Node<'a>], rules: &Rules, twins: Twins) -> Merged<'a> {
    let mut merger = Merger::new(twins);
    let tag = Node::made(Value::List(vec![Node::made(Value::Text("compiled".into()))]));
    let mut fields = Fields(vec![(Cow::Borrowed("tag"), Entry::Leaf(tag))]);
    for release in sorted(releases) {
        let text = |key: &str| release.get(key).and_then(Node::text).unwrap_or("None");
        let id = format!("{}-{}", text("ocid"), text("date"));
        fields.put("id", Entry::Leaf(Node::made(Value::Text(id.into()))));
        for key in ["date", "ocid"] {
            fields.put(key, Entry::Leaf(field_of(release, key)));
        }
        merger.merge(&mut fields, release, rules, &["tag"]);
    }
    Merged { release: fields.into_node(), conflicts: merger.conflicts }
}

/// The versioned release of one process: every value a field has had, with the release that said it.
pub fn versioned<'a>(releases: &[&Node<'a>], rules: &Rules) -> Merged<'a> {
    let mut merger = Merger::new(Twins::Merged);
    let mut fields = Fields(Vec::new());
    for release in sorted(releases) {
        fields.put("ocid", Entry::Leaf(field_of(release, "ocid")));
        let said_by = [("releaseID", "id"), ("releaseDate", "date"), ("releaseTag", "tag")];
        merger.said_by = Some(said_by.map(|(name, key)| (Cow::Borrowed(name), field_of(release, key))).to_vec());
        merger.merge(&mut fields, release, rules, &["tag", "ocid"]);
    }
    Merged { release: fields.into_node(), conflicts: merger.conflicts }
}

/// The last value of every field of a versioned release.
pub fn last_words<'a>(node: &Node<'a>) -> Node<'a> {
    let value = match &node.value {
        Value::List(list) if list.last().is_some_and(is_version) => {
            return list.last().and_then(|v| v.get("value")).cloned().unwrap_or(node.clone());
        }
        Value::List(list) => Value::List(list.iter().map(last_words).collect()),
        Value::Object(fields) => Value::Object(fields.iter().map(|(key, node)| (key.clone(), last_words(node))).collect()),
        single => single.clone(),
    };
    Node { place: node.place, value }
}

fn is_version(node: &Node) -> bool {
    matches!(&node.value, Value::Object(fields) if fields.len() == 4) && node.get("releaseDate").is_some() && node.get("value").is_some()
}

fn field_of<'a>(release: &Node<'a>, key: &str) -> Node<'a> {
    release.get(key).cloned().unwrap_or(Node::made(Value::Null))
}

/// Releases in order of their dates; those without one first, equals as they came.
pub fn sorted<'n, 'a>(releases: &[&'n Node<'a>]) -> Vec<&'n Node<'a>> {
    let mut sorted: Vec<&Node> = releases.to_vec();
    let date = |release: &'n Node<'a>| release.get("date").and_then(Node::text).unwrap_or("");
    sorted.sort_by(|a, b| by_time(date(a), date(b)));
    sorted
}

/// Dates in one time zone sort as they are written, others by the moment they mean.
fn by_time(a: &str, b: &str) -> Ordering {
    match (moment(a), moment(b)) {
        (Some(a_moment), Some(b_moment)) if zone(a) != zone(b) => a_moment.cmp(&b_moment),
        _ => a.cmp(b),
    }
}

fn zone(date: &str) -> &str {
    date.get(10..).and_then(|time| time.rfind(['Z', '+', '-']).map(|at| &time[at..])).unwrap_or("")
}

/// Seconds since 1970 and the fraction as written; `None` without a time zone.
fn moment(date: &str) -> Option<(i64, &str)> {
    let days = super::days(date)?;
    let time = date.get(10..).filter(|t| t.starts_with(['T', ' ']))?;
    let part = |from: usize, of: &str| of.get(from..from + 2)?.parse::<i64>().ok();
    let seconds = part(1, time)? * 3600 + part(4, time)? * 60 + part(7, time).unwrap_or(0);
    let zone = zone(date);
    let offset = match zone.as_bytes().first()? {
        b'Z' => 0,
        sign => {
            let minutes = part(1, zone)? * 60 + part(zone.len().checked_sub(2)?, zone).filter(|_| zone.len() > 3).unwrap_or(0);
            if *sign == b'-' { -minutes * 60 } else { minutes * 60 }
        }
    };
    let fraction = time.find('.').map_or("", |at| time[at + 1..].split(|c: char| !c.is_ascii_digit()).next().unwrap_or(""));
    Some((days * 86_400 + seconds - offset, fraction))
}

/// What stands at a path after the releases so far.
enum Entry<'a> {
    /// A value that is not merged any further; null: taken away.
    Leaf(Node<'a>),
    Object(Fields<'a>),
    /// Objects by their identifier.
    List(Vec<(Key<'a>, Entry<'a>)>),
    /// Every value so far, with its release.
    Versions(Vec<Node<'a>>),
}

struct Fields<'a>(Vec<(Cow<'a, str>, Entry<'a>)>);

/// What tells objects of a list apart: their `id`, or nothing; and which one it is of those alike.
type Key<'a> = (Option<Cow<'a, str>>, u32);

struct Merger<'a> {
    twins: Twins,
    /// The head of every version, where versions are kept.
    said_by: Option<Vec<(Cow<'a, str>, Node<'a>)>>,
    conflicts: Vec<String>,
    without_id: u32,
}

impl<'a> Fields<'a> {
    fn at(&self, key: &str) -> Option<usize> {
        self.0.iter().position(|(name, _)| name == key)
    }

    fn put(&mut self, key: &'static str, entry: Entry<'a>) {
        match self.at(key) {
            Some(at) => self.0[at].1 = entry,
            None => self.0.push((Cow::Borrowed(key), entry)),
        }
    }

    fn into_node(self) -> Node<'a> {
        let fields = self.0.into_iter().filter_map(|(key, entry)| Some((key, entry.into_node()?)));
        Node::made(Value::Object(fields.collect()))
    }
}

impl<'a> Entry<'a> {
    /// `None`: it was taken away.
    fn into_node(self) -> Option<Node<'a>> {
        match self {
            Entry::Leaf(node) => (node.value != Value::Null).then_some(node),
            Entry::Object(fields) => Some(fields.into_node()),
            Entry::List(list) => Some(Node::made(Value::List(list.into_iter().filter_map(|(_, entry)| entry.into_node()).collect()))),
            Entry::Versions(versions) => Some(Node::made(Value::List(versions))),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Entry::Object(fields) => fields.0.is_empty(),
            Entry::List(list) => list.is_empty(),
            Entry::Leaf(_) | Entry::Versions(_) => false,
        }
    }
}

impl<'a> Merger<'a> {
    fn new(twins: Twins) -> Merger<'a> {
        Merger { twins, said_by: None, conflicts: Vec::new(), without_id: 0 }
    }

    /// Lays one object over what is known, without its fields `but`.
    fn merge(&mut self, into: &mut Fields<'a>, object: &Node<'a>, rules: &Rules, but: &[&str]) {
        let Value::Object(fields) = &object.value else { return };
        for (key, node) in fields.iter().filter(|(key, _)| !but.contains(&key.as_ref())) {
            let rules = rules.below(key).unwrap_or(Rules::none());
            match rules.rule() {
                Some(Rule::Omit) => {}
                rule if rule == Some(Rule::Whole) || is_single(node) => self.replace(into, key, node),
                _ => self.merge_into(into, key, node, rules),
            }
        }
    }

    fn merge_into(&mut self, into: &mut Fields<'a>, key: &Cow<'a, str>, node: &Node<'a>, rules: &Rules) {
        let found = into.at(key);
        let fresh = || if node.is_list() { Entry::List(Vec::new()) } else { Entry::Object(Fields(Vec::new())) };
        let mut entry = match found.map(|at| std::mem::replace(&mut into.0[at].1, fresh())) {
            Some(entry @ Entry::Object(_)) if node.is_object() => entry,
            Some(entry @ Entry::List(_)) if node.is_list() => entry,
            Some(Entry::Leaf(Node { value: Value::Null, .. })) | None => fresh(),
            Some(_) => {
                self.conflicts.push(key.to_string());
                fresh()
            }
        };
        match &mut entry {
            Entry::Object(fields) => self.merge(fields, node, rules, &[]),
            Entry::List(list) => self.merge_list(list, node.list(), rules),
            Entry::Leaf(_) | Entry::Versions(_) => {}
        }
        match found {
            Some(at) => into.0[at].1 = entry,
            None if entry.is_empty() => {}
            None => into.0.push((key.clone(), entry)),
        }
    }

    fn replace(&mut self, into: &mut Fields<'a>, key: &Cow<'a, str>, node: &Node<'a>) {
        let found = into.at(key).map(|at| &mut into.0[at].1);
        match (found, &self.said_by) {
            (None, Some(head)) => into.0.push((key.clone(), Entry::Versions(vec![version(node, head)]))),
            (None, None) => into.0.push((key.clone(), Entry::Leaf(node.clone()))),
            (Some(Entry::Leaf(leaf)), _) => *leaf = node.clone(),
            (Some(Entry::Versions(versions)), Some(head)) => {
                if versions.last().and_then(|last| last.get("value")).is_none_or(|last| !is_same(last, node)) {
                    versions.push(version(node, head));
                }
            }
            // As the reference program has it: a single value does not take the place of an object.
            (Some(_), _) if node.value != Value::Null => self.conflicts.push(key.to_string()),
            (Some(_), _) => {}
        }
    }

    fn merge_list(&mut self, into: &mut Vec<(Key<'a>, Entry<'a>)>, list: &[Node<'a>], rules: &Rules) {
        let mut places: HashMap<Key<'a>, usize> = into.iter().enumerate().map(|(at, (key, _))| (key.clone(), at)).collect();
        let mut seen: HashMap<Cow<'a, str>, u32> = HashMap::new();
        for node in list {
            let key = self.key(node, &mut seen);
            let at = *places.entry(key.clone()).or_insert(into.len());
            if at == into.len() {
                into.push((key, Entry::Object(Fields(Vec::new()))));
            }
            if let Entry::Object(fields) = &mut into[at].1 {
                self.merge_entry(fields, node, rules);
            }
        }
        into.retain(|(_, entry)| !entry.is_empty());
    }

    /// An object of a list: its `id` stays as first written and has no versions.
    fn merge_entry(&mut self, fields: &mut Fields<'a>, node: &Node<'a>, rules: &Rules) {
        let id = node.get("id").filter(|id| id.value != Value::Null);
        if let (Some(id), true) = (id, fields.0.is_empty()) {
            fields.put("id", Entry::Leaf(id.clone()));
        }
        self.merge(fields, node, rules, if id.is_some() { &["id"] } else { &[] });
    }

    fn key(&mut self, node: &Node<'a>, seen: &mut HashMap<Cow<'a, str>, u32>) -> Key<'a> {
        let id = node.get("id").filter(|id| id.value != Value::Null || self.twins == Twins::Merged).map(id_text);
        let Some(id) = id else {
            self.without_id += 1;
            return (None, self.without_id);
        };
        let nth = seen.entry(id.clone()).or_default();
        *nth += u32::from(self.twins == Twins::Apart);
        (Some(id), *nth)
    }
}

/// An identifier as text: 1 and "1" are one.
fn id_text<'a>(id: &Node<'a>) -> Cow<'a, str> {
    match &id.value {
        Value::Text(text) | Value::Number(text) => text.clone(),
        _ => {
            let mut text = String::new();
            id.write(&mut text);
            Cow::Owned(text)
        }
    }
}

/// Whether a value is replaced as it is, whatever the rules: all but objects and lists of objects.
fn is_single(node: &Node) -> bool {
    match &node.value {
        Value::Object(_) => false,
        Value::List(list) => !list.iter().all(Node::is_object),
        _ => true,
    }
}

fn version<'a>(node: &Node<'a>, head: &[(Cow<'a, str>, Node<'a>)]) -> Node<'a> {
    let mut fields = head.to_vec();
    fields.push((Cow::Borrowed("value"), node.clone()));
    Node::made(Value::Object(fields))
}

/// Whether two values say the same, wherever they stand.
fn is_same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)),
        (Value::Object(fields), Value::Object(others)) => {
            fields.len() == others.len() && fields.iter().all(|(key, node)| b.get(key).is_some_and(|other| is_same(node, other)))
        }
        (a, b) => a == b,
    }
}
