-- title: Which parties may be on a list, and was the listing in force on the event's date?
-- parameters: from, to, supplier, buyer
-- columns: event_date, party, role, judgement, score, through, listed_owner, list, entry, listed_from, listed_to, in_force, buyer, project_number, url
-- caveats: A lead, not a verdict: `possible` is a name that is alike. `through` says how: by name, alias, code, parent, affiliate, or an owner of the user's own table (`listed_owner`). What a list does in law stands in rulebook/lists/*/source.toml.
SELECT event_date, party, role, judgement, score, through, listed_owner, list, entry, listed_from, listed_to, in_force, buyer, project_number, url
FROM list_leads
WHERE (:from IS NULL OR event_date >= :from)
  AND (:to IS NULL OR event_date <= :to)
  AND (:supplier IS NULL OR (role = 'supplier' AND instr(party, :supplier) > 0))
  AND (:buyer IS NULL OR (role IN ('buyer', 'end_user') AND instr(party, :buyer) > 0))
ORDER BY judgement DESC, score DESC, event_date
