//! Where does the name of an organisation end that a text begins with? Names are chains: 某大学 goes on
//! in 附属医院, 某公司 in 某分公司, and other bodies and the project's own words follow without a gap.

use super::text::org_ends;
use crate::rulebook::Rulebook;
use crate::script::is_han;

/// What kind of name may lengthen another follows from what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Company,
    /// Hospitals, schools, institutes.
    Institution,
    Authority,
    /// A centre, a base, an office: of whatever stands before it.
    Unknown,
}

/// Class of a folded name, by the kind of body that it names.
pub fn class_of(name: &str, rules: &Rulebook) -> Class {
    match rules.parties.kind_of(name).map(|rule| rule.kind.as_str()) {
        Some("company") => Class::Company,
        Some("health" | "education" | "research" | "police_school") => Class::Institution,
        Some("other") | None => Class::Unknown,
        Some(_) => Class::Authority,
    }
}

/// Characters of a text's beginning that are looked at.
const REACH: usize = 60;
/// Characters of the longest first name, of a name that lengthens it, and of an institution that is
/// still an authority's own.
const LONGEST_FIRST: usize = 30;
const LONGEST_NEXT: usize = 14;
const LONGEST_OWN: usize = 6;

/// End of the organisation name that begins a title at `from`: the longest chain of endings of
/// which each belongs to what stands before it.
pub fn leading_org(text: &str, from: usize, rules: &Rulebook) -> Option<usize> {
    let head = head_of(&text[from..], REACH);
    let mut last = operator(head, rules);
    for next in org_ends(head, rules) {
        let Some(begin) = last else {
            last = begins_a_name(&head[..next], rules).then_some(next);
            continue;
        };
        if next <= begin {
            continue;
        }
        if !lengthens(head, begin, next, rules) {
            break;
        }
        last = Some(next);
    }
    let end = bracketed(head, last?, rules);
    (head[..end].chars().count() >= 4).then_some(from + end)
}

/// The body that a text names right behind another: skips joining words, and branches of the first.
pub fn next_org(text: &str, (from, end): (usize, usize), rules: &Rulebook) -> Option<(usize, usize)> {
    let skip = rules.sentences.title_join.as_ref().and_then(|regex| regex.find(&text[end..])).map_or(0, |m| m.end());
    let start = end + skip;
    let stop = leading_org(text, start, rules)?;
    let (first, second) = (class_of(&text[from..end], rules), class_of(&text[start..stop], rules));
    let other = match (first, second) {
        (Class::Company | Class::Authority, Class::Institution) => true,
        (Class::Company, Class::Authority | Class::Company) => stands_alone(&text[start..stop], second, rules),
        _ => false,
    };
    other.then_some((start, stop))
}

/// Behind another name a company must be named in full and an authority by its place: 营销中心 and
/// 省市公司 are parts of the first.
fn stands_alone(name: &str, class: Class, rules: &Rulebook) -> bool {
    match class {
        Class::Company => !is_branch(name, rules) && rules.sentences.full_companies.iter().any(|end| name.ends_with(end.as_str())),
        _ => opens_with_a_place(name, rules),
    }
}

/// End of the organisation name that a label's value begins with, where other text runs on behind
/// it: its first ending, or a later one that only lengthens it.
pub fn running_name(text: &str, rules: &Rulebook) -> Option<usize> {
    let head = head_of(text, REACH);
    let mut last: Option<usize> = None;
    for next in org_ends(head, rules) {
        let piece = &head[last.unwrap_or(0)..next];
        let digits = piece.chars().any(|c| c.is_ascii_digit() || matches!(c, ':' | ',' | ';' | '。'));
        if digits || last.is_some_and(|last| piece.chars().count() > 8 || repeats(&head[..last], piece)) {
            break;
        }
        last = Some(next);
    }
    last.filter(|end| head[..*end].chars().count() >= 4)
}

/// 福建移动, 中国电信: a network operator's everyday name, a place and what it operates.
fn operator(head: &str, rules: &Rulebook) -> Option<usize> {
    let words = &rules.sentences;
    let nation = words.operator_nations.iter().find(|nation| head.starts_with(nation.as_str())).map(String::len);
    let place = nation.or_else(|| rules.regions.words_in(head).next().filter(|(start, ..)| *start == 0).map(|(_, end, _)| end))?;
    words.operators.iter().find(|operator| head[place..].starts_with(operator.as_str())).map(|operator| place + operator.len())
}

/// A first name is not too long, holds no words of a project, and is a known kind of body or begins
/// with a place.
fn begins_a_name(name: &str, rules: &Rulebook) -> bool {
    name.chars().count() <= LONGEST_FIRST
        && !breaks(name, rules)
        && !unnamed(name, rules)
        && (class_of(name, rules) != Class::Unknown || opens_with_a_place(name, rules))
}

fn opens_with_a_place(name: &str, rules: &Rulebook) -> bool {
    rules.regions.words_in(name).next().is_some_and(|(start, ..)| start == 0)
        || rules.sentences.name_openers.iter().any(|word| name.starts_with(word.as_str()))
}

