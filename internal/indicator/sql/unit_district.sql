-- unit_district: the districts of institutions, numbered. They have codes here, no names.
SELECT CAST(ROW_NUMBER() OVER (ORDER BY district) AS BIGINT) AS unit, district AS id, CAST(NULL AS VARCHAR) AS org_id,
  CAST(NULL AS VARCHAR) AS name_en, CAST(NULL AS VARCHAR) AS name_zh, country, city
FROM (
  SELECT district, MIN(country) AS country, MIN(city) AS city
  FROM institution
  WHERE district IS NOT NULL
  GROUP BY district
) d
