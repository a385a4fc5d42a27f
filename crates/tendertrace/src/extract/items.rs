//! What was bought, line by line? The goods and services of the grids, with name, brand, model,
//! quantity and prices; several goods in one row are told apart where all their lists agree.

use super::Layout;
use super::claims::{self, is_of_items};
use super::grids::{Grid, Row};
use super::listed;
use super::lists::{Good, goods};
use super::names::{self, tidy};
use super::pairs::Pair;
use super::values::amount::{self, Reading};
use super::values::number;
use crate::evidence::{Gap, GapKind, Known, RuleId, Sourced, Span};
use crate::model::{Item, Money, Stage};
use crate::rulebook::Rulebook;
use crate::rulebook::units::Means;
use crate::rulebook::units::UnitKind;
use crate::script::is_han;
use std::collections::HashMap;

/// The items of a document's grids.
pub fn items(layout: &Layout, grids: &[Grid], stage: Option<Stage>, rules: &Rulebook) -> (Vec<Item>, Vec<Gap>) {
    let demanded = !matches!(stage, Some(Stage::Award | Stage::Contract | Stage::Acceptance | Stage::Candidate));
    let mut gaps = Vec::new();
    let mut items: Vec<Vec<Item>> = Vec::new();
    for grid in grids.iter().filter(|g| is_of_items(g) || g.has("item_name")) {
        let of_grid = grid.rows.iter().flat_map(|row| row_items(layout, grid, row, "item_name", demanded, rules, &mut gaps)).collect();
        items.push(of_grid);
    }
    let mut items = without_copies(items);
    if items.is_empty() {
        items = labelled(layout, grids, demanded, rules);
    }
    if items.is_empty() && !demanded {
        items = listed::listed(layout, grids, rules);
    }
    if items.is_empty() && !demanded {
        items = contents(layout, grids, rules);
    }
    (items, gaps)
}

/// Goods of one name that a repeated one is compared with.
const SAME_NAME: usize = 32;

/// The goods of all tables: a table that repeats another one's goods adds none.
fn without_copies(tables: Vec<Vec<Item>>) -> Vec<Item> {
    let mut kept: Vec<Item> = Vec::new();
    let mut seen: HashMap<String, Vec<usize>> = HashMap::new();
    for table in tables {
        let before = kept.len();
        for item in table {
            let known = seen.entry(item.name.value.clone()).or_default();
            if known.iter().take(SAME_NAME).any(|at| *at < before && says_no_more(&item, &kept[*at])) {
                continue;
            }
            known.push(kept.len());
            kept.push(item);
        }
    }
    kept
}

/// Whether all that `item` states stands in `known` too, of the same supplier and package.
fn says_no_more(item: &Item, known: &Item) -> bool {
    fn within<T: PartialEq>(new: Option<T>, old: Option<T>) -> bool {
        new.is_none() || new == old
    }
    fn text(value: &Option<Sourced<String>>) -> Option<&String> {
        value.as_ref().map(|v| &v.value)
    }
    let sum = |value: &Option<Known<Money>>| value.as_ref().map(|v| v.value().clone());
    let sums = |item: &Item| [sum(&item.unit_price), sum(&item.line_total)];
    let stated = sums(known);
    within(text(&item.brand), text(&known.brand))
        && within(text(&item.model), text(&known.model))
        && within(text(&item.supplier), text(&known.supplier))
        && within(item.lot.as_ref(), known.lot.as_ref())
        && within(item.quantity.as_ref().map(|q| q.value), known.quantity.as_ref().map(|q| q.value))
        && sums(item).iter().flatten().all(|sum| stated.iter().flatten().any(|s| s == sum))
}

