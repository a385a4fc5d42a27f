//! In which order and in which blocks does the page's text stand? A walk over the tree without
//! recursion that tells flowing text, tables of values, tables used for layout, what is hidden and
//! what lies around the notice.

use super::measure::{Measure, Measures, text_of};
use super::tree::{Data, Id, NONE, ROOT, Tree};
use crate::model::{BlockKind, Document};
use crate::read::entities::unescape;
use crate::read::writer::Writer;
use crate::rulebook::read::ReadRules;

/// What leaving an element must undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A block of flowing text; gives the kind of line back that was before.
    Block,
    Aside,
    Hidden,
    Pre,
    Table,
    Row,
    /// A row of a layout table: its cells flow.
    FlowRow,
    RowGroup,
    Cell,
}

/// Writes the page's text below a title.
pub fn write(tree: &Tree, measures: &Measures, rules: &ReadRules, title: &str) -> Document {
    let mut walk = Walk {
        tree,
        measures,
        rules,
        writer: Writer::titled(title),
        open: Vec::new(),
        kinds: vec![BlockKind::Paragraph],
        asides: 0,
        hidden: 0,
        pre: 0,
        links: Vec::new(),
    };
    walk.run();
    Document { links: walk.links, ..walk.writer.finish() }
}

struct Walk<'a> {
    tree: &'a Tree,
    measures: &'a Measures,
    rules: &'a ReadRules,
    writer: Writer,
    open: Vec<(Id, Role)>,
    kinds: Vec<BlockKind>,
    asides: u32,
    hidden: u32,
    pre: u32,
    links: Vec<(String, String)>,
}

