//! `tendertrace trace INPUT… --case CASE`: the main job. Everything of the inputs into the case,
//! the case up to the rules in use, the summary on the terminal and `CASE/report.html`.

use crate::store::pipeline::{self, Counts, Progress};
use crate::store::{Case, archive, collection, decisions, kept, lists, record::Rules, resolving, search, summary};
use crate::{Outcome, collect, context};
use anyhow::bail;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tendertrace::model::{Access, Capture};
use tendertrace::report::{self, Audience};

#[derive(clap::Args)]
pub struct Args {
    /// Folders, files, globs; `-` is standard input. Without any, what the case holds is brought up
    /// to the rules in use.
    #[arg(value_name = "INPUT")]
    pub inputs: Vec<String>,
    /// The case folder; made where there is none.
    #[arg(long, value_name = "CASE")]
    pub case: PathBuf,
    /// Who may see these inputs. Confidential ones are in no export unless it is asked for.
    #[arg(long, value_enum, default_value = "public")]
    pub access: Who,
    /// Who owns whom: a CSV with the columns owner, owned, share (percent, empty: unknown), from, to, source. Kept
    /// with the case; the newest table counts, and list leads say whom a listed party owns to one half or more.
    #[arg(long, value_name = "FILE.csv")]
    pub ownership: Option<PathBuf>,
    /// Examine everything the case holds again, although neither rules nor program changed.
    #[arg(long)]
    pub again: bool,
}

/// Who may see a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Who {
    Public,
    Restricted,
    Confidential,
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    if let Some(why) = collect::nothing(&args.inputs) {
        bail!(why);
    }
    let mut rules = context::rulebook_of(&args.case, own_rules)?;
    let given = args.ownership.as_deref().map(lists::read_owners).transpose()?;
    let (mut case, mended) = if args.inputs.is_empty() { Case::write_existing(&args.case)? } else { Case::write(&args.case)? };
    mended.iter().for_each(|message| eprintln!("tendertrace: {message}"));
    collection::read(&case.folder)?;
    if args.again {
        case.db.execute("UPDATE originals SET examined_with = NULL", [])?;
    }
    if let Some((table, against)) = &given {
        lists::keep_owners(&mut case, table, against, "program")?;
    }
    lists::with_owners(&case.db, &mut rules)?;
    let access = access(args.access);
    let known = Case::read(&args.case)?;
    let captures = collect::transcribed(collect::joined(&args.inputs, &rules), move |sha256| archive::is_transcribed(&known.db, sha256));
    let captures = captures.map(move |capture| with_access(capture, access));
    let bar = Bar::new();
    let counts = pipeline::run(&mut case, captures, &Rules::new(&rules), &bar)?;
    bar.0.finish_and_clear();
    for pair in resolving::refresh(&mut case, &rules)? {
        eprintln!("tendertrace: what people said of {pair} contradicts other words: what is apart stays apart");
    }
    let summary = summary::write_joined(&mut case, &rules)?;
    kept::refresh(&case.db, &rules)?;
    let said = report::terminal(&summary, &summary::page(&case, Audience::Owner, &rules)?, context::width(), style_of_terminal(), &rules);
    search::update(&case.folder, &rules)?;
    summary::write_report_of(&case, &summary, &rules)?;
    // Not `println!`: a reader who closes the pipe (`| head`) is no reason to panic.
    writeln!(std::io::stdout().lock(), "{said}\n{}", this_run(&case, &counts)?)?;
    tell_failures(&counts);
    case.close()?;
    let unread = given.is_some_and(|(_, against)| against.unread > 0);
    Ok(if counts.failures.is_empty() && !unread { Outcome::Done } else { Outcome::Incomplete })
}

fn with_access(capture: Result<Capture, String>, access: Access) -> Result<Capture, String> {
    capture.map(|capture| match archive::is_stricter(access, capture.access) {
        true => Capture { access, ..capture },
        false => capture,
    })
}

fn access(who: Who) -> Access {
    match who {
        Who::Public => Access::Public,
        Who::Restricted => Access::Restricted,
        Who::Confidential => Access::Confidential,
    }
}

/// What this run did, and what to do next.
fn this_run(case: &Case, counts: &Counts) -> anyhow::Result<String> {
    let mut said = format!("This run: {} captures read, {} new; {} originals examined", counts.read, counts.new, counts.examined);
    if counts.screened > 0 {
        said += &format!("; {} notices screened again", counts.screened);
    }
    let folder = case.folder.display();
    said += &format!(".\nThe report: {}", case.folder.join("report.html").display());
    said += &format!(
        "\nNext: tendertrace serve {folder} (read, search, decide in a browser) · tendertrace ask --list (questions to ask of it)"
    );
    let stale = decisions::stale(&case.db)?.len();
    if stale > 0 {
        said += &format!(
            "\n{stale} decisions need another look, their findings changed or vanished: tendertrace decide {}",
            case.folder.display()
        );
    }
    Ok(said)
}

fn style_of_terminal() -> report::Style {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) || !std::io::stdout().is_terminal();
    if plain { report::Style::Plain } else { report::Style::Colour }
}

/// How many failures are printed; all of them stand in the case's table `failures`.
const SHOWN: usize = 20;

fn tell_failures(counts: &Counts) {
    counts.failures.iter().take(SHOWN).for_each(|message| eprintln!("tendertrace: {message}"));
    if counts.failures.len() > SHOWN {
        eprintln!("tendertrace: and {} more; all stand in the table `failures` of case.db", counts.failures.len() - SHOWN);
    }
}

/// Progress with its rate, and the time left where the whole is known; nothing is drawn where stderr
/// is no terminal.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Bar {
        let bar = ProgressBar::new_spinner().with_style(style("{spinner} {msg} · {pos} examined · {per_sec} · {elapsed}"));
        bar.enable_steady_tick(Duration::from_millis(200));
        Bar(bar)
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("a fixed template")
}

impl Progress for Bar {
    fn step(&self, what: &str, counts: &Counts, total: Option<usize>) {
        if let Some(total) = total.filter(|total| self.0.length() != Some(*total as u64)) {
            self.0.set_length(total as u64);
            self.0.set_style(style("{spinner} {msg} · {bar:20} {pos} of {len} · {per_sec} · {eta} left"));
        }
        self.0.set_position((counts.examined + counts.screened) as u64);
        self.0.set_message(format!("{what}: {} read, {} new", counts.read, counts.new));
    }
}
