//! What became of one project? Its notices in order of time, its id, and what changed between stages.

use super::{Change, Digest, Joined, Process, date_of};
use crate::model::{Money, Stage};
use crate::wire;
use std::collections::BTreeMap;

/// All processes, in the order of their first notice.
pub(super) fn list(joined: &Joined) -> Vec<Process> {
    joined.processes.iter().zip(&joined.process_ids).map(|(members, id)| process(joined, members, id)).collect()
}

fn process(joined: &Joined, members: &[usize], id: &str) -> Process {
    let mut notices = members.to_vec();
    notices.sort_by_key(|at| (date_of(joined.notices[*at].main), joined.notices[*at].main.stage, *at));
    let digests: Vec<&Digest> = notices.iter().map(|at| joined.notices[*at].main).collect();
    let mut numbers: Vec<String> = Vec::new();
    for number in digests.iter().flat_map(|d| &d.project_numbers) {
        if !numbers.contains(number) {
            numbers.push(number.clone());
        }
    }
    Process {
        id: id.to_string(),
        name: digests.iter().find_map(|d| d.project_name.clone()).unwrap_or_else(|| digests[0].title.clone()),
        buyer: digests.iter().find_map(|d| d.buyer.clone()),
        numbers,
        notices,
        changes: changes(&digests),
    }
}

/// Ids of processes: stable as long as the smallest number, or the first name and buyer, stays.
pub(super) fn ids(mains: &[&Digest], processes: &[Vec<usize>]) -> Vec<String> {
    let base: Vec<String> = processes.iter().map(|members| id_of(&members.iter().map(|at| mains[*at]).collect::<Vec<_>>())).collect();
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    base.iter().for_each(|id| *uses.entry(id).or_default() += 1);
    let own = |(id, members): (&String, &Vec<usize>)| match uses[id.as_str()] {
        1 => id.clone(),
        _ => hashed(&format!("{id} {} {}", mains[members[0]].capture, mains[members[0]].part)),
    };
    base.iter().zip(processes).map(own).collect()
}

/// The id of the process that these notices form: of its smallest project number, else of its name
/// and buyer, else of its first capture.
pub fn id_of(members: &[&Digest]) -> String {
    let number = members.iter().flat_map(|d| &d.keys.numbers).min();
    let named = members.iter().find(|d| !d.keys.name.is_empty() && !d.keys.buyer.is_empty());
    let key = match (number, named) {
        (Some(number), _) => format!("number {number}"),
        (None, Some(digest)) => format!("name {} {}", digest.keys.name, digest.keys.buyer),
        (None, None) => members.first().map_or_else(String::new, |d| format!("capture {} {}", d.capture, d.part)),
    };
    hashed(&key)
}

fn hashed(key: &str) -> String {
    crate::model::sha256_hex(key.as_bytes())[..12].to_string()
}

/// Values of a field that differ from the last one given by another stage.
fn changes(digests: &[&Digest]) -> Vec<Change> {
    let fields: [(&str, fn(&Digest) -> Option<String>); 4] = [
        ("buyer", |d| d.buyer.clone()),
        ("budget", |d| d.budget.as_ref().map(plain)),
        ("amount", |d| d.total.as_ref().map(plain)),
        ("supplier", suppliers),
    ];
    fields.into_iter().flat_map(|(field, read)| changes_of(field, digests, read)).collect()
}

fn changes_of(field: &str, digests: &[&Digest], read: fn(&Digest) -> Option<String>) -> Vec<Change> {
    let mut last: Option<(Stage, String)> = None;
    let mut out = Vec::new();
    for digest in digests {
        let (Some(stage), Some(value)) = (digest.stage, read(digest)) else { continue };
        if let Some((from_stage, from)) = last.take().filter(|(s, v)| *s != stage && *v != value) {
            out.push(Change { field: field.to_string(), from_stage, from, to_stage: stage, to: value.clone() });
        }
        last = Some((stage, value));
    }
    out
}

fn suppliers(digest: &Digest) -> Option<String> {
    let mut all = digest.suppliers.clone();
    all.sort();
    (!all.is_empty()).then(|| all.join(" + "))
}

fn plain(money: &Money) -> String {
    format!("{} {}", money.currency, wire::amount(&money.amount))
}
