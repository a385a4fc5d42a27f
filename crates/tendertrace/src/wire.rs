//! What do other programs read? The published JSON of the contract, apart from the types of
//! [`crate::model`] so that those stay free to change. Offsets become Unicode scalars here, once a
//! document.

use crate::evidence::{Derived, Gap, Known, Quote, Sourced, Span};
use crate::model::*;
use crate::rulebook::Hashes;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Version of the JSON; raised when a key is renamed or removed.
pub const SCHEMA: u32 = 1;

/// The JSON Schemas of what goes in and comes out, by name.
pub const SCHEMAS: [(&str, &str); 5] = [
    ("capture", include_str!("../schema/capture.json")),
    ("examination", include_str!("../schema/examination.json")),
    ("document", include_str!("../schema/document.json")),
    ("screening", include_str!("../schema/screening.json")),
    ("comparison", include_str!("../schema/comparison.json")),
];

/// One examination as one JSON object, with the keys of the contract.
pub fn examination(examination: &Examination, hashes: &Hashes) -> Value {
    let writer = Writer::new(&examination.documents);
    json!({
        "schema": SCHEMA,
        "program": crate::VERSION,
        "rulebook": hashes,
        "capture": capture(&examination.capture),
        "notice": examination.notice.as_ref().map(|notice| writer.notice(notice)),
        "findings": examination.findings.iter().map(|f| writer.finding(f)).collect::<Vec<_>>(),
        "leads": examination.leads,
        "gaps": examination.gaps.iter().map(|g| writer.gap(g)).collect::<Vec<_>>(),
    })
}

/// A document as `tendertrace read --json` prints it.
pub fn document(head: &CaptureHead, documents: &[Document]) -> Value {
    let writer = Writer::new(documents);
    let first = documents.first();
    let mut value = json!({
        "capture": capture(head),
        "text": first.map_or("", |d| d.text.as_str()),
        "blocks": first.map_or(Vec::new(), |d| writer.blocks(d)),
        "gaps": documents.iter().flat_map(|d| &d.gaps).map(|g| writer.gap(g)).collect::<Vec<_>>(),
    });
    if documents.len() > 1 {
        value["attachments"] =
            documents[1..].iter().map(|d| json!({"doc": d.number, "file": d.file, "text": d.text, "blocks": writer.blocks(d)})).collect();
    }
    value
}

/// A capture's head; a missing media type is never invented.
pub fn capture(head: &CaptureHead) -> Value {
    serde_json::to_value(head).expect("a head is plain data")
}

/// A decimal string in the currency's unit with at least two places.
pub fn amount(amount: &Decimal) -> String {
    let mut amount = amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount.to_string()
}

/// A quantity as a JSON number: whole where it is whole.
pub fn quantity(quantity: &Decimal) -> Value {
    let plain = quantity.normalize();
    match plain.scale() {
        0 => plain.to_string().parse::<i64>().map_or(Value::Null, Value::from),
        _ => plain.to_string().parse::<f64>().map_or(Value::Null, Value::from),
    }
}

/// Byte offsets of a text to counts of Unicode scalars.
pub struct Scalars {
    /// Scalar count at every 64th byte, rounded down to a character.
    marks: Vec<usize>,
}

const MARK: usize = 64;

impl Scalars {
    pub fn new(text: &str) -> Scalars {
        let mut marks = Vec::with_capacity(text.len() / MARK + 1);
        let mut count = 0;
        for (at, byte) in text.bytes().enumerate() {
            if at % MARK == 0 {
                marks.push(count);
            }
            count += usize::from(!is_continuation(byte));
        }
        marks.push(count);
        Scalars { marks }
    }

    /// Number of scalars that begin before byte `at`.
    pub fn at(&self, text: &str, at: usize) -> usize {
        let mark = (at / MARK).min(self.marks.len() - 1);
        let from = mark * MARK;
        self.marks[mark] + text.as_bytes()[from.min(at)..at].iter().filter(|b| !is_continuation(**b)).count()
    }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// Turns spans into offsets of scalars, pages and cells.
pub struct Writer<'a> {
    documents: &'a [Document],
    scalars: Vec<Scalars>,
}

