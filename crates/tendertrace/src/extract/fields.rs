//! Who buys, through whom, under which number, for how much? The notice's own fields from its
//! labels, and from title and sentences where the labels are silent.

use super::pairs::Pair;
use super::values::amount::{self, Reading};
use super::{Layout, claims, orgs, text};
use crate::evidence::{Gap, GapKind, Known, Sourced};
use crate::model::Money;
use crate::rulebook::Rulebook;
use crate::rulebook::labels::Shape;
use crate::script::is_han;
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
    let titled = orgs::in_title(layout, layout.headline(rules), rules);
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
    let titled = title_number(layout, rules);
    match (numbers.first_mut(), titled) {
        (None, Some(titled)) => numbers.push(titled),
        // The text may be cut off in the middle of the number that the title holds whole.
        (Some(first), Some(titled)) if is_cut_off(&first.value, &titled.value) => *first = titled,
        _ => {}
    }
    numbers
}

fn is_cut_off(number: &str, titled: &str) -> bool {
    number.len() >= 6 && titled.strip_prefix(number).is_some_and(|rest| rest.starts_with(['-', '/']))
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
    labelled.into_iter().find(long).or_else(|| heading_name(layout, rules)).or_else(|| title_name(layout, layout.title(), rules))
}

/// What the heading below the title calls the project, where the title speaks of something else.
fn heading_name(layout: &Layout<'_>, rules: &Rulebook) -> Option<Sourced<String>> {
    const SHARED: usize = 4;
    let (title, heading) = (layout.title(), layout.headline(rules));
    let name = title_name(layout, heading, rules).filter(|_| heading != title)?;
    let said: Vec<char> = title_name(layout, title, rules)?.value.chars().collect();
    let shares = said.windows(SHARED).any(|piece| name.value.contains(&piece.iter().collect::<String>()));
    (!shares).then_some(name)
}

/// The budget; where none is stated the ceiling price. Zero is "not given".
pub fn budget(layout: &Layout<'_>, rules: &Rulebook, gaps: &mut Vec<Gap>) -> Option<Known<Money>> {
    ["budget", "ceiling"].into_iter().find_map(|field| sums(layout, field, rules, gaps).into_iter().next_back())
}

/// Sections whose sums are no budget: what the agency takes, what bidders have done before.
const NO_BUDGET: &[&str] = &["fees", "past_performance", "qualification", "payment"];

/// Sums behind the labels of a field. A correction states the old one before the new one.
fn sums(layout: &Layout<'_>, field: &str, rules: &Rulebook, gaps: &mut Vec<Gap>) -> Vec<Known<Money>> {
    let mut sums: Vec<Known<Money>> = Vec::new();
    let speaks_of_it = |pair: &&Pair| !claims::section_kind(layout, pair).is_some_and(|kind| NO_BUDGET.contains(&kind));
    for pair in layout.of_field(field).filter(speaks_of_it) {
        let hint = amount::hint(layout.document.slice(pair.label), rules);
        let value = layout.document.slice(pair.value);
        match amount::read(value, &hint, rules) {
            Reading::Money(stated) if !stated.money.amount.is_zero() => {
                let at = layout.document.span(pair.value.start + stated.start, pair.value.start + stated.end);
                let raw = layout.document.slice(at).to_string();
                sums.push(Known::from(Sourced { value: stated.money, raw, at, rule: pair.rule.clone() }));
            }
            Reading::Parts(parts) => sums.extend(claims::together(layout, pair.value, &parts)),
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
    for (start, end) in listed(value) {
        let code = &value[start..end];
        let code_end = start + code_length(code);
        if code[..code_end - start].chars().any(|c| c.is_ascii_digit()) {
            codes.push(orgs::sourced(layout, pair.value.start + start, pair.value.start + code_end, pair.rule.clone()));
        }
    }
    codes
}

/// The stretches of a number field between stops; a slash divides only codes that begin alike, since
/// codes hold slashes themselves.
fn listed(value: &str) -> Vec<(usize, usize)> {
    const ALIKE: usize = 4;
    let cut = |separators: &[char]| -> Vec<(usize, usize)> {
        let mut from = 0;
        let pieces = value.split(separators).map(|piece| {
            let at = (from, from + piece.len());
            from = at.1 + value[at.1..].chars().next().map_or(0, char::len_utf8);
            text::trim(value, at.0, at.1)
        });
        pieces.collect()
    };
    let slashed = cut(&['/']);
    let beginning = |at: &(usize, usize)| value[at.0..at.1].get(..ALIKE);
    let alike = slashed.len() > 1 && slashed.iter().all(|at| at.1 - at.0 > ALIKE && beginning(at) == beginning(&slashed[0]));
    if alike { slashed } else { cut(&[',', '，', '、', '；', ';']) }
}

/// Length of a code of letters and digits before words that run on: `BB2024GC011采购项目名称`.
fn before_words(code: &str) -> usize {
    const CODE: usize = 7;
    const DIGITS: usize = 4;
    const WORDS: usize = 4;
    let end = code.find(|c: char| !c.is_ascii()).unwrap_or(code.len());
    let whole = end >= CODE && code[..end].bytes().filter(u8::is_ascii_digit).count() >= DIGITS;
    let words = code[end..].chars().take_while(|c| is_han(*c)).count();
    if whole && words >= WORDS { end } else { code.len() }
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
    let remark =
        |at: &usize| *at >= 5 && !stated[*at..].chars().nth(1).is_some_and(|c| c.is_ascii_digit()) && !goes_on_behind(&stated[*at..]);
    if let Some(at) = stated.find(['(', '（']).filter(remark) {
        end = at;
    }
    balanced(&code[..before_words(&code[..end])])
}

/// `（A）-001`: behind the bracket the code goes on.
fn goes_on_behind(bracketed: &str) -> bool {
    let behind = bracketed.find([')', '）']).map_or("", |at| &bracketed[at..]);
    behind.chars().nth(1).is_some_and(|c| c.is_ascii_alphanumeric() || c == '-')
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
        digits >= 5 && code.chars().any(char::is_alphabetic) && code.len() >= 7
    };
    let found = regex.captures_iter(&folded.text).filter_map(|groups| groups.get(1).or_else(|| groups.get(2))).find(long)?;
    // 某公司-公开招标-XM-001: the dash divides, it is no part of the number.
    let dash = found.as_str().len() - found.as_str().trim_start_matches(['-', '/']).len();
    let (a, b) = folded.source_range(found.start() + dash, found.end());
    // i5-6500 8G 1T: words of a product's name are no code.
    let number = orgs::sourced(layout, start + a, start + b, "labels/sentences#title-number".into());
    (!number.raw.contains(char::is_whitespace)).then_some(number)
}

/// The title without what announces it, brackets around it and its notice type.
fn title_name(layout: &Layout<'_>, (start, end): (usize, usize), rules: &Rulebook) -> Option<Sourced<String>> {
    let words = &rules.sentences;
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
