//! What do the files of other lists say? FollowTheMoney JSON lines (OpenSanctions), the Consolidated
//! Screening List in JSON, and any CSV whose columns a mapping of the rulebook names become rows like
//! the rulebook's own. What cannot be read is told, never dropped in silence.

use crate::read::xml;
use crate::rulebook::Rulebook;
use crate::rulebook::lists::{DateOrder, Heading, ListEntry, Mapping, NameStatus, RowOf};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Rows of a file, and what of it could not be read.
#[derive(Debug, Default)]
pub struct Imported {
    /// By which reading: `ftm`, `csl-json`, or a mapping's id.
    pub by: String,
    pub entries: Vec<ListEntry>,
    pub problems: Vec<String>,
}

/// Files that are one list, by their places: one of parties, and such as only add names to them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Group {
    pub first: usize,
    pub further: Vec<usize>,
}

/// Which of some files belong together.
pub fn groups<T: AsRef<str>>(texts: &[T], rules: &Rulebook) -> Vec<Group> {
    let mappings: Vec<Option<&Mapping>> = texts.iter().map(|text| mapping_of(text.as_ref(), rules)).collect();
    let adds_to = |at: usize| mappings[at].map(|mapping| mapping.adds_to.as_str()).filter(|id| !id.is_empty());
    let mut groups: Vec<Group> =
        (0..texts.len()).filter(|at| adds_to(*at).is_none()).map(|first| Group { first, further: Vec::new() }).collect();
    for (at, id) in (0..texts.len()).filter_map(|at| Some((at, adds_to(at)?))) {
        match groups.iter_mut().find(|group| mappings[group.first].is_some_and(|mapping| mapping.id == id)) {
            Some(group) => group.further.push(at),
            None => groups.push(Group { first: at, further: Vec::new() }),
        }
    }
    groups
}

fn mapping_of<'r>(text: &str, rules: &'r Rulebook) -> Option<&'r Mapping> {
    let text = bare(text);
    let below = text.split_once('\n').map(|(_, below)| below);
    table(text, rules).or_else(|| table(below?, rules)).map(|table| table.mapping)
}

fn bare(text: &str) -> &str {
    text.trim_start_matches('\u{FEFF}').trim_start()
}

/// Reads the files of one list, that of the parties first.
pub fn read_together(texts: &[&str], rules: &Rulebook) -> Result<Imported, String> {
    let [first, further @ ..] = texts else { return Err("no file".to_string()) };
    let mut imported = read(first, rules)?;
    for text in further {
        add_names(&mut imported, read_any(text, rules)?);
    }
    Ok(imported)
}

/// Names of rows whose number is that of a party become its aliases.
fn add_names(imported: &mut Imported, names: Imported) {
    let places: HashMap<String, usize> = imported.entries.iter().enumerate().map(|(at, entry)| (entry.id.clone(), at)).collect();
    let mut strays = 0;
    for row in names.entries {
        match places.get(&row.id) {
            Some(at) => add_aliases(&mut imported.entries[*at], &row),
            None => strays += 1,
        }
    }
    imported.problems.extend(names.problems);
    if strays > 0 {
        imported.problems.push(format!("{strays} further names belong to no party of the list"));
    }
}

/// Reads a list file of a known kind.
pub fn read(text: &str, rules: &Rulebook) -> Result<Imported, String> {
    let imported = read_any(text, rules)?;
    let adds_to = rules.lists.mappings.iter().find(|mapping| mapping.id == imported.by).map_or("", |mapping| mapping.adds_to.as_str());
    if adds_to.is_empty() {
        return Ok(imported);
    }
    Err(format!("it holds further names of the parties of another file ({adds_to}): give that file too"))
}

fn read_any(text: &str, rules: &Rulebook) -> Result<Imported, String> {
    let text = bare(text);
    if text.starts_with('<') {
        return read_csv(&records_of_xml(text)?, rules);
    }
    if !text.starts_with('{') {
        return read_csv(text, rules);
    }
    let first = text.lines().next().unwrap_or_default();
    if serde_json::from_str::<Thing>(first).is_ok() { Ok(read_things(text)) } else { read_results(text) }
}

/// An entity of FollowTheMoney.
#[derive(Deserialize)]
struct Thing {
    id: String,
    schema: String,
    #[serde(default)]
    datasets: Vec<String>,
    properties: HashMap<String, Vec<serde_json::Value>>,
}

impl Thing {
    /// Values of these properties that are texts.
    fn texts(&self, keys: &[&str]) -> Vec<String> {
        let values = keys.iter().filter_map(|key| self.properties.get(*key)).flatten();
        values.filter_map(|value| value.as_str()).map(|text| text.replace('|', " ")).collect()
    }
}

