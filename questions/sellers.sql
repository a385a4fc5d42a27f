-- title: Who sold products of this brand, to how many buyers, for how much, and does the maker itself name the seller its partner?
-- parameters: brand, buyer_kind, region, from, to
-- columns: supplier, brand, projects, buyers, findings, inferred, first, last, quantity, line_amount, currency, projects_priced, relation, relation_then, others_say, letters, list_leads, quote, more_quotes, buyer, event_date, url, sha256, finding
-- behind: brand
-- caveats: A seller of record is not thereby the maker's partner. `relation` is the maker's own word with its source and days, `relation_then` whether those days cover the sales, `others_say` what others say, `letters` the maker's letters that an award to the seller names. Only what awards, contracts and acceptances name is counted, for the end user's kind too; tender and award of one project once, copies on other sites not at all. `line_amount` adds only lines with a price of their own, which `projects_priced` projects have: it is not the price of `quantity`. `inferred` findings are of brands that the notice does not name (a component, another label). List leads are no verdict. `quote`, `buyer`, `event_date`, `url` and `sha256` are those of the strongest finding.
WITH sold AS MATERIALIZED (
    SELECT e.*, coalesce(s.entity, e.supplier) AS seller,
        CASE e.stage WHEN 'award' THEN 1 WHEN 'contract' THEN 2 ELSE 3 END AS turn,
        CASE WHEN e.amount_basis = 'line' THEN e.currency END AS line_currency
    FROM evidence e
    LEFT JOIN spellings s ON s.name = e.supplier
    WHERE e.usage = 'awarded' AND e.supplier IS NOT NULL AND e.decision <> 'reject' AND NOT e.copy
      AND (:brand IS NULL OR e.brand = :brand)
      AND (:buyer_kind IS NULL OR e.buyer_kind = :buyer_kind OR e.end_user_kind = :buyer_kind)
      AND (:region IS NULL OR e.region_code LIKE :region || '%')
      AND (:from IS NULL OR e.event_date >= :from)
      AND (:to IS NULL OR e.event_date <= :to)
), priced AS (
    SELECT *, coalesce(line_currency, min(line_currency) OVER (PARTITION BY seller, brand), currency) AS in_currency,
        min(CASE WHEN quantity IS NOT NULL THEN turn END) OVER project AS quantity_turn,
        min(CASE WHEN line_currency IS NOT NULL THEN turn END) OVER project AS amount_turn
    FROM sold
    WINDOW project AS (PARTITION BY process, seller, brand)
), ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY seller, brand, in_currency
        ORDER BY via <> 'named', CASE strength WHEN 'strong' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END, turn, event_date, notice, n
    ) AS best
    FROM priced
), counted AS (
    SELECT seller, brand, in_currency, count(DISTINCT process) AS projects, count(*) AS findings, sum(via <> 'named') AS inferred,
        count(DISTINCT buyer) AS buyers,
        min(event_date) AS first, max(event_date) AS last, sum(CASE WHEN turn = quantity_turn THEN quantity END) AS quantity,
        sum(CASE WHEN line_currency IS NOT NULL AND turn = amount_turn THEN amount END) AS line_amount,
        count(DISTINCT CASE WHEN line_currency IS NOT NULL AND amount IS NOT NULL THEN process END) AS projects_priced,
        max(CASE WHEN best = 1 THEN notice END) AS notice, max(CASE WHEN best = 1 THEN n END) AS n
    FROM ranked
    GROUP BY seller, brand, in_currency
), spelled AS MATERIALIZED (
    SELECT n.name FROM spellings n WHERE n.entity IN (SELECT seller FROM counted)
), letters AS MATERIALIZED (
    SELECT to_entity, from_name, group_concat(DISTINCT from_name || coalesce(' (' || from_date || ')', '')) AS named
    FROM chains WHERE kind = 'letter' AND to_name IN (SELECT name FROM spelled) GROUP BY to_entity, from_name
), own AS MATERIALIZED (
    SELECT to_entity, from_name, min(from_date) AS first
    FROM chains WHERE kind = 'own_company' AND to_name IN (SELECT name FROM spelled) GROUP BY to_entity, from_name
)
SELECT coalesce(x.name, a.seller) AS supplier, a.brand,
    a.projects, a.buyers, a.findings, a.inferred, a.first, a.last, a.quantity, a.line_amount, a.in_currency AS currency, a.projects_priced,
    coalesce((SELECT group_concat(r.said, '; ') FROM seller_relations r
        WHERE r.entity = a.seller AND r.brand = a.brand AND r.said_by = 'maker' AND r.judgement = 'same'), 'no source shows that it is a partner') AS relation,
    (SELECT group_concat(CASE
            WHEN a.first IS NULL OR substr(a.first, 1, length(r.to_date)) > r.to_date OR substr(a.last, 1, length(r.from_date)) < r.from_date
                THEN CASE WHEN a.first IS NULL THEN 'unknown' ELSE 'no' END
            WHEN substr(a.last, 1, length(r.to_date)) > r.to_date OR substr(a.first, 1, length(r.from_date)) < r.from_date THEN 'partly'
            WHEN r.from_date IS NOT NULL AND substr(a.last, 1, length(coalesce(r.to_date, r.as_of))) <= coalesce(r.to_date, r.as_of) THEN 'yes'
            ELSE 'unknown' END, '; ')
        FROM seller_relations r WHERE r.entity = a.seller AND r.brand = a.brand AND r.said_by = 'maker' AND r.judgement = 'same') AS relation_then,
    (SELECT group_concat(said, '; ') FROM (
        SELECT r.said FROM seller_relations r WHERE r.entity = a.seller AND r.brand = a.brand AND NOT (r.said_by = 'maker' AND r.judgement = 'same')
        UNION SELECT 'the maker itself, or a company of its name, by its notice of ' || coalesce(o.first, 'unknown day') WHERE o.to_entity IS NOT NULL)) AS others_say,
    l.named AS letters,
    coalesce((SELECT group_concat(lead, '; ') FROM (
        SELECT h.list || ': ' || h.entry || ' (' || h.judgement || h.by_way_of || coalesce(', listed ' || h.listed_from, '') || coalesce(' to ' || h.listed_to, '')
            || ', in force on ' || sum(h.in_force = 'yes') || ' of ' || count(*) || ' notices)' AS lead
        FROM list_leads h JOIN spellings n ON n.name = h.party WHERE n.entity = a.seller
        GROUP BY h.list, h.entry, h.judgement, h.by_way_of, h.listed_from, h.listed_to ORDER BY h.list, h.entry)), 'none') AS list_leads,
    coalesce((SELECT g.quote FROM edges g WHERE g.finding = b.finding AND g.kind IN ('product', 'inside')), b.quote) AS quote, a.findings - 1 AS more_quotes,
    b.buyer, b.event_date, b.url, b.sha256, b.finding
FROM counted a CROSS JOIN evidence b ON b.notice = a.notice AND b.n = a.n
LEFT JOIN entities x ON x.id = a.seller
LEFT JOIN letters l ON l.to_entity = a.seller AND l.from_name = a.brand
LEFT JOIN own o ON o.to_entity = a.seller AND o.from_name = a.brand
ORDER BY a.projects DESC, a.findings DESC, supplier, a.brand, currency, a.seller
