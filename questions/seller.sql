-- title: What did this seller win, from whom, which brands are named in it, and was it on a list then?
-- parameters: supplier, from, to
-- columns: event_date, supplier, buyer, buyer_kind, region_name, project_number, project_name, lot, amount, currency, brands, list_leads, url, notice
-- caveats: `supplier` matches any part of the name as written: a like name may be another company. Copies on other sites are left out. `list_leads` says list, judgement and whether in force on the event's date: a lead, not a verdict. Who owns the seller and whose partner it is stand in no notice.
SELECT t.event_date, p.name AS supplier, t.buyer, t.buyer_kind, t.region_name, t.project_number, t.project_name, p.lot,
    p.amount_minor * 1.0 / coalesce(y.factor, 100) AS amount, p.currency,
    (SELECT group_concat(DISTINCT f.brand) FROM findings f WHERE f.notice = t.id AND f.usage = 'awarded' AND f.supplier = p.name) AS brands,
    (SELECT group_concat(h.list || ' (' || h.judgement || h.by_way_of || ', in force: ' || h.in_force || ')', '; ') FROM list_leads h WHERE h.notice = t.id AND h.party = p.name) AS list_leads,
    t.url, t.id AS notice
FROM notices t CROSS JOIN parties p ON p.notice = t.id AND p.role = 'supplier' LEFT JOIN joined m ON m.notice = t.id
    LEFT JOIN currencies y ON y.code = p.currency
WHERE coalesce(m.main = t.id, 1)
  AND (:supplier IS NULL OR t.id IN (SELECT o.notice FROM parties o WHERE o.name IN (SELECT name FROM spellings WHERE instr(name, :supplier) > 0)))
  AND (:supplier IS NULL OR instr(p.name, :supplier) > 0)
  AND (:from IS NULL OR t.event_date >= :from)
  AND (:to IS NULL OR t.event_date <= :to)
ORDER BY t.event_date, p.name, t.project_number, p.lot
