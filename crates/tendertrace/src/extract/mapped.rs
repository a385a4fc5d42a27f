//! What does a row say whose columns somebody has explained? Each value is read from its own cell and
//! from no other; a cell that cannot be read as what it should be is a gap.

use super::values::{amount, number};
use super::{Layout, dates, stage};
use crate::evidence::{Derived, Gap, GapKind, Known, Sourced, Span};
use crate::model::{Award, Bid, CaptureHead, Dates, Item, Lot, Mapped, MappedCell, Money, Notice, Stage};
use crate::rulebook::Rulebook;
use crate::rulebook::read::tables::{Field, Table};
use crate::sheet::Sheet;
use std::collections::HashSet;

/// The notice of mapped rows.
pub fn extract(capture: &CaptureHead, sheets: &[Sheet<'_>], mapped: &Mapped, rules: &Rulebook) -> (Notice, Vec<Gap>) {
    let known = rules.read.tables.iter().find(|table| table.id == mapped.table);
    let (Some(table), Some(sheet)) = (known, sheets.first()) else { return (Notice::default(), Vec::new()) };
    let layout = Layout::of(sheet, rules);
    let mut rows = Rows { mapped, table, layout: &layout, rules, gaps: Vec::new() };
    let mut notice = rows.own_fields();
    let stage = *notice.stage.as_ref().map_or(&Stage::Other, |stage| stage.value());
    notice.dates = rows.dates();
    rows.outcome(&mut notice, stage);
    notice.items = mapped.rows.iter().filter_map(|row| rows.item(row, stage)).collect();
    notice.event_date = dates::event_date(Some(stage), &notice.dates, capture, rules);
    let gaps = rows.gaps;
    (notice, gaps)
}

struct Rows<'a> {
    mapped: &'a Mapped,
    table: &'a Table,
    layout: &'a Layout<'a>,
    rules: &'a Rulebook,
    gaps: Vec<Gap>,
}

impl<'a> Rows<'a> {
    fn cells_of(&self, row: &'a [MappedCell], field: Field) -> impl Iterator<Item = &'a MappedCell> + use<'a> {
        let table = self.table;
        row.iter().filter(move |cell| table.field(&cell.column) == Some(field))
    }

    fn span(&self, cell: &MappedCell) -> Span {
        self.layout.document.span(cell.start, cell.end)
    }

    fn text(&self, cell: &MappedCell) -> Option<Sourced<String>> {
        let at = self.span(cell);
        let raw = self.layout.document.slice(at).to_string();
        let absent = amount::absent(&raw, self.rules).is_some();
        (!absent).then(|| Sourced { value: raw.trim().to_string(), raw, at, rule: self.table.rule(&cell.column) })
    }

    fn texts_of(&self, row: &'a [MappedCell], field: Field) -> Vec<Sourced<String>> {
        self.cells_of(row, field).filter_map(|cell| self.text(cell)).collect()
    }

    /// Different values of a field in all rows.
    fn all(&self, field: Field) -> Vec<Sourced<String>> {
        let mut seen = HashSet::new();
        let values = self.mapped.rows.iter().flat_map(|row| self.texts_of(row, field));
        values.filter(|text| seen.insert(text.value.clone())).collect()
    }

    fn first(&self, field: Field) -> Option<Sourced<String>> {
        self.mapped.rows.iter().flat_map(|row| self.texts_of(row, field)).next()
    }

    fn money(&mut self, row: &'a [MappedCell], field: Field) -> Option<Known<Money>> {
        let cell = self.cells_of(row, field).next()?;
        let at = self.span(cell);
        let mut hint = amount::hint(&cell.column, self.rules);
        let own = self.texts_of(row, Field::Currency).pop().map(|text| text.value.to_uppercase());
        hint.currency = own.filter(|code| code.len() == 3).or(hint.currency).or_else(|| self.table.currency.clone());
        let text = self.layout.document.slice(at);
        match amount::read(text, &hint, self.rules) {
            amount::Reading::Money(stated) | amount::Reading::PerUnit(stated) => {
                let span = self.layout.document.span(at.start + stated.start, at.start + stated.end);
                let raw = self.layout.document.slice(span).to_string();
                Some(Known::Read(Sourced { value: stated.money, raw, at: span, rule: self.table.rule(&cell.column) }))
            }
            amount::Reading::NotGiven(_) => None,
            _ => {
                self.unread(cell, "no amount that can be read; digits with a point before the decimals are expected");
                None
            }
        }
    }

    fn unread(&mut self, cell: &MappedCell, note: &str) {
        let at = self.layout.document.quote(cell.start, cell.end);
        self.gaps.push(Gap { kind: GapKind::UnreadableValue, at, note: note.to_string() });
    }

    fn own_fields(&mut self) -> Notice {
        let first_row = self.mapped.rows.first().map_or(&[][..], Vec::as_slice);
        Notice {
            stage: Some(self.stage()),
            project_numbers: self.all(Field::ProjectNumber),
            project_name: self.first(Field::ProjectName).or_else(|| self.first(Field::Title)),
            buyer: self.first(Field::Buyer),
            end_user: self.first(Field::EndUser),
            agency: self.first(Field::Agency),
            budget: self.money(first_row, Field::Budget),
            ..Notice::default()
        }
    }

