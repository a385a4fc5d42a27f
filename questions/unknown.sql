-- title: What do we not know? Sites and stages with what could and could not be read
-- parameters:
-- columns: site, stage, year, notices, with_buyer, with_supplier, with_items, with_findings
-- caveats: A notice without item lines can name no product: nothing found in it says nothing.
SELECT site, stage, year, notices, with_buyer, with_supplier, with_items, with_findings
FROM coverage
ORDER BY notices DESC, site, stage, year
