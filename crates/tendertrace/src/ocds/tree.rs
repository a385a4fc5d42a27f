//! What values does JSON text hold, and where does each stand? A tolerant parser: numbers keep their
//! digits, keys their order, every value knows its JSON pointer; what publishers write against the
//! rules of JSON (NaN, trailing commas, doubled keys) is read and written down.

use std::borrow::Cow;
use std::fmt::Write as _;

/// A value and where it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'a> {
    /// Number of its place in the text; `MADE` for what no text holds.
    pub place: u32,
    pub value: Value<'a>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    Null,
    Bool(bool),
    /// Its digits as written.
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
}

/// The place of values that were added.
pub const MADE: u32 = u32::MAX;

/// Deepest nesting that is read.
const DEEPEST: usize = 200;

/// What was mended in the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slip {
    NotANumber,
    TrailingComma,
    DoubledKey,
    ControlCharacter,
}

/// The values of one text: documents one after the other, and the places of all values.
#[derive(Debug, Default)]
pub struct Parsed<'a> {
    pub roots: Vec<Node<'a>>,
    places: Vec<Place<'a>>,
    /// What was mended, at which place.
    pub slips: Vec<(Slip, u32)>,
    /// Whether the text begins with a mark of byte order.
    pub has_mark: bool,
    /// Where reading ended, and why, if before the end.
    pub error: Option<(usize, &'static str)>,
}

#[derive(Debug)]
struct Place<'a> {
    parent: u32,
    step: Step<'a>,
}

#[derive(Debug)]
enum Step<'a> {
    Key(Cow<'a, str>),
    Index(u32),
}

impl Parsed<'_> {
    /// The JSON pointer of a place: the document's number in front where the text holds several.
    pub fn pointer(&self, place: u32) -> String {
        let mut steps = Vec::new();
        let mut at = place;
        while let Some(here) = self.places.get(at as usize) {
            let is_root = here.parent == MADE;
            if !is_root || self.roots.len() > 1 {
                steps.push(&here.step);
            }
            at = here.parent;
        }
        let mut pointer = String::new();
        for step in steps.iter().rev() {
            match step {
                Step::Key(key) if key.contains(['~', '/']) => pointer += &format!("/{}", key.replace('~', "~0").replace('/', "~1")),
                Step::Key(key) => {
                    pointer.push('/');
                    pointer += key;
                }
                Step::Index(index) => write!(pointer, "/{index}").expect("a string takes all"),
            }
        }
        pointer
    }
}

impl<'a> Node<'a> {
    pub fn made(value: Value<'a>) -> Node<'a> {
        Node { place: MADE, value }
    }

    /// The value under `key` of an object.
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        match &self.value {
            Value::Object(fields) => fields.iter().find(|(name, _)| name == key).map(|(_, node)| node),
            _ => None,
        }
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node<'a>> {
        match &mut self.value {
            Value::Object(fields) => fields.iter_mut().find(|(name, _)| name == key).map(|(_, node)| node),
            _ => None,
        }
    }

    /// The entries of a list; none of anything else.
    pub fn list(&self) -> &[Node<'a>] {
        match &self.value {
            Value::List(list) => list,
            _ => &[],
        }
    }

    pub fn is_object(&self) -> bool {
        matches!(self.value, Value::Object(_))
    }

    pub fn is_list(&self) -> bool {
        matches!(self.value, Value::List(_))
    }

