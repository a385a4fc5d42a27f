//! What does a contracting process of open contracting data state? The standard says itself what
//! each value is: buyer, awards, items and amounts are taken from their names, never from wording.

use crate::evidence::{Derived, Gap, GapKind, Known, Quote, RuleId, Sourced, Span};
use crate::model::{Award, Bid, CaptureHead, Dates, Document, Item, Lot, Money, Named, Notice, Region, Stage};
use crate::rulebook::Rulebook;
use rust_decimal::Decimal;
use std::collections::HashMap;

/// The notice of a process, and what could not be understood of it.
pub fn extract(capture: &CaptureHead, document: &Document, values: &Named, rules: &Rulebook) -> (Notice, Vec<Gap>) {
    let reader = Reader::new(document, values, rules);
    let mut gaps = Vec::new();
    let awards = reader.awards(&mut gaps);
    let stage = reader.stage(&awards);
    let dates = reader.dates();
    let event_date = super::dates::event_date(Some(*stage.value()), &dates, capture, rules);
    let (buyer, agency) = reader.buyer_and_agency();
    let region = buyer.as_ref().and_then(|buyer| reader.region(&buyer.1));
    let notice = Notice {
        project_numbers: reader.sourced(At(values).get("ocid"), "ocid").into_iter().collect(),
        project_name: reader.title(),
        budget: reader.budget(&mut gaps),
        total: total(&awards),
        lots: reader.lots(),
        bids: reader.bids(&awards, *stage.value()),
        items: reader.items(&awards, &mut gaps),
        awards: awards.into_iter().filter(|a| a.state == State::Won).map(|a| a.award).collect(),
        stage: Some(stage),
        buyer: buyer.map(|b| b.0),
        agency,
        region,
        dates,
        event_date,
        ..Notice::default()
    };
    (notice, gaps)
}

/// A place in the tree of names; what is not there is `Nothing`.
#[derive(Clone, Copy)]
struct At<'a>(&'a Named);

const NOTHING: &Named = &Named::List(Vec::new());

impl<'a> At<'a> {
    /// The value under `key`; of a list, under its first entry's.
    fn get(self, key: &str) -> At<'a> {
        let found = match self.0 {
            Named::Object(fields) => fields.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            Named::List(list) => return list.first().map_or(At(NOTHING), |first| At(first).get(key)),
            Named::Value(..) => None,
        };
        At(found.unwrap_or(NOTHING))
    }

    fn path(self, path: &str) -> At<'a> {
        path.split('/').fold(self, At::get)
    }

    fn list(self) -> impl Iterator<Item = At<'a>> {
        let list: &[Named] = match self.0 {
            Named::List(list) => list,
            one @ Named::Object(_) => std::slice::from_ref(one),
            Named::Value(..) => &[],
        };
        list.iter().map(At)
    }

    /// First and last byte of all values below.
    fn extent(self) -> Option<(usize, usize)> {
        match self.0 {
            Named::Value(start, end) => Some((*start, *end)),
            Named::List(list) => list.iter().filter_map(|n| At(n).extent()).reduce(hull),
            Named::Object(fields) => fields.iter().filter_map(|(_, n)| At(n).extent()).reduce(hull),
        }
    }
}

fn hull(a: (usize, usize), b: (usize, usize)) -> (usize, usize) {
    (a.0.min(b.0), a.1.max(b.1))
}

/// What became of an award.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Won,
    Pending,
    Failed,
}

struct Given<'a> {
    award: Award,
    state: State,
    at: At<'a>,
}

/// A name with the object that gives it.
type Named2<'a> = (Sourced<String>, At<'a>);

struct Reader<'a> {
    document: &'a Document,
    release: At<'a>,
    rules: &'a Rulebook,
    /// Parties by their id.
    parties: HashMap<&'a str, At<'a>>,
}

