//! `tendertrace compile INPUT…`: what do the releases of each contracting process say together? One
//! compiled (or versioned) release a line by the standard's merge rules, whatever number of files the
//! releases come in; counts and every repair beside it.

use crate::{Outcome, collect};
use anyhow::Context as _;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use tendertrace::ocds::counts::Counts;
use tendertrace::ocds::feed::{self, Process};
use tendertrace::ocds::merge::{self, Twins};
use tendertrace::ocds::repair::{self, Kind};
use tendertrace::ocds::rules::{Rules, Version};
use tendertrace::ocds::tree::{self, Node, Parsed};

#[derive(clap::Args)]
pub struct Args {
    /// Folders, files, globs; `-` is standard input: packages, records, releases, lists, lines.
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<String>,
    /// Every value each field has had, instead of the last.
    #[arg(long)]
    versioned: bool,
    /// Bring releases into the standard's shape before they are merged; without it they are merged as published.
    #[arg(long)]
    repaired: bool,
    /// Take the merge rules from this release schema (with extensions, say), not from the standard's own.
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
    /// Write counts, sums and the number of repairs as JSON.
    #[arg(long, value_name = "FILE")]
    counts: Option<PathBuf>,
    /// Write every repair as a line of JSON: kind, path, ocid.
    #[arg(long, value_name = "FILE")]
    repairs: Option<PathBuf>,
}

pub fn run(args: &Args) -> anyhow::Result<Outcome> {
    let rules = args.schema.as_deref().map(schema).transpose()?;
    let mut pile = Pile::new(args.repairs.as_deref())?;
    let mut skipped = 0;
    for taken in collect::captures(&args.inputs) {
        match taken {
            Ok(capture) => pile.take(&tendertrace::read::decode(&capture.bytes, capture.charset.as_deref()).0)?,
            Err(message) => {
                eprintln!("tendertrace: {message}");
                skipped += 1;
            }
        }
    }
    let compiled = pile.write(args, rules.as_ref())?;
    pile.repairs.iter_mut().try_for_each(Write::flush)?;
    if let Some(path) = &args.counts {
        let text = serde_json::to_string_pretty(&pile.report(compiled))?;
        std::fs::write(path, text + "\n").with_context(|| format!("{} cannot be written", path.display()))?;
    }
    eprintln!("{}", pile.said(compiled));
    Ok(if skipped > 0 || pile.broken > 0 { Outcome::Incomplete } else { Outcome::Done })
}

fn schema(path: &Path) -> anyhow::Result<Rules> {
    let text = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(Rules::of_schema(&serde_json::from_slice(&text).with_context(|| format!("{} is no JSON schema", path.display()))?))
}

/// Whether a release is one, or was compiled already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Released,
    Compiled,
}

/// A release in the spool: start and length.
type Place = (Said, u64, usize);

/// Releases wait in a file without a name, so that a pile of any size is merged in little memory.
struct Pile {
    spool: BufWriter<File>,
    length: u64,
    /// Processes in the order of their first release: ocid, version, places of their releases.
    processes: Vec<(Option<String>, Option<String>, Vec<Place>)>,
    by_ocid: HashMap<String, usize>,
    seen: HashSet<u128>,
    counts: Counts,
    published: usize,
    kinds: BTreeMap<Kind, usize>,
    repairs: Option<BufWriter<File>>,
    broken: usize,
}

impl Pile {
    fn new(repairs: Option<&Path>) -> anyhow::Result<Pile> {
        let create = |path: &Path| File::create(path).with_context(|| format!("{} cannot be written", path.display()));
        Ok(Pile {
            spool: BufWriter::with_capacity(
                1 << 18,
                tempfile::tempfile().context("no room for releases in the folder of temporary files")?,
            ),
            length: 0,
            processes: Vec::new(),
            by_ocid: HashMap::new(),
            seen: HashSet::new(),
            counts: Counts::default(),
            published: 0,
            kinds: BTreeMap::new(),
            repairs: repairs.map(create).transpose()?.map(BufWriter::new),
            broken: 0,
        })
    }

    fn take(&mut self, text: &str) -> anyhow::Result<()> {
        if !text.trim_start_matches('\u{FEFF}').trim_start().starts_with(['{', '[']) {
            return Ok(());
        }
        let parsed = tree::parse(text);
        if parsed.has_mark {
            self.note(Kind::ByteOrderMark, "", None)?;
        }
        for (slip, place) in &parsed.slips {
            self.note(Kind::from(*slip), &parsed.pointer(*place), None)?;
        }
        if let Some((at, message)) = parsed.error {
            self.broken += 1;
            self.note(Kind::BrokenJson, &format!("byte {at}: {message}"), None)?;
        }
        if !feed::is_ocds(&parsed) {
            return Ok(());
        }
        feed::processes(&parsed).iter().try_for_each(|process| self.take_process(process, &parsed))
    }

    fn take_process(&mut self, process: &Process, parsed: &Parsed) -> anyhow::Result<()> {
        self.published += process.published.len();
        for release in process.releases.iter().chain(&process.tagged).chain(&process.linked) {
            self.counts.releases += 1;
            if !self.seen.insert(fingerprint(release)) {
                continue;
            }
            self.counts.add(release);
            if !feed::is_link(release) {
                self.repair(release, process, parsed)?;
                let mut text = String::new();
                release.write(&mut text);
                let said = if process.tagged.iter().any(|t| std::ptr::eq(*t, *release)) { Said::Compiled } else { Said::Released };
                self.keep(process, said, &text)?;
            }
        }
        Ok(())
    }

