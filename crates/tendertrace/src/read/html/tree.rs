//! The page as a browser would repair it: html5ever's parser feeding a lean tree in one vector,
//! bounded in depth and size whatever the bytes.

use html5ever::buffer_queue::BufferQueue;
use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{Attribute, LocalName, Namespace, QualName};
use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};

/// Number of a node; 0 is the document.
pub type Id = u32;
/// No node.
pub const NONE: Id = u32::MAX;
/// The document node.
pub const ROOT: Id = 0;

/// Elements deeper than this are flattened into their parents, as browsers do.
const DEEPEST: u16 = 512;
/// No page of any size needs more nodes.
const MOST_NODES: usize = 6_000_000;

#[derive(Debug)]
pub enum Data {
    Document,
    Text(StrTendril),
    Element(QualName, Vec<Attribute>),
    /// Comments, doctypes, processing instructions: no text of the page.
    Other,
}

#[derive(Debug)]
pub struct Node {
    pub parent: Id,
    pub first: Id,
    pub last: Id,
    pub next: Id,
    pub previous: Id,
    depth: u16,
    pub data: Data,
}

#[derive(Debug, Default)]
pub struct Tree {
    pub nodes: Vec<Node>,
    /// Elements were flattened or left out because the page nests too deep or too wide.
    pub cut: bool,
}

/// Parses a page or a fragment of one.
pub fn parse(text: &str) -> Tree {
    let most = (text.len() / 3 + 10_000).min(MOST_NODES);
    let builder = TreeBuilder::new(Sink::new(most), TreeBuilderOpts::default());
    let tokenizer = Tokenizer::new(Guard { builder, cut: Cell::new(false) }, TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(text));
    // The tokenizer stops at scripts and at declared encodings; neither concerns decoded text.
    while !matches!(tokenizer.feed(&queue), html5ever::TokenizerResult::Done) {}
    tokenizer.end();
    let cut = tokenizer.sink.cut.get();
    Tree { cut, ..tokenizer.sink.builder.sink.finish() }
}

impl Tree {
    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[id as usize]
    }

    /// Local name of an element, "" for anything else.
    pub fn name(&self, id: Id) -> &str {
        match &self.node(id).data {
            Data::Element(name, _) => &name.local,
            _ => "",
        }
    }

    /// An attribute's value.
    pub fn attribute(&self, id: Id, wanted: &str) -> Option<&str> {
        match &self.node(id).data {
            Data::Element(_, attributes) => attributes.iter().find(|a| &*a.name.local == wanted).map(|a| &*a.value),
            _ => None,
        }
    }

    pub fn children(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        let first = Some(self.node(id).first).filter(|c| *c != NONE);
        std::iter::successors(first, |child| Some(self.node(*child).next).filter(|c| *c != NONE))
    }

    /// The node after `id` in document order within `top`, skipping what is inside `id`.
    pub fn after(&self, id: Id, top: Id) -> Option<Id> {
        let mut at = id;
        while at != top {
            let node = self.node(at);
            if node.next != NONE {
                return Some(node.next);
            }
            at = node.parent;
        }
        None
    }

    /// Every node below `top` in document order.
    pub fn below(&self, top: Id) -> impl Iterator<Item = Id> + '_ {
        let first = Some(self.node(top).first).filter(|c| *c != NONE);
        std::iter::successors(first, move |at| match self.node(*at).first {
            NONE => self.after(*at, top),
            child => Some(child),
        })
    }
}

/// Stands between tokenizer and tree builder: opens no element where the tree is too deep or full.
struct Guard {
    builder: TreeBuilder<Id, Sink>,
    cut: Cell<bool>,
}

impl TokenSink for Guard {
    type Handle = Id;

    fn process_token(&self, token: Token, line_number: u64) -> TokenSinkResult<Id> {
        if let Token::TagToken(tag) = &token {
            if self.must_drop(tag) {
                self.cut.set(true);
                return TokenSinkResult::Continue;
            }
        }
        self.builder.process_token(token, line_number)
    }

