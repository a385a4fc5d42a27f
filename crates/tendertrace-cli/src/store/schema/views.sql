-- What people ask in SQL. Views hold no data: the program makes them anew, so they may grow with it.
-- Each is explained in docs/formats.md.

DROP VIEW IF EXISTS chains;
DROP VIEW IF EXISTS stated_chains;
DROP VIEW IF EXISTS seller_relations;
DROP VIEW IF EXISTS evidence;
DROP VIEW IF EXISTS claimed;
DROP VIEW IF EXISTS decisions_to_review;
DROP VIEW IF EXISTS decisions;
DROP VIEW IF EXISTS finding_keys;
DROP VIEW IF EXISTS translated;
DROP VIEW IF EXISTS winners;
DROP VIEW IF EXISTS purchases;
DROP VIEW IF EXISTS list_leads;
DROP VIEW IF EXISTS denied_leads;
DROP VIEW IF EXISTS not_understood;
DROP VIEW IF EXISTS coverage;

-- One row a quote of a finding: what a decision holds on to, and what the finding says.
CREATE VIEW finding_keys AS
SELECT f.notice, f.n, f.id AS finding, o.sha256, t.part, f.brand, f.lot, q.n AS quote_number, q.doc, q.start, q."end", q.text AS quote,
    f.product, f.usage,
    json_array(f.usage, f.via, f.product, f.stage, f.supplier, f.buyer, f.quantity, f.amount_minor, f.currency, f.amount_basis) AS said
FROM findings f
JOIN notices t ON t.id = f.notice
JOIN originals o ON o.id = t.original
JOIN quotes q ON q.notice = f.notice AND q.finding = f.n;

-- The pairs are made first, in this order, from the few decisions to their findings: any other reads every quote of the case.
-- One row a decision of a person that nobody took back and no later one replaced, with what became of its finding:
-- stands, changed, vanished.
CREATE VIEW decisions AS
WITH pairs AS MATERIALIZED (
    SELECT j.id AS judgement, f.id AS finding, f.n, f.product, f.usage, q.doc, q.start, q."end",
        json_array(f.usage, f.via, f.product, f.stage, f.supplier, f.buyer, f.quantity, f.amount_minor, f.currency, f.amount_basis) AS said
    FROM judgements j
    CROSS JOIN originals o ON o.sha256 = j.sha256
    CROSS JOIN notices t ON t.original = o.id AND t.part = j.part
    CROSS JOIN findings f ON f.notice = t.id AND f.brand = j.brand AND f.lot IS j.lot
    CROSS JOIN quotes q ON q.notice = f.notice AND q.finding = f.n
        AND (q.doc = j.doc AND q.start = j.start AND q."end" = j."end" OR q.text = j.quote)
), matched AS (
    SELECT j.*, k.finding AS finding_now, row_number() OVER (
        PARTITION BY j.id ORDER BY (k.product IS j.product) DESC, (k.usage = j.usage) DESC, (k.start = j.start) DESC, k.n
    ) AS choice
    FROM judgements j
    LEFT JOIN pairs k ON k.judgement = j.id
    WHERE j.verdict <> 'note' AND j.id NOT IN (SELECT judgement FROM undone)
), ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY coalesce(finding_now, json_array(sha256, part, brand, lot, doc, start, "end", product)) ORDER BY id DESC
    ) AS age FROM matched WHERE choice = 1
)
SELECT id, made, who, verdict, note, correction, finding, finding_now, brand, lot, usage, said, quote, sha256, part,
    CASE
        WHEN finding_now IS NULL THEN 'vanished'
        WHEN EXISTS (
            SELECT 1 FROM finding_keys k WHERE k.finding = ranked.finding_now AND k.said = ranked.said
                AND k.doc = ranked.doc AND k.start = ranked.start AND k."end" = ranked."end"
        ) THEN 'stands'
        ELSE 'changed'
    END AS state
FROM ranked WHERE age = 1;

CREATE VIEW decisions_to_review AS
SELECT * FROM decisions WHERE state <> 'stands';

