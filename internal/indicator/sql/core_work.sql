-- core_work: the core publications.
SELECT w.work_id
FROM core_candidate w
JOIN core_kept k ON k.source_id = w.source_id
WHERE w.year >= {core_from}
