-- title: How many notices, awards, bodies and places are there a year for this word or purpose, for how much, out of how many?
-- parameters: term, purpose, brand, buyer_kind, region
-- columns: year, all_notices, all_awards, with_items, notices, awards, projects, buyers, places, totals, findings
-- caveats: A pile is not a sample: a trend of the pile may be a trend of what was collected. The first three numbers are the denominators: every different notice of that year, whatever it says. `totals` adds what awards state for the whole notice, each currency apart: a project's sum is no brand's. Copies on other sites are left out.
WITH one AS (
    SELECT t.*, coalesce(m.process, 'n' || t.id) AS process, coalesce(m.items, 0) > 0 AS has_items,
        t.stage IN ('award', 'contract', 'acceptance') AS bought,
        (:buyer_kind IS NULL OR t.buyer_kind = :buyer_kind OR t.end_user_kind = :buyer_kind) AND (:region IS NULL OR t.region_code LIKE :region || '%')
            AND (:purpose IS NULL OR instr(t.purposes, '"' || :purpose || '"') > 0)
            AND (:term IS NULL OR instr(t.title, :term) > 0 OR instr(t.project_name, :term) > 0
                OR EXISTS (SELECT 1 FROM items i WHERE i.notice = t.id AND instr(i.name, :term) > 0))
            AND (:brand IS NULL OR EXISTS (SELECT 1 FROM findings f WHERE f.notice = t.id AND f.brand = :brand)) AS asked
    FROM notices t LEFT JOIN joined m ON m.notice = t.id
    WHERE t.readable AND coalesce(m.main, t.id) = t.id
), sums AS (
    SELECT substr(event_date, 1, 4) AS year, total_currency AS currency, sum(total_minor) * 1.0 / coalesce(min(y.factor), 100) AS amount
    FROM one LEFT JOIN currencies y ON y.code = total_currency
    WHERE coalesce(asked, 0) AND stage = 'award' AND total_minor IS NOT NULL
    GROUP BY 1, 2
), counted AS (
    SELECT substr(event_date, 1, 4) AS year, count(*) AS all_notices, sum(coalesce(bought, 0)) AS all_awards, sum(has_items) AS with_items,
        sum(coalesce(asked, 0)) AS notices, sum(coalesce(asked AND bought, 0)) AS awards, count(DISTINCT CASE WHEN asked THEN process END) AS projects,
        count(DISTINCT CASE WHEN asked THEN buyer END) AS buyers, count(DISTINCT CASE WHEN asked THEN region_code END) AS places,
        (SELECT group_concat(currency || ' ' || printf('%.2f', amount), ' + ' ORDER BY currency) FROM sums WHERE sums.year IS substr(one.event_date, 1, 4)) AS totals,
        sum(CASE WHEN asked THEN (SELECT count(*) FROM findings f WHERE f.notice = one.id AND (:brand IS NULL OR f.brand = :brand)) ELSE 0 END) AS findings
    FROM one
    GROUP BY 1
)
SELECT year, all_notices, all_awards, with_items, notices, awards, projects, buyers, places, totals, findings
FROM counted
ORDER BY year
