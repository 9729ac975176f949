-- rolled_up: to which organisation an institution's part of a work goes, through
-- as many as eight steps.
SELECT a.institution, COALESCE(b.unit, a.unit) AS unit, SUM(a.weight * COALESCE(b.weight, CAST(1 AS DOUBLE))) AS weight
FROM rolled_4 a
LEFT JOIN rolled_4 b ON b.institution = a.unit AND a.stays = 0
GROUP BY a.institution, COALESCE(b.unit, a.unit)
