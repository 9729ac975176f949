-- highly_units: how many highly cited works each unit has, counted in full.
SELECT COALESCE(u.id, CAST(p.unit AS VARCHAR)) AS id, s.field, COUNT(*) AS works
FROM part_{unit} p
JOIN scored s ON s.work_id = p.work_id
JOIN (
{highly}
) h ON h.field = s.field AND h.year = s.year
LEFT JOIN unit_{unit} u ON u.unit = p.unit
WHERE h.threshold > 2 AND s.cites >= h.threshold
GROUP BY COALESCE(u.id, CAST(p.unit AS VARCHAR)), s.field
ORDER BY 2, 3 DESC, 1
