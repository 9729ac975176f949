-- sums_world: the same for all works together. Every work weighs 1.
SELECT CAST(0 AS BIGINT) AS unit, s.field, s.year,
  COUNT(*) AS p, CAST(COUNT(*) AS DOUBLE) AS share,
  COUNT(s.ncs) AS base, CAST(COUNT(s.ncs) AS DOUBLE) AS base_w,
  CAST(SUM(s.cites) AS BIGINT) AS tcs, CAST(SUM(s.cites) AS DOUBLE) AS tcs_w,
  SUM(s.ncs) AS ncs, SUM(s.ncs) AS ncs_w,
  SUM(s.top1) AS top1, SUM(s.top1) AS top1_w,
  SUM(s.top10) AS top10, SUM(s.top10) AS top10_w,
  SUM(s.top50) AS top50, SUM(s.top50) AS top50_w,
  CAST(SUM(s.uncited) AS BIGINT) AS uncited, CAST(SUM(s.uncited) AS DOUBLE) AS uncited_w,
  CAST(SUM(s.collab) AS BIGINT) AS collab, CAST(SUM(s.int_collab) AS BIGINT) AS int_collab, CAST(SUM(s.industry) AS BIGINT) AS industry,
  CAST(SUM(s.short_dist) AS BIGINT) AS short_dist, CAST(SUM(s.long_dist) AS BIGINT) AS long_dist
FROM scored s
GROUP BY s.field, s.year
