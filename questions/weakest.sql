-- title: Which findings would an opponent break first, and why?
-- parameters: brand, buyer_kind
-- columns: strength, objections, sentence, quote, buyer, event_date, url, decision, finding
-- caveats: Weakest first. The words of each objection stand in rulebook/objections.csv.
-- The findings are put in order first; what stands beside each is looked up only for those that are shown.
WITH counted AS (
    SELECT f.notice, f.n
    FROM findings f JOIN notices t ON t.id = f.notice
    WHERE (:brand IS NULL OR f.brand = :brand)
      AND (:buyer_kind IS NULL OR t.buyer_kind = :buyer_kind OR t.end_user_kind = :buyer_kind)
    ORDER BY CASE f.strength WHEN 'weak' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END, length(f.objections) DESC, f.id
    LIMIT -1
)
SELECT e.strength, e.objections, e.sentence, e.quote, e.buyer, e.event_date, e.url, e.decision, e.finding
FROM counted w CROSS JOIN evidence e ON e.notice = w.notice AND e.n = w.n
WHERE e.decision <> 'reject'
