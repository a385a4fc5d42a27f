//! Which fields does the notice state? A document in, a notice out, by the rulebook's labels;
//! knows nothing of brands, lists or who a name is.
//!
//! ```text
//! Document ─▶ Layout (sections, label–value pairs) ─▶ fields, stage, dates
//!                    └─▶ grids ─▶ outcome (lots, awards, bids, total) and items
//! ```

pub mod budgets;
pub mod chains;
pub mod changes;
pub mod dates;
pub mod fields;
pub mod mapped;
pub mod ocds;
pub mod orgs;
pub mod pairs;
pub mod sections;
pub mod stage;
pub mod text;
pub mod unknown;

pub mod claims;
pub mod grids;
pub mod items;
pub mod listed;
mod lists;
pub mod names;
pub mod outcome;
pub mod settle;
pub mod values;
pub mod why;

use crate::evidence::Gap;
use crate::model::{BlockKind, CaptureHead, Document, Notice};
use crate::rulebook::Rulebook;
use crate::script::Folded;
use crate::sheet::Sheet;
use pairs::Pair;
use sections::{Borders, Section, Segment};

/// A document as the rules see it: folded copies, the atomic stretches between borders, the
/// headed sections and the label–value pairs, all in document order and with spans into its text.
pub struct Layout<'a> {
    pub document: &'a Document,
    /// Folded with its white space: for phrases and values.
    pub folded: &'a Folded,
    /// Folded without white space: for labels.
    pub squeezed: &'a Folded,
    /// Stretches between borders (table cells, lines, tabs); hidden and aside blocks are left out.
    pub segments: Vec<Segment>,
    pub sections: Vec<Section>,
    pub pairs: Vec<Pair>,
    /// Starts of stretches that a package heading opens, with its number; None closes.
    pub lots: Vec<(usize, Option<String>)>,
    pub borders: Borders,
    /// Labels that no rule knows, and masked values.
    pub gaps: Vec<Gap>,
}

impl<'a> Layout<'a> {
    /// Lays out one document by the rulebook's labels.
    pub fn of(sheet: &'a Sheet<'_>, rules: &Rulebook) -> Layout<'a> {
        let Sheet { document, folded, squeezed } = sheet;
        let borders = Borders::of(document);
        let found = pairs::find(document, squeezed, &borders, rules);
        Layout {
            document,
            folded,
            segments: sections::segments(document, &borders),
            sections: found.sections,
            pairs: found.pairs,
            lots: found.lots,
            gaps: found.gaps,
            squeezed,
            borders,
        }
    }

    /// The package that a place is about, by the headings before it.
    pub fn lot_at(&self, at: usize) -> Option<&str> {
        pairs::lot_at(&self.lots, at)
    }

    /// The title: the document's own, else a label's value, else the first segment, unless that is a
    /// label or the head of a column.
    pub fn title(&self) -> (usize, usize) {
        let first = self.document.blocks.first().filter(|block| block.kind == BlockKind::Title && block.start < block.end);
        let labelled = || self.of_field("title").map(|pair| (pair.value.start, pair.value.end)).find(|(start, end)| start < end);
        let is_label = |segment: &Segment| self.pairs.iter().any(|pair| pair.label.start == segment.start);
        let segment = || self.segments.first().filter(|segment| segment.end - segment.start < LONGEST_TITLE && !is_label(segment));
        first
            .map(|block| (block.start, block.end))
            .or_else(labelled)
            .or_else(|| segment().map(|segment| (segment.start, segment.end)))
            .unwrap_or((0, 0))
    }

    /// The title, or the heading below it where only that names a body: some sites write their own name
    /// above.
    pub fn headline(&self, rules: &Rulebook) -> (usize, usize) {
        const SEGMENTS: usize = 3;
        let title = self.title();
        let text = |(start, end): (usize, usize)| rules.folder.squeeze(&self.document.text[start..end]).text;
        let names = |at: (usize, usize)| {
            let text = text(at);
            chains::leading_org(&text, 0, rules).is_some_and(|end| !orgs::is_agency(&text[..end], rules))
        };
        let announces = |at: (usize, usize)| rules.sentences.title_ending.as_ref().is_some_and(|regex| regex.is_match(&text(at)));
        if names(title) {
            return title;
        }
        let below = self.segments.iter().take(SEGMENTS).map(|segment| (segment.start, segment.end));
        below.filter(|at| at.1 - at.0 < LONGEST_TITLE).find(|at| announces(*at) && names(*at)).unwrap_or(title)
    }

    /// Whether the notice corrects another one: it states old values before new ones.
    pub fn is_correction(&self) -> bool {
        self.of_field("correction_kind").next().is_some() || self.of_field("corrected_on").next().is_some()
    }

    /// The pairs of one field, in document order.
    pub fn of_field<'b>(&'b self, field: &'b str) -> impl Iterator<Item = &'b Pair> + 'b {
        self.pairs.iter().filter(move |pair| &*pair.field == field)
    }
}

/// Bytes of the longest first line that still is a title.
const LONGEST_TITLE: usize = 400;

/// Extracts every field of the contract that can be shown; what cannot be is a gap.
pub fn extract(capture: &CaptureHead, sheets: &[Sheet<'_>], rules: &Rulebook) -> (Notice, Vec<Gap>) {
    let layouts: Vec<Layout<'_>> = sheets.iter().map(|sheet| Layout::of(sheet, rules)).collect();
    let mut gaps: Vec<Gap> = layouts.iter().flat_map(|layout| layout.gaps.iter().cloned()).collect();
    let Some(main) = layouts.first() else { return (Notice::default(), gaps) };
    let mut notice = own_fields(main, rules, &mut gaps);
    let given = stage::fields_given(&layouts, rules);
    notice.stage = Some(stage::stage(main, &given, rules));
    gaps.extend(settle::settle(&mut notice, &layouts, rules));
    notice.event_date = dates::event_date(notice.stage.as_ref().map(|stage| *stage.value()), &notice.dates, capture, rules);
    (notice, gaps)
}

/// The fields that the notice states of itself, behind labels and in sentences.
fn own_fields(layout: &Layout<'_>, rules: &Rulebook, gaps: &mut Vec<Gap>) -> Notice {
    let fields::Parties { buyer, end_user, agency } = fields::parties(layout, rules);
    Notice {
        project_numbers: fields::project_numbers(layout, rules),
        project_name: fields::project_name(layout, rules),
        buyer,
        end_user,
        agency,
        budget: fields::budget(layout, rules, gaps),
        dates: dates::dates(layout, rules),
        ..Notice::default()
    }
}
