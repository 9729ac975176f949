-- member: rollup and associated in one table. A row without a unit is an
-- associated organisation, whose parts are given out work by work.
SELECT institution, unit, weight FROM rollup
UNION ALL
SELECT institution, CAST(NULL AS BIGINT) AS unit, CAST(NULL AS DOUBLE) AS weight
FROM (SELECT DISTINCT institution FROM associated) a