/// Properties that hold names, the usual one first.
const NAMES: &[&str] = &["name", "alias", "previousName", "weakAlias", "abbreviation"];

fn read_things(text: &str) -> Imported {
    let mut imported = Imported { by: "ftm".to_string(), ..Imported::default() };
    let mut days: HashMap<String, Vec<(String, String)>> = HashMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str::<Thing>(line) {
            Ok(thing) if thing.schema == "Sanction" => {
                let first = |keys: &[&str]| thing.texts(keys).into_iter().map(|t| whole_day(&t)).min().unwrap_or_default();
                let span = (first(&["listingDate", "startDate"]), first(&["endDate"]));
                thing.texts(&["entity"]).into_iter().for_each(|entity| days.entry(entity).or_default().push(span.clone()));
            }
            Ok(thing) => imported.entries.extend(entry_of(&thing)),
            Err(error) => imported.problems.push(format!("line {}: {error}", number + 1)),
        }
    }
    for entry in &mut imported.entries {
        if let Some(spans) = days.get(&entry.id) {
            (entry.listed_from, entry.listed_to) = covering(spans);
        }
    }
    imported
}

fn entry_of(thing: &Thing) -> Option<ListEntry> {
    let mut names = thing.texts(NAMES).into_iter();
    let name = names.next()?;
    let code = thing.texts(&["uscCode", "registrationNumber"]).into_iter().find(|code| crate::resolve::names::uscc::is_valid(code));
    Some(ListEntry {
        aliases: names.collect::<Vec<_>>().join("|"),
        code: code.unwrap_or_default(),
        note: thing.datasets.join(" "),
        ..entry(&thing.id, &name)
    })
}

/// From the first listing to the last end; without an end as soon as one listing has none.
fn covering(spans: &[(String, String)]) -> (String, String) {
    let from = if spans.iter().any(|(from, _)| from.is_empty()) {
        String::new()
    } else {
        spans.iter().map(|(from, _)| from.clone()).min().unwrap_or_default()
    };
    let open = spans.iter().any(|(_, to)| to.is_empty());
    let to = spans.iter().map(|(_, to)| to.clone()).max().unwrap_or_default();
    (from, if open { String::new() } else { to })
}

/// The Consolidated Screening List in JSON.
#[derive(Deserialize)]
struct Results {
    results: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    id: String,
    name: String,
    #[serde(default)]
    alt_names: Vec<String>,
    source: Option<String>,
    start_date: Option<String>,
    end_date: Option<String>,
    federal_register_notice: Option<String>,
}

fn read_results(text: &str) -> Result<Imported, String> {
    let found: Results =
        serde_json::from_str(text).map_err(|error| format!("neither FollowTheMoney lines nor a screening list: {error}"))?;
    let entries = found.results.into_iter().map(|listed| ListEntry {
        aliases: listed.alt_names.join("|"),
        listed_from: whole_day(&listed.start_date.unwrap_or_default()),
        listed_to: whole_day(&listed.end_date.unwrap_or_default()),
        citation: listed.federal_register_notice.unwrap_or_default(),
        note: listed.source.unwrap_or_default(),
        ..entry(&listed.id, &listed.name)
    });
    Ok(Imported { by: "csl-json".to_string(), entries: entries.collect(), problems: Vec::new() })
}

/// Nesting of an XML list.
const XML_DEPTH: usize = 8;

/// Elements `record` of an XML file as a table, a column an element below them.
fn records_of_xml(text: &str) -> Result<String, String> {
    let mut records = Vec::new();
    let tree = xml::to_value(text, XML_DEPTH);
    gather_records(&tree, &mut records);
    let mut columns: Vec<&str> = records.iter().flat_map(|record| record.keys()).map(String::as_str).collect();
    columns.sort_unstable();
    columns.dedup();
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(&columns).map_err(|error| error.to_string())?;
    for record in &records {
        let cells = columns.iter().map(|column| record.get(*column).and_then(Value::as_str).unwrap_or_default());
        out.write_record(cells).map_err(|error| error.to_string())?;
    }
    let bytes = out.into_inner().map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

fn gather_records<'v>(value: &'v Value, records: &mut Vec<&'v serde_json::Map<String, Value>>) {
    let Value::Object(object) = value else { return };
    for (name, child) in object {
        match child {
            Value::Array(all) if name == "record" => records.extend(all.iter().filter_map(Value::as_object)),
            Value::Object(one) if name == "record" => records.push(one),
            child => gather_records(child, records),
        }
    }
}