    fn end(&self) {
        self.builder.end()
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

impl Guard {
    fn must_drop(&self, tag: &Tag) -> bool {
        let sink = &self.builder.sink;
        if sink.is_full() {
            return true;
        }
        tag.kind == TagKind::StartTag && sink.deepest_open.get() >= DEEPEST
    }
}

/// Where the tree builder puts its nodes.
struct Sink {
    nodes: RefCell<Vec<Node>>,
    most: usize,
    /// Depth of the element opened last and not yet closed.
    deepest_open: Cell<u16>,
}

impl Sink {
    fn new(most: usize) -> Sink {
        let sink = Sink { nodes: RefCell::new(Vec::new()), most, deepest_open: Cell::new(0) };
        sink.create(Data::Document);
        sink
    }

    fn is_full(&self) -> bool {
        self.nodes.borrow().len() >= self.most
    }

    fn create(&self, data: Data) -> Id {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(Node { parent: NONE, first: NONE, last: NONE, next: NONE, previous: NONE, depth: 0, data });
        (nodes.len() - 1) as Id
    }

    /// Links `child` into `parent` before `before` (at the end where that is `NONE`).
    fn link(&self, parent: Id, child: Id, before: Id) {
        let mut nodes = self.nodes.borrow_mut();
        let depth = nodes[parent as usize].depth.saturating_add(1);
        let previous = if before == NONE { nodes[parent as usize].last } else { nodes[before as usize].previous };
        let node = &mut nodes[child as usize];
        (node.parent, node.previous, node.next, node.depth) = (parent, previous, before, depth);
        let is_element = matches!(node.data, Data::Element(..));
        match previous {
            NONE => nodes[parent as usize].first = child,
            _ => nodes[previous as usize].next = child,
        }
        match before {
            NONE => nodes[parent as usize].last = child,
            _ => nodes[before as usize].previous = child,
        }
        if is_element {
            self.deepest_open.set(depth);
        }
    }

    fn unlink(&self, id: Id) {
        let mut nodes = self.nodes.borrow_mut();
        let (parent, previous, next) = {
            let n = &nodes[id as usize];
            (n.parent, n.previous, n.next)
        };
        if parent == NONE {
            return;
        }
        match previous {
            NONE => nodes[parent as usize].first = next,
            _ => nodes[previous as usize].next = next,
        }
        match next {
            NONE => nodes[parent as usize].last = previous,
            _ => nodes[next as usize].previous = previous,
        }
        let node = &mut nodes[id as usize];
        (node.parent, node.previous, node.next) = (NONE, NONE, NONE);
    }

    fn insert(&self, parent: Id, child: NodeOrText<Id>, before: Id) {
        match child {
            NodeOrText::AppendNode(id) => {
                self.unlink(id);
                self.link(parent, id, before);
            }
            NodeOrText::AppendText(text) => self.insert_text(parent, text, before),
        }
    }

    fn insert_text(&self, parent: Id, text: StrTendril, before: Id) {
        let neighbour = {
            let nodes = self.nodes.borrow();
            if before == NONE { nodes[parent as usize].last } else { nodes[before as usize].previous }
        };
        if neighbour != NONE {
            if let Data::Text(already) = &mut self.nodes.borrow_mut()[neighbour as usize].data {
                return already.push_tendril(&text);
            }
        }
        let id = self.create(Data::Text(text));
        self.link(parent, id, before);
    }

    fn parent_of(&self, id: Id) -> Id {
        self.nodes.borrow()[id as usize].parent
    }
}

/// The name of an element that lies in the tree.
#[derive(Debug)]
pub struct Name<'a>(Ref<'a, QualName>);

impl ElemName for Name<'_> {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

thread_local! {
    static NO_NAME: QualName = QualName::new(None, html5ever::ns!(), html5ever::local_name!(""));
}

impl TreeSink for Sink {
    type Handle = Id;
    type Output = Tree;
    type ElemName<'a> = Name<'a>;

