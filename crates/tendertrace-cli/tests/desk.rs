//! Does the desk answer, and keep what it must keep? The real program on loopback, asked over HTTP as
//! a browser would; nothing but the standard library on this side.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

struct Desk {
    child: Child,
    address: String,
    folder: tempfile::TempDir,
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Desk {
    fn open(folder: tempfile::TempDir, more: &[&str]) -> Desk {
        let case = folder.path().join("case");
        let mut child = Command::new(env!("CARGO_BIN_EXE_tendertrace"))
            .arg("serve")
            .arg(&case)
            .args(["--port", "0"])
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.split("http://").nth(1).unwrap_or_else(|| panic!("no address in {line:?}")).split('/').next().unwrap().to_string();
        Desk { child, address, folder }
    }

    fn ask(&self, method: &str, place: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let host = if headers.iter().any(|(name, _)| *name == "Host") { String::new() } else { format!("Host: {}\r\n", self.address) };
        let more: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        write!(stream, "{method} {place} HTTP/1.1\r\n{host}{more}Connection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
            .unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        Answer { status: head.split(' ').nth(1).unwrap().parse().unwrap(), head: head.to_lowercase(), body: body.to_string() }
    }

    #[track_caller]
    fn get(&self, place: &str) -> String {
        let answer = self.ask("GET", place, &[], "");
        assert_eq!(answer.status, 200, "{place}: {}", answer.body);
        answer.body
    }

    fn post(&self, place: &str, form: &str) -> Answer {
        let origin = format!("http://{}", self.address);
        self.ask("POST", place, &[("Origin", &origin), ("Content-Type", "application/x-www-form-urlencoded")], form)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn trace(folder: &Path, inputs: &[&str], access: &str) {
    let case = folder.join("case");
    let output = Command::new(env!("CARGO_BIN_EXE_tendertrace"))
        .arg("trace")
        .args(inputs)
        .args(["--case", case.to_str().unwrap(), "--access", access])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn sample() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../truth/sample");
    trace(folder.path(), &[sample.to_str().unwrap()], "public");
    folder
}

/// Places of the desk that a page links to.
fn links(html: &str) -> Vec<String> {
    let attributes = html
        .split(['<', '>'])
        .filter(|tag| !tag.starts_with('/'))
        .flat_map(|tag| [" href=\"", " src=\""].map(|name| tag.split(name).nth(1)));
    let places =
        attributes.flatten().filter_map(|rest| rest.split('"').next()).map(|place| place.split('#').next().unwrap().replace("&amp;", "&"));
    places.filter(|place| place.starts_with('/')).collect()
}

/// Every page that can be reached without changing anything, to a bound.
fn crawl(desk: &Desk, most: usize) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut waiting: VecDeque<String> = [
        "/",
        "/search?q=%E5%85%AC",
        "/queue",
        "/claims",
        "/questions",
        "/parties",
        "/pictures",
        "/saved",
        "/api/questions",
        "/api/search?q=%E5%85%AC",
    ]
    .map(str::to_string)
    .into();
    while let Some(place) = waiting.pop_front() {
        if pages.len() >= most || !seen.insert(place.clone()) {
            continue;
        }
        let body = desk.get(&place);
        let kept = links(&body).into_iter().filter(|link| !seen.contains(link) && link.matches('&').count() < 2);
        waiting.extend(kept);
        pages.insert(place, body);
    }
    pages
}

#[test]
fn from_search_to_a_decision_and_back() {
    let desk = Desk::open(sample(), &[]);
    let found = desk.get("/search?q=%E6%88%B4%E5%B0%94&usage=awarded&kind=public_security");
    assert!(found.contains("<mark>戴尔</mark>"), "{found}");
    let notice = links(&found).into_iter().find(|l| l.starts_with("/notice/")).expect("a notice");
    let page = desk.get(&notice);
    let finding = links(&page).into_iter().find(|l| l.starts_with("/finding/")).expect("a finding");
    assert!(desk.get(&finding).contains("unreviewed lead"));
    let decided = desk.post(&format!("{finding}/decide"), "by=eule&verdict=accept&note=read+twice");
    assert_eq!(decided.status, 303, "{}", decided.body);
    let after = desk.get(&finding);
    assert!(after.contains("accepted by a reader") && after.contains("eule") && after.contains("read twice"), "{after}");
    let judgement = after.split("name=\"judgement\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a way back");
    assert_eq!(desk.post(&format!("{finding}/undo"), &format!("judgement={judgement}&by=eule")).status, 303);
    let back = desk.get(&finding);
    assert!(back.contains("unreviewed lead") && back.contains("taken back"), "{back}");
    let keys: Vec<&str> = back.split("name=\"key\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let (number, key) = keys.iter().enumerate().next_back().expect("a quote to translate");
    let form = format!("key={key}&number={number}&by=eule&translation=two+servers+%3Cb%3E");
    assert_eq!(desk.post(&format!("{finding}/translate"), &form).status, 303);
    let translated = desk.get(&finding);
    assert!(translated.matches("“two servers &lt;b&gt;”").count() == 2 && translated.contains("Translated by a person"), "{translated}");
    assert_eq!(
        desk.post(&format!("{finding}/translate"), &form.replace(&format!("number={number}"), "number=7")).status,
        500,
        "the key is another text's"
    );
    assert_eq!(desk.post(&format!("{finding}/untranslate"), "translation=1&by=eule").status, 303);
    assert!(!desk.get(&finding).contains("Translated by a person"));
    let nobody = desk.post(&format!("{finding}/decide"), "by=&verdict=accept");
    assert!(nobody.status == 500 && nobody.body.contains("pseudonym"), "a decision nobody made is none");
    let next = desk.post(&format!("{finding}/decide"), "by=eule&verdict=reject&from=queue");
    assert!(next.head.contains("location: /finding/") && next.head.contains("from=queue"), "{}", next.head);
}

#[test]
fn two_people_decide_side_by_side_and_a_claim_is_signed_and_answered() {
    let desk = Desk::open(sample(), &[]);
    let found = desk.get("/search?usage=awarded&brand=dell");
    let finding = links(&found).into_iter().find(|l| l.starts_with("/finding/")).expect("a finding");
    let id = finding.trim_start_matches("/finding/").to_string();
    desk.post(&format!("{finding}/decide"), "by=eule&verdict=accept");
    desk.post(&format!("{finding}/decide"), "by=uhu&verdict=reject");
    assert!(desk.get(&finding).contains("They do not agree."));
    assert!(desk.get("/claims").contains("No finding is ready"));
    desk.post(&format!("{finding}/decide"), "by=uhu&verdict=accept");
    assert!(desk.get(&finding).contains("They agree."));
    assert!(desk.get("/claims").contains(&format!("value=\"{id}\"")));
    let signed = desk.post("/claims", &format!("by=eule&sentence=Named+in+%3Cb%3Eone%3C/b%3E+award&finding={id}"));
    assert!(signed.status == 303 && signed.head.contains("location: /claims#c-1"), "{}", signed.body);
    assert_eq!(desk.post("/claims/1", "by=eule&act=reply&answer=disputed&party=Dell&text=not+ours&on=2026-01-05").status, 303);
    let page = desk.get("/claims");
    assert!(page.contains("Named in &lt;b&gt;one&lt;/b&gt; award") && page.contains("disputes it") && page.contains("not ours"), "{page}");
    let brand = links(&desk.get(&finding)).into_iter().find(|l| l.starts_with("/dossier?brand=")).expect("a way to the dossier");
    let dossier = desk.get(&brand);
    assert!(dossier.contains("disputes it") && !dossier.contains("eule"), "{dossier}");
    let claims: serde_json::Value = serde_json::from_str(&desk.get("/api/claims")).unwrap();
    assert_eq!(claims["claims"][0]["replies"][0]["answer"], "disputed", "{claims}");
    assert!(claims["claims"][0]["stands"] == true && !claims.to_string().contains("eule"), "{claims}");
    assert_eq!(desk.post("/claims/1", "by=eule&act=undo&entry=1").status, 303);
    assert!(!desk.get(&brand).contains("disputes it"));
    for (form, why) in [("act=drop", "pseudonym"), ("by=eule&act=withdraw", "why"), ("by=eule", "choose")] {
        let refused = desk.post("/claims/1", form);
        assert!(refused.status == 500 && refused.body.contains(why), "{form}: {}", refused.body);
    }
    assert_eq!(desk.post("/claims/1", "by=eule&act=drop&text=a+mistake").status, 303);
    assert!(desk.get("/claims").contains("taken back") && !desk.get(&brand).contains("&lt;b&gt;one"));
    let book = desk.ask("GET", "/questions/brand?brand=dell&as=xlsx", &[], "");
    assert!(book.status == 200 && book.head.contains("spreadsheetml") && book.body.starts_with("PK"), "{}", book.head);
    assert!(desk.get("/search?listed=yes").contains("A party was listed then"));
}

#[test]
fn every_page_answers_loads_nothing_from_elsewhere_and_can_be_read_aloud() {
    let desk = Desk::open(sample(), &[]);
    let pages = crawl(&desk, 400);
    assert!(pages.len() > 250, "{}", pages.len());
    for (place, html) in pages
        .iter()
        .filter(|(place, html)| html.starts_with("<!DOCTYPE html>") && !place.ends_with("/raw") && !place.starts_with("/dossier"))
    {
        for needed in ["<html lang=\"en\">", "<title>", "<h1", "<main id=\"main\"", "name=\"viewport\""] {
            assert!(html.contains(needed), "{place} lacks {needed}");
        }
        for forbidden in [" style=\"", "<style", "onclick=", "javascript:", "<img", "src=\"http"] {
            assert!(!html.contains(forbidden), "{place} holds {forbidden}");
        }
        assert_eq!(html.matches("<h1").count(), 1, "{place}");
        let tags: Vec<&str> = html.split('<').collect();
        let fields = tags.iter().filter(|t| t.starts_with("input") && !t.contains("hidden")).count();
        assert!(html.matches("<label").count() >= fields, "{place}: a field without its label");
        let mut ids = BTreeSet::new();
        let repeated = tags.iter().filter_map(|t| t.split(" id=\"").nth(1)?.split('"').next()).find(|id| !ids.insert(*id));
        assert_eq!(repeated, None, "{place}");
    }
    let leave =
        pages.values().flat_map(|page| links(page)).find(|p| p.ends_with("/leave")).map(|p| desk.get(&p)).expect("a page that warns");
    assert!(leave.contains("noreferrer"));
    let answer = desk.ask("GET", "/", &[], "");
    assert!(answer.head.contains("content-security-policy: default-src 'none'; style-src 'self'; script-src 'self'"), "{}", answer.head);
    let raw = pages
        .values()
        .flat_map(|page| links(page))
        .find(|p| p.ends_with("/raw"))
        .map(|p| desk.ask("GET", &p, &[], ""))
        .expect("a raw page");
    assert!(raw.head.contains("content-security-policy: sandbox; default-src 'none'"), "{}", raw.head);
}

#[test]
fn only_this_machine_by_its_own_name_and_only_its_own_pages() {
    let desk = Desk::open(sample(), &[]);
    assert_eq!(desk.ask("GET", "/", &[("Host", "attacker.example")], "").status, 421);
    let form = [("Origin", "https://attacker.example"), ("Content-Type", "application/x-www-form-urlencoded")];
    assert_eq!(desk.ask("POST", "/finding/x/decide", &form, "by=x&verdict=accept").status, 403);
    assert_eq!(desk.ask("POST", "/finding/x/decide", &[("Sec-Fetch-Site", "cross-site"), form[1]], "by=x&verdict=accept").status, 403);
    let case = desk.folder.path().join("case");
    let beyond = Command::new(env!("CARGO_BIN_EXE_tendertrace"))
        .args(["serve", case.to_str().unwrap(), "--listen", "0.0.0.0", "--port", "0"])
        .env_remove("TENDERTRACE_TOKEN")
        .output()
        .unwrap();
    assert_eq!(beyond.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&beyond.stderr).contains("--token"));
}

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
    trace(desk.folder.path(), &[&two], "public");
    let saved = desk.get("/saved");
    assert!(saved.contains("1 new notice<") && saved.contains(" new finding"), "{saved}");
    let fresh = links(&saved).into_iter().find(|link| link.contains("since=")).expect("a way to what is new");
    let found = desk.get(&fresh);
    assert!(found.contains("<strong>1 notice</strong>") && found.contains("/notice/3145728"), "{found}");
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

/// A number that is the same in every run.
fn next(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as usize
}

#[test]
fn a_search_by_words_or_single_characters_finds_what_a_scan_of_every_text_finds() {
    let desk = Desk::open(sample(), &[]);
    let read = |place: &str| serde_json::from_str::<serde_json::Value>(&desk.get(place)).unwrap();
    let found = |query: &str| -> BTreeSet<i64> {
        let place: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let answer = read(&format!("/api/search?limit=100&q={place}"));
        answer["hits"].as_array().unwrap().iter().map(|hit| hit["notice"].as_i64().unwrap()).collect()
    };
    // Han characters alone, folded as a search is, a blank where anything else stood that parts two words.
    let folder = tendertrace::rulebook::Rulebook::embedded().folder;
    let han = |text: &str| -> String {
        let folded = folder.fold(text).text;
        folded.chars().filter(|c| *c != ' ').map(|c| if ('\u{4e00}'..='\u{9fff}').contains(&c) { c } else { ' ' }).collect()
    };
    let db = rusqlite::Connection::open(desk.folder.path().join("case/case.db")).unwrap();
    let mut ids = db.prepare("SELECT id, coalesce(title, '') FROM notices WHERE readable").unwrap();
    let ids: Vec<(i64, String)> = ids.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    let texts: BTreeMap<i64, String> = ids
        .into_iter()
        .map(|(id, title)| {
            let documents = read(&format!("/api/notices/{id}/text"))["documents"].clone();
            let all: Vec<String> = documents.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_string()).collect();
            (id, han(&format!("{title}\n{}", all.join("\n"))))
        })
        .collect();
    assert!(texts.len() > 40 && texts.len() <= 100, "one page of hits holds all {}", texts.len());
    let words: Vec<Vec<char>> =
        texts.values().flat_map(|text| text.split(' ')).filter(|word| !word.is_empty()).map(|word| word.chars().collect()).collect();
    let mut seed = 7;
    let mut stretch = |length: usize| -> String {
        loop {
            let word = &words[next(&mut seed) % words.len()];
            if word.len() >= length {
                let at = next(&mut seed) % (word.len() - length + 1);
                return word[at..at + length].iter().collect();
            }
        }
    };
    for round in 0..60 {
        let (one, other) = (stretch(1 + round % 4), stretch(1 + round % 3));
        let has = |text: &str, word: &str| text.contains(word);
        let scan =
            |keep: &dyn Fn(&str) -> bool| -> BTreeSet<i64> { texts.iter().filter(|(_, text)| keep(text)).map(|(id, _)| *id).collect() };
        assert_eq!(found(&one), scan(&|text| has(text, &one)), "{one}");
        assert_eq!(found(&format!("{one} {other}")), scan(&|text| has(text, &one) && has(text, &other)), "{one} {other}");
        assert_eq!(found(&format!("{one} -{other}")), scan(&|text| has(text, &one) && !has(text, &other)), "{one} -{other}");
        let signs = one.chars().map(String::from).collect::<Vec<_>>();
        assert_eq!(found(&signs.join(" ")), scan(&|text| signs.iter().all(|sign| has(text, sign))), "{one}, character by character");
        assert!(found(&signs.join(" ")).is_superset(&found(&one)), "{one}");
    }
}

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
fn holds_none(place: &str, text: &str, needles: &[(&str, &str)]) {
    for (what, needle) in needles {
        assert!(!text.contains(needle), "{place} shows the {what}");
    }
}

const CONFIDENTIAL: [(&str, &str); 2] = [("confidential notice", "第九看守所"), ("confidential address", "secret.invented.example")];

const FILES: [&str; 13] = [
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
    let finding =
        links(&desk.get("/queue")).into_iter().find(|l| l.starts_with("/finding/")).expect("a finding").replace("?from=queue", "");
    assert_eq!(desk.post(&format!("{finding}/decide"), "by=kanarienleser&verdict=accept").status, 303);
    let pages = crawl(&desk, 300);
    assert!(pages.values().any(|page| page.contains("第九看守所")), "the owner sees what is confidential");
    for (place, text) in pages.iter().filter(|(place, _)| !place.ends_with("/raw")) {
        holds_none(place, text, &CANARIES);
        let leaves = place.ends_with("/csv")
            || place.ends_with("/svg")
            || place.starts_with("/api")
            || place.starts_with("/dossier")
            || place.starts_with("/questions/");
        if leaves {
            holds_none(place, text, &CONFIDENTIAL);
        }
        // Where a person signs, the last pseudonym of this machine is offered.
        let signs = ["/finding/", "/claims", "/party?", "/parties/doubts"].iter().any(|page| place.starts_with(page));
        if leaves || !signs {
            holds_none(place, text, &[("reviewer", "kanarienleser")]);
        }
    }
    for place in FILES {
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

/// Marks of a page: where each leads, and the number it says.
fn marks(page: &str) -> Vec<(String, usize)> {
    let number = |text: &str| {
        text.split("Since then ").nth(1).or(text.rsplit(": ").next())?.split(' ').find_map(|word| word.replace(',', "").parse().ok())
    };
    let of_mark = page.split("<a href=\"").skip(1).filter_map(|rest| {
        let (place, rest) = rest.split_once('"')?;
        let said = rest.strip_prefix(" aria-label=\"").and_then(|rest| rest.split('"').next());
        let cell = rest.strip_prefix('>').and_then(|rest| rest.split('<').next()).and_then(|text| text.replace(',', "").parse().ok());
        Some((place.replace("&amp;", "&"), said.map_or(cell, number)?))
    });
    of_mark.filter(|(place, _)| place.starts_with("/findings?")).collect()
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
    assert!(nobody.status == 500 && nobody.body.contains("pseudonym"), "{}", nobody.body);
    let unknown = desk.post("/party/say", &format!("one={one}&other={}&verdict=same&by=eule", encoded("无此公司")));
    assert!(unknown.status == 500 && unknown.body.contains("no party of the case"), "{}", unknown.body);
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
    assert!(all.status == 500 && all.body.contains("leave some"), "{}", all.body);
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
