//! What text do open contracting data make? One part a contracting process: its title first, then
//! every value on lines of its own with its JSON pointer, and the tree of names beside it. What says
//! something in words stands open; numbers, dates, ids and addresses are set aside.

use super::sniff::Format;
use super::{broken, note};
use crate::evidence::{Gap, GapKind, Quote, Span};
use crate::model::{Block, BlockKind, Budget, Document, Named, Part};
use crate::ocds::feed::{self, Process};
use crate::ocds::repair::{Kind, Mended};
use crate::ocds::tree::{self, Node, Parsed, Value};
use serde_json::{Map, json};
use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

/// Between a name and its value, where the value says nothing in words.
const COLON: &str = "\u{FF1A}";

/// Whether it is worth looking closer: without these keys nothing is open contracting data.
fn is_likely(text: &str) -> bool {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
    let head = &start[..start.floor_char_boundary(HEAD)];
    start.starts_with(['{', '[']) && ["\"ocid\"", "\"releases\"", "\"records\"", "\"compiledRelease\""].iter().any(|key| head.contains(key))
}

/// How far into a text its first release is sought.
const HEAD: usize = 1 << 20;

/// One part a process; `None` where it is another feed.
pub fn read(text: &str, budget: &Budget) -> Option<Vec<Part>> {
    if !is_likely(text) {
        return None;
    }
    let parsed = tree::parse(text);
    if !feed::is_ocds(&parsed) {
        return None;
    }
    let processes = feed::processes(&parsed);
    let mut parts: Vec<Part> = processes.iter().take(budget.parts).map(|process| part(process, &parsed)).collect();
    let around: Vec<Gap> = around(&parsed).collect();
    let first = parts.first_mut()?;
    around.into_iter().for_each(|gap| note(first, gap));
    if processes.len() > budget.parts {
        note(first, broken(&format!("only {} of {} processes were read", budget.parts, processes.len()), "split the file"));
    }
    Some(parts)
}

/// What was mended in, or is missing from, the text as a whole.
fn around(parsed: &Parsed) -> impl Iterator<Item = Gap> {
    let mark = parsed.has_mark.then(|| repaired(Kind::ByteOrderMark, "", None));
    let slips = parsed.slips.iter().map(|(slip, place)| repaired(Kind::from(*slip), &parsed.pointer(*place), None));
    let ended = parsed
        .error
        .map(|(at, message)| broken(&format!("the JSON ends at byte {at}: {message}; what came before was read"), "fetch the file again"));
    mark.into_iter().chain(slips).chain(ended)
}

fn repaired(kind: Kind, pointer: &str, ocid: Option<&str>) -> Gap {
    let at =
        Quote { text: format!("{} at {pointer} of {}", kind.name(), ocid.unwrap_or("a release without ocid")), at: Span::new(0, 0, 0) };
    Gap { kind: GapKind::Repaired, at, note: kind.name() }
}

fn part(process: &Process, parsed: &Parsed) -> Part {
    let Some(compiled) = process.compiled() else { return linked_only(process) };
    let mut lines = Lines::new(parsed);
    let title = title_of(&compiled.release);
    let title_at = lines.title(title);
    let values = lines.write(&compiled.release, "", Tone::Open, title.map(|t| (t.place, title_at)));
    let mut document = lines.document;
    document.gaps = compiled.mended.iter().map(|(kind, place)| repaired(*kind, &parsed.pointer(*place), process.ocid.as_deref())).collect();
    let title = title.and_then(Node::text).map(str::to_string);
    let published = compiled.release.get("date").and_then(Node::text).and_then(iso_day);
    Part {
        media_type: Format::Json.media_type().to_string(),
        title,
        published,
        documents: vec![document],
        values: Some(values),
        meta: meta(process, &compiled.release, &compiled.mended),
        ..Part::default()
    }
}

fn linked_only(process: &Process) -> Part {
    let mut part = super::part_of(Format::Json, Document::default());
    let message = format!("{} releases of {} are only linked to", process.linked.len(), process.ocid.as_deref().unwrap_or("a process"));
    note(&mut part, broken(&message, "fetch the linked releases"));
    part
}

fn iso_day(date: &str) -> Option<String> {
    crate::ocds::days(date).and_then(|_| date.get(..10)).map(str::to_string)
}

fn meta(process: &Process, release: &Node, mended: &[Mended]) -> Map<String, serde_json::Value> {
    let mut repairs: BTreeMap<String, usize> = BTreeMap::new();
    mended.iter().for_each(|(kind, _)| *repairs.entry(kind.name()).or_default() += 1);
    let about = json!({
        "ocid": process.ocid,
        "releases": process.releases.len(),
        "linked_releases": process.linked.len(),
        "compiled_by_publisher": process.published.len() + process.tagged.len(),
        "version": process.version,
        "language": release.get("language").and_then(Node::text),
        "repairs": repairs,
    });
    Map::from_iter([("ocds".to_string(), about)])
}

