#!/usr/bin/env bash
# The indicator statements on a cluster of four processes on this machine, beside the embedded
# DuckDB: every value compared, a worker killed in mid-query (with and without the engine's own
# fault tolerance), core publications, and how time grows with the number of works.
# Usage: bench/scale/run.sh [trino|spark] [HOME_DIR] [SIZES]   (needs go, java 17, python3 with pip, mvn; 8 GB of memory)
set -euo pipefail
cd "$(dirname "$0")"
engine=${1:-trino}
home=${2:-${TMPDIR:-/tmp}/kapok-scale}
sizes=${3:-100000,1000000}
./install.sh "$home" "$engine"
go build -mod=mod -o "$home/scale" .
step() { printf '\n== %s\n' "$1"; }

step "conformance, 100,000 works"
"$home/scale" conform -engine "$engine" -home "$home" -sizes 100000 -full
step "conformance of core publications"
"$home/scale" conform -engine "$engine" -home "$home" -sizes 20000 -core
step "one worker killed in mid-query"
"$home/scale" loss -engine "$engine" -home "$home" -sizes 100000
if [ "$engine" = trino ]; then
  step "the same without fault tolerance in the engine: refused, then tried again by our client"
  "$home/scale" loss -engine "$engine" -home "$home" -sizes 100000 -retry NONE
fi
step "slope"
"$home/scale" slope -engine "$engine" -home "$home" -sizes "$sizes"
