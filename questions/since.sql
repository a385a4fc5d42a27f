-- title: What was bought after this day, of which product, from which sellers?
-- parameters: from, brand, buyer_kind, region, to
-- needs: from
-- columns: brand, product, supplier, projects, buyers, first, last, quantity, line_amount, currency, example_quote, url, finding
-- behind: brand
-- caveats: The day is a rule, a listing or a pledge that you name: whether it covers this product and buyer is not shown, and stock may be older. Findings without a date are left out. Copies on other sites are left out; where award and contract of one project state the same quantity or line, the award alone is added. `example_quote` and `url` are those of the first finding.
WITH sold AS MATERIALIZED (
    SELECT e.*, coalesce(s.entity, e.supplier) AS seller,
        CASE e.stage WHEN 'award' THEN 1 WHEN 'contract' THEN 2 ELSE 3 END AS turn,
        CASE WHEN e.amount_basis = 'line' THEN e.currency END AS line_currency
    FROM evidence e
    LEFT JOIN spellings s ON s.name = e.supplier
    WHERE e.usage = 'awarded' AND e.decision <> 'reject' AND NOT e.copy
      AND e.event_date >= :from
      AND (:brand IS NULL OR e.brand = :brand)
      AND (:buyer_kind IS NULL OR e.buyer_kind = :buyer_kind OR e.end_user_kind = :buyer_kind)
      AND (:region IS NULL OR e.region_code LIKE :region || '%')
      AND (:to IS NULL OR e.event_date <= :to)
), priced AS (
    SELECT *, coalesce(line_currency, min(line_currency) OVER (PARTITION BY seller, brand, product), currency) AS in_currency,
        min(CASE WHEN quantity IS NOT NULL THEN turn END) OVER project AS quantity_turn,
        min(CASE WHEN line_currency IS NOT NULL THEN turn END) OVER project AS amount_turn
    FROM sold
    WINDOW project AS (PARTITION BY process, seller, brand, product)
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY seller, brand, product, in_currency ORDER BY event_date, notice, n) AS nth
    FROM priced
), counted AS (
    SELECT brand, product, seller, in_currency, count(DISTINCT process) AS projects, count(DISTINCT buyer) AS buyers,
        min(event_date) AS first, max(event_date) AS last, sum(CASE WHEN turn = quantity_turn THEN quantity END) AS quantity,
        sum(CASE WHEN line_currency IS NOT NULL AND turn = amount_turn THEN amount END) AS line_amount,
        max(CASE WHEN nth = 1 THEN notice END) AS notice, max(CASE WHEN nth = 1 THEN n END) AS n
    FROM ranked
    GROUP BY brand, product, seller, in_currency
)
SELECT a.brand, a.product, coalesce(x.name, a.seller) AS supplier, a.projects, a.buyers, a.first, a.last, a.quantity, a.line_amount,
    a.in_currency AS currency, b.quote AS example_quote, b.url, b.finding
FROM counted a CROSS JOIN evidence b ON b.notice = a.notice AND b.n = a.n
LEFT JOIN entities x ON x.id = a.seller
ORDER BY a.first, a.brand, a.product, supplier, currency, a.seller
