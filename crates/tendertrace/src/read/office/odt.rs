//! What do the paragraphs and tables of an OpenDocument text say? One pass over the events of
//! `content.xml`, without recursion, into the same tree as other word processors' files.

use super::events::{self, Step};
use super::tree::{Cell, Merge, Node, Paragraph, Row};
use crate::read::entities::unescape;
use quick_xml::events::BytesStart;

/// More containers in each other than any document has.
const DEEPEST: usize = 4_000;
/// Blanks, rows and cells that one element may stand for.
const MOST_REPEATED: u32 = 256;

/// Blocks of the content; what follows an error in the XML is lost, what came before it is not.
pub fn blocks(text: &str) -> Vec<Node> {
    let mut state = State::default();
    events::walk(text, |step| match step {
        Step::Open(element) => state.open(element),
        Step::Close(name) => state.close(name),
        Step::Text(text) => state.text(text),
    });
    state.finish()
}

/// Containers that are open, outermost first; the number says how often one stands.
enum Open {
    Paragraph(Paragraph),
    Table(Vec<Row>),
    Row(Row, u32),
    Cell(Cell, u32),
}

#[derive(Default)]
struct State {
    top: Vec<Node>,
    open: Vec<Open>,
    /// Depth of elements whose text is none of the document.
    skipped: usize,
}

const SKIPPED: &[&str] = &["tracked-changes", "annotation", "note-citation", "forms", "scripts", "automatic-styles"];

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
        let number = |key: &str| value(element, key).and_then(|v| v.parse::<u32>().ok()).unwrap_or(1);
        let repeated = |key: &str| number(key).clamp(1, MOST_REPEATED);
        match name {
            "p" => self.open.push(Open::Paragraph(Paragraph::default())),
            "h" => {
                let level = number("outline-level").clamp(1, 6) as u8;
                self.open.push(Open::Paragraph(Paragraph { level: Some(level), ..Paragraph::default() }));
            }
            "table" => self.open.push(Open::Table(Vec::new())),
            "table-row" => self.open.push(Open::Row(Row::default(), repeated("number-rows-repeated"))),
            "table-cell" | "covered-table-cell" => {
                let merge = if name == "table-cell" { Merge::No } else { Merge::Within };
                let (columns, rows) = (number("number-columns-spanned").clamp(1, 1024), number("number-rows-spanned").clamp(1, 1024));
                self.open.push(Open::Cell(Cell { columns, rows, merge, nodes: Vec::new() }, repeated("number-columns-repeated")));
            }
            "tab" => self.add("\t"),
            "line-break" => self.add("\n"),
            "s" => self.add(&" ".repeat(repeated("c") as usize)),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        let fits = |open: &Open| {
            matches!(
                (open, name),
                (Open::Paragraph(_), "p" | "h")
                    | (Open::Table(_), "table")
                    | (Open::Row(..), "table-row")
                    | (Open::Cell(..), "table-cell" | "covered-table-cell")
            )
        };
        if self.open.last().is_some_and(fits) {
            let open = self.open.pop().expect("just seen");
            self.put(open);
        }
    }

    /// Empty rows and cells that fill a page are written once.
    fn put(&mut self, open: Open) {
        match open {
            Open::Row(row, times) => {
                if let Some(Open::Table(rows)) = self.open.last_mut() {
                    let times = if row.cells.iter().all(|cell| cell.nodes.is_empty()) { 1 } else { times };
                    rows.extend(std::iter::repeat_n(row, times as usize));
                }
            }
            Open::Cell(cell, times) => {
                if let Some(Open::Row(row, _)) = self.open.last_mut() {
                    row.cells.extend(std::iter::repeat_n(cell, times as usize));
                }
            }
            Open::Paragraph(paragraph) => self.block(Node::Paragraph(paragraph)),
            Open::Table(rows) => self.block(Node::Table(rows)),
        }
    }

    fn block(&mut self, node: Node) {
        let cell = self.open.iter_mut().rev().find_map(|open| if let Open::Cell(cell, _) = open { Some(cell) } else { None });
        cell.map_or(&mut self.top, |cell| &mut cell.nodes).push(node);
    }

    /// White space of the file's own layout is one space, as the format has it.
    fn text(&mut self, text: &str) {
        if self.skipped > 0 {
            return;
        }
        let mut plain = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                ' ' | '\t' | '\n' | '\r' if plain.ends_with(' ') => {}
                ' ' | '\t' | '\n' | '\r' => plain.push(' '),
                c => plain.push(c),
            }
        }
        self.add(&plain);
    }

    fn add(&mut self, text: &str) {
        if let Some(Open::Paragraph(paragraph)) = self.open.last_mut() {
            paragraph.text.push_str(text);
        }
    }

    fn finish(mut self) -> Vec<Node> {
        while let Some(open) = self.open.pop() {
            self.put(open);
        }
        self.top
    }
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
        let cell =
            |c: &crate::model::Cell| format!("{},{}+{}x{} {}", c.row, c.column, c.row_span, c.column_span, &document.text[c.start..c.end]);
        let block = |b: &crate::model::Block| match &b.kind {
            BlockKind::Table(cells) => cells.iter().map(cell).collect::<Vec<_>>().join(" | "),
            other => format!("{other:?} = {}", &document.text[b.start..b.end]),
        };
        document.blocks.iter().skip(1).map(block).collect()
    }

    #[test]
    fn paragraphs_and_tables_come_out_as_written() {
        let xml = "<office:body><office:text><text:h text:outline-level='2'>第一章 A&amp;B</text:h>
            <text:p>名<text:tab/>称<text:s text:c='2'/><text:span>甲\n 乙</text:span></text:p>
            <text:tracked-changes><text:p>删</text:p></text:tracked-changes>
            <table:table><table:table-row><table:table-cell table:number-columns-spanned='2'><text:p>标的</text:p></table:table-cell><table:covered-table-cell/></table:table-row>
            <table:table-row><table:table-cell><text:p>服务器</text:p></table:table-cell><table:table-cell><text:p>4台</text:p></table:table-cell></table:table-row>
            <table:table-row table:number-rows-repeated='1000000'><table:table-cell table:number-columns-repeated='2'/></table:table-row></table:table></office:text></office:body>";
        let all = outline(xml);
        assert_eq!(all[..2], ["Heading(2) = 第一章 A&B", "Paragraph = 名\t称  甲 乙"]);
        assert!(all[2].starts_with("0,0+1x2 标的 | 1,0+1x1 服务器 | 1,1+1x1 4台"), "{}", all[2]);
        assert_eq!(all.len(), 3);
    }

    #[test]
    fn broken_and_endless_xml_ends() {
        for piece in
            ["<table:table><table:table-row><table:table-cell>", "<text:p>", "<text:s text:c='4000000000'/>", "<annotation>", "&a;"]
        {
            outline(&piece.repeat(5_000));
        }
    }
}
