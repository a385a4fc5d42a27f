-- What the resolution of names keeps, so that the next run compares new spellings only and a person's word
-- is heard at once. All of it can be made anew from `parties` and `relations`.

-- Spellings that agree in every part, and the one that stands for them.
CREATE TABLE name_units (
    id INTEGER PRIMARY KEY,
    parts TEXT NOT NULL,
    code TEXT,
    name TEXT NOT NULL
) STRICT;
CREATE INDEX name_units_by_parts ON name_units (parts, code);
CREATE INDEX name_units_by_code ON name_units (code) WHERE code IS NOT NULL;

-- Keys under which a unit meets others.
CREATE TABLE name_keys (
    key INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    PRIMARY KEY (key, unit)
) STRICT, WITHOUT ROWID;

-- Units that are or may be one by their names.
CREATE TABLE name_pairs (
    one INTEGER NOT NULL,
    other INTEGER NOT NULL,
    score REAL NOT NULL,
    same INTEGER NOT NULL,
    PRIMARY KEY (one, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX name_pairs_by_other ON name_pairs (other);

-- Spellings by unit; `stated` ones come from relations of makers and sellers.
CREATE TABLE name_mentions (
    name TEXT NOT NULL,
    code TEXT NOT NULL,
    stated INTEGER NOT NULL,
    times INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    PRIMARY KEY (name, code, stated)
) STRICT, WITHOUT ROWID;
CREATE INDEX name_mentions_by_unit ON name_mentions (unit);

-- Words that the entities follow, and what they were resolved with.
CREATE TABLE name_words (sameness INTEGER PRIMARY KEY) STRICT;
CREATE TABLE name_state (resolved_with TEXT NOT NULL) STRICT;

-- A relation may name two sellers: its party, and the one through whom that gets the maker's products.
ALTER TABLE relations ADD COLUMN via TEXT;
DROP TABLE relation_holders;
CREATE TABLE relation_holders (
    relation TEXT NOT NULL,
    side TEXT NOT NULL CHECK (side IN ('party', 'via')),
    entity TEXT NOT NULL,
    judgement TEXT NOT NULL CHECK (judgement IN ('same', 'possible')),
    said TEXT NOT NULL,
    PRIMARY KEY (relation, side, entity)
) STRICT, WITHOUT ROWID;
CREATE INDEX relation_holders_by_entity ON relation_holders (entity);

CREATE INDEX possibly_same_as_other ON possibly_same_as (other);
