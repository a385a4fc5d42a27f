//! `tendertrace screen NAME…` or `--file NAMES`: is a list likely to mean this name? Clear,
//! possible, same, or not screenable where a name tells too little; always with list versions.
//! Names of a pipe are answered one by one as they come; those of a file in batches, on all cores,
//! in their order. With `--case` each answer says what the case holds of the party, and is kept there.

mod names;

use crate::store::screened::{self, Keeping};
use crate::store::{Case, lists};
use crate::{Outcome, context};
use anyhow::Context as _;
use sha2::Digest as _;
use std::io::{LineWriter, Read, Write};
use std::path::{Path, PathBuf};
use tendertrace::model::Through;
use tendertrace::rulebook::Rulebook;
use tendertrace::rulebook::lists::{List, ListSource};
use tendertrace::screen::{self, Against, Asked, Screening, ScreeningMatch, ScreeningResult, import};

#[derive(clap::Args)]
pub struct Args {
    /// Names of companies or bodies.
    #[arg(required_unless_present = "file", value_name = "NAME")]
    names: Vec<String>,
    /// A CSV or JSON lines: columns or keys for the name (also a Chinese and an English one), the unified
    /// social credit code and the day of the event, known by rulebook/names/columns.csv; without a known
    /// header the first column is taken. `-` is standard input.
    #[arg(long, value_name = "NAMES")]
    file: Option<PathBuf>,
    /// Whether a listing was in force is told for this day (YYYY-MM-DD), where the file gives none.
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// Other lists to ask as well: FollowTheMoney JSON lines, the Consolidated Screening List, or a
    /// CSV that a mapping in the rulebook's `imports/` knows (with OFAC's sdn.csv its alt.csv too).
    #[arg(long, value_name = "LIST")]
    against: Vec<PathBuf>,
    /// Who owns whom: a CSV with the columns owner, owned, share (percent, empty: unknown), from, to, source.
    /// Kept with the case; the newest table counts.
    #[arg(long, value_name = "FILE.csv")]
    ownership: Option<PathBuf>,
    /// Say what this case holds of each party, and keep the screening in it; `tendertrace screenings CASE`
    /// tells later which clearances have lapsed.
    #[arg(long, value_name = "CASE")]
    case: Option<PathBuf>,
    /// Who asks: a pseudonym; it is in no export.
    #[arg(long, value_name = "PSEUDONYM", default_value = "reviewer")]
    by: String,
    /// One JSON object a name.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    if let Some(date) = &args.date {
        date.parse::<jiff::civil::Date>().with_context(|| format!("--date {date}: give a day as YYYY-MM-DD"))?;
    }
    let mut rules = match &args.case {
        Some(case) => context::rulebook_of(case, own_rules)?,
        None => context::rulebook(own_rules)?,
    };
    let mut case = args.case.as_deref().map(Case::write_existing).transpose()?.map(|(case, _)| case);
    let (ownership, unread) = lay_over(args, case.as_mut(), &mut rules)?;
    let against = Against { ownership, ..screen::against(args.date.as_deref(), &rules) };
    let record = match case {
        Some(case) => Some(Keeping::begin(case, &against, &args.by, &rules)?),
        None => None,
    };
    let mut desk = Desk {
        args,
        rules: &rules,
        against: &against,
        record,
        out: LineWriter::new(std::io::stdout().lock()),
        waiting: Vec::new(),
        batch: 1,
        found: 0,
        skipped: unread,
    };
    for name in &args.names {
        names::Listener::ask(&mut desk, Asked { name: name.clone(), ..Asked::default() })?;
    }
    if let Some(path) = &args.file {
        desk.batch = if path == Path::new("-") { 1 } else { FILE_BATCH };
        names::read(path, &rules, &mut desk)?;
        desk.answer_waiting()?;
    }
    desk.close()
}

