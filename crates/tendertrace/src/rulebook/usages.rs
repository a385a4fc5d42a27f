//! What decides the usage of a mention? `rulebook/usages/USAGE.toml`: one file a usage, each rule
//! with its scope, its cues and its place in the order; the lowest order that fires decides, and
//! within one order the cue nearest to the mention.

use super::raw::{Files, Problem, Row};
use super::weights::{self, Weights};
use super::words::Words;
use crate::model::{Stage, Usage};
use crate::script::Folder;
use regex::Regex;
use serde::Deserialize;
use std::collections::HashSet;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    usage: Usage,
    rules: Vec<RawRule>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: String,
    order: u32,
    scope: Scope,
    #[serde(default)]
    stages: Vec<Stage>,
    #[serde(default)]
    cues: Vec<String>,
    #[serde(default)]
    pattern: String,
    /// Longer strings in which a cue means something else.
    #[serde(default)]
    not_in: Vec<String>,
    /// Words whose presence in the clause takes the rule back.
    #[serde(default)]
    unless: Vec<String>,
    /// Characters between cue and mention; 0: the scope's own bound.
    #[serde(default)]
    within: usize,
    #[serde(default)]
    brands: Vec<String>,
    #[serde(default)]
    products: Vec<String>,
    /// Only where the document holds one of these.
    #[serde(default)]
    document_any: Vec<String>,
    /// Only where the document holds none of these.
    #[serde(default)]
    document_none: Vec<String>,
    /// The place leaves no room: what the signs say is not asked.
    #[serde(default)]
    decides: bool,
    /// For scope `item`: which field of the item the mention stands in.
    #[serde(default)]
    fields: Vec<Field>,
    examples: Examples,
}

/// Marked examples: the mention stands between 〔 and 〕.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    pub yes: Vec<String>,
    pub no: Vec<String>,
    /// Stage of the examples; a tender where none is given.
    #[serde(default)]
    pub stage: Option<Stage>,
}

/// Where a rule looks for its cues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// In the clause, before the mention or the enumeration it stands in.
    Before,
    /// In the clause, after the mention or its enumeration.
    After,
    /// In the clause, on either side.
    Around,
    Sentence,
    Cell,
    Row,
    /// The column's head.
    Head,
    /// The row's label or what stands before the colon.
    Label,
    Section,
    /// The mention stands in the title or the project's name, and the cue too.
    Title,
    /// The title or the project's name, wherever the mention stands.
    Project,
    /// The mention stands in an awarded item; cues are sought in the item's name.
    Item,
    /// The mention stands in an item that is demanded.
    DemandedItem,
    /// The mention is an own company of the brand and a party of the notice.
    Party,
    /// The mention is an own company of the brand; cues are sought in its row.
    Company,
    /// A bid that lost or has not won names it.
    Bid,
    /// No cue: the stage alone.
    Stage,
}

/// Field of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Name,
    Brand,
    Model,
    Other,
}

/// A compiled rule; all words folded.
pub struct UsageRule {
    /// Its place among all rules.
    number: usize,
    /// `usages/compatible#support`.
    pub id: crate::evidence::RuleId,
    pub usage: Usage,
    pub order: u32,
    pub scope: Scope,
    pub stages: Vec<Stage>,
    pub cues: Vec<String>,
    pub pattern: Option<Regex>,
    pub not_in: Vec<String>,
    pub unless: Vec<String>,
    pub within: usize,
    pub brands: Vec<String>,
    pub products: Vec<String>,
    pub document_any: Vec<String>,
    pub document_none: Vec<String>,
    pub fields: Vec<Field>,
    /// The place leaves no room: what the signs say is not asked.
    pub decides: bool,
    pub examples: Examples,
}

/// All rules by order.
#[derive(Default)]
pub struct Usages {
    pub rules: Vec<UsageRule>,
    /// The words of all rules, sought in one pass.
    words: Words,
    /// By number of a word: the rules that have it, and as what.
    of_word: Vec<Vec<(Role, usize)>>,
    pub weights: Weights,
}

/// What a word is to a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Cue,
    Unless,
    DocumentAny,
    DocumentNone,
}

/// Where the words of all rules stand in one text, found in one pass.
pub struct Said {
    /// By rule: its cues by their starts, and the words that take it back.
    cues: Vec<Vec<(usize, usize)>>,
    unless: Vec<Vec<(usize, usize)>>,
    /// By rule: whether the text holds the words it asks for and none that it forbids.
    allowed: Vec<bool>,
}

impl Said {
    /// Where the cues of `rule` stand within `range`.
    pub fn cues(&self, rule: &UsageRule, range: (usize, usize)) -> impl Iterator<Item = (usize, usize)> + '_ {
        within(&self.cues[rule.number], range)
    }

    /// Whether a word that takes `rule` back stands within `range`.
    pub fn takes_back(&self, rule: &UsageRule, range: (usize, usize)) -> bool {
        within(&self.unless[rule.number], range).next().is_some()
    }

    /// Whether the text as a whole lets `rule` fire.
    pub fn allows(&self, rule: &UsageRule) -> bool {
        self.allowed[rule.number]
    }
}

