//! Which form has the case's database? Numbered migrations from the first release on, and the views
//! for people who write SQL, which belong to the program and are made anew by it.

use anyhow::{Context as _, bail};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

const MIGRATIONS: &[&str] = &[
    include_str!("schema/001.sql"),
    include_str!("schema/002.sql"),
    include_str!("schema/003.sql"),
    include_str!("schema/004.sql"),
    include_str!("schema/005.sql"),
    include_str!("schema/006.sql"),
    include_str!("schema/007.sql"),
    include_str!("schema/008.sql"),
    include_str!("schema/009.sql"),
    include_str!("schema/010.sql"),
    include_str!("schema/011.sql"),
    include_str!("schema/012.sql"),
    include_str!("schema/013.sql"),
];
const VIEWS: &str = include_str!("schema/views.sql");
/// "ttrc": how the tool `file` and other programs tell what this SQLite file is.
const APPLICATION_ID: i32 = 0x7474_7263;

/// Opens (and makes, or brings up to date) the database for the one writer.
pub fn open_for_writing(path: &Path) -> anyhow::Result<Connection> {
    let db = Connection::open(path).with_context(|| format!("opening {}", path.display()))?;
    db.busy_timeout(Duration::from_secs(30))?;
    db.set_prepared_statement_cache_capacity(64);
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "normal")?;
    keep_a_copy_before_migrating(&db, path)?;
    migrate(&db).with_context(|| format!("bringing {} up to date", path.display()))?;
    Ok(db)
}

/// Opens the database for reading, beside a writer if there is one.
pub fn open_for_reading(path: &Path) -> anyhow::Result<Connection> {
    // No two threads share a connection: nothing is locked at every row.
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .with_context(|| format!("opening {}; is this folder a case? `tendertrace trace INPUT --case FOLDER` makes one", path.display()))?;
    db.busy_timeout(Duration::from_secs(30))?;
    let version = version(&db)?;
    if version != MIGRATIONS.len() {
        bail!("{} has schema {version}, this program knows {}: {}", path.display(), MIGRATIONS.len(), help(version));
    }
    Ok(db)
}

/// Tables whose rows belong to one notice.
const OF_NOTICES: [&str; 9] = ["examinations", "parties", "awards", "items", "findings", "quotes", "hits", "gaps", "joined"];

/// Tables of people's work, which quote what they are about.
const OF_PEOPLE: [&str; 2] = ["judgements", "translations"];

/// Names that confidential notices alone hold: the few are looked for, not the many others.
const CLOSED_NAMES: &str =
    "(SELECT p.name FROM main.notices t JOIN main.parties p ON p.notice = t.id WHERE t.access = 'confidential' AND NOT EXISTS (
         SELECT 1 FROM main.parties o JOIN main.notices u ON u.id = o.notice WHERE o.name = p.name AND u.access <> 'confidential'))";

/// Entities of which such names alone are known.
const CLOSED_ENTITIES: &str = "(SELECT h.entity FROM main.spellings h WHERE h.name IN :closed
         AND NOT EXISTS (SELECT 1 FROM main.spellings o WHERE o.entity = h.entity AND o.name NOT IN :closed))";

/// Entities as far as open notices name them; a code or a doubt that others
/// taught is not shown. No view on a view here: SQLite counts them, and takes no more than a thousand in one query.
const NAMED_OPENLY: &str = "CREATE TEMP VIEW spellings AS SELECT * FROM main.spellings WHERE name NOT IN :closed;
     CREATE TEMP VIEW entities AS SELECT id,
         (SELECT min(s.name) FROM main.spellings s WHERE s.entity = e.id AND s.name NOT IN :closed) AS name, NULL AS code,
         (SELECT count(*) FROM main.spellings s WHERE s.entity = e.id AND s.name NOT IN :closed) AS spellings
         FROM main.entities e WHERE id NOT IN :entities;
     CREATE TEMP VIEW possibly_same_as AS SELECT one, other, score, '[]' AS why FROM main.possibly_same_as
         WHERE one NOT IN :entities AND other NOT IN :entities;
     CREATE TEMP VIEW samenesses AS SELECT * FROM main.samenesses WHERE one IN (SELECT name FROM temp.spellings)
         AND (list IS NOT NULL OR other IN (SELECT name FROM temp.spellings));
     CREATE TEMP VIEW relation_holders AS SELECT * FROM main.relation_holders WHERE entity NOT IN :entities;
     CREATE TEMP VIEW roles AS SELECT s.entity, p.role, count(DISTINCT p.notice) AS notices, min(t.event_date) AS first, max(t.event_date) AS last
         FROM main.parties p JOIN main.notices t ON t.id = p.notice JOIN main.spellings s ON s.name = p.name
         WHERE t.access <> 'confidential' GROUP BY 1, 2;";

/// Views of one capture's rows each: those of open captures are all that is left out of them.
const OF_CAPTURES: [&str; 3] = ["finding_keys", "decisions", "translated"];

/// Tables of signed sentences, with the column that names the claim.
const OF_CLAIMS: [(&str, &str); 3] = [("claims", "id"), ("claim_findings", "claim"), ("claim_events", "claim")];

