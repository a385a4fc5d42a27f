//! What does a case look like as one workbook? Findings, notices, awards, items, parties, list hits
//! and gaps, a sheet each, and the method that bounds them. Findings lead to the report that lies
//! beside the file, every row to its notice; addresses are text, as in every report.

use crate::store::summary::{self, Confidential};
use crate::store::{Case, shown};
use anyhow::Context as _;
use tendertrace::assemble;
use tendertrace::report::xlsx::{Cell, Column, MOST_ROWS, NoticeRows, Sheet, linked, sheet, workbook};
use tendertrace::report::{Audience, Page, csv, say};
use tendertrace::rulebook::Rulebook;

/// Sheets that the database answers: name, and the rows with the hash and part of their notice.
const ASKED: [(&str, &str); 5] = [
    (
        "awards",
        "SELECT v.supplier, v.lot, v.amount, v.currency, v.buyer, v.buyer_kind, v.region_code, v.region_name, v.project_number, v.project_name,
            v.stage, v.event_date, v.url, o.sha256, t.part, v.process
         FROM winners v JOIN notices t ON t.id = v.notice JOIN originals o ON o.id = t.original WHERE NOT v.copy ORDER BY v.notice",
    ),
    (
        "items",
        "SELECT v.name AS item, v.brand, v.model, v.quantity, v.unit, v.unit_price, v.line_total, v.currency, v.lot, v.supplier, v.demanded, v.buyer,
            v.buyer_kind, v.region_code, v.region_name, v.project_number, v.stage, v.event_date, v.url, o.sha256, t.part, v.process
         FROM purchases v JOIN notices t ON t.id = v.notice JOIN originals o ON o.id = t.original WHERE NOT v.copy ORDER BY v.notice",
    ),
    (
        "parties",
        "SELECT p.name AS party, p.role, p.lot, p.rank, p.won, p.amount_minor * 1.0 / coalesce(y.factor, 100) AS amount, p.currency, t.buyer, t.stage,
            t.event_date, t.url, o.sha256, t.part
         FROM parties p JOIN notices t ON t.id = p.notice JOIN originals o ON o.id = t.original LEFT JOIN joined m ON m.notice = t.id
         LEFT JOIN currencies y ON y.code = p.currency WHERE coalesce(m.main = t.id, 1) ORDER BY p.notice, p.n",
    ),
    (
        "hits",
        "SELECT v.party, v.role, v.list, v.entry, v.listed_from, v.listed_to, v.in_force, v.judgement, v.score, v.event_date, v.buyer,
            v.project_number, v.url, o.sha256, t.part, v.through, v.listed_owner, v.listed_share, v.reached_by_rule
         FROM list_leads v JOIN notices t ON t.id = v.notice JOIN originals o ON o.id = t.original ORDER BY v.score DESC, v.notice",
    ),
    ("gaps", "SELECT kind, text, times, notices, example FROM not_understood"),
];

/// The workbook, with what did not fit into it.
pub fn book(case: &Case, confidential: Confidential, rules: &Rulebook) -> anyhow::Result<(Vec<u8>, Vec<String>)> {
    let joined = summary::leaving(case, confidential, rules)?;
    let page = summary::page(case, Audience::Others, rules)?;
    let notices = NoticeRows::of("notices", &joined);
    let tables = csv::sheets(&joined, rules);
    let table = |name: &str| tables.iter().find(|table| table.name == name).with_context(|| format!("no table {name}"));
    let mut sheets = vec![sheet("findings", table("findings")?, &notices), sheet("notices", table("notices")?, &NoticeRows::default())];
    for (name, sql) in ASKED {
        sheets.push(asked(case, name, sql, &notices, rules).with_context(|| format!("the sheet {name}"))?);
    }
    sheets.push(method(&joined, &page, rules));
    let longer = sheets.iter().filter(|sheet| sheet.rows.len() > MOST_ROWS);
    let missing = longer
        .map(|sheet| format!("rows of the sheet {} beyond the {MOST_ROWS} that a workbook takes; CSV holds all", sheet.name))
        .collect();
    Ok((workbook(&sheets).map_err(anyhow::Error::msg)?, missing))
}

fn asked(case: &Case, name: &str, sql: &str, notices: &NoticeRows, rules: &Rulebook) -> anyhow::Result<Sheet> {
    let mut query = case.db.prepare(sql)?;
    let head: Vec<String> = query.column_names().into_iter().map(str::to_string).collect();
    let columns = head.iter().map(|name| Column::read(name)).collect();
    let mut sheet = Sheet { name: name.to_string(), head: columns, rows: Vec::new() };
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let cells = head.iter().enumerate().map(|(at, column)| Ok(shown::text(column, row.get_ref(at)?, &rules.report.masks)));
        let cells = cells.collect::<rusqlite::Result<Vec<String>>>()?;
        sheet.rows.push(linked(head.iter().map(String::as_str), &cells, notices));
    }
    Ok(sheet)
}

/// What a reader must know before a figure of the other sheets is used.
const MIND: [&str; 6] = [
    "Nobody is accused by a machine: a finding says only what its quote shows, and stays a lead until a person has read the page and accepted it (column review).",
    "Words of claims are fixed: “named in the award” is not “delivered”.",
    "Add up amounts only where amount_basis is “line”, and never across currencies: a lot’s sum is not a brand’s sum.",
    "Copies on several sites are one notice; count processes, not rows.",
    "List hits are leads by name, not verdicts.",
    "Names and numbers of contact persons are withheld. Addresses are text: opening one tells its server that you are looking. Findings lead to report.html, if this file lies in the case folder.",
];

fn method(joined: &assemble::Case, page: &Page, rules: &Rulebook) -> Sheet {
    let line = |what: &str, says: String| vec![Cell::text(what), Cell::text(&says)];
    let mut rows: Vec<Vec<Cell>> = MIND.iter().map(|text| line("mind", text.to_string())).collect();
    let steps = say::steps(&joined.funnel, page.files, rules);
    rows.extend(
        steps.into_iter().map(|(label, text, number)| line(&format!("funnel: {label}"), format!("{} – {text}", say::count(number)))),
    );
    match page.collection.is_empty() {
        true => rows.push(line(
            "collection",
            "This pile is not a sample: by what sites, dates and search words it was collected is not recorded.".into(),
        )),
        false => rows.extend(page.collection.iter().map(|(name, value)| line(&format!("collection: {name}"), value.clone()))),
    }
    rows.push(line("made by", format!("tendertrace {}", tendertrace::VERSION)));
    rows.extend(page.generated.iter().map(|when| line("made on", when.clone())));
    let hashes = [("extraction", &page.hashes.extraction), ("classification", &page.hashes.classification), ("lists", &page.hashes.lists)];
    rows.extend(hashes.map(|(name, hash)| line(&format!("rules: {name}"), hash.clone())));
    Sheet { name: "method".to_string(), head: vec![Column::read("what"), Column::read("says")], rows }
}
