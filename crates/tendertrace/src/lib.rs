//! tendertrace, the library: public notices in, evidenced findings out.
//!
//! ```text
//! read ─▶ extract ─▶ resolve ─▶ classify ─▶ screen ─▶ assemble ─▶ report
//! ```
//! Pure: bytes and text in, values out. No disk, network, clock, threads or async. The `mod` lines
//! stand in reading order, and no room imports a later one. What crosses each wall is a plain
//! struct of [`model`]; [`wire`] turns it into the published JSON.

pub mod assemble;
pub mod classify;
pub mod evidence;
pub mod extract;
pub mod model;
pub mod ocds;
pub mod read;
pub mod report;
pub mod resolve;
pub mod rulebook;
pub mod screen;
pub mod script;
pub mod sheet;
pub mod wire;

use model::{Budget, Capture, Examination};
use rulebook::Rulebook;
use sheet::Sheet;

/// Version of the program, as written into every examination.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Examines one capture: reads it, extracts its notices, finds brands and purposes, screens parties.
///
/// Cannot fail: what it could not read is a gap of the examination. One capture holds several
/// notices only where its format has records (JSON arrays, JSON lines, tables); a page is one, and a
/// file that belongs to a page is none of its own.
/// The same bytes and the same rulebook give the same examinations.
pub fn examine(capture: &Capture, rules: &Rulebook, budget: &Budget) -> Vec<Examination> {
    if capture.attached_to.is_some() {
        return Vec::new();
    }
    read::read(capture, rules, budget).into_iter().map(|part| examine_part(capture, part, rules)).collect()
}

/// What fires on a labelled passage: with a title it is read as a whole notice, without one as a
/// paragraph of a notice of that stage.
pub fn explain_passage(text: &str, title: &str, stage: model::Stage, rules: &Rulebook) -> Vec<classify::explain::Fired> {
    if title.is_empty() {
        return classify::explain::explain_at(text, stage, rules);
    }
    let (title, media_type) = (Some(title.to_string()), Some("text/plain".to_string()));
    let capture = Capture { title, media_type, ..Capture::of_bytes(text.as_bytes().to_vec()) };
    let examined = examine(&capture, rules, &Budget::default());
    examined.iter().flat_map(|one| classify::explain::explain_examined(one, stage, rules)).collect()
}

fn examine_part(capture: &Capture, part: model::Part, rules: &Rulebook) -> Examination {
    let mut gaps: Vec<_> = part.documents.iter().flat_map(|d| d.gaps.iter().cloned()).collect();
    let head = capture.head(&part);
    if !part.readable() {
        return Examination { capture: head, documents: part.documents, notice: None, findings: Vec::new(), leads: Vec::new(), gaps };
    }
    let sheets = Sheet::all(&part.documents, &rules.folder);
    let (mut notice, missed) = match (&part.values, &part.mapped, part.documents.first()) {
        (Some(values), _, Some(document)) => {
            let (notice, missed) = extract::ocds::extract(&head, document, values, rules);
            (resolve::kinds(notice, rules), missed)
        }
        (_, Some(mapped), _) => {
            let (notice, missed) = extract::mapped::extract(&head, &sheets, mapped, rules);
            (resolve::resolve(notice, &sheets, rules), missed)
        }
        _ => {
            let (notice, missed) = extract::extract(&head, &sheets, rules);
            (resolve::resolve(notice, &sheets, rules), missed)
        }
    };
    gaps.extend(missed);
    let (findings, missed) = classify::classify(&head, &mut notice, &sheets, rules);
    gaps.extend(missed);
    drop(sheets);
    let leads = screen::leads(&notice, rules);
    Examination { capture: head, documents: part.documents, notice: Some(notice), findings, leads, gaps }
}
