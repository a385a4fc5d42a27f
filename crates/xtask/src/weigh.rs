//! How much does each sign speak for each usage? Learns `rulebook/usages/weights.csv` from the
//! labelled passages of `truth/mentions` and `truth/usages` by multinomial logistic regression, and
//! with `--check` measures on passages it has not seen, by five folds over their texts.

use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::Path;
use tendertrace::classify::explain::{Ruled, settle};
use tendertrace::model::{Stage, Usage};
use tendertrace::rulebook::weights::{Row, WEIGHED};
use tendertrace::rulebook::{Files, Rulebook};

const USAGES: usize = WEIGHED.len();
/// A sign counts once so many mentions have it.
const SEEN: usize = 5;
/// Weights below this are left out.
const SMALL: f32 = 0.05;
/// Inverse strength of the pull towards zero, as scikit-learn's `C`.
const FREEDOM: f32 = 1.0;
/// Weight of a rule for its own usage before anything is learnt.
const BELIEF: f32 = 1.0;
const ROUNDS: usize = 250;
const FOLDS: u64 = 5;

#[derive(Deserialize)]
struct Passage {
    text: String,
    title: String,
    stage: Stage,
    brand: String,
    usage: String,
}

/// One labelled passage: its mentions of the brand, each with its signs.
struct Labelled {
    usage: Usage,
    fold: u64,
    mentions: Vec<(Ruled, Vec<String>)>,
    /// Written for learning, not tuned upon.
    fresh: bool,
}

/// One mention as numbers.
struct Sample {
    signs: Vec<u32>,
    usage: usize,
    weight: f32,
}

struct Learnt {
    signs: HashMap<String, u32>,
    weights: Vec<Row>,
    always: Row,
}

/// Learns from all passages and writes the weights.
pub fn write(root: &Path) -> std::io::Result<()> {
    let (labelled, rules) = labelled(root);
    let learnt = learn(&labelled.iter().collect::<Vec<_>>(), &rules);
    let text = csv(&learnt);
    std::fs::write(root.join("rulebook/usages/weights.csv"), &text)?;
    println!("{} passages, {} signs kept", labelled.len(), text.lines().count() - 2);
    Ok(())
}

/// Prints how well weights learnt from four fifths tell the rest.
pub fn check(root: &Path) {
    let (labelled, rules) = labelled(root);
    let mut tallies: BTreeMap<String, [usize; 4]> = BTreeMap::new();
    for fold in 0..FOLDS {
        let (unseen, seen): (Vec<&Labelled>, Vec<&Labelled>) = labelled.iter().partition(|one| one.fresh && one.fold == fold);
        let learnt = learn(&seen, &rules);
        for one in unseen {
            let ruled = one.mentions.iter().any(|(ruled, _)| ruled.usage == one.usage);
            let settled: Vec<_> = one.mentions.iter().map(|(ruled, signs)| settle(ruled, &odds(&learnt, signs))).collect();
            let right = settled.iter().any(|s| s.usage == one.usage);
            let sure = settled.iter().any(|s| s.doubt == tendertrace::classify::explain::Doubt::None);
            for key in [format!("{:?}", one.usage), "all".to_string(), format!("{}", if sure { "sure" } else { "in doubt" })] {
                let tally = tallies.entry(key).or_default();
                tally[0] += 1;
                tally[1] += usize::from(ruled);
                tally[2] += usize::from(right);
            }
            if let Some(told) = settled.iter().map(|s| s.usage).next().filter(|_| !right) {
                tallies.entry(format!("{told:?}")).or_default()[3] += 1;
            }
        }
    }
    println!("{:16} {:>6} {:>6} {:>8} {:>12}", "usage", "rows", "rules", "weighed", "told wrongly");
    tallies.iter().for_each(|(key, [n, ruled, right, wrong])| println!("{key:16} {n:6} {ruled:6} {right:8} {wrong:12}"));
}

