//! What does the notice say of the brand: awarded, offered, required, compatible …? The rules of
//! `rulebook/usages/` in their written order; within one order the cue nearest to the mention.

use super::guards;
use super::mentions::{Mention, Recognised};
use super::page::{Page, Range};
use super::signs;
use super::weighing::{self, Doubt};
use crate::evidence::RuleId;
use crate::model::{Document, Item, Notice, Stage, Usage};
use crate::rulebook::Rulebook;
use crate::rulebook::clauses::Clauses;
use crate::rulebook::usages::{Field, Said, Scope, UsageRule, Usages};
use crate::script::is_han;
use std::cell::OnceCell;

/// A decided usage: which rule, and the folded range of the cue where there is one.
#[derive(Debug, Clone)]
pub struct Decision {
    pub usage: Usage,
    pub rule: RuleId,
    pub cue: Option<Range>,
    pub doubt: Doubt,
    /// Whether the rule's place leaves no room for the signs.
    pub decided: bool,
}

/// What all mentions of one page share.
pub struct Situation<'a> {
    pub page: &'a Page<'a>,
    pub rules: &'a Rulebook,
    pub stage: Stage,
    pub notice: &'a Notice,
    /// Folded ranges of parties and of the project's name.
    pub parties: Vec<Range>,
    pub names: Vec<Range>,
    /// Ends and starts of all mentions, for enumerations.
    pub mentions: Vec<Range>,
    /// Where the rules' words stand on the page, sought when a mention first asks.
    said: OnceCell<Said>,
    /// Items of this document by start: (source span, index).
    items: Vec<(usize, usize, usize)>,
    bids: Vec<Range>,
}

/// Where a mention's clause begins and ends, enumerations included.
pub struct Clause {
    pub before: Range,
    pub after: Range,
}

impl<'a> Situation<'a> {
    pub fn new(page: &'a Page<'a>, rules: &'a Rulebook, notice: &'a Notice, parties: Vec<Range>, mentions: &[Mention]) -> Situation<'a> {
        let document = page.document;
        let mut names: Vec<Range> = page.title().into_iter().collect();
        if let Some(name) = notice.project_name.as_ref().filter(|n| n.at.doc == document.number) {
            names.push(page.range(name.at.start, name.at.end));
        }
        Situation {
            page,
            rules,
            stage: notice.stage.as_ref().map_or(Stage::Other, |s| *s.value()),
            notice,
            parties,
            names,
            mentions: mentions.iter().map(|m| m.at).collect(),
            said: OnceCell::new(),
            items: items_of(document, notice),
            bids: bids_of(page, notice),
        }
    }

    fn said(&self) -> &Said {
        self.said.get_or_init(|| self.rules.usages.said(&self.page.folded.text))
    }

    /// The innermost item that holds the mention, and the field it stands in.
    pub fn item_index(&self, mention: &Mention) -> Option<(usize, Field)> {
        let next = self.items.partition_point(|i| i.0 <= mention.source.0);
        let holding = self.items[..next].iter().rev().take(200).find(|i| mention.source.1 <= i.1)?;
        let item = &self.notice.items[holding.2];
        let doc = mention.doc;
        let holds = |at: crate::evidence::Span| at.doc == doc && at.start <= mention.source.0 && mention.source.1 <= at.end;
        let field = if item.brand.as_ref().is_some_and(|b| holds(b.at)) {
            Field::Brand
        } else if item.model.as_ref().is_some_and(|m| holds(m.at)) {
            Field::Model
        } else if holds(item.name.at) {
            Field::Name
        } else {
            Field::Other
        };
        Some((holding.2, field))
    }

    fn item_of(&self, mention: &Mention) -> Option<(&'a Item, Field)> {
        self.item_index(mention).map(|(index, field)| (&self.notice.items[index], field))
    }

    pub fn in_names(&self, mention: &Mention) -> bool {
        mention.place.in_title || self.names.iter().any(|n| n.0 <= mention.at.0 && mention.at.1 <= n.1)
    }

    fn name_range(&self, mention: &Mention) -> Range {
        let named = self.names.iter().find(|n| n.0 <= mention.at.0 && mention.at.1 <= n.1);
        self.page.near(named.copied().unwrap_or_else(|| self.page.line(mention.at.0)), mention.at.0)
    }
}

fn items_of(document: &Document, notice: &Notice) -> Vec<(usize, usize, usize)> {
    let mut items: Vec<_> = notice
        .items
        .iter()
        .enumerate()
        .filter(|(_, i)| i.at.doc == document.number)
        .flat_map(|(n, i)| {
            let parts = [Some(i.at), Some(i.name.at), i.brand.as_ref().map(|b| b.at), i.model.as_ref().map(|m| m.at)];
            parts.into_iter().flatten().map(move |at| (at.start, at.end, n))
        })
        .collect();
    items.sort_unstable();
    items
}

