-- title: What is a component, a rebrand or a joint-venture product, and on what evidence?
-- parameters: brand, buyer_kind, region, from, to
-- columns: event_date, brand, product, via, host_product, country, usage, strength, objections, rules, buyer, supplier, quote, url, finding
-- caveats: A component is inferred from the product that holds it: the notice does not name it, so it is always weak. The rule named in `rules` holds the source; `tendertrace rulebook explain RULE` prints it.
SELECT event_date, brand, product, via, host_product, country, usage, strength, objections, rules, buyer, supplier, quote, url, finding
FROM evidence
WHERE via <> 'named' AND NOT copy AND decision <> 'reject'
  AND (:brand IS NULL OR brand = :brand)
  AND (:buyer_kind IS NULL OR buyer_kind = :buyer_kind)
  AND (:region IS NULL OR region_code LIKE :region || '%')
  AND (:from IS NULL OR event_date >= :from)
  AND (:to IS NULL OR event_date <= :to)
ORDER BY event_date, brand, product, host_product, quote
