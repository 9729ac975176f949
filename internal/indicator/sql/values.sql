-- values: the sums of the years and fields that are asked for, per unit.
-- mncs = ncs / base, pp_top10 = top10 / base, fwci = (ncs - uncited) / (base - uncited)
-- where base = p - unscored, all in the same counting: fractional takes the
-- columns in _w. Proportions of collaboration are collab / p, counted in full.
SELECT COALESCE(u.id, CAST(x.unit AS VARCHAR)) AS id, COALESCE(u.name_zh, '') AS name_zh, COALESCE(u.name_en, '') AS name_en,
  COALESCE(u.org_id, '') AS org_id, COALESCE(u.country, '') AS country, COALESCE(u.city, '') AS city,
  COALESCE(x.field, 0) AS field, x.year, x.p, x.share, x.base, x.tcs, x.ncs, x.top1, x.top10, x.top50, x.uncited,
  x.collab, x.int_collab, x.industry, x.short_dist, x.long_dist
FROM (
  SELECT s.unit, {field} AS field, {year} AS year,
    CAST(SUM(s.p) AS BIGINT) AS p, SUM(s.share) AS share, SUM(s.base) AS base, SUM(s.tcs) AS tcs,
    SUM(s.ncs) AS ncs, SUM(s.top1) AS top1, SUM(s.top10) AS top10, SUM(s.top50) AS top50, SUM(s.uncited) AS uncited,
    CAST(SUM(s.collab) AS BIGINT) AS collab, CAST(SUM(s.int_collab) AS BIGINT) AS int_collab, CAST(SUM(s.industry) AS BIGINT) AS industry,
    CAST(SUM(s.short_dist) AS BIGINT) AS short_dist, CAST(SUM(s.long_dist) AS BIGINT) AS long_dist,
    SUM(SUM(s.p)) OVER (PARTITION BY s.unit) AS works
  FROM (
    SELECT a.unit, a.field, a.year, a.p, a.share, CAST(a.{all} AS DOUBLE) AS base, CAST(a.tcs{w} AS DOUBLE) AS tcs, a.ncs{w} AS ncs,
      a.top1{w} AS top1, a.top10{w} AS top10, a.top50{w} AS top50, CAST(0 AS DOUBLE) AS uncited,
      a.collab, a.int_collab, a.industry, a.short_dist, a.long_dist
    FROM sums_{unit} a
    UNION ALL
    SELECT g.unit, g.field, g.year, 0, CAST(0 AS DOUBLE), CAST(0 AS DOUBLE) - g.unscored{w}, CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE),
      CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), g.uncited{w}, 0, 0, 0, 0, 0
    FROM gaps_{unit} g
  ) s
  WHERE s.year BETWEEN {from} AND {to}{fields}
  GROUP BY s.unit{groups}
) x
LEFT JOIN unit_{unit} u ON u.unit = x.unit
WHERE x.works >= {minimum}{units}
ORDER BY x.unit, 7, 8
