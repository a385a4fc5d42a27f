//! Pictures and organisations: every number opens its rows, words on names are followed.

use super::safe::FILES;
use super::*;

/// Marks of a page: where each leads, and the number it says.
fn marks(page: &str) -> Vec<(String, usize)> {
    let number = |text: &str| {
        text.split("Since then ").nth(1).or(text.rsplit(": ").next())?.split(' ').find_map(|word| word.replace(',', "").parse().ok())
    };
    let of_mark = page.split("<a href=\"").skip(1).filter_map(|rest| {
        let (place, rest) = rest.split_once('"')?;
        let said = rest.strip_prefix("><title>").and_then(|rest| rest.split('<').next());
        let cell = rest.strip_prefix('>').and_then(|rest| rest.split('<').next()).and_then(|text| text.replace(',', "").parse().ok());
        Some((place.replace("&amp;", "&"), said.map_or(cell, number)?))
    });
    of_mark.filter(|(place, _)| place.starts_with("/findings?")).collect()
}

#[test]
fn the_file_of_findings_holds_every_row() {
    let desk = Desk::open(sample(), &[]);
    for place in ["/findings", "/findings?brand=dell"] {
        let page = desk.get(place);
        let said: usize = page.split("id=\"findings\" data-n=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().parse().unwrap();
        let file = desk.get(&place.replace("/findings", "/findings/csv"));
        let rows = csv::Reader::from_reader(file.trim_start_matches('\u{FEFF}').as_bytes()).records().map(Result::unwrap).count();
        assert!(rows == said && rows > 3, "{place}: {rows} of {said}");
    }
}

#[test]
fn every_number_of_a_picture_opens_exactly_its_rows() {
    let desk = Desk::open(sample(), &[]);
    let mut all = BTreeSet::new();
    for place in ["/pictures", "/pictures/network?boxes=6", "/pictures/map?usage=awarded%3Brequired", "/pictures/time?brand=dell"] {
        let found = marks(&desk.get(place));
        assert!(found.len() > 3, "{place}: {found:?}");
        all.extend(found);
    }
    assert!(all.len() > 60, "{}", all.len());
    assert!(all.iter().any(|(place, _)| place.contains("past_")), "the rest leads to its rows");
    for (place, number) in &all {
        let rows = desk.get(place);
        let processes = rows.split("id=\"processes\" data-n=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a number");
        assert_eq!(processes, number.to_string(), "{place}");
    }
}

#[test]
fn pictures_leave_as_files_with_their_names() {
    let desk = Desk::open(sample(), &[]);
    for place in FILES {
        let answer = desk.ask("GET", place, &[], "");
        let (kind, end) = if place.ends_with("svg") { ("image/svg+xml", ".svg\"") } else { ("text/csv", ".csv\"") };
        assert!(answer.status == 200 && answer.head.contains(&format!("content-type: {kind}")), "{place}: {}", answer.head);
        assert!(answer.head.contains("attachment; filename=\"tendertrace-") && answer.head.contains(end), "{place}: {}", answer.head);
        if end == ".svg\"" {
            assert!(answer.body.contains("<?xml version") && answer.body.contains("<style>") && answer.body.contains("<desc"), "{place}");
        }
    }
    let map = desk.get("/pictures/map");
    for name in ["Taiwan", "Hong Kong", "Macao", "no region known", "other countries", "MIT licence"] {
        assert!(map.contains(name), "the map says nothing of {name}");
    }
    assert_eq!(map.matches("class=\"land").count(), 36, "34 provinces and two numbers beside them");
}

/// Awards of one brand to these sellers, a day apart.
fn awards(sellers: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let award = |number: usize, seller: &str| {
        let text = format!(
            "示例市公安局服务器采购项目中标公告\n项目编号：YL-2021-10{number}\n采购人：示例市公安局\n中标供应商：{seller}\n货物名称：服务器 品牌：戴尔 型号：PowerEdge R740 数量：{number}台\n公告日期：2021年3月{number}日\n"
        );
        serde_json::json!({"url": format!("https://invented.example/{number}.html"), "media_type": "text/plain", "content": text})
            .to_string()
    };
    let lines = sellers.iter().enumerate().map(|(at, seller)| award(at + 4, seller)).collect::<Vec<_>>().join("\n");
    let input = folder.path().join("awards.jsonl");
    std::fs::write(&input, lines).unwrap();
    trace(folder.path(), &[input.to_str().unwrap()], "public");
    folder
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[test]
fn a_person_merges_splits_and_takes_back_and_pictures_follow() {
    let desk = Desk::open(awards(&["示例甲科技有限公司", "样本乙贸易有限公司", "示例甲科技有限公司"]), &[]);
    let (one, other) = (encoded("示例甲科技有限公司"), encoded("样本乙贸易有限公司"));
    let sellers = || {
        desk.get("/pictures/network/csv")
            .lines()
            .skip(1)
            .filter_map(|line| line.split(',').nth(1).map(str::to_string))
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(sellers().len(), 2);
    let nobody = desk.post("/party/say", &format!("one={one}&other={other}&verdict=same"));
    assert!(nobody.status == 422 && nobody.body.contains("pseudonym"), "{}", nobody.body);
    let unknown = desk.post("/party/say", &format!("one={one}&other={}&verdict=same&by=eule", encoded("无此公司")));
    assert!(unknown.status == 422 && unknown.body.contains("no party of the case"), "{}", unknown.body);
    assert_eq!(desk.post("/party/say", &format!("one={one}&other={other}&verdict=same&by=eule&note=one+owner")).status, 303);
    let page = desk.get(&format!("/party?name={one}"));
    assert!(page.contains("样本乙贸易有限公司") && page.contains("one owner") && page.contains("eule"), "{page}");
    assert_eq!(sellers().len(), 1);
    let rows = desk.get(&format!("/findings?seller={other}&usage=awarded"));
    assert!(rows.contains("id=\"processes\" data-n=\"3\""), "a seller is all its spellings: {rows}");
    let dossier = desk.get(&format!("/dossier?seller={other}"));
    assert!(dossier.contains("3 contracting processes"), "{dossier}");
    let word = page.split("name=\"word\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a way back");
    assert_eq!(desk.post("/party/undo", &format!("one={one}&word={word}&by=eule")).status, 303);
    let back = desk.get(&format!("/party?name={one}"));
    assert!(back.contains("taken back") && sellers().len() == 2, "{back}");
    desk.post("/party/say", &format!("one={one}&other={other}&verdict=same&by=eule"));
    assert_eq!(desk.post("/party/split", &format!("one={one}&other={other}&by=uhu")).status, 303);
    assert_eq!(sellers().len(), 2, "the later word stands");
    let all = desk.post("/party/split", &format!("one={one}&other={one}&by=uhu"));
    assert!(all.status == 422 && all.body.contains("leave some"), "{}", all.body);
    let journal: Vec<String> = rusqlite::Connection::open(desk.folder.path().join("case/case.db"))
        .unwrap()
        .prepare("SELECT what FROM journal ORDER BY id")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(journal, ["same", "unsay", "same", "not_same"]);
}

#[test]
fn a_lead_of_a_list_goes_where_a_person_says_it_is_another_party() {
    let desk = Desk::open(awards(&["示例甲科技有限公司", "杭州海康威视数字技术股份有限公司"]), &[]);
    let page = desk.get("/parties");
    let row = page.split("<tr>").find(|row| row.contains("list lead")).expect("a party that a list may name");
    let party = links(row).into_iter().find(|link| link.starts_with("/party?")).unwrap();
    let before = desk.get(&party);
    let form = before.split("action=\"/party/say\"").find(|form| form.contains("name=\"list\"")).expect("a form beside the lead");
    let field = |name: &str| {
        let value = form.split(&format!("name=\"{name}\" value=\"")).nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        encoded(&value.replace("&amp;", "&"))
    };
    let said = format!("one={}&other={}&list={}&verdict=not_same&by=eule", field("one"), field("other"), field("list"));
    let leads = |page: &str| page.matches("It is another party").count();
    assert_eq!(desk.post("/party/say", &said).status, 303);
    assert_eq!(leads(&desk.get(&party)) + 1, leads(&before), "this lead is gone, the others stay");
    let word = desk.get(&party).split("name=\"word\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_string();
    desk.post("/party/undo", &format!("one={}&word={word}&by=eule", field("one")));
    assert_eq!(leads(&desk.get(&party)), leads(&before));
}

#[test]
fn a_dossier_of_one_subject_has_its_pictures_and_the_funnel_of_the_whole_case() {
    let desk = Desk::open(sample(), &[]);
    let dossier = desk.get("/dossier?brand=dell");
    for part in ["In order of time", "Through whom, for whom", "Beside which others", "Where", "How it was found", "Taiwan"] {
        assert!(dossier.contains(part), "the dossier lacks: {part}");
    }
    let report = std::fs::read_to_string(desk.folder.path().join("case/report.html")).unwrap();
    let funnel =
        |page: &str| page.split("id=\"funnel-chart-d\">").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default().to_string();
    let steps = |page: &str| funnel(page).split("; ").filter(|step| !step.starts_with("Files")).map(str::to_string).collect::<Vec<_>>();
    assert!(!steps(&dossier).is_empty());
    assert_eq!(steps(&dossier), steps(&report));
}
