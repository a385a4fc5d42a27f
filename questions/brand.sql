-- title: Where is this brand named, and what does the notice say of it?
-- parameters: brand, buyer_kind, region, from, to
-- columns: event_date, buyer, buyer_kind, region_name, usage, stage, product, supplier, quantity, amount, currency, amount_basis, strength, decision, quote, url, sha256, finding
-- caveats: A finding is a lead until a person has accepted it. Tender and award of one project are two rows. Only amounts of basis `line` belong to the brand.
SELECT event_date, buyer, buyer_kind, region_name, usage, stage, product, supplier, quantity, amount, currency, amount_basis, strength, decision, quote, url, sha256, finding
FROM evidence
WHERE (:brand IS NULL OR brand = :brand)
  AND (:buyer_kind IS NULL OR buyer_kind = :buyer_kind)
  AND (:region IS NULL OR region_code LIKE :region || '%')
  AND (:from IS NULL OR event_date >= :from)
  AND (:to IS NULL OR event_date <= :to)
ORDER BY event_date, buyer, usage