/// Places of bids that have not won: the lines their suppliers stand in.
fn bids_of(page: &Page, notice: &Notice) -> Vec<Range> {
    let open = notice.bids.iter().filter(|b| b.won != Some(true));
    let spans = open.flat_map(|b| b.suppliers.iter().map(|s| s.at)).filter(|at| at.doc == page.document.number);
    spans.map(|at| page.range(at.start, at.end)).collect()
}

/// What the rules alone say of a mention.
#[derive(Debug, Clone)]
pub struct Ruled {
    pub rule: RuleId,
    /// By the rule of the highest precedence; `mention` where none fires.
    pub usage: Usage,
    /// Whether any rule that fires speaks of an award.
    pub bought: bool,
    /// Whether the maker's own company is named, not only its brand.
    pub company: bool,
    /// Whether a company is spoken of: its own name, or the brand with `公司`.
    pub firm: bool,
    /// Whether the rule's place leaves no room for the signs.
    pub decided: bool,
}

/// A rule that fires: how far its cue is away, and where it stands.
pub struct Fired<'r> {
    pub rule: &'r UsageRule,
    distance: usize,
    cue: Option<Range>,
}

/// Decides the usage of one mention. There is always one: `mention` where nothing can be shown.
pub fn decide(situation: &Situation, mention: &Mention) -> Decision {
    let clause = clause(situation, mention);
    let fired = fired(situation, mention, &clause);
    let first = first(&fired);
    let weights = &situation.rules.usages.weights;
    if weights.is_empty() || first.decided || !weighable(situation, mention) {
        return first;
    }
    let signs = signs::signs(situation, mention, &clause, &first, &fired);
    let weighed = weighing::weigh(&signs, weights);
    let settled = weighing::settle(&ruled_by(situation, mention, &first, &fired), &weighed.odds);
    if settled.usage == first.usage {
        return Decision { doubt: settled.doubt, ..first };
    }
    let rule = fired.iter().find(|one| one.rule.usage == settled.usage).map_or_else(|| WEIGHED.into(), |one| one.rule.id.clone());
    Decision { usage: settled.usage, rule, cue: weighed.loudest(settled.usage), doubt: settled.doubt, decided: false }
}

/// Whether the weights know the language: they are learnt from Chinese passages.
fn weighable(situation: &Situation, mention: &Mention) -> bool {
    let page = situation.page;
    let around = page.stretch(mention.at.0, mention.at.1, mention.place.row, "\n", situation.rules.clauses.clause_reach);
    page.text(around).chars().any(is_han) || situation.names.first().is_some_and(|name| page.text(*name).chars().any(is_han))
}

/// The rule id where the signs decide against every rule.
const WEIGHED: &str = "usages/weights#signs";

/// What the rules alone say, and the names of all signs: for measuring and learning.
pub fn told(situation: &Situation, mention: &Mention) -> (Ruled, Vec<String>) {
    let clause = clause(situation, mention);
    let fired = fired(situation, mention, &clause);
    let first = first(&fired);
    let signs = signs::signs(situation, mention, &clause, &first, &fired);
    (ruled_by(situation, mention, &first, &fired), signs.into_iter().map(|sign| sign.name).collect())
}

fn ruled_by(situation: &Situation, mention: &Mention, first: &Decision, fired: &[Fired]) -> Ruled {
    let bought = fired.iter().any(|one| one.rule.usage == Usage::Awarded);
    let (word, page) = (situation.rules.brands.guards.firm.as_str(), situation.page);
    // Under 生产厂家 the maker's company stands for its product.
    let of_product = guards::in_brand_cell(page, &situation.rules.brands, &mention.place, mention.at);
    let company = !of_product && mention.recognised == Recognised::OwnCompany;
    let firm = !of_product && (company || page.text(mention.at).ends_with(word) || page.folded.text[mention.at.1..].starts_with(word));
    Ruled { rule: first.rule.clone(), usage: first.usage, bought, company, firm, decided: first.decided }
}

/// Every rule that fires, in the order of precedence.
fn fired<'r>(situation: &Situation<'r>, mention: &Mention, clause: &Clause) -> Vec<Fired<'r>> {
    let rules = situation.rules.usages.rules.iter();
    let may = rules.filter(|rule| situation.said().allows(rule) && applies(situation, rule, mention));
    may.filter_map(|rule| fires(situation, rule, mention, clause).map(|(distance, cue)| Fired { rule, distance, cue })).collect()
}