impl Walk<'_> {
    fn run(&mut self) {
        let mut at = self.tree.node(ROOT).first;
        while at != NONE {
            let descends = self.enter(at);
            let child = self.tree.node(at).first;
            if descends && child != NONE {
                at = child;
                continue;
            }
            at = self.climb(at);
        }
    }

    /// Leaves elements until one has a next sibling.
    fn climb(&mut self, mut at: Id) -> Id {
        loop {
            self.leave(at);
            let node = self.tree.node(at);
            if node.next != NONE {
                return node.next;
            }
            if node.parent == NONE || node.parent == ROOT {
                return NONE;
            }
            at = node.parent;
        }
    }

    fn enter(&mut self, id: Id) -> bool {
        match &self.tree.node(id).data {
            Data::Text(text) => {
                // The parser has resolved entities; what still is one was escaped twice by the site.
                let text = unescape(text);
                match self.pre {
                    0 => self.writer.flow(&text),
                    _ => self.writer.verbatim(&text),
                }
                false
            }
            Data::Element(..) => self.enter_element(id),
            _ => false,
        }
    }

    fn enter_element(&mut self, id: Id) -> bool {
        let measure = *self.measures.get(id);
        if measure.skipped {
            self.note_embedded(id);
            return false;
        }
        if measure.hidden {
            self.hidden += 1;
            self.writer.hide();
            self.push(id, Role::Hidden);
            return true;
        }
        let name = self.tree.name(id);
        match name {
            "br" | "hr" => self.writer.line_break(),
            "input" | "textarea" => self.note_control(id),
            "a" => self.note_link(id),
            _ if self.hidden > 0 || self.asides > 0 => self.enter_flat(id, name),
            _ => self.enter_visible(id, name, &measure),
        }
        true
    }

    /// Within hidden text and asides only lines matter.
    fn enter_flat(&mut self, id: Id, name: &str) {
        match name {
            "td" | "th" => self.writer.space(),
            _ if is_block(name) => {
                self.writer.line_break();
                self.push(id, Role::Block);
                let kind = self.kinds.last().cloned().unwrap_or(BlockKind::Paragraph);
                self.kinds.push(kind);
            }
            _ => {}
        }
    }

    fn enter_visible(&mut self, id: Id, name: &str, measure: &Measure) {
        match name {
            "tr" => self.enter_row(id),
            "td" | "th" => self.enter_cell(id, name, measure),
            "tbody" | "thead" | "tfoot" => self.push(id, Role::RowGroup),
            _ if is_block(name) && self.is_aside(id, name, measure) => self.enter_aside(id),
            "table" => {
                self.writer.open_table();
                self.push(id, Role::Table);
            }
            "pre" => {
                self.pre += 1;
                self.writer.line_break();
                self.push(id, Role::Pre);
            }
            _ if is_block(name) => self.enter_block(id, kind_of(name)),
            _ => {}
        }
    }

    fn enter_block(&mut self, id: Id, kind: Option<BlockKind>) {
        self.writer.line_break();
        let kind = kind.or_else(|| self.kinds.last().cloned()).unwrap_or(BlockKind::Paragraph);
        self.writer.set_kind(kind.clone());
        self.kinds.push(kind);
        self.push(id, Role::Block);
    }

    fn enter_aside(&mut self, id: Id) {
        self.asides += 1;
        self.enter_block(id, Some(BlockKind::Aside));
        self.open.pop();
        self.push(id, Role::Aside);
    }

    fn enter_row(&mut self, id: Id) {
        if self.is_layout_row(id) {
            self.writer.pause_table();
            self.push(id, Role::FlowRow);
        } else {
            self.writer.open_row();
            self.push(id, Role::Row);
        }
    }

    fn enter_cell(&mut self, id: Id, name: &str, measure: &Measure) {
        let flows = self.open.last().is_some_and(|(_, role)| *role == Role::FlowRow);
        if flows {
            return if self.is_aside(id, name, measure) { self.enter_aside(id) } else { self.enter_block(id, Some(BlockKind::Paragraph)) };
        }
        let span = |wanted| self.tree.attribute(id, wanted).and_then(|v| v.trim().parse::<u32>().ok()).unwrap_or(1);
        // A row span of zero reaches to the end of the row group.
        let rows = match span("rowspan") {
            0 => u32::MAX / 2,
            rows => rows.min(65_534),
        };
        self.writer.open_cell(rows, span("colspan").clamp(1, 1000), name == "th");
        self.push(id, Role::Cell);
    }

    fn push(&mut self, id: Id, role: Role) {
        self.open.push((id, role));
    }

    fn leave(&mut self, id: Id) {
        let Some((open, role)) = self.open.last().copied() else { return };
        if open != id {
            return;
        }
        self.open.pop();
        match role {
            Role::Block => self.leave_block(),
            Role::Aside => {
                self.asides -= 1;
                self.leave_block();
            }
            Role::Hidden => {
                self.hidden -= 1;
                self.writer.show();
            }
            Role::Pre => {
                self.pre -= 1;
                self.writer.line_break();
            }
            Role::Table => self.writer.close_table(),
            Role::Row => self.writer.close_row(),
            Role::RowGroup => self.writer.close_row_group(),
            Role::Cell => self.writer.close_cell(),
            Role::FlowRow => {}
        }
    }

    fn leave_block(&mut self) {
        self.writer.line_break();
        self.kinds.pop();
        let kind = self.kinds.last().cloned().unwrap_or(BlockKind::Paragraph);
        self.writer.set_kind(kind);
    }

    /// Whether a block lies around the notice: navigation by its element or class, lists and paths of links.
    fn is_aside(&self, id: Id, name: &str, measure: &Measure) -> bool {
        if measure.letters == 0 || self.open.iter().any(|(_, role)| *role == Role::Cell) {
            return false;
        }
        let is_main = measure.main_headings > 0 || measure.letters * 2 > self.measures.page().letters;
        if !is_main && matches!(name, "nav" | "aside" | "footer" | "header" | "menu") {
            return true;
        }
        if !is_main && measure.tables == 0 && self.has_aside_class(id) {
            return true;
        }
        self.is_mostly_links(name, measure)
    }

    fn has_aside_class(&self, id: Id) -> bool {
        ["class", "id"].iter().filter_map(|a| self.tree.attribute(id, a)).any(|names| self.rules.is_aside_class(names))
    }

    fn is_mostly_links(&self, name: &str, measure: &Measure) -> bool {
        let limits = &self.rules.limits;
        let share = measure.link_letters as f32 / measure.letters as f32;
        let needed = if name == "table" { limits.table_share } else { limits.list_share };
        let is_list = measure.links >= limits.list_links && share >= needed;
        let is_path = measure.links >= limits.path_links && measure.letters <= limits.path_letters && share >= limits.path_share;
        is_list || is_path
    }

    /// Whether a row lays out the page instead of holding values: all cells that say something hold
    /// tables, headings or whole paragraphs, or one cell holds everything the table says.
    fn is_layout_row(&self, row: Id) -> bool {
        if self.writer.reaches_into_row() {
            return false;
        }
        let table_letters = self.enclosing_table(row).map_or(0, |t| self.measures.get(t).letters);
        let is_edge = self.is_first_or_last_row(row);
        let mut content = 0;
        for cell in self.tree.children(row).filter(|c| matches!(self.tree.name(*c), "td" | "th")) {
            let measure = self.measures.get(cell);
            if measure.letters == 0 || measure.hidden || self.is_mostly_links("td", measure) {
                continue;
            }
            content += 1;
            let holds_all = measure.letters == table_letters;
            if !holds_all && !self.is_page_like(measure, is_edge) {
                return false;
            }
        }
        content > 0 || self.measures.get(row).letters > 0
    }

    fn is_page_like(&self, measure: &Measure, is_edge: bool) -> bool {
        let limits = &self.rules.limits;
        let is_text = measure.paragraphs >= limits.cell_paragraphs && measure.letters >= limits.cell_letters;
        measure.tables > 0 || measure.headings > 0 || (is_edge && is_text)
    }

    fn enclosing_table(&self, row: Id) -> Option<Id> {
        self.open.iter().rev().find(|(id, role)| *role == Role::Table && *id != row).map(|(id, _)| *id)
    }

    fn is_first_or_last_row(&self, row: Id) -> bool {
        let is_row = |id: Id| id != NONE && self.tree.name(id) == "tr";
        let sibling = |mut id: Id, step: fn(&super::tree::Node) -> Id| {
            id = step(self.tree.node(id));
            while id != NONE && !is_row(id) {
                id = step(self.tree.node(id));
            }
            id
        };
        sibling(row, |n| n.next) == NONE || sibling(row, |n| n.previous) == NONE
    }

    fn note_link(&mut self, id: Id) {
        let Some(href) = self.tree.attribute(id, "href") else { return };
        let text = text_of(self.tree, id, 200);
        if self.rules.is_attachment(href, &text) {
            self.links.push((text, href.trim().to_string()));
        }
    }

    /// Files shown within the page are attachments as well.
    fn note_embedded(&mut self, id: Id) {
        let address = match self.tree.name(id) {
            "iframe" | "embed" => self.tree.attribute(id, "src"),
            "object" => self.tree.attribute(id, "data"),
            _ => None,
        };
        if let Some(address) = address.filter(|a| self.rules.is_attachment(a, "")) {
            self.links.push((String::new(), address.trim().to_string()));
        }
    }

    /// Fields of a form that only show their value are text.
    fn note_control(&mut self, id: Id) {
        let shows = ["readonly", "disabled"].iter().any(|a| self.tree.attribute(id, a).is_some());
        let kind = self.tree.attribute(id, "type").unwrap_or("text");
        if let Some(value) = self.tree.attribute(id, "value").filter(|_| shows && kind == "text") {
            self.writer.space();
            self.writer.flow(value);
            self.writer.space();
        }
    }
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "li"
            | "ul"
            | "ol"
            | "dl"
            | "dt"
            | "dd"
            | "pre"
            | "section"
            | "article"
            | "main"
            | "nav"
            | "aside"
            | "footer"
            | "header"
            | "menu"
            | "form"
            | "fieldset"
            | "legend"
            | "address"
            | "blockquote"
            | "center"
            | "table"
            | "caption"
            | "tr"
            | "tbody"
            | "thead"
            | "tfoot"
            | "figure"
            | "figcaption"
            | "body"
            | "html"
            | "details"
            | "summary"
            | "dir"
            | "hgroup"
            | "option"
    )
}

fn kind_of(name: &str) -> Option<BlockKind> {
    match name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(BlockKind::Heading(level - b'0')),
        b"li" => Some(BlockKind::ListItem),
        _ => None,
    }
}
