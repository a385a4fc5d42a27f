-- title: Out of how much? From everything in the case to what names this brand
-- parameters: brand, buyer_kind, region, from, to
-- columns: step, number
-- caveats: Each step is part of the one before. Copies on other sites are counted once from `different notices` on. A notice whose text names a product outside its item lines counts among those with item lines. "Nothing found" means no more than the step above it.
WITH one AS (
    SELECT t.id, t.readable, coalesce(m.main = t.id, t.readable) AS main, coalesce(t.stage IN ('award', 'contract', 'acceptance'), 0) AS bought,
        coalesce(m.items, 0) > 0 OR EXISTS (SELECT 1 FROM findings f WHERE f.notice = t.id) AS items,
        coalesce(m.named_items, 0) > 0 OR EXISTS (SELECT 1 FROM findings f WHERE f.notice = t.id) AS named,
        coalesce((:buyer_kind IS NULL OR t.buyer_kind = :buyer_kind OR t.end_user_kind = :buyer_kind)
            AND (:region IS NULL OR t.region_code LIKE :region || '%')
            AND (:from IS NULL OR t.event_date >= :from) AND (:to IS NULL OR t.event_date <= :to), 0) AS asked,
        EXISTS (SELECT 1 FROM findings f WHERE f.notice = t.id AND (:brand IS NULL OR f.brand = :brand)) AS found,
        EXISTS (SELECT 1 FROM findings f WHERE f.notice = t.id AND (:brand IS NULL OR f.brand = :brand) AND f.product IS NOT NULL) AS product,
        EXISTS (SELECT 1 FROM findings f WHERE f.notice = t.id AND (:brand IS NULL OR f.brand = :brand) AND f.product IS NOT NULL AND f.quantity IS NOT NULL) AS counted
    FROM notices t LEFT JOIN joined m ON m.notice = t.id
)
SELECT 'captures' AS step, count(*) AS number FROM one
UNION ALL SELECT 'notices that could be read', sum(readable) FROM one
UNION ALL SELECT 'different notices', sum(readable AND main) FROM one
UNION ALL SELECT 'awards, contracts and acceptances', sum(readable AND main AND bought) FROM one
UNION ALL SELECT 'with item lines or a product in their text', sum(readable AND main AND bought AND items) FROM one
UNION ALL SELECT 'that name a brand or model', sum(readable AND main AND bought AND items AND named) FROM one
UNION ALL SELECT 'of the buyers, places and days asked for', sum(readable AND main AND bought AND items AND named AND asked) FROM one
    HAVING coalesce(:buyer_kind, :region, :from, :to) IS NOT NULL
UNION ALL SELECT 'with a finding', sum(readable AND main AND bought AND items AND named AND asked AND found) FROM one
UNION ALL SELECT 'with a named product', sum(readable AND main AND bought AND items AND named AND asked AND product) FROM one
UNION ALL SELECT 'with its quantity', sum(readable AND main AND bought AND items AND named AND asked AND counted) FROM one
