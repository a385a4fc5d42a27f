-- title: What may go into a letter or a dossier now, and what is left out of it?
-- parameters: brand, buyer, supplier
-- columns: brand, company, accepted, accepted_without_archive, rejected, unsure, look_again, unreviewed_strong, unreviewed_medium, unreviewed_weak
-- caveats: Only accepted findings may be sent; weak ones stay below the bar until a person accepts them. A cited page without an independent archive copy can vanish once the letter has warned its owner. Copies on other sites are left out.
WITH counted AS (
    SELECT brand, company, sum(decision = 'accept') AS accepted, sum(decision = 'accept' AND archive_url IS NULL) AS accepted_without_archive,
        sum(decision = 'reject') AS rejected, sum(decision IN ('unsure', 'correct')) AS unsure, sum(decision = 'look again') AS look_again,
        sum(decision = 'unreviewed' AND strength = 'strong') AS unreviewed_strong, sum(decision = 'unreviewed' AND strength = 'medium') AS unreviewed_medium,
        sum(decision = 'unreviewed' AND strength = 'weak') AS unreviewed_weak
    FROM evidence
    WHERE NOT copy
      AND (:brand IS NULL OR brand = :brand)
      AND (:buyer IS NULL OR instr(buyer, :buyer) > 0)
      AND (:supplier IS NULL OR instr(supplier, :supplier) > 0)
    GROUP BY brand, company
)
SELECT brand, company, accepted, accepted_without_archive, rejected, unsure, look_again, unreviewed_strong, unreviewed_medium, unreviewed_weak
FROM counted
ORDER BY accepted DESC, unreviewed_strong DESC, unreviewed_medium DESC, brand, company
