//! Which rows does one examination fill? The contract's JSON laid out in the case's flat tables, so
//! that people ask their questions in SQL, and so that examinations made elsewhere can be imported.

use super::money;
use rusqlite::types::Value as Sql;
use serde_json::Value;
use tendertrace::model::Access;

/// A table that examinations fill; its first column is the notice.
pub struct Table {
    pub name: &'static str,
    pub columns: &'static [&'static str],
}

/// Every table that examinations fill, but `notices` itself.
pub const TABLES: &[Table] = &[
    Table {
        name: "parties",
        columns: &[
            "notice",
            "n",
            "role",
            "name",
            "lot",
            "rank",
            "won",
            "amount_minor",
            "currency",
            "amount_exact",
            "quote",
            "doc",
            "start",
            "end",
        ],
    },
    Table { name: "awards", columns: &["notice", "n", "lot", "lot_name", "suppliers", "amount_minor", "currency", "amount_exact", "note"] },
    Table {
        name: "items",
        columns: &[
            "notice",
            "n",
            "lot",
            "name",
            "brand",
            "model",
            "quantity",
            "unit",
            "unit_price_minor",
            "line_total_minor",
            "currency",
            "unit_price_exact",
            "line_total_exact",
            "supplier",
            "demanded",
            "doc",
            "start",
            "end",
        ],
    },
    Table {
        name: "findings",
        columns: &[
            "notice",
            "n",
            "id",
            "brand",
            "product",
            "company",
            "country",
            "usage",
            "via",
            "host_product",
            "stage",
            "lot",
            "quantity",
            "amount_minor",
            "currency",
            "amount_exact",
            "amount_basis",
            "purposes",
            "customisation",
            "supplier",
            "buyer",
            "strength",
            "objections",
            "sentence",
            "rules",
        ],
    },
    Table { name: "quotes", columns: &["notice", "finding", "n", "doc", "start", "end", "page", "text", "file"] },
    Table { name: "hits", columns: HITS },
    Table { name: "gaps", columns: &["notice", "n", "kind", "text", "doc", "start", "end", "note"] },
];

const HITS: &[&str] = &[
    "notice",
    "n",
    "party",
    "role",
    "list",
    "entry",
    "listed_from",
    "listed_to",
    "in_force",
    "judgement",
    "score",
    "why",
    "through",
    "when",
    "via",
];

/// Columns of `notices`.
pub const NOTICE: Table = Table {
    name: "notices",
    columns: &[
        "id",
        "original",
        "part",
        "readable",
        "url",
        "site",
        "title",
        "media_type",
        "access",
        "stage",
        "project_number",
        "project_name",
        "buyer",
        "buyer_kind",
        "end_user",
        "end_user_kind",
        "region_code",
        "region_name",
        "agency",
        "budget_minor",
        "budget_currency",
        "budget_exact",
        "total_minor",
        "total_currency",
        "total_exact",
        "date_published",
        "date_awarded",
        "date_signed",
        "date_deadline",
        "event_date",
        "event_basis",
        "purposes",
    ],
};

impl Table {
    /// The statement that inserts one row.
    pub fn insert(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|c| format!("\"{c}\"")).collect();
        format!("INSERT INTO {} ({}) VALUES ({})", self.name, names.join(", "), vec!["?"; self.columns.len()].join(", "))
    }
}

pub type Row = Vec<Sql>;

/// The rows of one notice.
#[derive(Debug, Default)]
pub struct Rows {
    pub notice: Row,
    /// In the order of [`TABLES`].
    pub tables: [Vec<Row>; 7],
}

/// Parts of one original are numbered below this; a notice's id is `original * PARTS + part`.
pub const PARTS: i64 = 1 << 20;

/// Id of a notice.
pub fn notice_id(original: i64, part: u32) -> i64 {
    original * PARTS + i64::from(part)
}

/// Lays out one examination (JSON of the contract).
pub fn rows(original: i64, part: u32, access: Access, examination: &Value) -> Rows {
    let id = notice_id(original, part);
    let notice = &examination["notice"];
    let findings = list(&examination["findings"]);
    Rows {
        notice: notice_row(id, original, part, access, examination),
        tables: [
            numbered(id, parties(notice)),
            numbered(id, list(&notice["awards"]).iter().map(|award| award_row(award, notice)).collect()),
            numbered(id, list(&notice["items"]).iter().map(item_row).collect()),
            numbered(id, findings.iter().map(finding_row).collect()),
            quotes(id, findings),
            hits(id, &examination["leads"]),
            numbered(id, list(&examination["gaps"]).iter().map(gap_row).collect()),
        ],
    }
}

