-- part_city, part_district, part_platform: parts of works by where institutions
-- are, or to what they belong.
SELECT w.work_id, m.unit, SUM(w.weight * m.weight) AS weight
FROM work_institution w
JOIN member_{unit} m ON m.institution = w.institution
GROUP BY w.work_id, m.unit
