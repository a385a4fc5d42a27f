//! Which files belong to which page? Those that the page links to (by address, or by name where it lies
//! beside them), and those that lie in a folder with one page only, or in a folder named after it.
//!
//! A page may come before or after its files, so the inputs are gone through twice before anything is
//! taken from them: for files, and only where there are any, for the links of pages. The bytes of
//! files wait in a file without a name, which the system removes whatever happens.

use super::{Look, Taken, archive, batches, looked, packed};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::fs::File as Spool;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use tendertrace::model::{Access, Attachment, Capture, File};
use tendertrace::read::{self, is_archive, is_attachable};
use tendertrace::rulebook::Rulebook;

/// Files of one page, and bytes of them, that are read with it.
const MOST: usize = 64;
const MOST_BYTES: u64 = 256 << 20;
/// Files that lie with a page and are not named by it; more are an archive of something.
const MOST_BESIDE: usize = 32;

/// Captures of the inputs in order, pages with the files that belong to them; those come with their
/// page and not by themselves.
pub fn joined(inputs: &[String], rules: &Rulebook) -> impl Iterator<Item = Taken> + Send + use<> {
    let (mut joins, failed) = match Joins::find(inputs, rules) {
        Ok(joins) => (joins, None),
        Err(error) => (Joins::default(), Some(Err(format!("attachments could not be joined to their pages ({error}); is the disk full?")))),
    };
    let captures = looked(inputs, Look::All).flat_map(move |taken| joins.take(taken));
    failed.into_iter().chain(captures)
}

/// The base name of a path or address.
pub fn base_name(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    decoded(path.rsplit(['/', '\\']).next().unwrap_or(path))
}

/// A capture among the inputs.
type Key = (String, Option<String>, Option<String>);

fn key(capture: &Capture) -> Key {
    (capture.sha256.clone(), capture.url.clone(), capture.place.clone())
}

/// A file that may belong to a page; its bytes wait in the spool.
struct Waiting {
    key: Key,
    /// Addresses that led the collector to this one.
    before: Vec<String>,
    fetched: Option<String>,
    access: Access,
    /// Path with the names of archives among its folders.
    path: Option<String>,
    name: String,
    at: (u64, u64),
}

/// A page and the links that it calls its files.
struct Page {
    key: Key,
    path: Option<String>,
    links: Vec<(String, String)>,
}

#[derive(Default)]
struct Joins {
    spool: Option<Spool>,
    files: Vec<Waiting>,
    /// Files of each page, each with the link that leads to it.
    of_page: HashMap<Key, Vec<(usize, Option<String>)>>,
    taken: HashSet<Key>,
}

impl Joins {
    fn find(inputs: &[String], rules: &Rulebook) -> io::Result<Joins> {
        let mut joins = Joins::default();
        for capture in looked(inputs, Look::Joinable).flatten().filter(|c| is_attachable(&c.bytes, c.file_name.as_deref())) {
            joins.wait(&capture)?;
        }
        if joins.files.is_empty() {
            return Ok(joins);
        }
        let pages = pages(inputs, rules);
        joins.of_page = Matching::new(&joins.files, &pages, rules).of_page();
        let taken = joins.of_page.values().flatten().map(|(file, _)| joins.files[*file].key.clone());
        joins.taken = taken.collect();
        Ok(joins)
    }

    fn wait(&mut self, capture: &Capture) -> io::Result<()> {
        let spool = match &mut self.spool {
            Some(spool) => spool,
            None => self.spool.insert(tempfile::tempfile()?),
        };
        let at = spool.seek(SeekFrom::End(0))?;
        spool.write_all(&capture.bytes)?;
        let path = path(capture);
        let named = capture.file_name.clone().filter(|name| !name.is_empty()).or(capture.url.as_deref().map(base_name));
        self.files.push(Waiting {
            key: key(capture),
            before: redirected(capture),
            fetched: capture.fetched.clone(),
            access: capture.access,
            path,
            name: named.unwrap_or_default(),
            at: (at, capture.bytes.len() as u64),
        });
        Ok(())
    }

