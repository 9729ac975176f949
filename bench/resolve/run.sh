#!/bin/sh
# Runs package resolve and the rapidfuzz peer over the same register and strings, one after the
# other on this machine, and prints the ratio and the growth from n to 10 n organisations.
# Usage: bench/resolve/run.sh [SHARED_DATA_FOLDER]   (needs python3 with rapidfuzz)
set -eu
cd "$(dirname "$0")/../.."
data=${1:-${KAPOK_SHARED:-../shared}/data}
out=$(mktemp)
trap 'rm -f "$out"' EXIT
python3 bench/resolve/peer.py "$data" | tee "$out"
go test -count=1 -run 'TestSpringer$' -v ./internal/registry/resolve | grep ' all: '
go test -run '^$' -bench BenchmarkScale -benchtime 3x ./internal/registry/resolve | grep '^BenchmarkScale' | tee -a "$out"
python3 - "$out" <<'PY'
import json, re, sys
peer, ours = [], []
for line in open(sys.argv[1]):
    if line.startswith("{"):
        peer.append(json.loads(line)["texts_per_s"])
    elif m := re.search(r"([\d.e+]+) texts/s", line):
        ours.append(float(m.group(1)))
for name, rate in (("rapidfuzz", peer), ("resolve, one worker", ours)):
    print(f"{name}: {rate[0]:.0f} texts/s at n, {rate[1]:.0f} at 10 n: {rate[0] / rate[1]:.1f} times slower")
print(f"ratio at 10 n: {ours[1] / peer[1]:.0f}")
PY
