//! Which contracting processes lie in a text? Releases, release packages, records and record packages,
//! in lists, lines or one after the other, grouped by their `ocid`; each process merged and repaired.

use super::merge::{self, Twins};
use super::repair::{self, Kind, Mended};
use super::rules::{Rules, Version};
use super::tree::{Node, Parsed, Value};
use std::collections::HashMap;

/// One contracting process as a text gives it.
#[derive(Debug, Default)]
pub struct Process<'n, 'a> {
    pub ocid: Option<String>,
    /// Releases that are there in full, as they came.
    pub releases: Vec<&'n Node<'a>>,
    /// Compiled by the publisher.
    pub published: Vec<&'n Node<'a>>,
    /// Among the releases, those that are tagged as compiled.
    pub tagged: Vec<&'n Node<'a>>,
    /// Every value with its history, where a publisher gives no more than that.
    pub versioned: Vec<&'n Node<'a>>,
    /// Releases that are only linked to.
    pub linked: Vec<&'n Node<'a>>,
    pub version: Option<String>,
}

/// A merged and repaired process.
pub struct Compiled<'a> {
    pub release: Node<'a>,
    pub mended: Vec<Mended>,
}

/// Whether values are open contracting data at all; another feed is left to the reader of plain JSON.
pub fn is_ocds(parsed: &Parsed) -> bool {
    parsed.roots.first().is_some_and(|root| is_root(root, 3))
}

fn is_root(node: &Node, depth: usize) -> bool {
    if depth == 0 {
        return false;
    }
    match &node.value {
        Value::List(list) => list.first().is_some_and(|first| is_root(first, depth - 1)),
        Value::Object(_) => {
            is_release(node) || is_record(node) || is_package(node) || wrapped(node).is_some_and(|inner| is_root(inner, depth - 1))
        }
        _ => false,
    }
}

const PARTS: [&str; 12] = [
    "tag",
    "date",
    "tender",
    "buyer",
    "awards",
    "planning",
    "contracts",
    "parties",
    "language",
    "initiationType",
    "releases",
    "compiledRelease",
];

fn is_release(node: &Node) -> bool {
    node.get("ocid").is_some() && PARTS.iter().any(|key| node.get(key).is_some())
}

fn is_record(node: &Node) -> bool {
    ["compiledRelease", "versionedRelease"].iter().any(|key| node.get(key).is_some_and(Node::is_object))
        || (node.get("ocid").is_some() && node.get("releases").is_some_and(Node::is_list))
}

/// The list that makes an object a package.
fn package_list<'n, 'a>(node: &'n Node<'a>) -> Option<&'n Node<'a>> {
    ["records", "releases"].iter().filter_map(|key| node.get(key)).find(|list| list.is_list() || list.is_object())
}

const HEADS: [&str; 7] = ["uri", "publisher", "publishedDate", "version", "extensions", "license", "publicationPolicy"];

fn is_package(node: &Node) -> bool {
    let named = || HEADS.iter().filter(|key| node.get(key).is_some()).count() >= 2;
    package_list(node).is_some_and(|list| {
        let entries = entries(list);
        entries.iter().take(20).any(|entry| is_release(entry) || is_record(entry)) || (named() && entries.iter().all(|e| e.is_object()))
    })
}

/// Some interfaces wrap releases in an object of their own.
fn wrapped<'n, 'a>(node: &'n Node<'a>) -> Option<&'n Node<'a>> {
    ["release", "record", "data", "results", "items", "hits", "result"].iter().find_map(|key| node.get(key))
}

fn entries<'n, 'a>(list: &'n Node<'a>) -> Vec<&'n Node<'a>> {
    let flat = |node: &'n Node<'a>| if node.is_list() { node.list().iter().collect() } else { vec![node] };
    flat(list).into_iter().flat_map(flat).collect()
}

/// The processes of a text, in the order of their first release.
pub fn processes<'n, 'a>(parsed: &'n Parsed<'a>) -> Vec<Process<'n, 'a>> {
    let mut feed = Feed::default();
    parsed.roots.iter().for_each(|root| feed.take(root, None, 6));
    feed.processes
}

#[derive(Default)]
struct Feed<'n, 'a> {
    processes: Vec<Process<'n, 'a>>,
    by_ocid: HashMap<String, usize>,
}

impl<'n, 'a> Feed<'n, 'a> {
    fn take(&mut self, node: &'n Node<'a>, version: Option<&str>, depth: usize) {
        let own = node.get("version").and_then(Node::text).or(version);
        match &node.value {
            _ if depth == 0 => {}
            Value::List(list) => list.iter().for_each(|entry| self.take(entry, version, depth - 1)),
            Value::Object(_) if is_record(node) => self.take_record(node, own),
            Value::Object(_) if is_package(node) => {
                let list = package_list(node).map(entries).unwrap_or_default();
                list.into_iter().for_each(|entry| self.take_entry(entry, own));
            }
            Value::Object(_) if is_release(node) => self.take_release(node, own, None),
            Value::Object(_) => match wrapped(node) {
                Some(inner) => self.take(inner, version, depth - 1),
                None => self.take_release(node, own, None),
            },
            _ => {}
        }
    }

    fn take_entry(&mut self, node: &'n Node<'a>, version: Option<&str>) {
        match wrapped(node).filter(|inner| inner.is_object() && !is_release(node)) {
            Some(inner) => self.take_entry(inner, version),
            None if is_record(node) => self.take_record(node, version),
            None => self.take_release(node, version, None),
        }
    }

