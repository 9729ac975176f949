-- All indicators of organisations by field and year, written by hand from the
-- definitions of the Leiden Ranking Open Edition, for a corpus whose links are
-- one level deep. It stands beside package indicator: the same joins and sums
-- without it, and a check of its values. The views of the corpus are there;
-- the answer is the table result.

-- Works that count, and what a number of citations is worth in its cell.
CREATE TABLE w AS
SELECT work_id, year, field, subfield, type, cited_window AS c FROM work WHERE type IN ('article', 'review') AND NOT retracted;

CREATE TABLE worth AS
WITH t AS (SELECT year, subfield, type, c, count(*) AS n FROM w GROUP BY ALL),
u AS (
  SELECT *, sum(n) OVER cell AS size, sum(n * c) OVER cell AS total, sum(n) OVER (PARTITION BY year, subfield, type ORDER BY c) AS upto
  FROM t WINDOW cell AS (PARTITION BY year, subfield, type)
)
SELECT year, subfield, type, c,
  CASE WHEN total = 0 THEN 1 ELSE c::DOUBLE * size / total END AS ncs,
  -- above the threshold 1, below 0, at it what fills the share exactly
  greatest(0, least(1, (100 * upto - 99 * size)::DOUBLE / (100 * n))) AS top1,
  greatest(0, least(1, (10 * upto - 9 * size)::DOUBLE / (10 * n))) AS top10,
  greatest(0, least(1, (2 * upto - size)::DOUBLE / (2 * n))) AS top50
FROM u;

-- Weights of institutions, then of organisations.
CREATE TABLE part AS
SELECT a.work_id, a.institution, sum(a.weight) AS weight
FROM authorship a SEMI JOIN w USING (work_id) WHERE a.institution IS NOT NULL GROUP BY ALL;

CREATE TABLE unit AS
WITH rolls AS (SELECT child, parent, weight FROM institution_link WHERE kind IN ('component', 'joint')),
loose AS (SELECT child, parent FROM institution_link WHERE kind = 'associated'),
direct AS (
  SELECT p.work_id, coalesce(r.parent, p.institution) AS unit, p.weight * coalesce(r.weight, 1) AS weight
  FROM part p LEFT JOIN rolls r ON r.child = p.institution
  WHERE p.institution NOT IN (SELECT child FROM loose)
),
guests AS (SELECT p.work_id, p.institution, l.parent, p.weight FROM part p JOIN loose l ON l.child = p.institution),
hosts AS (SELECT DISTINCT d.work_id, d.unit FROM direct d SEMI JOIN guests g ON g.work_id = d.work_id AND g.parent = d.unit)
SELECT work_id, unit, sum(weight) AS weight FROM (
  SELECT * FROM direct
  UNION ALL
  SELECT g.work_id, CASE WHEN h.unit IS NULL THEN g.institution ELSE g.parent END, g.weight
  FROM guests g LEFT JOIN hosts h ON h.work_id = g.work_id AND h.unit = g.parent
) GROUP BY ALL;

-- With whom: Hong Kong and Macao count with China; distances are great circles.
CREATE TABLE place AS
SELECT institution, CASE WHEN country IN ('HK', 'MO') THEN 'CN' ELSE country END AS country, kind = 'company' AS company,
  cos(radians(lat)) * cos(radians(lon)) AS x, cos(radians(lat)) * sin(radians(lon)) AS y, sin(radians(lat)) AS z
FROM institution;

CREATE TABLE side AS
SELECT p.work_id, min(i.country) AS least, max(i.country) AS most, bool_or(i.company) AS company, count(*) AS institutions
FROM part p JOIN place i USING (institution) GROUP BY 1;

CREATE TABLE span AS
SELECT a.work_id, max(2 * 6371.01 * asin(least(1, sqrt((f.x - g.x) ** 2 + (f.y - g.y) ** 2 + (f.z - g.z) ** 2) / 2))) AS km
FROM (SELECT p.* FROM part p SEMI JOIN (SELECT work_id FROM side WHERE institutions > 1) s USING (work_id)) a
JOIN part b ON b.work_id = a.work_id AND b.institution > a.institution
JOIN place f ON f.institution = a.institution
JOIN place g ON g.institution = b.institution
GROUP BY 1;

CREATE TABLE nation AS
SELECT work_id, min(least) <> max(most) AS abroad FROM (
  SELECT work_id, least, most FROM side
  UNION ALL
  SELECT a.work_id, CASE WHEN country IN ('HK', 'MO') THEN 'CN' ELSE country END, CASE WHEN country IN ('HK', 'MO') THEN 'CN' ELSE country END
  FROM authorship a SEMI JOIN w USING (work_id) WHERE institution IS NULL AND country IS NOT NULL
) GROUP BY 1;

CREATE TABLE trait AS
SELECT n.work_id, coalesce(u.several, FALSE) OR n.abroad AS collab, n.abroad, coalesce(s.company, FALSE) AS company,
  CASE WHEN s.institutions = 1 THEN 0 ELSE d.km END AS km
FROM nation n
LEFT JOIN (SELECT work_id, count(*) > 1 AS several FROM unit GROUP BY 1) u USING (work_id)
LEFT JOIN side s USING (work_id)
LEFT JOIN span d USING (work_id);

CREATE TABLE result AS
SELECT p.unit, w.field, w.year, count(*) AS p, sum(p.weight) AS share, sum(p.weight * w.c) AS tcs,
  sum(p.weight * s.ncs) / sum(p.weight) AS mncs,
  sum(p.weight * s.top1) AS p_top1, sum(p.weight * s.top1) / sum(p.weight) AS pp_top1,
  sum(p.weight * s.top10) AS p_top10, sum(p.weight * s.top10) / sum(p.weight) AS pp_top10,
  sum(p.weight * s.top50) AS p_top50, sum(p.weight * s.top50) / sum(p.weight) AS pp_top50,
  count(*) FILTER (WHERE t.collab) AS p_collab, count(*) FILTER (WHERE t.abroad) AS p_int_collab, count(*) FILTER (WHERE t.company) AS p_industry,
  count(*) FILTER (WHERE t.collab AND t.km <= 100) AS p_short_dist, count(*) FILTER (WHERE t.collab AND t.km >= 5000) AS p_long_dist
FROM unit p
JOIN w USING (work_id)
JOIN worth s ON s.year = w.year AND s.subfield = w.subfield AND s.type = w.type AND s.c = w.c
LEFT JOIN trait t ON t.work_id = p.work_id
GROUP BY ALL;
