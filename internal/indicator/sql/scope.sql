-- scope: the works that count, each with its cell (field × year × type) and its
-- citations. Retracted works never count.
SELECT w.work_id, w.year, w.field, {kind} AS kind, w.{cell} AS cell, {cites} AS cites
FROM work w
{linked}{core}WHERE w.year BETWEEN {from} AND {to} AND w.type IN ({types}) AND (w.retracted IS NULL OR NOT w.retracted)
