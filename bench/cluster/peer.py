"""Times Python peers on a file of longitude and latitude pairs.

peer.py dbscan FILE DENSITY OUT     the dbscan wheel, on unit vectors, eps the chord of 15 km
peer.py sklearn FILE DENSITY OUT    scikit-learn, haversine and a ball tree
peer.py compare FILE DENSITY OURS THEIRS    core flags and the partition of core points; where
    flags differ, a count in extended precision over all points says who is right
peer.py export FILE CSV [plane]     x, y, z or, for a plane, x, y as text
What is timed is the clustering call alone; making unit vectors is not.
"""
import json
import sys
import time

import numpy as np

EARTH_KM, RADIUS_KM = 6371.0088, 15.0


def points(file):
    return np.fromfile(file, dtype="<f8").reshape(-1, 2)


def vectors(deg):
    lon, lat = np.radians(deg[:, 0]), np.radians(deg[:, 1])
    return np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))


def chord():
    return 2 * np.sin(RADIUS_KM / (2 * EARTH_KM))


def cluster(which, file, density, out):
    deg = points(file)
    minimum = int(density)
    if which == "dbscan":
        import dbscan
        x = vectors(deg)
        begun, cpu = time.perf_counter(), time.process_time()
        labels, core = dbscan.DBSCAN(x, chord(), minimum)
        seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    else:
        from sklearn.cluster import DBSCAN
        x = np.radians(deg[:, ::-1])
        begun, cpu = time.perf_counter(), time.process_time()
        fit = DBSCAN(eps=RADIUS_KM / EARTH_KM, min_samples=minimum, metric="haversine", algorithm="ball_tree").fit(x)
        seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
        labels, core = fit.labels_, np.zeros(len(x), bool)
        core[fit.core_sample_indices_] = True
    np.asarray(labels, "<i4").tofile(out + ".labels")
    np.asarray(core, "u1").tofile(out + ".core")
    print(json.dumps({"program": {"dbscan": "dbscan wheel", "sklearn": "scikit-learn"}[which], "n": len(deg), "seconds": [seconds], "cpu_seconds": [cpu],
                      "clusters": int(labels.max() + 1), "core": int(core.sum()), "noise": int((labels < 0).sum())}))


def arbiter(file, density, which, core):
    """Of some points whose core flags differ, on how many we are right."""
    wide = np.longdouble
    rad = np.radians(points(file).astype(wide))
    x = np.column_stack((np.cos(rad[:, 1]) * np.cos(rad[:, 0]), np.cos(rad[:, 1]) * np.sin(rad[:, 0]), np.sin(rad[:, 1])))
    eps2 = (2 * np.sin(wide(RADIUS_KM) / (2 * wide("6371.0088")))) ** 2
    asked = which[:50]
    right = sum(int(((x - x[i]) ** 2).sum(1).__le__(eps2).sum() >= density) == int(core[i]) for i in asked)
    return f"we are right on {right} of {len(asked)}"


def compare(file, density, ours, theirs):
    """Compares on our core points, since some peers do not tell theirs."""
    a, b = np.fromfile(ours + ".labels", "<i4"), np.fromfile(theirs + ".labels", "<i4")
    core = np.fromfile(ours + ".core", "u1").astype(bool)
    try:
        differ = np.flatnonzero(np.fromfile(theirs + ".core", "u1").astype(bool) != core)
        flags = str(len(differ)) + (", " + arbiter(file, density, differ, core) if len(differ) else "")
    except FileNotFoundError:
        flags = "not told"
    pairs = np.unique(np.column_stack((a[core], b[core])), axis=0)
    same = len(np.unique(pairs[:, 0])) == len(pairs) == len(np.unique(pairs[:, 1])) and (pairs[:, 1] >= 0).all()
    noise = int(((a < 0) != (b < 0)).sum())
    print(json.dumps({"core_flags_that_differ": flags, "core_partition": "same" if same else "differs", "noise_that_differs": noise,
                      "labels_that_differ_on_border": int((renamed(pairs, a)[~core] != b[~core]).sum()) if same else -1}))


def renamed(pairs, a):
    name = np.full(a.max() + 2, -1)
    name[pairs[:, 0]] = pairs[:, 1]
    return name[a]


def export(file, csv, plane):
    deg = points(file)
    if plane:  # sinusoidal, in km: a plane of its own, not the Earth
        km = np.radians(1) * EARTH_KM
        xy = np.column_stack((deg[:, 0] * np.cos(np.radians(deg[:, 1])) * km, deg[:, 1] * km))
        xy.astype("<f8").tofile(csv + ".f64")
        np.savetxt(csv, np.column_stack((np.arange(len(xy)), xy)), fmt=["%d", "%.17g", "%.17g"], delimiter=",")
    else:
        np.savetxt(csv, vectors(deg), fmt="%.17g", delimiter=" ")


def main(args):
    if args[0] == "compare":
        compare(args[1], float(args[2]), args[3], args[4])
    elif args[0] == "export":
        export(args[1], args[2], len(args) > 3)
    else:
        cluster(args[0], args[1], float(args[2]), args[3])


main(sys.argv[1:])
