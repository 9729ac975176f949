-- part_organisation: parts of all organisations. The part of an associated
-- organisation is split evenly over those of its parents that the work carries
-- too; without one it stays.
WITH loose AS (
  SELECT w.work_id, w.institution, a.unit, w.weight
  FROM work_institution w
  JOIN associated a ON a.institution = w.institution
),
near AS (
  SELECT l.work_id, l.institution, l.unit, l.weight / CAST(COUNT(*) OVER (PARTITION BY l.work_id, l.institution) AS DOUBLE) AS weight
  FROM loose l
  JOIN part_direct d ON d.work_id = l.work_id AND d.unit = l.unit
),
moved AS (
  SELECT work_id, unit, SUM(weight) AS weight FROM near GROUP BY work_id, unit
)
SELECT d.work_id, d.unit, d.weight + COALESCE(m.weight, CAST(0 AS DOUBLE)) AS weight
FROM part_direct d
LEFT JOIN moved m ON m.work_id = d.work_id AND m.unit = d.unit
UNION ALL
SELECT w.work_id, w.institution AS unit, w.weight
FROM work_institution w
LEFT JOIN (SELECT DISTINCT institution FROM member) m ON m.institution = w.institution
WHERE m.institution IS NULL
UNION ALL
SELECT l.work_id, l.institution AS unit, l.weight
FROM (SELECT DISTINCT work_id, institution, weight FROM loose) l
LEFT JOIN (SELECT DISTINCT work_id, institution FROM near) n ON n.work_id = l.work_id AND n.institution = l.institution
WHERE n.work_id IS NULL
