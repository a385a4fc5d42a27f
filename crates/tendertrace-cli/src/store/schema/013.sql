-- Edges of one kind, and of those the ones that lead to a party: letters to these sellers, owners of brands.
CREATE INDEX edges_by_kind ON edges (kind, to_name);