    fn take_record(&mut self, record: &'n Node<'a>, version: Option<&str>) {
        let ocid = record.get("ocid").and_then(Node::text);
        let compiled = record.get("compiledRelease").filter(|c| c.is_object());
        let ocid = ocid.or_else(|| compiled.and_then(|c| c.get("ocid")).and_then(Node::text));
        let releases = record.get("releases").map(entries).unwrap_or_default();
        for release in releases {
            if is_link(release) {
                self.process(ocid, version).linked.push(release);
            } else {
                self.take_release(release, version, ocid);
            }
        }
        let versioned = record.get("versionedRelease").filter(|v| v.is_object() && compiled.is_none());
        self.process(ocid, version).versioned.extend(versioned);
        self.process(ocid, version).published.extend(compiled);
    }

    fn take_release(&mut self, release: &'n Node<'a>, version: Option<&str>, ocid: Option<&str>) {
        let own = release.get("ocid").and_then(Node::text).filter(|o| !o.trim().is_empty()).or(ocid);
        let compiled = release.get("tag").is_some_and(|tag| tag.list().iter().any(|t| t.text() == Some("compiled")));
        let process = self.process(own, version);
        if compiled {
            process.tagged.push(release);
        } else {
            process.releases.push(release);
        }
    }

    /// The process of an `ocid`; a release without one is a process of its own.
    fn process(&mut self, ocid: Option<&str>, version: Option<&str>) -> &mut Process<'n, 'a> {
        let fresh = self.processes.len();
        let at = ocid.map_or(fresh, |ocid| *self.by_ocid.entry(ocid.to_string()).or_insert(fresh));
        if at == fresh {
            self.processes.push(Process { ocid: ocid.map(str::to_string), ..Process::default() });
        }
        let process = &mut self.processes[at];
        process.version = process.version.take().or_else(|| version.map(str::to_string));
        process
    }
}

/// Whether a release of a record is no more than a link to it.
pub fn is_link(release: &Node) -> bool {
    release.get("url").is_some() && release.get("ocid").is_none() && PARTS[2..].iter().all(|key| release.get(key).is_none())
}

impl<'n, 'a> Process<'n, 'a> {
    /// What the process says in the end: its releases merged, or what the publisher compiled where
    /// releases are missing.
    pub fn compiled(&self) -> Option<Compiled<'a>> {
        let mut mended = Vec::new();
        let published: Vec<&Node<'a>> = self.published.iter().chain(&self.tagged).copied().collect();
        let is_whole = !self.releases.is_empty() && (self.linked.is_empty() || published.is_empty());
        let said: Vec<Node<'a>> = self.versioned.iter().map(|versions| merge::last_words(versions)).collect();
        let sources: Vec<&Node<'a>> = match (is_whole, published.is_empty()) {
            (true, _) => self.releases.clone(),
            (false, false) => published.clone(),
            (false, true) => said.iter().collect(),
        };
        let mut repaired: Vec<Node<'a>> = sources.iter().map(|release| self.named(repair::repaired(release, &mut mended))).collect();
        let mut compiled = match repaired.len() {
            0 => return None,
            1 => Compiled { release: repaired.remove(0), mended },
            _ => self.merged(&repaired, mended),
        };
        if is_whole {
            published.last().into_iter().for_each(|published| add_missing(&mut compiled, published));
        }
        Some(compiled)
    }

    fn merged(&self, repaired: &[Node<'a>], mut mended: Vec<Mended>) -> Compiled<'a> {
        let place = repaired[0].place;
        let merged = merge::compiled(&repaired.iter().collect::<Vec<_>>(), self.rules(), Twins::Apart);
        mended.extend(merged.conflicts.iter().map(|_| (Kind::ChangedShape, place)));
        Compiled { release: merged.release, mended }
    }

    /// A release without an `ocid` has that of its record.
    fn named(&self, mut release: Node<'a>) -> Node<'a> {
        let has_none = release.get("ocid").and_then(Node::text).is_none();
        if let (Value::Object(fields), Some(ocid), true) = (&mut release.value, &self.ocid, has_none) {
            fields.retain(|(key, _)| key != "ocid");
            fields.push(("ocid".into(), Node::made(Value::Text(ocid.clone().into()))));
        }
        release
    }

    fn rules(&self) -> &'static Rules {
        rules_of(Version::named(self.version.as_deref().unwrap_or("")))
    }
}

/// What only the publisher's own compiled release holds: a buyer whom no single release names.
fn add_missing<'a>(compiled: &mut Compiled<'a>, published: &Node<'a>) {
    let repaired = repair::repaired(published, &mut Vec::new());
    if let (Value::Object(fields), Value::Object(more)) = (&mut compiled.release.value, repaired.value) {
        for (key, node) in more {
            if !fields.iter().any(|(name, _)| *name == key) {
                fields.push((key, node));
            }
        }
    }
}

/// The standard's rules, made once.
pub fn rules_of(version: Version) -> &'static Rules {
    static RULES: std::sync::LazyLock<[Rules; 2]> = std::sync::LazyLock::new(|| [Rules::of(Version::V1_0), Rules::of(Version::V1_1)]);
    match version {
        Version::V1_0 => &RULES[0],
        Version::V1_1 => &RULES[1],
    }
}
