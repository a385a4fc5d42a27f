//! Which field does a column's heading name? The labels of `rulebook/columns/`, one file a field,
//! matched as whole cells, as ends of cells, and in text where headings run together.

use super::raw::{Files, Problem};
use crate::evidence::RuleId;
use crate::script::Folder;
use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder, MatchKind};
use std::collections::HashMap;
use std::sync::Arc;

/// The compiled labels.
pub struct Columns {
    labels: Vec<Label>,
    by_text: HashMap<String, usize>,
    all: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
}

/// One heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub field: Arc<str>,
    pub rule: RuleId,
    text: String,
    matches: Matches,
}

/// Whether the label may stand at the end of a longer heading (货物单价 for 单价).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Matches {
    Whole,
    Suffix,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelRow {
    id: String,
    label: String,
    #[serde(rename = "language")]
    _language: String,
    #[serde(rename = "match")]
    matches: Matches,
    yes: String,
    no: String,
    #[serde(rename = "note")]
    _note: String,
}

/// Longest part that may stand before a suffix label, in characters.
const LONGEST_PREFIX: usize = 8;

impl Columns {
    /// The label that a heading cell is; a unit in brackets, colons and white space do not matter.
    pub fn of(&self, cell: &str, folder: &Folder) -> Option<&Label> {
        if cell.len() > 120 {
            return None;
        }
        let squeezed = folder.squeeze(cell).text;
        let text = squeezed.trim_matches(|c: char| matches!(c, ':' | '*' | '★' | '▲' | '、' | '.'));
        let forms = || std::iter::successors(Some(text), |longer| without_last_bracket(longer));
        forms().find_map(|form| self.exact(form)).or_else(|| forms().find_map(|form| self.ending(form)))
    }

    /// All labels in squeezed text, leftmost longest, as (start, end, label).
    pub fn find<'a>(&'a self, squeezed: &'a str) -> impl Iterator<Item = (usize, usize, &'a Label)> + 'a {
        self.all
            .iter()
            .flat_map(move |all| all.leftmost_find_iter(squeezed))
            .map(|found| (found.start(), found.end(), &self.labels[found.value() as usize]))
    }

    fn exact(&self, text: &str) -> Option<&Label> {
        self.by_text.get(text).map(|at| &self.labels[*at])
    }

    fn ending(&self, text: &str) -> Option<&Label> {
        let starts = text.char_indices().skip(1).take(LONGEST_PREFIX).map(|(at, _)| at);
        starts.filter_map(|at| self.exact(&text[at..])).find(|label| label.matches == Matches::Suffix)
    }
}

/// `中标(成交)金额(元)` without its last bracket, inner ones included; None where there is none or
/// nothing before it.
fn without_last_bracket(text: &str) -> Option<&str> {
    let mut depth = 0;
    let open = text.ends_with(')').then(|| {
        text.char_indices().rev().find_map(|(at, c)| {
            depth += i32::from(c == ')') - i32::from(c == '(');
            (depth == 0).then_some(at)
        })
    })??;
    (open > 0).then(|| &text[..open])
}

/// Compiles the labels; a row whose own examples fail is a problem.
pub fn load(files: &Files, folder: &Folder, problems: &mut Vec<Problem>) -> Columns {
    let rows = files.csv::<LabelRow>("columns/", problems);
    let mut labels: Vec<Label> = Vec::new();
    let mut by_text = HashMap::new();
    for row in &rows {
        let text = folder.squeeze(&row.value.label).text;
        if text.is_empty() || row.value.id.is_empty() {
            problems.push(row.problem("a label needs an id and a text", "fill the columns id and label"));
            continue;
        }
        let rule: RuleId = format!("columns/{}#{}", row.stem(), row.value.id).into();
        by_text.insert(text.clone(), labels.len());
        labels.push(Label { field: row.stem().into(), rule, text, matches: row.value.matches });
    }
    let all = automaton(&labels, &by_text);
    let columns = Columns { labels, by_text, all };
    for row in &rows {
        let of = |example: &str| columns.of(example, folder).map(|label| label.field.to_string());
        if of(&row.value.yes).as_deref() != Some(row.stem()) {
            problems.push(row.problem(
                format!("the yes-example {:?} is not read as {}", row.value.yes, row.stem()),
                "mend the example, or the label it clashes with",
            ));
        }
        if row.value.no.is_empty() || of(&row.value.no).as_deref() == Some(row.stem()) {
            problems.push(row.problem(
                format!("the no-example {:?} is missing or read as {}", row.value.no, row.stem()),
                "name a heading that is not this field",
            ));
        }
    }
    columns
}

fn automaton(labels: &[Label], by_text: &HashMap<String, usize>) -> Option<CharwiseDoubleArrayAhoCorasick<u32>> {
    let mut patterns: Vec<(&str, u32)> = by_text.values().map(|at| (labels[*at].text.as_str(), *at as u32)).collect();
    patterns.sort();
    // Fails on an empty set only, which is a rulebook without columns.
    CharwiseDoubleArrayAhoCorasickBuilder::new().match_kind(MatchKind::LeftmostLongest).build_with_values(patterns).ok()
}

#[cfg(test)]
mod tests {
    use crate::rulebook::Rulebook;

    #[test]
    fn headings_name_their_field() {
        let rules = Rulebook::embedded();
        for (cell, field) in [
            ("货物单价(元)", Some("unit_price")),
            ("单 价（元）", Some("unit_price")),
            ("拟投产品品牌", Some("brand")),
            ("数量（台）", Some("quantity")),
            ("中标价（人民币万元）", Some("amount")),
            ("供 应 商 名 称：", Some("supplier")),
            ("北京阵列科技有限公司", None),
            ("中标（成交）金额(元)", Some("amount")),
            ("数量（台）（含备件）", Some("quantity")),
            ("1台", None),
        ] {
            assert_eq!(rules.columns.of(cell, &rules.folder).map(|l| l.field.to_string()).as_deref(), field, "{cell}");
        }
    }
}
