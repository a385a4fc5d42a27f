//! Out of how much, for whom and where? The steps of the funnel for what a question was narrowed by, counted
//! over the columns of notices and findings: the question `funnel` says the same in SQL, a thousand times slower.

use super::columns::{FINDINGS, NOTICES, Table, finding, notice};
use super::questions::Given;
use rusqlite::Connection;

/// What a notice holds: a finding of the brand asked for, its product, its quantity, and a finding at all.
const FOUND: u8 = 1;
const PRODUCT: u8 = 2;
const QUANTITY: u8 = 4;
const ANY: u8 = 8;

/// Which step is left out where no kind of buyer, place or day is asked for.
const ASKED: usize = 6;

/// The funnel's steps by their names in the question's SQL; `None` where only that understands what is asked.
pub fn steps(db: &Connection, sql: &str, given: Given) -> anyhow::Result<Option<Vec<(String, i64)>>> {
    let names: Vec<&str> = sql.split("SELECT '").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
    let Some(numbers) = numbers(db, given)?.filter(|numbers| numbers.len() == names.len()) else { return Ok(None) };
    let narrows = given.iter().any(|(name, value)| *name != "brand" && value.is_some());
    let steps = names.into_iter().zip(numbers).enumerate().filter(|(at, _)| *at != ASKED || narrows);
    Ok(Some(steps.map(|(_, (name, number))| (name.to_string(), number)).collect()))
}

fn numbers(db: &Connection, given: Given) -> anyhow::Result<Option<[i64; 10]>> {
    let value = |name: &str| given.iter().find(|(known, _)| *known == name).and_then(|(_, value)| *value);
    let region = value("region");
    if region.is_some_and(|region| region.contains(['%', '_'])) {
        return Ok(None);
    }
    let notices = Table::load(db, &NOTICES)?;
    let found = found(&Table::load(db, &FINDINGS)?, notices.len(), value("brand"));
    let (from, to, kind) = (value("from"), value("to"), value("buyer_kind"));
    let begins = |code: &str, with: &str| code.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with));
    let in_region = notices.texts[notice::REGION].each(|code| region.is_none_or(|region| code.is_some_and(|code| begins(code, region))));
    let in_time = notices.texts[notice::DAY]
        .each(|day| from.is_none_or(|from| day.is_some_and(|day| day >= from)) && to.is_none_or(|to| day.is_some_and(|day| day <= to)));
    let of_kind = [notice::KIND, notice::END_USER_KIND].map(|of| (of, notices.texts[of].each(|text| kind.is_none() || text == kind)));
    let text = |of: usize, row: usize| notices.texts[of].code(row);
    let asked = |row: usize| {
        in_region[text(notice::REGION, row)]
            && in_time[text(notice::DAY, row)]
            && of_kind.iter().any(|(of, allowed)| allowed[text(*of, row)])
    };
    let mut steps = [0; 10];
    steps[0] = notices.len() as i64;
    for row in 0..notices.len() {
        let flags = notices.numbers[notice::FLAGS].at(row);
        // A product in the text outside the lines is as good as a line that names it.
        let flags = if found[row] & ANY > 0 { flags | notice::HAS_ITEMS | notice::NAMED } else { flags };
        let upto = [notice::READABLE, notice::MAIN, notice::BOUGHT, notice::HAS_ITEMS, notice::NAMED];
        let passed = upto.iter().take_while(|flag| flags & **flag > 0).count();
        steps[1..=passed].iter_mut().for_each(|step| *step += 1);
        if passed == upto.len() && asked(row) {
            steps[6] += 1;
            for (step, of) in [(7, FOUND), (8, PRODUCT), (9, QUANTITY)] {
                steps[step] += i64::from(found[row] & of > 0);
            }
        }
    }
    Ok(Some(steps))
}

