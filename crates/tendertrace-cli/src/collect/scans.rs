//! What do pages say that are only pictures? Where tesseract is installed with its data for simplified
//! Chinese, it reads them, and its text becomes a file of the capture: archived, hashed and quoted like any
//! attachment, named after the program and its confidence. Without it they are a gap that says so.

use super::Taken;
use rayon::prelude::*;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc;
use std::time::Duration;
use tendertrace::model::{Attachment, Capture, File, Scan, Transcript, sha256_hex};
use tendertrace::read::may_be_scanned;

/// Pages of one file that are read.
const MOST_PAGES: usize = 300;
/// How long one picture may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// Its data read Latin letters too; with the English data beside them Chinese words come out as English ones.
const LANGUAGE: &str = "chi_sim";

/// The captures, those with scanned pages with what was read from them. `known`: whether that was done of
/// the file with this hash before.
pub fn transcribed(
    captures: impl Iterator<Item = Taken> + Send,
    known: impl Fn(&str) -> bool + Send,
) -> impl Iterator<Item = Taken> + Send {
    captures.flat_map(move |taken| match (taken, reader()) {
        (Ok(capture), Some(reader)) => with_transcripts(capture, reader, &known),
        (taken, _) => vec![taken],
    })
}

fn with_transcripts(mut capture: Capture, reader: &Reader, known: &impl Fn(&str) -> bool) -> Vec<Taken> {
    let mut messages = Vec::new();
    let own = (capture.file_name.clone().unwrap_or_default(), capture.sha256.clone(), None, capture.bytes.as_slice());
    let files = capture.attachments.iter().map(|a| (a.file.name.clone(), a.file.sha256.clone(), a.link.clone(), a.bytes.as_slice()));
    let wanted = std::iter::once(own).chain(files).filter(|(_, sha256, _, bytes)| may_be_scanned(bytes) && !known(sha256));
    let mut transcripts = Vec::new();
    for (name, sha256, link, bytes) in wanted {
        match reader.file(bytes) {
            Ok(None) => {}
            Ok(Some(read)) => transcripts.push(attachment(&name, sha256, link, read, reader)),
            Err(message) => messages.push(Err(format!("{}: its pictures were not read: {message}", said(&capture)))),
        }
    }
    capture.attachments.extend(transcripts);
    messages.insert(0, Ok(capture));
    messages
}

fn said(capture: &Capture) -> &str {
    capture.place.as_deref().or(capture.url.as_deref()).unwrap_or(&capture.sha256)
}

fn attachment(name: &str, of: String, link: Option<String>, read: Pages, reader: &Reader) -> Attachment {
    let bytes = read.text.into_bytes();
    let mean = read.confidence.iter().map(|(_, of_100)| of_100).sum::<f32>() / read.confidence.len().max(1) as f32;
    let file = File {
        name: format!("{name} (pictures read by {}, confidence {mean:.0} of 100)", reader.name).trim_start().to_string(),
        sha256: sha256_hex(&bytes),
        transcript: Some(Transcript { of, by: reader.name.clone(), confidence: read.confidence }),
        ..File::default()
    };
    Attachment { file, link, bytes, ..Attachment::default() }
}

/// The installed program.
struct Reader {
    command: &'static str,
    /// Name, version and language.
    name: String,
}

/// Looked for once; `None` where it or its Chinese data are missing.
fn reader() -> Option<&'static Reader> {
    static READER: OnceLock<Option<Reader>> = OnceLock::new();
    READER.get_or_init(|| Reader::find("tesseract")).as_ref()
}

/// What was read of a file, its pages numbered as there.
struct Pages {
    text: String,
    confidence: Vec<(u32, f32)>,
}

impl Reader {
    fn find(command: &'static str) -> Option<Reader> {
        let said = |argument: &str| {
            let output = Command::new(command).arg(argument).stdin(Stdio::null()).output().ok()?;
            Some(String::from_utf8_lossy(if output.stdout.is_empty() { &output.stderr } else { &output.stdout }).into_owned())
        };
        let installed = said("--list-langs")?;
        installed.lines().find(|line| line.trim() == LANGUAGE)?;
        let version = said("--version")?.lines().next().unwrap_or("tesseract").trim().to_string();
        Some(Reader { command, name: format!("{version} {LANGUAGE}") })
    }

