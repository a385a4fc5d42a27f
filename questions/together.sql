-- title: Which notices are for this purpose and name this brand in the same lot?
-- parameters: purpose, brand, buyer_kind, region, from, to
-- columns: event_date, purposes, brand, product, usage, lot, buyer, supplier, project_name, quote, url, finding
-- caveats: A purpose is told from words of title, items and requirements: open the page. Named in one lot is not the same as used for it. Copies on other sites are left out.
SELECT event_date, purposes, brand, product, usage, lot, buyer, supplier, project_name, quote, url, finding
FROM evidence
WHERE NOT copy AND decision <> 'reject'
  AND (:purpose IS NULL OR instr(purposes, '"' || :purpose || '"') > 0)
  AND (:brand IS NULL OR brand = :brand)
  AND (:buyer_kind IS NULL OR buyer_kind = :buyer_kind)
  AND (:region IS NULL OR region_code LIKE :region || '%')
  AND (:from IS NULL OR event_date >= :from)
  AND (:to IS NULL OR event_date <= :to)
ORDER BY event_date, brand, product, usage, quote