impl<'a> Reader<'a> {
    fn new(document: &'a Document, values: &'a Named, rules: &'a Rulebook) -> Reader<'a> {
        let mut reader = Reader { document, release: At(values), rules, parties: HashMap::new() };
        for party in reader.release.get("parties").list() {
            if let Some(id) = reader.text(party.get("id")) {
                reader.parties.insert(id, party);
            }
        }
        reader
    }

    /// A value as written, where there is one.
    fn text(&self, at: At<'a>) -> Option<&'a str> {
        match at.0 {
            Named::Value(start, end) => Some(&self.document.text[*start..*end]).filter(|text| !text.trim().is_empty()),
            _ => None,
        }
    }

    fn sourced(&self, at: At<'a>, rule: &str) -> Option<Sourced<String>> {
        let raw = self.text(at)?;
        let Named::Value(start, end) = at.0 else { return None };
        let span = Span::new(self.document.number, *start, *end);
        Some(Sourced { value: raw.trim().to_string(), raw: raw.to_string(), at: span, rule: self.rule(rule) })
    }

    fn rule(&self, name: &str) -> RuleId {
        format!("ocds/{name}").into()
    }

    fn quote(&self, at: At<'a>) -> Option<Quote> {
        let (start, end) = at.extent().filter(|_| matches!(at.0, Named::Value(..)))?;
        Some(Quote { text: self.document.text[start..end].to_string(), at: Span::new(self.document.number, start, end) })
    }

    fn title(&self) -> Option<Sourced<String>> {
        let paths =
            ["tender/title", "title", "name", "planning/project/title", "contracts/title", "awards/title", "planning/budget/project"];
        paths.iter().find_map(|path| self.sourced(self.release.path(path), path))
    }

    /// The name of a body: its own, that of the party it refers to, or its legal name.
    fn name(&self, body: At<'a>, rule: &str) -> Option<Named2<'a>> {
        let party = self.text(body.get("id")).and_then(|id| self.parties.get(id)).copied();
        let own = self.sourced(body.get("name"), rule);
        let own = own.or_else(|| party.and_then(|party| self.sourced(party.get("name"), rule)));
        let legal = || [Some(body), party].into_iter().flatten().find_map(|b| self.sourced(b.path("identifier/legalName"), rule));
        own.or_else(legal).map(|name| (name, party.unwrap_or(body)))
    }

    fn party_of_role(&self, role: &str, rule: &str) -> Option<Named2<'a>> {
        let plays = |party: &At<'a>| match party.get("roles").0 {
            Named::List(roles) => roles.iter().any(|r| self.text(At(r)) == Some(role)),
            _ => false,
        };
        self.release.get("parties").list().filter(plays).find_map(|party| self.name(party, rule))
    }

    fn buyer_and_agency(&self) -> (Option<Named2<'a>>, Option<Sourced<String>>) {
        let buyer = self.name(self.release.get("buyer"), "buyer").or_else(|| self.party_of_role("buyer", "parties/buyer"));
        let entity = self.name(self.release.path("tender/procuringEntity"), "tender/procuringEntity");
        let entity = entity.or_else(|| self.party_of_role("procuringEntity", "parties/procuringEntity"));
        match (buyer, entity) {
            (Some(buyer), Some(entity)) => {
                let agency = (entity.0.value != buyer.0.value).then_some(entity.0);
                (Some(buyer), agency)
            }
            (buyer, entity) => (buyer.or(entity), None),
        }
    }

    /// The buyer's country, where its address names it.
    fn region(&self, buyer: &At<'a>) -> Option<Derived<Region>> {
        let paths = ["address/countryName", "address/countryCode", "address/country", "identifier/country"];
        paths.iter().find_map(|path| {
            let at = buyer.path(path);
            let country = self.rules.countries.of(self.text(at)?, &self.rules.folder)?;
            let region = Region { code: country.code.clone(), name: country.name.clone() };
            Some(Derived { value: region, derived_from: self.quote(at).into_iter().collect(), rule: country.rule.clone() })
        })
    }

    fn dates(&self) -> Dates {
        let of = |paths: &[&str]| paths.iter().find_map(|path| self.date(self.release.path(path), path));
        Dates {
            published: of(&["tender/datePublished", "date", "publishedDate"]),
            awarded: self.release.get("awards").list().find_map(|award| {
                ["date", "awardDate", "awardAnnounceDate"].iter().find_map(|key| self.date(award.get(key), "awards/date"))
            }),
            signed: self.release.get("contracts").list().find_map(|contract| self.date(contract.get("dateSigned"), "contracts/dateSigned")),
            deadline: of(&["tender/tenderPeriod/endDate"]),
        }
    }

    fn date(&self, at: At<'a>, rule: &str) -> Option<Sourced<String>> {
        let day = self.sourced(at, rule)?;
        crate::ocds::days(&day.value)?;
        Some(day.map(|text| text[..10].to_string()))
    }

    /// An amount with its currency; what is no number is a gap.
    fn money(&self, value: At<'a>, rule: &str, gaps: &mut Vec<Gap>) -> Option<Known<Money>> {
        let at = value.get("amount");
        let read = self.sourced(at, rule)?;
        let Some(amount) = decimal(&read.value) else {
            gaps.push(Gap { kind: GapKind::UnreadableValue, at: read.quote(), note: "no single reading as a number".into() });
            return None;
        };
        let currency = self.text(value.get("currency"))?.trim().to_uppercase();
        (amount > Decimal::ZERO).then(|| Known::Read(read.map(|_| Money { amount, currency })))
    }

    fn budget(&self, gaps: &mut Vec<Gap>) -> Option<Known<Money>> {
        let planned = self.money(self.release.path("planning/budget/amount"), "planning/budget/amount", gaps);
        let valued = self.money(self.release.path("tender/value"), "tender/value", gaps);
        valued.or(planned).or_else(|| self.money(self.release.path("tender/budget/value"), "tender/budget/value", gaps))
    }

    fn awards(&self, gaps: &mut Vec<Gap>) -> Vec<Given<'a>> {
        self.release.get("awards").list().map(|at| self.award(at, gaps)).collect()
    }

