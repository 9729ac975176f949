"""Compares two tables of indicators, value by value: compare.py OURS.parquet THEIRS.parquet. Fails when any differs by more than a billionth."""
import sys

import duckdb

c = duckdb.connect()
a, b = (f"read_parquet('{path}')" for path in sys.argv[1:3])
columns = [row[0] for row in c.execute(f"DESCRIBE SELECT * FROM {b}").fetchall()]
key, values = columns[:3], columns[3:]
missing = c.execute(f"SELECT count(*) FILTER (WHERE a.p IS NULL), count(*) FILTER (WHERE b.p IS NULL), count(*) FROM {a} a FULL JOIN {b} b USING ({', '.join(key)})").fetchone()
bad = any(missing[:2])
print(f"{missing[2]} cells; only in bare SQL {missing[0]}, only in Kapok {missing[1]}")
worst = 0.0
for v in values:
    off, wrong = c.execute(f"""SELECT max(d), count(*) FILTER (WHERE d > 1e-9 OR d IS NULL) FROM (
        SELECT CASE WHEN a.{v} IS NULL AND b.{v} IS NULL THEN 0 ELSE abs(a.{v} - b.{v}) / greatest(1, abs(b.{v})) END AS d
        FROM {a} a JOIN {b} b USING ({', '.join(key)}))""").fetchone()
    worst = max(worst, off or 0)
    if wrong:
        bad = True
        print(f"{v}: {wrong} values differ, by {off} at most")
print(f"{len(values)} indicators, greatest difference {worst:.1e}")
sys.exit(bad)
