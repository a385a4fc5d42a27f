//! Who buys, through whom, under which number, for how much? The notice's own fields from its
//! labels, and from title and sentences where the labels are silent.

use super::pairs::Pair;
use super::values::amount::{self, Reading};
use super::{Layout, orgs, text};
use crate::evidence::{Gap, GapKind, Known, Sourced};
use crate::model::Money;
use crate::rulebook::Rulebook;
use crate::rulebook::labels::Shape;
use std::collections::{BTreeMap, HashSet};

/// Who takes part besides the sellers.
#[derive(Debug, Clone, Default)]
pub struct Parties {
    pub buyer: Option<Sourced<String>>,
    pub end_user: Option<Sourced<String>>,
    pub agency: Option<Sourced<String>>,
}

/// Buyer, end user and agency. A label's organisation comes first, then a sentence's, then the
/// title's; a person in the buyer's field is passed over.
pub fn parties(layout: &Layout<'_>, rules: &Rulebook) -> Parties {
    let titled = orgs::in_title(layout, layout.title(), rules);
    let labelled =
        organisation(layout, "buyer", rules).filter(|name| titled.buyer.is_none() || !runs_for_others(layout, &name.value, rules));
    let agency = organisation(layout, "agency", rules);
    // Sentences matter only where labels are silent.
    let said = if labelled.is_some() && agency.is_some() { BTreeMap::new() } else { orgs::in_sentences(layout, rules) };
    let mut agency = agency.or_else(|| said.get("agency").cloned()).or(titled.agency);
    let from_title = titled.buyer.filter(|name| !said.get("agency").is_some_and(|agency| agency.value == name.value));
    let mut buyer = labelled.or_else(|| said.get("buyer").cloned()).or(from_title);
    if agency.as_ref().map(|a| &a.value) == buyer.as_ref().map(|b| &b.value) {
        agency = None;
    }
    if buyer.is_none() {
        buyer = written(layout, "buyer", rules);
    }
    let end_user = organisation(layout, "end_user", rules).or(titled.end_user);
    let end_user = end_user.filter(|user| buyer.as_ref().is_none_or(|buyer| buyer.value != user.value));
    Parties { buyer, end_user, agency }
}

/// An agency that stands in the buyer's field too: it tenders in its own name for the body of the title.
fn runs_for_others(layout: &Layout<'_>, name: &str, rules: &Rulebook) -> bool {
    let agency = rules.sentences.only_agencies.iter().any(|word| name.contains(word.as_str()));
    agency && layout.of_field("agency").any(|pair| layout.document.slice(pair.value) == name)
}

/// All project numbers, the project's own first.
pub fn project_numbers(layout: &Layout<'_>, rules: &Rulebook) -> Vec<Sourced<String>> {
    let mut numbers: Vec<Sourced<String>> = Vec::new();
    let mut seen = HashSet::new();
    for field in ["project_number", "lot_number"] {
        if numbers.is_empty() {
            for pair in layout.of_field(field) {
                for code in codes(layout, pair, rules) {
                    let fresh = seen.insert(code.value.clone()) && !numbers.iter().any(|known| runs_on(&known.value, &code.value));
                    numbers.extend(fresh.then_some(code));
                }
            }
            if field != "project_number" {
                numbers.truncate(1);
            }
        }
    }
    if numbers.is_empty() {
        numbers.extend(title_number(layout, rules));
    }
    numbers
}

/// Whether one number is the other with the next words run into it, or cut off.
fn runs_on(known: &str, other: &str) -> bool {
    let (short, long) = if known.len() < other.len() { (known, other) } else { (other, known) };
    short.len() >= 8 && long.strip_prefix(short).is_some_and(|rest| rest.starts_with(char::is_alphanumeric))
}

/// The project's name: its label's value, else the title without its notice type.
pub fn project_name(layout: &Layout<'_>, rules: &Rulebook) -> Option<Sourced<String>> {
    let labelled = layout.of_field("project_name").filter(|pair| given(layout, pair, rules)).map(|pair| name_alone(layout, pair, rules));
    let long = |name: &Sourced<String>| name.value.chars().count() >= 2;
    labelled.into_iter().find(long).or_else(|| title_name(layout, rules))
}

