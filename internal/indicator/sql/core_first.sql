-- core_kept, to begin with: all international sources with works, and how many.
SELECT w.source_id, COUNT(*) AS works
FROM core_candidate w
JOIN core_distance d ON d.source_id = w.source_id
WHERE d.international = 1 AND w.year >= {core_from}
GROUP BY w.source_id
