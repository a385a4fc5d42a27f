//! What does a correction change? Old and new value side by side, from tables of what stood before and
//! after and from sentences; the newest value becomes the notice's own.

use super::grids::{Grid, Row};
use super::values::amount;
use super::{Layout, dates, orgs};
use crate::evidence::{Known, Sourced, Span};
use crate::model::{Change, Money, Notice};
use crate::rulebook::Rulebook;
use crate::script::Folded;

/// Fields that sentences are believed to change; tables may change anything.
const SPOKEN_OF: &[&str] = &["budget", "ceiling", "deadline", "opening", "amount", "quantity", "supplier"];

/// The changes that a document states, tables first.
pub fn changes(layout: &Layout, grids: &[Grid], rules: &Rulebook) -> Vec<Change> {
    let rows = grids.iter().flat_map(|grid| grid.rows.iter().filter_map(|row| of_row(layout, grid, row, rules)));
    let in_tables: Vec<Change> = rows.collect();
    if in_tables.is_empty() { spoken(layout, rules) } else { in_tables }
}

/// Lets the newest values of budget, deadline and sum be the notice's own.
pub fn apply(notice: &mut Notice, rules: &Rulebook) {
    let field = |wanted: &str| notice.changes.iter().rev().find(|change| change.field.as_deref() == Some(wanted));
    let budget = field("budget").or_else(|| field("ceiling")).and_then(|change| money(change, rules));
    let deadline = field("deadline").and_then(|change| date(change, rules));
    let total = field("amount").and_then(|change| money(change, rules));
    notice.budget = budget.or(notice.budget.take());
    notice.dates.deadline = deadline.or(notice.dates.deadline.take());
    notice.total = total.or(notice.total.take());
}

fn money(change: &Change, rules: &Rulebook) -> Option<Known<Money>> {
    let new = &change.new;
    let reading = amount::read(&new.raw, &amount::hint(&change.label.raw, rules), rules);
    let stated = reading.money().filter(|stated| stated.unit_stated)?;
    let at = Span::new(new.at.doc, new.at.start + stated.start, new.at.start + stated.end);
    let raw = new.raw[stated.start..stated.end].to_string();
    Some(Known::from(Sourced { value: stated.money.clone(), raw, at, rule: new.rule.clone() }))
}

fn date(change: &Change, rules: &Rulebook) -> Option<Sourced<String>> {
    let new = &change.new;
    let found = dates::first(&new.raw, rules)?;
    let at = Span::new(new.at.doc, new.at.start + found.start, new.at.start + found.end);
    Some(Sourced { value: found.iso, raw: new.raw[found.start..found.end].to_string(), at, rule: new.rule.clone() })
}

fn of_row(layout: &Layout, grid: &Grid, row: &Row, rules: &Rulebook) -> Option<Change> {
    let read = |field: &str| {
        let index = grid.column(field)?;
        let at = row.whole(index).filter(|at| amount::absent(layout.document.slice(*at), rules).is_none())?;
        Some(orgs::sourced(layout, at.start, at.end, grid.columns[index].rule.clone()))
    };
    let label = read("changed").or_else(|| read("item_name"))?;
    let field = field_of(&rules.folder.squeeze(&label.raw).text, rules);
    Some(Change { field, label, old: read("old_content"), new: read("new_content")? })
}

/// The field that a label, or the end of what stands before the change, names.
fn field_of(label: &str, rules: &Rulebook) -> Option<String> {
    let known = |at: usize| rules.labels.exact(&label[at..]).and_then(|phrase| phrase.labels.first());
    label.char_indices().find_map(|(at, _)| known(at)).map(|rule| rule.field.to_string())
}

fn spoken(layout: &Layout, rules: &Rulebook) -> Vec<Change> {
    let text = &layout.document.text;
    let mut found: Vec<Change> = Vec::new();
    for line in super::text::lines(text).filter(|(start, _)| !layout.borders.is_left_out(*start)) {
        let folded = rules.folder.squeeze(&text[line.0..line.1]);
        if rules.sentences.change_words.iter().any(|word| folded.text.contains(word.as_str())) {
            of_line(layout, line.0, &folded, rules, &mut found);
        }
    }
    found
}

