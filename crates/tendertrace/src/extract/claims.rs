//! Who is said to have won, bid, lost or been invited? Every such statement of a notice, from
//! label-value pairs and from grids, each with its names, sum, rank and package.

mod prose;

use super::Layout;
use super::grids::{Grid, Row, short_integer};
use super::names::{self, Names};
use super::pairs::{NO_SECTION, Pair, head};
use super::values::amount::{self, AmountHint, Reading, Stated};
use super::values::capitals;
use crate::evidence::{Derived, Gap, GapKind, Known, RuleId, Sourced, Span};
use crate::model::Money;
use crate::rulebook::Rulebook;
use crate::rulebook::units::{EndingStrength, Means};
use rust_decimal::prelude::ToPrimitive as _;

/// What a statement says of its bidder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Named under a label or heading of winners.
    Winner,
    /// Supplier of an item in a table of goods.
    ItemSupplier,
    Candidate,
    Bidder,
    Loser,
    Invited,
}

#[derive(Debug, Clone)]
pub struct Claim {
    pub role: Role,
    pub lot: Option<String>,
    pub names: Vec<Sourced<String>>,
    pub amount: Option<Known<Money>>,
    /// Why there is no amount.
    pub note: Option<&'static str>,
    pub rank: Option<u32>,
    pub at: usize,
    /// Which stretch of the notice says so: repeated statements of one stretch are different awards.
    pub source: usize,
}

/// All statements, sums that no bidder took, and values that could not be read.
#[derive(Debug, Clone, Default)]
pub struct Claims {
    pub claims: Vec<Claim>,
    pub loose: Vec<Known<Money>>,
    pub gaps: Vec<Gap>,
}

/// Sections that speak of other things than this award.
const FOREIGN: &[&str] = &[
    "past_performance",
    "requirements",
    "qualification",
    "fees",
    "agency_contact",
    "buyer_contact",
    "documents",
    "experts",
    "submission",
    "payment",
    "supervision",
    "project_contact",
];
/// Below this a sum without any unit may as well be a rate or stand in 万元.
const LEAST_BARE_SUM: i64 = 100;

/// Collects the statements of a document.
pub fn collect(layout: &Layout, grids: &[Grid], rules: &Rulebook) -> Claims {
    let mut out = Claims::default();
    from_pairs(layout, grids, rules, &mut out);
    for (number, grid) in grids.iter().enumerate() {
        from_grid(layout, grid, number, rules, &mut out);
    }
    if !out.claims.iter().any(|c| matches!(c.role, Role::Winner | Role::Candidate)) {
        prose::from_award_lines(layout, grids, rules, &mut out);
    }
    prose::from_prose(layout, grids, rules, &mut out);
    out
}

/// The rank that a text states: 第二中标候选人, 第一名, 1.
pub fn rank_of(text: &str, rules: &Rulebook) -> Option<u32> {
    let folded = rules.folder.squeeze(text).text;
    let ordinals = folded.char_indices().filter_map(|(at, _)| match rules.units.inside.at_start(&folded[at..]) {
        Some((length, word)) if word.means == Means::Ordinal => counted(&folded[at + length..], rules),
        _ => None,
    });
    ordinals.last().or_else(|| short_integer(&folded)).filter(|rank| (1..=50).contains(rank))
}

fn counted(text: &str, rules: &Rulebook) -> Option<u32> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    if !digits.is_empty() {
        return digits.parse().ok();
    }
    let words: String = text.chars().take_while(|c| rules.units.numerals.contains_key(c)).collect();
    capitals::value(&words, rules)?.to_u32()
}