/// Whether the piece from `begin` to the next ending still belongs to the name before it.
fn lengthens(head: &str, begin: usize, next: usize, rules: &Rulebook) -> bool {
    let (before, piece) = (&head[..begin], head[begin..next].trim_start_matches(')'));
    if piece.chars().count() > LONGEST_NEXT || unnamed(piece, rules) || before.ends_with(piece) || repeats(before, piece) {
        return false;
    }
    if breaks(piece, rules) {
        return false;
    }
    let class = class_of(piece, rules);
    if rules.sentences.lengthening.iter().any(|word| piece.starts_with(word.as_str())) {
        return true;
    }
    match class_of(before, rules) {
        Class::Company if is_branch(before, rules) => is_branch(piece, rules),
        Class::Company => class == Class::Company || is_branch(piece, rules),
        Class::Institution => class == Class::Institution || is_branch(piece, rules),
        Class::Authority if class == Class::Institution => piece.chars().count() <= LONGEST_OWN && !opens_with_a_place(piece, rules),
        Class::Authority => class != Class::Company,
        Class::Unknown => class != Class::Company,
    }
}

/// Part of a company that keeps its name before its own.
fn is_branch(name: &str, rules: &Rulebook) -> bool {
    rules.sentences.branch_ends.iter().any(|end| name.ends_with(end.as_str()))
}

/// Closes the bracket that a chain ended in; takes one that holds another name of the same body.
fn bracketed(head: &str, end: usize, rules: &Rulebook) -> usize {
    let open = head[..end].matches('(').count() > head[..end].matches(')').count();
    let inside = if open { &head[end..] } else { head[end..].strip_prefix('(').unwrap_or("") };
    let Some(close) = inside.find(')') else {
        return if open { head[..end].rfind('(').unwrap_or(end) } else { end };
    };
    let stop = head.len() - inside.len() + close;
    let names = org_ends(&format!("({}", &inside[..close]), rules).last().is_some_and(|last| *last == close + 1);
    if open || names { stop + 1 } else { end }
}

/// Words that no name holds end the chain; words that companies' names hold do so before others'.
fn breaks(piece: &str, rules: &Rulebook) -> bool {
    let words = &rules.sentences;
    let bare = match &words.no_breaks {
        Some(regex) => regex.replace_all(piece, ""),
        None => piece.into(),
    };
    let any = |words: &[String]| words.iter().any(|word| bare.contains(word.as_str()));
    piece.chars().any(ends_names) || any(&words.name_breaks) || (class_of(piece, rules) != Class::Company && any(&words.company_words))
}

fn ends_names(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, ':' | ',' | ';' | '。' | '-' | '_' | '"' | '、' | '“' | '”' | '《')
}

/// 某单位: a body that the notice does not name.
fn unnamed(name: &str, rules: &Rulebook) -> bool {
    rules.sentences.unnamed.iter().any(|word| name.contains(word.as_str()))
}

/// 某医院某医院南院区: the title begins anew.
fn repeats(before: &str, piece: &str) -> bool {
    let beginning = head_of(piece, 3);
    beginning.chars().all(is_han) && before.starts_with(beginning)
}

fn head_of(text: &str, count: usize) -> &str {
    let end = text.char_indices().nth(count).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Title, the body it begins with, the next one.
    const TITLES: &[(&str, &str, &str)] = &[
        ("示例市人民医院智慧医院建设项目", "示例市人民医院", ""),
        ("示例大学医学院附属儿童医学中心手术室设备", "示例大学医学院附属儿童医学中心", ""),
        ("示例大学附属协和医院手术室设备", "示例大学附属协和医院", ""),
        ("示例市总医院(县人民医院)服务器采购项目", "示例市总医院(县人民医院)", ""),
        ("示例市人民医院(二期)服务器采购项目", "示例市人民医院", ""),
        ("示例市人民医院医院织物洗涤", "示例市人民医院", ""),
        ("示例市人民医院南部院区手术室", "示例市人民医院", ""),
        ("示例市妇幼保健院新院建设", "示例市妇幼保健院", ""),
        ("福建移动征集泉州分公司泉州市公安局视频专网项目", "福建移动", "泉州市公安局"),
        ("抚州联通智能化建设项目", "抚州联通", ""),
        ("中国电信股份有限公司莆田分公司幼儿园信息化采购", "中国电信股份有限公司莆田分公司", ""),
        ("中国电信南平分公司某学校网络改造", "中国电信南平分公司", ""),
        ("中国电信南平分公司南平市公安局延平分局监控线路", "中国电信南平分公司", "南平市公安局延平分局"),
        ("中国移动江西公司2026年箱式变电站采购", "中国移动江西公司", ""),
        ("示例市卫生健康局示例市第一医院设备采购", "示例市卫生健康局", "示例市第一医院"),
        ("示例市公安局交警支队执法记录仪", "示例市公安局交警支队", ""),
        ("示例二十二局集团第四工程有限公司大桥项目", "示例二十二局集团第四工程有限公司", ""),
        ("智慧医院信息化建设项目", "", ""),
        ("箱式变电站采购", "", ""),
    ];

    #[test]
    fn bodies_that_titles_begin_with() {
        let rules = Rulebook::embedded();
        for (title, first, second) in TITLES {
            let end = leading_org(title, 0, &rules);
            assert_eq!(end.map_or("", |end| &title[..end]), *first, "{title}");
            let next = end.and_then(|end| next_org(title, (0, end), &rules));
            assert_eq!(next.map_or("", |(from, to)| &title[from..to]), *second, "{title}");
        }
    }
}
