-- title: Which notices are for this purpose and name this brand in the same lot?
-- parameters: purpose, brand, buyer_kind, region, from, to
-- columns: event_date, purposes, brand, product, usage, lot, buyer, supplier, project_name, quote, url, finding
-- caveats: A purpose is told from words of title, items and requirements: open the page. Named in one lot is not the same as used for it. Copies on other sites are left out.
-- The findings are put in order first; what stands beside each is looked up only for those that are shown.
WITH counted AS (
    SELECT f.notice, f.n
    FROM findings f JOIN notices t ON t.id = f.notice LEFT JOIN joined m ON m.notice = t.id
    WHERE coalesce(m.main = t.id, 1)
      AND (:purpose IS NULL OR instr(f.purposes, '"' || :purpose || '"') > 0)
      AND (:brand IS NULL OR f.brand = :brand)
      AND (:buyer_kind IS NULL OR t.buyer_kind = :buyer_kind OR t.end_user_kind = :buyer_kind)
      AND (:region IS NULL OR t.region_code LIKE :region || '%')
      AND (:from IS NULL OR t.event_date >= :from)
      AND (:to IS NULL OR t.event_date <= :to)
    ORDER BY t.event_date, f.brand, f.product, f.usage, f.notice, f.n
    LIMIT -1
)
SELECT e.event_date, e.purposes, e.brand, e.product, e.usage, e.lot, e.buyer, e.supplier, e.project_name, e.quote, e.url, e.finding
FROM counted w CROSS JOIN evidence e ON e.notice = w.notice AND e.n = w.n
WHERE e.decision <> 'reject'
