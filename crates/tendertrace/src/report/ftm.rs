//! How does a notice read in FollowTheMoney? Entities that merge by id: a call and a contract for each
//! contracting process, an award for each lot and winner, bodies by name, the page as a document,
//! findings and list leads as notes. A possible match on a list is a note, never a `Sanction`: that
//! entity would say of a body what nobody has checked. Contacts are withheld.

pub mod links;

use super::bodies::{Bodies, Body};
use super::{mask, ocds, say};
use crate::assemble::{CaseFinding, digest, is_bought, keys, process_id, word};
use crate::model::*;
use crate::rulebook::Rulebook;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Findings of the joined case by id: what a person rejected and what copies repeat is not among them.
pub type Findings<'a> = HashMap<&'a str, &'a CaseFinding>;

/// What the case adds to each of its notices.
#[derive(Default)]
pub struct OfCase<'a> {
    pub findings: Findings<'a>,
    pub bodies: Bodies,
}

/// The findings that leave with the case.
pub fn findings(case: &crate::assemble::Case) -> Findings<'_> {
    let shown = case.findings.iter().filter(|f| f.access != Access::Confidential);
    shown.map(|f| (f.finding.id.as_str(), f)).collect()
}

/// What the notices of a case say of the amount of each award. Of several the one of the contract is
/// taken, then of the award, then of the acceptance; of one stage the later; the others are said in words.
#[derive(Default)]
pub struct Amounts(BTreeMap<String, BTreeSet<(Said, String, String)>>);

/// How much what a notice says of an amount counts, and of what stage and day it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Said {
    weight: u8,
    day: String,
    stage: String,
}

impl Amounts {
    fn hear(&mut self, award: &str, notice: &Notice, money: &Money) {
        let stage = notice.stage.as_ref().map_or(Stage::Other, |s| *s.value());
        let weight = match stage {
            Stage::Contract => 3,
            Stage::Award => 2,
            Stage::Acceptance => 1,
            _ => 0,
        };
        let day = notice.event_date.as_ref().map(|d| d.value.clone()).unwrap_or_default();
        let said = Said { weight, day, stage: word(&stage) };
        self.0.entry(award.to_string()).or_default().insert((said, crate::wire::amount(&money.amount), money.currency.clone()));
    }

    /// The amount of each award, as lines to be merged into it.
    pub fn entities(self) -> impl Iterator<Item = Value> {
        self.0.into_iter().filter_map(|(id, said)| {
            let (_, amount, currency) = said.last()?.clone();
            let differs = said.iter().filter(|(_, a, c)| (a, c) != (&amount, &currency));
            let others = differs.map(|(said, a, c)| format!("{c} {a} in the {} notice{}", said.stage, on(&said.day)));
            let entity = Entity::of("ContractAward").with("amount", [amount.clone()]).with("currency", [currency.clone()]);
            Some(entity.with("description", others.collect::<BTreeSet<_>>()).json(&id))
        })
    }
}

fn on(day: &str) -> String {
    if day.is_empty() { String::new() } else { format!(" of {day}") }
}

/// Entities of one examination, none where no notice could be read. `process` is the id of its
/// contracting process in the case; without a case it is made of the notice alone. What it says of
/// amounts goes to `amounts`, whose own entities follow when all notices have been heard.
pub fn entities(examination: &Examination, process: Option<&str>, of_case: &OfCase, amounts: &mut Amounts, rules: &Rulebook) -> Vec<Value> {
    let Some(notice) = &examination.notice else { return Vec::new() };
    let process = process.map_or_else(|| process_id(&[&digest(examination, rules)]), str::to_string);
    let head = &examination.capture;
    let document = id(&["document", &head.sha256, &head.part.to_string()]);
    let bodies = &of_case.bodies;
    let mut writer = Writer { examination, notice, process, document, rules, bodies, out: BTreeMap::new(), persons: Vec::new() };
    writer.document();
    let call = writer.call();
    let contract = writer.contract(amounts);
    writer.agency();
    let about: Vec<String> = [call, contract].into_iter().flatten().collect();
    examination.findings.iter().filter_map(|f| of_case.findings.get(f.id.as_str())).for_each(|f| writer.finding(f, &about));
    examination.leads.iter().for_each(|lead| writer.lead(lead));
    writer.out.into_iter().map(|(id, entity)| entity.json(&id)).collect()
}

