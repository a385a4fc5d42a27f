//! Does a search find exactly what stands in the texts? Hundreds of queries cut from them by dice, answered by
//! the desk and by a scan of every text (`scan.rs`): the same notices in the same order, the same numbers
//! beside every facet, nothing highlighted that is not looked for.

use super::scan::{FIELDS, Notice, Scan, Term, case, open, rows, stands};
use super::*;
use serde_json::Value;

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n.max(1)
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

const BODIES: [&str; 8] = ["公安局", "监狱", "人民医院", "教育局", "水利局", "第一中学", "人民检察院", "疾病预防控制中心"];
const PLACES: [&str; 6] = ["示例市", "样本县", "虚构省", "新疆维吾尔自治区示例市", "云南省样本州", "示"];
const GOODS: [&str; 12] = [
    "服务器",
    "存储阵列",
    "数据库软件",
    "人脸识别系统",
    "防火墙",
    "交换机",
    "课桌椅",
    "基因测序仪",
    "视频监控平台",
    "笔记本电脑",
    "打印机",
    "离心机",
];
const MODELS: [&str; 12] = [
    "戴尔 PowerEdge R740",
    "戴尔（DELL）PowerVault ME4",
    "Oracle Database 19c",
    "甲骨文",
    "IBM Power S922",
    "思科C9300-24T",
    "Cisco ASR 1001",
    "英特尔Xeon E5-2680",
    "NVIDIA Tesla V100",
    "希捷 Exos",
    "Windows 10",
    "HPE ProLiant DL380",
];
const FIRMS: [&str; 6] =
    ["示例甲科技有限公司", "样本乙信息技术有限公司", "虚构丙（集团）股份有限公司", "示例丁商贸行", "样本Data系统集成有限公司", "戊"];
const STAGES: [&str; 5] = ["中标公告", "招标公告", "合同公告", "更正公告", "成交结果公告"];

/// Capture lines of invented notices, some of them in other scripts, widths and layouts.
fn invented(count: usize, dice: &mut Dice, alike: &super::scan::Alike) -> String {
    let line = |number: usize, dice: &mut Dice| {
        let (place, body, goods, firm) = (dice.of(&PLACES), dice.of(&BODIES), dice.of(&GOODS), dice.of(&FIRMS));
        let (model, stage) = (dice.of(&MODELS), dice.of(&STAGES));
        let (year, month, day) = (2015 + dice.below(8), 1 + dice.below(12), 1 + dice.below(28));
        let title = format!("{place}{body}{goods}采购项目{stage}");
        let price = 1_000 * (1 + dice.below(9_000));
        let mut text = format!(
            "{title}\n项目编号：YL-{year}-{number:04}\n采购人：{place}{body}\n中标供应商：{firm}\n货物名称：{goods} 品牌型号：{model} 数量：{}台\n中标金额：{price}元\n",
            1 + dice.below(9)
        );
        if !dice.once_in(6) {
            text += &format!("公告日期：{year}年{month}月{day}日\n");
        }
        for _ in 0..dice.below(4) {
            text += &format!("{}，{}；{}\n", dice.of(&GOODS), dice.of(&MODELS), dice.of(&BODIES));
        }
        let text: String = text.chars().map(|c| written(c, number, alike)).collect();
        serde_json::json!({"url": format!("https://invented.example/{number}.html"), "media_type": "text/plain", "title": text.lines().next(), "content": text})
            .to_string()
    };
    (0..count).map(|number| line(number, dice) + "\n").collect()
}

/// A character as the notice of this number writes it.
fn written(c: char, number: usize, alike: &super::scan::Alike) -> String {
    match number % 7 {
        1 => alike.other(c).unwrap_or(c).to_string(),
        2 if c.is_ascii_graphic() => wide(c).to_string(),
        3 if c.is_ascii_alphabetic() => c.to_ascii_uppercase().to_string(),
        4 if "公安局服务器".contains(c) => format!("{c} "),
        5 if "测检".contains(c) => format!("{c}\u{3000}"),
        _ => c.to_string(),
    }
}

