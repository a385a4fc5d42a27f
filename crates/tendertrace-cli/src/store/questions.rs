//! Which questions can be asked of a case, and what is the answer? A question is an SQL file of
//! `questions/` with a header: title, parameters, columns, caveats. A researcher adds one by adding a
//! file. Beside every answer stands its funnel: out of how much it was counted.

use super::shown;
use anyhow::{Context as _, bail};
use rusqlite::types::Value;
use rusqlite::{Connection, Statement};
use std::ops::Range;
use std::path::Path;
use tendertrace::report::xlsx::{self, Cell, Column, Sheet, Target};
use tendertrace::rulebook::Rulebook;
use tendertrace::rulebook::report::Masks;

include!(concat!(env!("OUT_DIR"), "/questions.rs"));

/// Every parameter a question may take, with what it is.
pub const PARAMETERS: [(&str, &str); 11] = [
    ("brand", "a brand, by its key or a name in either script"),
    ("buyer_kind", "kind of buyer: public_security, or its English name, police"),
    ("region", "place: Xinjiang, its Chinese name, or the first digits of its GB/T 2260 code, 65"),
    ("from", "first day: 2019-10-09, 2019-10 or 2019"),
    ("to", "last day: 2019-10-09, 2019-10 or 2019"),
    ("supplier", "part of a seller's name"),
    ("buyer", "part of a buyer's name"),
    ("purpose", "a purpose: facial_recognition, or its English name"),
    ("project", "a project's number, or part of its name"),
    ("term", "a word in titles, project names and item lines"),
    ("finding", "id of a finding, or its beginning"),
];

/// A question as its file states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub name: String,
    pub title: String,
    pub parameters: Vec<String>,
    /// Parameters without which it has no answer.
    pub needs: Vec<String>,
    pub columns: Vec<String>,
    /// The question that gives each row behind an answer's sums.
    pub behind: Option<String>,
    pub caveats: String,
    pub sql: String,
}

/// Columns and rows, as shown to people.
#[derive(Debug, Default)]
pub struct Answer {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
    /// Whether rows beyond the limit were left out.
    pub more: bool,
}

/// Values of parameters by name.
pub type Given<'a> = &'a [(&'a str, Option<&'a str>)];

impl Question {
    /// Whether it is asked as the program brings it, by nobody's own file.
    pub fn is_built_in(&self) -> bool {
        QUESTIONS.iter().any(|(name, text)| *name == self.name && body(text) == self.sql)
    }
}