/// A stable id of what `parts` name.
fn id(parts: &[&str]) -> String {
    crate::model::sha256_hex(parts.join("\n").as_bytes())[..40].to_string()
}

/// Schema and properties of an entity; a value stands once.
#[derive(Default)]
struct Entity {
    schema: &'static str,
    properties: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Entity {
    fn of(schema: &'static str) -> Entity {
        Entity { schema, ..Entity::default() }
    }

    fn with(mut self, property: &'static str, values: impl IntoIterator<Item = String>) -> Entity {
        for value in values.into_iter().filter(|v| !v.trim().is_empty()) {
            self.properties.entry(property).or_default().insert(value);
        }
        self
    }

    fn json(self, id: &str) -> Value {
        json!({"id": id, "schema": self.schema, "properties": self.properties})
    }
}

/// What the entities of one notice are written from, and those written.
struct Writer<'a> {
    examination: &'a Examination,
    notice: &'a Notice,
    process: String,
    document: String,
    rules: &'a Rulebook,
    bodies: &'a Bodies,
    out: BTreeMap<String, Entity>,
    persons: Vec<String>,
}

impl Writer<'_> {
    fn put(&mut self, id: String, entity: Entity) -> String {
        match self.out.get_mut(&id) {
            Some(known) => entity.properties.into_iter().for_each(|(key, values)| known.properties.entry(key).or_default().extend(values)),
            None => {
                self.out.insert(id.clone(), entity);
            }
        }
        id
    }

    fn masked(&self, text: &str) -> String {
        say::one_line(&mask::text(text, &self.rules.report.masks))
    }

    fn title(&self) -> Option<String> {
        let own = self.notice.project_name.as_ref().map(|n| n.value.as_str());
        own.or(self.examination.capture.title.as_deref()).map(|t| self.masked(t)).filter(|t| !t.is_empty())
    }

    fn address(&self, url: &Option<String>) -> Option<String> {
        url.as_ref().and_then(|u| mask::address(u, &self.rules.report.masks)).map(|u| ocds::ascii_uri(&u))
    }

    /// The name of a file is that of its content: what it was called at home stays there.
    fn document(&mut self) {
        let head = &self.examination.capture;
        let entity = Entity::of("Document")
            .with("fileName", [format!("{}-{}", head.sha256, head.part)])
            .with("title", head.title.as_ref().map(|t| self.masked(t)))
            .with("mimeType", [head.media_type.clone()])
            .with("sourceUrl", self.address(&head.url))
            .with("publishedAt", head.published.as_deref().and_then(day))
            .with("retrievedAt", head.fetched.as_deref().and_then(day));
        self.put(self.document.clone(), entity);
    }

    /// A body by what the case holds of it, else by its name; a person by nothing.
    fn party(&mut self, name: &str) -> String {
        let shown = mask::party(name, &self.rules.report.masks);
        if shown != name {
            return self.person(name, shown);
        }
        if let Some(known) = self.bodies.of(name) {
            let (id, entity) = body(known, name, self.rules);
            return self.put(id, entity);
        }
        let schema = schema(name, self.rules);
        let id = id(&["body", schema, &keys::body_key(name, self.rules)]);
        self.put(id, Entity::of(schema).with("name", [shown]))
    }

    fn person(&mut self, name: &str, shown: String) -> String {
        let at = self.persons.iter().position(|p| p == name).unwrap_or_else(|| {
            self.persons.push(name.to_string());
            self.persons.len() - 1
        });
        let id = id(&["withheld", &self.document, &at.to_string()]);
        self.put(id, Entity::of("LegalEntity").with("name", [shown]))
    }

    fn numbers(&self) -> Vec<String> {
        self.notice.project_numbers.iter().map(|n| self.masked(&n.value)).collect()
    }

    /// The call of the process; the model asks for its title and authority.
    fn call(&mut self) -> Option<String> {
        let notice = self.notice;
        let title = self.title()?;
        let authority = self.party(&notice.buyer.as_ref()?.value);
        let user = notice.end_user.as_ref().map(|u| self.party(&u.value));
        let tenderers: Vec<String> = notice.bids.iter().flat_map(|b| &b.suppliers).map(|s| self.party(&s.value)).collect();
        let opened = matches!(notice.stage.as_ref().map(|s| *s.value()), Some(Stage::Tender | Stage::SingleSource));
        let entity = Entity::of("CallForTenders")
            .with("title", [title.clone()])
            .with("name", [title])
            .with("authority", [authority.clone()])
            .with("onBehalfOf", user.filter(|u| *u != authority))
            .with("tenderers", tenderers)
            .with("callId", self.numbers())
            .with("publicationDate", self.published().filter(|_| opened))
            .with("submissionDeadline", notice.dates.deadline.as_ref().and_then(|d| day(&d.value)))
            .with("awardingDate", notice.dates.awarded.as_ref().and_then(|d| day(&d.value)))
            .with("proof", [self.document.clone()]);
        Some(self.put(id(&["call", &self.process]), entity))
    }

    fn published(&self) -> Option<String> {
        let own = self.notice.dates.published.as_ref().map(|d| d.value.as_str());
        own.or(self.examination.capture.published.as_deref()).and_then(day)
    }

    /// The contract of the process, where its stage shows that something was bought.
    fn contract(&mut self, amounts: &mut Amounts) -> Option<String> {
        let notice = self.notice;
        let bought = is_bought(notice.stage.as_ref().map(|s| *s.value()));
        let title = self.title().filter(|_| bought && !notice.awards.is_empty())?;
        let authority = notice.buyer.as_ref().map(|b| self.party(&b.value));
        let entity = Entity::of("Contract")
            .with("title", [title.clone()])
            .with("name", [title])
            .with("authority", authority)
            .with("procedureNumber", self.numbers())
            .with("contractDate", notice.dates.signed.as_ref().and_then(|d| day(&d.value)))
            .with("sourceUrl", self.address(&self.examination.capture.url))
            .with("proof", [self.document.clone()]);
        let contract = self.put(id(&["contract", &self.process]), entity);
        notice.awards.iter().for_each(|award| self.award(award, &contract, amounts));
        Some(contract)
    }

    /// The model's procurement has no place for the agency: it is linked to the buyer it acts for.
    fn agency(&mut self) {
        let notice = self.notice;
        let (Some(agency), Some(buyer)) = (&notice.agency, &notice.buyer) else { return };
        let (agency, buyer) = (self.party(&agency.value), self.party(&buyer.value));
        if agency == buyer {
            return;
        }
        let link = Entity::of("UnknownLink")
            .with("subject", [agency.clone()])
            .with("object", [buyer.clone()])
            .with("role", ["procurement agency".to_string()])
            .with("date", self.published())
            .with("sourceUrl", self.address(&self.examination.capture.url))
            .with("proof", [self.document.clone()]);
        self.put(id(&["agency", &self.process, &agency, &buyer]), link);
    }

    fn award(&mut self, award: &Award, contract: &str, amounts: &mut Amounts) {
        let winners: BTreeSet<String> = award.suppliers.iter().map(|s| self.party(&s.value)).collect();
        let date = self.notice.event_date.as_ref().and_then(|d| day(&d.value));
        let call = id(&["call", &self.process]);
        let call = self.out.contains_key(&call).then_some(call);
        let (own, joint) = shares(award, winners.len());
        for winner in winners {
            let entity = Entity::of("ContractAward")
                .with("supplier", [winner.clone()])
                .with("contract", [contract.to_string()])
                .with("callForTenders", call.clone())
                .with("lotNumber", award.lot.clone())
                .with("description", joint.map(|m| format!("{} to all winners together", say::money(m))))
                .with("date", date.clone())
                .with("sourceUrl", self.address(&self.examination.capture.url))
                .with("proof", [self.document.clone()]);
            let lot = award.lot.as_deref().unwrap_or_default();
            let award = self.put(id(&["award", &self.process, lot, &winner]), entity);
            own.iter().for_each(|money| amounts.hear(&award, self.notice, money));
        }
    }

    /// What a notice says of a brand: the fixed sentence, its words, and that nobody may have read it.
    fn finding(&mut self, found: &CaseFinding, about: &[String]) {
        let f = &found.finding;
        let company = Entity::of("Company").with("name", [say::brand(&f.company, self.rules)]).with("country", [f.country.to_lowercase()]);
        let company = self.put(id(&["maker", &f.company]), company);
        let quotes: Vec<String> = found.passages.iter().map(|p| self.masked(&p.text)).collect();
        let words = [word(&f.usage), word(&f.strength), say::subject(f, self.rules), say::verdict(found, self.rules)];
        let entity = Entity::of("Note")
            .with("name", [format!("{}: {}", say::subject(f, self.rules), say::sentence(f, self.rules))])
            .with("description", [quotes.join(" … ")])
            .with("summary", say::amount(f, self.rules))
            .with("keywords", words)
            .with("entity", about.iter().cloned().chain([company]))
            .with("sourceUrl", self.address(&found.url))
            .with("proof", [self.document.clone()]);
        self.put(id(&["finding", &f.id]), entity);
    }

    /// A body that a list may name. A person is left out.
    fn lead(&mut self, lead: &Lead) {
        let shown = mask::party(&lead.party, &self.rules.report.masks);
        if shown != lead.party {
            return;
        }
        let party = self.party(&lead.party);
        let judgement = word(&lead.judgement);
        let listed = format!("{} of the list {} ({judgement}, not checked)", lead.entry, lead.list);
        let name = match lead.via.as_ref().and_then(|via| Some((via, via.owner.first()?))) {
            Some((via, held)) => {
                let owner = mask::party(&held.owner, &self.rules.report.masks);
                let half = word(&via.half_owned);
                format!(
                    "{shown}: one half or more owned, on the event's day, by one who may be {listed}: {half}, through {owner}, by the user's own table"
                )
            }
            None => format!("{shown}: may be {listed}"),
        };
        let entity = Entity::of("Note")
            .with("name", [name])
            .with("keywords", [judgement.clone(), lead.list.clone(), word(&lead.role), word(&lead.through)])
            .with("entity", [party.clone()])
            .with("proof", [self.document.clone()]);
        let own = [&party, &lead.list, &lead.entry, &judgement].map(String::as_str);
        // What is said by a name and what through an owner are two notes.
        let owned = (lead.through == Through::Owner).then_some("owner");
        self.put(id(&[&["lead"][..], &own[..], owned.as_slice()].concat()), entity);
    }
}

