//! What does the page say of itself? Address, title and date from its head, its first heading and
//! the comment that a browser leaves on saving.

use super::measure::text_of;
use super::tree::{Id, ROOT, Tree};
use crate::rulebook::read::{Field, ReadRules};

/// What a page says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    pub url: Option<String>,
    pub title: Option<String>,
    pub published: Option<String>,
}

/// Reads the head of a parsed page; `source` is searched for the comment of a saved page.
pub fn read_head(tree: &Tree, source: &str, rules: &ReadRules) -> Head {
    let mut found = Found::default();
    for id in tree.below(ROOT) {
        found.note(tree, id, rules);
    }
    Head {
        url: saved_from(source).or(found.canonical).or(found.meta_url).or(found.base),
        title: best_title(found.meta_title, found.headings, found.title, rules),
        published: found.published,
    }
}

#[derive(Default)]
struct Found {
    canonical: Option<String>,
    meta_url: Option<String>,
    base: Option<String>,
    meta_title: Option<String>,
    title: Option<String>,
    headings: Vec<String>,
    published: Option<String>,
}

impl Found {
    fn note(&mut self, tree: &Tree, id: Id, rules: &ReadRules) {
        match tree.name(id) {
            "meta" => self.note_meta(tree, id, rules),
            "link" if tree.attribute(id, "rel").is_some_and(|r| r.eq_ignore_ascii_case("canonical")) => {
                self.canonical = self.canonical.take().or_else(|| address(tree.attribute(id, "href")?));
            }
            "base" => self.base = self.base.take().or_else(|| page_address(tree.attribute(id, "href")?)),
            "title" if self.title.is_none() => self.title = Some(text_of(tree, id, rules.limits.title_longest * 4)),
            "h1" => self.headings.push(text_of(tree, id, rules.limits.title_longest * 4)),
            _ => {}
        }
    }

    fn note_meta(&mut self, tree: &Tree, id: Id, rules: &ReadRules) {
        let Some(name) = tree.attribute(id, "name").or_else(|| tree.attribute(id, "property")) else { return };
        let Some(content) = tree.attribute(id, "content").map(str::trim).filter(|c| !c.is_empty()) else { return };
        match rules.meta(name) {
            Some(Field::MetaTitle) if self.meta_title.is_none() => self.meta_title = Some(content.to_string()),
            Some(Field::MetaPublished) if self.published.is_none() => self.published = iso_date(content),
            Some(Field::MetaUrl) if self.meta_url.is_none() => self.meta_url = address(content),
            _ => {}
        }
    }
}

/// The publisher's own title, else the page's only main heading, else the window's title.
fn best_title(meta: Option<String>, mut headings: Vec<String>, window: Option<String>, rules: &ReadRules) -> Option<String> {
    let limits = &rules.limits;
    let fits = |title: &String| (limits.title_shortest..=limits.title_longest).contains(&title.chars().count());
    headings.retain(fits);
    headings.dedup();
    let heading = (headings.len() == 1).then(|| headings.remove(0));
    let window = window.filter(|t| !t.trim().is_empty());
    meta.filter(fits).or(heading).or(window)
}

fn address(href: &str) -> Option<String> {
    let href = href.trim();
    (href.starts_with("http://") || href.starts_with("https://")).then(|| href.to_string())
}

/// A base that is a folder or a site names no page.
fn page_address(href: &str) -> Option<String> {
    address(href).filter(|a| !a.ends_with('/') && a.matches('/').count() > 2)
}

/// The address in `<!-- saved from url=(0062)http://… -->`.
fn saved_from(source: &str) -> Option<String> {
    const MARK: &str = "saved from url=(";
    let head = &source[..source.floor_char_boundary(4096)];
    let rest = &head[head.find(MARK)? + MARK.len()..];
    let (digits, rest) = rest.split_once(')')?;
    let length: usize = digits.trim().parse().ok()?;
    let end = rest.find(|c: char| c.is_whitespace()).or_else(|| rest.find("--")).unwrap_or(rest.len());
    address(&rest[..rest.floor_char_boundary(length.min(end).max(end.min(12)))])
}

/// `YYYY-MM-DD` (with the time where there is one) of a date written with digits; `None` for dates no notice has.
pub fn iso_date(text: &str) -> Option<String> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty());
    let first = numbers.next()?;
    let (year, month, day) = match first.len() {
        4 => (first.parse().ok()?, numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?),
        8 | 14 => (first[..4].parse().ok()?, first[4..6].parse().ok()?, first[6..8].parse().ok()?),
        10 | 13 => return from_epoch(first),
        _ => return None,
    };
    is_date(year, month, day).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

fn is_date(year: u32, month: u32, day: u32) -> bool {
    (1990..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// Seconds or milliseconds since 1970, as interfaces write them, in China's time.
fn from_epoch(digits: &str) -> Option<String> {
    let seconds: i64 = digits[..10].parse().ok()?;
    let days = (seconds + 8 * 3600).div_euclid(86_400);
    let (year, month, day) = civil(days);
    is_date(year, month, day).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// Days since 1970-01-01 to a date, by counting eras of 400 years from the first of March.
fn civil(days: i64) -> (u32, u32, u32) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year as u32, month as u32, day as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_pages_write_them() {
        for (written, read) in [
            ("2022-09-16 10:24:00", Some("2022-09-16")),
            ("2021/3/5", Some("2021-03-05")),
            ("20210305", Some("2021-03-05")),
            ("1639670400000", Some("2021-12-17")),
            ("0001-01-01", None),
            ("2021年13月1日", None),
            ("", None),
        ] {
            assert_eq!(iso_date(written).as_deref(), read, "{written}");
        }
    }

    #[test]
    fn the_address_a_browser_leaves_on_saving() {
        let page = "<!DOCTYPE html>\n<!-- saved from url=(0031)http://www.example.org/a/1.html -->\n<html>";
        assert_eq!(saved_from(page).as_deref(), Some("http://www.example.org/a/1.html"));
        assert_eq!(saved_from("<!-- saved from url=(0014)about:internet -->"), None);
        assert_eq!(saved_from("<!-- saved from url=("), None);
    }
}
