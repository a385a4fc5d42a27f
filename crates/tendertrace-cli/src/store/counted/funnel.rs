//! Out of how much, for whom and where? The steps of the funnel for what a question was narrowed by, counted
//! over the columns of notices and findings: the question `funnel` says the same in SQL, a thousand times slower.

use super::Asked;
use crate::store::columns::{FINDINGS, NOTICES, Table, finding, notice};
use crate::store::questions::Given;
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
    let Some(asked) = Asked::of(given).filter(|_| names.len() == 10) else { return Ok(None) };
    let steps = names.into_iter().zip(numbers(db, &asked)?).enumerate().filter(|(at, _)| *at != ASKED || asked.narrows());
    Ok(Some(steps.map(|(_, (name, number))| (name.to_string(), number)).collect()))
}

fn numbers(db: &Connection, asked: &Asked) -> anyhow::Result<[i64; 10]> {
    let notices = Table::load(db, &NOTICES)?;
    let found = found(&Table::load(db, &FINDINGS)?, notices.len(), asked);
    let keeps = asked.notices(&notices);
    let mut steps = [0; 10];
    steps[0] = notices.len() as i64;
    for row in 0..notices.len() {
        let flags = notices.numbers[notice::FLAGS].at(row);
        // A product in the text outside the lines is as good as a line that names it.
        let flags = if found[row] & ANY > 0 { flags | notice::HAS_ITEMS | notice::NAMED } else { flags };
        let upto = [notice::READABLE, notice::MAIN, notice::BOUGHT, notice::HAS_ITEMS, notice::NAMED];
        let passed = upto.iter().take_while(|flag| flags & **flag > 0).count();
        steps[1..=passed].iter_mut().for_each(|step| *step += 1);
        if passed == upto.len() && keeps.row(row as u32) {
            steps[6] += 1;
            for (step, of) in [(7, FOUND), (8, PRODUCT), (9, QUANTITY)] {
                steps[step] += i64::from(found[row] & of > 0);
            }
        }
    }
    Ok(steps)
}

/// For each notice, what its findings of a brand, or of any, hold.
fn found(findings: &Table, notices: usize, asked: &Asked) -> Vec<u8> {
    let mut found = vec![0; notices];
    let brands = &findings.texts[finding::BRAND];
    let asked = asked.brands(brands);
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
    use crate::store::questions;
    use crate::store::testing::pile;
    use rusqlite::types::Value;

    #[test]
    fn columns_and_the_question_count_the_same() {
        let db = pile(7);
        let question = questions::all(None).unwrap().into_iter().find(|q| q.name == "funnel").unwrap();
        let masks = tendertrace::rulebook::Rulebook::embedded().report.masks;
        let some = |text: &'static str| if text.is_empty() { None } else { Some(text) };
        let mut different = std::collections::BTreeSet::new();
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
                        let answer = questions::asked(&question, &db, &question.sql, &given, &(0..99), &masks).unwrap();
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