/// What the process is called, wherever a publisher says so.
fn title_of<'n, 'a>(release: &'n Node<'a>) -> Option<&'n Node<'a>> {
    let paths: [&[&str]; 10] = [
        &["tender", "title"],
        &["title"],
        &["name"],
        &["planning", "project", "title"],
        &["contracts", "title"],
        &["awards", "title"],
        &["planning", "budget", "project"],
        &["tender", "description"],
        &["planning", "budget", "description"],
        &["description"],
    ];
    let filled = |node: &&Node| matches!(&node.value, Value::Text(text) if !text.trim().is_empty());
    paths.iter().find_map(|path| path.iter().try_fold(release, |at, key| first(at).get(key)).filter(filled))
}

fn first<'n, 'a>(node: &'n Node<'a>) -> &'n Node<'a> {
    node.list().first().unwrap_or(node)
}

/// Whether what stands below a name is what the notice says in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tone {
    Open,
    Aside,
}

/// Names whose values say nothing of goods: ids, addresses, dates, people.
static ASIDE: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("ocds_aside.txt").lines().filter(|l| !l.starts_with('#')).collect());

struct Lines<'p, 'a> {
    parsed: &'p Parsed<'a>,
    document: Document,
}

impl<'p, 'a> Lines<'p, 'a> {
    fn new(parsed: &'p Parsed<'a>) -> Lines<'p, 'a> {
        Lines { parsed, document: Document::default() }
    }

    /// The title block; its place in the text.
    fn title(&mut self, title: Option<&Node>) -> (usize, usize) {
        let text = title.and_then(Node::text).unwrap_or("");
        let at = self.put(text, title.map(|t| t.place));
        self.document.blocks.push(Block { kind: BlockKind::Title, start: at.0, end: at.1 });
        self.document.text.push('\n');
        at
    }

    fn put(&mut self, text: &str, place: Option<u32>) -> (usize, usize) {
        let start = self.document.text.len();
        if let Some(place) = place.filter(|p| *p != tree::MADE && !text.is_empty()) {
            self.document.pointers.push((start, self.parsed.pointer(place)));
        }
        self.document.text.push_str(text);
        (start, self.document.text.len())
    }

    /// Values below `path`, in their order; `title`: a value that is written already, and where.
    fn write(&mut self, node: &Node, path: &str, tone: Tone, title: Option<(u32, (usize, usize))>) -> Named {
        match &node.value {
            Value::Object(fields) => {
                let below = |key: &str| if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
                let tone_of = |key: &str| if ASIDE.contains(key) { Tone::Aside } else { tone };
                Named::Object(
                    fields.iter().map(|(key, value)| (key.to_string(), self.write(value, &below(key), tone_of(key), title))).collect(),
                )
            }
            Value::List(list) => Named::List(list.iter().map(|value| self.write(value, path, tone, title)).collect()),
            Value::Text(_) if title.is_some_and(|(place, _)| place == node.place) => {
                let (start, end) = title.map_or((0, 0), |t| t.1);
                Named::Value(start, end)
            }
            Value::Text(text) if tone == Tone::Open && text.chars().any(char::is_alphabetic) => self.said(path, text, node.place),
            Value::Text(text) | Value::Number(text) => self.aside(path, text, node.place),
            Value::Bool(value) => self.aside(path, if *value { "true" } else { "false" }, node.place),
            Value::Null => self.aside(path, "", node.place),
        }
    }

    /// Words in a block of their own, below the name of what they are.
    fn said(&mut self, path: &str, text: &str, place: u32) -> Named {
        self.line(BlockKind::Aside, path);
        self.document.text.push('\n');
        let (start, end) = self.put(text, Some(place));
        self.document.blocks.push(Block { kind: BlockKind::Paragraph, start, end });
        // An empty line, so that no one takes what follows for the rest of a wrapped sentence.
        self.document.text.push('\n');
        Named::Value(start, end)
    }

    fn aside(&mut self, path: &str, text: &str, place: u32) -> Named {
        self.document.text.push('\n');
        let start = self.document.text.len();
        self.document.text.push_str(path);
        self.document.text.push_str(COLON);
        let (from, end) = self.put(text, Some(place));
        self.document.blocks.push(Block { kind: BlockKind::Aside, start, end });
        Named::Value(from, end)
    }

    fn line(&mut self, kind: BlockKind, text: &str) {
        self.document.text.push('\n');
        let start = self.document.text.len();
        self.document.text.push_str(text);
        self.document.blocks.push(Block { kind, start, end: self.document.text.len() });
    }
}
