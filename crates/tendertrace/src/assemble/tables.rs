//! Which brands, buyers, places, years, sellers, neighbours and lists? Counts over contracting
//! processes, so that a tender and its award count once; sums only where a line names its own price.

use super::findings::word;
use super::*;
use crate::model::*;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Fills every table of `case`.
pub(super) fn fill(case: &mut Case, sorted: &[&Digest], joined: &Joined, findings: &[CaseFinding], rules: &Rulebook) {
    let counted: Vec<&CaseFinding> = findings.iter().filter(|f| f.counted).collect();
    case.brands = brands(&counted);
    case.buyer_kinds = groups(joined, &counted, |d| d.buyer_kind.iter().map(|k| (k.clone(), None)).collect());
    case.regions = groups(joined, &counted, |d| d.region.iter().map(province).collect());
    name_provinces(&mut case.regions, rules);
    case.years = groups(joined, &counted, |d| year(d).map(|y| (y, None)).into_iter().collect());
    case.years.sort_by(|a, b| a.id.cmp(&b.id));
    case.purposes = groups(joined, &counted, |d| d.purposes.iter().map(|p| (p.clone(), None)).collect());
    case.stages = groups(joined, &counted, |d| d.stage.iter().map(|s| (word(s), None)).collect());
    case.sellers = sellers(&counted);
    case.neighbours = neighbours(&counted);
    case.leads = leads(joined);
    case.sites = sites(sorted, joined);
    fill_gaps(case, sorted);
}

fn province(region: &Region) -> (String, Option<String>) {
    let code = format!("{}0000", region.code.get(..2).unwrap_or(&region.code));
    let name = (code == region.code).then(|| region.name.clone());
    (code, name)
}

fn name_provinces(rows: &mut [GroupRow], rules: &Rulebook) {
    for row in rows {
        let known = rules.regions.by_code(&row.id).and_then(|at| rules.regions.places.get(at));
        row.label = known.map(|place| place.name.clone()).or(row.label.take());
    }
}

fn year(digest: &Digest) -> Option<String> {
    date_of(digest).and_then(|d| d.get(..4).map(str::to_string))
}

/// Whether a finding says that the brand was bought.
fn is_award(f: &CaseFinding) -> bool {
    f.finding.usage == Usage::Awarded && is_bought(Some(f.finding.stage))
}

fn brands(findings: &[&CaseFinding]) -> Vec<BrandRow> {
    let mut by_brand: BTreeMap<&str, Vec<&CaseFinding>> = BTreeMap::new();
    for finding in findings {
        by_brand.entry(&finding.finding.brand).or_default().push(finding);
    }
    let mut rows: Vec<BrandRow> = by_brand.into_values().map(|all| brand_row(&all)).collect();
    rows.sort_by_cached_key(|r| (Reverse(r.by_usage.get(&Usage::Awarded).copied()), Reverse(r.processes), r.brand.clone()));
    rows
}

fn brand_row(all: &[&CaseFinding]) -> BrandRow {
    let processes = |keep: &dyn Fn(&CaseFinding) -> bool| all.iter().filter(|f| keep(f)).map(|f| &f.process).collect::<BTreeSet<_>>().len();
    let usages: BTreeSet<Usage> = all.iter().map(|f| f.finding.usage).collect();
    let (line_amounts, priced) = line_amounts(all);
    let last = all.iter().max_by_key(|f| (f.date.as_ref().map(|d| d.value.clone()), f.finding.id.clone())).expect("a group is not empty");
    BrandRow {
        brand: last.finding.brand.clone(),
        company: last.finding.company.clone(),
        country: last.finding.country.clone(),
        by_usage: usages.into_iter().map(|u| (u, processes(&|f| f.finding.usage == u))).collect(),
        processes: processes(&|_| true),
        asked: processes(&|f| f.asked),
        buyers: all.iter().filter_map(|f| f.finding.buyer.as_ref()).collect::<BTreeSet<_>>().len(),
        line_amounts,
        priced,
    }
}

/// Sums of line amounts, each process by one of its stages only: its award, else its contract, else
/// its acceptance.
fn line_amounts(all: &[&CaseFinding]) -> (BTreeMap<String, rust_decimal::Decimal>, usize) {
    let mut by_process: BTreeMap<&str, BTreeMap<Stage, Vec<&Money>>> = BTreeMap::new();
    for finding in all.iter().filter(|f| is_award(f) && f.finding.amount_basis == Some(AmountBasis::Line)) {
        let stages = by_process.entry(&finding.process).or_default();
        stages.entry(finding.finding.stage).or_default().extend(&finding.finding.amount);
    }
    let mut sums = BTreeMap::new();
    for amounts in by_process.values().filter_map(|stages| stages.values().find(|a| !a.is_empty())) {
        for money in amounts {
            let sum: &mut rust_decimal::Decimal = sums.entry(money.currency.clone()).or_default();
            *sum = sum.saturating_add(money.amount);
        }
    }
    (sums, by_process.len())
}

