-- What people made of Chinese titles and quotes, and translations taken back.

CREATE TABLE translations (
    id INTEGER PRIMARY KEY,
    made TEXT NOT NULL,
    who TEXT NOT NULL,
    "on" TEXT NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('title', 'quote')),
    sha256 TEXT NOT NULL,
    part INTEGER NOT NULL,
    source TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX translations_by_capture ON translations (sha256, part);

CREATE TABLE untranslated (
    translation INTEGER PRIMARY KEY REFERENCES translations (id),
    at TEXT NOT NULL,
    who TEXT NOT NULL
) STRICT;
