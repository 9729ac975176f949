"""Runs bare.sql in the duckdb wheel: bare.py CORPUS OUT.parquet. Prints seconds, peak MB, processor seconds."""
import os
import pathlib
import resource
import sys
import time

import duckdb

folder, out = sys.argv[1], sys.argv[2]
begun = time.time()
c = duckdb.connect(config={"threads": 2, "memory_limit": os.environ["MEMORY_MB"] + "MB", "temp_directory": os.path.dirname(os.path.abspath(out)), "preserve_insertion_order": False})
for table in ("work", "authorship", "institution", "institution_link"):
    c.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{folder}/{table}/**/*.parquet', hive_partitioning = false)")
for statement in duckdb.extract_statements(pathlib.Path(__file__).with_name("bare.sql").read_text()):
    c.execute(statement)
c.execute(f"COPY result TO '{out}' (FORMAT parquet, COMPRESSION zstd)")
use = resource.getrusage(resource.RUSAGE_SELF)
print(f"{time.time() - begun:.2f} {use.ru_maxrss // 1024} {use.ru_utime + use.ru_stime:.2f}")
