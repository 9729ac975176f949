#!/bin/sh
# The ledger's speed: durable transactions by a poster on SQLite (WAL, synchronous=FULL: an fsync
# for every commit) and on PostgreSQL, for several numbers of callers; balances as of two times in an
# account of many entries; verification; and hledger beside it for the report of all balances.
# Usage: bench/ledger/run.sh [ENTRIES…]   (100000 1000000 otherwise; 1 GB of disk for a million)
# KAPOK_TEST_POSTGRES names the server, without it that half is left out; TRANSACTIONS (20000) is how
# many are posted for each number of callers; KAPOK_BENCH_DIR is the folder, on the disk to be measured.
# PEER_PYTHON is a Python that has what peer.py needs: a server ledger on the same PostgreSQL then runs beside.
set -eu
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- 100000 1000000
n=${TRANSACTIONS:-20000}
own=
if [ -z "${KAPOK_BENCH_DIR:-}" ]; then
	KAPOK_BENCH_DIR=$(mktemp -d)
	own=$KAPOK_BENCH_DIR
fi
export KAPOK_BENCH_DIR
trap '[ -z "$own" ] || rm -rf "$own"' EXIT
go test -c -o "$KAPOK_BENCH_DIR/ledger.test" ./internal/ledger
bench() { (cd internal/ledger && "$KAPOK_BENCH_DIR/ledger.test" -test.run '^$' -test.timeout 2h -test.bench "$1" -test.benchtime "$2" 2>&1 | grep -E '^(Benchmark|---|\s+\w+_test)' || true); }

echo "== posting, $n transactions of two entries for each number of callers"
bench 'Poster' "${n}x" | tee "$KAPOK_BENCH_DIR/posting"
if [ -n "${PEER_PYTHON:-}" ] && [ -n "${KAPOK_TEST_POSTGRES:-}" ]; then
	echo "== a server ledger on the same PostgreSQL, $((n / 10)) transactions for each number of callers"
	"$PEER_PYTHON" bench/ledger/peer.py "${KAPOK_TEST_POSTGRES%%\?*}" "$((n / 10))" 1 16
fi
: > "$KAPOK_BENCH_DIR/growth"
for entries in "$@"; do
	echo "== $entries entries in one account over ten years"
	KAPOK_BENCH_ENTRIES=$entries
	export KAPOK_BENCH_ENTRIES
	bench 'AsOf|Whole' 200x | tee "$KAPOK_BENCH_DIR/one"
	sed "s/^/$entries /" "$KAPOK_BENCH_DIR/one" >> "$KAPOK_BENCH_DIR/growth"
	rm -f "$KAPOK_BENCH_DIR"/*.db*
done
python3 - "$KAPOK_BENCH_DIR/growth" "$KAPOK_BENCH_DIR/posting" <<'PY'
import re, sys
rows = {}
for line in open(sys.argv[1]):
    m = re.match(r'(\d+) Benchmark(\S+?)(?:-\d+)?\s+\d+\s+(.*)', line)
    if m:
        for value, unit in re.findall(r'([\d.e+]+) (\S+)', m[3]):
            rows.setdefault((m[2], unit), []).append((int(m[1]), float(value)))
print('== growth')
for (name, unit), points in sorted(rows.items()):
    if len(points) > 1:
        (n0, v0), (n1, v1) = points[0], points[-1]
        print(f'{name:24} {unit:10} {v0:14.1f} -> {v1:14.1f}  x{v1 / v0 if v0 else 0:.2f} for x{n1 / n0:.0f} entries')
print('== ratio')
rate = {}
for line in open(sys.argv[2]):
    m = re.match(r'BenchmarkPoster/(\S+?)(?:-\d+)?\s.*?([\d.]+) tx/s', line)
    if m:
        rate[m[1]] = float(m[2])
for name, r in rate.items():
    print(f'{name:16} {r:8.0f} tx/s  x{r / rate["1"]:.1f} of one caller')
PY
