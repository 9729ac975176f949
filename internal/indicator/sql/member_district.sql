-- member_district: institutions belong to the district where they are.
SELECT i.institution, u.unit, CAST(1 AS DOUBLE) AS weight
FROM institution i
JOIN unit_district u ON u.id = i.district