    /// A capture with its files; none where it comes with its page.
    fn take(&mut self, taken: Taken) -> Vec<Taken> {
        let mut capture = match taken {
            Ok(capture) if self.taken.contains(&key(&capture)) => return Vec::new(),
            Ok(capture) => capture,
            Err(message) => return vec![Err(message)],
        };
        let Some(files) = self.of_page.get(&key(&capture)).cloned() else { return vec![Ok(capture)] };
        let (mut messages, mut bytes) = (Vec::new(), 0);
        for (number, (file, link)) in files.iter().enumerate() {
            let waiting = &self.files[*file];
            bytes += waiting.at.1;
            if number >= MOST || bytes > MOST_BYTES {
                messages.push(Err(format!("{}: only the first {number} of its {} files were read with it", said(&capture), files.len())));
                break;
            }
            capture.access = stricter(capture.access, waiting.access);
            match attachments(waiting, link.as_deref(), self.spool.as_mut()) {
                Ok(found) => capture.attachments.extend(found),
                Err(error) => messages.push(Err(format!("{}: its file {} cannot be read ({error})", said(&capture), waiting.name))),
            }
        }
        messages.insert(0, Ok(capture));
        messages
    }
}

fn said(capture: &Capture) -> &str {
    capture.place.as_deref().or(capture.url.as_deref()).unwrap_or(&capture.sha256)
}

fn stricter(one: Access, other: Access) -> Access {
    if one as u8 >= other as u8 { one } else { other }
}

/// The file as it waits, or the files of the archive that it is.
fn attachments(waiting: &Waiting, link: Option<&str>, spool: Option<&mut Spool>) -> io::Result<Vec<Attachment>> {
    let spool = spool.ok_or(io::ErrorKind::NotFound)?;
    spool.seek(SeekFrom::Start(waiting.at.0))?;
    let mut bytes = vec![0; waiting.at.1 as usize];
    spool.read_exact(&mut bytes)?;
    let (sha256, url, _) = waiting.key.clone();
    let attachment = |name: String, sha256: String, bytes: Vec<u8>| Attachment {
        file: File { name, sha256, ..File::default() },
        url: url.clone(),
        fetched: waiting.fetched.clone(),
        link: link.map(str::to_string),
        bytes,
    };
    let within = match () {
        _ if is_archive(&bytes) => archive::of_zip(waiting.name.clone(), bytes, 0, Look::All),
        _ if packed::opens(&bytes) => archive::of_packed(waiting.name.clone(), &bytes, 0, Look::All),
        _ => return Ok(vec![attachment(waiting.name.clone(), sha256, bytes)]),
    };
    let within = within.take(MOST);
    let one = |inner: Capture| {
        let name = inner.place.as_deref().map_or_else(|| waiting.name.clone(), slashed);
        attachment(name, inner.sha256, inner.bytes)
    };
    within.map(|inner| inner.map(one).map_err(io::Error::other)).collect()
}

/// Pages with links to files, or beside files; read on all cores.
fn pages(inputs: &[String], rules: &Rulebook) -> Vec<Page> {
    let is_page = |taken: &Taken| taken.as_ref().is_ok_and(|c| !is_attachable(&c.bytes, c.file_name.as_deref()));
    let budget = crate::fence::budget();
    let page = |taken: &Taken| {
        let capture = taken.as_ref().ok()?;
        let mut links = read::links(capture, rules, &budget);
        links.extend(named_in_line(capture));
        (!links.is_empty() || capture.place.is_some()).then(|| Page { key: key(capture), path: path(capture), links })
    };
    let found = batches(looked(inputs, Look::Joinable).filter(is_page)).map(|batch| batch.par_iter().filter_map(page).collect::<Vec<_>>());
    found.flatten().collect()
}

/// Addresses that a capture line names under `attachments`.
fn named_in_line(capture: &Capture) -> Vec<(String, String)> {
    let entries = capture.meta.get("attachments").and_then(|list| list.as_array()).into_iter().flatten();
    let text = |entry: &serde_json::Value, key: &str| entry[key].as_str().unwrap_or_default().to_string();
    let address = |entry: &serde_json::Value| entry.as_str().map_or_else(|| text(entry, "url"), str::to_string);
    entries.map(|entry| (text(entry, "name"), address(entry))).filter(|(_, url)| !url.is_empty()).collect()
}