    /// A text or number as it is written.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Number(text) => Some(text),
            _ => None,
        }
    }

    /// The same with all keys in order: equal texts of it are equal values.
    pub fn in_order(&self) -> Node<'a> {
        let value = match &self.value {
            Value::List(list) => Value::List(list.iter().map(Node::in_order).collect()),
            Value::Object(fields) => {
                let mut fields: Vec<_> = fields.iter().map(|(key, node)| (key.clone(), node.in_order())).collect();
                fields.sort_by(|a, b| a.0.cmp(&b.0));
                Value::Object(fields)
            }
            single => single.clone(),
        };
        Node { place: self.place, value }
    }

    /// JSON text, numbers with the digits they were read with.
    pub fn write(&self, out: &mut String) {
        match &self.value {
            Value::Null => out.push_str("null"),
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Number(digits) => out.push_str(digits),
            Value::Text(text) => write_text(text, out),
            Value::List(list) => {
                out.push('[');
                for (number, node) in list.iter().enumerate() {
                    out.push_str(if number > 0 { "," } else { "" });
                    node.write(out);
                }
                out.push(']');
            }
            Value::Object(fields) => {
                out.push('{');
                for (number, (key, node)) in fields.iter().enumerate() {
                    out.push_str(if number > 0 { "," } else { "" });
                    write_text(key, out);
                    out.push(':');
                    node.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push_str(&serde_json::to_string(text).expect("a string is plain data"));
}

/// Reads JSON documents that follow each other: one, lines, or without anything between them.
pub fn parse(text: &str) -> Parsed<'_> {
    let mut parser = Parser { text, at: 0, parsed: Parsed::default() };
    if text.starts_with('\u{FEFF}') {
        parser.at = '\u{FEFF}'.len_utf8();
        parser.parsed.has_mark = true;
    }
    loop {
        parser.skip_between();
        if parser.at >= text.len() {
            return parser.parsed;
        }
        let step = Step::Index(parser.parsed.roots.len() as u32);
        match parser.value(MADE, step, 0) {
            Ok(node) => parser.parsed.roots.push(node),
            Err(message) => {
                parser.parsed.error = Some((parser.at, message));
                return parser.parsed;
            }
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    parsed: Parsed<'a>,
}

type Read<T> = Result<T, &'static str>;

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|b| matches!(b, b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// Between documents: space, record separators, stray commas and marks of byte order.
    fn skip_between(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\n' | b'\r' | b'\t' | b',' | 0x1E | 0) => self.at += 1,
                Some(0xEF) if self.text[self.at..].starts_with('\u{FEFF}') => self.at += 3,
                _ => return,
            }
        }
    }

    fn value(&mut self, parent: u32, step: Step<'a>, depth: usize) -> Read<Node<'a>> {
        if depth > DEEPEST {
            return Err("nested too deep");
        }
        let place = self.parsed.places.len() as u32;
        self.parsed.places.push(Place { parent, step });
        let value = match self.peek().ok_or("it ends in the middle of a value")? {
            b'{' => self.object(place, depth)?,
            b'[' => self.list(place, depth)?,
            b'"' => Value::Text(self.string(place)?),
            _ => self.word(place)?,
        };
        Ok(Node { place, value })
    }

    fn object(&mut self, place: u32, depth: usize) -> Read<Value<'a>> {
        let mut fields: Vec<(Cow<'a, str>, Node<'a>)> = Vec::new();
        self.at += 1;
        while self.is_next(b'}', place, fields.is_empty())? {
            if self.peek() != Some(b'"') {
                return Err("a key is expected");
            }
            let key = self.string(place)?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err("a colon is expected");
            }
            self.at += 1;
            self.skip_space();
            let node = self.value(place, Step::Key(key.clone()), depth + 1)?;
            match fields.iter_mut().find(|(name, _)| *name == key) {
                Some((_, before)) => {
                    self.parsed.slips.push((Slip::DoubledKey, before.place));
                    *before = node;
                }
                None => fields.push((key, node)),
            }
        }
        Ok(Value::Object(fields))
    }

    fn list(&mut self, place: u32, depth: usize) -> Read<Value<'a>> {
        let mut list = Vec::new();
        self.at += 1;
        while self.is_next(b']', place, list.is_empty())? {
            list.push(self.value(place, Step::Index(list.len() as u32), depth + 1)?);
        }
        Ok(Value::List(list))
    }

    /// Whether another entry follows; passes the comma before it, or the end.
    fn is_next(&mut self, end: u8, place: u32, is_first: bool) -> Read<bool> {
        self.skip_space();
        if !is_first && self.peek() == Some(b',') {
            self.at += 1;
            self.skip_space();
            if self.peek() == Some(end) {
                self.parsed.slips.push((Slip::TrailingComma, place));
            }
        } else if !is_first && self.peek() != Some(end) {
            return Err("a comma is expected");
        }
        if self.peek() == Some(end) {
            self.at += 1;
            return Ok(false);
        }
        self.peek().map(|_| true).ok_or("it ends in the middle of a list")
    }

    fn string(&mut self, place: u32) -> Read<Cow<'a, str>> {
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let mut end = start;
        let (mut escaped, mut control) = (false, false);
        loop {
            match bytes.get(end) {
                None => return Err("it ends in the middle of a text"),
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    end += 2;
                }
                Some(byte) => {
                    control |= *byte < 0x20;
                    end += 1;
                }
            }
        }
        self.at = end + 1;
        let raw = self.text.get(start..end).ok_or("an escape is broken")?;
        if control {
            self.parsed.slips.push((Slip::ControlCharacter, place));
        }
        if escaped { Ok(Cow::Owned(unescape(raw))) } else { Ok(Cow::Borrowed(raw)) }
    }

    fn word(&mut self, place: u32) -> Read<Value<'a>> {
        let rest = &self.text[self.at..];
        let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.')).count();
        let word = &rest[..length];
        let value = match word {
            "null" => Value::Null,
            "true" | "True" => Value::Bool(true),
            "false" | "False" => Value::Bool(false),
            "NaN" | "Infinity" | "-Infinity" | "nan" | "None" | "undefined" => {
                self.parsed.slips.push((Slip::NotANumber, place));
                Value::Null
            }
            _ if is_number(word) => Value::Number(Cow::Borrowed(word)),
            _ => return Err("a value is expected"),
        };
        self.at += length;
        Ok(value)
    }
}

