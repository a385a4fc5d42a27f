//! What leaves the desk, and to whom: planted secrets, teams, the description of the API.

use super::*;

/// What must not come out, by where it was put in.
const CANARIES: [(&str, &str); 5] = [
    ("path", "kanarienpfad"),
    ("token", "kanarientoken77"),
    ("author", "kanarienautor"),
    ("telephone", "0991-7654321"),
    ("contact", "金丝雀"),
];

fn planted() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let inputs = folder.path().join("kanarienpfad");
    std::fs::create_dir(&inputs).unwrap();
    let text = "示例市公安局服务器采购项目中标公告\n项目编号：YL-2021-007\n采购人：示例市公安局\n项目联系人：金丝雀\n联系电话：0991-7654321\n中标供应商：示例甲科技有限公司\n货物名称：服务器 品牌：戴尔 型号：PowerEdge R740 数量：2台\n公告日期：2021年3月4日\n";
    let line = |url: &str, text: &str| {
        serde_json::json!({"url": url, "title": "示例市公安局服务器采购项目中标公告", "media_type": "text/plain", "published": "2021-03-04", "author": "kanarienautor", "content": text}).to_string()
    };
    std::fs::write(inputs.join("open.jsonl"), line("https://invented.example/1.html?token=kanarientoken77&id=1", text)).unwrap();
    std::fs::write(
        inputs.join("secret.jsonl"),
        line("https://secret.invented.example/2.html", &text.replace("示例市公安局", "示例市第九看守所").replace("007", "009")),
    )
    .unwrap();
    trace(folder.path(), &[inputs.join("open.jsonl").to_str().unwrap()], "public");
    trace(folder.path(), &[inputs.join("secret.jsonl").to_str().unwrap()], "confidential");
    folder
}

#[track_caller]
pub fn holds_none(place: &str, text: &str, needles: &[(&str, &str)]) {
    for (what, needle) in needles {
        assert!(!text.contains(needle), "{place} shows the {what}");
    }
}

const CONFIDENTIAL: [(&str, &str); 2] = [("confidential notice", "第九看守所"), ("confidential address", "secret.invented.example")];

pub const FILES: [&str; 13] = [
    "/pictures/years/svg",
    "/pictures/years/csv",
    "/pictures/kinds/svg",
    "/pictures/kinds/csv",
    "/pictures/purposes/svg",
    "/pictures/purposes/csv",
    "/pictures/map/svg",
    "/pictures/map/csv",
    "/pictures/network/svg",
    "/pictures/network/csv",
    "/pictures/time/svg",
    "/pictures/time/csv",
    "/findings/csv?usage=awarded",
];

