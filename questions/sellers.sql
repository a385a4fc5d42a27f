-- title: Who sold products of this brand, to how many bodies, for how much?
-- parameters: brand, buyer_kind, region, from, to
-- columns: supplier, projects, findings, buyers, first, last, quantity, line_amount, currency
-- caveats: A supplier of record is not shown to be the maker's partner. Only awarded and contracted items count; line_amount adds item lines alone, one currency a row. Copies on other sites are left out; award and contract of one project are one project but two findings.
SELECT supplier, count(DISTINCT process) AS projects, count(*) AS findings, count(DISTINCT buyer) AS buyers, min(event_date) AS first,
    max(event_date) AS last, sum(quantity) AS quantity, sum(CASE WHEN amount_basis = 'line' THEN amount END) AS line_amount, currency
FROM evidence
WHERE usage = 'awarded' AND supplier IS NOT NULL AND decision <> 'reject' AND NOT copy
  AND (:brand IS NULL OR brand = :brand)
  AND (:buyer_kind IS NULL OR buyer_kind = :buyer_kind)
  AND (:region IS NULL OR region_code LIKE :region || '%')
  AND (:from IS NULL OR event_date >= :from)
  AND (:to IS NULL OR event_date <= :to)
GROUP BY supplier, currency
ORDER BY projects DESC, findings DESC, supplier, currency