/// Rows of `hits` alone: all that new lists change.
pub fn hits(notice: i64, leads: &Value) -> Vec<Row> {
    numbered(notice, list(leads).iter().map(hit_row).collect())
}

/// Host of an address: the site a page was published on.
pub fn site(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.trim_end_matches('.').to_lowercase();
    (!host.is_empty()).then_some(host)
}

fn notice_row(id: i64, original: i64, part: u32, access: Access, examination: &Value) -> Row {
    let (capture, notice) = (&examination["capture"], &examination["notice"]);
    let mut row = vec![Sql::Integer(id), Sql::Integer(original), Sql::Integer(part.into()), Sql::Integer((!notice.is_null()).into())];
    row.extend([text(&capture["url"]), capture["url"].as_str().and_then(site).map_or(Sql::Null, Sql::Text), text(&capture["title"])]);
    row.extend([text(&capture["media_type"]), Sql::Text(access_name(access).into()), value(&notice["stage"])]);
    row.extend(["project_number", "project_name", "buyer", "buyer_kind", "end_user", "end_user_kind"].map(|key| value(&notice[key])));
    row.extend([text(&notice["region"]["value"]["code"]), text(&notice["region"]["value"]["name"]), value(&notice["agency"])]);
    row.extend(money::columns(&notice["budget"]["value"]));
    row.extend(money::columns(&notice["total"]["value"]));
    row.extend(["published", "awarded", "signed", "deadline"].map(|key| value(&notice["dates"][key])));
    row.extend([text(&notice["event_date"]["value"]), text(&notice["event_date"]["basis"])]);
    let purposes: Vec<&Value> = list(&notice["purposes"]).iter().map(|purpose| &purpose["value"]).collect();
    row.push(json(&purposes));
    row
}

fn parties(notice: &Value) -> Vec<Row> {
    let mut rows: Vec<Row> = ["buyer", "end_user", "agency"]
        .iter()
        .filter(|role| notice[**role].is_object())
        .map(|role| party_row(role, &notice[*role], &Value::Null))
        .collect();
    for (role, offers) in [("supplier", &notice["awards"]), ("bidder", &notice["bids"])] {
        for offer in list(offers) {
            rows.extend(list(&offer["suppliers"]).iter().map(|name| party_row(role, name, offer)));
        }
    }
    rows
}

fn party_row(role: &str, name: &Value, offer: &Value) -> Row {
    let mut row = vec![Sql::Text(role.into()), value(name), text(&offer["lot"]), number(&offer["rank"]), flag(&offer["won"])];
    row.extend(money::columns(&offer["amount"]["value"]));
    row.push(text(&name["raw"]));
    row.extend(place(name));
    row
}

fn award_row(award: &Value, notice: &Value) -> Row {
    let lot = list(&notice["lots"]).iter().find(|lot| !award["lot"].is_null() && lot["id"] == award["lot"]);
    let suppliers: Vec<&Value> = list(&award["suppliers"]).iter().map(|name| &name["value"]).collect();
    let mut row = vec![text(&award["lot"]), lot.map_or(Sql::Null, |lot| value(&lot["name"])), json(&suppliers)];
    row.extend(money::columns(&award["amount"]["value"]));
    row.push(text(&award["note"]));
    row
}

fn item_row(item: &Value) -> Row {
    let [unit_price, currency, unit_exact] = money::columns(&item["unit_price"]["value"]);
    let [line_total, line_currency, line_exact] = money::columns(&item["line_total"]["value"]);
    let currency = if currency == Sql::Null { line_currency } else { currency };
    let mut row = vec![text(&item["lot"]), value(&item["name"]), value(&item["brand"]), value(&item["model"])];
    row.extend([real(&item["quantity"]), text(&item["unit"]), unit_price, line_total, currency, unit_exact, line_exact]);
    row.extend([value(&item["supplier"]), Sql::Integer((item["demanded"] == Value::Bool(true)).into())]);
    row.extend(place(&item["name"]));
    row
}

fn finding_row(finding: &Value) -> Row {
    let texts = |keys: &[&str]| keys.iter().map(|key| text(&finding[*key])).collect::<Row>();
    let mut row = texts(&["id", "brand", "product", "company", "country", "usage", "via", "host_product", "stage", "lot"]);
    row.push(real(&finding["quantity"]));
    row.extend(money::columns(&finding["amount"]));
    row.extend([text(&finding["amount_basis"]), json(&finding["purposes"])]);
    row.extend(texts(&["customisation", "supplier", "buyer", "strength"]));
    row.extend([json(&finding["objections"]), text(&finding["sentence"]), json(&finding["rules"])]);
    row
}

