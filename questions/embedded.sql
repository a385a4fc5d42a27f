-- title: What is a component, a rebrand or a joint-venture product, and on what evidence?
-- parameters: brand, buyer_kind, region, from, to
-- columns: event_date, brand, product, via, host_product, country, usage, strength, objections, rules, buyer, supplier, quote, url, finding
-- caveats: A component is inferred from the product that holds it: the notice does not name it, so it is always weak. The rule named in `rules` holds the source; `tendertrace rulebook explain RULE` prints it.
-- The findings are put in order first; what stands beside each is looked up only for those that are shown.
WITH counted AS (
    SELECT f.notice, f.n
    FROM findings f JOIN notices t ON t.id = f.notice LEFT JOIN joined m ON m.notice = t.id
    WHERE f.via <> 'named' AND coalesce(m.main = t.id, 1)
      AND (:brand IS NULL OR f.brand = :brand)
      AND (:buyer_kind IS NULL OR t.buyer_kind = :buyer_kind OR t.end_user_kind = :buyer_kind)
      AND (:region IS NULL OR t.region_code LIKE :region || '%')
      AND (:from IS NULL OR t.event_date >= :from)
      AND (:to IS NULL OR t.event_date <= :to)
    ORDER BY t.event_date, f.brand, f.product, f.notice, f.n
    LIMIT -1
)
SELECT e.event_date, e.brand, e.product, e.via, e.host_product, e.country, e.usage, e.strength, e.objections, e.rules, e.buyer, e.supplier, e.quote, e.url, e.finding
FROM counted w CROSS JOIN evidence e ON e.notice = w.notice AND e.n = w.n
WHERE e.decision <> 'reject'
