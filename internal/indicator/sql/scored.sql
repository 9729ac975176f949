-- scored: one row per work with all that a unit's figures are summed from.
SELECT s.work_id, s.year, s.field, s.kind, s.cell, s.cites, l.ncs, l.top1, l.top10, l.top50, l.uncited,
  COALESCE(t.collab, 0) AS collab, COALESCE(t.int_collab, 0) AS int_collab, COALESCE(t.industry, 0) AS industry,
  COALESCE(t.short_dist, 0) AS short_dist, COALESCE(t.long_dist, 0) AS long_dist
FROM scope s
LEFT JOIN cell_level l ON l.year = s.year AND l.kind = s.kind AND l.cell = s.cell AND l.cites = s.cites
LEFT JOIN work_trait t ON t.work_id = s.work_id
