//! Does a case that grows piece by piece, with words of people in between, hold what resolving it whole gives?

use super::*;
use crate::store::schema;
use rusqlite::types::Value;
use tendertrace::rulebook::sellers::Relation;

/// Numbers that look drawn; the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }
}

/// Invented organisations with sisters, branches, short forms, slips and codes; one core fills a key to its brim.
fn crowd() -> Vec<String> {
    let mut all = Vec::new();
    for place in ["武汉市", "长沙市", "黄石市", "宜昌市", "荆州市", "襄阳市", "鄂州市", "孝感市", "黄冈市"] {
        for trade in ["科技", "软件", "网络", "电子", "信息技术"] {
            for rest in ["有限公司", "有限责任公司", "有公司", "有限公司示例分公司", ""] {
                all.push(format!("{place}样恒{trade}{rest}"));
            }
        }
        for core in ["样衡", "北岭", "云帆"] {
            all.extend([format!("{place}{core}科技有限公司"), format!("({place}){core}科技有限公司"), format!("{core}科技")]);
        }
        all.extend([format!("{place}公安局"), format!("{place}公安局江岸区分局"), format!("{place}樣恆科技有限公司")]);
    }
    all.extend(
        ["91110000100001043E", "91110000100009563N"]
            .iter()
            .flat_map(|code| ["武汉市样恒科技有限公司", "样恒集团", "云帆科技"].map(|name| format!("{name}（{code}）"))),
    );
    all.sort();
    all.dedup();
    all
}

fn add(db: &Connection, notice: i64, name: &str) {
    let sql = "INSERT INTO notices (id, original, part, readable, access, event_date, purposes) VALUES (?1, ?1, 0, 1, 'public', '2020-01-' || (?1 % 28 + 1), '')";
    db.execute(sql, [notice]).unwrap();
    db.execute("INSERT INTO parties (notice, n, role, name) VALUES (?1, 0, 'supplier', ?2)", params![notice, name]).unwrap();
}

/// A change of a few notices, or a word of a person.
fn change(db: &Connection, dice: &mut Dice, crowd: &[String], step: usize) {
    for at in 0..dice.below(12) {
        add(db, (step * 100 + at) as i64, &crowd[dice.below(crowd.len())]);
    }
    for _ in 0..dice.below(4) {
        let last: i64 = db.query_row("SELECT ifnull(max(notice), 0) FROM parties", [], |row| row.get(0)).unwrap();
        db.execute(
            "DELETE FROM parties WHERE name = (SELECT name FROM parties WHERE notice >= ?1 LIMIT 1)",
            [dice.below(last as usize + 1) as i64],
        )
        .unwrap();
    }
    speak(db, dice, crowd);
}

fn speak(db: &Connection, dice: &mut Dice, crowd: &[String]) {
    let verdict = if dice.below(2) == 0 { "same" } else { "not_same" };
    let (one, other) = (&crowd[dice.below(crowd.len())], &crowd[dice.below(crowd.len())]);
    if one != other {
        let said = "INSERT INTO samenesses (made, who, verdict, one, other) VALUES ('', '', ?1, ?2, ?3)";
        db.execute(said, params![verdict, one, other]).unwrap();
    }
    if dice.below(3) == 0 {
        db.execute("INSERT OR IGNORE INTO unsaid SELECT max(id) / 2 + 1, '', '' FROM samenesses", []).unwrap();
    }
}

fn relation(party: &str) -> Relation {
    Relation { id: party.into(), brand: "oracle".into(), party: party.into(), source: "S".into(), ..Relation::default() }
}

fn rows(db: &Connection, sql: &str) -> Vec<String> {
    let mut query = db.prepare(sql).unwrap();
    let columns = query.column_count();
    let row =
        |row: &rusqlite::Row| Ok((0..columns).map(|at| format!("{:?}", row.get_unwrap::<_, Value>(at))).collect::<Vec<_>>().join(" | "));
    query.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap()
}

/// All that the resolution says, and all that it keeps, without its own numbers.
fn told(db: &Connection) -> Vec<String> {
    [
        "SELECT * FROM entities ORDER BY id",
        "SELECT * FROM spellings ORDER BY name",
        "SELECT * FROM possibly_same_as ORDER BY one, other",
        "SELECT * FROM roles ORDER BY entity, role",
        "SELECT * FROM relation_holders ORDER BY relation, entity",
        "SELECT parts, code, name FROM name_units ORDER BY parts, code",
        "SELECT name, code, stated, times FROM name_mentions ORDER BY name, code, stated",
        "SELECT k.key, u.parts, u.code FROM name_keys k JOIN name_units u ON u.id = k.unit ORDER BY 1, 2, 3",
        "SELECT a.parts, a.code, b.parts, b.code, score, same FROM name_pairs p JOIN name_units a ON a.id = p.one JOIN name_units b ON b.id = p.other ORDER BY 1, 2, 3, 4",
    ]
    .iter()
    .flat_map(|sql| rows(db, sql))
    .collect()
}

#[test]
fn a_few_changes_and_words_leave_what_resolving_the_whole_would_give() {
    let rules = Rulebook::embedded();
    let crowd = crowd();
    let relations = ["长沙市样恒软件有限责任公司", "云帆科技", "Invented Seller Ltd."].map(relation);
    let stated: Vec<Stated> = relations.into_iter().map(|relation| Stated { relation, origin: "case" }).collect();
    let mut db = Connection::open_in_memory().unwrap();
    schema::migrate(&db).unwrap();
    db.pragma_update(None, "foreign_keys", false).unwrap();
    let mut dice = Dice(7);
    for (at, name) in crowd.iter().enumerate().filter(|(at, _)| at % 5 != 0) {
        add(&db, at as i64, name);
    }
    bring_up(&mut db, &stated, 5, &rules).unwrap();
    for step in 10..50 {
        let known = rows(&db, "SELECT rowid FROM name_state");
        if dice.below(3) == 0 {
            speak(&db, &mut dice, &crowd);
            follow(&mut db, &stated, &rules).unwrap();
        } else {
            change(&db, &mut dice, &crowd, step);
            bring_up(&mut db, &stated, 5, &rules).unwrap();
        }
        assert_eq!(rows(&db, "SELECT rowid FROM name_state"), known, "a few changes are no reason to resolve the whole");
        let part = told(&db);
        db.execute("DELETE FROM name_state", []).unwrap();
        bring_up(&mut db, &stated, 5, &rules).unwrap();
        let whole = told(&db);
        let differ: Vec<_> = part.iter().zip(&whole).filter(|(a, b)| a != b).take(3).collect();
        assert_eq!((part.len(), &differ), (whole.len(), &Vec::new()), "step {step}");
    }
}
