-- title: What do we not know? Sites and stages with what could and could not be read
-- parameters:
-- columns: site, stage, year, notices, without_buyer, without_supplier, without_items, without_attachments, masked, without_findings
-- caveats: A notice without item lines can name no product: nothing found in it says nothing. A tender names no supplier yet. Sites that were never collected are in no row: see CASE/collection.toml.
WITH counted AS (
    SELECT site, stage, year, notices, notices - with_buyer AS without_buyer, notices - with_supplier AS without_supplier,
        notices - with_items AS without_items, without_attachments, masked, notices - with_findings AS without_findings
    FROM coverage
)
SELECT site, stage, year, notices, without_buyer, without_supplier, without_items, without_attachments, masked, without_findings
FROM counted
ORDER BY notices DESC, site, stage, year
