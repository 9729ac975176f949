-- values: the same for all works together.
SELECT 'world' AS id, '' AS name_zh, '' AS name_en, '' AS org_id, '' AS country, '' AS city,
  COALESCE({field}, 0) AS field, {year} AS year,
  CAST(SUM(s.p) AS BIGINT) AS p, SUM(s.share) AS share, CAST(SUM(s.base{w}) AS DOUBLE) AS base, CAST(SUM(s.tcs{w}) AS DOUBLE) AS tcs,
  SUM(s.ncs{w}) AS ncs, SUM(s.top1{w}) AS top1, SUM(s.top10{w}) AS top10, SUM(s.top50{w}) AS top50, CAST(SUM(s.uncited{w}) AS DOUBLE) AS uncited,
  CAST(SUM(s.collab) AS BIGINT) AS collab, CAST(SUM(s.int_collab) AS BIGINT) AS int_collab, CAST(SUM(s.industry) AS BIGINT) AS industry,
  CAST(SUM(s.short_dist) AS BIGINT) AS short_dist, CAST(SUM(s.long_dist) AS BIGINT) AS long_dist
FROM sums_world s
WHERE s.year BETWEEN {from} AND {to}{fields}
GROUP BY s.unit{groups}
ORDER BY 7, 8
