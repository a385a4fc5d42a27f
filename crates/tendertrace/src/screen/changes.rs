//! What changed between two versions of a list? Entries added, removed and changed, and both versions
//! as one list in which the removed keep their dates: who was listed on a day stays listed on it.

use crate::rulebook::Rulebook;
use crate::rulebook::lists::ListEntry;
use serde::Serialize;
use std::collections::HashMap;

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    Added,
    Removed,
    Changed,
}

/// One entry that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    pub became: Became,
    pub id: String,
    pub name: String,
    /// Field, before, after; empty for whole entries.
    pub fields: Vec<(String, String, String)>,
}

/// Compares two versions: entries are one by their number where both give it, else by their name.
pub fn changes(old: &[ListEntry], new: &[ListEntry], rules: &Rulebook) -> Vec<Change> {
    let pairs = Pairs::of(old, new, rules);
    let mut all: Vec<Change> = Vec::new();
    for (before, after) in &pairs.kept {
        let fields = differing(before, after);
        if !fields.is_empty() {
            all.push(Change { fields, ..change(Became::Changed, after) });
        }
    }
    all.extend(pairs.added.iter().map(|entry| change(Became::Added, entry)));
    all.extend(pairs.removed.iter().map(|entry| change(Became::Removed, entry)));
    all.sort_by(|a, b| (a.became, &a.name, &a.id).cmp(&(b.became, &b.name, &b.id)));
    all
}

/// The new version and behind it the entries it no longer has, which end on `day` if they had no end.
pub fn merged(old: &[ListEntry], new: &[ListEntry], day: &str, rules: &Rulebook) -> Vec<ListEntry> {
    let ended = |entry: &&ListEntry| {
        let listed_to = if entry.listed_to.is_empty() { day.to_string() } else { entry.listed_to.clone() };
        ListEntry { listed_to, ..(*entry).clone() }
    };
    let removed = Pairs::of(old, new, rules).removed.iter().map(ended).collect::<Vec<_>>();
    new.iter().cloned().chain(removed).collect()
}

struct Pairs<'a> {
    kept: Vec<(&'a ListEntry, &'a ListEntry)>,
    added: Vec<&'a ListEntry>,
    removed: Vec<&'a ListEntry>,
}

impl<'a> Pairs<'a> {
    fn of(old: &'a [ListEntry], new: &'a [ListEntry], rules: &Rulebook) -> Pairs<'a> {
        let mut before: HashMap<String, Vec<&ListEntry>> = HashMap::new();
        old.iter().rev().for_each(|entry| before.entry(key(entry, rules)).or_default().push(entry));
        let (mut kept, mut added) = (Vec::new(), Vec::new());
        for entry in new {
            match before.get_mut(&key(entry, rules)).and_then(Vec::pop) {
                Some(old) => kept.push((old, entry)),
                None => added.push(entry),
            }
        }
        let removed = before.into_values().flatten().collect();
        let mut pairs = Pairs { kept, added, removed };
        pairs.removed.sort_by(|a, b| (&a.name, &a.id, &a.listed_from).cmp(&(&b.name, &b.id, &b.listed_from)));
        pairs
    }
}

/// Numbers that only count the rows of a file say nothing of another version.
fn key(entry: &ListEntry, rules: &Rulebook) -> String {
    if entry.id.is_empty() || entry.id.starts_with("row-") { rules.folder.plain(&entry.name) } else { format!("#{}", entry.id) }
}

fn change(became: Became, entry: &ListEntry) -> Change {
    Change { became, id: entry.id.clone(), name: entry.name.clone(), fields: Vec::new() }
}

fn differing(before: &ListEntry, after: &ListEntry) -> Vec<(String, String, String)> {
    let fields = |entry: &ListEntry| {
        let ListEntry { name, name_zh, aliases, code, listed_from, listed_to, citation, note, .. } = entry.clone();
        let mut parts: Vec<&str> = aliases.split('|').collect();
        parts.sort_unstable();
        [("name", name), ("name_zh", name_zh), ("aliases", parts.join("|")), ("code", code)]
            .into_iter()
            .chain([("listed_from", listed_from), ("listed_to", listed_to), ("citation", citation), ("note", note)])
            .collect::<Vec<_>>()
    };
    let both = fields(before).into_iter().zip(fields(after));
    both.filter(|(b, a)| b.1 != a.1).map(|(b, a)| (b.0.to_string(), b.1, a.1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::import::read;

    fn version(rows: &str) -> Vec<ListEntry> {
        let text = format!("name,aliases,code,listed_from,listed_to,citation,note\n{rows}");
        read(&text, &Rulebook::embedded()).expect("own entries").entries
    }

    #[test]
    fn added_removed_and_changed_are_told_and_the_removed_keep_their_days() {
        let old = version(
            "Sample One Co. Ltd.,,,2019-10-09,,,\nSample Two Co. Ltd.,,,2019-10-09,,,\nSample Three Co. Ltd.,,,2019-10-09,2020-01-01,,\n",
        );
        let new = version("Sample Four Co. Ltd.,,,2021-05-01,,,\nSAMPLE TWO CO. LTD.,,,2019-10-09,2021-05-01,,\n");
        let rules = Rulebook::embedded();
        let told: Vec<(Became, String)> = changes(&old, &new, &rules).into_iter().map(|c| (c.became, c.name)).collect();
        let expected = [
            (Became::Added, "Sample Four Co. Ltd."),
            (Became::Removed, "Sample One Co. Ltd."),
            (Became::Removed, "Sample Three Co. Ltd."),
            (Became::Changed, "SAMPLE TWO CO. LTD."),
        ];
        assert_eq!(told, expected.map(|(became, name)| (became, name.to_string())));
        let days: Vec<(String, String)> =
            merged(&old, &new, "2021-05-01", &rules).into_iter().map(|e| (e.listed_from, e.listed_to)).collect();
        let expected = [("2021-05-01", ""), ("2019-10-09", "2021-05-01"), ("2019-10-09", "2021-05-01"), ("2019-10-09", "2020-01-01")];
        assert_eq!(days, expected.map(|(from, to)| (from.to_string(), to.to_string())));
        assert!(changes(&new, &new, &rules).is_empty());
    }
}
