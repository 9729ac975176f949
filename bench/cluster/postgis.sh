#!/bin/sh
# Times PostGIS' ST_ClusterDBSCAN on a plane: postgis.sh CSV DENSITY OUT
# CSV has id, x, y in km. Starts a server of its own under $WORK and stops it.
set -eu
csv=$1 density=$2 out=$3 bin=${PGBIN:-/usr/lib/postgresql/15/bin} port=${PGPORT:-54391}
dir=$(mktemp -d "${WORK:-/tmp}/postgis.XXXXXX")
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
[ "$(id -u)" = 0 ] && chown postgres "$dir" && chmod 755 "$dir"
as "$bin/initdb" -D "$dir/data" -A trust -U bench >/dev/null
as "$bin/pg_ctl" -D "$dir/data" -w -o "-p $port -k $dir -c listen_addresses= -c shared_buffers=512MB -c work_mem=1GB -c fsync=off" -l "$dir/log" start >/dev/null
trap 'as "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null; rm -rf "$dir"' EXIT
sql() { psql -h "$dir" -p "$port" -U bench -d postgres -qAtX -v ON_ERROR_STOP=1 "$@"; }
sql -c 'CREATE EXTENSION postgis' -c 'CREATE TABLE raw (id int, x float8, y float8)'
sql -c "\\copy raw FROM '$csv' WITH (FORMAT csv)"
sql -c 'CREATE TABLE point AS SELECT id, ST_MakePoint(x, y) AS at FROM raw' -c 'ANALYZE point'
begun=$(date +%s.%N)
sql -c "CREATE TABLE label AS SELECT id, ST_ClusterDBSCAN(at, eps := 15, minpoints := $density) OVER () AS c FROM point"
ended=$(date +%s.%N)
sql -c "\\copy (SELECT coalesce(c, -1) FROM label ORDER BY id) TO '$out.txt'"
python3 - "$out" "$begun" "$ended" <<'PY'
import array, json, sys
labels = array.array("i", (int(line) for line in open(sys.argv[1] + ".txt")))
labels.tofile(open(sys.argv[1] + ".labels", "wb"))
print(json.dumps({"program": "PostGIS, plane", "n": len(labels), "seconds": [float(sys.argv[3]) - float(sys.argv[2])],
                  "clusters": max(labels) + 1, "core": -1, "noise": sum(c < 0 for c in labels)}))
PY
