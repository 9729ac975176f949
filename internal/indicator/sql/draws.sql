-- draws: what the stability intervals are drawn from: each work of each unit.
SELECT COALESCE(u.id, CAST(p.unit AS VARCHAR)) AS id, {field} AS field, {year} AS year, p.work_id,
  p.weight, s.ncs, s.top1, s.top10, s.top50, s.collab, s.int_collab, s.industry
FROM part_{unit} p
JOIN scored s ON s.work_id = p.work_id
LEFT JOIN unit_{unit} u ON u.unit = p.unit
WHERE s.year BETWEEN {from} AND {to}{fields}{units}
ORDER BY 1, 2, 3, 4