#[test]
fn planted_secrets_come_out_nowhere() {
    let desk = Desk::open(planted(), &[]);
    let queue = links(&desk.get("/queue"));
    let findings: BTreeSet<String> = queue.iter().filter(|l| l.starts_with("/finding/")).map(|l| l.replace("?from=queue", "")).collect();
    assert!(findings.len() > 1, "an open one and a confidential one");
    for (finding, by) in findings.iter().flat_map(|finding| [(finding, "kanarienleser"), (finding, "zweitleserin")]) {
        assert_eq!(desk.post(&format!("{finding}/decide"), &format!("by={by}&verdict=accept")).status, 303);
    }
    assert_eq!(desk.post("/letters", "by=kanarienleser&brand=dell&warned=yes").status, 303);
    let names = "%E7%A4%BA%E4%BE%8B%E7%94%B2%E7%A7%91%E6%8A%80%E6%9C%89%E9%99%90%E5%85%AC%E5%8F%B8";
    assert_eq!(desk.post("/screenings", &format!("by=kanarienleser&names={names}%0A%E9%87%91%E4%B8%9D%E9%9B%80")).status, 303);
    assert_eq!(desk.post("/screenings/1", "by=zweitleserin&verdict=clear").status, 303);
    let pages = crawl(&desk, 300);
    assert!(pages.values().any(|page| page.contains("第九看守所")), "the owner sees what is confidential");
    for (place, text) in pages.iter().filter(|(place, _)| !place.ends_with("/raw")) {
        holds_none(place, text, &CANARIES);
        let leaves = place.ends_with("/csv")
            || place.ends_with("/svg")
            || place.starts_with("/api")
            || is_paper(place)
            || place.starts_with("/screenings/file")
            || place.starts_with("/questions/");
        if leaves {
            holds_none(place, text, &CONFIDENTIAL);
        }
        // Where a person signs, the last pseudonym of this machine is offered.
        let signs =
            ["/finding/", "/claims", "/letters", "/screenings", "/party?", "/parties/doubts"].iter().any(|page| place.starts_with(page));
        if leaves || !signs {
            holds_none(place, text, &[("reviewer", "kanarienleser"), ("second reviewer", "zweitleserin")]);
        }
    }
    for seen in ["/letters/draft", "/letters/dell", "/screenings/file/csv"] {
        assert!(pages.keys().any(|place| place.starts_with(seen)), "{seen} was not looked at");
    }
    for place in FILES.into_iter().chain(["/api/letters", "/api/screenings"]) {
        let file = desk.get(place);
        holds_none(place, &file, &[&CANARIES[..], &CONFIDENTIAL[..], &[("reviewer", "kanarienleser")]].concat());
        assert!(!file.contains("href"), "{place} leads somewhere");
    }
    let case = desk.folder.path().join("case").display().to_string();
    for (name, more) in [
        ("brand", vec![]),
        ("seller", vec![]),
        ("buyer", vec![]),
        ("unknown", vec![]),
        ("weakest", vec![]),
        ("project", vec!["--project", "YL-2021-009"]),
        ("support", vec!["--finding", "0"]),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_tendertrace"))
            .args(["ask", name, "--case", &case, "--to", "csv"])
            .args(&more)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        holds_none(name, &text, &[&CANARIES[..], &CONFIDENTIAL[..], &[("reviewer", "kanarienleser")]].concat());
    }
}

#[test]
fn a_team_needs_the_token_and_is_shown_nothing_confidential() {
    let desk = Desk::open(planted(), &["--token", "abcdefghijklmnop-123"]);
    assert_eq!(desk.ask("GET", "/", &[], "").status, 401);
    assert_eq!(desk.ask("GET", "/?token=abcdefghijklmnop-124", &[], "").status, 401);
    let entered = desk.ask("GET", "/?token=abcdefghijklmnop-123", &[], "");
    assert!(entered.status == 303 && entered.head.contains("httponly") && entered.head.contains("samesite=strict"), "{}", entered.head);
    let bearer = [("Authorization", "Bearer abcdefghijklmnop-123")];
    for place in [
        "/",
        "/queue",
        "/claims",
        "/letters",
        "/letters?brand=dell",
        "/screenings",
        "/dossier?buyer=%E7%9C%8B%E5%AE%88%E6%89%80",
        "/parties",
        "/parties?role=buyer",
        "/search",
        "/pictures",
        "/findings",
        "/parties/doubts",
        "/questions/brand",
        "/api/search",
    ] {
        let answer = desk.ask("GET", place, &bearer, "");
        assert_eq!(answer.status, 200, "{place}");
        holds_none(place, &answer.body, &CONFIDENTIAL);
    }
    let hidden = rusqlite::Connection::open(desk.folder.path().join("case/case.db"))
        .unwrap()
        .query_row("SELECT id FROM notices WHERE access = 'confidential'", [], |row| row.get::<_, i64>(0))
        .unwrap();
    for place in [format!("/notice/{hidden}"), format!("/notice/{hidden}/raw"), format!("/api/notices/{hidden}/text")] {
        let answer = desk.ask("GET", &place, &bearer, "");
        assert!(answer.status >= 400, "{place}");
        holds_none(&place, &answer.body, &CONFIDENTIAL);
    }
}

