-- Who owns whom by a table of the user's own, lists that a user brought along, and every screening of a party.

CREATE TABLE owner_tables (
    id INTEGER PRIMARY KEY,
    taken TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    unread INTEGER NOT NULL
) STRICT;

CREATE TABLE stakes (
    owners INTEGER NOT NULL REFERENCES owner_tables (id),
    n INTEGER NOT NULL,
    owner TEXT NOT NULL,
    owned TEXT NOT NULL,
    share TEXT,
    "from" TEXT NOT NULL,
    "to" TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (owners, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE kept_lists (
    id INTEGER PRIMARY KEY,
    taken TEXT NOT NULL,
    list TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    content BLOB NOT NULL
) STRICT;

ALTER TABLE hits ADD COLUMN through TEXT;
ALTER TABLE hits ADD COLUMN "when" TEXT;
ALTER TABLE hits ADD COLUMN via TEXT;

-- Since when a hit is known, which its notice cannot tell: lists change after notices came.
CREATE TABLE first_hits (
    party TEXT NOT NULL,
    list TEXT NOT NULL,
    entry TEXT NOT NULL,
    first TEXT NOT NULL,
    PRIMARY KEY (party, list, entry)
) STRICT, WITHOUT ROWID;
INSERT INTO first_hits SELECT h.party, h.list, h.entry, min(c.imported)
    FROM hits h JOIN notices t ON t.id = h.notice JOIN captures c ON c.original = t.original GROUP BY 1, 2, 3;

CREATE TABLE screening_runs (
    id INTEGER PRIMARY KEY,
    made TEXT NOT NULL,
    who TEXT NOT NULL,
    program TEXT NOT NULL,
    lists TEXT NOT NULL,
    owners TEXT,
    case_state TEXT NOT NULL
) STRICT;

CREATE TABLE screenings (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES screening_runs (id),
    name TEXT NOT NULL,
    asked TEXT NOT NULL,
    result TEXT NOT NULL CHECK (result IN ('clear', 'possible', 'same', 'not_screenable')),
    answer TEXT NOT NULL,
    seen TEXT NOT NULL
) STRICT;
CREATE INDEX screenings_by_asked ON screenings (asked);

CREATE TABLE screening_decisions (
    id INTEGER PRIMARY KEY,
    screening INTEGER NOT NULL REFERENCES screenings (id),
    made TEXT NOT NULL,
    who TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('clear', 'hit', 'unsure')),
    note TEXT
) STRICT;
