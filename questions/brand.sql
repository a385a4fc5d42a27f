-- title: Where is this brand named, and what does the notice say of it?
-- parameters: brand, buyer_kind, region, from, to
-- columns: event_date, buyer, buyer_kind, region_name, usage, stage, product, supplier, quantity, amount, currency, amount_basis, strength, decision, quote, url, sha256, finding
-- caveats: A finding is a lead until a person has accepted it. Tender and award of one project are two rows. Only amounts of basis `line` belong to the brand.
-- The findings are put in order first; what stands beside each is looked up only for those that are shown.
WITH counted AS (
    SELECT f.notice, f.n
    FROM findings f JOIN notices t ON t.id = f.notice
    WHERE (:brand IS NULL OR f.brand = :brand)
      AND (:buyer_kind IS NULL OR t.buyer_kind = :buyer_kind OR t.end_user_kind = :buyer_kind)
      AND (:region IS NULL OR t.region_code LIKE :region || '%')
      AND (:from IS NULL OR t.event_date >= :from)
      AND (:to IS NULL OR t.event_date <= :to)
    ORDER BY t.event_date, f.buyer, f.usage, f.notice, f.n
    LIMIT -1
)
SELECT e.event_date, e.buyer, e.buyer_kind, e.region_name, e.usage, e.stage, e.product, e.supplier, e.quantity, e.amount, e.currency, e.amount_basis, e.strength, e.decision, e.quote, e.url, e.sha256, e.finding
FROM counted w CROSS JOIN evidence e ON e.notice = w.notice AND e.n = w.n
