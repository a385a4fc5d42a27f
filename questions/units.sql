-- title: How many units of this brand's products were bought, by product?
-- parameters: brand, buyer_kind, region, from, to
-- columns: brand, product, units, findings, without_quantity, buyers
-- caveats: Only awarded and contracted items whose row states a quantity are added; `without_quantity` says how many did not. Copies of one award on several sites are added twice.
SELECT brand, product, sum(quantity) AS units, count(*) AS findings, sum(quantity IS NULL) AS without_quantity, count(DISTINCT buyer) AS buyers
FROM evidence
WHERE usage = 'awarded' AND decision <> 'reject'
  AND (:brand IS NULL OR brand = :brand)
  AND (:buyer_kind IS NULL OR buyer_kind = :buyer_kind)
  AND (:region IS NULL OR region_code LIKE :region || '%')
  AND (:from IS NULL OR event_date >= :from)
  AND (:to IS NULL OR event_date <= :to)
GROUP BY brand, product
ORDER BY units DESC, brand, product
