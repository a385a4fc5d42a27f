//! How is the original shown beside what was read from it? The canonical text in its blocks and
//! tables, stretches that carry a field or a finding marked, contacts withheld.

use maud::{Markup, html};
use std::collections::BTreeSet;
use tendertrace::evidence::Span;
use tendertrace::model::{Block, BlockKind, Cell, Document};
use tendertrace::report::mask::{self, Withheld};
use tendertrace::rulebook::report::Masks;

/// A marked stretch; `number` ties it to what it shows.
#[derive(Debug, Clone)]
pub struct Mark {
    pub number: usize,
    pub at: Span,
    pub kind: MarkKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkKind {
    Field,
    Finding,
    /// Not understood: seen only when it is pointed at.
    Gap,
}

/// The text of one document with its marks.
struct Page<'a> {
    document: &'a Document,
    marks: Vec<&'a Mark>,
    withheld: Vec<Withheld<'a>>,
}

/// Bytes of a document that are shown; what is behind stands in the raw page.
const MOST: usize = 400_000;

/// The document as a person reads it.
pub fn show(document: &Document, marks: &[Mark], masks: &Masks) -> Markup {
    let mut own: Vec<&Mark> = marks.iter().filter(|mark| mark.at.doc == document.number && mark.at.end <= document.text.len()).collect();
    own.sort_by_key(|mark| (mark.at.start, mark.at.end));
    let page = Page { document, marks: own, withheld: mask::withheld(&document.text, masks) };
    let tops = top_blocks(&document.blocks);
    html! {
        div.document lang="zh" {
            @for block in tops.iter().filter(|b| b.start < MOST) { (page.block(block)) }
            @if document.text.len() > MOST { p.note lang="en" { "The text goes on; only its first part is shown here." } }
        }
    }
}

/// Blocks that lie in no other.
fn top_blocks(blocks: &[Block]) -> Vec<&Block> {
    let mut out: Vec<&Block> = Vec::new();
    for block in blocks {
        if out.last().is_none_or(|last| block.start >= last.end) {
            out.push(block);
        }
    }
    out
}

impl Page<'_> {
    fn block(&self, block: &Block) -> Markup {
        let (start, end) = (block.start, block.end);
        match &block.kind {
            BlockKind::Title => html! { p.title { (self.text(start, end)) } },
            BlockKind::Heading(_) => html! { p.heading { (self.text(start, end)) } },
            BlockKind::Paragraph => html! { p { (self.text(start, end)) } },
            BlockKind::ListItem => html! { p.item { (self.text(start, end)) } },
            BlockKind::Table(cells) => self.table(cells),
            BlockKind::Hidden => html! { p.hidden { span.note lang="en" { "hidden by the page: " } (self.text(start, end)) } },
            BlockKind::Aside => html! { p.around { (self.text(start, end)) } },
        }
    }

    fn table(&self, cells: &[Cell]) -> Markup {
        let rows: BTreeSet<u32> = cells.iter().map(|cell| cell.row).collect();
        html! {
            div.scroll tabindex="0" role="region" aria-label="Table of the notice" { table { tbody {
                @for row in rows { tr {
                    @for cell in cells.iter().filter(|cell| cell.row == row) {
                        td.head[cell.header] rowspan=[Some(cell.row_span).filter(|n| *n > 1)] colspan=[Some(cell.column_span).filter(|n| *n > 1)] { (self.text(cell.start, cell.end)) }
                    }
                } }
            } } }
        }
    }

    /// A stretch of the text, cut where marks and what is withheld begin and end.
    fn text(&self, start: usize, end: usize) -> Markup {
        let inside = |from: usize, to: usize| from < end && start < to;
        let withheld: Vec<&Withheld> = self.withheld.iter().filter(|w| inside(w.start, w.end)).collect();
        let marks: Vec<&&Mark> = self.marks.iter().filter(|m| inside(m.at.start, m.at.end)).collect();
        let mut cuts: BTreeSet<usize> = marks
            .iter()
            .flat_map(|m| [m.at.start, m.at.end])
            .chain(withheld.iter().flat_map(|w| [w.start, w.end]))
            .filter(|at| start < *at && *at < end)
            .collect();
        cuts.extend([start, end]);
        let cuts: Vec<usize> = cuts.into_iter().collect();
        html! {
            @for (from, to) in cuts.windows(2).map(|pair| (pair[0], pair[1])) {
                @let over: Vec<&&&Mark> = marks.iter().filter(|m| m.at.start <= from && to <= m.at.end).collect();
                @for mark in over.iter().filter(|m| m.at.start == from) { a.anchor id={ "m" (mark.number) "-" (from) } {} }
                @match withheld.iter().find(|w| w.start <= from && to <= w.end) {
                    Some(held) => { @if held.start == from || from == start { span.held lang="en" { (held.shown) } } }
                    None => { @if over.is_empty() { (self.document.text[from..to]) } @else { (marked(&over, &self.document.text[from..to])) } }
                }
            }
        }
    }
}

fn marked(over: &[&&&Mark], text: &str) -> Markup {
    let has = |kind| over.iter().any(|mark| mark.kind == kind);
    let class = if has(MarkKind::Finding) {
        "found"
    } else if has(MarkKind::Field) {
        "field"
    } else {
        "gap"
    };
    let numbers: Vec<String> = over.iter().map(|mark| mark.number.to_string()).collect();
    html! { mark class=(class) data-m=(numbers.join(" ")) { (text) } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tendertrace::rulebook::Rulebook;

    #[test]
    fn marks_overlap_and_contacts_are_withheld_under_them() {
        let text = "联系人：王小明 采购戴尔服务器".to_string();
        let block = Block { kind: BlockKind::Paragraph, start: 0, end: text.len() };
        let document = Document { text: text.clone(), blocks: vec![block], ..Document::default() };
        let at = |needle: &str| Span::new(0, text.find(needle).unwrap(), text.find(needle).unwrap() + needle.len());
        let mark = |number, needle| Mark { number, at: at(needle), kind: MarkKind::Field };
        let marks = [mark(1, "采购戴尔"), Mark { kind: MarkKind::Finding, ..mark(2, "戴尔服务器") }, mark(3, &text)];
        let shown = show(&document, &marks, &Rulebook::embedded().report.masks).into_string();
        assert!(!shown.contains("王小明") && shown.contains("withheld"), "{shown}");
        assert!(shown.contains(r#"<mark class="found" data-m="3 1 2">戴尔</mark>"#), "{shown}");
        assert!(shown.contains(r#"<mark class="field" data-m="3 1">采购</mark>"#), "{shown}");
    }
}
