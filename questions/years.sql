-- title: How many notices, bodies and findings are there a year, out of how many?
-- parameters: brand, buyer_kind, region
-- columns: year, notices, awards, with_items, buyers, findings
-- caveats: A pile is not a sample: a trend of the pile may be a trend of what was collected. `with_items` is the denominator of every finding of a product.
SELECT substr(t.event_date, 1, 4) AS year, count(*) AS notices, sum(t.stage IN ('award', 'contract', 'acceptance')) AS awards,
    sum(EXISTS (SELECT 1 FROM items i WHERE i.notice = t.id)) AS with_items, count(DISTINCT t.buyer) AS buyers,
    sum((SELECT count(*) FROM findings f WHERE f.notice = t.id AND (:brand IS NULL OR f.brand = :brand))) AS findings
FROM notices t
WHERE t.readable
  AND (:buyer_kind IS NULL OR t.buyer_kind = :buyer_kind)
  AND (:region IS NULL OR t.region_code LIKE :region || '%')
GROUP BY year
ORDER BY year