/// Goods written as labels and values: 名称：… 品牌：… 规格型号：… 数量：… 单价：…
fn labelled(layout: &Layout, grids: &[Grid], demanded: bool, rules: &Rulebook) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut section = None;
    let free: Vec<&Pair> = layout.pairs.iter().filter(|p| !p.value.is_empty() && !grids.iter().any(|g| g.at.overlaps(&p.label))).collect();
    for (at, pair) in free.iter().enumerate() {
        if &*pair.field == "item" || names_a_good(pair, free.get(at + 1)) {
            section = Some(pair.section);
            items.extend(named(layout, pair, demanded, rules));
        } else if section == Some(pair.section)
            && let Some(item) = items.last_mut()
        {
            describe(layout, item, pair, rules);
        }
    }
    if items.is_empty() {
        items.extend(of_title(layout, grids, demanded, rules));
    }
    // A name alone may be a heading: something must say more of it.
    items.retain(|i| i.brand.is_some() || i.model.is_some() || i.quantity.is_some() || i.unit_price.is_some() || i.line_total.is_some());
    items
}

/// 名称 alone names anything; right before 品牌 or 数量 it names a good.
fn names_a_good(pair: &Pair, next: Option<&&Pair>) -> bool {
    const OF_GOODS: &[&str] = &["brand", "model", "quantity", "unit_price"];
    &*pair.field == "generic_name" && next.is_some_and(|next| next.section == pair.section && OF_GOODS.contains(&&*next.field))
}

/// A record of one purchase whose title is the good itself: quantity and price stand behind labels.
fn of_title(layout: &Layout, grids: &[Grid], demanded: bool, rules: &Rulebook) -> Option<Item> {
    let free = || layout.pairs.iter().filter(|p| !p.value.is_empty() && !grids.iter().any(|g| g.at.overlaps(&p.label)));
    let (title, ..) = (layout.of_field("title").find(|p| !p.value.is_empty())?, free().find(|p| &*p.field == "unit_price")?);
    let mut item = named(layout, title, demanded, rules)?;
    free().for_each(|pair| describe(layout, &mut item, pair, rules));
    (item.quantity.is_some() && item.unit_price.is_some()).then_some(item)
}

/// Longest name of one good, in characters.
const LONGEST_NAME: usize = 120;

fn named(layout: &Layout, pair: &Pair, demanded: bool, rules: &Rulebook) -> Option<Item> {
    let short = layout.document.slice(pair.value).chars().count() <= LONGEST_NAME;
    (short && present(layout, pair.value, rules)).then(|| {
        let at = Span::new(pair.label.doc, pair.label.start, pair.value.end);
        Item { lot: pair.lot.clone(), ..Item::named(sourced(layout, pair.value, &pair.rule), demanded, at) }
    })
}

fn describe(layout: &Layout, item: &mut Item, pair: &Pair, rules: &Rulebook) {
    let text = || present(layout, pair.value, rules).then(|| sourced(layout, pair.value, &pair.rule));
    let hint = amount::hint(layout.document.slice(pair.label), rules);
    match &*pair.field {
        "brand" if item.brand.is_none() => item.brand = text(),
        "model" if item.model.is_none() => item.model = text(),
        "quantity" if item.quantity.is_none() => {
            if let Some(found) = number::quantity(layout.document.slice(pair.value), rules) {
                let span = layout.document.span(pair.value.start + found.start, pair.value.start + found.end);
                item.quantity =
                    Some(Sourced { value: found.value, raw: layout.document.slice(span).to_string(), at: span, rule: pair.rule.clone() });
                item.unit = found.unit;
            }
        }
        "unit" if item.unit.is_none() => item.unit = text().map(|u| u.value).filter(|u| u.chars().count() <= 6),
        "unit_price" if item.unit_price.is_none() => item.unit_price = price(layout, pair.value, &hint, rules),
        "line_total" if item.line_total.is_none() => item.line_total = price(layout, pair.value, &hint, rules),
        _ => return,
    }
    item.at.end = item.at.end.max(pair.value.end);
}

