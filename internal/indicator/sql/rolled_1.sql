-- rolled_1: where an institution's part goes in one step up: to the parents of
-- components and joint organisations. The weights of a child are scaled to sum
-- to 1 at most, and what is left stays with the child. A component without a
-- weight goes up whole, a joint organisation without one is split evenly over
-- its parents. An institution without a row is an organisation of its own.
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
)
SELECT w.child AS institution, w.parent AS unit, w.weight / CASE WHEN t.weight > CAST(1 AS DOUBLE) THEN t.weight ELSE CAST(1 AS DOUBLE) END AS weight, 0 AS stays
FROM weighed w JOIN total t ON t.child = w.child
UNION ALL
SELECT child, child, CAST(1 AS DOUBLE) - weight, 1 FROM total WHERE weight < CAST(0.999999999999 AS DOUBLE)
