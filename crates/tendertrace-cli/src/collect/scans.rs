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
/// A word that is less sure (of 100) is no word of the page: ruled lines and stamps.
const UNSURE: f32 = 30.0;
const UNREAD: &str = "□";
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

/// What was read of a file: pages apart by form feeds, numbered as in the file.
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
        Ok(Page::of_table(&text))
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

/// What one picture says, with the sum of the words' confidence and their number.
#[derive(Debug, Default, PartialEq)]
struct Page {
    text: String,
    sure: f32,
    words: usize,
}

/// A word as tesseract's table gives it.
struct Word<'a> {
    line: [&'a str; 3],
    left: i32,
    right: i32,
    height: i32,
    confidence: f32,
    text: &'a str,
}

impl<'a> Word<'a> {
    /// A row of level 5: level, page, block, paragraph, line, word, left, top, width, height, confidence, text.
    fn of(row: &'a str) -> Option<Word<'a>> {
        let cells: Vec<&str> = row.split('\t').collect();
        let [level, _, block, paragraph, line, _, left, _, width, height, confidence, text] = cells.as_slice() else { return None };
        let number = |cell: &str| cell.parse::<i32>().ok();
        let left = number(left)?;
        (*level == "5" && !text.trim().is_empty()).then_some(())?;
        Some(Word {
            line: [block, paragraph, line],
            left,
            right: left + number(width)?,
            height: number(height)?,
            confidence: confidence.parse().ok()?,
            text: text.trim(),
        })
    }
}

impl Page {
    /// Lines of tesseract's table, unsure words as a box. It parts Chinese words by spaces that the page does not have; a gap wider
    /// than two characters is a column's.
    fn of_table(table: &str) -> Page {
        let mut page = Page::default();
        let mut before: Option<Word<'_>> = None;
        for word in table.lines().filter_map(Word::of) {
            let separator = match &before {
                None => "",
                Some(last) if last.line[..2] != word.line[..2] => "\n\n",
                Some(last) if last.line != word.line => "\n",
                Some(last) if word.left - last.right > 2 * word.height.max(last.height) => "\t",
                Some(last) if is_apart(last, &word) => " ",
                Some(_) => "",
            };
            page.text.push_str(separator);
            page.text.push_str(if word.confidence < UNSURE { UNREAD } else { word.text });
            page.sure += word.confidence;
            page.words += 1;
            before = Some(word);
        }
        page
    }
}

/// Whether a space stands between two words of a line: between those of letters and figures, and where more
/// than half a character is empty.
fn is_apart(left: &Word<'_>, right: &Word<'_>) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_graphic());
    let are_latin = edge(left.text.chars().last()) && edge(right.text.chars().next());
    are_latin || right.left - left.right > left.height.max(right.height) / 2
}

impl Pages {
    fn of(read: &[(u32, Page)]) -> Pages {
        let mut pages = Pages { text: String::new(), confidence: Vec::new() };
        let mut at = 1;
        for same in read.chunk_by(|one, other| one.0 == other.0) {
            let number = same[0].0;
            pages.text.extend(std::iter::repeat_n('\u{c}', (number - at) as usize));
            at = number;
            let texts: Vec<&str> = same.iter().map(|(_, page)| page.text.as_str()).collect();
            pages.text.push_str(&texts.join("\n\n"));
            let (sure, words) = same.iter().fold((0.0, 0), |(sure, words), (_, page)| (sure + page.sure, words + page.words));
            pages.confidence.push((number, if words == 0 { 0.0 } else { sure / words as f32 }));
        }
        pages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n\
        1\t1\t0\t0\t0\t0\t0\t0\t600\t200\t-1\t\n\
        5\t1\t1\t1\t1\t1\t10\t10\t60\t20\t91.5\t采购\n5\t1\t1\t1\t1\t2\t72\t10\t20\t20\t88.5\t人\n\
        5\t1\t1\t1\t1\t3\t200\t10\t80\t20\t90\tDell\n5\t1\t1\t1\t1\t4\t290\t10\t80\t20\t90\tR740\n\
        5\t1\t1\t1\t2\t1\t10\t40\t60\t20\t20\t示例\n5\t1\t2\t1\t1\t1\t10\t90\t60\t20\t80\t二\nnonsense\n";

    #[test]
    fn words_become_lines_without_spaces_that_chinese_has_not() {
        let page = Page::of_table(TABLE);
        assert_eq!(page.text, "采购人\tDell R740\n□\n\n二");
        assert_eq!((page.words, page.sure), (6, 460.0));
    }

    #[test]
    fn pages_keep_their_numbers_and_confidence() {
        let page = |text: &str, sure: f32| Page { text: text.to_string(), sure, words: 1 };
        let pages = Pages::of(&[(2, page("甲", 90.0)), (2, page("乙", 70.0)), (4, page("丙", 50.0))]);
        assert_eq!(pages.text, "\u{c}甲\n\n乙\u{c}\u{c}丙");
        assert_eq!(pages.confidence, [(2, 80.0), (4, 50.0)]);
    }

    #[test]
    fn what_is_not_installed_is_not_used() {
        assert!(Reader::find("no-such-program-anywhere").is_none());
    }
}
