//! The building blocks of a release: parties, values, items, lots, bids.

use crate::model::*;
use crate::report::bodies::Bodies;
use crate::report::mask;
use crate::rulebook::Rulebook;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Parties of a release by id, each with its roles.
pub struct Parties<'a> {
    bodies: &'a Bodies,
    rules: &'a Rulebook,
    known: BTreeMap<String, (String, BTreeSet<&'static str>)>,
    persons: Vec<String>,
}

impl<'a> Parties<'a> {
    pub fn new(bodies: &'a Bodies, rules: &'a Rulebook) -> Parties<'a> {
        Parties { bodies, rules, known: BTreeMap::new(), persons: Vec::new() }
    }

    /// Enters a party in a role and returns the reference to it.
    pub fn refer(&mut self, name: &str, role: &'static str) -> Value {
        let shown = mask::party(name, &self.rules.report.masks);
        let id = self.id(name, &shown);
        // One id has one name in a release; another spelling stands in the quotes.
        let (name, roles) = self.known.entry(id.clone()).or_insert_with(|| (shown, BTreeSet::new()));
        roles.insert(role);
        json!({"id": id, "name": name})
    }

    /// The case's id of the organisation, else a hash of the name; a person's name is not even hashed.
    fn id(&mut self, name: &str, shown: &str) -> String {
        if let Some(body) = self.bodies.of(name).filter(|_| shown == name) {
            return body.id.clone();
        }
        if shown == name {
            let key = crate::assemble::keys::body_key(name, self.rules);
            return format!("name-{}", &crate::model::sha256_hex(key.as_bytes())[..12]);
        }
        let at = self.persons.iter().position(|p| p == name).unwrap_or_else(|| {
            self.persons.push(name.to_string());
            self.persons.len() - 1
        });
        format!("withheld-{}", at + 1)
    }

    /// All of them; `None` where the notice names nobody: an empty list is a fault.
    pub fn list(self) -> Option<Value> {
        if self.known.is_empty() {
            return None;
        }
        let list = self.known.into_iter().map(|(id, (name, roles))| json!({"id": id, "name": name, "roles": roles})).collect();
        Some(list)
    }
}

/// `Value` of the standard.
pub fn value(money: &Money) -> Value {
    json!({"amount": number(&money.amount), "currency": money.currency})
}

/// A decimal as a JSON number.
pub fn number(decimal: &Decimal) -> Value {
    crate::wire::quantity(decimal)
}

pub fn item(at: usize, item: &Item, rules: &Rulebook) -> Value {
    let text = |t: &str| mask::text(t, &rules.report.masks);
    let mut out = json!({"id": (at + 1).to_string(), "description": text(&item.name.value)});
    if let Some(quantity) = &item.quantity {
        out["quantity"] = number(&quantity.value);
    }
    if item.unit.is_some() || item.unit_price.is_some() {
        out["unit"] = unit(item);
    }
    let attribute =
        |id: &str, v: &Option<crate::evidence::Sourced<String>>| v.as_ref().map(|v| json!({"id": id, "name": id, "value": text(&v.value)}));
    let attributes: Vec<Value> = [attribute("brand", &item.brand), attribute("model", &item.model)].into_iter().flatten().collect();
    if !attributes.is_empty() {
        out["attributes"] = json!(attributes);
    }
    if let Some(lot) = &item.lot {
        out["relatedLot"] = json!(lot);
    }
    out
}

fn unit(item: &Item) -> Value {
    let mut unit = serde_json::Map::new();
    if let Some(name) = &item.unit {
        unit.insert("name".into(), json!(name));
    }
    if let Some(price) = &item.unit_price {
        unit.insert("value".into(), value(price.value()));
    }
    Value::Object(unit)
}

/// Every lot that the notice lists or refers to.
pub fn lots(notice: &Notice, rules: &Rulebook) -> Vec<Value> {
    let mut names: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    let referred =
        notice.awards.iter().map(|a| &a.lot).chain(notice.bids.iter().map(|b| &b.lot)).chain(notice.items.iter().map(|i| &i.lot));
    referred.flatten().for_each(|lot| {
        names.entry(lot).or_default();
    });
    for lot in &notice.lots {
        let name = names.entry(&lot.id).or_default();
        *name = name.or(lot.name.as_ref().map(|n| n.value.as_str()));
    }
    let lot = |(id, name): (&str, Option<&str>)| match name {
        Some(name) => json!({"id": id, "title": mask::text(name, &rules.report.masks)}),
        None => json!({"id": id}),
    };
    names.into_iter().map(lot).collect()
}

/// Awarded items by the award they belong to: by seller, by lot, or by there being only one award.
pub fn items_by_award(notice: &Notice) -> BTreeMap<usize, Vec<usize>> {
    let mut out: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, item) in notice.items.iter().enumerate().filter(|(_, i)| !i.demanded) {
        if let Some(award) = award_of(notice, item) {
            out.entry(award).or_default().push(at);
        }
    }
    out
}

fn award_of(notice: &Notice, item: &Item) -> Option<usize> {
    if notice.awards.len() == 1 {
        return Some(0);
    }
    let sold = |a: &Award| item.supplier.as_ref().is_some_and(|s| a.suppliers.iter().any(|o| o.value == s.value));
    let only = |keep: &dyn Fn(&Award) -> bool| {
        let mut fit = notice.awards.iter().enumerate().filter(|(_, a)| keep(a)).map(|(at, _)| at);
        fit.next().filter(|_| fit.next().is_none())
    };
    only(&|a| sold(a) && a.lot == item.lot).or_else(|| only(&sold)).or_else(|| only(&|a| item.lot.is_some() && a.lot == item.lot))
}

/// Everyone who bid, once.
pub fn tenderers(notice: &Notice, parties: &mut Parties) -> Vec<Value> {
    let all = notice.bids.iter().flat_map(|b| &b.suppliers).map(|s| parties.refer(&s.value, "tenderer")).collect();
    once(all)
}

pub fn once(all: Vec<Value>) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    all.into_iter().filter(|v| seen.insert(v["id"].to_string())).collect()
}

/// Bids of the bid extension.
pub fn bids(notice: &Notice, parties: &mut Parties) -> Option<Value> {
    let bid = |(at, bid): (usize, &Bid)| {
        let tenderers: Vec<Value> = bid.suppliers.iter().map(|s| parties.refer(&s.value, "tenderer")).collect();
        let mut out = json!({"id": (at + 1).to_string(), "status": "valid", "tenderers": once(tenderers)});
        if let Some(amount) = &bid.amount {
            out["value"] = value(amount.value());
        }
        if let Some(lot) = &bid.lot {
            out["relatedLots"] = json!([lot]);
        }
        out
    };
    (!notice.bids.is_empty()).then(|| json!({"details": notice.bids.iter().enumerate().map(bid).collect::<Vec<_>>()}))
}

/// An address in ASCII, as the standard's `uri` wants it.
pub fn ascii_uri(url: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&b);
    let mut out = String::with_capacity(url.len());
    let mut fragment = false;
    for byte in url.bytes() {
        let second = byte == b'#' && std::mem::replace(&mut fragment, true);
        if plain(byte) && !second { out.push(byte as char) } else { out.push_str(&format!("%{byte:02X}")) }
    }
    out
}
