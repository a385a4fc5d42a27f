//! Which organisations does a cell or value name? One name, a consortium or a list, each with its
//! place, freed of numbering, remarks and what runs on behind the name.

use super::grids::{is_no_name, is_organisation};
use super::values::amount;
use crate::evidence::{RuleId, Sourced, Span};
use crate::model::Document;
use crate::rulebook::Rulebook;
use crate::rulebook::units::{EndingStrength, Means};

/// The names in a value. `together`: they are one bidder (a consortium).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Names {
    pub names: Vec<Sourced<String>>,
    pub together: bool,
}

/// The names at `span`.
pub fn read(document: &Document, span: Span, rule: &RuleId, rules: &Rulebook) -> Names {
    let text = document.slice(span);
    if matches!(amount::absent(text, rules), Some(Means::NotGiven | Means::Elsewhere)) {
        return Names::default();
    }
    if rules.units.meaning(&rules.folder.squeeze(text).text).is_some() || text.trim_start().starts_with('/') {
        return Names::default();
    }
    let mut parts = split(text, rules);
    parts.retain(|(start, end)| !is_no_name(&text[*start..*end], rules) && !is_remark(&text[*start..*end]));
    let together = parts.len() > 1 && !numbered(text);
    let names = parts
        .into_iter()
        .map(|(start, end)| {
            let at = document.span(span.start + start, span.start + end);
            Sourced { value: tidy(document.slice(at)), raw: document.slice(at).to_string(), at, rule: rule.clone() }
        })
        .collect();
    Names { names, together }
}

/// White space inside as one space; none between Chinese characters, where a line was broken: only
/// a tab stays a space there.
pub fn tidy(raw: &str) -> String {
    let mut out = String::new();
    let mut gap = false;
    let mut tab = false;
    for c in raw.trim().chars() {
        if c.is_whitespace() {
            gap = true;
            tab |= c == '\t';
            continue;
        }
        let ascii = out.ends_with(|last: char| last.is_ascii()) || c.is_ascii();
        if gap && (tab || ascii) {
            out.push(' ');
        }
        out.push(c);
        (gap, tab) = (false, false);
    }
    out
}

fn numbered(text: &str) -> bool {
    text.lines().filter(|line| line.trim().starts_with(|c: char| c.is_ascii_digit())).count() > 1
}

/// Byte ranges of the names: the whole, or its parts if each part is a name of its own.
fn split(text: &str, rules: &Rulebook) -> Vec<(usize, usize)> {
    let parts: Vec<(usize, usize)> = ranges(text).into_iter().map(|(s, e)| clean(text, s, e, rules)).filter(|(s, e)| s < e).collect();
    let strong = |(s, e): &(usize, usize)| is_organisation(&text[*s..*e], rules) == Some(EndingStrength::Strong);
    if parts.len() > 1 && parts.iter().all(strong) {
        return parts;
    }
    let (start, end) = clean(text, 0, text.len(), rules);
    if start < end { vec![(start, end)] } else { Vec::new() }
}

