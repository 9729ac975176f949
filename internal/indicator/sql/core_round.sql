-- core_kept, round by round until nothing changes: sources of which at least
-- 40 % of the works cite a work of a kept source.
SELECT k.source_id, k.works
FROM core_kept k
JOIN (
  SELECT r.citing_source, COUNT(DISTINCT r.work_id) AS works
  FROM core_reference r
  JOIN core_kept o ON o.source_id = r.cited_source
  GROUP BY r.citing_source
) c ON c.citing_source = k.source_id
WHERE c.works * 10 >= k.works * 4
