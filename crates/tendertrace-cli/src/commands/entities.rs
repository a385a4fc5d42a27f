//! `tendertrace entities CASE`: which spellings of the case are one organisation, which may be; and a
//! person's word on it, which wins over the machine and reaches the list hits.

use crate::store::entities::{self, Shown, Word};
use crate::store::organisations::{self, Word as Said};
use crate::store::{Case, lists, resolving, summary};
use crate::{Outcome, context};
use anyhow::bail;
use std::io::Write as _;
use std::path::Path;
use tendertrace::report::mask;
use tendertrace::rulebook::Rulebook;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    case: context::CaseArg,
    /// Only entities of which a spelling holds this text.
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// These two names are one; the second may be LIST:ENTRY, an entry of a list.
    #[arg(long, num_args = 2, value_names = ["NAME", "NAME"], conflicts_with = "not_same")]
    same: Vec<String>,
    /// These two names are not one; the second may be LIST:ENTRY, an entry of a list.
    #[arg(long, num_args = 2, value_names = ["NAME", "NAME"])]
    not_same: Vec<String>,
    /// Take back the word of this number; without any option the words that stand are listed with theirs.
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["same", "not_same"])]
    undo: Option<i64>,
    /// Who says so: a pseudonym; it is in no export.
    #[arg(long, value_name = "PSEUDONYM", default_value = "reviewer")]
    by: String,
    /// Why.
    #[arg(long)]
    note: Option<String>,
    /// One JSON object an entity.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let rules = context::rulebook_of(args.case.folder()?, own_rules)?;
    if let Some(word) = args.undo {
        return undo(args, word, &rules);
    }
    match (&args.same[..], &args.not_same[..]) {
        ([one, other], _) => say(args, "same", one, other, &rules),
        (_, [one, other]) => say(args, "not_same", one, other, &rules),
        _ => list(args, &rules),
    }
}

fn say(args: &Args, verdict: &str, one: &str, other: &str, rules: &Rulebook) -> anyhow::Result<Outcome> {
    if one == other {
        bail!("one spelling is one organisation here; two names are needed");
    }
    let (mut case, _) = Case::write_existing(args.case.folder()?)?;
    let listed = other.split_once(':').filter(|(list, _)| rules.lists.lists.iter().any(|known| known.source.id == *list));
    let (list, other) = listed.map_or((None, other), |(list, entry)| (Some(list), entry));
    for name in std::iter::once(one).chain(list.is_none().then_some(other)) {
        known(&case, name, list)?;
    }
    entities::say(&mut case, &Word { one, other, list, verdict, by: &args.by, note: args.note.as_deref() })?;
    let owner = list.is_some() && lists::names(&case.db, one)?;
    let outcome = heard(case, &format!("{}: {one} / {other}", verdict.replace('_', " ")), rules)?;
    if owner {
        writeln!(
            std::io::stdout().lock(),
            "As an owner it is added up with others: `tendertrace trace --case {}` counts anew.",
            args.case.folder()?.display()
        )?;
    }
    Ok(outcome)
}

fn undo(args: &Args, word: i64, rules: &Rulebook) -> anyhow::Result<Outcome> {
    let (mut case, _) = Case::write_existing(args.case.folder()?)?;
    entities::unsay(&mut case, word, &args.by)?;
    heard(case, &format!("taken back: word {word}"), rules)
}

/// Joins the case anew, at once, so that no page says what a person took back.
fn heard(mut case: Case, said: &str, rules: &Rulebook) -> anyhow::Result<Outcome> {
    let unheard = resolving::hear(&mut case, rules)?;
    let whole = summary::write_joined(&mut case, rules)?;
    summary::write_report_of(&case, &whole, rules)?;
    let report = case.folder.join("report.html");
    case.close()?;
    for pair in &unheard {
        eprintln!("tendertrace: other words stand against what was said of {pair}: what is apart stays apart");
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{said}")?;
    writeln!(out, "Heard in questions, exports and {}, which is written anew.", report.display())?;
    Ok(if unheard.is_empty() { Outcome::Done } else { Outcome::Incomplete })
}

/// How often the case's notices, or relations that sources state, name somebody so.
const NAMED: &str =
    "SELECT (SELECT count(*) FROM parties WHERE name = ?1) + (SELECT count(*) FROM relations WHERE ?1 IN (party, party_latin))";

fn known(case: &Case, name: &str, list: Option<&str>) -> anyhow::Result<()> {
    if list.is_some() && lists::names(&case.db, name)? {
        return Ok(());
    }
    let times: i64 = case.db.query_row(NAMED, [name], |row| row.get(0))?;
    if times == 0 {
        bail!("no party of the case is written “{name}”; `tendertrace entities CASE --name TEXT` finds spellings");
    }
    Ok(())
}

fn list(args: &Args, rules: &Rulebook) -> anyhow::Result<Outcome> {
    let case = Case::read(args.case.folder()?)?;
    let shown = entities::shown(&case.db, args.name.as_deref())?;
    let mut out = std::io::stdout().lock();
    for entity in &shown {
        if args.json {
            writeln!(out, "{}", serde_json::to_string(&masked(entity, rules))?)?;
            continue;
        }
        writeln!(out, "{} {}", entity.id, mask::party(&entity.name, &rules.report.masks))?;
        for spelling in entity.spellings.iter().filter(|s| **s != entity.name) {
            writeln!(out, "    also written {}", mask::party(spelling, &rules.report.masks))?;
        }
        for doubt in &entity.possibly_same_as {
            writeln!(out, "    possibly same as {} {} ({:.3})", doubt.id, mask::party(&doubt.name, &rules.report.masks), doubt.score)?;
        }
    }
    if !args.json {
        for word in organisations::standing_words(&case.db, args.name.as_deref().unwrap_or_default())? {
            writeln!(out, "{}", line(&word, rules))?;
        }
        writeln!(out, "{} entities with several spellings or a doubt; a link is a question, not an answer", shown.len())?;
    }
    Ok(Outcome::Done)
}

/// A person's word with its number.
fn line(word: &Said, rules: &Rulebook) -> String {
    let party = |name: &String| mask::party(name, &rules.report.masks);
    let list = word.list.as_ref().map(|list| format!("{list}:")).unwrap_or_default();
    let day = word.made.get(..10).unwrap_or(&word.made);
    format!(
        "word {}: {} {} {list}{} ({}, {day}); `--undo {}` takes it back",
        word.id,
        party(&word.one),
        word.verdict.replace('_', " "),
        party(&word.other),
        word.who,
        word.id
    )
}

fn masked(entity: &Shown, rules: &Rulebook) -> serde_json::Value {
    let party = |name: &String| mask::party(name, &rules.report.masks);
    let doubts = entity.possibly_same_as.iter();
    serde_json::json!({
        "id": entity.id, "name": party(&entity.name), "code": entity.code,
        "spellings": entity.spellings.iter().map(party).collect::<Vec<_>>(),
        "possibly_same_as": doubts.map(|d| serde_json::json!({"id": d.id, "name": party(&d.name), "score": d.score, "why": d.why})).collect::<Vec<_>>(),
    })
}
