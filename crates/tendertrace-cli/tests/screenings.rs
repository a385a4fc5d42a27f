//! Would a compliance officer call a quarter's screening done? The real program on invented parties:
//! files of names, a table of owners, records in the case, decisions, and clearances that lapse.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn run_at(now: &str, args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tendertrace"))
        .args(args)
        .env("SOURCE_DATE_EPOCH", now)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    std::io::Write::write_all(&mut child.stdin.take().expect("piped"), input.as_bytes()).expect("written");
    child.wait_with_output().expect("it ends")
}

const JANUARY: &str = "1767225600";
const MARCH: &str = "1772323200";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn lines(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("one JSON object a line")).collect()
}

/// A folder with a case of one award, a list, and a table of owners.
struct World {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

const OWNED: &str = "成都岚岫智能科技有限公司";
const CLEAN: &str = "成都砚池软件有限公司";
const OWNER: &str = "Haitang Sample Photonics Co., Ltd.";

impl World {
    fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let world = World { path: folder.path().to_path_buf(), _folder: folder };
        world.write("list.csv", &format!("name,aliases,listed_from,listed_to\n\"{OWNER}\",武汉海棠样光电技术有限公司,2019-10-09,\n"));
        world.award("1", CLEAN);
        world
    }

    fn write(&self, name: &str, content: &str) -> String {
        std::fs::write(self.path.join(name), content).unwrap();
        self.arg(name)
    }

    fn arg(&self, name: &str) -> String {
        self.path.join(name).display().to_string()
    }

    fn award(&self, number: &str, supplier: &str) -> String {
        let content = format!(
            "示例市公安局第{number}号采购项目中标公告（虚构样例）\n项目编号：EN-2021-000{number}\n采购人：示例市公安局\n中标供应商：{supplier}\n中标金额：{number}00000元\n"
        );
        let line = serde_json::json!({"url": format!("https://a.invented.example/{number}.html"), "title": "中标公告", "published": "2021-03-05", "media_type": "text/plain", "content": content});
        self.write(&format!("award-{number}.jsonl"), &line.to_string())
    }

    fn trace(&self, now: &str, inputs: &[&str]) {
        let case = self.arg("case");
        let output = run_at(now, &[&["trace"], inputs, &["--case", &case]].concat(), "");
        assert!(output.status.success(), "{}", text(&output.stderr));
    }

    fn owners(&self, rows: &str) -> String {
        self.write("owners.csv", &format!("owner,owned,share,from,to,source\n{rows}"))
    }
}

fn state(records: &[Value], name: &str) -> (String, String) {
    let record = records.iter().rev().find(|record| record["name"] == name).expect("a record");
    (record["state"].as_str().unwrap().to_string(), record["lapsed_because"].to_string())
}

fn valid(values: &[Value]) -> Vec<String> {
    let printed = run_at(JANUARY, &["schema", "screening"], "");
    let schema: Value = serde_json::from_slice(&printed.stdout).expect("a schema is JSON");
    let (mut compiler, mut schemas) = (boon::Compiler::new(), boon::Schemas::new());
    compiler.add_resource("schema.json", schema).expect("added");
    let index = compiler.compile("schema.json", &mut schemas).expect("a valid schema");
    values.iter().filter_map(|value| schemas.validate(value, index).err().map(|error| error.to_string())).collect()
}

#[test]
fn a_file_of_distributors_is_answered_row_by_row_with_what_would_help() {
    let world = World::new();
    let list = world.arg("list.csv");
    let file = world.write(
        "distributors.csv",
        &format!("No,English name,企业名称,统一社会信用代码,Event date\n1,,{CLEAN},,2021-03-05\n2,\"{OWNER}\",,,2019/10/8\n3,XT Co.,,,2021-03-05\n4,,武漢海棠樣光電技術有限公司,,5 March\n"),
    );
    let output = run_at(JANUARY, &["screen", "--file", &file, "--against", &list, "--json"], "");
    let said = text(&output.stderr);
    assert!(said.contains("Chinese name = “企业名称”") && said.contains("day = “Event date”"), "{said}");
    assert!(said.contains("distributors.csv:5") && output.status.code() == Some(2), "a day that cannot be read is told: {said}");
    let answers = lines(&output);
    assert_eq!(valid(&answers), Vec::<String>::new());
    let results: Vec<&str> = answers.iter().map(|answer| answer["result"].as_str().unwrap()).collect();
    assert_eq!(results, ["clear", "same", "not_screenable", "same"]);
    assert_eq!((&answers[1]["matches"][0]["in_force"], &answers[1]["matches"][0]["when"]), (&"no".into(), &"before".into()));
    assert_eq!((&answers[3]["matches"][0]["in_force"], &answers[3]["matches"][0]["through"]), (&"unknown".into(), &"alias".into()));
    assert!(answers[2]["what_would_help"].to_string().contains("Chinese name"));
    assert_eq!(answers[1]["against"]["date"], "2019-10-08");
    let streamed = run_at(
        JANUARY,
        &["screen", "--file", "-", "--against", &list, "--json"],
        &format!("{{\"name_zh\":\"{CLEAN}\"}}\n{{\"name\":\"{OWNER}\"}}\n"),
    );
    assert_eq!(lines(&streamed).iter().map(|answer| answer["result"].clone()).collect::<Vec<_>>(), ["clear", "same"]);
}

