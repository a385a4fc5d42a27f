//! Do amounts, dates and stages come out of short invented notices as a careful person reads them?
//! Every row of `truth/{amounts,dates,stages,purposes,owners}.csv` is one named test through the whole pipeline;
//! rows known to fail stand in `truth/rows-known-failures.txt`, which may only shrink.

use libtest_mimic::{Arguments, Failed, Trial};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use tendertrace::model::{Budget, Capture};
use tendertrace::rulebook::Rulebook;

#[derive(serde::Deserialize)]
struct Amount {
    id: String,
    text: String,
    amount: String,
    currency: String,
}

#[derive(serde::Deserialize)]
struct Date {
    id: String,
    field: String,
    text: String,
    value: String,
}

#[derive(serde::Deserialize)]
struct Stage {
    id: String,
    title: String,
    text: String,
    stage: String,
}

#[derive(serde::Deserialize)]
struct Purpose {
    id: String,
    title: String,
    buyer: String,
    /// What must be among the purposes (the only one where the purchase is plain), or nothing.
    purpose: String,
    /// What must not be among them, or nothing.
    not_purpose: String,
}

#[derive(serde::Deserialize)]
struct Owner {
    id: String,
    brand: String,
    product: String,
    date: String,
    company: String,
}

type Row = (String, Box<dyn Fn() -> Result<(), String> + Send>);