    /// All pages of a file that are pictures; `None` where there are none.
    fn file(&self, bytes: &[u8]) -> Result<Option<Pages>, String> {
        let mut pages: Vec<(u32, Page)> = Vec::new();
        let mut first = 1;
        while pages.len() < MOST_PAGES {
            let scans = crate::fence::scans(bytes, first)?;
            let Some(last) = scans.last() else { break };
            first = last.page + 1;
            let read: Vec<(u32, Page)> =
                scans.par_iter().map(|scan| Ok((scan.page, self.picture(scan)?))).collect::<Result<_, String>>()?;
            pages.extend(read);
        }
        Ok((!pages.is_empty()).then(|| Pages::of(&pages)))
    }

    fn picture(&self, scan: &Scan) -> Result<Page, String> {
        let failed = |error: &dyn std::fmt::Display| format!("{} on page {}: {error}", self.command, scan.page);
        let mut child = Command::new(self.command)
            .args(["stdin", "stdout", "-l", LANGUAGE, "--psm", "3", "tsv"])
            // One thread each: all cores are busy with pages.
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| failed(&error))?;
        let answer = talk(&mut child, &scan.bytes);
        if answer.is_none() {
            let _ = child.kill();
        }
        let status = child.wait().map_err(|error| failed(&error))?;
        let text = answer.ok_or_else(|| failed(&format!("longer than {} seconds", PATIENCE.as_secs())))?;
        if !status.success() {
            return Err(failed(&status));
        }
        Ok(Page::of_table(&text, scan))
    }
}

/// Gives a picture and takes the answer; `None` where it does not come in time.
fn talk(child: &mut Child, picture: &[u8]) -> Option<String> {
    let (mut to, mut from) = child.stdin.take().zip(child.stdout.take())?;
    let (answer, answered) = mpsc::channel();
    let picture = picture.to_vec();
    std::thread::spawn(move || to.write_all(&picture));
    std::thread::spawn(move || {
        let mut text = String::new();
        let _ = from.read_to_string(&mut text);
        let _ = answer.send(text);
    });
    answered.recv_timeout(PATIENCE).ok()
}

/// What one picture says: lines of the transcript, the sum of the words' confidence and their number.
#[derive(Debug, Default, PartialEq)]
struct Page {
    lines: String,
    sure: f32,
    words: usize,
    /// In points; of a picture alone as far as its text reaches.
    size: (f64, f64),
}

/// A word as tesseract's table gives it, in pixels.
struct Word<'a> {
    line: [&'a str; 3],
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    confidence: f32,
    text: &'a str,
}

impl<'a> Word<'a> {
    /// A row of level 5: level, page, block, paragraph, line, word, left, top, width, height, confidence, text.
    fn of(row: &'a str) -> Option<Word<'a>> {
        let cells: Vec<&str> = row.split('\t').collect();
        let [level, _, block, paragraph, line, _, left, top, width, height, confidence, text] = cells.as_slice() else { return None };
        let number = |cell: &str| cell.parse::<f64>().ok();
        let (left, top) = (number(left)?, number(top)?);
        (*level == "5" && !text.trim().is_empty()).then_some(())?;
        Some(Word {
            line: [block, paragraph, line],
            left,
            right: left + number(width)?,
            top,
            bottom: top + number(height)?,
            confidence: confidence.parse().ok()?,
            text: text.trim(),
        })
    }
}

impl Page {
    /// Words of tesseract's table in points of the straightened page, those of a line on one base line.
    fn of_table(table: &str, scan: &Scan) -> Page {
        let mut page = Page { size: scan.size, ..Page::default() };
        let point = |pixels: f64| pixels * scan.scale;
        for (way, lines) in [("across", &scan.across), ("along", &scan.along)] {
            for line in lines {
                page.line(&format!("{way}\t{:.1}\t{:.1}\t{:.1}", line.at, line.from, line.to));
            }
        }
        let words: Vec<Word<'_>> = table.lines().filter_map(Word::of).collect();
        for line in words.chunk_by(|one, other| one.line == other.line) {
            let straight = |word: &Word<'_>| scan.slope * (word.left + word.right) / 2.0;
            let base = line.iter().map(|word| word.bottom - straight(word)).fold(f64::MIN, f64::max);
            let size = line.iter().map(|word| word.bottom - word.top).fold(0.0, f64::max);
            for word in line {
                let (x0, x1) = (word.left + scan.slope * word.bottom, word.right + scan.slope * word.bottom);
                let (base, size) = (point(base) + scan.top, point(size));
                page.size = (page.size.0.max(point(x1)), page.size.1.max(base + size));
                page.line(&format!(
                    "word\t{:.1}\t{:.1}\t{base:.1}\t{size:.1}\t{:.0}\t{}",
                    point(x0),
                    point(x1),
                    word.confidence,
                    word.text
                ));
                page.sure += word.confidence;
                page.words += 1;
            }
        }
        page
    }

