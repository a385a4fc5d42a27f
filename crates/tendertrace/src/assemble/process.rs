//! What became of one project? Its notices in order of time, its id, and what changed between stages.

use super::{Change, Digest, Joined, Notice, Process};
use crate::model::{Money, Stage};
use crate::wire;
use std::collections::{HashMap, HashSet};

/// The process that these notices are.
pub(super) fn of(joined: &Joined) -> Process {
    let mut in_time: Vec<&Notice> = joined.notices.iter().collect();
    in_time.sort_by_key(|notice| notice.place);
    let digests: Vec<&Digest> = in_time.iter().map(|notice| notice.main).collect();
    let mut seen = HashSet::new();
    let numbers = digests.iter().flat_map(|d| &d.project_numbers).filter(|number| seen.insert(*number)).cloned().collect();
    Process {
        id: joined.id.to_string(),
        name: digests.iter().find_map(|d| d.project_name.clone()).unwrap_or_else(|| digests[0].title.clone()),
        buyer: digests.iter().find_map(|d| d.buyer.clone()),
        numbers,
        notices: in_time.iter().map(|notice| notice.at).collect(),
        changes: changes(&digests),
        with_finding: false,
    }
}

/// What a notice gives to the id of its process.
pub(super) struct Identity<'a> {
    /// The smallest project number.
    pub number: Option<&'a str>,
    pub name: &'a str,
    pub buyer: &'a str,
    pub capture: &'a str,
    pub part: u32,
}

/// Ids of processes: stable as long as the smallest number, or the first name and buyer, stays.
pub(super) fn ids(processes: &[Vec<Identity>]) -> Vec<String> {
    let base: Vec<String> = processes.iter().map(|members| id(members)).collect();
    let mut uses: HashMap<&str, usize> = HashMap::new();
    base.iter().for_each(|id| *uses.entry(id).or_default() += 1);
    let own = |(id, members): (&String, &Vec<Identity>)| match uses[id.as_str()] {
        1 => id.clone(),
        _ => hashed(&format!("{id} {} {}", members[0].capture, members[0].part)),
    };
    base.iter().zip(processes).map(own).collect()
}

/// The id of the process that these notices form: of its smallest project number, else of its name
/// and buyer, else of its first capture.
pub fn id_of(members: &[&Digest]) -> String {
    id(&members.iter().copied().map(identity).collect::<Vec<_>>())
}

fn identity(digest: &Digest) -> Identity<'_> {
    Identity {
        number: digest.keys.numbers.first().map(String::as_str),
        name: &digest.keys.name,
        buyer: &digest.keys.buyer,
        capture: &digest.capture,
        part: digest.part,
    }
}

fn id(members: &[Identity]) -> String {
    let number = members.iter().filter_map(|one| one.number).min();
    let named = members.iter().find(|one| !one.name.is_empty() && !one.buyer.is_empty());
    let key = match (number, named) {
        (Some(number), _) => format!("number {number}"),
        (None, Some(one)) => format!("name {} {}", one.name, one.buyer),
        (None, None) => members.first().map_or_else(String::new, |one| format!("capture {} {}", one.capture, one.part)),
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