#[test]
fn the_description_names_every_place_of_the_api_and_no_other() {
    let desk = Desk::open(sample(), &[]);
    let description: serde_json::Value = serde_json::from_str(&desk.get("/api/openapi.json")).unwrap();
    let source = std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/serve/routes.rs")).unwrap();
    let places = source.split(".route(").skip(1).filter_map(|rest| rest.split('"').nth(1));
    let routes: BTreeSet<&str> = places.filter(|route| route.starts_with("/api/") && !route.contains('*')).collect();
    // Every question stands under its own path.
    fn place(path: &str) -> &str {
        if path.starts_with("/api/questions/") { "/api/questions/{name}" } else { path }
    }
    let paths: Vec<&str> = description["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    assert!(paths.contains(&"/api/questions/since"));
    let described: BTreeSet<&str> = paths.into_iter().map(place).collect();
    assert_eq!(routes, described);
    let found: serde_json::Value = serde_json::from_str(&desk.get("/api/search?q=%E6%88%B4%E5%B0%94&limit=20")).unwrap();
    let hits = found["hits"].as_array().unwrap();
    let hit = hits.iter().find(|hit| hit["findings"][0]["finding"].is_string()).expect("a hit with findings");
    let (notice, finding) = (&hit["notice"], &hit["findings"][0]["finding"]);
    for (template, place) in [
        ("/api/notices/{id}", format!("/api/notices/{notice}")),
        ("/api/notices/{id}/text", format!("/api/notices/{notice}/text")),
        ("/api/findings/{id}", format!("/api/findings/{}", finding.as_str().unwrap())),
        ("/api/questions/sellers", "/api/questions/sellers?brand=dell".into()),
    ] {
        let answer: serde_json::Value = serde_json::from_str(&desk.get(&place)).unwrap();
        let mut schema = &description["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        if let Some(name) = schema["$ref"].as_str() {
            schema = description.pointer(name.trim_start_matches('#')).unwrap();
        }
        for key in schema["required"].as_array().unwrap() {
            assert!(answer.get(key.as_str().unwrap()).is_some(), "{place} lacks {key}");
        }
    }
    for (place, status) in [
        ("/api/questions/nothing", 404),
        ("/api/questions/sellers?make=dell", 400),
        ("/api/questions/since", 400),
        ("/api/search?limit=x", 400),
        ("/api/notices/x", 404),
        ("/api/findings/x", 404),
        ("/api/nothing", 404),
    ] {
        let answer = desk.ask("GET", place, &[], "");
        assert_eq!(answer.status, status, "{place}");
        assert!(serde_json::from_str::<serde_json::Value>(&answer.body).unwrap()["error"].is_string());
    }
}

#[test]
fn a_letter_holds_what_two_people_accepted_and_a_dossier_stamps_the_rest() {
    let desk = Desk::open(planted(), &[]);
    let case = desk.folder.path().join("case").display().to_string();
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_tendertrace")).args(args).args(["--case", &case]).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    assert_eq!(run(&["letter", "--brand", "dell"]).0, Some(2), "nothing is accepted yet");
    let queue = desk.get("/queue");
    let findings: BTreeSet<String> =
        links(&queue).into_iter().filter(|l| l.starts_with("/finding/")).map(|l| l.replace("?from=queue", "")).collect();
    let accept = |who: &str| {
        findings
            .iter()
            .for_each(|finding| assert_eq!(desk.post(&format!("{finding}/decide"), &format!("by={who}&verdict=accept")).status, 303))
    };
    accept("kanarienleser");
    let (status, said) = run(&["letter", "--brand", "dell"]);
    assert!(status == Some(2) && said.contains("2 people accepted"), "one reader is not enough for an award: {said}");
    accept("zweitleserin");
    let (status, said) = run(&["letter", "--brand", "dell"]);
    assert!(status == Some(0) && said.contains("no independent archive copy"), "{said}");
    assert_eq!(run(&["letter", "--brand", "dell"]).0, Some(0), "the next version");
    let folder = desk.folder.path().join("case/letters");
    let letters: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(letters.len(), 2);
    assert_eq!(run(&["dossier", "--buyer", "示例市公安局"]).0, Some(0));
    assert_eq!(run(&["dossier", "--buyer", "第九看守所"]).0, Some(2), "confidential captures are in no dossier");
    let dossier = std::fs::read_to_string(desk.folder.path().join("case/dossiers/示例市公安局.html")).unwrap();
    assert!(dossier.contains("PowerEdge") && dossier.contains("accepted by a reader"), "{dossier}");
    for text in letters.iter().map(|path| std::fs::read_to_string(path).unwrap()).chain([dossier]) {
        holds_none(
            "paper",
            &text,
            &[&CANARIES[..], &CONFIDENTIAL[..], &[("reviewer", "kanarienleser"), ("reviewer", "zweitleserin")]].concat(),
        );
        assert!(!text.contains("<script") && !text.contains("http://") && text.contains("default-src 'none'"));
    }
}
