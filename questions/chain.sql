-- title: What did this seller sell to whom, whose products, was it on a list then, and who else stood in the same lots?
-- parameters: supplier, from, to
-- needs: supplier
-- columns: event_date, supplier, role, buyer, project_number, project_name, lot, amount, currency, brands, authorised_by, list_leads, beside, url, notice
-- caveats: All spellings of the organisation are taken together (`tendertrace entities`). A supplier of record is not shown to be a maker's partner: `authorised_by` names brands of whose authorisation letter the same notice speaks, and only its quote says for whom. `beside` are other winners, bidders and candidates of the notice's lot. List leads are no verdict.
WITH sellers AS MATERIALIZED (
    SELECT DISTINCT alike.name FROM spellings s JOIN spellings alike ON alike.entity = s.entity WHERE instr(s.name, :supplier) > 0
)
SELECT t.event_date, p.name AS supplier, p.role, t.buyer, t.project_number, t.project_name, p.lot,
    p.amount_minor * 1.0 / coalesce(y.factor, 100) AS amount, p.currency,
    (SELECT group_concat(DISTINCT f.brand) FROM findings f WHERE f.notice = t.id AND f.usage = 'awarded' AND f.supplier = p.name) AS brands,
    (SELECT group_concat(DISTINCT f.brand) FROM findings f WHERE f.notice = t.id AND f.usage = 'authorisation') AS authorised_by,
    (SELECT group_concat(h.list || ' (' || h.judgement || ', in force: ' || h.in_force || ')', '; ') FROM list_leads h WHERE h.notice = t.id AND h.party = p.name) AS list_leads,
    (SELECT group_concat(DISTINCT o.name) FROM parties o WHERE o.notice = t.id AND o.role NOT IN ('buyer', 'end_user', 'agency')
        AND o.lot IS p.lot AND o.name NOT IN (SELECT name FROM sellers)) AS beside,
    t.url, t.id AS notice
FROM parties p
JOIN notices t ON t.id = p.notice
LEFT JOIN joined m ON m.notice = t.id
LEFT JOIN currencies y ON y.code = p.currency
WHERE p.name IN (SELECT name FROM sellers) AND p.role NOT IN ('buyer', 'end_user', 'agency') AND coalesce(m.main = t.id, 1)
  AND (:from IS NULL OR t.event_date >= :from)
  AND (:to IS NULL OR t.event_date <= :to)
ORDER BY t.event_date, p.name, t.project_number, p.lot, p.role