fn within(found: &[(usize, usize)], range: (usize, usize)) -> impl Iterator<Item = (usize, usize)> + '_ {
    let first = found.partition_point(|at| at.0 < range.0);
    found[first..].iter().copied().take_while(move |at| at.0 < range.1).filter(move |at| at.1 <= range.1)
}

impl Usages {
    /// Seeks the words of all rules in a text.
    pub fn said(&self, text: &str) -> Said {
        let nothing = || vec![Vec::new(); self.rules.len()];
        let mut said = Said { cues: nothing(), unless: nothing(), allowed: self.rules.iter().map(|r| r.document_any.is_empty()).collect() };
        let mut forbidden = Vec::new();
        for hit in self.words.in_text(text) {
            for (role, rule) in &self.of_word[hit.word as usize] {
                match role {
                    Role::Cue => said.cues[*rule].push((hit.start, hit.end)),
                    Role::Unless => said.unless[*rule].push((hit.start, hit.end)),
                    Role::DocumentAny => said.allowed[*rule] = true,
                    Role::DocumentNone => forbidden.push(*rule),
                }
            }
        }
        forbidden.into_iter().for_each(|rule| said.allowed[rule] = false);
        said.cues.iter_mut().chain(&mut said.unless).for_each(|found| found.sort_unstable());
        said
    }

    /// The rules whose cues `text` holds, with the cue's bytes; those by pattern too.
    pub fn cues<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (&'a UsageRule, (usize, usize))> + 'a {
        let words = self.words.in_text(text).flat_map(move |hit| {
            let rules = self.of_word[hit.word as usize].iter().filter(|(role, _)| *role == Role::Cue);
            rules.map(move |(_, rule)| (&self.rules[*rule], (hit.start, hit.end)))
        });
        let by_pattern = self.rules.iter().filter_map(|rule| Some((rule, rule.pattern.as_ref()?)));
        words.chain(by_pattern.flat_map(move |(rule, pattern)| pattern.find_iter(text).map(move |m| (rule, (m.start(), m.end())))))
    }
}

/// Loads `usages/`.
pub fn load(files: &Files, folder: &Folder, problems: &mut Vec<Problem>) -> Usages {
    let mut rules = Vec::new();
    let mut seen = HashSet::new();
    for file in files.toml::<RawFile>("usages/", problems) {
        for raw in &file.value.rules {
            if !seen.insert(format!("{}#{}", file.stem(), raw.id)) {
                problems.push(file.problem(format!("rule id {} stands twice", raw.id), ""));
            }
            rules.extend(compile(&file, raw, folder, problems));
        }
    }
    rules.sort_by_key(|rule| rule.order);
    let mut words = Words::default();
    let mut of_word: Vec<Vec<(Role, usize)>> = Vec::new();
    for (index, rule) in rules.iter_mut().enumerate() {
        rule.number = index;
        let lists = [
            (Role::Cue, &rule.cues),
            (Role::Unless, &rule.unless),
            (Role::DocumentAny, &rule.document_any),
            (Role::DocumentNone, &rule.document_none),
        ];
        for (role, list) in lists {
            for word in words.add(list.iter().cloned()) {
                of_word.resize_with(of_word.len().max(word as usize + 1), Vec::new);
                of_word[word as usize].push((role, index));
            }
        }
    }
    words.compile("usages/", problems);
    Usages { rules, words, of_word, weights: weights::load(files, problems) }
}

fn compile(file: &Row<RawFile>, raw: &RawRule, folder: &Folder, problems: &mut Vec<Problem>) -> Option<UsageRule> {
    if raw.examples.yes.is_empty() || raw.examples.no.is_empty() {
        problems.push(file.problem(format!("rule {} needs a yes- and a no-example", raw.id), "mark the mention with 〔 〕"));
    }
    let pattern = match raw.pattern.as_str() {
        "" => None,
        pattern => match Regex::new(pattern) {
            Ok(regex) => Some(regex),
            Err(error) => {
                problems.push(file.problem(format!("rule {}: {error}", raw.id), ""));
                return None;
            }
        },
    };
    let fold = |words: &[String]| words.iter().map(|w| folder.plain(w)).collect::<Vec<_>>();
    Some(UsageRule {
        number: 0,
        id: format!("usages/{}#{}", file.stem(), raw.id).into(),
        usage: file.value.usage,
        order: raw.order,
        scope: raw.scope,
        stages: raw.stages.clone(),
        cues: fold(&raw.cues),
        pattern,
        not_in: fold(&raw.not_in),
        unless: fold(&raw.unless),
        within: raw.within,
        brands: raw.brands.clone(),
        products: raw.products.clone(),
        document_any: fold(&raw.document_any),
        document_none: fold(&raw.document_none),
        fields: raw.fields.clone(),
        decides: raw.decides,
        examples: raw.examples.clone(),
    })
}