/// Values of a field: (id, label where the notice gives one).
type Values = Vec<(String, Option<String>)>;

fn groups(joined: &Joined, findings: &[&CaseFinding], values: fn(&Digest) -> Values) -> Vec<GroupRow> {
    let mut rows: BTreeMap<String, GroupRow> = BTreeMap::new();
    let mut of_process: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for notice in &joined.notices {
        for (id, label) in values(notice.main) {
            let row = rows.entry(id.clone()).or_insert_with(|| GroupRow { id: id.clone(), ..GroupRow::default() });
            row.label = row.label.take().or(label);
            row.notices += 1;
            row.awards += usize::from(is_bought(notice.main.stage));
            of_process.entry(&joined.process_ids[notice.process]).or_default().insert(id);
        }
    }
    let with: BTreeSet<&str> = findings.iter().map(|f| f.process.as_str()).collect();
    let awarded: BTreeSet<&str> = findings.iter().filter(|f| is_award(f)).map(|f| f.process.as_str()).collect();
    for (process, ids) in of_process {
        for id in ids {
            let row = rows.get_mut(&id).expect("entered above");
            row.with_finding += usize::from(with.contains(process));
            row.awarded += usize::from(awarded.contains(process));
        }
    }
    let mut rows: Vec<GroupRow> = rows.into_values().collect();
    rows.sort_by_key(|r| (Reverse(r.awarded), Reverse(r.with_finding), Reverse(r.notices), r.id.clone()));
    rows
}

fn sellers(findings: &[&CaseFinding]) -> Vec<SellerRow> {
    let mut by_name: BTreeMap<&str, Vec<&CaseFinding>> = BTreeMap::new();
    for finding in findings.iter().filter(|f| is_award(f)) {
        if let Some(name) = &finding.finding.supplier {
            by_name.entry(name).or_default().push(finding);
        }
    }
    let mut rows: Vec<SellerRow> = by_name.into_iter().map(|(name, all)| seller_row(name, &all)).collect();
    rows.sort_by_key(|r| (Reverse(r.asked), Reverse(r.processes), r.name.clone()));
    rows
}

fn seller_row(name: &str, all: &[&CaseFinding]) -> SellerRow {
    let processes: BTreeSet<&str> = all.iter().map(|f| f.process.as_str()).collect();
    let asked: BTreeSet<&str> = all.iter().filter(|f| f.asked).map(|f| f.process.as_str()).collect();
    let brands: BTreeSet<&String> = all.iter().map(|f| &f.finding.brand).collect();
    let buyers: BTreeSet<&String> = all.iter().filter_map(|f| f.finding.buyer.as_ref()).collect();
    let dates: BTreeSet<&String> = all.iter().filter_map(|f| f.date.as_ref().map(|d| &d.value)).collect();
    SellerRow {
        name: name.to_string(),
        processes: processes.len(),
        asked: asked.len(),
        brands: brands.into_iter().cloned().collect(),
        buyers: buyers.into_iter().cloned().collect(),
        first: dates.first().map(|d| d.to_string()),
        last: dates.last().map(|d| d.to_string()),
        listed: all.iter().flat_map(|f| &f.leads).any(|l| l.role == Role::Supplier),
    }
}

/// Most brands of one lot that are paired: a catalogue is no neighbourhood.
const LOT_BRANDS: usize = 40;

/// Brands named in the same awarded lot of one notice.
fn neighbours(findings: &[&CaseFinding]) -> Vec<NeighbourRow> {
    let mut lots: BTreeMap<(&str, &Option<String>), (BTreeSet<&str>, bool)> = BTreeMap::new();
    for f in findings.iter().filter(|f| is_award(f)) {
        let lot = lots.entry((&f.process, &f.finding.lot)).or_default();
        lot.0.insert(&f.finding.brand);
        lot.1 |= f.asked;
    }
    let mut pairs: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for (brands, asked) in lots.values().filter(|(b, _)| b.len() <= LOT_BRANDS) {
        for (a, b) in brands.iter().flat_map(|a| brands.iter().filter(move |b| a < *b).map(move |b| (*a, *b))) {
            let pair = pairs.entry((a, b)).or_default();
            pair.0 += 1;
            pair.1 += usize::from(*asked);
        }
    }
    let row =
        |((a, b), (lots, asked)): ((&str, &str), (usize, usize))| NeighbourRow { brands: (a.to_string(), b.to_string()), lots, asked };
    let mut rows: Vec<NeighbourRow> = pairs.into_iter().map(row).collect();
    rows.sort_by_key(|r| (Reverse(r.asked), Reverse(r.lots), r.brands.clone()));
    rows
}

