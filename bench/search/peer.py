"""Fills one engine with a set and asks it the queries of the set, as peer/main.go does.

Usage: peer.py xapian|tantivy|bm25s SET RUN DEPTH
Xapian cuts the text itself (n-grams of Chinese, Porter's second stemmer for English); the two others get the
bench's terms from the program that TERMS names, while they are filled. PASSES and BUDGET as there.
"""
import collections
import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time


def texts(path):
    with open(path, encoding="utf-8") as f:
        for line in f:
            yield line.rstrip("\n").split("\t", 1)


def terms(path):
    p = subprocess.Popen([os.environ["TERMS"], path], stdout=subprocess.PIPE, encoding="utf-8")
    for line in p.stdout:
        key, text = line.rstrip("\n").split("\t", 1)
        yield key, text.split()
    if p.wait():
        sys.exit("terms failed")


class Xapian:
    def __init__(self, folder):
        import xapian
        self.x = xapian
        self.path = folder + "/xapian"
        self.db = xapian.WritableDatabase(self.path, xapian.DB_CREATE)
        self.maker = xapian.TermGenerator()
        self.maker.set_stemmer(xapian.Stem("english"))
        self.maker.set_stemming_strategy(xapian.TermGenerator.STEM_ALL)
        self.maker.set_flags(xapian.TermGenerator.FLAG_CJK_NGRAM)

    def cut(self, text):
        d = self.x.Document()
        self.maker.set_document(d)
        self.maker.index_text_without_positions(text)
        return d

    def fill(self, path):
        n = 0
        for key, text in texts(path):
            d = self.cut(text)
            d.set_data(key)
            self.db.add_document(d)
            n += 1
        self.db.commit()
        self.db.close()
        self.db = self.x.Database(self.path)
        self.enquire = self.x.Enquire(self.db)
        self.enquire.set_weighting_scheme(self.x.BM25Weight(1.2, 0, 1, 0.75, 0.5))
        return n

    def queries(self, path):
        return texts(path)

    def find(self, text, n):
        q = self.x.Query(self.x.Query.OP_OR, [self.x.Query(t.term, t.wdf) for t in self.cut(text).termlist()])
        self.enquire.set_query(q)
        return [(m.document.get_data().decode(), m.weight) for m in self.enquire.get_mset(0, n)]


class Tantivy:
    def __init__(self, folder):
        import tantivy
        self.t = tantivy
        os.makedirs(folder + "/tantivy")
        b = tantivy.SchemaBuilder()
        b.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        b.add_text_field("body", stored=False, tokenizer_name="whitespace", index_option="freq")
        self.schema = b.build()
        self.index = tantivy.Index(self.schema, path=folder + "/tantivy")
        self.index.register_tokenizer("whitespace", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())

    def fill(self, path):
        w = self.index.writer(heap_size=256_000_000, num_threads=1)
        n = 0
        for key, cut in terms(path):
            w.add_document(self.t.Document(id=key, body=" ".join(cut)))
            n += 1
        w.commit()
        w.wait_merging_threads()
        self.index.reload()
        self.searcher = self.index.searcher()
        return n

    def queries(self, path):
        return terms(path)

    def find(self, cut, n):
        parts = []
        for term, times in collections.Counter(cut).items():
            q = self.t.Query.term_query(self.schema, "body", term, "freq")
            parts.append((self.t.Occur.Should, self.t.Query.boost_query(q, float(times)) if times > 1 else q))
        if not parts:
            return []
        hits = self.searcher.search(self.t.Query.boolean_query(parts), n, count=False).hits
        return [(self.searcher.doc(address)["id"][0], score) for score, address in hits]


class BM25S:
    def __init__(self, folder):
        import bm25s
        self.b = bm25s

    def fill(self, path):
        vocabulary, self.keys, rows = {}, [], []
        for key, cut in terms(path):
            self.keys.append(key)
            rows.append([vocabulary.setdefault(t, len(vocabulary)) for t in cut])
        self.x = self.b.BM25(method="lucene", k1=1.2, b=0.75)
        self.x.index((rows, vocabulary), show_progress=False)
        self.vocabulary = vocabulary
        return len(self.keys)

    def queries(self, path):
        return terms(path)

    def find(self, cut, n):
        ids = [self.vocabulary[t] for t in cut if t in self.vocabulary]
        if not ids:
            return []
        docs, scores = self.x.retrieve([ids], k=min(n, len(self.keys)), show_progress=False, n_threads=0)
        return [(self.keys[d], s) for d, s in zip(docs[0].tolist(), scores[0].tolist()) if s > 0]


def resident():
    gc.collect()
    for line in open("/proc/self/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024


def processor():
    """Seconds of the processor, those of the program that cuts included."""
    t = os.times()
    return t.user + t.system + t.children_user + t.children_system


def size(folder):
    return sum(os.path.getsize(os.path.join(d, f)) for d, _, names in os.walk(folder) for f in names) / 1e6


def group(key):
    name = key.split("-")[0]
    return name if name in ("long", "short", "english") else "all"


class Clock:
    def __init__(self):
        self.wall, self.cpu = collections.defaultdict(list), collections.defaultdict(list)

    def time(self, engine, key, text, depth):
        begun, cpu = time.perf_counter(), time.process_time()
        found = engine.find(text, depth)
        self.wall[group(key)].append((time.perf_counter() - begun) * 1e3)
        self.cpu[group(key)].append((time.process_time() - cpu) * 1e3)
        return found

    def groups(self):
        return {g: {"n": len(ms), "p50": sorted(ms)[len(ms) // 2], "p95": sorted(ms)[len(ms) * 95 // 100],
                    "cpu50": sorted(self.cpu[g])[len(ms) // 2]} for g, ms in self.wall.items()}


def ask(engine, queries, run, depth):
    passes, end = int(os.environ.get("PASSES", 1)), time.time() + float(os.environ.get("BUDGET", 120))
    cold, warm, answered, hits = Clock(), Clock(), 0, 0
    with open(run, "w", encoding="utf-8") as out:
        for turn in range(passes):
            for key, text in queries:
                if passes > 1 and time.time() > end:
                    break
                found = (warm if turn else cold).time(engine, key, text, depth)
                if not turn:
                    answered, hits = answered + 1, hits + len(found)
                    out.writelines(f"{key}\t{d}\t{s}\n" for d, s in found)
    return hits / max(1, answered), cold.groups() | warm.groups()


def main():
    name, folder, run, depth = sys.argv[1:]
    work = tempfile.mkdtemp(prefix="peer")
    try:
        engine = {"xapian": Xapian, "tantivy": Tantivy, "bm25s": BM25S}[name](work)
        begun, cpu = time.time(), processor()
        docs = engine.fill(folder + "/docs.tsv")
        line = {"program": name, "set": os.path.basename(folder), "docs": docs, "build_s": time.time() - begun, "build_cpu_s": processor() - cpu,
                "heap_mb": 0, "rss_mb": resident(), "disk_mb": size(work)}
        os.makedirs(os.path.dirname(run), exist_ok=True)
        line["hits"], line["groups"] = ask(engine, list(engine.queries(folder + "/queries.tsv")), run, int(depth))
        print(json.dumps(line))
    finally:
        shutil.rmtree(work)


main()
