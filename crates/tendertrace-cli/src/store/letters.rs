//! Which letters for comment are frozen, and what would stand in the next? A letter is a file under a number
//! of its own that is never changed; the journal holds its hash, who froze it and what stands in it. What a
//! letter is made of is read as if confidential captures were not there.

use super::{Case, decisions, summary};
use anyhow::{Context as _, bail};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use tendertrace::assemble;
use tendertrace::model::sha256_hex;
use tendertrace::report::html::dossier::Subject;
use tendertrace::report::html::letter::{self, Chosen, READERS};
use tendertrace::report::{Audience, Page};
use tendertrace::rulebook::Rulebook;

/// What a letter to a subject would be made of; `db` shows what may leave.
pub struct Draft {
    pub case: assemble::Case,
    pub page: Page,
    accepted: std::collections::BTreeMap<String, usize>,
    subject: Subject,
}

impl Draft {
    pub fn of(folder: &Path, db: &Connection, subject: Subject, rules: &Rulebook) -> anyhow::Result<Draft> {
        let case = summary::of_subject(db, &subject, rules)?;
        let page = summary::page_of(folder, db, Audience::Others, rules)?;
        Ok(Draft { case, page, accepted: decisions::acceptances(db)?, subject })
    }

    pub fn chosen(&self) -> Chosen<'_> {
        Chosen::of(&self.case, &self.subject, &self.accepted)
    }

    /// The letter as a page.
    pub fn letter(&self, rules: &Rulebook) -> anyhow::Result<String> {
        letter::letter(&self.chosen(), &self.page, &self.subject, rules).with_context(|| {
            let name = self.subject.name(rules);
            format!("nothing about {name} is ready for a letter: it holds accepted findings only, of awards those that {READERS} people accepted")
        })
    }
}

const FOLDER: &str = "letters";
/// What the journal calls it.
const FROZEN: &str = "letter";

/// Freezes a letter in the case folder, or where `out` says; returns its place.
pub fn freeze(case: &Case, draft: &Draft, out: Option<&Path>, by: &str, rules: &Rulebook) -> anyhow::Result<PathBuf> {
    let html = draft.letter(rules)?;
    let path = out.map_or_else(|| free(&case.folder.join(FOLDER), &file_name(&draft.subject.name(rules))), Path::to_path_buf);
    if path.exists() {
        bail!("{} is there already; a letter that went out is never changed", path.display());
    }
    write(&path, &html)?;
    let chosen = draft.chosen();
    let claims = chosen.claims(&draft.page.claims).iter().map(|(claim, _)| claim.id.to_string()).collect::<Vec<_>>().join(" ");
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let told = serde_json::to_string(&(name, sha256_hex(html.as_bytes()), chosen.ready.len(), claims))?;
    super::journal(&case.db, by, FROZEN, &told)?;
    Ok(path)
}

/// A name as a file may have it.
pub fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect::<String>().to_lowercase()
}

/// Writes a paper, with the folder it lies in.
pub fn write(path: &Path, html: &str) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    std::fs::write(path, html).with_context(|| format!("writing {}", path.display()))
}

/// The first free number.
fn free(folder: &Path, name: &str) -> PathBuf {
    (1..).map(|number| folder.join(format!("{name}-{number}.html"))).find(|path| !path.exists()).expect("numbers do not end")
}

/// A letter as it was frozen.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Frozen {
    pub file: String,
    pub made: String,
    #[serde(skip)]
    pub who: String,
    pub sha256: String,
    pub statements: usize,
    /// Numbers of the claims in it, with blanks between.
    pub claims: String,
    /// Whether the file of the case still is what was frozen; nothing where it lies elsewhere.
    pub unchanged: Option<bool>,
}

/// Every letter that was frozen, newest first.
pub fn all(folder: &Path, db: &Connection) -> anyhow::Result<Vec<Frozen>> {
    let mut query = db.prepare("SELECT at, who, detail FROM journal WHERE what = ?1 ORDER BY id DESC")?;
    let rows = query.query_map([FROZEN], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?)))?;
    let rows: Vec<(String, String, String)> = rows.collect::<Result<_, _>>()?;
    let frozen = |(made, who, told): (String, String, String)| {
        let (file, sha256, statements, claims): (String, String, usize, String) = serde_json::from_str(&told)?;
        let unchanged = read(folder, &file).ok().map(|html| sha256_hex(html.as_bytes()) == sha256);
        Ok(Frozen { file, made, who, sha256, statements, claims, unchanged })
    };
    rows.into_iter().map(frozen).collect()
}

/// A frozen letter of the case.
pub fn read(folder: &Path, file: &str) -> anyhow::Result<String> {
    if Path::new(file).file_name().is_none_or(|name| name != file) {
        bail!("there is no such letter");
    }
    std::fs::read_to_string(folder.join(FOLDER).join(file)).ok().context("there is no such letter")
}
