//! Which column of a file of names holds what? By the headers of `rulebook/names/columns.csv`, whatever
//! their case, spaces and underlines; a file without any of them is one of names alone.

use super::Asked;
use crate::rulebook::Rulebook;
use crate::rulebook::names::Field;

/// Places of the columns that are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Columns {
    pub name: Option<usize>,
    pub chinese: Option<usize>,
    pub english: Option<usize>,
    pub code: Option<usize>,
    pub date: Option<usize>,
}

impl Columns {
    /// By headers; the first that fits each field is taken.
    pub fn of(headers: &[&str], rules: &Rulebook) -> Columns {
        let mut columns = Columns::default();
        for (at, header) in headers.iter().enumerate() {
            let Some(field) = rules.names.columns.get(&plain(header)) else { continue };
            let place = match field {
                Field::Name => &mut columns.name,
                Field::ChineseName => &mut columns.chinese,
                Field::EnglishName => &mut columns.english,
                Field::Code => &mut columns.code,
                Field::Date => &mut columns.date,
            };
            place.get_or_insert(at);
        }
        columns
    }

    /// Whether a column of names is among them.
    pub fn names_somebody(&self) -> bool {
        self.name.or(self.chinese).or(self.english).is_some()
    }

    /// What is asked by one row; the Chinese name goes first. An error says which day could not be read: the
    /// party is asked without one.
    pub fn asked<'a>(&self, cell: impl Fn(usize) -> &'a str) -> (Asked, Option<String>) {
        let text = |at: Option<usize>| at.map(&cell).unwrap_or_default().trim().to_string();
        let mut names: Vec<String> =
            [self.chinese, self.name, self.english].into_iter().map(text).filter(|name| !name.is_empty()).collect();
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(name.clone()));
        let mut names = names.into_iter();
        let name = names.next().unwrap_or_default();
        let written = text(self.date);
        let date = day(&written);
        let unread = (date.is_none() && !written.is_empty()).then(|| format!("the day “{written}” is not of the form 2019-10-09"));
        (Asked { name, also: names.collect(), code: text(self.code), date }, unread)
    }
}

/// A header without what writers vary.
pub fn plain(header: &str) -> String {
    header.trim_start_matches('\u{FEFF}').chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A whole day, however its year, month and day are parted; the year goes first.
pub fn day(text: &str) -> Option<String> {
    let head = text.split(['T', ' ']).next()?;
    let parts: Vec<u32> =
        head.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [year @ 1000..=9999, month @ 1..=12, day @ 1..=31] = parts[..] else { return None };
    Some(format!("{year}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_their_headers_and_the_chinese_name_goes_first() {
        let rules = Rulebook::embedded();
        let headers = ["No", "English Name", "企业名称", "统一社会信用代码", "Event_Date"];
        let columns = Columns::of(&headers, &rules);
        let row = ["1", "Sample Co.", "样本有限公司", "X", "2021/3/5"];
        let (asked, unread) = columns.asked(|at| row[at]);
        let wanted =
            Asked { name: "样本有限公司".into(), also: vec!["Sample Co.".into()], code: "X".into(), date: Some("2021-03-05".into()) };
        assert_eq!((asked, unread), (wanted, None));
        assert!(!Columns::of(&["a", "b"], &rules).names_somebody());
    }

    #[test]
    fn days_are_read_with_the_year_first_or_not_at_all() {
        assert_eq!(day("2021年3月5日").as_deref(), Some("2021-03-05"));
        assert_eq!(day("2021-03-05T10:00:00Z").as_deref(), Some("2021-03-05"));
        assert_eq!((day("5.3.2021"), day("2021-13-05"), day("2021"), day("")), (None, None, None, None));
    }
}