    fn award(&self, at: At<'a>, gaps: &mut Vec<Gap>) -> Given<'a> {
        let suppliers: Vec<Sourced<String>> =
            at.get("suppliers").list().filter_map(|s| self.name(s, "awards/suppliers").map(|n| n.0)).collect();
        let state = match self.text(at.get("status")).map(str::to_lowercase).as_deref() {
            Some("pending") => State::Pending,
            Some("cancelled" | "unsuccessful") => State::Failed,
            _ if suppliers.is_empty() && at.get("value").extent().is_none() => State::Pending,
            _ => State::Won,
        };
        let values = ["value", "totalAwardValue", "awardValue"];
        let stated = values.iter().find_map(|key| self.money(at.get(key), "awards/value", gaps));
        let amount = stated.or_else(|| self.contracted(at, gaps));
        let note = amount.is_none().then(|| "not_given".to_string());
        Given { award: Award { lot: self.lot(at), suppliers, amount, note }, state, at }
    }

    /// The sum of the only contract of an award.
    fn contracted(&self, award: At<'a>, gaps: &mut Vec<Gap>) -> Option<Known<Money>> {
        let id = self.text(award.get("id"))?;
        let mut of_award = self.release.get("contracts").list().filter(|c| self.text(c.get("awardID")) == Some(id));
        let (contract, more) = (of_award.next()?, of_award.next());
        more.is_none().then(|| self.money(contract.get("value"), "contracts/value", gaps)).flatten()
    }

    /// The only lot a thing belongs to.
    fn lot(&self, at: At<'a>) -> Option<String> {
        let named = ["relatedLot", "lotID"].iter().find_map(|key| self.text(at.get(key)));
        let related: Vec<&str> = match at.get("relatedLots").0 {
            Named::List(lots) => lots.iter().filter_map(|lot| self.text(At(lot))).collect(),
            _ => Vec::new(),
        };
        named.or_else(|| (related.len() == 1).then(|| related[0])).map(str::to_string)
    }

    fn lots(&self) -> Vec<Lot> {
        let lots = self.release.path("tender/lots").list();
        lots.filter_map(|lot| {
            Some(Lot { id: self.text(lot.get("id"))?.to_string(), name: self.sourced(lot.get("title"), "tender/lots/title") })
        })
        .collect()
    }

    /// Bids as published; tenderers where no bids are. Who won is no loser.
    fn bids(&self, awards: &[Given<'a>], stage: Stage) -> Vec<Bid> {
        let winners: Vec<&str> =
            awards.iter().filter(|a| a.state == State::Won).flat_map(|a| &a.award.suppliers).map(|s| s.value.as_str()).collect();
        let decided = matches!(stage, Stage::Award | Stage::Contract) && !winners.is_empty();
        let bid = |names: Vec<Sourced<String>>, amount: Option<Known<Money>>, lot: Option<String>| {
            let won = names.iter().any(|n| winners.contains(&n.value.as_str()));
            let won = if won { Some(true) } else { decided.then_some(false) };
            (!names.is_empty()).then_some(Bid { lot, suppliers: names, amount, rank: None, won })
        };
        let names = |at: At<'a>| at.list().filter_map(|t| self.name(t, "bids/tenderers").map(|n| n.0)).collect::<Vec<_>>();
        let mut bids: Vec<Bid> = self
            .release
            .path("bids/details")
            .list()
            .filter_map(|b| bid(names(b.get("tenderers")), self.money(b.get("value"), "bids/value", &mut Vec::new()), self.lot(b)))
            .collect();
        if bids.is_empty() {
            let tenderers = self.release.path("tender/tenderers").list();
            bids.extend(tenderers.filter_map(|t| bid(self.name(t, "tender/tenderers").map(|n| n.0).into_iter().collect(), None, None)));
        }
        bids.extend(awards.iter().filter(|a| a.state == State::Pending).filter_map(|a| {
            let suppliers = a.award.suppliers.clone();
            (!suppliers.is_empty()).then(|| Bid {
                lot: a.award.lot.clone(),
                suppliers,
                amount: a.award.amount.clone(),
                rank: None,
                won: None,
            })
        }));
        bids
    }

    /// Items of what was won and contracted; those of the tender are demanded.
    fn items(&self, awards: &[Given<'a>], gaps: &mut Vec<Gap>) -> Vec<Item> {
        let mut items = Vec::new();
        for given in awards.iter().filter(|a| a.state == State::Won) {
            let supplier = (given.award.suppliers.len() == 1).then(|| given.award.suppliers[0].clone());
            self.items_of(given.at, given.award.lot.as_deref(), supplier.as_ref(), &mut items, gaps);
        }
        for contract in self.release.get("contracts").list() {
            let award = self.text(contract.get("awardID")).and_then(|id| awards.iter().find(|a| self.text(a.at.get("id")) == Some(id)));
            let failed = matches!(self.text(contract.get("status")), Some("cancelled" | "pending"));
            let lot = award.and_then(|a| a.award.lot.clone());
            let supplier = award.filter(|a| a.award.suppliers.len() == 1).map(|a| a.award.suppliers[0].clone());
            if failed || award.is_some_and(|a| a.state != State::Won) {
                continue;
            }
            self.items_of(contract, lot.as_deref(), supplier.as_ref(), &mut items, gaps);
        }
        for item in self.release.path("tender/items").list() {
            items.extend(self.item(item, true, None, None, gaps));
        }
        items
    }

    /// The items of an award or contract, and what it is called: that is what was bought as well.
    fn items_of(&self, at: At<'a>, lot: Option<&str>, supplier: Option<&Sourced<String>>, items: &mut Vec<Item>, gaps: &mut Vec<Gap>) {
        for item in at.get("items").list() {
            items.extend(self.item(item, false, lot, supplier, gaps));
        }
        for key in ["title", "description"] {
            let Some(name) = self.sourced(at.get(key), key) else { continue };
            let at = name.at;
            items.push(Item { lot: lot.map(str::to_string), supplier: supplier.cloned(), ..Item::named(name, false, at) });
        }
    }

    fn item(&self, at: At<'a>, demanded: bool, lot: Option<&str>, supplier: Option<&Sourced<String>>, gaps: &mut Vec<Gap>) -> Option<Item> {
        let name = self.sourced(at.get("description"), "items/description");
        let name = name.or_else(|| self.sourced(at.path("classification/description"), "items/classification"))?;
        let (start, end) = at.extent()?;
        let quantity = self.sourced(at.get("quantity"), "items/quantity");
        Some(Item {
            lot: self.lot(at).or_else(|| lot.map(str::to_string)),
            quantity: quantity.and_then(|q| decimal(&q.value).map(|value| q.map(|_| value))),
            unit: self.text(at.path("unit/name")).map(str::to_string),
            unit_price: self.money(at.path("unit/value"), "items/unit/value", gaps),
            supplier: supplier.cloned(),
            ..Item::named(name, demanded, Span::new(self.document.number, start, end))
        })
    }

    /// The stage the data themselves reach: a contract, an award, a failed or an open tender, a plan.
    fn stage(&self, awards: &[Given<'a>]) -> Known<Stage> {
        let status = |at: At<'a>| self.text(at.get("status")).map(str::to_lowercase).unwrap_or_default();
        let contract = self.release.get("contracts").list().find(|c| !matches!(status(*c).as_str(), "cancelled" | "pending"));
        let award = awards.iter().find(|a| a.state == State::Won);
        let tender = self.release.get("tender");
        let tags: Vec<At> = match self.release.get("tag").0 {
            Named::List(tags) => tags.iter().map(At).collect(),
            _ => Vec::new(),
        };
        let tag = |words: &[&str]| tags.iter().find(|t| self.text(**t).is_some_and(|t| words.contains(&t))).copied();
        let failed = matches!(status(tender).as_str(), "cancelled" | "unsuccessful" | "withdrawn");
        let told = |stage: Stage, at: At<'a>, rule: &str| self.told(stage, at, rule);
        match (contract, award) {
            (Some(contract), _) if award.is_some() || awards.is_empty() => told(Stage::Contract, contract.get("id"), "stage#contracts"),
            (_, Some(award)) => told(Stage::Award, award.at.get("id"), "stage#awards"),
            _ if failed => told(Stage::Cancellation, tender.get("status"), "stage#tender-status"),
            _ => match (tag(&["tenderCancellation", "awardCancellation"]), tag(&["tenderAmendment", "tenderUpdate"]), tag(&["planning"])) {
                (Some(tag), ..) => told(Stage::Cancellation, tag, "stage#tag"),
                (_, Some(tag), _) => told(Stage::Correction, tag, "stage#tag"),
                (_, _, Some(tag)) if tags.len() == 1 => told(Stage::Intention, tag, "stage#tag"),
                _ if tender.extent().is_some() => told(Stage::Tender, tender.get("id"), "stage#tender"),
                _ if self.release.get("planning").extent().is_some() => told(Stage::Intention, self.release.get("ocid"), "stage#planning"),
                _ => told(Stage::Other, self.release.get("ocid"), "stage#nothing-shows-one"),
            },
        }
    }

    fn told(&self, value: Stage, at: At<'a>, rule: &str) -> Known<Stage> {
        Known::Concluded(Derived { value, derived_from: self.quote(at).into_iter().collect(), rule: self.rule(rule) })
    }
}

/// A number as JSON writes it or as a text does that allows one reading.
fn decimal(text: &str) -> Option<Decimal> {
    let plain = crate::ocds::repair::number(text)?;
    plain.parse().ok().or_else(|| Decimal::from_scientific(&plain).ok())
}

/// The sum of what was awarded, in one currency.
fn total(awards: &[Given]) -> Option<Known<Money>> {
    let won: Vec<&Given> = awards.iter().filter(|a| a.state == State::Won).collect();
    let amounts: Vec<&Known<Money>> = won.iter().filter_map(|a| a.award.amount.as_ref()).collect();
    let first = amounts.first()?.value();
    if amounts.len() < won.len() || amounts.iter().any(|a| a.value().currency != first.currency) {
        return None;
    }
    if let [one] = amounts[..] {
        return Some(one.clone());
    }
    let amount = amounts.iter().map(|a| a.value().amount).sum();
    let derived_from = amounts.iter().flat_map(|a| a.quotes()).collect();
    Some(Known::Concluded(Derived {
        value: Money { amount, currency: first.currency.clone() },
        derived_from,
        rule: "ocds/total#sum-of-awards".into(),
    }))
}
