-- How notices belong together, decisions taken back, and searches people keep.

CREATE TABLE joined (
    notice INTEGER PRIMARY KEY,
    main INTEGER NOT NULL,
    process TEXT NOT NULL,
    place INTEGER NOT NULL,
    items INTEGER NOT NULL,
    named_items INTEGER NOT NULL
) STRICT;
CREATE INDEX joined_by_process ON joined (process, place);
CREATE INDEX joined_by_main ON joined (main);

CREATE TABLE undone (
    judgement INTEGER PRIMARY KEY REFERENCES judgements (id),
    at TEXT NOT NULL,
    who TEXT NOT NULL
) STRICT;