-- One row a finding of a signed claim, with what became of it: stands, changed, vanished, or no longer accepted.
CREATE VIEW claimed AS
WITH pairs AS MATERIALIZED (
    SELECT c.claim, c.n AS cited, f.id AS finding, f.n, f.product, f.usage, q.doc, q.start, q."end",
        json_array(f.usage, f.via, f.product, f.stage, f.supplier, f.buyer, f.quantity, f.amount_minor, f.currency, f.amount_basis) AS said
    FROM claim_findings c
    CROSS JOIN originals o ON o.sha256 = c.sha256
    CROSS JOIN notices t ON t.original = o.id AND t.part = c.part
    CROSS JOIN findings f ON f.notice = t.id AND f.brand = c.brand AND f.lot IS c.lot
    CROSS JOIN quotes q ON q.notice = f.notice AND q.finding = f.n
        AND (q.doc = c.doc AND q.start = c.start AND q."end" = c."end" OR q.text = c.quote)
), matched AS (
    SELECT c.*, k.finding AS finding_now, coalesce(k.said = c.said AND k.doc = c.doc AND k.start = c.start AND k."end" = c."end", 0) AS same,
        row_number() OVER (
            PARTITION BY c.claim, c.n
            ORDER BY (k.said = c.said) DESC, (k.product IS c.product) DESC, (k.usage = c.usage) DESC, (k.start = c.start) DESC, k.n
        ) AS choice
    FROM claim_findings c
    LEFT JOIN pairs k ON k.claim = c.claim AND k.cited = c.n
)
SELECT s.id AS claim, s.sentence, s.made, s.who, m.n, m.finding, m.finding_now, m.brand, m.quote, m.sha256, m.part,
    CASE
        WHEN m.finding_now IS NULL THEN 'vanished'
        WHEN NOT m.same THEN 'changed'
        WHEN d.verdict IS NOT 'accept' THEN 'not accepted'
        ELSE 'stands'
    END AS state
FROM claims s
JOIN matched m ON m.claim = s.id AND m.choice = 1
LEFT JOIN decisions d ON d.finding_now = m.finding_now AND d.state = 'stands';

-- One row a Chinese title or quote that a person translated: the last word that nobody took back.
CREATE VIEW translated AS
SELECT sha256, part, kind, source, text, who, "on", id FROM (
    SELECT *, row_number() OVER (PARTITION BY sha256, part, source ORDER BY id DESC) AS age
    FROM translations WHERE id NOT IN (SELECT translation FROM untranslated)
) WHERE age = 1;

-- One row a finding with everything a reader needs beside it.
CREATE VIEW evidence AS
WITH decided AS MATERIALIZED (SELECT finding_now, verdict, note, correction, state FROM decisions),
    said AS MATERIALIZED (SELECT sha256, part, source, text FROM translated)
SELECT f.id AS finding, f.sentence, f.strength, f.brand, f.product, f.company, f.country, f.usage, f.via, f.stage,
    f.buyer, t.buyer_kind, t.region_code, t.region_name, t.end_user, f.supplier, t.project_number, t.project_name, f.lot, f.quantity,
    f.amount_minor * 1.0 / coalesce(y.factor, 100) AS amount, f.currency, f.amount_basis, t.event_date, t.event_basis,
    f.purposes, f.customisation,
    CASE WHEN d.state = 'stands' THEN replace(replace(replace(f.objections, ',"unreviewed"', ''), '"unreviewed",', ''), '"unreviewed"', '') ELSE f.objections END AS objections,
    q.text AS quote, t.url, t.site, t.title, c.published, c.fetched, c.archive_url,
    o.sha256, t.part, q.doc, q.start AS quote_start, q."end" AS quote_end, t.access,
    CASE WHEN d.state = 'stands' THEN d.verdict WHEN d.state = 'changed' THEN 'look again' ELSE 'unreviewed' END AS decision,
    d.note AS decision_note, d.correction, f.host_product, f.rules, t.id AS notice, f.n,
    coalesce(m.process, 'n' || t.id) AS process, coalesce(m.main <> t.id, 0) AS copy,
    x.text AS quote_translation, h.text AS title_translation, t.end_user_kind
FROM findings f
JOIN notices t ON t.id = f.notice
JOIN originals o ON o.id = t.original
JOIN captures c ON c.id = o.capture
LEFT JOIN joined m ON m.notice = t.id
LEFT JOIN quotes q ON q.notice = f.notice AND q.finding = f.n AND q.n = 0
LEFT JOIN currencies y ON y.code = f.currency
LEFT JOIN decided d ON d.finding_now = f.id
LEFT JOIN said x ON x.sha256 = o.sha256 AND x.part = t.part AND x.source = q.text
LEFT JOIN said h ON h.sha256 = o.sha256 AND h.part = t.part AND h.source = t.title;

