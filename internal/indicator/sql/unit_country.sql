-- unit_country: the countries of institutions and of affiliations, numbered.
-- Hong Kong and Macao are units of their own here, as in the corpus.
SELECT CAST(ROW_NUMBER() OVER (ORDER BY country) AS BIGINT) AS unit, country AS id, CAST(NULL AS VARCHAR) AS org_id,
  CAST(NULL AS VARCHAR) AS name_en, CAST(NULL AS VARCHAR) AS name_zh, country, CAST(NULL AS VARCHAR) AS city
FROM (
  SELECT country FROM institution WHERE country IS NOT NULL
  UNION
  SELECT country FROM authorship WHERE institution IS NULL AND country IS NOT NULL
) c