/// Makes confidential captures vanish from a connection: every table and view of it is from now on
/// read without them, whatever is asked. Returns how many notices that hides.
pub fn hide_confidential(db: &Connection) -> anyhow::Result<usize> {
    let hidden: i64 = db.query_row("SELECT count(*) FROM main.notices WHERE access = 'confidential'", [], |row| row.get(0))?;
    if hidden == 0 {
        return Ok(0);
    }
    // Few are confidential, and an index finds them: open ones are those that are not among them.
    let kept_back = "(SELECT id FROM main.notices WHERE access = 'confidential')";
    let mut sql = String::from(
        "CREATE TEMP VIEW notices AS SELECT * FROM main.notices WHERE access <> 'confidential';
         CREATE TEMP VIEW captures AS SELECT * FROM main.captures WHERE access <> 'confidential';
         CREATE TEMP VIEW originals AS SELECT * FROM main.originals WHERE capture IN (SELECT id FROM main.captures WHERE access <> 'confidential');",
    );
    let closed_captures = "SELECT o.sha256 FROM main.originals o JOIN main.notices t ON t.original = o.id WHERE t.access = 'confidential'";
    for table in OF_PEOPLE {
        sql += &format!("CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} WHERE sha256 NOT IN ({closed_captures});");
    }
    sql += &NAMED_OPENLY.replace(":entities", CLOSED_ENTITIES).replace(":closed", CLOSED_NAMES);
    // A claim that rests on one confidential page is hidden as a whole: its sentence tells of it.
    let kept = "SELECT c.claim FROM main.claim_findings c JOIN main.originals o ON o.sha256 = c.sha256 JOIN main.notices t ON t.original = o.id WHERE t.access = 'confidential'";
    for (table, key) in OF_CLAIMS {
        sql += &format!("CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} WHERE {key} NOT IN ({kept});");
    }
    sql += &format!("CREATE TEMP VIEW edges AS SELECT * FROM main.edges WHERE rule IS NOT NULL OR notice NOT IN {kept_back};");
    for table in OF_NOTICES {
        sql += &format!("CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} WHERE notice NOT IN {kept_back};");
    }
    let views: String = VIEWS.lines().filter(|line| !line.starts_with("DROP")).map(|line| format!("{line}\n")).collect();
    sql += &views.replace("CREATE VIEW", "CREATE TEMP VIEW");
    for view in OF_CAPTURES {
        sql += &format!(
            "DROP VIEW temp.{view}; CREATE TEMP VIEW {view} AS SELECT * FROM main.{view} WHERE sha256 NOT IN ({closed_captures});"
        );
    }
    db.execute_batch(&sql)?;
    Ok(hidden as usize)
}

/// Does something as one who may not see confidential captures would; nothing where there are none.
pub fn hiding(db: &Connection, work: impl FnOnce(&Connection) -> anyhow::Result<()>) -> anyhow::Result<()> {
    if hide_confidential(db)? == 0 {
        return Ok(());
    }
    let done = work(db);
    let mut query = db.prepare("SELECT name FROM temp.sqlite_schema WHERE type = 'view'")?;
    let views: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    drop(query);
    db.execute_batch(&views.iter().map(|view| format!("DROP VIEW temp.{view};")).collect::<String>())?;
    done
}

/// Brings a database to the newest schema; a newer one is refused.
pub fn migrate(db: &Connection) -> anyhow::Result<()> {
    let version = version(db)?;
    if version > MIGRATIONS.len() {
        bail!("it has schema {version}, this program knows {}: {}", MIGRATIONS.len(), help(version));
    }
    for (number, migration) in MIGRATIONS.iter().enumerate().skip(version) {
        db.execute_batch(&format!(
            "BEGIN IMMEDIATE; {migration} PRAGMA user_version = {}; PRAGMA application_id = {APPLICATION_ID}; COMMIT;",
            number + 1
        ))?;
    }
    Ok(db.execute_batch(&format!("BEGIN IMMEDIATE; {VIEWS} COMMIT;"))?)
}

fn version(db: &Connection) -> anyhow::Result<usize> {
    Ok(db.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).context("this file is no SQLite database")?.try_into()?)
}

fn help(version: usize) -> &'static str {
    if version > MIGRATIONS.len() {
        "it was made by a newer tendertrace; use that version or a newer one"
    } else {
        "run `tendertrace trace --case FOLDER` once to bring it up to date"
    }
}

fn keep_a_copy_before_migrating(db: &Connection, path: &Path) -> anyhow::Result<()> {
    let version = version(db)?;
    if version == 0 || version >= MIGRATIONS.len() {
        return Ok(());
    }
    let copy = path.with_extension(format!("before-schema-{}.db", version + 1));
    let copied = db.execute("VACUUM INTO ?1", [copy.to_string_lossy()]);
    copied.map(drop).with_context(|| format!("keeping a copy in {} before the change of schema", copy.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrating_twice_changes_nothing_and_a_newer_schema_is_refused() {
        let db = Connection::open_in_memory().unwrap();
        migrate(&db).unwrap();
        migrate(&db).unwrap();
        db.pragma_update(None, "user_version", 99).unwrap();
        assert!(migrate(&db).unwrap_err().to_string().contains("newer"));
    }

    #[test]
    fn every_view_can_be_asked() {
        let db = Connection::open_in_memory().unwrap();
        migrate(&db).unwrap();
        let mut names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'view'").unwrap();
        let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert!(names.len() > 5);
        for name in names {
            db.prepare(&format!("SELECT * FROM {name}")).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}
