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
    let shared = shared(&root);
    if shared.is_none() {
        println!("SKIPPED: the labelled real notices are not here (set TENDERTRACE_SHARED to the folder that holds gold/ and corpus/)");
    }
    let path = root.join("truth/scoreboard.toml");
    let mut board: Board = toml::from_str(&std::fs::read_to_string(&path).expect("truth/scoreboard.toml")).expect("a scoreboard");
    let mut fallen = Vec::new();
    for (set, arguments) in sets(&root, shared.as_deref()) {
        let now = score(&arguments);
        let kept = board.entry(set.clone()).or_default();
        fallen.extend(fallen_of(kept, &now).into_iter().map(|what| format!("{set}.{what}")));
        let better = now.into_iter().filter(|(field, figures)| kept.get(field).is_none_or(|k| holds(k, figures))).collect::<Vec<_>>();
        kept.extend(better);
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let head = "# Scores of the labelled sets: `tendertrace score`. They may only rise.\n\n";
        std::fs::write(&path, format!("{head}{}", toml::to_string(&board).expect("plain data"))).expect("writable");
        return;
    }
    assert!(fallen.is_empty(), "scores fell:\n{}", fallen.join("\n"));
}

/// What `score` is given for each labelled set: our own passages, labels of real notices, the shared sets.
fn sets(root: &Path, shared: Option<&Path>) -> BTreeMap<String, Vec<PathBuf>> {
    let mut sets = BTreeMap::from([("truth-mentions".to_string(), vec![root.join("truth/mentions")])]);
    let Some(shared) = shared else { return sets };
    let own = std::fs::read_dir(root.join("truth/notices")).into_iter().flatten().flatten().map(|entry| entry.path());
    let labels = own.filter(|path| path.extension().is_some_and(|e| e == "jsonl"));
    let notices = labels.chain([shared.join("gold/gold-dev.jsonl")]).map(|path| (path, "corpus/notices-zh.jsonl"));
    let documents = ["mentions-dev", "document-brands-dev"]
        .map(|set| (shared.join("gold").join(set).with_extension("jsonl"), "corpus/documents-zh.jsonl"));
    sets.extend(notices.chain(documents).map(|(labels, captures)| {
        (labels.file_stem().unwrap_or_default().to_string_lossy().into_owned(), vec![labels, shared.join(captures)])
    }));
    sets
}

fn fallen_of(kept: &BTreeMap<String, Figures>, now: &BTreeMap<String, Figures>) -> Vec<String> {
    let fell = kept.iter().filter(|(field, kept)| !now.get(*field).is_some_and(|figures| holds(kept, figures)));
    fell.map(|(field, kept)| format!("{field}: kept {kept:?}, now {:?}", now.get(field))).collect()
}

fn holds(kept: &Figures, now: &Figures) -> bool {
    now.f1 + 1e-9 >= kept.f1
}

fn score(arguments: &[PathBuf]) -> BTreeMap<String, Figures> {
    let output = Command::new(env!("CARGO_BIN_EXE_tendertrace")).arg("score").args(arguments).arg("--json").output().expect("runs");
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
