-- unit_organisation, unit_institution: what the numbers of organisations stand for.
SELECT i.institution AS unit, CAST(i.institution AS VARCHAR) AS id, i.org_id, i.name_en, i.name_zh, i.country, i.city
FROM institution i
