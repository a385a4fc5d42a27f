//! Which relations of makers and sellers does the case know? Those of the rulebook and those of
//! `CASE/partners.csv`, which a user keeps: matched with the case's organisations after every run, beside
//! the edges that its notices show.

use anyhow::{Context as _, bail};
use rusqlite::{Connection, params};
use std::collections::HashSet;
use std::path::Path;
use tendertrace::assemble::chains::{self, Basis, Edge, End, Held, Holder};
use tendertrace::assemble::{self, word};
use tendertrace::report::say;
use tendertrace::rulebook::Rulebook;
use tendertrace::rulebook::sellers::{self, Relation};

/// Name of the file of relations in the case folder.
pub const FILE: &str = "partners.csv";

/// A relation and where it was written down.
pub struct Stated {
    pub relation: Relation,
    pub origin: &'static str,
}

/// All relations, the case's own behind those of the rulebook; one of the same id stands in its place.
pub fn stated(folder: &Path, rules: &Rulebook) -> anyhow::Result<Vec<Stated>> {
    let own = own(folder, rules)?;
    let is_own = |relation: &Relation| own.iter().any(|o| o.id == relation.id);
    let known = rules.sellers.relations.iter().filter(|r| !is_own(r)).cloned();
    let known: Vec<Stated> = known.map(|relation| Stated { relation, origin: "rulebook" }).collect();
    Ok(known.into_iter().chain(own.into_iter().map(|relation| Stated { relation, origin: "case" })).collect())
}

fn own(folder: &Path, rules: &Rulebook) -> anyhow::Result<Vec<Relation>> {
    let path = folder.join(FILE);
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let bytes = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
    match sellers::of_file(FILE, &bytes, &rules.brands) {
        Ok(relations) => Ok(relations),
        Err(problems) => bail!("{} cannot be used:\n{}", path.display(), crate::context::list(&problems)),
    }
}

/// Writes the relations down.
pub fn write(db: &Connection, stated: &[Stated]) -> anyhow::Result<()> {
    db.execute("DELETE FROM relations", [])?;
    let mut insert = db.prepare_cached(
        "INSERT INTO relations (id, origin, brand, party, party_latin, code, kind, said_by, territory, \"from\", \"to\", as_of, source, url, says, via)
         VALUES (?1, ?2, ?3, ?4, ?5, nullif(?6, ''), ?7, ?8, nullif(?9, ''), nullif(?10, ''), nullif(?11, ''), nullif(?12, ''), ?13, nullif(?14, ''), ?15, nullif(?16, ''))",
    )?;
    for Stated { relation: r, origin } in stated {
        let (kind, said_by) = (word(&r.kind), word(&r.said_by()));
        insert.execute(params![
            r.id,
            origin,
            r.brand,
            r.party,
            r.party_latin,
            r.code,
            kind,
            said_by,
            r.territory,
            r.from,
            r.to,
            r.as_of,
            r.source,
            r.url,
            r.says,
            r.via
        ])?;
    }
    Ok(())
}

/// Writes down which organisations hold the relations, by the ids of the entities.
pub fn write_holders(db: &Connection, stated: &[Stated], held: &[(Holder, &str)], rules: &Rulebook) -> anyhow::Result<()> {
    let mut insert =
        db.prepare_cached("INSERT OR REPLACE INTO relation_holders (relation, side, entity, judgement, said) VALUES (?, ?, ?, ?, ?)")?;
    for (holder, entity) in held {
        let relation = &stated[holder.relation].relation;
        let judgement = match holder.judgement {
            Held::Same => "same",
            Held::Possible => "possible",
        };
        insert.execute(params![relation.id, word(&holder.side), entity, judgement, say::relation(relation, holder.judgement, rules)])?;
    }
    Ok(())
}

/// The edges of a case that is being joined: they come process by process, and stand in one order in the end.
pub struct Edges<'a> {
    db: &'a Connection,
    rules: &'a Rulebook,
    /// Owners of brands: many processes show the same.
    owners: HashSet<(String, String, Option<String>, Option<String>, String)>,
    seen: i64,
}

/// Columns of `edges`; `place` is what edges of equal ends and days are ordered by.
const COLUMNS: &str = "kind, from_type, from_name, to_type, to_name, from_date, to_date, strength, notice, finding, quote, rule, source";

impl<'a> Edges<'a> {
    pub fn begin(db: &'a Connection, rules: &'a Rulebook) -> anyhow::Result<Edges<'a>> {
        db.execute_batch(
            "DELETE FROM edges;
             DROP TABLE IF EXISTS temp.new_edges;
             CREATE TEMP TABLE new_edges (kind_order, from_order, to_order, place, seen, kind, from_type, from_name, to_type, to_name,
                from_date, to_date, strength, notice, finding, quote, rule, source);",
        )?;
        Ok(Edges { db, rules, owners: HashSet::new(), seen: 0 })
    }

    /// Takes the edges of one contracting process.
    pub fn add(&mut self, part: &assemble::Case) -> anyhow::Result<()> {
        for edge in chains::edges(part, self.rules) {
            let key = |edge: &Edge, rule: &str| {
                let (from, to) = (edge.from.parts().1.to_string(), edge.to.parts().1.to_string());
                (from, to, edge.from_date.clone(), edge.to_date.clone(), rule.to_string())
            };
            match &edge.basis {
                Basis::Rule { rule, source } if !self.owners.insert(key(&edge, &format!("{rule} {source}"))) => {}
                _ => self.insert(&edge)?,
            }
        }
        Ok(())
    }

    fn insert(&mut self, edge: &Edge) -> anyhow::Result<()> {
        let (from, to) = (edge.from.parts(), edge.to.parts());
        let (notice, finding, quote, rule, source) = match &edge.basis {
            Basis::Notice { capture, part, finding, quote, .. } => (Some((capture, part)), finding.as_ref(), quote.as_ref(), None, None),
            Basis::Rule { rule, source } => (None, None, None, Some(rule), Some(source)),
        };
        self.seen += 1;
        let mut insert = self.db.prepare_cached(&format!(
            "INSERT INTO temp.new_edges (kind_order, from_order, to_order, place, seen, {COLUMNS})
             VALUES (?1, ?2, ?3, coalesce(?15, ?17), ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,
                (SELECT id * 1048576 + ?16 FROM originals WHERE sha256 = ?15), ?13, ?14, ?17, ?18)"
        ))?;
        insert.execute(params![
            edge.kind as i64,
            order(&edge.from),
            order(&edge.to),
            self.seen,
            word(&edge.kind),
            from.0,
            from.1,
            to.0,
            to.1,
            edge.from_date,
            edge.to_date,
            word(&edge.strength),
            finding,
            quote,
            notice.map(|n| n.0),
            notice.map(|n| n.1),
            rule,
            source
        ])?;
        Ok(())
    }

    /// Writes them in the order of `chains::edges`; SQLite sorts outside of memory.
    pub fn finish(self) -> anyhow::Result<()> {
        self.db.execute_batch(&format!(
            "INSERT INTO edges ({COLUMNS}) SELECT {COLUMNS} FROM temp.new_edges
             ORDER BY kind_order, from_order, from_name, to_order, to_name, from_date, place, coalesce(finding, source, ''), seen;
             DROP TABLE temp.new_edges;"
        ))?;
        Ok(())
    }
}

fn order(end: &End) -> i64 {
    match end {
        End::Company(_) => 0,
        End::Brand(_) => 1,
        End::Party(_) => 2,
    }
}
