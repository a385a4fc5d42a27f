//! What is this notice: a tender, an award, a correction …? The rules of `stages.toml` in their
//! order, against the end of the title, the title, the first lines, the fields.

use super::Layout;
use crate::evidence::{Derived, Known, Quote, RuleId, Sourced, Span};
use crate::model::Stage;
use crate::rulebook::Rulebook;
use crate::rulebook::stages::StageRule;
use crate::rulebook::words::Occurrence;
use crate::script::Folded;
use std::collections::{HashMap, HashSet};

/// Characters of the title's end that are tried before the whole title.
const TAIL: usize = 16;
/// Characters after the title that count as the first lines.
const HEAD: usize = 160;

/// The stage and what shows it; concluded with no quote where nothing shows any.
pub fn stage(layout: &Layout<'_>, fields: &HashSet<&str>, rules: &Rulebook) -> Known<Stage> {
    let view = View::new(layout, fields, rules);
    for scope in [Scope::Tail, Scope::Title, Scope::Head, Scope::Hint] {
        for rule in &rules.stages.rules {
            if let Some(shown) = view.shows(rule, scope) {
                return shown;
            }
        }
    }
    Known::Concluded(Derived { value: Stage::Other, derived_from: Vec::new(), rule: "stages#nothing-shows-one".into() })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Tail,
    Title,
    Head,
    Hint,
}

struct View<'a> {
    layout: &'a Layout<'a>,
    fields: &'a HashSet<&'a str>,
    title: Folded,
    title_at: usize,
    /// Where the end of the title begins, in `title`.
    tail: usize,
    /// The first lines, in `layout.squeezed`.
    head: (usize, usize),
    /// Words of the rules in title and first lines.
    in_title: Vec<Occurrence>,
    in_head: Vec<Occurrence>,
    /// Squeezed values of the method labels and where they stand.
    methods: Vec<(Folded, Span)>,
}

