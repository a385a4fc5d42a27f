//! What does a web page say? Its text in reading order, blocks and tables, and what it says of
//! itself; pages are read as browsers repair them.

mod head;
mod measure;
mod style;
mod tree;
mod walk;

pub use head::{Head, iso_date};

use crate::model::Document;
use crate::rulebook::read::ReadRules;
use measure::Measures;
use std::borrow::Cow;
use style::Style;
use tree::{ROOT, Tree};

/// A page as read.
#[derive(Debug)]
pub struct Page {
    pub head: Head,
    pub document: Document,
    /// Parts of the page were flattened because it nests too deep.
    pub cut: bool,
    /// Nothing to see, though there are scripts: they would have filled the page.
    pub scripted: bool,
}

/// Reads a page or a fragment of one. `title` is the collector's; else the page's own heads the text.
pub fn read_page(source: &str, title: Option<&str>, rules: &ReadRules) -> Page {
    let source = as_page(source);
    let tree = tree::parse(&source);
    let head = head::read_head(&tree, &source, rules);
    let measures = Measures::of(&tree, &own_styles(&tree), rules);
    let title = title.or(head.title.as_deref()).unwrap_or("");
    let document = walk::write(&tree, &measures, rules, title);
    let scripted = measures.page().letters == 0 && tree.below(ROOT).any(|id| tree.name(id) == "script");
    Page { cut: tree.cut, scripted, head, document }
}

/// Rows without their table and the tags of server pages are put right before parsing.
fn as_page(source: &str) -> Cow<'_, str> {
    let source = without_server_tags(source);
    let start = source.trim_start().get(..4).unwrap_or("").to_ascii_lowercase();
    if ["<tr>", "<tr ", "<td>", "<td ", "<th>", "<th "].contains(&start.as_str()) {
        return Cow::Owned(format!("<table>{source}"));
    }
    source
}

/// `<%@ … %>` is no text of the page.
fn without_server_tags(source: &str) -> Cow<'_, str> {
    if !source.contains("<%") {
        return Cow::Borrowed(source);
    }
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(open) = rest.find("<%") {
        let Some(close) = rest[open..].find("%>") else { break };
        out.push_str(&rest[..open]);
        rest = &rest[open + close + 2..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn own_styles(tree: &Tree) -> Style {
    let mut style = Style::default();
    for id in tree.below(ROOT).filter(|id| tree.name(*id) == "style") {
        for child in tree.children(id) {
            if let tree::Data::Text(css) = &tree.node(child).data {
                style.add(css);
            }
        }
    }
    style
}
