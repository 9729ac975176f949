-- unit_platform: the platforms that were given, numbered.
SELECT CAST(ROW_NUMBER() OVER (ORDER BY platform) AS BIGINT) AS unit, platform AS id, CAST(NULL AS VARCHAR) AS org_id,
  CAST(NULL AS VARCHAR) AS name_en, CAST(NULL AS VARCHAR) AS name_zh, CAST(NULL AS VARCHAR) AS country, CAST(NULL AS VARCHAR) AS city
FROM (SELECT DISTINCT platform FROM platform_member) p
