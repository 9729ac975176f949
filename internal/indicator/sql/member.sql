-- member: where the parts of institutions go that others roll up to or that roll
-- up themselves. A row without a unit is an associated organisation, whose parts
-- are given out work by work. An institution without a row keeps its parts.
SELECT institution, unit, weight FROM rolled_up
UNION ALL
SELECT institution, CAST(NULL AS BIGINT) AS unit, CAST(NULL AS DOUBLE) AS weight
FROM (SELECT DISTINCT institution FROM associated) a
UNION ALL
SELECT h.unit AS institution, h.unit, CAST(1 AS DOUBLE) AS weight
FROM (SELECT unit FROM rolled_up UNION SELECT unit FROM associated) h
LEFT JOIN (SELECT DISTINCT institution FROM rolled_up) r ON r.institution = h.unit
WHERE r.institution IS NULL