impl<'a> Writer<'a> {
    pub fn new(documents: &'a [Document]) -> Writer<'a> {
        Writer { documents, scalars: documents.iter().map(|d| Scalars::new(&d.text)).collect() }
    }

    fn offsets(&self, at: Span) -> (usize, usize) {
        match (self.documents.get(at.doc as usize), self.scalars.get(at.doc as usize)) {
            (Some(document), Some(scalars)) => (scalars.at(&document.text, at.start), scalars.at(&document.text, at.end)),
            _ => (0, 0),
        }
    }

    /// `Q` of the contract.
    pub fn quote(&self, quote: &Quote) -> Value {
        let (start, end) = self.offsets(quote.at);
        let document = self.documents.get(quote.at.doc as usize);
        let page = document.and_then(|d| d.page_of(quote.at.start));
        let cell =
            document.and_then(|d| d.cell_of(quote.at)).map(|(block, row, column)| json!({"block": block, "row": row, "column": column}));
        let value = json!({"text": quote.text, "start": start, "end": end, "doc": quote.at.doc, "page": page, "cell": cell});
        self.addressed(value, quote.at)
    }

    /// Beside the offsets the attachment's name, and the JSON pointer where the format has such addresses.
    fn addressed(&self, mut value: Value, at: Span) -> Value {
        if let Some(file) = self.documents.get(at.doc as usize).and_then(|d| d.file.as_ref()) {
            value["file"] = json!({"name": file.name, "sha256": file.sha256});
        }
        let pointer = self.documents.get(at.doc as usize).and_then(|d| d.pointer_of(at.start));
        if let (Some(pointer), false) = (pointer, at.is_empty()) {
            value["pointer"] = json!(pointer);
        }
        value
    }

    fn quotes(&self, quotes: &[Quote]) -> Value {
        quotes.iter().map(|q| self.quote(q)).collect()
    }

    fn sourced<T>(&self, read: &Sourced<T>, value: impl FnOnce(&T) -> Value) -> Value {
        let (start, end) = self.offsets(read.at);
        let value =
            json!({"value": value(&read.value), "raw": read.raw, "start": start, "end": end, "doc": read.at.doc, "rule": read.rule});
        self.addressed(value, read.at)
    }

    fn derived<T>(&self, concluded: &Derived<T>, value: impl FnOnce(&T) -> Value) -> Value {
        json!({"value": value(&concluded.value), "derived_from": self.quotes(&concluded.derived_from), "rule": concluded.rule})
    }

    fn known<T>(&self, known: &Known<T>, value: impl FnOnce(&T) -> Value) -> Value {
        match known {
            Known::Read(read) => self.sourced(read, value),
            Known::Concluded(concluded) => self.derived(concluded, value),
        }
    }

    fn text(&self, read: &Sourced<String>) -> Value {
        self.sourced(read, |s| json!(s))
    }

    fn maybe_text(&self, read: &Option<Sourced<String>>) -> Value {
        read.as_ref().map_or(Value::Null, |r| self.text(r))
    }

    fn texts(&self, all: &[Sourced<String>]) -> Value {
        all.iter().map(|r| self.text(r)).collect()
    }

    fn money(&self, known: &Option<Known<Money>>) -> Value {
        known.as_ref().map_or(Value::Null, |k| self.known(k, money))
    }

    fn concluded<T: Serialize>(&self, concluded: &Option<Derived<T>>) -> Value {
        concluded.as_ref().map_or(Value::Null, |d| self.derived(d, |v| json!(v)))
    }

    /// The notice object of the contract.
    pub fn notice(&self, notice: &Notice) -> Value {
        json!({
            "stage": notice.stage.as_ref().map(|s| self.known(s, |v| json!(v))),
            "project_number": notice.project_numbers.first().map(|n| self.text(n)),
            "project_numbers": self.texts(&notice.project_numbers),
            "project_name": self.maybe_text(&notice.project_name),
            "buyer": self.maybe_text(&notice.buyer),
            "buyer_kind": self.concluded(&notice.buyer_kind),
            "end_user": self.maybe_text(&notice.end_user),
            "end_user_kind": self.concluded(&notice.end_user_kind),
            "region": self.concluded(&notice.region),
            "agency": self.maybe_text(&notice.agency),
            "budget": self.money(&notice.budget),
            "total": self.money(&notice.total),
            "dates": {
                "published": self.maybe_text(&notice.dates.published),
                "awarded": self.maybe_text(&notice.dates.awarded),
                "signed": self.maybe_text(&notice.dates.signed),
                "deadline": self.maybe_text(&notice.dates.deadline),
            },
            "event_date": notice.event_date,
            "purposes": notice.purposes.iter().map(|p| self.derived(p, |v| json!(v))).collect::<Vec<_>>(),
            "lots": notice.lots.iter().map(|l| json!({"id": l.id, "name": self.maybe_text(&l.name)})).collect::<Vec<_>>(),
            "awards": notice.awards.iter().map(|a| self.award(a)).collect::<Vec<_>>(),
            "bids": notice.bids.iter().map(|b| self.bid(b)).collect::<Vec<_>>(),
            "items": notice.items.iter().map(|i| self.item(i)).collect::<Vec<_>>(),
            "changes": notice.changes.iter().map(|c| self.change(c)).collect::<Vec<_>>(),
        })
    }

    fn change(&self, change: &Change) -> Value {
        json!({
            "field": change.field,
            "label": self.text(&change.label),
            "old": self.maybe_text(&change.old),
            "new": self.text(&change.new),
        })
    }

    fn award(&self, award: &Award) -> Value {
        json!({"lot": award.lot, "suppliers": self.texts(&award.suppliers), "amount": self.money(&award.amount), "note": award.note})
    }

    fn bid(&self, bid: &Bid) -> Value {
        json!({"lot": bid.lot, "suppliers": self.texts(&bid.suppliers), "amount": self.money(&bid.amount), "rank": bid.rank, "won": bid.won})
    }

    fn item(&self, item: &Item) -> Value {
        json!({
            "lot": item.lot,
            "name": self.text(&item.name),
            "brand": self.maybe_text(&item.brand),
            "model": self.maybe_text(&item.model),
            "quantity": item.quantity.as_ref().map(|q| quantity(&q.value)),
            "unit": item.unit,
            "unit_price": self.money(&item.unit_price),
            "line_total": self.money(&item.line_total),
            "supplier": self.maybe_text(&item.supplier),
            "demanded": item.demanded,
        })
    }

    /// A finding of the contract; internal money becomes decimal strings.
    pub fn finding(&self, finding: &Finding) -> Value {
        let mut value = serde_json::to_value(finding).expect("a finding is plain data");
        let fields: &mut Map<String, Value> = value.as_object_mut().expect("a struct");
        fields.insert("quantity".into(), finding.quantity.as_ref().map_or(Value::Null, quantity));
        fields.insert("amount".into(), finding.amount.as_ref().map_or(Value::Null, money));
        fields.insert("quotes".into(), self.quotes(&finding.quotes));
        fields
            .insert("flags".into(), finding.flags.iter().map(|flag| json!({"id": flag.id, "quotes": self.quotes(&flag.quotes)})).collect());
        value
    }

    /// A gap of the contract.
    pub fn gap(&self, gap: &Gap) -> Value {
        json!({"kind": gap.kind, "at": self.quote(&gap.at), "note": gap.note})
    }

    fn blocks(&self, document: &Document) -> Vec<Value> {
        document.blocks.iter().map(|block| self.block(document, block)).collect()
    }

    fn block(&self, document: &Document, block: &Block) -> Value {
        let (start, end) = self.offsets(document.span(block.start, block.end));
        let mut value = json!({"kind": kind_name(&block.kind), "start": start, "end": end});
        match &block.kind {
            BlockKind::Heading(level) => value["level"] = json!(level),
            BlockKind::Table(cells) => value["cells"] = cells.iter().map(|c| self.cell(document, c)).collect(),
            _ => {}
        }
        value
    }

    fn cell(&self, document: &Document, cell: &Cell) -> Value {
        let (start, end) = self.offsets(document.span(cell.start, cell.end));
        json!({"row": cell.row, "column": cell.column, "row_span": cell.row_span, "column_span": cell.column_span, "header": cell.header, "start": start, "end": end})
    }
}

/// `{"amount": "309750.00", "currency": "CNY"}`.
pub fn money(money: &Money) -> Value {
    json!({"amount": amount(&money.amount), "currency": money.currency})
}

fn kind_name(kind: &BlockKind) -> &'static str {
    match kind {
        BlockKind::Title => "title",
        BlockKind::Heading(_) => "heading",
        BlockKind::Paragraph => "paragraph",
        BlockKind::ListItem => "list_item",
        BlockKind::Table(_) => "table",
        BlockKind::Hidden => "hidden",
        BlockKind::Aside => "aside",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_two_places_and_more_where_written() {
        for (written, expected) in [("309750", "309750.00"), ("0.0385", "0.0385"), ("12.50", "12.50"), ("1.2000", "1.20")] {
            assert_eq!(amount(&written.parse().unwrap()), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn scalars_count_like_chars(text in "[a-z国語🙂\\n]{0,300}") {
            let scalars = Scalars::new(&text);
            for (count, (at, _)) in text.char_indices().enumerate() {
                proptest::prop_assert_eq!(scalars.at(&text, at), count);
            }
            proptest::prop_assert_eq!(scalars.at(&text, text.len()), text.chars().count());
        }
    }
}
