-- rolled_up: to which organisation an institution's part of a work goes.
-- Components and joint organisations go up to their parents, through as many
-- as eight steps; the weights of a child are scaled to sum to 1 at most, and
-- what is left stays with the child. A component without a weight goes up whole,
-- a joint organisation without one is split evenly over its parents. An
-- institution without a row is an organisation of its own.
WITH given AS (
  SELECT l.child, l.parent, l.kind, MAX(l.weight) AS weight
  FROM institution_link l
  WHERE l.kind IN ('component', 'joint') AND l.child <> l.parent AND (l.weight IS NULL OR l.weight > CAST(0 AS DOUBLE))
  GROUP BY l.child, l.parent, l.kind
),
weighed AS (
  SELECT child, parent,
    SUM(COALESCE(weight, CASE WHEN kind = 'component' THEN CAST(1 AS DOUBLE) ELSE CAST(1 AS DOUBLE) / CAST(siblings AS DOUBLE) END)) AS weight
  FROM (SELECT child, parent, kind, weight, COUNT(*) OVER (PARTITION BY child, kind) AS siblings FROM given) g
  GROUP BY child, parent
),
total AS (
  SELECT child, SUM(weight) AS weight FROM weighed GROUP BY child
),
step1 AS (
  SELECT w.child AS institution, w.parent AS unit, w.weight / CASE WHEN t.weight > CAST(1 AS DOUBLE) THEN t.weight ELSE CAST(1 AS DOUBLE) END AS weight, 0 AS stays
  FROM weighed w JOIN total t ON t.child = w.child
  UNION ALL
  SELECT child, child, CAST(1 AS DOUBLE) - weight, 1 FROM total WHERE weight < CAST(0.999999999999 AS DOUBLE)
),
step2 AS (
  SELECT a.institution, COALESCE(b.unit, a.unit) AS unit, SUM(a.weight * COALESCE(b.weight, CAST(1 AS DOUBLE))) AS weight, COALESCE(b.stays, a.stays) AS stays
  FROM step1 a LEFT JOIN step1 b ON b.institution = a.unit AND a.stays = 0
  GROUP BY a.institution, COALESCE(b.unit, a.unit), COALESCE(b.stays, a.stays)
),
step4 AS (
  SELECT a.institution, COALESCE(b.unit, a.unit) AS unit, SUM(a.weight * COALESCE(b.weight, CAST(1 AS DOUBLE))) AS weight, COALESCE(b.stays, a.stays) AS stays
  FROM step2 a LEFT JOIN step2 b ON b.institution = a.unit AND a.stays = 0
  GROUP BY a.institution, COALESCE(b.unit, a.unit), COALESCE(b.stays, a.stays)
),
step8 AS (
  SELECT a.institution, COALESCE(b.unit, a.unit) AS unit, SUM(a.weight * COALESCE(b.weight, CAST(1 AS DOUBLE))) AS weight
  FROM step4 a LEFT JOIN step4 b ON b.institution = a.unit AND a.stays = 0
  GROUP BY a.institution, COALESCE(b.unit, a.unit)
)
SELECT institution, unit, weight FROM step8
