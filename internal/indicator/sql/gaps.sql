-- gaps_organisation, gaps_city, …: the few works that means and proportions must
-- leave out, by unit, field and year: unscored ones, whose field or citations
-- are not known, and those of cells that nobody cites, which FWCI leaves out.
SELECT p.unit, s.field, s.year,
  SUM(CASE WHEN s.ncs IS NULL THEN CAST(1 AS DOUBLE) ELSE CAST(0 AS DOUBLE) END) AS unscored,
  SUM(CASE WHEN s.ncs IS NULL THEN p.weight ELSE CAST(0 AS DOUBLE) END) AS unscored_w,
  SUM(CASE WHEN s.ncs IS NULL THEN CAST(0 AS DOUBLE) ELSE CAST(1 AS DOUBLE) END) AS uncited,
  SUM(CASE WHEN s.ncs IS NULL THEN CAST(0 AS DOUBLE) ELSE p.weight END) AS uncited_w
FROM part_{unit} p
JOIN scored s ON s.work_id = p.work_id
WHERE s.ncs IS NULL OR s.uncited = 1
GROUP BY p.unit, s.field, s.year
