-- member_country: institutions belong to the country where they are.
SELECT i.institution, u.unit, CAST(1 AS DOUBLE) AS weight
FROM institution i
JOIN unit_country u ON u.id = i.country
