//! Which findings follow from the decided mentions? One per brand × product × lot × usage, with
//! quantity and money on their own basis, the owner on the event's date, quotes, objections, and a
//! strength from the visible table.

use super::flags::{self, Called};
use super::mentions::{Mention, Recognised};
use super::page::{Page, Range};
use super::usages::{Decision, Situation};
use super::weighing::Doubt;
use crate::evidence::{Quote, RuleId, Span};
use crate::model::{AmountBasis, CaptureHead, Finding, Item, Money, Notice, Stage, Strength, Usage, Via};
use crate::rulebook::Rulebook;
use crate::rulebook::brands::Licence;
use crate::rulebook::usages::Field;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A mention with its usage and what the notice says around it.
pub struct Judged<'a> {
    pub mention: Mention,
    pub decision: Decision,
    pub item: Option<(&'a Item, Field)>,
    /// Whether quantity and price of the item are this brand's.
    pub leads_item: bool,
    pub via: Via,
    pub host_product: Option<String>,
    pub product: Option<String>,
    pub licence: Licence,
    pub customisation: Option<(String, Option<Range>)>,
    pub quote: Quote,
    /// The text around it was read by a program from a picture.
    pub from_picture: bool,
}

/// Brand, product, lot, usage, inferred or not: what makes a finding one.
type Key = (String, Option<String>, Option<String>, Usage, Via);

/// Most quotes that a finding keeps.
const QUOTES: usize = 3;

/// Groups judged mentions into findings, in the order of their first mention.
pub fn findings(capture: &CaptureHead, notice: &Notice, judged: &[Judged], called: &[Called<'_>], rules: &Rulebook) -> Vec<Finding> {
    let mut groups: BTreeMap<Key, Vec<&Judged>> = BTreeMap::new();
    let mut order: Vec<Key> = Vec::new();
    for one in judged {
        let key = key(one, judged, rules);
        let group = groups.entry(key.clone()).or_default();
        if group.is_empty() {
            order.push(key);
        }
        group.push(one);
    }
    let rows = rows(notice);
    order.iter().map(|key| finding(capture, notice, key, &groups[key], &rows, called, rules)).collect()
}

/// Items by their row and the cell of it that holds their brand: one maker may stand for several goods there.
type Rows<'a> = HashMap<(Span, Span), Vec<&'a Item>>;

fn rows(notice: &Notice) -> Rows<'_> {
    let mut rows = Rows::new();
    for item in &notice.items {
        if let Some(brand) = &item.brand {
            rows.entry((item.at, brand.at)).or_default().push(item);
        }
    }
    rows
}

fn key(one: &Judged, all: &[Judged], rules: &Rulebook) -> Key {
    let lot = one.item.and_then(|(item, _)| item.lot.clone());
    let product = one.product.clone().or_else(|| neighbour_product(one, all));
    (rules.brands.brands[one.mention.brand].key.clone(), product, lot, one.decision.usage, one.via)
}

/// A bare maker's name belongs to the product of the same maker in its row.
fn neighbour_product(one: &Judged, all: &[Judged]) -> Option<String> {
    let at = all.partition_point(|o| (o.mention.doc, o.mention.at.0) < (one.mention.doc, one.mention.at.0));
    let near = all[at.saturating_sub(4)..].iter().take(10);
    let same =
        near.filter(|o| o.mention.doc == one.mention.doc && o.mention.brand == one.mention.brand && o.decision.usage == one.decision.usage);
    let row = one.mention.place.row;
    let mut in_row = same.filter(|o| o.product.is_some() && row.0 <= o.mention.at.0 && o.mention.at.1 <= row.1);
    in_row.find(|o| o.mention.at.0.abs_diff(one.mention.at.1) <= 120).and_then(|o| o.product.clone())
}