/// Lays owners and further lists over the rules, and keeps them with the case. Returns the table of owners that
/// counts, and how many of its rows could not be read now.
fn lay_over(
    args: &Args,
    case: Option<&mut Case>,
    rules: &mut Rulebook,
) -> anyhow::Result<(Option<screen::screening::AgainstOwners>, usize)> {
    let given = args.ownership.as_deref().map(lists::read_owners).transpose()?;
    let brought = other_lists(&args.against, rules)?;
    let unread = given.as_ref().map_or(0, |(_, against)| against.unread);
    let Some(case) = case else {
        rules.lists.lists.extend(brought);
        let against = given.map(|(table, against)| {
            rules.lists.stakes = table.stakes;
            against
        });
        return Ok((against, unread));
    };
    if let Some((table, against)) = &given {
        lists::keep_owners(case, table, against, &args.by)?;
    }
    brought.iter().try_for_each(|list| lists::keep_list(case, list))?;
    lists::with_kept(&case.db, rules)?;
    Ok((lists::with_owners(&case.db, rules)?, unread))
}

/// Somebody else's lists as they lie on the disk; files that belong together are one.
pub fn other_lists(paths: &[PathBuf], rules: &Rulebook) -> anyhow::Result<Vec<List>> {
    let mut files = Vec::new();
    for path in paths {
        let mut bytes = Vec::new();
        context::open(path)?.read_to_end(&mut bytes).with_context(|| format!("reading {}", path.display()))?;
        files.push((path, bytes));
    }
    let texts: Vec<std::borrow::Cow<str>> = files.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect();
    let mut lists = Vec::new();
    for group in import::groups(&texts, rules) {
        let (path, _) = files[group.first];
        let parts: Vec<&str> = std::iter::once(group.first).chain(group.further.iter().copied()).map(|at| texts[at].as_ref()).collect();
        let imported = import::read_together(&parts, rules).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
        for problem in &imported.problems {
            eprintln!("tendertrace: {}: {problem}", path.display());
        }
        let id = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let mut sha256 = sha2::Sha256::new();
        std::iter::once(group.first).chain(group.further.iter().copied()).for_each(|at| sha256.update(&files[at].1));
        let sha256 = sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let source = ListSource {
            title: id.clone(),
            id,
            entries: imported.entries.len(),
            sha256,
            ownership: rules.lists.ownership_of(&imported.by),
            ..ListSource::foreign(&imported.by)
        };
        lists.push(List { source, entries: imported.entries });
    }
    Ok(lists)
}

/// The one list of a file.
pub fn other_list(path: &Path, rules: &Rulebook) -> anyhow::Result<List> {
    other_lists(&[path.to_path_buf()], rules)?.pop().context("no list")
}

/// Names of a file that are answered together.
const FILE_BATCH: usize = 512;

/// Answers names in the order they come.
struct Desk<'a, W: Write> {
    args: &'a Args,
    rules: &'a Rulebook,
    against: &'a Against,
    record: Option<Keeping>,
    out: W,
    waiting: Vec<Asked>,
    /// How many names are answered together.
    batch: usize,
    found: usize,
    skipped: usize,
}

impl<W: Write> names::Listener for Desk<'_, W> {
    fn ask(&mut self, mut asked: Asked) -> anyhow::Result<()> {
        asked.date = asked.date.or_else(|| self.args.date.clone());
        self.waiting.push(asked);
        if self.waiting.len() >= self.batch { self.answer_waiting() } else { Ok(()) }
    }

    fn problem(&mut self, told: String) {
        eprintln!("tendertrace: {told}");
        self.skipped += 1;
    }

    fn understood(&mut self, told: String) {
        eprintln!("tendertrace: {told}");
    }
}

