-- work_trait: how a work was made: by several organisations, in several
-- countries, with a company, near or far. Distances are great circles on a
-- sphere of 6,371.01 km, compared as squared chords of the unit sphere:
-- 0.000246362 for 100 km, 0.584948 for 5,000 km. A box around the points
-- settles most works; the others are measured pair by pair. Short needs the place
-- of every institution, long needs two places only.
WITH organisations AS (
  SELECT work_id, CASE WHEN MIN(unit) <> MAX(unit) THEN 1 ELSE 0 END AS several
  FROM part_organisation
  GROUP BY work_id
),
located AS (
  SELECT w.work_id, w.institution, p.home, p.company, p.x, p.y, p.z
  FROM work_institution w
  LEFT JOIN place p ON p.institution = w.institution
),
boxes AS (
  SELECT work_id, MIN(home) AS home_low, MAX(home) AS home_high, MAX(company) AS company, COUNT(*) AS institutions, COUNT(x) AS places,
    MAX(x) - MIN(x) AS dx, MAX(y) - MIN(y) AS dy, MAX(z) - MIN(z) AS dz
  FROM located
  GROUP BY work_id
),
measured AS (
  SELECT work_id, home_low, home_high, company, institutions, places, dx * dx + dy * dy + dz * dz AS most,
    CASE WHEN dx >= dy AND dx >= dz THEN dx * dx WHEN dy >= dz THEN dy * dy ELSE dz * dz END AS least
  FROM boxes
),
pairs AS (
  SELECT a.work_id, MAX((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y) + (a.z - b.z) * (a.z - b.z)) AS chord
  FROM measured m
  JOIN located a ON a.work_id = m.work_id
  JOIN located b ON b.work_id = a.work_id AND b.institution > a.institution
  WHERE m.places > 2 AND (m.least <= {near} AND m.most > {near} OR m.least < {far} AND m.most >= {far})
  GROUP BY a.work_id
),
strays AS (
  SELECT work_id, MIN(home) AS home_low, MAX(home) AS home_high
  FROM (SELECT work_id, CASE WHEN country IN ('HK', 'MO') THEN 'CN' ELSE country END AS home FROM work_country) c
  GROUP BY work_id
),
joined AS (
  SELECT s.work_id, COALESCE(o.several, 0) AS several, COALESCE(m.company, 0) AS company, m.institutions, m.places, COALESCE(p.chord, m.most) AS chord,
    CASE WHEN COALESCE(m.home_low, t.home_low) <> COALESCE(m.home_high, t.home_high)
      OR m.home_low <> t.home_low OR m.home_high <> t.home_high THEN 1 ELSE 0 END AS abroad
  FROM scope s
  LEFT JOIN measured m ON m.work_id = s.work_id
  LEFT JOIN organisations o ON o.work_id = s.work_id
  LEFT JOIN pairs p ON p.work_id = s.work_id
  LEFT JOIN strays t ON t.work_id = s.work_id
)
SELECT work_id,
  CASE WHEN several = 1 OR abroad = 1 THEN 1 ELSE 0 END AS collab,
  abroad AS int_collab,
  company AS industry,
  CASE WHEN (several = 1 OR abroad = 1) AND places = institutions AND chord <= {near} THEN 1 ELSE 0 END AS short_dist,
  CASE WHEN (several = 1 OR abroad = 1) AND chord >= {far} THEN 1 ELSE 0 END AS long_dist
FROM joined
