-- highly: from how many citations on a work is highly cited in its field and
-- year: the citations of the work at position ceil(1 %), ties in. Where that is
-- 2 or less, no work of that field and year is, as in ESI.
WITH tally AS (
  SELECT field, year, cites, COUNT(*) AS works
  FROM scored
  WHERE field IS NOT NULL AND cites IS NOT NULL AND year BETWEEN {from} AND {to}
  GROUP BY field, year, cites
),
ordered AS (
  SELECT field, year, cites, works,
    CAST(SUM(works) OVER (PARTITION BY field, year ORDER BY cites DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT) AS upto,
    CAST(SUM(works) OVER (PARTITION BY field, year) AS BIGINT) AS size
  FROM tally
),
least AS (
  SELECT field, year, MAX(cites) AS threshold, MAX(size) AS size
  FROM ordered
  WHERE upto * 100 >= size
  GROUP BY field, year
)
SELECT l.field, l.year, l.size, l.threshold, CAST(SUM(CASE WHEN l.threshold > 2 AND o.cites >= l.threshold THEN o.works ELSE 0 END) AS BIGINT) AS works
FROM least l
JOIN ordered o ON o.field = l.field AND o.year = l.year
GROUP BY l.field, l.year, l.size, l.threshold