fn leads(joined: &Joined) -> Vec<LeadRow> {
    let mut rows: BTreeMap<(String, String, String, bool), LeadRow> = BTreeMap::new();
    for digest in joined.notices.iter().map(|n| n.main) {
        for lead in &digest.leads {
            let key = (lead.list.clone(), lead.entry.clone(), lead.party.clone(), lead.through == Through::Owner);
            let row = rows.entry(key).or_insert_with(|| lead_row(lead));
            add_lead(row, lead, date_of(digest));
        }
    }
    let mut rows: Vec<LeadRow> = rows.into_values().collect();
    rows.sort_by_key(|r| (Reverse(r.judgement), Reverse(r.in_force), Reverse(r.notices), r.list.clone(), r.entry.clone(), r.party.clone()));
    rows
}

fn lead_row(lead: &Lead) -> LeadRow {
    LeadRow {
        party: lead.party.clone(),
        role: lead.role,
        list: lead.list.clone(),
        entry: lead.entry.clone(),
        through: lead.through,
        owner: lead.via.as_ref().and_then(|via| Some(format!("{} ({} %)", via.owner.first()?.owner, via.listed_share))),
        judgement: lead.judgement,
        listed_from: lead.listed_from.clone(),
        listed_to: lead.listed_to.clone(),
        notices: 0,
        in_force: 0,
        not_in_force: 0,
        first: None,
        last: None,
    }
}

fn add_lead(row: &mut LeadRow, lead: &Lead, date: Option<String>) {
    row.judgement = row.judgement.max(lead.judgement);
    row.notices += 1;
    row.in_force += usize::from(lead.in_force == InForce::Yes);
    row.not_in_force += usize::from(lead.in_force == InForce::No);
    widen(&mut row.first, &mut row.last, date);
}

fn widen(first: &mut Option<String>, last: &mut Option<String>, date: Option<String>) {
    let Some(date) = date else { return };
    if first.as_ref().is_none_or(|f| date < *f) {
        *first = Some(date.clone());
    }
    if last.as_ref().is_none_or(|l| date > *l) {
        *last = Some(date);
    }
}

fn sites(sorted: &[&Digest], joined: &Joined) -> Vec<SiteRow> {
    let mut rows: BTreeMap<String, SiteRow> = BTreeMap::new();
    for digest in sorted {
        let row = site_row(&mut rows, digest);
        row.captures += 1;
        let date = date_of(digest);
        row.undated += usize::from(date.is_none());
        widen(&mut row.first, &mut row.last, date);
    }
    for notice in &joined.notices {
        let row = site_row(&mut rows, notice.main);
        row.distinct += 1;
        row.awards += usize::from(is_bought(notice.main.stage));
    }
    let mut rows: Vec<SiteRow> = rows.into_values().collect();
    rows.sort_by_key(|r| (Reverse(r.captures), r.site.clone()));
    rows
}

fn site_row<'a>(rows: &'a mut BTreeMap<String, SiteRow>, digest: &Digest) -> &'a mut SiteRow {
    let site = digest.site.clone().unwrap_or_default();
    rows.entry(site.clone()).or_insert_with(|| SiteRow { site, captures: 0, distinct: 0, awards: 0, undated: 0, first: None, last: None })
}

fn fill_gaps(case: &mut Case, sorted: &[&Digest]) {
    let mut kinds: BTreeMap<crate::evidence::GapKind, GapRow> = BTreeMap::new();
    for (kind, count) in sorted.iter().flat_map(|d| &d.gaps) {
        let row = kinds.entry(*kind).or_insert_with(|| GapRow { kind: *kind, count: 0, notices: 0 });
        row.count += count;
        row.notices += 1;
    }
    case.gaps = kinds.into_values().collect();
    case.gaps.sort_by_key(|g| (Reverse(g.notices), g.kind));
    case.unknown_labels = frequent(sorted.iter().flat_map(|d| &d.unknown_labels));
    case.unknown_brands = frequent(sorted.iter().flat_map(|d| &d.unknown_brands));
}

fn frequent<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<CountRow> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    texts.for_each(|t| *counts.entry(t.trim()).or_default() += 1);
    let mut rows: Vec<CountRow> = counts.into_iter().map(|(text, count)| CountRow { text: text.to_string(), count }).collect();
    rows.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.text.cmp(&b.text)));
    rows
}
