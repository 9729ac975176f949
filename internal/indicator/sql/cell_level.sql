-- cell_level: what a number of citations is worth in its cell.
-- ncs is citations over their mean, 1 where that mean is 0. top10 is the part
-- of such a work that is among the 10 % most cited: 1 above the threshold, 0
-- below it, and at the threshold what fills the 10 % exactly, in whole numbers:
-- (size * 10 - above * 100) / (works * 100). So exactly 10 % of every cell are top.
WITH tally AS (
  SELECT year, kind, cell, cites, COUNT(*) AS works
  FROM scope
  WHERE cell IS NOT NULL AND cites IS NOT NULL
  GROUP BY year, kind, cell, cites
),
cells AS (
  SELECT year, kind, cell, CAST(SUM(works) AS BIGINT) AS size, CAST(SUM(works * cites) AS BIGINT) AS total
  FROM tally
  GROUP BY year, kind, cell
),
ordered AS (
  SELECT t.year, t.kind, t.cell, t.cites, t.works, c.size, c.total,
    CAST(SUM(t.works) OVER (PARTITION BY t.year, t.kind, t.cell ORDER BY t.cites DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT) - t.works AS above
  FROM tally t
  JOIN cells c ON c.year = t.year AND c.kind = t.kind AND c.cell = t.cell
)
SELECT year, kind, cell, cites, works, size, total, above,
  CASE WHEN total = 0 THEN CAST(1 AS DOUBLE) ELSE CAST(cites AS DOUBLE) * CAST(size AS DOUBLE) / CAST(total AS DOUBLE) END AS ncs,
  CASE WHEN size <= above * 100 THEN CAST(0 AS DOUBLE) WHEN size >= (above + works) * 100 THEN CAST(1 AS DOUBLE)
    ELSE CAST(size - above * 100 AS DOUBLE) / CAST(works * 100 AS DOUBLE) END AS top1,
  CASE WHEN size * 10 <= above * 100 THEN CAST(0 AS DOUBLE) WHEN size * 10 >= (above + works) * 100 THEN CAST(1 AS DOUBLE)
    ELSE CAST(size * 10 - above * 100 AS DOUBLE) / CAST(works * 100 AS DOUBLE) END AS top10,
  CASE WHEN size * 50 <= above * 100 THEN CAST(0 AS DOUBLE) WHEN size * 50 >= (above + works) * 100 THEN CAST(1 AS DOUBLE)
    ELSE CAST(size * 50 - above * 100 AS DOUBLE) / CAST(works * 100 AS DOUBLE) END AS top50,
  CASE WHEN total = 0 THEN 1 ELSE 0 END AS uncited
FROM ordered