fn labelled(root: &Path) -> (Vec<Labelled>, Vec<String>) {
    let rules = Rulebook::load(&Files::embedded()).unwrap_or_else(|problems| panic!("{} problems in the rulebook", problems.len()));
    let mut labelled = Vec::new();
    for (folder, fresh) in [("truth/mentions", false), ("truth/usages", true)] {
        let mut files: Vec<_> = std::fs::read_dir(root.join(folder)).into_iter().flatten().flatten().map(|e| e.path()).collect();
        files.sort();
        for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "csv")) {
            let mut reader = csv::Reader::from_path(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            let rows = reader.deserialize::<Passage>().map(|row| row.unwrap_or_else(|e| panic!("{}: {e}", file.display())));
            labelled.extend(rows.filter_map(|row| label(&row, fresh, &rules)));
        }
    }
    let names = rules.usages.rules.iter().flat_map(|rule| [format!("rule {}", rule.id), format!("first {}", rule.id)]).collect();
    (labelled, names)
}

fn label(row: &Passage, fresh: bool, rules: &Rulebook) -> Option<Labelled> {
    let usage: Usage = serde_json::from_value(row.usage.as_str().into()).ok().filter(|u| WEIGHED.contains(u))?;
    let fired = tendertrace::explain_passage(&row.text, &row.title, row.stage, rules);
    let mentions: Vec<_> = fired.into_iter().filter(|f| f.brand == row.brand).filter_map(|f| Some((f.ruled?, f.signs))).collect();
    // What a rule decides alone is never weighed, so it teaches nothing.
    let mentions: Vec<_> = mentions.into_iter().filter(|(ruled, _)| !ruled.decided).collect();
    // Rows the rules were tuned on prove nothing of a rule: its firing is no sign there.
    let keep = |sign: &String| fresh || !(sign.starts_with("rule ") || sign.starts_with("first "));
    let mentions: Vec<_> = mentions.into_iter().map(|(ruled, signs)| (ruled, signs.into_iter().filter(keep).collect())).collect();
    (!mentions.is_empty()).then(|| Labelled { usage, fold: hash(&row.text) % FOLDS, mentions, fresh })
}

/// FNV-1a: the same fold for the same text on every machine.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// What is believed of a sign before any passage is read: a rule that fires speaks for its usage.
fn belief(sign: &str) -> Row {
    let usage = sign
        .strip_prefix("rule usages/")
        .or_else(|| sign.strip_prefix("first usages/"))
        .and_then(|rule| rule.split_once('#'))
        .map(|(usage, _)| usage);
    let named: Option<Usage> = usage.and_then(|usage| serde_json::from_value(usage.into()).ok());
    WEIGHED.map(|one| if Some(one) == named { BELIEF } else { 0.0 })
}

fn learn(labelled: &[&Labelled], rules: &[String]) -> Learnt {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for sign in labelled.iter().flat_map(|one| &one.mentions).flat_map(|(_, signs)| signs) {
        *counts.entry(sign).or_default() += 1;
    }
    rules.iter().for_each(|rule| *counts.entry(rule).or_default() += SEEN);
    let often: Vec<String> = counts.iter().filter(|(_, n)| **n >= SEEN).map(|(sign, _)| (*sign).to_string()).collect();
    let beliefs: Vec<Row> = often.iter().map(|sign| belief(sign)).collect();
    let signs: HashMap<String, u32> = often.into_iter().zip(0..).collect();
    let samples: Vec<Sample> = labelled.iter().flat_map(|one| samples(one, &signs)).collect();
    let (weights, always) = descend(&samples, beliefs);
    Learnt { signs, weights, always }
}

fn samples(one: &Labelled, signs: &HashMap<String, u32>) -> Vec<Sample> {
    let usage = WEIGHED.iter().position(|u| *u == one.usage).unwrap_or(0);
    let weight = 1.0 / one.mentions.len() as f32;
    let numbers = |names: &[String]| names.iter().filter_map(|name| signs.get(name).copied()).collect();
    one.mentions.iter().map(|(_, names)| Sample { signs: numbers(names), usage, weight }).collect()
}

