//! Who sold whose products to whom, and by whose word is the seller a partner? The real program on invented
//! notices and an invented list of partners.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const SELLER: &str = "虚构星桥信息技术有限公司";
const OTHER_SPELLING: &str = "虚构星桥信息技术有限责任公司";
const NO_PARTNER: &str = "no source shows that it is a partner";

fn tendertrace(args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tendertrace")).stdin(Stdio::null()).args(args).output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code().expect("a status"), text(output.stdout), text(output.stderr))
}

fn run(args: &[&str]) -> String {
    let (code, out, err) = tendertrace(args);
    assert!(code < 2, "{args:?}: {err}");
    out
}

fn rows(args: &[&str]) -> Vec<Value> {
    run(args).lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

fn truth(place: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../truth").join(place)
}

/// A case of the shipped sample, with the list of partners where one is given.
fn case(folder: &Path, partners: Option<&str>) -> String {
    let case = folder.join("case");
    std::fs::create_dir_all(&case).unwrap();
    if let Some(file) = partners {
        std::fs::copy(truth(file), case.join("partners.csv")).unwrap();
    }
    let case = case.display().to_string();
    run(&["trace", &truth("sample").display().to_string(), "--case", &case]);
    case
}

const ASKED: [&str; 11] =
    ["ask", "sellers", "--brand", "oracle", "--buyer-kind", "public_security", "--region", "65", "--from", "2019-10-09", "--case"];

#[test]
fn who_sold_this_brand_there_since_then_is_told_with_sums_words_and_the_funnel() {
    let folder = tempfile::tempdir().unwrap();
    let case = case(folder.path(), None);
    let (code, out, _) = tendertrace(&[&ASKED[..], &[&case]].concat());
    assert_eq!(code, 0);
    let one_line = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(one_line.contains("Out of: 51 captures") && one_line.contains(NO_PARTNER), "{out}");
    assert!(
        one_line.contains(&format!(
            "tendertrace ask brand --brand oracle --buyer-kind public_security --region 65 --from 2019-10-09 --case {case}"
        )),
        "the way to each page: {out}"
    );
    let rows = rows(&[&ASKED[..], &[&case, "--json"]].concat());
    assert_eq!(rows.len(), 1, "both spellings are one seller, and what came before that day is left out: {rows:#?}");
    let row = &rows[0];
    assert_eq!(row["supplier"], SELLER);
    assert_eq!((&row["projects"], &row["quantity"], &row["line_amount"]), (&2.into(), &5.0.into(), &740_000.0.into()), "{row:#?}");
    assert_eq!(row["projects_priced"], 1, "the sum is of one of the two projects: {row:#?}");
    assert_eq!(row["more_quotes"], 1);
    assert!(row["quote"].as_str().unwrap().contains("Oracle Database 19c Enterprise Edition"));
    assert_eq!(row["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(row["letters"], "oracle (2020-11-12)", "a letter is no partnership: {row:#?}");
}

#[test]
fn names_and_half_dates_are_understood_and_a_misspelt_word_is_never_nothing_found() {
    let folder = tempfile::tempdir().unwrap();
    let case = case(folder.path(), None);
    let by_ids = run(&[&ASKED[..], &[&case, "--json"]].concat());
    let named = [
        "--brand",
        "Oracle",
        "--buyer-kind",
        "police",
        "--region",
        "Xinjiang",
        "--from",
        "2019-10",
        "--to",
        "2023",
        "--json",
        "--case",
        &case,
    ];
    assert_eq!(run(&[&["ask", "sellers"][..], &named].concat()), by_ids);
    for (option, value, says) in [
        ("--brand", "orcale", "did you mean oracle"),
        ("--buyer-kind", "prison", "prison_detention"),
        ("--region", "Sinkiang", "no place is called"),
        ("--from", "9.10.2019", "is no day"),
    ] {
        let (code, out, err) = tendertrace(&["ask", "sellers", option, value, "--case", &case]);
        assert!(code == 2 && out.is_empty() && err.contains(says), "{option} {value}: {code} {out} {err}");
    }
    let (code, _, err) = tendertrace(&["trace", "no-such-folder", "--case", &format!("{case}-2")]);
    assert!(code == 2 && err.contains("no such file or folder") && !Path::new(&format!("{case}-2")).exists(), "{err}");
}

#[test]
fn the_funnel_beside_an_answer_is_never_smaller_than_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    let case = case(folder.path(), None);
    let all = rows(&["ask", "sellers", "--json", "--case", &case]);
    let brands: std::collections::BTreeSet<&str> = all.iter().map(|row| row["brand"].as_str().unwrap()).collect();
    assert!(brands.len() > 10);
    for brand in brands {
        let sold: i64 = all.iter().filter(|row| row["brand"] == brand).map(|row| row["projects"].as_i64().unwrap()).max().unwrap();
        let steps = rows(&["ask", "funnel", "--json", "--brand", brand, "--case", &case]);
        let numbers: Vec<i64> = steps.iter().map(|step| step["number"].as_i64().unwrap_or(0)).collect();
        assert!(numbers.windows(2).all(|two| two[0] >= two[1]), "{brand}: each step is part of the one before: {steps:#?}");
        let found = steps.iter().find(|step| step["step"] == "with a finding").unwrap()["number"].as_i64().unwrap();
        assert!(found >= sold, "{brand}: {found} < {sold}");
    }
}

#[test]
fn a_supplier_of_record_is_no_partner_without_a_source() {
    let folder = tempfile::tempdir().unwrap();
    let case = case(folder.path(), None);
    let all = rows(&["ask", "sellers", "--json", "--case", &case]);
    assert!(all.len() > 10);
    assert!(all.iter().all(|row| row["relation"] == NO_PARTNER && row["others_say"].is_null()), "{all:#?}");
    let chain = rows(&["ask", "chain", SELLER, "--json", "--case", &case]);
    let products: Vec<&Value> = chain.iter().filter(|row| row["edge"] == "product").collect();
    assert!(!products.is_empty() && products.iter().all(|row| row["relation"] == NO_PARTNER), "{chain:#?}");
    assert!(chain.iter().all(|row| row["edge"] != "partner" && row["edge"] != "distributor"));
}

#[test]
fn a_list_of_partners_speaks_for_the_party_it_names_in_every_spelling_and_for_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let case = case(folder.path(), Some("sellers/partners.csv"));
    let row = &rows(&[&ASKED[..], &[&case, "--json"]].concat())[0];
    let says = "maker says: partner (since 2019-03, until 2022-12-31, as of 2024-05-01), Invented Maker: list of partners";
    assert!(row["relation"].as_str().unwrap().starts_with(says), "{row:#?}");
    assert_eq!(row["relation_then"], "yes");
    let later = rows(&["ask", "sellers", "--json", "--brand", "oracle", "--from", "2023-01-01", "--case", &case]);
    assert_eq!(later[0]["relation_then"], "no", "the partnership had ended: {later:#?}");
    let others = rows(&["ask", "sellers", "--json", "--brand", "dell", "--case", &case]);
    let of = |name: &str| others.iter().find(|row| row["supplier"] == name).unwrap_or_else(|| panic!("{name}: {others:#?}"));
    assert_eq!(of(SELLER)["relation"], NO_PARTNER, "a partner of one maker is none of another");
    assert_eq!(of("示例甲科技有限公司")["relation"], NO_PARTNER);
    assert!(of("示例甲科技有限公司")["others_say"].as_str().unwrap().contains("not the maker’s word"), "{others:#?}");
    let chain = rows(&["ask", "chain", OTHER_SPELLING, "--json", "--case", &case]);
    let partner = chain.iter().find(|row| row["edge"] == "partner").unwrap_or_else(|| panic!("{chain:#?}"));
    assert_eq!(
        (&partner["step"], &partner["event_date"], &partner["to_date"]),
        (&"upstream".into(), &"2019-03".into(), &"2022-12-31".into())
    );
    assert!(chain.iter().any(|row| row["step"] == "downstream" && row["buyer"] == "新疆维吾尔自治区样本县公安局"));
}

#[test]
fn a_distributor_between_maker_and_seller_is_an_edge_of_its_own_by_a_source_only() {
    let folder = tempfile::tempdir().unwrap();
    let case = case(folder.path(), Some("sellers/partners.csv"));
    let supplies = |seller: &str| -> Vec<Value> {
        let chain = rows(&["ask", "chain", seller, "--json", "--case", &case]);
        chain.into_iter().filter(|row| row["edge"] == "supplies").collect()
    };
    for (asked, step) in [("示例甲科技有限公司", "downstream"), ("虚构南麓办公设备有限公司", "upstream")] {
        let rows = supplies(asked);
        assert_eq!(rows.len(), 1, "{asked}: {rows:#?}");
        let row = &rows[0];
        assert_eq!(
            (&row["step"], &row["through"], &row["supplier"]),
            (&step.into(), &"示例甲科技有限公司".into(), &"虚构南麓办公设备有限公司".into())
        );
        assert_eq!((&row["brands"], &row["event_date"], &row["strength"]), (&"dell".into(), &"2020-05".into(), &"strong".into()));
        assert!(
            row["relation"].as_str().unwrap().starts_with("maker says: reseller through")
                && row["source"].as_str().unwrap().contains("Invented Maker")
        );
    }
    let without = rows(&["ask", "chain", SELLER, "--json", "--case", &case]);
    assert!(without.iter().all(|row| row["edge"] != "supplies"), "winners of one lot supply nobody: {without:#?}");
}

#[test]
fn a_list_of_partners_that_cannot_be_used_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let case = case(folder.path(), Some("sellers/partners.csv"));
    let file = Path::new(&case).join("partners.csv");
    let text = std::fs::read_to_string(&file).unwrap().replace("named_partner", "friend");
    std::fs::write(&file, text).unwrap();
    let (code, _, err) = tendertrace(&["trace", "--case", &case]);
    assert_eq!(code, 2);
    assert!(err.contains("partners.csv:3:") && err.contains("friend"), "{err}");
}

#[test]
fn one_organisation_leaves_as_one_entity_with_its_aliases_and_a_persons_word_parts_it() {
    let folder = tempfile::tempdir().unwrap();
    let case = case(folder.path(), Some("sellers/partners.csv"));
    let named = |entities: &[Value], name: &str| {
        let ids = entities.iter().filter(|e| {
            let holds = |key: &str| e["properties"][key].as_array().is_some_and(|all| all.iter().any(|n| n == name));
            holds("name") || holds("alias")
        });
        ids.map(|e| e["id"].as_str().unwrap().to_string()).collect::<std::collections::BTreeSet<_>>()
    };
    let export = |form: &str| run(&["export", &case, "--to", form]);
    let lines = |text: String| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>();
    let before = lines(export("ftm"));
    assert_eq!(named(&before, SELLER), named(&before, OTHER_SPELLING));
    assert_eq!(named(&before, SELLER).len(), 1);
    let link = before.iter().find(|e| e["properties"]["startDate"][0] == "2019-03").expect("the relation");
    assert_eq!(link["properties"]["endDate"][0], "2022-12-31");
    let graph = export("graphml");
    assert!(graph.contains("<data key=\"n-alias\">") && graph.contains("<data key=\"e-startDate\">2019-03</data>"), "{graph}");
    let ids = |package: &str| {
        let package: Value = serde_json::from_str(package).unwrap();
        let releases = package["releases"].as_array().unwrap().clone();
        let parties = releases.iter().flat_map(|r| r["parties"].as_array().cloned().unwrap_or_default());
        let ours = parties.filter(|p| [SELLER, OTHER_SPELLING].iter().any(|name| p["name"] == *name));
        ours.map(|p| p["id"].as_str().unwrap().to_string()).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(ids(&export("ocds")).len(), 1);
    run(&["entities", &case, "--not-same", SELLER, OTHER_SPELLING]);
    let after = lines(export("ftm"));
    assert!(named(&after, SELLER).is_disjoint(&named(&after, OTHER_SPELLING)), "a person said that they are two");
    assert_eq!(ids(&export("ocds")).len(), 2);
    let listed = run(&["entities", &case]);
    let number = listed.split("`--undo ").nth(1).and_then(|rest| rest.split('`').next()).expect("the word with its number");
    run(&["entities", &case, "--undo", number, "--by", "eule"]);
    assert_eq!(ids(&export("ocds")).len(), 1, "taken back");
    assert_eq!(tendertrace(&["entities", &case, "--undo", number]).0, 2, "once only");
}

#[test]
fn entities_are_the_same_whatever_the_order_and_the_batches_of_arrival() {
    let folder = tempfile::tempdir().unwrap();
    let mut files: Vec<PathBuf> = std::fs::read_dir(truth("sample")).unwrap().flatten().map(|entry| entry.path()).collect();
    files.sort();
    let entities = |name: &str, batches: &[Vec<PathBuf>]| {
        let case = folder.path().join(name).display().to_string();
        for batch in batches {
            let inputs: Vec<String> = batch.iter().map(|path| path.display().to_string()).collect();
            let args: Vec<&str> = ["trace", "--case", &case].into_iter().chain(inputs.iter().map(String::as_str)).collect();
            run(&args);
        }
        let db = rusqlite::Connection::open(Path::new(&case).join("case.db")).unwrap();
        let mut query = db
            .prepare("SELECT s.name, e.id, e.name, e.spellings FROM spellings s JOIN entities e ON e.id = s.entity ORDER BY s.name")
            .unwrap();
        let rows = query
            .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, i64>(3)?)));
        rows.unwrap().collect::<Result<Vec<_>, _>>().unwrap()
    };
    let whole = entities("whole", &[files.clone()]);
    let third = files.len() / 3;
    files.reverse();
    let parts: Vec<Vec<PathBuf>> = files.chunks(third).map(<[PathBuf]>::to_vec).collect();
    assert_eq!(entities("parts", &parts), whole);
}
