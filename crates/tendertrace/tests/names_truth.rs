//! Labelled truth of the rooms resolve and screen: every row of truth/kinds.csv, truth/regions.csv
//! and truth/names/*.csv is a test of its own.

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tendertrace::evidence::{Sourced, Span};
use tendertrace::model::{Block, BlockKind, Document, EventBasis, EventDate, InForce, Judgement, Notice, Through};
use tendertrace::resolve;
use tendertrace::resolve::names::{Kinship, Name, compare, compare_parsed};
use tendertrace::rulebook::lists::{DatedBy, List, ListEntry, ListSource, NameStatus};
use tendertrace::rulebook::{Files, Rulebook};
use tendertrace::screen;
use tendertrace::sheet::Sheet;

/// The rulebook as it lies in the repository: a change of a row needs no build.
static RULES: LazyLock<Rulebook> = LazyLock::new(|| {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../rulebook");
    let mut files = BTreeMap::new();
    gather(&root, &root, &mut files);
    Rulebook::load(&Files::empty().with_layer(files)).unwrap_or_else(|problems| {
        let lines: Vec<String> = problems.iter().map(|p| p.to_string()).collect();
        panic!("{}", lines.join("\n"))
    })
});

fn gather(root: &Path, dir: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(dir).expect("a folder of the rulebook").flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("inside").to_string_lossy().replace('\\', "/");
            files.insert(name, std::fs::read(&path).expect("readable"));
        }
    }
}

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    trials.extend(kinds());
    trials.extend(regions());
    trials.extend(gold());
    trials.extend(pairs("names/chinese.csv"));
    trials.extend(pairs("names/bilingual.csv"));
    trials.extend(suite());
    trials.push(Trial::test("organisation names: F1 and precision of same", organisations));
    trials.push(Trial::test("screening answers by what a name tells", screenings));
    trials.push(Trial::test("the index finds what comparing everything finds", index_recall));
    trials.push(Trial::test("owners: one half or more, by a table", owners));
    trials.push(Trial::test("owners: whom a list reaches through them", reaches));
    trials.push(Trial::test("lists are whole and dated", lists));
    trials.push(Trial::test("in force: before, on the day, after, removed, undated", in_force));
    trials.push(Trial::test("leads keep to what a name can show", leads));
    assert!(trials.len() > 120, "the truth files hold {} rows only", trials.len());
    libtest_mimic::run(&arguments, trials).exit();
}

fn truth(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../truth").join(file)
}

fn rows<T: serde::de::DeserializeOwned>(file: &str) -> Vec<T> {
    let mut reader = csv::Reader::from_path(truth(file)).expect("the truth file is there");
    reader.deserialize().map(|row| row.unwrap_or_else(|e| panic!("{file}: {e}"))).collect()
}

#[derive(Deserialize)]
struct KindRow {
    name: String,
    kind: String,
    reason: String,
}

fn kinds() -> Vec<Trial> {
    rows::<KindRow>("kinds.csv").into_iter().map(|row| Trial::test(format!("kind {}", row.name), move || kind(&row))).collect()
}

fn kind(row: &KindRow) -> Result<(), Failed> {
    let rule = resolve::kinds::kind_rule(&row.name, &RULES);
    let got = rule.map_or("", |r| r.kind.as_str());
    expect(got, &row.kind, &format!("{} (by {})", row.reason, rule.map_or("none", |r| &r.id)))
}

#[derive(Deserialize)]
struct RegionRow {
    name: String,
    text: String,
    code: String,
    reason: String,
}

fn regions() -> Vec<Trial> {
    let rows = rows::<RegionRow>("regions.csv").into_iter().enumerate();
    rows.map(|(number, row)| Trial::test(format!("region {} {}", number + 2, row.name), move || region(&row))).collect()
}

fn region(row: &RegionRow) -> Result<(), Failed> {
    let (notice, document) = notice_of(&row.name, &row.text);
    let notice = resolve::resolve(notice, &[Sheet::of(&document, &RULES.folder)], &RULES);
    let got = notice.region.as_ref().map_or("", |r| r.value.code.as_str());
    expect(got, &row.code, &format!("{} (by {:?})", row.reason, notice.region.as_ref().map(|r| (&r.rule, &r.derived_from))))
}

