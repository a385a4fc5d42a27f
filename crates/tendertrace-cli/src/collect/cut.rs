//! Where does each process begin and end in a package of any size? One pass over the bytes notes the
//! places of its releases and records, a second takes them out process by process: nothing is held
//! but the places. Each process is a small package of its own, its releases as they stand.

use super::{Captures, Taken};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek as _, SeekFrom, Write as _};
use tendertrace::model::Capture;

/// Files of open contracting data up to this size are one capture.
pub const WHOLE: usize = 4 << 20;

/// Whether text of JSON names contracting processes.
pub fn is_ocds(start: &[u8]) -> bool {
    let begins = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    let holds = |key: &[u8]| start.windows(key.len()).any(|window| window == key);
    begins.first().is_some_and(|b| matches!(b, b'{' | b'[')) && (holds(b"\"ocid\"") || holds(b"\"compiledRelease\""))
}

/// The captures of a file too large to be one; it is spooled to a file without a name, which the
/// system removes whatever happens.
pub fn captures(shown: String, name: String, mut reader: Box<dyn BufRead + Send>) -> Captures {
    let spooled = tempfile::tempfile().and_then(|mut file| {
        io::copy(&mut reader, &mut file)?;
        file.flush()?;
        Ok(file)
    });
    let cut = spooled.and_then(|file| Cut::new(file, name));
    match cut {
        Ok(cut) => Box::new(cut),
        Err(error) => super::only(Err(format!("{shown}: cannot be read ({error}); the file may be damaged"))),
    }
}

/// A release or record, or whatever stands alone, by its place.
struct Element {
    start: u64,
    end: u64,
    /// The package it stands in, and under which name.
    within: Option<(usize, List)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Releases,
    Records,
}

/// Places of a package's own fields: name, start, end.
type Fields = Vec<(String, u64, u64)>;

struct Cut {
    file: BufReader<File>,
    at: u64,
    name: String,
    sha256: String,
    packages: Vec<Fields>,
    elements: Vec<Element>,
    groups: std::vec::IntoIter<Vec<u32>>,
}

impl Cut {
    fn new(mut file: File, name: String) -> io::Result<Cut> {
        file.seek(SeekFrom::Start(0))?;
        let (scan, sha256) = scan(&mut file)?;
        file.seek(SeekFrom::Start(0))?;
        let file = BufReader::with_capacity(1 << 18, file);
        let Scan { packages, elements, .. } = scan;
        let mut cut = Cut { file, at: 0, name, sha256, packages, elements, groups: Vec::new().into_iter() };
        cut.groups = cut.group()?.into_iter();
        Ok(cut)
    }

    /// Elements of one `ocid` together, in the order of the first; those without one alone.
    fn group(&mut self) -> io::Result<Vec<Vec<u32>>> {
        let mut groups: Vec<Vec<u32>> = Vec::new();
        let mut by_ocid: HashMap<String, usize> = HashMap::new();
        for number in 0..self.elements.len() {
            let bytes = self.bytes(self.elements[number].start, self.elements[number].end)?;
            let ocid = serde_json::from_slice::<Head>(&bytes).ok().and_then(|head| head.ocid);
            let at = ocid.map_or(groups.len(), |ocid| *by_ocid.entry(ocid).or_insert(groups.len()));
            if at == groups.len() {
                groups.push(Vec::new());
            }
            groups[at].push(number as u32);
        }
        Ok(groups)
    }

    fn bytes(&mut self, start: u64, end: u64) -> io::Result<Vec<u8>> {
        self.file.seek_relative(start as i64 - self.at as i64)?;
        let mut bytes = vec![0; (end - start) as usize];
        self.at = end;
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn capture(&mut self, group: &[u32]) -> io::Result<Capture> {
        let mut text = Vec::new();
        let mut places = Vec::new();
        let mut rest = group;
        while let Some(first) = rest.first() {
            let within = self.elements[*first as usize].within;
            let length = rest.iter().take_while(|n| self.elements[**n as usize].within == within).count();
            self.write(&rest[..length], within, &mut text)?;
            text.push(b'\n');
            rest = &rest[length..];
        }
        for number in group {
            let Element { start, end, .. } = &self.elements[*number as usize];
            places.push([*start, *end]);
        }
        let mut capture =
            Capture { file_name: Some(self.name.clone()), media_type: Some("application/json".into()), ..Capture::of_bytes(text) };
        capture.meta.insert("cut_from".into(), json!({"sha256": self.sha256, "bytes": places}));
        Ok(capture)
    }

    fn write(&mut self, group: &[u32], within: Option<(usize, List)>, text: &mut Vec<u8>) -> io::Result<()> {
        if let Some((package, list)) = within {
            text.push(b'{');
            for (key, start, end) in self.packages[package].clone() {
                text.extend(format!("\"{key}\":").as_bytes());
                text.extend(self.bytes(start, end)?.trim_ascii());
                text.push(b',');
            }
            text.extend(if list == List::Records { b"\"records\":[".as_slice() } else { b"\"releases\":[" });
        }
        for (nth, number) in group.iter().enumerate() {
            let (start, end) = (self.elements[*number as usize].start, self.elements[*number as usize].end);
            let between: &[u8] = match (nth, within) {
                (0, _) => b"",
                (_, Some(_)) => b",\n",
                (_, None) => b"\n",
            };
            text.extend(between);
            text.extend(self.bytes(start, end)?);
        }
        text.extend(if within.is_some() { b"]}".as_slice() } else { b"" });
        Ok(())
    }
}

impl Iterator for Cut {
    type Item = Taken;

