-- work_country: the parts of works whose affiliation gives a country but leads
-- to no institution.
SELECT a.work_id, a.country, SUM(a.weight) AS weight
FROM authorship a
JOIN scope s ON s.work_id = a.work_id
WHERE a.year BETWEEN {from} AND {to} AND a.institution IS NULL AND a.country IS NOT NULL
GROUP BY a.work_id, a.country
