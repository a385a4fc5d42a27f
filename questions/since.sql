-- title: What was bought after this day, of which product, from which sellers?
-- parameters: from, brand, buyer_kind, region, to
-- needs: from
-- columns: brand, product, supplier, projects, buyers, first, last, quantity, line_amount, currency, example_quote, url
-- caveats: The day is a rule, a listing or a pledge that you name: whether it covers this product and buyer is not shown, and stock may be older. Findings without a date are left out. Copies on other sites are left out.
SELECT brand, product, supplier, count(DISTINCT process) AS projects, count(DISTINCT buyer) AS buyers, min(event_date) AS first, max(event_date) AS last,
    sum(quantity) AS quantity, sum(CASE WHEN amount_basis = 'line' THEN amount END) AS line_amount, currency, min(quote) AS example_quote, min(url) AS url
FROM evidence
WHERE usage = 'awarded' AND decision <> 'reject' AND NOT copy
  AND event_date >= :from
  AND (:brand IS NULL OR brand = :brand)
  AND (:buyer_kind IS NULL OR buyer_kind = :buyer_kind)
  AND (:region IS NULL OR region_code LIKE :region || '%')
  AND (:to IS NULL OR event_date <= :to)
GROUP BY brand, product, supplier, currency
ORDER BY first, brand, product, supplier
