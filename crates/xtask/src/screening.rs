//! How fast are names screened, and does the index lose what comparing everything would find? `names
//! ENTRIES QUERIES SEED FOLDER` writes a generated list (an entry has its name and an alias, half of them
//! Latin) and a file of names, half of them mentions of listed ones; `recall FOLDER COUNT EVERY` compares COUNT of
//! the names with the listed names of every EVERY-th entry, and with what screening finds.

use crate::mentions::World;
use std::path::Path;
use std::time::Instant;
use tendertrace::model::Judgement;
use tendertrace::resolve::names::{Kinship, Name, compare_parsed};
use tendertrace::rulebook::Rulebook;
use tendertrace::rulebook::lists::{List, ListSource};
use tendertrace::screen::{self, Asked, import};

const LIST: &str = "list.csv";
const NAMES: &str = "names.csv";

/// Writes the list and the names.
pub fn write(root: &Path, entries: usize, queries: usize, seed: u64, folder: &Path) -> Result<(), String> {
    let said = |error: csv::Error| error.to_string();
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let mut world = World::new(root, seed)?;
    let mut list = csv::Writer::from_path(folder.join(LIST)).map_err(said)?;
    list.write_record(["name", "aliases", "listed_from", "listed_to"]).map_err(said)?;
    let listed = world.organisations(entries);
    for (number, org) in listed.iter().enumerate() {
        let (chinese, latin) = (org.written(), world.latin(org));
        let (name, alias) = if number % 2 == 0 { (chinese, latin) } else { (latin, chinese) };
        list.write_record([name.as_str(), alias.as_str(), "2020-01-01", ""]).map_err(said)?;
    }
    list.flush().map_err(|error| error.to_string())?;
    let mut names = csv::Writer::from_path(folder.join(NAMES)).map_err(said)?;
    names.write_record(["name", "listed"]).map_err(said)?;
    let others = world.organisations(queries / 2);
    for number in 0..queries {
        let of_list = number % 2 == 0;
        let org = if of_list { &listed[(number / 2) % listed.len()] } else { &others[number / 2 % others.len()] };
        let name = if number % 4 < 2 { world.mention(org).0 } else { world.latin(org) };
        names.write_record([name.as_str(), if of_list { "yes" } else { "no" }]).map_err(said)?;
    }
    names.flush().map_err(|error| error.to_string())
}

/// Compares `count` names, evenly taken, with the names of every `every`-th entry, and with what screening finds.
pub fn recall(folder: &Path, count: usize, every: usize) -> Result<(), String> {
    let mut rules = Rulebook::embedded();
    let text = std::fs::read_to_string(folder.join(LIST)).map_err(|error| error.to_string())?;
    let entries = import::read(&text, &rules)?.entries;
    let listed: Vec<(usize, Name)> = entries
        .iter()
        .enumerate()
        .step_by(every.max(1))
        .flat_map(|(at, entry)| std::iter::once(entry.name.as_str()).chain(entry.aliases.split('|')).map(move |name| (at, name)))
        .map(|(at, name)| (at, Name::parse(name, &rules)))
        .collect();
    let source = ListSource { id: "generated".to_string(), ..ListSource::foreign("generated") };
    rules.lists.lists = vec![List { source, entries }];
    let against = screen::against(None, &rules);
    let mut reader = csv::Reader::from_path(folder.join(NAMES)).map_err(|error| error.to_string())?;
    let names: Vec<String> = reader.records().flatten().map(|row| row[0].to_string()).collect();
    screen::screen_party(&asked(&names[0]), &against, &rules);
    let (mut all, mut found, mut same, mut same_found, mut missed) = (0, 0, 0, 0, Vec::new());
    let begun = Instant::now();
    let mut screening_seconds = 0.0;
    for name in names.iter().step_by((names.len() / count.max(1)).max(1)).take(count) {
        let query = Name::parse(name, &rules);
        let begun = Instant::now();
        let screening = screen::screen_party(&asked(name), &against, &rules);
        screening_seconds += begun.elapsed().as_secs_f64();
        let hit: std::collections::HashSet<&str> = screening.matches.iter().map(|m| m.entity.as_str()).collect();
        let mut entries: std::collections::BTreeMap<usize, Judgement> = std::collections::BTreeMap::new();
        for (at, other) in &listed {
            let comparison = compare_parsed(&query, other, &rules);
            if comparison.judgement != Judgement::Different && comparison.kinship == Kinship::None {
                let known = entries.entry(*at).or_insert(comparison.judgement);
                *known = (*known).max(comparison.judgement);
            }
        }
        for (at, judgement) in entries {
            let entity = &rules.lists.lists[0].entries[at].name;
            let is_found = hit.contains(entity.as_str());
            all += 1;
            found += usize::from(is_found);
            same += usize::from(judgement == Judgement::Same);
            same_found += usize::from(judgement == Judgement::Same && is_found);
            if !is_found {
                missed.push(format!("  {judgement:?} missed: {name} | {entity}"));
            }
        }
    }
    println!(
        "{count} names against {} of the listed names: same {same_found} of {same}, same or possible {found} of {all} found; {:.3} ms a screening, {:.0} s for all comparisons",
        listed.len(),
        screening_seconds * 1000.0 / count as f64,
        begun.elapsed().as_secs_f64() - screening_seconds
    );
    missed.iter().take(40).for_each(|line| println!("{line}"));
    Ok(())
}

/// Pairs per second of processor time of our own comparison, taking the names apart included.
pub fn pairs(file: &Path) -> Result<(), String> {
    let rules = Rulebook::embedded();
    let mut reader = csv::Reader::from_path(file).map_err(|error| error.to_string())?;
    let headers = reader.headers().map_err(|error| error.to_string())?.clone();
    let place = |name: &str| headers.iter().position(|header| header == name);
    let (one, other, schema) = (place("name1").ok_or("no name1")?, place("name2").ok_or("no name2")?, place("schema"));
    let bodies = ["Company", "Organization", "LegalEntity"];
    let rows = reader.records().flatten().filter(|row| schema.is_none_or(|at| bodies.contains(&&row[at])));
    let pairs: Vec<(String, String)> = rows.map(|row| (row[one].to_string(), row[other].to_string())).collect();
    let (begun, mut rounds, mut likely) = (crate::mentions::processor_seconds(), 0, 0);
    while crate::mentions::processor_seconds() - begun < 2.0 {
        likely = pairs
            .iter()
            .filter(|(a, b)| compare_parsed(&Name::parse(a, &rules), &Name::parse(b, &rules), &rules).judgement != Judgement::Different)
            .count();
        rounds += 1;
    }
    let seconds = crate::mentions::processor_seconds() - begun;
    println!(
        "{}: {} pairs, {likely} at least possible; {:.0} pairs a second",
        file.display(),
        pairs.len(),
        (pairs.len() * rounds) as f64 / seconds
    );
    Ok(())
}

fn asked(name: &str) -> Asked {
    Asked { name: name.to_string(), ..Asked::default() }
}
