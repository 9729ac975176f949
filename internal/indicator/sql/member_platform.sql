-- member_platform: the institutions that a platform's organisations are in the corpus.
SELECT DISTINCT i.institution, u.unit, CAST(1 AS DOUBLE) AS weight
FROM platform_member m
JOIN institution i ON i.org_id = m.org_id
JOIN unit_platform u ON u.id = m.platform
