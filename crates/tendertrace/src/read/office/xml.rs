//! What do the paragraphs and tables of WordprocessingML and of slides say? Both name them alike
//! (`p`, `t`, `tbl`, `tr`, `tc`); one pass over the events, without recursion.

use super::events::{self, Step};
use super::tree::{Cell, Merge, Node, Paragraph, Row};
use crate::read::entities::unescape;
use quick_xml::events::BytesStart;

/// Blocks of a document part; what follows an error in the XML is lost, what came before it is not.
pub fn blocks(text: &str) -> Vec<Node> {
    let mut state = State::default();
    events::walk(text, |step| match step {
        Step::Open(element) => state.open(element),
        Step::Close(name) => state.close(name),
        Step::Text(text) => state.text(text),
    });
    state.finish()
}

/// Containers that are open, outermost first.
enum Open {
    Paragraph(Paragraph),
    Table(Vec<Row>),
    Row(Row),
    Cell(Cell),
}

#[derive(Default)]
struct State {
    top: Vec<Node>,
    open: Vec<Open>,
    /// Depth of elements whose text is no text of the document (deleted, fallbacks, codes of fields).
    skipped: usize,
    in_text: bool,
    is_hidden: bool,
    in_run: bool,
}

/// More containers in each other than any document has.
const DEEPEST: usize = 4_000;

/// Elements whose content is not shown.
const SKIPPED: &[&str] = &["del", "moveFrom", "Fallback", "instrText", "delText", "pict_", "sdtPr", "txPr"];

impl State {
    fn open(&mut self, element: &BytesStart<'_>) {
        let name = element.local_name();
        let name = name.as_ref();
        if self.skipped > 0 || SKIPPED.contains(&name) {
            self.skipped += 1;
            return;
        }
        if self.open.len() >= DEEPEST {
            return;
        }
        match name {
            "p" => self.open.push(Open::Paragraph(Paragraph::default())),
            "tbl" => self.open.push(Open::Table(Vec::new())),
            "tr" => self.open.push(Open::Row(Row::default())),
            "tc" => self.open.push(Open::Cell(cell(element))),
            "r" => (self.in_run, self.is_hidden) = (true, false),
            "t" => self.in_text = true,
            "tab" if self.in_run => self.add("\t"),
            "br" | "cr" => self.add("\n"),
            "noBreakHyphen" => self.add("-"),
            "vanish" if self.in_run => self.is_hidden = value(element, "val").is_none_or(|v| !matches!(v.as_str(), "0" | "false")),
            _ => self.property(name, element),
        }
    }

    /// Properties of the innermost cell, row or paragraph.
    fn property(&mut self, name: &str, element: &BytesStart<'_>) {
        let number = || value(element, "val").and_then(|v| v.parse::<u32>().ok());
        match (name, self.open.last_mut()) {
            ("gridSpan", Some(Open::Cell(cell))) => cell.columns = number().unwrap_or(1).clamp(1, 1024),
            ("vMerge", Some(Open::Cell(cell))) => {
                cell.merge = if value(element, "val").as_deref() == Some("restart") { Merge::Begins } else { Merge::GoesOn };
            }
            ("gridBefore", Some(Open::Row(row))) => row.skipped = number().unwrap_or(0),
            ("outlineLvl", Some(Open::Paragraph(paragraph))) => paragraph.level = number().filter(|n| *n < 6).map(|n| n as u8 + 1),
            ("pStyle", Some(Open::Paragraph(paragraph))) => paragraph.level = paragraph.level.or_else(|| heading(&value(element, "val")?)),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        match name {
            "t" => self.in_text = false,
            "r" => (self.in_run, self.is_hidden) = (false, false),
            "p" | "tbl" | "tr" | "tc" => self.close_container(name),
            _ => {}
        }
    }

    fn close_container(&mut self, name: &str) {
        let fits = |open: &Open| {
            matches!((open, name), (Open::Paragraph(_), "p") | (Open::Table(_), "tbl") | (Open::Row(_), "tr") | (Open::Cell(_), "tc"))
        };
        if self.open.last().is_some_and(fits) {
            let open = self.open.pop().expect("just seen");
            self.put(open);
        }
    }

    /// Into the innermost container that takes it: text boxes stand within paragraphs.
    fn put(&mut self, open: Open) {
        match open {
            Open::Row(row) => {
                if let Some(Open::Table(rows)) = self.open.last_mut() {
                    rows.push(row);
                }
            }
            Open::Cell(cell) => {
                if let Some(Open::Row(row)) = self.open.last_mut() {
                    row.cells.push(cell);
                }
            }
            Open::Paragraph(paragraph) => self.block(Node::Paragraph(paragraph)),
            Open::Table(rows) => self.block(Node::Table(rows)),
        }
    }

    fn block(&mut self, node: Node) {
        let cell = self.open.iter_mut().rev().find_map(|open| if let Open::Cell(cell) = open { Some(cell) } else { None });
        cell.map_or(&mut self.top, |cell| &mut cell.nodes).push(node);
    }

    fn text(&mut self, text: &str) {
        if self.in_text && self.skipped == 0 {
            self.add(text);
        }
    }

    fn add(&mut self, text: &str) {
        let is_hidden = self.is_hidden;
        if let Some(Open::Paragraph(paragraph)) = self.open.last_mut() {
            if is_hidden { &mut paragraph.hidden } else { &mut paragraph.text }.push_str(text);
        }
    }

    fn finish(mut self) -> Vec<Node> {
        while let Some(open) = self.open.pop() {
            self.put(open);
        }
        self.top
    }
}

/// Slides write the merging of cells into the cell itself.
fn cell(element: &BytesStart<'_>) -> Cell {
    let number = |key: &str| value(element, key).and_then(|v| v.parse::<u32>().ok()).unwrap_or(1).clamp(1, 1024);
    let is = |key: &str| value(element, key).is_some_and(|v| v == "1" || v == "true");
    let merge = if is("hMerge") || is("vMerge") { Merge::Within } else { Merge::No };
    Cell { columns: number("gridSpan"), rows: number("rowSpan"), merge, nodes: Vec::new() }
}

fn heading(style: &str) -> Option<u8> {
    let style = style.to_ascii_lowercase();
    style.strip_prefix("heading")?.trim().parse().ok().filter(|level| (1..=6).contains(level))
}

fn value(element: &BytesStart<'_>, wanted: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|a| a.key.local_name().as_ref() == wanted)?;
    Some(unescape(&found.value).into_owned())
}

#[cfg(test)]
mod tests {
    use super::super::tree::write;
    use super::*;
    use crate::model::BlockKind;
    use crate::read::writer::Writer;

