//! How well are organisations told apart in a large pile? Invented organisations with the traps of
//! real ones, mentioned as people write them: `mentions N SEED` prints rows with the truth beside
//! them, `resolve FILE` measures what the resolution makes of them.

use crate::dice::Dice;
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use std::io::BufWriter;
use std::path::Path;
use std::time::Instant;
use tendertrace::assemble::entities::{Mention, resolve};
use tendertrace::report::gloss;
use tendertrace::resolve::names::uscc;
use tendertrace::rulebook::Rulebook;
use tendertrace::rulebook::regions::Level;

#[derive(Deserialize)]
struct Words {
    cores: String,
    trades: Vec<String>,
    forms: Vec<String>,
    functions: Vec<String>,
    branch: String,
    rewordings: Vec<[String; 2]>,
    open: Vec<String>,
    close: Vec<String>,
}

/// A row of the generated file.
#[derive(Deserialize)]
struct Row {
    name: String,
    code: String,
    entity: u32,
}

/// An organisation by its parts.
#[derive(Clone, Default)]
pub struct Org {
    place: String,
    core: Vec<char>,
    trade: String,
    form: String,
    branch: String,
    bracketed: bool,
    code: String,
}

/// Where it is made of and from.
pub struct World {
    words: Words,
    cores: Vec<char>,
    places: Vec<String>,
    /// Province, prefecture and county written out.
    bodies: Vec<String>,
    traditional: HashMap<char, char>,
    dice: Dice,
    rules: Rulebook,
}

/// Prints `count` mentions of organisations invented by `seed`.
pub fn write(root: &Path, count: usize, seed: u64) -> Result<(), String> {
    let mut world = World::new(root, seed)?;
    let mut rows: Vec<(String, String, usize)> = Vec::with_capacity(count + 40);
    let mut known = BTreeSet::new();
    let mut entity = 0;
    while rows.len() < count {
        for org in world.family() {
            if !known.insert(org.written()) {
                continue;
            }
            for _ in 0..1 + world.dice.below(15) {
                let (name, code) = world.mention(&org);
                rows.push((name, code, entity));
            }
            entity += 1;
        }
    }
    rows.truncate(count);
    for at in (1..rows.len()).rev() {
        rows.swap(at, world.dice.below(at + 1));
    }
    let mut out = csv::Writer::from_writer(BufWriter::new(std::io::stdout().lock()));
    out.write_record(["name", "code", "entity"]).map_err(|e| e.to_string())?;
    for (name, code, entity) in rows {
        out.write_record([name, code, entity.to_string()]).map_err(|e| e.to_string())?;
    }
    out.flush().map_err(|e| e.to_string())
}

impl Org {
    pub fn written(&self) -> String {
        let core: String = self.core.iter().collect();
        let Org { place, trade, form, branch, .. } = self;
        if self.bracketed { format!("{core}({place}){trade}{form}{branch}") } else { format!("{place}{core}{trade}{form}{branch}") }
    }
}

impl World {
    pub fn new(root: &Path, seed: u64) -> Result<World, String> {
        let words: Words = toml::from_str(include_str!("organisations.toml")).map_err(|e| e.to_string())?;
        let rules = Rulebook::embedded();
        let named = |level: Level| rules.regions.places.iter().filter(move |place| place.level == level);
        let places: Vec<String> = named(Level::Prefecture).map(|place| place.name.clone()).collect();
        let above = |at: Option<usize>| at.map(|at| &rules.regions.places[at]);
        let body = |place: &tendertrace::rulebook::regions::Place| {
            let prefecture = above(place.parent).filter(|p| p.level == Level::Prefecture)?;
            Some(format!("{}{}", prefecture.name, place.name))
        };
        let bodies = named(Level::County).filter_map(body).chain(places.iter().cloned()).collect();
        let mut traditional = HashMap::new();
        let mut reader = csv::Reader::from_path(root.join("rulebook/script/characters.csv")).map_err(|e| e.to_string())?;
        for row in reader.records().flatten() {
            if let (Some(from), Some(to)) = (row[0].chars().next(), row[1].chars().next()) {
                traditional.entry(to).or_insert(from);
            }
        }
        Ok(World { cores: words.cores.chars().collect(), words, places, bodies, traditional, dice: Dice(seed), rules })
    }

