//! Which findings and notices does a question ask about? Its parameters as tests of the numbers that stand for texts.

use crate::store::columns::{Table, Texts, finding, notice};
use crate::store::questions::Given;

/// What a question was narrowed by.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    pub brand: Option<&'a str>,
    pub kind: Option<&'a str>,
    region: Option<&'a str>,
    from: Option<&'a str>,
    to: Option<&'a str>,
    purpose: Option<&'a str>,
    pub buyer: Option<&'a str>,
    pub supplier: Option<&'a str>,
    pub term: Option<&'a str>,
}

impl<'a> Asked<'a> {
    /// `None` where only SQL understands it: a place with a wildcard.
    pub fn of(given: Given<'a>) -> Option<Asked<'a>> {
        let value = |name: &str| given.iter().find(|(known, _)| *known == name).and_then(|(_, value)| *value);
        let region = value("region");
        if region.is_some_and(|region| region.contains(['%', '_']))
            || given.iter().any(|(_, value)| value.is_some_and(|v| v.contains('\0')))
        {
            return None;
        }
        Some(Asked {
            brand: value("brand"),
            kind: value("buyer_kind"),
            region,
            from: value("from"),
            to: value("to"),
            purpose: value("purpose"),
            buyer: value("buyer"),
            supplier: value("supplier"),
            term: value("term"),
        })
    }

    pub fn brands(&self, texts: &Texts) -> Vec<bool> {
        texts.each(|brand| self.brand.is_none() || brand == self.brand)
    }

    fn regions(&self, texts: &Texts) -> Vec<bool> {
        let begins = |code: &str, with: &str| code.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with));
        texts.each(|code| self.region.is_none_or(|region| code.is_some_and(|code| begins(code, region))))
    }

    fn days(&self, texts: &Texts) -> Vec<bool> {
        texts.each(|day| {
            self.from.is_none_or(|from| day.is_some_and(|day| day >= from)) && self.to.is_none_or(|to| day.is_some_and(|day| day <= to))
        })
    }

    fn kinds(&self, texts: &Texts) -> Vec<bool> {
        texts.each(|kind| self.kind.is_none() || kind == self.kind)
    }

    fn purposes(&self, texts: &Texts) -> Vec<bool> {
        let quoted = self.purpose.map(|purpose| format!("\"{purpose}\""));
        texts.each(|all| quoted.as_ref().is_none_or(|one| all.is_some_and(|all| all.contains(one))))
    }

    /// Tests of the rows of `FINDINGS`.
    pub fn findings<'t>(&self, table: &'t Table) -> Keeps<'t> {
        let all = [
            (finding::BRAND, self.brands(&table.texts[finding::BRAND])),
            (finding::REGION, self.regions(&table.texts[finding::REGION])),
            (finding::DAY, self.days(&table.texts[finding::DAY])),
            (finding::PURPOSES, self.purposes(&table.texts[finding::PURPOSES])),
        ];
        Keeps::of(table, all.into(), [finding::KIND, finding::END_USER_KIND].map(|of| (of, self.kinds(&table.texts[of]))))
    }

    /// Tests of the rows of `NOTICES`, but for the brand.
    pub fn notices<'t>(&self, table: &'t Table) -> Keeps<'t> {
        let all = [
            (notice::REGION, self.regions(&table.texts[notice::REGION])),
            (notice::DAY, self.days(&table.texts[notice::DAY])),
            (notice::PURPOSES, self.purposes(&table.texts[notice::PURPOSES])),
        ];
        Keeps::of(table, all.into(), [notice::KIND, notice::END_USER_KIND].map(|of| (of, self.kinds(&table.texts[of]))))
    }

    /// Whether a kind of buyer, a place or a day is asked for.
    pub fn narrows(&self) -> bool {
        [self.kind, self.region, self.from, self.to].iter().any(Option::is_some)
    }
}

/// Tests of a table's rows, each by the number of a text; those that keep everything are left out.
pub struct Keeps<'t> {
    table: &'t Table,
    all: Vec<(usize, Vec<bool>)>,
    /// The buyer's kind or the end user's.
    either: Option<[(usize, Vec<bool>); 2]>,
}

impl<'t> Keeps<'t> {
    fn of(table: &'t Table, mut all: Vec<(usize, Vec<bool>)>, either: [(usize, Vec<bool>); 2]) -> Keeps<'t> {
        let narrows = |(_, keeps): &(usize, Vec<bool>)| keeps.contains(&false);
        all.retain(narrows);
        Keeps { table, all, either: Some(either).filter(|either| either.iter().all(narrows)) }
    }

    pub fn row(&self, row: u32) -> bool {
        let keeps = |(of, keeps): &(usize, Vec<bool>)| keeps[self.table.texts[*of].code(row as usize)];
        self.all.iter().all(keeps) && self.either.as_ref().is_none_or(|either| either.iter().any(keeps))
    }
}