/// The built-in questions, those of `own` over them, by name.
pub fn all(own: Option<&Path>) -> anyhow::Result<Vec<Question>> {
    let mut all = QUESTIONS.iter().map(|(name, text)| parse(name, text)).collect::<anyhow::Result<Vec<_>>>()?;
    if let Some(dir) = own {
        for question in of_folder(dir)? {
            all.retain(|known| known.name != question.name);
            all.push(question);
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

fn of_folder(dir: &Path) -> anyhow::Result<Vec<Question>> {
    let entries = std::fs::read_dir(dir).with_context(|| format!("reading the questions in {}", dir.display()))?;
    let files = entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "sql"));
    files
        .map(|path| {
            let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            parse(&path.file_stem().unwrap_or_default().to_string_lossy(), &text)
        })
        .collect()
}

fn parse(name: &str, text: &str) -> anyhow::Result<Question> {
    let header = |field: &str| {
        let prefix = format!("-- {field}:");
        text.lines().find_map(|line| line.strip_prefix(&prefix)).map(|rest| rest.trim().to_string())
    };
    let must = |field: &str| header(field).with_context(|| format!("questions/{name}.sql: the header needs a line \"-- {field}: …\""));
    let list =
        |text: String| -> Vec<String> { text.split(',').map(|word| word.trim().to_string()).filter(|word| !word.is_empty()).collect() };
    let question = Question {
        name: name.to_string(),
        title: must("title")?,
        parameters: list(must("parameters")?),
        needs: list(header("needs").unwrap_or_default()),
        columns: list(must("columns")?),
        behind: header("behind"),
        caveats: must("caveats")?,
        sql: body(text),
    };
    let unknown = question.parameters.iter().find(|p| !PARAMETERS.iter().any(|(name, _)| name == p));
    if let Some(unknown) = unknown {
        bail!("questions/{name}.sql: no parameter is called {unknown}; there are {}", PARAMETERS.map(|(name, _)| name).join(", "));
    }
    Ok(question)
}

/// The SQL without the header.
fn body(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n").trim().to_string()
}

/// Every row of an answer.
pub const ALL: Range<usize> = 0..usize::MAX;

/// Answers a question with the rows of a window of all, persons withheld.
pub fn answer(question: &Question, db: &Connection, given: Given, window: &Range<usize>, masks: &Masks) -> anyhow::Result<Answer> {
    check(question, given)?;
    if given.iter().all(|(_, value)| value.is_none())
        && let Some(rows) = super::kept::answer(db, question, window.end)?
    {
        return Ok(kept(question, rows, window, masks));
    }
    if let Some(steps) = super::kept::funnel(db, &question.sql, given, masks)? {
        let rows = steps.into_iter().map(|(step, n)| vec![Value::Text(step), Value::Integer(n)]).collect();
        return Ok(kept(question, rows, window, masks));
    }
    if let Some((sql, rows)) = super::counted::part(db, question, given, window)? {
        return asked(question, db, &sql, &[(super::counted::PARAMETER, Some(&rows))], &(0..window.len()), masks);
    }
    asked(question, db, &narrowed(&question.sql, given), given, window, masks)
}

/// The answer as SQL gives it.
pub(super) fn asked(
    question: &Question,
    db: &Connection,
    sql: &str,
    given: Given,
    window: &Range<usize>,
    masks: &Masks,
) -> anyhow::Result<Answer> {
    let mut statement = db.prepare(sql).with_context(|| format!("questions/{}.sql", question.name))?;
    if !statement.readonly() {
        bail!("questions/{}.sql would change the case; a question only reads", question.name);
    }
    bind(&mut statement, given)?;
    let columns: Vec<String> = statement.column_names().into_iter().map(str::to_string).collect();
    let mut answer = Answer { columns, ..Answer::default() };
    let mut rows = statement.raw_query();
    let mut before = window.start;
    while let Some(row) = rows.next()? {
        if before > 0 {
            before -= 1;
            continue;
        }
        if answer.rows.len() == window.len() {
            answer.more = true;
            break;
        }
        let cells = answer.columns.iter().enumerate().map(|(at, column)| Ok(shown::value(column, row.get(at)?, masks)));
        let cells = cells.collect::<rusqlite::Result<Vec<Value>>>()?;
        answer.rows.push(cells);
    }
    Ok(answer)
}

/// An answer of kept rows.
fn kept(question: &Question, rows: Vec<Vec<Value>>, window: &Range<usize>, masks: &Masks) -> Answer {
    let more = rows.len() > window.end;
    let cells = |row: Vec<Value>| question.columns.iter().zip(row).map(|(column, value)| shown::value(column, value, masks)).collect();
    Answer { columns: question.columns.clone(), rows: rows.into_iter().take(window.end).skip(window.start).map(cells).collect(), more }
}

/// The question without its way out for parameters that were not left out: `(:brand IS NULL OR brand = :brand)`
/// with a brand given is `(brand = :brand)`, which an index answers.
fn narrowed(sql: &str, given: Given) -> String {
    let named = given.iter().filter(|(_, value)| value.is_some());
    named.fold(sql.to_string(), |sql, (name, _)| sql.replace(&format!("(:{name} IS NULL OR "), "("))
}

fn check(question: &Question, given: Given) -> anyhow::Result<()> {
    let flag = |name: &str| format!("--{}", name.replace('_', "-"));
    let takes = |name: &str| question.parameters.iter().any(|p| p == name);
    if let Some((name, _)) = given.iter().find(|(name, value)| value.is_some() && !takes(name)) {
        bail!("the question {} takes no {}; it takes: {}", question.name, flag(name), question.parameters.join(", "));
    }
    let has = |name: &str| given.iter().any(|(given, value)| *given == name && value.is_some());
    if let Some(missing) = question.needs.iter().find(|name| !has(name)) {
        bail!("the question {} needs {}", question.name, flag(missing));
    }
    Ok(())
}

fn bind(statement: &mut Statement, given: Given) -> rusqlite::Result<()> {
    for (name, value) in given {
        if let Some(index) = statement.parameter_index(&format!(":{name}"))? {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    Ok(())
}

/// The funnel beside an answer: the question `funnel` with those of the parameters it takes.
pub fn funnel(questions: &[Question], db: &Connection, given: Given, masks: &Masks) -> anyhow::Result<Vec<(String, i64)>> {
    let question = questions.iter().find(|q| q.name == "funnel").context("no question is called funnel")?;
    let own: Vec<_> = given.iter().filter(|(name, _)| question.parameters.iter().any(|p| p == name)).copied().collect();
    if let Some(steps) = super::kept::funnel(db, &question.sql, &own, masks)? {
        return Ok(steps);
    }
    let answer = answer(question, db, &own, &ALL, masks)?;
    let step = |row: &Vec<Value>| match &row[..] {
        [Value::Text(step), Value::Integer(number), ..] => Some((step.clone(), *number)),
        [Value::Text(step), ..] => Some((step.clone(), 0)),
        _ => None,
    };
    Ok(answer.rows.iter().filter_map(step).collect())
}

/// The answer, the funnel beside it, and what it does not say.
pub fn workbook(
    question: &Question,
    answer: &Answer,
    given: &[(&str, Option<&str>)],
    steps: &[(String, i64)],
    rules: &Rulebook,
) -> anyhow::Result<Vec<u8>> {
    let head = answer.columns.iter().map(String::as_str);
    let rows = answer.rows.iter().map(|row| head.clone().zip(row).map(|(column, value)| cell(column, value)).collect()).collect();
    let line = |what: &str, says: &str| vec![Cell::text(what), Cell::text(says)];
    let mut about = vec![line("question", &question.title), line("mind", &question.caveats)];
    about.extend(given.iter().filter_map(|(name, value)| Some(line(&format!("given: {name}"), (*value)?))));
    about.push(line("links", "Findings lead to report.html, if this file lies in the case folder. Addresses are text: opening one tells its server that you are looking."));
    about.push(line("made by", &format!("tendertrace {}, rules {}", tendertrace::VERSION, rules.hashes.classification)));
    let funnel = steps.iter().map(|(step, n)| vec![Cell::text(step), Cell::Number(*n as f64)]).collect();
    let sheet = |name: &str, head: &[&str], rows| Sheet {
        name: name.to_string(),
        head: head.iter().map(|head| Column::read(head)).collect(),
        rows,
    };
    let sheets = [
        sheet("answer", &head.clone().collect::<Vec<_>>(), rows),
        sheet("out of", &["step", "number"], funnel),
        sheet("about", &["what", "says"], about),
    ];
    xlsx::workbook(&sheets).map_err(anyhow::Error::msg)
}

fn cell(column: &str, value: &Value) -> Cell {
    match value {
        Value::Null | Value::Blob(_) => Cell::Empty,
        Value::Integer(number) => Cell::Number(*number as f64),
        Value::Real(number) => Cell::Number(*number),
        Value::Text(id) if column == "finding" => Cell::Link(Target::Finding(id.clone()), id.clone()),
        Value::Text(text) => Cell::text(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_parameter_leaves_its_condition_alone_and_a_missing_one_lets_all_pass() {
        let sql = "WHERE (:brand IS NULL OR brand = :brand) AND (:to IS NULL OR day <= :to)";
        assert_eq!(narrowed(sql, &[("brand", Some("x")), ("to", None)]), "WHERE (brand = :brand) AND (:to IS NULL OR day <= :to)");
    }

    #[test]
    fn every_question_is_answered_over_an_empty_case_and_gives_the_columns_it_promises() {
        let db = Connection::open_in_memory().unwrap();
        super::super::schema::migrate(&db).unwrap();
        let masks = tendertrace::rulebook::Rulebook::embedded().report.masks;
        for question in all(None).unwrap() {
            let given: Vec<_> = question.parameters.iter().map(|p| (p.as_str(), Some("2020"))).collect();
            let answer = answer(&question, &db, &given, &(0..9), &masks).unwrap_or_else(|e| panic!("{}: {e:#}", question.name));
            assert_eq!(answer.columns, question.columns, "{}", question.name);
        }
    }

    #[test]
    fn a_question_that_would_write_or_takes_an_unknown_parameter_is_refused() {
        let db = Connection::open_in_memory().unwrap();
        super::super::schema::migrate(&db).unwrap();
        let masks = tendertrace::rulebook::Rulebook::embedded().report.masks;
        let header = "-- title: t\n-- parameters: brand\n-- columns: a\n-- caveats: c\n";
        let writes = parse("own", &format!("{header}DELETE FROM judgements RETURNING id AS a")).unwrap();
        assert!(answer(&writes, &db, &[], &(0..9), &masks).unwrap_err().to_string().contains("only reads"));
        assert!(parse("own", &header.replace("brand", "make")).unwrap_err().to_string().contains("no parameter is called make"));
        let needs = parse("own", &format!("{header}-- needs: brand\nSELECT 1 AS a")).unwrap();
        assert!(answer(&needs, &db, &[], &(0..9), &masks).unwrap_err().to_string().contains("needs --brand"));
    }
}
