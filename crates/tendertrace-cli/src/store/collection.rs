//! How was the pile collected? `CASE/collection.toml`, which a person fills in; made with comments
//! when the case is made.

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Name of the file in the case folder.
pub const FILE: &str = "collection.toml";
const TEMPLATE: &str = include_str!("collection.toml");

/// Where, when and for what was looked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collection {
    pub by: Option<String>,
    pub note: Option<String>,
    #[serde(default)]
    pub sites: Vec<Site>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    pub site: String,
    pub from: Option<String>,
    pub to: Option<String>,
    pub searched: Option<String>,
    #[serde(default)]
    pub words: Vec<String>,
    #[serde(default)]
    pub complete: bool,
    pub note: Option<String>,
}

impl Collection {
    /// For the report, as (label, value). Who collected stays in the case.
    pub fn lines(&self) -> Vec<(String, String)> {
        let mut lines: Vec<_> = self.sites.iter().map(|site| (site.site.clone(), site.says())).collect();
        lines.extend(self.note.iter().map(|note| ("note".to_string(), note.clone())));
        lines
    }
}

impl Site {
    fn says(&self) -> String {
        let mut says = match (&self.from, &self.to) {
            (None, None) => vec!["dates not recorded".to_string()],
            (from, to) => vec![format!("notices from {} to {}", from.as_deref().unwrap_or("?"), to.as_deref().unwrap_or("?"))],
        };
        says.extend(self.searched.iter().map(|day| format!("searched {day}")));
        says.push(if self.words.is_empty() { "no search words".to_string() } else { format!("words: {}", self.words.join(", ")) });
        says.push(if self.complete { "every notice of these dates" } else { "not complete" }.to_string());
        says.extend(self.note.clone());
        says.join("; ")
    }
}

/// The case's collection, `None` where nobody has filled it in; the template is written where the
/// file is missing.
pub fn read(folder: &Path) -> anyhow::Result<Option<Collection>> {
    let path = folder.join(FILE);
    if !path.exists() {
        std::fs::write(&path, TEMPLATE).with_context(|| format!("writing {}", path.display()))?;
    }
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let collection: Collection = toml::from_str(&text)
        .with_context(|| format!("{} cannot be read; mend the line, or delete the file for a fresh template", path.display()))?;
    Ok((collection != Collection::default()).then_some(collection))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_says_nothing_until_it_is_filled_in() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).unwrap(), None);
        let filled: String = TEMPLATE
            .lines()
            .map(|line| format!("{}\n", line.strip_prefix("# ").filter(|l| l.contains(" = ") || l.starts_with("[[")).unwrap_or("")))
            .collect();
        std::fs::write(folder.path().join(FILE), filled).unwrap();
        assert_eq!(read(folder.path()).unwrap().unwrap().sites[0].site, "ccgp.example");
    }
}
