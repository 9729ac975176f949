-- work_trait: how a work was made: by several organisations, in several
-- countries, with a company, near or far. Works that no institution or country
-- is known of have no row. Distances are great circles on a sphere of 6,371.01 km,
-- compared as squared chords of the unit sphere: 0.000246362 for 100 km, 0.584948
-- for 5,000 km. A box around the points settles most works; the others are
-- measured pair by pair. Short needs the place of every institution, long needs
-- two places only.
WITH sides AS (
  SELECT p.work_id, p.unit, CAST(NULL AS VARCHAR) AS home, CAST(NULL AS BIGINT) AS company, CAST(NULL AS BIGINT) AS named,
    CAST(NULL AS DOUBLE) AS x, CAST(NULL AS DOUBLE) AS y, CAST(NULL AS DOUBLE) AS z
  FROM part_organisation p
  UNION ALL
  SELECT w.work_id, CAST(NULL AS BIGINT) AS unit, i.home, i.company, CAST(1 AS BIGINT) AS named, i.x, i.y, i.z
  FROM work_institution w
  LEFT JOIN place i ON i.institution = w.institution
  UNION ALL
  SELECT c.work_id, CAST(NULL AS BIGINT) AS unit, CASE WHEN c.country IN ('HK', 'MO') THEN 'CN' ELSE c.country END AS home, CAST(NULL AS BIGINT) AS company,
    CAST(NULL AS BIGINT) AS named, CAST(NULL AS DOUBLE) AS x, CAST(NULL AS DOUBLE) AS y, CAST(NULL AS DOUBLE) AS z
  FROM work_country c
),
boxes AS (
  SELECT work_id, CASE WHEN MIN(unit) <> MAX(unit) THEN 1 ELSE 0 END AS several, CASE WHEN MIN(home) <> MAX(home) THEN 1 ELSE 0 END AS abroad,
    MAX(company) AS company, COUNT(named) AS named, COUNT(x) AS places, MAX(x) - MIN(x) AS dx, MAX(y) - MIN(y) AS dy, MAX(z) - MIN(z) AS dz
  FROM sides
  GROUP BY work_id
),
measured AS (
  SELECT work_id, abroad, CASE WHEN several = 1 OR abroad = 1 THEN 1 ELSE 0 END AS collab, COALESCE(company, 0) AS company, named, places,
    dx * dx + dy * dy + dz * dz AS most,
    CASE WHEN dx >= dy AND dx >= dz THEN dx * dx WHEN dy >= dz THEN dy * dy ELSE dz * dz END AS least
  FROM boxes
),
pairs AS (
  SELECT a.work_id, MAX((f.x - g.x) * (f.x - g.x) + (f.y - g.y) * (f.y - g.y) + (f.z - g.z) * (f.z - g.z)) AS chord
  FROM measured m
  JOIN work_institution a ON a.work_id = m.work_id
  JOIN work_institution b ON b.work_id = m.work_id
  JOIN place f ON f.institution = a.institution
  JOIN place g ON g.institution = b.institution
  WHERE m.collab = 1 AND m.places > 2 AND (m.least <= {near} AND m.most > {near} OR m.least < {far} AND m.most >= {far}) AND b.institution > a.institution
  GROUP BY a.work_id
)
SELECT m.work_id, m.collab, m.abroad AS int_collab, m.company AS industry,
  CASE WHEN m.collab = 1 AND m.places = m.named AND COALESCE(p.chord, m.most) <= {near} THEN 1 ELSE 0 END AS short_dist,
  CASE WHEN m.collab = 1 AND COALESCE(p.chord, m.most) >= {far} THEN 1 ELSE 0 END AS long_dist
FROM measured m
LEFT JOIN pairs p ON p.work_id = m.work_id
