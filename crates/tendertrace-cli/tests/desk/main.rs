//! Does the desk answer, and keep what it must keep? The real program on loopback, asked over HTTP as
//! a browser would; nothing but the standard library on this side.

mod daily;
mod letters;
mod pictures;
mod safe;
mod scan;
mod truth;

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
        let at = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&bytes[..at]).to_lowercase();
        let body = &bytes[at + 4..];
        let body = if head.contains("transfer-encoding: chunked") { whole(body) } else { body.to_vec() };
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, body: String::from_utf8_lossy(&body).into_owned(), head }
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

/// The pieces of an answer that came in pieces; one that broke off has no last, empty piece.
#[track_caller]
fn whole(mut pieces: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let line = pieces.windows(2).position(|two| two == b"\r\n").expect("the answer broke off");
        let size = usize::from_str_radix(std::str::from_utf8(&pieces[..line]).unwrap(), 16).unwrap();
        if size == 0 {
            return body;
        }
        body.extend(&pieces[line + 2..line + 2 + size]);
        pieces = &pieces[line + 2 + size + 2..];
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
        "/letters",
        "/screenings",
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
    assert!(!after.contains("no person has read it yet"), "somebody has: {after}");
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
        422,
        "the key is another text's"
    );
    assert_eq!(desk.post(&format!("{finding}/untranslate"), "translation=1&by=eule").status, 303);
    assert!(!desk.get(&finding).contains("Translated by a person"));
    let nobody = desk.post(&format!("{finding}/decide"), "by=&verdict=accept");
    assert!(nobody.status == 422 && nobody.body.contains("pseudonym"), "a decision nobody made is none");
    let next = desk.post(&format!("{finding}/decide"), "by=eule&verdict=reject&from=queue");
    assert!(next.head.contains("location: /finding/") && next.head.contains("from=queue"), "{}", next.head);
    let next = desk.get(next.head.split("location: ").nth(1).unwrap().lines().next().unwrap().trim());
    assert!(
        next.contains("Kept: ") && next.contains("rejected") && next.contains(&finding),
        "the way back to what was just decided: {next}"
    );
}

#[test]
fn the_queue_goes_on_where_nothing_is_settled_and_a_correction_settles() {
    let desk = Desk::open(sample(), &[]);
    let waiting = |desk: &Desk| -> Vec<String> {
        let hits = links(&desk.get("/queue"));
        let mut all: Vec<String> = hits.into_iter().filter(|l| l.ends_with("?from=queue")).map(|l| l.replace("?from=queue", "")).collect();
        all.dedup();
        all
    };
    let all = waiting(&desk);
    let unsure = desk.post(&format!("{}/decide", all[0]), "by=eule&verdict=unsure&from=queue");
    assert!(unsure.head.contains(&format!("location: {}?", all[1])), "not the same again: {}", unsure.head);
    assert!(desk.get(&format!("{}?from=queue", all[1])).contains(&format!("href=\"{}?from=queue\" data-key=\"n\"", all[2])));
    assert_eq!(waiting(&desk)[0], all[0], "it is still undecided");
    let corrected = desk.post(&format!("{}/decide", all[1]), "by=eule&verdict=correct&field=quantity&value=3&from=queue");
    assert!(corrected.head.contains(&format!("location: {}?", all[2])), "{}", corrected.head);
    assert!(!waiting(&desk).contains(&all[1]));
}

