-- Sentences that people sign for publication, the findings under each, and what happened to it since.

CREATE TABLE claims (
    id INTEGER PRIMARY KEY,
    made TEXT NOT NULL,
    who TEXT NOT NULL,
    sentence TEXT NOT NULL
) STRICT;

CREATE TABLE claim_findings (
    claim INTEGER NOT NULL REFERENCES claims (id),
    n INTEGER NOT NULL,
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
    said TEXT NOT NULL,
    PRIMARY KEY (claim, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_findings_by_capture ON claim_findings (sha256, part, brand);

CREATE TABLE claim_events (
    id INTEGER PRIMARY KEY,
    claim INTEGER NOT NULL REFERENCES claims (id),
    made TEXT NOT NULL,
    who TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('reply', 'published', 'withdrawn', 'taken_back')),
    "on" TEXT NOT NULL,
    text TEXT,
    answer TEXT CHECK (answer IN ('replied', 'no_reply', 'corrected', 'disputed')),
    party TEXT,
    n INTEGER,
    judgement INTEGER
) STRICT;
CREATE INDEX claim_events_by_claim ON claim_events (claim);

CREATE TABLE claim_undone (
    event INTEGER PRIMARY KEY REFERENCES claim_events (id),
    at TEXT NOT NULL,
    who TEXT NOT NULL
) STRICT;