fn quotes(notice: i64, findings: &[Value]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (finding, quoted) in findings.iter().enumerate() {
        for (n, quote) in list(&quoted["quotes"]).iter().enumerate() {
            let mut row = vec![Sql::Integer(notice), Sql::Integer(finding as i64), Sql::Integer(n as i64)];
            row.extend(place(quote));
            row.extend([number(&quote["page"]), text(&quote["text"]), text(&quote["file"]["name"])]);
            rows.push(row);
        }
    }
    rows
}

fn hit_row(lead: &Value) -> Row {
    let mut row: Row =
        ["party", "role", "list", "entry", "listed_from", "listed_to", "in_force", "judgement"].map(|key| text(&lead[key])).into();
    row.extend([real(&lead["score"]), json(&lead["why"]), text(&lead["through"]), text(&lead["when"])]);
    row.push(if lead["via"].is_null() { Sql::Null } else { json(&lead["via"]) });
    row
}

fn gap_row(gap: &Value) -> Row {
    let mut row = vec![text(&gap["kind"]), text(&gap["at"]["text"])];
    row.extend(place(&gap["at"]));
    row.push(text(&gap["note"]));
    row
}

fn numbered(notice: i64, rows: Vec<Row>) -> Vec<Row> {
    let with_key = |(n, row): (usize, Row)| [vec![Sql::Integer(notice), Sql::Integer(n as i64)], row].concat();
    rows.into_iter().enumerate().map(with_key).collect()
}

/// The contract's word for an access level.
pub fn access_name(access: Access) -> &'static str {
    match access {
        Access::Public => "public",
        Access::Restricted => "restricted",
        Access::Confidential => "confidential",
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The value of an `S` or `D` of the contract.
fn value(of: &Value) -> Sql {
    text(&of["value"])
}

fn text(value: &Value) -> Sql {
    value.as_str().map_or(Sql::Null, |text| Sql::Text(text.to_string()))
}

fn number(value: &Value) -> Sql {
    value.as_i64().map_or(Sql::Null, Sql::Integer)
}

fn real(value: &Value) -> Sql {
    value.as_f64().map_or(Sql::Null, Sql::Real)
}

fn flag(value: &Value) -> Sql {
    value.as_bool().map_or(Sql::Null, |flag| Sql::Integer(flag.into()))
}

fn json(value: &impl serde::Serialize) -> Sql {
    Sql::Text(serde_json::to_string(value).expect("JSON is plain data"))
}

fn place(of: &Value) -> [Sql; 3] {
    [number(&of["doc"]), number(&of["start"]), number(&of["end"])]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_row_has_as_many_values_as_its_table_has_columns() {
        let read = |text: &str| json!({"value": text, "raw": text, "start": 0, "end": 1, "doc": 0, "rule": "r"});
        let amount = json!({"value": {"amount": "0.0385", "currency": "CNY"}});
        let rows = rows(
            3,
            1,
            Access::Public,
            &json!({
                "capture": {"url": "https://user@Example.org:8080/x", "title": null, "media_type": "text/html"},
                "notice": {
                    "stage": read("award"), "buyer": read("示例市公安局"), "lots": [{"id": "1", "name": read("服务器")}], "purposes": [{"value": "general_it"}],
                    "awards": [{"lot": "1", "suppliers": [read("甲"), read("乙")], "amount": amount, "note": null}],
                    "bids": [{"lot": null, "suppliers": [read("丙")], "amount": null, "rank": 2, "won": false}],
                    "items": [{"lot": "1", "name": read("服务器"), "brand": null, "quantity": 2, "unit": "台", "unit_price": amount, "line_total": null, "demanded": false}],
                    "region": {"value": {"code": "650100", "name": "x"}}, "dates": {}, "event_date": null,
                },
                "findings": [{"id": "f", "brand": "b", "usage": "awarded", "via": "named", "purposes": [], "objections": [], "rules": [], "strength": "weak", "sentence": "s", "quotes": [{"text": "q", "doc": 0, "start": 1, "end": 2, "page": null}]}],
                "leads": [{"party": "p", "role": "buyer", "list": "l", "entry": "e", "in_force": "no", "judgement": "same", "score": 1.0, "why": []}],
                "gaps": [{"kind": "masked", "at": {"text": "***", "doc": 0, "start": 1, "end": 4}, "note": ""}],
            }),
        );
        assert_eq!(rows.notice.len(), NOTICE.columns.len());
        assert_eq!(rows.tables.each_ref().map(Vec::len), [4, 1, 1, 1, 1, 1, 1]);
        for (table, rows) in TABLES.iter().zip(&rows.tables) {
            assert!(rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.name);
        }
        assert_eq!(rows.notice[5], Sql::Text("example.org:8080".into()));
        assert_eq!(rows.tables[1][0][3], Sql::Text("服务器".into()));
    }
}
