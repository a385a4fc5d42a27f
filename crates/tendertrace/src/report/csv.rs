//! Which rows does a spreadsheet get? The tables of a case as CSV, contacts withheld, cells that a
//! spreadsheet would run as a formula made harmless.

use super::{mask, say};
use crate::assemble::{Case, CaseFinding, word};
use crate::model::{Access, Money};
use crate::rulebook::Rulebook;

/// A table by name: its head and its rows.
pub struct Sheet {
    pub name: &'static str,
    pub head: &'static [&'static str],
    pub rows: Vec<Vec<String>>,
}

/// All tables of a case. Findings from confidential captures are left out.
pub fn sheets(case: &Case, rules: &Rulebook) -> Vec<Sheet> {
    vec![
        findings(case, rules),
        notices(case, rules),
        changes(case, rules),
        brands(case),
        sellers(case, rules),
        leads(case, rules),
        gaps(case),
        sites(case),
    ]
}

/// A sheet as CSV with a byte order mark, without which spreadsheets garble Chinese.
pub fn to_csv(sheet: &Sheet) -> String {
    let mut out = String::from('\u{FEFF}');
    push_line(&mut out, sheet.head.iter().copied());
    for row in &sheet.rows {
        push_line(&mut out, row.iter().map(String::as_str));
    }
    out
}

fn push_line<'a>(out: &mut String, cells: impl Iterator<Item = &'a str>) {
    let cells: Vec<String> = cells.map(quoted).collect();
    out.push_str(&cells.join(","));
    out.push_str("\r\n");
}

