//! Do summary, page and releases say what they may, and nothing they may not?

use super::bodies::Bodies;
use super::*;
use crate::assemble::testing::pile;
use crate::assemble::{Case, Digest, assemble, digest};
use crate::rulebook::Rulebook;
use std::path::PathBuf;

fn case(rules: &Rulebook) -> Case {
    let digests: Vec<Digest> = pile().iter().map(|e| digest(e, rules)).collect();
    assemble(&digests, &[], rules)
}

fn page() -> Page {
    Page { name: "an invented case".into(), files: Some(6), ..Page::default() }
}

/// Compares with a file of expected text; `UPDATE_EXPECT=1` writes it.
fn expect(name: &str, actual: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/expected").join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == actual, "{name} differs; UPDATE_EXPECT=1 rewrites it:\n{actual}");
}

#[test]
fn the_summary_reads_as_expected() {
    let rules = Rulebook::embedded();
    expect("summary.txt", &terminal(&case(&rules), &page(), 100, Style::Plain, &rules));
}

#[test]
fn an_empty_pile_says_so() {
    let rules = Rulebook::embedded();
    let empty = assemble(&[], &[], &rules);
    assert!(terminal(&empty, &page(), 80, Style::Plain, &rules).contains("No findings"));
    assert!(html(&empty, &page(), &rules).contains("That is an answer only together with the funnel"));
}

#[test]
fn every_line_of_the_summary_fits() {
    let rules = Rulebook::embedded();
    let case = case(&rules);
    for width in [48, 60, 80, 120] {
        let text = terminal(&case, &page(), width, Style::Plain, &rules);
        for line in text.lines() {
            assert!(super::terminal::columns(line) <= width.max(48) + 24, "{width}: {line}");
        }
    }
}