#[test]
fn a_listed_owner_is_shown_with_the_way_and_never_as_the_party_itself() {
    let world = World::new();
    let owners = world.owners(&format!(
        "\"{OWNER}\",中间控股样本有限公司,60,2018-01-01,,register\n中间控股样本有限公司,{OWNED},50,2018-01-01,,register\n,{OWNED},1,,,\n"
    ));
    let args = ["screen", OWNED, CLEAN, "--against", &world.arg("list.csv"), "--ownership", &owners, "--date", "2021-03-05", "--json"];
    let output = run_at(JANUARY, &args, "");
    assert!(text(&output.stderr).contains("owners.csv:4") && output.status.code() == Some(2), "{}", text(&output.stderr));
    let answers = lines(&output);
    assert_eq!(valid(&answers), Vec::<String>::new());
    let found = &answers[0]["matches"][0];
    assert_eq!((&found["judgement"], &found["through"], &found["in_force"]), (&"possible".into(), &"owner".into(), &"yes".into()));
    assert_eq!(found["via"]["owner"].as_array().unwrap().len(), 2, "{found}");
    assert_eq!((&found["via"]["owner"][0]["owner"], &found["via"]["reached"]), (&OWNER.into(), &"unknown".into()));
    assert_eq!((&answers[0]["ownership"]["half_owned"], &answers[1]["ownership"]["half_owned"]), (&"yes".into(), &"unknown".into()));
    assert_eq!(answers[0]["against"]["ownership"]["unread"], 1);
    let helps = answers[0]["what_would_help"].to_string();
    assert!(!helps.contains("code"), "the table names the party itself, a code would tell nothing more: {helps}");
}

#[test]
fn a_screening_is_kept_and_its_clearance_lapses_with_award_entry_and_owner() {
    let world = World::new();
    world.trace(JANUARY, &[&world.arg("award-1.jsonl")]);
    let (case, list) = (world.arg("case"), world.arg("list.csv"));
    let names = world.write("names.csv", &format!("name,date\n{CLEAN},2021-03-05\n{OWNED},2021-03-05\n\"{OWNER}\",2021-03-05\nXT Co.,\n"));
    let screened =
        |now: &str| run_at(now, &["screen", "--file", &names, "--against", &list, "--case", &case, "--by", "eule", "--json"], "");
    let answers = lines(&screened(JANUARY));
    assert_eq!(valid(&answers), Vec::<String>::new());
    let held = &answers[0]["against"]["coverage"]["case"];
    assert_eq!((&held["awards"], &held["buyers"][0], &held["funnel"]["awards"]), (&1.into(), &"示例市公安局".into(), &1.into()));
    let records = |now: &str| lines(&run_at(now, &["screenings", &case, "--json"], ""));
    let states = |records: &[Value]| records.iter().map(|record| record["state"].as_str().unwrap().to_string()).collect::<Vec<_>>();
    assert_eq!(states(&records(JANUARY)), ["clear", "clear", "open", "not_screenable"]);
    let decided =
        run_at(JANUARY, &["screenings", &case, "decide", "3", "--as", "hit", "--by", "uhu", "--note", "it is the listed one"], "");
    assert!(decided.status.success(), "{}", text(&decided.stderr));
    assert_eq!(states(&records(JANUARY))[2], "hit");

    world.trace(MARCH, &[&world.award("2", CLEAN)]);
    assert!(state(&records(MARCH), CLEAN).1.contains("a new award"), "{:?}", state(&records(MARCH), CLEAN));
    assert_eq!(state(&records(MARCH), OWNED).0, "clear", "another party's award is not its own");

    let owners = world.owners(&format!("\"{OWNER}\",{OWNED},60,2018-01-01,,register\n"));
    let traced = run_at(MARCH, &["trace", "--case", &case, "--ownership", &owners], "");
    assert!(traced.status.success(), "{}", text(&traced.stderr));
    let (owned, because) = state(&records(MARCH), OWNED);
    assert!(owned == "lapsed" && because.contains("a new owner") && because.contains("a new list entry matches"), "{owned} {because}");
    let news = text(&run_at(MARCH, &["diff", &case, "--since", "2026-02-01"], "").stdout);
    assert!(news.contains("2 × clearance lapsed") && news.contains(OWNED), "{news}");

    let answers = lines(&screened(MARCH));
    assert_eq!(answers[1]["result"], "possible", "the case's owners are asked without being given again");
    let now = records(MARCH);
    assert_eq!(states(&now)[..4], ["superseded", "superseded", "superseded", "superseded"]);
    assert_eq!(states(&now)[4..], ["clear", "open", "open", "not_screenable"]);

    for form in ["csv", "json"] {
        let exported = text(&run_at(MARCH, &["screenings", &case, "export", "--to", form], "").stdout);
        assert!(exported.contains("sha256") && exported.contains(CLEAN) && exported.contains("it is the listed one"), "{exported}");
        assert!(!exported.contains("eule") && !exported.contains("uhu"), "who asked and decided stays here: {exported}");
    }
    let book = world.arg("screenings.xlsx");
    assert!(run_at(MARCH, &["screenings", &case, "export", "--to", "xlsx", "--out", &book], "").status.success());
    assert!(std::fs::metadata(&book).unwrap().len() > 1000);
    let journal = rusqlite::Connection::open(Path::new(&case).join("case.db")).unwrap();
    let noted: i64 = journal
        .query_row("SELECT count(*) FROM journal WHERE what IN ('screen', 'decide screening', 'owners')", [], |row| row.get(0))
        .unwrap();
    assert_eq!(noted, 4);
}

