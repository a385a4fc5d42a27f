-- title: Which findings would an opponent break first, and why?
-- parameters: brand, buyer_kind
-- columns: strength, objections, sentence, quote, buyer, event_date, url, decision, finding
-- caveats: Weakest first. The words of each objection stand in rulebook/objections.csv.
SELECT strength, objections, sentence, quote, buyer, event_date, url, decision, finding
FROM evidence
WHERE decision <> 'reject'
  AND (:brand IS NULL OR brand = :brand)
  AND (:buyer_kind IS NULL OR buyer_kind = :buyer_kind)
ORDER BY CASE strength WHEN 'weak' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END, length(objections) DESC, finding
