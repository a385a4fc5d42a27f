//! What the standard has no place for: where each value stands, findings, list leads, gaps. Written
//! under `tendertrace` in each release; contacts are withheld from every quote.

use crate::assemble::word;
use crate::evidence::{Known, Sourced};
use crate::model::*;
use crate::report::mask;
use crate::rulebook::Rulebook;
use crate::wire::Writer;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The object of our own.
pub fn extension(examination: &Examination, notice: &Notice, rules: &Rulebook) -> Value {
    let writer = Writer::new(&examination.documents);
    let head = &examination.capture;
    let mut gaps: BTreeMap<String, usize> = BTreeMap::new();
    examination.gaps.iter().for_each(|g| *gaps.entry(word(&g.kind)).or_default() += 1);
    json!({
        "schema": 1,
        "capture": {
            "sha256": head.sha256,
            "part": head.part,
            "fetched": head.fetched,
            "archiveUrl": head.archive_url.as_ref().and_then(|u| mask::address(u, &rules.report.masks)),
        },
        "stage": notice.stage.as_ref().map(|s| word(s.value())),
        "eventDate": notice.event_date,
        "buyerKind": notice.buyer_kind.as_ref().map(|k| &k.value),
        "endUser": notice.end_user.as_ref().map(|e| mask::party(&e.value, &rules.report.masks)),
        "endUserKind": notice.end_user_kind.as_ref().map(|k| &k.value),
        "region": notice.region.as_ref().map(|r| &r.value),
        "purposes": notice.purposes.iter().map(|p| &p.value).collect::<Vec<_>>(),
        "projectNumbers": notice.project_numbers.iter().map(|n| &n.value).collect::<Vec<_>>(),
        "ranks": notice.bids.iter().enumerate().filter_map(|(at, b)| b.rank.map(|r| json!({"bid": (at + 1).to_string(), "rank": r}))).collect::<Vec<_>>(),
        "evidence": evidence(notice, &writer, rules),
        "findings": examination.findings.iter().map(|f| finding(f, &writer, rules)).collect::<Vec<_>>(),
        "leads": examination.leads.iter().map(|l| lead(l, rules)).collect::<Vec<_>>(),
        "gaps": gaps,
    })
}

/// The same without fields that say nothing: the standard counts them as faults.
pub fn without_empty(value: Value) -> Value {
    let says = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    };
    match value {
        Value::Array(list) => list.into_iter().map(without_empty).filter(says).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(key, value)| (key, without_empty(value))).filter(|(_, value)| says(value)).collect()
        }
        other => other,
    }
}

/// Where the main values of the release stand, by JSON pointer.
fn evidence(notice: &Notice, writer: &Writer, rules: &Rulebook) -> Vec<Value> {
    let mut out = Vec::new();
    let mut text = |path: &str, read: &Option<Sourced<String>>| {
        if let Some(read) = read {
            out.push(entry(path, &read.rule, &[read.quote()], writer, rules));
        }
    };
    text("/buyer/name", &notice.buyer);
    text("/tender/title", &notice.project_name);
    text("/tender/procuringEntity/name", &notice.agency);
    text("/tender/tenderPeriod/endDate", &notice.dates.deadline);
    text("/tendertrace/endUser", &notice.end_user);
    text("/tender/id", &notice.project_numbers.first().cloned());
    if let Some(budget) = &notice.budget {
        out.push(known("/tender/value", budget, writer, rules));
    }
    for (at, award) in notice.awards.iter().enumerate() {
        for (number, supplier) in award.suppliers.iter().enumerate() {
            out.push(entry(&format!("/awards/{at}/suppliers/{number}/name"), &supplier.rule, &[supplier.quote()], writer, rules));
        }
        out.extend(award.amount.iter().map(|m| known(&format!("/awards/{at}/value"), m, writer, rules)));
    }
    out
}

fn known<T>(path: &str, value: &Known<T>, writer: &Writer, rules: &Rulebook) -> Value {
    entry(path, value.rule(), &value.quotes(), writer, rules)
}

fn entry(path: &str, rule: &str, quotes: &[crate::evidence::Quote], writer: &Writer, rules: &Rulebook) -> Value {
    json!({"path": path, "rule": rule, "quotes": quotes.iter().map(|q| quote(q, writer, rules)).collect::<Vec<_>>()})
}

/// A quote whose text is shown to people; its place stays exact.
fn quote(quote: &crate::evidence::Quote, writer: &Writer, rules: &Rulebook) -> Value {
    let mut out = writer.quote(quote);
    out["text"] = json!(mask::party(&quote.text, &rules.report.masks));
    out
}

fn finding(finding: &Finding, writer: &Writer, rules: &Rulebook) -> Value {
    let mut out = writer.finding(finding);
    out["quotes"] = finding.quotes.iter().map(|q| quote(q, writer, rules)).collect();
    for key in ["buyer", "supplier"] {
        if let Some(name) = out[key].as_str() {
            out[key] = json!(mask::party(name, &rules.report.masks));
        }
    }
    out["sentence"] = json!(crate::report::say::sentence(finding, rules));
    out["reviewed"] = json!(false);
    out
}

fn lead(lead: &Lead, rules: &Rulebook) -> Value {
    let shown = mask::party(&lead.party, &rules.report.masks);
    json!({
        "party": shown,
        "role": word(&lead.role),
        "list": lead.list,
        "entry": lead.entry,
        "listedFrom": lead.listed_from,
        "listedTo": lead.listed_to,
        "inForce": word(&lead.in_force),
        "judgement": word(&lead.judgement),
        "score": lead.score,
        "through": word(&lead.through),
        "owner": lead.via.as_ref().and_then(|via| via.owner.first()).map(|held| mask::party(&held.owner, &rules.report.masks)),
    })
}