    /// So many organisations, each once.
    pub fn organisations(&mut self, count: usize) -> Vec<Org> {
        let mut known = BTreeSet::new();
        let mut all = Vec::with_capacity(count);
        while all.len() < count {
            all.extend(self.family().into_iter().filter(|org| known.insert(org.written())));
        }
        all.truncate(count);
        all
    }

    /// Its name in Latin letters, by glossary and sound.
    pub fn latin(&self, org: &Org) -> String {
        gloss::name(&org.written(), &self.rules).unwrap_or_else(|| org.written())
    }

    /// An organisation and, often, what is easily taken for it.
    fn family(&mut self) -> Vec<Org> {
        if self.dice.in_hundred(15) {
            return vec![self.body()];
        }
        let first = self.company();
        let mut family = vec![first.clone()];
        if self.dice.in_hundred(35) {
            family.push(self.trap(&first));
        }
        family
    }

    fn body(&mut self) -> Org {
        let place = self.dice.of(&self.bodies).clone();
        let trade = self.dice.of(&self.words.functions).clone();
        Org { place, trade, code: self.code(), ..Org::default() }
    }

    fn company(&mut self) -> Org {
        let length = 2 + self.dice.below(3).min(1) + usize::from(self.dice.in_hundred(20));
        let core = (0..length).map(|_| *self.dice.of(&self.cores)).collect();
        let (place, trade, form) =
            (self.dice.of(&self.places).clone(), self.dice.of(&self.words.trades).clone(), self.dice.of(&self.words.forms).clone());
        Org { place, core, trade, form, bracketed: self.dice.in_hundred(15), code: self.code(), branch: String::new() }
    }

    /// Another body whose name is nearly the same.
    fn trap(&mut self, of: &Org) -> Org {
        let mut org = Org { code: self.code(), ..of.clone() };
        match self.dice.below(5) {
            0 => org.branch = format!("{}{}", self.dice.of(&self.places), self.words.branch),
            1 => org.trade.clone_from(self.dice.of(&self.words.trades)),
            2 => org.place.clone_from(self.dice.of(&self.places)),
            3 => org.form.clone_from(self.dice.of(&self.words.forms)),
            _ => {
                let at = self.dice.below(org.core.len());
                org.core[at] = *self.dice.of(&self.cores);
            }
        }
        org
    }

    /// A code whose check character holds.
    fn code(&mut self) -> String {
        const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
        let head: String = (0..9).map(|_| char::from(b'0' + self.dice.below(10) as u8)).collect();
        let tail: String = (0..6).map(|_| char::from(*self.dice.of(ALPHABET))).collect();
        let stem = format!("91{head}{tail}");
        let whole = ALPHABET.iter().map(|check| format!("{stem}{}", char::from(*check)));
        whole.into_iter().find(|code| uscc::is_valid(code)).expect("one check character fits")
    }

    /// How somebody writes it: as it is, or changed once or twice.
    pub fn mention(&mut self, org: &Org) -> (String, String) {
        let mut name = org.written();
        if self.dice.in_hundred(12) {
            let [from, to] = self.dice.of(&self.words.rewordings).clone();
            if !name.contains(&to) {
                name = name.replace(&from, &to);
            }
        }
        name = self.in_brackets(name);
        if self.dice.in_hundred(12) {
            name = name.chars().map(|c| *self.traditional.get(&c).unwrap_or(&c)).collect();
        }
        if self.dice.in_hundred(8) {
            let at = self.dice.below(name.chars().count());
            name = name.chars().enumerate().flat_map(|(i, c)| if i == at { vec![' ', c] } else { vec![c] }).collect();
        }
        if self.dice.in_hundred(3) {
            name = self.slip(&name);
        }
        let code = if self.dice.in_hundred(30) { org.code.clone() } else { String::new() };
        if !code.is_empty() && self.dice.in_hundred(30) { (format!("{name}（{code}）"), String::new()) } else { (name, code) }
    }

