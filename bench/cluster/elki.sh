#!/bin/sh
# Times ELKI's DBSCAN with a bulk-loaded R*-tree: elki.sh XYZ DENSITY OUT
# XYZ has unit vectors. Debian's jar has an index that newer Java refuses, so it
# is unpacked first.
set -eu
xyz=$1 density=$2 out=$3
dir=$(mktemp -d "${WORK:-/tmp}/elki.XXXXXX")
trap 'rm -rf "$dir"' EXIT
(cd "$dir" && unzip -qo /usr/share/java/elki.jar && rm -f META-INF/INDEX.LIST)
java -Xmx8g -cp "$dir:/usr/share/java/trove4j.jar" de.lmu.ifi.dbs.elki.application.KDDCLIApplication \
	-dbc.in "$xyz" -time -algorithm clustering.DBSCAN -dbscan.epsilon 0.0023544147 -dbscan.minpts "$density" \
	-db.index tree.spatial.rstarvariants.rstar.RStarTreeFactory -spatial.bulkstrategy SortTileRecursiveBulkSplit -pagefile.pagesize 4096 \
	-resulthandler ResultWriter -out "$dir/result" >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
python3 - "$dir" "$xyz" "$out" <<'PY'
import array, glob, json, re, sys
folder, xyz, out = sys.argv[1:]
labels = array.array("i", [-1]) * sum(1 for _ in open(xyz))
k = noise = 0
for file in sorted(glob.glob(folder + "/result/*.txt")):
    ids = [int(m.group(1)) for m in (re.match(r"ID=(\d+) ", line) for line in open(file)) if m]
    if not ids or "settings" in file:
        continue
    is_noise = "noise" in file.rsplit("/", 1)[1]
    for i in ids:
        labels[i - 1] = -1 if is_noise else k
    if is_noise:
        noise += len(ids)
    else:
        k += 1
labels.tofile(open(out + ".labels", "wb"))
seconds = [int(ms) / 1000 for ms in re.findall(r"DBSCAN\.runtime: (\d+) ms", open(folder + "/log").read())]
print(json.dumps({"program": "ELKI", "n": len(labels), "seconds": seconds, "clusters": k, "core": -1, "noise": noise}))
PY