/// Between the separators that lists of names use; those inside brackets do not count.
fn ranges(text: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let (mut start, mut depth) = (0, 0i32);
    for (at, c) in text.char_indices() {
        match c {
            '(' | '（' => depth += 1,
            ')' | '）' => depth -= 1,
            '、' | '/' | ';' | '；' | ',' | '，' | '\n' | '\t' | '+' | '／' if depth <= 0 => {
                out.push((start, at));
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    out.push((start, text.len()));
    out
}

/// Without numbering before, and without remark, stop or a following clause behind.
fn clean(text: &str, start: usize, end: usize, rules: &Rulebook) -> (usize, usize) {
    let inside = &text[start..end];
    let numbering = |c: char| c.is_whitespace() || c.is_ascii_digit() || matches!(c, '.' | '、' | ':' | '：' | '．' | ')' | '）' | '*');
    let bare = without_open_bracket(inside.trim_start_matches(numbering));
    let from = end - bare.len();
    let kept = bare.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '。' | '，' | ',' | ';' | '；' | '、' | '.' | '：' | ':'));
    let to = from + kept.len();
    let to = without_remark(text, from, to, rules);
    let to = without_consortium(text, from, to, rules);
    let from = without_lead(text, from, to, rules);
    (from, without_tail(text, from, to, rules))
}

/// Opening brackets and what closes them.
const BRACKETS: &[(char, char)] = &[('(', ')'), ('（', '）'), ('[', ']'), ('【', '】')];

/// `[某中心`: a bracket that nothing closes is no part of the name.
fn without_open_bracket(name: &str) -> &str {
    let open = BRACKETS.iter().find(|(open, close)| name.starts_with(*open) && !name.contains(*close));
    open.map_or(name, |(open, _)| name[open.len_utf8()..].trim_start())
}

/// `（公章）`: one bracket and nothing else.
fn is_remark(name: &str) -> bool {
    BRACKETS.iter().any(|(open, close)| name.starts_with(*open) && name.find(*close) == Some(name.len() - close.len_utf8()))
}

/// `标段1【某系统】：某有限公司`: what stands before the colon says for what, not who.
fn without_lead(text: &str, start: usize, end: usize, rules: &Rulebook) -> usize {
    let name = &text[start..end];
    let Some(colon) = name.rfind([':', '：']) else { return start };
    let rest = name[colon..].trim_start_matches([':', '：']).trim_start();
    if is_organisation(rest, rules) == Some(EndingStrength::Strong) { end - rest.len() } else { start }
}

/// `甲有限公司、乙有限公司联合体`: the word says how they bid and is no part of the last name.
fn without_consortium(text: &str, start: usize, end: usize, rules: &Rulebook) -> usize {
    let name = &text[start..end];
    let words = name.char_indices().filter(|(at, _)| {
        rules.units.inside.at_start(&name[*at..]).is_some_and(|(length, w)| w.means == Means::Consortium && at + length == name.len())
    });
    let cut = words.map(|(at, _)| at).find(|at| is_organisation(&name[..*at], rules).is_some());
    cut.map_or(end, |at| start + at)
}

/// `某公司（93.94分）`, `某公司（牵头人）`: the bracket is no part of the name.
fn without_remark(text: &str, start: usize, end: usize, rules: &Rulebook) -> usize {
    let name = &text[start..end];
    let Some(open) = name.rfind(['(', '（']).filter(|at| *at > 0 && name.ends_with([')', '）'])) else { return end };
    let before = name[..open].trim_end();
    let inside = rules.folder.squeeze(&name[open..]).text;
    // 某研究院（有限公司）: the legal form is the name's own.
    let form = inside.trim_matches(['(', ')']);
    if rules.units.ending(form).is_some_and(|ending| ending.text == form) {
        return end;
    }
    let remark = inside.contains(|c: char| c.is_ascii_digit()) || rules.units.inside.find(&inside).is_some();
    let whole_ends = is_organisation(name, rules).is_some() && rules.units.ending(rules.folder.squeeze(name).text.as_str()).is_some();
    if (remark || !whole_ends) && is_organisation(before, rules).is_some() { start + before.len() } else { end }
}

/// A name that runs into a sentence ends with its first strong ending before a comma or a space.
fn without_tail(text: &str, start: usize, end: usize, rules: &Rulebook) -> usize {
    let name = &text[start..end];
    if is_organisation(name, rules).is_some() && !name.contains(['，', ',', '。', ';', '；']) {
        return end;
    }
    let stops = name.char_indices().filter(|(_, c)| c.is_whitespace() || matches!(c, '，' | ',' | '。' | ';' | '；'));
    let cut = stops.map(|(at, _)| at).find(|at| is_organisation(&name[..*at], rules) == Some(EndingStrength::Strong));
    if let Some(at) = cut {
        return start + at;
    }
    if is_organisation(name, rules).is_some() { end } else { start + first_ending(name, rules).unwrap_or(name.len()) }
}

/// Where a name that runs into other words ends: behind its first unmistakable ending.
fn first_ending(name: &str, rules: &Rulebook) -> Option<usize> {
    let folded = rules.folder.fold(name);
    let ends = rules.units.endings.iter().filter(|e| e.strength == EndingStrength::Strong).filter_map(|e| {
        let at = folded.text.find(e.text.as_str())?;
        Some(folded.source_range(at, at + e.text.len()).1)
    });
    ends.filter(|end| is_organisation(&name[..*end], rules) == Some(EndingStrength::Strong)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_consortia_and_remarks() {
        let rules = Rulebook::embedded();
        let of = |text: &str| {
            let document = Document { text: text.to_string(), ..Document::default() };
            let found = read(&document, document.span(0, text.len()), &"test".into(), &rules);
            (found.names.into_iter().map(|n| n.value).collect::<Vec<_>>().join("|"), found.together)
        };
        for (text, names, together) in [
            ("示例科技有限公司", "示例科技有限公司", false),
            ("1、示例科技有限公司（93.94）", "示例科技有限公司", false),
            ("示例科技有限公司（牵头人）、样本建设集团有限公司（成员）", "示例科技有限公司|样本建设集团有限公司", true),
            ("示例（北京）科技有限公司/样本股份有限公司", "示例（北京）科技有限公司|样本股份有限公司", true),
            ("示例科技中心（有限合伙）", "示例科技中心（有限合伙）", false),
            ("示例科技有限公司，总价355000.00元。", "示例科技有限公司", false),
            ("示例建设有限公司、样本设计院有限公司联合体", "示例建设有限公司|样本设计院有限公司", true),
            ("中标", "", false),
            ("示例有限公司北京分公司", "示例有限公司北京分公司", false),
            ("示例科技股份有限公司中标价格", "示例科技股份有限公司", false),
            ("无", "", false),
            ("示例系统（2024ZB083）采购项目", "", false),
            ("无供应商报价", "", false),
            ("标段1【示例系统】:样本科技股份有限公司", "样本科技股份有限公司", false),
            ("示例宾馆", "示例宾馆", false),
            ("（公章）", "", false),
            ("[示例会议中心", "示例会议中心", false),
            ("（示例）样本科技有限公司", "（示例）样本科技有限公司", false),
        ] {
            assert_eq!(of(text), (names.to_string(), together), "{text}");
        }
    }
}
