-- associated: organisations whose part goes to a parent, but only in works that
-- carry the parent too. One that rolls up already, or that is a parent itself,
-- stays what it is.
SELECT DISTINCT l.child AS institution, COALESCE(r.unit, l.parent) AS unit
FROM institution_link l
LEFT JOIN rolled_up r ON r.institution = l.parent
LEFT JOIN (SELECT DISTINCT institution FROM rolled_up) rolled ON rolled.institution = l.child
LEFT JOIN (SELECT DISTINCT parent FROM institution_link WHERE child <> parent) heads ON heads.parent = l.child
WHERE l.kind = 'associated' AND l.child <> l.parent AND rolled.institution IS NULL AND heads.parent IS NULL
