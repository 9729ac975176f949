#!/bin/sh
# Clusters the same simulated points (15 km, density 4,500 for 10 million) with
# package cluster and with peers, one after the other on this machine. Prints
# seconds, the ratio to Kapok, memory of the process, agreement with Kapok, and
# Kapok's growth from size to size.
#
# Usage: bench/cluster/run.sh [SIZE...]           default 100000 1000000
# Peers are left out above the sizes they can bear; change those with
#   WHEEL_MAX SKLEARN_MAX R_MAX SMIRA_MAX POSTGIS_MAX ELKI_MAX (0 leaves one out)
# Needs python3 with numpy; and for the peers the wheels dbscan and scikit-learn
# (PYTHON names the interpreter), Debian's r-cran-dbscan, elki,
# postgresql-15-postgis-3. A peer that is not installed is said to be missing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PYTHON=${PYTHON:-python3}
WORK=$(mktemp -d "${TMPDIR:-/tmp}/cluster.XXXXXX")
export WORK
chmod 755 "$WORK"
trap 'rm -rf "$WORK"' EXIT
(cd "$here" && go build -o "$WORK/bench" .)
results=$WORK/results

# timed NAME COMMAND... runs a program and keeps its line with its memory.
timed() {
	name=$1
	shift
	if ! /usr/bin/time -f '%M' -o "$WORK/rss" "$@" >"$WORK/line" 2>"$WORK/err"; then
		echo "{\"program\": \"$name\", \"n\": $n, \"failed\": \"$(tail -n 1 "$WORK/err" | tr -d '"\\')\"}" >"$WORK/line"
	fi
	"$PYTHON" - "$WORK/line" "$WORK/rss" >>"$results" <<'PY'
import json, sys
line = json.loads(open(sys.argv[1]).read().splitlines()[-1])
line["rss_mb"] = int(open(sys.argv[2]).read().split()[-1]) // 1024
print(json.dumps(line))
PY
}

# against FILE OURS THEIRS adds agreement to the last line.
against() {
	[ -f "$3.labels" ] || return 0
	"$PYTHON" "$here/peer.py" compare "$1" "$density" "$2" "$3" >"$WORK/agree"
	"$PYTHON" - "$results" "$WORK/agree" <<'PY'
import json, sys
lines = open(sys.argv[1]).read().splitlines()
last = json.loads(lines[-1])
last["agreement"] = json.load(open(sys.argv[2]))
open(sys.argv[1], "w").write("\n".join(lines[:-1] + [json.dumps(last)]) + "\n")
PY
}

# peer NAME MAX TEST COMMAND... runs a peer whose TEST passes, up to MAX points.
peer() {
	name=$1 max=$2 test=$3
	shift 3
	[ "$n" -le "$max" ] || return 0
	if ! sh -c "$test" >/dev/null 2>&1; then
		echo "{\"program\": \"$name\", \"n\": $n, \"failed\": \"not installed\"}" >>"$results"
		return 0
	fi
	rm -f "$WORK/theirs".*
	timed "$name" "$@"
	against "$file" "$ours" "$WORK/theirs"
}

for n in ${*:-100000 1000000}; do
	density=$("$PYTHON" -c "print(max(2, round(4500 * $n / 10_000_000)))")
	file=$WORK/points ours=$WORK/ours
	"$WORK/bench" generate "$n" "$file"
	timed kapok env REPEAT="${REPEAT:-3}" "$WORK/bench" kapok "$file" "$density" "$ours"
	timed "kapok, rounded" env ROUND=0.01 "$WORK/bench" kapok "$file" "$density" "$WORK/rounded"
	peer "dbscan wheel" "${WHEEL_MAX:-10000000}" "$PYTHON -c 'import dbscan'" "$PYTHON" "$here/peer.py" dbscan "$file" "$density" "$WORK/theirs"
	peer "scikit-learn" "${SKLEARN_MAX:-100000}" "$PYTHON -c 'import sklearn'" "$PYTHON" "$here/peer.py" sklearn "$file" "$density" "$WORK/theirs"
	peer "R dbscan" "${R_MAX:-100000}" "Rscript -e 'library(dbscan)'" Rscript "$here/peer.R" "$file" "$density" "$WORK/theirs"
	peer "smira/go-point-clustering" "${SMIRA_MAX:-100000}" true "$WORK/bench" smira "$file" "$density" "$WORK/theirs"
	if [ "$n" -le "${ELKI_MAX:-100000}" ]; then
		"$PYTHON" "$here/peer.py" export "$file" "$WORK/xyz"
		peer ELKI "$n" "test -f /usr/share/java/elki.jar" "$here/elki.sh" "$WORK/xyz" "$density" "$WORK/theirs"
	fi
	if [ "$n" -le "${POSTGIS_MAX:-100000}" ]; then # knows planes only: Kapok does the same plane beside it
		"$PYTHON" "$here/peer.py" export "$file" "$WORK/plane.csv" plane
		chmod 644 "$WORK/plane.csv"
		timed "kapok, plane" "$WORK/bench" kapok "$WORK/plane.csv.f64" "$density" "$WORK/plane" plane
		ours=$WORK/plane
		peer "PostGIS, plane" "$n" "test -f /usr/share/postgresql/15/extension/postgis.control" "$here/postgis.sh" "$WORK/plane.csv" "$density" "$WORK/theirs"
	fi
done

"$PYTHON" - "$results" <<'PY'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
ours = {}
print(f"{'program':<28}{'n':>10}{'first s':>10}{'best s':>10}{'ratio':>8}{'MB':>7}{'clusters':>9}{'core':>9}{'noise':>9}  agreement with kapok")
for x in lines:
    if "failed" in x:
        print(f"{x['program']:<28}{x['n']:>10}  {x['failed']}")
        continue
    first, best = x["seconds"][0], min(x["seconds"])
    if x["program"] == "kapok":
        ours[x["n"]] = first
    a = x.get("agreement")
    told = f"core flags that differ: {a['core_flags_that_differ']}; core partition {a['core_partition']}; noise that differs {a['noise_that_differs']}; border labels that differ {a['labels_that_differ_on_border']}" if a else json.dumps(x.get("more", "")) + (f" processor seconds of the first: {x['cpu_seconds'][0]:.3f}" if "cpu_seconds" in x else "")
    if a and "cpu_seconds" in x:
        told += f"; processor seconds {x['cpu_seconds'][0]:.3f}"
    print(f"{x['program']:<28}{x['n']:>10}{first:>10.3f}{best:>10.3f}{first / ours[x['n']]:>8.1f}{x['rss_mb']:>7}{x['clusters']:>9}{x['core'] if x['core'] >= 0 else '-':>9}{x['noise']:>9}  {told}")
sizes = sorted(ours)
for a, b in zip(sizes, sizes[1:]):
    print(f"growth of kapok from {a} to {b}: {ours[b] / ours[a]:.1f} times")
PY