    fn line(&mut self, line: &str) {
        self.lines.push_str(line);
        self.lines.push('\n');
    }
}

impl Pages {
    fn of(read: &[(u32, Page)]) -> Pages {
        let mut pages = Pages { text: String::new(), confidence: Vec::new() };
        for same in read.chunk_by(|one, other| one.0 == other.0) {
            let fold = |pick: fn(&Page) -> f64| same.iter().map(|(_, page)| pick(page)).fold(1.0, f64::max);
            let (width, height) = (fold(|page| page.size.0), fold(|page| page.size.1));
            pages.text.push_str(&format!("page\t{}\t{width:.0}\t{height:.0}\n", same[0].0));
            same.iter().for_each(|(_, page)| pages.text.push_str(&page.lines));
            let (sure, words) = same.iter().fold((0.0, 0), |(sure, words), (_, page)| (sure + page.sure, words + page.words));
            pages.confidence.push((same[0].0, if words == 0 { 0.0 } else { sure / words as f32 }));
        }
        pages
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tendertrace::model::Ruled;

    const TABLE: &str = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n\
        1\t1\t0\t0\t0\t0\t0\t0\t600\t200\t-1\t\n\
        5\t1\t1\t1\t1\t1\t10\t10\t60\t20\t91.5\t采购\n5\t1\t1\t1\t1\t2\t72\t12\t20\t20\t88.5\t人\n\
        5\t1\t1\t1\t2\t1\t10\t40\t60\t20\t40\t示例\nnonsense\n";

    #[test]
    fn words_of_a_line_stand_on_one_base_line_in_points() {
        let ruled = Ruled { at: 5.0, from: 0.0, to: 100.0 };
        let scan = Scan { scale: 0.5, top: 100.0, across: vec![ruled], ..Scan::default() };
        let page = Page::of_table(TABLE, &scan);
        let expected = "across\t5.0\t0.0\t100.0\nword\t5.0\t35.0\t116.0\t10.0\t92\t采购\nword\t36.0\t46.0\t116.0\t10.0\t88\t人\n\
            word\t5.0\t35.0\t130.0\t10.0\t40\t示例\n";
        assert_eq!(page.lines, expected);
        assert_eq!((page.words, page.sure), (3, 220.0));
    }

    #[test]
    fn pages_keep_their_numbers_and_confidence() {
        let page = |line: &str, sure: f32| Page { lines: format!("{line}\n"), sure, words: 1, size: (10.0, 20.0) };
        let pages = Pages::of(&[(2, page("甲", 90.0)), (2, page("乙", 70.0)), (4, page("丙", 50.0))]);
        assert_eq!(pages.text, "page\t2\t10\t20\n甲\n乙\npage\t4\t10\t20\n丙\n");
        assert_eq!(pages.confidence, [(2, 80.0), (4, 50.0)]);
    }

    #[test]
    fn what_is_not_installed_is_not_used() {
        assert!(Reader::find("no-such-program-anywhere").is_none());
    }
}