fn redirected(capture: &Capture) -> Vec<String> {
    let before = capture.meta.get(super::web::REDIRECTED).and_then(|list| list.as_array()).into_iter().flatten();
    before.filter_map(|url| url.as_str().map(str::to_string)).collect()
}

fn path(capture: &Capture) -> Option<String> {
    capture.place.as_deref().map(slashed)
}

/// A place as one path, whatever the system and the archives on the way.
fn slashed(place: &str) -> String {
    place.replace(": ", "/").replace('\\', "/")
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = (*first == b'%').then(|| after.get(..2)).flatten().and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    read::decode(&bytes, Some("utf-8")).0
}

/// An address without what two writers of it may write differently.
fn address(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    Some(decoded(rest.split('#').next().unwrap_or(rest)))
}

/// Where a link of a page leads, without what two writers of an address may write differently.
fn resolved(base: &str, href: &str) -> Option<String> {
    address(&resolved_url(base, href)?)
}

/// Where a link of a page leads.
pub fn resolved_url(base: &str, href: &str) -> Option<String> {
    let href = href.trim();
    if address(href).is_some() {
        return Some(href.to_string());
    }
    let scheme_end = base.find("://")? + 3;
    let host_end = base[scheme_end..].find('/').map_or(base.len(), |at| scheme_end + at);
    if let Some(rest) = href.strip_prefix("//") {
        return Some(format!("{}{rest}", &base[..scheme_end]));
    }
    if href.split(['/', '?']).next().is_some_and(|start| start.contains(':')) {
        return None;
    }
    let path = base[host_end..].split(['?', '#']).next().unwrap_or_default();
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let joined = if href.starts_with('/') { href.to_string() } else { format!("{folder}/{href}") };
    Some(format!("{}{}", &base[..host_end], straight(&joined)))
}

/// A path without `.` and `..`.
fn straight(path: &str) -> String {
    let (path, query) = path.split_at(path.find('?').unwrap_or(path.len()));
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop((parts.len() > 1).then(|| parts.pop())),
            part => parts.push(part),
        }
    }
    parts.join("/") + query
}

/// Folders of a path, the innermost first.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(path.rfind('/').map(|at| &path[..at]), |folder| folder.rfind('/').map(|at| &folder[..at]))
}

/// Everything by which files are found.
struct Matching<'a> {
    files: &'a [Waiting],
    pages: &'a [Page],
    by_address: HashMap<String, Vec<usize>>,
    /// By their own name and those of the archives they lie in.
    by_name: HashMap<String, Vec<usize>>,
    by_path: HashMap<&'a str, usize>,
    /// Pages anywhere below a folder: how many, and the last of them.
    below: HashMap<&'a str, (usize, usize)>,
    /// Pages by their path without its ending.
    by_stem: HashMap<&'a str, usize>,
}

