-- title: What supports this finding, what speaks against it, and how sure are we?
-- parameters: finding
-- needs: finding
-- columns: finding, sentence, strength, decision, quote_number, quote, translation, doc, page, start, end, objections, rules, stage, event_date, event_basis, url, archive_url, fetched, published, sha256, copies
-- caveats: One row a quote. The page is the original whose SHA-256 stands beside it: `tendertrace verify CASE` proves that the quote still stands in it. A translation is a person's, never the program's.
SELECT e.finding, e.sentence, e.strength, e.decision, q.n AS quote_number, q.text AS quote, x.text AS translation, q.doc, q.page, q.start, q."end", e.objections, e.rules, e.stage,
    e.event_date, e.event_basis, e.url, e.archive_url, e.fetched, e.published, e.sha256,
    (SELECT count(*) FROM joined c WHERE c.main = (SELECT main FROM joined j WHERE j.notice = e.notice)) - 1 AS copies
FROM evidence e
JOIN quotes q ON q.notice = e.notice AND q.finding = e.n
LEFT JOIN translated x ON x.sha256 = e.sha256 AND x.part = e.part AND x.source = q.text
WHERE e.finding >= :finding AND e.finding < :finding || 'g'
ORDER BY e.finding, q.n
