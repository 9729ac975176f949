-- part_direct: parts of organisations, after components and joint organisations
-- went to their parents; associated ones are left out.
SELECT w.work_id, COALESCE(m.unit, w.institution) AS unit, SUM(w.weight * COALESCE(m.weight, CAST(1 AS DOUBLE))) AS weight
FROM work_institution w
LEFT JOIN member m ON m.institution = w.institution
WHERE m.institution IS NULL OR m.unit IS NOT NULL
GROUP BY w.work_id, COALESCE(m.unit, w.institution)