-- Who won what, from whom.
CREATE VIEW winners AS
SELECT p.name AS supplier, p.lot, p.amount_minor * 1.0 / coalesce(y.factor, 100) AS amount, p.currency, t.buyer, t.buyer_kind,
    t.region_code, t.region_name, t.project_number, t.project_name, t.stage, t.event_date, t.url, t.site, t.access, t.id AS notice,
    coalesce(m.process, 'n' || t.id) AS process, coalesce(m.main <> t.id, 0) AS copy
FROM parties p
JOIN notices t ON t.id = p.notice
LEFT JOIN joined m ON m.notice = t.id
LEFT JOIN currencies y ON y.code = p.currency
WHERE p.role = 'supplier';

-- Lines of goods and services.
CREATE VIEW purchases AS
SELECT i.name, i.brand, i.model, i.quantity, i.unit, i.unit_price_minor * 1.0 / coalesce(y.factor, 100) AS unit_price,
    i.line_total_minor * 1.0 / coalesce(y.factor, 100) AS line_total, i.currency, i.lot, i.supplier, i.demanded, t.buyer, t.buyer_kind,
    t.region_code, t.region_name, t.project_number, t.stage, t.event_date, t.url, t.site, t.access, t.id AS notice,
    coalesce(m.process, 'n' || t.id) AS process, coalesce(m.main <> t.id, 0) AS copy
FROM items i
JOIN notices t ON t.id = i.notice
LEFT JOIN joined m ON m.notice = t.id
LEFT JOIN currencies y ON y.code = i.currency;

-- List entries that a person said are another party, for every spelling of the entity; the last word stands.
CREATE VIEW denied_leads AS
WITH said AS (
    SELECT coalesce(s.entity, w.one) AS entity, w.list, w.other AS entry, w.verdict,
        row_number() OVER (PARTITION BY coalesce(s.entity, w.one), w.list, w.other ORDER BY w.id DESC) AS age
    FROM samenesses w LEFT JOIN spellings s ON s.name = w.one
    WHERE w.list IS NOT NULL AND w.id NOT IN (SELECT sameness FROM unsaid)
)
SELECT coalesce(n.name, said.entity) AS party, said.list, said.entry
FROM said LEFT JOIN spellings n ON n.entity = said.entity
WHERE said.age = 1 AND said.verdict = 'not_same';

-- Parties that a list may name: leads, no verdicts; without those that a person said are another party.
CREATE VIEW list_leads AS
SELECT h.party, h.role, h.list, h.entry, h.listed_from, h.listed_to, h.in_force, h.judgement, h.score, t.event_date, t.buyer,
    t.project_number, t.url, t.access, t.id AS notice, h.through, h."when", json_extract(h.via, '$.owner[0].owner') AS listed_owner,
    json_extract(h.via, '$.listed_share') AS listed_share, json_extract(h.via, '$.reached') AS reached_by_rule,
    CASE WHEN h.through = 'owner' THEN ' through its owner ' || coalesce(json_extract(h.via, '$.owner[0].owner'), 'named in no table')
        WHEN h.through = 'name' OR h.through IS NULL THEN '' ELSE ' through its ' || h.through END AS by_way_of
FROM hits h
JOIN notices t ON t.id = h.notice
WHERE NOT EXISTS (
    SELECT 1 FROM denied_leads d WHERE d.list = h.list AND d.entry = h.entry AND d.party IN (h.party, json_extract(h.via, '$.owner[0].owner')));

-- What sources state of makers and organisations of the case: one row a relation and organisation that is, or may be, its party.
CREATE VIEW seller_relations AS
SELECT r.brand, x.name AS party, h.entity, h.judgement, r.kind, r.said_by, r.territory, r."from" AS from_date, r."to" AS to_date, r.as_of,
    r.source, r.url, r.says, h.said, r.origin, r.id AS relation, r.via,
    CASE WHEN h.judgement = 'possible' OR r.kind = 'named_partner' THEN 'weak' WHEN r.said_by = 'maker' THEN 'strong' ELSE 'medium' END AS strength
FROM relation_holders h
JOIN relations r ON r.id = h.relation
JOIN entities x ON x.id = h.entity
WHERE h.side = 'party';