#[test]
fn the_page_loads_nothing_and_withholds_contacts() {
    let rules = Rulebook::embedded();
    let page = html(&case(&rules), &page(), &rules);
    for forbidden in ["<script", "<link", "src=", "url(", "@import", "href=\"http", "王小明", "1234567", "token=secret"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    for wanted in [
        "<main",
        "role=\"img\"",
        "scope=\"col\"",
        "lang=\"zh\"",
        "<mark>服务器 Intel Xeon</mark>",
        "unreviewed lead",
        "https://a.example.org/a.html",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
}

#[test]
fn confidential_findings_stay_with_their_owner() {
    let rules = Rulebook::embedded();
    let mut all = pile();
    all.iter_mut().for_each(|e| e.capture.access = crate::model::Access::Confidential);
    let digests: Vec<Digest> = all.iter().map(|e| digest(e, &rules)).collect();
    let case = assemble(&digests, &[], &rules);
    assert!(!html(&case, &page(), &rules).contains("<article"));
    assert!(html(&case, &Page { audience: Audience::Owner, ..page() }, &rules).contains("<article"));
    assert!(csv::sheets(&case, &rules)[0].rows.is_empty());
}

#[test]
fn sheets_have_as_many_cells_as_heads() {
    let rules = Rulebook::embedded();
    for sheet in csv::sheets(&case(&rules), &rules) {
        assert!(sheet.rows.iter().all(|r| r.len() == sheet.head.len()), "{}", sheet.name);
        assert!(!csv::to_csv(&sheet).contains("王小明"));
    }
    assert_eq!(csv::harmless("=1+1"), "'=1+1");
    assert_eq!(csv::harmless("-12.5"), "-12.5");
}

#[test]
fn releases_say_what_the_notice_says() {
    let rules = Rulebook::embedded();
    let publisher = ocds::Publisher {
        name: "invented".into(),
        uri: "https://example.org/".into(),
        published: "2026-01-01T00:00:00Z".into(),
        prefix: ocds::PREFIX.into(),
    };
    let releases: Vec<_> = pile().iter().filter_map(|e| ocds::release(e, None, &Bodies::default(), &publisher, &rules)).collect();
    assert_eq!(releases[0]["ocid"], releases[1]["ocid"], "tender and award of one number");
    assert_eq!(releases[0]["awards"][0]["value"]["amount"], 38500);
    assert_eq!((&releases[1]["tag"][0], &releases[1]["tender"]["value"]["amount"]), (&"tender".into(), &40000.into()));
    assert_eq!(releases[0]["date"], "2021-12-17T00:00:00+08:00");
    let text = ocds::package(releases, &publisher).to_string();
    assert!(!text.contains("王小明") && !text.contains("secret"));
}

/// The pile, one contract of it won by two together, one finding rejected.
fn entities(rules: &Rulebook) -> Vec<serde_json::Value> {
    let mut pile = pile();
    let second = pile[4].notice.as_ref().unwrap().awards[0].suppliers[0].clone();
    pile[5].notice.as_mut().unwrap().awards[0].suppliers.push(second);
    let digests: Vec<Digest> = pile.iter().map(|e| digest(e, rules)).collect();
    let mut case = assemble(&digests, &[], rules);
    case.findings.retain(|f| f.finding.brand != "hp");
    let process = |e: &crate::model::Examination| {
        let holds = |n: &&crate::assemble::CaseNotice| n.capture == e.capture.sha256 || n.copies.iter().any(|c| c.0 == e.capture.sha256);
        case.notices.iter().find(holds).map(|n| n.process.clone())
    };
    let of_case = ftm::OfCase { findings: ftm::findings(&case), bodies: Bodies::default() };
    let mut amounts = ftm::Amounts::default();
    let mut all: Vec<_> = pile.iter().flat_map(|e| ftm::entities(e, process(e).as_deref(), &of_case, &mut amounts, rules)).collect();
    all.extend(amounts.entities());
    all
}

#[test]
fn of_two_amounts_the_contract_speaks_and_the_agency_is_linked() {
    let rules = Rulebook::embedded();
    let mut pile = pile();
    let award = pile[0].clone();
    let notice = pile[0].notice.as_mut().unwrap();
    notice.stage = Some(crate::evidence::Known::Concluded(crate::evidence::Derived {
        value: crate::model::Stage::Contract,
        derived_from: vec![],
        rule: "test".into(),
    }));
    let Some(crate::evidence::Known::Read(money)) = &mut notice.awards[0].amount else { panic!("a stated amount") };
    money.value.amount += rust_decimal::Decimal::ONE;
    notice.agency = notice.buyer.clone().map(|name| name.map(|_| "样本招标代理有限公司".to_string()));
    for order in [[&pile[0], &award], [&award, &pile[0]]] {
        let mut amounts = ftm::Amounts::default();
        let all: Vec<_> = order.iter().flat_map(|e| ftm::entities(e, Some("p"), &Default::default(), &mut amounts, &rules)).collect();
        assert!(all.iter().all(|e| e["properties"]["amount"].is_null()), "amounts are said once, at the end");
        let link = all.iter().find(|e| e["schema"] == "UnknownLink").expect("the agency");
        assert_eq!(link["properties"]["role"][0], "procurement agency");
        let said: Vec<_> = amounts.entities().collect();
        assert_eq!(said.len(), 1);
        assert_eq!(said[0]["properties"]["amount"], serde_json::json!(["38501.00"]));
        assert!(said[0]["properties"]["description"][0].as_str().unwrap().starts_with("CNY 38500.00 in the award notice of "));
    }
}

#[test]
fn a_graph_reads_as_expected() {
    let rules = Rulebook::embedded();
    let text = graphml::graph(entities(&rules).into_iter());
    expect("case.graphml", &text);
    for forbidden in ["王小明", "1234567", "secret"] {
        assert!(!text.contains(forbidden), "{forbidden}");
    }
    assert!(text.matches("<edge ").count() > 5 && !text.contains("\u{0}"));
}

#[test]
fn entities_read_as_expected() {
    let rules = Rulebook::embedded();
    let lines: Vec<String> = entities(&rules).iter().map(|e| format!("{e}\n")).collect();
    expect("entities.ftm.json", &lines.concat());
    let all = lines.concat();
    for forbidden in ["王小明", "1234567", "secret", "Sanction"] {
        assert!(!all.contains(forbidden), "{forbidden}");
    }
    let notes = |brand: &str| lines.iter().filter(|l| l.contains("\"Note\"") && l.contains(&format!("\"{brand}\""))).count();
    assert_eq!((notes("Intel") > 0, notes("HP")), (true, 0), "a finding that is left out of the case is in no note");
}

#[test]
fn an_entity_is_of_one_schema_and_names_only_entities() {
    let rules = Rulebook::embedded();
    let all = entities(&rules);
    let mut schemas = std::collections::BTreeMap::new();
    for entity in &all {
        let known = schemas.entry(entity["id"].as_str().unwrap()).or_insert(&entity["schema"]);
        assert_eq!(*known, &entity["schema"]);
    }
    let references =
        ["authority", "supplier", "contract", "callForTenders", "proof", "entity", "tenderers", "onBehalfOf", "subject", "object"];
    for entity in &all {
        for named in references.iter().filter_map(|r| entity["properties"][r].as_array()).flatten() {
            assert!(schemas.contains_key(named.as_str().unwrap()), "{entity} names nobody: {named}");
        }
    }
    let of = |schema: &str| {
        all.iter().filter(|e| e["schema"] == schema).map(|e| e["id"].as_str().unwrap()).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!((of("Contract").len(), of("ContractAward").len()), (3, 4), "a copy and the tender are of one process, two won together");
    let joint: Vec<_> = all.iter().filter(|e| e["properties"]["description"][0] == "CNY 900.00 to all winners together").collect();
    assert!(joint.len() == 2 && joint.iter().all(|e| e["properties"]["amount"].is_null()), "what two won is added to neither");
}
