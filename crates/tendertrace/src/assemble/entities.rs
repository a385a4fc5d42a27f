//! Which spellings of a case are one organisation? Names that agree in every part, or carry one
//! credit code, become one entity; a doubtful pair becomes a link `possibly_same_as` and is never
//! merged; what a person said wins over everything. The order in which names come does not matter,
//! and no step compares every name with every other.

use super::joining::Groups;
use crate::model::Judgement;
use crate::resolve::names::{Comparison, Name, Shape, compare_parsed};
use crate::rulebook::Rulebook;
use crate::screen::{index, tells_a_party};
use std::collections::{HashMap, HashSet};

/// A spelling in the case, and how often it stands there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mention {
    pub name: String,
    /// Unified social credit code written beside it, empty without one.
    pub code: String,
    pub times: u64,
}

/// What a person said of two spellings; of two sayings about one pair the later stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    pub one: String,
    pub other: String,
    pub verdict: Sameness,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sameness {
    Same,
    NotSame,
}

/// One organisation: its spellings as positions among the mentions, the usual one first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    pub spellings: Vec<usize>,
    pub code: Option<String>,
}

/// Two entities that may be one, by the two spellings that are most alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    pub one: usize,
    pub other: usize,
    /// Mentions whose comparison gives the reasons.
    pub spellings: (usize, usize),
    pub score: f64,
}

/// The organisations of a case and what links them.
#[derive(Debug, Default)]
pub struct Resolved {
    pub entities: Vec<Entity>,
    pub links: Vec<Link>,
    /// Positions among the sayings that contradict others and could not be followed.
    pub unheard: Vec<usize>,
}

/// Resolves the spellings of a case.
pub fn resolve(mentions: &[Mention], said: &[Saying], rules: &Rulebook) -> Resolved {
    let units = units(mentions, said, rules);
    let mut clusters = Clusters::new(&units);
    let unheard = hear(said, mentions, &units, &mut clusters);
    join_by_code(&units, &mut clusters);
    let pairs = compared(&units, rules);
    for pair in pairs.iter().filter(|pair| pair.same) {
        clusters.join(pair.one, pair.other);
    }
    collect(mentions, &units, clusters, &pairs, unheard)
}

/// Spellings that agree in every part, under one code or none.
struct Unit {
    name: Name,
    full: bool,
    mentions: Vec<usize>,
}

/// A spelling that people said something of stands alone at first, so that their word can part it.
fn units(mentions: &[Mention], said: &[Saying], rules: &Rulebook) -> Vec<Unit> {
    let spoken: HashSet<&str> = said.iter().flat_map(|s| [s.one.as_str(), s.other.as_str()]).collect();
    let mut units: HashMap<(String, Option<String>, &str), Unit> = HashMap::new();
    for (at, mention) in mentions.iter().enumerate() {
        let name = Name::parse(&mention.name, rules).with_code(mention.code.trim());
        let full = tells_a_party(&name, rules);
        let alone = spoken.get(mention.name.as_str()).copied().unwrap_or_default();
        let key = (if full { signature(&name) } else { name.plain.clone() }, name.code.clone(), alone);
        match units.get_mut(&key) {
            Some(unit) => {
                unit.mentions.push(at);
                if (&name.plain, &name.written) < (&unit.name.plain, &unit.name.written) {
                    unit.name = name;
                }
            }
            None => drop(units.insert(key, Unit { name, full, mentions: vec![at] })),
        }
    }
    let mut sorted: Vec<_> = units.into_iter().collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    sorted.iter_mut().for_each(|(_, unit)| unit.mentions.sort_by_key(|m| (&mentions[*m].name, &mentions[*m].code)));
    sorted.into_iter().map(|(_, unit)| unit).collect()
}

/// Equal where the comparison of the parts would say `same` of two full names.
fn signature(name: &Name) -> String {
    match &name.shape {
        Shape::Han(han) if han.places.len() > 1 => name.plain.clone(),
        Shape::Han(han) if han.is_public() => format!("{:?}|{}", han.places, han.function),
        Shape::Han(han) => format!("{:?}|{}|{}|{:?}|{}", han.places, han.core, han.trade_text, han.form, han.branch),
        Shape::Latin(_) => name.plain.clone(),
    }
}

