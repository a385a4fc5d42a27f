//! Letters for comment and screenings: what goes out, what is kept, and what lapses.

use super::safe::holds_none;
use super::*;

/// A finding of an award in the sample, its id, and the way to a letter to its brand.
fn award(desk: &Desk) -> (String, String, String) {
    let finding =
        links(&desk.get("/findings?usage=awarded&brand=dell")).into_iter().find(|l| l.starts_with("/finding/")).expect("a finding");
    let id = finding.trim_start_matches("/finding/").to_string();
    (finding, id, "/letters?brand=dell".to_string())
}

#[test]
fn a_letter_holds_what_two_people_accept_warns_and_is_never_changed() {
    let desk = Desk::open(sample(), &[]);
    let (finding, id, letters) = award(&desk);
    assert!(desk.get("/letters").contains("No finding is accepted yet"));
    desk.post(&format!("{finding}/decide"), "by=eule&verdict=accept");
    let one = desk.get(&letters);
    assert!(one.contains("0 statements go in") && one.contains("1 accepted finding is not in it"), "{one}");
    desk.post(&format!("{finding}/decide"), "by=uhu&verdict=accept");
    desk.post("/claims", &format!("by=eule&sentence=Named+in+one+award&finding={id}"));
    let two = desk.get(&letters);
    assert!(two.contains("1 statement goes in") && two.contains("1 claim goes in") && two.contains("no independent archive copy"), "{two}");
    let refused = desk.post("/letters", "by=eule&brand=dell");
    assert!(refused.status == 422 && refused.body.contains("no independent archive copy"), "{}", refused.body);
    assert_eq!(desk.post("/letters", "by=eule&brand=dell&warned=yes").status, 303);
    let frozen = desk.get("/letters/dell-1.html");
    assert!(frozen.contains("Named in one award") && frozen.contains("Request for comment") && !frozen.contains("eule"), "{frozen}");
    desk.post("/claims/1", "by=eule&act=reply&answer=disputed&party=Dell&text=not+ours&on=2026-01-05");
    assert_eq!(desk.post("/letters", "by=eule&brand=dell&warned=yes").status, 303);
    assert_eq!(desk.get("/letters/dell-1.html"), frozen, "a frozen version stays what it was");
    assert!(desk.get("/letters/dell-2.html").contains("disputes it"), "answers are printed from then on");
    let versions = desk.get("/letters");
    assert!(versions.contains("dell-1.html") && versions.contains("claim 1") && versions.contains("by eule"), "{versions}");
    std::fs::write(desk.folder.path().join("case/letters/dell-1.html"), "another").unwrap();
    assert!(desk.get("/letters").contains("the file is not what was frozen"));
    let told: serde_json::Value = serde_json::from_str(&desk.get("/api/letters")).unwrap();
    assert!(
        told["letters"][1]["unchanged"] == false && told["letters"][0]["unchanged"] == true && !told.to_string().contains("eule"),
        "{told}"
    );
    desk.post(&format!("{finding}/decide"), "by=uhu&verdict=reject");
    let objected = desk.get(&letters);
    assert!(objected.contains("0 statements go in") && desk.get("/").contains("signed claims on a finding that changed"), "{objected}");
    assert_eq!(desk.ask("GET", "/letters/draft?brand=dell", &[], "").status, 400);
    for outside in ["..%2Fcase.db", "..%2F..%2Fcase.db", "%2Fetc%2Fpasswd"] {
        assert_eq!(desk.ask("GET", &format!("/letters/{outside}"), &[], "").status, 404, "{outside}");
    }
}

#[test]
fn a_screening_is_looked_at_kept_decided_and_leaves_without_who_decided() {
    let desk = Desk::open(sample(), &[]);
    let name = "%E6%9D%AD%E5%B7%9E%E6%B5%B7%E5%BA%B7%E5%A8%81%E8%A7%86%E6%95%B0%E5%AD%97%E6%8A%80%E6%9C%AF%E8%82%A1%E4%BB%BD%E6%9C%89%E9%99%90%E5%85%AC%E5%8F%B8";
    let looked = desk.get(&format!("/screenings?names={name}&date=2022-01-01"));
    assert!(looked.contains("us-entity-list") && looked.contains("in force on that date") && looked.contains("None yet."), "{looked}");
    assert_eq!(desk.post("/screenings", &format!("by=eule&date=2022-01-01&names={name}%0A%E5%BC%A0%E4%B8%89")).status, 303);
    let kept = desk.get("/screenings");
    assert!(kept.contains("open 1") && kept.contains("by eule") && kept.contains("the case: "), "{kept}");
    assert!(!kept.contains("张三"), "persons are withheld");
    assert_eq!(desk.post("/screenings/1", "by=uhu&verdict=hit&note=same+credit+code").status, 303);
    assert!(desk.get("/screenings?state=hit").contains("same credit code"));
    assert_eq!(desk.post("/screenings/1", "by=uhu&verdict=maybe").status, 422);
    assert_eq!(desk.post("/screenings/99", "by=uhu&verdict=clear").status, 422);
    let told: serde_json::Value = serde_json::from_str(&desk.get("/api/screenings")).unwrap();
    assert_eq!(told["screenings"][0]["state"], "hit", "{told}");
    for place in ["/api/screenings", "/screenings/file/csv", "/screenings/file/json"] {
        holds_none(place, &desk.get(place), &[("who asked", "eule"), ("who decided", "uhu"), ("person", "张三")]);
    }
    let book = desk.ask("GET", "/screenings/file/xlsx", &[], "");
    assert!(book.status == 200 && book.body.starts_with("PK"), "{}", book.head);
    assert_eq!(desk.ask("GET", "/screenings/file/pdf", &[], "").status, 404);
    let many = "x%0A".repeat(201);
    assert!(desk.get(&format!("/screenings?names={many}")).contains("at most 200 names"));
}

#[test]
fn an_award_that_comes_later_makes_a_clearance_lapse_on_the_desk() {
    let folder = tempfile::tempdir().unwrap();
    let line = |number: usize| {
        let text = format!(
            "示例市公安局服务器采购项目中标公告\n项目编号：YL-2021-{number:03}\n采购人：示例市公安局\n中标供应商：示例甲科技有限公司\n货物名称：服务器 品牌：戴尔 型号：PowerEdge R740 数量：2台\n"
        );
        serde_json::json!({"url": format!("https://invented.example/{number}.html"), "media_type": "text/plain", "published": "2021-03-04", "content": text}).to_string()
    };
    let input = |number: usize| {
        let path = folder.path().join(format!("{number}.jsonl"));
        std::fs::write(&path, line(number)).unwrap();
        path.display().to_string()
    };
    let (one, two) = (input(1), input(2));
    trace(folder.path(), &[&one], "public");
    let desk = Desk::open(folder, &[]);
    assert_eq!(
        desk.post("/screenings", "by=eule&names=%E7%A4%BA%E4%BE%8B%E7%94%B2%E7%A7%91%E6%8A%80%E6%9C%89%E9%99%90%E5%85%AC%E5%8F%B8").status,
        303
    );
    assert!(desk.get("/screenings").contains("clear 1"));
    trace(desk.folder.path(), &[&two], "public");
    let lapsed = desk.get("/screenings");
    assert!(lapsed.contains("lapsed 1") && lapsed.contains("lapsed: a new award"), "{lapsed}");
}