impl<'a> Matching<'a> {
    fn new(files: &'a [Waiting], pages: &'a [Page], rules: &Rulebook) -> Matching<'a> {
        let mut matching = Matching {
            files,
            pages,
            by_address: HashMap::new(),
            by_name: HashMap::new(),
            by_path: HashMap::new(),
            below: HashMap::new(),
            by_stem: HashMap::new(),
        };
        for (number, file) in files.iter().enumerate() {
            for address in file.key.1.iter().chain(&file.before).filter_map(|url| address(url)) {
                matching.by_address.entry(address).or_default().push(number);
            }
            let Some(path) = &file.path else { continue };
            matching.by_path.insert(path, number);
            for name in path.split('/').filter(|name| rules.read.has_attachment_ending(name)) {
                matching.by_name.entry(name.to_lowercase()).or_default().push(number);
            }
        }
        for (number, page) in pages.iter().enumerate() {
            let Some(path) = &page.path else { continue };
            for folder in folders(path) {
                let entry = matching.below.entry(folder).or_default();
                *entry = (entry.0 + 1, number);
            }
            matching.by_stem.insert(path.rsplit_once('.').map_or(path.as_str(), |(stem, _)| stem), number);
        }
        matching
    }

    fn of_page(&self) -> HashMap<Key, Vec<(usize, Option<String>)>> {
        let mut found: HashMap<Key, Vec<(usize, Option<String>)>> = HashMap::new();
        let mut named = HashSet::new();
        for page in self.pages {
            for (text, href) in &page.links {
                for file in self.linked(page, text, href) {
                    named.insert(file);
                    let files = found.entry(page.key.clone()).or_default();
                    if !files.iter().any(|(known, _)| *known == file) {
                        files.push((file, Some(href.clone())));
                    }
                }
            }
        }
        let mut beside: HashMap<usize, Vec<usize>> = HashMap::new();
        for file in (0..self.files.len()).filter(|file| !named.contains(file)) {
            if let Some(page) = self.files[file].path.as_deref().and_then(|path| self.beside(path)) {
                beside.entry(page).or_default().push(file);
            }
        }
        for (page, files) in beside.into_iter().filter(|(_, files)| files.len() <= MOST_BESIDE) {
            found.entry(self.pages[page].key.clone()).or_default().extend(files.into_iter().map(|file| (file, None)));
        }
        found
    }

    /// Files that a link leads to: at its address, else by the name that it or its text has, beside or below
    /// the page.
    fn linked(&self, page: &Page, text: &str, href: &str) -> Vec<usize> {
        let address = page.key.1.as_deref().map_or_else(|| address(href), |base| resolved(base, href));
        if let Some(files) = address.and_then(|address| self.by_address.get(&address)) {
            return files.clone();
        }
        let Some(folder) = page.path.as_deref().and_then(|path| path.rsplit_once('/')).map(|(folder, _)| folder) else { return Vec::new() };
        let relative = straight(&decoded(&format!("{folder}/{}", href.trim())));
        if let Some(file) = self.by_path.get(relative.as_str()) {
            return vec![*file];
        }
        let names = [base_name(href), text.trim().to_string()];
        names.iter().map(|name| self.below_by_name(folder, &name.to_lowercase())).find(|files| !files.is_empty()).unwrap_or_default()
    }

    /// Files below a folder that are called so, or lie in the one archive that is.
    fn below_by_name(&self, folder: &str, name: &str) -> Vec<usize> {
        let called = |file: usize| {
            let within = self.files[file].path.as_deref()?.strip_prefix(folder)?.strip_prefix('/')?;
            let at = within.to_lowercase().split('/').position(|part| part == name)?;
            Some((within.split('/').take(at + 1).collect::<Vec<_>>().join("/"), file))
        };
        let found: Vec<(String, usize)> = self.by_name.get(name).into_iter().flatten().filter_map(|file| called(*file)).collect();
        let is_one = found.windows(2).all(|pair| pair[0].0 == pair[1].0);
        if is_one { found.into_iter().map(|(_, file)| file).collect() } else { Vec::new() }
    }

    /// The only page of the innermost folder that has any, or the page that the folder is named after.
    fn beside(&self, path: &str) -> Option<usize> {
        for folder in folders(path) {
            match (self.below.get(folder), self.by_stem.get(folder)) {
                (Some((1, page)), _) => return Some(*page),
                (Some(_), _) => return None,
                (None, Some(page)) => return Some(*page),
                (None, None) => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_where_a_browser_would_go() {
        for (base, href, expected) in [
            ("http://a.example/x/1.html", "../f/%E9%99%84.pdf", "a.example/f/附.pdf"),
            ("https://a.example/x/1.html?id=1", "f.pdf?v=2#page=3", "a.example/x/f.pdf?v=2"),
            ("http://a.example", "/f.pdf", "a.example/f.pdf"),
            ("http://a.example/x/", "//b.example/f.pdf", "b.example/f.pdf"),
            ("http://a.example/x/", "https://b.example/f.pdf", "b.example/f.pdf"),
            ("http://a.example/x/", "../../../f.pdf", "a.example/f.pdf"),
        ] {
            assert_eq!(resolved(base, href).as_deref(), Some(expected), "{base} {href}");
        }
        assert_eq!(resolved("http://a.example/x/", "javascript:void(0)"), None);
        assert_eq!(resolved("no address", "f.pdf"), None);
    }
}
