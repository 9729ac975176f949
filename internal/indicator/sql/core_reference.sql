-- core_reference: what step 7 looks at: which works of international sources
-- cite which such sources, at most 5 years back, self-citations left out.
SELECT DISTINCT a.work_id, a.source_id AS citing_source, b.source_id AS cited_source
FROM core_candidate a
JOIN core_distance f ON f.source_id = a.source_id
JOIN citation c ON c.citing = a.work_id
JOIN core_candidate b ON b.work_id = c.cited
JOIN core_distance g ON g.source_id = b.source_id
WHERE f.international = 1 AND g.international = 1 AND a.year >= {core_from} AND a.year - b.year BETWEEN 0 AND 5 AND (c.self IS NULL OR NOT c.self)
