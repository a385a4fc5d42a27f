-- title: How many units of this brand's products were bought, by product?
-- parameters: brand, buyer_kind, region, from, to
-- columns: brand, product, units, projects, findings, without_quantity, buyers
-- caveats: Only awarded and contracted items whose row states a quantity are added; `without_quantity` says how many did not. Copies on other sites are left out; where award and contract of one project both state it, the award alone is added.
WITH bought AS (
    SELECT *, dense_rank() OVER (PARTITION BY process, brand, product ORDER BY CASE stage WHEN 'award' THEN 0 WHEN 'contract' THEN 1 ELSE 2 END, notice) AS stages
    FROM evidence
    WHERE usage = 'awarded' AND decision <> 'reject' AND NOT copy
      AND (:brand IS NULL OR brand = :brand)
      AND (:buyer_kind IS NULL OR buyer_kind = :buyer_kind OR end_user_kind = :buyer_kind)
      AND (:region IS NULL OR region_code LIKE :region || '%')
      AND (:from IS NULL OR event_date >= :from)
      AND (:to IS NULL OR event_date <= :to)
), counted AS (
    SELECT brand, product, sum(quantity) AS units, count(DISTINCT process) AS projects, count(*) AS findings,
        sum(quantity IS NULL) AS without_quantity, count(DISTINCT buyer) AS buyers
    FROM bought
    WHERE stages = 1
    GROUP BY brand, product
)
SELECT brand, product, units, projects, findings, without_quantity, buyers
FROM counted
ORDER BY units DESC, brand, product
