-- What a desk over a million notices needs: what is rare found at once, counts and orders made once a run,
-- and searches that people come back to.

CREATE INDEX notices_confidential ON notices (id) WHERE access = 'confidential';
CREATE INDEX notices_restricted ON notices (id) WHERE access = 'restricted';
CREATE INDEX hits_by_list ON hits (list, in_force, notice);
CREATE INDEX findings_by_supplier ON findings (supplier) WHERE supplier IS NOT NULL;
CREATE INDEX findings_by_buyer ON findings (buyer) WHERE buyer IS NOT NULL;

-- Rows of a count as JSON, under its own SQL; emptied when a run begins, filled when it ends.
CREATE TABLE kept (
    sql TEXT PRIMARY KEY,
    rows TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Findings that are no copies, the gravest claim first; emptied and filled in the same way.
CREATE TABLE gravest (
    place INTEGER PRIMARY KEY,
    finding TEXT NOT NULL
) STRICT;

-- A query under a name: its address, and the newest original when somebody last looked. What the owner saved may
-- tell of confidential captures, so a team is shown only its own.
CREATE TABLE saved_searches (
    id INTEGER PRIMARY KEY,
    made TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    desk TEXT NOT NULL CHECK (desk IN ('owner', 'team')),
    looked TEXT NOT NULL,
    newest INTEGER NOT NULL,
    dropped TEXT
) STRICT;

-- What was not understood, counted and found by its text.
DROP INDEX gaps_by_kind;
CREATE INDEX gaps_by_text ON gaps (kind, text, notice);
