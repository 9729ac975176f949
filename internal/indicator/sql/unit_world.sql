-- unit_world: all works together are one unit.
SELECT CAST(0 AS BIGINT) AS unit, 'world' AS id, CAST(NULL AS VARCHAR) AS org_id, CAST(NULL AS VARCHAR) AS name_en, CAST(NULL AS VARCHAR) AS name_zh,
  CAST(NULL AS VARCHAR) AS country, CAST(NULL AS VARCHAR) AS city