/// The budget; where none is stated the ceiling price. Zero is "not given".
pub fn budget(layout: &Layout<'_>, rules: &Rulebook, gaps: &mut Vec<Gap>) -> Option<Known<Money>> {
    ["budget", "ceiling"].into_iter().find_map(|field| sums(layout, field, rules, gaps).into_iter().next_back().map(Known::from))
}

/// Sums behind the labels of a field. A correction states the old one before the new one.
fn sums(layout: &Layout<'_>, field: &str, rules: &Rulebook, gaps: &mut Vec<Gap>) -> Vec<Sourced<Money>> {
    let mut sums: Vec<Sourced<Money>> = Vec::new();
    for pair in layout.of_field(field) {
        let hint = amount::hint(layout.document.slice(pair.label), rules);
        let value = layout.document.slice(pair.value);
        match amount::read(value, &hint, rules) {
            Reading::Money(stated) if !stated.money.amount.is_zero() => {
                let at = layout.document.span(pair.value.start + stated.start, pair.value.start + stated.end);
                sums.push(Sourced { value: stated.money, raw: layout.document.slice(at).to_string(), at, rule: pair.rule.clone() });
            }
            Reading::Masked(_) => {
                gaps.push(Gap { kind: GapKind::Masked, at: layout.document.quote(pair.value.start, pair.value.end), note: String::new() })
            }
            Reading::Unreadable(_) if value.chars().any(|c| c.is_ascii_digit()) => {
                gaps.push(Gap {
                    kind: GapKind::UnreadableValue,
                    at: layout.document.quote(pair.label.start, pair.value.end.max(pair.label.end)),
                    note: String::new(),
                });
            }
            _ => {}
        }
    }
    if !layout.is_correction() {
        sums.truncate(1);
    }
    sums
}

/// The first value of a field that is an organisation.
fn organisation(layout: &Layout<'_>, field: &str, rules: &Rulebook) -> Option<Sourced<String>> {
    layout.of_field(field).filter(|pair| given(layout, pair, rules)).find_map(|pair| {
        let value = layout.document.slice(pair.value);
        if text::is_org(value, rules) {
            return Some(of(layout, pair));
        }
        // A name that runs on into other text ends at its last ending.
        let folded = rules.folder.squeeze(value);
        let end = super::chains::running_name(&folded.text, rules)?;
        let (_, to) = folded.source_range(0, end);
        Some(orgs::sourced(layout, pair.value.start, pair.value.start + to, pair.rule.clone()))
    })
}

/// The first value of a field that is at least no person and not too long for a name.
fn written(layout: &Layout<'_>, field: &str, rules: &Rulebook) -> Option<Sourced<String>> {
    let named = |pair: &&Pair| {
        let value = layout.document.slice(pair.value);
        given(layout, pair, rules) && !orgs::is_person(value, rules) && (3..=40).contains(&value.chars().count())
    };
    layout.of_field(field).find(named).map(|pair| of(layout, pair))
}

pub(super) fn given(layout: &Layout<'_>, pair: &Pair, rules: &Rulebook) -> bool {
    !rules.layout.not_given(&rules.folder.plain(layout.document.slice(pair.value)))
}

fn of(layout: &Layout<'_>, pair: &Pair) -> Sourced<String> {
    orgs::sourced(layout, pair.value.start, pair.value.end, pair.rule.clone())
}

/// The codes of a number field: several are listed with commas.
fn codes(layout: &Layout<'_>, pair: &Pair, rules: &Rulebook) -> Vec<Sourced<String>> {
    let value = layout.document.slice(pair.value);
    if !given(layout, pair, rules) {
        return Vec::new();
    }
    let mut codes = Vec::new();
    let mut from = 0;
    for piece in value.split([',', '，', '、', '；', ';']) {
        let (start, end) = text::trim(value, from, from + piece.len());
        let next = value[from + piece.len()..].chars().next().map_or(0, char::len_utf8);
        from += piece.len() + next;
        let code = &value[start..end];
        let code_end = start + code_length(code);
        if code[..code_end - start].chars().any(|c| c.is_ascii_digit()) {
            codes.push(orgs::sourced(layout, pair.value.start + start, pair.value.start + code_end, pair.rule.clone()));
        }
    }
    codes
}

