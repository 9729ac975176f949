#!/bin/sh
# Times the import of OpenAlex JSON lines beside DuckDB's own read_json on the same files, one after
# the other on this machine, and prints the ratios and the growth.
# DuckDB is asked twice: for one nested Parquet file of the same columns, which is the least that it
# can do, and for work and authorship by year. Kapok also sorts, drops repeated ids, checks every
# value, and writes institutions, sources, fields and points.
# Usage: bench/corpus/run.sh [WORKS…]   (100000 1000000 otherwise; a work takes 10 kB of disk plain,
# 1.5 kB packed). FORM=gz packs the files; KAPOK_BENCH is the folder for them.
set -eu
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- 100000 1000000
dir=${KAPOK_BENCH:-$(mktemp -d)}
mkdir -p "$dir"
go build -o "$dir/works" bench/corpus/works.go
go build -o "$dir/measure" bench/corpus/measure.go
: > "$dir/times"
for n in "$@"; do
	in="$dir/in-$n-${FORM:-plain}"
	[ -d "$in" ] || "$dir/works" "$n" $((n / 25000 > 4 ? n / 25000 : 4)) "$in" ${FORM:+gz}
	for how in kapok duckdb-nested duckdb; do
		set +e
		line=$("$dir/measure" "$how" "$in" "$dir/out" 2>"$dir/error") || line="- - - $(head -c 200 "$dir/error")"
		set -e
		echo "$n $how $line" | tee -a "$dir/times"
		rm -rf "$dir/out"
	done
done
python3 - "$dir/times" <<'PY'
import sys
t = {}
for line in open(sys.argv[1]):
    n, how, wall, rss, cpu = line.split()[:5]
    if wall != "-":
        t[int(n), how] = float(wall), int(rss), float(cpu)
sizes = sorted({n for n, _ in t})
for n in sizes:
    k = t.get((n, "kapok"))
    for how in ("duckdb-nested", "duckdb"):
        d = t.get((n, how))
        if k and d:
            print(f"{n} works: kapok {k[0]:.1f} s ({k[2]:.1f} s of CPU, {k[1]} MB), {how} {d[0]:.1f} s ({d[2]:.1f} s, {d[1]} MB): ratio {k[0] / d[0]:.2f} by the clock, {k[2] / d[2]:.2f} by CPU")
for a, b in zip(sizes, sizes[1:]):
    if (a, "kapok") in t and (b, "kapok") in t:
        print(f"growth of kapok from {a} to {b} ({b / a:.0f} times the works): {t[b, 'kapok'][0] / t[a, 'kapok'][0]:.1f} times the time")
PY
[ -n "${KAPOK_BENCH:-}" ] || rm -rf "$dir"
