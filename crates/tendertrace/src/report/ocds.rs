//! How does a notice read in the Open Contracting Data Standard 1.1? One release a notice, tagged by
//! its stage, under one ocid a contracting process; findings, list leads and evidence ride along in an
//! object of our own. Amounts are numbers, dates carry the zone of Beijing, contacts are withheld.

mod evidence;
mod parts;

use super::bodies::Bodies;
use crate::assemble::{digest, keys, process_id};
use crate::model::*;
use crate::rulebook::Rulebook;
use parts::Parties;
pub(super) use parts::ascii_uri;
use serde_json::{Map, Value, json};

/// Who publishes the package and when; the library has no clock.
#[derive(Debug, Clone)]
pub struct Publisher {
    pub name: String,
    pub uri: String,
    /// Date-time with zone.
    pub published: String,
    /// Prefix of every ocid. Ours is not registered: whoever publishes puts their own.
    pub prefix: String,
}

/// Prefix of ocids where the publisher has none of their own.
pub const PREFIX: &str = "ocds-ttrace";
/// Zone of the notices' dates.
const ZONE: &str = "T00:00:00+08:00";
const EXTENSIONS: [&str; 4] = [
    "https://example.org/tendertrace/docs/ocds-extension/extension.json",
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_lots_extension/v1.1.5/extension.json",
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_bid_extension/v1.1.5/extension.json",
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_item_attributes_extension/master/extension.json",
];

/// A package of releases.
pub fn package(releases: Vec<Value>, publisher: &Publisher) -> Value {
    json!({
        "uri": format!("{}#package", publisher.uri),
        "version": "1.1",
        "extensions": EXTENSIONS,
        "publishedDate": publisher.published,
        "publisher": {"name": publisher.name, "uri": publisher.uri},
        "releases": releases,
    })
}

/// One examination as a release; `None` where no notice could be read. `process` is the id of its
/// contracting process in the case; without a case it is made of the notice alone, and `bodies` is empty.
pub fn release(
    examination: &Examination,
    process: Option<&str>,
    bodies: &Bodies,
    publisher: &Publisher,
    rules: &Rulebook,
) -> Option<Value> {
    let notice = examination.notice.as_ref()?;
    let process = process.map_or_else(|| process_id(&[&digest(examination, rules)]), str::to_string);
    let head = &examination.capture;
    let stage = notice.stage.as_ref().map_or(Stage::Other, |s| *s.value());
    let writer = Release { examination, notice, stage, rules, id: format!("{}-{}", head.sha256, head.part) };
    let mut parties = Parties::new(bodies, rules);
    let mut out = Map::new();
    out.insert("ocid".into(), json!(format!("{}-{process}", publisher.prefix)));
    out.insert("id".into(), json!(writer.id));
    out.insert("date".into(), json!(writer.released().unwrap_or_else(|| publisher.published.clone())));
    out.insert("tag".into(), json!(tags(stage)));
    out.insert("initiationType".into(), json!("tender"));
    out.insert("language".into(), json!("zh"));
    writer.fill(&mut out, &mut parties);
    if let Some(parties) = parties.list() {
        out.insert("parties".into(), parties);
    }
    out.insert("tendertrace".into(), evidence::without_empty(evidence::extension(examination, notice, rules)));
    Some(Value::Object(out))
}

/// Release tags of a stage. Ranked candidates are no award.
fn tags(stage: Stage) -> &'static [&'static str] {
    match stage {
        Stage::Intention => &["planning"],
        Stage::Tender | Stage::SingleSource => &["tender"],
        Stage::Correction => &["tenderAmendment"],
        Stage::Candidate | Stage::Other => &["tenderUpdate"],
        Stage::Award => &["award"],
        Stage::Contract => &["award", "contract"],
        Stage::Acceptance => &["award", "contract", "implementation"],
        Stage::Cancellation => &["tenderCancellation"],
    }
}

/// What a release is written from.
struct Release<'a> {
    examination: &'a Examination,
    notice: &'a Notice,
    stage: Stage,
    rules: &'a Rulebook,
    id: String,
}