/// Growing clusters of units that keep apart what must not meet.
struct Clusters {
    groups: Groups,
    codes: HashMap<usize, String>,
    apart: HashMap<usize, Vec<usize>>,
}

impl Clusters {
    fn new(units: &[Unit]) -> Clusters {
        let codes = units.iter().enumerate().filter_map(|(at, unit)| Some((at, unit.name.code.clone()?)));
        Clusters { groups: Groups::new(units.len()), codes: codes.collect(), apart: HashMap::new() }
    }

    fn keep_apart(&mut self, one: usize, other: usize) {
        let (one, other) = (self.groups.root(one), self.groups.root(other));
        self.apart.entry(one).or_default().push(other);
        self.apart.entry(other).or_default().push(one);
    }

    fn are_apart(&mut self, one: usize, other: usize) -> bool {
        let (one, other) = (self.groups.root(one), self.groups.root(other));
        let foes = self.apart.get(&one).cloned().unwrap_or_default();
        foes.into_iter().any(|foe| self.groups.root(foe) == other)
    }

    /// Joins unless two codes or a person's word stand against it.
    fn join(&mut self, one: usize, other: usize) {
        let (a, b) = (self.groups.root(one), self.groups.root(other));
        let codes_agree = match (self.codes.get(&a), self.codes.get(&b)) {
            (Some(x), Some(y)) => x == y,
            _ => true,
        };
        if codes_agree && !self.are_apart(a, b) {
            self.merge(a, b);
        }
    }

    fn merge(&mut self, a: usize, b: usize) {
        let (a, b) = (self.groups.root(a), self.groups.root(b));
        if a == b {
            return;
        }
        let codes = [self.codes.remove(&a), self.codes.remove(&b)];
        let foes: Vec<usize> = [self.apart.remove(&a), self.apart.remove(&b)].into_iter().flatten().flatten().collect();
        self.groups.join(a, b);
        let root = self.groups.root(a);
        if let Some(code) = codes.into_iter().flatten().min() {
            self.codes.insert(root, code);
        }
        if !foes.is_empty() {
            self.apart.insert(root, foes);
        }
    }
}

/// Follows what people said, before anything is compared: first what is apart, then what is one.
fn hear(said: &[Saying], mentions: &[Mention], units: &[Unit], clusters: &mut Clusters) -> Vec<usize> {
    let wanted: HashSet<&str> = said.iter().flat_map(|s| [s.one.as_str(), s.other.as_str()]).collect();
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, unit) in units.iter().enumerate() {
        for name in unit.mentions.iter().map(|m| mentions[*m].name.as_str()).filter(|name| wanted.contains(name)) {
            places.entry(name).or_default().push(at);
        }
    }
    let mut last: HashMap<(&str, &str), (usize, Sameness)> = HashMap::new();
    for (at, saying) in said.iter().enumerate() {
        let (one, other) = (saying.one.as_str(), saying.other.as_str());
        last.insert((one.min(other), one.max(other)), (at, saying.verdict));
    }
    let mut standing: Vec<_> = last.into_iter().map(|(pair, (at, verdict))| (verdict == Sameness::Same, at, pair)).collect();
    standing.sort_unstable();
    let mut unheard = Vec::new();
    for (same, at, (one, other)) in standing {
        let (Some(ones), Some(others)) = (places.get(one), places.get(other)) else { continue };
        for (one, other) in ones.iter().flat_map(|one| others.iter().map(move |other| (*one, *other))) {
            match (same, one == other || clusters.are_apart(one, other)) {
                (false, _) if one == other => unheard.push(at),
                (false, _) => clusters.keep_apart(one, other),
                (true, true) if one != other => unheard.push(at),
                (true, _) => clusters.merge(one, other),
            }
        }
    }
    unheard.sort_unstable();
    unheard.dedup();
    unheard
}