    fn next(&mut self) -> Option<Taken> {
        let group = self.groups.next()?;
        Some(self.capture(&group).map_err(|error| format!("{}: cannot be read further ({error})", self.name)))
    }
}

#[derive(serde::Deserialize)]
struct Head {
    ocid: Option<String>,
}

fn scan(file: &mut File) -> io::Result<(Scan, String)> {
    let mut scan = Scan::default();
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            scan.end_of_file();
            return Ok((scan, hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()));
        }
        hash.update(&buffer[..read]);
        buffer[..read].iter().for_each(|byte| scan.byte(*byte));
    }
}

/// Longest own field of a package that is kept with its parts.
const LONGEST_FIELD: u64 = 1 << 16;
/// Longest name of a field.
const LONGEST_NAME: usize = 256;

/// Follows the nesting of JSON without building it.
#[derive(Default)]
struct Scan {
    at: u64,
    depth: usize,
    /// Lists around the objects that stand alone: `[` at the very beginning.
    lists: usize,
    string: Option<Escape>,
    text: Vec<u8>,
    /// The field that is being read of the object that stands alone, and where its value begins.
    field: Option<(String, u64)>,
    object: Option<Object>,
    packages: Vec<Fields>,
    elements: Vec<Element>,
}

#[derive(PartialEq)]
enum Escape {
    No,
    Yes,
}

/// An object that stands alone: a package if it holds a list of releases or records and no `ocid`.
struct Object {
    start: u64,
    fields: Fields,
    inner: Vec<(u64, u64, List)>,
    open_inner: Option<u64>,
    has_ocid: bool,
}

impl Scan {
    fn byte(&mut self, byte: u8) {
        match (&self.string, byte) {
            (Some(Escape::Yes), _) => self.string = Some(Escape::No),
            (Some(Escape::No), b'\\') => self.string = Some(Escape::Yes),
            (Some(Escape::No), b'"') => self.string = None,
            (Some(Escape::No), _) => {
                if self.depth == self.lists + 1 && self.field.is_none() && self.text.len() < LONGEST_NAME {
                    self.text.push(byte);
                }
            }
            (None, b'"') => {
                self.string = Some(Escape::No);
                if self.field.is_none() {
                    self.text.clear();
                }
            }
            (None, b':') if self.depth == self.lists + 1 && self.object.is_some() => {
                self.field = Some((String::from_utf8_lossy(&self.text).into_owned(), self.at + 1));
            }
            (None, b',') if self.depth == self.lists + 1 => self.end_field(),
            (None, b'{' | b'[') => self.open(byte),
            (None, b'}' | b']') => self.close(byte),
            _ => {}
        }
        self.at += 1;
    }

    fn list_now(&self) -> Option<List> {
        match self.field.as_ref()?.0.as_str() {
            "releases" => Some(List::Releases),
            "records" => Some(List::Records),
            _ => None,
        }
    }

    fn open(&mut self, byte: u8) {
        if byte == b'[' && self.depth == self.lists && self.object.is_none() {
            self.lists += 1;
        } else if byte == b'{' && self.depth == self.lists {
            self.object = Some(Object { start: self.at, fields: Vec::new(), inner: Vec::new(), open_inner: None, has_ocid: false });
            self.field = None;
        } else if byte == b'{' && self.depth == self.lists + 2 && self.list_now().is_some() {
            let at = self.at;
            self.object.iter_mut().for_each(|object| object.open_inner = Some(at));
        }
        self.depth += 1;
    }