/// The rule of the lowest order; within one order the one with the nearest cue.
fn first(fired: &[Fired]) -> Decision {
    match fired.iter().min_by_key(|one| (one.rule.order, one.distance)) {
        Some(Fired { rule, cue, .. }) => {
            Decision { usage: rule.usage, rule: rule.id.clone(), cue: *cue, doubt: Doubt::None, decided: rule.decides }
        }
        None => Decision { usage: Usage::Mention, rule: "usages/mention#none".into(), cue: None, doubt: Doubt::None, decided: false },
    }
}

/// The cues of all rules in a stretch, wherever their scope would seek them.
pub fn cues_in<'p>(page: &'p Page, usages: &'p Usages, range: Range) -> impl Iterator<Item = (&'p UsageRule, Range)> + 'p {
    let found = usages.cues(page.text(range)).map(move |(rule, at)| (rule, (range.0 + at.0, range.0 + at.1)));
    found.filter(|(rule, cue)| !excepted(page, rule, *cue))
}

fn applies(situation: &Situation, rule: &UsageRule, mention: &Mention) -> bool {
    let brand = &situation.rules.brands.brands[mention.brand];
    let product = mention.product.map(|p| brand.products[p].id.as_str());
    (rule.stages.is_empty() || rule.stages.contains(&situation.stage))
        && (rule.brands.is_empty() || rule.brands.contains(&brand.key))
        && (rule.products.is_empty() || product.is_some_and(|p| rule.products.iter().any(|id| id == p)))
}

/// Whether a rule fires, how far its cue is away, and where it stands.
fn fires(situation: &Situation, rule: &UsageRule, mention: &Mention, clause: &Clause) -> Option<(usize, Option<Range>)> {
    let page = situation.page;
    let place = &mention.place;
    let (before, after) = match rule.scope {
        Scope::Before => (Some(clause.before), None),
        Scope::After => (None, Some(clause.after)),
        Scope::Around => (Some(clause.before), Some(clause.after)),
        Scope::Sentence => {
            let layout = &situation.rules.clauses;
            let sentence = page.stretch(mention.at.0, mention.at.1, place.cell, &layout.sentence_ends, layout.clause_reach * 2);
            (Some((sentence.0, mention.at.0)), Some((mention.at.1, sentence.1)))
        }
        Scope::Cell => (Some((place.cell.0, mention.at.0)), Some((mention.at.1, place.cell.1))),
        Scope::Row => (Some((place.row.0, mention.at.0)), Some((mention.at.1, place.row.1))),
        Scope::Company if mention.recognised != Recognised::OwnCompany => return None,
        Scope::Company => (Some((place.row.0, mention.at.0)), Some((mention.at.1, place.row.1))),
        Scope::Head => return somewhere(situation, rule, place.head),
        Scope::Label => return somewhere(situation, rule, place.label),
        Scope::Section => return somewhere(situation, rule, place.section),
        Scope::Title => {
            let name = situation.in_names(mention).then(|| situation.name_range(mention))?;
            return if rule.cues.is_empty() { Some((0, None)) } else { somewhere(situation, rule, name) };
        }
        Scope::Project => return situation.names.iter().find_map(|name| somewhere(situation, rule, *name)),
        Scope::Item | Scope::DemandedItem => return in_item(situation, rule, mention),
        Scope::Party => return is_party(situation, rule, mention),
        Scope::Bid => return in_bid(situation, mention),
        Scope::Stage => return Some((usize::MAX, None)),
    };
    let left = before.and_then(|range| last_cue(situation, rule, range, mention.at.0));
    let right = after.and_then(|range| first_cue(situation, rule, range, mention.at.1));
    let found = [left, right].into_iter().flatten().min_by_key(|(distance, _)| *distance)?;
    let both = [before.unwrap_or(clause.before), after.unwrap_or(clause.after)];
    let taken_back = both.iter().any(|range| situation.said().takes_back(rule, *range));
    let near = rule.within == 0 || found.0 <= rule.within;
    (near && !taken_back).then_some((found.0, Some(found.1)))
}

fn somewhere(situation: &Situation, rule: &UsageRule, range: Range) -> Option<(usize, Option<Range>)> {
    let found = first_cue(situation, rule, range, range.0)?;
    (!situation.said().takes_back(rule, range)).then_some((0, Some(found.1)))
}

/// The first cue of the rule in `range`: distance in characters from `from`, and where.
fn first_cue(situation: &Situation, rule: &UsageRule, range: Range, from: usize) -> Option<(usize, Range)> {
    let at = cues(situation, rule, range).min_by_key(|cue| cue.0)?;
    Some((situation.page.text((from.min(at.0), at.0)).chars().count(), at))
}