fn wide(c: char) -> char {
    if c.is_ascii_graphic() { char::from_u32(c as u32 - 0x21 + 0xFF01).unwrap_or(c) } else { c }
}

/// A query as it is typed, what it means, and what it is narrowed by.
#[derive(Debug, Default)]
struct Asked {
    typed: String,
    terms: Vec<Term>,
    filters: Vec<(&'static str, String)>,
    sort: &'static str,
}

impl Asked {
    fn address(&self, place: &str, more: &str) -> String {
        let mut pairs = vec![format!("q={}", encoded(&self.typed)), format!("sort={}", self.sort)];
        pairs.extend(self.filters.iter().map(|(name, value)| format!("{name}={}", encoded(value))));
        format!("{place}?{}{more}", pairs.join("&"))
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A query cut from the texts.
fn asked(scan: &Scan, dice: &mut Dice) -> Asked {
    let mut asked = Asked { sort: ["", "date", "oldest", "amount"][dice.below(4)], ..Asked::default() };
    for number in 0..[1, 1, 1, 2, 2, 3, 0][dice.below(7)] {
        let field = dice.once_in(5).then(|| dice.below(FIELDS.len()));
        let text = stretch(scan, field, dice);
        let without = dice.once_in(if number == 0 { 12 } else { 3 });
        let quoted = dice.once_in(3) || text.chars().any(char::is_whitespace);
        let (open, close) = *dice.of(&[("\"", "\""), ("“", "”"), ("「", "」")]);
        let (open, close) = if quoted { (open, close) } else { ("", "") };
        let name = field.map_or(String::new(), |field| format!("{}:", FIELDS[field]));
        asked.typed += &format!(" {}{name}{open}{text}{close}", if without { "-" } else { "" });
        asked.terms.push(Term { without, field, plain: scan.alike.plain(&text) });
    }
    let from = dice.of(&scan.notices);
    for _ in 0..[0, 0, 0, 1, 1, 2][dice.below(6)] {
        asked.filters.extend(filter(from, dice));
    }
    asked.filters.sort();
    asked.filters.dedup_by_key(|filter| filter.0);
    asked
}

/// A stretch of a text as somebody might type it; now and then one that stands nowhere.
fn stretch(scan: &Scan, field: Option<usize>, dice: &mut Dice) -> String {
    let notice = dice.of(&scan.notices);
    let text = match field.or_else(|| dice.once_in(4).then_some(0)) {
        Some(field) => &notice.raw_fields[field],
        None => &notice.raw,
    };
    let all: Vec<char> = text.chars().collect();
    let length = [1, 1, 2, 2, 2, 3, 4, 6, 9, 14][dice.below(10)].min(all.len());
    let from = dice.below(all.len() - length + 1);
    let mut cut: String = all[from..from + length].iter().map(|c| respelt(*c, scan, dice)).collect();
    if dice.once_in(4) {
        // Whole words.
        cut = cut.split(|c: char| !c.is_alphanumeric()).max_by_key(|word| word.chars().count()).unwrap_or_default().to_string();
    }
    if dice.once_in(9) {
        cut.push_str(["猋", "龘鱻", "zq7", "局"][dice.below(4)]);
    }
    // Marks that a query is made of stand in none of its words.
    let marks = ['"', '＂', '“', '”', '「', '」', '〝', '〞', '｢', '｣'];
    let cut: String = cut.chars().map(|c| if marks.contains(&c) { ' ' } else { c }).collect();
    let cut = cut.trim_start_matches(|c: char| !c.is_alphanumeric()).trim_end();
    if FIELDS.iter().any(|name| cut.to_lowercase().starts_with(name)) { "局".into() } else { cut.to_string() }
}

fn respelt(c: char, scan: &Scan, dice: &mut Dice) -> char {
    match dice.below(12) {
        0 | 1 => scan.alike.other(c).unwrap_or(c),
        2 if c.is_ascii_alphanumeric() => wide(c),
        3 if c.is_ascii_alphabetic() => c.to_ascii_uppercase(),
        4 if c.is_ascii_alphabetic() => c.to_ascii_lowercase(),
        _ => c,
    }
}

/// Something that a notice is narrowed by; now and then what it is not.
fn filter(notice: &Notice, dice: &mut Dice) -> Vec<(&'static str, String)> {
    let mut all: Vec<(&'static str, String)> =
        notice.values.iter().flat_map(|(name, values)| values.iter().map(|value| (*name, value.clone()))).collect();
    for (finding, _) in &notice.findings {
        all.extend(["brand", "usage", "strength"].into_iter().zip(finding.iter().cloned()));
    }
    all.extend(["unreviewed", "accept", "reject"].map(|value| ("review", value.to_string())));
    all.extend([("since", notice.id.to_string()), ("year", "1999".to_string())]);
    vec![dice.of(&all).clone()]
}

/// What the API answers: how many there are, the ids shown, and the facets.
fn answered(desk: &Desk, asked: &Asked, skip: usize) -> (usize, Vec<i64>, Value) {
    let answer: Value = serde_json::from_str(&desk.get(&asked.address("/api/search", &format!("&limit=100&skip={skip}")))).unwrap();
    assert_eq!(answer["more"], Value::Bool(false), "a case of this size is counted whole");
    let ids = answer["hits"].as_array().unwrap().iter().map(|hit| hit["notice"].as_i64().unwrap()).collect();
    (answer["notices"].as_u64().unwrap() as usize, ids, answer["facets"].clone())
}

const COUNTED: [&str; 11] = ["brand", "usage", "strength", "stage", "kind", "region", "year", "purpose", "list", "listed", "seller"];
/// Hits up to which sellers are counted, values shown of a facet.
const SELLERS_OF: usize = 2_000;
const VALUES: usize = 12;

fn facets_agree(scan: &Scan, hits: &[i64], facets: &Value, asked: &Asked) {
    for name in COUNTED.iter().filter(|name| **name != "seller" || hits.len() <= SELLERS_OF) {
        let mut expected: Vec<(String, usize)> = scan.counts(hits, name).into_iter().collect();
        if *name == "seller" {
            let masks = tendertrace::rulebook::Rulebook::embedded().report.masks;
            expected.retain(|(seller, _)| tendertrace::report::mask::party(seller, &masks) == *seller);
        }
        expected.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        expected.truncate(VALUES);
        let shown = facets[*name].as_array().unwrap().iter();
        let shown: Vec<(String, usize)> =
            shown.map(|one| (one["value"].as_str().unwrap().to_string(), one["notices"].as_u64().unwrap() as usize)).collect();
        assert_eq!(shown, expected, "{name} of {asked:?}");
    }
}

/// How many queries were held beside the scan, how many of them found nothing, and how many hits there were.
#[derive(Debug, Default)]
struct Tally {
    queries: usize,
    nothing: usize,
    hits: usize,
}

impl Tally {
    fn add(&mut self, more: &Tally) {
        self.queries += more.queries;
        self.nothing += more.nothing;
        self.hits += more.hits;
    }
}

/// Asks `count` queries of the dice, narrowed to what the scan holds, and one page of each, the first or another.
fn compare(desk: &Desk, scan: &Scan, within: &[(&'static str, String)], count: usize, dice: &mut Dice) -> Tally {
    let mut tally = Tally::default();
    for _ in 0..count {
        let mut asked = asked(scan, dice);
        asked.filters.retain(|(name, _)| within.iter().all(|(known, _)| known != name));
        asked.filters.extend_from_slice(within);
        let expected = scan.hits(&asked.terms, &asked.filters, asked.sort);
        let skip = if dice.once_in(3) { dice.below(expected.len()) } else { 0 };
        let (number, ids, facets) = answered(desk, &asked, skip);
        assert_eq!(number, expected.len(), "{asked:?} {:?}", ids.iter().find(|id| !expected.contains(id)));
        assert_eq!(ids, expected[skip..expected.len().min(skip + 100)], "{asked:?}");
        facets_agree(scan, &expected, &facets, &asked);
        tally.queries += 1;
        tally.nothing += usize::from(expected.is_empty());
        tally.hits += expected.len();
    }
    tally
}

/// Capture lines of the shipped sample, under titles that the case is told.
fn shipped() -> String {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../truth/sample");
    let mut files: Vec<PathBuf> = std::fs::read_dir(sample).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let line = |file: &PathBuf| {
        let (kind, name) = (file.extension()?.to_str()?, file.file_stem()?.to_str()?);
        let media_type = [("html", "text/html"), ("txt", "text/plain")].iter().find(|known| known.0 == kind)?.1;
        let content = std::fs::read_to_string(file).ok()?;
        let title = format!("样本公告 {name}");
        Some(serde_json::json!({"url": format!("https://sample.example/{name}"), "media_type": media_type, "title": title, "content": content}).to_string() + "\n")
    };
    files.iter().filter_map(line).collect()
}

/// The shipped sample, invented notices, and one that is confidential.
fn written_case(alike: &super::scan::Alike) -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let (open, kept) = (folder.path().join("open.jsonl"), folder.path().join("kept.jsonl"));
    std::fs::write(&open, shipped() + &invented(260, &mut Dice(11), alike)).unwrap();
    std::fs::write(&kept, invented(1, &mut Dice(12), alike).replace("invented.example", "kept.example")).unwrap();
    trace(folder.path(), &[&open.display().to_string()], "public");
    trace(folder.path(), &[&kept.display().to_string()], "confidential");
    Desk::open(folder, &[])
}

/// Accepts some findings, rejects others.
fn decide(desk: &Desk) {
    let sql = "SELECT id FROM findings WHERE ?1 ORDER BY id LIMIT 40";
    let ids: Vec<String> = rows(&case(desk.folder.path()), sql, 1, |row| row.get(0).unwrap());
    for (at, id) in ids.iter().enumerate() {
        let verdict = ["accept", "reject", "unsure"][at % 3];
        assert!(desk.post(&format!("/finding/{id}/decide"), &format!("by=eule&verdict={verdict}")).status < 400);
    }
}

#[test]
fn every_search_finds_what_a_scan_of_every_text_finds() {
    let desk = written_case(&super::scan::Alike::read());
    decide(&desk);
    let scan = Scan::of(&desk, &open(&case(desk.folder.path())));
    let dice = &mut Dice(7);
    let tally = compare(&desk, &scan, &[], 400, dice);
    assert!(tally.queries - tally.nothing > 150 && tally.nothing > 50, "{tally:?}");
    highlighted(&desk, &scan, dice);
    walked(&desk, &scan, dice);
}

/// Every stretch that the page highlights is what was looked for, and something is wherever it stands in the text.
fn highlighted(desk: &Desk, scan: &Scan, dice: &mut Dice) {
    let mut marks = 0;
    for _ in 0..60 {
        let mut asked = asked(scan, dice);
        asked.filters.clear();
        let wanted: Vec<&str> =
            asked.terms.iter().filter(|term| !term.without && !term.plain.is_empty()).map(|term| term.plain.as_str()).collect();
        let page = desk.get(&asked.address("/search", ""));
        for hit in page.split("<li class=\"hit\"").skip(1) {
            let id: i64 = number_after(hit, "/notice/");
            let snippet = hit.split("class=\"snippet\"").nth(1).and_then(|rest| rest.split("</p>").next()).expect("a snippet");
            let marked: Vec<String> =
                snippet.split("<mark>").skip(1).map(|rest| unescaped(rest.split("</mark>").next().unwrap())).collect();
            for stretch in &marked {
                assert!(wanted.contains(&scan.alike.plain(stretch).as_str()), "{stretch:?} is none of {wanted:?}");
            }
            let Some(notice) = scan.notices.iter().find(|notice| notice.id == id) else { continue };
            let any = wanted.iter().any(|term| stands(&notice.body, term));
            assert_eq!(marked.is_empty(), !any, "{wanted:?} in {}", notice.raw);
            marks += marked.len();
        }
    }
    assert!(marks > 300, "{marks}");
}

/// In every order, all pages together hold every hit once.
fn walked(desk: &Desk, scan: &Scan, dice: &mut Dice) {
    for sort in ["", "date", "oldest", "amount"] {
        let plain = dice.of(&["公", "采购", "公告"]).to_string();
        let asked = Asked { typed: plain.clone(), terms: vec![Term { without: false, field: None, plain }], sort, ..Asked::default() };
        let expected = scan.hits(&asked.terms, &[], sort);
        let mut found = Vec::new();
        for number in 1..=(expected.len() + 1).div_ceil(20) + 1 {
            let page = desk.get(&asked.address("/search", &format!("&page={number}")));
            if page.contains(&format!("Page {number} of")) {
                found.extend(page.split("<li class=\"hit\"").skip(1).map(|hit| number_after(hit, "/notice/")));
            }
        }
        let seen: BTreeSet<i64> = found.iter().copied().collect();
        assert_eq!(seen.len(), found.len(), "{sort}: none twice");
        // Whoever sits at the desk sees the confidential one too.
        found.retain(|id| scan.notices.iter().any(|notice| notice.id == *id));
        assert_eq!(seen.len(), found.len() + 1, "{sort}");
        assert_eq!(found, expected, "{sort}");
    }
}

fn number_after(html: &str, before: &str) -> i64 {
    let rest = html.split(before).nth(1).expect("a number");
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

fn unescaped(html: &str) -> String {
    html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

#[test]
fn the_scan_reads_texts_as_people_do() {
    let alike = super::scan::Alike::read();
    for (text, plain) in [
        ("樣本縣　監 獄", "样本县监狱"),
        ("公，安\n局", "公 安 局"),
        ("ＩＢＭ Power-9服务器", "ibm power 9 服务器"),
        (" 戴尔(Dell) ", "戴尔 dell"),
        ("\u{200B}公\u{FEFF}安", "公安"),
    ] {
        assert_eq!(alike.plain(text), plain);
    }
    for (text, term, found) in [
        ("戴尔 poweredge", "power", false),
        ("戴尔 poweredge", "尔 poweredge", true),
        ("公 安局", "公安", false),
        ("a b", "a b", true),
        ("a b", "b", true),
    ] {
        assert_eq!(stands(text, term), found, "{term} in {text}");
    }
}

/// The corpus of real notices, where it is.
#[test]
fn every_search_of_the_real_corpus_finds_what_a_scan_finds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/notices-zh.jsonl");
    if !corpus.is_file() {
        eprintln!("skipped: there is no corpus of real notices beside the repository");
        return;
    }
    // What a page without a title is called hangs on its markup, which a scan of texts does not see.
    let lines = std::fs::read_to_string(corpus).unwrap();
    let titled = |line: &&str| serde_json::from_str::<Value>(line).unwrap()["title"].as_str().is_some_and(|title| !title.trim().is_empty());
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("corpus.jsonl");
    std::fs::write(&input, lines.lines().filter(titled).collect::<Vec<_>>().join("\n")).unwrap();
    trace(folder.path(), &[input.to_str().unwrap()], "public");
    let desk = Desk::open(folder, &[]);
    let scan = Scan::of(&desk, &open(&case(desk.folder.path())));
    let tally = compare(&desk, &scan, &[], 150, &mut Dice(23));
    eprintln!("{} notices: {tally:?}", scan.notices.len());
    assert!(tally.hits > 1_000, "{tally:?}");
}

/// Hits of a search of everything that are read to the last.
const READ: usize = 1_500;

/// A case that is too large to be read: groups of its notices are read whole, and searches are held beside them,
/// those narrowed to a group and those of everything. `TENDERTRACE_LARGE_CASE=FOLDER cargo test --release --test
/// desk large -- --ignored --nocapture`
#[test]
#[ignore = "needs a large case"]
fn every_search_of_a_large_case_finds_what_a_scan_of_some_of_it_finds() {
    let Ok(large) = std::env::var("TENDERTRACE_LARGE_CASE") else { return eprintln!("skipped: no large case is named") };
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(large, folder.path().join("case")).unwrap();
    let db = case(folder.path());
    let desk = Desk::open(folder, &[]);
    let last: i64 = db.query_row("SELECT max(id) FROM notices", [], |row| row.get(0)).unwrap();
    let (mut dice, mut within, mut of_all, mut walked) = (Dice(3), Tally::default(), Tally::default(), 0);
    while within.queries < 400 {
        let from = (dice.below(1 << 31) as i64 * (1 << 20) + dice.below(1 << 20) as i64) % last;
        let known =
            "SELECT buyer, substr(event_date, 1, 4) FROM notices WHERE id >= ?1 AND buyer IS NOT NULL AND event_date IS NOT NULL LIMIT 1";
        let Some([buyer, year]) = rows(&db, known, from, |row| [0, 1].map(|at| row.get::<_, String>(at).unwrap())).pop() else { continue };
        let mut group = db.prepare("SELECT id FROM notices WHERE buyer = ?1 AND substr(event_date, 1, 4) = ?2").unwrap();
        let group: Vec<i64> = group.query_map([&buyer, &year], |row| row.get(0)).unwrap().map(Result::unwrap).take(200).collect();
        if group.len() < 8 || group.len() == 200 {
            continue;
        }
        let scan = Scan::of(&desk, &group);
        let more = compare(&desk, &scan, &[("buyer", buyer), ("year", year)], 16, &mut dice);
        within.add(&more);
        for _ in 0..4 {
            let asked = asked(&scan, &mut dice);
            let expected: BTreeSet<i64> = scan.hits(&asked.terms, &asked.filters, asked.sort).into_iter().collect();
            let found = found_of_all(&desk, &asked);
            walked += found.as_ref().map_or(0, Vec::len);
            if let Some(found) = found {
                let once: BTreeSet<i64> = found.iter().copied().collect();
                assert_eq!(once.len(), found.len(), "none twice: {asked:?}");
                assert_eq!(group.iter().copied().filter(|id| once.contains(id)).collect::<BTreeSet<i64>>(), expected, "{asked:?}");
                let some: Vec<i64> = found.iter().copied().step_by(1 + found.len() / 5).collect();
                let texts = Scan::of(&desk, &some);
                assert_eq!(texts.hits(&asked.terms, &asked.filters, "").len(), some.len(), "{asked:?} is in none of these: {some:?}");
                of_all.add(&Tally { queries: 1, nothing: usize::from(found.is_empty()), hits: expected.len() });
            }
        }
    }
    eprintln!("narrowed to notices that were read: {within:?}; of everything: {of_all:?}, {walked} hits read to the last");
}

/// All hits of a search, where they are few enough.
fn found_of_all(desk: &Desk, asked: &Asked) -> Option<Vec<i64>> {
    let mut found = Vec::new();
    loop {
        let answer: Value =
            serde_json::from_str(&desk.get(&asked.address("/api/search", &format!("&limit=100&skip={}", found.len())))).unwrap();
        let number = answer["notices"].as_u64().unwrap() as usize;
        if number > READ || answer["more"] == Value::Bool(true) {
            return None;
        }
        found.extend(answer["hits"].as_array().unwrap().iter().map(|hit| hit["notice"].as_i64().unwrap()));
        if found.len() >= number {
            return Some(found);
        }
    }
}
