-- title: What did this body buy, from whom, and which items?
-- parameters: buyer, buyer_kind, region, from, to
-- columns: event_date, buyer, stage, name, brand, model, quantity, unit, unit_price, line_total, currency, supplier, project_number, url, notice
-- caveats: Only notices with readable item lines; `buyer` matches any part of the name, so sub-units are included. What is only asked for, and copies on other sites, are left out.
SELECT event_date, buyer, stage, name, brand, model, quantity, unit, unit_price, line_total, currency, supplier, project_number, url, notice
FROM purchases
WHERE NOT demanded AND NOT copy
  AND (:buyer IS NULL OR buyer IN (SELECT name FROM spellings WHERE instr(name, :buyer) > 0))
  AND (:buyer_kind IS NULL OR buyer_kind = :buyer_kind)
  AND (:region IS NULL OR region_code LIKE :region || '%')
  AND (:from IS NULL OR event_date >= :from)
  AND (:to IS NULL OR event_date <= :to)
ORDER BY event_date, buyer, name
