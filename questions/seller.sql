-- title: What did this seller win, from whom, and which brands are named in it?
-- parameters: supplier, from, to
-- columns: event_date, supplier, buyer, buyer_kind, region_name, project_number, project_name, lot, amount, currency, brands, url
-- caveats: `supplier` matches any part of the name as written: a like name may be another company. Copies of one award on several sites are several rows.
SELECT w.event_date, w.supplier, w.buyer, w.buyer_kind, w.region_name, w.project_number, w.project_name, w.lot, w.amount, w.currency,
    (SELECT group_concat(DISTINCT f.brand) FROM findings f WHERE f.notice = w.notice) AS brands, w.url
FROM winners w
WHERE (:supplier IS NULL OR instr(w.supplier, :supplier) > 0)
  AND (:from IS NULL OR w.event_date >= :from)
  AND (:to IS NULL OR w.event_date <= :to)
ORDER BY w.event_date, w.supplier
