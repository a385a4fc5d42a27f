//! How are numbers, units, currencies and empty values written? The tables of `rulebook/script/`
//! (numerals, units, currencies, values), compiled for longest-first matching in folded text.

use super::raw::{Files, Problem, Row};
use crate::evidence::RuleId;
use crate::script::Folder;
use rust_decimal::Decimal;
use std::collections::HashMap;

/// The compiled tables.
#[derive(Debug, Clone, Default)]
pub struct Units {
    pub numerals: HashMap<char, Numeral>,
    /// What may stand after a number.
    pub units: Prefixes<Unit>,
    /// What may stand before a number and names its currency.
    pub currencies: Prefixes<Currency>,
    /// Words inside a cell that tell what kind of value it holds.
    pub inside: Prefixes<Word>,
    /// Cells whose whole text has one meaning: no value, yes, no.
    pub whole: HashMap<String, Word>,
    /// How names of organisations end.
    pub endings: Vec<Ending>,
}

/// One character of a number in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numeral {
    pub kind: NumeralKind,
    pub value: Decimal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumeralKind {
    /// As banks write it (壹): enough to show a sum.
    Digit,
    /// As anybody writes it (一).
    Plain,
    Scale,
    Unit,
    End,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub text: String,
    pub kind: UnitKind,
    pub factor: Decimal,
    pub currency: Option<String>,
    pub rule: RuleId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    Money,
    Quantity,
    Time,
    Rate,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Currency {
    pub code: String,
    pub rule: RuleId,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub means: Means,
    pub rule: RuleId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    NotGiven,
    /// The value stands in another document.
    Elsewhere,
    /// The number is no amount but a rate, a discount or a coefficient.
    Rate,
    Masked,
    /// May stand beside a value and says nothing of it.
    Neutral,
    Yes,
    No,
    /// Makes an ordinal of the number behind it.
    Ordinal,
    /// The sum behind it is a part of the whole (设计费).
    Part,
    /// Says that several names are one bidder.
    Consortium,
    /// The number behind it holds for each of the goods beside it.
    Each,
}

/// The end of an organisation's name (有限公司).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    pub text: String,
    pub strength: EndingStrength,
    pub rule: RuleId,
}

/// Whether the ending alone shows an organisation (有限公司), or other words end so too (中心), or no
/// name of a bidder ends so (项目, 报价).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndingStrength {
    Strong,
    Weak,
    Never,
}

impl Units {
    /// What the whole of squeezed `text` means, if it has one of the known meanings.
    pub fn meaning(&self, text: &str) -> Option<Means> {
        self.whole.get(text).map(|word| word.means)
    }

    /// The longest ending that folded `name` ends with.
    pub fn ending(&self, name: &str) -> Option<&Ending> {
        self.endings.iter().filter(|e| name.ends_with(e.text.as_str())).max_by_key(|e| e.text.len())
    }
}

/// Entries by their first character, longest first.
#[derive(Debug, Clone)]
pub struct Prefixes<T> {
    by_first: HashMap<char, Vec<(String, T)>>,
}

impl<T> Default for Prefixes<T> {
    fn default() -> Self {
        Prefixes { by_first: HashMap::new() }
    }
}

impl<T> Prefixes<T> {
    /// Adds an entry; the same text again replaces it.
    pub fn insert(&mut self, text: String, entry: T) {
        let Some(first) = text.chars().next() else { return };
        let entries = self.by_first.entry(first).or_default();
        entries.retain(|(known, _)| *known != text);
        let at = entries.partition_point(|(known, _)| known.len() >= text.len());
        entries.insert(at, (text, entry));
    }

    /// The longest entry that `text` begins with, and its length in bytes.
    pub fn at_start(&self, text: &str) -> Option<(usize, &T)> {
        let entries = self.by_first.get(&text.chars().next()?)?;
        entries.iter().find(|(known, _)| text.starts_with(known.as_str())).map(|(known, entry)| (known.len(), entry))
    }

    /// The entry of exactly this text.
    pub fn exactly(&self, text: &str) -> Option<&T> {
        self.at_start(text).filter(|(length, _)| *length == text.len()).map(|(_, entry)| entry)
    }

