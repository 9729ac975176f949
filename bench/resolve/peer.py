#!/usr/bin/env python3
"""Resolve the Springer affiliation strings with rapidfuzz, as a peer of package resolve.

The peer is what most pipelines do: cut the string at commas, compare each part with every
registered name by token_sort_ratio, keep the best organisation at or above the cut-off that
lies in the country the string ends with (if it ends with one). Needs: pip install rapidfuzz.

Usage: peer.py SHARED_DATA_FOLDER [--texts 200] [--cutoff 92]
Prints a line for 1/10 and for all of the organisations: build seconds, texts per second and,
on the whole register, precision and recall on the covered rows.
"""
import argparse
import csv
import gzip
import json
import time

from rapidfuzz import fuzz, process, utils


def read_orgs(folder):
    with gzip.open(folder + "/ror/ror_orgs.csv.gz", "rt", encoding="utf-8") as f:
        return [r for r in csv.DictReader(f) if r["status"] != "withdrawn"]


def read_gold(folder):
    with open(folder + "/affiliation_matching/dataset_affiliations_springer_2023_10_31.json", encoding="utf-8") as f:
        return [(r["affiliation"], set(r["ror_ids"])) for r in json.load(f)]


class Peer:
    def __init__(self, orgs):
        self.names, self.owner, self.countries = [], [], {}
        for o in orgs:
            self.countries[utils.default_process(o["country_name"])] = o["country_code"]
            for n in [o["name"]] + [a for a in o["aliases_and_labels"].split("|") if a]:
                self.names.append(utils.default_process(n))
                self.owner.append((o["ror_id"], o["country_code"]))

    def resolve(self, text, cutoff):
        parts = [utils.default_process(p) for p in text.split(",")]
        country = self.countries.get(parts[-1])
        found = set()
        for part in parts:
            if len(part) < 6 or part in self.countries:
                continue
            for _, _, at in process.extract(part, self.names, scorer=fuzz.token_sort_ratio, score_cutoff=cutoff, limit=5):
                org, seat = self.owner[at]
                if country in (None, seat):
                    found.add(org)
                    break
        return found


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("folder")
    ap.add_argument("--texts", type=int, default=200)
    ap.add_argument("--cutoff", type=float, default=92)
    args = ap.parse_args()
    orgs, gold = read_orgs(args.folder), read_gold(args.folder)
    for n in (len(orgs) // 10, len(orgs)):
        t0 = time.perf_counter()
        peer = Peer(orgs[:n])
        built = time.perf_counter() - t0
        known = {o["ror_id"] for o in orgs[:n]}
        rows = gold[:: max(1, len(gold) // args.texts)][: args.texts]
        right = wrong = missed = covered = 0
        t0 = time.perf_counter()
        for text, ids in rows:
            got = peer.resolve(text, args.cutoff)
            if ids <= known:
                covered += 1
                right, wrong, missed = right + len(got & ids), wrong + len(got - ids), missed + len(ids - got)
        rate = len(rows) / (time.perf_counter() - t0)
        line = {"peer": "rapidfuzz", "orgs": n, "texts": len(rows), "build_s": round(built, 2), "texts_per_s": round(rate, 2)}
        if n == len(orgs):
            line |= {"covered": covered, "precision": round(right / max(1, right + wrong), 4), "recall": round(right / max(1, right + missed), 4)}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
