//! What is needed of a notice to see which others it belongs with? A few hundred bytes, texts being numbers
//! of one list, so that a million notices are compared within the memory of a laptop.

use super::digest::Digest;
use super::keys;
use crate::model::{Money, Stage};
use std::collections::HashMap;

/// A text's number; 0 is the empty text.
pub(super) type Text = u32;

/// Every text once.
pub(super) struct Texts {
    known: HashMap<Box<str>, Text>,
}

impl Default for Texts {
    fn default() -> Texts {
        Texts { known: HashMap::from([("".into(), 0)]) }
    }
}

impl Texts {
    fn number(&mut self, text: &str) -> Text {
        if let Some(number) = self.known.get(text) {
            return *number;
        }
        let number = Text::try_from(self.known.len()).expect("fewer than four thousand million texts");
        self.known.insert(text.into(), number);
        number
    }

    fn of(&mut self, text: &Option<String>) -> Option<Text> {
        text.as_deref().map(|text| self.number(text))
    }

    /// Sums that are equal have one number, however many zeros are behind the point.
    fn money(&mut self, money: &Option<Money>) -> Option<Text> {
        money.as_ref().map(|money| self.number(&format!("{} {}", money.amount.normalize(), money.currency)))
    }

    fn all<'a>(&mut self, texts: impl Iterator<Item = &'a String>) -> Box<[Text]> {
        texts.map(|text| self.number(text)).collect()
    }

    /// The texts by their numbers.
    pub fn into_list(self) -> Vec<Box<str>> {
        let mut list: Vec<Box<str>> = vec!["".into(); self.known.len()];
        self.known.into_iter().for_each(|(text, number)| list[number as usize] = text);
        list
    }
}

/// A notice as far as others are compared with it.
pub(super) struct Outline {
    /// What the caller calls the digest.
    pub handle: usize,
    pub capture: Box<str>,
    pub part: u32,
    pub read: bool,
    pub stage: Option<Stage>,
    pub round: Option<Text>,
    /// The event's date and the day of publication, as written.
    pub date: Option<Text>,
    pub published: Option<Text>,
    /// The day of publication, else of the event.
    pub day: Option<i64>,
    pub total: Option<Text>,
    pub budget: Option<Text>,
    /// In the notice's order.
    pub suppliers: Box<[Text]>,
    pub lots: usize,
    pub title: Text,
    pub name: Text,
    pub buyer: Text,
    /// In the order of their texts.
    pub numbers: Box<[Text]>,
    pub sketch: Box<[u32]>,
    pub length: usize,
    pub findings: usize,
    pub items: usize,
    pub named_items: usize,
    pub has_url: bool,
}

impl Outline {
    pub fn of(handle: usize, digest: &Digest, texts: &mut Texts) -> Outline {
        let published = digest.published.as_deref().and_then(keys::days);
        Outline {
            handle,
            capture: digest.capture.as_str().into(),
            part: digest.part,
            read: digest.read,
            stage: digest.stage,
            round: texts.of(&digest.round),
            date: digest.date.as_ref().map(|date| texts.number(&date.value)),
            published: texts.of(&digest.published),
            day: published.or_else(|| digest.date.as_ref().and_then(|date| keys::days(&date.value))),
            total: texts.money(&digest.total),
            budget: texts.money(&digest.budget),
            suppliers: texts.all(digest.suppliers.iter()),
            lots: digest.lots,
            title: texts.number(&digest.keys.title),
            name: texts.number(&digest.keys.name),
            buyer: texts.number(&digest.keys.buyer),
            numbers: texts.all(digest.keys.numbers.iter()),
            sketch: digest.keys.sketch.as_slice().into(),
            length: digest.keys.length,
            findings: digest.findings.len(),
            items: digest.items,
            named_items: digest.named_items,
            has_url: digest.url.is_some(),
        }
    }

    /// The name, else the title.
    pub fn called(&self) -> Text {
        if self.name == 0 { self.title } else { self.name }
    }

    /// How much of a notice a copy tells.
    pub fn says(&self) -> (usize, usize, usize, bool, usize) {
        (self.findings, self.named_items, self.items, self.has_url, self.suppliers.len())
    }
}
