//! Which rules, which budget? What every command needs before it starts: the rulebook with the
//! user's own layer over it, and clear words when that layer does not load.

use anyhow::{Context as _, bail};
use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use tendertrace::rulebook::{Files, Problem, Rulebook};

/// The case a command works on, named first or by `--case`, as every command takes it.
#[derive(clap::Args)]
pub struct CaseArg {
    /// The case folder.
    #[arg(value_name = "CASE")]
    case: Option<PathBuf>,
    /// The case folder, where it is not named first.
    #[arg(long = "case", value_name = "CASE", id = "case_option", global = true)]
    case_option: Option<PathBuf>,
}

impl CaseArg {
    pub fn folder(&self) -> anyhow::Result<&Path> {
        match (&self.case, &self.case_option) {
            (Some(case), Some(other)) if case != other => bail!("two cases are named: {} and {}", case.display(), other.display()),
            (case, other) => case.as_deref().or(other.as_deref()).context(NO_CASE),
        }
    }
}

pub const NO_CASE: &str = "name the case folder: first, or by --case CASE";

/// The case of a command that takes other words too, and those words: it is named by `--case`, or is the first
/// word if that is the folder of a case.
pub fn case_and_words<'a>(case: Option<&'a Path>, words: &'a [String]) -> (Option<&'a Path>, &'a [String]) {
    match (case, words) {
        (None, [first, rest @ ..]) if Path::new(first).join("case.db").is_file() => (Some(Path::new(first)), rest),
        (case, words) => (case, words),
    }
}

/// A workbook on a terminal helps nobody.
pub fn not_to_a_terminal(file: Option<&Path>) -> anyhow::Result<()> {
    if file.is_none() && std::io::stdout().is_terminal() {
        bail!("a workbook is no text: name a file with --out FILE.xlsx");
    }
    Ok(())
}

/// Columns of the terminal as the shell says; a comfortable line where it does not.
pub fn width() -> usize {
    std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(100)
}

/// The built-in rulebook, or with the user's folder laid over it.
pub fn rulebook(own: Option<&Path>) -> anyhow::Result<Rulebook> {
    match own {
        None => Ok(Rulebook::embedded()),
        Some(dir) => match Rulebook::load(&files(Some(dir))?) {
            Ok(rules) => Ok(rules),
            Err(problems) => bail!("the rulebook in {} does not load:\n{}", dir.display(), list(&problems)),
        },
    }
}

/// Where a case keeps rules of its own.
pub fn own_rules_of(case: &Path) -> PathBuf {
    case.join("rulebook")
}

/// The rulebook for a case: with the folder named on the command line, or the case's own, laid over it.
pub fn rulebook_of(case: &Path, own: Option<&Path>) -> anyhow::Result<Rulebook> {
    let kept = own_rules_of(case);
    if own.is_none() && kept.is_dir() {
        eprintln!("tendertrace: with the rules of {}", kept.display());
        return rulebook(Some(&kept));
    }
    rulebook(own)
}

/// The rulebook's files as written, in layers.
pub fn files(own: Option<&Path>) -> anyhow::Result<Files> {
    let embedded = Files::embedded();
    Ok(match own {
        None => embedded,
        Some(dir) => embedded.with_layer(read_layer(dir)?),
    })
}

/// A file to read, `-` being standard input.
pub fn open(path: &Path) -> anyhow::Result<Box<dyn std::io::Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(std::io::stdin()));
    }
    let file = std::fs::File::open(path).with_context(|| format!("opening {}", path.display()))?;
    Ok(Box::new(file))
}

/// Problems as a person reads them, one below the other.
pub fn list(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

/// The rule files of a folder by their path in it.
pub fn read_layer(dir: &Path) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    if !dir.is_dir() {
        bail!("--rulebook {}: no such folder; name the folder that holds labels/, brands/ and so on", dir.display());
    }
    let mut layer = BTreeMap::new();
    for entry in walkdir::WalkDir::new(dir).sort_by_file_name() {
        let entry = entry.with_context(|| format!("reading the rulebook folder {}", dir.display()))?;
        let is_rule_file = entry.path().extension().is_some_and(|e| e == "toml" || e == "csv");
        if entry.file_type().is_file() && is_rule_file {
            let name = entry.path().strip_prefix(dir)?.to_string_lossy().replace('\\', "/");
            let bytes = std::fs::read(entry.path()).with_context(|| format!("reading {}", entry.path().display()))?;
            layer.insert(name, bytes);
        }
    }
    Ok(layer)
}