    /// The first entry that stands anywhere in `text`, with its byte range.
    pub fn find(&self, text: &str) -> Option<(usize, usize, &T)> {
        text.char_indices().find_map(|(at, _)| self.at_start(&text[at..]).map(|(length, entry)| (at, at + length, entry)))
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NumeralRow {
    id: String,
    text: char,
    kind: NumeralKind,
    value: Decimal,
    yes: String,
    no: String,
    #[serde(rename = "note")]
    _note: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitRow {
    id: String,
    text: String,
    kind: UnitKind,
    factor: Decimal,
    currency: Option<String>,
    yes: String,
    no: String,
    #[serde(rename = "note")]
    _note: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CurrencyRow {
    id: String,
    text: String,
    code: String,
    yes: String,
    no: String,
    #[serde(rename = "note")]
    _note: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct EndingRow {
    id: String,
    text: String,
    kind: EndingStrength,
    yes: String,
    no: String,
    #[serde(rename = "note")]
    _note: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Where {
    Whole,
    Inside,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ValueRow {
    id: String,
    text: String,
    means: Means,
    #[serde(rename = "where")]
    place: Where,
    yes: String,
    no: String,
    #[serde(rename = "note")]
    _note: String,
}

/// Compiles the tables; rows without examples are problems.
pub fn load(files: &Files, folder: &Folder, problems: &mut Vec<Problem>) -> Units {
    let mut units = Units::default();
    for row in files.csv::<NumeralRow>("script/numerals", problems) {
        check_examples(&row, &row.value.id, &row.value.yes, &row.value.no, problems);
        units.numerals.insert(row.value.text, Numeral { kind: row.value.kind, value: row.value.value });
    }
    for row in files.csv::<UnitRow>("script/units", problems) {
        check_examples(&row, &row.value.id, &row.value.yes, &row.value.no, problems);
        add_unit(&mut units, row, folder);
    }
    for row in files.csv::<CurrencyRow>("script/currencies", problems) {
        check_examples(&row, &row.value.id, &row.value.yes, &row.value.no, problems);
        let rule = rule_id(&row, &row.value.id);
        units.currencies.insert(folder.plain(&row.value.text), Currency { code: row.value.code, rule });
    }
    for row in files.csv::<ValueRow>("script/values", problems) {
        check_examples(&row, &row.value.id, &row.value.yes, &row.value.no, problems);
        add_value(&mut units, row, folder);
    }
    for row in files.csv::<EndingRow>("script/endings", problems) {
        check_examples(&row, &row.value.id, &row.value.yes, &row.value.no, problems);
        let (text, rule) = (folder.plain(&row.value.text), rule_id(&row, &row.value.id));
        units.endings.push(Ending { text, strength: row.value.kind, rule });
    }
    units
}

fn add_unit(units: &mut Units, row: Row<UnitRow>, folder: &Folder) {
    let rule = rule_id(&row, &row.value.id);
    let UnitRow { text, kind, factor, currency, .. } = row.value;
    let text = folder.plain(&text);
    units.units.insert(text.clone(), Unit { text, kind, factor, currency: currency.filter(|c| !c.is_empty()), rule });
}

fn add_value(units: &mut Units, row: Row<ValueRow>, folder: &Folder) {
    let rule = rule_id(&row, &row.value.id);
    let text = folder.squeeze(&row.value.text).text;
    match row.value.place {
        Where::Whole => {
            units.whole.insert(text, Word { means: row.value.means, rule });
        }
        Where::Inside => units.inside.insert(text, Word { means: row.value.means, rule }),
    }
}

fn rule_id<T>(row: &Row<T>, id: &str) -> RuleId {
    format!("script/{}#{id}", row.stem()).into()
}

fn check_examples<T>(row: &Row<T>, id: &str, yes: &str, no: &str, problems: &mut Vec<Problem>) {
    if id.is_empty() || yes.is_empty() || no.is_empty() {
        problems.push(row.problem("a row needs an id, a yes- and a no-example", "fill the columns id, yes and no"));
    }
}