/// A table whose columns a mapping knows.
struct Table<'r, 't> {
    mapping: &'r Mapping,
    columns: HashMap<String, usize>,
    text: &'t str,
    delimiter: u8,
}

const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

fn read_csv(text: &str, rules: &Rulebook) -> Result<Imported, String> {
    // Some publishers write the day of the file into a line above the headings.
    let below = text.split_once('\n').map(|(_, below)| below);
    let table = table(text, rules).or_else(|| table(below?, rules));
    let table = table.ok_or("no mapping knows these columns: write one as imports/ID.toml in a folder for --rulebook")?;
    let before = text[..text.len() - table.text.len()].lines().count();
    let mut imported = table.rows(before);
    if table.mapping.row_of == RowOf::Name {
        imported.entries = gathered(imported.entries);
    }
    Ok(imported)
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().flexible(true).has_headers(false).delimiter(delimiter).from_reader(text.as_bytes())
}

/// The table with the mapping that knows most of its columns, if any knows them.
fn table<'r, 't>(text: &'t str, rules: &'r Rulebook) -> Option<Table<'r, 't>> {
    DELIMITERS.into_iter().find_map(|delimiter| {
        let first = reader(text, delimiter).records().next()?.ok()?;
        let cells: Vec<&str> = first.iter().map(str::trim).collect();
        let known = rules.lists.mappings.iter().filter(|mapping| knows(mapping, &cells));
        let mapping = known.max_by_key(|mapping| mapping.headers.len())?;
        let named = match mapping.heading {
            Heading::Line => cells.into_iter().map(str::to_string).collect(),
            Heading::Missing => mapping.headers.clone(),
        };
        let columns = named.into_iter().enumerate().filter(|(_, header)| !header.is_empty()).map(|(at, header)| (header, at));
        Some(Table { mapping, columns: columns.collect(), text, delimiter })
    })
}

fn knows(mapping: &Mapping, first: &[&str]) -> bool {
    match mapping.heading {
        Heading::Line => mapping.headers.iter().all(|header| first.contains(&header.as_str())),
        Heading::Missing => first.len() == mapping.headers.len() && first.contains(&mapping.blank.as_str()),
    }
}

impl Table<'_, '_> {
    /// Its rows; `before` lines of the file stand above the table.
    fn rows(&self, before: usize) -> Imported {
        let mut imported = Imported { by: self.mapping.id.clone(), ..Imported::default() };
        let headings = usize::from(self.mapping.heading == Heading::Line);
        for (number, row) in reader(self.text, self.delimiter).records().enumerate().skip(headings) {
            match row {
                Ok(row) => {
                    let cell = |column: &str| self.cell(&row, column);
                    imported.entries.extend(mapped(self.mapping, &format!("row-{}", before + number + 1), cell));
                }
                Err(error) => imported.problems.push(error.to_string()),
            }
        }
        imported
    }

    fn cell<'a>(&self, row: &'a csv::StringRecord, column: &str) -> &'a str {
        let text = self.columns.get(column).and_then(|at| row.get(*at)).unwrap_or_default().trim();
        if text == self.mapping.blank { "" } else { text }
    }
}

/// Rows of one number as one party, the further names as its aliases.
fn gathered(rows: Vec<ListEntry>) -> Vec<ListEntry> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut parties: Vec<ListEntry> = Vec::new();
    for row in rows {
        if let Some(at) = places.get(&row.id) {
            absorb(&mut parties[*at], &row);
        } else {
            places.insert(row.id.clone(), parties.len());
            parties.push(row);
        }
    }
    parties
}

fn add_aliases(party: &mut ListEntry, row: &ListEntry) {
    let further = std::iter::once(row.name.as_str()).chain(row.aliases.split('|'));
    let mut aliases: Vec<&str> = party.aliases.split('|').chain(further).filter(|a| !a.is_empty() && *a != party.name).collect();
    let mut seen = HashSet::new();
    aliases.retain(|alias| seen.insert(*alias));
    party.aliases = aliases.join("|");
}

fn absorb(party: &mut ListEntry, row: &ListEntry) {
    add_aliases(party, row);
    let spans = [&*party, row].map(|one| (one.listed_from.clone(), one.listed_to.clone()));
    (party.listed_from, party.listed_to) = covering(&spans);
}

