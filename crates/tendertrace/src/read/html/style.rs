//! What does the page hide? `display:none` and the like, inline or in the page's own `<style>`;
//! linked style sheets are not seen.

use super::tree::{Id, NONE, Tree};
use std::collections::HashMap;

/// The rules of a page's own style sheets that show or hide.
#[derive(Debug, Default)]
pub struct Style {
    by_key: HashMap<String, Vec<Rule>>,
    count: usize,
}

#[derive(Debug, Clone)]
struct Rule {
    /// Innermost last.
    compounds: Vec<Compound>,
    hides: bool,
    /// Specificity, then order: the greatest wins.
    rank: (usize, usize),
}

#[derive(Debug, Clone, Default)]
struct Compound {
    tag: Option<String>,
    id: Option<String>,
    classes: Vec<String>,
}

impl Style {
    /// Adds the rules of one `<style>` element.
    pub fn add(&mut self, css: &str) {
        let css = without_comments(css);
        let mut rest = css.as_str();
        while let Some(open) = rest.find('{') {
            let prelude = rest[..open].trim_start_matches('}').trim().rsplit(['}', ';']).next().unwrap_or("").trim();
            let body = &rest[open + 1..];
            if prelude.starts_with('@') {
                rest = if applies_on_screen(prelude) { body } else { after_block(body) };
                continue;
            }
            let close = body.find('}').unwrap_or(body.len());
            if let Some(hides) = visibility(&body[..close]) {
                self.add_rules(prelude, hides);
            }
            rest = body.get(close + 1..).unwrap_or("");
        }
    }

    fn add_rules(&mut self, selectors: &str, hides: bool) {
        for compounds in selectors.split(',').filter_map(parse_selector) {
            let Some(last) = compounds.last() else { continue };
            let weight = compounds.iter().map(Compound::weight).sum();
            self.count += 1;
            let rule = Rule { hides, rank: (weight, self.count), compounds: compounds.clone() };
            self.by_key.entry(last.key()).or_default().push(rule);
        }
    }

    /// Whether the element itself is hidden (not: within something hidden).
    pub fn hides(&self, tree: &Tree, id: Id) -> bool {
        match tree.attribute(id, "style").and_then(visibility) {
            Some(hides) => hides,
            None if self.by_key.is_empty() => tree.attribute(id, "hidden").is_some(),
            None => self.ruling(tree, id).unwrap_or_else(|| tree.attribute(id, "hidden").is_some()),
        }
    }

    fn ruling(&self, tree: &Tree, id: Id) -> Option<bool> {
        let classes = tree.attribute(id, "class").unwrap_or("").split_ascii_whitespace().map(|c| format!(".{c}"));
        let ids = tree.attribute(id, "id").map(|i| format!("#{i}"));
        let keys = classes.chain(ids).chain([tree.name(id).to_string()]);
        let matching = keys.filter_map(|key| self.by_key.get(&key)).flatten().filter(|rule| rule.matches(tree, id));
        matching.max_by_key(|rule| rule.rank).map(|rule| rule.hides)
    }
}

impl Rule {
    fn matches(&self, tree: &Tree, id: Id) -> bool {
        let (last, outer) = self.compounds.split_last().expect("never empty");
        if !last.matches(tree, id) {
            return false;
        }
        let mut at = tree.node(id).parent;
        outer.iter().rev().all(|compound| {
            while at != NONE && !compound.matches(tree, at) {
                at = tree.node(at).parent;
            }
            let found = at != NONE;
            if found {
                at = tree.node(at).parent;
            }
            found
        })
    }
}

impl Compound {
    fn key(&self) -> String {
        match (&self.id, self.classes.first(), &self.tag) {
            (Some(id), _, _) => format!("#{id}"),
            (_, Some(class), _) => format!(".{class}"),
            (_, _, tag) => tag.clone().unwrap_or_default(),
        }
    }

    fn weight(&self) -> usize {
        10_000 * usize::from(self.id.is_some()) + 100 * self.classes.len() + usize::from(self.tag.is_some())
    }

    fn matches(&self, tree: &Tree, id: Id) -> bool {
        let has = |class: &String| tree.attribute(id, "class").is_some_and(|names| names.split_ascii_whitespace().any(|n| n == class));
        self.tag.as_ref().is_none_or(|tag| tree.name(id) == tag)
            && self.id.as_ref().is_none_or(|wanted| tree.attribute(id, "id") == Some(wanted))
            && self.classes.iter().all(has)
    }
}

/// Whether declarations hide (true) or show (false); `None` where they say nothing of it.
fn visibility(declarations: &str) -> Option<bool> {
    if !declarations.contains("isplay") && !declarations.contains("isibility") && !declarations.contains("ISPLAY") {
        return None;
    }
    let mut shown = None;
    for declaration in declarations.split(';') {
        let Some((name, value)) = declaration.split_once(':') else { continue };
        let value = value.split('!').next().unwrap_or("").trim();
        let is = |word: &str| value.eq_ignore_ascii_case(word);
        match name.trim().to_ascii_lowercase().as_str() {
            "display" => shown = Some(is("none")),
            "visibility" if is("hidden") || is("collapse") => shown = Some(true),
            _ => {}
        }
    }
    shown
}

/// Selectors of tags, classes and ids only; states and siblings are not modelled.
fn parse_selector(selector: &str) -> Option<Vec<Compound>> {
    if selector.contains([':', '[', '*', '+', '~', '(']) || selector.len() > 200 {
        return None;
    }
    let compounds: Vec<_> =
        selector.split(|c: char| c.is_ascii_whitespace() || c == '>').filter(|p| !p.is_empty()).map(parse_compound).collect();
    (!compounds.is_empty()).then_some(compounds)
}

fn parse_compound(text: &str) -> Compound {
    let mut compound = Compound::default();
    let mut rest = text;
    while !rest.is_empty() {
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let end = rest[first..].find(['.', '#']).map_or(rest.len(), |at| at + first);
        let (piece, tail) = rest.split_at(end);
        match piece.as_bytes()[0] {
            b'.' => compound.classes.push(piece[1..].to_string()),
            b'#' => compound.id = Some(piece[1..].to_string()),
            _ => compound.tag = Some(piece.to_ascii_lowercase()),
        }
        rest = tail;
    }
    compound
}

fn applies_on_screen(prelude: &str) -> bool {
    let prelude = prelude.to_ascii_lowercase();
    prelude.strip_prefix("@media").is_some_and(|query| !query.contains("print") && !query.contains("width"))
}

fn after_block(body: &str) -> &str {
    let mut depth = 1;
    for (at, byte) in body.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &body[at + 1..];
        }
    }
    ""
}

fn without_comments(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(open) = rest.find("/*") {
        out.push_str(&rest[..open]);
        rest = rest[open..].find("*/").map_or("", |close| &rest[open + close + 2..]);
    }
    out.push_str(rest);
    out
}
