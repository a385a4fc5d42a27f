//! Which spellings of a case are one organisation? Names that agree in every part, or carry one
//! credit code, become one entity; a doubtful pair becomes a link `possibly_same_as` and is never
//! merged; what a person said wins over everything. The order in which names come does not matter,
//! and no step compares every name with every other.
//!
//! Each step is one a caller can take for a part of the case: units of new spellings, the pairs that their
//! keys bring, and the clusters of units that hang together. Done for a closed part, it gives what the
//! whole would give there.

mod clusters;
mod pairs;
mod units;

pub use clusters::cluster;
pub use pairs::{BLOCK_MOST, Pair, compared, judged, windows};
pub use units::{Parsed, Unit, UnitKey, parsed, units};

use crate::rulebook::Rulebook;

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

/// Resolves all spellings of a case.
pub fn resolve(mentions: &[Mention], said: &[Saying], rules: &Rulebook) -> Resolved {
    let (units, names) = units(mentions, rules);
    let pairs = compared(&units, &names, rules);
    drop(names);
    cluster(mentions, &units, &pairs, said)
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
