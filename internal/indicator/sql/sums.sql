-- sums_organisation, sums_city, …: what each unit has, by field and year. Sums
-- alone, so that any choice of fields and years is a sum of these. Names that
-- end in _w are weighted (fractional counting), the others count a work as 1.
SELECT p.unit, s.field, s.year,
  COUNT(*) AS p, SUM(p.weight) AS share,
  CAST(SUM(s.cites) AS BIGINT) AS tcs, SUM(p.weight * s.cites) AS tcs_w,
  SUM(s.ncs) AS ncs, SUM(p.weight * s.ncs) AS ncs_w,
  SUM(s.top1) AS top1, SUM(p.weight * s.top1) AS top1_w,
  SUM(s.top10) AS top10, SUM(p.weight * s.top10) AS top10_w,
  SUM(s.top50) AS top50, SUM(p.weight * s.top50) AS top50_w,
  CAST(SUM(s.collab) AS BIGINT) AS collab, CAST(SUM(s.int_collab) AS BIGINT) AS int_collab, CAST(SUM(s.industry) AS BIGINT) AS industry,
  CAST(SUM(s.short_dist) AS BIGINT) AS short_dist, CAST(SUM(s.long_dist) AS BIGINT) AS long_dist
FROM part_{unit} p
JOIN scored s ON s.work_id = p.work_id
GROUP BY p.unit, s.field, s.year