fn finding(
    capture: &CaptureHead,
    notice: &Notice,
    key: &Key,
    group: &[&Judged],
    rows: &Rows,
    called: &[Called<'_>],
    rules: &Rulebook,
) -> Finding {
    let (brand_key, product, lot, usage, via) = key;
    let brand = &rules.brands.brands[group[0].mention.brand];
    let stage = notice.stage.as_ref().map_or(Stage::Other, |s| *s.value());
    let date = notice.event_date.as_ref().map(|d| d.value.as_str());
    let product_id = group.iter().find_map(|j| j.mention.product).map(|p| brand.products[p].id.as_str());
    let (company, country) = brand.owner_on(date, product_id);
    let (quantity, line) = line_sums(group, rows);
    let (amount, amount_basis) = amount(notice, lot.as_deref(), *usage, line);
    let supplier = supplier(notice, lot.as_deref(), *usage, group);
    let buyer = notice.buyer.as_ref().map(|b| b.value.clone());
    let host_product = group.iter().find_map(|j| j.host_product.clone());
    let (customisation, _) = group.iter().find_map(|j| j.customisation.clone()).unwrap_or((NONE_SEEN.to_string(), None));
    let mut finding = Finding {
        id: id(capture, key),
        brand: brand_key.clone(),
        product: product.clone(),
        company,
        country,
        usage: *usage,
        via: *via,
        host_product,
        stage,
        lot: lot.clone(),
        quantity,
        amount,
        amount_basis,
        purposes: notice.purposes.iter().map(|p| p.value.clone()).collect(),
        customisation,
        supplier,
        buyer,
        strength: Strength::Weak,
        objections: Vec::new(),
        flags: Vec::new(),
        sentence: String::new(),
        quotes: quotes(group),
        rules: rule_ids(group),
    };
    finding.flags = flags::of(&finding, called);
    finding.objections = objections(capture, notice, &finding, group, rules);
    finding.strength = strength(&finding, group, rules);
    finding.sentence = sentence(&finding, &brand.name, rules);
    finding
}

/// Said where no cue of a special make was seen.
const NONE_SEEN: &str = "none_seen";

/// Stable across runs: capture, part, brand, product, lot, usage (and how it was inferred).
fn id(capture: &CaptureHead, key: &Key) -> String {
    let (brand, product, lot, usage, via) = key;
    let text = format!("{}|{}|{brand}|{product:?}|{lot:?}|{usage:?}|{via:?}", capture.sha256, capture.part);
    crate::model::sha256_hex(text.as_bytes())[..24].to_string()
}

/// Quantity and line money, each only where every leading item states it.
fn line_sums(group: &[&Judged], rows: &Rows) -> (Option<Decimal>, Option<Money>) {
    let mut seen = HashSet::new();
    let mut items: Vec<&Item> = Vec::new();
    for (item, field) in group.iter().filter(|j| j.leads_item).filter_map(|j| j.item) {
        let brand = item.brand.as_ref().filter(|_| field == Field::Brand).map(|brand| brand.at);
        let sharing = brand.and_then(|brand| rows.get(&(item.at, brand)));
        let all = sharing.map_or(std::slice::from_ref(&item), Vec::as_slice);
        items.extend(all.iter().filter(|item| seen.insert((item.at, item.name.at))));
    }
    let units_agree = items.windows(2).all(|pair| pair[0].unit == pair[1].unit);
    let quantities: Option<Vec<Decimal>> = items.iter().map(|i| i.quantity.as_ref().map(|q| q.value)).collect();
    let quantity = quantities.filter(|q| !q.is_empty() && units_agree).map(|q| q.iter().sum());
    let lines: Option<Vec<&Money>> = items.iter().map(|i| i.line_total.as_ref().map(|m| m.value())).collect();
    let line = lines.filter(|l| !l.is_empty() && l.iter().all(|m| m.currency == l[0].currency));
    let line = line.map(|l| Money { amount: l.iter().map(|m| m.amount).sum(), currency: l[0].currency.clone() });
    (quantity, line)
}

/// Money with its basis: the line's own; else the lot's, else the project's, for what was bought only.
fn amount(notice: &Notice, lot: Option<&str>, usage: Usage, line: Option<Money>) -> (Option<Money>, Option<AmountBasis>) {
    if let Some(line) = line {
        return (Some(line), Some(AmountBasis::Line));
    }
    if !matches!(usage, Usage::Awarded | Usage::Service) {
        return (None, None);
    }
    let of_lot = lot.and_then(|lot| notice.awards.iter().find(|a| a.lot.as_deref() == Some(lot)));
    match of_lot.and_then(|a| a.amount.as_ref()) {
        Some(amount) => (Some(amount.value().clone()), Some(AmountBasis::Lot)),
        None => match &notice.total {
            Some(total) => (Some(total.value().clone()), Some(AmountBasis::Project)),
            None => (None, None),
        },
    }
}

/// Who sold it: named in the row, else the winner of the lot, else the only winner.
fn supplier(notice: &Notice, lot: Option<&str>, usage: Usage, group: &[&Judged]) -> Option<String> {
    if !matches!(usage, Usage::Awarded | Usage::Service | Usage::Party | Usage::Offered) {
        return None;
    }
    if let Some(named) = group.iter().find_map(|j| j.item.and_then(|(item, _)| item.supplier.as_ref())) {
        return Some(named.value.clone());
    }
    if usage == Usage::Offered {
        return None;
    }
    let award = match lot {
        Some(lot) => notice.awards.iter().find(|a| a.lot.as_deref() == Some(lot)),
        None => None,
    };
    let award = award.or_else(|| (notice.awards.len() == 1).then(|| &notice.awards[0]))?;
    let names: Vec<&str> = award.suppliers.iter().map(|s| s.value.as_str()).collect();
    (!names.is_empty()).then(|| names.join(" + "))
}

fn quotes(group: &[&Judged]) -> Vec<Quote> {
    let mut quotes: Vec<Quote> = Vec::new();
    for judged in group {
        if quotes.len() < QUOTES && !quotes.contains(&judged.quote) {
            quotes.push(judged.quote.clone());
        }
    }
    quotes
}

fn rule_ids(group: &[&Judged]) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    let all = group.iter().flat_map(|j| [&j.mention.rule, &j.decision.rule]);
    for id in all.map(|id: &RuleId| id.to_string()) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

fn objections(capture: &CaptureHead, notice: &Notice, finding: &Finding, group: &[&Judged], rules: &Rulebook) -> Vec<String> {
    let all = |how: Recognised| group.iter().all(|j| j.mention.recognised == how);
    let free = group.iter().any(|j| j.licence != Licence::Commercial);
    let bought_by_line = finding.usage == Usage::Awarded && finding.amount_basis == Some(AmountBasis::Line);
    let facts = [
        ("free_product", free && !bought_by_line),
        ("usage_in_doubt", group.iter().all(|j| j.decision.doubt == Doubt::Usage)),
        ("inferred", finding.via != Via::Named),
        ("name_in_context", all(Recognised::NameInContext)),
        ("model_alone", all(Recognised::ModelWithCue)),
        ("no_supplier", finding.supplier.is_none() && matches!(finding.usage, Usage::Awarded | Usage::Service)),
        ("no_buyer", finding.buyer.is_none()),
        ("no_date", notice.event_date.is_none()),
        ("no_address", capture.url.is_none()),
        ("from_picture", group.iter().all(|j| j.from_picture)),
        ("no_product", finding.product.is_none()),
        ("always", true),
    ];
    let holds = |fact: &str| facts.iter().any(|(name, holds)| *name == fact && *holds);
    let rows = rules.wording.objections.iter().filter(|row| {
        let by_usage = row.usages.contains(&finding.usage) && (row.stages.is_empty() || row.stages.contains(&finding.stage));
        by_usage || row.facts.iter().any(|fact| holds(fact))
    });
    flags::objections(finding, rules).into_iter().chain(rows.map(|row| row.id.clone())).collect()
}

fn strength(finding: &Finding, group: &[&Judged], rules: &Rulebook) -> Strength {
    let recognised = match group.iter().map(|j| j.mention.recognised).min() {
        Some(Recognised::OwnCompany | Recognised::Name | Recognised::Product | Recognised::ModelWithMaker) => "name",
        Some(Recognised::NameInContext) => "context",
        _ => "model",
    };
    let parties = match (&finding.buyer, &finding.supplier) {
        (Some(_), Some(_)) => "both",
        (Some(_), None) => "buyer",
        (None, Some(_)) => "supplier",
        (None, None) => "none",
    };
    let named = |list: &[String], word: &str| list.is_empty() || list.iter().any(|w| w == word);
    let table = &rules.wording.strength;
    let row = table.iter().find(|row| {
        (row.stages.is_empty() || row.stages.contains(&finding.stage))
            && (row.usages.is_empty() || row.usages.contains(&finding.usage))
            && (row.via.is_empty() || row.via.contains(&finding.via))
            && named(&row.recognised, recognised)
            && named(&row.parties, parties)
    });
    let derived = row.map_or(Strength::Weak, |row| row.strength);
    let caps = rules.wording.caps.iter().filter(|cap| finding.objections.contains(&cap.objection));
    caps.map(|cap| cap.at_most).fold(derived, Ord::min)
}

/// The fixed sentence with its blanks filled; no other wording exists.
fn sentence(finding: &Finding, brand: &str, rules: &Rulebook) -> String {
    let Some(row) = rules.wording.sentence(finding.stage, finding.usage, finding.via) else { return String::new() };
    let product = match &finding.product {
        Some(product) if product.starts_with(brand) => product.clone(),
        Some(product) => format!("{brand} {product}"),
        None => brand.to_string(),
    };
    let template = if finding.supplier.is_some() { &row.sentence } else { &row.without_supplier };
    let text = template.replace("{product}", &product).replace("{host}", finding.host_product.as_deref().unwrap_or("a host product"));
    let text = text.replace("{buyer}", finding.buyer.as_deref().unwrap_or("an unnamed buyer"));
    text.replace("{supplier}", finding.supplier.as_deref().unwrap_or("an unnamed supplier"))
}

/// The verbatim surroundings of a mention: its row where that is short, else its clause.
pub fn quote(situation: &Situation, mention: &Mention, cue: Option<Range>) -> Quote {
    let page = situation.page;
    let reach = situation.rules.clauses.quote_reach;
    let row = mention.place.row;
    let short = page.text(row).chars().count() <= reach * 2 + 20;
    let range = if short && row.0 < row.1 { row } else { window(page, mention, cue, reach) };
    let text = page.text(range);
    let left = text.len() - text.trim_start().len();
    let right = text.len() - text.trim_end().len();
    let (start, end) = page.folded.source_range(range.0 + left, (range.1 - right).max(range.0 + left));
    page.document.quote(start.min(mention.source.0), end.max(mention.source.1))
}

/// Around the mention as far as `reach`, and as far as its cue where that is near.
fn window(page: &Page, mention: &Mention, cue: Option<Range>, reach: usize) -> Range {
    let clause = page.stretch(mention.at.0, mention.at.1, mention.place.cell, "\n", reach);
    let Some(cue) = cue.filter(|cue| cue.0 + reach * 6 > mention.at.0 && cue.1 < mention.at.1 + reach * 6) else { return clause };
    (clause.0.min(cue.0), clause.1.max(cue.1))
}

#[cfg(test)]
mod tests {
    use crate::model::{Budget, Capture};
    use crate::rulebook::Rulebook;

    /// Quantity of the only finding in an award whose only row has these cells.
    fn quantity(goods: &str, quantities: &str) -> Option<String> {
        let page = format!(
            "<html><body><h1>示例市公安局服务器采购项目中标公告</h1><p>采购人：示例市公安局</p><p>中标供应商：示例甲科技有限公司</p>
             <table border=1><tr><th>序号</th><th>货物名称</th><th>品牌</th><th>规格型号</th><th>数量</th></tr>
             <tr><td>1</td><td>{goods}</td><td>宁畅</td><td>详见附件</td><td>{quantities}</td></tr></table></body></html>"
        );
        let capture = Capture { media_type: Some("text/html".into()), ..Capture::of_bytes(page.into_bytes()) };
        let mut examined = crate::examine(&capture, &Rulebook::embedded(), &Budget::default());
        let findings = examined.swap_remove(0).findings;
        assert_eq!(findings.len(), 1, "{findings:#?}");
        findings[0].quantity.map(|quantity| quantity.normalize().to_string())
    }

    #[test]
    fn a_maker_that_stands_once_for_several_goods_has_the_quantity_of_all_of_them_or_none() {
        assert_eq!(quantity("机架服务器", "8台").as_deref(), Some("8"));
        assert_eq!(quantity("机架服务器/刀片服务器", "8台/3台").as_deref(), Some("11"));
        assert_eq!(quantity("机架服务器/磁盘阵列", "8台/1套"), None, "pieces and sets are not added");
    }
}
