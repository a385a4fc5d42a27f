//! How many labels were met? Counts per class with precision, recall, F1 and 95 % intervals, and
//! how they are printed.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;

/// Counts of one class.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    pub right: usize,
    /// Claimed and not so.
    pub false_claims: usize,
    pub missed: usize,
    pub notes: Vec<String>,
}

/// Class → counts.
pub type Board = BTreeMap<String, Tally>;

/// Below so many labels a figure is no result.
const MEASURED: usize = 30;

impl Tally {
    /// Multisets: each label is met once.
    pub fn meet(&mut self, id: &str, gold: Vec<String>, ours: Vec<String>, alike: fn(&str) -> String) {
        let mut left: Vec<String> = ours.iter().map(|s| alike(s)).collect();
        for wanted in gold.iter().map(|s| alike(s)) {
            match left.iter().position(|o| *o == wanted) {
                Some(at) => {
                    left.swap_remove(at);
                    self.right += 1;
                }
                None => self.miss(format!("{id} missed  {wanted}")),
            }
        }
        left.iter().for_each(|o| self.claim(format!("{id} claimed {o}")));
    }

    /// One label that was not met.
    pub fn miss(&mut self, note: String) {
        self.missed += 1;
        self.notes.push(note);
    }

    /// One claim that no label bears out.
    pub fn claim(&mut self, note: String) {
        self.false_claims += 1;
        self.notes.push(note);
    }

    fn precision(&self) -> f64 {
        ratio(self.right, self.right + self.false_claims)
    }

    fn recall(&self) -> f64 {
        ratio(self.right, self.right + self.missed)
    }

    fn f1(&self) -> f64 {
        ratio(2 * self.right, 2 * self.right + self.false_claims + self.missed)
    }
}

/// Wilson's 95 % interval of a share.
fn interval(part: usize, whole: usize) -> (f64, f64) {
    const Z: f64 = 1.959_964;
    if whole == 0 {
        return (0.0, 1.0);
    }
    let (n, p) = (whole as f64, part as f64 / whole as f64);
    let middle = p + Z * Z / (2.0 * n);
    let reach = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    (((middle - reach) / scale).max(0.0), ((middle + reach) / scale).min(1.0))
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// A table for people; `misses` names the classes whose misses and false claims follow.
pub fn print_table(board: &Board, unit: &str, misses: &[String], out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{unit}")?;
    writeln!(
        out,
        "{:<24}{:>7}{:>7}{:>7}{:>11}{:>15}{:>9}{:>15}{:>8}",
        "class", "right", "false", "missed", "precision", "95 %", "recall", "95 %", "F1"
    )?;
    for (field, tally) in board {
        writeln!(out, "{field:<24}{}", row(tally))?;
    }
    for (field, tally) in board.iter().filter(|(f, _)| misses.iter().any(|m| m == *f || m == "all")) {
        writeln!(out, "\n{field}")?;
        tally.notes.iter().try_for_each(|note| writeln!(out, "  {note}"))?;
    }
    Ok(())
}

fn row(tally: &Tally) -> String {
    let share = |part: usize, whole: usize| {
        let (low, high) = interval(part, whole);
        format!("{low:.3}\u{2013}{high:.3}")
    };
    let few = if tally.right + tally.missed < MEASURED { "  too few to be a result" } else { "" };
    format!(
        "{:>7}{:>7}{:>7}{:>11.3}{:>15}{:>9.3}{:>15}{:>8.3}{few}",
        tally.right,
        tally.false_claims,
        tally.missed,
        tally.precision(),
        share(tally.right, tally.right + tally.false_claims),
        tally.recall(),
        share(tally.right, tally.right + tally.missed),
        tally.f1()
    )
}

/// Figures and notes as JSON.
pub fn print_json(board: &Board, labelled: usize, out: &mut impl Write) -> anyhow::Result<()> {
    let fields: serde_json::Map<String, Value> = board.iter().map(|(field, tally)| (field.clone(), figures(tally))).collect();
    writeln!(out, "{}", serde_json::to_string_pretty(&json!({"notices": labelled, "fields": fields}))?)?;
    Ok(())
}

fn figures(tally: &Tally) -> Value {
    let pair = |part: usize, whole: usize| {
        let (low, high) = interval(part, whole);
        json!([round(low), round(high)])
    };
    json!({"right": tally.right, "false": tally.false_claims, "missed": tally.missed,
        "precision": round(tally.precision()), "precision_95": pair(tally.right, tally.right + tally.false_claims),
        "recall": round(tally.recall()), "recall_95": pair(tally.right, tally.right + tally.missed),
        "f1": round(tally.f1()), "notes": tally.notes})
}

fn round(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::interval;

    #[test]
    fn wilson() {
        let (low, high) = interval(95, 100);
        assert!((low - 0.8882).abs() < 0.001 && (high - 0.9785).abs() < 0.001);
        assert_eq!(interval(0, 0), (0.0, 1.0));
        assert!(interval(30, 30).0 < 0.9);
    }
}
