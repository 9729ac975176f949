-- rolled_2, rolled_4: twice as many steps up. Tables of their own, since some
-- engines compute a WITH part once per use.
SELECT a.institution, COALESCE(b.unit, a.unit) AS unit, SUM(a.weight * COALESCE(b.weight, CAST(1 AS DOUBLE))) AS weight, COALESCE(b.stays, a.stays) AS stays
FROM {before} a
LEFT JOIN {before} b ON b.institution = a.unit AND a.stays = 0
GROUP BY a.institution, COALESCE(b.unit, a.unit), COALESCE(b.stays, a.stays)
