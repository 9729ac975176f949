-- core_profile: from which countries a source is written and cited. A work that
-- cites counts once per citation; self-citations are left out.
SELECT source_id, country, SUM(weight) AS weight
FROM (
  SELECT w.source_id, k.country, k.weight
  FROM core_candidate w
  JOIN core_country k ON k.work_id = w.work_id
  UNION ALL
  SELECT w.source_id, k.country, k.weight
  FROM core_candidate w
  JOIN citation c ON c.cited = w.work_id
  JOIN core_country k ON k.work_id = c.citing
  WHERE c.self IS NULL OR NOT c.self
) p
GROUP BY source_id, country
