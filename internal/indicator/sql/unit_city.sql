-- unit_city: the cities of institutions, numbered.
SELECT CAST(ROW_NUMBER() OVER (ORDER BY city) AS BIGINT) AS unit, city AS id, CAST(NULL AS VARCHAR) AS org_id, name_en, name_zh, country, city
FROM (
  SELECT city, MIN(city_en) AS name_en, MIN(city_zh) AS name_zh, MIN(country) AS country
  FROM institution
  WHERE city IS NOT NULL
  GROUP BY city
) c