    fn close(&mut self, byte: u8) {
        self.depth = self.depth.saturating_sub(1);
        let list = self.list_now();
        if byte == b'}' && self.depth == self.lists && self.object.is_some() {
            self.end_field();
            self.end_object(self.at + 1);
        } else if byte == b'}' && self.depth == self.lists + 2 {
            let end = self.at + 1;
            if let (Some(object), Some(list)) = (&mut self.object, list) {
                let start = object.open_inner.take();
                object.inner.extend(start.map(|start| (start, end, list)));
            }
        } else if byte == b']' && self.lists > self.depth {
            self.lists = self.depth;
        }
    }

    fn end_field(&mut self) {
        let (Some((name, start)), Some(object)) = (self.field.take(), &mut self.object) else { return };
        object.has_ocid |= name == "ocid";
        if !matches!(name.as_str(), "releases" | "records") && self.at - start <= LONGEST_FIELD {
            object.fields.push((name, start, self.at));
        }
    }

    fn end_object(&mut self, end: u64) {
        let Some(object) = self.object.take() else { return };
        if object.inner.is_empty() || object.has_ocid {
            self.elements.push(Element { start: object.start, end, within: None });
            return;
        }
        let package = self.packages.len();
        self.packages.push(object.fields);
        let element = |(start, end, list)| Element { start, end, within: Some((package, list)) };
        self.elements.extend(object.inner.into_iter().map(element));
    }

    /// A file that ends too early: what is whole in its last object counts, and so does its torn end.
    fn end_of_file(&mut self) {
        let Some(object) = &self.object else { return };
        let (start, torn) = (object.start, object.open_inner);
        if object.inner.is_empty() || object.has_ocid {
            self.elements.push(Element { start, end: self.at, within: None });
            return;
        }
        self.field = None;
        self.end_object(self.at);
        self.elements.extend(torn.map(|start| Element { start, end: self.at, within: None }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(written: &str) -> Vec<String> {
        let cut = captures("a file".into(), "a.json".into(), Box::new(io::Cursor::new(written.as_bytes().to_vec())));
        cut.map(|c| c.expect("readable")).map(|c| String::from_utf8(c.bytes).expect("text")).collect()
    }

    #[test]
    fn each_process_is_a_package_of_its_own() {
        for (written, expected) in [
            (
                r#"{"uri":"x", "version":"1.0","releases":[{"ocid":"a","n":1}, {"ocid":"b","t":"]}\""},{"ocid":"a","n":[{}]}],"license":"l"}"#,
                vec![
                    "{\"uri\":\"x\",\"version\":\"1.0\",\"license\":\"l\",\"releases\":[{\"ocid\":\"a\",\"n\":1},\n{\"ocid\":\"a\",\"n\":[{}]}]}\n",
                    "{\"uri\":\"x\",\"version\":\"1.0\",\"license\":\"l\",\"releases\":[{\"ocid\":\"b\",\"t\":\"]}\\\"\"}]}\n",
                ],
            ),
            (r#"{"ocid":"a","releases":[{"ocid":"a"}]}"#, vec!["{\"ocid\":\"a\",\"releases\":[{\"ocid\":\"a\"}]}\n"]),
            (
                "{\"ocid\":\"a\"}\n{\"ocid\":\"b\"}\n{\"ocid\":\"a\",\"n\":2}",
                vec!["{\"ocid\":\"a\"}\n{\"ocid\":\"a\",\"n\":2}\n", "{\"ocid\":\"b\"}\n"],
            ),
            ("[{\"ocid\":\"a\"},{\"ocid\":\"b\"}]", vec!["{\"ocid\":\"a\"}\n", "{\"ocid\":\"b\"}\n"]),
            (
                r#"[{"records":[{"ocid":"a"}]},{"records":[{"ocid":"b"}]}]"#,
                vec!["{\"records\":[{\"ocid\":\"a\"}]}\n", "{\"records\":[{\"ocid\":\"b\"}]}\n"],
            ),
            (r#"{"releases":[{"ocid":"a"},{"ocid":"b","#, vec!["{\"releases\":[{\"ocid\":\"a\"}]}\n", "{\"ocid\":\"b\",\n"]),
            (r#"{"releases":[{"n":1},{"n":2}]}"#, vec!["{\"releases\":[{\"n\":1}]}\n", "{\"releases\":[{\"n\":2}]}\n"]),
        ] {
            assert_eq!(texts(written), expected, "{written}");
        }
    }

    #[test]
    fn a_part_names_the_file_it_was_cut_from() {
        let written = "{\"ocid\":\"a\"}";
        let cut = captures("a file".into(), "a.json".into(), Box::new(io::Cursor::new(written.as_bytes().to_vec())));
        let part = cut.flatten().next().expect("one part");
        assert_eq!(part.meta["cut_from"], json!({"sha256": tendertrace::model::sha256_hex(written.as_bytes()), "bytes": [[0, 12]]}));
    }
}
