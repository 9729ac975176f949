-- part_country: parts of works by country, also where only the country is known.
SELECT work_id, unit, SUM(weight) AS weight
FROM (
  SELECT w.work_id, m.unit, w.weight
  FROM work_institution w
  JOIN member_country m ON m.institution = w.institution
  UNION ALL
  SELECT c.work_id, u.unit, c.weight
  FROM work_country c
  JOIN unit_country u ON u.id = c.country
) p
GROUP BY work_id, unit