/// An organisation of the case under its usual name, with its other spellings.
fn body(known: &Body, name: &str, rules: &Rulebook) -> (String, Entity) {
    let usual = known.names.first().map_or(name, String::as_str);
    let aliases = known.names.iter().filter(|other| *other != usual).cloned();
    let schema = known.names.iter().map(|name| schema(name, rules)).find(|schema| *schema != UNTOLD).unwrap_or(UNTOLD);
    let entity = Entity::of(schema).with("name", [usual.to_string()]).with("alias", aliases).with("uscCode", known.code.clone());
    (id(&["entity", &known.id]), entity)
}

/// The amount of one winner, or that of several together, which belongs to none of them alone.
fn shares(award: &Award, winners: usize) -> (Option<&Money>, Option<&Money>) {
    let amount = award.amount.as_ref().map(|m| m.value());
    if winners == 1 { (amount, None) } else { (None, amount) }
}

/// The schema of a body whose name does not tell what it is.
const UNTOLD: &str = "LegalEntity";

/// What kind of entity a name is. It follows from the name alone and is part of the id: entities
/// of one id never differ in it, which merging could not bear.
fn schema(name: &str, rules: &Rulebook) -> &'static str {
    let Some(rule) = crate::resolve::kinds::kind_rule(name, rules) else { return UNTOLD };
    let public = |kind: &str| kind == "other_government" || rules.report.words.group("buyer_kind", "security").contains(kind);
    match rule.kind.as_str() {
        "company" => "Company",
        kind if public(kind) => "PublicBody",
        _ => "Organization",
    }
}

/// A real day without its time. The model knows no year before 1000, which is a database's empty date.
fn day(date: &str) -> Option<String> {
    let whole = ocds::date_time(date).filter(|d| !d.starts_with('0'))?;
    whole.get(..10).map(str::to_string)
}
