-- title: Which notices are for this purpose and name this brand in them?
-- parameters: purpose, brand, buyer_kind, from, to
-- columns: event_date, purposes, brand, product, usage, buyer, supplier, project_name, quote, url
-- caveats: A purpose is told from words of title, items and requirements: open the page. Named in one notice is not the same as used for it.
SELECT event_date, purposes, brand, product, usage, buyer, supplier, project_name, quote, url
FROM evidence
WHERE (:purpose IS NULL OR instr(purposes, '"' || :purpose || '"') > 0)
  AND (:brand IS NULL OR brand = :brand)
  AND (:buyer_kind IS NULL OR buyer_kind = :buyer_kind)
  AND (:from IS NULL OR event_date >= :from)
  AND (:to IS NULL OR event_date <= :to)
ORDER BY event_date, brand
