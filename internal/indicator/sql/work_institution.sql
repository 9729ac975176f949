-- work_institution: the part of a work that each institution has. The weights
-- of authorship are 1/authors × 1/affiliations of the author × 1/institutions of
-- the affiliation.
SELECT a.work_id, a.institution, SUM(a.weight) AS weight
FROM authorship a
JOIN scope s ON s.work_id = a.work_id
WHERE a.year BETWEEN {from} AND {to} AND a.institution IS NOT NULL
GROUP BY a.work_id, a.institution