impl<'a> View<'a> {
    fn new(layout: &'a Layout<'a>, fields: &'a HashSet<&'a str>, rules: &Rulebook) -> View<'a> {
        let (start, end) = layout.title();
        let title = rules.folder.squeeze(&layout.document.text[start..end]);
        let tail = tail_of(&title.text);
        let begin = layout.squeezed.folded_of(end);
        let head = (begin, after(&layout.squeezed.text, begin, HEAD));
        let methods = layout.of_field("method").map(|pair| (rules.folder.squeeze(layout.document.slice(pair.value)), pair.value)).collect();
        let in_title = rules.stages.words.in_text(&title.text).collect();
        let in_head = rules.stages.words.in_text(&layout.squeezed.text[head.0..head.1]).collect();
        View { layout, fields, title, title_at: start, tail, head, in_title, in_head, methods }
    }

    /// The stage with its quote, if all conditions of the rule hold in this scope.
    fn shows(&self, rule: &StageRule, scope: Scope) -> Option<Known<Stage>> {
        let shown = match scope {
            Scope::Tail => self.titled(&rule.cue, self.tail),
            Scope::Title => self.titled(&rule.cue, 0),
            Scope::Head => self.begun(&rule.head),
            Scope::Hint => self.titled(&rule.hint, 0),
        };
        // A rule without cues rests on method, body and fields alone: its turn is the last round.
        let wordless = rule.cue.is_empty() && rule.head.is_empty();
        if shown.is_none() && !(wordless && scope == Scope::Head) {
            return None;
        }
        if has(&self.title.text, &rule.unless_cue) || has(self.head_text(), &rule.unless_head) {
            return None;
        }
        if has(&self.layout.squeezed.text[self.head.0..], &rule.unless_body) {
            return None;
        }
        if rule.unless_fields.iter().any(|field| self.fields.contains(field.as_str())) {
            return None;
        }
        let body = match rule.body.is_empty() {
            true => None,
            false => Some(self.in_text(&rule.body, (self.head.0, self.layout.squeezed.text.len()))?),
        };
        let method = match rule.method.is_empty() {
            true => None,
            false => Some(self.in_methods(&rule.method)?),
        };
        let field = match rule.fields.is_empty() {
            true => None,
            false => Some(self.in_fields(&rule.fields)?),
        };
        self.known(rule, [body, shown, method, field])
    }

    /// Read where one place shows it, concluded where several do.
    fn known(&self, rule: &StageRule, places: [Option<Span>; 4]) -> Option<Known<Stage>> {
        let quotes: Vec<Quote> =
            places.into_iter().flatten().map(|at| Quote { text: self.layout.document.slice(at).to_string(), at }).collect();
        let id: RuleId = rule.rule.clone();
        match <[Quote; 1]>::try_from(quotes) {
            Ok([quote]) => Some(Sourced { value: rule.stage, raw: quote.text, at: quote.at, rule: id }.into()),
            Err(quotes) if quotes.is_empty() => None,
            Err(quotes) => Some(Known::Concluded(Derived { value: rule.stage, derived_from: quotes, rule: id })),
        }
    }

    fn head_text(&self) -> &str {
        &self.layout.squeezed.text[self.head.0..self.head.1]
    }

    /// The last cue from `from` on.
    fn titled(&self, cues: &[u32], from: usize) -> Option<Span> {
        let found =
            self.in_title.iter().filter(|hit| hit.start >= from && cues.contains(&hit.word)).max_by_key(|hit| (hit.start, hit.end))?;
        let (start, end) = self.title.source_range(found.start, found.end);
        Some(self.layout.document.span(self.title_at + start, self.title_at + end))
    }

    /// The first of these words in the first lines.
    fn begun(&self, words: &[u32]) -> Option<Span> {
        let found = self.in_head.iter().filter(|hit| words.contains(&hit.word)).min_by_key(|hit| (hit.start, hit.end))?;
        let (start, end) = self.layout.squeezed.source_range(self.head.0 + found.start, self.head.0 + found.end);
        Some(self.layout.document.span(start, end))
    }

    fn in_text(&self, cues: &[String], (from, to): (usize, usize)) -> Option<Span> {
        let text = &self.layout.squeezed.text[from..to];
        let found = cues.iter().filter_map(|cue| text.find(cue.as_str()).map(|at| (at, cue.len()))).min()?;
        let (start, end) = self.layout.squeezed.source_range(from + found.0, from + found.0 + found.1);
        Some(self.layout.document.span(start, end))
    }

    fn in_methods(&self, cues: &[String]) -> Option<Span> {
        self.methods.iter().find_map(|(folded, at)| {
            let found = cues.iter().filter_map(|cue| folded.text.find(cue.as_str()).map(|start| (start, cue.len()))).min()?;
            let (start, end) = folded.source_range(found.0, found.0 + found.1);
            Some(self.layout.document.span(at.start + start, at.start + end))
        })
    }

    /// The label of the first of these fields that has a value.
    fn in_fields(&self, fields: &[String]) -> Option<Span> {
        let named = fields.iter().find(|field| self.fields.contains(field.as_str()))?;
        let pair = self.layout.of_field(named).find(|pair| !pair.value.is_empty());
        let whole = self.layout.pairs.iter().find(|pair| !pair.value.is_empty());
        pair.or(whole).map(|pair| pair.label).or_else(|| {
            let (start, end) = self.layout.title();
            (start < end).then(|| self.layout.document.span(start, end))
        })
    }
}

/// Fields with a value that rules ask for, of all of a notice's own pages: an attached tender document has the
/// fields of another stage.
pub fn fields_given<'a>(layouts: &'a [Layout<'_>], rules: &Rulebook) -> HashSet<&'a str> {
    let mut given: HashMap<&str, bool> = HashMap::new();
    for layout in layouts.iter().filter(|layout| layout.document.file.is_none()) {
        for pair in layout.pairs.iter().filter(|pair| rules.stages.fields.contains(&*pair.field)) {
            let value = layout.document.slice(pair.value);
            if !given.get(&*pair.field).copied().unwrap_or(false) {
                given.insert(&pair.field, !rules.layout.not_given(&rules.folder.plain(value)));
            }
        }
    }
    given.into_iter().filter(|(_, given)| *given).map(|(field, _)| field).collect()
}

/// Start of the title's last characters, trailing brackets and digits apart.
fn tail_of(title: &str) -> usize {
    let mut end = title.len();
    while let Some(open) = trailing_bracket(&title[..end]) {
        end = open;
    }
    let mut starts: Vec<usize> = title[..end].char_indices().map(|(at, _)| at).collect();
    starts.reverse();
    starts.get(TAIL - 1).or(starts.last()).copied().unwrap_or(0)
}

fn trailing_bracket(title: &str) -> Option<usize> {
    let (close, open) = [(')', '('), (']', '['), ('】', '【')].into_iter().find(|(close, _)| title.ends_with(*close))?;
    title.trim_end_matches(close).rfind(open).filter(|at| *at > 0)
}

/// Offset `count` characters after `from`.
fn after(text: &str, from: usize, count: usize) -> usize {
    text[from..].char_indices().nth(count).map_or(text.len(), |(at, _)| from + at)
}

fn has(text: &str, words: &[String]) -> bool {
    words.iter().any(|word| text.contains(word.as_str()))
}
