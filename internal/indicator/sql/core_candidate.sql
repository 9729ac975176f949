-- core_candidate: steps 1 to 5 of the core publications of the Leiden Ranking
-- Open Edition: articles and reviews of journals, and chapters too of book
-- series, in English, with authors, an affiliation and references. Five years
-- before the first core year are needed by the later steps.
SELECT w.work_id, w.source_id, w.year
FROM work w
JOIN source s ON s.source_id = w.source_id
JOIN (
  SELECT DISTINCT work_id
  FROM authorship
  WHERE affiliation_seq IS NOT NULL OR institution IS NOT NULL OR country IS NOT NULL
) a ON a.work_id = w.work_id
WHERE w.year BETWEEN {core_from} - 5 AND {to}
  AND (w.type IN ('article', 'review') AND s.kind IN ('journal', 'book series') OR w.type = 'book-chapter' AND s.kind = 'book series')
  AND w.language = 'en' AND w.authors > 0 AND w.refs > 0
