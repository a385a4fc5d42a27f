//! What does each room cost? `cargo bench`: CPU time per MB for decode, read, fold, extract,
//! resolve + classify, screen, on HTML and on plain text apart, and the two ratios the design promises: HTML
//! against the parser's own document parse, plain text against one folding plus one automaton pass.
//!
//! Inputs are the real notices beside the checkout where they are, else the shipped sample.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tendertrace::model::{Budget, Capture, CaptureHead, Document};
use tendertrace::rulebook::Rulebook;
use tendertrace::sheet::Sheet;
use tendertrace::{classify, extract, read, resolve, screen};

fn main() {
    // `cargo test --benches` only proves that it builds and starts.
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    let rules = Rulebook::embedded();
    let captures = captures();
    for (name, wanted) in [("HTML", true), ("plain text", false)] {
        let chosen: Vec<&Capture> = captures.iter().filter(|c| is_html(c) == wanted).collect();
        measure(name, &chosen, &rules);
    }
}

/// Wall time of a single-threaded pass is its CPU time on an idle machine; the best of some passes.
fn best(mut pass: impl FnMut()) -> Duration {
    (0..5)
        .map(|_| {
            let start = Instant::now();
            pass();
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn measure(name: &str, captures: &[&Capture], rules: &Rulebook) {
    let bytes: usize = captures.iter().map(|c| c.bytes.len()).sum();
    let megabytes = bytes as f64 / 1e6;
    if captures.is_empty() {
        return;
    }
    println!("\n{name}: {} captures, {megabytes:.1} MB", captures.len());
    let line = |room: &str, time: Duration| println!("  {room:<34}{:>9.2} ms/MB", time.as_secs_f64() * 1e3 / megabytes);
    let decoded: Vec<String> = captures.iter().map(|c| read::decode(&c.bytes, c.charset.as_deref()).0).collect();
    let decode = best(|| captures.iter().for_each(|c| drop(black_box(read::decode(&c.bytes, c.charset.as_deref())))));
    let budget = Budget::default();
    let whole_read = best(|| captures.iter().for_each(|c| drop(black_box(read::read(c, rules, &budget)))));
    let parts: Vec<(CaptureHead, Vec<Document>)> =
        captures.iter().flat_map(|c| read::read(c, rules, &budget).into_iter().map(|p| (c.head(&p), p.documents))).collect();
    let folding = best(|| parts.iter().for_each(|(_, documents)| drop(black_box(Sheet::all(documents, &rules.folder)))));
    let sheets: Vec<(&CaptureHead, Vec<Sheet>)> =
        parts.iter().map(|(head, documents)| (head, Sheet::all(documents, &rules.folder))).collect();
    let extracting = best(|| sheets.iter().for_each(|(head, sheets)| drop(black_box(extract::extract(head, sheets, rules)))));
    let notices: Vec<_> = sheets.iter().map(|(head, sheets)| extract::extract(head, sheets, rules).0).collect();
    let classifying = best(|| {
        for ((head, sheets), notice) in sheets.iter().zip(&notices) {
            let mut notice = resolve::resolve(notice.clone(), sheets, rules);
            black_box(classify::classify(head, &mut notice, sheets, rules));
        }
    });
    let screening = best(|| notices.iter().for_each(|n| drop(black_box(screen::leads(n, rules)))));
    line("decode", decode);
    line("read (without decoding)", whole_read.saturating_sub(decode));
    line("fold, once for all rooms", folding);
    line("extract", extracting);
    line("resolve + classify", classifying);
    line("screen", screening);
    let ours = whole_read.saturating_sub(decode) + folding + extracting + classifying + screening;
    line("all but decoding", ours);
    if name == "HTML" {
        let parse = best(|| decoded.iter().for_each(|text| drop(black_box(scraper::Html::parse_document(text)))));
        line("reference: the parser's own parse", parse);
        println!("  ratio {:.2} (at most 2.0 promised)", ours.as_secs_f64() / parse.as_secs_f64());
    } else {
        let reference = best(|| {
            decoded.iter().for_each(|text| {
                black_box(fold_and_scan(text, rules));
            })
        });
        line("reference: one folding, one pass", reference);
        println!("  ratio {:.2} (at most 4 promised)", ours.as_secs_f64() / reference.as_secs_f64());
    }
}

/// What any keyword search would cost at least.
fn fold_and_scan(text: &str, rules: &Rulebook) -> usize {
    let folded = rules.folder.fold(text);
    rules.brands.hits(&folded.text).count()
}

fn is_html(capture: &Capture) -> bool {
    capture.media_type.as_deref() == Some("text/html")
}

fn captures() -> Vec<Capture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let named = std::env::var_os("TENDERTRACE_SHARED").map(PathBuf::from);
    let shared = named.unwrap_or_else(|| root.join("../shared")).join("corpus/notices-zh.jsonl");
    match std::fs::read_to_string(&shared) {
        Ok(text) => text.lines().map(capture_line).collect(),
        Err(_) => {
            println!("the real notices are not here; measuring the small shipped sample");
            walk(&root.join("truth/sample"))
        }
    }
}

fn capture_line(line: &str) -> Capture {
    let row: serde_json::Value = serde_json::from_str(line).expect("a capture line");
    let text = |key: &str| row[key].as_str().map(str::to_string);
    Capture {
        url: text("url"),
        title: text("title"),
        published: text("published"),
        media_type: text("media_type"),
        ..Capture::of_bytes(text("content").unwrap_or_default().into_bytes())
    }
}

fn walk(dir: &Path) -> Vec<Capture> {
    let files = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path());
    let kind = |path: &Path| if path.extension().is_some_and(|e| e == "html") { "text/html" } else { "text/plain" };
    files
        .filter_map(|path| Some(Capture { media_type: Some(kind(&path).into()), ..Capture::of_bytes(std::fs::read(&path).ok()?) }))
        .collect()
}
