-- values: the sums of the years and fields that are asked for, per unit.
-- mncs = ncs / base, pp_top10 = top10 / base, fwci = ncs / base over cells that
-- are cited at all; {w} is _w for fractional counting and nothing for full.
-- Proportions of collaboration are collab / p, counted in full.
SELECT COALESCE(u.id, CAST(x.unit AS VARCHAR)) AS id, COALESCE(u.name_zh, '') AS name_zh, COALESCE(u.name_en, '') AS name_en,
  COALESCE(u.org_id, '') AS org_id, COALESCE(u.country, '') AS country, COALESCE(u.city, '') AS city,
  COALESCE(x.field, 0) AS field, x.year, x.p, x.share, x.base, x.tcs, x.ncs, x.top1, x.top10, x.top50, x.uncited,
  x.collab, x.int_collab, x.industry, x.short_dist, x.long_dist
FROM (
  SELECT s.unit, {field} AS field, {year} AS year,
    CAST(SUM(s.p) AS BIGINT) AS p, SUM(s.share) AS share, CAST(SUM(s.base{w}) AS DOUBLE) AS base, CAST(SUM(s.tcs{w}) AS DOUBLE) AS tcs,
    SUM(s.ncs{w}) AS ncs, SUM(s.top1{w}) AS top1, SUM(s.top10{w}) AS top10, SUM(s.top50{w}) AS top50, CAST(SUM(s.uncited{w}) AS DOUBLE) AS uncited,
    CAST(SUM(s.collab) AS BIGINT) AS collab, CAST(SUM(s.int_collab) AS BIGINT) AS int_collab, CAST(SUM(s.industry) AS BIGINT) AS industry,
    CAST(SUM(s.short_dist) AS BIGINT) AS short_dist, CAST(SUM(s.long_dist) AS BIGINT) AS long_dist,
    SUM(SUM(s.p)) OVER (PARTITION BY s.unit) AS works
  FROM sums_{unit} s
  WHERE s.year BETWEEN {from} AND {to}{fields}
  GROUP BY s.unit{groups}
) x
LEFT JOIN unit_{unit} u ON u.unit = x.unit
WHERE x.works >= {minimum}{units}
ORDER BY x.unit, field, x.year