    /// The stage that the row says, else that of the table, else what the title shows.
    fn stage(&mut self) -> Known<Stage> {
        let cell = self.mapped.rows.iter().flat_map(|row| self.cells_of(row, Field::Stage)).next();
        let said = cell.and_then(|cell| self.text(cell));
        if let Some(known) = said.as_ref().and_then(|said| self.table.stage_of(&said.value)) {
            return Known::Read(said.expect("it was just read").map(|_| known));
        }
        if let Some(cell) = cell.filter(|_| said.is_some()) {
            self.unread(cell, "no stage of the table's file; add the value to its [stages]");
        }
        if let Some(stage) = self.table.stage {
            return Known::Concluded(Derived { value: stage, derived_from: Vec::new(), rule: self.table.rule("stage") });
        }
        stage::stage(self.layout, &HashSet::new(), self.rules)
    }

    fn dates(&mut self) -> Dates {
        Dates {
            published: self.date(Field::Published),
            awarded: self.date(Field::Awarded),
            signed: self.date(Field::Signed),
            deadline: self.date(Field::Deadline),
        }
    }

    fn date(&mut self, field: Field) -> Option<Sourced<String>> {
        let cell = self.mapped.rows.iter().flat_map(|row| self.cells_of(row, field)).next()?;
        let text = self.text(cell)?;
        let Some(date) = dates::first(&text.raw, self.rules) else {
            self.unread(cell, "no date that can be read; year, month, day are expected");
            return None;
        };
        let at = self.layout.document.span(text.at.start + date.start, text.at.start + date.end);
        Some(Sourced { value: date.iso, raw: self.layout.document.slice(at).to_string(), at, rule: text.rule })
    }

    fn outcome(&mut self, notice: &mut Notice, stage: Stage) {
        let mut seen = HashSet::new();
        let bought = matches!(stage, Stage::Award | Stage::Contract | Stage::Acceptance);
        for row in &self.mapped.rows {
            let lot = self.texts_of(row, Field::Lot).into_iter().next();
            if let Some(lot) = lot.as_ref().filter(|lot| notice.lots.iter().all(|known| known.id != lot.value)) {
                notice.lots.push(Lot { id: lot.value.clone(), name: None });
            }
            let (lot, suppliers) = (lot.map(|lot| lot.value), self.texts_of(row, Field::Supplier));
            let names: Vec<String> = suppliers.iter().map(|s| s.value.clone()).collect();
            if !suppliers.is_empty() && seen.insert((lot.clone(), names)) {
                let amount = self.money(row, Field::Amount);
                match bought {
                    true => notice.awards.push(Award { lot: lot.clone(), suppliers, amount, note: None }),
                    false => notice.bids.push(Bid { lot: lot.clone(), suppliers, amount, rank: None, won: None }),
                }
            }
            for loser in self.texts_of(row, Field::Loser) {
                notice.bids.push(Bid { lot: lot.clone(), suppliers: vec![loser], amount: None, rank: None, won: Some(false) });
            }
        }
        if let [Award { amount, .. }] = notice.awards.as_slice() {
            notice.total = amount.clone();
        }
    }

    /// The good of a row: what names it, else its model or brand.
    fn item(&mut self, row: &'a [MappedCell], stage: Stage) -> Option<Item> {
        let one = |field: Field| self.texts_of(row, field).into_iter().next();
        let (brand, model) = (one(Field::Brand), one(Field::Model));
        let name = one(Field::Item).or_else(|| model.clone()).or_else(|| brand.clone())?;
        let demanded = !matches!(stage, Stage::Award | Stage::Contract | Stage::Acceptance | Stage::Candidate);
        let at = self.layout.document.span(row.first()?.start, row.last()?.end);
        let (supplier, lot) = (one(Field::Supplier), one(Field::Lot).map(|lot| lot.value));
        let (quantity, counted) = self.quantity(row).unzip();
        Some(Item {
            lot,
            brand,
            model,
            quantity,
            unit: self.texts_of(row, Field::Unit).pop().map(|unit| unit.value).or(counted.flatten()),
            unit_price: self.money(row, Field::UnitPrice),
            line_total: self.money(row, Field::LineTotal),
            supplier: supplier.filter(|_| !demanded),
            ..Item::named(name, demanded, at)
        })
    }

    fn quantity(&mut self, row: &'a [MappedCell]) -> Option<(Sourced<rust_decimal::Decimal>, Option<String>)> {
        let cell = self.cells_of(row, Field::Quantity).next()?;
        let text = self.text(cell)?;
        let Some(found) = number::quantity(&text.raw, self.rules) else {
            self.unread(cell, "no quantity that can be read");
            return None;
        };
        let at = self.layout.document.span(text.at.start + found.start, text.at.start + found.end);
        let raw = self.layout.document.slice(at).to_string();
        Some((Sourced { value: found.value, raw, at, rule: text.rule }, found.unit))
    }
}
