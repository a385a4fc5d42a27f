//! Does a case keep what it promises? The real program on invented notices: the same input twice,
//! a kill at any moment, new rules, two writers, damage, decisions, exports.

use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

/// A fixed time, so that two runs can be compared byte by byte.
const NOW: &str = "1767225600";

fn tendertrace() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tendertrace"));
    command.env("SOURCE_DATE_EPOCH", NOW).stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    tendertrace().args(args).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn succeeds(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{args:?}\n{}\n{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

#[track_caller]
fn fails(args: &[&str]) -> String {
    let output = run(args);
    assert_eq!(output.status.code(), Some(2), "{args:?}\n{}\n{}", text(&output.stdout), text(&output.stderr));
    text(&output.stderr)
}

fn invented() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/invented-notices.jsonl").display().to_string()
}

/// A pile of `count` different invented notices.
fn pile(folder: &Path, count: usize) -> String {
    let models = std::fs::read_to_string(invented()).unwrap();
    let models: Vec<serde_json::Value> = models.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut lines = String::new();
    for number in 0..count {
        let mut notice = models[number % models.len()].clone();
        notice["url"] = format!("https://site{}.invented.example/{number}.html", number % 7).into();
        notice["content"] = format!("{}\n附注：虚构样例第{number}号\n", notice["content"].as_str().unwrap()).into();
        lines.push_str(&notice.to_string());
        lines.push('\n');
    }
    let path = folder.join("pile.jsonl");
    std::fs::write(&path, lines).unwrap();
    path.display().to_string()
}

struct CaseFolder {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl CaseFolder {
    fn new() -> CaseFolder {
        let folder = tempfile::tempdir().unwrap();
        CaseFolder { path: folder.path().join("case"), _folder: folder }
    }

    fn arg(&self) -> &str {
        self.path.to_str().unwrap()
    }

    fn db(&self) -> Connection {
        Connection::open(self.path.join("case.db")).unwrap()
    }

    fn number(&self, sql: &str) -> i64 {
        self.db().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Everything in the case but the records of the runs themselves.
    fn dump(&self) -> Vec<String> {
        let db = self.db();
        let mut names =
            db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name").unwrap();
        let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        // Units of names are numbered as they came; a test of their own compares them.
        let kept = names.iter().filter(|name| !["runs", "failures", "journal"].contains(&name.as_str()) && !name.starts_with("name_"));
        kept.flat_map(|name| rows(&db, name)).collect()
    }

    fn originals(&self) -> Vec<u8> {
        std::fs::read(self.path.join("originals/00001.warc.gz")).unwrap()
    }
}

fn rows(db: &Connection, table: &str) -> Vec<String> {
    let mut query = db.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).unwrap();
    let columns = query.column_count();
    let row = |row: &rusqlite::Row| Ok((0..columns).map(|c| format!("{:?}", row.get_ref_unwrap(c))).collect::<Vec<_>>().join("|"));
    query.query_map([], row).unwrap().map(|row| format!("{table}: {}", row.unwrap())).collect()
}

#[track_caller]
fn same(left: &[String], right: &[String]) {
    let different = left.iter().zip(right).find(|(l, r)| l != r);
    assert!(different.is_none() && left.len() == right.len(), "{} and {} rows; first difference: {different:#?}", left.len(), right.len());
}

#[test]
fn the_same_input_twice_changes_nothing() {
    let case = CaseFolder::new();
    succeeds(&["trace", &invented(), "--case", case.arg()]);
    let (dump, originals) = (case.dump(), case.originals());
    assert_eq!(case.number("SELECT count(*) FROM captures"), 5);
    let later = tendertrace().env("SOURCE_DATE_EPOCH", "1780000000").args(["trace", &invented(), "--case", case.arg()]).output().unwrap();
    assert!(later.status.success(), "{}", text(&later.stderr));
    same(&dump, &case.dump());
    assert!(originals == case.originals());
    assert_eq!(case.number("SELECT captures_new + examined + screened FROM runs ORDER BY id DESC LIMIT 1"), 0);
}

#[test]
fn the_same_bytes_from_another_address_are_one_original() {
    let case = CaseFolder::new();
    succeeds(&["trace", &invented(), "--case", case.arg()]);
    let moved = case.path.with_extension("jsonl");
    let line = std::fs::read_to_string(invented())
        .unwrap()
        .lines()
        .nth(3)
        .unwrap()
        .replace(r#""url":null"#, r#""url":"https://copy.invented.example/4.html""#);
    std::fs::write(&moved, line).unwrap();
    succeeds(&["trace", moved.to_str().unwrap(), "--case", case.arg()]);
    assert_eq!(case.number("SELECT count(*) FROM captures"), 6);
    assert_eq!(case.number("SELECT count(*) FROM originals"), 5);
    assert_eq!(case.number("SELECT examined FROM runs ORDER BY id DESC LIMIT 1"), 1, "it has an address now: it is examined again");
    assert_eq!(case.number("SELECT count(*) FROM originals o JOIN captures c ON c.id = o.capture WHERE c.url IS NULL"), 0);
}

#[test]
fn killed_at_any_moment_it_resumes_and_nothing_is_lost_or_doubled() {
    let folder = tempfile::tempdir().unwrap();
    let pile = pile(folder.path(), 2500);
    let whole = CaseFolder::new();
    let started = Instant::now();
    succeeds(&["trace", &pile, "--case", whole.arg()]);
    let duration = started.elapsed();
    let killed = CaseFolder::new();
    let mut kills = 0;
    for moment in [0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.35, 0.4, 0.5] {
        let mut child =
            tendertrace().args(["trace", &pile, "--case", killed.arg()]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(duration.mul_f64(moment));
        kills += usize::from(child.try_wait().unwrap().is_none());
        child.kill().ok();
        child.wait().unwrap();
    }
    assert!(kills >= 2, "only {kills} runs were still going when they were killed");
    succeeds(&["trace", &pile, "--case", killed.arg()]);
    same(&whole.dump(), &killed.dump());
    assert!(whole.originals() == killed.originals(), "the archives differ");
    assert_eq!(killed.number("SELECT count(*) FROM originals"), 2500);
}

#[test]
fn a_torn_record_is_cut_away_and_an_unknown_whole_one_is_taken_in() {
    let case = CaseFolder::new();
    succeeds(&["trace", &invented(), "--case", case.arg()]);
    let (dump, originals) = (case.dump(), case.originals());
    let segment = case.path.join("originals/00001.warc.gz");
    std::fs::write(&segment, [&originals[..], &originals[..150]].concat()).unwrap();
    let output = run(&["trace", "--case", case.arg()]);
    assert!(output.status.success() && text(&output.stderr).contains("150 incomplete bytes"), "{}", text(&output.stderr));
    assert!(originals == case.originals());
    std::fs::remove_file(case.path.join("case.db")).unwrap();
    succeeds(&["trace", &invented(), "--case", case.arg()]);
    same(&dump, &case.dump());
    assert!(originals == case.originals(), "the archive is taken in, not written again");
}

/// A rulebook folder with one file of the given name.
fn rulebook(file: &str, content: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
    folder
}

#[test]
fn new_rules_examine_every_original_again_in_full() {
    let case = CaseFolder::new();
    succeeds(&["trace", &invented(), "--case", case.arg()]);
    let (dump, last) = (case.dump(), "SELECT examined FROM runs ORDER BY id DESC LIMIT 1");
    let own = rulebook("labels/own.csv", "");
    succeeds(&["trace", "--case", case.arg(), "--rulebook", own.path().to_str().unwrap()]);
    assert_eq!(case.number(last), 5, "other rules: everything again");
    succeeds(&["trace", "--case", case.arg(), "--rulebook", own.path().to_str().unwrap()]);
    assert_eq!(case.number(last), 0, "the same rules: nothing");
    succeeds(&["trace", "--case", case.arg()]);
    assert_eq!(case.number(last), 5, "back to the first rules");
    same(&dump, &case.dump());
    succeeds(&["trace", "--case", case.arg(), "--again"]);
    assert_eq!(case.number(last), 5);
    same(&dump, &case.dump());
}

#[test]
fn new_lists_only_screen_again() {
    let case = CaseFolder::new();
    succeeds(&["trace", &invented(), "--case", case.arg()]);
    let dump = case.dump();
    let own = rulebook("names/own.csv", "");
    let both = "SELECT examined * 1000 + screened FROM runs ORDER BY id DESC LIMIT 1";
    succeeds(&["trace", "--case", case.arg(), "--rulebook", own.path().to_str().unwrap()]);
    assert_eq!(case.number(both), case.number("SELECT count(*) FROM notices"), "screened, not examined");
    succeeds(&["trace", "--case", case.arg()]);
    same(&dump, &case.dump());
}

#[test]
fn the_second_writer_is_refused_with_the_reason() {
    let case = CaseFolder::new();
    succeeds(&["trace", &invented(), "--case", case.arg()]);
    let lock = std::fs::OpenOptions::new().write(true).open(case.path.join("lock")).unwrap();
    lock.lock().unwrap();
    let refused = fails(&["trace", &invented(), "--case", case.arg()]);
    assert!(refused.contains("is being written to by another tendertrace"), "{refused}");
    drop(lock);
    succeeds(&["trace", &invented(), "--case", case.arg()]);
}

#[test]
fn a_folder_with_other_files_is_not_made_a_case() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("thesis.odt"), "x").unwrap();
    let refused = fails(&["trace", &invented(), "--case", folder.path().to_str().unwrap()]);
    assert!(refused.contains("is no case"), "{refused}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn verify_proves_every_quote_and_finds_damage() {
    let case = CaseFolder::new();
    succeeds(&["trace", &invented(), "--case", case.arg()]);
    let proof: serde_json::Value = serde_json::from_str(&succeeds(&["verify", case.arg(), "--json"])).unwrap();
    assert_eq!((proof["originals"].as_i64(), proof["failures"].as_array().map(Vec::len)), (Some(5), Some(0)), "{proof}");
    let segment = case.path.join("originals/00001.warc.gz");
    let mut bytes = case.originals();
    let at = usize::try_from(case.number("SELECT offset + length / 2 FROM originals WHERE id = 3")).unwrap();
    bytes[at] ^= 0xff;
    std::fs::write(&segment, bytes).unwrap();
    let damage = fails(&["verify", "--case", case.arg()]);
    assert!(damage.contains("originals/00001.warc.gz") && damage.contains("from a backup"), "{damage}");
}

#[test]
fn confidential_captures_are_in_no_export_by_default() {
    let case = CaseFolder::new();
    succeeds(&["trace", &invented(), "--case", case.arg(), "--access", "confidential"]);
    assert_eq!(succeeds(&["export", case.arg(), "--to", "jsonl"]), "");
    let all = succeeds(&["export", case.arg(), "--to", "jsonl", "--with-confidential"]);
    assert_eq!(all.lines().count() as i64, case.number("SELECT count(*) FROM notices"));
    for rows in ["findings", "notices", "sellers", "leads", "sites", "winners", "purchases"] {
        assert_eq!(succeeds(&["export", "--case", case.arg(), "--to", "csv", "--rows", rows]).lines().count(), 1, "{rows}: the head only");
    }
    let notices = ["export", case.arg(), "--to", "csv", "--rows", "notices", "--with-confidential"];
    assert_eq!(succeeds(&notices).lines().count(), 6, "unless they are asked for");
    let package = |more: &[&str]| -> serde_json::Value {
        serde_json::from_str(&succeeds(&[&["export", case.arg(), "--to", "ocds"], more].concat())).unwrap()
    };
    assert_eq!(package(&[])["releases"].as_array().map(Vec::len), Some(0));
    assert_eq!(package(&["--with-confidential"])["releases"].as_array().map(Vec::len), Some(5));
    assert_eq!(succeeds(&["export", case.arg(), "--to", "ftm"]), "");
    let entities = succeeds(&["export", case.arg(), "--to", "ftm", "--with-confidential"]);
    assert_eq!(entities.matches(r#""schema":"Document""#).count(), 5);
    assert!(!entities.contains(case.arg()), "no local path");
    let report = std::fs::read_to_string(case.path.join("report.html")).unwrap();
    assert!(!report.contains("示例市公安局") && !report.contains("zfcg.invented.example"), "the page that is passed on does not hold them");
}

#[test]
fn access_becomes_stricter_but_never_laxer() {
    let case = CaseFolder::new();
    let of = |access| format!("SELECT count(*) FROM notices WHERE access = '{access}'");
    for (given, expected) in [("public", "public"), ("restricted", "restricted"), ("public", "restricted")] {
        succeeds(&["trace", &invented(), "--case", case.arg(), "--access", given]);
        assert_eq!(case.number(&of(expected)), case.number("SELECT count(*) FROM notices"), "{given}");
    }
    std::fs::remove_file(case.path.join("case.db")).unwrap();
    succeeds(&["trace", &invented(), "--case", case.arg()]);
    assert_eq!(case.number(&of("restricted")), 5, "the archive itself knows it");
}

/// Awards to three spellings: one company twice, and one that is only like it.
fn awards(folder: &Path) -> String {
    let lines = [("1", "武汉市样恒科技有限公司"), ("2", "武汉市樣恆科技有限责任公司"), ("3", "武汉市样恒网络科技有限公司")].map(|(number, supplier)| {
        let content = format!("示例市公安局第{number}号采购项目中标公告（虚构样例）\n项目编号：EN-2021-000{number}\n采购人：示例市公安局\n中标供应商：{supplier}\n中标金额：{number}00000元\n");
        serde_json::json!({"url": format!("https://a.invented.example/{number}.html"), "title": "中标公告", "published": "2021-03-05", "media_type": "text/plain", "content": content}).to_string()
    });
    let path = folder.join("awards.jsonl");
    std::fs::write(&path, lines.join("\n")).unwrap();
    path.display().to_string()
}

/// A list of our own that names the first company, as a layer of rules.
fn listing(folder: &Path) -> String {
    let list = folder.join("rules/lists/own");
    std::fs::create_dir_all(&list).unwrap();
    let source = "id = \"own\"\ntitle = \"Own\"\npublisher = \"us\"\nlicence = \"none\"\nurl = \"\"\nversion = \"1\"\nretrieved = \"2021-01-01\"\nsha256 = \"\"\ndated_by = \"listing\"\nentries = 1\neffect = \"none\"\nnot_effect = \"none\"\n";
    std::fs::write(list.join("source.toml"), source).unwrap();
    let head = "id,name,name_zh,name_zh_status,aliases,code,address_place,listed_from,listed_to,citation,note";
    std::fs::write(list.join("entries.csv"), format!("{head}\none,Yangheng Sample Co.,武汉市样恒科技有限公司,sourced,,,,2020-01-01,,,\n"))
        .unwrap();
    folder.join("rules").display().to_string()
}

/// Spellings of the entity that holds `name`.
fn spellings(case: &str, name: &str) -> Vec<String> {
    let lines = succeeds(&["entities", case, "--name", name, "--json"]);
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().expect("an entity")).unwrap();
    first["spellings"].as_array().unwrap().iter().map(|s| s.as_str().unwrap().to_string()).collect()
}

#[test]
fn spellings_become_entities_and_a_persons_word_outlives_runs_and_reaches_the_lists() {
    let folder = tempfile::tempdir().unwrap();
    let (case, input, rules) = (folder.path().join("case").display().to_string(), awards(folder.path()), listing(folder.path()));
    let trace = || succeeds(&["--rulebook", &rules, "trace", &input, "--again", "--case", &case]);
    trace();
    let (one, twin, like) = ("武汉市样恒科技有限公司", "武汉市樣恆科技有限责任公司", "武汉市样恒网络科技有限公司");
    assert_eq!(spellings(&case, one).len(), 2, "two spellings of one company");
    assert!(succeeds(&["entities", &case, "--name", like]).contains("possibly same as"), "the like one is a doubt");
    let leads = |who: &str| {
        let output = run(&["ask", "listed", "--supplier", who, "--to", "csv", "--case", &case]);
        text(&output.stdout).lines().skip(1).filter(|line| line.contains(",own,")).count()
    };
    assert_eq!((leads(one), leads(twin)), (1, 1));
    succeeds(&["--rulebook", &rules, "entities", &case, "--not-same", one, "own:Yangheng Sample Co.", "--by", "eule"]);
    assert_eq!((leads(one), leads(twin)), (0, 0), "said of one spelling, heard for both");
    succeeds(&["entities", &case, "--same", one, like]);
    assert_eq!(spellings(&case, one).len(), 3);
    trace();
    assert_eq!(spellings(&case, one).len(), 3, "a new run hears it too");
    assert_eq!((leads(one), leads(twin)), (0, 0));
    succeeds(&["entities", &case, "--not-same", like, one]);
    assert_eq!(spellings(&case, one).len(), 2, "the later word stands");
    assert!(fails(&["entities", &case, "--same", one, "无此公司"]).contains("no party"));
    let news = succeeds(&["diff", &case, "--since", "2026-01-01"]);
    assert!(news.contains("3 × award") && news.contains("3 × decision"), "{news}");
    assert!(!succeeds(&["diff", &case, "--since", "2026-01-02"]).contains('×'));
    let chain = succeeds(&["ask", "chain", one, "--case", &case, "--to", "csv"]);
    assert_eq!(chain.lines().count(), 3, "both spellings' awards: {chain}");
}

#[test]
fn two_versions_of_a_list_are_compared_and_the_removed_still_screen_by_date() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, rows: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("name,aliases,listed_from,listed_to\n{rows}")).unwrap();
        path.display().to_string()
    };
    let old = file("old.csv", "Quillbrook Sample Optics Co. Ltd.,,2019-10-09,\n");
    let new = file("new.csv", "Haitang Sample Photonics Co. Ltd.,,2021-05-01,\n");
    let merged = folder.path().join("merged.csv").display().to_string();
    let told = succeeds(&["lists", &old, &new, "--merged", &merged, "--on", "2021-05-01"]);
    assert!(told.contains("1 added, 1 removed, 0 changed"), "{told}");
    let in_force = |day: &str| succeeds(&["screen", "Quillbrook Sample Optics Co. Ltd.", "--against", &merged, "--date", day]);
    assert!(in_force("2020-06-01").contains("in force: yes") && in_force("2022-06-01").contains("in force: no"));
    assert!(fails(&["lists", &old, &new, "--merged", &merged]).contains("--on"));
}

fn sample_case(folder: &Path) -> String {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../truth/sample").display().to_string();
    let case = folder.join("case").display().to_string();
    succeeds(&["trace", &sample, "--case", &case]);
    case
}

/// Ids of findings of a usage, in an order of their own.
fn ids(case: &str, condition: &str) -> Vec<String> {
    let db = Connection::open(Path::new(case).join("case.db")).unwrap();
    let mut query = db.prepare(&format!("SELECT finding FROM evidence WHERE NOT copy AND {condition} ORDER BY finding")).unwrap();
    query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_claim_is_signed_answered_published_and_withdrawn() {
    let folder = tempfile::tempdir().unwrap();
    let case = sample_case(folder.path());
    let awards = ids(&case, "brand = 'dell' AND usage = 'awarded' AND strength <> 'weak'");
    let (first, second) = (awards[0].as_str(), awards[1].as_str());
    let sign = ["claim", &case, "sign", "Dell servers are named in two awards.", "--finding", first, "--finding", second, "--by", "eule"];
    assert!(fails(&sign).contains("not accepted"));
    for finding in [first, second] {
        succeeds(&["decide", &case, finding, "accept", "--by", "eule"]);
    }
    assert!(fails(&sign).contains("one person"), "an award needs two readers");
    for finding in [first, second] {
        succeeds(&["decide", &case, finding, "accept", "--by", "uhu"]);
    }
    assert!(succeeds(&sign).contains("[signed] Dell servers are named in two awards."));
    assert!(fails(&["claim", &case, "withdraw", "1", "--reason", "x"]).contains("not published"));
    let reply = |answer: &str| {
        [
            "claim",
            &case,
            "reply",
            "1",
            "--answer",
            answer,
            "--on",
            "2026-01-05",
            "--party",
            "Dell",
            "--text",
            "Call 13912345678: we sold none.",
        ]
        .map(str::to_string)
    };
    let disputed = reply("disputed");
    succeeds(&disputed.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(fails(&["claim", &case, "reply", "1", "--answer", "corrected", "--on", "soon", "--text", "x"]).contains("no day"));
    let letter = || {
        let said = succeeds(&["letter", "--brand", "dell", "--case", &case]);
        std::fs::read_to_string(said.split(": ").nth(1).unwrap().split(" (").next().unwrap()).unwrap()
    };
    let dossier = || {
        succeeds(&["dossier", "--brand", "dell", "--case", &case]);
        std::fs::read_to_string(Path::new(&case).join("dossiers/dell.html")).unwrap()
    };
    for page in [letter(), dossier()] {
        assert!(
            page.contains("Dell servers are named in two awards.") && page.contains("disputes it") && page.contains("we sold none"),
            "{page}"
        );
        assert!(
            !page.contains("eule") && !page.contains("uhu") && !page.contains("13912345678"),
            "who signed and telephones stay in the case"
        );
    }
    succeeds(&["claim", &case, "publish", "1", "--on", "2026-01-09", "--place", "The Invented Paper"]);
    assert!(fails(&["claim", &case, "drop", "1"]).contains("withdraw it with a reason"));
    succeeds(&["claim", &case, "withdraw", "1", "--finding", first, "--reason", "the page was of another project", "--by", "eule"]);
    let after = dossier();
    assert!(after.contains("<h2>Withdrawn</h2>") && after.contains("the page was of another project"), "{after}");
    assert!(
        !after.contains("<h2>Claims</h2>") && !after.contains(&format!("id=\"f-{first}\"")),
        "what is withdrawn is no finding any more"
    );
    assert!(!letter().contains("Dell servers are named in two awards."));
    let listed = succeeds(&["claim", &case]);
    let entry = listed.lines().find(|line| line.contains(" withdrawn ") && line.contains("entry")).unwrap();
    let number = entry.trim().strip_prefix("entry ").unwrap().split(':').next().unwrap();
    assert!(succeeds(&["claim", &case, "undo", number]).contains("[published]"), "the withdrawal and its rejection are taken back");
    assert!(dossier().contains("<h2>Claims</h2>"));
    succeeds(&["decide", &case, second, "unsure", "--by", "uhu"]);
    let again = dossier();
    assert!(!again.contains("<h2>Claims</h2>") && again.contains("1 claim is left out"), "{again}");
}

#[test]
fn a_companys_statement_is_drawn_inside_its_scope_only() {
    let folder = tempfile::tempdir().unwrap();
    let case = sample_case(folder.path());
    let place = Path::new(&case).join("statements");
    std::fs::create_dir(&place).unwrap();
    let write = |kinds: &str| {
        let text = format!(
            "date = \"2019-01-15\"\nkind = \"pledge\"\ntitle = \"No sales to the invented police\"\nsource = \"invented letter\"\nbrands = [\"dell\"]\nbuyer_kinds = [\"{kinds}\"]\n"
        );
        std::fs::write(place.join("pledge.toml"), text).unwrap();
    };
    let dossier = |brand: &str| {
        let out = folder.path().join("dossier.html");
        succeeds(&["dossier", "--brand", brand, "--case", &case, "--out", out.to_str().unwrap()]);
        std::fs::read_to_string(out).unwrap()
    };
    write("public_security");
    let dell = dossier("dell");
    assert!(
        dell.contains("pledge: No sales to the invented police")
            && dell.contains("In its scope: 1 contracting process before, 3 since.")
            && dell.contains("class=\"date\""),
        "{dell}"
    );
    assert!(!dossier("hikvision").contains("invented police"), "another brand");
    write("museum");
    assert!(!dossier("dell").contains("invented police"), "no buyer of the scope");
    std::fs::write(place.join("pledge.toml"), "date = 1").unwrap();
    assert!(fails(&["dossier", "--brand", "dell", "--case", &case]).contains("pledge.toml"));
}
