-- place: where an institution is. Hong Kong and Macao count with China in
-- collaborations; x, y, z is the point on the unit sphere.
SELECT i.institution,
  CASE WHEN i.country IN ('HK', 'MO') THEN 'CN' ELSE i.country END AS home,
  CASE WHEN i.kind = 'company' THEN 1 ELSE 0 END AS company,
  cos(radians(i.lat)) * cos(radians(i.lon)) AS x,
  cos(radians(i.lat)) * sin(radians(i.lon)) AS y,
  sin(radians(i.lat)) + CAST(0 AS DOUBLE) * i.lon AS z
FROM institution i