/// Digits as JSON allows them.
pub fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c == '-' || c.is_ascii_digit()) && serde_json::from_str::<serde_json::Number>(word).is_ok()
}

/// The text that escapes stand for; a broken one stays as written.
fn unescape(raw: &str) -> String {
    let quoted = format!("\"{raw}\"");
    serde_json::from_str::<String>(&quoted).unwrap_or_else(|_| unescape_broken(raw))
}

fn unescape_broken(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = &rest[at..];
        let long = [12, 6, 2].into_iter().filter_map(|n| escape.get(..n));
        let read = long.filter_map(|e| Some((e.len(), serde_json::from_str::<String>(&format!("\"{e}\"")).ok()?))).next();
        let (length, text) = read.unwrap_or((1, "\\".to_string()));
        out.push_str(&text);
        rest = &escape[length..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let parsed = parse(text);
        let mut out = String::new();
        for root in &parsed.roots {
            root.write(&mut out);
        }
        out
    }

    #[test]
    fn documents_follow_each_other_and_keep_their_digits() {
        for (text, expected) in [
            ("{\"a\": 1.50}", "{\"a\":1.50}"),
            ("\u{FEFF}{\"a\":1}\n{\"a\":2}", "{\"a\":1}{\"a\":2}"),
            ("{\"a\":1}{\"a\":[]}", "{\"a\":1}{\"a\":[]}"),
            ("[1,2,]", "[1,2]"),
            ("{\"a\":NaN,\"a\":\"b\\u00e9\"}", "{\"a\":\"bé\"}"),
            ("{\"a\":\"line\nbreak \\q\"}", "{\"a\":\"line\\nbreak \\\\q\"}"),
        ] {
            assert_eq!(written(text), expected, "{text}");
        }
    }

    #[test]
    fn slips_are_written_down_with_their_pointer() {
        let parsed = parse("{\"a/b\":[NaN,{\"c\":1,\"c\":2}],}");
        let slips: Vec<(Slip, String)> = parsed.slips.iter().map(|(slip, place)| (*slip, parsed.pointer(*place))).collect();
        let expected = [(Slip::NotANumber, "/a~1b/0"), (Slip::DoubledKey, "/a~1b/1/c"), (Slip::TrailingComma, "")];
        assert_eq!(slips, expected.map(|(slip, at)| (slip, at.to_string())));
    }

    #[test]
    fn what_is_cut_off_keeps_what_came_before() {
        let parsed = parse("{\"a\":1}\n{\"a\":[");
        assert_eq!(parsed.roots.len(), 1);
        assert!(parsed.error.is_some());
        assert!(parse(&"[".repeat(100_000)).error.is_some());
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "[\\[\\]{}\":,0-9a-fntrue\\\\ éN-]{0,60}") {
            let _ = parse(&text);
        }
    }
}