fn mapped<'a>(mapping: &Mapping, number: &str, cell: impl Fn(&str) -> &'a str) -> Option<ListEntry> {
    let parts: Vec<&str> = mapping.given.iter().chain([&mapping.name]).map(|column| cell(column)).filter(|part| !part.is_empty()).collect();
    let name = parts.join(" ");
    let id = if cell(&mapping.number).is_empty() { number } else { cell(&mapping.number) };
    let aliases = mapping.aliases.iter().flat_map(|column| cell(column).split(mapping.separator.as_str())).map(str::trim);
    let aliases: Vec<&str> = aliases.filter(|alias| !alias.is_empty()).collect();
    (!name.is_empty()).then(|| ListEntry {
        aliases: aliases.join("|"),
        code: cell(&mapping.code).to_string(),
        listed_from: day(cell(&mapping.listed_from), mapping.dates),
        listed_to: day(cell(&mapping.listed_to), mapping.dates),
        citation: cell(&mapping.citation).to_string(),
        note: cell(&mapping.note).to_string(),
        ..entry(id, &name)
    })
}

fn entry(id: &str, name: &str) -> ListEntry {
    ListEntry {
        id: id.to_string(),
        name: name.replace('|', " "),
        name_zh: String::new(),
        name_zh_status: NameStatus::None,
        aliases: String::new(),
        code: String::new(),
        address_place: String::new(),
        listed_from: String::new(),
        listed_to: String::new(),
        citation: String::new(),
        note: String::new(),
    }
}

/// A day as year-month-day; empty where the text gives no whole day.
fn day(text: &str, order: DateOrder) -> String {
    let parts: Vec<&str> = text.split(['-', '/', '.', ' ']).take(3).collect();
    let [first, second, third] = parts.as_slice() else { return String::new() };
    let (year, month, day) = match order {
        DateOrder::YearMonthDay => (first, second, third),
        DateOrder::DayMonthYear => (third, second, first),
        DateOrder::MonthDayYear => (third, first, second),
    };
    whole_day(&format!("{year}-{month:0>2}-{day:0>2}"))
}