/// A notice whose title is the text where that begins with a bracket, and whose buyer is `name`.
fn notice_of(name: &str, text: &str) -> (Notice, Document) {
    let text = format!("{text}\n{name}");
    let mut document = Document { text: text.clone(), ..Document::default() };
    if text.starts_with('【') {
        document.blocks.push(Block { kind: BlockKind::Title, start: 0, end: text.find('\n').unwrap_or(0) });
    }
    let start = text.len() - name.len();
    let at = Span::new(0, start, text.len());
    let buyer = Sourced { value: name.to_string(), raw: name.to_string(), at, rule: "test".into() };
    (Notice { buyer: Some(buyer), ..Notice::default() }, document)
}

fn expect(got: &str, wanted: &str, why: &str) -> Result<(), Failed> {
    if got == wanted { Ok(()) } else { Err(format!("got `{got}`, wanted `{wanted}`: {why}").into()) }
}

/// Kinds and provinces of the hand-labelled notices, where the shared folder is at hand.
fn gold() -> Option<Trial> {
    let Some(shared) = shared() else {
        eprintln!("SKIPPED: gold kinds and provinces (no shared folder; set TENDERTRACE_SHARED)");
        return None;
    };
    Some(Trial::test("gold kinds and provinces", move || gold_holds(&shared)))
}

fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("TENDERTRACE_SHARED").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|up| up.join("shared")).find(|p| p.join("gold").is_dir());
    named.or(beside).filter(|p| p.join("gold").is_dir())
}

