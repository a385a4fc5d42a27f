//! `tendertrace dossier` and `tendertrace letter`: what is known of one brand, seller, buyer or project,
//! as a page that prints; and the letter for comment, which only ever holds what people accepted.

use crate::context::CaseArg;
use crate::store::letters::{self, Draft};
use crate::store::{Case, meant, organisations, summary};
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
    #[command(flatten)]
    pub case: CaseArg,
    #[command(flatten)]
    subject: Given,
    /// Where to write; by default a file in the case folder, a letter under a number of its own.
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(clap::Args)]
pub struct LetterArgs {
    #[command(flatten)]
    about: Args,
    /// Who freezes it: a pseudonym; it is in no export.
    #[arg(long, value_name = "PSEUDONYM", default_value = "reviewer")]
    by: String,
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
    let folder = args.case.folder()?;
    let rules = context::rulebook_of(folder, own_rules)?;
    let case = Case::read(folder)?;
    let subject = args.subject.subject(&case.db, &rules)?;
    let joined = summary::of_subject(&case.db, &subject, &rules)?;
    let page = summary::page(&case, Audience::Others, &rules)?;
    let Some(html) = dossier::dossier(&joined, &page, &subject, &rules) else {
        let unknown = args.subject.brand.as_deref().and_then(|brand| meant::meant("brand", brand, &rules).err());
        bail!("the case holds no finding about {}{}", subject.name(&rules), unknown.map(|why| format!(": {why}")).unwrap_or_default())
    };
    let named = || folder.join("dossiers").join(format!("{}.html", letters::file_name(&subject.name(&rules))));
    let path = args.out.clone().unwrap_or_else(named);
    letters::write(&path, &html)?;
    writeln!(std::io::stdout().lock(), "The dossier: {}", path.display())?;
    Ok(Outcome::Done)
}

/// The letter for comment, frozen as a version of its own.
pub fn run_letter(args: &LetterArgs, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let folder = args.about.case.folder()?;
    let rules = context::rulebook_of(folder, own_rules)?;
    let (open, _) = Case::read_open(folder)?;
    let subject = args.about.subject.subject(&open.db, &rules)?;
    let draft = Draft::of(folder, &open.db, subject, &rules)?;
    let (case, _) = Case::write_existing(folder)?;
    let path = letters::freeze(&case, &draft, args.about.out.as_deref(), &args.by, &rules)?;
    case.close()?;
    let chosen = draft.chosen();
    if !chosen.waiting.is_empty() {
        eprintln!(
            "tendertrace: {} accepted findings are not in it: they wait for a second reader, or people do not agree on them",
            chosen.waiting.len()
        );
    }
    for cited in chosen.without_archive(&rules) {
        eprintln!(
            "tendertrace: before it goes out: {cited} has no independent archive copy, and a letter warns those who could take the page down"
        );
    }
    writeln!(std::io::stdout().lock(), "The letter: {} ({} findings)", path.display(), chosen.ready.len())?;
    Ok(Outcome::Done)
}