-- Edges that sources outside the notices state, of the kinds of `chains`.
CREATE VIEW stated_chains (
    kind, from_type, from_name, from_entity, to_type, to_name, to_entity, from_date, to_date, strength, said_by, finding, quote, source, url, sha256,
    notice, process, relation
) AS
SELECT kind, 'brand', brand, NULL, 'party', party, entity, from_date, to_date,
    strength, said_by, NULL, NULL, source || CASE says WHEN '' THEN '' ELSE ' (' || says || ')' END, url, NULL, NULL, NULL, 'sellers/relations#' || relation
FROM seller_relations
UNION ALL
-- Seller to seller: through whom a party gets a maker's products. Either may be in no notice.
SELECT 'supplies', 'party', coalesce(a.name, r.via), v.entity, 'party', coalesce(b.name, nullif(r.party, ''), r.party_latin), p.entity, r."from", r."to",
    CASE WHEN 'possible' IN (v.judgement, p.judgement) OR r.kind = 'named_partner' THEN 'weak' WHEN r.said_by = 'maker' THEN 'strong' ELSE 'medium' END,
    r.said_by, NULL, NULL, r.source || CASE r.says WHEN '' THEN '' ELSE ' (' || r.says || ')' END, r.url, NULL, NULL, NULL, 'sellers/relations#' || r.id
FROM relations r
LEFT JOIN relation_holders v ON v.relation = r.id AND v.side = 'via'
LEFT JOIN relation_holders p ON p.relation = r.id AND p.side = 'party'
LEFT JOIN entities a ON a.id = v.entity
LEFT JOIN entities b ON b.id = p.entity
WHERE r.via IS NOT NULL AND coalesce(v.entity, p.entity) IS NOT NULL;

-- Who stands between maker and buyer: typed, dated edges, each with what it rests on.
CREATE VIEW chains AS
SELECT e.kind, e.from_type, e.from_name, a.entity AS from_entity, e.to_type, e.to_name, b.entity AS to_entity, e.from_date, e.to_date, e.strength,
    CASE WHEN e.rule IS NULL THEN 'notice' ELSE 'rulebook' END AS said_by, e.finding,
    coalesce(e.quote, (SELECT p.quote FROM parties p WHERE p.notice = e.notice AND p.role = 'supplier' AND p.name = e.from_name)) AS quote,
    coalesce(e.source, t.title) AS source, t.url, o.sha256, e.notice, coalesce(m.process, 'n' || e.notice) AS process, e.rule AS relation
FROM edges e
LEFT JOIN notices t ON t.id = e.notice
LEFT JOIN originals o ON o.id = t.original
LEFT JOIN joined m ON m.notice = e.notice
LEFT JOIN spellings a ON e.from_type = 'party' AND a.name = e.from_name
LEFT JOIN spellings b ON e.to_type = 'party' AND b.name = e.to_name
UNION ALL
SELECT * FROM stated_chains;

-- What the program did not understand, most frequent first.
CREATE VIEW not_understood AS
SELECT g.kind, g.text, count(*) AS times, count(DISTINCT g.notice) AS notices, min(t.url) AS example
FROM gaps g
JOIN notices t ON t.id = g.notice
WHERE t.access <> 'confidential'
GROUP BY g.kind, g.text
ORDER BY times DESC;

-- What the pile holds, site by site: without it neither a trend nor "nothing found" means anything.
CREATE VIEW coverage AS
SELECT t.site, t.stage, substr(t.event_date, 1, 4) AS year, count(*) AS notices, sum(t.buyer IS NOT NULL) AS with_buyer,
    sum(EXISTS (SELECT 1 FROM parties p WHERE p.notice = t.id AND p.role = 'supplier')) AS with_supplier,
    sum(EXISTS (SELECT 1 FROM items i WHERE i.notice = t.id)) AS with_items,
    sum(EXISTS (SELECT 1 FROM findings f WHERE f.notice = t.id)) AS with_findings,
    sum(EXISTS (SELECT 1 FROM gaps g WHERE g.notice = t.id AND g.kind = 'attachment_missing')) AS without_attachments,
    sum(EXISTS (SELECT 1 FROM gaps g WHERE g.notice = t.id AND g.kind = 'masked')) AS masked
FROM notices t
WHERE t.readable
GROUP BY t.site, t.stage, year;
