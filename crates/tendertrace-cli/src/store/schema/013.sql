-- Edges of one kind, and of those the ones that lead to a party: letters to these sellers, owners of brands.
CREATE INDEX edges_by_kind ON edges (kind, to_name);

-- Who may see a page changes what is counted for whom: nothing counted before is kept then.
CREATE TRIGGER access_of_captures AFTER UPDATE OF access ON captures WHEN new.access <> old.access BEGIN
    DELETE FROM kept; DELETE FROM answers; DELETE FROM columns;
END;
CREATE TRIGGER access_of_notices AFTER UPDATE OF access ON notices WHEN new.access <> old.access BEGIN
    DELETE FROM kept; DELETE FROM answers; DELETE FROM columns;
END;
