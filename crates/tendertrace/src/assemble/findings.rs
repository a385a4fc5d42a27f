//! Which findings does the case hold, in which order, and what is missing before one could be printed?

use super::{CaseFinding, Digest, Found, Joined, Notice, Verdict, is_bought};
use crate::model::*;
use crate::rulebook::Rulebook;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// Objection that keeps a finding out of every count.
const NO_PURCHASE: &str = "no_purchase_shown";
/// Objection of a capture whose address is not known.
const NO_ORIGIN: &str = "origin_unproven";

/// Decisions of people, by finding.
pub(super) type Verdicts = HashMap<String, Verdict>;

/// All findings of a contracting process, in the order of its notices.
pub(super) fn collect(joined: &Joined, verdicts: &Verdicts, rules: &Rulebook) -> Vec<CaseFinding> {
    joined.notices.iter().flat_map(|notice| of_notice(joined, notice, verdicts, rules)).collect()
}

/// A copy adds only brands that the main copy does not name.
fn of_notice(joined: &Joined, notice: &Notice, verdicts: &Verdicts, rules: &Rulebook) -> Vec<CaseFinding> {
    let mut from: Vec<(&Digest, &Found)> = notice.main.findings.iter().map(|f| (notice.main, f)).collect();
    for copy in &notice.copies {
        let known: Vec<&str> = from.iter().map(|(_, f)| f.finding.brand.as_str()).collect();
        let new: Vec<_> = copy.findings.iter().filter(|f| !known.contains(&f.finding.brand.as_str())).map(|f| (*copy, f)).collect();
        from.extend(new);
    }
    from.into_iter().map(|(digest, found)| case_finding(joined, notice, digest, found, verdicts, rules)).collect()
}

fn case_finding(joined: &Joined, notice: &Notice, digest: &Digest, found: &Found, verdicts: &Verdicts, rules: &Rulebook) -> CaseFinding {
    let finding = found.finding.clone();
    let mut objections = finding.objections.clone();
    if digest.url.is_none() && !objections.iter().any(|o| o == NO_ORIGIN) {
        objections.push(NO_ORIGIN.to_string());
    }
    objections.sort_by_cached_key(|o| (rules.report.words.rank("objection", o), o.clone()));
    let mut out = CaseFinding {
        passages: found.passages.clone(),
        capture: digest.capture.clone(),
        part: digest.part,
        title: digest.title.clone(),
        url: digest.url.clone(),
        site: digest.site.clone(),
        archive_url: digest.archive_url.clone(),
        fetched: digest.fetched.clone(),
        access: digest.access,
        date: digest.date.clone(),
        buyer_kind: digest.buyer_kind.clone(),
        end_user: digest.end_user.clone(),
        end_user_kind: digest.end_user_kind.clone(),
        region: digest.region.clone(),
        project_numbers: digest.project_numbers.clone(),
        process: joined.id.to_string(),
        copies: notice.copies.len(),
        counted: !objections.iter().any(|o| o == NO_PURCHASE),
        asked: notice.asked,
        leads: digest.leads.iter().filter(|l| concerns(l, &finding)).cloned().collect(),
        verdict: verdict(notice, found, verdicts),
        translations: BTreeMap::new(),
        objections,
        missing: Vec::new(),
        finding,
    };
    out.missing = missing(joined, &out);
    out
}

/// A decision on the same brand, product, lot and usage of any copy holds for all.
fn verdict(notice: &Notice, found: &Found, verdicts: &Verdicts) -> Option<Verdict> {
    let key = |f: &Found| (f.finding.brand.clone(), f.finding.product.clone(), f.finding.lot.clone(), f.finding.usage);
    let own = verdicts.get(found.finding.id.as_str()).copied();
    let all = std::iter::once(&notice.main).chain(&notice.copies).flat_map(|d| &d.findings);
    own.or_else(|| all.filter(|f| key(f) == key(found)).find_map(|f| verdicts.get(f.finding.id.as_str()).copied()))
}

/// Leads on the buyer, end user or seller of the finding.
fn concerns(lead: &Lead, finding: &Finding) -> bool {
    match lead.role {
        Role::Supplier => finding.supplier.as_deref().is_none_or(|s| s.contains(&lead.party)),
        Role::Brand => false,
        _ => true,
    }
}

fn missing(joined: &Joined, finding: &CaseFinding) -> Vec<String> {
    let bought = joined.notices.iter().any(|notice| is_bought(notice.main.stage));
    let checks = [
        ("review", finding.verdict != Some(Verdict::Accepted)),
        ("address", finding.url.is_none()),
        ("archive", finding.archive_url.is_none()),
        ("date", finding.date.is_none()),
        ("buyer", finding.finding.buyer.is_none()),
        ("supplier", finding.finding.supplier.is_none() && is_bought(Some(finding.finding.stage))),
        ("award", !bought),
        ("second_source", finding.copies == 0),
        ("reply", true),
    ];
    checks.into_iter().filter(|(_, lacks)| *lacks).map(|(id, _)| id.to_string()).collect()
}

pub(super) type Order = (Reverse<Strength>, bool, u32, bool, usize, bool, String, String);

/// Strongest first: strength, then the buyers asked for, what is said, how little speaks against it.
pub(super) fn order(f: &CaseFinding, rules: &Rulebook) -> Order {
    let usage = rules.report.words.rank("usage", &word(&f.finding.usage));
    let own_amount = f.finding.amount_basis == Some(AmountBasis::Line);
    (
        Reverse(f.finding.strength),
        !f.asked,
        usage,
        !f.counted,
        f.objections.len(),
        !own_amount,
        f.finding.brand.clone(),
        f.finding.id.clone(),
    )
}

/// The contract's word for a value of one of its enums.
pub fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