impl<W: Write> Desk<'_, W> {
    fn answer_waiting(&mut self) -> anyhow::Result<()> {
        let (against, rules) = (self.against, self.rules);
        let waiting = std::mem::take(&mut self.waiting);
        let mut answers = screened::answers(waiting, against, rules);
        if let Some(record) = &mut self.record {
            record.keep(&mut answers, rules)?;
        }
        answers.into_iter().try_for_each(|(_, screening)| self.tell(screening))
    }

    fn tell(&mut self, screening: Screening) -> anyhow::Result<()> {
        if matches!(screening.result, ScreeningResult::Possible | ScreeningResult::Same) {
            self.found += 1;
        }
        if self.args.json {
            serde_json::to_writer(&mut self.out, &screening)?;
            Ok(writeln!(self.out)?)
        } else {
            Ok(print(&screening, &mut self.out)?)
        }
    }

    fn close(mut self) -> anyhow::Result<Outcome> {
        if !self.args.json {
            let lists = self.against.lists.iter().map(|l| format!("{} ({})", l.id, l.version)).collect::<Vec<_>>().join(", ");
            writeln!(self.out, "asked against {lists}; a lead is no verdict, and clear means: not in these lists")?;
        }
        self.out.flush()?;
        if let Some(record) = self.record {
            record.end(&self.args.by)?;
        }
        Ok(match (self.skipped, self.found) {
            (0, 0) => Outcome::NothingFound,
            (0, _) => Outcome::Done,
            _ => Outcome::Incomplete,
        })
    }
}

fn print(screening: &Screening, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{:<14} {}", word(screening.result), screening.query)?;
    if let Some(needs) = &screening.needs {
        writeln!(out, "    needs {needs}")?;
    }
    for found in &screening.matches {
        print_match(found, out)?;
    }
    for aside in &screening.set_aside {
        writeln!(out, "    set aside: {}  {} (a person said: not the same)", aside.source, aside.entity)?;
    }
    if let Some(said) = &screening.ownership {
        let because = if said.why.is_empty() { String::new() } else { format!("; {}", said.why.join(", ").replace('_', " ")) };
        let share = format!("{} % by listed parties, owners of {} % known", said.listed_share, said.known_share);
        writeln!(out, "    half or more owned by a listed party: {} ({share}{because})", word(said.half_owned))?;
    }
    if let Some(case) = screening.against.coverage.get("case") {
        let list = |key: &str| case[key].as_array().into_iter().flatten().filter_map(|v| v.as_str()).collect::<Vec<_>>().join(", ");
        let days = [&case["first"], &case["last"]].map(|day| day.as_str().unwrap_or("?").to_string()).join(" to ");
        let (awards, of) = (&case["awards"], &case["funnel"]["awards"]);
        match awards.as_u64() {
            Some(0) => writeln!(out, "    the case: no award of this party in {of} readable awards, contracts and acceptances")?,
            _ => writeln!(out, "    the case: {awards} awards, {days}; buyers {}; brands {}", list("buyers"), list("brands"))?,
        }
    }
    for help in &screening.what_would_help {
        writeln!(out, "    would help: {help}")?;
    }
    Ok(())
}

fn print_match(found: &ScreeningMatch, out: &mut impl Write) -> std::io::Result<()> {
    let from = found.listed_from.as_deref().unwrap_or("date unknown");
    let through = if found.through == Through::Name { String::new() } else { format!(", through: {}", word(found.through)) };
    let (judgement, source, name, in_force) = (word(found.judgement), &found.source, &found.name, word(found.in_force));
    writeln!(out, "    {judgement:<9} {:.3}  {source}  {name} (listed {from}, in force: {in_force}{through})", found.score)?;
    let Some(via) = &found.via else { return Ok(()) };
    for held in &via.owner {
        let days = [&held.from, &held.to].map(|day| day.as_deref().unwrap_or("").to_string()).join("–");
        let share = held.share.as_deref().unwrap_or("unknown");
        writeln!(out, "        {} owns {share} % of {} ({days}; held then: {}; {})", held.owner, held.owned, word(held.held), held.source)?;
    }
    writeln!(out, "        reached by this list's rule: {}: {}", word(via.reached), via.rule)
}

/// The published word of an enumeration, so that people and programs read the same.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(|s| s.replace('_', " "))).unwrap_or_default()
}
