//! Out of how much, for whom and where? The steps of the funnel for what a question was narrowed by, counted
//! over the columns of notices and findings: the question `funnel` says the same in SQL, a thousand times slower.

use super::columns::{FINDINGS, NOTICES, Table, finding, notice};
use super::questions::Given;
use rusqlite::Connection;

/// What a notice holds of the brand asked for.
const FOUND: u8 = 1;
const PRODUCT: u8 = 2;
const QUANTITY: u8 = 4;

/// The numbers of the funnel's steps; `None` where only the question's own SQL understands what is asked.
pub fn steps(db: &Connection, given: Given) -> anyhow::Result<Option<[i64; 10]>> {
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
    for row in (0..findings.len()).filter(|row| asked[brands.code(*row)]) {
        let flags = findings.numbers[finding::FLAGS].at(row);
        let place = findings.numbers[finding::PLACE].at(row) as usize;
        let has_product = flags & finding::HAS_PRODUCT > 0;
        let has_quantity = has_product && flags & finding::HAS_QUANTITY > 0;
        if let Some(of) = found.get_mut(place) {
            *of |= FOUND | if has_product { PRODUCT } else { 0 } | if has_quantity { QUANTITY } else { 0 };
        }
    }
    found
}