/// A code ends at white space that no code character follows, and before an explanation.
fn code_length(code: &str) -> usize {
    let mut end = code.len();
    if let Some(at) = code.find(char::is_whitespace) {
        let rest = code[at..].trim_start();
        if rest.chars().next().is_none_or(|c| !c.is_ascii_alphanumeric()) || !code[..at].is_ascii() {
            end = at;
        }
    }
    let stated = &code[..end];
    if let Some(at) = stated.find(['(', '（']).filter(|at| *at >= 5 && !stated[*at..].chars().nth(1).is_some_and(|c| c.is_ascii_digit())) {
        end = at;
    }
    balanced(&code[..end])
}

/// Length up to a bracket that closes what the code did not open, or opens what it does not close.
fn balanced(code: &str) -> usize {
    let mut open = Vec::new();
    for (at, c) in code.char_indices() {
        match c {
            '(' | '（' | '[' | '【' | '〔' => open.push(at),
            ')' | '）' | ']' | '】' | '〕' if open.pop().is_none() => return at,
            _ => {}
        }
    }
    open.first().copied().filter(|at| *at > 0).unwrap_or(code.len())
}

/// A number in the title: the only one that a notice without number labels shows.
fn title_number(layout: &Layout<'_>, rules: &Rulebook) -> Option<Sourced<String>> {
    let (start, end) = layout.title();
    let folded = rules.folder.squeeze(&layout.document.text[start..end]);
    let regex = rules.sentences.title_number.as_ref()?;
    let long = |found: &regex::Match<'_>| {
        let code = found.as_str();
        let digits = code.chars().filter(char::is_ascii_digit).count();
        digits >= 5 && code.chars().any(|c| c.is_ascii_alphabetic()) && code.len() >= 7
    };
    let found = regex.captures_iter(&folded.text).filter_map(|groups| groups.get(1)).find(long)?;
    let (a, b) = folded.source_range(found.start(), found.end());
    Some(orgs::sourced(layout, start + a, start + b, "labels/sentences#title-number".into()))
}

/// The title without what announces it, brackets around it and its notice type.
fn title_name(layout: &Layout<'_>, rules: &Rulebook) -> Option<Sourced<String>> {
    let words = &rules.sentences;
    let (start, end) = layout.title();
    let (start, end) = text::trim(&layout.document.text, start, end);
    let folded = rules.folder.squeeze(&layout.document.text[start..end]);
    let title = folded.text.as_str();
    // The last group that took part, else the whole match, is what the ending is.
    let ending = words
        .title_ending
        .as_ref()
        .and_then(|regex| regex.captures(title))
        .and_then(|g| g.iter().flatten().last())
        .filter(|m| m.start() > 0);
    let to = ending.map_or(title.len(), |m| m.start());
    let opening = words.title_opening.as_ref().and_then(|regex| regex.find(&title[..to])).map_or(0, |m| m.end());
    let (from, to) = inside_brackets(title, opening, to);
    let name = &title[from..to];
    let (a, b) = folded.source_range(from, to);
    let (from, to) = text::trim(&layout.document.text, start + a, start + b);
    (to > from && rules.labels.exact(name).is_none()).then(|| orgs::sourced(layout, from, to, "labels/sentences#title".into()))
}

/// `某编号【某项目】` is called what stands in the brackets.
fn inside_brackets(title: &str, from: usize, to: usize) -> (usize, usize) {
    match title[from..to].find('【').map(|at| from + at + '【'.len_utf8()) {
        Some(inside) if title[inside..to].ends_with('】') => (inside, to - '】'.len_utf8()),
        _ => (from, to),
    }
}

/// A label's value without the sentence or the next label that runs on behind it.
fn name_alone(layout: &Layout<'_>, pair: &Pair, rules: &Rulebook) -> Sourced<String> {
    let folded = rules.folder.squeeze(layout.document.slice(pair.value));
    let name = folded.text.as_str();
    let sentence = rules.sentences.name_tail.as_ref().and_then(|regex| regex.find(name)).map(|m| m.start());
    let next_label = || {
        name.char_indices().map(|(at, _)| at).find(|at| {
            let phrase = rules.labels.exact(&name[*at..]);
            phrase.is_some_and(|phrase| phrase.labels.iter().any(|label| matches!(label.shape, Shape::Date | Shape::Number)))
        })
    };
    let Some(end) = sentence.or_else(next_label).filter(|end| *end > 0) else { return of(layout, pair) };
    let (_, end) = folded.source_range(0, end);
    orgs::sourced(layout, pair.value.start, pair.value.start + end, pair.rule.clone())
}
