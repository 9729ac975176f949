-- records: the works behind one value, each with its weight and, for a mean or
-- a proportion, its base. Their sums give the value back.
SELECT r.work_id, r.year, r.weight, r.base
FROM (
  SELECT p.work_id, s.year, CAST({weight} AS DOUBLE) AS weight, CAST({base} AS DOUBLE) AS base
  FROM {parts} p
  JOIN scored s ON s.work_id = p.work_id
  WHERE s.year BETWEEN {from} AND {to}{fields}
) r
WHERE r.weight IS NOT NULL AND (r.weight <> CAST(0 AS DOUBLE) OR r.base <> CAST(0 AS DOUBLE)){after}