    fn in_brackets(&mut self, name: String) -> String {
        let kind = self.dice.below(self.words.open.len());
        name.replace('(', &self.words.open[kind]).replace(')', &self.words.close[kind])
    }

    /// One character lost, doubled, changed for another, or two exchanged.
    fn slip(&mut self, name: &str) -> String {
        let mut all: Vec<char> = name.chars().collect();
        let at = self.dice.below(all.len() - 1);
        match self.dice.below(4) {
            0 => drop(all.remove(at)),
            1 => all.insert(at, all[at]),
            2 => all[at] = *self.dice.of(&self.cores),
            _ => all.swap(at, at + 1),
        }
        all.into_iter().collect()
    }
}

/// Pairs of mentions: claimed, true, and both.
struct Score {
    claimed: u64,
    truth: u64,
    both: u64,
}

/// Resolves a generated file and prints how well, how fast, in how much memory.
pub fn measure(file: &Path) -> Result<(), String> {
    let (mentions, truths) = read(file)?;
    let rules = Rulebook::embedded();
    let (begun, busy) = (Instant::now(), processor_seconds());
    let resolved = resolve(&mentions, &[], &rules);
    let (seconds, busy) = (begun.elapsed().as_secs_f64(), processor_seconds() - busy);
    let rows: u64 = mentions.iter().map(|m| m.times).sum();
    let clusters: Vec<(usize, usize)> =
        resolved.entities.iter().enumerate().flat_map(|(n, e)| e.spellings.iter().map(move |s| (n, *s))).collect();
    let score = score(&clusters, &mentions, &truths);
    println!(
        "{rows} mentions, {} spellings -> {} entities, {} links possibly_same_as; pairwise precision {:.4}, recall {:.4}; {busy:.1} s of one core ({seconds:.1} s by the clock), {} MB at most",
        mentions.len(),
        resolved.entities.len(),
        resolved.links.len(),
        score.both as f64 / score.claimed as f64,
        score.both as f64 / score.truth as f64,
        peak_memory()
    );
    Ok(())
}

/// Spellings with how often they stand, apart by their truth, which the resolution does not see.
fn read(file: &Path) -> Result<(Vec<Mention>, Vec<u32>), String> {
    let mut reader = csv::Reader::from_path(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let mut times: HashMap<(String, String, u32), u64> = HashMap::new();
    for row in reader.deserialize::<Row>() {
        let row = row.map_err(|e| e.to_string())?;
        *times.entry((row.name, row.code, row.entity)).or_default() += 1;
    }
    Ok(times.into_iter().map(|((name, code, entity), times)| (Mention { name, code, times }, entity)).unzip())
}

fn score(clusters: &[(usize, usize)], mentions: &[Mention], truths: &[u32]) -> Score {
    let (mut claimed, mut truth, mut both) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (cluster, mention) in clusters {
        let times = mentions[*mention].times;
        *claimed.entry(*cluster).or_insert(0) += times;
        *truth.entry(truths[*mention]).or_insert(0) += times;
        *both.entry((*cluster, truths[*mention])).or_insert(0) += times;
    }
    let pairs = |n: &u64| n * (n - 1) / 2;
    Score { claimed: claimed.values().map(pairs).sum(), truth: truth.values().map(pairs).sum(), both: both.values().map(pairs).sum() }
}

/// Time this process has computed, where the system tells it; a busy machine does not lengthen it.
pub fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().map(|f| f.parse().unwrap_or(0.0)).collect();
    // In hundredths of a second: user and system time stand in the 12th and 13th place behind the name.
    fields.get(11).zip(fields.get(12)).map_or(0.0, |(user, system)| (user + system) / 100.0)
}

/// Peak resident memory in MB, where the system tells it.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.map_or("unknown".to_string(), |kb| (kb / 1024).to_string())
}