/// A package's number as the notice counts it: `第01包` is 1, `标项二` is 2, `A包` is A.
pub fn lot_id(text: &str, rules: &Rulebook) -> Option<String> {
    let folded = rules.folder.squeeze(text).text;
    let head = folded.split([':', ',', '。', ';']).next().unwrap_or_default();
    if head.is_empty() || head.chars().count() > 14 {
        return None;
    }
    let digits: String = head.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    if !digits.is_empty() {
        let number = digits.trim_start_matches('0');
        return (digits.len() <= 3 && !number.is_empty()).then(|| number.to_string());
    }
    let words: String =
        head.chars().skip_while(|c| !rules.units.numerals.contains_key(c)).take_while(|c| rules.units.numerals.contains_key(c)).collect();
    if let Some(number) = capitals::value(&words, rules).filter(|n| !n.is_zero() && n.scale() == 0) {
        return Some(number.to_string());
    }
    let mut letters = head.chars().filter(char::is_ascii_alphabetic);
    let letter = letters.next()?;
    letters.next().is_none().then(|| letter.to_ascii_uppercase().to_string())
}

/// What the section of a pair is about.
pub fn section_kind<'a>(layout: &'a Layout, pair: &Pair) -> Option<&'a str> {
    if pair.section == NO_SECTION {
        return None;
    }
    layout.sections.get(pair.section as usize).and_then(|s| s.kind.as_deref())
}

fn section_at<'a>(layout: &'a Layout, at: usize) -> Option<&'a str> {
    let inside = layout.sections.iter().filter(|s| s.heading.start <= at && at < s.body.end);
    inside.max_by_key(|s| s.heading.start).and_then(|s| s.kind.as_deref())
}

fn role_of_field(field: &str) -> Option<Role> {
    match field {
        "supplier" => Some(Role::Winner),
        "candidate" => Some(Role::Candidate),
        "bidder" => Some(Role::Bidder),
        "loser" => Some(Role::Loser),
        "invited" => Some(Role::Invited),
        _ => None,
    }
}

