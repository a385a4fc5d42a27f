//! Whether counting over columns gives what the questions' SQL gives, for every question, over many drawn cases.

use super::*;
use crate::store::questions::{self, Answer};
use crate::store::schema;
use crate::store::testing::{BRANDS, DAYS, Dice, KINDS, REGIONS, pile};
use rusqlite::types::Value as Sql;
use std::collections::BTreeSet;
use tendertrace::rulebook::Rulebook;

fn draw(name: &str, dice: &mut Dice) -> Option<String> {
    let given = dice.below(2) == 0;
    let text = match name {
        "brand" => dice.one_of(&BRANDS),
        "buyer_kind" => dice.one_of(&KINDS),
        "region" => dice.one_of(&["65", "6502", "11", "kz", "99"]),
        "from" | "to" => dice.one_of(&["2019-05-02", "2020-06-01", DAYS[0], "2022"]),
        "supplier" => dice.one_of(&["甲", "Sample", "公司", "nobody"]),
        "buyer" => dice.one_of(&["公安", "医院", "nobody"]),
        "purpose" => dice.one_of(&["general_it", "video_surveillance", "none"]),
        "term" => dice.one_of(&["软件", "服务器", "采购", "示例项目", "无此词", "base ser"]),
        other => panic!("what is given for {other}?"),
    };
    assert!(!REGIONS.contains(&"99"), "some places are nowhere");
    given.then(|| text.to_string())
}

/// Sums of real numbers differ in their last digits with the order of what is added.
fn alike(one: &Answer, other: &Answer) -> bool {
    let cell = |(one, other): (&Sql, &Sql)| match (one, other) {
        (Sql::Real(a), Sql::Real(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
        (one, other) => one == other,
    };
    one.columns == other.columns
        && one.more == other.more
        && one.rows.len() == other.rows.len()
        && one.rows.iter().zip(&other.rows).all(|(one, other)| one.iter().zip(other).all(cell))
}

#[test]
fn columns_and_sql_give_the_same_answers() {
    let masks = Rulebook::embedded().report.masks;
    let all = questions::all(None).unwrap();
    for counted in &COUNTED {
        let question = all.iter().find(|question| question.name == counted.question).unwrap();
        let mut different = BTreeSet::new();
        for seed in 1..=4 {
            let db = pile(seed);
            if seed > 2 {
                assert!(schema::hide_confidential(&db).unwrap() > 0);
            }
            let mut dice = Dice::new(seed + 100);
            for round in 0..30 {
                let drawn: Vec<(&str, Option<String>)> = question
                    .parameters
                    .iter()
                    .map(|name| {
                        (name.as_str(), draw(name, &mut dice).or_else(|| question.needs.contains(name).then(|| "2019".to_string())))
                    })
                    .collect();
                let given: Vec<(&str, Option<&str>)> = drawn.iter().map(|(name, value)| (*name, value.as_deref())).collect();
                let window = [0..1, 2..5, 0..10_000][round % 3].clone();
                let (sql, rows) = part(&db, question, &given, &window).unwrap().expect("it is counted");
                let fast = questions::asked(question, &db, &sql, &[(PARAMETER, Some(&rows))], &(0..window.len()), &masks).unwrap();
                let slow = questions::asked(question, &db, &question.sql, &given, &window, &masks).unwrap();
                assert!(alike(&fast, &slow), "{} {given:?} rows {window:?}, seed {seed}:\n{:?}\n{:?}", question.name, fast.rows, slow.rows);
                different.insert(format!("{:?}", slow.rows));
            }
        }
        let least = if question.parameters.is_empty() { 4 } else { 15 };
        assert!(different.len() > least, "{}: {} different answers", question.name, different.len());
    }
}

#[test]
fn what_only_sql_understands_and_a_users_own_question_are_left_to_it() {
    let db = pile(1);
    let question = questions::all(None).unwrap().into_iter().find(|question| question.name == "units").unwrap();
    assert!(part(&db, &question, &[("region", Some("65"))], &(0..9)).unwrap().is_some());
    assert!(part(&db, &question, &[("region", Some("6_"))], &(0..9)).unwrap().is_none());
    let own = questions::Question { sql: format!("{} ", question.sql), ..question.clone() };
    assert!(part(&db, &own, &[], &(0..9)).unwrap().is_none());
    db.execute_batch("DELETE FROM kept").unwrap();
    assert!(part(&db, &question, &[], &(0..9)).unwrap().is_none(), "while a run is under way");
}
