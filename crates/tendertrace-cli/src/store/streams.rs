//! Which notices have all that is looked for and none of what is not? Every condition gives its notices
//! in one order, read no further than needed; where they meet is the answer.

use super::query::{Index, Query};
use super::search::DATED;
use rusqlite::{Connection, Statement};

/// The order in which hits are read; the first of them are kept where there are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Newest,
    Oldest,
}

/// Places in the order asked for.
pub type Stream<'a> = Box<dyn Iterator<Item = rusqlite::Result<i64>> + 'a>;

/// A condition that SQLite reads: its table and, for an index, its expression.
pub struct Condition {
    table: &'static str,
    column: &'static str,
    expression: Option<String>,
}

impl Condition {
    /// Every notice of the case.
    pub fn all() -> Condition {
        // The narrowest table that has a row for each.
        Condition { table: "search.words_docsize", column: "id", expression: None }
    }

    fn of_index(index: Index, expression: String) -> Condition {
        let table = if index == Index::Words { "words" } else { "signs" };
        Condition { table, column: "rowid", expression: Some(expression) }
    }

    /// What a query wants and, behind it, what it does not want and no index can leave out by itself.
    pub fn of(query: &Query, tags: &[String]) -> (Vec<Condition>, Vec<Condition>) {
        let (mut wanted, mut unwanted) = (Vec::new(), Vec::new());
        for index in [Index::Words, Index::Signs] {
            let tags = if index == Index::Words { tags } else { &[] };
            let tagged = tags.iter().map(|tag| format!("tags : {tag}"));
            let all: Vec<String> = tagged.chain(query.wanted(index).map(|wanted| format!("({wanted})"))).collect();
            match (all.join(" AND "), query.unwanted(index)) {
                (all, None) if all.is_empty() => {}
                (all, None) => wanted.push(Condition::of_index(index, all)),
                (all, Some(none)) if all.is_empty() => unwanted.push(Condition::of_index(index, none)),
                (all, Some(none)) => wanted.push(Condition::of_index(index, format!("({all}) NOT ({none})"))),
            }
        }
        (wanted, unwanted)
    }

    fn prepare<'a>(&self, db: &'a Connection, order: Order) -> rusqlite::Result<Statement<'a>> {
        let Condition { table, column, expression } = self;
        let direction = if order == Order::Newest { "DESC" } else { "ASC" };
        let matches = expression.as_ref().map_or_else(String::new, |text| format!("WHERE {table} MATCH '{}'", text.replace('\'', "''")));
        db.prepare(&format!("SELECT {column} FROM {table} {matches} ORDER BY {column} {direction}"))
    }
}

/// Places where all of `wanted` and none of `unwanted` meet, until `take` has enough. All streams have
/// the same order.
pub fn meet(mut wanted: Vec<Stream>, mut unwanted: Vec<Stream>, order: Order, mut take: impl FnMut(i64) -> bool) -> rusqlite::Result<()> {
    let key = |place: i64| if order == Order::Newest { -place } else { place };
    let mut heads: Vec<i64> = Vec::with_capacity(wanted.len());
    for stream in &mut wanted {
        let Some(first) = stream.next().transpose()? else { return Ok(()) };
        heads.push(key(first));
    }
    let mut barred: Vec<Option<i64>> = vec![Some(i64::MIN); unwanted.len()];
    loop {
        let furthest = heads.iter().copied().max().unwrap_or(i64::MAX);
        let mut together = true;
        for (head, stream) in heads.iter_mut().zip(&mut wanted) {
            while *head < furthest {
                let Some(next) = stream.next().transpose()? else { return Ok(()) };
                *head = key(next);
            }
            together &= *head == furthest;
        }
        if !together {
            continue;
        }
        for (bar, stream) in barred.iter_mut().zip(&mut unwanted) {
            while bar.is_some_and(|bar| bar < furthest) {
                *bar = stream.next().transpose()?.map(key);
            }
        }
        let place = if order == Order::Newest { -furthest } else { furthest };
        if !barred.contains(&Some(furthest)) && !take(place) {
            return Ok(());
        }
        let Some(next) = wanted[0].next().transpose()? else { return Ok(()) };
        heads[0] = key(next);
    }
}

/// Opens the conditions and lets them meet with what is given beside them. Each is read once: to find where
/// it goes on, the index would look through all before.
pub fn run(
    db: &Connection,
    (wanted, unwanted): (&[Condition], &[Condition]),
    beside: Option<&[i64]>,
    order: Order,
    take: &mut dyn FnMut(i64) -> bool,
) -> rusqlite::Result<()> {
    let prepared = |all: &[Condition]| all.iter().map(|one| one.prepare(db, order)).collect::<rusqlite::Result<Vec<_>>>();
    let (mut wanted, mut unwanted) = (prepared(wanted)?, prepared(unwanted)?);
    let mut streams: Vec<Stream> = beside.map(|places| sorted(places.to_vec(), order)).into_iter().collect();
    for statement in &mut wanted {
        streams.push(opened(statement)?);
    }
    let barred = unwanted.iter_mut().map(opened).collect::<rusqlite::Result<Vec<_>>>()?;
    // Notices without a day are the last in either order; their places are the first.
    let (mut undated, mut enough) = (Vec::new(), false);
    meet(streams, barred, order, |place| {
        if order == Order::Oldest && place < DATED {
            undated.push(place);
            return true;
        }
        enough = !take(place);
        !enough
    })?;
    if !enough {
        undated.into_iter().all(take);
    }
    Ok(())
}

fn opened<'a>(statement: &'a mut Statement) -> rusqlite::Result<Stream<'a>> {
    Ok(Box::new(statement.query_map([], |row| row.get(0))?))
}

fn sorted(mut places: Vec<i64>, order: Order) -> Stream<'static> {
    places.sort_unstable();
    if order == Order::Newest {
        places.reverse();
    }
    Box::new(places.into_iter().map(Ok))
}

/// All places of a query, where there is nothing but its words.
#[cfg(test)]
pub fn found(db: &Connection, query: &Query, order: Order) -> rusqlite::Result<Vec<i64>> {
    let (wanted, unwanted) = Condition::of(query, &[]);
    let all: Vec<i64> =
        db.prepare("SELECT rowid FROM words_docsize ORDER BY 1")?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut found = Vec::new();
    let beside = wanted.is_empty().then_some(&all[..]);
    run(db, (&wanted, &unwanted), beside, order, &mut |place| {
        found.push(place);
        true
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(of: &[i64]) -> Stream<'static> {
        Box::new(of.to_vec().into_iter().map(Ok))
    }

    #[test]
    fn streams_meet_where_all_stand_and_no_other_does() {
        let met = |wanted: &[&[i64]], unwanted: &[&[i64]], order, most: usize| {
            let mut out = Vec::new();
            meet(wanted.iter().map(|of| stream(of)).collect(), unwanted.iter().map(|of| stream(of)).collect(), order, |place| {
                out.push(place);
                out.len() < most
            })
            .unwrap();
            out
        };
        assert_eq!(met(&[&[1, 2, 3, 5, 8], &[2, 3, 4, 8]], &[&[3]], Order::Oldest, 9), [2, 8]);
        assert_eq!(met(&[&[8, 5, 3, 2], &[9, 8, 3, 2]], &[&[7, 3]], Order::Newest, 9), [8, 2]);
        assert_eq!(met(&[&[8, 5, 3, 2]], &[], Order::Newest, 2), [8, 5]);
        assert_eq!(met(&[&[1], &[]], &[], Order::Oldest, 2), Vec::<i64>::new());
    }
}