/// The last cue of the rule in `range`, the nearest to what follows it.
fn last_cue(situation: &Situation, rule: &UsageRule, range: Range, to: usize) -> Option<(usize, Range)> {
    let at = cues(situation, rule, range).max_by_key(|cue| cue.1)?;
    Some((situation.page.text((at.1, to.max(at.1))).chars().count(), at))
}

fn cues<'p>(situation: &'p Situation, rule: &'p UsageRule, range: Range) -> impl Iterator<Item = Range> + 'p {
    let page = situation.page;
    let text = page.text(range);
    let patterns = rule.pattern.iter().flat_map(move |p| p.find_iter(text).map(move |m| (range.0 + m.start(), range.0 + m.end())));
    situation.said().cues(rule, range).chain(patterns).filter(move |cue| !excepted(page, rule, *cue))
}

/// Whether the cue is only part of one of the rule's longer strings.
fn excepted(page: &Page, rule: &UsageRule, cue: Range) -> bool {
    let text = &page.folded.text;
    let hit = page.text(cue);
    rule.not_in.iter().any(|longer| {
        longer.match_indices(hit).any(|(inside, _)| {
            cue.0.checked_sub(inside).and_then(|start| text.get(start..)).is_some_and(|t| t.starts_with(longer.as_str()))
        })
    })
}

fn in_item(situation: &Situation, rule: &UsageRule, mention: &Mention) -> Option<(usize, Option<Range>)> {
    let (item, field) = situation.item_of(mention)?;
    if item.demanded != (rule.scope == Scope::DemandedItem) || !(rule.fields.is_empty() || rule.fields.contains(&field)) {
        return None;
    }
    if rule.cues.is_empty() {
        return Some((0, None));
    }
    let name = situation.page.range(item.name.at.start, item.name.at.end);
    somewhere(situation, rule, name)
}

fn is_party(situation: &Situation, rule: &UsageRule, mention: &Mention) -> Option<(usize, Option<Range>)> {
    if mention.recognised != Recognised::OwnCompany {
        return None;
    }
    let inside = situation.parties.iter().any(|p| p.0 <= mention.at.0 && mention.at.1 <= p.1);
    if inside { Some((0, None)) } else { somewhere(situation, rule, mention.place.label) }
}

/// A losing or not yet winning bidder stands in the mention's row.
pub fn in_bid(situation: &Situation, mention: &Mention) -> Option<(usize, Option<Range>)> {
    let row = mention.place.row;
    let bidder = situation.bids.iter().find(|b| row.0 <= b.0 && b.1 <= row.1)?;
    Some((0, Some(*bidder)))
}

/// The clause around a mention; an enumeration of mentions is one with its clause.
pub fn clause(situation: &Situation, mention: &Mention) -> Clause {
    let layout = &situation.rules.clauses;
    let page = situation.page;
    let mut start = mention.at.0;
    let mut end = mention.at.1;
    let mut around = page.stretch(start, end, mention.place.cell, &layout.clause_ends, layout.clause_reach);
    for _ in 0..40 {
        let Some(previous) = enumerated_before(situation, around.0, start, layout) else { break };
        start = previous;
        around.0 = page.stretch(start, start, mention.place.cell, &layout.clause_ends, layout.clause_reach).0;
    }
    for _ in 0..40 {
        let Some(next) = enumerated_after(situation, around.1, layout) else { break };
        end = next;
        around.1 = page.stretch(end, end, mention.place.cell, &layout.clause_ends, layout.clause_reach).1;
    }
    Clause { before: (around.0, mention.at.0), after: (mention.at.1, around.1) }
}

/// Start of the mention that ends right before the comma at `at`, where the one at `start` follows it at once.
fn enumerated_before(situation: &Situation, at: usize, start: usize, layout: &Clauses) -> Option<usize> {
    let comma = situation.page.folded.text[..at].char_indices().next_back()?;
    if comma.1 != layout.comma || situation.page.text((at, start)).chars().count() > 1 {
        return None;
    }
    let next = situation.mentions.partition_point(|m| m.1 <= comma.0);
    let last = situation.mentions[..next].last()?;
    let between = situation.page.text((last.1, comma.0));
    (between.chars().count() <= layout.list_gap && !between.contains('\n')).then_some(last.0)
}

/// End of the mention that begins right after the comma at `at`.
fn enumerated_after(situation: &Situation, at: usize, layout: &Clauses) -> Option<usize> {
    let comma = situation.page.folded.text[at..].chars().next()?;
    if comma != layout.comma {
        return None;
    }
    let after = at + comma.len_utf8();
    let next = situation.mentions.partition_point(|m| m.0 < after);
    let first = situation.mentions.get(next)?;
    let between = situation.page.text((after, first.0));
    (between.chars().count() <= 1).then_some(first.1)
}