/// Awards whose table says what they are for, where no table of goods stands: 分包内容, 项目名.
fn contents(layout: &Layout, grids: &[Grid], rules: &Rulebook) -> Vec<Item> {
    let telling = |g: &&Grid| g.bidders().is_some() && (g.has("amount") || g.has("line_total")) && !g.has("rank") && !g.has("person");
    let mut items = Vec::new();
    for grid in grids.iter().filter(telling) {
        let Some(field) = ["lot_name", "project_name"].into_iter().find(|f| grid.has(f)) else { continue };
        for row in &grid.rows {
            // A package without a name is no gap in a table of goods.
            items.extend(row_items(layout, grid, row, field, false, rules, &mut Vec::new()));
        }
    }
    items
}

fn row_items(
    layout: &Layout,
    grid: &Grid,
    row: &Row,
    name_field: &str,
    demanded: bool,
    rules: &Rulebook,
    gaps: &mut Vec<Gap>,
) -> Vec<Item> {
    let lot = claims::row_lot(layout, grid, row, rules);
    let goods = goods(layout, grid, row, name_field, rules);
    if goods.is_empty() {
        if states_something(layout, grid, row, rules) && !is_subtotal(row) {
            let elsewhere =
                grid.cell(row, name_field).is_some_and(|at| amount::absent(layout.document.slice(at), rules) == Some(Means::Elsewhere));
            let (kind, note) = if elsewhere {
                (GapKind::AttachmentMissing, "the goods are named in another file")
            } else {
                (GapKind::UnsolvedTable, "a row of goods without a name")
            };
            gaps.push(Gap { kind, at: layout.document.quote(row.at.start, row.at.end), note: note.to_string() });
        }
        return Vec::new();
    }
    goods.into_iter().filter_map(|good| item(layout, grid, row, &good, lot.clone(), demanded, name_field, rules)).collect()
}

/// Whether a row says anything of its goods: three filled cells, one of them neither number nor bidder.
fn states_something(layout: &Layout, grid: &Grid, row: &Row, rules: &Rulebook) -> bool {
    let of_goods =
        |index: &usize| !matches!(grid.columns[*index].field.as_deref(), Some("row_number" | "supplier" | "candidate" | "bidder" | "lot"));
    let filled: Vec<usize> = (0..row.cells.len()).filter(|index| !row.cells[*index].is_empty()).collect();
    let told =
        |index: &usize| row.whole(*index).is_some_and(|at| amount::absent(layout.document.slice(at), rules) != Some(Means::NotGiven));
    filled.len() >= 3 && filled.iter().filter(|i| of_goods(i)).any(|i| told(i))
}

/// A row with one or two filled cells under many headings adds up others.
fn is_subtotal(row: &Row) -> bool {
    row.cells.iter().filter(|c| !c.is_empty()).count() * 2 < row.cells.len()
}

/// Whether a cell holds a value and not 无, / or 详见附件.
fn present(layout: &Layout, at: Span, rules: &Rulebook) -> bool {
    amount::absent(layout.document.slice(at), rules).is_none()
}