/// Full-batch descent with the step of Adam (Kingma and Ba 2015): the same weights at every run.
fn descend(samples: &[Sample], beliefs: Vec<Row>) -> (Vec<Row>, Row) {
    let signs = beliefs.len();
    let mut weights = beliefs.clone();
    weights.push([0.0; USAGES]);
    let mut first = vec![[0.0_f32; USAGES]; signs + 1];
    let mut second = vec![[0.0_f32; USAGES]; signs + 1];
    let always = signs as u32;
    for round in 1..=ROUNDS {
        let pull = |(row, belief): (&Row, &Row)| std::array::from_fn(|usage| (row[usage] - belief[usage]) / FREEDOM);
        let mut slope: Vec<Row> = weights.iter().zip(&beliefs).map(pull).collect();
        slope.push([0.0; USAGES]);
        for sample in samples {
            let all = || sample.signs.iter().chain(std::iter::once(&always));
            let mut odds = softmax(sum(all().map(|s| &weights[*s as usize])));
            odds[sample.usage] -= 1.0;
            for sign in all() {
                slope[*sign as usize].iter_mut().zip(odds).for_each(|(slope, error)| *slope += error * sample.weight);
            }
        }
        let rate = 0.06 * (1.0 - round as f32 / (ROUNDS as f32 + 1.0));
        let (left_first, left_second) = (1.0 - 0.9_f32.powi(round as i32), 1.0 - 0.999_f32.powi(round as i32));
        for row in 0..=signs {
            for usage in 0..USAGES {
                let g = slope[row][usage];
                first[row][usage] = 0.9 * first[row][usage] + 0.1 * g;
                second[row][usage] = 0.999 * second[row][usage] + 0.001 * g * g;
                weights[row][usage] -= rate * (first[row][usage] / left_first) / ((second[row][usage] / left_second).sqrt() + 1e-8);
            }
        }
    }
    let always = weights.pop().unwrap_or_default();
    (weights.into_iter().map(|row| row.map(rounded)).collect(), always.map(rounded))
}

fn rounded(weight: f32) -> f32 {
    if weight.abs() < SMALL { 0.0 } else { (weight * 100.0).round() / 100.0 }
}

fn sum<'a>(rows: impl Iterator<Item = &'a Row>) -> Row {
    rows.fold([0.0; USAGES], |mut all, row| {
        all.iter_mut().zip(row).for_each(|(sum, one)| *sum += one);
        all
    })
}

fn softmax(sums: Row) -> Row {
    let most = sums.iter().copied().fold(f32::MIN, f32::max);
    let raised = sums.map(|s| (s - most).exp());
    let all: f32 = raised.iter().sum();
    raised.map(|r| r / all)
}

fn odds(learnt: &Learnt, signs: &[String]) -> Row {
    let known = signs.iter().filter_map(|sign| learnt.signs.get(sign)).map(|n| &learnt.weights[*n as usize]);
    softmax(sum(known.chain(std::iter::once(&learnt.always))))
}

fn csv(learnt: &Learnt) -> String {
    let mut text = String::from("sign");
    for usage in WEIGHED {
        let _ = write!(text, ",{}", serde_json::to_value(usage).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default());
    }
    text.push('\n');
    row(&mut text, "*", &learnt.always);
    let sorted: BTreeMap<&str, u32> = learnt.signs.iter().map(|(sign, n)| (sign.as_str(), *n)).collect();
    for (sign, number) in sorted {
        let weights = &learnt.weights[number as usize];
        if weights.iter().any(|w| *w != 0.0) {
            row(&mut text, sign, weights);
        }
    }
    text
}

fn row(text: &mut String, sign: &str, weights: &Row) {
    let quoted = if sign.contains([',', '"', '\n']) { format!("\"{}\"", sign.replace('"', "\"\"")) } else { sign.to_string() };
    text.push_str(&quoted);
    for weight in weights {
        let hundredths = (weight * 100.0).round() as i32;
        let _ = if hundredths == 0 { write!(text, ",") } else { write!(text, ",{hundredths}") };
    }
    text.push('\n');
}
