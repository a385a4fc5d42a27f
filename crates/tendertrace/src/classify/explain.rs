//! What fires on a piece of text, and why? For `rulebook try` and for the examples that every rule carries.

use super::guards::Rejection;
use super::mentions;
use super::page::Page;
pub use super::usages::Ruled;
use super::usages::{self, Situation};
pub use super::weighing::{Doubt, Settled, settle};
use crate::evidence::{Derived, Known, Span};
use crate::model::{Block, BlockKind, Document, Examination, Notice, Stage, Usage};
use crate::rulebook::Rulebook;
use crate::sheet::Sheet;

/// One brand that the text names or seems to name.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Fired {
    pub brand: String,
    pub product: Option<String>,
    pub usage: Option<Usage>,
    /// The rule of the brand.
    pub rule: String,
    /// The rule that decided the usage.
    pub usage_rule: Option<String>,
    /// Bytes of the text.
    pub span: Span,
    pub text: String,
    /// Why it is no mention, where it is none.
    pub rejected_by: Option<Rejection>,
    /// The usage by the rules alone, before the signs were weighed.
    #[serde(skip)]
    pub ruled: Option<Ruled>,
    /// Names of the signs by which the usage was weighed.
    #[serde(skip)]
    pub signs: Vec<String>,
}

/// What fires on `text`, read as a tender's paragraph, look-alikes with their reason.
pub fn explain(text: &str, rules: &Rulebook) -> Vec<Fired> {
    explain_at(text, Stage::Tender, rules)
}

/// The same for a notice of another stage.
pub fn explain_at(text: &str, stage: Stage, rules: &Rulebook) -> Vec<Fired> {
    let notice = Notice { stage: Some(given(stage)), ..Notice::default() };
    explain_document(&document(text), &notice, rules)
}

/// The same for a whole notice that was examined; `stage` holds where it tells none itself.
pub fn explain_examined(examination: &Examination, stage: Stage, rules: &Rulebook) -> Vec<Fired> {
    let mut notice = examination.notice.clone().unwrap_or_default();
    let told = notice.stage.take().filter(|s| *s.value() != Stage::Other);
    notice.stage = told.or_else(|| Some(given(stage)));
    examination.documents.iter().flat_map(|document| explain_document(document, &notice, rules)).collect()
}

fn given(stage: Stage) -> Known<Stage> {
    Known::Concluded(Derived { value: stage, derived_from: Vec::new(), rule: "given".into() })
}

/// What fires on a document of a notice.
pub fn explain_document(document: &Document, notice: &Notice, rules: &Rulebook) -> Vec<Fired> {
    let sheet = Sheet::of(document, &rules.folder);
    let page = Page::new(&sheet, &rules.clauses);
    let known = super::known(&page, notice, rules);
    let (mentions, lookalikes) = mentions::find(&page, rules, &known, mentions::candidates(&page.folded.text, &rules.brands));
    let situation = Situation::new(&page, rules, notice, known.parties, &mentions);
    let mut fired: Vec<Fired> = mentions
        .iter()
        .map(|mention| {
            let brand = &rules.brands.brands[mention.brand];
            let decision = usages::decide(&situation, mention);
            let (ruled, signs) = usages::told(&situation, mention);
            Fired {
                brand: brand.key.clone(),
                product: mention.product.map(|p| brand.products[p].name.clone()),
                usage: Some(decision.usage),
                rule: mention.rule.to_string(),
                usage_rule: Some(decision.rule.to_string()),
                ruled: Some(ruled),
                span: document.span(mention.source.0, mention.source.1),
                text: document.text[mention.source.0..mention.source.1].to_string(),
                rejected_by: None,
                signs,
            }
        })
        .collect();
    fired.extend(lookalikes.iter().map(|lookalike| {
        let (start, end) = page.folded.source_range(lookalike.at.0, lookalike.at.1);
        let brand = &rules.brands.brands[lookalike.brand];
        Fired {
            brand: brand.key.clone(),
            product: None,
            usage: None,
            rule: format!("brands/{}", brand.key),
            usage_rule: None,
            ruled: None,
            span: document.span(start, end),
            text: document.text[start..end].to_string(),
            rejected_by: Some(lookalike.why),
            signs: Vec::new(),
        }
    }));
    fired.sort_by_key(|f| (f.span.start, f.rejected_by.is_some()));
    fired
}

/// A document of one paragraph, as examples and `try` are read.
pub fn document(text: &str) -> Document {
    let blocks = vec![Block { kind: BlockKind::Paragraph, start: 0, end: text.len() }];
    Document { text: text.to_string(), blocks, ..Document::default() }
}
