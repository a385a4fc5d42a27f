//! Which kinds of buyers, places, years, lists, sites, and what was not understood? Counts over the notices
//! of contracting processes, taken process by process, in any order.

use super::findings::word;
use super::tables::{is_award, under, widen};
use super::{Case, CaseFinding, CountRow, Digest, GapRow, GroupRow, Joined, LeadRow, Notice, SiteRow, date_of, is_bought};
use crate::evidence::GapKind;
use crate::model::{InForce, Lead, Region, Through};
use crate::rulebook::Rulebook;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Tables of notices, whether they hold findings or not.
#[derive(Default)]
pub(super) struct OfNotices {
    buyer_kinds: Groups,
    regions: Groups,
    years: Groups,
    purposes: Groups,
    stages: Groups,
    /// Under list, entry, party and whether an owner led there; with the place of the first notice.
    leads: BTreeMap<(String, String, String, bool), (usize, LeadRow)>,
    sites: BTreeMap<String, Site>,
    gaps: BTreeMap<GapKind, GapRow>,
    unknown_labels: BTreeMap<String, usize>,
    unknown_brands: BTreeMap<String, usize>,
}

impl OfNotices {
    /// Takes one contracting process with its counted findings.
    pub fn add(&mut self, joined: &Joined, findings: &[&CaseFinding]) {
        self.buyer_kinds.add(joined, findings, |d| d.buyer_kind.iter().map(|k| (k.clone(), None)).collect());
        self.regions.add(joined, findings, |d| d.region.iter().map(province).collect());
        self.years.add(joined, findings, |d| year(d).map(|y| (y, None)).into_iter().collect());
        self.purposes.add(joined, findings, |d| d.purposes.iter().map(|p| (p.clone(), None)).collect());
        self.stages.add(joined, findings, |d| d.stage.iter().map(|s| (word(s), None)).collect());
        for notice in &joined.notices {
            self.add_leads(notice);
            let site = under(&mut self.sites, notice.main.site.as_deref().unwrap_or_default());
            site.distinct += 1;
            site.awards += usize::from(is_bought(notice.main.stage));
        }
        joined.pages().for_each(|page| self.add_page(page));
    }

    /// Takes a page: of a process, or one that could not be read.
    pub fn add_page(&mut self, page: &Digest) {
        let site = under(&mut self.sites, page.site.as_deref().unwrap_or_default());
        let date = date_of(page);
        site.captures += 1;
        site.undated += usize::from(date.is_none());
        widen(&mut site.first, &mut site.last, date.as_ref());
        for (kind, count) in &page.gaps {
            let row = self.gaps.entry(*kind).or_insert(GapRow { kind: *kind, count: 0, notices: 0 });
            row.count += count;
            row.notices += 1;
        }
        page.unknown_labels.iter().for_each(|text| *under(&mut self.unknown_labels, text.trim()) += 1);
        page.unknown_brands.iter().for_each(|text| *under(&mut self.unknown_brands, text.trim()) += 1);
    }

    fn add_leads(&mut self, notice: &Notice) {
        let date = date_of(notice.main);
        for lead in &notice.main.leads {
            let key = (lead.list.clone(), lead.entry.clone(), lead.party.clone(), lead.through == Through::Owner);
            let (at, row) = self.leads.entry(key).or_insert_with(|| (notice.at, lead_row(lead)));
            if notice.at < *at {
                *at = notice.at;
                *row = told_by(lead, row);
            }
            add_lead(row, lead, date.as_ref());
        }
    }

    pub fn fill(self, case: &mut Case, rules: &Rulebook) {
        case.buyer_kinds = self.buyer_kinds.rows();
        case.regions = self.regions.rows();
        name_provinces(&mut case.regions, rules);
        case.years = self.years.rows();
        case.years.sort_by(|a, b| a.id.cmp(&b.id));
        case.purposes = self.purposes.rows();
        case.stages = self.stages.rows();
        case.leads = self.leads.into_values().map(|(_, row)| row).collect();
        case.leads.sort_by_cached_key(|r| {
            (Reverse(r.judgement), Reverse(r.in_force), Reverse(r.notices), r.list.clone(), r.entry.clone(), r.party.clone())
        });
        case.sites = self.sites.into_iter().map(|(site, sum)| sum.row(site)).collect();
        case.sites.sort_by_cached_key(|r| (Reverse(r.captures), r.site.clone()));
        case.gaps = self.gaps.into_values().collect();
        case.gaps.sort_by_key(|g| (Reverse(g.notices), g.kind));
        case.unknown_labels = frequent(self.unknown_labels);
        case.unknown_brands = frequent(self.unknown_brands);
    }
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

/// Values of a field: (id, label where the notice gives one).
type Values = Vec<(String, Option<String>)>;

/// Rows by value; the label is that of the first notice that gives one.
#[derive(Default)]
struct Groups(BTreeMap<String, (GroupRow, usize)>);

impl Groups {
    fn add(&mut self, joined: &Joined, findings: &[&CaseFinding], values: fn(&Digest) -> Values) {
        let mut of_process: BTreeSet<String> = BTreeSet::new();
        for notice in &joined.notices {
            for (id, label) in values(notice.main) {
                let new = || (GroupRow { id: id.clone(), ..GroupRow::default() }, usize::MAX);
                let (row, at) = self.0.entry(id.clone()).or_insert_with(new);
                if label.is_some() && notice.at < *at {
                    (row.label, *at) = (label, notice.at);
                }
                row.notices += 1;
                row.awards += usize::from(is_bought(notice.main.stage));
                of_process.insert(id);
            }
        }
        for id in of_process {
            let (row, _) = self.0.get_mut(&id).expect("entered above");
            row.with_finding += usize::from(!findings.is_empty());
            row.awarded += usize::from(findings.iter().any(|f| is_award(f)));
        }
    }

    fn rows(self) -> Vec<GroupRow> {
        let mut rows: Vec<GroupRow> = self.0.into_values().map(|(row, _)| row).collect();
        rows.sort_by_cached_key(|r| (Reverse(r.awarded), Reverse(r.with_finding), Reverse(r.notices), r.id.clone()));
        rows
    }
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

fn add_lead(row: &mut LeadRow, lead: &Lead, date: Option<&String>) {
    row.judgement = row.judgement.max(lead.judgement);
    row.notices += 1;
    row.in_force += usize::from(lead.in_force == InForce::Yes);
    row.not_in_force += usize::from(lead.in_force == InForce::No);
    widen(&mut row.first, &mut row.last, date);
}

/// The row as this lead tells it, counts kept.
fn told_by(lead: &Lead, row: &LeadRow) -> LeadRow {
    LeadRow {
        judgement: row.judgement,
        notices: row.notices,
        in_force: row.in_force,
        not_in_force: row.not_in_force,
        first: row.first.clone(),
        last: row.last.clone(),
        ..lead_row(lead)
    }
}

#[derive(Default)]
struct Site {
    captures: usize,
    distinct: usize,
    awards: usize,
    undated: usize,
    first: Option<String>,
    last: Option<String>,
}

impl Site {
    fn row(self, site: String) -> SiteRow {
        let Site { captures, distinct, awards, undated, first, last } = self;
        SiteRow { site, captures, distinct, awards, undated, first, last }
    }
}

fn frequent(counts: BTreeMap<String, usize>) -> Vec<CountRow> {
    let mut rows: Vec<CountRow> = counts.into_iter().map(|(text, count)| CountRow { text, count }).collect();
    rows.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.text.cmp(&b.text)));
    rows
}
