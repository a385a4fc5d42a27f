//! Is the documentation true? Every ```console block of README and docs is run: a line `$ tendertrace …`
//! through the real binary, the lines below it are what it must print. A line `…` stands for any
//! number of lines, `…` inside a line for any text. Blocks of other commands are marked `sh` and
//! are not run.

use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn console_blocks_print_what_they_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the checkout");
    let mut run = 0;
    let mut wrong = Vec::new();
    for page in pages(&root) {
        let text = std::fs::read_to_string(&page).expect("readable").replace("\r\n", "\n");
        // A block's commands share a folder, so that a case made by one is there for the next.
        let folder = tempfile::tempdir().expect("a folder");
        copy(&root.join("truth"), &folder.path().join("truth"));
        for (command, expected) in commands(&text) {
            run += 1;
            let printed = print_of(&command, folder.path());
            if !matches(&expected, &printed.lines().collect::<Vec<_>>()) {
                wrong.push(format!("{}: $ {command}\n--- said\n{}\n--- printed\n{printed}", page.display(), expected.join("\n")));
            }
        }
    }
    assert!(run >= 3, "only {run} commands are documented");
    assert!(wrong.is_empty(), "{} of {run} commands print something else:\n{}", wrong.len(), wrong.join("\n\n"));
}

fn pages(root: &Path) -> Vec<PathBuf> {
    let mut pages = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    pages.extend(
        std::fs::read_dir(root.join("docs"))
            .expect("docs/")
            .flatten()
            .map(|e| e.path())
            .filter(|p| p.extension().is_some_and(|e| e == "md")),
    );
    pages.sort();
    pages
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("created");
    for entry in std::fs::read_dir(from).expect("readable").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// Commands of the page's console blocks with the lines expected below each.
fn commands(text: &str) -> Vec<(String, Vec<String>)> {
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match (inside, line.trim_end()) {
            (false, "```console") => inside = true,
            (true, "```") => inside = false,
            (true, line) => match (line.strip_prefix("$ tendertrace "), all.last_mut()) {
                (Some(command), _) => all.push((command.to_string(), Vec::new())),
                (None, Some((_, expected))) => expected.push(line.to_string()),
                (None, None) => panic!("a console block begins with $ tendertrace: {line}"),
            },
            _ => {}
        }
    }
    all
}

fn print_of(command: &str, folder: &Path) -> String {
    let words: Vec<String> = command
        .split('\'')
        .enumerate()
        .flat_map(|(i, piece)| if i % 2 == 1 { vec![piece.to_string()] } else { piece.split_whitespace().map(str::to_string).collect() })
        .collect();
    let output =
        Command::new(env!("CARGO_BIN_EXE_tendertrace")).args(words).current_dir(folder).env("COLUMNS", "100").output().expect("runs");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Whether the lines fit, `…` standing for any lines.
fn matches<S: AsRef<str>>(expected: &[S], printed: &[&str]) -> bool {
    match expected.split_first() {
        None => printed.iter().all(|line| line.trim().is_empty()),
        Some((any, rest)) if any.as_ref().trim() == "…" => (0..=printed.len()).any(|skip| matches(rest, &printed[skip..])),
        Some((line, rest)) => {
            printed.split_first().is_some_and(|(first, after)| fits(line.as_ref().trim_end(), first.trim_end()) && matches(rest, after))
        }
    }
}

/// Whether a line fits, `…` standing for any text.
fn fits(expected: &str, printed: &str) -> bool {
    let Some((head, tail)) = expected.split_once('…') else { return expected == printed };
    let Some(rest) = printed.strip_prefix(head) else { return false };
    rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| fits(tail, &rest[at..]))
}
