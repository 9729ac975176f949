#!/bin/sh
# The same atoms for the same firms with Kapok, bare cel-go, OPA and, where PEER_PYTHON is a Python that has
# openfisca-core, OpenFisca; then with ten times as many firms. Two goroutines but for OpenFisca.
# Usage: bench/policy/run.sh [FIRMS…]    (1000 10000 otherwise; ATOMS, 200)
set -eu
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- 1000 10000
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
go build -o "$folder/policy" .
for firms in "$@"; do
	echo "== $firms firms, ${ATOMS:-200} atoms"
	"$folder/policy" "$firms" "${ATOMS:-200}" "$folder"
	[ -z "${PEER_PYTHON:-}" ] || "$PEER_PYTHON" peer.py "$folder"
done | tee "$folder/out"
awk '/^==/ { n = $2 } !/^==/ { name = $1; sub(",", "", name); for (i = 1; i < NF; i++) if ($(i + 1) == "atoms/s") rate = $i
	if (name == "kapok") mine = rate; printf "%s: %.1f times the atoms of it a second (%s firms)\n", name, mine / rate, n }' "$folder/out"
