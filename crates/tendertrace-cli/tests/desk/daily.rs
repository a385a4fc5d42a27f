//! Searches that are kept, and rules that are tried.

use super::*;

/// A capture line of an invented notice.
fn line(number: usize, text: &str) -> String {
    serde_json::json!({"url": format!("https://invented.example/{number}.html"), "media_type": "text/plain", "published": "2021-03-04", "content": text}).to_string()
}

#[test]
fn a_search_is_kept_and_says_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let notice = |number: usize| {
        line(
            number,
            &format!(
                "示例市公安局服务器采购项目中标公告\n项目编号：YL-2021-{number:03}\n采购人：示例市公安局\n中标供应商：示例甲科技有限公司\n货物名称：服务器 品牌：戴尔 型号：PowerEdge R740 数量：2台\n公告日期：2021年3月{number}日\n"
            ),
        )
    };
    let input = |name: &str, lines: &[String]| {
        std::fs::write(folder.path().join(name), lines.join("\n")).unwrap();
        folder.path().join(name).display().to_string()
    };
    trace(folder.path(), &[&input("one.jsonl", &[notice(1), notice(2)])], "public");
    let two = input("two.jsonl", &[notice(3), line(9, "样本县教育局课桌椅采购项目\n采购人：样本县教育局\n")]);
    let desk = Desk::open(folder, &[]);
    assert!(desk.get("/search?q=%E6%88%B4%E5%B0%94").contains("Save this search"));
    assert_eq!(desk.post("/saved", "name=Dell+%3Cb%3E&query=q%3D%25E6%2588%25B4%25E5%25B0%2594").status, 303);
    assert!(desk.get("/saved").contains("Dell &lt;b&gt;") && desk.get("/").contains("nothing new"));
    // Runs are told apart by the second in which they began.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    trace(desk.folder.path(), &[&two], "public");
    let saved = desk.get("/saved");
    assert!(saved.contains("1 new notice<") && saved.contains(" new finding"), "{saved}");
    let fresh = links(&saved).into_iter().find(|link| link.contains("since=")).expect("a way to what is new");
    let found = desk.get(&fresh);
    assert!(found.contains("<strong>1 notice</strong>") && found.contains("/notice/3145728"), "{found}");
    let came = links(&desk.get("/")).into_iter().find(|link| link.starts_with("/search?since=")).expect("what the last run brought");
    assert!(came.ends_with("since=3145728"), "the third original is the first of the second run: {came}");
    assert_eq!(desk.post("/saved/1", "act=looked").status, 303);
    assert!(desk.get("/saved").contains("nothing new"));
    assert_eq!(desk.post("/saved/1", "act=drop").status, 303);
    assert!(desk.get("/saved").contains("None is saved yet") && desk.get("/saved").contains("Take back"));
    assert_eq!(desk.post("/saved/1", "act=back").status, 303);
    assert!(desk.get("/saved").contains("nothing new"));
    for (place, form) in [("/saved", "query=q%3Dx"), ("/saved/7", "act=drop"), ("/saved/1", "act=sell")] {
        assert!(desk.post(place, form).status >= 400, "{place} {form}");
    }
}

#[test]
fn a_rule_is_tried_on_what_it_would_mend_and_kept_in_the_users_own_layer() {
    let folder = tempfile::tempdir().unwrap();
    let text = "示例县服务器采购项目中标公告\n项目编号：YL-2021-004\n统筹样本机关：示例县公安局\n中标供应商：示例甲科技有限公司\n货物名称：服务器 品牌：戴尔 型号：PowerEdge R740 数量：2台\n";
    std::fs::write(folder.path().join("one.jsonl"), line(1, text)).unwrap();
    let input = folder.path().join("one.jsonl").display().to_string();
    trace(folder.path(), &[&input], "public");
    let desk = Desk::open(folder, &[]);
    let form = links(&desk.get("/")).into_iter().find(|link| link.starts_with("/rule?")).expect("a way to a rule");
    assert!(desk.get(&form).contains("Nothing is written yet"));
    let tried = desk.get(&format!("{form}&field=buyer"));
    assert!(tried.contains("示例县公安局") && tried.contains("Keep the rule"), "{tried}");
    let rules = desk.folder.path().join("case/rulebook");
    assert!(!rules.exists(), "looking writes nothing");
    let form = form.trim_start_matches("/rule?");
    let kept = desk.post("/rule", &format!("{form}&field=buyer"));
    assert!(kept.status == 200 && rules.join("labels/buyer.csv").is_file(), "{}", kept.body);
    let buyer = |desk: &Desk| {
        let db = rusqlite::Connection::open(desk.folder.path().join("case/case.db")).unwrap();
        db.query_row("SELECT buyer FROM notices", [], |row| row.get::<_, Option<String>>(0)).unwrap()
    };
    assert_eq!(buyer(&desk), None);
    trace(desk.folder.path(), &[&input], "public");
    assert_eq!(buyer(&desk).as_deref(), Some("示例县公安局"));
    for form in ["kind=masked&text=x", "kind=unknown_label&text=x&field=nothing", "kind=unknown_label"] {
        assert!(desk.post("/rule", form).status >= 400, "{form}");
    }
}
