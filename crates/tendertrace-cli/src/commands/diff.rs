//! `tendertrace diff CASE --since DATE`: what came into the case since a day: notices, what they
//! found, parties that a list may name (also those that only a changed list names now), what was
//! screened and decided, which clearances have lapsed, and lists that changed.

use crate::store::{Case, screened};
use crate::{Outcome, context};
use anyhow::Context as _;
use rusqlite::{Connection, Row};
use std::io::Write as _;
use std::path::Path;
use tendertrace::report::mask;
use tendertrace::rulebook::Rulebook;
use tendertrace::rulebook::report::Masks;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    case: context::CaseArg,
    /// First day that counts, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    since: String,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// Show confidential captures too. They may show who gave them to you.
    #[arg(long)]
    with_confidential: bool,
}

/// Kinds of news, each with its query: when, who, what, whom, about which page or finding.
const NEWS: [(&str, &str); 8] = [
    (
        "notice",
        "SELECT min(c.imported), NULL, coalesce(t.stage, 'unknown stage') || ': ' || coalesce(t.project_name, t.title, 'untitled'), t.buyer, t.url
         FROM notices t JOIN captures c ON c.original = t.original WHERE t.readable GROUP BY t.id HAVING min(c.imported) >= ?1 ORDER BY 1, 3",
    ),
    (
        "award",
        "SELECT min(c.imported), w.supplier, 'supplier of', w.buyer, w.url
         FROM winners w JOIN notices t ON t.id = w.notice JOIN captures c ON c.original = t.original
         WHERE NOT w.copy GROUP BY w.notice, w.supplier, w.lot HAVING min(c.imported) >= ?1 ORDER BY 1, 2",
    ),
    (
        "finding",
        "SELECT min(c.imported), NULL, f.brand || ': ' || f.sentence, f.buyer, f.id
         FROM findings f JOIN notices t ON t.id = f.notice JOIN captures c ON c.original = t.original
         GROUP BY f.notice, f.n HAVING min(c.imported) >= ?1 ORDER BY 1, 3",
    ),
    (
        "list lead",
        "SELECT min(c.imported), l.party, l.judgement || ', ' || l.list || ', ' || l.entry || ', in force: ' || l.in_force, NULL, l.url
         FROM list_leads l JOIN notices t ON t.id = l.notice JOIN captures c ON c.original = t.original
         GROUP BY l.party, l.list, l.entry, l.notice HAVING min(c.imported) >= ?1 ORDER BY 1, 2, 3",
    ),
    (
        // On notices that were there before: lists, owners or entities changed.
        "new list hit",
        "SELECT s.first, l.party, l.judgement || ', ' || l.list || ', ' || l.entry || ', through ' || coalesce(l.through, 'name') || ', in force on '
             || sum(l.in_force = 'yes') || ' of ' || count(*) || ' notices', l.listed_owner, min(l.url)
         FROM list_leads l JOIN first_hits s ON s.party = l.party AND s.list = l.list AND s.entry = l.entry
             JOIN notices t ON t.id = l.notice JOIN captures c ON c.original = t.original
         WHERE s.first >= ?1 GROUP BY l.party, l.list, l.entry, l.through HAVING min(c.imported) < s.first ORDER BY 1, 2, 3",
    ),
    (
        "decision",
        "SELECT made, NULL, verdict || ' ' || brand, NULL, finding FROM judgements WHERE made >= ?1
         UNION ALL SELECT made, one, verdict, other, list FROM samenesses WHERE made >= ?1
         UNION ALL SELECT d.made, s.name, 'screening decided: ' || d.verdict, NULL, 'screening ' || s.id
             FROM screening_decisions d JOIN screenings s ON s.id = d.screening WHERE d.made >= ?1 ORDER BY 1, 3, 2",
    ),
    (
        "screening",
        "SELECT r.made, s.name, 'screened: ' || s.result, NULL, 'screening ' || s.id
         FROM screenings s JOIN screening_runs r ON r.id = s.run WHERE r.made >= ?1 ORDER BY 1, 5",
    ),
    (
        "lists changed",
        "SELECT started, NULL, 'screened with other lists than before', NULL, substr(lists, 1, 19) FROM (
             SELECT *, lag(lists) OVER (ORDER BY id) AS before FROM runs) WHERE before IS NOT NULL AND before <> lists AND started >= ?1",
    ),
];

pub fn run(args: &Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    args.since.parse::<jiff::civil::Date>().with_context(|| format!("--since {}: give a day as YYYY-MM-DD", args.since))?;
    let mut rules = context::rulebook_of(args.case.folder()?, own_rules)?;
    let (case, hidden) = if args.with_confidential { (Case::read(args.case.folder()?)?, 0) } else { Case::read_open(args.case.folder()?)? };
    let mut out = std::io::stdout().lock();
    let mut all = NEWS.map(|(kind, sql)| Ok((kind, news(&case.db, sql, &args.since)?))).into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    all.push(("clearance lapsed", lapsed(args.case.folder()?, &mut rules)?));
    for (kind, news) in all {
        if !args.json && !news.is_empty() {
            writeln!(out, "{} × {kind}", news.len())?;
        }
        for one in news {
            let one = one.masked(&rules.report.masks);
            if args.json {
                writeln!(
                    out,
                    "{}",
                    serde_json::json!({"kind": kind, "at": one.at, "who": one.who, "what": one.what, "whom": one.whom, "about": one.about})
                )?;
                continue;
            }
            let day = one.at.get(..10).unwrap_or(&one.at).to_string();
            let words = [Some(day), one.who, Some(one.what), one.whom, one.about];
            writeln!(out, "  {}", words.into_iter().flatten().collect::<Vec<_>>().join(" · "))?;
        }
    }
    if hidden > 0 {
        eprintln!("tendertrace: {hidden} confidential notices are not in this answer");
    }
    Ok(Outcome::Done)
}

/// One thing that came.
struct News {
    at: String,
    who: Option<String>,
    what: String,
    whom: Option<String>,
    about: Option<String>,
}

impl News {
    fn masked(self, masks: &Masks) -> News {
        let party = |name: Option<String>| name.map(|name| mask::party(&name, masks));
        let about = self.about.and_then(|about| if about.contains("://") { mask::address(&about, masks) } else { Some(about) });
        News { who: party(self.who), whom: party(self.whom), what: mask::text(&self.what, masks), about, ..self }
    }
}

/// Clearances that stand no longer, whenever it was that they lapsed: each wants another look.
fn lapsed(case: &Path, rules: &mut Rulebook) -> anyhow::Result<Vec<News>> {
    let records = screened::records(case, rules)?;
    let lapsed = records.into_iter().filter(|record| record.state == "lapsed").map(|record| News {
        at: record.made,
        who: Some(record.name),
        what: record.lapsed_because.join("; "),
        whom: None,
        about: Some(format!("screening {}", record.id)),
    });
    Ok(lapsed.collect())
}

fn news(db: &Connection, sql: &str, since: &str) -> anyhow::Result<Vec<News>> {
    let mut query = db.prepare(sql)?;
    let news = |row: &Row| Ok(News { at: row.get(0)?, who: row.get(1)?, what: row.get(2)?, whom: row.get(3)?, about: row.get(4)? });
    let rows = query.query_map([since], news)?;
    Ok(rows.collect::<Result<_, _>>()?)
}
