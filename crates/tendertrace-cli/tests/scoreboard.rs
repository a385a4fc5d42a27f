//! Do the scores on the visible labelled sets still hold? A ratchet: `truth/scoreboard.toml` keeps
//! per field how many labels were met and how many false claims were made; fewer right or more
//! false fails. `UPDATE_EXPECT=1` writes better figures (never worse ones).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

type Board = BTreeMap<String, BTreeMap<String, Figures>>;

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
struct Figures {
    right: usize,
    #[serde(rename = "false")]
    false_claims: usize,
    missed: usize,
    f1: f64,
}

#[test]
fn scores_only_rise() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Some(shared) = shared(&root) else {
        println!("SKIPPED: the labelled real notices are not here (set TENDERTRACE_SHARED to the folder that holds gold/ and corpus/)");
        return;
    };
    let path = root.join("truth/scoreboard.toml");
    let kept: Board = toml::from_str(&std::fs::read_to_string(&path).expect("truth/scoreboard.toml")).expect("a scoreboard");
    let now = score(&shared.join("gold/gold-dev.jsonl"), &shared.join("corpus/notices-zh.jsonl"));
    let kept_dev = kept.get("gold-dev").cloned().unwrap_or_default();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let better = now.iter().filter(|(field, figures)| kept_dev.get(*field).is_none_or(|k| holds(k, figures)));
        let mut board = kept.clone();
        let section = board.entry("gold-dev".into()).or_default();
        section.extend(better.map(|(field, figures)| (field.clone(), figures.clone())));
        let head = "# Scores of the visible labelled sets: `tendertrace score`. They may only rise.\n\n";
        std::fs::write(&path, format!("{head}{}", toml::to_string(&board).expect("plain data"))).expect("writable");
        return;
    }
    let fallen: Vec<_> = kept_dev
        .iter()
        .filter(|(field, kept)| !now.get(*field).is_some_and(|figures| holds(kept, figures)))
        .map(|(field, kept)| format!("{field}: kept {kept:?}, now {:?}", now.get(field)))
        .collect();
    assert!(fallen.is_empty(), "scores fell:\n{}", fallen.join("\n"));
}

fn holds(kept: &Figures, now: &Figures) -> bool {
    now.f1 + 1e-9 >= kept.f1
}

fn score(gold: &Path, notices: &Path) -> BTreeMap<String, Figures> {
    let output = Command::new(env!("CARGO_BIN_EXE_tendertrace")).arg("score").arg(gold).arg(notices).arg("--json").output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let fields = value["fields"].as_object().expect("fields");
    fields.iter().map(|(field, figures)| (field.clone(), serde_json::from_value(figures.clone()).expect("figures"))).collect()
}

fn shared(root: &Path) -> Option<PathBuf> {
    let named = std::env::var_os("TENDERTRACE_SHARED").map(PathBuf::from);
    let beside = root.canonicalize().ok()?.parent()?.join("shared");
    named.or(Some(beside)).filter(|dir| dir.join("gold/gold-dev.jsonl").exists())
}
