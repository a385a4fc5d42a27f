-- title: What did this body buy, from whom, and which items?
-- parameters: buyer, buyer_kind, region, from, to
-- columns: event_date, buyer, stage, name, brand, model, quantity, unit, unit_price, line_total, currency, supplier, project_number, url, notice
-- caveats: Only notices with readable item lines; `buyer` matches any part of the name, so sub-units are included. What is only asked for, and copies on other sites, are left out.
SELECT t.event_date, t.buyer, t.stage, i.name, i.brand, i.model, i.quantity, i.unit, i.unit_price_minor * 1.0 / coalesce(y.factor, 100) AS unit_price,
    i.line_total_minor * 1.0 / coalesce(y.factor, 100) AS line_total, i.currency, i.supplier, t.project_number, t.url, t.id AS notice
FROM notices t CROSS JOIN items i ON i.notice = t.id LEFT JOIN joined m ON m.notice = t.id LEFT JOIN currencies y ON y.code = i.currency
WHERE NOT i.demanded AND coalesce(m.main = t.id, 1)
  AND (:buyer IS NULL OR t.buyer IN (SELECT name FROM spellings WHERE instr(name, :buyer) > 0))
  AND (:buyer_kind IS NULL OR t.buyer_kind = :buyer_kind)
  AND (:region IS NULL OR t.region_code LIKE :region || '%')
  AND (:from IS NULL OR t.event_date >= :from)
  AND (:to IS NULL OR t.event_date <= :to)
ORDER BY t.event_date, t.buyer, i.name
