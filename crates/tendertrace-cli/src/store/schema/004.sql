-- Who is who: the organisations behind the spellings of the case, and what people said of them.

CREATE TABLE entities (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    code TEXT,
    spellings INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE spellings (
    name TEXT PRIMARY KEY,
    entity TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX spellings_by_entity ON spellings (entity);

-- Doubtful pairs: never merged.
CREATE TABLE possibly_same_as (
    one TEXT NOT NULL,
    other TEXT NOT NULL,
    score REAL NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (one, other)
) STRICT, WITHOUT ROWID;

-- A person's word on two names, or on a name and a list's entry (`list` is then that list's id).
CREATE TABLE samenesses (
    id INTEGER PRIMARY KEY,
    made TEXT NOT NULL,
    who TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('same', 'not_same')),
    one TEXT NOT NULL,
    other TEXT NOT NULL,
    list TEXT,
    note TEXT
) STRICT;
