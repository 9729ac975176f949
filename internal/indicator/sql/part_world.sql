-- part_world: every work whole.
SELECT s.work_id, CAST(0 AS BIGINT) AS unit, CAST(1 AS DOUBLE) AS weight
FROM scored s