#[test]
fn a_changed_list_is_a_hit_in_the_news_and_a_persons_no_reaches_it_at_once() {
    let world = World::new();
    world.trace(JANUARY, &[&world.arg("award-1.jsonl")]);
    let (case, list) = (world.arg("case"), world.arg("list.csv"));
    let screen =
        |now: &str| lines(&run_at(now, &["screen", CLEAN, "--date", "2021-03-05", "--against", &list, "--case", &case, "--json"], ""));
    assert_eq!(screen(JANUARY)[0]["result"], "clear");
    world.write("list.csv", &format!("name,aliases,listed_from,listed_to\n\"{OWNER}\",,2019-10-09,\n{CLEAN},,2020-01-01,\n"));
    assert_eq!(screen(MARCH)[0]["result"], "same");
    let rules = world.path.join("rules/lists/own");
    std::fs::create_dir_all(&rules).unwrap();
    let source = "id = \"own\"\ntitle = \"Own\"\npublisher = \"us\"\nlicence = \"none\"\nurl = \"\"\nversion = \"1\"\nretrieved = \"2021-01-01\"\nsha256 = \"\"\ndated_by = \"listing\"\nentries = 1\neffect = \"none\"\nnot_effect = \"none\"\n";
    std::fs::write(rules.join("source.toml"), source).unwrap();
    let head = "id,name,name_zh,name_zh_status,aliases,code,address_place,listed_from,listed_to,citation,note";
    std::fs::write(rules.join("entries.csv"), format!("{head}\none,Yanchi Sample Software,{CLEAN},sourced,,,,2020-01-01,,,\n")).unwrap();
    let rules = world.arg("rules");
    let traced = run_at(MARCH, &["--rulebook", &rules, "trace", "--case", &case], "");
    assert!(traced.status.success(), "{}", text(&traced.stderr));
    let news = text(&run_at(MARCH, &["--rulebook", &rules, "diff", &case, "--since", "2026-02-01"], "").stdout);
    assert!(news.contains("1 × new list hit") && news.contains("Yanchi Sample Software"), "{news}");
    let report = || std::fs::read_to_string(Path::new(&case).join("report.html")).unwrap();
    assert!(report().contains("Yanchi Sample Software"));
    let said = run_at(MARCH, &["--rulebook", &rules, "entities", &case, "--not-same", CLEAN, "own:Yanchi Sample Software"], "");
    assert!(said.status.success() && text(&said.stdout).contains("report.html"), "{}", text(&said.stderr));
    assert!(!report().contains("Yanchi Sample Software"), "the report follows at once");
    let again = lines(&run_at(MARCH, &["--rulebook", &rules, "screen", CLEAN, "--date", "2021-03-05", "--case", &case, "--json"], ""));
    assert_eq!(again[0]["set_aside"][0]["source"], "own");
}

#[test]
fn owners_reach_the_leads_of_a_case() {
    let world = World::new();
    world.trace(JANUARY, &[&world.award("3", "杭州样本岚岫测试有限公司")]);
    let (case, owners) =
        (world.arg("case"), world.owners("杭州海康威视数字技术股份有限公司,杭州样本岚岫测试有限公司,51,2015-01-01,,register\n"));
    let traced = run_at(JANUARY, &["trace", "--case", &case, "--ownership", &owners], "");
    assert!(traced.status.success(), "{}", text(&traced.stderr));
    let db = rusqlite::Connection::open(Path::new(&case).join("case.db")).unwrap();
    let sql = "SELECT through, judgement, in_force, listed_owner FROM list_leads WHERE list = 'us-entity-list' AND role = 'supplier'";
    let lead: (String, String, String, String) =
        db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).expect("a lead");
    assert_eq!((lead.0.as_str(), lead.1.as_str(), lead.2.as_str()), ("owner", "possible", "yes"));
    let report = std::fs::read_to_string(Path::new(&case).join("report.html")).unwrap();
    assert!(report.contains("as its owner"), "the report says through whom");
}
