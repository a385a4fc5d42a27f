-- title: Who stands between the makers, this seller and the buyers, since when, and by whose word?
-- parameters: supplier, from, to
-- needs: supplier
-- columns: step, edge, event_date, to_date, supplier, through, role, buyer, end_user, project_number, project_name, lot, amount, currency, brands, relation, authorised_by, list_leads, beside, strength, quote, more_quotes, source, url, sha256, notice
-- caveats: All spellings of the organisation are taken together (`tendertrace entities`). `upstream` rows lead from a brand to the seller: `product` rows show a supplier of record and no partnership, `relation` begins with `maker says` or `source says`. `supplies` rows lead from the seller in `through` to that in `supplier`, as far as a source tells. `downstream` rows lead to the buyers; `beside` are other winners, bidders and candidates of the notice's lot. `authorised_by` names brands of whose authorisation letter the same notice speaks; only its quote says for whom. `owner` rows say who owned a brand of the seller's at the time, or a part of it. List leads are no verdict.
WITH asked AS MATERIALIZED (
    SELECT DISTINCT s.entity FROM spellings s WHERE instr(s.name, :supplier) > 0
    UNION
    SELECT h.entity FROM relation_holders h JOIN relations r ON r.id = h.relation
    WHERE h.judgement = 'same' AND CASE h.side WHEN 'via' THEN instr(lower(r.via), lower(:supplier)) > 0
        ELSE instr(r.party, :supplier) > 0 OR instr(lower(r.party_latin), lower(:supplier)) > 0 END
), sellers AS MATERIALIZED (
    SELECT s.name, s.entity, x.name AS usual FROM spellings s JOIN entities x ON x.id = s.entity WHERE s.entity IN (SELECT entity FROM asked)
), rejected AS MATERIALIZED (
    SELECT finding_now AS id FROM decisions WHERE verdict = 'reject' AND state = 'stands'
), leading AS MATERIALIZED (
    SELECT kind, from_name, to_entity, from_date, to_date, strength, finding, quote, source, url, sha256, notice, relation
    FROM chains
    WHERE notice IS NOT NULL AND from_type = 'brand' AND kind <> 'letter_asked' AND to_name IN (SELECT name FROM sellers)
      AND coalesce(finding NOT IN (SELECT id FROM rejected), 1)
      AND (:from IS NULL OR from_date >= :from) AND (:to IS NULL OR from_date <= :to)
    UNION ALL
    SELECT kind, brand, entity, from_date, to_date, strength, NULL, NULL, source || CASE says WHEN '' THEN '' ELSE ' (' || says || ')' END,
        url, NULL, NULL, 'sellers/relations#' || relation
    FROM seller_relations WHERE entity IN (SELECT entity FROM asked)
), above AS MATERIALIZED (
    SELECT *, row_number() OVER (
        PARTITION BY to_entity, kind, from_name, relation
        ORDER BY CASE strength WHEN 'strong' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END, from_date, finding
    ) AS best,
        min(from_date) OVER same AS first, max(coalesce(to_date, from_date)) OVER same AS last, count(*) OVER same AS times
    FROM leading
    WINDOW same AS (PARTITION BY to_entity, kind, from_name, relation)
), owners AS MATERIALIZED (
    SELECT from_date, to_date, from_name, to_name, strength, source FROM edges WHERE kind = 'owner' AND from_name <> to_name
), steps AS (
    SELECT 1 AS turn, 'upstream' AS step, 'owner' AS edge, c.from_date AS event_date, c.to_date, NULL AS supplier, NULL AS through, NULL AS role, NULL AS buyer, NULL AS end_user, NULL AS project_number,
        NULL AS project_name, NULL AS lot, NULL AS amount, NULL AS currency, c.to_name AS brands, c.from_name || ' owned the brand' AS relation, NULL AS authorised_by,
        NULL AS list_leads, NULL AS beside, c.strength, NULL AS quote, NULL AS more_quotes, c.source, NULL AS url, NULL AS sha256, NULL AS notice
    FROM owners c
    WHERE EXISTS (
        SELECT 1 FROM above a WHERE a.from_name = c.to_name AND a.notice IS NOT NULL
            AND coalesce(a.last >= c.from_date, 1) AND coalesce(a.first < c.to_date, 1))
    UNION ALL
    SELECT 2, 'upstream', a.kind, CASE WHEN a.notice IS NULL THEN a.from_date ELSE a.first END, CASE WHEN a.notice IS NULL THEN a.to_date ELSE a.last END,
        (SELECT x.name FROM entities x WHERE x.id = a.to_entity), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, a.from_name,
        CASE WHEN a.kind = 'own_company' THEN 'the maker itself, or a company of its name'
            ELSE coalesce((SELECT group_concat(r.said, '; ') FROM seller_relations r
                WHERE r.entity = a.to_entity AND CASE WHEN a.notice IS NULL THEN 'sellers/relations#' || r.relation = a.relation
                    ELSE r.brand = a.from_name AND r.said_by = 'maker' AND r.judgement = 'same' END), 'no source shows that it is a partner') END,
        NULL, NULL, NULL, a.strength, a.quote, CASE WHEN a.notice IS NOT NULL THEN a.times - 1 END,
        a.source, a.url, a.sha256, a.notice
    FROM above a WHERE a.best = 1
    UNION ALL
    SELECT CASE WHEN c.to_entity IN (SELECT entity FROM asked) THEN 2 ELSE 3 END, CASE WHEN c.to_entity IN (SELECT entity FROM asked) THEN 'upstream' ELSE 'downstream' END,
        c.kind, c.from_date, c.to_date, c.to_name, c.from_name, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, r.brand,
        CASE r.said_by WHEN 'maker' THEN 'maker says' ELSE 'source says' END || ': ' || r.kind || ' through ' || r.via, NULL, NULL, NULL,
        c.strength, NULL, NULL, c.source, c.url, NULL, NULL
    FROM stated_chains c JOIN relations r ON 'sellers/relations#' || r.id = c.relation
    WHERE c.kind = 'supplies' AND (c.to_entity IN (SELECT entity FROM asked) OR c.from_entity IN (SELECT entity FROM asked))
    UNION ALL
    SELECT 3, CASE p.role WHEN 'supplier' THEN 'downstream' ELSE 'bid' END, CASE p.role WHEN 'supplier' THEN 'award' ELSE p.role END, t.event_date, t.event_date,
        p.name, NULL, p.role, t.buyer, t.end_user, t.project_number, t.project_name, p.lot, p.amount_minor * 1.0 / coalesce(y.factor, 100), p.currency,
        (SELECT group_concat(DISTINCT f.brand) FROM findings f WHERE f.notice = t.id AND f.usage = 'awarded' AND f.supplier = p.name
            AND f.id NOT IN (SELECT id FROM rejected)), NULL,
        (SELECT group_concat(DISTINCT f.brand) FROM findings f WHERE f.notice = t.id AND f.usage = 'authorisation' AND f.id NOT IN (SELECT id FROM rejected)),
        (SELECT group_concat(h.list || ' (' || h.judgement || h.by_way_of || ', in force: ' || h.in_force || ')', '; ') FROM list_leads h WHERE h.notice = t.id AND h.party = p.name),
        (SELECT group_concat(DISTINCT o.name) FROM parties o WHERE o.notice = t.id AND o.role NOT IN ('buyer', 'end_user', 'agency')
            AND o.lot IS p.lot AND o.name NOT IN (SELECT name FROM sellers)),
        NULL, p.quote, NULL, t.title, t.url, o.sha256, t.id
    FROM parties p
    JOIN notices t ON t.id = p.notice
    JOIN originals o ON o.id = t.original
    LEFT JOIN joined m ON m.notice = t.id
    LEFT JOIN currencies y ON y.code = p.currency
    WHERE p.name IN (SELECT name FROM sellers) AND p.role NOT IN ('buyer', 'end_user', 'agency') AND coalesce(m.main = t.id, 1)
      AND (:from IS NULL OR t.event_date >= :from)
      AND (:to IS NULL OR t.event_date <= :to)
)
SELECT step, edge, event_date, to_date, supplier, through, role, buyer, end_user, project_number, project_name, lot, amount, currency, brands, relation, authorised_by, list_leads, beside,
    strength, quote, more_quotes, source, url, sha256, notice
FROM steps
ORDER BY turn, CASE turn WHEN 3 THEN '' ELSE brands END, event_date, supplier, project_number, lot, edge
