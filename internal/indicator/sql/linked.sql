-- linked: citations of a work counted link by link, in its year and the three
-- after it, self-citations left out{citing}.
SELECT w.work_id, COUNT(*) AS cites
FROM citation c
JOIN work w ON w.work_id = c.cited
{core_citing}WHERE w.year BETWEEN {from} AND {to} AND c.citing_year BETWEEN {from} AND {to} + 3 AND c.citing_year - w.year BETWEEN 0 AND 3
  AND (c.self IS NULL OR NOT c.self)
GROUP BY w.work_id
