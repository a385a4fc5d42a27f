-- How makers, sellers and buyers hang together: what sources state, and typed, dated edges of the notices.

CREATE TABLE relations (
    id TEXT PRIMARY KEY,
    origin TEXT NOT NULL CHECK (origin IN ('rulebook', 'case')),
    brand TEXT NOT NULL,
    party TEXT NOT NULL,
    party_latin TEXT NOT NULL,
    code TEXT,
    kind TEXT NOT NULL,
    said_by TEXT NOT NULL CHECK (said_by IN ('maker', 'others')),
    territory TEXT,
    "from" TEXT,
    "to" TEXT,
    as_of TEXT,
    source TEXT NOT NULL,
    url TEXT,
    says TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Organisations of the case that are, or may be, the party of a relation.
CREATE TABLE relation_holders (
    relation TEXT NOT NULL,
    entity TEXT NOT NULL,
    judgement TEXT NOT NULL CHECK (judgement IN ('same', 'possible')),
    said TEXT NOT NULL,
    PRIMARY KEY (relation, entity)
) STRICT, WITHOUT ROWID;
CREATE INDEX relation_holders_by_entity ON relation_holders (entity);

CREATE TABLE edges (
    n INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    from_type TEXT NOT NULL CHECK (from_type IN ('company', 'brand', 'party')),
    from_name TEXT NOT NULL,
    to_type TEXT NOT NULL CHECK (to_type IN ('company', 'brand', 'party')),
    to_name TEXT NOT NULL,
    from_date TEXT,
    to_date TEXT,
    strength TEXT NOT NULL,
    notice INTEGER,
    finding TEXT,
    quote TEXT,
    rule TEXT,
    source TEXT
) STRICT;
CREATE INDEX edges_by_finding ON edges (finding, kind);
CREATE INDEX edges_by_from ON edges (from_name);
CREATE INDEX edges_by_to ON edges (to_name);
