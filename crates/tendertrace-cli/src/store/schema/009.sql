-- A person's words on names that were taken back, and how often an organisation stands in which role.

CREATE TABLE unsaid (
    sameness INTEGER PRIMARY KEY REFERENCES samenesses (id),
    at TEXT NOT NULL,
    who TEXT NOT NULL
) STRICT;

CREATE TABLE roles (
    entity TEXT NOT NULL,
    role TEXT NOT NULL,
    notices INTEGER NOT NULL,
    first TEXT,
    last TEXT,
    PRIMARY KEY (entity, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX roles_by_notices ON roles (role, notices);
