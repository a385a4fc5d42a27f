-- What pictures and funnels count by, column by column, and answers to the questions that nobody narrowed: both
-- are emptied when a run begins and filled when it ends.

CREATE TABLE columns (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    data BLOB NOT NULL
) STRICT;

-- The first rows as JSON, and what people had said until then: after their next word it is answered anew.
CREATE TABLE answers (
    question TEXT PRIMARY KEY,
    sql TEXT NOT NULL,
    said TEXT NOT NULL,
    rows TEXT NOT NULL
) STRICT;

-- Rows in the order in which they are asked for, so that the first of them are had without the others.
CREATE INDEX notices_by_day ON notices (event_date);
CREATE INDEX notices_by_kind ON notices (buyer_kind, event_date) WHERE buyer_kind IS NOT NULL;
CREATE INDEX findings_by_weakness ON findings (CASE strength WHEN 'weak' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END, length(objections) DESC, id);