impl Release<'_> {
    fn released(&self) -> Option<String> {
        let head = &self.examination.capture;
        let own = self.notice.dates.published.as_ref().map(|d| d.value.as_str());
        let event = self.notice.event_date.as_ref().map(|d| d.value.as_str());
        [own, head.published.as_deref(), event, head.fetched.as_deref()].into_iter().flatten().find_map(date_time)
    }

    fn fill(&self, out: &mut Map<String, Value>, parties: &mut Parties) {
        let notice = self.notice;
        if let Some(buyer) = &notice.buyer {
            out.insert("buyer".into(), parties.refer(&buyer.value, "buyer"));
        }
        if let Some(agency) = &notice.agency {
            parties.refer(&agency.value, "procuringEntity");
        }
        if let (Stage::Intention, Some(budget)) = (self.stage, &notice.budget) {
            out.insert("planning".into(), json!({"budget": {"amount": parts::value(budget.value())}}));
        }
        let mut awards = self.awards(parties);
        let mut tender = self.tender(parties, awards.is_empty());
        let document = self.document();
        match awards.first_mut() {
            Some(award) => award["documents"] = json!([document]),
            None => {
                tender.insert("documents".into(), json!([document]));
            }
        }
        out.insert("tender".into(), Value::Object(tender));
        if let Some(bids) = parts::bids(notice, parties) {
            out.insert("bids".into(), bids);
        }
        if matches!(self.stage, Stage::Contract | Stage::Acceptance) && !awards.is_empty() {
            out.insert("contracts".into(), self.contracts(&awards));
        }
        if !awards.is_empty() {
            out.insert("awards".into(), Value::Array(awards));
        }
    }

    fn tender(&self, parties: &mut Parties, holds_items: bool) -> Map<String, Value> {
        let notice = self.notice;
        let mut tender = Map::new();
        let number = notice.project_numbers.first().map(|n| n.value.clone());
        tender.insert("id".into(), json!(number.unwrap_or_else(|| self.id.clone())));
        let title = notice.project_name.as_ref().map(|n| n.value.clone()).or_else(|| self.examination.capture.title.clone());
        if let Some(title) = title.filter(|t| !t.trim().is_empty()) {
            tender.insert("title".into(), json!(super::mask::text(&title, &self.rules.report.masks)));
        }
        if let Some(status) = status(self.stage) {
            tender.insert("status".into(), json!(status));
        }
        if self.stage == Stage::SingleSource {
            tender.insert("procurementMethod".into(), json!("direct"));
        }
        if let Some(budget) = &notice.budget {
            tender.insert("value".into(), parts::value(budget.value()));
        }
        if let Some(agency) = &notice.agency {
            tender.insert("procuringEntity".into(), parties.refer(&agency.value, "procuringEntity"));
        }
        if let Some(deadline) = notice.dates.deadline.as_ref().and_then(|d| date_time(&d.value)) {
            tender.insert("tenderPeriod".into(), json!({"endDate": deadline}));
        }
        let items: Vec<Value> = notice
            .items
            .iter()
            .enumerate()
            .filter(|(_, i)| i.demanded || holds_items)
            .map(|(at, i)| parts::item(at, i, self.rules))
            .collect();
        if !items.is_empty() {
            tender.insert("items".into(), json!(items));
        }
        let lots: Vec<Value> = parts::lots(notice, self.rules);
        if !lots.is_empty() {
            tender.insert("lots".into(), json!(lots));
        }
        let tenderers = parts::tenderers(notice, parties);
        if !tenderers.is_empty() {
            tender.insert("numberOfTenderers".into(), json!(tenderers.len()));
            tender.insert("tenderers".into(), json!(tenderers));
        }
        tender
    }

    /// Awards are those of stages that award; a candidate is none.
    fn awards(&self, parties: &mut Parties) -> Vec<Value> {
        if !crate::assemble::is_bought(Some(self.stage)) {
            return Vec::new();
        }
        let notice = self.notice;
        let holders = parts::items_by_award(notice);
        notice.awards.iter().enumerate().map(|(at, award)| self.award(at, award, holders.get(&at), parties)).collect()
    }

    fn award(&self, at: usize, award: &Award, items: Option<&Vec<usize>>, parties: &mut Parties) -> Value {
        let mut out = json!({"id": format!("{}-award-{}", self.id, at + 1), "status": "active"});
        let date = self.notice.dates.awarded.as_ref().and_then(|d| date_time(&d.value));
        if let Some(date) = date {
            out["date"] = json!(date);
        }
        if let Some(amount) = &award.amount {
            out["value"] = parts::value(amount.value());
        }
        let suppliers: Vec<Value> = award.suppliers.iter().map(|s| parties.refer(&s.value, "supplier")).collect();
        if !suppliers.is_empty() {
            out["suppliers"] = json!(parts::once(suppliers));
        }
        if let Some(items) = items {
            out["items"] = items.iter().map(|i| parts::item(*i, &self.notice.items[*i], self.rules)).collect();
        }
        if let Some(lot) = &award.lot {
            out["relatedLots"] = json!([lot]);
        }
        out
    }

    fn contracts(&self, awards: &[Value]) -> Value {
        let signed = self.notice.dates.signed.as_ref().and_then(|d| date_time(&d.value));
        let contract = |(at, award): (usize, &Value)| {
            let mut out = json!({"id": format!("{}-contract-{}", self.id, at + 1), "awardID": award["id"]});
            if let Some(signed) = &signed {
                out["dateSigned"] = json!(signed);
            }
            if !award["value"].is_null() {
                out["value"] = award["value"].clone();
            }
            out
        };
        awards.iter().enumerate().map(contract).collect()
    }

    fn document(&self) -> Value {
        let head = &self.examination.capture;
        let kind = match self.stage {
            Stage::Intention => "plannedProcurementNotice",
            Stage::Award => "awardNotice",
            Stage::Contract | Stage::Acceptance => "contractNotice",
            _ => "tenderNotice",
        };
        let mut out = json!({"id": self.id, "documentType": kind, "language": "zh"});
        if !head.media_type.is_empty() {
            out["format"] = json!(head.media_type);
        }
        if let Some(url) = head.url.as_ref().and_then(|u| super::mask::address(u, &self.rules.report.masks)) {
            out["url"] = json!(parts::ascii_uri(&url));
        }
        if let Some(published) = head.published.as_deref().and_then(date_time) {
            out["datePublished"] = json!(published);
        }
        out
    }
}

fn status(stage: Stage) -> Option<&'static str> {
    match stage {
        Stage::Intention => Some("planned"),
        Stage::Tender | Stage::Correction | Stage::SingleSource | Stage::Candidate => Some("active"),
        Stage::Award | Stage::Contract | Stage::Acceptance => Some("complete"),
        Stage::Cancellation => Some("cancelled"),
        Stage::Other => None,
    }
}

/// An ISO date as a date-time in the notices' zone; `None` where it is no date.
pub(super) fn date_time(date: &str) -> Option<String> {
    let day = date.get(..10)?;
    let number = |range: std::ops::Range<usize>| day.get(range).and_then(|p| p.parse::<u32>().ok());
    let (year, month, date) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    let real = year > 0 && (1..=longest).contains(&date) && keys::days(day).is_some();
    real.then(|| format!("{day}{ZONE}"))
}
