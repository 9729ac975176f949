-- core_distance: step 6, how far the countries of a source are from those of the
-- world: the Kullback-Leibler distance, sum w_sc ln(w_sc / w_c). A source is
-- international when it is below ln(1 / max w_c), the distance of a source that
-- knows only the largest country.
WITH sources AS (
  SELECT source_id, SUM(weight) AS weight FROM core_profile GROUP BY source_id
),
countries AS (
  SELECT country, SUM(weight) AS weight FROM core_profile GROUP BY country
),
everything AS (
  SELECT SUM(weight) AS weight, MAX(weight) AS largest FROM countries
),
distances AS (
  SELECT p.source_id, SUM(p.weight / s.weight * ln((p.weight / s.weight) / (c.weight / e.weight))) AS distance, MAX(ln(e.weight / e.largest)) AS threshold
  FROM core_profile p
  JOIN sources s ON s.source_id = p.source_id
  JOIN countries c ON c.country = p.country
  CROSS JOIN everything e
  GROUP BY p.source_id
)
SELECT source_id, distance, threshold,
  CASE WHEN distance < threshold - CAST(0.000000000001 AS DOUBLE) THEN 1 ELSE 0 END AS international
FROM distances
