-- part_direct: parts of the organisations that anything rolls up to, after
-- components and joint organisations went there. Associated ones are left out.
SELECT w.work_id, m.unit, SUM(w.weight * m.weight) AS weight
FROM work_institution w
JOIN member m ON m.institution = w.institution
WHERE m.unit IS NOT NULL
GROUP BY w.work_id, m.unit
