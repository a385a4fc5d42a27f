//! `tendertrace dossier` and `tendertrace letter`: what is known of one brand, seller, buyer or project,
//! as a page that prints; and the letter for comment, which only ever holds what people accepted.

use crate::store::claims::READERS;
use crate::store::{Case, decisions, meant, organisations, summary};
use crate::{Outcome, context};
use anyhow::{Context as _, bail};
use rusqlite::Connection;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tendertrace::report::Audience;
use tendertrace::report::html::dossier::{self, Names, Subject};
use tendertrace::rulebook::Rulebook;

#[derive(clap::Args)]
pub struct Args {
    /// The case folder.
    #[arg(long, value_name = "CASE")]
    pub case: PathBuf,
    #[command(flatten)]
    subject: Given,
    /// Where to write; by default a file in the case folder, a letter under a number of its own.
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Whom it is about: one of these.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Given {
    /// A brand, by its key or a name.
    #[arg(long)]
    brand: Option<String>,
    /// Part of a seller's name.
    #[arg(long)]
    seller: Option<String>,
    /// Part of a buyer's name.
    #[arg(long)]
    buyer: Option<String>,
    /// A project's number.
    #[arg(long)]
    project: Option<String>,
}

impl Given {
    fn subject(&self, db: &Connection, rules: &Rulebook) -> anyhow::Result<Subject> {
        let names = |part: &String| Ok::<_, anyhow::Error>(Names { part: part.clone(), alike: organisations::alike(db, part)? });
        let one = [
            self.brand.as_ref().map(|brand| Subject::Brand(meant::brand(brand, rules))),
            self.seller.as_ref().map(names).transpose()?.map(Subject::Seller),
            self.buyer.as_ref().map(names).transpose()?.map(Subject::Buyer),
            self.project.clone().map(Subject::Project),
        ];
        one.into_iter().flatten().next().context("name a --brand, --seller, --buyer or --project")
    }
}

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let rules = context::rulebook_of(&args.case, own_rules)?;
    let case = Case::read(&args.case)?;
    let subject = args.subject.subject(&case.db, &rules)?;
    let joined = summary::of_subject(&case.db, &subject, &rules)?;
    let page = summary::page(&case, Audience::Others, &rules)?;
    let Some(html) = dossier::dossier(&joined, &page, &subject, &rules) else {
        let unknown = args.subject.brand.as_deref().and_then(|brand| meant::meant("brand", brand, &rules).err());
        bail!("the case holds no finding about {}{}", subject.name(&rules), unknown.map(|why| format!(": {why}")).unwrap_or_default())
    };
    let path = args.out.clone().unwrap_or_else(|| args.case.join("dossiers").join(format!("{}.html", file_name(&subject.name(&rules)))));
    write(&path, &html)?;
    writeln!(std::io::stdout().lock(), "The dossier: {}", path.display())?;
    Ok(Outcome::Done)
}

/// The letter for comment, frozen as a version of its own.
pub fn run_letter(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let rules = context::rulebook_of(&args.case, own_rules)?;
    let case = Case::read(&args.case)?;
    let subject = args.subject.subject(&case.db, &rules)?;
    let joined = summary::of_subject(&case.db, &subject, &rules)?;
    let page = summary::page(&case, Audience::Others, &rules)?;
    let signed = decisions::accepted_by(&case.db, READERS)?;
    let Some(letter) = dossier::letter(&joined, &page, &subject, &signed, &rules) else {
        bail!(
            "nothing about {} is ready for a letter: it holds accepted findings only, of awards those that {READERS} people accepted",
            subject.name(&rules)
        );
    };
    let path = args.out.clone().unwrap_or_else(|| version(&args.case.join("letters"), &file_name(&subject.name(&rules))));
    if path.exists() {
        bail!("{} is there already; a letter that went out is never changed", path.display());
    }
    write(&path, &letter.html)?;
    if letter.waiting > 0 {
        eprintln!("tendertrace: {} accepted findings are not in it: they wait for a second reader", letter.waiting);
    }
    for cited in &letter.without_archive {
        eprintln!(
            "tendertrace: before it goes out: {cited} has no independent archive copy, and a letter warns those who could take the page down"
        );
    }
    writeln!(std::io::stdout().lock(), "The letter: {} ({} findings)", path.display(), letter.findings)?;
    Ok(Outcome::Done)
}

fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect::<String>().to_lowercase()
}

/// The first free number.
fn version(folder: &Path, name: &str) -> PathBuf {
    (1..).map(|number| folder.join(format!("{name}-{number}.html"))).find(|path| !path.exists()).expect("numbers do not end")
}

fn write(path: &Path, html: &str) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    std::fs::write(path, html).with_context(|| format!("writing {}", path.display()))
}