fn quoted(cell: &str) -> String {
    let cell = harmless(cell);
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

/// A cell that begins like a formula is text; a plain number stays one.
pub fn harmless(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    if formula { format!("'{cell}") } else { cell.to_string() }
}

fn findings(case: &Case, rules: &Rulebook) -> Sheet {
    let shown = case.findings.iter().chain(&case.rejected).filter(|f| f.access != Access::Confidential);
    Sheet {
        name: "findings",
        head: &[
            "finding",
            "review",
            "strength",
            "brand",
            "product",
            "company",
            "country",
            "usage",
            "via",
            "host_product",
            "stage",
            "sentence",
            "lot",
            "quantity",
            "amount",
            "currency",
            "amount_basis",
            "counted",
            "buyer",
            "buyer_kind",
            "end_user",
            "end_user_kind",
            "region_code",
            "region",
            "supplier",
            "date",
            "date_basis",
            "purposes",
            "customisation",
            "objections",
            "missing",
            "quote",
            "title",
            "url",
            "archive_url",
            "sha256",
            "part",
            "process",
            "project_numbers",
            "copies",
            "rules",
            "buyer_gloss",
            "supplier_gloss",
            "region_gloss",
            "title_translation",
            "quote_translation",
            "title_machine_gloss",
            "quote_machine_gloss",
        ],
        rows: shown.map(|f| finding(f, rules)).collect(),
    }
}

fn finding(case: &CaseFinding, rules: &Rulebook) -> Vec<String> {
    let f = &case.finding;
    let masks = &rules.report.masks;
    let some = |v: &Option<String>| v.clone().unwrap_or_default();
    let party = |v: &Option<String>| v.as_ref().map(|n| mask::party(n, masks)).unwrap_or_default();
    let address = |v: &Option<String>| v.as_ref().and_then(|u| mask::address(u, masks)).unwrap_or_default();
    let gloss = |shown: String| say::gloss(&shown, rules).unwrap_or_default();
    let quotes: Vec<&str> = f.quotes.iter().map(|quote| quote.text.as_str()).collect();
    let joined = |said: Vec<String>| said.iter().map(|text| say::one_line(text)).collect::<Vec<_>>().join(" … ");
    let translated =
        |texts: &[&str]| joined(texts.iter().filter_map(|text| say::translation(case, text, rules)).map(|said| said.text).collect());
    let glossed = |texts: &[&str]| joined(texts.iter().filter_map(|text| say::sentence_gloss(text, rules)).collect());
    let quote = case.passages.iter().map(|p| say::one_line(&mask::text(&p.text, masks))).collect::<Vec<_>>().join(" … ");
    vec![
        f.id.clone(),
        case.verdict.map_or_else(|| "unreviewed".to_string(), |v| word(&v)),
        word(&f.strength),
        f.brand.clone(),
        some(&f.product),
        f.company.clone(),
        f.country.clone(),
        word(&f.usage),
        word(&f.via),
        some(&f.host_product),
        word(&f.stage),
        say::sentence(f, rules),
        some(&f.lot),
        f.quantity.map(|q| q.normalize().to_string()).unwrap_or_default(),
        f.amount.as_ref().map(|m| crate::wire::amount(&m.amount)).unwrap_or_default(),
        f.amount.as_ref().map(|m| m.currency.clone()).unwrap_or_default(),
        f.amount_basis.map(|b| word(&b)).unwrap_or_default(),
        case.counted.to_string(),
        party(&f.buyer),
        some(&case.buyer_kind),
        party(&case.end_user),
        some(&case.end_user_kind),
        case.region.as_ref().map(|r| r.code.clone()).unwrap_or_default(),
        case.region.as_ref().map(|r| r.name.clone()).unwrap_or_default(),
        party(&f.supplier),
        case.date.as_ref().map(|d| d.value.clone()).unwrap_or_default(),
        case.date.as_ref().map(|d| word(&d.basis)).unwrap_or_default(),
        f.purposes.join(";"),
        f.customisation.clone(),
        super::say::objections(case).collect::<Vec<_>>().join(";"),
        case.missing.join(";"),
        quote,
        mask::text(&case.title, masks),
        address(&case.url),
        address(&case.archive_url),
        case.capture.clone(),
        case.part.to_string(),
        case.process.clone(),
        case.project_numbers.join(";"),
        case.copies.to_string(),
        f.rules.join(";"),
        gloss(party(&f.buyer)),
        gloss(party(&f.supplier)),
        gloss(case.region.as_ref().map(|r| r.name.clone()).unwrap_or_default()),
        translated(&[&case.title]),
        translated(&quotes),
        glossed(&[&case.title]),
        glossed(&quotes),
    ]
}

fn notices(case: &Case, rules: &Rulebook) -> Sheet {
    let row = |n: &crate::assemble::CaseNotice| {
        let buyer = n.buyer.as_ref().map(|b| mask::party(b, &rules.report.masks)).unwrap_or_default();
        let stage = n.stage.map(|s| word(&s)).unwrap_or_default();
        vec![
            n.capture.clone(),
            n.part.to_string(),
            mask::text(&n.title, &rules.report.masks),
            n.site.clone().unwrap_or_default(),
            stage,
            n.date.clone().unwrap_or_default(),
            buyer,
            n.process.clone(),
            n.copies.len().to_string(),
        ]
    };
    Sheet {
        name: "notices",
        head: &["sha256", "part", "title", "site", "stage", "date", "buyer", "process", "copies"],
        rows: case.notices.iter().map(row).collect(),
    }
}

fn changes(case: &Case, rules: &Rulebook) -> Sheet {
    let masks = &rules.report.masks;
    let rows = case.processes.iter().flat_map(|p| p.changes.iter().map(move |c| (p, c)));
    let row = |(p, c): (&crate::assemble::Process, &crate::assemble::Change)| {
        vec![
            p.id.clone(),
            mask::text(&p.name, masks),
            p.numbers.join(";"),
            c.field.clone(),
            word(&c.from_stage),
            mask::party(&c.from, masks),
            word(&c.to_stage),
            mask::party(&c.to, masks),
        ]
    };
    Sheet {
        name: "changes",
        head: &["process", "name", "project_numbers", "field", "from_stage", "from", "to_stage", "to"],
        rows: rows.map(row).collect(),
    }
}

fn brands(case: &Case) -> Sheet {
    let mut rows = Vec::new();
    for b in &case.brands {
        let usages = b.by_usage.iter().map(|(u, n)| {
            vec![b.brand.clone(), b.company.clone(), b.country.clone(), word(u), n.to_string(), String::new(), String::new()]
        });
        rows.extend(usages);
        let sum = |(currency, amount): (&String, &rust_decimal::Decimal)| {
            vec![
                b.brand.clone(),
                b.company.clone(),
                b.country.clone(),
                "own_lines".into(),
                b.priced.to_string(),
                money(amount, currency),
                currency.clone(),
            ]
        };
        rows.extend(b.line_amounts.iter().map(sum));
    }
    Sheet { name: "brands", head: &["brand", "company", "country", "usage", "processes", "amount", "currency"], rows }
}

fn money(amount: &rust_decimal::Decimal, currency: &str) -> String {
    crate::wire::amount(&Money { amount: *amount, currency: currency.to_string() }.amount)
}

fn sellers(case: &Case, rules: &Rulebook) -> Sheet {
    let row = |s: &crate::assemble::SellerRow| {
        let buyers: Vec<String> = s.buyers.iter().map(|b| mask::party(b, &rules.report.masks)).collect();
        vec![
            mask::party(&s.name, &rules.report.masks),
            s.processes.to_string(),
            s.asked.to_string(),
            s.brands.join(";"),
            buyers.join(";"),
            s.first.clone().unwrap_or_default(),
            s.last.clone().unwrap_or_default(),
            s.listed.to_string(),
        ]
    };
    Sheet {
        name: "sellers",
        head: &["seller", "processes", "of_buyers_asked_for", "brands", "buyers", "first", "last", "list_lead"],
        rows: case.sellers.iter().map(row).collect(),
    }
}

fn leads(case: &Case, rules: &Rulebook) -> Sheet {
    let row = |l: &crate::assemble::LeadRow| {
        let dates = [&l.listed_from, &l.listed_to, &l.first, &l.last].map(|d| d.clone().unwrap_or_default());
        let [from, to, first, last] = dates;
        vec![
            mask::party(&l.party, &rules.report.masks),
            word(&l.role),
            l.list.clone(),
            l.entry.clone(),
            word(&l.judgement),
            from,
            to,
            l.notices.to_string(),
            l.in_force.to_string(),
            l.not_in_force.to_string(),
            first,
            last,
            word(&l.through),
            l.owner.clone().unwrap_or_default(),
        ]
    };
    let head = &[
        "party",
        "role",
        "list",
        "entry",
        "judgement",
        "listed_from",
        "listed_to",
        "notices",
        "in_force",
        "not_in_force",
        "first",
        "last",
        "through",
        "owner",
    ];
    Sheet { name: "leads", head, rows: case.leads.iter().map(row).collect() }
}

fn gaps(case: &Case) -> Sheet {
    let row = |g: &crate::assemble::GapRow| vec![word(&g.kind), g.count.to_string(), g.notices.to_string()];
    Sheet { name: "gaps", head: &["kind", "times", "notices"], rows: case.gaps.iter().map(row).collect() }
}

fn sites(case: &Case) -> Sheet {
    let row = |s: &crate::assemble::SiteRow| {
        vec![
            s.site.clone(),
            s.captures.to_string(),
            s.distinct.to_string(),
            s.awards.to_string(),
            s.first.clone().unwrap_or_default(),
            s.last.clone().unwrap_or_default(),
            s.undated.to_string(),
        ]
    };
    Sheet {
        name: "sites",
        head: &["site", "captures", "notices", "awards", "first", "last", "undated"],
        rows: case.sites.iter().map(row).collect(),
    }
}