    fn repair(&mut self, release: &Node, process: &Process, parsed: &Parsed) -> anyhow::Result<()> {
        let mut mended = Vec::new();
        repair::repaired(release, &mut mended);
        mended.iter().try_for_each(|(kind, place)| self.note(*kind, &parsed.pointer(*place), process.ocid.as_deref()))
    }

    fn note(&mut self, kind: Kind, path: &str, ocid: Option<&str>) -> anyhow::Result<()> {
        *self.kinds.entry(kind).or_default() += 1;
        match &mut self.repairs {
            Some(out) => Ok(writeln!(out, "{}", json!({"kind": kind, "path": path, "ocid": ocid}))?),
            None => Ok(()),
        }
    }

    fn keep(&mut self, process: &Process, said: Said, text: &str) -> anyhow::Result<()> {
        let fresh = self.processes.len();
        let at = process.ocid.as_ref().map_or(fresh, |ocid| *self.by_ocid.entry(ocid.clone()).or_insert(fresh));
        if at == fresh {
            self.processes.push((process.ocid.clone(), process.version.clone(), Vec::new()));
        }
        self.processes[at].2.push((said, self.length, text.len()));
        self.length += text.len() as u64;
        Ok(self.spool.write_all(text.as_bytes())?)
    }

    /// Prints one merged release a process; how many.
    fn write(&mut self, args: &Args, rules: Option<&Rules>) -> anyhow::Result<usize> {
        self.spool.flush()?;
        let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
        let processes = std::mem::take(&mut self.processes);
        let mut compiled = 0;
        for (ocid, version, places) in &processes {
            let has_releases = places.iter().any(|(said, ..)| *said == Said::Released);
            let used = places.iter().filter(|(said, ..)| !has_releases || *said == Said::Released);
            let texts = used.map(|place| self.text(*place)).collect::<anyhow::Result<Vec<_>>>()?;
            let rules = rules.unwrap_or_else(|| feed::rules_of(Version::named(version.as_deref().unwrap_or(""))));
            let (text, conflicts) = merged(&texts, rules, args);
            writeln!(out, "{text}")?;
            compiled += 1;
            for path in conflicts {
                self.note(Kind::ChangedShape, &path, ocid.as_deref())?;
            }
        }
        out.flush()?;
        self.processes = processes;
        Ok(compiled)
    }

    fn text(&mut self, (_, start, length): Place) -> anyhow::Result<String> {
        let file = self.spool.get_mut();
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = vec![0; length];
        file.read_exact(&mut bytes)?;
        Ok(String::from_utf8(bytes)?)
    }

    fn report(&self, compiled: usize) -> Value {
        let mut report = serde_json::to_value(&self.counts).expect("counts are plain data");
        let several = self.processes.iter().filter(|(_, _, places)| places.len() > 1).count();
        report["distinct_ocids"] = json!(self.by_ocid.len());
        report["distinct_supplier_names"] = json!(self.counts.distinct_supplier_names());
        report["distinct_buyer_names"] = json!(self.counts.distinct_buyer_names());
        report["compiled"] = json!(compiled);
        report["ocids_with_several_releases"] = json!(several);
        report["published_compiled_releases"] = json!(self.published);
        report["repairs"] = self.kinds.iter().map(|(kind, count)| (kind.name(), json!(count))).collect::<serde_json::Map<_, _>>().into();
        report
    }

    fn said(&self, compiled: usize) -> String {
        let repairs: Vec<String> = self.kinds.iter().map(|(kind, count)| format!("{count} {}", kind.name())).collect();
        let repairs = if repairs.is_empty() { "nothing to repair".to_string() } else { format!("repairs: {}", repairs.join(", ")) };
        format!(
            "{} releases, {} of them distinct ({} only linked to); {compiled} processes compiled; {repairs}",
            self.counts.releases, self.counts.distinct_releases, self.counts.linked_releases
        )
    }
}

/// Half of a hash, enough against accident: equal values are one release, whatever the order of keys.
fn fingerprint(release: &Node) -> u128 {
    use sha2::Digest as _;
    let mut text = String::new();
    release.in_order().write(&mut text);
    let digest = sha2::Sha256::digest(text.as_bytes());
    digest.iter().take(16).fold(0, |sum, byte| (sum << 8) | u128::from(*byte))
}

fn merged(texts: &[String], rules: &Rules, args: &Args) -> (String, Vec<String>) {
    let parsed: Vec<Parsed> = texts.iter().map(|text| tree::parse(text)).collect();
    let as_published = parsed.iter().flat_map(|p| &p.roots);
    let releases: Vec<Node> = match args.repaired {
        true => as_published.map(|release| repair::repaired(release, &mut Vec::new())).collect(),
        false => as_published.cloned().collect(),
    };
    let releases: Vec<&Node> = releases.iter().collect();
    let twins = if args.repaired { Twins::Apart } else { Twins::Merged };
    let merged = if args.versioned { merge::versioned(&releases, rules) } else { merge::compiled(&releases, rules, twins) };
    let mut text = String::new();
    merged.release.write(&mut text);
    (text, merged.conflicts)
}
