-- part_institution: parts of institutions as affiliations name them, nothing rolled up.
SELECT w.work_id, w.institution AS unit, w.weight
FROM work_institution w