#[test]
fn a_form_that_cannot_be_taken_is_shown_again_as_it_was_sent() {
    let desk = Desk::open(sample(), &[]);
    let finding = links(&desk.get("/queue")).into_iter().find(|l| l.starts_with("/finding/")).unwrap().replace("?from=queue", "");
    let party = links(&desk.get("/parties")).into_iter().find(|l| l.starts_with("/party?name=")).unwrap();
    let name = party.trim_start_matches("/party?name=").to_string();
    for id in ["eule", "uhu"] {
        desk.post(&format!("{finding}/decide"), &format!("by={id}&verdict=accept"));
    }
    let id = finding.trim_start_matches("/finding/");
    assert_eq!(desk.post("/claims", &format!("by=eule&sentence=One&finding={id}")).status, 303);
    for (place, form, why, kept) in [
        (format!("{finding}/decide"), "verdict=accept&note=my+%3Cwords%3E", "pseudonym", "my &lt;words&gt;"),
        (format!("{finding}/decide"), "by=kauz&verdict=correct&field=lot", "what the page says", "value=\"kauz\""),
        (format!("{finding}/translate"), "by=kauz&number=0&key=x&translation=an+award", "no longer quotes", "an award</textarea>"),
        ("/claims".into(), "by=kauz&sentence=Two+words&finding=ffff", "no finding", "Two words</textarea>"),
        ("/claims/1".into(), "by=kauz&act=reply&answer=disputed&text=not+ours&on=yesterday", "no day", "not ours</textarea>"),
        ("/claims/1".into(), "by=kauz&act=withdraw&text=wrong", "not published", "role=\"alert\""),
        ("/party/say".into(), &format!("by=kauz&one={name}&other=nobody&verdict=same&note=because"), "no party", "value=\"because\""),
        ("/saved".into(), "query=q%3Dx&name=+", "name", "name=\"query\" value=\"q=x\""),
        ("/screenings".into(), "names=Acme&date=soon&by=kauz", "no day", "Acme</textarea>"),
        ("/letters".into(), "by=kauz&brand=hp", "ready", "role=\"alert\""),
    ] {
        let refused = desk.post(&place, form);
        assert_eq!(refused.status, 422, "{place} {form}: {}", refused.body);
        for text in [why, kept] {
            assert!(refused.body.contains(text), "{place} {form} lacks {text}: {}", refused.body);
        }
    }
    for (place, status) in [
        ("/notice/77", 404),
        ("/finding/zz", 404),
        ("/rule?kind=x", 400),
        ("/party", 400),
        ("/questions/none", 404),
        ("/letters/none.html", 404),
    ] {
        let answer = desk.ask("GET", place, &[], "");
        assert!(answer.status == status && answer.body.contains("<h1"), "{place}: {}", answer.status);
    }
}

#[test]
fn a_question_understands_names_and_refuses_what_it_does_not_know() {
    let desk = Desk::open(sample(), &[]);
    let by_ids = desk.get("/api/questions/sellers?brand=oracle&buyer_kind=public_security&region=65&from=2019-10-09");
    let named = desk.get("/questions/sellers?brand=Oracle&buyer_kind=police&region=Xinjiang&from=2019-10");
    let seller = serde_json::from_str::<serde_json::Value>(&by_ids).unwrap()["rows"][0]["supplier"].as_str().unwrap().to_string();
    assert!(
        named.contains(&seller) && named.contains("/questions/brand?brand=oracle&amp;buyer_kind=public_security&amp;region=65"),
        "{named}"
    );
    let refused = desk.get("/questions/sellers?brand=orcale");
    assert!(refused.contains("did you mean oracle") && !refused.contains("Nothing found"), "{refused}");
    for wrong in ["brand=Oracle", "region=Xinjiang", "from=2019-13", "buyer_kind=police", "brand="] {
        assert_eq!(desk.ask("GET", &format!("/api/questions/sellers?{wrong}"), &[], "").status, 400, "{wrong}");
    }
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
        assert!(refused.status == 422 && refused.body.contains(why), "{form}: {}", refused.body);
    }
    assert_eq!(desk.post("/claims/1", "by=eule&act=drop&text=a+mistake").status, 303);
    assert!(desk.get("/claims").contains("taken back") && !desk.get(&brand).contains("&lt;b&gt;one"));
    let book = desk.ask("GET", "/questions/brand?brand=dell&as=xlsx", &[], "");
    assert!(book.status == 200 && book.head.contains("spreadsheetml") && book.body.starts_with("PK"), "{}", book.head);
    assert!(desk.get("/search?listed=yes").contains("A party was listed then"));
}

/// What is written to be printed, with a style sheet of its own.
fn is_paper(place: &str) -> bool {
    place.starts_with("/dossier") || place.starts_with("/letters/")
}

#[test]
fn every_page_answers_loads_nothing_from_elsewhere_and_can_be_read_aloud() {
    let desk = Desk::open(sample(), &[]);
    let pages = crawl(&desk, 400);
    assert!(pages.len() > 250, "{}", pages.len());
    for (place, html) in
        pages.iter().filter(|(place, html)| html.starts_with("<!DOCTYPE html>") && !place.ends_with("/raw") && !is_paper(place))
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
