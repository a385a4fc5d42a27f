-- title: What became of this project, stage by stage, and what changed on the way?
-- parameters: project
-- needs: project
-- columns: process, event_date, stage, title, buyer, budget, total, currency, suppliers, changed, copies, url, sha256, notice
-- caveats: Notices are joined by number, or by name and buyer: a stage that is missing may not have been collected. `changed` names the fields that differ from the stage before that gave them; open both pages before you call it a change.
WITH member AS (
    SELECT m.process, m.place, t.id AS notice, t.*, o.sha256, t.budget_minor * 1.0 / coalesce(y.factor, 100) AS budget, t.total_minor * 1.0 / coalesce(y.factor, 100) AS total,
        (SELECT group_concat(name, '; ') FROM (SELECT DISTINCT p.name FROM parties p WHERE p.notice = t.id AND p.role = 'supplier' ORDER BY 1)) AS suppliers,
        (SELECT count(*) FROM joined c WHERE c.main = t.id) - 1 AS copies
    FROM joined m
    JOIN notices t ON t.id = m.notice AND m.main = m.notice
    JOIN originals o ON o.id = t.original
    LEFT JOIN currencies y ON y.code = coalesce(t.total_currency, t.budget_currency)
    WHERE m.process IN (
        SELECT process FROM joined WHERE process = :project
        UNION SELECT j.process FROM notices n JOIN joined j ON j.notice = n.id WHERE n.project_number = :project
        UNION SELECT j.process FROM notices n JOIN joined j ON j.notice = n.id
            WHERE instr(n.project_name, :project) > 0 AND NOT EXISTS (SELECT 1 FROM notices WHERE project_number = :project)
    )
), before AS (
    SELECT *, lag(buyer) OVER w AS buyer_before, lag(budget) OVER w AS budget_before, lag(suppliers) OVER w AS suppliers_before, lag(total) OVER w AS total_before
    FROM member
    WINDOW w AS (PARTITION BY process ORDER BY place)
)
SELECT process, event_date, stage, title, buyer, budget, total, coalesce(total_currency, budget_currency) AS currency, suppliers,
    nullif(rtrim(CASE WHEN buyer <> buyer_before THEN 'buyer, ' ELSE '' END || CASE WHEN budget <> budget_before THEN 'budget, ' ELSE '' END
        || CASE WHEN suppliers <> suppliers_before THEN 'suppliers, ' ELSE '' END || CASE WHEN total <> total_before THEN 'total, ' ELSE '' END, ', '), '') AS changed,
    copies, url, sha256, notice
FROM before
ORDER BY process, place