enum Event<'a> {
    Bidder(Role, &'a Pair),
    Sum(&'a Pair),
    Rank(&'a Pair),
}

fn from_pairs(layout: &Layout, grids: &[Grid], rules: &Rulebook, out: &mut Claims) {
    let free = |pair: &&Pair| {
        !grids.iter().any(|g| g.at.overlaps(&pair.label)) && !section_kind(layout, pair).is_some_and(|k| FOREIGN.contains(&k))
    };
    let unlabelled = before_addresses(layout, rules);
    let mut pairs: Vec<&Pair> = layout.pairs.iter().chain(&unlabelled).collect();
    pairs.sort_by_key(|pair| pair.value.start);
    let events: Vec<Event> = pairs
        .into_iter()
        .filter(free)
        .filter_map(|pair| match &*pair.field {
            "amount" | "bid_price" | "rate" => Some(Event::Sum(pair)),
            "rank" => Some(Event::Rank(pair)),
            field => role_of_field(field).map(|role| Event::Bidder(role, pair)),
        })
        .collect();
    let sums_lead = matches!(events.first(), Some(Event::Sum(_))) && matches!(events.last(), Some(Event::Bidder(..)));
    let mut open: Vec<(&Pair, Reading)> = Vec::new();
    let first = out.claims.len();
    for event in &events {
        match event {
            Event::Bidder(role, pair) => {
                let Some(mut claim) = claim(layout, *role, pair, rules) else { continue };
                if *role != Role::Winner && claim.names.len() > 1 && !speaks_of_consortium(layout.document.slice(pair.value), rules) {
                    out.claims.extend(each(claim));
                    continue;
                }
                if sums_lead && let Some((sum, reading)) = open.pop() {
                    apply(layout, &mut claim, sum.value, reading, &mut out.gaps);
                }
                out.claims.push(claim);
            }
            Event::Sum(pair) => {
                let reading = reading(layout, pair, rules);
                let last = out.claims[first..]
                    .last_mut()
                    .filter(|c| !sums_lead && c.amount.is_none() && c.note.is_none() && same_lot(&c.lot, &pair.lot));
                match last {
                    Some(claim) => apply(layout, claim, pair.value, reading, &mut out.gaps),
                    None => open.push((pair, reading)),
                }
            }
            Event::Rank(pair) => {
                if let Some(claim) = out.claims[first..].last_mut() {
                    claim.rank = claim.rank.or_else(|| rank_of(layout.document.slice(pair.value), rules));
                }
            }
        }
    }
    let loose: Vec<Known<Money>> =
        open.into_iter().filter_map(|(pair, reading)| reading.money().map(|s| known(layout, pair.value, s))).collect();
    out.loose.extend(loose);
}

/// Bidders without a label of their own, named right before the label of their address:
/// `某有限公司供应商地址：某路1号成交金额：12元`.
fn before_addresses(layout: &Layout, rules: &Rulebook) -> Vec<Pair> {
    layout.of_field("supplier_address").filter_map(|pair| before_address(layout, pair, rules)).collect()
}

fn before_address(layout: &Layout, address: &Pair, rules: &Rulebook) -> Option<Pair> {
    const LONGEST: usize = 150;
    let text = &layout.document.text;
    let from = text.floor_char_boundary(address.label.start.saturating_sub(LONGEST));
    let lead = text[from..address.label.start].trim_end();
    let start = from
        + lead
            .rfind(|c: char| c.is_whitespace() || "：:。；;，,|".contains(c))
            .map_or(0, |at| at + lead[at..].chars().next().map_or(0, char::len_utf8));
    let name = layout.document.span(start, from + lead.len());
    let known = layout.pairs.iter().any(|pair| pair.value.overlaps(&name));
    let strong = super::grids::is_organisation(layout.document.slice(name), rules) == Some(EndingStrength::Strong);
    (strong && !known).then(|| Pair {
        field: "supplier".into(),
        rule: "outcome/name-before-its-address".into(),
        label: name,
        value: name,
        ..address.clone()
    })
}

fn speaks_of_consortium(text: &str, rules: &Rulebook) -> bool {
    let folded = rules.folder.squeeze(text).text;
    folded.char_indices().any(|(at, _)| rules.units.inside.at_start(&folded[at..]).is_some_and(|(_, w)| w.means == Means::Consortium))
}

/// One claim for each name of a list.
fn each(claim: Claim) -> Vec<Claim> {
    claim.names.iter().map(|name| Claim { names: vec![name.clone()], rank: None, ..claim.clone() }).collect()
}

fn same_lot(a: &Option<String>, b: &Option<String>) -> bool {
    a.is_none() || b.is_none() || a == b
}

fn reading(layout: &Layout, pair: &Pair, rules: &Rulebook) -> Reading {
    let label = layout.document.slice(pair.label);
    let mut hint = amount::hint(label, rules);
    hint.rate |= &*pair.field == "rate";
    amount::read(layout.document.slice(pair.value), &hint, rules)
}

fn claim(layout: &Layout, role: Role, pair: &Pair, rules: &Rulebook) -> Option<Claim> {
    let Names { names, .. } = names::read(layout.document, pair.value, &pair.rule, rules);
    if names.is_empty() {
        return None;
    }
    let rank = (role == Role::Candidate)
        .then(|| rank_of(layout.document.slice(pair.label), rules).or_else(|| rank_before(layout, pair, rules)))
        .flatten();
    Some(Claim { role, lot: pair.lot.clone(), names, amount: None, note: None, rank, at: pair.label.start, source: pair.section as usize })
}

/// 第二中标候选人 as a line of its own above 单位名称：…
fn rank_before(layout: &Layout, pair: &Pair, rules: &Rulebook) -> Option<u32> {
    let text = &layout.document.text[..pair.label.start];
    let tail = text.trim_end();
    let line = tail.rsplit(['\n', '\t']).next()?.trim();
    (line.chars().count() <= 16).then(|| rank_of(line, rules)).flatten()
}

/// Gives a claim its sum, or the reason why it has none.
fn apply(layout: &Layout, claim: &mut Claim, span: Span, reading: Reading, gaps: &mut Vec<Gap>) {
    let document = layout.document;
    match reading {
        Reading::Money(stated) if !stated.unit_stated && stated.money.amount < LEAST_BARE_SUM.into() => {
            let note = "a sum without a unit, too small to be told from a rate".to_string();
            gaps.push(Gap { kind: GapKind::UnreadableValue, at: document.quote(span.start, span.end), note });
        }
        Reading::Money(stated) => claim.amount = Some(known(layout, span, &stated)),
        Reading::Parts(parts) => claim.amount = together(layout, span, &parts),
        Reading::Rate(_) => claim.note = Some("rate"),
        Reading::PerUnit(_) => claim.note = Some("unit_price"),
        Reading::Masked(_) => {
            claim.note = Some("masked");
            gaps.push(Gap { kind: GapKind::Masked, at: document.quote(span.start, span.end), note: String::new() });
        }
        Reading::NotGiven(_) => {}
        Reading::Unreadable(_) => {
            let end = span.end.min(span.start + 120);
            let end = (span.start..=end).rev().find(|e| document.text.is_char_boundary(*e)).unwrap_or(span.start);
            gaps.push(Gap {
                kind: GapKind::UnreadableValue,
                at: document.quote(span.start, end),
                note: "a sum that could not be read".to_string(),
            });
        }
    }
}

fn known(layout: &Layout, span: Span, stated: &Stated) -> Known<Money> {
    let at = layout.document.span(span.start + stated.start, span.start + stated.end);
    Known::Read(Sourced { value: stated.money.clone(), raw: layout.document.slice(at).to_string(), at, rule: stated.rule.clone() })
}

/// The sum of parts that a value states (设计费 and 施工费), each with its quote.
pub fn together(layout: &Layout, span: Span, parts: &[Stated]) -> Option<Known<Money>> {
    let known: Vec<Known<Money>> = parts.iter().map(|part| known(layout, span, part)).collect();
    let currency = known.first()?.value().currency.clone();
    let value = Money { amount: known.iter().map(|part| part.value().amount).sum(), currency };
    Some(Known::Concluded(Derived {
        value,
        derived_from: known.iter().flat_map(|part| part.quotes()).collect(),
        rule: "outcome/sum-of-parts".into(),
    }))
}

/// A sum of a grid's cell.
pub fn cell_sum(layout: &Layout, span: Span, hint: &AmountHint, rules: &Rulebook) -> Option<Known<Money>> {
    amount::read(layout.document.slice(span), hint, rules).money().map(|stated| known(layout, span, stated))
}

fn from_grid(layout: &Layout, grid: &Grid, number: usize, rules: &Rulebook, out: &mut Claims) {
    let Some(supplier) = grid.bidders() else { return };
    if is_past_performance(grid) || section_at(layout, grid.at.start).is_some_and(|k| FOREIGN.contains(&k)) {
        return;
    }
    let sum = grid.column("amount").or_else(|| (!is_of_items(grid)).then(|| grid.column("line_total")).flatten());
    for row in &grid.rows {
        let Some(cell) = row.whole(supplier) else { continue };
        let role = grid_role(layout, grid, row, rules);
        let rule: RuleId = grid.columns[supplier].rule.clone();
        let Names { names, .. } = names::read(layout.document, cell, &rule, rules);
        if names.is_empty() {
            continue;
        }
        let mut claim = Claim {
            role,
            lot: row_lot(layout, grid, row, rules),
            names,
            amount: None,
            note: None,
            rank: grid.cell(row, "rank").and_then(|at| rank_of(layout.document.slice(at), rules)),
            at: cell.start,
            source: 10_000 + number,
        };
        if let Some(index) = sum
            && let Some(at) = row.whole(index)
        {
            let reading = amount::read(layout.document.slice(at), &sum_hint(layout, grid, index, row, rules), rules);
            apply(layout, &mut claim, at, reading, &mut out.gaps);
        }
        out.claims.push(claim);
    }
}

/// The heading's unit, or that of a currency or unit column of the row.
fn sum_hint(layout: &Layout, grid: &Grid, index: usize, row: &Row, rules: &Rulebook) -> AmountHint {
    let mut hint = grid.columns[index].hint.clone();
    if let Some(at) = grid.cell(row, "currency") {
        let own = amount::hint(&format!("({})", layout.document.slice(at)), rules);
        hint.factor = hint.factor.or(own.factor);
        hint.currency = own.currency.or(hint.currency);
    }
    hint
}

/// The package of a row: its own column, a title row, the beginning of what it names, or the
/// headings before the grid.
pub fn row_lot(layout: &Layout, grid: &Grid, row: &Row, rules: &Rulebook) -> Option<String> {
    let text = |at: Span| layout.document.slice(at);
    let own = grid.cell(row, "lot").and_then(|at| lot_id(text(at), rules));
    let title = || row.title.or(grid.title).and_then(|at| lot_id(text(at), rules));
    let named = || ["item_name", "lot_name"].into_iter().find_map(|field| named_lot(text(grid.cell(row, field)?), rules));
    own.or_else(title).or_else(named).or_else(|| grid.lot.clone())
}

/// `第2标段 某项目`: the package that a name begins with.
fn named_lot(name: &str, rules: &Rulebook) -> Option<String> {
    let folded = rules.folder.squeeze(head(name, 40)).text;
    let groups = rules.layout.lot_at_start.as_ref()?.captures(&folded)?;
    lot_id(groups.get(1).or_else(|| groups.get(2))?.as_str(), rules)
}

/// Whether the grid's rows are goods: then a supplier in them has no sum of its own.
pub fn is_of_items(grid: &Grid) -> bool {
    grid.has("item_name") && ["quantity", "unit_price", "brand", "model", "brand_model", "scope", "unit"].iter().any(|f| grid.has(f))
        || grid.has("unit_price")
}

/// Earlier contracts of the bidders: their own projects, sums and people.
fn is_past_performance(grid: &Grid) -> bool {
    // A ranking may say beside each bid what its bidder has done before.
    grid.has("past_performance") && !grid.has("rank") || grid.has("project_name") && grid.has("person")
}

fn grid_role(layout: &Layout, grid: &Grid, row: &Row, rules: &Rulebook) -> Role {
    if let Some(at) = grid.cell(row, "won") {
        let squeezed = rules.folder.squeeze(layout.document.slice(at)).text;
        return match rules.units.meaning(&squeezed) {
            Some(Means::Yes) => Role::Winner,
            Some(Means::No) => Role::Loser,
            _ => Role::Bidder,
        };
    }
    let reason = |at: &Span| amount::absent(layout.document.slice(*at), rules).is_none();
    if grid.cell(row, "reason_lost").filter(reason).is_some() {
        return Role::Loser;
    }
    // Those without a reason passed, where others did not.
    if grid.has("reason_lost") && grid.has("review") {
        return Role::Bidder;
    }
    if grid.has("reason_lost") {
        return Role::Loser;
    }
    if grid.has("rank") || grid.has("candidate") {
        return Role::Candidate;
    }
    // One row a package, with its winner, sum and goods, says who won.
    let of_packages = grid.has("lot") && grid.has("amount") && !grid.has("unit_price");
    if is_of_items(grid) && !of_packages || grid.has("item_name") && !grid.has("amount") {
        return Role::ItemSupplier;
    }
    let scored = grid.has("score") && !grid.has("amount") && !grid.has("line_total");
    if grid.has("review") || grid.has("bidder") || scored { Role::Bidder } else { Role::Winner }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_and_packages_in_all_spellings() {
        let rules = Rulebook::embedded();
        for (text, rank) in
            [("第二中标候选人", Some(2)), ("第1名", Some(1)), ("3", Some(3)), ("第一名", Some(1)), ("中标候选人", None), ("99.5", None)]
        {
            assert_eq!(rank_of(text, &rules), rank, "{text}");
        }
        for (text, lot) in [
            ("第01包", Some("1")),
            ("标项二", Some("2")),
            ("A包", Some("A")),
            ("合同包1：办公设备", Some("1")),
            ("SLS-2021-ZB-018001", None),
            ("十二", Some("12")),
            ("办公设备", None),
        ] {
            assert_eq!(lot_id(text, &rules).as_deref(), lot, "{text}");
        }
    }
}
