//! `tendertrace rulebook …`: does the rulebook load, what fires on a text, what does a rule say,
//! and a template for a new one.

use crate::{Outcome, context};
use anyhow::{Context as _, bail};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tendertrace::assemble::chains;
use tendertrace::classify;
use tendertrace::rulebook::{Files, Rulebook};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(clap::Subcommand)]
enum Task {
    /// Load the rulebook (with your own layer) and print every problem with file, line and caret.
    Check {
        /// Your own rulebook folder (as with --rulebook).
        dir: Option<PathBuf>,
    },
    /// Print what a rule says: `labels/buyer#caigouren`, `brands/intel`.
    Explain {
        /// The id as findings, values and `why` print it.
        rule: String,
    },
    /// Print what fires on a piece of text, and why look-alikes do not.
    Try {
        /// A sentence or an item, as a notice has it.
        text: String,
    },
    /// Write a commented template for a new rule into your own rulebook folder.
    New {
        /// brand, label, list or purpose.
        kind: String,
        /// The new rule's id: small Latin letters, digits, `_` and `-`.
        id: String,
        /// Your own rulebook folder; it is created.
        #[arg(long, default_value = "my-rulebook")]
        into: PathBuf,
    },
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let own_rules = match &args.task {
        Task::Check { dir: Some(dir) } => Some(dir.as_path()),
        _ => own_rules,
    };
    let files = context::files(own_rules)?;
    match &args.task {
        Task::Check { .. } => check(&files),
        Task::Try { text } => try_text(text, own_rules),
        Task::Explain { rule } => explain(&files, rule),
        Task::New { kind, id, into } => new(&files, kind, id, into),
    }
}

fn check(files: &Files) -> anyhow::Result<Outcome> {
    let mut out = std::io::stdout().lock();
    match Rulebook::load(files) {
        Ok(rules) if !chains::broken_examples(&rules).is_empty() => {
            let broken = chains::broken_examples(&rules);
            writeln!(out, "{}\n\n{} problems", broken.join("\n"), broken.len())?;
            Ok(Outcome::Incomplete)
        }
        Ok(rules) => {
            writeln!(
                out,
                "the rulebook loads: {} files\nextraction     {}\nclassification {}\nlists          {}",
                files.under("").count(),
                rules.hashes.extraction,
                rules.hashes.classification,
                rules.hashes.lists
            )?;
            Ok(Outcome::Done)
        }
        Err(problems) => {
            writeln!(out, "{}\n\n{} problems", context::list(&problems), problems.len())?;
            Ok(Outcome::Incomplete)
        }
    }
}

fn try_text(text: &str, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let rules = context::rulebook(own_rules)?;
    let fired = classify::explain::explain(text, &rules);
    let mut out = std::io::stdout().lock();
    for one in &fired {
        writeln!(out, "{}", serde_json::to_string(one)?)?;
    }
    if fired.is_empty() {
        writeln!(out, "nothing fires: no brand file knows a name or model in this text")?;
    }
    Ok(Outcome::Done)
}

/// A rule id is `path-without-ending#row`; the row is looked for by its `id` in the file as written.
fn explain(files: &Files, rule: &str) -> anyhow::Result<Outcome> {
    let (file, row) = rule.split_once('#').map_or((rule, None), |(file, row)| (file, Some(row)));
    let found: Vec<_> = files
        .under(file)
        .filter(|(name, _)| name.strip_prefix(file).is_some_and(|rest| rest.starts_with('.') || rest.starts_with('/')))
        .collect();
    if found.is_empty() {
        bail!("no rule file {file}; ids look like labels/buyer#caigouren or usages/awarded");
    }
    let mut out = std::io::stdout().lock();
    for (name, bytes) in found {
        let text = String::from_utf8_lossy(bytes);
        writeln!(out, "{name}")?;
        for line in row.map_or_else(|| text.lines().collect(), |row| rows(name, &text, row)) {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(Outcome::Done)
}

/// The header and the row of a CSV file, or the TOML table whose id it is.
fn rows<'a>(name: &str, text: &'a str, row: &str) -> Vec<&'a str> {
    if name.ends_with(".csv") {
        let header = text.lines().take(1);
        return header.chain(text.lines().skip(1).filter(|line| line.split(',').next() == Some(row))).collect();
    }
    let quoted = format!("\"{row}\"");
    let named = |block: &&str| block.lines().any(|l| l.starts_with("id") && l.contains(&quoted));
    text.split("\n\n").filter(named).flat_map(str::lines).collect()
}

fn new(files: &Files, kind: &str, id: &str, into: &Path) -> anyhow::Result<Outcome> {
    if id.is_empty() || !id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-') {
        bail!("{id}: an id is small Latin letters, digits, _ and -");
    }
    let prefix = format!("templates/{kind}/");
    let templates: Vec<_> = files.under(&prefix).collect();
    if templates.is_empty() {
        let kinds: std::collections::BTreeSet<_> = files.under("templates/").filter_map(|(name, _)| name.split('/').nth(1)).collect();
        bail!("no template for {kind}; there are: {}", kinds.into_iter().collect::<Vec<_>>().join(", "));
    }
    let mut out = std::io::stdout().lock();
    for (name, bytes) in templates {
        let target = into.join(name[prefix.len()..].replace("ID", id));
        if target.exists() {
            bail!("{} is there already; nothing was written", target.display());
        }
        std::fs::create_dir_all(target.parent().unwrap_or(into)).with_context(|| format!("creating {}", into.display()))?;
        std::fs::write(&target, String::from_utf8_lossy(bytes).replace("ID", id))
            .with_context(|| format!("writing {}", target.display()))?;
        writeln!(out, "wrote {}", target.display())?;
    }
    writeln!(out, "fill it in, then: tendertrace rulebook check --rulebook {}", into.display())?;
    Ok(Outcome::Done)
}