fn join_by_code(units: &[Unit], clusters: &mut Clusters) {
    let mut first: HashMap<&str, usize> = HashMap::new();
    for (at, unit) in units.iter().enumerate() {
        if let Some(code) = &unit.name.code {
            clusters.join(*first.entry(code.as_str()).or_insert(at), at);
        }
    }
}

/// Two units that may be one.
struct Pair {
    one: usize,
    other: usize,
    score: f64,
    same: bool,
}

/// Units behind one in a block with which it is compared.
const NEIGHBOURS: usize = 10;
/// A key that more units share tells nothing.
const BLOCK_MOST: usize = 200;

fn compared(units: &[Unit], rules: &Rulebook) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = candidates(units, rules)
        .into_iter()
        .filter_map(|(one, other)| {
            let (a, b) = (&units[one as usize], &units[other as usize]);
            let comparison = compare_parsed(&a.name, &b.name, rules);
            let agree = a.full && b.full && (comparison.judgement == Judgement::Same || slip_in_form(&a.name, &b.name));
            let same = agree || a.name.plain == b.name.plain && a.name.code == b.name.code;
            let linked = same || comparison.judgement != Judgement::Different;
            linked.then(|| Pair { one: one as usize, other: other as usize, score: score(&comparison, same, rules), same })
        })
        .collect();
    lone_codes(&mut pairs, units);
    pairs.sort_by(|x, y| y.score.total_cmp(&x.score).then((x.one, x.other).cmp(&(y.one, y.other))));
    pairs
}

fn score(comparison: &Comparison, same: bool, rules: &Rulebook) -> f64 {
    if same { comparison.score.max(rules.names.weights.same) } else { comparison.score.min(rules.names.weights.same) }
}

/// A name without a code that fits two codes belongs to neither for certain.
fn lone_codes(pairs: &mut [Pair], units: &[Unit]) {
    let mut codes: HashMap<usize, Vec<&str>> = HashMap::new();
    for pair in pairs.iter().filter(|pair| pair.same) {
        for (bare, coded) in [(pair.one, pair.other), (pair.other, pair.one)] {
            if let (None, Some(code)) = (&units[bare].name.code, &units[coded].name.code) {
                codes.entry(bare).or_default().push(code);
            }
        }
    }
    let torn = |at: usize| codes.get(&at).is_some_and(|all| all.iter().any(|code| *code != all[0]));
    for pair in pairs.iter_mut() {
        let coded = units[pair.one].name.code.is_some() || units[pair.other].name.code.is_some();
        pair.same &= !(coded && (torn(pair.one) || torn(pair.other)));
    }
}

/// Whether one slip of the pen in the legal form is all that tells two long names apart.
fn slip_in_form(a: &Name, b: &Name) -> bool {
    let (Shape::Han(x), Shape::Han(y)) = (&a.shape, &b.shape) else { return false };
    if x.form == y.form {
        return false;
    }
    let (whole, broken) = if x.whole.len() >= y.whole.len() { (x, y) } else { (y, x) };
    let stem = whole.places.iter().len() + whole.core.chars().count() + whole.trade_text.chars().count();
    let head = whole.whole.find(&whole.core).map(|at| at + whole.core.len() + whole.trade_text.len());
    let kept = head.and_then(|head| whole.whole.get(..head)).is_some_and(|head| broken.whole.starts_with(head));
    kept && stem >= STEM_LEAST && whole.branch.is_empty() && rapidfuzz::distance::osa::distance(x.whole.chars(), y.whole.chars()) == 1
}

/// Characters before the legal form without which a slip in it is not told from another name.
const STEM_LEAST: usize = 5;