/// For each notice, what its findings of a brand, or of any, hold.
fn found(findings: &Table, notices: usize, brand: Option<&str>) -> Vec<u8> {
    let mut found = vec![0; notices];
    let brands = &findings.texts[finding::BRAND];
    let asked = brands.each(|text| brand.is_none() || text == brand);
    for row in 0..findings.len() {
        let flags = findings.numbers[finding::FLAGS].at(row);
        let has_product = flags & finding::HAS_PRODUCT > 0;
        let has_quantity = has_product && flags & finding::HAS_QUANTITY > 0;
        let of_brand = FOUND | if has_product { PRODUCT } else { 0 } | if has_quantity { QUANTITY } else { 0 };
        if let Some(of) = found.get_mut(findings.numbers[finding::PLACE].at(row) as usize) {
            *of |= ANY | if asked[brands.code(row)] { of_brand } else { 0 };
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{kept, questions, schema};
    use rusqlite::types::Value;

    /// Notices of every make, one after the other.
    fn pile() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        schema::migrate(&db).unwrap();
        db.execute_batch("INSERT INTO originals (id, sha256, bytes, segment, offset, length) VALUES (1, 'a', 0, 0, 0, 0);").unwrap();
        let or_null = |text: &str| if text.is_empty() { "NULL".to_string() } else { format!("'{text}'") };
        for at in 0..240i64 {
            let of = |values: &[&str], turn: i64| or_null(values[(at / turn) as usize % values.len()]);
            let (stage, kind, user) = (of(&["award", "tender", "contract"], 1), of(&["health", "", "justice"], 2), of(&["", "justice"], 3));
            let (region, day) = (of(&["650100", "110000", "", "KZ"], 5), of(&["2019-05-01", "2021-01-01", ""], 7));
            let main = if at % 11 == 0 && at > 0 { at - 1 } else { at };
            db.execute_batch(&format!(
                "INSERT INTO notices (id, original, part, readable, access, stage, buyer_kind, end_user_kind, region_code, event_date, purposes)
                    VALUES ({at}, 1, {at}, {}, 'public', {stage}, {kind}, {user}, {region}, {day}, '[]');
                 INSERT INTO joined SELECT {at}, {main}, 'p{}', 0, {}, {} WHERE {at} % 13 <> 0;",
                i64::from(at % 17 != 0),
                at / 4,
                at % 3,
                at % 2
            ))
            .unwrap();
            for n in 0..at % 3 {
                let (product, quantity) = (of(&["x", ""], 1 + n), if (at + n) % 4 == 0 { "NULL" } else { "2" });
                db.execute_batch(&format!(
                    "INSERT INTO findings (notice, n, id, brand, product, quantity, usage, via, purposes, strength, objections, sentence, rules)
                        VALUES ({at}, {n}, 'f{at}-{n}', 'brand{}', {product}, {quantity}, 'awarded', 'named', '[]', 'weak', '[]', '', '[]')",
                    (at + n) % 2
                ))
                .unwrap();
            }
        }
        db
    }

    #[test]
    fn columns_and_the_question_count_the_same() {
        let db = pile();
        let question = questions::all(None).unwrap().into_iter().find(|q| q.name == "funnel").unwrap();
        let masks = tendertrace::rulebook::Rulebook::embedded().report.masks;
        let some = |text: &'static str| if text.is_empty() { None } else { Some(text) };
        let mut different = std::collections::BTreeSet::new();
        assert!(!kept::is_whole(&db).unwrap(), "the question is answered by its SQL");
        for brand in ["", "brand0", "brand2"] {
            for kind in ["", "health", "justice", "none"] {
                for region in ["", "65", "kz", "9"] {
                    for (from, to) in [("", ""), ("2020-01-01", ""), ("", "2019-05-01")] {
                        let given = [
                            ("brand", some(brand)),
                            ("buyer_kind", some(kind)),
                            ("region", some(region)),
                            ("from", some(from)),
                            ("to", some(to)),
                        ];
                        let answer = questions::answer(&question, &db, &given, 99, &masks).unwrap();
                        let step = |row: &Vec<Value>| match &row[..] {
                            [Value::Text(step), Value::Integer(n)] => (step.clone(), *n),
                            other => panic!("no step: {other:?}"),
                        };
                        let said: Vec<(String, i64)> = answer.rows.iter().map(step).collect();
                        assert_eq!(steps(&db, &question.sql, &given).unwrap().unwrap(), said, "{given:?}");
                        different.insert(said);
                    }
                }
            }
        }
        assert!(different.len() > 20, "{}", different.len());
        assert_eq!(steps(&db, &question.sql, &[("region", Some("6_"))]).unwrap(), None, "a wildcard is left to SQL");
    }
}