/// Changes of one line; of overlapping readings the first of the rulebook's order.
fn of_line(layout: &Layout, base: usize, folded: &Folded, rules: &Rulebook, found: &mut Vec<Change>) {
    for sentence in &rules.sentences.changes {
        for groups in sentence.pattern.captures_iter(&folded.text) {
            let read = |name: &str| {
                let group = groups.name(name)?;
                let (start, end) = folded.source_range(group.start(), group.end());
                Some(orgs::sourced(layout, base + start, base + end, sentence.rule.clone()))
            };
            let (Some(label), Some(new)) = (read("label"), read("new")) else { continue };
            let field = field_of(&groups["label"], rules).filter(|field| SPOKEN_OF.contains(&field.as_str()));
            let fresh = !found.iter().any(|known| known.new.at.overlaps(&new.at));
            if field.is_some() && fresh {
                found.push(Change { field, label, old: read("old"), new });
            }
        }
    }
}

/// Whether a notice states old values beside new ones at all.
pub fn may_change(layout: &Layout, notice: &Notice) -> bool {
    let correction = notice.stage.as_ref().is_some_and(|stage| *stage.value() == crate::model::Stage::Correction);
    correction || layout.is_correction()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_every_sentence_hold() {
        let rules = Rulebook::embedded();
        assert!(!rules.sentences.changes.is_empty());
        for sentence in &rules.sentences.changes {
            let yes = rules.folder.squeeze(&sentence.yes).text;
            let groups = sentence.pattern.captures(&yes).unwrap_or_else(|| panic!("{}: {yes}", sentence.rule));
            for (name, value) in &sentence.value {
                assert_eq!(&groups[name.as_str()], value, "{}", sentence.rule);
            }
            let no = rules.folder.squeeze(&sentence.no).text;
            assert!(sentence.pattern.captures(&no).is_none_or(|groups| field_of(&groups["label"], &rules).is_none()), "{}", sentence.rule);
        }
    }

    fn examined(page: &str) -> Notice {
        let capture =
            crate::model::Capture { media_type: Some("text/html".into()), ..crate::model::Capture::of_bytes(page.as_bytes().to_vec()) };
        let examined = crate::examine(&capture, &Rulebook::embedded(), &crate::model::Budget::default()).remove(0);
        examined.notice.unwrap()
    }

    #[test]
    fn old_and_new_are_kept_and_the_new_one_wins() {
        let page = "<h1>示例局服务器采购项目更正公告</h1><p>首次公告日期：2023年4月10日</p><p>更正日期：2023年4月14日</p><table>\
            <tr><td>序号</td><td>更正项</td><td>更正前内容</td><td>更正后内容</td></tr>\
            <tr><td>1</td><td>预算金额</td><td>260.00万元（人民币）</td><td>258.00万元（人民币）</td></tr>\
            <tr><td>2</td><td>提交投标文件截止时间</td><td>2023年05月04日 09点30分</td><td>2023年05月08日 09点30分</td></tr></table>";
        let notice = examined(page);
        let pairs: Vec<(&str, &str)> =
            notice.changes.iter().map(|c| (c.old.as_ref().map_or("", |old| old.raw.as_str()), c.new.raw.as_str())).collect();
        assert_eq!(pairs[0], ("260.00万元（人民币）", "258.00万元（人民币）"));
        assert_eq!(notice.budget.unwrap().value().amount.to_string(), "2580000.00");
        assert_eq!(notice.dates.deadline.unwrap().value, "2023-05-08");
    }

    #[test]
    fn sentences_change_known_fields_only() {
        let page = "<h1>示例局服务器采购项目更正公告</h1><p>首次公告日期：2023年4月10日</p><p>更正日期：2023年4月14日</p>\
            <p>更正内容：原公告中最高限价：260万元，现更正为：258万元。会议室改为三楼。</p>";
        let notice = examined(page);
        assert_eq!(notice.changes.len(), 1);
        assert_eq!(notice.changes[0].field.as_deref(), Some("ceiling"));
        assert_eq!(notice.budget.unwrap().value().amount.to_string(), "2580000.00");
    }
}
