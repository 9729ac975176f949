-- core_country: the countries of each candidate, in equal parts.
WITH found AS (
  SELECT a.work_id, i.country
  FROM authorship a
  JOIN core_candidate c ON c.work_id = a.work_id
  JOIN institution i ON i.institution = a.institution
  WHERE i.country IS NOT NULL
  UNION
  SELECT a.work_id, a.country
  FROM authorship a
  JOIN core_candidate c ON c.work_id = a.work_id
  WHERE a.country IS NOT NULL
)
SELECT work_id, country, CAST(1 AS DOUBLE) / CAST(COUNT(*) OVER (PARTITION BY work_id) AS DOUBLE) AS weight
FROM found