#[allow(clippy::too_many_arguments)]
fn item(
    layout: &Layout,
    grid: &Grid,
    row: &Row,
    good: &Good,
    lot: Option<String>,
    demanded: bool,
    name_field: &str,
    rules: &Rulebook,
) -> Option<Item> {
    let column = |field: &str| {
        grid.column(field).or_else(|| {
            grid.column(match field {
                "model" => "brand_model",
                "brand" => "maker",
                _ => return None,
            })
        })
    };
    let rule = |field: &str| column(field).map_or_else(|| RuleId::from("items/grid"), |i| grid.columns[i].rule.clone());
    let text = |at: Option<Span>, field: &str| at.filter(|s| present(layout, *s, rules)).map(|s| sourced(layout, s, &rule(field)));
    let mut name = text(good.name.map(|at| before_label(layout, at)), name_field)?;
    let numberless = grid.has("row_number") && grid.cell(row, "row_number").is_none();
    let is_prose = numberless && name.value.contains(['，', ',', '。']);
    if name.value.ends_with([':', '：']) || grid.has("row_number") && name.value.chars().all(|c| !c.is_alphabetic()) || is_prose {
        return None;
    }
    let (mut brand, mut model) = (text(good.brand, "brand"), text(good.model, "model"));
    if brand.is_none()
        && let Some((left, right)) = brand_behind(layout, &name, rules)
    {
        (name, brand) = (left, Some(right));
    }
    if brand.is_none()
        && !grid.has("brand")
        && let Some((left, right)) =
            model.as_ref().and_then(|m| brand_in_model(layout, m).or_else(|| first_word(layout, m).filter(|_| !grid.has("model"))))
    {
        (brand, model) = (Some(left), Some(right));
    }
    let quantity = good.quantity.and_then(|at| {
        let found = number::quantity(layout.document.slice(at), rules)?;
        let span = layout.document.span(at.start + found.start, at.start + found.end);
        Some((Sourced { value: found.value, raw: layout.document.slice(span).to_string(), at: span, rule: rule("quantity") }, found.unit))
    });
    let counted_in = model.take_if(|m| is_unit(&m.value, rules)).map(|m| m.value);
    let unit = quantity.as_ref().and_then(|q| q.1.clone()).or_else(|| unit_of(layout, grid, good, rules)).or(counted_in);
    let quantity = quantity.map(|q| q.0);
    let (unit_price, line_total) = prices(layout, grid, good, quantity.as_ref(), rules);
    let supplier =
        grid.cell(row, "supplier").and_then(|at| names::read(layout.document, at, &rule("supplier"), rules).names.into_iter().next());
    Some(Item { lot, name, brand, model, quantity, unit, unit_price, line_total, supplier, demanded, at: row.at })
}

/// A name that runs into a label and its value ends where the label begins: `…建设项目编号：14A1`.
fn before_label(layout: &Layout, at: Span) -> Span {
    let inside = layout.pairs.iter().map(|p| p.label).filter(|l| at.contains(l) && l.start > at.start);
    let cut = inside.map(|l| l.start).min().unwrap_or(at.end);
    let kept = layout.document.text[at.start..cut].trim_end().len();
    Span::new(at.doc, at.start, if kept > 0 { at.start + kept } else { at.end })
}

/// A column of models that holds 张 or 台 lies: it counts.
fn is_unit(text: &str, rules: &Rulebook) -> bool {
    let folded = rules.folder.squeeze(text).text;
    folded.chars().all(is_han) && rules.units.units.exactly(&folded).is_some_and(|unit| unit.kind == UnitKind::Quantity)
}

fn unit_of(layout: &Layout, grid: &Grid, good: &Good, rules: &Rulebook) -> Option<String> {
    let own = good.unit.filter(|at| present(layout, *at, rules)).map(|at| layout.document.slice(at).trim().to_string());
    own.filter(|unit| unit.chars().count() <= 6).filter(|_| grid.has("unit"))
}

/// Unit price and line total; a price that says it is for all is the line's, not the piece's.
fn prices(
    layout: &Layout,
    grid: &Grid,
    good: &Good,
    quantity: Option<&Sourced<rust_decimal::Decimal>>,
    rules: &Rulebook,
) -> (Option<Known<Money>>, Option<Known<Money>>) {
    let read =
        |at: Option<Span>, field: &str| at.and_then(|s| grid.column(field).and_then(|i| price(layout, s, &grid.columns[i].hint, rules)));
    let (unit_price, line_total) = (read(good.unit_price, "unit_price"), read(good.line_total, "line_total"));
    let for_all = good.unit_price.is_some_and(|at| says_total(layout, at, quantity, rules));
    if for_all && line_total.is_none() { (None, unit_price) } else { (unit_price, line_total) }
}

