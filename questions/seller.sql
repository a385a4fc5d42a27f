-- title: What did this seller win, from whom, which brands are named in it, and was it on a list then?
-- parameters: supplier, from, to
-- columns: event_date, supplier, buyer, buyer_kind, region_name, project_number, project_name, lot, amount, currency, brands, list_leads, url, notice
-- caveats: `supplier` matches any part of the name as written: a like name may be another company. Copies on other sites are left out. `list_leads` says list, judgement and whether in force on the event's date: a lead, not a verdict. Who owns the seller and whose partner it is stand in no notice.
SELECT w.event_date, w.supplier, w.buyer, w.buyer_kind, w.region_name, w.project_number, w.project_name, w.lot, w.amount, w.currency,
    (SELECT group_concat(DISTINCT f.brand) FROM findings f WHERE f.notice = w.notice AND f.usage = 'awarded' AND f.supplier = w.supplier) AS brands,
    (SELECT group_concat(h.list || ' (' || h.judgement || h.by_way_of || ', in force: ' || h.in_force || ')', '; ') FROM list_leads h WHERE h.notice = w.notice AND h.party = w.supplier) AS list_leads,
    w.url, w.notice
FROM winners w
WHERE NOT w.copy
  AND (:supplier IS NULL OR w.supplier IN (SELECT name FROM spellings WHERE instr(name, :supplier) > 0))
  AND (:from IS NULL OR w.event_date >= :from)
  AND (:to IS NULL OR w.event_date <= :to)
ORDER BY w.event_date, w.supplier, w.project_number, w.lot
