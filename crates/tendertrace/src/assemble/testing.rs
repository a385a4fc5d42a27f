//! Invented digests and examinations for the tests of joining and reporting.

use crate::evidence::{Gap, GapKind, Known, Quote, Sourced, Span};
use crate::model::*;
use std::sync::Arc;

/// An invented notice: its text holds every value that is read from it.
pub struct Invented {
    pub title: &'static str,
    pub buyer: &'static str,
    pub kind: &'static str,
    pub number: &'static str,
    pub stage: Stage,
    pub date: &'static str,
    pub supplier: &'static str,
    pub item: &'static str,
    pub brand: &'static str,
    pub usage: Usage,
    pub strength: Strength,
    pub site: &'static str,
    pub price: &'static str,
}

/// The examination of an invented notice.
pub fn examination(it: &Invented) -> Examination {
    let text = format!(
        "{}\n采购人\t{}\n项目编号\t{}\n供应商\t{}\n货物\t{}\t数量\t2\t总价\t{}元\n联系人：王小明 电话：0991-1234567\n本页面为虚构示例，{}。",
        it.title,
        it.buyer,
        it.number,
        it.supplier,
        it.item,
        it.price,
        it.title.repeat(3)
    );
    let read = |value: &str| {
        let at = text.find(value).expect("in the text");
        Sourced {
            value: value.to_string(),
            raw: value.to_string(),
            at: Span::new(0, at, at + value.len()),
            rule: Arc::from("labels/invented#1"),
        }
    };
    let sha256 = sha256_hex(format!("{}{text}", it.site).as_bytes());
    let head = CaptureHead {
        sha256: sha256.clone(),
        url: (!it.site.is_empty()).then(|| format!("https://{}/a.html?token=secret", it.site)),
        title: Some(it.title.to_string()),
        media_type: "text/plain".into(),
        published: Some(it.date.to_string()),
        ..CaptureHead::default()
    };
    let document = Document {
        number: 0,
        blocks: vec![Block { kind: BlockKind::Title, start: 0, end: it.title.len() }],
        text: text.clone(),
        ..Document::default()
    };
    let quote = |value: &str| read(value).quote();
    let kind =
        crate::evidence::Derived { value: it.kind.to_string(), derived_from: vec![quote(it.buyer)], rule: Arc::from("parties/invented#1") };
    let amount = Money { amount: it.price.parse().unwrap(), currency: "CNY".into() };
    let bought = super::is_bought(Some(it.stage));
    let notice = Notice {
        stage: Some(Known::Read(read(it.title).map(|_| it.stage))),
        project_numbers: vec![read(it.number)],
        project_name: None,
        buyer: Some(read(it.buyer)),
        buyer_kind: Some(kind),
        region: Some(crate::evidence::Derived {
            value: Region { code: "650100".into(), name: "示例市".into() },
            derived_from: vec![quote(it.buyer)],
            rule: Arc::from("regions/cn#650100"),
        }),
        event_date: Some(EventDate { value: it.date.to_string(), basis: EventBasis::Awarded }),
        awards: if bought {
            vec![Award {
                lot: None,
                suppliers: vec![read(it.supplier)],
                amount: Some(Known::Read(read(it.price).map(|_| amount.clone()))),
                note: None,
            }]
        } else {
            vec![]
        },
        total: bought.then(|| Known::Read(read(it.price).map(|_| amount.clone()))),
        budget: (!bought).then(|| Known::Read(read(it.price).map(|_| amount.clone()))),
        items: vec![Item {
            lot: None,
            name: read(it.item),
            brand: Some(read(it.item)),
            model: None,
            quantity: None,
            unit: None,
            unit_price: None,
            line_total: Some(Known::Read(read(it.price).map(|_| amount.clone()))),
            supplier: None,
            demanded: !bought,
            at: read(it.item).at,
        }],
        ..Notice::default()
    };
    let finding = Finding {
        id: sha256_hex(format!("{sha256}{}", it.brand).as_bytes())[..16].to_string(),
        brand: it.brand.into(),
        product: None,
        company: it.brand.into(),
        country: "US".into(),
        usage: it.usage,
        via: Via::Named,
        host_product: None,
        stage: it.stage,
        lot: None,
        quantity: Some(2.into()),
        amount: Some(amount),
        amount_basis: Some(AmountBasis::Line),
        purposes: vec!["general_it".into()],
        customisation: "none_seen".into(),
        supplier: bought.then(|| it.supplier.to_string()),
        buyer: Some(it.buyer.into()),
        strength: it.strength,
        objections: vec!["off_the_shelf".into()],
        flags: Vec::new(),
        sentence: "named in the award".into(),
        quotes: vec![quote(it.item)],
        rules: vec!["brands/invented#1".into()],
    };
    let gaps =
        vec![Gap { kind: GapKind::UnknownLabel, at: Quote { text: "联系人".into(), at: quote("联系人").at }, note: String::new() }];
    let findings = if it.brand.is_empty() { vec![] } else { vec![finding] };
    Examination { capture: head, documents: vec![document], notice: Some(notice), findings, leads: vec![], gaps }
}

/// A tender, its award on two sites, its second round, and an unrelated award.
pub fn pile() -> Vec<Examination> {
    let award = || Invented {
        title: "示例市公安局信息化设备采购项目中标公告",
        buyer: "示例市公安局",
        kind: "public_security",
        number: "SFZC-2021-0042",
        stage: Stage::Award,
        date: "2021-12-17",
        supplier: "示例甲科技有限公司",
        item: "服务器 Intel Xeon",
        brand: "intel",
        usage: Usage::Awarded,
        strength: Strength::Strong,
        site: "a.example.org",
        price: "38500.00",
    };
    let tender = Invented {
        title: "示例市公安局信息化设备采购项目公开招标公告",
        stage: Stage::Tender,
        date: "2021-11-01",
        usage: Usage::Required,
        strength: Strength::Medium,
        price: "40000.00",
        ..award()
    };
    let second =
        Invented {
            title: "示例市公安局信息化设备采购项目第二次公开招标公告", date: "2021-11-20", ..Invented { ..tender_of(&tender) }
        };
    let copy = Invented { site: "b.example.org", ..award() };
    let other = Invented {
        title: "示例县人民医院打印机采购项目成交公告",
        buyer: "示例县人民医院",
        kind: "health",
        number: "SXYY-2021-0007",
        supplier: "示例乙商贸有限公司",
        item: "打印机 HP 1020",
        brand: "hp",
        date: "2021-12-18",
        price: "1500.00",
        strength: Strength::Medium,
        site: "",
        ..award()
    };
    let silent = Invented {
        title: "示例区教育局课桌采购项目成交公告",
        buyer: "示例区教育局",
        kind: "education",
        number: "SQJY-2022-0001",
        supplier: "示例丙家具有限公司",
        item: "课桌",
        brand: "",
        date: "2022-01-05",
        price: "900.00",
        site: "a.example.org",
        ..award()
    };
    [award(), tender, second, copy, other, silent].iter().map(examination).collect()
}

fn tender_of(it: &Invented) -> Invented {
    Invented { ..*it }
}
