#!/bin/sh
# Computes all indicators of organisations by field and year over simulated worlds, with package
# indicator and with bare SQL (in the same DuckDB and in the duckdb wheel), compares every value, and
# prints the ratio and the growth.
# Usage: bench/indicators/run.sh [WORKS ...]   1000000 10000000 otherwise
# (needs python3 with duckdb; WORLDS names a folder that keeps the worlds, MEMORY_MB bounds DuckDB, ROUNDS
# is how often each is timed)
set -eu
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- 1000000 10000000
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
worlds=${WORLDS:-$scratch}
export MEMORY_MB="${MEMORY_MB:-2600}"
mkdir -p "$worlds"
go build -o "$scratch/engine" engine.go
for n in "$@"; do
	world=$worlds/world-$n
	if [ ! -e "$world/corpus.json" ]; then
		echo "make $n $("$scratch/engine" make "$world" "$n")" | tee -a "$scratch/times"
	fi
	find "$world" -name "*.parquet" -exec cat {} + >/dev/null # all start with the files in memory
	for round in $(seq "${ROUNDS:-3}"); do
		for who in kapok bare wheel; do
			out=$scratch/$who.parquet
			case $who in
			wheel) t=$(python3 bare.py "$world" "$out") ;;
			*) t=$("$scratch/engine" $who "$world" "$out") ;;
			esac
			echo "$who $n $t" | tee -a "$scratch/times"
		done
		[ "$round" = 1 ] && python3 compare.py "$scratch/kapok.parquet" "$scratch/bare.parquet"
		[ "$round" = 1 ] && python3 compare.py "$scratch/kapok.parquet" "$scratch/wheel.parquet"
		rm -rf "$scratch/kapok" "$scratch"/*.parquet
	done
done
python3 - "$scratch/times" <<'PY'
import collections, statistics, sys
times, memory, cpu = (collections.defaultdict(list) for _ in range(3))
for line in open(sys.argv[1]):
    who, n, seconds, mb, used = line.split()
    times[who, int(n)].append(float(seconds))
    memory[who, int(n)].append(int(mb))
    cpu[who, int(n)].append(float(used))
sizes = sorted({n for _, n in times})
for (who, n) in times:
    print(f"{who:6} {n:>10}: {statistics.median(times[who, n]):8.2f} s, processor {statistics.median(cpu[who, n]):8.2f} s, at most {max(memory[who, n])} MB")
for n in sizes:
    for who in ("bare", "wheel"):
        if (who, n) in times:
            print(f"kapok / {who} at {n}: {statistics.median(times['kapok', n]) / statistics.median(times[who, n]):.2f} (at most 1.3 is wanted), processor {statistics.median(cpu['kapok', n]) / statistics.median(cpu[who, n]):.2f}")
for a, b in zip(sizes, sizes[1:]):
    for who in ("kapok", "bare", "wheel"):
        print(f"{who} from {a} to {b}: {statistics.median(times[who, b]) / statistics.median(times[who, a]):.1f} times the time for {b / a:.0f} times the works")
PY
