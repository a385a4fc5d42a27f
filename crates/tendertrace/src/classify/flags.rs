//! Does the notice say something that makes an awarded brand worth a second look, such as that it refuses
//! imports? Each flag with its sentence and the objection that answers it.

use crate::evidence::Quote;
use crate::model::{Finding, Flag, Stage, Usage, Via};
use crate::rulebook::Rulebook;
use crate::rulebook::flags::FlagRule;
use crate::sheet::Sheet;

/// A rule that the notice's own words call for, with these words.
pub struct Called<'a> {
    pub rule: &'a FlagRule,
    pub quote: Quote,
}

/// The rules that the documents call for.
pub fn called<'a>(sheets: &[Sheet<'_>], rules: &'a Rulebook) -> Vec<Called<'a>> {
    rules.flags.iter().filter_map(|rule| Some(Called { rule, quote: sentence(sheets, rule)? })).collect()
}

/// The first sentence that says it; none where any says the opposite.
fn sentence(sheets: &[Sheet<'_>], rule: &FlagRule) -> Option<Quote> {
    if sheets.iter().any(|sheet| rule.unless.is_match(&sheet.squeezed.text)) {
        return None;
    }
    sheets.iter().find_map(|sheet| {
        let found = rule.says.find(&sheet.squeezed.text)?;
        let (start, end) = sheet.squeezed.source_range(found.start(), found.end());
        Some(clause(sheet, start, end))
    })
}

/// The stretch between the stops around a match.
fn clause(sheet: &Sheet<'_>, start: usize, end: usize) -> Quote {
    const STOPS: &[char] = &['。', '；', ';', '\n', '\t'];
    let text = &sheet.document.text;
    let from = text[..start].rfind(STOPS).map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
    let to = text[end..].find(STOPS).map_or(text.len(), |at| end + at);
    let lead = text[from..start].len() - text[from..start].trim_start().len();
    sheet.document.quote(from + lead, end + text[end..to].trim_end().len())
}

/// The flags of one finding: only what was awarded, by its own name, of a brand from abroad.
pub fn of(finding: &Finding, called: &[Called<'_>]) -> Vec<Flag> {
    let bought = finding.usage == Usage::Awarded && finding.via == Via::Named;
    let closed = matches!(finding.stage, Stage::Award | Stage::Contract | Stage::Acceptance);
    let abroad = |rule: &FlagRule| !finding.country.is_empty() && !rule.not_from.contains(&finding.country);
    let raised = called.iter().filter(|one| bought && closed && abroad(one.rule));
    raised.map(|one| Flag { id: one.rule.id.clone(), quotes: vec![one.quote.clone()] }).collect()
}

/// The objections that answer a finding's flags.
pub fn objections(finding: &Finding, rules: &Rulebook) -> Vec<String> {
    let borne = |rule: &&FlagRule| finding.flags.iter().any(|flag| flag.id == rule.id);
    rules.flags.iter().filter(borne).map(|rule| rule.objection.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Budget, Capture};

    fn flags(said: &str, brand: &str) -> Vec<(Vec<String>, Vec<String>)> {
        let page = format!(
            "示例市公安局服务器采购项目中标公告\n采购人：示例市公安局\n发布时间：2023-05-12\n中标供应商：示例科技有限公司\n中标金额：128万元\n{said}\n序号\t货物名称\t品牌\t规格型号\t数量\t单价\n1\t服务器\t{brand}\tXY-1\t2\t64万元\n"
        );
        let capture = Capture { media_type: Some("text/plain".into()), ..Capture::of_bytes(page.into_bytes()) };
        let examined = crate::examine(&capture, &Rulebook::embedded(), &Budget::default()).remove(0);
        let quoted = |finding: &Finding| finding.flags.iter().flat_map(|flag| flag.quotes.iter().map(|quote| quote.text.clone())).collect();
        examined.findings.iter().map(|finding| (quoted(finding), finding.objections.clone())).collect()
    }

    #[test]
    fn a_refusal_of_imports_flags_foreign_brands_only_and_with_its_objection() {
        let foreign = flags("其他：本项目不接受进口产品投标。", "戴尔");
        assert!(foreign.iter().any(|(quotes, objections)| {
            quotes.iter().any(|quote| quote.contains("不接受进口产品")) && objections.iter().any(|id| id == "may_be_made_in_china")
        }));
        assert!(flags("其他：本项目不接受进口产品投标。", "浪潮").iter().all(|(quotes, _)| quotes.is_empty()));
        for said in ["其他：本项目接受进口产品投标。", "其他：第1包不接受进口产品，第2包允许采购进口产品。", "其他：无。"]
        {
            assert!(flags(said, "戴尔").iter().all(|(quotes, _)| quotes.is_empty()), "{said}");
        }
    }
}
