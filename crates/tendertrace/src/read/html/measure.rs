//! What is where on the page? One pass over the tree that counts, for each element, its letters,
//! links, headings and tables, and marks what the reader skips.

use super::style::Style;
use super::tree::{Data, Id, NONE, ROOT, Tree};
use crate::rulebook::read::ReadRules;

/// What lies in an element.
#[derive(Debug, Clone, Copy, Default)]
pub struct Measure {
    /// Visible letters: characters but white space.
    pub letters: u32,
    /// Letters in links to other pages (links to attachments are content).
    pub link_letters: u32,
    pub links: u32,
    /// Paragraphs with text.
    pub paragraphs: u32,
    pub tables: u32,
    pub main_headings: u32,
    pub headings: u32,
    pub skipped: bool,
    pub hidden: bool,
}

/// Measures of all nodes, by id.
pub struct Measures(Vec<Measure>);

impl Measures {
    pub fn of(tree: &Tree, style: &Style, rules: &ReadRules) -> Measures {
        let mut all = vec![Measure::default(); tree.nodes.len()];
        let order: Vec<Id> = tree.below(ROOT).collect();
        for id in order.into_iter().rev() {
            let measure = own(tree, style, rules, id, all[id as usize]);
            all[id as usize] = measure;
            let parent = tree.node(id).parent;
            if parent != NONE && !measure.skipped && !measure.hidden {
                add(&mut all[parent as usize], &measure);
            }
        }
        Measures(all)
    }

    pub fn get(&self, id: Id) -> &Measure {
        &self.0[id as usize]
    }

    pub fn page(&self) -> &Measure {
        self.get(ROOT)
    }
}

fn add(sum: &mut Measure, part: &Measure) {
    sum.letters += part.letters;
    sum.link_letters += part.link_letters;
    sum.links += part.links;
    sum.paragraphs += part.paragraphs;
    sum.tables += part.tables;
    sum.main_headings += part.main_headings;
    sum.headings += part.headings;
}

fn own(tree: &Tree, style: &Style, rules: &ReadRules, id: Id, mut measure: Measure) -> Measure {
    match &tree.node(id).data {
        Data::Text(text) => measure.letters = letters(text),
        Data::Element(..) => measure_element(tree, style, rules, id, &mut measure),
        _ => {}
    }
    measure
}

fn measure_element(tree: &Tree, style: &Style, rules: &ReadRules, id: Id, measure: &mut Measure) {
    let name = tree.name(id);
    let has_text = measure.letters > 0;
    match name {
        "a" => measure_link(tree, rules, id, measure),
        "h1" => measure.main_headings += u32::from(has_text),
        "p" | "div" | "li" | "br" | "pre" => measure.paragraphs += u32::from((has_text && measure.paragraphs == 0) || name == "br"),
        "table" => measure.tables += u32::from(has_text),
        _ => {}
    }
    measure.headings += u32::from(has_text && matches!(name, "h1" | "h2" | "h3" | "h4"));
    measure.skipped = is_skipped(tree, id);
    measure.hidden = !measure.skipped && !matches!(name, "html" | "body") && style.hides(tree, id);
}

/// Long links are text that someone linked; links without a target are anchors.
fn measure_link(tree: &Tree, rules: &ReadRules, id: Id, measure: &mut Measure) {
    let Some(href) = tree.attribute(id, "href") else { return };
    if rules.is_attachment(href, &text_of(tree, id, 200)) {
        return;
    }
    measure.links = 1;
    measure.link_letters = measure.letters;
}

/// Elements whose text is no text of the page: scripts, styles, form controls, server tags.
pub fn is_skipped(tree: &Tree, id: Id) -> bool {
    let name = tree.name(id);
    match name {
        "script" | "style" | "template" | "noscript" | "head" | "title" | "iframe" | "object" | "embed" | "svg" | "canvas" | "audio"
        | "video" | "select" | "datalist" | "button" | "xml" | "rt" | "rp" | "noframes" | "math" => true,
        _ => name.split_once(':').is_some_and(|(prefix, _)| matches!(prefix, "c" | "jsp" | "fmt" | "w" | "v")),
    }
}

/// Text below an element, at most about `most` bytes of it.
pub fn text_of(tree: &Tree, id: Id, most: usize) -> String {
    let mut out = String::new();
    for below in tree.below(id) {
        if let Data::Text(text) = &tree.node(below).data {
            for word in text.split_ascii_whitespace() {
                out.push_str(if out.is_empty() || word.is_empty() { "" } else { " " });
                out.push_str(word);
                if out.len() > most {
                    return out;
                }
            }
        }
    }
    out
}

fn letters(text: &str) -> u32 {
    text.chars().filter(|c| !c.is_whitespace()).count() as u32
}