fn gold_holds(shared: &Path) -> Result<(), Failed> {
    let labels = json_lines(&shared.join("gold/gold-dev.jsonl"));
    let disputed: serde_json::Value = serde_json::from_slice(&std::fs::read(shared.join("gold/ambiguous.json"))?)?;
    let notices: BTreeMap<String, serde_json::Value> =
        json_lines(&shared.join("corpus/notices-zh.jsonl")).into_iter().map(|n| (text_of(&n["id"]), n)).collect();
    let mut wrong = Vec::new();
    let mut asked = 0;
    for label in &labels {
        let id = text_of(&label["id"]);
        let skip = |field: &str| disputed[&id].as_array().is_some_and(|fields| fields.iter().any(|f| f == field));
        let Some(name) = label["buyer"].as_str() else { continue };
        let content = notices.get(&id).map(|n| format!("{}\n{}", text_of(&n["title"]), text_of(&n["content"]))).unwrap_or_default();
        let (mut notice, mut document) = notice_of(name, &content);
        document.blocks = vec![Block { kind: BlockKind::Title, start: 0, end: content.find('\n').unwrap_or(0) }];
        notice = resolve::resolve(notice, &[Sheet::of(&document, &RULES.folder)], &RULES);
        let kind = notice.buyer_kind.as_ref().map(|k| k.value.clone()).unwrap_or_default();
        let province = notice.region.as_ref().map(|r| r.value.code[..2].to_string()).unwrap_or_default();
        for (field, got) in [("buyer_kind", kind), ("province", province)] {
            if skip(field) {
                continue;
            }
            asked += 1;
            if got != text_of(&label[field]) {
                wrong.push(format!("{id} {name}: {field} is `{got}`, labelled {} {:?}", label[field], notice.region));
            }
        }
    }
    eprintln!("gold kinds and provinces: {} of {asked} right", asked - wrong.len());
    if wrong.len() * 50 <= asked { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn json_lines(path: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(path).expect("readable");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn text_of(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}

#[derive(Deserialize)]
struct PairRow {
    name1: String,
    name2: String,
    judgement: Judgement,
    reason: String,
}

fn pairs(file: &str) -> Vec<Trial> {
    rows::<PairRow>(file).into_iter().map(|row| Trial::test(format!("names {} / {}", row.name1, row.name2), move || pair(&row))).collect()
}

fn pair(row: &PairRow) -> Result<(), Failed> {
    let there = compare(&row.name1, &row.name2, &RULES);
    let back = compare(&row.name2, &row.name1, &RULES);
    if there.judgement != row.judgement {
        return Err(
            format!("got {:?} {}, wanted {:?}: {}; {:?}", there.judgement, there.score, row.judgement, row.reason, there.why).into()
        );
    }
    if (there.score - back.score).abs() > 1e-9 || there.judgement != back.judgement {
        return Err(format!(
            "the other way round it is {:?} {} instead of {:?} {}",
            back.judgement, back.score, there.judgement, there.score
        )
        .into());
    }
    Ok(())
}

#[derive(Deserialize)]
struct OrganisationRow {
    name1: String,
    name2: String,
    same: bool,
    kind: String,
    /// Why a row is known to be missed; empty for all others.
    miss: String,
}

/// truth/org-names.csv: F1 of all that is at least possible, precision of `same`, every miss explained.
fn organisations() -> Result<(), Failed> {
    let rows = rows::<OrganisationRow>("org-names.csv");
    let (mut hits, mut claimed, mut surprises) = (0, 0, Vec::new());
    let (mut called_same, mut wrongly_same, mut at_the_top) = (0, 0, 0);
    for row in &rows {
        let found = compare(&row.name1, &row.name2, &RULES);
        let linked = found.judgement != Judgement::Different;
        hits += usize::from(linked && row.same);
        claimed += usize::from(linked);
        called_same += usize::from(found.judgement == Judgement::Same);
        wrongly_same += usize::from(found.judgement == Judgement::Same && !row.same);
        at_the_top += usize::from(found.score >= 1.0);
        if (linked != row.same) == row.miss.is_empty() {
            surprises.push(format!("{} {} | {} ({}): {:?}", found.score, row.name1, row.name2, row.kind, found.why));
        }
    }
    let wanted = rows.iter().filter(|r| r.same).count();
    let f1 = 2.0 * hits as f64 / (claimed + wanted) as f64;
    eprintln!(
        "organisation names: F1 {f1:.3} on {} pairs ({wanted} of one body); called same {called_same}, wrongly {wrongly_same}",
        rows.len()
    );
    let fine = rows.len() >= 400 && f1 >= 0.97 && wrongly_same * 100 <= called_same * 3 && at_the_top == 0 && surprises.is_empty();
    if fine {
        Ok(())
    } else {
        Err(format!("F1 {f1:.3}, {wrongly_same} wrongly the same, {at_the_top} at 1.0\n{}", surprises.join("\n")).into())
    }
}

#[derive(Deserialize)]
struct ScreeningRow {
    name: String,
    date: String,
    result: String,
    entity: String,
    in_force: String,
    reason: String,
}

/// truth/screenings.csv: the result, and of the best hit on the Entity List its name and whether it was in force.
fn screenings() -> Result<(), Failed> {
    let mut wrong = Vec::new();
    for row in rows::<ScreeningRow>("screenings.csv") {
        let date = (!row.date.is_empty()).then_some(row.date.as_str());
        let screening = screen::screen_name(&row.name, date, &screen::against(date, &RULES), &RULES);
        let got = word(&screening.result);
        let best = screening.matches.iter().find(|m| row.entity.is_empty() || m.entity.starts_with(&row.entity));
        let in_force = best.map(|m| word(&m.in_force)).unwrap_or_default();
        if got != row.result
            || best.is_some() == row.entity.is_empty() && row.result != "clear" && row.result != "not_screenable"
            || in_force != row.in_force
        {
            wrong.push(format!(
                "{} is {got}, in force `{in_force}`, wanted {} `{}`: {}; {:?}",
                row.name,
                row.result,
                row.in_force,
                row.reason,
                screening.matches.first()
            ));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// Every sixth name of truth/org-names.csv against the other side of all rows and every name of the lists.
fn index_recall() -> Result<(), Failed> {
    let rows = rows::<OrganisationRow>("org-names.csv");
    let entries = RULES.lists.lists.iter().flat_map(|list| &list.entries);
    let listed = entries.flat_map(|entry| [&entry.name, &entry.name_zh, &entry.aliases]).flat_map(|names| names.split('|'));
    let names: Vec<&str> = rows.iter().map(|row| row.name2.as_str()).chain(listed).filter(|name| !name.is_empty()).collect();
    let known = screen::known::Known::of(names.iter().map(|name| (*name, "")), &RULES);
    let parsed: Vec<Name> = names.iter().map(|name| Name::parse(name, &RULES)).collect();
    let (mut all, mut missed) = (0, Vec::new());
    for row in rows.iter().step_by(6) {
        let query = Name::parse(&row.name1, &RULES);
        let found: std::collections::HashSet<usize> = known.find(&query, &RULES).into_iter().map(|(at, _)| at).collect();
        for (at, name) in parsed.iter().enumerate() {
            let comparison = compare_parsed(&query, name, &RULES);
            if comparison.judgement != Judgement::Different && comparison.kinship == Kinship::None {
                all += 1;
                if !found.contains(&at) {
                    missed.push(format!("{:?} {} | {}", comparison.judgement, row.name1, names[at]));
                }
            }
        }
    }
    eprintln!("index: {} of {all} found among {} names", all - missed.len(), names.len());
    if all >= 40 && missed.len() * 50 <= all {
        Ok(())
    } else {
        Err(format!("{} of {all} missed\n{}", missed.len(), missed.join("\n")).into())
    }
}

#[derive(Deserialize)]
struct OwnedRow {
    name: String,
    date: String,
    half_owned: String,
    listed_share: String,
    /// Of the best match through an owner; empty: there is none.
    when: String,
    why: String,
    reason: String,
}

#[derive(Deserialize)]
struct ListedRow {
    list: String,
    name: String,
    aliases: String,
    name_zh: String,
    listed_from: String,
    listed_to: String,
}

/// A rulebook with the invented lists and owners of truth/ownership/.
fn owned_world() -> Rulebook {
    let mut rules = Rulebook::embedded();
    rules.lists.lists.clear();
    for row in rows::<ListedRow>("ownership/listed.csv") {
        if rules.lists.lists.last().is_none_or(|list| list.source.id != row.list) {
            let source = ListSource { id: row.list.clone(), ..ListSource::foreign("truth") };
            rules.lists.lists.push(List { source, entries: Vec::new() });
        }
        let status = if row.name_zh.is_empty() { NameStatus::None } else { NameStatus::Sourced };
        let mut entry = RULES.lists.lists[0].entries[0].clone();
        (entry.name, entry.aliases, entry.name_zh, entry.name_zh_status) = (row.name, row.aliases, row.name_zh, status);
        (entry.listed_from, entry.listed_to, entry.code) = (row.listed_from, row.listed_to, String::new());
        rules.lists.lists.last_mut().expect("one list").entries.push(entry);
    }
    let text = std::fs::read_to_string(truth("ownership/stakes.csv")).expect("the table of owners");
    let table = screen::ownership::read(&text).expect("columns of owners");
    assert_eq!(table.problems, []);
    rules.lists.stakes = table.stakes;
    rules
}

fn asked(name: &str, date: &str) -> screen::Asked {
    screen::Asked { name: name.to_string(), date: (!date.is_empty()).then(|| date.to_string()), ..screen::Asked::default() }
}

/// truth/ownership/answers.csv: by the owners of stakes.csv and the lists of listed.csv.
fn owners() -> Result<(), Failed> {
    let rules = owned_world();
    let against = screen::against(None, &rules);
    let mut wrong = Vec::new();
    for row in rows::<OwnedRow>("ownership/answers.csv") {
        let screening = screen::screen_party(&asked(&row.name, &row.date), &against, &rules);
        let said = screening.ownership.as_ref().expect("there is a table");
        let through: Vec<_> = screening.matches.iter().filter(|m| m.through == Through::Owner).collect();
        let when = through.first().map(|m| word(&m.when)).unwrap_or_default();
        let fits = word(&said.half_owned) == row.half_owned
            && said.listed_share == row.listed_share
            && when == row.when
            && (row.why.is_empty() || said.why.contains(&row.why))
            && through.iter().all(|m| m.judgement == Judgement::Possible && m.via.as_ref().is_some_and(|via| !via.owner.is_empty()));
        if !fits {
            wrong.push(format!(
                "{} on {}: {said:?}, when `{when}`, wanted {} {} `{}` {}: {}",
                row.name, row.date, row.half_owned, row.listed_share, row.when, row.why, row.reason
            ));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// A list's own rule on owners, by its days; the same ownership is one thing for one list and another for the next.
fn reaches() -> Result<(), Failed> {
    let mut rules = Rulebook::embedded();
    let text = "owner,owned,share,from,to,source\n杭州海康威视数字技术股份有限公司,杭州样本控股测试有限公司,60,2010-01-01,,register\n";
    rules.lists.stakes = screen::ownership::read(text).expect("owners").stakes;
    let against = screen::against(None, &rules);
    let reached = |day: &str, list: &str| {
        let screening = screen::screen_party(&asked("杭州样本控股测试有限公司", day), &against, &rules);
        let found = screening.matches.iter().find(|m| m.source == list && m.through == Through::Owner);
        found.map(|m| (word(&m.in_force), word(&m.via.as_ref().expect("the way").reached)))
    };
    let cases = [
        ("2019-10-08", "us-entity-list", "no", "no"),
        ("2021-01-01", "us-entity-list", "yes", "no"),
        ("2025-10-15", "us-entity-list", "yes", "yes"),
        ("2025-11-10", "us-entity-list", "yes", "no"),
        ("2026-11-10", "us-entity-list", "yes", "unknown"),
        ("2022-01-01", "us-nscmic", "yes", "no"),
    ];
    for (day, list, in_force, reach) in cases {
        let got = reached(day, list);
        if got != Some((in_force.to_string(), reach.to_string())) {
            return Err(format!("{list} on {day}: {got:?}, wanted {in_force}, {reach}").into());
        }
    }
    Ok(())
}

fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default()
}

/// Counts, and the twenty-eight of 9 October 2019, seventeen of whose Chinese names are made by us.
fn lists() -> Result<(), Failed> {
    let counts: BTreeMap<&str, usize> = RULES.lists.lists.iter().map(|l| (l.source.id.as_str(), l.entries.len())).collect();
    let wanted = BTreeMap::from([("us-1260h", 80), ("us-entity-list", 1106), ("us-fcc-covered", 13), ("us-nscmic", 68), ("us-uflpa", 148)]);
    let entity_list = RULES.lists.lists.iter().find(|l| l.source.id == "us-entity-list").ok_or("no Entity List")?;
    let of_the_day: Vec<_> = entity_list.entries.iter().filter(|e| e.listed_from == "2019-10-09").collect();
    let made = of_the_day.iter().filter(|e| e.name_zh_status == NameStatus::Constructed).count();
    let named = of_the_day.iter().filter(|e| !e.name_zh.is_empty()).count();
    let undated = RULES.lists.lists.iter().flat_map(|l| &l.entries).filter(|e| e.listed_from.is_empty()).count();
    let got = (of_the_day.len(), named, made, undated);
    if counts == wanted && got == (28, 28, 17, 2) { Ok(()) } else { Err(format!("{counts:?} {got:?}").into()) }
}

fn in_force() -> Result<(), Failed> {
    let listed = &RULES.lists.lists[0].entries[0];
    let entry = |from: &str, to: &str| ListEntry { listed_from: from.into(), listed_to: to.into(), ..listed.clone() };
    let cases = [
        (DatedBy::Listing, "2019-10-09", "", Some("2019-10-08"), InForce::No),
        (DatedBy::Listing, "2019-10-09", "", Some("2019-10-09"), InForce::Yes),
        (DatedBy::Listing, "2019-10-09", "2021-01-05", Some("2021-01-04"), InForce::Yes),
        (DatedBy::Listing, "2019-10-09", "2021-01-05", Some("2021-01-05"), InForce::No),
        (DatedBy::Listing, "2019-10-09", "", None, InForce::Unknown),
        (DatedBy::Listing, "2019-10-09", "", Some("2019"), InForce::Unknown),
        (DatedBy::Listing, "", "", Some("2021-01-05"), InForce::Unknown),
        (DatedBy::Edition, "2026-06-10", "", Some("2022-01-01"), InForce::Unknown),
        (DatedBy::Edition, "2026-06-10", "", Some("2026-06-10"), InForce::Yes),
    ];
    for (dated_by, from, to, day, wanted) in cases {
        let got = screen::in_force(dated_by, &entry(from, to), day);
        if got != wanted {
            return Err(format!("{dated_by:?} {from}..{to} on {day:?}: {got:?}, wanted {wanted:?}").into());
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct SuiteRow {
    schema: String,
    name1: String,
    name2: String,
    is_match: bool,
}

/// The public benchmark of name pairs, where the shared folder is at hand: F1 at the score `possible`.
fn suite() -> Option<Trial> {
    let Some(path) = shared().map(|s| s.join("suites/names/name-pairs.csv")).filter(|p| p.is_file()) else {
        eprintln!("SKIPPED: the suite of name pairs (no shared folder; set TENDERTRACE_SHARED)");
        return None;
    };
    Some(Trial::test("suite of name pairs", move || suite_holds(&path)))
}

fn suite_holds(path: &Path) -> Result<(), Failed> {
    let rows: Vec<SuiteRow> = csv::Reader::from_path(path)?.deserialize().collect::<Result<_, _>>()?;
    let started = std::time::Instant::now();
    let scored: Vec<(f64, &SuiteRow)> = rows.iter().map(|row| (compare(&row.name1, &row.name2, &RULES).score, row)).collect();
    let rate = rows.len() as f64 / started.elapsed().as_secs_f64();
    let bodies: Vec<_> =
        scored.iter().filter(|(_, r)| matches!(r.schema.as_str(), "Company" | "Organization" | "LegalEntity")).copied().collect();
    let least = RULES.names.weights.possible;
    let (of_bodies, of_all) = (f1(&bodies, least), f1(&scored, least));
    eprintln!(
        "suite of name pairs: F1 {:.3} on {} bodies, {:.3} on all {} at {least}; {rate:.0} pairs a second with taking apart",
        of_bodies,
        bodies.len(),
        of_all,
        rows.len()
    );
    if std::env::var_os("SHOW_MISSES").is_some() {
        for (score, row) in scored.iter().filter(|(score, row)| (*score >= least) != row.is_match) {
            eprintln!("  {score:.3} {} [{}] {} | {}", if row.is_match { "missed" } else { "false " }, row.schema, row.name1, row.name2);
        }
    }
    if of_bodies > 0.85 { Ok(()) } else { Err(format!("F1 of bodies is {of_bodies:.3}, wanted above 0.85").into()) }
}

fn f1(rows: &[(f64, &SuiteRow)], least: f64) -> f64 {
    let hits = rows.iter().filter(|(score, row)| *score >= least && row.is_match).count() as f64;
    let claimed = rows.iter().filter(|(score, _)| *score >= least).count() as f64;
    let wanted = rows.iter().filter(|(_, row)| row.is_match).count() as f64;
    2.0 * hits / (claimed + wanted)
}

/// Screens the buyers of invented notices: (name, date, list entry's first words or nothing, judgement, in force).
fn leads() -> Result<(), Failed> {
    let cases = [
        ("新疆维吾尔自治区公安厅", Some("2021-05-01"), "Xinjiang Uyghur", Some(Judgement::Same), InForce::Yes),
        ("新疆维吾尔自治区公安厅", Some("2018-05-01"), "Xinjiang Uyghur", Some(Judgement::Same), InForce::No),
        ("新疆维吾尔自治区公安厅", None, "Xinjiang Uyghur", Some(Judgement::Same), InForce::Unknown),
        ("喀什地区公安局", Some("2019-10-09"), "Kashgar", Some(Judgement::Possible), InForce::Yes),
        ("喀什地区公安局", Some("2019-10-08"), "Kashgar", Some(Judgement::Possible), InForce::No),
        ("杭州海康威视数字技术股份有限公司", Some("2022-01-01"), "Hangzhou Hikvision", Some(Judgement::Same), InForce::Yes),
        ("公安县公安局", Some("2021-05-01"), "", None, InForce::Unknown),
        ("莎车县公安局", Some("2021-05-01"), "", None, InForce::Unknown),
        ("武汉市公安局", Some("2021-05-01"), "", None, InForce::Unknown),
        ("示例市第一中学", Some("2021-05-01"), "", None, InForce::Unknown),
    ];
    for (name, date, entry, judgement, in_force) in cases {
        let (mut notice, _) = notice_of(name, "");
        notice.event_date = date.map(|value| EventDate { value: value.to_string(), basis: EventBasis::Published });
        let found = screen::leads(&notice, &RULES);
        let first = found.iter().find(|lead| lead.list == "us-entity-list" && !entry.is_empty() && lead.entry.starts_with(entry));
        let got = if entry.is_empty() { found.first().map(|l| l.judgement) } else { first.map(|l| l.judgement) };
        if got != judgement || first.is_some_and(|l| l.in_force != in_force) {
            return Err(format!("{name}: {found:?}").into());
        }
    }
    Ok(())
}
