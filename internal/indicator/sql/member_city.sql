-- member_city: institutions belong to the city where they are.
SELECT i.institution, u.unit, CAST(1 AS DOUBLE) AS weight
FROM institution i
JOIN unit_city u ON u.id = i.city