/// `￥4,177,600.00（8台总价）`: behind the sum stands the whole quantity.
fn says_total(layout: &Layout, at: Span, quantity: Option<&Sourced<rust_decimal::Decimal>>, rules: &Rulebook) -> bool {
    let text = layout.document.slice(at);
    let Some(open) = text.rfind(['(', '（']) else { return false };
    let inside = rules.folder.squeeze(&text[open..]).text;
    let digits: String = inside.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    let counted = number::parse(&digits);
    let neutral = rules.units.inside.find(&inside).is_some_and(|(_, _, w)| w.means == Means::Neutral);
    neutral && counted.is_some_and(|n| quantity.is_none_or(|q| q.value == n))
}

fn price(layout: &Layout, at: Span, hint: &amount::AmountHint, rules: &Rulebook) -> Option<Known<Money>> {
    match amount::read(layout.document.slice(at), hint, rules) {
        Reading::Money(stated) | Reading::PerUnit(stated) => {
            let span = layout.document.span(at.start + stated.start, at.start + stated.end);
            Some(Known::Read(Sourced { value: stated.money, raw: layout.document.slice(span).to_string(), at: span, rule: stated.rule }))
        }
        _ => None,
    }
}

/// `安恒DAS-ABL-S2100` in a column of models without one of brands: a short name in Chinese right
/// before a code of letters and digits.
fn brand_in_model(layout: &Layout, model: &Sourced<String>) -> Option<(Sourced<String>, Sourced<String>)> {
    let han: usize = model.raw.chars().take_while(|c| is_han(*c)).map(char::len_utf8).sum();
    let count = model.raw[..han].chars().count();
    let code = &model.raw[han..];
    let is_code = code.len() >= 3
        && code.starts_with(|c: char| c.is_ascii_alphabetic())
        && !code.contains(is_han)
        && code.contains(|c: char| c.is_ascii_digit());
    if !(2..=6).contains(&count) || !is_code {
        return None;
    }
    let cut = model.at.start + han;
    let part = |start, end| sourced(layout, Span::new(model.at.doc, start, end), &"items/brand-before-code".into());
    Some((part(model.at.start, cut), part(cut, model.at.end)))
}

/// `惠普 ProLiant DL580 G6`, `Dell Latitude 3480` in one column of brands and models: the first word
/// is the brand where the rest is a model.
fn first_word(layout: &Layout, both: &Sourced<String>) -> Option<(Sourced<String>, Sourced<String>)> {
    let (word, rest) = both.raw.split_once(char::is_whitespace)?;
    let count = word.chars().count();
    let is_name =
        word.chars().all(is_han) && (2..=6).contains(&count) || word.chars().all(|c| c.is_ascii_alphabetic()) && (2..=12).contains(&count);
    let model = rest.trim_start();
    if !is_name || !model.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let part = |start, end| sourced(layout, Span::new(both.at.doc, start, end), &"items/brand-before-model".into());
    Some((part(both.at.start, both.at.start + word.len()), part(both.at.end - model.len(), both.at.end)))
}

/// `核心路由器 新华三H3C`: the last word of a name is nothing but its maker's name.
fn brand_behind(layout: &Layout, name: &Sourced<String>, rules: &Rulebook) -> Option<(Sourced<String>, Sourced<String>)> {
    let (before, last) = name.raw.rsplit_once(char::is_whitespace)?;
    let before = before.trim_end();
    if before.is_empty() || !listed::is_maker(last, rules) {
        return None;
    }
    let part = |start, end| sourced(layout, Span::new(name.at.doc, start, end), &"items/brand-behind-name".into());
    Some((part(name.at.start, name.at.start + before.len()), part(name.at.end - last.len(), name.at.end)))
}

fn sourced(layout: &Layout, at: Span, rule: &RuleId) -> Sourced<String> {
    let raw = layout.document.slice(at).to_string();
    Sourced { value: tidy(&raw), raw, at, rule: rule.clone() }
}