    fn outline(xml: &str) -> Vec<String> {
        let mut writer = Writer::titled("");
        write(&blocks(xml), &mut writer);
        let document = writer.finish();
        let cells = |kind: &BlockKind| match kind {
            BlockKind::Table(cells) => cells
                .iter()
                .map(|c| format!("{},{}+{}x{} {}", c.row, c.column, c.row_span, c.column_span, &document.text[c.start..c.end]))
                .collect::<Vec<_>>()
                .join(" | "),
            other => format!("{other:?}"),
        };
        document.blocks.iter().skip(1).map(|b| format!("{} = {}", cells(&b.kind), &document.text[b.start..b.end])).collect()
    }

    #[test]
    fn paragraphs_with_what_is_shown_of_them() {
        let xml = "<w:document><w:p><w:pPr><w:outlineLvl w:val='0'/></w:pPr><w:r><w:t>第一章 A&amp;B</w:t></w:r></w:p>\
            <w:p><w:r><w:t>名</w:t><w:tab/><w:t>称</w:t></w:r><w:del><w:r><w:delText>删</w:delText></w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr><w:t>藏</w:t></w:r></w:p>\
            <mc:AlternateContent><mc:Choice><w:p><w:r><w:t>框</w:t></w:r></w:p></mc:Choice><mc:Fallback><w:p><w:r><w:t>框</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent></w:document>";
        assert_eq!(outline(xml), ["Heading(1) = 第一章 A&B", "Paragraph = 名\t称", "Hidden = 藏", "Paragraph = 框"]);
    }

    #[test]
    fn merged_cells_reach_over_rows_and_columns() {
        let cell =
            |properties: &str, text: &str| format!("<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>");
        let xml = format!(
            "<w:tbl><w:tr>{}{}</w:tr><w:tr>{}{}{}</w:tr><w:tr>{}{}{}</w:tr></w:tbl>",
            cell("<w:vMerge w:val='restart'/>", "甲"),
            cell("<w:gridSpan w:val='2'/>", "乙"),
            cell("<w:vMerge/>", ""),
            cell("", "丙"),
            cell("", "丁"),
            cell("<w:vMerge w:val='continue'/>", ""),
            cell("", "戊"),
            cell("", "己"),
        );
        assert_eq!(outline(&xml), ["0,0+3x1 甲 | 0,1+1x2 乙 | 1,1+1x1 丙 | 1,2+1x1 丁 | 2,1+1x1 戊 | 2,2+1x1 己 = 甲\t乙\n丙\t丁\n戊\t己"]);
    }

    #[test]
    fn broken_and_endless_xml_ends() {
        assert_eq!(outline("<w:p><w:r><w:t>甲<w:tbl><w:tr><w:tc><w:p><w:t>乙").len(), 2);
        for piece in ["<w:tbl><w:tr><w:tc>", "<w:p>", "<w:tc>", "<del>", "&a;", "<!--"] {
            outline(&piece.repeat(20_000));
        }
    }
}
