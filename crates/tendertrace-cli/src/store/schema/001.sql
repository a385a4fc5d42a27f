-- The case, first version. Later versions add a file 002.sql and so on; none is ever changed.
-- Every table and column is explained in docs/formats.md.

CREATE TABLE originals (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    bytes INTEGER NOT NULL,
    segment INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    length INTEGER NOT NULL,
    capture INTEGER,
    examined_with TEXT,
    screened_with TEXT
) STRICT;

CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    original INTEGER NOT NULL REFERENCES originals (id),
    url TEXT,
    site TEXT,
    title TEXT,
    published TEXT,
    fetched TEXT,
    imported TEXT NOT NULL,
    archive_url TEXT,
    media_type TEXT,
    access TEXT NOT NULL CHECK (access IN ('public', 'restricted', 'confidential')),
    head TEXT NOT NULL,
    segment INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    length INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX captures_once ON captures (original, ifnull(url, ''));
CREATE INDEX captures_by_place ON captures (segment, offset);

CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    original INTEGER NOT NULL REFERENCES originals (id),
    part INTEGER NOT NULL,
    readable INTEGER NOT NULL,
    url TEXT,
    site TEXT,
    title TEXT,
    media_type TEXT,
    access TEXT NOT NULL,
    stage TEXT,
    project_number TEXT,
    project_name TEXT,
    buyer TEXT,
    buyer_kind TEXT,
    end_user TEXT,
    end_user_kind TEXT,
    region_code TEXT,
    region_name TEXT,
    agency TEXT,
    budget_minor INTEGER,
    budget_currency TEXT,
    budget_exact TEXT,
    total_minor INTEGER,
    total_currency TEXT,
    total_exact TEXT,
    date_published TEXT,
    date_awarded TEXT,
    date_signed TEXT,
    date_deadline TEXT,
    event_date TEXT,
    event_basis TEXT,
    purposes TEXT NOT NULL
) STRICT;
CREATE INDEX notices_by_original ON notices (original, part);
CREATE INDEX notices_by_project ON notices (project_number);
CREATE INDEX notices_by_buyer ON notices (buyer);

CREATE TABLE examinations (
    notice INTEGER PRIMARY KEY REFERENCES notices (id),
    contract BLOB NOT NULL,
    notice_model BLOB NOT NULL,
    digest BLOB NOT NULL
) STRICT;

CREATE TABLE parties (
    notice INTEGER NOT NULL REFERENCES notices (id),
    n INTEGER NOT NULL,
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    lot TEXT,
    rank INTEGER,
    won INTEGER,
    amount_minor INTEGER,
    currency TEXT,
    amount_exact TEXT,
    quote TEXT,
    doc INTEGER,
    start INTEGER,
    "end" INTEGER,
    PRIMARY KEY (notice, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX parties_by_name ON parties (name);

CREATE TABLE awards (
    notice INTEGER NOT NULL REFERENCES notices (id),
    n INTEGER NOT NULL,
    lot TEXT,
    lot_name TEXT,
    suppliers TEXT NOT NULL,
    amount_minor INTEGER,
    currency TEXT,
    amount_exact TEXT,
    note TEXT,
    PRIMARY KEY (notice, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE items (
    notice INTEGER NOT NULL REFERENCES notices (id),
    n INTEGER NOT NULL,
    lot TEXT,
    name TEXT,
    brand TEXT,
    model TEXT,
    quantity REAL,
    unit TEXT,
    unit_price_minor INTEGER,
    line_total_minor INTEGER,
    currency TEXT,
    unit_price_exact TEXT,
    line_total_exact TEXT,
    supplier TEXT,
    demanded INTEGER NOT NULL,
    doc INTEGER,
    start INTEGER,
    "end" INTEGER,
    PRIMARY KEY (notice, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE findings (
    notice INTEGER NOT NULL REFERENCES notices (id),
    n INTEGER NOT NULL,
    id TEXT NOT NULL,
    brand TEXT NOT NULL,
    product TEXT,
    company TEXT,
    country TEXT,
    usage TEXT NOT NULL,
    via TEXT NOT NULL,
    host_product TEXT,
    stage TEXT,
    lot TEXT,
    quantity REAL,
    amount_minor INTEGER,
    currency TEXT,
    amount_exact TEXT,
    amount_basis TEXT,
    purposes TEXT NOT NULL,
    customisation TEXT,
    supplier TEXT,
    buyer TEXT,
    strength TEXT NOT NULL,
    objections TEXT NOT NULL,
    sentence TEXT NOT NULL,
    rules TEXT NOT NULL,
    PRIMARY KEY (notice, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX findings_by_id ON findings (id);
CREATE INDEX findings_by_brand ON findings (brand, usage);

CREATE TABLE quotes (
    notice INTEGER NOT NULL REFERENCES notices (id),
    finding INTEGER NOT NULL,
    n INTEGER NOT NULL,
    doc INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    page INTEGER,
    text TEXT NOT NULL,
    PRIMARY KEY (notice, finding, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE hits (
    notice INTEGER NOT NULL REFERENCES notices (id),
    n INTEGER NOT NULL,
    party TEXT NOT NULL,
    role TEXT NOT NULL,
    list TEXT NOT NULL,
    entry TEXT NOT NULL,
    listed_from TEXT,
    listed_to TEXT,
    in_force TEXT NOT NULL,
    judgement TEXT NOT NULL,
    score REAL NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (notice, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX hits_by_party ON hits (party);

CREATE TABLE gaps (
    notice INTEGER NOT NULL REFERENCES notices (id),
    n INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    doc INTEGER,
    start INTEGER,
    "end" INTEGER,
    note TEXT,
    PRIMARY KEY (notice, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX gaps_by_kind ON gaps (kind);

CREATE TABLE judgements (
    id INTEGER PRIMARY KEY,
    made TEXT NOT NULL,
    who TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('accept', 'reject', 'unsure', 'correct', 'note')),
    note TEXT,
    correction TEXT,
    sha256 TEXT NOT NULL,
    part INTEGER NOT NULL,
    brand TEXT NOT NULL,
    lot TEXT,
    doc INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    quote TEXT NOT NULL,
    finding TEXT NOT NULL,
    product TEXT,
    usage TEXT NOT NULL,
    said TEXT NOT NULL
) STRICT;
CREATE INDEX judgements_by_capture ON judgements (sha256, part, brand);

CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started TEXT NOT NULL,
    finished TEXT,
    program TEXT NOT NULL,
    extraction TEXT NOT NULL,
    classification TEXT NOT NULL,
    lists TEXT NOT NULL,
    captures_read INTEGER NOT NULL DEFAULT 0,
    captures_new INTEGER NOT NULL DEFAULT 0,
    examined INTEGER NOT NULL DEFAULT 0,
    screened INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE failures (
    run INTEGER NOT NULL REFERENCES runs (id),
    n INTEGER NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (run, n)
) STRICT, WITHOUT ROWID;

-- Minor units in one unit of a currency, where that is not 100 (ISO 4217).
CREATE TABLE currencies (
    code TEXT PRIMARY KEY,
    factor INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO currencies VALUES
    ('BHD', 1000), ('CLP', 1), ('IQD', 1000), ('ISK', 1), ('JOD', 1000), ('JPY', 1), ('KRW', 1), ('KWD', 1000),
    ('LYD', 1000), ('OMR', 1000), ('PYG', 1), ('TND', 1000), ('UGX', 1), ('VND', 1), ('VUV', 1), ('XAF', 1),
    ('XOF', 1), ('XPF', 1);