fn whole_day(text: &str) -> String {
    let head: String = text.chars().take(10).collect();
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = head.split('-').collect();
    let whole = parts.iter().map(|p| p.len()).eq([4, 2, 2]) && parts.iter().all(|p| digits(p));
    if whole { head } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::InForce;
    use crate::rulebook::lists::{List, ListSource};
    use crate::screen::{against, screen_name};

    fn rows(text: &str) -> Vec<ListEntry> {
        read(text, &Rulebook::embedded()).expect("a known kind").entries
    }

    #[test]
    fn follow_the_money_takes_its_days_from_the_sanctions() {
        let text = concat!(
            r#"{"id":"a","schema":"Company","datasets":["x"],"properties":{"name":["Sample Co., Ltd."],"alias":["样本有限公司"]}}"#,
            "\n",
            r#"{"id":"s","schema":"Sanction","properties":{"entity":["a"],"startDate":["2020-05-01"],"endDate":["2021-05-01"]}}"#,
            "\n",
            r#"{"id":"t","schema":"Sanction","properties":{"entity":["a"],"listingDate":["2019-10-09"]}}"#,
            "\n",
            r#"{"id":"b","schema":"Address","properties":{"full":["Somewhere"]}}"#,
        );
        let rows = rows(text);
        assert_eq!(rows.len(), 1);
        assert_eq!(
            (rows[0].aliases.as_str(), rows[0].listed_from.as_str(), rows[0].listed_to.as_str()),
            ("样本有限公司", "2019-10-09", "")
        );
    }

    #[test]
    fn a_broken_line_is_told() {
        let text = "{\"id\":\"a\",\"schema\":\"Company\",\"properties\":{\"name\":[\"Sample\"]}}\n{\"id\":";
        let imported = read(text, &Rulebook::embedded()).expect("lines");
        assert_eq!((imported.entries.len(), imported.problems.len()), (1, 1));
    }

    #[test]
    fn the_screening_list_comes_in_two_forms() {
        let json = r#"{"results":[{"name":"Sample Trading LLC","alt_names":["ST"],"source":"Denied","start_date":"2017-10-16","end_date":"2020-10-13"}]}"#;
        let csv = "source,entity_number,name,alt_names,start_date,end_date\nDenied,,Sample Trading LLC,ST; Sample,2017-10-16,2020-10-13\n";
        assert_eq!(rows(json)[0].listed_to, "2020-10-13");
        assert_eq!((rows(csv)[0].aliases.as_str(), rows(csv)[0].listed_from.as_str()), ("ST|Sample", "2017-10-16"));
        assert!(read("a,b\n1,2\n", &Rulebook::embedded()).is_err());
    }

    #[test]
    fn days_are_read_in_their_order_or_not_at_all() {
        assert_eq!(day("9/10/2019", DateOrder::DayMonthYear), "2019-10-09");
        assert_eq!(day("10/9/2019", DateOrder::MonthDayYear), "2019-10-09");
        assert_eq!(day("2019", DateOrder::YearMonthDay), "");
        assert_eq!(day("2019-10", DateOrder::YearMonthDay), "");
    }

    /// File, mapping, parties, and of one name on one day: the listed party and whether in force.
    const TABLES: &[(&str, &str, usize, &str, &str, &str, InForce)] = &[
        (
            include_str!("../../tests/data/lists/ofac-sdn.csv"),
            "ofac-sdn",
            3,
            "Quillbrook Optronics Trading LLC",
            "2022-05-04",
            "QUILLBROOK OPTRONICS TRADING LLC",
            InForce::Unknown,
        ),
        (
            include_str!("../../tests/data/lists/eu-consolidated.csv"),
            "eu-consolidated",
            2,
            "样本海棠光电技术有限公司",
            "2023-02-25",
            "Haitang Sample Photonics Co., Ltd.",
            InForce::No,
        ),
        (
            include_str!("../../tests/data/lists/uk-sanctions.csv"),
            "uk-sanctions",
            2,
            "Fernmere Telecom Systems Limited",
            "2022-03-24",
            "FERNMERE SYSTEMS LIMITED",
            InForce::Yes,
        ),
        (
            include_str!("../../tests/data/lists/uk-consolidated.csv"),
            "uk-consolidated",
            2,
            "样本海棠通信技术有限公司",
            "2021-01-01",
            "FERNMERE SYSTEMS LIMITED",
            InForce::Yes,
        ),
        (
            include_str!("../../tests/data/lists/canada-autonomous.xml"),
            "canada-autonomous-bilingual",
            3,
            "Ostravine Radar",
            "2022-02-24",
            "Ostravine Radar Works JSC",
            InForce::Yes,
        ),
        (
            include_str!("../../tests/data/lists/canada-autonomous.csv"),
            "canada-autonomous",
            3,
            "Ostravine Radar Works JSC",
            "2022-02-23",
            "Ostravine Radar Works JSC",
            InForce::No,
        ),
    ];

    #[test]
    fn tables_of_other_publishers_are_known_and_screened() {
        for (text, by, parties, name, date, entity, in_force) in TABLES {
            let mut rules = Rulebook::embedded();
            let imported = read(text, &rules).unwrap_or_else(|error| panic!("{by}: {error}"));
            assert_eq!((imported.by.as_str(), imported.entries.len(), imported.problems.len()), (*by, *parties, 0));
            let source = ListSource { id: by.to_string(), ..ListSource::foreign(by) };
            rules.lists.lists = vec![List { source, entries: imported.entries }];
            let screening = screen_name(name, Some(date), &against(Some(date), &rules), &rules);
            let found = screening.matches.first().unwrap_or_else(|| panic!("{by}: {name} is not found"));
            assert_eq!((found.entity.as_str(), found.in_force), (*entity, *in_force), "{by}");
            let other = screen_name("虚构省样本水务有限公司", Some(date), &against(Some(date), &rules), &rules);
            assert!(other.matches.is_empty(), "{by}: {other:?}");
        }
    }

    #[test]
    fn further_names_of_a_list_join_their_parties_and_nobody_else() {
        let rules = Rulebook::embedded();
        let (parties, names) = (include_str!("../../tests/data/lists/ofac-sdn.csv"), include_str!("../../tests/data/lists/ofac-alt.csv"));
        assert_eq!(
            groups(&[names, "name,aliases,listed_from,listed_to\n", parties], &rules)
                .iter()
                .map(|g| (g.first, g.further.len()))
                .collect::<Vec<_>>(),
            [(1, 0), (2, 1)]
        );
        let imported = read_together(&[parties, names], &rules).expect("one list");
        assert_eq!(imported.entries[0].aliases, "QUILLBROOK PHOTONICS|QB OPTRONICS");
        assert_eq!((imported.entries.len(), imported.problems.len()), (3, 1), "one name belongs to nobody: {:?}", imported.problems);
        assert!(read(names, &rules).unwrap_err().contains("ofac-sdn"), "names alone are no list");
    }

    #[test]
    fn a_table_without_headings_is_known_by_its_blanks_only() {
        let row = "1,SAMPLE,x,x,x,x,x,x,x,x,x,x\n";
        assert!(read(row, &Rulebook::embedded()).is_err());
        assert!(read(&row.replacen(",x", ",-0-", 1), &Rulebook::embedded()).is_ok());
    }
}