fn main() {
    let known = Arc::new(known());
    let rows = rows("amounts", amount)
        .into_iter()
        .chain(rows("dates", date))
        .chain(rows("stages", stage))
        .chain(rows("purposes", purpose))
        .chain(rows("owners", owner));
    let mut trials: Vec<_> = rows.map(|(name, check)| ratchet(name, check, known.clone())).collect();
    trials.push(no_stale_names(&trials, &known));
    trials.push(Trial::test("docs/method.md shows rulebook/strength.toml", strength_is_shown));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn rows<T: DeserializeOwned>(file: &str, test: fn(T) -> Row) -> Vec<Row> {
    let path = truth().join(file).with_extension("csv");
    let rows =
        csv::Reader::from_path(&path).expect("a truth file").into_deserialize().map(|row| test(row.expect("a row of the file's columns")));
    rows.map(|(id, check)| (format!("{file} {id}"), check)).collect()
}

fn amount(row: Amount) -> Row {
    let wanted = if row.amount.is_empty() { Value::Null } else { serde_json::json!({"amount": row.amount, "currency": row.currency}) };
    let page = format!(
        "示例市公安局服务器采购项目中标公告\n本公告为虚构示例\n采购人：示例市公安局\n中标供应商：示例甲科技有限公司\n{}\n",
        row.text
    );
    let check = move || expect(&page, &wanted, |notice| notice["awards"][0]["amount"]["value"].clone());
    (row.id, Box::new(check))
}

fn date(row: Date) -> Row {
    let wanted = if row.value.is_empty() { Value::Null } else { Value::from(row.value) };
    let page = format!("示例市公安局服务器采购项目公告\n本公告为虚构示例\n采购人：示例市公安局\n{}\n", row.text);
    let check = move || expect(&page, &wanted, |notice| notice["dates"][&row.field]["value"].clone());
    (row.id, Box::new(check))
}

fn stage(row: Stage) -> Row {
    let page = format!("{}\n本公告为虚构示例\n{}\n", row.title, row.text.replace('。', "。\n"));
    let check = move || expect(&page, &Value::from(row.stage.as_str()), |notice| notice["stage"]["value"].clone());
    (row.id, Box::new(check))
}

fn purpose(row: Purpose) -> Row {
    let page = format!("{0}公开招标公告\n项目名称：{0}\n采购人：{1}\n", row.title, row.buyer);
    let check = move || {
        let found = purposes(&page);
        let plain = ["general_it", "none"].contains(&row.purpose.as_str());
        let met = row.purpose.is_empty() || found.contains(&row.purpose) && !(plain && found.len() > 1);
        let clean = row.not_purpose.is_empty() || !found.contains(&row.not_purpose);
        if met && clean {
            Ok(())
        } else {
            Err(format!("wanted {:?} and not {:?}, found {found:?} in\n{page}", row.purpose, row.not_purpose))
        }
    };
    (row.id, Box::new(check))
}

fn purposes(page: &str) -> Vec<String> {
    let capture = Capture { media_type: Some("text/plain".to_string()), ..Capture::of_bytes(page.as_bytes().to_vec()) };
    let notices = tendertrace::examine(&capture, rules(), &Budget::default()).into_iter().filter_map(|e| e.notice);
    notices.flat_map(|n| n.purposes).map(|p| p.value).collect()
}

/// The method page's table is the rulebook's, row by row.
fn strength_is_shown() -> Result<(), Failed> {
    let root = truth().join("..");
    let read = |file: &str| std::fs::read_to_string(root.join(file)).map_err(|e| Failed::from(format!("{file}: {e}")));
    let (page, table): (String, toml::Table) =
        (read("docs/method.md")?, read("rulebook/strength.toml")?.parse().map_err(|e| Failed::from(format!("{e}")))?);
    let list = |row: &toml::Value, key: &str| {
        let words: Vec<&str> = row.get(key).and_then(toml::Value::as_array).into_iter().flatten().filter_map(toml::Value::as_str).collect();
        if words.is_empty() { "any".to_string() } else { words.join(", ") }
    };
    let rows = table["rows"].as_array().into_iter().flatten();
    let lines = rows.map(|row| {
        let cells = ["stages", "usages", "via", "recognised", "parties"].map(|key| list(row, key)).join(" | ");
        format!("| {} | {cells} | {} |", row["id"].as_str().unwrap_or(""), row["strength"].as_str().unwrap_or(""))
    });
    match lines.into_iter().find(|line| !page.contains(line.as_str())) {
        None => Ok(()),
        Some(line) => Err(format!("docs/method.md lacks the row {line}").into()),
    }
}

/// Whose was a brand on a day: the finding names the owner on the event's date.
fn owner(row: Owner) -> Row {
    let check = move || {
        let brand = rules().brands.brands.iter().find(|b| b.key == row.brand).ok_or(format!("no brand {}", row.brand))?;
        let product = Some(row.product.as_str()).filter(|p| !p.is_empty());
        if let Some(unknown) = product.filter(|p| !brand.products.iter().any(|known| known.id == *p)) {
            return Err(format!("no product {unknown}"));
        }
        let (company, _) = brand.owner_on(Some(&row.date), product);
        if company == row.company { Ok(()) } else { Err(format!("wanted {}, found {company}", row.company)) }
    };
    (row.id, Box::new(check))
}

fn expect(page: &str, wanted: &Value, get: impl Fn(&Value) -> Value) -> Result<(), String> {
    let capture = Capture { media_type: Some("text/plain".to_string()), ..Capture::of_bytes(page.as_bytes().to_vec()) };
    let examinations = tendertrace::examine(&capture, rules(), &Budget::default());
    let published = tendertrace::wire::examination(examinations.first().ok_or("nothing examined")?, &rules().hashes);
    let found = get(&published["notice"]);
    if found == *wanted { Ok(()) } else { Err(format!("wanted {wanted}, found {found} in\n{page}")) }
}

fn ratchet(name: String, check: Box<dyn Fn() -> Result<(), String> + Send>, known: Arc<BTreeSet<String>>) -> Trial {
    let listed = known.contains(&name);
    let told = name.clone();
    Trial::test(name, move || match (check(), listed) {
        (Ok(()), false) | (Err(_), true) => Ok(()),
        (Ok(()), true) => Err(Failed::from(format!("passes now: remove \"{told}\" from truth/rows-known-failures.txt"))),
        (Err(wrong), false) => Err(Failed::from(wrong)),
    })
}

fn no_stale_names(trials: &[Trial], known: &BTreeSet<String>) -> Trial {
    let names: BTreeSet<_> = trials.iter().map(|t| t.name().to_string()).collect();
    let stale: Vec<_> = known.difference(&names).cloned().collect();
    Trial::test("the list of known failures names only rows that exist", move || match stale.as_slice() {
        [] => Ok(()),
        stale => Err(format!("remove {stale:?}").into()),
    })
}

fn known() -> BTreeSet<String> {
    let text = std::fs::read_to_string(truth().join("rows-known-failures.txt")).unwrap_or_default();
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_string).collect()
}

fn truth() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../truth")
}

fn rules() -> &'static Rulebook {
    static RULES: OnceLock<Rulebook> = OnceLock::new();
    RULES.get_or_init(Rulebook::embedded)
}