    fn finish(self) -> Tree {
        Tree { nodes: self.nodes.into_inner(), cut: false }
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> Id {
        ROOT
    }

    fn elem_name<'a>(&'a self, target: &'a Id) -> Name<'a> {
        Name(Ref::map(self.nodes.borrow(), |nodes| match &nodes[*target as usize].data {
            Data::Element(name, _) => name,
            other => unreachable!("the tree builder asks elements only: {other:?}"),
        }))
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _flags: ElementFlags) -> Id {
        self.create(Data::Element(name, attributes))
    }

    fn create_comment(&self, _text: StrTendril) -> Id {
        self.create(Data::Other)
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> Id {
        self.create(Data::Other)
    }

    fn append(&self, parent: &Id, child: NodeOrText<Id>) {
        self.insert(*parent, child, NONE);
    }

    fn append_based_on_parent_node(&self, element: &Id, previous: &Id, child: NodeOrText<Id>) {
        match self.parent_of(*element) {
            NONE => self.append(previous, child),
            _ => self.append_before_sibling(element, child),
        }
    }

    fn append_doctype_to_document(&self, _name: StrTendril, _public: StrTendril, _system: StrTendril) {}

    fn pop(&self, id: &Id) {
        let depth = self.nodes.borrow()[*id as usize].depth;
        self.deepest_open.set(depth.saturating_sub(1));
    }

    /// Contents of a template are kept below it, where the reader skips them.
    fn get_template_contents(&self, target: &Id) -> Id {
        *target
    }

    fn same_node(&self, x: &Id, y: &Id) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Id, child: NodeOrText<Id>) {
        match self.parent_of(*sibling) {
            NONE => {}
            parent => self.insert(parent, child, *sibling),
        }
    }

    fn add_attrs_if_missing(&self, target: &Id, attributes: Vec<Attribute>) {
        if let Data::Element(_, present) = &mut self.nodes.borrow_mut()[*target as usize].data {
            for attribute in attributes {
                if !present.iter().any(|a| a.name == attribute.name) {
                    present.push(attribute);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &Id) {
        self.unlink(*target);
    }

    fn reparent_children(&self, node: &Id, new_parent: &Id) {
        loop {
            let child = self.nodes.borrow()[*node as usize].first;
            if child == NONE {
                return;
            }
            self.unlink(child);
            self.link(*new_parent, child, NONE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(tree: &Tree) -> String {
        tree.below(ROOT)
            .filter_map(|id| match &tree.node(id).data {
                Data::Text(t) => Some(&**t),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn repairs_unclosed_cells() {
        let tree = parse("<table><tr><td>甲<td>乙<tr><td>丙</table>丁");
        let names: Vec<_> = tree.below(ROOT).map(|id| tree.name(id)).filter(|n| *n == "td" || *n == "tr").collect();
        assert_eq!(names, ["tr", "td", "td", "tr", "td"]);
        assert_eq!(text(&tree), "甲乙丙丁");
    }

    #[test]
    fn endless_nesting_stays_shallow_and_keeps_its_text() {
        for opening in ["<div>", "<b>", "<table><tr><td>", "<a href=x>", "<p><b a=1><i b=2>", "<ul><li>"] {
            let tree = parse(&(opening.repeat(20_000) + "末"));
            assert!(text(&tree).ends_with('末'), "{opening}");
            assert!(tree.nodes.iter().all(|n| n.depth < 2 * DEEPEST), "{opening}");
        }
    }

    #[test]
    fn tangled_formatting_is_cut_not_multiplied() {
        let page: String = (0..3_000).map(|i| format!("<p><b x={i}>甲")).collect();
        let tree = parse(&page);
        assert!(tree.nodes.len() <= page.len() / 3 + 12_000);
    }
}