/// Pairs worth a comparison: neighbours under a shared key, each once.
fn candidates(units: &[Unit], rules: &Rulebook) -> Vec<(u32, u32)> {
    let mut keyed: Vec<(u64, u32)> = Vec::new();
    for (at, unit) in units.iter().enumerate() {
        keyed.extend(index::keys(&unit.name, rules).into_iter().map(|key| (key, at as u32)));
        keyed.push((index::key("parts", &signature(&unit.name)), at as u32));
        keyed.push((index::key("head", &unit.name.plain.chars().take(HEAD).collect::<String>()), at as u32));
    }
    keyed.sort_unstable();
    let mut pairs = Vec::new();
    for block in keyed.chunk_by(|a, b| a.0 == b.0).filter(|block| (2..=BLOCK_MOST).contains(&block.len())) {
        for (at, (_, one)) in block.iter().enumerate() {
            pairs.extend(block[at + 1..].iter().take(NEIGHBOURS).map(|(_, other)| (*one, *other)));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// Characters at the head of a name that a slip in its end leaves as they are.
const HEAD: usize = 6;

fn collect(mentions: &[Mention], units: &[Unit], mut clusters: Clusters, pairs: &[Pair], unheard: Vec<usize>) -> Resolved {
    let codes: Vec<Option<String>> = (0..units.len()).map(|at| clusters.codes.get(&clusters.groups.root(at)).cloned()).collect();
    let linked: Vec<&Pair> = pairs.iter().filter(|pair| clusters.groups.root(pair.one) != clusters.groups.root(pair.other)).collect();
    let linked: Vec<&Pair> = linked.into_iter().filter(|pair| !clusters.are_apart(pair.one, pair.other)).collect();
    let lists = clusters.groups.into_lists();
    let mut entity_of = vec![0; units.len()];
    let mut entities: Vec<(usize, Entity)> = Vec::with_capacity(lists.len());
    for (number, list) in lists.iter().enumerate() {
        list.iter().for_each(|unit| entity_of[*unit] = number);
        let mut spellings: Vec<usize> = list.iter().flat_map(|unit| &units[*unit].mentions).copied().collect();
        spellings.sort_by_key(|m| (std::cmp::Reverse(mentions[*m].times), &mentions[*m].name, &mentions[*m].code));
        entities.push((number, Entity { spellings, code: codes[list[0]].clone() }));
    }
    let mut seen = HashSet::new();
    let links = linked.into_iter().filter_map(|pair| {
        let ends = (entity_of[pair.one], entity_of[pair.other]);
        let (one, other) = (ends.0.min(ends.1), ends.0.max(ends.1));
        let spellings = (units[pair.one].mentions[0], units[pair.other].mentions[0]);
        seen.insert((one, other)).then_some(Link { one, other, spellings, score: pair.score })
    });
    let links = links.collect();
    Resolved { entities: entities.into_iter().map(|(_, entity)| entity).collect(), links, unheard }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mention(name: &str) -> Mention {
        Mention { name: name.to_string(), code: String::new(), times: 1 }
    }

    fn saying(one: &str, other: &str, verdict: Sameness) -> Saying {
        Saying { one: one.to_string(), other: other.to_string(), verdict }
    }

    /// Clusters by their spellings, sorted, so that orders can be compared.
    fn clusters(mentions: &[Mention], said: &[Saying]) -> Vec<Vec<String>> {
        static RULES: std::sync::LazyLock<Rulebook> = std::sync::LazyLock::new(Rulebook::embedded);
        let resolved = resolve(mentions, said, &RULES);
        let names = |entity: &Entity| entity.spellings.iter().map(|m| mentions[*m].name.clone()).collect::<std::collections::BTreeSet<_>>();
        let mut all: Vec<Vec<String>> = resolved.entities.iter().map(|e| names(e).into_iter().collect()).collect();
        all.sort();
        all
    }

    const ONE: [&str; 4] = ["武汉市样恒科技有限公司", "武汉市樣恆科技有限公司", "武汉市样恒科技有限责任公司", "武汉市样恒科技有公司"];

    #[test]
    fn spellings_of_one_company_are_one_entity_in_any_order() {
        let others = [
            "武汉市样恒软件有限公司",
            "长沙市样恒科技有限公司",
            "武汉市样衡科技有限公司",
            "武汉市样恒科技有限公司黄石分公司",
            "武汉市公安局",
            "武汉市公安局江岸区分局",
        ];
        let mut mentions: Vec<Mention> = ONE.iter().chain(&others).map(|name| mention(name)).collect();
        let forward = clusters(&mentions, &[]);
        assert_eq!(forward.len(), 1 + others.len(), "{forward:?}");
        assert!(forward.iter().any(|names| names.len() == ONE.len()));
        mentions.reverse();
        assert_eq!(clusters(&mentions, &[]), forward);
    }

    #[test]
    fn a_code_decides_and_two_codes_never_meet() {
        let coded = |name: &str, code: &str| Mention { code: code.to_string(), ..mention(name) };
        let (a, b) = ("91110000100001043E", "91110000100009563N");
        let mentions = [
            coded("武汉市样恒科技有限公司", a),
            coded("样恒集团", a),
            coded("武汉市样恒科技有限公司", b),
            mention("武汉市样恒科技有限公司"),
        ];
        let resolved = resolve(&mentions, &[], &Rulebook::embedded());
        let mut sizes: Vec<usize> = resolved.entities.iter().map(|e| e.spellings.len()).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [1, 1, 2], "the bare name fits both codes and joins neither");
        assert!(!resolved.links.is_empty(), "but both are linked to it");
    }

    #[test]
    fn a_name_that_tells_too_little_is_linked_and_never_merged() {
        let mentions = [mention("样恒科技"), mention("武汉市样恒科技有限公司")];
        let resolved = resolve(&mentions, &[], &Rulebook::embedded());
        assert_eq!((resolved.entities.len(), resolved.links.len()), (2, 1));
    }

    #[test]
    fn what_a_person_said_wins_over_the_names_and_the_later_word_over_the_earlier() {
        let mentions: Vec<Mention> = [ONE[0], ONE[2], "长沙市样恒科技有限公司"].iter().map(|name| mention(name)).collect();
        let apart = [saying("长沙市样恒科技有限公司", ONE[0], Sameness::NotSame)];
        let joined = [apart[0].clone(), saying(ONE[0], "长沙市样恒科技有限公司", Sameness::Same)];
        let rules = Rulebook::embedded();
        assert!(resolve(&mentions, &apart, &rules).links.is_empty(), "said to be apart: no doubt is left");
        assert_eq!(clusters(&mentions, &joined).len(), 1);
        assert_eq!(clusters(&mentions, &[saying(ONE[0], ONE[2], Sameness::NotSame)]).len(), 3);
    }

    #[test]
    fn words_that_contradict_each_other_are_told_and_apart_wins() {
        let names = ["武汉市样恒科技有限公司", "长沙市样恒科技有限公司", "黄石市样恒科技有限公司"];
        let mentions: Vec<Mention> = names.iter().map(|name| mention(name)).collect();
        let said = [
            saying(names[0], names[1], Sameness::Same),
            saying(names[1], names[2], Sameness::Same),
            saying(names[0], names[2], Sameness::NotSame),
        ];
        let resolved = resolve(&mentions, &said, &Rulebook::embedded());
        assert_eq!((resolved.entities.len(), resolved.unheard), (2, vec![1]));
    }

    /// Invented organisations with their spellings, sisters and branches.
    fn crowd() -> Vec<String> {
        let mut all = Vec::new();
        for core in ["样恒", "样衡", "北岭", "云帆", "星桥"] {
            for place in ["武汉市", "长沙市", "黄石市"] {
                for rest in ["科技有限公司", "科技有限责任公司", "软件有限公司", "科技有限公司示例分公司", "科技"]
                {
                    all.push(format!("{place}{core}{rest}"));
                }
            }
        }
        all.extend(["武汉市公安局", "武漢市公安局", "武汉市公安局江岸区分局", "长沙市公安局"].map(str::to_string));
        all
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(24))]
        #[test]
        fn the_order_of_arrival_changes_nothing(seed in proptest::collection::vec(0usize..1000, 79)) {
            let mut keyed: Vec<(usize, String)> = seed.into_iter().zip(crowd()).collect();
            keyed.sort();
            let shuffled: Vec<Mention> = keyed.iter().map(|(_, name)| mention(name)).collect();
            let mut sorted = shuffled.clone();
            sorted.sort_by(|a, b| a.name.cmp(&b.name));
            proptest::prop_assert_eq!(clusters(&shuffled, &[]), clusters(&sorted, &[]));
        }
    }
}
